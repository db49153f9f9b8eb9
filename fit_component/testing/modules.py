# SPDX-License-Identifier: Apache-2.0
"""Module files, as TFX finds and loads them."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path


def require_file(module_file: str | os.PathLike[str]) -> Path:
    """The absolute path of a module file.

    Raises:
      FileNotFoundError: If it is no file.
    """
    path = Path(module_file).absolute()
    if not path.is_file():
        raise FileNotFoundError(f"module_file: {path} is no file")
    return path


@contextlib.contextmanager
def importable_neighbours(module_file: Path) -> Iterator[None]:
    """Lets a module import those beside it, as from the wheel that TFX makes of all of them.

    Args:
      module_file: Its path.
    """
    directory = module_file.parent
    before = set(sys.modules)
    sys.path.insert(0, str(directory))
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):  # the module may have taken it out itself
            sys.path.remove(str(directory))
        # The next module file may have neighbours of the same names. The module file itself stays:
        # TFX gave it a name of its own, by which it looks for it again.
        for name in set(sys.modules) - before:
            if _file_of(name) == directory / f"{name}.py":
                del sys.modules[name]


def _file_of(module: str) -> Path:
    return Path(getattr(sys.modules[module], "__file__", None) or "none")
