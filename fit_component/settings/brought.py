# SPDX-License-Identifier: Apache-2.0
"""Values that runtime parameters brought, in execution properties of their own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from fit_component.settings.templates import Brought

# The execution property that tells what each of the others brings.
PROPERTY = "runtime_parameters"


def brought_values(
    properties: Mapping[str, Any], value_of: Callable[[Any], Any] = lambda stored: stored
) -> tuple[set[str], dict[str, dict[str, Brought]]]:
    """Finds the values among the properties of an execution.

    Args:
      properties: The execution properties.
      value_of: Returns the value of a property as it is stored.

    Returns:
      The names of the properties that bring values, PROPERTY included; and what
      they brought, by the Trainer's argument and the path of the field.
    """
    described = json.loads(properties.get(PROPERTY, "{}"))
    brought: dict[str, dict[str, Brought]] = {}
    for name, entry in described.items():
        value = value_of(properties.get(name))
        for path in entry["fields"]:
            fields = brought.setdefault(entry["argument"], {})
            fields[path] = Brought(entry["parameter"], value)
    return {PROPERTY, *described}, brought
