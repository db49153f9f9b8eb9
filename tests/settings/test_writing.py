# SPDX-License-Identifier: Apache-2.0
"""Settings as text: each format says the same, in the shortest form that it has."""

import json

import pytest
import yaml
from generators import examples, fit_args, with_choice
from hypothesis import given, settings

from fit_component.proto.fit_args_pb2 import FitArgs, LearningRate
from fit_component.settings import descriptors, parse_fit_args, resolve
from fit_component.settings.writing import FORMATS, write_text

TREE = {
    "epochs": 10,
    "max_time": "90m",
    "verbose": "AUTO",
    "class_weight": {1: 2.5, 0: 1.0},
    "callbacks": [
        {"early_stopping": {"monitor": "val_loss", "patience": 3}},
        {"terminate_on_nan": {}},
        {"custom": {"class_path": "a.B", "kwargs": {"size": 64, "share": 0.5, "names": ["1e3"]}}},
    ],
    "optimizer": {"adam": {"epsilon": 1e-7}, "learning_rate": 0.001},
}

YAML = """\
epochs: 10
class_weight: {0: 1.0, 1: 2.5}
verbose: AUTO
callbacks:
- early_stopping: {monitor: val_loss, patience: 3}
- terminate_on_nan: {}
- custom:
    class_path: a.B
    kwargs:
      names: ['1e3']
      share: 0.5
      size: 64
max_time: 90m
optimizer:
  adam: {epsilon: 1.0e-07}
  learning_rate: 0.001
"""


def as_bytes(message):
    """A message's bytes, which tell -0.0 from 0.0 as equality does not."""
    return message.SerializeToString(deterministic=True)


@pytest.mark.parametrize("format_name", FORMATS)
@settings(max_examples=examples(150))
@given(fit_args())
def test_what_is_written_is_read_as_the_same_settings(format_name, message):
    """Whatever the settings, and with their defaults filled in too."""
    for wanted in (message, resolve(message)):
        written = write_text(wanted, format_name)
        assert as_bytes(wanted) == as_bytes(parse_fit_args(written, format=format_name))


RATES = descriptors.choice(LearningRate.DESCRIPTOR).fields


@pytest.mark.parametrize("kind", [field.name for field in RATES])
def test_each_kind_of_learning_rate_comes_back(kind):
    """The plain number and every schedule."""

    @settings(max_examples=examples(20))
    @given(with_choice("optimizer.learning_rate", kind))
    def check(message):
        for name in FORMATS:
            written = write_text(message, name)
            assert as_bytes(message) == as_bytes(parse_fit_args(written, format=name)), name

    check()


def test_yaml_is_as_a_person_writes_it():
    """In the contract's order; short forms; quotes only where the text would be something else."""
    assert YAML == write_text(parse_fit_args(TREE), "yaml")


def test_json_has_the_same_short_forms():
    """And a line for each value."""
    written = write_text(parse_fit_args(TREE), "json")
    assert parse_fit_args(TREE) == parse_fit_args(written)
    tree = json.loads(written)
    assert yaml.safe_load(YAML) == tree | {"class_weight": {0: 1.0, 1: 2.5}}
    assert written.startswith('{\n  "epochs": 10,\n')


@pytest.mark.parametrize("format_name", FORMATS)
def test_letters_stay_letters(format_name):
    """What is not ASCII is not escaped."""
    message = parse_fit_args({"splits": ["größe"]})
    assert "größe" in write_text(message, format_name)


@pytest.mark.parametrize(
    "text",
    ["1e3", "1_0", "0x1F", "010", "no", "on", "null", "~", "true", "1:30", "2001-01-01", "="],
)
def test_text_that_a_reader_would_take_for_something_else_is_quoted(text):
    """By YAML 1.2, as here, or by YAML 1.1, as elsewhere."""
    written = write_text(parse_fit_args({"splits": [text]}), "yaml")
    assert f"splits: ['{text}']\n" == written
    assert {"splits": [text]} == yaml.safe_load(written)


@pytest.mark.parametrize(
    ("given_as", "written"),
    [
        ("90m", "90m"),
        ("1h30m", "90m"),
        ("120m", "2h"),
        ("60s", "1m"),
        ("61s", "61s"),
        ("3600.5s", "3600.5s"),
        ("0.000000001s", "0.000000001s"),
    ],
)
def test_a_duration_has_the_largest_unit_that_fits(given_as, written):
    """So that none is written in seconds that could be read more easily."""
    message = parse_fit_args({"max_time": given_as})
    assert {"max_time": written} == yaml.safe_load(write_text(message, "yaml"))


@pytest.mark.parametrize("format_name", FORMATS)
def test_no_settings_are_a_text_too(format_name):
    """Which says that there are none."""
    written = write_text(FitArgs(), format_name)
    assert FitArgs() == parse_fit_args(written, format=format_name)
    assert {"textproto": "", "json": "{}\n", "yaml": "{}\n"}[format_name] == written


@pytest.mark.parametrize("text", ["a\nb", "a\x85b", "\t", "\u2028", "\ufeff", "\0", "a " * 80])
@pytest.mark.parametrize("format_name", FORMATS)
def test_unusual_characters_come_back(format_name, text):
    """Those that end a line, that nobody sees, and lines that are long."""
    message = parse_fit_args({"splits": [text]})
    written = write_text(message, format_name)
    assert [text] == list(parse_fit_args(written, format=format_name).splits)


@pytest.mark.parametrize("number", [3.0, -0.0, 0.5, 2.0**53, 2.0**54, 1e22])
def test_whole_numbers_among_arguments_are_written_whole(number):
    """As far as a double holds each; beyond, and -0.0, they are what they were."""
    tree = {"callbacks": [{"custom": {"class_path": "a.B", "kwargs": {"n": number}}}]}
    message = parse_fit_args(tree)
    (callback,) = yaml.safe_load(write_text(message, "yaml"))["callbacks"]
    value = callback["custom"]["kwargs"]["n"]
    assert str(int(number) if number in (3.0, 2.0**53) else number) == str(value)
