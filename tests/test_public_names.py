# SPDX-License-Identifier: Apache-2.0
"""What `import fit_component` offers, and what it costs."""

import subprocess
import sys

import pytest

import fit_component
from fit_component.proto import fit_args_pb2

# Importing these means importing what protobuf alone does not bring; their own tests do.
NEED_TFX = {"Trainer", "FitExecutor", "FitFnArgs", "lineage", "testing"}
MESSAGES = sorted(fit_args_pb2.DESCRIPTOR.message_types_by_name)

READ_SETTINGS = """
import sys
import fit_component
fit_component.load_fit_args
fit_component.parse_fit_args('{"epochs": 3}')
heavy = {"tensorflow", "keras", "tf_keras", "tfx", "tfx_bsl", "ml_metadata", "numpy", "pandas"}
print(sorted(heavy & {name.partition(".")[0] for name in sys.modules}))
"""


def test_reading_settings_imports_neither_tensorflow_nor_tfx():
    """A fresh process that loads settings stays light."""
    command = [sys.executable, "-c", READ_SETTINGS]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert "[]" == done.stdout.strip()


@pytest.mark.parametrize("name", sorted(set(fit_component.__all__) - NEED_TFX))
def test_every_public_name_resolves(name):
    """What __all__ lists is there."""
    assert name == getattr(fit_component, name).__name__.rpartition(".")[2]


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_is_public(name):
    """The contract's messages are exported under their own names."""
    assert name in fit_component.__all__
    assert getattr(fit_args_pb2, name) is getattr(fit_component, name)


def test_names_are_listed():
    """dir() shows the names before they are imported."""
    assert set(fit_component.__all__) <= set(dir(fit_component))


def test_all_has_no_doubles():
    """A name is listed once; that the list is sorted is the linter's affair."""
    assert len(set(fit_component.__all__)) == len(fit_component.__all__)


def test_unknown_attribute():
    """A name that does not exist is an AttributeError, as for any module."""
    with pytest.raises(AttributeError, match="no attribute 'Trainr'"):
        fit_component.Trainr  # noqa: B018  (the access is what fails)


def test_names_of_the_generated_code_are_not_public():
    """Only what __all__ lists is there."""
    with pytest.raises(AttributeError, match="no attribute 'DESCRIPTOR'"):
        fit_component.DESCRIPTOR  # noqa: B018  (the access is what fails)
