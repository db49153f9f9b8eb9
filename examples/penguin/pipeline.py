# SPDX-License-Identifier: Apache-2.0
"""The penguin pipeline: no Transform; the module file reads by the schema.

python -m examples.penguin.pipeline --fit FILE --set epochs=5 --root DIR
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from examples import command, running
from examples.penguin import data
from fit_component import FitArgs

_HERE = Path(__file__).parent


def make_pipeline(fit_args: FitArgs, root: Path):
    """Makes the pipeline.

    Args:
      fit_args: The settings of `Model.fit`.
      root: Where data, artifacts, metadata and the pushed model go.

    Returns:
      A tfx.v1.dsl.Pipeline.
    """
    # Imported here, so that a wrong setting is told before TFX has loaded.
    import tensorflow_model_analysis as tfma
    from tfx import v1 as tfx

    from fit_component import Trainer

    example_gen = tfx.components.CsvExampleGen(input_base=str(data.write_csv(root)))
    statistics_gen = tfx.components.StatisticsGen(examples=example_gen.outputs["examples"])
    schema_gen = tfx.components.SchemaGen(statistics=statistics_gen.outputs["statistics"])
    trainer = Trainer(
        module_file=str(_HERE / "model" / "penguin.py"),
        examples=example_gen.outputs["examples"],
        schema=schema_gen.outputs["schema"],
        train_args=fit_args,
    )
    at_least_90_percent = tfma.MetricThreshold(
        value_threshold=tfma.GenericValueThreshold(lower_bound={"value": 0.9})
    )
    accuracy = tfma.MetricConfig(
        class_name="SparseCategoricalAccuracy", threshold=at_least_90_percent
    )
    evaluator = tfx.components.Evaluator(
        examples=example_gen.outputs["examples"],
        model=trainer.outputs["model"],
        eval_config=tfma.EvalConfig(
            model_specs=[tfma.ModelSpec(signature_name="serving_default", label_key="species")],
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
    return running.local_pipeline(
        "penguin", [example_gen, statistics_gen, schema_gen, trainer, evaluator, pusher], root
    )


@command.pipeline_command(fit=_HERE / "fit.textproto", root=Path("build", "penguin"))
def main(**options: Any) -> None:
    """Trains the penguin model in a TFX pipeline."""
    command.run(make_pipeline, **options)


if __name__ == "__main__":
    main()
