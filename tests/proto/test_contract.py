# SPDX-License-Identifier: Apache-2.0
"""Rules that every message and field of the contract keeps."""

import re
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2

import fit_component.proto
from fit_component.proto import fit_args_pb2

Field = descriptor_pb2.FieldDescriptorProto
REALS = (Field.TYPE_DOUBLE, Field.TYPE_FLOAT)

DECLARED = re.compile(r"\s*(?:message|enum) (\w+)|\s+(?:[\w<>., ]+ )?(\w+) = \d+;")
TEXT = (Path(fit_component.proto.__file__).parent / "fit_args.proto").read_text()
LINES = TEXT.splitlines()


def contract():
    file = descriptor_pb2.FileDescriptorProto()
    fit_args_pb2.DESCRIPTOR.CopyToProto(file)
    return file


def messages(parent):
    for message in getattr(parent, "message_type", None) or getattr(parent, "nested_type", ()):
        if not message.options.map_entry:
            yield message
            yield from messages(message)


FIELDS = [
    pytest.param(field, id=f"{message.name}.{field.name}")
    for message in messages(contract())
    for field in message.field
]
DECLARATIONS = [
    pytest.param(number, id=f"{number + 1}-{match[1] or match[2]}")
    for number, line in enumerate(LINES)
    if (match := DECLARED.match(line))
]


def test_names_are_its_own_in_the_process_wide_pool():
    """File and package cannot clash with those of another library."""
    file = contract()

    assert ("fit_component/proto/fit_args.proto", "fit_component") == (file.name, file.package)


def test_fields_3_to_9_are_reserved_for_train_args():
    """What TrainArgs may gain is not taken."""
    (fit_args,) = [message for message in contract().message_type if message.name == "FitArgs"]

    assert [(3, 10)] == [(taken.start, taken.end) for taken in fit_args.reserved_range]
    assert not {field.number for field in fit_args.field} & set(range(3, 10))


@pytest.mark.parametrize("field", FIELDS)
def test_zero_and_unset_differ(field):
    """Every scalar that is no list is optional, unless it is one of a choice."""
    scalar = field.label != Field.LABEL_REPEATED and field.type != Field.TYPE_MESSAGE
    chosen = field.HasField("oneof_index") and not field.proto3_optional

    assert field.proto3_optional == (scalar and not chosen)


@pytest.mark.parametrize("field", FIELDS)
def test_real_numbers_are_doubles(field):
    """A float would read 0.001 back as 0.00100000005."""
    assert field.type not in REALS or field.type == Field.TYPE_DOUBLE


@pytest.mark.parametrize("field", FIELDS)
def test_integers_are_int32(field):
    """JSON writes an int64 as a string."""
    others = (Field.TYPE_INT64, Field.TYPE_UINT64, Field.TYPE_UINT32, Field.TYPE_SINT32)

    assert field.type not in others


@pytest.mark.parametrize("number", DECLARATIONS)
def test_everything_declared_is_explained(number):
    """A comment stands above every message, enum, field and value."""
    assert LINES[number - 1].lstrip().startswith("//")


def test_every_field_was_looked_at():
    """The tests above overlook no field of the .proto."""
    named = [field for message in messages(contract()) for field in message.field]
    values = [
        value for message in messages(contract()) for e in message.enum_type for value in e.value
    ]
    types = [message for message in messages(contract())]
    enums = [enum for message in messages(contract()) for enum in message.enum_type]

    assert len(DECLARATIONS) == len(named) + len(values) + len(types) + len(enums)


def test_verbose_carries_the_numbers_of_keras():
    """JSON may hold the number that fit(verbose=...) would take."""
    numbers = {"SILENT": 0, "PROGRESS_BAR": 1, "LINE_PER_EPOCH": 2, "AUTO": 3}

    assert numbers == dict(fit_args_pb2.FitArgs.Verbose.items())
