# SPDX-License-Identifier: Apache-2.0
"""From anything that holds settings to a checked FitArgs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, TypeVar

from google.protobuf.message import Error as ProtobufError
from google.protobuf.message import Message

from fit_component.errors import FitArgsError, Problem
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.settings.checks import check
from fit_component.settings.formats import Parsed, format_of, parse_json_tree, parse_text
from fit_component.settings.overrides import Overrides, apply_overrides
from fit_component.settings.tree import read_tree

M = TypeVar("M", bound=Message)

_TRAIN_ARGS = "tfx.components.trainer.TrainArgs"


def load_fit_args(path: str | os.PathLike[str], *, overrides: Overrides = ()) -> FitArgs:
    """Loads settings from a file and checks them.

    Args:
      path: A local file; its suffix tells the format: .textproto, .pbtxt or
        .txtpb, .json, .yaml or .yml.
      overrides: `PATH=VALUE` strings such as `epochs=20` or
        `callbacks[0].early_stopping.patience=5`, or a mapping of paths to
        values; applied in order, before the checks.

    Returns:
      The settings as written: nothing is filled in.

    Raises:
      FitArgsError: With all problems of the file and of the overrides.
      OSError: If the file cannot be read.
    """
    source = os.fspath(path)
    format_name = format_of(source)
    try:
        with open(source, "rb") as file:
            content = file.read()
    except ValueError as error:  # such as for a NUL in it
        raise FitArgsError([Problem("", f"is no name of a file: {error}")], source) from error
    return parse_fit_args(content, format=format_name, overrides=overrides, source=source)


def parse_fit_args(
    value: Message | Mapping[str, Any] | str | bytes | None,
    *,
    format: str = "json",
    overrides: Overrides = (),
    source: str | None = None,
) -> FitArgs:
    """Reads settings from any of their forms and checks them.

    Args:
      value: A FitArgs, a TrainArgs, a mapping of field names, a text, or None
        for no settings.
      format: The format of a text: `json`, `yaml` or `textproto`.
      overrides: As in `load_fit_args`.
      source: What errors call the settings, such as a file's name.

    Returns:
      The settings as given: nothing is filled in. Never the object passed in.

    Raises:
      FitArgsError: With all problems together.
    """
    fit_args, problems = _read(value, format, source)
    problems += apply_overrides(overrides, fit_args)
    problems += check(fit_args, problems)
    if problems:
        raise FitArgsError(problems, source)
    return fit_args


def parse_args(value: Mapping[str, Any] | str | M, message: M, source: str) -> M:
    """Reads arguments of another message than FitArgs, such as TFX's EvalArgs.

    Args:
      value: A message of that type, a mapping of field names, or JSON.
      message: Empty; receives the arguments.
      source: What errors call them.

    Returns:
      The message.

    Raises:
      FitArgsError: With all problems together.
    """
    tree = parse_json_tree(value, source) if isinstance(value, str) else value
    problems = read_tree(tree, message)
    problems += check(message, problems)
    if problems:
        raise FitArgsError(problems, source)
    return message


def _read(value: Any, format_name: str, source: str | None) -> Parsed:
    fit_args = FitArgs()
    if value is None:
        return fit_args, []
    if isinstance(value, bytes):
        value = _decode(value, source)
    if isinstance(value, str):
        return parse_text(value, format_name, source)
    if isinstance(value, Message) and value.DESCRIPTOR.full_name == _TRAIN_ARGS:
        # The two are wire-compatible by contract.
        try:
            value = FitArgs.FromString(value.SerializeToString())
        except (ProtobufError, ValueError, RecursionError) as error:  # fields that it kept unread
            raise FitArgsError([Problem("", f"is no TrainArgs: {error}")], source) from error
    if isinstance(value, (Mapping, FitArgs)):
        return fit_args, read_tree(value, fit_args)
    kind = type(value).__name__
    wrong = f"must be FitArgs, TrainArgs, a dict or JSON, not {kind}; load_fit_args reads files"
    raise FitArgsError([Problem("", wrong, value)], source)


def _decode(content: bytes, source: str | None) -> str:
    try:
        return content.decode("utf-8-sig")  # some Windows editors write a byte order mark
    except UnicodeDecodeError as error:
        not_text = f"is not UTF-8 text, from byte {error.start} on"
        raise FitArgsError([Problem("", not_text)], source) from error
