# SPDX-License-Identifier: Apache-2.0
"""`fit-component show`: the same settings in another format."""

import tempfile
from pathlib import Path

import pytest
from command_line import run
from generators import examples, fit_args
from google.protobuf import text_format
from hypothesis import HealthCheck, given, settings

from fit_component import load_fit_args, parse_fit_args
from fit_component.settings import resolve
from fit_component.settings.writing import FORMATS

ROOT = Path(__file__).parents[2]
PENGUIN = ROOT / "examples" / "penguin" / "fit.yaml"
TAXI = ROOT / "examples" / "chicago_taxi" / "fit.textproto"
REPEATABLE = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("file", [PENGUIN, TAXI], ids=["yaml", "textproto"])
@pytest.mark.parametrize("options", [[], ["--resolved"]], ids=["as written", "resolved"])
def test_what_is_shown_loads_as_the_same_settings(file, format_name, options):
    """From any format, into any."""
    code, out, err = run("show", file, "--format", format_name, *options)
    wanted = load_fit_args(file)
    assert (0, "") == (code, err)
    assert (resolve(wanted) if options else wanted) == parse_fit_args(out, format=format_name)


@pytest.mark.parametrize("format_name", FORMATS)
def test_any_settings_can_be_shown(format_name):
    """And, saved to a file with that suffix, they load as the same."""

    @settings(REPEATABLE, max_examples=examples(30))
    @given(fit_args())
    def check(message):
        with tempfile.TemporaryDirectory() as name:
            given_as, saved = Path(name, "given.textproto"), Path(name, f"saved.{format_name}")
            given_as.write_text(text_format.MessageToString(message), "utf-8")
            saved.write_bytes(run("show", given_as, "--format", format_name).out.encode())
            assert message == load_fit_args(saved)

    check()


def test_the_format_is_that_of_the_file():
    """Where none is named."""
    assert run("show", PENGUIN).out == run("show", PENGUIN, "--format", "yaml").out
    assert run("show", TAXI).out == run("show", TAXI, "--format", "textproto").out
    assert run("show", TAXI).out != run("show", TAXI, "--format", "yaml").out


def test_overrides_are_shown():
    """As the file would say them."""
    out = run("show", PENGUIN, "--set", "callbacks=[]", "--set", "max_time=2h").out
    fit_args = parse_fit_args(out, format="yaml")
    assert (7200, 0) == (fit_args.max_time.seconds, len(fit_args.callbacks))


def test_letters_are_utf_8_whatever_the_terminal_has(tmp_path):
    """As loading wants them."""
    (tmp_path / "fit.yaml").write_text("splits: [größe]\n", "utf-8")
    out = run("show", tmp_path / "fit.yaml", encoding="latin-1").out
    assert "splits: [größe]\n" == out.encode("latin-1").decode("utf-8")


def test_wrong_settings_are_not_shown(tmp_path):
    """What is wrong is told instead, in the words of check."""
    (tmp_path / "fit.yaml").write_text("epoch: 3\n")
    code, out, err = run("show", tmp_path / "fit.yaml")
    assert (1, "") == (code, out)
    assert run("check", tmp_path / "fit.yaml").err == err


def test_another_format_is_wrong_use():
    """Exit code 2; what is allowed is told."""
    code, _, err = run("show", PENGUIN, "--format", "toml")
    assert (2, True) == (code, "'textproto', 'json', 'yaml'" in err)


def test_credentials_are_shown_as_they_are(tmp_path):
    """What is shown can be saved and loaded."""
    kwargs = "{api_key: hunter2}"
    config = f"callbacks: [{{custom: {{class_path: a.B, kwargs: {kwargs}}}}}]"
    (tmp_path / "secret.yaml").write_text(config)
    assert kwargs in run("show", tmp_path / "secret.yaml").out
