# SPDX-License-Identifier: Apache-2.0
"""What tests of the command share."""

import sys
from pathlib import Path

# The generators of settings, also where the tests beside them are not run.
sys.path.append(str(Path(__file__).parents[1] / "settings"))
