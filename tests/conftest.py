# SPDX-License-Identifier: Apache-2.0
"""What tests share. Nothing here imports TensorFlow or TFX."""

import gc
import os
import sys

import environment  # noqa: F401  (before anything that changes os.environ)
import pytest
from autograph import leave_keras_alone
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from warm_python import WarmPython

from fit_component.errors import FitArgsError
from fit_component.settings import parse_fit_args

# Importing tensorflow_transform sets it to 1 where it is not set: tf.keras would be Keras 3 or not
# by what a test's module imports first.
os.environ.setdefault("TF_USE_LEGACY_KERAS", "0")

WARM_PYTHON = pytest.StashKey[WarmPython]()

# TensorFlow and TFX, which the tests' modules import, are millions of objects that stay.
gc.disable()


def pytest_collection_modifyitems(items):
    """Skips what needs tf_keras where it is not; puts files with slow tests first.

    What starts last should not take long.
    """
    if os.environ["TF_USE_LEGACY_KERAS"] != "1":
        skip = pytest.mark.skip(reason="tf_keras alone: runs with TF_USE_LEGACY_KERAS=1")
        for item in items:
            if item.get_closest_marker("tf_keras"):
                item.add_marker(skip)
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish(session):
    """No garbage collection looks at what was imported, and processes can start with it."""
    gc.freeze()
    gc.enable()
    if any("warm_python" in getattr(item, "fixturenames", ()) for item in session.items):
        session.config.stash[WARM_PYTHON] = WarmPython()


def pytest_sessionfinish(session):
    """Ends what starts processes."""
    if WARM_PYTHON in session.config.stash:
        session.config.stash[WARM_PYTHON].close()


@pytest.fixture(scope="session")
def warm_python(pytestconfig):
    """Starts Python processes that need no time for imports."""
    return pytestconfig.stash[WARM_PYTHON]


def pytest_terminal_summary(terminalreporter):
    """Prints what tests recorded for the reader of the run."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{name}: {value}")


def pytest_runtest_setup(item):
    """Saves the time in which AutoGraph converts tf_keras.

    Processes of warm_python do so too. New processes that tests start, and the demo, run as users
    do, unless they ask for it themselves.
    """
    if item.get_closest_marker("keras") or "tensorflow" in sys.modules:
        leave_keras_alone()


@pytest.fixture(scope="session")
def train_args_class():
    """A twin of tfx.components.trainer.TrainArgs in a pool of its own: TFX may be absent."""
    file = descriptor_pb2.FileDescriptorProto(
        name="twin/trainer.proto", package="tfx.components.trainer", syntax="proto3"
    )
    message = file.message_type.add(name="TrainArgs")
    field = descriptor_pb2.FieldDescriptorProto
    message.field.add(name="splits", number=1, label=field.LABEL_REPEATED, type=field.TYPE_STRING)
    message.field.add(name="num_steps", number=2, label=field.LABEL_OPTIONAL, type=field.TYPE_INT32)
    message.reserved_range.add(start=3, end=10)
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    descriptor = pool.FindMessageTypeByName("tfx.components.trainer.TrainArgs")
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    return message_factory.MessageFactory(pool).GetPrototype(descriptor)  # protobuf 3.20


@pytest.fixture
def refused():
    """Reads settings that must be refused; returns the error."""

    def read(value, **options):
        with pytest.raises(FitArgsError) as caught:
            parse_fit_args(value, **options)
        return caught.value

    return read


@pytest.fixture
def refused_paths(refused):
    """Reads settings that must be refused; returns the paths of the problems."""

    def read(value, **options):
        return [problem.path for problem in refused(value, **options).problems]

    return read


@pytest.fixture
def importable(tmp_path, monkeypatch):
    """A directory whose modules can be imported for the time of a test, and are forgotten then."""
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    own = {path.stem for path in tmp_path.iterdir()}
    for name in [name for name in sys.modules if name.split(".")[0] in own]:
        del sys.modules[name]
