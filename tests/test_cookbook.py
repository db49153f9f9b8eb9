# SPDX-License-Identifier: Apache-2.0
"""docs/cookbook.md: each recipe is read, trains, and does what it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import tensorflow as tf

from fit_component import FitArgsError, parse_fit_args
from fit_component.testing import run_module

pytestmark = [pytest.mark.tfx, pytest.mark.keras]

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "cookbook.md").read_text()
SECTIONS = dict(re.findall(r"^## (.*)\n((?:(?!## ).*\n)*)", TEXT, flags=re.MULTILINE))
LEGACY = tf.keras.Model.__module__.startswith("tf_keras")
MODULE = Path(__file__).parent / "module_files" / "own_parts.py"

SHORT = ["epochs=3", "verbose=SILENT"]  # the page's epochs are for real data
TWO = "strategy.mirrored.devices=[CPU:0, CPU:1]"
ROWS = [{"x": n / 320, "y": int(n > 160)} for n in range(320)]


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
    assert [(name, name.lower().replace(",", "").replace(" ", "-")) for name in RECIPES] == listed


def test_links_lead_somewhere():
    """To a page, and to the heading in it that they name."""
    links = re.findall(r"\]\(([\w./]+)#?([\w-]*)\)", TEXT)
    assert {"settings.md", "../README.md"} == {path for path, _ in links}
    for path, anchor in links:
        headings = re.findall(r"^#+ (.*)$", (ROOT / "docs" / path).read_text(), flags=re.MULTILINE)
        assert anchor in {"", *(name.lower().replace(" ", "-") for name in headings)}, anchor


@pytest.mark.parametrize("name", RECIPES)
def test_each_is_a_whole_settings_file(name):
    """As it stands on the page."""
    assert parse_fit_args(RECIPES[name], format="yaml").epochs


@pytest.mark.parametrize(("name", "steps"), [("Weight a rare class", 3), ("Compute faster", 16)])
def test_a_dry_run_comes_first(tmp_path, name, steps):
    """By the override that the page names; two executions of eight batches are sixteen."""
    (override,) = re.findall(r'overrides=\["(.*?)"\]', TEXT)
    made = train(name, tmp_path, override, "batch_size=10")
    assert ([0], steps) == (made.history.epoch, int(made.fit.model.optimizer.iterations))


def test_the_best_is_kept(tmp_path):
    """In the model, and in files of model_run; an ambiguous metric is refused."""
    name = "Stop when it gets no better, and keep the best"
    worse = ["optimizer={sgd: {}, learning_rate: 0.9}", "seed=3", "epochs=9"]  # from epoch to epoch
    made = train(name, tmp_path, *worse, "callbacks[0].early_stopping.patience=2")
    losses = made.history.history["val_loss"]
    kept = made.fit.model.evaluate(made.fit.arguments["validation_data"], verbose=0)
    assert 3 == len(losses)
    assert losses[-1] / 2 > min(losses) == pytest.approx(kept)
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
    made = train(name, tmp_path, "callbacks[0].reduce_lr_on_plateau.min_delta=9", "epochs=5")
    assert 0.02 == pytest.approx(float(made.fit.model.optimizer.learning_rate))
    schedule = "{cosine_decay: {initial_learning_rate: 0.1, decay_steps: 9}}"
    with pytest.raises(FitArgsError, match="reduce_lr_on_plateau"):
        train(name, tmp_path, f"optimizer.learning_rate={schedule}")


def test_the_rare_class_weighs_more(tmp_path):
    """It reaches fit, and the loss."""
    weighted = train("Weight a rare class", tmp_path, "seed=1")
    plain = train("Weight a rare class", tmp_path, "seed=1", "class_weight={0: 1.0, 1: 1.0}")
    assert {0: 1.0, 1: 12.5} == weighted.fit.arguments["class_weight"]
    assert weighted.history.history["loss"][0] > plain.history.history["loss"][0]


MIRRORED = """
import sys, tensorflow as tf
cpu, = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
import test_cookbook as page
made = page.train("Use all GPUs of a machine", sys.argv[1], page.TWO, "per_replica_batch_size=48")
print(made.fit.model.optimizer.iterations.numpy(), len(next(iter(made.fit.arguments["x"]))[1]))
"""


@pytest.mark.slow
def test_a_batch_is_spread_over_devices(warm_python, tmp_path):
    """Two CPUs in place of GPUs: three full batches of 96 in an epoch of 320 examples."""
    done = warm_python.run("-c", MIRRORED, tmp_path)
    assert 0 == done.returncode, done.stderr[-3000:]
    assert "9 96" == done.stdout.splitlines()[-1]


def test_what_keras_3_gets_wrong_over_replicas_is_refused(tmp_path):
    """By the settings alone; tf_keras lacks nothing but the second device."""
    with pytest.raises(FitArgsError, match="is not here" if LEGACY else "TF_USE_LEGACY_KERAS=1"):
        train("Use all GPUs of a machine", tmp_path, TWO, "execution.steps_per_execution=8")


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
    name = "Watch and limit a long training"
    small = ["num_steps=10", "max_steps=25", "validation.every_steps=4", "batch_size=4"]
    assert 4 == len(re.findall("num_steps|max_steps|max_time|every_steps", RECIPES[name]))
    made = train(name, tmp_path, *small, eval_args={"num_steps": 2})
    assert ["MaxSteps", "MaxTime", "EverySteps", "TensorBoard"] == callbacks(made)
    assert 25 == int(made.fit.model.optimizer.iterations)
    within = made.fit.arguments["callbacks"][2].evaluations
    assert [(0, 4), (0, 8), (1, 4), (1, 8), (2, 4)] == [(e.epoch, e.batch) for e in within]


def test_the_same_comes_out_again(tmp_path):
    """Every number of the history."""
    one, two = (train("Get the same result again", tmp_path) for _ in range(2))
    assert one.history.history == two.history.history


def test_callbacks_of_ones_own(tmp_path, importable, monkeypatch, capsys):
    """A class of a package, and the functions that the page shows, in the module file."""
    name = "Use a callback of your own"
    sampler = "class Sampler(Recorder): pass"
    parts = [MODULE.read_text(), sampler, *blocks("python", SECTIONS[name])]
    (package := importable / "my_company").mkdir()
    (package / "callbacks.py").write_text(MODULE.read_text().replace("Recorder", "Heartbeat"))
    (module_file := tmp_path / "module.py").write_text("\n\n\n".join(parts))
    (variable,) = re.findall(r"(FIT_COMPONENT_\w+)=my_company", SECTIONS[name])
    monkeypatch.setenv(variable, "my_company")
    made = train(name, tmp_path, module_file=module_file)
    assert ["Heartbeat", "Sampler", "LambdaCallback"] == callbacks(made)
    assert re.search(r"^epoch 2 is over: loss \d", capsys.readouterr().out, flags=re.MULTILINE)
    monkeypatch.setenv(variable, "another")
    with pytest.raises(FitArgsError, match="is not allowed on this machine"):
        train(name, tmp_path, module_file=module_file)
