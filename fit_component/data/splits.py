# SPDX-License-Identifier: Apache-2.0
"""Splits of Examples: how many examples they have, and datasets of them."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import tensorflow as tf
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx.components.trainer import fn_args_utils
from tfx_bsl.tfxio import dataset_options

from fit_component.data.payload_formats import holds_known_records, make_parse
from fit_component.errors import FitArgsError, Problem
from fit_component.training.chunks import (
    CHUNK_SIZE,
    Chunks,
    at_most,
    count,
    find_files,
    keep,
    record_chunks,
)
from fit_component.training.labels import split_off
from fit_component.training.passes import PassNumber
from fit_component.training.reading import Reading, batches_of

ParseFn = Callable[[tf.Tensor], Any]


@dataclass(frozen=True)
class Splits:
    """Splits to read.

    Attributes:
      patterns: Those of their files.
      accessor: The DataAccessor. One that does not know the format of the
        examples is asked for datasets itself, which takes longer to read.
      get_schema: Gives the schema, where none is passed and one is needed.
      source: The argument that names the splits, for errors.
      counts: The numbers of examples counted so far, by patterns.
      told: The number that others tell, such as statistics. It is taken for
        what is shuffled: there it is found if it is wrong, since the shuffling
        reads ahead.
    """

    patterns: Sequence[str]
    accessor: fn_args_utils.DataAccessor
    get_schema: Callable[[], schema_pb2.Schema]
    source: str = "train_args"
    counts: MutableMapping[tuple[str, ...], int] = field(default_factory=dict)
    told: int | None = None

    def steps(self, how: Reading) -> int:
        """The number of batches in an epoch or an evaluation.

        Args:
          how: How the splits are read.

        Raises:
          FitArgsError: If there is none.
        """
        if how.steps:
            return how.steps
        if self._takes_what_is_told(how):
            return self._steps_of(self.told or 0, how)
        if holds_known_records(self.accessor):
            chunks = self._records(how)
        else:
            chunks = self._read_by_tfx(self.get_schema())
        return self._steps_of(self._counted(chunks), how)

    def knows_steps(self, how: Reading) -> bool:
        """Whether `steps` need not count."""
        return bool(how.steps) or self._is_counted() or self._takes_what_is_told(how)

    def dataset(
        self,
        how: Reading,
        number: PassNumber,
        *,
        schema: schema_pb2.Schema | None = None,
        label_key: str | None = None,
        weight_key: str | None = None,
        parse_fn: ParseFn | None = None,
    ) -> tf.data.Dataset:
        """Makes the dataset that `fit` takes.

        Args:
          how: How the splits are read.
          number: Which pass is the next.
          schema: What the examples look like.
          label_key: The feature to split off as the label.
          weight_key: The feature to split off as the weight.
          parse_fn: In place of the three, turns a batch of serialized examples
            into what `fit` takes.

        Raises:
          FitArgsError: If there is no example, or no full batch where others
            are left out.
          ValueError: If arguments contradict each other, or a key names no
            feature that could be it.
        """
        _check_arguments(schema, label_key, weight_key, parse_fn)
        chunks, finish = self._read_and_finish(how, schema, label_key, weight_key, parse_fn)
        chunks, examples = keep(chunks, how.cache)
        if examples is not None:
            self.counts[tuple(self.patterns)] = examples
        if how.steps:
            self._require_one(chunks)
            steps = None
        elif self._takes_what_is_told(how):
            chunks, steps = at_most(chunks, self.told or 0), self._steps_of(self.told or 0, how)
        else:
            steps = self._steps_of(self._counted(chunks), how)
        return batches_of(chunks, how, finish, number, steps)

    def _read_and_finish(
        self,
        how: Reading,
        schema: schema_pb2.Schema | None,
        label_key: str | None,
        weight_key: str | None,
        parse_fn: ParseFn | None,
    ) -> tuple[Chunks, Callable[[Any], Any]]:
        """Makes the chunks, and what finishes a batch of the examples in them."""
        if parse_fn is not None:
            return self._records(how), parse_fn
        schema = self.get_schema() if schema is None else schema
        split = split_off(label_key, weight_key)
        if not holds_known_records(self.accessor):
            return self._read_by_tfx(schema), _unconverted(split)
        parse = make_parse(self.accessor, schema)
        return self._records(how), _unconverted(lambda records: split(parse(records)))

    def _records(self, how: Reading) -> Chunks:
        files = find_files(self.patterns)
        if not files:
            raise self._empty("have no files")
        return record_chunks(files, threads=how.reader_threads, in_order=how.in_order)

    def _read_by_tfx(self, schema: schema_pb2.Schema) -> Chunks:
        options = dataset_options.TensorFlowDatasetOptions(
            CHUNK_SIZE, num_epochs=1, shuffle=False, drop_final_batch=False
        )
        made = self.accessor.tf_dataset_factory(list(self.patterns), options, schema)
        return lambda _: made

    def _is_counted(self) -> bool:
        return tuple(self.patterns) in self.counts

    def _takes_what_is_told(self, how: Reading) -> bool:
        reads_ahead = how.shuffling is not None and how.shuffling.buffer_size > 1
        return self.told is not None and reads_ahead and not self._is_counted()

    def _counted(self, chunks: Chunks) -> int:
        if not self._is_counted():
            self.counts[tuple(self.patterns)] = count(chunks(None))
        return self.counts[tuple(self.patterns)]

    def _steps_of(self, examples: int, how: Reading) -> int:
        if not examples:
            raise self._empty("hold no examples")
        steps = how.steps_of(examples)
        if not steps:
            message = (
                f"is more than the {examples} examples of the splits, and a batch that is not "
                "full is left out (input.drop_remainder; by default if several replicas train): "
                "none would be left; lower it"
            )
            related = ("input.drop_remainder",)
            problem = Problem("batch_size", message, how.batch_size, related)
            raise FitArgsError([problem], self.source)
        return steps

    def _require_one(self, chunks: Chunks) -> None:
        """Without an example, passes without end would never get to the first batch."""
        if next(iter(chunks(None).take(1)), None) is None:
            raise self._empty("hold no examples")

    def _empty(self, what: str) -> FitArgsError:
        message = f"{what}: {', '.join(self.patterns)}"
        return FitArgsError([Problem("splits", message)], self.source)


def _unconverted(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Keeps AutoGraph away, which would tell what is raised in words of its own."""
    kept: Callable[[Any], Any] = tf.autograph.experimental.do_not_convert(function)
    return kept


def _check_arguments(
    schema: schema_pb2.Schema | None,
    label_key: str | None,
    weight_key: str | None,
    parse_fn: ParseFn | None,
) -> None:
    given = {"schema": schema, "label_key": label_key, "weight_key": weight_key}
    names = [name for name, value in given.items() if value is not None]
    if parse_fn is not None and names:
        raise ValueError(
            f"parse_fn was given, and {', '.join(names)}: parse_fn takes serialized examples and "
            "returns all that fit takes; give one or the other"
        )
    if weight_key is not None and label_key is None:
        raise ValueError(f"weight_key={weight_key!r} needs a label_key: fit weights losses")
