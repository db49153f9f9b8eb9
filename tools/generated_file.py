# SPDX-License-Identifier: Apache-2.0
"""What the tools share that write one file from the contract and its rules."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from contract_comments import ROOT, SOURCE


def write_or_check(output: str, make: Callable[[], str], description: str | None) -> None:
    """Writes a file, or with --check compares.

    Args:
      output: Its path in the checkout.
      make: Makes its text.
      description: What --help says.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--check", action="store_true", help="compare only, write nothing")
    check = parser.parse_args().check
    path, text = ROOT / output, make()
    if not check:
        path.write_text(text, encoding="utf-8")
        print("Generated:", output)
    elif not path.exists() or path.read_text(encoding="utf-8") != text:
        sys.exit(f"error: {output} is not what protos/{SOURCE} and its rules say; run `make proto`")
    else:
        print(f"{output} is up to date.")
