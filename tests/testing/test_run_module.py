# SPDX-License-Identifier: Apache-2.0
"""run_module: a module file trained as Trainer does."""

from __future__ import annotations

import random
import sys
import textwrap
from pathlib import Path

import pytest
import tensorflow as tf

from fit_component import FitArgsError, testing

pytestmark = [pytest.mark.tfx, pytest.mark.keras]

LINEAR = Path(__file__).parents[1] / "module_files" / "linear.py"
ROWS = [{"x": x / 10, "y": 2 * x / 10 + 1} for x in range(20)]
QUIET = {"verbose": "SILENT", "seed": 3}


def run(directory, fit_args=None, module_file=LINEAR, **options):
    """Trains linear.py over twenty points."""
    settings = {**QUIET, **(fit_args or {})}
    return testing.run_module(module_file, settings, examples=ROWS, directory=directory, **options)


def write_module(directory, code):
    """A module file in a directory of its own."""
    directory.mkdir(exist_ok=True)
    path = directory / "module.py"
    path.write_text(textwrap.dedent(code))
    return path


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """One run that several tests look at."""
    settings = {"epochs": 3, "batch_size": 5, "callbacks": [{"csv_logger": {"filename": "h.csv"}}]}
    return run(tmp_path_factory.mktemp("trained"), settings, eval_args={"num_steps": 2})


def test_the_history_is_what_fit_returned(trained):
    """Keras' own History."""
    assert [0, 1, 2] == trained.history.epoch
    assert 4 == trained.history.params["steps"] or trained.history.params["steps"] is None
    losses = trained.history.history["loss"]
    assert losses[-1] < losses[0]


def test_what_fit_got_is_told(trained):
    """By name, those arguments that the module gave."""
    arguments = trained.fit.arguments
    assert (3, 0, 2) == (arguments["epochs"], arguments["verbose"], arguments["validation_steps"])
    assert "steps_per_epoch" not in arguments
    names = [type(callback).__name__ for callback in arguments["callbacks"]]
    assert ["PassPerEpoch", "CSVLogger"] == names
    assert 5 == len(next(iter(arguments["x"]))[1])


def test_model_and_logs_are_where_trainer_puts_them(trained):
    """The directories are those of fn_args."""
    assert (Path(trained.serving_model_dir) / "saved_model.pb").exists()
    assert (Path(trained.model_run_dir) / "h.csv").exists()
    assert (Path(trained.model_run_dir) / "fit" / "resolved.textproto").exists()
    assert 3 == trained.model.get_int_custom_property("fit.epochs")


def test_the_trained_model_can_be_asked(trained):
    """The very object that fit trained."""
    prediction = trained.fit.model.predict(tf.constant([[1.0]]), verbose=0)
    assert 3.0 == pytest.approx(float(prediction[0, 0]), abs=1.0)


def test_a_seed_makes_runs_equal(tmp_path, trained):
    """As by Trainer, and nothing stays seeded."""
    before = random.getstate()
    first, second = (run(tmp_path, {"deterministic": True}) for _ in range(2))
    assert first.history.history == second.history.history
    assert before == random.getstate()


def test_a_second_model_starts_from_the_first(tmp_path, trained):
    """base_model takes what an earlier run saved."""
    again = run(tmp_path, {"batch_size": 5}, base_model=trained.serving_model_dir)
    assert again.history.history["loss"][0] < trained.history.history["loss"][-1]


def test_several_fits_are_told_in_order(tmp_path):
    """`fit` and `history` are for the module that has one."""
    several = run(tmp_path, custom_config={"fits": 2})
    assert 2 == len(several.fits)
    first, second = (fit.history.history["loss"][0] for fit in several.fits)
    assert second < first
    with pytest.raises(ValueError, match="called fit 2 times; see `fits`"):
        print(several.history)


def test_no_fit_is_told(tmp_path):
    """A module with a loop of its own has no history."""
    module_file = write_module(
        tmp_path / "module",
        """
        import os

        def run_fn(fn_args):
            os.makedirs(fn_args.serving_model_dir)
        """,
    )
    without = run(tmp_path, module_file=module_file)
    assert () == without.fits
    with pytest.raises(ValueError, match="called fit 0 times"):
        print(without.fit)


@pytest.mark.parametrize("package", ["keras", "tf_keras"])
def test_any_keras_is_observed(tmp_path, package):
    """Whichever the module imports."""
    module_file = write_module(
        tmp_path / "module",
        f"""
        import os
        import {package} as k

        def run_fn(fn_args):
            fn_args.use_keras(k)
            model = k.Sequential([k.layers.Dense(1)])
            model.compile(loss="mse")
            data = fn_args.train_dataset(label_key="y").map(lambda x, y: (x["x"], y))
            model.fit(data, **fn_args.fit_kwargs)
            os.makedirs(fn_args.serving_model_dir)
        """,
    )
    assert 2 == run(tmp_path, {"epochs": 2}, module_file=module_file).fit.arguments["epochs"]


def test_modules_of_one_name_do_not_meet(tmp_path):
    """Each module file imports the neighbour in its own directory."""
    code = """
        import os
        from neighbour import SAYS

        def run_fn(fn_args):
            os.makedirs(fn_args.serving_model_dir)
            raise RuntimeError(SAYS)
        """
    before = list(sys.path)
    for says in ("one", "two"):
        module_file = write_module(tmp_path / says, code)
        module_file.with_name("neighbour.py").write_text(f"SAYS = {says!r}")
        with pytest.raises(RuntimeError, match=says):
            run(tmp_path / "out", module_file=module_file)
    assert before == sys.path
    assert "neighbour" not in sys.modules


def test_a_run_fn_that_saves_no_model_fails(tmp_path):
    """As with Trainer."""
    module_file = write_module(tmp_path / "module", "def run_fn(fn_args): pass")
    with pytest.raises(RuntimeError, match="failed to generate model"):
        run(tmp_path, module_file=module_file)


def test_a_module_that_is_not_there_is_told(tmp_path):
    """By its path."""
    with pytest.raises(FileNotFoundError, match=r"module_file: .*nowhere.py is no file"):
        run(tmp_path, module_file=tmp_path / "nowhere.py")


def test_wrong_settings_are_told(tmp_path):
    """As by Trainer."""
    with pytest.raises(FitArgsError, match="epochs = 0"):
        run(tmp_path, {"epochs": 0})


class TestCaseOfTensorFlow(tf.test.TestCase):
    """The same in tf.test.TestCase."""

    def test_it_trains(self):
        """With a directory of TestCase's making."""
        self.assertLen(run(self.get_temp_dir()).history.epoch, 1)
