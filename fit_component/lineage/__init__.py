# SPDX-License-Identifier: Apache-2.0
"""What was trained, read back from ML Metadata. No TensorFlow, no TFX."""

from fit_component.lineage.comparison import diff
from fit_component.lineage.models import settings_of
from fit_component.lineage.table import runs

__all__ = ["diff", "runs", "settings_of"]
