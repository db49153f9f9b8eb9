# SPDX-License-Identifier: Apache-2.0
"""The Trainer as a component: what it takes, what it stores, what it refuses."""

from __future__ import annotations

import inspect
import json

import pytest
from kubeflow_jobs import compiled
from tfx import v1 as tfx
from tfx.components.trainer import component as stock
from tfx.components.trainer.executor import GenericExecutor
from tfx.dsl.components.base import executor_spec
from tfx.dsl.placeholder import placeholder
from tfx.orchestration.data_types import RuntimeParameter
from tfx.proto import trainer_pb2
from tfx.types import channel_utils, standard_artifacts
from tfx.utils import json_utils

from fit_component import FitArgs, FitArgsError, FitExecutor, Trainer

pytestmark = pytest.mark.tfx

SETTINGS = FitArgs(
    splits=["train"],
    num_steps=10,
    epochs=3,
    callbacks=[{"early_stopping": {"patience": 2, "min_delta": 0.001}}],
    class_weight={0: 1.0, 1: 2.5},
    verbose=FitArgs.SILENT,
)
AS_DICT = {
    "callbacks": [{"early_stopping": {"patience": 2, "min_delta": 1e-3}}],
    "class_weight": {1: 2.5, 0: 1},
    "epochs": 3,
    "num_steps": 10,
    "splits": ["train"],
    "verbose": "SILENT",
}
AS_JSON = """{"splits": ["train"], "numSteps": 10, "epochs": 3, "verbose": 0,
  "class_weight": {"0": 1.0, "1": 2.5},
  "callbacks": [{"early_stopping": {"patience": 2, "min_delta": 0.001}}]}"""


def channel(artifact_type):
    return channel_utils.as_channel([artifact_type()])


def make(cls=Trainer, **kwargs):
    kwargs.setdefault("module_file", "/path/to/module.py")
    return cls(examples=channel(standard_artifacts.Examples), **kwargs)


def stored(trainer):
    return trainer.spec.exec_properties["train_args"]


def test_it_is_a_stock_trainer():
    """Node id, class and outputs are those of the component it replaces."""
    trainer = make()
    assert isinstance(trainer, stock.Trainer)
    assert "Trainer" == trainer.id
    assert {"model", "model_run"} == set(trainer.outputs)
    assert FitExecutor is trainer.executor_spec.executor_class


def test_its_arguments_are_those_of_the_installed_trainer():
    """help() and editors show the signature of the installed release."""
    assert inspect.signature(stock.Trainer.__init__) == inspect.signature(Trainer.__init__)


@pytest.mark.parametrize("form", [SETTINGS, AS_DICT, AS_JSON], ids=["message", "dict", "json"])
def test_all_forms_of_the_same_settings_store_the_same_string(form):
    """A run with settings in another form is a cache hit."""
    assert stored(make(train_args=SETTINGS)) == stored(make(train_args=form))


@pytest.mark.parametrize(
    "message",
    [
        trainer_pb2.TrainArgs(),
        trainer_pb2.TrainArgs(num_steps=100),
        trainer_pb2.TrainArgs(splits=["a", "b"], num_steps=3),
    ],
    ids=str,
)
def test_train_args_are_stored_as_stock_tfx_stores_them(message):
    """Whoever uses nothing new gets the stock execution property."""
    as_dict = {"splits": list(message.splits), "num_steps": message.num_steps}
    expected = stored(make(stock.Trainer, train_args=message))
    assert expected == stored(make(train_args=message))
    assert expected == stored(make(train_args=FitArgs(**as_dict)))
    assert expected == stored(make(train_args=as_dict))


def test_no_train_args_are_stored_as_stock_tfx_stores_none():
    """train_args is optional, as it is in the stock Trainer."""
    assert stored(make(stock.Trainer)) == stored(make())


def test_positional_arguments_are_those_of_the_installed_trainer():
    """Arguments by position land where the stock Trainer puts them."""
    parameters = list(inspect.signature(stock.Trainer.__init__).parameters)[1:]
    values = {
        "examples": channel(standard_artifacts.Examples),
        "module_file": "/module.py",
        "train_args": SETTINGS,
    }
    trainer = Trainer(*[values.get(name) for name in parameters])
    assert "/module.py" == trainer.spec.exec_properties["module_file"]
    assert stored(make(train_args=SETTINGS)) == stored(trainer)


def test_every_other_argument_is_passed_on():
    """Channels, custom_config and run_fn reach the spec."""
    trainer = make(
        module_file=None,
        run_fn="my.module.run_fn",
        transform_graph=channel(standard_artifacts.TransformGraph),
        schema=channel(standard_artifacts.Schema),
        base_model=channel(standard_artifacts.Model),
        hyperparameters=channel(standard_artifacts.HyperParameters),
        custom_config={"a": 1},
        train_args=SETTINGS,
        eval_args=trainer_pb2.EvalArgs(num_steps=5),
    )
    expected = {"examples", "transform_graph", "schema", "base_model", "hyperparameters"}
    assert expected == set(trainer.inputs)
    assert '{"a": 1}' == trainer.spec.exec_properties["custom_config"]
    assert "my.module.run_fn" == trainer.spec.exec_properties["run_fn"]


@pytest.mark.skipif(
    "statistics" not in inspect.signature(stock.Trainer.__init__).parameters,
    reason="TFX's Trainer takes statistics from 1.17 on",
)
def test_statistics_are_passed_on():
    """The input that later releases added is taken."""
    statistics = channel(standard_artifacts.ExampleStatistics)
    assert "statistics" in make(statistics=statistics).inputs


def test_an_argument_that_the_installed_trainer_lacks_is_a_type_error():
    """A misspelt argument is told as Python tells it."""
    with pytest.raises(TypeError, match="trian_args"):
        make(trian_args=SETTINGS)


def test_wrong_settings_are_told_at_construction_all_together():
    """Hours before training would start."""
    with pytest.raises(FitArgsError) as caught:
        make(train_args={"epcohs": 5, "batch_size": 0, "seed": "1"})
    assert ["epcohs", "seed", "batch_size"] == [p.path for p in caught.value.problems]


def test_train_args_and_eval_args_are_told_together():
    """A user repairs both before the next try."""
    with pytest.raises(FitArgsError) as caught:
        make(train_args={"epochs": 0}, eval_args={"num_stesp": 1})
    assert str(caught.value).startswith("Trainer: 2 problems\n")
    assert ["train_args.epochs", "eval_args.num_stesp"] == [
        problem.path for problem in caught.value.problems
    ]


def test_a_message_of_eval_args_is_checked_like_a_dict():
    """The form of the same mistake makes no difference."""
    for given in (trainer_pb2.EvalArgs(num_steps=-1), {"num_steps": -1}, '{"num_steps": -1}'):
        with pytest.raises(FitArgsError, match="num_steps = -1: must be 0 or more"):
            make(eval_args=given)


def test_it_survives_a_round_trip_through_json(monkeypatch):
    """TFX serialises components so, those without a module file to package."""
    monkeypatch.setenv("UNSUPPORTED_DO_NOT_PACKAGE_USER_MODULES", "1")
    trainer = make(train_args=SETTINGS)
    again = json_utils.loads(json_utils.dumps(trainer))
    assert type(again) is Trainer
    assert stored(trainer) == stored(again)


def test_a_whole_runtime_parameter_is_passed_on():
    """One parameter may hold all settings as JSON; its default is checked."""
    parameter = RuntimeParameter("train-args", ptype=str, default=AS_JSON)
    assert parameter is stored(make(train_args=parameter))
    wrong = RuntimeParameter("train-args", ptype=str, default='{"epcohs": 1}')
    with pytest.raises(FitArgsError, match="did you mean epochs"):
        make(train_args=wrong)


def test_a_placeholder_is_passed_on():
    """Settings may come from another component when the pipeline runs."""
    value = placeholder.exec_property("settings")
    assert isinstance(stored(make(train_args=value)), placeholder.Placeholder)


def test_a_stock_executor_takes_train_args_only():
    """Settings that the executor would drop without a word are refused."""
    spec = executor_spec.ExecutorClassSpec(GenericExecutor)
    make(train_args={"num_steps": 3}, custom_executor_spec=spec)
    with pytest.raises(FitArgsError, match="epochs: would be dropped by GenericExecutor"):
        make(train_args={"num_steps": 3, "epochs": 2}, custom_executor_spec=spec)


def test_empty_train_args_are_none():
    """TFX takes anything empty as no train_args."""
    assert stored(make()) == stored(make(train_args="")) == stored(make(train_args={}))


def test_help_lists_the_arguments():
    """Of the installed release."""
    assert "custom_config:" in Trainer.__init__.__doc__


def test_an_executor_derived_from_ours_takes_everything():
    """Teams derive executors."""

    class TeamExecutor(FitExecutor):
        pass

    spec = executor_spec.ExecutorClassSpec(TeamExecutor)
    make(train_args=SETTINGS, custom_executor_spec=spec)


def test_several_trainers_live_in_one_pipeline():
    """with_id works as for any component."""
    assert "Trainer.fine_tune" == make().with_id("Trainer.fine_tune").id


def test_the_v1_api_takes_it(tmp_path):
    """A pipeline of the public API is built with it."""
    example_gen = tfx.components.CsvExampleGen(input_base=str(tmp_path))
    trainer = Trainer(
        run_fn="my.run_fn", examples=example_gen.outputs["examples"], train_args=SETTINGS
    )
    pusher = tfx.components.Pusher(
        model=trainer.outputs["model"],
        push_destination=tfx.proto.PushDestination(
            filesystem=tfx.proto.PushDestination.Filesystem(base_directory=str(tmp_path))
        ),
    )
    pipeline = tfx.dsl.Pipeline(
        "p", pipeline_root=str(tmp_path), components=[example_gen, trainer, pusher]
    )
    assert ["CsvExampleGen", "Trainer", "Pusher"] == [node.id for node in pipeline.components]


def test_a_pipeline_compiles_for_kubeflow(tmp_path):
    """The settings are a constant string of the job."""
    example_gen = tfx.components.CsvExampleGen(input_base=str(tmp_path))
    trainer = Trainer(
        run_fn="my.run_fn", examples=example_gen.outputs["examples"], train_args=SETTINGS
    )
    pipeline = tfx.dsl.Pipeline(
        "taxi", pipeline_root=str(tmp_path), components=[example_gen, trainer]
    )
    job = compiled(pipeline, "2.0")
    parameters = job["root"]["dag"]["tasks"]["Trainer"]["inputs"]["parameters"]
    assert json.dumps(stored(trainer)) in json.dumps(parameters["train_args"])
    executors = job["deploymentSpec"]["executors"]
    command = next(v for k, v in executors.items() if k.startswith("Trainer"))["container"]["args"]
    assert "fit_component.executor.FitExecutor" in command


def test_a_stock_executor_is_known_wherever_it_is_named():
    """By position, by a derived Trainer; and a parameter's default is no way around."""
    spec = executor_spec.ExecutorClassSpec(GenericExecutor)

    class TeamTrainer(Trainer):
        EXECUTOR_SPEC = spec

    parameters = list(inspect.signature(stock.Trainer.__init__).parameters)[1:]
    values = {
        "examples": channel(standard_artifacts.Examples),
        "module_file": "/module.py",
        "train_args": SETTINGS,
        "custom_executor_spec": spec,
    }
    with pytest.raises(FitArgsError, match="would be dropped"):
        Trainer(*[values.get(name) for name in parameters])
    with pytest.raises(FitArgsError, match="would be dropped"):
        make(TeamTrainer, train_args=SETTINGS)
    parameter = RuntimeParameter("train-args", ptype=str, default=AS_JSON)
    with pytest.raises(FitArgsError, match="would be dropped"):
        make(train_args=parameter, custom_executor_spec=spec)


def test_an_executor_in_a_container_takes_everything():
    """Its class is not known here."""
    spec = executor_spec.ExecutorContainerSpec(image="image", command=["train"])
    assert stored(make(train_args=SETTINGS)) == stored(
        make(train_args=SETTINGS, custom_executor_spec=spec)
    )
