# SPDX-License-Identifier: Apache-2.0
"""The module of run_fn, found where TFX loaded it."""

from __future__ import annotations

import textwrap

import pytest
from tfx.components.util import udf_utils
from tfx.types import standard_component_specs

from fit_component.user_module import loaded_module

pytestmark = pytest.mark.tfx

CODE = """
def run_fn(fn_args):
    return {number}
"""


@pytest.fixture
def write(importable):
    """Writes a module file."""

    def written(name, number):
        path = importable / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(CODE).format(number=number))
        return path

    return written


def load(properties):
    """The run_fn that TFX gives for these properties."""
    return udf_utils.get_fn(properties, "run_fn")


def test_before_it_is_loaded_there_is_none(write):
    """Callbacks of the module are only made in run_fn."""
    path = str(write("first.py", 1))
    assert loaded_module({"module_file": path}) is None
    assert loaded_module({"module_path": "first"}) is None
    assert loaded_module({"run_fn": "first.run_fn"}) is None
    assert loaded_module({}) is None


def test_a_module_file_is_found_among_others(write):
    """TFX gives each file that it loads a name of its own."""
    properties = [{"module_file": str(write(f"{name}/module.py", 1))} for name in ("a", "b")]
    functions = [load(each) for each in properties]
    for function, each in zip(functions, properties, strict=True):
        assert loaded_module(each).run_fn is function


def test_a_file_that_changed_is_found_as_it_was_loaded_last(write):
    """As by a second component in the same process."""
    path = str(write("module.py", 1))
    load({"module_file": path})
    write("module.py", 22)
    function = load({"module_file": path})
    assert 22 == loaded_module({"module_file": path}).run_fn(None) == function(None)


def test_a_run_fn_by_its_name_is_found(write):
    """`run_fn="package.module.run_fn"`."""
    write("package/__init__.py", 0)
    write("package/own.py", 3)
    properties = {"run_fn": "package.own.run_fn"}
    function = load(properties)
    assert loaded_module(properties).run_fn is function


def test_a_module_of_a_wheel_is_found(write):
    """What TFX makes of `module_file` when a pipeline is compiled: NAME@WHEEL."""
    write("packed.py", 4)
    function = load({standard_component_specs.MODULE_PATH_KEY: "packed"})
    found = loaded_module({standard_component_specs.MODULE_PATH_KEY: "packed@/dist/packed.whl"})
    assert found.run_fn is function
