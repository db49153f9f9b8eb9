# SPDX-License-Identifier: Apache-2.0
"""The examples that TFX gives, as datasets for `Model.fit`."""

from fit_component.data.payload_formats import DataAccessor, with_payload_format
from fit_component.data.splits import Splits
from fit_component.data.statistics import counts_by_statistics

__all__ = [
    "DataAccessor",
    "Splits",
    "counts_by_statistics",
    "with_payload_format",
]
