# SPDX-License-Identifier: Apache-2.0
"""The module file, found where TFX has loaded it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from tfx.types import standard_component_specs


def loaded_module(exec_properties: Mapping[str, Any]) -> ModuleType | None:
    """Finds the module of run_fn among those that are loaded.

    TFX's own way to a function of the module installs the module's wheel again
    and loads the module anew, under the feet of the run_fn that is running.

    Args:
      exec_properties: The execution properties of the Trainer.

    Returns:
      The module, or None before TFX has loaded it.
    """
    module_path = exec_properties.get(standard_component_specs.MODULE_PATH_KEY)
    if module_path:
        # A name and, behind an @, the wheel that holds the module.
        return sys.modules.get(module_path.partition("@")[0])
    module_file = exec_properties.get(standard_component_specs.MODULE_FILE_KEY)
    if module_file:
        return _loaded_from(module_file)
    run_fn = exec_properties.get(standard_component_specs.RUN_FN_KEY) or ""
    return sys.modules.get(run_fn.rpartition(".")[0])


def _loaded_from(module_file: str) -> ModuleType | None:
    # TFX numbers such modules; one from a URL it downloads to the working directory first.
    origins = (module_file, os.path.basename(module_file) if "://" in module_file else module_file)
    # A copy, which is made at once: other threads may import meanwhile.
    for name, module in reversed(sys.modules.copy().items()):
        spec = getattr(module, "__spec__", None)
        if name.startswith("user_module_") and getattr(spec, "origin", None) in origins:
            return module
    return None
