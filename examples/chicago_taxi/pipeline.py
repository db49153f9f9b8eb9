# SPDX-License-Identifier: Apache-2.0
"""The Chicago Taxi pipeline; its fit settings come from a file.

python -m examples.chicago_taxi.pipeline --fit FILE --set epochs=5 --root DIR

With --warm-start, training starts from the weights of the latest model that the Evaluator blessed.
"""

from __future__ import annotations

import functools
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from examples import command, running
from fit_component import FitArgs

_HERE = Path(__file__).parent


def make_pipeline(fit_args: FitArgs, root: Path, *, warm_start: bool = False):
    """Makes the pipeline.

    Args:
      fit_args: The settings of `Model.fit`.
      root: Where artifacts, metadata and the pushed model go.
      warm_start: Whether training starts from the latest blessed model.

    Returns:
      A tfx.v1.dsl.Pipeline.
    """
    # Imported here, so that a wrong setting is told before TFX has loaded.
    import tensorflow_model_analysis as tfma
    from tfx import v1 as tfx

    from fit_component import Trainer

    data = files("tfx") / "examples" / "chicago_taxi_pipeline" / "data" / "simple"
    module_file = str(_HERE / "model" / "taxi.py")

    example_gen = tfx.components.CsvExampleGen(input_base=str(data))
    statistics_gen = tfx.components.StatisticsGen(examples=example_gen.outputs["examples"])
    schema_gen = tfx.components.SchemaGen(statistics=statistics_gen.outputs["statistics"])
    example_validator = tfx.components.ExampleValidator(
        statistics=statistics_gen.outputs["statistics"], schema=schema_gen.outputs["schema"]
    )
    transform = tfx.components.Transform(
        examples=example_gen.outputs["examples"],
        schema=schema_gen.outputs["schema"],
        module_file=module_file,
    )
    latest_blessed = tfx.dsl.Resolver(
        strategy_class=tfx.dsl.experimental.LatestBlessedModelStrategy,
        model=tfx.dsl.Channel(type=tfx.types.standard_artifacts.Model),
        model_blessing=tfx.dsl.Channel(type=tfx.types.standard_artifacts.ModelBlessing),
    ).with_id("latest_blessed_model")
    trainer = Trainer(
        module_file=module_file,
        examples=transform.outputs["transformed_examples"],
        transform_graph=transform.outputs["transform_graph"],
        schema=schema_gen.outputs["schema"],
        base_model=latest_blessed.outputs["model"] if warm_start else None,
        train_args=fit_args,
    )
    at_least_70_percent = tfma.MetricThreshold(
        value_threshold=tfma.GenericValueThreshold(lower_bound={"value": 0.7})
    )
    accuracy = tfma.MetricConfig(class_name="BinaryAccuracy", threshold=at_least_70_percent)
    evaluator = tfx.components.Evaluator(
        examples=example_gen.outputs["examples"],
        model=trainer.outputs["model"],
        eval_config=tfma.EvalConfig(
            model_specs=[
                tfma.ModelSpec(
                    signature_name="serving_default",
                    label_key="big_tip",
                    preprocessing_function_names=["transform_features"],
                )
            ],
            slicing_specs=[tfma.SlicingSpec()],
            metrics_specs=[tfma.MetricsSpec(metrics=[accuracy])],
        ),
    )
    pusher = tfx.components.Pusher(
        model=trainer.outputs["model"],
        model_blessing=evaluator.outputs["blessing"],
        push_destination=tfx.proto.PushDestination(
            filesystem=tfx.proto.PushDestination.Filesystem(base_directory=str(root / "pushed"))
        ),
    )
    components = [
        example_gen,
        statistics_gen,
        schema_gen,
        example_validator,
        transform,
        *([latest_blessed] if warm_start else []),
        trainer,
        evaluator,
        pusher,
    ]
    return running.local_pipeline("chicago_taxi", components, root)


@command.pipeline_command(fit=_HERE / "fit.textproto", root=Path("build", "chicago_taxi"))
@click.option(
    "--warm-start",
    is_flag=True,
    help="Starts from the weights of the latest model that the Evaluator blessed.",
)
def main(warm_start: bool, **options: Any) -> None:
    """Trains the Chicago Taxi model in a TFX pipeline."""
    command.run(functools.partial(make_pipeline, warm_start=warm_start), **options)


if __name__ == "__main__":
    main()
