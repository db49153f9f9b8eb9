# SPDX-License-Identifier: Apache-2.0
"""Unit tests of a module file, without a pipeline.

`run_module` trains a module file as Trainer does. `make_fn_args` gives the
FitFnArgs that its run_fn would get, to call it or a part of it by hand.
`transform_examples` does what Transform does. All work over a handful of rows,
in pytest and in tf.test.TestCase; what they write goes below a directory that
the test names, such as pytest's tmp_path.
"""

from __future__ import annotations

from fit_component.testing.runs import ModuleRun, make_fn_args, run_module
from fit_component.testing.transforms import Transformed, transform_examples
from fit_component.training.observation import Fit

__all__ = [
    "Fit",
    "ModuleRun",
    "Transformed",
    "make_fn_args",
    "run_module",
    "transform_examples",
]
