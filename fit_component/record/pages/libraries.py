# SPDX-License-Identifier: Apache-2.0
"""The libraries that only pages need."""

from __future__ import annotations

import importlib
from typing import Any


class ExtraMissingError(ImportError):
    """A page was asked for, and what draws it is not installed."""


def library(name: str) -> Any:
    """Imports a module of the extra `report`.

    Args:
      name: Its name, such as `plotly.graph_objects`.

    Raises:
      ExtraMissingError: If it is not installed; says what to install.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        package = name.partition(".")[0]
        raise ExtraMissingError(
            f'drawing needs {package}: pip install "fit-component[report]"'
        ) from error
