# SPDX-License-Identifier: Apache-2.0
"""The committed code that protoc wrote."""

from pathlib import Path

import fit_component.proto

SHIPPED = Path(fit_component.proto.__file__).parent
SOURCE = Path(__file__).parents[2] / "protos" / "fit_component" / "proto" / "fit_args.proto"


def test_imports_under_protobuf_releases_older_than_its_generator():
    """The check of the protobuf release that newer generators write is absent."""
    assert "runtime_version" not in (SHIPPED / "fit_args_pb2.py").read_text()


def test_the_contract_ships_as_it_was_written():
    """The .proto beside the generated code is the one that is edited."""
    assert SOURCE.read_bytes() == (SHIPPED / "fit_args.proto").read_bytes()
