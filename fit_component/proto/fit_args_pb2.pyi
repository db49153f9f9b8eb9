from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FitArgs(_message.Message):
    __slots__ = ("splits", "num_steps", "epochs", "initial_epoch", "batch_size", "per_replica_batch_size", "validation", "class_weight", "verbose", "seed", "deterministic", "callbacks", "strategy")
    class Verbose(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        SILENT: _ClassVar[FitArgs.Verbose]
        PROGRESS_BAR: _ClassVar[FitArgs.Verbose]
        LINE_PER_EPOCH: _ClassVar[FitArgs.Verbose]
        AUTO: _ClassVar[FitArgs.Verbose]
    SILENT: FitArgs.Verbose
    PROGRESS_BAR: FitArgs.Verbose
    LINE_PER_EPOCH: FitArgs.Verbose
    AUTO: FitArgs.Verbose
    class ClassWeightEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: int
        value: float
        def __init__(self, key: _Optional[int] = ..., value: _Optional[float] = ...) -> None: ...
    SPLITS_FIELD_NUMBER: _ClassVar[int]
    NUM_STEPS_FIELD_NUMBER: _ClassVar[int]
    EPOCHS_FIELD_NUMBER: _ClassVar[int]
    INITIAL_EPOCH_FIELD_NUMBER: _ClassVar[int]
    BATCH_SIZE_FIELD_NUMBER: _ClassVar[int]
    PER_REPLICA_BATCH_SIZE_FIELD_NUMBER: _ClassVar[int]
    VALIDATION_FIELD_NUMBER: _ClassVar[int]
    CLASS_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    VERBOSE_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    DETERMINISTIC_FIELD_NUMBER: _ClassVar[int]
    CALLBACKS_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_FIELD_NUMBER: _ClassVar[int]
    splits: _containers.RepeatedScalarFieldContainer[str]
    num_steps: int
    epochs: int
    initial_epoch: int
    batch_size: int
    per_replica_batch_size: int
    validation: Validation
    class_weight: _containers.ScalarMap[int, float]
    verbose: FitArgs.Verbose
    seed: int
    deterministic: bool
    callbacks: _containers.RepeatedCompositeFieldContainer[Callback]
    strategy: Strategy
    def __init__(self, splits: _Optional[_Iterable[str]] = ..., num_steps: _Optional[int] = ..., epochs: _Optional[int] = ..., initial_epoch: _Optional[int] = ..., batch_size: _Optional[int] = ..., per_replica_batch_size: _Optional[int] = ..., validation: _Optional[_Union[Validation, _Mapping]] = ..., class_weight: _Optional[_Mapping[int, float]] = ..., verbose: _Optional[_Union[FitArgs.Verbose, str]] = ..., seed: _Optional[int] = ..., deterministic: bool = ..., callbacks: _Optional[_Iterable[_Union[Callback, _Mapping]]] = ..., strategy: _Optional[_Union[Strategy, _Mapping]] = ...) -> None: ...

class Validation(_message.Message):
    __slots__ = ("batch_size", "freq")
    BATCH_SIZE_FIELD_NUMBER: _ClassVar[int]
    FREQ_FIELD_NUMBER: _ClassVar[int]
    batch_size: int
    freq: int
    def __init__(self, batch_size: _Optional[int] = ..., freq: _Optional[int] = ...) -> None: ...

class Callback(_message.Message):
    __slots__ = ("early_stopping", "tensorboard", "reduce_lr_on_plateau", "model_checkpoint", "csv_logger", "terminate_on_nan")
    EARLY_STOPPING_FIELD_NUMBER: _ClassVar[int]
    TENSORBOARD_FIELD_NUMBER: _ClassVar[int]
    REDUCE_LR_ON_PLATEAU_FIELD_NUMBER: _ClassVar[int]
    MODEL_CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    CSV_LOGGER_FIELD_NUMBER: _ClassVar[int]
    TERMINATE_ON_NAN_FIELD_NUMBER: _ClassVar[int]
    early_stopping: EarlyStopping
    tensorboard: TensorBoard
    reduce_lr_on_plateau: ReduceLROnPlateau
    model_checkpoint: ModelCheckpoint
    csv_logger: CSVLogger
    terminate_on_nan: TerminateOnNaN
    def __init__(self, early_stopping: _Optional[_Union[EarlyStopping, _Mapping]] = ..., tensorboard: _Optional[_Union[TensorBoard, _Mapping]] = ..., reduce_lr_on_plateau: _Optional[_Union[ReduceLROnPlateau, _Mapping]] = ..., model_checkpoint: _Optional[_Union[ModelCheckpoint, _Mapping]] = ..., csv_logger: _Optional[_Union[CSVLogger, _Mapping]] = ..., terminate_on_nan: _Optional[_Union[TerminateOnNaN, _Mapping]] = ...) -> None: ...

class EarlyStopping(_message.Message):
    __slots__ = ("monitor", "min_delta", "patience", "verbose", "mode", "baseline", "restore_best_weights", "start_from_epoch")
    MONITOR_FIELD_NUMBER: _ClassVar[int]
    MIN_DELTA_FIELD_NUMBER: _ClassVar[int]
    PATIENCE_FIELD_NUMBER: _ClassVar[int]
    VERBOSE_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    BASELINE_FIELD_NUMBER: _ClassVar[int]
    RESTORE_BEST_WEIGHTS_FIELD_NUMBER: _ClassVar[int]
    START_FROM_EPOCH_FIELD_NUMBER: _ClassVar[int]
    monitor: str
    min_delta: float
    patience: int
    verbose: int
    mode: str
    baseline: float
    restore_best_weights: bool
    start_from_epoch: int
    def __init__(self, monitor: _Optional[str] = ..., min_delta: _Optional[float] = ..., patience: _Optional[int] = ..., verbose: _Optional[int] = ..., mode: _Optional[str] = ..., baseline: _Optional[float] = ..., restore_best_weights: bool = ..., start_from_epoch: _Optional[int] = ...) -> None: ...

class TensorBoard(_message.Message):
    __slots__ = ("log_dir", "histogram_freq", "write_graph", "write_images", "write_steps_per_second", "update_freq", "profile_batch", "embeddings_freq", "embeddings_metadata")
    class EmbeddingsMetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    LOG_DIR_FIELD_NUMBER: _ClassVar[int]
    HISTOGRAM_FREQ_FIELD_NUMBER: _ClassVar[int]
    WRITE_GRAPH_FIELD_NUMBER: _ClassVar[int]
    WRITE_IMAGES_FIELD_NUMBER: _ClassVar[int]
    WRITE_STEPS_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    UPDATE_FREQ_FIELD_NUMBER: _ClassVar[int]
    PROFILE_BATCH_FIELD_NUMBER: _ClassVar[int]
    EMBEDDINGS_FREQ_FIELD_NUMBER: _ClassVar[int]
    EMBEDDINGS_METADATA_FIELD_NUMBER: _ClassVar[int]
    log_dir: str
    histogram_freq: int
    write_graph: bool
    write_images: bool
    write_steps_per_second: bool
    update_freq: int
    profile_batch: _containers.RepeatedScalarFieldContainer[int]
    embeddings_freq: int
    embeddings_metadata: _containers.ScalarMap[str, str]
    def __init__(self, log_dir: _Optional[str] = ..., histogram_freq: _Optional[int] = ..., write_graph: bool = ..., write_images: bool = ..., write_steps_per_second: bool = ..., update_freq: _Optional[int] = ..., profile_batch: _Optional[_Iterable[int]] = ..., embeddings_freq: _Optional[int] = ..., embeddings_metadata: _Optional[_Mapping[str, str]] = ...) -> None: ...

class ReduceLROnPlateau(_message.Message):
    __slots__ = ("monitor", "factor", "patience", "verbose", "mode", "min_delta", "cooldown", "min_lr")
    MONITOR_FIELD_NUMBER: _ClassVar[int]
    FACTOR_FIELD_NUMBER: _ClassVar[int]
    PATIENCE_FIELD_NUMBER: _ClassVar[int]
    VERBOSE_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    MIN_DELTA_FIELD_NUMBER: _ClassVar[int]
    COOLDOWN_FIELD_NUMBER: _ClassVar[int]
    MIN_LR_FIELD_NUMBER: _ClassVar[int]
    monitor: str
    factor: float
    patience: int
    verbose: int
    mode: str
    min_delta: float
    cooldown: int
    min_lr: float
    def __init__(self, monitor: _Optional[str] = ..., factor: _Optional[float] = ..., patience: _Optional[int] = ..., verbose: _Optional[int] = ..., mode: _Optional[str] = ..., min_delta: _Optional[float] = ..., cooldown: _Optional[int] = ..., min_lr: _Optional[float] = ...) -> None: ...

class ModelCheckpoint(_message.Message):
    __slots__ = ("filepath", "monitor", "verbose", "save_best_only", "save_weights_only", "mode", "save_freq", "initial_value_threshold")
    FILEPATH_FIELD_NUMBER: _ClassVar[int]
    MONITOR_FIELD_NUMBER: _ClassVar[int]
    VERBOSE_FIELD_NUMBER: _ClassVar[int]
    SAVE_BEST_ONLY_FIELD_NUMBER: _ClassVar[int]
    SAVE_WEIGHTS_ONLY_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    SAVE_FREQ_FIELD_NUMBER: _ClassVar[int]
    INITIAL_VALUE_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    filepath: str
    monitor: str
    verbose: int
    save_best_only: bool
    save_weights_only: bool
    mode: str
    save_freq: int
    initial_value_threshold: float
    def __init__(self, filepath: _Optional[str] = ..., monitor: _Optional[str] = ..., verbose: _Optional[int] = ..., save_best_only: bool = ..., save_weights_only: bool = ..., mode: _Optional[str] = ..., save_freq: _Optional[int] = ..., initial_value_threshold: _Optional[float] = ...) -> None: ...

class CSVLogger(_message.Message):
    __slots__ = ("filename", "separator", "append")
    FILENAME_FIELD_NUMBER: _ClassVar[int]
    SEPARATOR_FIELD_NUMBER: _ClassVar[int]
    APPEND_FIELD_NUMBER: _ClassVar[int]
    filename: str
    separator: str
    append: bool
    def __init__(self, filename: _Optional[str] = ..., separator: _Optional[str] = ..., append: bool = ...) -> None: ...

class TerminateOnNaN(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Strategy(_message.Message):
    __slots__ = ("default", "auto", "one_device", "mirrored")
    DEFAULT_FIELD_NUMBER: _ClassVar[int]
    AUTO_FIELD_NUMBER: _ClassVar[int]
    ONE_DEVICE_FIELD_NUMBER: _ClassVar[int]
    MIRRORED_FIELD_NUMBER: _ClassVar[int]
    default: DefaultStrategy
    auto: AutoStrategy
    one_device: OneDeviceStrategy
    mirrored: MirroredStrategy
    def __init__(self, default: _Optional[_Union[DefaultStrategy, _Mapping]] = ..., auto: _Optional[_Union[AutoStrategy, _Mapping]] = ..., one_device: _Optional[_Union[OneDeviceStrategy, _Mapping]] = ..., mirrored: _Optional[_Union[MirroredStrategy, _Mapping]] = ...) -> None: ...

class DefaultStrategy(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class AutoStrategy(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class OneDeviceStrategy(_message.Message):
    __slots__ = ("device",)
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    device: str
    def __init__(self, device: _Optional[str] = ...) -> None: ...

class MirroredStrategy(_message.Message):
    __slots__ = ("devices",)
    DEVICES_FIELD_NUMBER: _ClassVar[int]
    devices: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, devices: _Optional[_Iterable[str]] = ...) -> None: ...
