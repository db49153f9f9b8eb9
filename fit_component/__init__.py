# SPDX-License-Identifier: Apache-2.0
"""The settings of Keras' `Model.fit` as the train_args of a TFX Trainer.

Names are imported when they are used: loading and checking settings needs
neither TensorFlow nor TFX.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from fit_component.releases import check_supported

if TYPE_CHECKING:
    from fit_component import lineage, testing
    from fit_component.component import Trainer
    from fit_component.errors import FitArgsError
    from fit_component.executor import FitExecutor
    from fit_component.fn_args import FitFnArgs
    from fit_component.proto.fit_args_pb2 import (
        SGD,
        Adadelta,
        Adafactor,
        Adagrad,
        Adam,
        Adamax,
        AdamW,
        AutoStrategy,
        BackupAndRestore,
        Callback,
        CallbackFromModule,
        CosineDecay,
        CosineDecayRestarts,
        CSVLogger,
        CustomCallback,
        DefaultStrategy,
        EarlyStopping,
        Execution,
        ExponentialDecay,
        FitArgs,
        Ftrl,
        Input,
        InverseTimeDecay,
        LambdaCallback,
        LearningRate,
        LearningRateScheduler,
        Lion,
        MirroredStrategy,
        ModelCheckpoint,
        MultiWorkerMirroredStrategy,
        Nadam,
        OneDeviceStrategy,
        Optimizer,
        OrbaxCheckpoint,
        PiecewiseConstantDecay,
        PolynomialDecay,
        ReduceLROnPlateau,
        RemoteMonitor,
        Resume,
        RMSprop,
        Strategy,
        SwapEMAWeights,
        TensorBoard,
        TerminateOnNaN,
        Validation,
    )
    from fit_component.settings import load_fit_args, parse_fit_args

__version__ = "0.1.0"

# Where the names are that are no messages of the contract; "" for a module of the package.
_MODULES = {
    "FitArgsError": "errors",
    "FitExecutor": "executor",
    "FitFnArgs": "fn_args",
    "Trainer": "component",
    "lineage": "",
    "load_fit_args": "settings",
    "parse_fit_args": "settings",
    "testing": "",
}

__all__ = [
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "AutoStrategy",
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "CallbackFromModule",
    "CosineDecay",
    "CosineDecayRestarts",
    "CustomCallback",
    "DefaultStrategy",
    "EarlyStopping",
    "Execution",
    "ExponentialDecay",
    "FitArgs",
    "FitArgsError",
    "FitExecutor",
    "FitFnArgs",
    "Ftrl",
    "Input",
    "InverseTimeDecay",
    "LambdaCallback",
    "LearningRate",
    "LearningRateScheduler",
    "Lion",
    "MirroredStrategy",
    "ModelCheckpoint",
    "MultiWorkerMirroredStrategy",
    "Nadam",
    "OneDeviceStrategy",
    "Optimizer",
    "OrbaxCheckpoint",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "RMSprop",
    "ReduceLROnPlateau",
    "RemoteMonitor",
    "Resume",
    "Strategy",
    "SwapEMAWeights",
    "TensorBoard",
    "TerminateOnNaN",
    "Trainer",
    "Validation",
    "lineage",
    "load_fit_args",
    "parse_fit_args",
    "testing",
]


check_supported()


def __getattr__(name: str) -> Any:
    """Imports a public name when it is first used (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = _MODULES.get(name, "proto.fit_args_pb2")
    if module:
        value = getattr(importlib.import_module(f"{__name__}.{module}"), name)
    else:
        value = importlib.import_module(f"{__name__}.{name}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
