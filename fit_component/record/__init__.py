# SPDX-License-Identifier: Apache-2.0
"""What is left of a run for people to look at. No TensorFlow."""

from fit_component.record.properties import settings_properties
from fit_component.record.settings_files import DIRECTORY, settings_files

__all__ = ["DIRECTORY", "settings_files", "settings_properties"]
