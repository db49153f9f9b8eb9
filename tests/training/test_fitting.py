# SPDX-License-Identifier: Apache-2.0
"""Supervision of fit: what cannot end well is refused, what ended early is told."""

from __future__ import annotations

import logging

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras

from fit_component import EvalArgs, FitArgs, FitArgsError  # noqa: F401
from fit_component.objects import generations
from fit_component.training import fit_checks
from fit_component.training.fit_calls import full_epochs
from fit_component.training.fitting import supervised_fits
from fit_component.training.limits import make_limits
from fit_component.training.validation import make_every_steps

BATCH = np.ones((2, 1), "float32"), np.ones((2, 1), "float32")
