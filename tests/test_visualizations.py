# SPDX-License-Identifier: Apache-2.0
"""What a notebook shows of a training."""

import html
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent / "record" / "pages"))

from made_runs import epochs, fit, run, write
from tfx.orchestration.experimental.interactive import interactive_context, visualizations
from tfx.types import channel_utils, standard_artifacts

from fit_component.visualizations import ModelRunVisualization, register

pytestmark = pytest.mark.tfx


@pytest.fixture
def shown(tmp_path, monkeypatch):
    """Shows an artifact with an InteractiveContext in IPython; returns the HTML of its cell."""
    shells = pytest.importorskip("IPython.core.interactiveshell")
    capture = pytest.importorskip("IPython.utils.capture")
    shells.InteractiveShell.instance()
    context = interactive_context.InteractiveContext(pipeline_root=str(tmp_path / "root"))
    monkeypatch.setattr(visualizations, "_REGISTRY", visualizations.ArtifactVisualizationRegistry())
    register()

    def show(uri):
        artifact = standard_artifacts.ModelRun()
        artifact.uri = str(uri)
        with capture.capture_output() as captured:
            context.show(channel_utils.as_channel([artifact]))
        _title, cell = captured.outputs
        return cell.data["text/html"]

    yield show
    shells.InteractiveShell.clear_instance()


def test_a_run_is_drawn(shown, tmp_path):
    """As the page of the command, in a frame of its own."""
    cell = shown(write(tmp_path / "model_run" / "5", run(fit(epochs(3)))))
    assert cell.startswith('<div><iframe title="Training run" sandbox="allow-scripts" srcdoc="')
    (page,) = cell.split('"')[5:6]
    page = html.unescape(page)
    assert page.startswith("<!DOCTYPE html>")
    assert "model_run/5" in page
    assert 1 == page.count('data-figure="0"')


def test_what_has_no_record_is_told(shown, tmp_path):
    """In a line; the stock Trainer leaves none."""
    told = html.unescape(shown(tmp_path / "<b>"))
    assert f"<p>There is no record of a training in {tmp_path / '<b>'}: another" in told
    assert "&lt;b&gt;" in shown(tmp_path / "<b>")


def test_without_what_draws_it_is_told(shown, tmp_path, monkeypatch):
    """In a line, with the repair."""
    monkeypatch.setitem(sys.modules, "plotly.graph_objects", None)
    told = html.unescape(shown(write(tmp_path / "5", run(fit(epochs(3))))))
    assert (
        "<p>This training cannot be drawn: drawing needs plotly: "
        'pip install "fit-component[report]"</p>' == told
    )


def test_registering_twice_is_once(monkeypatch):
    """For each type of artifact there is one."""
    monkeypatch.setattr(visualizations, "_REGISTRY", visualizations.ArtifactVisualizationRegistry())
    register()
    register()
    known = visualizations.get_registry().visualizations
    assert {"ModelRun": ModelRunVisualization} == {name: type(one) for name, one in known.items()}


IMPORT_AGAIN = """
import sys
ours, drawing = "fit_component", {"IPython", "plotly", "jinja2"}
for name in list(sys.modules):
    if name.split(".")[0] in {ours, *drawing}:
        del sys.modules[name]
import fit_component.visualizations
print(sorted(drawing & set(sys.modules)))
"""


def test_nothing_that_draws_is_imported_before_something_is_shown(warm_python):
    """Every pipeline imports it."""
    done = warm_python.run("-c", IMPORT_AGAIN)
    assert ("[]", "") == (done.stdout.strip(), done.stderr)
