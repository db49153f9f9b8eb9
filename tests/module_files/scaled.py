# SPDX-License-Identifier: Apache-2.0
"""A module file for Transform, with a neighbour that it imports."""

from __future__ import annotations

import tensorflow_transform as tft
from scaled_names import NUMBER, WORD


def preprocessing_fn(inputs):
    """Scales a number by its range, and numbers the words."""
    return {
        NUMBER: tft.scale_to_0_1(inputs[NUMBER]),
        WORD: tft.compute_and_apply_vocabulary(inputs[WORD], num_oov_buckets=1),
    }
