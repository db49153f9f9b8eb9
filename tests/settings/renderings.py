# SPDX-License-Identifier: Apache-2.0
"""A message of settings in every form that parse_fit_args takes."""

import json

import yaml
from google.protobuf import json_format, text_format

from fit_component.releases import is_repeated
from fit_component.settings import descriptors


def tree_of(message, camel_case=False):
    """A message as dicts and lists, written independently of protobuf's json_format."""
    tree = {}
    for field, value in message.ListFields():
        name = field.json_name if camel_case else field.name
        if descriptors.is_map(field):
            tree[name] = dict(value)
        elif descriptors.is_message(field) and is_repeated(field):
            tree[name] = [tree_of(element, camel_case) for element in value]
        elif descriptors.well_known(field) == descriptors.DURATION:
            fraction = f".{value.nanos:09d}" if value.nanos else ""
            tree[name] = f"{value.seconds}{fraction}s"
        elif descriptors.well_known(field) == descriptors.STRUCT:
            tree[name] = arguments_of(value)
        elif descriptors.is_message(field):
            inner = tree_of(value, camel_case)
            is_number = field.message_type.name == "LearningRate" and [*inner] == ["constant"]
            tree[name] = inner["constant"] if is_number and not camel_case else inner
        elif is_repeated(field):
            tree[name] = list(value)
        elif field.type == field.TYPE_ENUM and not camel_case:
            known = field.enum_type.values_by_number.get(value)
            tree[name] = known.name if known else value
        else:
            tree[name] = value
    return tree


def arguments_of(struct):
    """A Struct as a dict."""
    return {key: _argument(struct.fields[key]) for key in sorted(struct.fields)}


def _argument(value):
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return arguments_of(value.struct_value)
    if kind == "list_value":
        return [_argument(element) for element in value.list_value.values]
    return None if kind == "null_value" else getattr(value, kind)


class _Dumper(yaml.SafeDumper):
    """Quotes all text: PyYAML writes YAML 1.1, where `1e3` and `0o7` need no quotes."""

    def ignore_aliases(self, data):
        return True


_Dumper.add_representer(
    str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')
)


def to_yaml(value, **options):
    """Writes a tree, or a part of one, as YAML."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, **options)


def _json(message, **options):
    return json_format.MessageToJson(message, **options)


# name of the form, how a message is written in it, the format to read it with
FORMS = [
    ("the message itself", lambda message: message, "json"),
    ("a dict", tree_of, "json"),
    ("a dict of messages", lambda m: {f.name: v for f, v in m.ListFields()}, "json"),
    ("textproto", text_format.MessageToString, "textproto"),
    (
        "textproto, one line",
        lambda m: text_format.MessageToString(m, as_one_line=True, as_utf8=True),
        "textproto",
    ),
    ("JSON, snake_case", lambda m: _json(m, preserving_proto_field_name=True), "json"),
    ("JSON, camelCase", lambda m: _json(m, use_integers_for_enums=True), "json"),
    ("JSON of Python", lambda m: json.dumps(tree_of(m, camel_case=True)), "json"),
    ("JSON in bytes", lambda m: json.dumps(tree_of(m), ensure_ascii=False).encode(), "json"),
    (
        "YAML, blocks",
        lambda m: to_yaml(tree_of(m), default_flow_style=False, allow_unicode=True),
        "yaml",
    ),
    ("YAML, braces", lambda m: to_yaml(tree_of(m), default_flow_style=True), "yaml"),
]
