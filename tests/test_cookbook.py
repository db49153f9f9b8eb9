# SPDX-License-Identifier: Apache-2.0
"""docs/cookbook.md: each recipe is read, trains, and does what it says."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow as tf
from environment import ENVIRONMENT

from fit_component import FitArgsError, parse_fit_args
from fit_component.testing import run_module

pytestmark = pytest.mark.tfx

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "cookbook.md").read_text()
SECTIONS = dict(re.findall(r"^## (.*)\n((?:(?!## ).*\n)*)", TEXT, flags=re.MULTILINE))
LEGACY = tf.keras.Model.__module__.startswith("tf_keras")
MODULE = Path(__file__).parent / "module_files" / "own_parts.py"

# So that each takes seconds; the page's epochs and steps are for real data.
SHORT = ["epochs=3", "verbose=SILENT"]
numbers = random.Random(5)
ROWS = [{"x": x, "y": int(x > 0.5)} for x in (numbers.random() for _ in range(320))]


def blocks(language, text):
    """The code blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


RECIPES = {name: "".join(blocks("yaml", text)) for name, text in SECTIONS.items()}


def train(name, directory, *overrides, module_file=MODULE, **options):
    """Trains with a recipe's settings, in a few short epochs."""
    settings = parse_fit_args(RECIPES[name], format="yaml", overrides=[*SHORT, *overrides])
    return run_module(module_file, settings, examples=ROWS, directory=directory, **options)


def callbacks(made):
    """The names of the callbacks that fit got, but for our own."""
    names = [type(callback).__name__ for callback in made.fit.arguments["callbacks"]]
    return [name for name in names if name != "PassPerEpoch"]


def test_there_are_ten_and_the_list_names_them():
    """Each has settings of its own, and is linked by its heading."""
    listed = re.findall(r"^\d+\. \[(.*)\]\(#(.*)\)$", TEXT, flags=re.MULTILINE)
    assert 10 == len(RECIPES) == len(set(RECIPES.values()))
    assert list(RECIPES) == [name for name, _ in listed]
    assert [re.sub(r"[^\w ]", "", n.lower()).replace(" ", "-") for n in RECIPES] == [
        anchor for _, anchor in listed
    ]


@pytest.mark.parametrize("name", RECIPES)
def test_each_is_a_whole_settings_file(name):
    """As it stands on the page."""
    assert parse_fit_args(RECIPES[name], format="yaml").epochs


def test_a_dry_run_comes_first(tmp_path):
    """By the override that the page names."""
    (override,) = re.findall(r'overrides=\["(.*?)"\]', TEXT)
    made = train("Warm up, then let the learning rate fall", tmp_path, override)
    assert ([0], 3) == (made.history.epoch, int(made.fit.model.optimizer.iterations))


def test_the_best_is_kept(tmp_path):
    """In files of model_run; an ambiguous metric is refused."""
    name = "Stop when it gets no better, and keep the best"
    made = train(name, tmp_path)
    assert ["EarlyStopping", "ModelCheckpoint", "CSVLogger"] == callbacks(made)
    assert {"best.keras", "history.csv"} <= {p.name for p in Path(made.model_run_dir).iterdir()}
    with pytest.raises(FitArgsError, match="mode"):
        train(name, tmp_path, "callbacks[0].early_stopping.monitor=val_auc")


def test_the_rate_rises_and_falls(tmp_path):
    """320 examples are five batches of 64; counted in epochs of them."""
    made = train("Warm up, then let the learning rate fall", tmp_path)
    schedule = made.fit.model.optimizer.get_config()["learning_rate"]["config"]
    assert (10, 90) == (schedule["warmup_steps"], schedule["decay_steps"])
    assert 5 == made.model.get_int_custom_property("fit.steps_per_epoch")


def test_the_rate_is_lowered(tmp_path):
    """Where nothing gets better; a schedule beside it is refused."""
    name = "Lower the learning rate when progress stalls"
    stalls = ["callbacks[0].reduce_lr_on_plateau.min_delta=9", "epochs=5"]
    made = train(name, tmp_path, *stalls)
    assert 0.02 == pytest.approx(float(made.fit.model.optimizer.learning_rate))
    schedule = "optimizer.learning_rate={inverse_time_decay: {initial_learning_rate: 0.1,"
    with pytest.raises(FitArgsError, match="reduce_lr_on_plateau"):
        train(name, tmp_path, f"{schedule} decay_steps: 9, decay_rate: 0.5}}}}")


def test_the_rare_class_weighs_more(tmp_path):
    """It reaches fit, and the loss."""
    weighted = train("Weight a rare class", tmp_path, "seed=1")
    plain = train("Weight a rare class", tmp_path, "seed=1", "class_weight={0: 1.0, 1: 1.0}")
    assert {0: 1.0, 1: 12.5} == weighted.fit.arguments["class_weight"]
    assert weighted.history.history["loss"][0] > plain.history.history["loss"][0]


MIRRORED = """
import sys
import tensorflow as tf
cpu, = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
sys.path.insert(0, "tests")
import test_cookbook
made = test_cookbook.train(
    "Use all GPUs of a machine", sys.argv[1], "strategy.mirrored.devices=[CPU:0, CPU:1]",
    "per_replica_batch_size=48", "optimizer={adam: {}, learning_rate: 0.01}",
)
print(made.fit.model.optimizer.iterations.numpy(), len(next(iter(made.fit.arguments["x"]))[1]))
"""


@pytest.mark.slow
def test_a_batch_is_spread_over_devices(tmp_path):
    """Two CPUs in place of GPUs: three full batches of 96 in an epoch of 320 examples."""
    environment = ENVIRONMENT | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", MIRRORED, str(tmp_path)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stderr[-3000:]
    assert "9 96" == done.stdout.splitlines()[-1]


@pytest.mark.keras
def test_several_machines_need_tf_config_and_tf_keras(tmp_path, monkeypatch):
    """What is on the page is valid but for the machines, which are not here."""
    (config,) = re.findall(r"TF_CONFIG='(.*)'", SECTIONS["Use several machines"])
    assert 2 == len(json.loads(config)["cluster"]["worker"])
    monkeypatch.delenv("TF_CONFIG", raising=False)
    missing = "TF_CONFIG is not set" if LEGACY else "TF_USE_LEGACY_KERAS=1"
    with pytest.raises(FitArgsError, match=missing):
        train("Use several machines", tmp_path)


def test_it_computes_in_another_precision(tmp_path):
    """For this run alone."""
    made = train("Compute faster", tmp_path, "batch_size=10")
    (dense,) = [layer for layer in made.fit.model.layers if layer.name.startswith("dense")]
    assert "bfloat16" == dense.compute_dtype
    assert "float32" == tf.keras.layers.Dense(1).compute_dtype
    assert 3 * 32 == int(made.fit.model.optimizer.iterations)


def test_a_long_training_is_watched_and_limited(tmp_path):
    """All by the page, with smaller numbers."""
    small = ["num_steps=10", "max_steps=25", "validation.every_steps=4", "batch_size=4"]
    made = train("Watch and limit a long training", tmp_path, *small, eval_args={"num_steps": 2})
    assert ["MaxSteps", "MaxTime", "EverySteps", "TensorBoard"] == callbacks(made)
    assert 25 == int(made.fit.model.optimizer.iterations)
    within = made.fit.arguments["callbacks"][2].evaluations
    assert [(0, 4), (0, 8), (1, 4), (1, 8), (2, 4)] == [(e.epoch, e.batch) for e in within]


def test_the_same_comes_out_again(tmp_path):
    """Every number of the history."""
    one, two = (train("Get the same result again", tmp_path) for _ in range(2))
    assert one.history.history == two.history.history


def test_callbacks_of_ones_own(tmp_path, monkeypatch, capsys):
    """A class of a package, and the functions that the page shows, in the module file."""
    name = "Use a callback of your own"
    (functions,) = blocks("python", SECTIONS[name])
    package = tmp_path / "my_company"
    package.mkdir()
    (package / "__init__.py").touch()
    heartbeat = MODULE.read_text().partition("def run_fn")[0].replace("Recorder", "Heartbeat")
    (package / "callbacks.py").write_text(heartbeat)
    module_file = tmp_path / "module.py"
    sampler = "\n\nclass Sampler(Recorder):\n    pass\n\n\n"
    module_file.write_text(MODULE.read_text() + sampler + functions)
    monkeypatch.syspath_prepend(str(tmp_path))
    (variable,) = re.findall(r"(FIT_COMPONENT_\w+)=my_company", SECTIONS[name])
    monkeypatch.setenv(variable, "my_company")
    made = train(name, tmp_path, module_file=module_file)
    assert ["Heartbeat", "Sampler", "LambdaCallback"] == callbacks(made)
    assert re.search(r"^epoch 2 is over: loss \d", capsys.readouterr().out, flags=re.MULTILINE)
    monkeypatch.setenv(variable, "another")
    with pytest.raises(FitArgsError, match="is not allowed on this machine"):
        train(name, tmp_path, module_file=module_file)
