# SPDX-License-Identifier: Apache-2.0
"""Three ways to fit, one module file: the settings alone differ.

The cases are those of the article "How are Keras fitting settings configured within TensorFlow
Extended (TFX)?" (30 January 2025), where each is a module file of its own with its settings in it.

python -m examples.from_the_article.pipeline --fit examples/from_the_article/basic.yaml

Or callbacks.yaml; or mirrored.yaml, with --logical-cpus 2 where there are no GPUs.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import click

from examples import command, running
from examples.penguin import data
from fit_component import FitArgs

_HERE = Path(__file__).parent


def make_pipeline(fit_args: FitArgs, root: Path, *, logical_cpus: int | None = None):
    """Makes the pipeline.

    Args:
      fit_args: The settings of `Model.fit`.
      root: Where data, artifacts and metadata go.
      logical_cpus: How many devices TensorFlow shall see the CPU as.

    Returns:
      A tfx.v1.dsl.Pipeline.
    """
    # Imported here, so that a wrong setting is told before TFX has loaded.
    from tfx import v1 as tfx

    from fit_component import Trainer

    if logical_cpus is not None:
        running.split_cpu(logical_cpus)
    module_file = str(_HERE / "model" / "classifier.py")
    example_gen = tfx.components.CsvExampleGen(input_base=str(data.write_csv(root)))
    statistics_gen = tfx.components.StatisticsGen(examples=example_gen.outputs["examples"])
    schema_gen = tfx.components.SchemaGen(statistics=statistics_gen.outputs["statistics"])
    transform = tfx.components.Transform(
        examples=example_gen.outputs["examples"],
        schema=schema_gen.outputs["schema"],
        module_file=module_file,
    )
    trainer = Trainer(
        module_file=module_file,
        examples=transform.outputs["transformed_examples"],
        transform_graph=transform.outputs["transform_graph"],
        train_args=fit_args,
        # No eval_args: an evaluation is one pass over the split, over the same examples each time.
    )
    return running.local_pipeline(
        "from_the_article", [example_gen, statistics_gen, schema_gen, transform, trainer], root
    )


@command.pipeline_command(fit=_HERE / "basic.yaml", root=Path("build", "from_the_article"))
@click.option(
    "--logical-cpus",
    type=click.IntRange(min=1),
    help="Splits the CPU into so many devices, to try a strategy without GPUs.",
)
def main(logical_cpus: int | None, **options: Any) -> None:
    """Trains a penguin model in a TFX pipeline, with settings of three kinds."""
    command.run(functools.partial(make_pipeline, logical_cpus=logical_cpus), **options)


if __name__ == "__main__":
    main()
