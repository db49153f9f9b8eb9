# SPDX-License-Identifier: Apache-2.0
"""Pages about trainings: self-contained, readable offline, light and dark."""

from fit_component.record.pages.libraries import ExtraMissingError
from fit_component.record.pages.model_run import model_run_page
from fit_component.record.pages.runs_page import runs_page

__all__ = ["ExtraMissingError", "model_run_page", "runs_page"]
