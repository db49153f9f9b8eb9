# SPDX-License-Identifier: Apache-2.0
"""The files in model_run/fit/ that hold a run's settings."""

import pytest

from fit_component import FitArgs
from fit_component.record import DIRECTORY, settings_files
from fit_component.settings import Brought, load_fit_args, parse_fit_args, resolve

REQUESTED = FitArgs(epochs=3, class_weight={0: 0.1}, callbacks=[{"csv_logger": {"filename": "ä"}}])


def test_names():
    """Readers of a run rely on the names."""
    assert "fit" == DIRECTORY
    assert {"requested.textproto", "resolved.textproto"} == set(
        settings_files(FitArgs(), FitArgs(), {})
    )


def test_files_load_as_settings(tmp_path):
    """The settings of a run can be given to the next one as they lie there."""
    resolved = resolve(REQUESTED)
    for name, content in settings_files(REQUESTED, resolved, {}).items():
        (tmp_path / name).write_text(content)

    assert REQUESTED == load_fit_args(tmp_path / "requested.textproto")
    assert resolved == load_fit_args(tmp_path / "resolved.textproto")


def test_no_settings():
    """A run without settings has an empty file of requested ones."""
    assert "" == settings_files(FitArgs(), resolve(FitArgs()), {})["requested.textproto"]


def test_what_parameters_brought_is_named_in_comments():
    """The files load as before."""
    brought = {
        "train_args": {"epochs": Brought("n-epochs", 3), "splits[0]": Brought("split", "a\nb")},
        "eval_args": {"num_steps": Brought("n-eval", 5)},
    }
    fit_args = FitArgs(epochs=3)
    for content in settings_files(fit_args, fit_args, brought).values():
        assert [
            "# train_args.epochs = 3, from RuntimeParameter 'n-epochs'",
            "# train_args.splits[0] = 'a\\nb', from RuntimeParameter 'split'",
            "# eval_args.num_steps = 5, from RuntimeParameter 'n-eval'",
        ] == content.splitlines()[:3]
        assert fit_args == parse_fit_args(content, format="textproto")


@pytest.mark.parametrize(
    ("name", "quoted"), [("it's", '"it\'s"'), ("a\nepochs: 9", "'a\\nepochs: 9'"), ('"', "'\"'")]
)
def test_names_of_parameters_are_quoted(name, quoted):
    """Whatever stands in one, it stays in its comment."""
    brought = {"train_args": {"epochs": Brought(name, 3)}}
    for content in settings_files(FitArgs(epochs=3), FitArgs(epochs=3), brought).values():
        assert f"# train_args.epochs = 3, from RuntimeParameter {quoted}" in content.splitlines()
        assert FitArgs(epochs=3) == parse_fit_args(content, format="textproto")


def test_all_kinds_of_settings_load(tmp_path):
    """Durations, keyword arguments and schedules too."""
    requested = parse_fit_args(
        {
            "max_time": "1h30m",
            "optimizer": {"adam": {}, "learning_rate": 0.1},
            "callbacks": [{"custom": {"class_path": "a.B", "kwargs": {"a": [1, {"b": None}]}}}],
        }
    )
    for name, content in settings_files(requested, resolve(requested), {}).items():
        (tmp_path / name).write_text(content)

    assert requested == load_fit_args(tmp_path / "requested.textproto")
    assert resolve(requested) == load_fit_args(tmp_path / "resolved.textproto")


def test_paths_stay_in_their_comments():
    """A key may have any characters but brackets."""
    path = "callbacks[0].tensorboard.embeddings_metadata[a\nepochs: 9\n#]"
    brought = {"train_args": {path: Brought("p", "b")}}
    for content in settings_files(FitArgs(epochs=3), FitArgs(epochs=3), brought).values():
        assert FitArgs(epochs=3) == parse_fit_args(content, format="textproto")
