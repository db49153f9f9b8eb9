# SPDX-License-Identifier: Apache-2.0
"""A pytest plugin: runs the tests that did not pass in another run.

pytest -p remaining --passed=FILE: FILE holds the names of the tests that passed there, one on each
line. All that are collected here are named in FILE.collected.
"""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Takes the name of the file."""
    parser.addoption("--passed", type=Path, required=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselects what passed."""
    file = config.getoption("--passed")
    passed = set(file.read_text().splitlines())
    named = {_report_name(item): item for item in items}
    file.with_name(f"{file.name}.collected").write_text("\n".join(named))
    items[:] = [item for name, item in named.items() if name not in passed]
    config.hook.pytest_deselected(items=[item for name, item in named.items() if name in passed])


def _report_name(item: pytest.Item) -> str:
    """The name of a test as reports in JUnit's format have it."""
    path, *inner = item.nodeid.split("::")
    return ".".join([path.removesuffix(".py").replace("/", "."), *inner])
