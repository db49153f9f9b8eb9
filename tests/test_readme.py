# SPDX-License-Identifier: Apache-2.0
"""What the README shows and says."""

from __future__ import annotations

import ast
import re
import shlex
import sys
from pathlib import Path
from types import SimpleNamespace

import attr
import pytest
from own_logs import own_messages

import fit_component
from fit_component import FitArgs, FitArgsError, load_fit_args, parse_fit_args
from fit_component.releases import RELEASES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
CI = (ROOT / ".ci" / "run").read_text()
# Python, TFX and target.
IN_DEBIAN_13 = re.findall(r"\.ci/debian-13 (\S+) (\S+) (\S+)$", CI, flags=re.MULTILINE)
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, flags=re.DOTALL)


def blocks(language: str) -> list[str]:
    """The code blocks of a language, in order."""
    return [text for name, text in BLOCKS if name == language]


def snippet(mark: str) -> str:
    """The block of Python that has a piece of text in it."""
    (found,) = [text for text in blocks("python") if mark in text]
    return found


def after(diff: str) -> str:
    """What a diff leads to."""
    return "".join(line[1:] for line in diff.splitlines(True) if line[0] in "+ ")


def before(diff: str) -> str:
    """What a diff starts from."""
    return "".join(line[1:] for line in diff.splitlines(True) if line[0] in "- ")


@pytest.fixture
def fit_yaml(tmp_path, monkeypatch):
    """The README's fit.yaml in the working directory."""
    (tmp_path / "fit.yaml").write_text(blocks("yaml")[0])
    monkeypatch.chdir(tmp_path)
    return tmp_path / "fit.yaml"


def test_the_settings_load(fit_yaml):
    """The example of a file says what it seems to say."""
    fit_args = load_fit_args(fit_yaml)
    assert (10, 128, 3) == (
        fit_args.epochs,
        fit_args.batch_size,
        fit_args.callbacks[0].early_stopping.patience,
    )


def test_the_diffs_are_python():
    """Before and after."""
    for diff in blocks("diff"):
        ast.parse(before(diff))
        ast.parse(after(diff))


@pytest.mark.tfx
def test_the_new_pipeline_code_runs(fit_yaml):
    """After the change of the import, Trainer takes the file's settings."""
    from tfx.types import channel_utils, standard_artifacts

    outputs = {
        "transformed_examples": channel_utils.as_channel([standard_artifacts.Examples()]),
        "transform_graph": channel_utils.as_channel([standard_artifacts.TransformGraph()]),
    }
    names = {"transform": SimpleNamespace(outputs=outputs)}
    exec(after(blocks("diff")[0]), names)
    stored = names["trainer"].spec.exec_properties["train_args"]
    assert load_fit_args(fit_yaml) == parse_fit_args(stored)


def test_the_overrides_are_applied(fit_yaml):
    """The README's call."""
    names = {}
    exec(snippet("load_fit_args("), names)
    assert 20 == names["train_args"].epochs
    assert names["train_args"].strategy.HasField("mirrored")


def test_every_override_in_the_text_is_one():
    """Forms named in passing work too."""
    settings = {"callbacks": [{"early_stopping": {}}, {"terminate_on_nan": {}}], "epochs": 3}
    overrides = re.findall(r"`([a-z][\w\[\].]*=[^`…]+)`", README)
    assert 3 <= len(overrides)
    for override in overrides:
        parse_fit_args(settings, overrides=override)


def test_the_messages_are_made_so():
    """The README's FitArgs passes the checks."""
    names = {}
    exec(snippet("FitArgs("), names)
    fit_args = parse_fit_args(names["train_args"])
    assert 64 == fit_args.per_replica_batch_size
    assert 2 == len(fit_args.callbacks)


@pytest.mark.tfx
def test_the_runtime_parameters_are_taken():
    """Those of the README become parameters of the pipeline."""
    from tfx.types import channel_utils, standard_artifacts

    names = {}
    exec(snippet("RuntimeParameter("), names)
    trainer = fit_component.Trainer(
        run_fn="my.run_fn",
        examples=channel_utils.as_channel([standard_artifacts.Examples()]),
        train_args=names["train_args"],
    )
    properties = trainer.spec.exec_properties
    assert {"train_args__epochs", "train_args__verbose", "train_args__patience"} <= set(properties)


@pytest.mark.tfx
@pytest.mark.keras
def test_the_module_trains(tmp_path):
    """The README's run_fn, over real examples, through the executor."""
    from executions import execute, seen

    del seen[:]
    execute(tmp_path, "train_as_the_readme", {"epochs": 2, "num_steps": 2, "verbose": "SILENT"})
    assert [snippet("def run_fn")] == seen
    assert (tmp_path / "model" / "Format-Serving" / "saved_model.pb").exists()


def test_a_warm_start_is_what_the_example_does():
    """Its pipeline is run by other tests."""
    lines = (ROOT / "examples" / "chicago_taxi" / "model" / "taxi.py").read_text().splitlines()
    assert set(snippet("fn_args.warm_start(").splitlines()) <= set(lines)


@pytest.mark.tfx
@pytest.mark.keras
def test_the_unit_test_passes(tmp_path, monkeypatch):
    """The README's test of a module file, run from the checkout."""
    monkeypatch.chdir(ROOT)
    names = {}
    exec(snippet("run_module("), names)
    names["test_the_settings_reach_fit"](tmp_path)
    assert (tmp_path / "1" / "model_run").is_dir()


def test_the_error_is_what_is_printed(tmp_path, monkeypatch):
    """The wrong settings give exactly the words shown."""
    (wrong,) = [text for text in blocks("yaml") if text.startswith("# wrong.yaml")]
    (tmp_path / "wrong.yaml").write_text(wrong)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FitArgsError) as caught:
        load_fit_args("wrong.yaml")
    assert blocks("text")[0].strip() == str(caught.value)


@pytest.mark.tfx
@pytest.mark.keras
@pytest.mark.slow
def test_the_warning_is_what_is_logged(tmp_path, caplog):
    """By TFX's own module file, whose line is another one in other releases."""
    from executions import DATA
    from tfx_examples import EXAMPLES

    from fit_component.testing import run_module

    run_module(
        EXAMPLES / "chicago_taxi_pipeline" / "taxi_utils.py",
        {"epochs": 3, "num_steps": 1, "callbacks": [{"early_stopping": {}}]},
        examples=DATA / "transform" / "transformed_examples",
        transform_graph=DATA / "transform" / "transform_graph",
        eval_args={"num_steps": 1},
        directory=tmp_path,
    )
    (shown,) = [text for text in blocks("text") if "trains otherwise" in text]
    told = {re.sub(r"line \d+", "line 357", message) for message in own_messages(caplog)}
    assert shown.strip() in told


def test_the_trainings_are_read_back(tmp_path, monkeypatch):
    """The README's code, over a store that TFX's runner could have left."""
    sys.path.append(str(ROOT / "tests" / "lineage"))
    from stores import Written, sweep

    monkeypatch.chdir(tmp_path)
    written = Written(tmp_path / "metadata.sqlite")
    for number, execution in enumerate(sweep(16)):
        written.write(number, execution)
    *statements, last = ast.parse(snippet("lineage.runs(")).body
    names = {}
    exec(compile(ast.Module(statements, []), "README.md", "exec"), names)
    found = eval(compile(ast.Expression(last.value), "README.md", "eval"), names)
    assert isinstance(found, FitArgs)
    assert 16 == len(names["runs"])


@pytest.mark.tfx
def test_the_commands_run(fit_yaml, tmp_path):
    """One after the other, as they stand."""
    for room in ("cli", "lineage", "record/pages"):
        sys.path.append(str(ROOT / "tests" / room))
    from command_line import run
    from made_runs import epochs, fit, write
    from made_runs import run as run_record
    from stores import Written, sweep

    written = Written(tmp_path / "metadata.sqlite")
    for number, execution in enumerate(sweep(16)):
        written.write(number, execution)
    write(tmp_path / "ROOT" / "Trainer" / "model_run" / "5", run_record(fit(epochs(4))))

    (commands,) = [text for text in blocks("sh") if "fit-component diff" in text]
    for line in commands.splitlines():
        program, *arguments = shlex.split(line, comments=True)
        done = run(*arguments)
        assert ("fit-component", 0, "") == (program, done.exit_code, done.err), line
    assert {"my_model", "fit.textproto", "report.html", "run.html"} <= {
        path.name for path in tmp_path.iterdir()
    }


def test_the_table_has_every_field():
    """A field that is added is documented."""
    rows = set(re.findall(r"^\| `([\w.]+)` \|", README, flags=re.MULTILINE))
    fields = {field.name for field in FitArgs.DESCRIPTOR.fields} - {"validation"}
    validation = FitArgs.DESCRIPTOR.fields_by_name["validation"].message_type
    fields |= {f"validation.{field.name}" for field in validation.fields}
    assert fields <= rows
    inside = ("Callback", "Strategy", "Optimizer", "LearningRate", "Execution", "Input")
    for name in inside:
        message = getattr(fit_component, name).DESCRIPTOR
        chosen = message.oneofs[0].fields if message.oneofs[0].name == name.lower() else None
        for field in chosen or message.fields:
            assert f"`{field.name}`" in README or field.name == "constant"


@pytest.mark.tfx
def test_the_table_of_names_is_true():
    """Each name in the module file's table is there."""
    from fit_component import FitFnArgs

    table = README[README.index("| name | what it is |") :].partition("\n\n")[0]
    names = re.findall(r"`(\w+)[`(]", "".join(row.split("|")[1] for row in table.splitlines()[2:]))
    assert {"fit_kwargs", "fit_args", "use_keras", "class_weight", "warm_start"} <= set(names)
    fields = {field.name for field in attr.fields(FitFnArgs)}
    assert [] == [name for name in names if name not in fields and not hasattr(FitFnArgs, name)]


def test_the_table_of_versions_is_what_ci_runs():
    """A row for each release and Python that CI has, with what the pins bring there."""
    expected = [versions("1.16", "3.11", "all")]
    what = {"$tests": "all", "wheel-check": "wheel"}
    for python, release, target in IN_DEBIAN_13:
        if target in what:
            expected.append(versions(release, python, what[target]))
    table = README[README.index("| TFX | Python |") :].split("\n\n")[0].splitlines()[2:]
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table]
    assert sorted(expected) == sorted([*row[:3], *row[4:]] for row in rows)


def test_the_table_of_versions_is_what_import_allows():
    """What CI does not run is refused."""
    rows = re.findall(r"^\| (\d+\.\d+)\.\d+ \| (\d+\.\d+) \|", README, flags=re.MULTILINE)
    allowed = {
        (".".join(map(str, release)), ".".join(map(str, python)))
        for release, it in RELEASES.items()
        for python in it.pythons
    }
    assert allowed == set(rows)


def versions(release: str, python: str, tests: str) -> list[str]:
    """The row of a release and a Python, but for what Debian it runs on."""
    pins = (ROOT / "constraints" / f"tfx-{release}.txt").read_text()

    def pinned(name: str) -> str:
        for version, sign in re.findall(rf"^{name}==([\d.]+)(?: .*([<>])=? '3\.11')?$", pins, re.M):
            if not sign or (sign == "<") == (python == "3.10"):
                return version
        raise AssertionError(f"{name} is not pinned")

    short = {
        name: ".".join(pinned(name).split(".")[:2])
        for name in ("tensorflow", "keras", "tf-keras", "protobuf")
    }
    keras = (
        short["keras"] if tests == "wheel" else f"{short['keras']}, tf_keras {short['tf-keras']}"
    )
    return [pinned("tfx"), python, tests, short["tensorflow"], keras, short["protobuf"]]


def test_the_commands_are_run_by_ci():
    """Each command of the README is a step of CI."""
    steps = set(re.findall(r"^step .* make ([\w-]+)", CI, flags=re.MULTILINE))
    steps |= {target for _, _, target in IN_DEBIAN_13}
    # One is made of the other.
    assert "\nwheel-check: wheel " in (ROOT / "Makefile").read_text()
    steps |= {"wheel"} & {target.removesuffix("-check") for target in steps}
    commands = "\n".join(blocks("sh"))
    targets = set(re.findall(r"^make ([\w-]+)$", commands, flags=re.MULTILINE))
    assert {"demo", "test", "wheel"} == targets
    assert targets <= steps
    # What CI runs in the Debian of the Dockerfile.
    in_docker = re.findall(r"^docker run --rm fit-component make (\S+)$", commands, re.MULTILINE)
    assert {"demo", "test"} == set(in_docker)
    assert f"dist/fit_component-{fit_component.__version__}-py3-none-any.whl" in README
    # What the target `wheel-check` does in an environment that has TFX.
    installs = re.findall(r"^pip install (.*)$", commands, flags=re.MULTILINE)
    assert ["--no-deps dist/fit_component-0.1.0-py3-none-any.whl", "."] == installs


def test_the_version_is_one():
    """The package and its metadata agree."""
    assert f'\nversion = "{fit_component.__version__}"\n' in (ROOT / "pyproject.toml").read_text()


def test_links_lead_somewhere():
    """No file that is linked is missing."""
    for target in re.findall(r"\]\(([^)]+)\)", README):
        assert (ROOT / target).exists(), target
