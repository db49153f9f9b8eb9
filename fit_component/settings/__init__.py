# SPDX-License-Identifier: Apache-2.0
"""Settings: strict parsing, overrides, checks, defaults. No TensorFlow, no TFX."""

from fit_component.settings.defaults import resolve
from fit_component.settings.load import load_fit_args, parse_fit_args
from fit_component.settings.normal import beyond_train_args, to_json

__all__ = ["beyond_train_args", "load_fit_args", "parse_fit_args", "resolve", "to_json"]
