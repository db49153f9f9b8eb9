# SPDX-License-Identifier: Apache-2.0
"""`fit-component schema`: it accepts what the parser accepts, and refuses what is plainly wrong."""

import copy
import json
import re
from collections import Counter
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
from command_line import run
from generators import examples, fit_args, nearly_accepted
from google.protobuf import json_format
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from renderings import tree_of

from fit_component import FitArgsError, load_fit_args, parse_fit_args
from fit_component.settings.writing import write_text
from fit_component.settings.yaml_tree import load_yaml

ROOT = Path(__file__).parents[2]
CONFIGS = sorted(
    path for suffix in ("yaml", "textproto") for path in ROOT.glob(f"examples/**/*.{suffix}")
)
COOKBOOK = (ROOT / "docs" / "cookbook.md").read_text("utf-8")
RECIPES = re.findall(r"^```yaml\n(.*?)^```", COOKBOOK, flags=re.DOTALL | re.MULTILINE)
VALIDATOR = jsonschema.Draft7Validator(json.loads(run("schema").out))
REPEATABLE = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def complaints(tree):
    """What the schema says of a tree, whose keys are text in JSON."""
    return [error.message for error in VALIDATOR.iter_errors(json.loads(json.dumps(tree)))]


def is_accepted(value, **options):
    """Whether the parser accepts settings."""
    try:
        parse_fit_args(copy.deepcopy(value), **options)
    except FitArgsError:
        return False
    return True


def test_it_is_printed_as_it_is_packaged():
    """So that `fit-component schema > FILE` is enough."""
    packaged = resources.files("fit_component.proto").joinpath("fit_args.schema.json")
    assert (0, packaged.read_text("utf-8"), "") == run("schema")


def test_it_is_a_schema():
    """Of the draft that it names."""
    assert "http://json-schema.org/draft-07/schema#" == VALIDATOR.schema["$schema"]
    jsonschema.Draft7Validator.check_schema(VALIDATOR.schema)


def test_help_says_how_an_editor_finds_it():
    """In YAML and in JSON."""
    told = run("schema", "--help").out
    assert "# yaml-language-server: $schema=fit_args.schema.json\n" in told
    assert '"json.schemas"' in told


@pytest.mark.parametrize("path", CONFIGS, ids=[str(p.relative_to(ROOT)) for p in CONFIGS])
def test_it_accepts_the_examples(path):
    """As they are written, or would be in YAML."""
    tree = load_yaml(path.read_text() if path.suffix == ".yaml" else shown(path))
    assert [] == complaints(tree)


def shown(path):
    """A file of settings in YAML."""
    return write_text(load_fit_args(path), "yaml")


@pytest.mark.parametrize("recipe", RECIPES)
def test_it_accepts_the_cookbook(recipe):
    """Which is what users start from."""
    tree = load_yaml(recipe)
    assert isinstance(tree, dict)
    assert [] == complaints(tree)


@pytest.mark.parametrize("empty", ["", "# Nothing yet.\n", "{}\n"])
def test_it_accepts_a_file_that_is_empty(empty):
    """Which is how every config begins."""
    assert is_accepted(empty, format="yaml")
    assert [] == complaints(load_yaml(empty))


@settings(REPEATABLE, max_examples=examples(200))
@given(fit_args())
def test_it_accepts_what_the_parser_accepts(message):
    """In the short and in the long forms, by either kind of name."""
    names = {"preserving_proto_field_name": True}
    for tree in (
        tree_of(message),
        tree_of(message, camel_case=True),
        json.loads(write_text(message, "json")),
        load_yaml(write_text(message, "yaml")),
        json_format.MessageToDict(message, **names),
        json_format.MessageToDict(message, use_integers_for_enums=True),
    ):
        assert [] == complaints(tree)


def test_what_it_refuses_the_parser_refuses():
    """Also of settings that are wrong somewhere; and of those it refuses many itself."""
    seen = Counter()

    @settings(REPEATABLE, max_examples=examples(400))
    @given(nearly_accepted() | fit_args(plausible=False), st.booleans())
    def check(message, camel_case):
        tree = tree_of(message, camel_case)
        refused = bool(complaints(tree))
        accepted = is_accepted(tree)
        assert not (refused and accepted), complaints(tree)
        seen[refused, accepted] += 1

    check()
    assert seen[True, False] >= 0.2 * seen.total(), seen
    assert seen[False, True] >= 0.1 * seen.total(), seen


@pytest.mark.parametrize(
    "yaml",
    [
        "epoch: 3",
        "callbacks: [{early_stoping: {}}]",
        "callbacks: [{early_stopping: {pateince: 3}}]",
        "optimizer: {adam: {learning_rate: 0.1}}",
        "epochs: '3'",
        "epochs: 0.5",
        "epochs: true",
        "epochs: null",
        "epochs: 0",
        "epochs: 2147483648",
        "seed: -1",
        "deterministic: 1",
        "verbose: AUT0",
        "verbose: 4",
        "splits: train",
        "splits: [1]",
        "splits: ['']",
        "class_weight: {a: 1.0}",
        "class_weight: {0: -1}",
        "class_weight: [1.0]",
        "max_time: 90",
        "max_time: 90 m",
        "max_time: ''",
        "max_time: 30m1h",
        "batch_size: 3\nper_replica_batch_size: 4",
        "batchSize: 3\nper_replica_batch_size: 4",
        "optimizer: {learning_rate: 0.1}",
        "optimizer: {adam: {}, sgd: {}}",
        "optimizer: {adam: {}, learning_rate: 0}",
        "optimizer: {adam: {}, learning_rate: {constant: 0}}",
        "optimizer: {adam: {}, learning_rate: {}}",
        "optimizer: {adam: {beta_1: 1}}",
        "optimizer: {adam: {}, clipnorm: 1.0, clipvalue: 1.0}",
        "optimizer: {adam: {}, learning_rate: {exponential_decay: {decay_rate: 0.5}}}",
        "strategy: {}",
        "strategy: {auto: {}, mirrored: {}}",
        "strategy: auto",
        "strategy: {one_device: {}}",
        "callbacks: [{}]",
        "callbacks: [{tensorboard: {}, terminate_on_nan: {}}]",
        "callbacks: [{model_checkpoint: {}}]",
        "callbacks: [{early_stopping: {mode: maximum}}]",
        "callbacks: [{csv_logger: {filename: a, separator: ab}}]",
        "callbacks: [{custom: {class_path: Heartbeat}}]",
        "callbacks: [{from_module: {function: a.b}}]",
        "callbacks: [{custom: {class_path: a.B, kwargs: [1]}}]",
        "callbacks: [{learning_rate_scheduler: {}}]",
        "callbacks: [{learning_rate_scheduler: {function: rate, schedule: 0.1}}]",
        "execution: {precision: float8}",
        "[]",
    ],
)
def test_what_is_plainly_wrong_is_refused(yaml):
    """What is misspelt, of another type, out of bounds, missing, or too much; as by the parser."""
    assert not is_accepted(yaml, format="yaml")
    assert [] != complaints(load_yaml(yaml))


@settings(REPEATABLE, max_examples=examples(500))
@given(st.text("0123456789hms. ", max_size=12) | st.from_regex(r"\A(\d{1,13}[hms.]){1,4}\Z"))
def test_durations_have_the_form_that_the_parser_reads(text):
    """No more and no less."""
    tree = {"max_time": text}
    try:
        parse_fit_args(tree)
        is_duration = True
    except FitArgsError as error:
        is_duration = "must be a duration" not in str(error)
    assert is_duration == (complaints(tree) == [])
