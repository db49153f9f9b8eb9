# SPDX-License-Identifier: Apache-2.0
"""Writes docs/settings.md from the comments of the contract, or checks that it is up to date.

Run by `make proto` and `make proto-check` with the Python of .venv-proto.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any

from contract_comments import (
    ROOT,
    SOURCE,
    Field,
    Message,
    messages_of,
    read_contract,
    split_default,
)
from generated_file import write_or_check
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto

PAGE = "docs/settings.md"

INTRO = f"""\
<!-- Made by tools/settings_reference.py from the comments of protos/{SOURCE}: edit those. -->

# The settings

Every field of [FitArgs](#fitargs), the `train_args` of a Trainer, and of the messages inside it.
How to give them, as a file, in Python, as overrides or when the pipeline is started, is in the
[README](../README.md#giving-settings); settings for common needs are in the
[cookbook](cookbook.md).

- **Names.** Fields have the names of Keras' arguments, and messages those of Keras' classes; in
  Python all messages are imported from `fit_component`.
- **Unset** always means the default. In callbacks and optimizers that is Keras' own, as it is
  today; nothing is passed to Keras there.
- **Paths** name a field in errors and in overrides: `callbacks[0].early_stopping.patience=5`. Above
  each table stands where its fields are, with `[i]` for the place in a list, counted from 0;
  [all paths](#all-paths) are at the end.
- **Types.** An integer has neither quotes nor a decimal point. Text is a string. A mapping of
  arguments goes to the callback as it is. A duration is written `90s`, `30m` or `1h30m`; in
  textproto `{{seconds: 90}}`. Where a type is the name of a message, that section has its fields,
  and `{{}}` is one with none of them set: `tensorboard: {{}}`.

What the installed Keras or TensorFlow does not have is refused when the Trainer starts, on the
machine that trains.
"""

_SCALARS: Mapping[int, tuple[str, str]] = {
    FieldDescriptorProto.TYPE_INT32: ("integer", "integers"),
    FieldDescriptorProto.TYPE_DOUBLE: ("number", "numbers"),
    FieldDescriptorProto.TYPE_STRING: ("text", "texts"),
    FieldDescriptorProto.TYPE_BOOL: ("true or false", "true or false"),
}
_WELL_KNOWN: Mapping[str, str] = {
    ".google.protobuf.Duration": "duration, such as `90m`",
    ".google.protobuf.Struct": "mapping of arguments to values",
}

# A value that no rule allows, by the type of the field, so that the rule tells what it does allow.
_NEVER_ALLOWED: Mapping[int, Any] = {
    FieldDescriptorProto.TYPE_INT32: float("nan"),
    FieldDescriptorProto.TYPE_DOUBLE: float("nan"),
    FieldDescriptorProto.TYPE_STRING: "",
}
_BOUNDS = re.compile(r"\d or (?:more|less)|(?:above|below) -?\d|\d to \d")


def read_rules() -> ModuleType:
    """Imports the rules of single fields alone: the package around them needs PyYAML."""
    path = ROOT / "fit_component" / "settings" / "rules.py"
    spec = importlib.util.spec_from_file_location("fit_component_rules", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot load {path}")
    rules = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = rules  # where dataclasses look their annotations up
    spec.loader.exec_module(rules)
    return rules


class Page:
    """The page, from the messages of the contract."""

    def __init__(self, messages: Sequence[Message], rules: ModuleType):
        """Takes the messages in the order of their sections, and the rules of single fields."""
        self._messages = {f".fit_component.{message.name}": message for message in messages}
        self._rules = rules
        self._paths = self._find_paths()

    def text(self) -> str:
        """The whole page."""
        sections = [self._section(message) for message in self._messages.values()]
        parts = [INTRO, self._contents(), *sections, self._all_paths()]
        return "\n".join(parts)

    def _find_paths(self) -> dict[str, list[str]]:
        """Where each message is set, by its name."""
        first = next(iter(self._messages.values()))
        paths: dict[str, list[str]] = {message.name: [] for message in self._messages.values()}

        def visit(message: Message, path: str) -> None:
            paths[message.name].append(path)
            for field in message.fields:
                inner = self._message_in(field)
                if inner is not None:
                    visit(inner, _join(path, field))

        visit(first, "")
        return paths

    def _message_in(self, field: Field) -> Message | None:
        return self._messages.get(field.proto.type_name)

    def _is_group(self, message: Message) -> bool:
        """Whether the messages that follow, up to the next such one, belong to it."""
        paths = self._paths[message.name]
        return any("." not in path for path in paths) or _is_choice(message.proto)

    def _contents(self) -> str:
        lines = ["## Contents", ""]
        for message in self._messages.values():
            indent = "" if self._is_group(message) else "  "
            lines.append(f"{indent}- {_link(message.name)}")
        return "\n".join([*lines, "- [All paths](#all-paths)", ""])

    def _section(self, message: Message) -> str:
        level = "##" if self._is_group(message) else "###"
        blocks = [f"{level} {message.name}", self._linked(_escaped(message.text))]
        paths = [f"`{path}`" for path in sorted(self._paths[message.name], key=len) if path]
        if paths:
            blocks.append(f"Path: {', or '.join(paths)}")
        if message.fields:
            blocks.append(self._table(message))
        else:
            blocks.append("It has no fields: `{}`.")
        blocks.extend(self._values(message, field) for field in message.fields if _is_enum(field))
        return "\n\n".join(blocks) + "\n"

    def _table(self, message: Message) -> str:
        rows = []
        for field in message.fields:
            text, default = split_default(field.text)
            if not default and field.proto.name in self._rules.REQUIRED.get(message.name, ()):
                default = "required"
            cells = (
                f"`{field.proto.name}`",
                self._type(message, field),
                _escaped(default),
                self._linked(_escaped(text)),
            )
            rows.append([_in_a_cell(cell) for cell in cells])
        head = ["field", "type", "default", "meaning"]
        shown = [c for c in range(len(head)) if any(row[c] for row in rows)]
        lines = [head, ["---"] * len(head), *rows]
        return "\n".join(f"| {' | '.join(line[c] for c in shown)} |" for line in lines)

    def _values(self, message: Message, field: Field) -> str:
        name = field.proto.type_name.rpartition(".")[2]
        about = f"`{field.proto.name}` is one of these. {_escaped(message.about[name])}"
        values = [f"- `{value}`: {_escaped(text)}" for value, text in message.values[name].items()]
        return "\n".join([about.strip(), "", *values])

    def _all_paths(self) -> str:
        lines = ["## All paths", ""]
        for path, name in self._fields_with_paths(next(iter(self._messages.values())), ""):
            lines.append(f"- [`{path}`](#{name.lower()})")
        return "\n".join([*lines, ""])

    def _fields_with_paths(self, message: Message, path: str) -> Iterator[tuple[str, str]]:
        """Yields every path with the name of the message whose section tells of it."""
        for field in message.fields:
            inner, at = self._message_in(field), _join(path, field)
            yield at, message.name
            if inner is not None:
                yield from self._fields_with_paths(inner, at)

    def _type(self, message: Message, field: Field) -> str:
        """The type in words, with what is allowed unless the comment tells."""
        proto = field.proto
        is_list = proto.label == FieldDescriptorProto.LABEL_REPEATED
        inner = self._message_in(field)
        if _is_enum(field):
            values = message.values[proto.type_name.rpartition(".")[2]]
            return f"one of {', '.join(f'`{value}`' for value in values)}"
        if inner is not None:
            short = _shorthand(inner.proto)
            alone = f"{short}, or {_link(inner.name)}" if short else _link(inner.name)
            return f"list of {_link(inner.name)}" if is_list else alone
        if proto.type_name in _WELL_KNOWN:
            return _WELL_KNOWN[proto.type_name]
        if proto.type_name:  # a map
            (entry,) = (e for e in message.proto.nested_type if proto.type_name.endswith(e.name))
            key, value = (_SCALARS[part.type][1] for part in entry.field)
            return f"mapping of {key} to {value}" + self._allowed(
                field, entry.field[1].type, each=True
            )
        words = f"list of {_SCALARS[proto.type][1]}" if is_list else _SCALARS[proto.type][0]
        return words + self._allowed(field, proto.type, each=is_list)

    def _allowed(self, field: Field, kind: int, *, each: bool) -> str:
        """What the field's rule allows, where the comment does not say it."""
        rule = self._rules.RULES.get(field.proto.name)
        if rule is None or kind not in _NEVER_ALLOWED or _BOUNDS.search(field.text):
            return ""
        if isinstance(rule, self._rules.OneOf) and all(str(v) in field.text for v in rule.values):
            return ""
        complaint = str(rule.complaint(_NEVER_ALLOWED[kind]))
        allowed = re.fullmatch(r"must be ((?:above|below|one of|\S+ or) .*)", complaint)
        return f", {'each ' * each}{allowed[1]}" if allowed else ""

    def _linked(self, text: str) -> str:
        """Makes a link of the message that a comment refers to."""

        def link(match: re.Match[str]) -> str:
            known = f".fit_component.{match[1]}" in self._messages
            return f"As in {_link(match[1])}" if known else match[0]

        return re.sub(r"\bAs in (\w+)", link, text)


def _join(path: str, field: Field) -> str:
    # A map's values have their keys in the path, a list's their places.
    is_map = field.proto.type_name.endswith("Entry")
    is_list = field.proto.label == FieldDescriptorProto.LABEL_REPEATED and not is_map
    name = f"{field.proto.name}[i]" if is_list else field.proto.name
    return f"{path}.{name}" if path else name


def _is_enum(field: Field) -> bool:
    return field.proto.type == FieldDescriptorProto.TYPE_ENUM


def _is_choice(proto: DescriptorProto) -> bool:
    """Whether a message has a oneof of several fields; that of an `optional` field has one."""
    return any(field.HasField("oneof_index") and not field.proto3_optional for field in proto.field)


def _shorthand(proto: DescriptorProto) -> str:
    """The scalar that may stand for a message that is a choice, in words."""
    scalars = [field for field in proto.field if _is_choice(proto) and not field.type_name]
    chosen = [field for field in scalars if not field.proto3_optional]
    return _SCALARS[chosen[0].type][0] if chosen else ""


def _link(name: str) -> str:
    return f"[{name}](#{name.lower()})"


def _escaped(text: str) -> str:
    """Text outside of backticks, with the signs escaped that mean something in Markdown."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(p if p.startswith("`") else re.sub(r"([*<\[\]])", r"\\\1", p) for p in parts)


def _in_a_cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")


def make_page() -> str:
    """Makes the page."""
    return Page(messages_of(read_contract()), read_rules()).text()


if __name__ == "__main__":
    write_or_check(PAGE, make_page, __doc__)
