# SPDX-License-Identifier: Apache-2.0
"""The examples that TFX gives, as datasets for `Model.fit`."""

from fit_component.data.payload_formats import DataAccessor, with_payload_format
from fit_component.data.splits import Splits, count_examples

__all__ = ["DataAccessor", "Splits", "count_examples", "with_payload_format"]
