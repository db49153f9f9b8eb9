# SPDX-License-Identifier: Apache-2.0
"""The contract with its comments, as protoc reads them."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto

ROOT = Path(__file__).resolve().parent.parent
SOURCE = "fit_component/proto/fit_args.proto"

# The place of each kind of thing in descriptor.proto, of which SourceCodeInfo's paths are made.
_MESSAGES, _FIELDS, _ENUMS, _VALUES = 4, 2, 4, 2


@dataclass(frozen=True)
class Field:
    """A field and its comment.

    Attributes:
      proto: The field.
      text: Its comment, unwrapped.
    """

    proto: FieldDescriptorProto
    text: str


@dataclass(frozen=True)
class Message:
    """A message, and the comments of all that is in it.

    Attributes:
      proto: The message.
      text: Its comment, unwrapped.
      fields: Its fields.
      values: The values of its enums, each with its comment, by the enum's name.
      about: The comments of its enums by their names.
    """

    proto: DescriptorProto
    text: str
    fields: Sequence[Field]
    values: Mapping[str, Mapping[str, str]]
    about: Mapping[str, str]

    @property
    def name(self) -> str:
        """Its name."""
        return self.proto.name


def read_contract() -> descriptor_pb2.FileDescriptorProto:
    """Reads the contract with its comments."""
    # Here, since the generator installs in .venv-proto alone, and tests import the rest.
    from grpc_tools import protoc

    with tempfile.TemporaryDirectory() as name:
        output = Path(name) / "set"
        status = protoc.main(
            [
                "protoc",
                f"--proto_path={ROOT / 'protos'}",
                f"--proto_path={files('grpc_tools') / '_proto'}",
                "--include_source_info",
                f"--descriptor_set_out={output}",
                str(ROOT / "protos" / SOURCE),
            ]
        )
        if status:
            sys.exit(status)
        (contract,) = descriptor_pb2.FileDescriptorSet.FromString(output.read_bytes()).file
    return contract


def messages_of(contract: descriptor_pb2.FileDescriptorProto) -> list[Message]:
    """Returns the messages in the order of the file, with their comments."""
    comments = {
        tuple(location.path): location.leading_comments
        for location in contract.source_code_info.location
    }

    def text(*path: int) -> str:
        return unwrapped(comments.get(path, ""))

    return [
        Message(
            proto,
            text(_MESSAGES, m),
            [Field(field, text(_MESSAGES, m, _FIELDS, f)) for f, field in enumerate(proto.field)],
            {
                enum.name: {
                    value.name: text(_MESSAGES, m, _ENUMS, e, _VALUES, v)
                    for v, value in enumerate(enum.value)
                }
                for e, enum in enumerate(proto.enum_type)
            },
            {enum.name: text(_MESSAGES, m, _ENUMS, e) for e, enum in enumerate(proto.enum_type)},
        )
        for m, proto in enumerate(contract.message_type)
    ]


def unwrapped(comment: str) -> str:
    """Joins the lines of a comment to paragraphs, with an empty line between two."""
    paragraphs = re.split(r"\n[ \t]*\n", comment.strip())
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def split_default(text: str) -> tuple[str, str]:
    """Takes the sentence `Default: X.` out of a comment.

    Returns:
      The rest of the comment, and X; empty if there is no such sentence.
    """
    match = re.search(r"(?:^|(?<= ))Default: ((?:`[^`]*`|[^`])+?)\.(?: |$)", text)
    if match is None:
        return text, ""
    return (text[: match.start()] + text[match.end() :]).strip(), match[1]
