# SPDX-License-Identifier: Apache-2.0
"""Writing files whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import click


def refuse_existing(paths: Iterable[Path], repair: str) -> None:
    """Ends the command if any of the paths is taken.

    Args:
      paths: What is to be written.
      repair: What the user can do about it.

    Raises:
      click.ClickException: Naming all that are taken.
    """
    taken = [str(path) for path in paths if os.path.lexists(path)]
    if taken:
        are = "is there already" if len(taken) == 1 else "are there already"
        raise click.ClickException(f"{', '.join(taken)} {are}; {repair}")


def write_all(files: Mapping[Path, bytes]) -> None:
    """Writes files: all of them, or none if anything goes wrong.

    Args:
      files: Paths to contents. Directories that are missing are made.

    Raises:
      OSError: If one cannot be written; it names the file.
    """
    with _undone_on_failure() as made:
        for path, content in files.items():
            with _named(path):
                _make_directory(path.parent, made)
                made.append(_partial(path))
                _partial(path).write_bytes(content)
        for path in files:
            with _named(path):
                if not os.path.lexists(path):
                    made.append(path)
                _partial(path).replace(path)


def _partial(path: Path) -> Path:
    """Where a file stands until it is whole."""
    return path.with_name(f".{path.name}.{os.getpid()}.tmp")


def _make_directory(path: Path, made: list[Path]) -> None:
    if not path.is_dir():
        _make_directory(path.parent, made)
        path.mkdir()
        made.append(path)


@contextlib.contextmanager
def _undone_on_failure() -> Iterator[list[Path]]:
    """Gives a list for what is made; if anything fails, that is removed, the last first."""
    made: list[Path] = []
    try:
        yield made
    except BaseException:
        for path in reversed(made):
            with contextlib.suppress(OSError):
                path.rmdir() if path.is_dir() else path.unlink()
        raise


@contextlib.contextmanager
def _named(path: Path) -> Iterator[None]:
    """Makes an OSError name the file that the user knows."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error
