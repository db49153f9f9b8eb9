# SPDX-License-Identifier: Apache-2.0
"""Writes the JSON Schema of settings from the contract, or checks that it is up to date.

Run by `make proto` and `make proto-check` with the Python of .venv-proto. The
schema says no more than the parser: what it refuses is refused there too.
Draft 7 is what editors' servers for YAML and JSON support in full.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any

from contract_comments import (
    SOURCE,
    Field,
    Message,
    messages_of,
    read_contract,
    split_default,
)
from generated_file import write_or_check
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto
from settings_reference import read_rules

OUTPUT = "fit_component/proto/fit_args.schema.json"

Schema = dict[str, Any]

_PACKAGE = ".fit_component."
_DURATION = {
    "type": "string",
    "pattern": r"^(?=.)([0-9]{1,12}h)?([0-9]{1,12}m)?([0-9]{1,12}(\.[0-9]{1,9})?s)?$",
}
_WELL_KNOWN: Mapping[str, Schema] = {
    ".google.protobuf.Duration": _DURATION,
    ".google.protobuf.Struct": {"type": "object"},
}
_SCALARS: Mapping[int, Schema] = {
    FieldDescriptorProto.TYPE_INT32: {
        "type": "integer",
        "minimum": -(2**31),
        "maximum": 2**31 - 1,
    },
    FieldDescriptorProto.TYPE_DOUBLE: {"type": "number"},
    FieldDescriptorProto.TYPE_STRING: {"type": "string"},
    FieldDescriptorProto.TYPE_BOOL: {"type": "boolean"},
}
# As wide as Python's identifiers at least, in any alphabet.
_NAMES: Mapping[bool, str] = {False: r"^[^\s.]+$", True: r"^[^\s.]+(\.[^\s.]+)+$"}
_BOUNDS: Mapping[str, str] = {
    "at_least": "minimum",
    "above": "exclusiveMinimum",
    "at_most": "maximum",
    "below": "exclusiveMaximum",
}


class Generator:
    """The schema, from the messages of the contract and the rules of single fields."""

    def __init__(self, messages: Sequence[Message], rules: ModuleType):
        """Takes the messages, of which the first is that of a whole file, and the rules."""
        self._messages = {f"{_PACKAGE}{message.name}": message for message in messages}
        self._rules = rules

    def schema(self) -> Schema:
        """The whole schema."""
        first, *others = self._messages.values()
        whole = self._message(first)
        # An empty YAML file is null, and means no settings.
        whole["type"] = ["object", "null"]
        return {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "$comment": f"Made by tools/json_schema.py from the comments of protos/{SOURCE}.",
            "title": "fit-component",
            **whole,
            "definitions": {message.name: self._message(message) for message in others},
        }

    def _message(self, message: Message) -> Schema:
        choices = [f.proto.name for f in message.fields if _is_choice(f.proto)]
        schema: Schema = {
            "description": message.text,
            "type": "object",
            "additionalProperties": False,
            "properties": {f.proto.name: self._field(message, f) for f in message.fields},
        }
        # The names of protobuf's JSON count too; as patterns, no editor proposes them.
        other_names = [f.proto for f in message.fields if f.proto.json_name != f.proto.name]
        if other_names:
            schema["patternProperties"] = {
                f"^{proto.json_name}$": {"$ref": f"{self._pointer(message)}/{proto.name}"}
                for proto in other_names
            }
        if choices and len(choices) == len(message.fields):
            # With maxProperties, the server for YAML would propose nothing in an empty message.
            schema |= {"minProperties": 1, "not": {"minProperties": 2}}
        elif choices:
            schema["oneOf"] = [{"required": [name]} for name in choices]
        conditions = [*self._required(message), *self._exclusive(message)]
        # Editors propose what is required here, and not what is inside of conditions.
        plain = [name for c in conditions for name in c.get("required", ())]
        others = [condition for condition in conditions if "required" not in condition]
        schema |= {"required": plain} if plain else {}
        return schema | ({"allOf": others} if others else {})

    def _pointer(self, message: Message) -> str:
        is_first = message is next(iter(self._messages.values()))
        return "#/properties" if is_first else f"#/definitions/{message.name}/properties"

    def _required(self, message: Message) -> Iterable[Schema]:
        for needed in self._rules.REQUIRED.get(message.name, ()):
            names = (needed,) if isinstance(needed, str) else needed
            yield _any_of([given for name in names for given in _given(message, name)])
            if len(names) > 1:
                yield from _not_together(message, names)

    def _exclusive(self, message: Message) -> Iterable[Schema]:
        for names, _ in self._rules.EXCLUSIVE.get(message.name, ()):
            yield from _not_together(message, names)

    def _field(self, message: Message, field: Field) -> Schema:
        value = self._value(message, field)
        _, default = split_default(field.text)
        # Editors write defaults; those that need another setting would be wrong without it.
        is_free = field.proto.name not in self._rules.NEEDED.get(message.name, {})
        found = _default(default, field, message) if is_free else {}
        return {"description": field.text, **value, **found}

    def _value(self, message: Message, field: Field) -> Schema:
        """What a field may hold."""
        proto = field.proto
        for entry in message.proto.nested_type:
            if proto.type_name.endswith(f".{message.name}.{entry.name}"):
                return self._map(proto.name, entry)
        single = self._single(message, proto)
        if proto.label == FieldDescriptorProto.LABEL_REPEATED:
            return {"type": "array", "items": single}
        return single

    def _single(self, message: Message, proto: FieldDescriptorProto) -> Schema:
        if proto.type_name in _WELL_KNOWN:
            return dict(_WELL_KNOWN[proto.type_name])
        if proto.type == FieldDescriptorProto.TYPE_ENUM:
            return _enum(message, proto.type_name.rpartition(".")[2])
        inner = self._messages.get(proto.type_name)
        if inner is None:
            return self._scalar(proto.name, proto.type)
        whole = {"$ref": f"#/definitions/{inner.name}"}
        short = [f.proto for f in inner.fields if _is_choice(f.proto) and not f.proto.type_name]
        alone = [self._scalar(scalar.name, scalar.type) for scalar in short]
        return {"anyOf": [*alone, whole]} if alone else whole

    def _map(self, name: str, entry: DescriptorProto) -> Schema:
        key, value = entry.field
        schema = {"type": "object", "additionalProperties": self._scalar(name, value.type)}
        is_text = key.type == FieldDescriptorProto.TYPE_STRING
        return schema if is_text else {**schema, "propertyNames": {"pattern": r"^[-+]?\d+$"}}

    def _scalar(self, name: str, kind: int) -> Schema:
        schema = dict(_SCALARS[kind])
        rule = self._rules.RULES.get(name)
        if rule is None or kind == FieldDescriptorProto.TYPE_BOOL:
            return schema
        return schema | _RULE_WRITERS[type(rule).__name__](rule)


def _range(rule: Any) -> Schema:
    bounds = {word: getattr(rule, name) for name, word in _BOUNDS.items()}
    return {word: bound for word, bound in bounds.items() if bound is not None}


def _one_of(rule: Any) -> Schema:
    return {"enum": list(rule.values)}


def _text(rule: Any) -> Schema:
    length = rule.length
    return {"minLength": 1} if length is None else {"minLength": length, "maxLength": length}


def _name(rule: Any) -> Schema:
    return {"pattern": _NAMES[rule.dotted]}


_RULE_WRITERS: Mapping[str, Callable[[Any], Schema]] = {
    "Range": _range,
    "OneOf": _one_of,
    "Text": _text,
    "Name": _name,
}


def _enum(message: Message, name: str) -> Schema:
    (enum,) = (enum for enum in message.proto.enum_type if enum.name == name)
    texts = message.values[name]
    numbers = [value.number for value in enum.value]
    names = {"enum": list(texts), "enumDescriptions": list(texts.values())}
    # A number is allowed, but no editor should propose one.
    number = {"type": "integer", "minimum": min(numbers), "maximum": max(numbers)}
    return {"anyOf": [names, number]}


def _is_choice(proto: FieldDescriptorProto) -> bool:
    """Whether a field is in a oneof of several; that of an `optional` field has it alone."""
    return proto.HasField("oneof_index") and not proto.proto3_optional


def _given(message: Message, name: str) -> list[Schema]:
    """Conditions of which one holds where a field is given, by one of its names."""
    (proto,) = (f.proto for f in message.fields if f.proto.name == name)
    return [{"required": [known]} for known in dict.fromkeys((proto.name, proto.json_name))]


def _any_of(conditions: list[Schema]) -> Schema:
    return conditions[0] if len(conditions) == 1 else {"anyOf": conditions}


def _not_together(message: Message, names: Sequence[str]) -> Iterable[Schema]:
    """Forbids any two of the fields; not of lists, which may be there and empty."""
    fields = {f.proto.name: f.proto for f in message.fields}
    if any(fields[name].label == FieldDescriptorProto.LABEL_REPEATED for name in names):
        return
    for index, one in enumerate(names):
        for other in names[index + 1 :]:
            both = [_any_of(_given(message, name)) for name in (one, other)]
            # Without the type, null would have both.
            yield {"not": {"type": "object", "allOf": both}}


def _default(text: str, field: Field, message: Message) -> Schema:
    """The default as a value, where the comment names one of the field's type."""
    proto = field.proto
    if proto.type == FieldDescriptorProto.TYPE_ENUM:
        return {"default": text} if text in message.values[proto.type_name.split(".")[-1]] else {}
    if proto.type == FieldDescriptorProto.TYPE_STRING:
        # What is in backticks is the text itself, unless it is a name of the module file.
        is_literal = text[:1] == text[-1:] == "`" and text.count("`") == 2
        if not is_literal or text.startswith("`fn_args."):
            return {}
        value: Any = text.strip("`")
    else:
        try:
            value = json.loads(text)
        except ValueError:
            return {}
        if isinstance(value, int) and proto.type == FieldDescriptorProto.TYPE_DOUBLE:
            value = float(value)
    is_list = proto.label == FieldDescriptorProto.LABEL_REPEATED
    return {"default": [value] if is_list else value}


def make_schema() -> str:
    """Makes the schema's text."""
    schema = Generator(messages_of(read_contract()), read_rules()).schema()
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    write_or_check(OUTPUT, make_schema, __doc__)
