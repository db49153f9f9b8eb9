# SPDX-License-Identifier: Apache-2.0
"""Files and overrides of any kind: a command tells what is wrong with them, and ends with 1."""

import json
import sys

import junk
import pytest
from command_line import run
from generators import examples
from hypothesis import given, settings
from hypothesis import strategies as st

SUFFIXES = st.sampled_from([".json", ".yaml", ".textproto"])
CONTENTS = st.binary(max_size=40) | st.lists(junk.PIECES | junk.NAMES, max_size=8).map(
    lambda parts: "".join(parts).encode("utf-8", "surrogatepass")
)
OVERRIDES = st.lists(st.tuples(junk.paths(), junk.TEXTS).map("=".join), max_size=2)
COMMANDS = [["check"], ["check", "--json"], ["show"], ["show", "--resolved"], ["convert"]]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@settings(max_examples=examples(60), derandomize=True, database=None, deadline=None)
@given(SUFFIXES, CONTENTS, OVERRIDES)
def test_any_file(tmp_path_factory, command, suffix, content, overrides):
    """Nothing else escapes: no traceback, and no other exit code."""
    directory = tmp_path_factory.getbasetemp()
    (directory / f"any{suffix}").write_bytes(content)
    target = ["--force", directory / "any.json"] if command == ["convert"] else []
    options = [option for override in overrides for option in ("--set", override)]
    result = run(*command, *options, directory / f"any{suffix}", *target)
    assert result.exit_code in (0, 1)
    if command == ["check", "--json"]:
        assert (result.exit_code == 0) == (json.loads(result.out)[0]["problems"] == [])


@pytest.mark.parametrize("depth", [40, 100, 900, 1200, 5000])
@pytest.mark.parametrize("around", [('{"a": ', "}"), ("[", "]")], ids=["{}", "[]"])
def test_values_nested_deeply_in_json(tmp_path, depth, around):
    """Such a value is in what --json prints, shortened, or could not be read at all."""
    begin, end = around
    (tmp_path / "deep.json").write_text(f'{{"x": {begin * depth}1{end * depth}}}')
    result = run("check", "--json", tmp_path / "deep.json")
    ((problem,),) = [file["problems"] for file in json.loads(result.out)]
    if depth == 40:
        assert problem["value"]
    else:
        assert isinstance(problem.get("value", ""), str)


def test_classes_of_settings_are_not_imported(tmp_path, monkeypatch):
    """No command runs code that settings name."""
    (tmp_path / "side_effect_of_command.py").write_text("raise SystemExit('was imported')")
    monkeypatch.syspath_prepend(str(tmp_path))
    custom = "callbacks: [{custom: {class_path: side_effect_of_command.Callback}}]"
    (tmp_path / "fit.yaml").write_text(custom)
    for command in (["check"], ["show"], ["show", "--resolved"]):
        assert 0 == run(*command, tmp_path / "fit.yaml").exit_code
    assert 0 == run("convert", tmp_path / "fit.yaml", tmp_path / "fit.json").exit_code
    assert "side_effect_of_command" not in sys.modules
