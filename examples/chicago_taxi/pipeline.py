# SPDX-License-Identifier: Apache-2.0
"""The Chicago Taxi pipeline; its fit settings come from a file.

python -m examples.chicago_taxi.pipeline --fit FILE --set epochs=5 --root DIR
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click

from examples import running
from examples.outcome import describe_outcome
from fit_component import FitArgs, FitArgsError, load_fit_args

_HERE = Path(__file__).parent


def make_pipeline(fit_args: FitArgs, root: Path):
    """Makes the pipeline.

    Args:
      fit_args: The settings of `Model.fit`.
      root: Where artifacts, metadata and the pushed model go.

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
    trainer = Trainer(
        module_file=module_file,
        examples=transform.outputs["transformed_examples"],
        transform_graph=transform.outputs["transform_graph"],
        schema=schema_gen.outputs["schema"],
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
    return tfx.dsl.Pipeline(
        pipeline_name="chicago_taxi",
        pipeline_root=str(root / "artifacts"),
        metadata_connection_config=tfx.orchestration.metadata.sqlite_metadata_connection_config(
            str(root / "metadata.sqlite")
        ),
        components=[
            example_gen,
            statistics_gen,
            schema_gen,
            example_validator,
            transform,
            trainer,
            evaluator,
            pusher,
        ],
        enable_cache=True,
        beam_pipeline_args=["--direct_running_mode=in_memory", "--direct_num_workers=1"],
    )


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--fit",
    default=_HERE / "fit.textproto",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The settings of Model.fit: .textproto, .json or .yaml.",
)
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="PATH=VALUE",
    help="Overrides a setting, such as callbacks[0].early_stopping.patience=5. Repeatable.",
)
@click.option(
    "--root",
    default=Path("build", "chicago_taxi"),
    type=click.Path(file_okay=False, path_type=Path),
    help="Where artifacts, metadata and logs go.",
    show_default=True,
)
def main(fit: Path, overrides: tuple[str, ...], root: Path) -> None:
    """Trains the Chicago Taxi model in a TFX pipeline."""
    try:
        fit_args = load_fit_args(fit, overrides=overrides)
        root.mkdir(parents=True, exist_ok=True)
        running.run(lambda: make_pipeline(fit_args, root), root)
    except FitArgsError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"\n{describe_outcome(root, history_file='history.csv')}")


if __name__ == "__main__":
    main()
