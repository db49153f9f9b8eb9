# SPDX-License-Identifier: Apache-2.0
"""How fast training data is read, compared with TFX's own datasets.

Reads examples that ship with TFX, for some time each, in turn through
`data_accessor.tf_dataset_factory`, as a module without fit_component does, and
through `fn_args.train_dataset`, without and with a cache. Ratios above 1 are
ours to the good; the machine's speed cancels out. The bound to hold is 1.

python -m benchmarks.reading [ROUNDS]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.resources import files

import tensorflow as tf
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx.types import standard_artifacts
from tfx_bsl.tfxio import dataset_options

from fit_component.data import with_payload_format
from fit_component.fn_args import FitFnArgs
from fit_component.testing import make_fn_args

BATCH_SIZES = (40, 256)
SECONDS = 1.0
WARM_UP = 20_000  # examples: the shuffle buffer and what is made ready ahead
STEPS = {"num_steps": 1}  # without end

DATA = files("tfx") / "components" / "testdata"
SOURCES = {
    "transformed, 1 file": {
        "examples": DATA / "transform" / "transformed_examples",
        "transform_graph": DATA / "transform" / "transform_graph",
        "schema": DATA / "schema_gen",
    },
    "raw, 12 files": {"examples": DATA / "csv_example_gen", "schema": DATA / "schema_gen"},
}


def made(source: str, directory: str, batch_size: int, cache: str = "NONE") -> FitFnArgs:
    """What a module file gets."""
    settings = {"batch_size": batch_size, "seed": 1, "input": {"cache": cache}, **STEPS}
    fn_args = make_fn_args(settings, **SOURCES[source], directory=directory)
    # The examples that ship say nothing of their format, which makes them TF Examples.
    examples = standard_artifacts.Examples()
    fn_args.data_accessor = with_payload_format(fn_args.data_accessor, [examples])
    return fn_args


def as_today(fn_args: FitFnArgs, schema: schema_pb2.Schema) -> tf.data.Dataset:
    """What the factory makes."""
    options = dataset_options.TensorFlowDatasetOptions(fn_args.batch_size, shuffle_seed=1)
    return fn_args.data_accessor.tf_dataset_factory(fn_args.train_files, options, schema)


def rate(dataset: tf.data.Dataset, batch_size: int) -> float:
    """Examples per second, once reading is in full swing."""
    batches = iter(dataset)
    for _ in range(WARM_UP // batch_size):
        next(batches)
    start, count = time.perf_counter(), 0
    while (passed := time.perf_counter() - start) < SECONDS:
        next(batches)
        count += batch_size
    return count / passed


def ways(source: str, directory: str, batch_size: int) -> dict[str, Callable[[], tf.data.Dataset]]:
    """The ways to read, the one to compare with first."""
    plain, cached = (made(source, directory, batch_size, cache) for cache in ("NONE", "MEMORY"))
    schema = plain._schema()
    return {
        "tf_dataset_factory": lambda: as_today(plain, schema),
        "train_dataset": plain.train_dataset,
        "train_dataset, cached": cached.train_dataset,
    }


def main(rounds: int) -> None:
    """Measures and prints."""
    print(f"examples per second, and the ratio, median of {rounds} rounds")
    for source in SOURCES:
        for batch_size in BATCH_SIZES:
            with tempfile.TemporaryDirectory() as directory:
                makers = ways(source, directory, batch_size)
                rates = [
                    {name: rate(make(), batch_size) for name, make in makers.items()}
                    for _ in range(rounds)
                ]
            first, *others = makers
            row = [f"{first} {statistics.median(one[first] for one in rates):,.0f}"]
            for name in others:
                ratio = statistics.median(one[name] / one[first] for one in rates)
                row.append(
                    f"{name} {statistics.median(one[name] for one in rates):,.0f} ({ratio:.2f})"
                )
            print(f"{source}, batch {batch_size}: {'; '.join(row)}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
