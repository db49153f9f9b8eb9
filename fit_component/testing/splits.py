# SPDX-License-Identifier: Apache-2.0
"""The splits of the examples that a test gives, as directories of TFRecord files."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf

from fit_component.testing.rows import EVERYTHING, to_examples

PREFIX = "Split-"


def split_directories(given: Any, splits: Collection[str], directory: Path) -> dict[str, Path]:
    """Finds or makes the directory of TFRecord files of each split.

    Args:
      given: Rows, a DataFrame, or a directory of TFRecord files: each split is
        all of it. Or a directory with a `Split-<name>` for each, as ExampleGen
        and Transform make; or a dict of any of the former by splits' names.
      splits: The names of those that will be read.
      directory: Where rows are written.

    Raises:
      FileNotFoundError: If a directory is not there, or has no files in it.
      ValueError: If one of the splits lacks; else as `to_examples`.
    """
    if _is_path(given) and (found := sorted(Path(given).glob(f"{PREFIX}*"))):
        given = {path.name.removeprefix(PREFIX): path for path in found}
    if not isinstance(given, Mapping):
        everything = _written({EVERYTHING: given}, directory)[EVERYTHING]
        return dict.fromkeys(splits, everything)
    for split in splits:
        if split not in given:
            there = ", ".join(map(str, given))
            raise ValueError(f"examples has no split {split!r}, which is read; it has {there}")
    return _written(given, directory)


def _written(sets: Mapping[str, Any], directory: Path) -> dict[str, Path]:
    """The directory of each set of examples; rows are written first."""
    converted = to_examples({name: it for name, it in sets.items() if not _is_path(it)})
    for name, examples in converted.items():
        (directory / "rows" / name).mkdir(parents=True)
        with tf.io.TFRecordWriter(str(directory / "rows" / name / "rows.gz"), "GZIP") as writer:
            for example in examples:
                writer.write(example.SerializeToString())
    return {
        name: directory / "rows" / name if name in converted else _with_files(Path(it))
        for name, it in sets.items()
    }


def _with_files(directory: Path) -> Path:
    if not directory.is_dir() or not files_in(directory):
        raise FileNotFoundError(f"examples: {directory} is no directory of TFRecord files")
    return directory.absolute()


def files_in(directory: Path) -> list[Path]:
    """The files of a directory, without hidden ones, in the order of their names."""
    files = (path for path in directory.iterdir() if path.is_file())
    return sorted(path for path in files if not path.name.startswith("."))


def _is_path(given: Any) -> bool:
    return isinstance(given, (str, os.PathLike))


def read_examples(directories: Iterable[Path]) -> Iterator[tf.train.Example]:
    """Reads all examples of directories; those of one named twice, once."""
    for directory in dict.fromkeys(directories):
        for path in files_in(directory):
            compression = "GZIP" if path.suffix == ".gz" else ""
            for record in tf.data.TFRecordDataset(str(path), compression):
                yield tf.train.Example.FromString(record.numpy())
