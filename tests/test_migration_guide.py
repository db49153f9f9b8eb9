# SPDX-License-Identifier: Apache-2.0
"""What docs/migration.md shows and says, held against TFX's own module file."""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
import shutil
import subprocess
import textwrap
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

import fit_component
from fit_component import Callback, FitArgs, FitArgsError, load_fit_args, parse_fit_args

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "migration.md"
TEXT = PAGE.read_text()
BLOCKS = re.findall(r"^ *```(\w+)\n(.*?)^ *```", TEXT, flags=re.DOTALL | re.MULTILINE)
STEPS = 2  # in place of the page's numbers, which would take minutes


def blocks(language: str) -> list[str]:
    """The code blocks of a language, in order."""
    return [textwrap.dedent(text) for name, text in BLOCKS if name == language]


PIPELINE_IMPORT, MODULE_DIFF, PIPELINE_SETTINGS = blocks("diff")
SAME, CHANGED, OBEYED = blocks("yaml")


def side(diff: str, sign: str) -> str:
    """What a diff without line numbers starts from (-) or leads to (+)."""
    return "".join(line[1:] or "\n" for line in diff.splitlines(True) if line[0] in f"{sign} \n")


def spans(cell: str) -> list[str]:
    """The pieces of code in a cell of the table."""
    return re.findall(r"`([^`]+)`", cell)


def rows() -> list[tuple[list[str], list[str]]]:
    """The code of today and of tomorrow in each row of the table."""
    lines = TEXT[TEXT.index("| today | now |") :].split("\n\n")[0].splitlines()[2:]
    return [tuple(spans(cell) for cell in line.split("|")[1:3]) for line in lines]


def settings_in(cell: list[str]) -> list[str]:
    """The pieces that are settings in YAML."""
    return [span for span in cell if isinstance(yaml.safe_load(span), dict)]


SETTINGS_ROWS = [(code, settings_in(now)[0]) for code, now in rows() if settings_in(now)]


@pytest.mark.parametrize("text", [SAME, CHANGED])
def test_the_settings_load(text):
    """Both files are right, and set what the page explains."""
    fit_args = parse_fit_args(text, format="yaml")
    assert fit_args.num_steps
    assert fit_args.batch_size


def test_the_changed_settings_are_as_much_work():
    """The page says that 200 steps in 5 epochs are as many batches as 1000."""
    same, changed = (parse_fit_args(text, format="yaml") for text in (SAME, CHANGED))
    assert same.num_steps == changed.num_steps * changed.epochs


def test_links_lead_somewhere():
    """No file and no heading that is linked is missing."""
    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        path, _, anchor = target.partition("#")
        linked = (PAGE.parent / path).resolve()
        assert linked.is_file(), target
        headings = re.findall(r"^#+ (.*)$", linked.read_text(), flags=re.MULTILINE)
        assert not anchor or anchor in [
            re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings
        ]


def test_each_hunk_is_explained():
    """The list below the diff has an item for each hunk."""
    explanation = TEXT[TEXT.index("Hunk by hunk:") : TEXT.index("With these settings")]
    items = re.findall(r"^\d+\.", explanation, flags=re.MULTILINE)
    assert MODULE_DIFF.count("\n@@ ") == len(items)


@pytest.mark.parametrize(("code", "settings"), SETTINGS_ROWS)
def test_every_setting_in_the_table_is_one(code, settings):
    """What stands in the middle column can be copied into a file."""
    parse_fit_args(settings, format="yaml")


def test_the_table_has_every_field():
    """A field or callback that is added gets a row."""
    shown = FitArgs()
    for _, settings in SETTINGS_ROWS:
        shown.MergeFrom(parse_fit_args(settings, format="yaml"))
    assert {field.name for field in FitArgs.DESCRIPTOR.fields} == {
        field.name for field, _ in shown.ListFields()
    }
    kinds = {callback.WhichOneof("callback") for callback in shown.callbacks}
    assert {field.name for field in Callback.DESCRIPTOR.fields} == kinds


@pytest.mark.tfx
def test_every_name_in_the_table_is_there():
    """Code in the middle column uses names and arguments that exist."""
    from tfx.v1 import proto

    known = {"load_fit_args": fit_component, "EvalArgs": proto}
    code = [span for _, now in rows() for span in now if span not in settings_in(now)]
    assert 10 < len(code)
    for node in (node for span in code for node in ast.walk(ast.parse(f"f({span})"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id != "f":
            assert hasattr(known[node.func.id], node.func.id)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            require_arguments(node)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "fn_args":
            assert hasattr(fit_component.FitFnArgs(), node.attr)


def require_arguments(call: ast.Call) -> None:
    """Fails if a method of fn_args lacks one of the arguments in a call."""
    method = getattr(fit_component.FitFnArgs, call.func.attr)
    arguments = {keyword.arg: None for keyword in call.keywords}
    inspect.signature(method).bind(None, *call.args, **arguments)


@pytest.fixture
def fn_args_of(tmp_path):
    """Makes the FitFnArgs of settings in YAML."""

    def make(settings: str):
        return fit_component.testing.make_fn_args(
            parse_fit_args(settings, format="yaml"),
            examples=[{"x": 1.0}],
            eval_args={"num_steps": 150},
            directory=tmp_path,
        )

    return make


def rows_with(start: str) -> list[tuple[str, str]]:
    """Code of today that can be evaluated, with the settings that replace it."""
    pairs = [(span, settings) for code, settings in SETTINGS_ROWS for span in code]
    return [(span, settings) for span, settings in pairs if re.match(start, span)]


@pytest.mark.tfx
@pytest.mark.keras
@pytest.mark.parametrize(("code", "settings"), rows_with(r"fit\("))
def test_fit_gets_what_it_got(fn_args_of, code, settings):
    """Arguments of fit in the first column come from the settings in the second."""
    fn_args = fn_args_of(settings)
    expected = eval(code, {"fit": dict, "fn_args": fn_args})
    made = {**fn_args.fit_kwargs, "batch_size": fn_args.batch_size}
    assert expected == {name: made[name] for name in expected}


@pytest.mark.tfx
@pytest.mark.keras
@pytest.mark.parametrize(
    ("code", "settings"),
    rows_with(
        r"EarlyStopping|TensorBoard|ModelCheck|ReduceLR|CSVLogger|TerminateOnNaN\(\)|Backup|Remote|Swap"
    ),
)
def test_the_callback_is_the_same(fn_args_of, code, settings):
    """A callback in the first column is the one that the settings make."""
    import tensorflow as tf

    if not hasattr(tf.keras.callbacks, code.partition("(")[0]):
        with pytest.raises(FitArgsError, match="does not have it; Keras 3"):
            fn_args_of(settings).callbacks  # noqa: B018  (the access is what fails)
        return
    fn_args = fn_args_of(settings)
    expected = eval(code, {**vars(tf.keras.callbacks), "fn_args": fn_args, "os": os})
    (made,) = fn_args.callbacks
    assert type(expected) is type(made)
    assert plain_state(expected) == plain_state(made)


def plain_state(callback) -> dict:
    """The arguments of a callback, as far as its public attributes keep them."""
    return {
        name: value
        for name, value in vars(callback).items()
        # A mode of auto is given as what it stands for.
        if isinstance(value, (str, int, float)) and not name.startswith("_") and name != "mode"
    }


@pytest.mark.tfx
@pytest.mark.keras
@pytest.mark.parametrize(("code", "settings"), rows_with(r"Adam|SGD"))
def test_the_optimizer_is_the_same(fn_args_of, code, settings):
    """An optimizer in the first column is the one that the settings make."""
    import tensorflow as tf

    optimizers = tf.keras.optimizers
    expected = eval(code, {**vars(optimizers), **vars(optimizers.schedules)})
    assert plain_config(expected) == plain_config(fn_args_of(settings).optimizer)


def plain_config(optimizer) -> dict:
    """What an optimizer is made of, but for its name; of a schedule inside, its arguments."""

    def plain(rate):
        return rate.get_config() if hasattr(rate, "get_config") else float(rate)

    return json.loads(json.dumps({**optimizer.get_config(), "name": None}, default=plain))


@pytest.mark.tfx
@pytest.mark.keras
@pytest.mark.parametrize(("code", "settings"), rows_with(r"compile\("))
def test_compile_gets_what_it_got(fn_args_of, code, settings):
    """Arguments of compile in the first column come from the settings in the second."""
    assert eval(code, {"compile": dict}) == fn_args_of(settings).compile_kwargs


@pytest.mark.tfx
@pytest.mark.parametrize("diff", [PIPELINE_IMPORT, PIPELINE_SETTINGS])
def test_the_pipeline_can_be_built_before_and_after(tmp_path, monkeypatch, diff):
    """The same number of steps is stored, and eval_args as they were."""
    (tmp_path / "taxi.yaml").write_text(SAME)
    monkeypatch.chdir(tmp_path)
    before, after = (properties(side(diff, sign)) for sign in "-+")
    assert 1000 == before["train_args"]["num_steps"] == after["train_args"]["num_steps"]
    assert {"num_steps": 150} == before["eval_args"] == after["eval_args"]


@pytest.mark.tfx
def test_the_import_alone_stores_the_same(tmp_path, monkeypatch):
    """After the first step, train_args is what the stock Trainer stores."""
    monkeypatch.chdir(tmp_path)
    before, after = (properties(side(PIPELINE_IMPORT, sign)) for sign in "-+")
    assert before == after


def properties(code: str) -> dict:
    """What the Trainer that some code makes stores."""
    from tfx.types import channel_utils, standard_artifacts

    outputs = {
        "transformed_examples": channel_utils.as_channel([standard_artifacts.Examples()]),
        "transform_graph": channel_utils.as_channel([standard_artifacts.TransformGraph()]),
    }
    names = {"transform": SimpleNamespace(outputs=outputs)}
    exec(code, names)
    stored = names["trainer"].spec.exec_properties
    return {name: json.loads(stored[name]) for name in ("train_args", "eval_args")}


@pytest.mark.tfx
def test_a_changed_module_needs_the_new_trainer():
    """As the page says, the stock FnArgs has no train_dataset."""
    from tfx.components.trainer.fn_args_utils import FnArgs

    assert not hasattr(FnArgs(), "train_dataset")


@pytest.fixture(scope="module")
def old_file(tmp_path_factory):
    """A copy of TFX's own module file."""
    original = files("tfx") / "examples" / "chicago_taxi_pipeline" / "taxi_utils.py"
    return Path(shutil.copy(original, tmp_path_factory.mktemp("old")))


@pytest.fixture(scope="module")
def new_file(old_file, tmp_path_factory):
    """The same with the page's diff applied."""
    copy = Path(shutil.copy(old_file, tmp_path_factory.mktemp("new")))
    subprocess.run(["git", "apply"], cwd=copy.parent, input=MODULE_DIFF, text=True, check=True)
    return copy


@pytest.fixture(scope="module")
def transformed():
    """The examples and the graph that ship with TFX for its own tests."""
    directory = Path(str(files("tfx") / "components" / "testdata" / "transform"))
    return {name: directory / name for name in ("transformed_examples", "transform_graph")}


def train(module_file, settings, transformed, directory):
    """Trains as our Trainer does."""
    return fit_component.testing.run_module(
        module_file,
        settings,
        examples=transformed["transformed_examples"],
        transform_graph=transformed["transform_graph"],
        eval_args={"num_steps": STEPS},
        directory=directory,
    )


@pytest.fixture(scope="module")
def before(old_file, tmp_path_factory):
    """What fit got when the stock executor trained TFX's file."""
    from executions import inputs, outputs
    from tfx.components.trainer.executor import GenericExecutor

    from fit_component.training.observation import observed_fits

    directory = tmp_path_factory.mktemp("before")
    steps = json.dumps({"num_steps": STEPS})
    given = {"train_args": steps, "eval_args": steps, "module_file": str(old_file)}
    with observed_fits() as fits:
        GenericExecutor().Do(inputs(), outputs(directory), given)
    (fit,) = fits
    return SimpleNamespace(fit=fit, model_run_dir=str(directory / "model_run"))


@pytest.fixture(scope="module")
def after(new_file, transformed, tmp_path_factory):
    """The page's own code that trains the changed file with the page's settings."""
    directory = tmp_path_factory.mktemp("after")
    shutil.copy(new_file, directory)
    (directory / "taxi.yaml").write_text(SAME)
    for name, target in transformed.items():
        (directory / name).symlink_to(target)
    names = {}
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(directory)
        exec(blocks("python")[0], names)
    return names["run"]


def described(run) -> dict:
    """What fit got that is not its default, and how the model is distributed and optimised."""
    fit, defaults = run.fit, inspect.signature(type(run.fit.model).fit).parameters
    given = {
        name: value for name, value in fit.arguments.items() if value != defaults[name].default
    }
    for name in ("x", "validation_data"):
        given[name] = given[name].element_spec
    given["callbacks"] = [described_callback(it, run) for it in given["callbacks"]]
    strategy = fit.model.distribute_strategy
    given["strategy"] = type(strategy), strategy.num_replicas_in_sync
    optimizer = fit.model.optimizer.get_config()
    optimizer["name"] = re.sub(r"_\d+$", "", optimizer["name"])  # newer Keras 3 counts them
    given["model"] = fit.model.count_params(), optimizer
    return given


def described_callback(callback, run) -> dict:
    """A callback that writes logs, without the directory of its run."""
    log_dir = os.path.relpath(callback.log_dir, run.model_run_dir)
    return {"class": type(callback), **plain_state(callback), "log_dir": log_dir}


@pytest.mark.tfx
@pytest.mark.keras
@pytest.mark.slow
def test_the_changed_file_trains_as_before(before, after):
    """Same steps, batches, callbacks, strategy and optimizer as under the stock executor."""
    description = described(before)
    assert description == described(after)
    assert (STEPS, STEPS) == (description["steps_per_epoch"], description["validation_steps"])
    assert [40] == description["x"][1].shape[:1]
    assert "MirroredStrategy" == description["strategy"][0].__name__
    assert ["."] == [callback["log_dir"] for callback in description["callbacks"]]


@pytest.mark.tfx
@pytest.mark.keras
@pytest.mark.slow
def test_the_untouched_file_trains_as_before(before, old_file, transformed, tmp_path):
    """The first step alone: TFX's file and TrainArgs, under our Trainer."""
    from tfx.proto import trainer_pb2

    run = train(old_file, trainer_pb2.TrainArgs(num_steps=STEPS), transformed, tmp_path)
    assert described(before) == described(run)


@pytest.mark.tfx
@pytest.mark.keras
@pytest.mark.slow
def test_evaluation_is_read_in_order_now(before, after):
    """The old file's passes differ from each other, the new file's do not."""
    assert not is_repeatable(before.fit.arguments["validation_data"])
    assert is_repeatable(after.fit.arguments["validation_data"])
    assert not is_repeatable(after.fit.arguments["x"])


def is_repeatable(dataset) -> bool:
    """Whether two iterations start with the same batch."""
    first, second = (next(iter(dataset))[0]["trip_miles_xf"].numpy() for _ in range(2))
    return (first == second).all()


@pytest.mark.tfx
@pytest.mark.keras
@pytest.mark.slow
def test_changed_settings_take_effect(new_file, transformed, tmp_path):
    """The page's second file reaches fit without a change of the module."""
    (tmp_path / "taxi.yaml").write_text(CHANGED)
    settings = load_fit_args(tmp_path / "taxi.yaml", overrides="num_steps=1")
    fit = train(new_file, settings, transformed, tmp_path).fit
    stopping, board = fit.arguments["callbacks"]
    assert (5, 256) == (fit.arguments["epochs"], fit.arguments["x"].element_spec[1].shape[0])
    assert (2, True) == (stopping.patience, stopping.restore_best_weights)
    assert 100 == board.update_freq
    assert "MirroredStrategy" != type(fit.model.distribute_strategy).__name__
    assert stopping.monitor in fit.history.history


@pytest.mark.tfx
@pytest.mark.keras
@pytest.mark.slow
def test_the_old_file_obeys(old_file, transformed, tmp_path):
    """The page's third file trains TFX's own module as it says."""
    (tmp_path / "taxi.yaml").write_text(OBEYED)
    run = train(old_file, load_fit_args(tmp_path / "taxi.yaml"), transformed, tmp_path)
    assert 300 == run.model.get_int_custom_property("fit.steps_run")
    assert [0, 1, 2] == run.history.epoch
    assert "EarlyStopping" in [type(c).__name__ for c in run.fit.arguments["callbacks"]]
