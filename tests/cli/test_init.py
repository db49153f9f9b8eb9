# SPDX-License-Identifier: Apache-2.0
"""`fit-component init`: a config and a module file that work as they are written."""

import os
import random
import re
import shlex
from pathlib import Path

import pytest
from command_line import run

from fit_component import load_fit_args
from fit_component.settings import descriptors

FILES = ["fit.yaml", "fit_args.schema.json", "model/classifier.py"]


def written(directory):
    """The files below a directory."""
    return sorted(str(p.relative_to(directory)) for p in directory.rglob("*") if p.is_file())


@pytest.mark.parametrize("where", [None, "new", "new/deeper", "."])
def test_the_files_are_written(tmp_path, monkeypatch, where):
    """Into the directory, which is made, or into this one."""
    monkeypatch.chdir(tmp_path)
    assert 0 == run("init", *([where] if where else [])).exit_code
    assert FILES == written(tmp_path / (where or "."))


def test_the_config_passes_check(tmp_path):
    """Unedited."""
    run("init", tmp_path)
    assert (0, f"{tmp_path}/fit.yaml: good\n", "") == run("check", tmp_path / "fit.yaml")


def test_what_the_config_leaves_in_comments_is_good_too(tmp_path):
    """Each by itself, once it is no comment."""
    run("init", tmp_path)
    text = (tmp_path / "fit.yaml").read_text()
    settings = re.findall(r"^# (\w+: [^ ].*)$", text, flags=re.MULTILINE)
    assert 4 == len(settings)
    for setting in settings:
        (tmp_path / "fit.yaml").write_text(text.replace(f"# {setting}", setting))
        assert run("check", tmp_path / "fit.yaml").exit_code == 0, setting
        name = setting.partition(":")[0]
        held = load_fit_args(tmp_path / "fit.yaml")
        assert descriptors.field_named(held.DESCRIPTOR, name) in [f for f, _ in held.ListFields()]


def test_editors_find_the_schema(tmp_path):
    """The first line of the config names the file beside it."""
    run("init", tmp_path)
    first = (tmp_path / "fit.yaml").read_text().splitlines()[0]
    assert "# yaml-language-server: $schema=fit_args.schema.json" == first
    assert run("schema").out == (tmp_path / "fit_args.schema.json").read_text("utf-8")


@pytest.mark.parametrize("taken", FILES)
def test_nothing_is_overwritten(tmp_path, taken):
    """What is there is named, and nothing is written beside it."""
    (tmp_path / taken).parent.mkdir(exist_ok=True)
    (tmp_path / taken).write_text("mine")
    expected = (
        f"Error: {tmp_path / taken} is there already; name another directory: nothing was written\n"
    )
    assert (1, "", expected) == run("init", tmp_path)
    assert [taken] == written(tmp_path)
    assert "mine" == (tmp_path / taken).read_text()


def test_all_that_is_there_is_named(tmp_path):
    """In one line."""
    run("init", tmp_path)
    names = ", ".join(str(tmp_path / name) for name in FILES)
    expected = f"Error: {names} are there already; name another directory: nothing was written\n"
    assert (1, "", expected) == run("init", tmp_path)


def test_all_is_written_or_nothing(tmp_path):
    """Where one of them cannot be, the others are not there either."""
    (tmp_path / "model").write_text("a file, where a directory should be")
    code, _, err = run("init", tmp_path)
    assert (1, f"Error: {tmp_path}/model/classifier.py: File exists\n") == (code, err)
    assert ["model"] == os.listdir(tmp_path)


def test_directories_that_were_made_go_again(tmp_path, monkeypatch):
    """If what they were made for fails."""

    def fail(path, target):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "replace", fail)
    code, _, err = run("init", tmp_path / "new" / "deeper")
    assert (1, True) == (code, err.endswith("deeper/fit.yaml: No space left on device\n"))
    assert [] == os.listdir(tmp_path)


def test_what_to_do_next_can_be_copied(tmp_path, monkeypatch):
    """The pipeline's code names the files, and the command at the end is a good one."""
    monkeypatch.chdir(tmp_path)
    out = run("init", "here").out
    (code,) = re.findall(r"^   from .*?^   \)$", out, flags=re.DOTALL | re.MULTILINE)
    compile("\n".join(line[3:] for line in code.splitlines()), "next", "exec")
    for path in re.findall(r'"(here/.*?)"', code):
        assert Path(path).is_file(), path
    (command,) = re.findall(r"fit-component check .*", out)
    assert 0 == run(*shlex.split(command)[1:]).exit_code


ROWS = random.Random(7)
EXAMPLES = [
    {
        "size": ROWS.uniform(0, 9),
        "count": ROWS.randrange(5),
        "pair": [ROWS.random(), ROWS.random()],
        "name": ROWS.choice("ab"),
        "label": ROWS.randrange(2),
    }
    for _ in range(60)
]


@pytest.fixture
def train(tmp_path):
    """Trains with what init wrote, as it was written."""
    # Here, so that all else needs no TFX.
    from fit_component.testing import run_module

    run("init", tmp_path / "made")

    def call(**options):
        return run_module(
            tmp_path / "made" / "model" / "classifier.py",
            load_fit_args(tmp_path / "made" / "fit.yaml"),
            directory=tmp_path / "run",
            **options,
        )

    return call


@pytest.mark.tfx
@pytest.mark.keras
def test_the_module_trains_as_it_is_written(train):
    """With numbers of any type and shape; text is left out."""
    done = train(examples=EXAMPLES)
    assert 10 == done.fit.arguments["epochs"]
    assert 0 < len(done.history.history["val_loss"]) <= 10
    assert (Path(done.serving_model_dir) / "saved_model.pb").exists()


TRANSFORM = """
def preprocessing_fn(inputs):
    import tensorflow_transform as tft

    return {"scaled": tft.scale_to_0_1(inputs["size"]), "label": inputs["label"]}
"""


@pytest.mark.tfx
@pytest.mark.keras
def test_the_module_trains_with_a_transform(train, tmp_path):
    """On the transformed examples."""
    from fit_component.testing import transform_examples

    (tmp_path / "transform.py").write_text(TRANSFORM)
    transformed = transform_examples(
        tmp_path / "transform.py", examples=EXAMPLES, directory=tmp_path / "transformed"
    )
    done = train(examples=transformed.examples, transform_graph=transformed.transform_graph)
    assert 0 < len(done.history.history["val_loss"]) <= 10
