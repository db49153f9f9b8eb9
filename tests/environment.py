# SPDX-License-Identifier: Apache-2.0
"""The environment variables that the tests were started with, for processes that they start.

Importing tensorflow_transform sets TF_USE_LEGACY_KERAS for every process that is started from then
on, so that what those test would depend on what ran before. conftest.py imports this first.
"""

from __future__ import annotations

import os

ENVIRONMENT = dict(os.environ)
