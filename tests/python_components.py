# SPDX-License-Identifier: Apache-2.0
"""TFX components made of functions. TFX reads their annotations, which must be no strings."""

from tfx import v1 as tfx
from tfx.types.standard_artifacts import String


@tfx.dsl.components.component
def settings_writer(settings: tfx.dsl.components.OutputArtifact[String]):
    """A component that writes settings."""
    settings.value = '{"epochs": 4, "num_steps": 2}'
