# SPDX-License-Identifier: Apache-2.0
"""What a module file gets: TFX's FnArgs with the settings of fit."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType, ModuleType
from typing import Any

import attr
import tensorflow as tf
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx.components.trainer import fn_args_utils
from tfx.utils import io_utils

from fit_component import data
from fit_component.errors import FitArgsError, Problem
from fit_component.objects import generations
from fit_component.objects.callbacks import make_callbacks, make_directories
from fit_component.objects.compatibility import check_against
from fit_component.objects.execution import make_compile_kwargs
from fit_component.objects.fit_kwargs import make_fit_kwargs
from fit_component.objects.optimizers import make_optimizer
from fit_component.objects.precision import set_precision
from fit_component.objects.reproducibility import seed_generators
from fit_component.objects.strategies import make_strategy
from fit_component.objects.strategy_checks import check_replicas
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.settings import cap_steps, parse_fit_args, resolve
from fit_component.training import warm_start
from fit_component.training.batch_sizes import remember
from fit_component.training.handed_out import HandedOut
from fit_component.training.limits import make_limits
from fit_component.training.passes import PassNumber, make_pass_per_epoch
from fit_component.training.reading import Reading, read_for_evaluation, read_for_training
from fit_component.training.validation import make_every_steps
from fit_component.training.wanted import Wanted, callback_settings

_LOG = logging.getLogger(__name__)


def _resolved(fit_args: Any) -> FitArgs:
    """Checks and resolves settings; those that are resolved stay as they are."""
    return resolve(parse_fit_args(fit_args))


@attr.s
class FitFnArgs(fn_args_utils.FnArgs):
    """TFX's FnArgs, and the settings of `Model.fit` as typed fields.

    Everything that TFX sets is there under its name. Live objects are made on
    first use, from `tf.keras` unless `use_keras` said otherwise.

    Attributes:
      fit_args: The settings with the library's defaults filled in. Who makes
        a FitFnArgs by hand may give them in any form that `parse_fit_args`
        takes.
    """

    fit_args: FitArgs = attr.ib(default=None, converter=_resolved)
    _find_module: Callable[[], ModuleType | None] = attr.ib(
        default=lambda: None, init=False, repr=False, eq=False
    )
    _keras: Any = attr.ib(default=None, init=False, repr=False, eq=False)
    _strategy: tf.distribute.Strategy | None = attr.ib(
        default=None, init=False, repr=False, eq=False
    )
    _counts: dict[tuple[str, ...], int] = attr.ib(factory=dict, init=False, repr=False, eq=False)
    _told: int | None = attr.ib(default=None, init=False, repr=False, eq=False)
    _pass_numbers: list[PassNumber] = attr.ib(factory=list, init=False, repr=False, eq=False)
    _handed_out: HandedOut = attr.ib(factory=HandedOut, init=False, repr=False, eq=False)

    @classmethod
    def from_fn_args(
        cls,
        fn_args: fn_args_utils.FnArgs,
        requested: FitArgs,
        find_module: Callable[[], ModuleType | None] = lambda: None,
        counts: Mapping[str, int] = MappingProxyType({}),
    ) -> FitFnArgs:
        """Extends TFX's FnArgs by settings.

        Args:
          fn_args: What TFX made. Attributes that its class does not declare
            are taken over too: TFX sets such.
          requested: Checked settings, unresolved.
          find_module: Returns the module file's module once it is loaded; for
            callbacks that are made of its functions.
          counts: Numbers of examples by the pattern of their files, as far as
            others tell them.
        """
        result = cls()
        result.__dict__.update(vars(fn_args))
        result.fit_args = resolve(requested)
        result._find_module = find_module
        if counts.keys() >= set(result.train_files or [""]):
            result._told = sum(counts[pattern] for pattern in result.train_files)
        if result.fit_args.dry_run:
            result.train_steps = result.fit_args.num_steps
            result.eval_steps = cap_steps(result.eval_steps, result.fit_args)
        return result

    @property
    def epochs(self) -> int:
        """The epoch at which training ends, counted from 0; 1 or more."""
        return self.fit_args.epochs

    @property
    def batch_size(self) -> int:
        """Examples per training batch, over all replicas together."""
        if self.fit_args.HasField("per_replica_batch_size"):
            replicas: int = self.strategy.num_replicas_in_sync
            return self.fit_args.per_replica_batch_size * replicas
        return self.fit_args.batch_size

    @property
    def eval_batch_size(self) -> int:
        """Examples per evaluation batch, over all replicas together."""
        validation = self.fit_args.validation
        return validation.batch_size if validation.HasField("batch_size") else self.batch_size

    @property
    def validation_freq(self) -> int:
        """Epochs from one evaluation to the next; 1 or more."""
        return self.fit_args.validation.freq

    @property
    def class_weight(self) -> dict[int, float] | None:
        """Weight of each class in the loss by class index, or None."""
        return dict(self.fit_args.class_weight) or None

    @property
    def strategy(self) -> tf.distribute.Strategy:
        """The distribution strategy; build and compile the model in its `scope()`.

        Made once. The default strategy where the settings name none. Where the
        Keras in use gets metrics wrong with several replicas, a warning is
        logged.

        Raises:
          FitArgsError: If a device is not there, or if the Keras in use cannot
            do what the settings say with so many replicas.
        """
        if self._strategy is None:
            strategy = make_strategy(self.fit_args)
            self._check_replicas(strategy.num_replicas_in_sync)
            self._strategy = strategy
        return self._strategy

    @property
    def callbacks(self) -> list[Any]:
        """New callback objects, in the order of the settings.

        Before them stand those that other settings need: for `max_steps` and
        `max_time`, for `validation.every_steps`, and for the order of passes.

        New ones each time, so that a second `fit` inherits no state from the
        first.
        """
        keras = self._keras_in_use()
        passes = [] if self.train_steps else make_pass_per_epoch(self._pass_numbers, keras)
        return [*passes, *self._make_callbacks(keras).values()]

    @property
    def optimizer(self) -> Any:
        """A new optimizer; None where the settings name none.

        `compile(optimizer=fn_args.optimizer or Adam(1e-3), ...)`. Wherever it
        is asked for, it belongs to the strategy's scope.

        Raises:
          FitArgsError: If the Keras in use does not take what the settings say.
        """
        inside = tf.distribute.has_strategy()
        # Keras 3 makes variables at once, and those of another scope fail in the first step.
        with contextlib.nullcontext() if inside else self.strategy.scope():
            made = make_optimizer(
                self.fit_args, self._keras_in_use(), steps_per_epoch=self._steps_per_epoch
            )
        self._handed_out.add_optimizer(made)
        return made

    @property
    def compile_kwargs(self) -> dict[str, Any]:
        """Arguments for `Model.compile`, other than optimizer, loss and metrics.

        Those of `execution` that are set: steps_per_execution, jit_compile and
        run_eagerly.
        """
        return make_compile_kwargs(self.fit_args)

    @property
    def fit_kwargs(self) -> dict[str, Any]:
        """Arguments for `Model.fit`, all but the data; with new callbacks each time.

        `model.fit(train, validation_data=evaluation, **fn_args.fit_kwargs)`
        """
        return self.fit_kwargs_with()

    def fit_kwargs_with(self, *, callbacks: Sequence[Any] = ()) -> dict[str, Any]:
        """Arguments for `Model.fit`, with callbacks of the module's own.

        Args:
          callbacks: Callbacks to append to those of the settings.

        Raises:
          TypeError: If one of them is no callback of the Keras in use.
        """
        for callback in callbacks:
            self._check_callback(callback)
        return make_fit_kwargs(
            self.fit_args,
            callbacks=[*self.callbacks, *callbacks],
            train_steps=self.train_steps,
            eval_steps=self.eval_steps,
        )

    def use_keras(self, keras: Any) -> None:
        """Makes live objects from another Keras than `tf.keras`.

        Args:
          keras: The module `keras` or `tf_keras`.

        Raises:
          TypeError: If it is neither.
          FitArgsError: If that Keras cannot do what the settings say.
        """
        check_against(keras, self.fit_args, self.model_run_dir or "", eval_steps=self.eval_steps)
        if self.fit_args.HasField("seed"):
            seed_generators(keras, self.fit_args.seed)
        if self.fit_args.execution.HasField("precision"):
            set_precision(keras, self.fit_args.execution.precision)
        self._keras = keras

    @property
    def steps_per_epoch(self) -> int:
        """Batches per epoch: `train_steps`, else those of one pass over the training splits.

        For the latter the number of examples is that of the statistics where
        some are connected, unless they are those of a sample; else the examples
        are counted, once.

        Raises:
          FitArgsError: If there is no example, or no full batch where others
            are left out.
        """
        return self._train_splits().steps(self._how_to_train())

    @property
    def known_steps_per_epoch(self) -> int | None:
        """As `steps_per_epoch`, if it is known without counting examples now; else None."""
        splits = self._train_splits()
        with contextlib.suppress(FitArgsError):  # Which a module with data of its own is spared.
            how = self._how_to_train()
            return splits.steps(how) if splits.knows_steps(how) else None
        return None

    def train_dataset(
        self,
        schema: schema_pb2.Schema | None = None,
        *,
        label_key: str | None = None,
        weight_key: str | None = None,
        parse_fn: Callable[[tf.Tensor], Any] | None = None,
    ) -> tf.data.Dataset:
        """Reads the training splits as `input` says: shuffled, batched by `batch_size`.

        Endless if `train_steps` says how long an epoch is, else one pass. Each
        pass has an order of its own, which follows from the seed and the number
        of the pass alone; in `fit`, one pass is that of the epoch's number.

        Args:
          schema: What the examples look like. Default: the schema of the
            transformed examples if a transform graph is connected, else the
            schema that is.
          label_key: The feature to split off as the label. Default: none.
          weight_key: The feature to split off as the example's weight in the
            loss: one number for each example. Default: none.
          parse_fn: In place of the three: takes a batch of serialized examples,
            a tensor of strings, and returns what `fit` takes. The files must be
            TFRecords.

        Returns:
          A dataset of dicts of features, of (features, label), or of
          (features, label, weight), which `fit` takes as `sample_weight`.

        Raises:
          FitArgsError: If the settings weight the classes as well, if there is
            no example, or no full batch where others are left out, or if the
            disk does not hold what `input.cache` puts there.
          ValueError: If parse_fn is not alone, or a key names no feature that
            could be it.
        """
        if weight_key is not None and self.class_weight:
            raise FitArgsError([_two_weights(weight_key, self.class_weight)], "train_args")
        number = PassNumber(begins_anywhere=self.fit_args.resume.enabled)
        self._pass_numbers.append(number)
        self._handed_out.has_read = True
        dataset = self._train_splits().dataset(
            self._how_to_train(),
            number,
            schema=schema,
            label_key=label_key,
            weight_key=weight_key,
            parse_fn=parse_fn,
        )
        return remember(dataset, self.batch_size)

    def eval_dataset(
        self,
        schema: schema_pb2.Schema | None = None,
        *,
        label_key: str | None = None,
        weight_key: str | None = None,
        parse_fn: Callable[[tf.Tensor], Any] | None = None,
    ) -> tf.data.Dataset:
        """Reads the evaluation splits: in the same order each time, by `eval_batch_size`.

        Endless if `eval_steps` says how long an evaluation is, else one pass.

        Args:
          schema: As in `train_dataset`.
          label_key: As in `train_dataset`.
          weight_key: As in `train_dataset`; it weights the loss of evaluation,
            in which `class_weight` has no part.
          parse_fn: As in `train_dataset`.

        Returns:
          As `train_dataset`.

        Raises:
          FitArgsError: If there is no example, or if the disk does not hold
            what `input.cache` puts there.
          ValueError: As `train_dataset`.
        """
        how = read_for_evaluation(self.fit_args, self.eval_batch_size, self.eval_steps)
        splits = data.Splits(
            self.eval_files, self.data_accessor, self._schema, "eval_args", self._counts
        )
        dataset = splits.dataset(
            how,
            PassNumber(),
            schema=schema,
            label_key=label_key,
            weight_key=weight_key,
            parse_fn=parse_fn,
        )
        return remember(dataset, self.eval_batch_size)

    def save_weights(self, model: Any) -> None:
        """Keeps the weights of a model beside the saved model, for `warm_start`.

        They go into the Model artifact as `model.weights.h5`, a file that Keras
        reads too; what is served or pushed does not grow by it. To be called
        before a transform layer is attached for the export.

        Args:
          model: A Keras model that has weights.

        Raises:
          ValueError: If it has none yet, or holds a layer that cannot write its
            own.
        """
        warm_start.save_weights(model, warm_start.path_beside(self.serving_model_dir))

    def warm_start(self, model: Any) -> None:
        """Gives a model the weights that `save_weights` kept of `base_model`.

        The optimizer's state stays as it is. In a strategy's scope or outside.

        Args:
          model: A Keras model that has weights, of the same architecture.

        Raises:
          ValueError: If no base model is connected, or its weights are not
            those of this model, with all differences.
          FileNotFoundError: If no weights were kept of it.
        """
        if not self.base_model:
            raise ValueError(
                "There is no base_model to start from: connect one, Trainer(base_model=...). A "
                "module that also trains from scratch asks first: if fn_args.base_model: ..."
            )
        warm_start.load_weights(model, warm_start.path_beside(self.base_model))

    @property
    def pass_numbers(self) -> Sequence[PassNumber]:
        """The positions in the datasets of `train_dataset()`, in the order of the calls."""
        return tuple(self._pass_numbers)

    def wanted(self, requested: FitArgs) -> Wanted:
        """What the calls of `fit` are held against.

        Args:
          requested: The settings as they were given.
        """
        return Wanted(
            requested,
            self.fit_args,
            train_steps=self.train_steps,
            eval_steps=self.eval_steps,
            handed_out=self._handed_out,
            make_callbacks=self._make_callbacks,
            strategy=lambda: self.strategy,
        )

    def _make_callbacks(self, keras: Any) -> dict[str, Any]:
        """New callbacks by the settings that they are made of."""
        directory = self.model_run_dir or ""
        make_directories(self.fit_args, directory)
        made = make_callbacks(
            self.fit_args,
            keras,
            directory,
            module=self._find_module(),
            steps_per_epoch=self._steps_per_epoch,
        )
        # Evaluation within an epoch needs to know whether training ends, and the others may want
        # its metrics.
        limits, within = make_limits(self.fit_args, keras), make_every_steps(self.fit_args, keras)
        paths = callback_settings(self.fit_args)
        by_path = dict(zip(paths, [*limits, *within, *made], strict=True))
        for path, callback in by_path.items():
            self._handed_out.add_callback(path, callback)
        return by_path

    def _train_splits(self) -> data.Splits:
        return data.Splits(
            self.train_files,
            self.data_accessor,
            self._schema,
            "train_args",
            self._counts,
            self._told,
        )

    def _how_to_train(self) -> Reading:
        return read_for_training(
            self.fit_args,
            self.batch_size,
            self.train_steps,
            replicas=self.strategy.num_replicas_in_sync,
            # Set where other processes take part, each of which reads the same files.
            shared_order=self.strategy.cluster_resolver is not None,
        )

    def _schema(self) -> schema_pb2.Schema:
        # Imported first of all, it would make tf.keras tf_keras, which with TFX it is not.
        import tensorflow_transform as tft

        if self.transform_graph_path:
            return tft.TFTransformOutput(self.transform_graph_path).transformed_metadata.schema
        if self.schema_path:
            return io_utils.parse_pbtxt_file(self.schema_path, schema_pb2.Schema())
        raise ValueError(
            "The Trainer has neither a transform_graph nor a schema connected; "
            "connect one, or pass schema=... to train_dataset() and eval_dataset()."
        )

    def _keras_in_use(self) -> Any:
        return tf.keras if self._keras is None else self._keras

    def _steps_per_epoch(self) -> int:
        return self.steps_per_epoch

    def _check_replicas(self, replicas: int) -> None:
        keras = self._keras_in_use()
        problems = list(check_replicas(self.fit_args, keras, replicas))
        if problems:
            raise FitArgsError(problems, "train_args")
        wrong = generations.generation_of(self._keras_in_use()).wrong_with_replicas()
        if replicas > 1 and wrong:
            _LOG.warning("strategy, with %d replicas: %s.", replicas, wrong)

    def _check_callback(self, callback: Any) -> None:
        keras = self._keras_in_use()
        if not isinstance(callback, keras.callbacks.Callback):
            raise TypeError(
                f"{callback!r} is no callback of {generations.version_of(keras)}, which is in "
                "use. A module that trains with another Keras says so first: "
                "fn_args.use_keras(tf_keras)."
            )


def _two_weights(weight_key: str, class_weight: dict[int, float]) -> Problem:
    message = (
        f"weights the losses that the module weights by train_dataset(weight_key={weight_key!r}) "
        "already; give one of them"
    )
    return Problem("class_weight", message, class_weight)
