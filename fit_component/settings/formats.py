# SPDX-License-Identifier: Apache-2.0
"""The text formats of settings: textproto, JSON and YAML."""

from __future__ import annotations

import contextlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePath
from typing import Any

import yaml
from google.protobuf import text_format

from fit_component.errors import FitArgsError, Problem
from fit_component.proto import fit_args_pb2
from fit_component.settings import descriptors
from fit_component.settings.repeated_keys import RepeatedKeys
from fit_component.settings.tree import read_tree
from fit_component.settings.unknown_fields import unknown_field
from fit_component.settings.value_checks import TOO_DEEP
from fit_component.settings.yaml_tree import load_yaml

Parsed = tuple[fit_args_pb2.FitArgs, list[Problem]]


class _TextError(Exception):
    """A text that could not be read as its format at all; says where and why."""


def parse_text(text: str, format_name: str, source: str | None) -> Parsed:
    """Parses settings from a text.

    Args:
      text: The settings.
      format_name: `textproto`, `json` or `yaml`.
      source: What the text is called in errors.

    Returns:
      The settings as far as they could be read, and the problems with the
      rest.

    Raises:
      FitArgsError: If the format is unknown, or the text breaks its syntax.
    """
    if format_name not in _PARSERS:
        allowed = descriptors.did_you_mean(format_name, _PARSERS)
        raise FitArgsError([Problem("format", f"unknown; {allowed}", format_name)], source)
    with _told(source):
        return _PARSERS[format_name](text)


def parse_json_tree(text: str, source: str | None) -> Any:
    """Parses JSON into dicts and lists, in which repeated keys are marked.

    Raises:
      FitArgsError: If the text breaks JSON's syntax.
    """
    with _told(source):
        return _json_tree(text)


@contextlib.contextmanager
def _told(source: str | None) -> Iterator[None]:
    """Turns what a text as a whole can meet into a FitArgsError."""
    try:
        yield
    except _TextError as error:
        raise FitArgsError([Problem("", str(error))], source) from error.__cause__
    except RecursionError:
        raise FitArgsError([Problem("", "is nested too deeply for settings")], source) from None


def format_of(path: str) -> str:
    """The name of the format that a file's suffix stands for.

    Args:
      path: The file's name.

    Returns:
      `textproto`, `json` or `yaml`.

    Raises:
      FitArgsError: If the suffix is none of the known ones.
    """
    suffix = PurePath(path).suffix
    if suffix not in _SUFFIXES:
        unknown = f"the suffix {suffix!r} names no format; allowed: {', '.join(_SUFFIXES)}"
        raise FitArgsError([Problem("", unknown)], path)
    return _SUFFIXES[suffix]


# What opens and closes a message, and what begins and ends that in which it does not.
_MARKS = re.compile(r"""\\.|["'#\n{}<>]""")
_LEVELS = {"{": 1, "<": 1, "}": -1, ">": -1}

# Messages inside each other; protobuf before 4.24 crashes when it copies more.
_MOST_MESSAGES = 100


def _parse_textproto(text: str) -> Parsed:
    read = fit_args_pb2.FitArgs()
    if _messages_inside_each_other(text) > _MOST_MESSAGES:
        raise _TextError(TOO_DEEP)
    try:
        text_format.Parse(text, read)
    except text_format.ParseError as error:
        raise _TextError(_explain(error, _line(text, error))) from error
    except ValueError as error:  # such as text that UTF-8 cannot hold
        raise _TextError(str(error)) from error
    return _from_tree(read)


def _messages_inside_each_other(text: str) -> int:
    depth = most = 0
    within = ""  # a text or a comment, by what it begins with
    for found in _MARKS.finditer(text):
        mark = found[0]
        if within:
            # A text ends with its line, too, closed or not.
            within = "" if mark == "\n" or (mark == within and mark != "#") else within
        elif mark in ("'", '"', "#"):
            within = mark
        else:
            depth += _LEVELS.get(mark, 0)
            most = max(most, depth)
    return most


# How messages of protobuf's own are written in textproto, which has no short form of them.
_WRITTEN: Mapping[str, str] = {
    "google.protobuf.Duration": "write { seconds: 5400 }",
    "google.protobuf.Struct": 'write { fields { key: "units" value { number_value: 64 } } }',
    "google.protobuf.Value": "it has number_value, string_value, bool_value, null_value, "
    "list_value and struct_value",
}


def _line(text: str, error: text_format.ParseError) -> str:
    number = error.GetLine()
    return text.split("\n", number)[number - 1] if number else ""


def _explain(error: text_format.ParseError, line: str) -> str:
    """Rewrites protobuf's `LINE:COLUMN : 'the line': message`, with the nearest names."""
    text = re.sub(r"^(\d+):(\d+) ?: ", r"line \1, column \2: ", str(error))
    # Not the line itself, which is of any length and may hold a credential.
    text = text.replace(f": {line!r}: ", ": ").replace(f": '{line}': ", ": ")
    text = re.sub(r"(String missing ending quote):.*", r"\1", text, flags=re.DOTALL)
    text = text.rstrip(".").replace("fit_component.", "")
    if match := re.search(r'Message type "([\w.]+)" has no field named "(\w+)"', text):
        descriptor = fit_args_pb2.DESCRIPTOR.message_types_by_name.get(match[1])
        if descriptor is not None:
            at = text[: match.start()]
            return f"{at}{match[2]}: {unknown_field(descriptor, match[2])}"
        if match[1] in _WRITTEN:
            return f"{text}; {_WRITTEN[match[1]]}"
    if text.endswith('Expected "{"'):
        braces = "learning_rate { constant: 0.001 } or max_time { seconds: 90 }"
        return f"{text}; a message is written in braces, such as {braces}"
    if match := re.search(r'Enum type "([\w.]+)" has no value named "?(\w+)"?', text):
        holder, _, name = match[1].rpartition(".")
        descriptor = fit_args_pb2.DESCRIPTOR.message_types_by_name.get(holder)
        enum = descriptor.enum_types_by_name.get(name) if descriptor is not None else None
        if enum is not None:
            return f"{text}; {descriptors.did_you_mean(match[2], enum.values_by_name)}"
    return text


def _parse_json(text: str) -> Parsed:
    return _from_tree(_json_tree(text))


def _json_tree(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_mark_repeated_keys)
    except json.JSONDecodeError as error:
        if "\n" not in text and PurePath(text).suffix in _SUFFIXES:
            looks = f"{text} is no JSON; if it is a file, load it: load_fit_args({text!r})"
            raise _TextError(looks) from error
        raise _TextError(f"line {error.lineno}, column {error.colno}: {error.msg}") from error
    except ValueError as error:  # such as an integer of 5,000 digits
        raise _TextError(str(error)) from error


def _mark_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    tree = RepeatedKeys(pairs)
    counts = Counter(key for key, _ in pairs)
    tree.repeated = tuple(key for key in tree if counts[key] > 1)
    return tree


def _parse_yaml(text: str) -> Parsed:
    try:
        tree = load_yaml(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise _TextError(f"{at}{error.problem or error.context}") from error
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        at = f"line {line}, column {column}"
        raise _TextError(f"{at}: U+{error.character:04X} is no character for YAML") from error
    except (ValueError, OverflowError) as error:  # such as "\\U00110000", beyond Unicode
        raise _TextError(str(error)) from error
    return _from_tree({} if tree is None else tree)


def _from_tree(tree: Any) -> Parsed:
    fit_args = fit_args_pb2.FitArgs()
    return fit_args, read_tree(tree, fit_args)


_PARSERS: Mapping[str, Callable[[str], Parsed]] = {
    "textproto": _parse_textproto,
    "json": _parse_json,
    "yaml": _parse_yaml,
}

_SUFFIXES: Mapping[str, str] = {
    ".textproto": "textproto",
    ".pbtxt": "textproto",
    ".txtpb": "textproto",
    ".json": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
}
