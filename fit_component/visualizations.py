# SPDX-License-Identifier: Apache-2.0
"""What a notebook shows of a training."""

from __future__ import annotations

import html

from tfx.orchestration.experimental.interactive import visualizations
from tfx.types import Artifact, standard_artifacts

from fit_component.record.pages import ExtraMissingError, model_run_page

# Scripts run in it, and reach nothing of the notebook.
_FRAME = (
    '<div><iframe title="Training run" sandbox="allow-scripts" srcdoc="{page}" '
    'style="width: 100%; height: 760px; border: 0; resize: vertical"></iframe></div>'
)


class ModelRunVisualization(visualizations.ArtifactVisualization):
    """Draws the curves and the settings of a run, as `fit-component report` does."""

    ARTIFACT_TYPE = standard_artifacts.ModelRun

    def display(self, artifact: Artifact) -> None:
        """Shows a ModelRun in a cell; of one that cannot be drawn, a line that says why.

        Args:
          artifact: The artifact; its directory is on this machine.
        """
        from IPython.display import HTML, display

        display(HTML(_cell(artifact.uri)))


def register() -> None:
    """Has `InteractiveContext.show` draw ModelRun artifacts."""
    visualizations.get_registry().register(ModelRunVisualization)


def _cell(uri: str) -> str:
    try:
        return _FRAME.format(page=html.escape(model_run_page(uri)))
    except FileNotFoundError:
        told = (
            f"There is no record of a training in {uri}: another Trainer than fit_component's "
            "made it, or it is not on this machine."
        )
    except (ValueError, ExtraMissingError) as error:
        told = f"This training cannot be drawn: {error}"
    return f"<p>{html.escape(told)}</p>"
