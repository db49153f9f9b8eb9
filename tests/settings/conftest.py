# SPDX-License-Identifier: Apache-2.0
"""How hypothesis runs: the same examples each time, whatever the time or what ran before."""

from generators import examples
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

# Hypothesis mixes constants of the package into its examples, of the modules that are loaded when
# a test runs. A failure could then not be repeated by running its file alone.
if hasattr(providers, "_get_local_constants"):
    providers._get_local_constants = lambda: providers._local_constants

settings.register_profile(
    "settings",
    max_examples=examples(100),
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=False,
)
settings.load_profile("settings")
