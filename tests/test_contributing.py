# SPDX-License-Identifier: Apache-2.0
"""What CONTRIBUTING.md says, and that hooks and CI check the same."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import choose_release
import pytest
import yaml
from environment import ENVIRONMENT

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text()
SECTIONS = dict(re.findall(r"^## (.*)\n((?:(?!## ).*\n)*)", TEXT, flags=re.MULTILINE))
PROSE = re.sub(r"```diff\n.*?```", "", TEXT, flags=re.DOTALL)
CI = (ROOT / ".ci" / "run").read_text()
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
GENERATOR = ROOT / ".venv-proto" / "bin" / "python"

in_a_checkout = pytest.mark.skipif(
    not (ROOT / ".git").exists(), reason="what is tracked is known in a checkout only"
)


def blocks(language: str, text: str) -> list[str]:
    """The code blocks of a language, in order."""
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def pytest_commands(text: str) -> list[list[str]]:
    """The arguments of each call of pytest in the code blocks."""
    return [
        shlex.split(call) for call in re.findall(r"-m pytest (.*)", "".join(blocks("sh", text)))
    ]


def run_pytest(arguments: list[str], directory: Path) -> subprocess.CompletedProcess[str]:
    """Runs tests of a checkout in a process of its own."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    environment = ENVIRONMENT | {"PYTHONPATH": str(directory)}
    return subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, check=False
    )


def tracked() -> list[str]:
    """The files of the checkout that are, or are about to be, under version control."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.check_output(command, cwd=ROOT, text=True).split("\0")
    return [name for name in listed if (ROOT / name).is_file()]


def newest_release() -> str:
    """The newest TFX release that the tools know."""
    return next(iter(choose_release.RELEASES))


@pytest.fixture
def checkout(tmp_path):
    """A copy of the checkout to change, without its environments."""
    for name in tracked():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def test_every_target_exists():
    """`make X` is one of the Makefile's."""
    named = set(re.findall(r"\bmake ([a-z-]+)", TEXT))
    assert {"check", "hooks", "proto", "test-fast", "constraints"} <= named
    assert set() == named - TARGETS


@in_a_checkout
def test_every_path_exists():
    """Of the release that is to be added, those of the newest one."""
    text = re.sub(r"tfx-[\d.]+\d", f"tfx-{newest_release()}", PROSE)
    directories = "|".join({re.escape(name.split("/")[0]) for name in tracked() if "/" in name})
    paths = set(re.findall(rf"(?<![\w./])(?:{directories})/[\w./-]*\w", text))
    paths |= set(re.findall(r"`(\w+\.(?:md|toml))`", text))
    assert 10 <= len(paths)
    assert [] == [path for path in sorted(paths) if not (ROOT / path).exists()]


def test_links_lead_to_headings():
    """Into the README."""
    for target, anchor in re.findall(r"\]\(([^)#]+)#([^)]+)\)", TEXT):
        headings = re.findall(r"^#+ (.*)$", (ROOT / target).read_text(), flags=re.MULTILINE)
        assert anchor in [heading.lower().replace(" ", "-") for heading in headings]


def test_hooks_and_ci_check_the_same():
    """The only hook is the target that CI starts with."""
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    (hook,) = repository["hooks"]
    steps = re.findall(r'^step ".*" make ([a-z-]+)$', CI, flags=re.MULTILINE)
    assert "local" == repository["repo"]
    assert ["make", steps[0]] == hook["entry"].split()[:2]


def test_every_check_of_ci_is_a_target_or_a_script():
    """What CI does, anyone can do by its name."""
    named = re.findall(r'(?:step|beside) ".*" (.*)$', CI, flags=re.MULTILINE)
    steps = [step.split() for step in named]
    targets = {arguments[0] for command, *arguments in steps if command == "make"}
    in_debian = [arguments for command, *arguments in steps if command == ".ci/debian-13"]
    assert {"check", "test", "benchmarks"} <= targets <= TARGETS
    run_there = {target for _, _, target in in_debian}
    assert {"environment", "$tests", "demo", "wheel-check"} == run_there
    assert {"test", "test-further"} == set(re.findall(r"\btests=([a-z-]+)", CI)) <= TARGETS
    assert newest_release() in {release for _, release, _ in in_debian}
    for command in {command for command, *_ in steps} - {"make"}:
        assert os.access(ROOT / command, os.X_OK)


def test_what_keras_3_skips_is_run_with_tf_keras():
    """By each target that runs all tests: else nothing would run it."""
    again = re.findall(r"call run_tests,(.*)\)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert 2 == len(again)
    for markers in again:
        assert {"tf_keras", "end_to_end"} <= set(markers.split(" or "))


@in_a_checkout
def test_every_place_that_names_a_release_is_told():
    """A file that names the newest release has to be looked at for the next one."""
    newest = re.compile(rf"(?<![\d.]){re.escape(newest_release())}(?![\d]|\.[1-9])")
    naming = {
        name
        for name in tracked()
        if name.endswith((".py", ".toml", ".in", ".md", ".sh", "Makefile", "run"))
        and newest.search((ROOT / name).read_text())
    }
    section = re.sub(r"tfx-[\d.]+\d", f"tfx-{newest_release()}", SECTIONS["Add a TFX release"])
    assert {"README.md", "tools/choose_release.py"} <= naming
    assert set() == {name for name in naming if f"`{name}`" not in section}
    assert "`pyproject.toml`" in section


@pytest.mark.slow
@pytest.mark.parametrize("arguments", pytest_commands(SECTIONS["Run one test"]), ids=" ".join)
def test_the_commands_find_tests(arguments, warm_python):
    """The tests that are named are there."""
    found = warm_python.run("-m", "pytest", "-q", *arguments, "--collect-only", cwd=ROOT)
    assert 0 == found.returncode, found.stdout


@pytest.mark.slow
@in_a_checkout
@pytest.mark.skipif(
    not GENERATOR.exists(),
    reason="no generator: `make proto-check` makes .venv-proto, with a Python older than 3.13",
)
def test_the_recipe_adds_an_optimizer(checkout):
    """Its diffs apply, its test passes, and what it says is then left is just that."""
    recipe = SECTIONS["Add an optimizer, a callback, a schedule or a strategy"]
    for diff in blocks("diff", recipe):
        subprocess.run(["git", "apply", "-"], cwd=checkout, input=diff, text=True, check=True)
    for tool in ("generate_proto", "settings_reference", "json_schema"):  # make proto
        subprocess.run([GENERATOR, f"tools/{tool}.py"], cwd=checkout, check=True)
    (arguments,) = pytest_commands(recipe)
    done = run_pytest(arguments, checkout)
    assert 0 == done.returncode, done.stdout
    assert re.search(r"\b[1-9]\d* passed", done.stdout)

    (left,) = re.findall(r"^What `make test-fast` then still misses: .*?\.\s", recipe, re.M | re.S)
    expected = {name for name in re.findall(r"`(tests/[\w/.]+)`", left)}
    expected |= {"tests/test_readme.py"} if "`README.md`" in left else set()
    others = ["tests/proto", "tests/settings", "tests/test_public_names.py", "tests/test_readme.py"]
    random = [f"--ignore-glob=*{name}*" for name in ("test_properties", "test_fuzzing")]
    quick = ["-m", "not slow and not tfx", *random]
    done = run_pytest([*others, *quick], checkout)
    assert expected == set(re.findall(r"^FAILED ([\w/.]+)::", done.stdout, re.M)), done.stdout
