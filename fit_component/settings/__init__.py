# SPDX-License-Identifier: Apache-2.0
"""Settings: strict parsing, overrides, checks, defaults. No TensorFlow, no TFX."""

from fit_component.settings.brought import PROPERTY, brought_values
from fit_component.settings.defaults import cap_steps, resolve
from fit_component.settings.load import load_fit_args, parse_args, parse_fit_args
from fit_component.settings.normal import beyond_train_args, to_json
from fit_component.settings.parameters import Parameter
from fit_component.settings.templates import Brought, fill, read_template

__all__ = [
    "PROPERTY",
    "Brought",
    "Parameter",
    "beyond_train_args",
    "brought_values",
    "cap_steps",
    "fill",
    "load_fit_args",
    "parse_args",
    "parse_fit_args",
    "read_template",
    "resolve",
    "to_json",
]
