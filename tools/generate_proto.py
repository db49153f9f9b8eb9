"""Generates fit_component/proto/ from protos/, or checks that what stands there is up to date.

Run by `make proto` and `make proto-check` with the Python of .venv-proto.
"""

import argparse
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
SOURCE = "fit_component/proto/fit_args.proto"
OUTPUTS = (
    SOURCE,
    "fit_component/proto/fit_args_pb2.py",
    "fit_component/proto/fit_args_pb2.pyi",
)


def generate(target: Path) -> None:
    """Writes the generated code and a copy of its source below `target`."""
    (target / SOURCE).parent.mkdir(parents=True, exist_ok=True)
    well_known_types = files("grpc_tools") / "_proto"
    status = protoc.main(
        [
            "protoc",
            f"--proto_path={ROOT / 'protos'}",
            f"--proto_path={well_known_types}",
            f"--python_out={target}",
            f"--pyi_out={target}",
            str(ROOT / "protos" / SOURCE),
        ]
    )
    if status:
        sys.exit(status)
    (target / SOURCE).write_bytes((ROOT / "protos" / SOURCE).read_bytes())


def stale() -> list[str]:
    """Returns the committed files that differ from freshly generated ones."""
    with tempfile.TemporaryDirectory() as name:
        fresh = Path(name)
        generate(fresh)
        return [
            output
            for output in OUTPUTS
            if not (ROOT / output).exists()
            or (ROOT / output).read_bytes() != (fresh / output).read_bytes()
        ]


def main() -> None:
    """Generates, or with --check compares byte by byte."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only, write nothing")
    if not parser.parse_args().check:
        generate(ROOT)
        print("Generated:", ", ".join(OUTPUTS))
    elif names := stale():
        sys.exit(f"error: not what protos/{SOURCE} generates: {', '.join(names)}; run `make proto`")
    else:
        print("The generated code is up to date.")


if __name__ == "__main__":
    main()
