# SPDX-License-Identifier: Apache-2.0
"""What is left of a run for people to look at. No TensorFlow."""

from fit_component.record.masking import hiding
from fit_component.record.properties import (
    flat_settings,
    results_properties,
    settings_properties,
    split_properties,
)
from fit_component.record.run_files import read_run, run_files
from fit_component.record.runs import Best, Difference, Epoch, FitRecord, RunRecord
from fit_component.record.settings_files import DIRECTORY, settings_files

__all__ = [
    "DIRECTORY",
    "Best",
    "Difference",
    "Epoch",
    "FitRecord",
    "RunRecord",
    "flat_settings",
    "hiding",
    "read_run",
    "results_properties",
    "run_files",
    "settings_files",
    "settings_properties",
    "split_properties",
]
