# SPDX-License-Identifier: Apache-2.0
"""All forms of the same settings are the same settings."""

import json

import pytest

from fit_component import Callback, FitArgs
from fit_component.settings import parse_fit_args, to_json

DICT = {
    "splits": ["train"],
    "num_steps": 100,
    "epochs": 5,
    "seed": 0,
    "deterministic": True,
    "validation": {"freq": 1},
    "class_weight": {0: 1.0, 1: 2.5},
    "verbose": "LINE_PER_EPOCH",
    "callbacks": [
        {"early_stopping": {"patience": 2, "min_delta": 0.001}},
        {"terminate_on_nan": {}},
    ],
    "strategy": {"mirrored": {"devices": ["GPU:0"]}},
}

JSON = json.dumps(DICT)

CAMEL_CASE = """{
  "splits": ["train"], "numSteps": 100, "epochs": 5, "seed": 0, "deterministic": true,
  "validation": {"freq": 1}, "classWeight": {"0": 1, "1": 2.5}, "verbose": 2,
  "callbacks": [
    {"earlyStopping": {"patience": 2, "minDelta": 1e-3}},
    {"terminateOnNan": {}}
  ],
  "strategy": {"mirrored": {"devices": ["GPU:0"]}}
}"""

YAML = """
splits: [train]
num_steps: 100
epochs: 5
seed: 0
deterministic: true
validation: {freq: 1}
class_weight: {0: 1, 1: 2.5}
verbose: LINE_PER_EPOCH  # one of four
callbacks:
- early_stopping:
    patience: 2
    min_delta: 1e-3
- terminate_on_nan: {}
strategy:
  mirrored:
    devices: ["GPU:0"]
"""

TEXTPROTO = """
splits: "train"
num_steps: 100
epochs: 5
seed: 0
deterministic: true
validation { freq: 1 }
class_weight { key: 1 value: 2.5 }  # the order of a map's entries means nothing
class_weight { key: 0 value: 1 }
verbose: LINE_PER_EPOCH
callbacks { early_stopping { patience: 2 min_delta: 0.001 } }
callbacks { terminate_on_nan {} }
strategy { mirrored { devices: "GPU:0" } }
"""

NORMAL = """{
  "callbacks": [
    {
      "early_stopping": {
        "min_delta": 0.001,
        "patience": 2
      }
    },
    {
      "terminate_on_nan": {}
    }
  ],
  "class_weight": {
    "0": 1.0,
    "1": 2.5
  },
  "deterministic": true,
  "epochs": 5,
  "num_steps": 100,
  "seed": 0,
  "splits": [
    "train"
  ],
  "strategy": {
    "mirrored": {
      "devices": [
        "GPU:0"
      ]
    }
  },
  "validation": {
    "freq": 1
  },
  "verbose": "LINE_PER_EPOCH"
}"""

MESSAGE = FitArgs(**DICT)

FORMS = {
    "FitArgs": (MESSAGE, {}),
    "dict": (DICT, {}),
    "dict-in-another-order": (dict(reversed(DICT.items())), {}),
    "dict-of-messages": (DICT | {"callbacks": [Callback(**c) for c in DICT["callbacks"]]}, {}),
    "dict-of-tuples": (DICT | {"splits": ("train",), "callbacks": tuple(DICT["callbacks"])}, {}),
    "dict-of-another-message's-parts": (
        DICT
        | {
            "splits": MESSAGE.splits,
            "callbacks": MESSAGE.callbacks,
            "class_weight": MESSAGE.class_weight,
        },
        {},
    ),
    "json": (JSON, {}),
    "json-bytes": (JSON.encode(), {"format": "json"}),
    "json-lowerCamelCase": (CAMEL_CASE, {"format": "json"}),
    "json-is-yaml": (JSON, {"format": "yaml"}),
    "yaml": (YAML, {"format": "yaml"}),
    "textproto": (TEXTPROTO, {"format": "textproto"}),
    "overrides": ({}, {"overrides": DICT}),
    "normal": (NORMAL, {}),
}


@pytest.fixture(params=FORMS)
def fit_args(request):
    value, options = FORMS[request.param]
    return parse_fit_args(value, **options)


def test_same_message(fit_args):
    """Every form gives the same FitArgs."""
    assert MESSAGE == fit_args


def test_same_json(fit_args):
    """Every form gives the same string: execution property and cache key."""
    assert NORMAL == to_json(fit_args)


def test_never_the_object_passed_in():
    """A change to the result does not reach the caller's message."""
    given = FitArgs(epochs=3)
    read = parse_fit_args(given)
    read.epochs = 4

    assert 3 == given.epochs


@pytest.mark.parametrize(
    ("nothing", "options"),
    [
        (None, {}),
        ({}, {}),
        ("{}", {}),
        (FitArgs(), {}),
        ("", {"format": "yaml"}),
        ("# all defaults\n", {"format": "yaml"}),
        ("", {"format": "textproto"}),
        (b"", {"format": "textproto"}),
    ],
)
def test_no_settings(nothing, options):
    """Empty settings are settings: all defaults."""
    assert FitArgs() == parse_fit_args(nothing, **options)


@pytest.mark.parametrize("value", [{"seed": 0}, '{"seed": 0}', FitArgs(seed=0)], ids=repr)
def test_a_zero_is_kept(value):
    """A value that equals its type's zero still counts as set."""
    assert parse_fit_args(value).HasField("seed")


def test_train_args(train_args_class):
    """A TrainArgs message is taken over whole."""
    train_args = train_args_class(splits=["train", "more"], num_steps=5)

    assert FitArgs(splits=["train", "more"], num_steps=5) == parse_fit_args(train_args)


def test_train_args_without_steps(train_args_class):
    """TrainArgs' num_steps of 0 means unset."""
    assert not parse_fit_args(train_args_class(splits=["a"], num_steps=0)).HasField("num_steps")


def test_overrides_of_train_args(train_args_class):
    """Overrides apply to every form."""
    train_args = train_args_class(num_steps=5)

    assert FitArgs(num_steps=5, epochs=2) == parse_fit_args(train_args, overrides="epochs=2")


@pytest.mark.parametrize(
    "value", [5, ["epochs"], 1.5, object()], ids=["int", "list", "float", "object"]
)
def test_other_objects(value, refused):
    """What is no form of settings is told by its type."""
    (problem,) = refused(value).problems

    assert (
        f"must be FitArgs, TrainArgs, a dict or JSON, not {type(value).__name__}; "
        "load_fit_args reads files" == problem.message
    )


def test_a_foreign_message(refused):
    """Another message is no settings."""
    expected = "settings = <Callback>: must be FitArgs, TrainArgs, a dict or JSON, not"
    assert expected in str(refused(Callback(terminate_on_nan={})))


def test_the_name_of_a_file_is_no_json(refused):
    """Who gives Trainer a path is told how to load it."""
    assert "load it: load_fit_args('fit.yaml')" in str(refused("fit.yaml"))
