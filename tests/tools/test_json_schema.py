# SPDX-License-Identifier: Apache-2.0
"""The JSON Schema of settings: what the tool makes of it, and whether the file is up to date."""

from __future__ import annotations

import json
import shutil
import subprocess
from importlib import resources
from pathlib import Path

import json_schema
import jsonschema
import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto

from fit_component import parse_fit_args
from fit_component.proto import fit_args_pb2
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.releases import is_repeated
from fit_component.settings import descriptors
from fit_component.settings.field_checks import check_fields
from fit_component.settings.rules import RULES
from fit_component.settings.tree import read_tree

ROOT = Path(__file__).parents[2]
SOURCE = "protos/fit_component/proto/fit_args.proto"
NAME = "fit_args.schema.json"
SCHEMA_FILE = f"fit_component/proto/{NAME}"
# That of the package which is tested, be it a wheel.
SCHEMA = json.loads(resources.files("fit_component.proto").joinpath(NAME).read_text("utf-8"))
SHARED = ("contract_comments", "generated_file")
GENERATOR = ROOT / ".venv-proto" / "bin" / "python"

MESSAGES = dict(fit_args_pb2.DESCRIPTOR.message_types_by_name)
FIELDS = [field for message in MESSAGES.values() for field in message.fields]
NUMBERS = [-(2**31) - 1, -1, -0.5, 0, 0.5, 1, 1.5, 2, 3, 2**31 - 1, 2**31]

with_generator = pytest.mark.skipif(
    not GENERATOR.exists(),
    reason="no generator: `make proto-check` makes .venv-proto, with a Python older than 3.13",
)


def definition(name):
    """The schema of a message."""
    return SCHEMA if name == "FitArgs" else SCHEMA["definitions"][name]


def schema_of(field):
    """The schema of a field's value; of a list or a map, of each."""
    schema = definition(field.containing_type.name)["properties"][field.name]
    if descriptors.is_map(field):
        return schema["additionalProperties"]
    return schema["items"] if is_repeated(field) else schema


@with_generator
def test_the_schema_is_what_the_contract_says():
    """A comment, a field or a bound that is changed changes the schema."""
    command = [GENERATOR, "tools/json_schema.py", "--check"]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (0, f"{SCHEMA_FILE} is up to date.\n") == (checked.returncode, checked.stdout), checked


@with_generator
@pytest.mark.parametrize("stale", [SOURCE, "fit_component/settings/rules.py"])
def test_a_stale_schema_is_told_in_one_line(tmp_path, stale):
    """With what repairs it, which then does."""
    tools = [f"tools/{name}.py" for name in ("json_schema", "settings_reference", *SHARED)]
    rules = "fit_component/settings/rules.py"
    for name in (*tools, SOURCE, SCHEMA_FILE, rules):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    old = (tmp_path / stale).read_text()
    new = old.replace("once an epoch", "each epoch").replace("Range(at_least=1)", "Range(above=0)")
    (tmp_path / stale).write_text(new)

    def run(*arguments):
        command = [GENERATOR, tools[0], *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    checked = run("--check")
    expected = f"error: {SCHEMA_FILE} is not what {SOURCE} and its rules say; run `make proto`\n"
    assert (1, "", expected) == (checked.returncode, checked.stdout, checked.stderr)
    assert json.loads((tmp_path / SCHEMA_FILE).read_text()) == SCHEMA
    assert 0 == run().returncode
    assert 0 == run("--check").returncode
    assert json.loads((tmp_path / SCHEMA_FILE).read_text()) != SCHEMA


@pytest.mark.parametrize("name", MESSAGES)
def test_every_field_is_there_with_its_description(name):
    """In the contract's order, and no other field is let through."""
    schema = definition(name)
    assert [field.name for field in MESSAGES[name].fields] == list(schema["properties"])
    assert schema["additionalProperties"] is False
    assert schema["description"]
    assert all(inner["description"] for inner in schema["properties"].values())


def test_editors_propose_one_name_of_each_field():
    """The other, of protobuf's JSON, is let through."""
    assert "earlyStopping" not in SCHEMA["definitions"]["Callback"]["properties"]
    other = SCHEMA["definitions"]["Callback"]["patternProperties"]["^earlyStopping$"]
    assert {"$ref": "#/definitions/Callback/properties/early_stopping"} == other


@pytest.mark.parametrize(
    "field",
    [f for f in FIELDS if f.type in (FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_DOUBLE)],
    ids=lambda field: f"{field.containing_type.name}.{field.name}",
)
def test_numbers_have_the_bounds_of_their_rules(field):
    """And integers those of their type."""
    rule = RULES.get(field.name)
    is_int = field.type == FieldDescriptor.TYPE_INT32
    validator = jsonschema.Draft7Validator(schema_of(field))
    for number in NUMBERS:
        fits = not is_int or (isinstance(number, int) and -(2**31) <= number < 2**31)
        expected = fits and (rule is None or not rule.complaint(number))
        assert expected == validator.is_valid(number), number


@pytest.mark.parametrize(
    "field",
    [f for f in FIELDS if f.type == FieldDescriptor.TYPE_ENUM],
    ids=lambda field: f"{field.containing_type.name}.{field.name}",
)
def test_enums_are_names_with_descriptions(field):
    """Numbers are allowed; no editor proposes them."""
    names, _ = schema_of(field)["anyOf"]
    assert [value.name for value in field.enum_type.values] == names["enum"]
    assert len(names["enum"]) == len([text for text in names["enumDescriptions"] if text])
    validator = jsonschema.Draft7Validator(schema_of(field))
    for number in range(-1, len(names["enum"]) + 1):
        known = number in field.enum_type.values_by_number
        assert known == validator.is_valid(number), number


@pytest.mark.parametrize(
    ("message", "field", "expected"),
    [
        ("FitArgs", "epochs", 1),
        ("FitArgs", "splits", ["train"]),
        ("FitArgs", "verbose", "AUTO"),
        ("FitArgs", "dry_run", False),
        ("EarlyStopping", "monitor", "val_loss"),
        ("CSVLogger", "separator", ","),
        ("Adam", "epsilon", 1e-7),
        ("PolynomialDecay", "power", 1.0),
        ("Input", "cache", "NONE"),
        ("RemoteMonitor", "root", "http://localhost:9000"),
    ],
)
def test_defaults_are_those_that_the_comments_name(message, field, expected):
    """As values of the field's type."""
    default = definition(message)["properties"][field]["default"]
    assert (expected, type(expected)) == (default, type(default))


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ("FitArgs", "num_steps"),
        ("FitArgs", "class_weight"),
        ("FitArgs", "max_time"),
        ("EarlyStopping", "mode"),
        ("EarlyStopping", "baseline"),
        ("TensorBoard", "log_dir"),
        ("TensorBoard", "update_freq"),
        ("Optimizer", "weight_decay"),
        ("Optimizer", "ema_momentum"),
        ("ModelCheckpoint", "monitor"),
        ("Execution", "precision"),
    ],
)
def test_what_is_no_value_is_no_default(message, field):
    """Such as `none`, what the module or Keras decides, or what needs another setting."""
    assert "default" not in definition(message)["properties"][field]


def test_every_default_is_accepted():
    """An editor writes it when it completes the field."""
    seen = 0
    for name, message in MESSAGES.items():
        for field in message.fields:
            schema = definition(name)["properties"][field.name]
            if "default" in schema:
                seen += 1
                jsonschema.Draft7Validator(schema).validate(schema["default"])
    assert seen > 75


def test_all_defaults_together_are_no_problem():
    """The server for YAML writes them when it completes a message."""
    for name in MESSAGES:
        schema = definition(name)["properties"]
        defaults = {key: inner["default"] for key, inner in schema.items() if "default" in inner}
        read = getattr(fit_args_pb2, name)()
        problems = [*read_tree(defaults, read), *check_fields(read)]
        assert [] == [p for p in problems if p.path in defaults], name


def test_of_a_choice_exactly_one_is_to_be_set():
    """In all messages that are one."""
    choices = [name for name, m in MESSAGES.items() if descriptors.choice(m)]
    assert ["Callback", "Strategy", "Optimizer", "LearningRate"] == choices
    for name in choices:
        schema = definition(name)
        bounds = (schema.get("minProperties"), schema.get("not"))
        names = [field.name for field in descriptors.choice(MESSAGES[name]).fields]
        one_of = [condition["required"] for condition in schema.get("oneOf", [])]
        assert bounds == (1, {"minProperties": 2}) or one_of == [[n] for n in names], name


def test_a_plain_number_is_short_for_a_learning_rate():
    """Within the bounds of the number in it; wherever a learning rate can stand."""
    short, whole = definition("Optimizer")["properties"]["learning_rate"]["anyOf"]
    assert {"type": "number", "exclusiveMinimum": 0} == short
    assert {"$ref": "#/definitions/LearningRate"} == whole
    schedule = definition("LearningRateScheduler")["properties"]["schedule"]
    assert [short, whole] == schedule["anyOf"]


def test_names_of_any_alphabet_are_let_through():
    """As Python lets them be functions and classes."""
    function = jsonschema.Draft7Validator(
        definition("CallbackFromModule")["properties"]["function"]
    )
    path = jsonschema.Draft7Validator(definition("CustomCallback")["properties"]["class_path"])
    assert parse_fit_args({"callbacks": [{"from_module": {"function": "größe"}}]}) != FitArgs()
    assert (True, False) == (function.is_valid("größe"), function.is_valid("a.größe"))
    assert (False, True) == (path.is_valid("größe"), path.is_valid("a.größe"))


def test_a_kind_of_rule_that_the_tool_does_not_know_fails_loudly():
    """Instead of leaving it out."""

    class Even:
        pass

    rules = type("Rules", (), {"RULES": {"size": Even()}, "REQUIRED": {}, "EXCLUSIVE": {}})
    proto = DescriptorProto(name="FitArgs")
    proto.field.add(name="size", json_name="size", type=FieldDescriptorProto.TYPE_INT32)
    field = json_schema.Field(proto.field[0], "How many.")
    message = json_schema.Message(proto, "Settings.", [field], {}, {})
    with pytest.raises(KeyError, match="Even"):
        json_schema.Generator([message], rules).schema()
