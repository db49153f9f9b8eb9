# SPDX-License-Identifier: Apache-2.0
"""The command `fit-component`."""

from fit_component.cli.main import main

__all__ = ["main"]
