# SPDX-License-Identifier: Apache-2.0
"""RuntimeParameters inside dicts: what is stored, and what each runner makes of it."""

from __future__ import annotations

import builtins
import json
from types import MappingProxyType

import pytest
from executions import DATA, execute, seen
from google.protobuf import text_format
from kubeflow_jobs import compiled, run_trainer
from ml_metadata import metadata_store
from python_components import settings_writer
from tfx import v1 as tfx
from tfx.components.trainer.executor import GenericExecutor
from tfx.dsl.components.base import executor_spec
from tfx.dsl.placeholder import placeholder
from tfx.orchestration.beam.beam_dag_runner import BeamDagRunner
from tfx.orchestration.data_types import RuntimeParameter
from tfx.orchestration.experimental.interactive.interactive_context import InteractiveContext
from tfx.proto import trainer_pb2
from tfx.types import channel_utils, standard_artifacts

from fit_component import FitArgs, FitArgsError, Trainer
from fit_component.runtime_parameters import PROPERTY, put_back

pytestmark = [pytest.mark.tfx, pytest.mark.keras]

EXAMPLES = str(DATA / "transform" / "transformed_examples")
TRAIN_ARGS = {
    "epochs": RuntimeParameter("n-epochs", int, default=10),
    "splits": [RuntimeParameter("split", str, default="train")],
    "verbose": RuntimeParameter("verbose", str, default="SILENT"),
    "callbacks": [
        {
            "early_stopping": {
                "patience": RuntimeParameter("patience", int, default=0),
                "min_delta": RuntimeParameter("delta", float, default=0.0),
                "restore_best_weights": RuntimeParameter("best", str, default="false"),
            }
        }
    ],
}
EVAL_ARGS = {
    "num_steps": RuntimeParameter("n-eval", int, default=0),
    "splits": [RuntimeParameter("eval-split", str, default="eval")],
}
WITH_DEFAULTS = FitArgs(
    epochs=10,
    splits=["train"],
    verbose=FitArgs.SILENT,
    callbacks=[
        {"early_stopping": {"patience": 0, "min_delta": 0.0, "restore_best_weights": False}}
    ],
)


def make(**kwargs):
    """A Trainer over Examples that are not there."""
    examples = channel_utils.as_channel([standard_artifacts.Examples()])
    return Trainer(run_fn="my.run_fn", examples=examples, **kwargs)


def properties(**kwargs):
    """The execution properties of such a Trainer."""
    return make(**kwargs).spec.exec_properties


def pipeline(root, *others, **kwargs):
    """A Trainer over the examples that ship with TFX, in a pipeline with other components."""
    examples = tfx.dsl.Importer(
        source_uri=EXAMPLES,
        artifact_type=standard_artifacts.Examples,
        properties={"split_names": '["train", "eval"]'},
    ).with_id("examples")
    trainer = Trainer(run_fn="run_functions.capture", examples=examples.outputs["result"], **kwargs)
    metadata = tfx.orchestration.metadata.sqlite_metadata_connection_config(str(root / "m.sqlite"))
    return tfx.dsl.Pipeline(
        "parameters",
        pipeline_root=str(root),
        components=[examples, *others, trainer],
        metadata_connection_config=metadata,
    )


def test_each_parameter_becomes_an_execution_property():
    """With a readable name, and a map that tells its fields."""
    stored = properties(train_args=TRAIN_ARGS, eval_args=EVAL_ARGS)
    described = json.loads(stored[PROPERTY])
    assert {
        "argument": "train_args",
        "fields": ["callbacks[0].early_stopping.patience"],
        "parameter": "patience",
    } == described["train_args__patience"]
    assert {"argument": "eval_args", "fields": ["num_steps"], "parameter": "n-eval"} == described[
        "eval_args__n_eval"
    ]
    for name, entry in described.items():
        assert isinstance(stored[name], RuntimeParameter)
        assert entry["parameter"] == stored[name].name
    assert {"splits": [""], "callbacks": [{"early_stopping": {}}]} == json.loads(
        stored["train_args"]
    )


def test_without_parameters_there_are_no_further_properties():
    """A plain dict is stored as ever."""
    assert {"train_args", "eval_args", "run_fn", "custom_config"} == {
        name
        for name, value in properties(train_args={"epochs": 2}, eval_args={}).items()
        if value is not None
    }


def test_one_parameter_may_bring_several_fields():
    """One property for both; TFX knows a parameter by its name."""
    steps = RuntimeParameter("n-steps", int, default=3)
    stored = properties(
        train_args={"num_steps": steps, "epochs": steps}, eval_args={"num_steps": steps}
    )
    assert {
        "train_args__n_steps": ["num_steps", "epochs"],
        "eval_args__n_steps": ["num_steps"],
    } == {name: entry["fields"] for name, entry in json.loads(stored[PROPERTY]).items()}


def test_names_that_differ_only_in_signs_stay_apart():
    """n-steps and n_steps are two parameters; of other letters, too, only signs are left."""
    stored = properties(
        train_args={
            "num_steps": RuntimeParameter("n-steps", int),
            "epochs": RuntimeParameter("N_steps", int),
            "batch_size": RuntimeParameter("n.steps", int),
            "seed": RuntimeParameter("größe", int),
        }
    )
    described = json.loads(stored[PROPERTY])
    assert {
        "train_args__n_steps": "n-steps",
        "train_args__n_steps_2": "N_steps",
        "train_args__n_steps_3": "n.steps",
        "train_args__gr__e": "größe",
    } == {name: entry["parameter"] for name, entry in described.items()}


def test_a_description_stays_with_its_parameter():
    """It may differ from place to place; name, type and default may not."""
    first = RuntimeParameter("n", int, default=3, description="How long.")
    second = RuntimeParameter("n", int, default=3, description="How often.")
    stored = properties(train_args={"epochs": first, "num_steps": second})
    assert ["How long.", "How often."] == [
        stored[name].description for name in json.loads(stored[PROPERTY])
    ]


@pytest.mark.parametrize(
    "other", [RuntimeParameter("n", int, default=4), RuntimeParameter("n", float, default=3.0)]
)
def test_two_parameters_of_one_name_are_refused(other):
    """A runner could give them one value only."""
    weights = {0: other, 1: 1.0} if other.ptype is float else {0: 1.0}
    steps = None if other.ptype is float else {"num_steps": other}
    train_args = {"epochs": RuntimeParameter("n", int, default=3), "class_weight": weights}
    path = r"(train_args\.class_weight\[0\]|eval_args\.num_steps)"
    expected = rf"^Trainer: 1 problem\n  {path} = .*'n'.* rename one"
    with pytest.raises(FitArgsError, match=expected):
        make(train_args=train_args, eval_args=steps)


def test_wrong_parameters_are_refused_at_construction():
    """A type that the field does not take, an unknown field, a default that breaks a check."""
    train_args = {
        "epochs": RuntimeParameter("a", str, default="many"),
        "epcohs": RuntimeParameter("b", int),
        "callbacks": [{"early_stopping": {"patience": RuntimeParameter("c", int, default=-1)}}],
    }
    with pytest.raises(FitArgsError) as caught:
        make(train_args=train_args)
    assert ["epochs", "epcohs", "callbacks[0].early_stopping.patience"] == [
        problem.path for problem in caught.value.problems
    ]


def test_wrong_parameters_of_eval_args_are_refused_at_construction():
    """As those of train_args."""
    with pytest.raises(FitArgsError, match="eval_args: 1 problem\n  num_steps = -1"):
        make(eval_args={"num_steps": RuntimeParameter("n", int, default=-1)})
    with pytest.raises(FitArgsError, match="EvalArgs has no such field; did you mean num_steps"):
        make(eval_args={"num_stesp": RuntimeParameter("n", int)})


@pytest.mark.parametrize("form", [{"num_stesp": 3}, '{"num_stesp": 3}', {"num_steps": "3"}])
def test_eval_args_are_read_strictly(form):
    """TFX would ignore the misspelt name without a word."""
    with pytest.raises(FitArgsError, match="eval_args: 1 problem"):
        make(eval_args=form)


@pytest.mark.parametrize(
    "form",
    [
        {"num_steps": 3, "splits": ["a"]},
        '{"numSteps": 3, "splits": ["a"]}',
        trainer_pb2.EvalArgs(num_steps=3, splits=["a"]),
    ],
    ids=["dict", "json", "message"],
)
def test_all_forms_of_eval_args_store_the_same_string(form):
    """That of the message, as the stock Trainer stores it."""
    message = trainer_pb2.EvalArgs(num_steps=3, splits=["a"])
    assert properties(eval_args=message)["eval_args"] == properties(eval_args=form)["eval_args"]


@pytest.mark.parametrize("default", [None, '{"num_steps": 5}'])
def test_a_whole_parameter_for_eval_args_is_passed_on(default):
    """Its default is read, too."""
    parameter = RuntimeParameter("eval-args", str, default=default)
    assert parameter is properties(eval_args=parameter)["eval_args"]
    with pytest.raises(FitArgsError, match="did you mean num_steps"):
        make(eval_args=RuntimeParameter("eval-args", str, default='{"num_stesp": 5}'))


def test_a_placeholder_for_eval_args_is_passed_on():
    """As one for train_args."""
    value = placeholder.exec_property("settings")
    assert value is properties(eval_args=value)["eval_args"]


def test_a_stock_executor_takes_no_parameters_inside():
    """It would not put them back."""
    spec = executor_spec.ExecutorClassSpec(GenericExecutor)
    steps = {"num_steps": RuntimeParameter("n", int)}
    with pytest.raises(FitArgsError, match="num_steps: would be dropped by GenericExecutor"):
        make(train_args=steps, custom_executor_spec=spec)
    with pytest.raises(FitArgsError, match=r"eval_args: 1 problem\n  num_steps: would be dropped"):
        make(eval_args=steps, custom_executor_spec=spec)
    epochs = {"epochs": RuntimeParameter("n", int, default=3)}
    with pytest.raises(FitArgsError, match=r"^train_args: 1 problem"):
        make(train_args=epochs, custom_executor_spec=spec)
    weights = {"class_weight": {0: 1.0, 1: RuntimeParameter("w", float, default=2.0)}}
    with pytest.raises(FitArgsError, match=r"^Trainer: 2 problems") as caught:
        make(train_args=weights, eval_args=steps, custom_executor_spec=spec)
    told = [problem.path for problem in caught.value.problems]
    assert ["train_args.class_weight", "eval_args.num_steps"] == told


def test_a_parameter_is_found_inside_any_mapping_and_a_tuple():
    """As inside a dict and a list."""
    tree = MappingProxyType({"splits": (RuntimeParameter("split", str),)})
    stored = properties(train_args=tree)
    assert "train_args__split" in json.loads(stored[PROPERTY])


@pytest.mark.parametrize("runner", [tfx.orchestration.LocalDagRunner, BeamDagRunner])
def test_local_runners_bring_the_defaults(runner, tmp_path):
    """The falsy ones too, which TFX's compiler leaves out."""
    runner().run(pipeline(tmp_path, train_args=TRAIN_ARGS, eval_args=EVAL_ARGS))
    fn_args = seen[-1]
    assert (10, ["train"]) == (fn_args.epochs, list(fn_args.fit_args.splits))
    assert WITH_DEFAULTS.callbacks == fn_args.fit_args.callbacks
    assert fn_args.eval_steps is None
    assert fn_args.eval_files[0].endswith("Split-eval/*")


def test_a_local_runner_refuses_a_parameter_without_a_default(tmp_path):
    """It has no values to give; the parameter is named."""
    steps = {"num_steps": RuntimeParameter("n-steps", int)}
    with pytest.raises(RuntimeError, match="not ready for train_args__n_steps"):
        tfx.orchestration.LocalDagRunner().run(pipeline(tmp_path, train_args=steps))


def test_what_was_brought_is_on_record(tmp_path):
    """In the settings files and in ML Metadata, with the parameter's name beside the value."""
    train_args = {**TRAIN_ARGS, "class_weight": {0: 1.0, 1: RuntimeParameter("w", default=2.5)}}
    definition = pipeline(tmp_path, train_args=train_args, eval_args=EVAL_ARGS)
    tfx.orchestration.LocalDagRunner().run(definition)
    (resolved,) = tmp_path.glob("Trainer/model_run/*/fit/resolved.textproto")
    text = resolved.read_text()
    assert "# train_args.epochs = 10, from RuntimeParameter 'n-epochs'\n" in text
    assert "# eval_args.num_steps = 0, from RuntimeParameter 'n-eval'\n" in text
    assert 10 == text_format.Parse(text, FitArgs()).epochs
    store = metadata_store.MetadataStore(definition.metadata_connection_config)
    (model,) = store.get_artifacts_by_type("Model")
    recorded = {
        name: getattr(value, value.WhichOneof("value"))
        for name, value in model.custom_properties.items()
    }
    patience = "fit.callbacks[0].early_stopping.patience"
    assert {
        "fit.epochs": 10,
        "fit.epochs.runtime_parameter": "n-epochs",
        patience: 0,
        f"{patience}.runtime_parameter": "patience",
        "fit.class_weight[1]": 2.5,
        "fit.eval_args.num_steps": 0,
        "fit.eval_args.num_steps.runtime_parameter": "n-eval",
    }.items() <= recorded.items()


def test_a_whole_parameter_still_brings_all_settings(tmp_path):
    """As JSON, by its default."""
    whole = RuntimeParameter("train-args", str, default='{"epochs": 4, "num_steps": 2}')
    tfx.orchestration.LocalDagRunner().run(pipeline(tmp_path, train_args=whole))
    assert (4, 2) == (seen[-1].epochs, seen[-1].train_steps)


def test_a_placeholder_still_brings_all_settings(tmp_path):
    """What another component wrote, as JSON."""
    writer = settings_writer()
    settings = writer.outputs["settings"].future()[0].value
    tfx.orchestration.LocalDagRunner().run(pipeline(tmp_path, writer, train_args=settings))
    assert (4, 2) == (seen[-1].epochs, seen[-1].train_steps)


GIVEN = {
    "n-epochs": 20,
    "split": "train",
    "verbose": "LINE_PER_EPOCH",
    "patience": 0,
    "delta": 0.25,
    "best": "true",
    "n-eval": 3,
    "eval-split": "eval",
}


@pytest.mark.parametrize("version", ["2.0", "2.1"])
def test_kubeflow_brings_the_values_given_when_the_pipeline_is_started(version, tmp_path):
    """Through the compiled job and TFX's own entry point of the container."""
    job = compiled(pipeline(tmp_path, train_args=TRAIN_ARGS, eval_args=EVAL_ARGS), version)
    metadata = run_trainer(job, GIVEN, EXAMPLES, tmp_path)
    fn_args = seen[-1]
    stopping = {"patience": 0, "min_delta": 0.25, "restore_best_weights": True}
    assert (20, 3) == (fn_args.epochs, fn_args.eval_steps)
    assert FitArgs.LINE_PER_EPOCH == fn_args.fit_args.verbose
    assert FitArgs(callbacks=[{"early_stopping": stopping}]).callbacks == fn_args.fit_args.callbacks
    assert {"fit.epochs": 20.0, "fit.epochs.runtime_parameter": "n-epochs"}.items() <= (
        metadata["model"].items()
    )


@pytest.mark.parametrize("version", ["2.0", "2.1"])
def test_a_value_that_breaks_a_check_fails_before_run_fn(version, tmp_path):
    """Parameter and field are named; of values that are wrong together, both."""
    job = compiled(pipeline(tmp_path, train_args=TRAIN_ARGS, eval_args=EVAL_ARGS), version)
    before = len(seen)
    with pytest.raises(FitArgsError) as caught:
        run_trainer(job, {**GIVEN, "n-epochs": 0, "best": "yes"}, EXAMPLES, tmp_path)
    told = str(caught.value)
    assert "epochs = 0: must be 1 or more (from RuntimeParameter 'n-epochs')" in told
    assert 'restore_best_weights = "yes": must be true or false (from RuntimeParameter' in told
    assert before == len(seen)


def test_a_parameter_that_was_given_no_value_is_named(tmp_path):
    """By an orchestrator that leaves it out."""
    described = {
        "train_args__n": {"argument": "train_args", "fields": ["epochs"], "parameter": "n"},
        "eval_args__m": {"argument": "eval_args", "fields": ["num_steps"], "parameter": "m"},
    }
    with pytest.raises(FitArgsError) as caught:
        execute(tmp_path, "capture", "{}", **{PROPERTY: json.dumps(described)})
    told = str(caught.value)
    assert "train_args.epochs: RuntimeParameter 'n' was given no value" in told
    assert "eval_args.num_steps: RuntimeParameter 'm' was given no value" in told


def test_what_was_brought_is_on_record_without_other_settings(tmp_path):
    """Even of what TrainArgs have; the executor hands on what the stock one knows."""
    described = {
        "eval_args__m": {"argument": "eval_args", "fields": ["num_steps"], "parameter": "m"}
    }
    made = execute(
        tmp_path, "capture", "{}", **{PROPERTY: json.dumps(described), "eval_args__m": 3}
    )
    assert "m" == made["model"].get_string_custom_property(
        "fit.eval_args.num_steps.runtime_parameter"
    )
    assert (tmp_path / "model_run" / "fit" / "requested.textproto").exists()


def test_only_what_the_stock_executor_knows_is_handed_on():
    """The properties of parameters have done their work."""
    described = {
        "train_args__n": {"argument": "train_args", "fields": ["epochs"], "parameter": "n"}
    }
    given = {"train_args": "{}", "run_fn": "f", "train_args__n": 3, PROPERTY: json.dumps(described)}
    complete, _ = put_back(given)
    assert {"train_args": {"epochs": 3}, "run_fn": "f"} == {
        **complete,
        "train_args": json.loads(complete["train_args"]),
    }


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"train_args__n": 0}, "train_args: 1 problem"),
        ({"train_args__n": 0, "eval_args__n": -1}, "Trainer: 2 problems"),
        ({"train_args__n": RuntimeParameter("n", int)}, "train_args: 1 problem"),
    ],
)
def test_the_argument_is_told_when_the_pipeline_runs(values, told):
    """Of a wrong value, of one in each, of one that a notebook was not given."""
    fields = {"train_args": "epochs", "eval_args": "num_steps"}
    described = {
        f"{argument}__n": {"argument": argument, "fields": [field], "parameter": "n"}
        for argument, field in fields.items()
        if f"{argument}__n" in values
    }
    with pytest.raises(FitArgsError, match=f"^{told}\n"):
        put_back({"train_args": "{}", "eval_args": "{}", PROPERTY: json.dumps(described), **values})


def test_a_notebook_brings_the_defaults(tmp_path, monkeypatch):
    """TFX's InteractiveContext gives the executor the parameters themselves."""
    monkeypatch.setattr(builtins, "__IPYTHON__", True, raising=False)
    data = tmp_path / "data"
    data.mkdir()
    (data / "data.csv").write_text("x\n" + "1\n2\n" * 10)
    context = InteractiveContext(pipeline_root=str(tmp_path / "root"))
    example_gen = tfx.components.CsvExampleGen(input_base=str(data))
    examples = example_gen.outputs["examples"]
    trainer = Trainer(
        run_fn="run_functions.capture",
        examples=examples,
        train_args=TRAIN_ARGS,
        eval_args=EVAL_ARGS,
    )
    for component in (example_gen, trainer):
        context.run(component)
    assert 10 == seen[-1].epochs
    assert WITH_DEFAULTS.callbacks == seen[-1].fit_args.callbacks
