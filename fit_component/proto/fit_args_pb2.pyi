from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FitArgs(_message.Message):
    __slots__ = ("splits", "num_steps", "epochs", "initial_epoch", "batch_size", "per_replica_batch_size", "validation", "class_weight", "verbose", "seed", "deterministic", "callbacks", "strategy", "max_steps", "max_time", "optimizer", "execution", "input", "dry_run", "enforcement", "resume")
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
    class Enforcement(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        WARN: _ClassVar[FitArgs.Enforcement]
        ERROR: _ClassVar[FitArgs.Enforcement]
        OVERRIDE: _ClassVar[FitArgs.Enforcement]
    WARN: FitArgs.Enforcement
    ERROR: FitArgs.Enforcement
    OVERRIDE: FitArgs.Enforcement
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
    MAX_STEPS_FIELD_NUMBER: _ClassVar[int]
    MAX_TIME_FIELD_NUMBER: _ClassVar[int]
    OPTIMIZER_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    ENFORCEMENT_FIELD_NUMBER: _ClassVar[int]
    RESUME_FIELD_NUMBER: _ClassVar[int]
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
    max_steps: int
    max_time: _duration_pb2.Duration
    optimizer: Optimizer
    execution: Execution
    input: Input
    dry_run: bool
    enforcement: FitArgs.Enforcement
    resume: Resume
    def __init__(self, splits: _Optional[_Iterable[str]] = ..., num_steps: _Optional[int] = ..., epochs: _Optional[int] = ..., initial_epoch: _Optional[int] = ..., batch_size: _Optional[int] = ..., per_replica_batch_size: _Optional[int] = ..., validation: _Optional[_Union[Validation, _Mapping]] = ..., class_weight: _Optional[_Mapping[int, float]] = ..., verbose: _Optional[_Union[FitArgs.Verbose, str]] = ..., seed: _Optional[int] = ..., deterministic: bool = ..., callbacks: _Optional[_Iterable[_Union[Callback, _Mapping]]] = ..., strategy: _Optional[_Union[Strategy, _Mapping]] = ..., max_steps: _Optional[int] = ..., max_time: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., optimizer: _Optional[_Union[Optimizer, _Mapping]] = ..., execution: _Optional[_Union[Execution, _Mapping]] = ..., input: _Optional[_Union[Input, _Mapping]] = ..., dry_run: bool = ..., enforcement: _Optional[_Union[FitArgs.Enforcement, str]] = ..., resume: _Optional[_Union[Resume, _Mapping]] = ...) -> None: ...

class Validation(_message.Message):
    __slots__ = ("batch_size", "freq", "every_steps")
    BATCH_SIZE_FIELD_NUMBER: _ClassVar[int]
    FREQ_FIELD_NUMBER: _ClassVar[int]
    EVERY_STEPS_FIELD_NUMBER: _ClassVar[int]
    batch_size: int
    freq: int
    every_steps: int
    def __init__(self, batch_size: _Optional[int] = ..., freq: _Optional[int] = ..., every_steps: _Optional[int] = ...) -> None: ...

class Callback(_message.Message):
    __slots__ = ("early_stopping", "tensorboard", "reduce_lr_on_plateau", "model_checkpoint", "csv_logger", "terminate_on_nan", "backup_and_restore", "lambda_callback", "learning_rate_scheduler", "orbax_checkpoint", "remote_monitor", "swap_ema_weights", "custom", "from_module")
    EARLY_STOPPING_FIELD_NUMBER: _ClassVar[int]
    TENSORBOARD_FIELD_NUMBER: _ClassVar[int]
    REDUCE_LR_ON_PLATEAU_FIELD_NUMBER: _ClassVar[int]
    MODEL_CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    CSV_LOGGER_FIELD_NUMBER: _ClassVar[int]
    TERMINATE_ON_NAN_FIELD_NUMBER: _ClassVar[int]
    BACKUP_AND_RESTORE_FIELD_NUMBER: _ClassVar[int]
    LAMBDA_CALLBACK_FIELD_NUMBER: _ClassVar[int]
    LEARNING_RATE_SCHEDULER_FIELD_NUMBER: _ClassVar[int]
    ORBAX_CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    REMOTE_MONITOR_FIELD_NUMBER: _ClassVar[int]
    SWAP_EMA_WEIGHTS_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_FIELD_NUMBER: _ClassVar[int]
    FROM_MODULE_FIELD_NUMBER: _ClassVar[int]
    early_stopping: EarlyStopping
    tensorboard: TensorBoard
    reduce_lr_on_plateau: ReduceLROnPlateau
    model_checkpoint: ModelCheckpoint
    csv_logger: CSVLogger
    terminate_on_nan: TerminateOnNaN
    backup_and_restore: BackupAndRestore
    lambda_callback: LambdaCallback
    learning_rate_scheduler: LearningRateScheduler
    orbax_checkpoint: OrbaxCheckpoint
    remote_monitor: RemoteMonitor
    swap_ema_weights: SwapEMAWeights
    custom: CustomCallback
    from_module: CallbackFromModule
    def __init__(self, early_stopping: _Optional[_Union[EarlyStopping, _Mapping]] = ..., tensorboard: _Optional[_Union[TensorBoard, _Mapping]] = ..., reduce_lr_on_plateau: _Optional[_Union[ReduceLROnPlateau, _Mapping]] = ..., model_checkpoint: _Optional[_Union[ModelCheckpoint, _Mapping]] = ..., csv_logger: _Optional[_Union[CSVLogger, _Mapping]] = ..., terminate_on_nan: _Optional[_Union[TerminateOnNaN, _Mapping]] = ..., backup_and_restore: _Optional[_Union[BackupAndRestore, _Mapping]] = ..., lambda_callback: _Optional[_Union[LambdaCallback, _Mapping]] = ..., learning_rate_scheduler: _Optional[_Union[LearningRateScheduler, _Mapping]] = ..., orbax_checkpoint: _Optional[_Union[OrbaxCheckpoint, _Mapping]] = ..., remote_monitor: _Optional[_Union[RemoteMonitor, _Mapping]] = ..., swap_ema_weights: _Optional[_Union[SwapEMAWeights, _Mapping]] = ..., custom: _Optional[_Union[CustomCallback, _Mapping]] = ..., from_module: _Optional[_Union[CallbackFromModule, _Mapping]] = ...) -> None: ...

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
    __slots__ = ("raise_error",)
    RAISE_ERROR_FIELD_NUMBER: _ClassVar[int]
    raise_error: bool
    def __init__(self, raise_error: bool = ...) -> None: ...

class BackupAndRestore(_message.Message):
    __slots__ = ("backup_dir", "save_freq", "double_checkpoint", "delete_checkpoint", "save_before_preemption")
    BACKUP_DIR_FIELD_NUMBER: _ClassVar[int]
    SAVE_FREQ_FIELD_NUMBER: _ClassVar[int]
    DOUBLE_CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    DELETE_CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    SAVE_BEFORE_PREEMPTION_FIELD_NUMBER: _ClassVar[int]
    backup_dir: str
    save_freq: int
    double_checkpoint: bool
    delete_checkpoint: bool
    save_before_preemption: bool
    def __init__(self, backup_dir: _Optional[str] = ..., save_freq: _Optional[int] = ..., double_checkpoint: bool = ..., delete_checkpoint: bool = ..., save_before_preemption: bool = ...) -> None: ...

class LambdaCallback(_message.Message):
    __slots__ = ("on_epoch_begin", "on_epoch_end", "on_train_begin", "on_train_end", "on_train_batch_begin", "on_train_batch_end")
    ON_EPOCH_BEGIN_FIELD_NUMBER: _ClassVar[int]
    ON_EPOCH_END_FIELD_NUMBER: _ClassVar[int]
    ON_TRAIN_BEGIN_FIELD_NUMBER: _ClassVar[int]
    ON_TRAIN_END_FIELD_NUMBER: _ClassVar[int]
    ON_TRAIN_BATCH_BEGIN_FIELD_NUMBER: _ClassVar[int]
    ON_TRAIN_BATCH_END_FIELD_NUMBER: _ClassVar[int]
    on_epoch_begin: str
    on_epoch_end: str
    on_train_begin: str
    on_train_end: str
    on_train_batch_begin: str
    on_train_batch_end: str
    def __init__(self, on_epoch_begin: _Optional[str] = ..., on_epoch_end: _Optional[str] = ..., on_train_begin: _Optional[str] = ..., on_train_end: _Optional[str] = ..., on_train_batch_begin: _Optional[str] = ..., on_train_batch_end: _Optional[str] = ...) -> None: ...

class LearningRateScheduler(_message.Message):
    __slots__ = ("schedule", "function", "verbose")
    SCHEDULE_FIELD_NUMBER: _ClassVar[int]
    FUNCTION_FIELD_NUMBER: _ClassVar[int]
    VERBOSE_FIELD_NUMBER: _ClassVar[int]
    schedule: LearningRate
    function: str
    verbose: int
    def __init__(self, schedule: _Optional[_Union[LearningRate, _Mapping]] = ..., function: _Optional[str] = ..., verbose: _Optional[int] = ...) -> None: ...

class OrbaxCheckpoint(_message.Message):
    __slots__ = ("directory", "monitor", "verbose", "save_best_only", "mode", "save_freq", "initial_value_threshold", "max_to_keep", "save_on_background", "save_weights_only")
    DIRECTORY_FIELD_NUMBER: _ClassVar[int]
    MONITOR_FIELD_NUMBER: _ClassVar[int]
    VERBOSE_FIELD_NUMBER: _ClassVar[int]
    SAVE_BEST_ONLY_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    SAVE_FREQ_FIELD_NUMBER: _ClassVar[int]
    INITIAL_VALUE_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    MAX_TO_KEEP_FIELD_NUMBER: _ClassVar[int]
    SAVE_ON_BACKGROUND_FIELD_NUMBER: _ClassVar[int]
    SAVE_WEIGHTS_ONLY_FIELD_NUMBER: _ClassVar[int]
    directory: str
    monitor: str
    verbose: int
    save_best_only: bool
    mode: str
    save_freq: int
    initial_value_threshold: float
    max_to_keep: int
    save_on_background: bool
    save_weights_only: bool
    def __init__(self, directory: _Optional[str] = ..., monitor: _Optional[str] = ..., verbose: _Optional[int] = ..., save_best_only: bool = ..., mode: _Optional[str] = ..., save_freq: _Optional[int] = ..., initial_value_threshold: _Optional[float] = ..., max_to_keep: _Optional[int] = ..., save_on_background: bool = ..., save_weights_only: bool = ...) -> None: ...

class RemoteMonitor(_message.Message):
    __slots__ = ("root", "path", "field", "headers", "send_as_json")
    class HeadersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ROOT_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    SEND_AS_JSON_FIELD_NUMBER: _ClassVar[int]
    root: str
    path: str
    field: str
    headers: _containers.ScalarMap[str, str]
    send_as_json: bool
    def __init__(self, root: _Optional[str] = ..., path: _Optional[str] = ..., field: _Optional[str] = ..., headers: _Optional[_Mapping[str, str]] = ..., send_as_json: bool = ...) -> None: ...

class SwapEMAWeights(_message.Message):
    __slots__ = ("swap_on_epoch",)
    SWAP_ON_EPOCH_FIELD_NUMBER: _ClassVar[int]
    swap_on_epoch: bool
    def __init__(self, swap_on_epoch: bool = ...) -> None: ...

class CustomCallback(_message.Message):
    __slots__ = ("class_path", "kwargs")
    CLASS_PATH_FIELD_NUMBER: _ClassVar[int]
    KWARGS_FIELD_NUMBER: _ClassVar[int]
    class_path: str
    kwargs: _struct_pb2.Struct
    def __init__(self, class_path: _Optional[str] = ..., kwargs: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class CallbackFromModule(_message.Message):
    __slots__ = ("function", "kwargs")
    FUNCTION_FIELD_NUMBER: _ClassVar[int]
    KWARGS_FIELD_NUMBER: _ClassVar[int]
    function: str
    kwargs: _struct_pb2.Struct
    def __init__(self, function: _Optional[str] = ..., kwargs: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class Strategy(_message.Message):
    __slots__ = ("default", "auto", "one_device", "mirrored", "multi_worker_mirrored")
    DEFAULT_FIELD_NUMBER: _ClassVar[int]
    AUTO_FIELD_NUMBER: _ClassVar[int]
    ONE_DEVICE_FIELD_NUMBER: _ClassVar[int]
    MIRRORED_FIELD_NUMBER: _ClassVar[int]
    MULTI_WORKER_MIRRORED_FIELD_NUMBER: _ClassVar[int]
    default: DefaultStrategy
    auto: AutoStrategy
    one_device: OneDeviceStrategy
    mirrored: MirroredStrategy
    multi_worker_mirrored: MultiWorkerMirroredStrategy
    def __init__(self, default: _Optional[_Union[DefaultStrategy, _Mapping]] = ..., auto: _Optional[_Union[AutoStrategy, _Mapping]] = ..., one_device: _Optional[_Union[OneDeviceStrategy, _Mapping]] = ..., mirrored: _Optional[_Union[MirroredStrategy, _Mapping]] = ..., multi_worker_mirrored: _Optional[_Union[MultiWorkerMirroredStrategy, _Mapping]] = ...) -> None: ...

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
    __slots__ = ("devices", "cross_device_ops")
    class CrossDeviceOps(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        NCCL_ALL_REDUCE: _ClassVar[MirroredStrategy.CrossDeviceOps]
        HIERARCHICAL_COPY_ALL_REDUCE: _ClassVar[MirroredStrategy.CrossDeviceOps]
        REDUCTION_TO_ONE_DEVICE: _ClassVar[MirroredStrategy.CrossDeviceOps]
    NCCL_ALL_REDUCE: MirroredStrategy.CrossDeviceOps
    HIERARCHICAL_COPY_ALL_REDUCE: MirroredStrategy.CrossDeviceOps
    REDUCTION_TO_ONE_DEVICE: MirroredStrategy.CrossDeviceOps
    DEVICES_FIELD_NUMBER: _ClassVar[int]
    CROSS_DEVICE_OPS_FIELD_NUMBER: _ClassVar[int]
    devices: _containers.RepeatedScalarFieldContainer[str]
    cross_device_ops: MirroredStrategy.CrossDeviceOps
    def __init__(self, devices: _Optional[_Iterable[str]] = ..., cross_device_ops: _Optional[_Union[MirroredStrategy.CrossDeviceOps, str]] = ...) -> None: ...

class MultiWorkerMirroredStrategy(_message.Message):
    __slots__ = ("communication",)
    class Communication(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        AUTO: _ClassVar[MultiWorkerMirroredStrategy.Communication]
        RING: _ClassVar[MultiWorkerMirroredStrategy.Communication]
        NCCL: _ClassVar[MultiWorkerMirroredStrategy.Communication]
    AUTO: MultiWorkerMirroredStrategy.Communication
    RING: MultiWorkerMirroredStrategy.Communication
    NCCL: MultiWorkerMirroredStrategy.Communication
    COMMUNICATION_FIELD_NUMBER: _ClassVar[int]
    communication: MultiWorkerMirroredStrategy.Communication
    def __init__(self, communication: _Optional[_Union[MultiWorkerMirroredStrategy.Communication, str]] = ...) -> None: ...

class Optimizer(_message.Message):
    __slots__ = ("adam", "adamw", "sgd", "rmsprop", "adagrad", "adadelta", "adamax", "nadam", "ftrl", "lion", "adafactor", "learning_rate", "weight_decay", "clipnorm", "clipvalue", "global_clipnorm", "use_ema", "ema_momentum", "ema_overwrite_frequency", "gradient_accumulation_steps", "loss_scale_factor")
    ADAM_FIELD_NUMBER: _ClassVar[int]
    ADAMW_FIELD_NUMBER: _ClassVar[int]
    SGD_FIELD_NUMBER: _ClassVar[int]
    RMSPROP_FIELD_NUMBER: _ClassVar[int]
    ADAGRAD_FIELD_NUMBER: _ClassVar[int]
    ADADELTA_FIELD_NUMBER: _ClassVar[int]
    ADAMAX_FIELD_NUMBER: _ClassVar[int]
    NADAM_FIELD_NUMBER: _ClassVar[int]
    FTRL_FIELD_NUMBER: _ClassVar[int]
    LION_FIELD_NUMBER: _ClassVar[int]
    ADAFACTOR_FIELD_NUMBER: _ClassVar[int]
    LEARNING_RATE_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_DECAY_FIELD_NUMBER: _ClassVar[int]
    CLIPNORM_FIELD_NUMBER: _ClassVar[int]
    CLIPVALUE_FIELD_NUMBER: _ClassVar[int]
    GLOBAL_CLIPNORM_FIELD_NUMBER: _ClassVar[int]
    USE_EMA_FIELD_NUMBER: _ClassVar[int]
    EMA_MOMENTUM_FIELD_NUMBER: _ClassVar[int]
    EMA_OVERWRITE_FREQUENCY_FIELD_NUMBER: _ClassVar[int]
    GRADIENT_ACCUMULATION_STEPS_FIELD_NUMBER: _ClassVar[int]
    LOSS_SCALE_FACTOR_FIELD_NUMBER: _ClassVar[int]
    adam: Adam
    adamw: AdamW
    sgd: SGD
    rmsprop: RMSprop
    adagrad: Adagrad
    adadelta: Adadelta
    adamax: Adamax
    nadam: Nadam
    ftrl: Ftrl
    lion: Lion
    adafactor: Adafactor
    learning_rate: LearningRate
    weight_decay: float
    clipnorm: float
    clipvalue: float
    global_clipnorm: float
    use_ema: bool
    ema_momentum: float
    ema_overwrite_frequency: int
    gradient_accumulation_steps: int
    loss_scale_factor: float
    def __init__(self, adam: _Optional[_Union[Adam, _Mapping]] = ..., adamw: _Optional[_Union[AdamW, _Mapping]] = ..., sgd: _Optional[_Union[SGD, _Mapping]] = ..., rmsprop: _Optional[_Union[RMSprop, _Mapping]] = ..., adagrad: _Optional[_Union[Adagrad, _Mapping]] = ..., adadelta: _Optional[_Union[Adadelta, _Mapping]] = ..., adamax: _Optional[_Union[Adamax, _Mapping]] = ..., nadam: _Optional[_Union[Nadam, _Mapping]] = ..., ftrl: _Optional[_Union[Ftrl, _Mapping]] = ..., lion: _Optional[_Union[Lion, _Mapping]] = ..., adafactor: _Optional[_Union[Adafactor, _Mapping]] = ..., learning_rate: _Optional[_Union[LearningRate, _Mapping]] = ..., weight_decay: _Optional[float] = ..., clipnorm: _Optional[float] = ..., clipvalue: _Optional[float] = ..., global_clipnorm: _Optional[float] = ..., use_ema: bool = ..., ema_momentum: _Optional[float] = ..., ema_overwrite_frequency: _Optional[int] = ..., gradient_accumulation_steps: _Optional[int] = ..., loss_scale_factor: _Optional[float] = ...) -> None: ...

class Adam(_message.Message):
    __slots__ = ("beta_1", "beta_2", "epsilon", "amsgrad")
    BETA_1_FIELD_NUMBER: _ClassVar[int]
    BETA_2_FIELD_NUMBER: _ClassVar[int]
    EPSILON_FIELD_NUMBER: _ClassVar[int]
    AMSGRAD_FIELD_NUMBER: _ClassVar[int]
    beta_1: float
    beta_2: float
    epsilon: float
    amsgrad: bool
    def __init__(self, beta_1: _Optional[float] = ..., beta_2: _Optional[float] = ..., epsilon: _Optional[float] = ..., amsgrad: bool = ...) -> None: ...

class AdamW(_message.Message):
    __slots__ = ("beta_1", "beta_2", "epsilon", "amsgrad")
    BETA_1_FIELD_NUMBER: _ClassVar[int]
    BETA_2_FIELD_NUMBER: _ClassVar[int]
    EPSILON_FIELD_NUMBER: _ClassVar[int]
    AMSGRAD_FIELD_NUMBER: _ClassVar[int]
    beta_1: float
    beta_2: float
    epsilon: float
    amsgrad: bool
    def __init__(self, beta_1: _Optional[float] = ..., beta_2: _Optional[float] = ..., epsilon: _Optional[float] = ..., amsgrad: bool = ...) -> None: ...

class SGD(_message.Message):
    __slots__ = ("momentum", "nesterov")
    MOMENTUM_FIELD_NUMBER: _ClassVar[int]
    NESTEROV_FIELD_NUMBER: _ClassVar[int]
    momentum: float
    nesterov: bool
    def __init__(self, momentum: _Optional[float] = ..., nesterov: bool = ...) -> None: ...

class RMSprop(_message.Message):
    __slots__ = ("rho", "momentum", "epsilon", "centered")
    RHO_FIELD_NUMBER: _ClassVar[int]
    MOMENTUM_FIELD_NUMBER: _ClassVar[int]
    EPSILON_FIELD_NUMBER: _ClassVar[int]
    CENTERED_FIELD_NUMBER: _ClassVar[int]
    rho: float
    momentum: float
    epsilon: float
    centered: bool
    def __init__(self, rho: _Optional[float] = ..., momentum: _Optional[float] = ..., epsilon: _Optional[float] = ..., centered: bool = ...) -> None: ...

class Adagrad(_message.Message):
    __slots__ = ("initial_accumulator_value", "epsilon")
    INITIAL_ACCUMULATOR_VALUE_FIELD_NUMBER: _ClassVar[int]
    EPSILON_FIELD_NUMBER: _ClassVar[int]
    initial_accumulator_value: float
    epsilon: float
    def __init__(self, initial_accumulator_value: _Optional[float] = ..., epsilon: _Optional[float] = ...) -> None: ...

class Adadelta(_message.Message):
    __slots__ = ("rho", "epsilon")
    RHO_FIELD_NUMBER: _ClassVar[int]
    EPSILON_FIELD_NUMBER: _ClassVar[int]
    rho: float
    epsilon: float
    def __init__(self, rho: _Optional[float] = ..., epsilon: _Optional[float] = ...) -> None: ...

class Adamax(_message.Message):
    __slots__ = ("beta_1", "beta_2", "epsilon")
    BETA_1_FIELD_NUMBER: _ClassVar[int]
    BETA_2_FIELD_NUMBER: _ClassVar[int]
    EPSILON_FIELD_NUMBER: _ClassVar[int]
    beta_1: float
    beta_2: float
    epsilon: float
    def __init__(self, beta_1: _Optional[float] = ..., beta_2: _Optional[float] = ..., epsilon: _Optional[float] = ...) -> None: ...

class Nadam(_message.Message):
    __slots__ = ("beta_1", "beta_2", "epsilon")
    BETA_1_FIELD_NUMBER: _ClassVar[int]
    BETA_2_FIELD_NUMBER: _ClassVar[int]
    EPSILON_FIELD_NUMBER: _ClassVar[int]
    beta_1: float
    beta_2: float
    epsilon: float
    def __init__(self, beta_1: _Optional[float] = ..., beta_2: _Optional[float] = ..., epsilon: _Optional[float] = ...) -> None: ...

class Ftrl(_message.Message):
    __slots__ = ("learning_rate_power", "initial_accumulator_value", "l1_regularization_strength", "l2_regularization_strength", "l2_shrinkage_regularization_strength", "beta")
    LEARNING_RATE_POWER_FIELD_NUMBER: _ClassVar[int]
    INITIAL_ACCUMULATOR_VALUE_FIELD_NUMBER: _ClassVar[int]
    L1_REGULARIZATION_STRENGTH_FIELD_NUMBER: _ClassVar[int]
    L2_REGULARIZATION_STRENGTH_FIELD_NUMBER: _ClassVar[int]
    L2_SHRINKAGE_REGULARIZATION_STRENGTH_FIELD_NUMBER: _ClassVar[int]
    BETA_FIELD_NUMBER: _ClassVar[int]
    learning_rate_power: float
    initial_accumulator_value: float
    l1_regularization_strength: float
    l2_regularization_strength: float
    l2_shrinkage_regularization_strength: float
    beta: float
    def __init__(self, learning_rate_power: _Optional[float] = ..., initial_accumulator_value: _Optional[float] = ..., l1_regularization_strength: _Optional[float] = ..., l2_regularization_strength: _Optional[float] = ..., l2_shrinkage_regularization_strength: _Optional[float] = ..., beta: _Optional[float] = ...) -> None: ...

class Lion(_message.Message):
    __slots__ = ("beta_1", "beta_2")
    BETA_1_FIELD_NUMBER: _ClassVar[int]
    BETA_2_FIELD_NUMBER: _ClassVar[int]
    beta_1: float
    beta_2: float
    def __init__(self, beta_1: _Optional[float] = ..., beta_2: _Optional[float] = ...) -> None: ...

class Adafactor(_message.Message):
    __slots__ = ("beta_2_decay", "epsilon_1", "epsilon_2", "clip_threshold")
    BETA_2_DECAY_FIELD_NUMBER: _ClassVar[int]
    EPSILON_1_FIELD_NUMBER: _ClassVar[int]
    EPSILON_2_FIELD_NUMBER: _ClassVar[int]
    CLIP_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    beta_2_decay: float
    epsilon_1: float
    epsilon_2: float
    clip_threshold: float
    def __init__(self, beta_2_decay: _Optional[float] = ..., epsilon_1: _Optional[float] = ..., epsilon_2: _Optional[float] = ..., clip_threshold: _Optional[float] = ...) -> None: ...

class LearningRate(_message.Message):
    __slots__ = ("constant", "exponential_decay", "cosine_decay", "cosine_decay_restarts", "polynomial_decay", "piecewise_constant_decay", "inverse_time_decay")
    CONSTANT_FIELD_NUMBER: _ClassVar[int]
    EXPONENTIAL_DECAY_FIELD_NUMBER: _ClassVar[int]
    COSINE_DECAY_FIELD_NUMBER: _ClassVar[int]
    COSINE_DECAY_RESTARTS_FIELD_NUMBER: _ClassVar[int]
    POLYNOMIAL_DECAY_FIELD_NUMBER: _ClassVar[int]
    PIECEWISE_CONSTANT_DECAY_FIELD_NUMBER: _ClassVar[int]
    INVERSE_TIME_DECAY_FIELD_NUMBER: _ClassVar[int]
    constant: float
    exponential_decay: ExponentialDecay
    cosine_decay: CosineDecay
    cosine_decay_restarts: CosineDecayRestarts
    polynomial_decay: PolynomialDecay
    piecewise_constant_decay: PiecewiseConstantDecay
    inverse_time_decay: InverseTimeDecay
    def __init__(self, constant: _Optional[float] = ..., exponential_decay: _Optional[_Union[ExponentialDecay, _Mapping]] = ..., cosine_decay: _Optional[_Union[CosineDecay, _Mapping]] = ..., cosine_decay_restarts: _Optional[_Union[CosineDecayRestarts, _Mapping]] = ..., polynomial_decay: _Optional[_Union[PolynomialDecay, _Mapping]] = ..., piecewise_constant_decay: _Optional[_Union[PiecewiseConstantDecay, _Mapping]] = ..., inverse_time_decay: _Optional[_Union[InverseTimeDecay, _Mapping]] = ...) -> None: ...

class ExponentialDecay(_message.Message):
    __slots__ = ("initial_learning_rate", "decay_steps", "decay_epochs", "decay_rate", "staircase")
    INITIAL_LEARNING_RATE_FIELD_NUMBER: _ClassVar[int]
    DECAY_STEPS_FIELD_NUMBER: _ClassVar[int]
    DECAY_EPOCHS_FIELD_NUMBER: _ClassVar[int]
    DECAY_RATE_FIELD_NUMBER: _ClassVar[int]
    STAIRCASE_FIELD_NUMBER: _ClassVar[int]
    initial_learning_rate: float
    decay_steps: int
    decay_epochs: float
    decay_rate: float
    staircase: bool
    def __init__(self, initial_learning_rate: _Optional[float] = ..., decay_steps: _Optional[int] = ..., decay_epochs: _Optional[float] = ..., decay_rate: _Optional[float] = ..., staircase: bool = ...) -> None: ...

class CosineDecay(_message.Message):
    __slots__ = ("initial_learning_rate", "decay_steps", "decay_epochs", "alpha", "warmup_target", "warmup_steps", "warmup_epochs")
    INITIAL_LEARNING_RATE_FIELD_NUMBER: _ClassVar[int]
    DECAY_STEPS_FIELD_NUMBER: _ClassVar[int]
    DECAY_EPOCHS_FIELD_NUMBER: _ClassVar[int]
    ALPHA_FIELD_NUMBER: _ClassVar[int]
    WARMUP_TARGET_FIELD_NUMBER: _ClassVar[int]
    WARMUP_STEPS_FIELD_NUMBER: _ClassVar[int]
    WARMUP_EPOCHS_FIELD_NUMBER: _ClassVar[int]
    initial_learning_rate: float
    decay_steps: int
    decay_epochs: float
    alpha: float
    warmup_target: float
    warmup_steps: int
    warmup_epochs: float
    def __init__(self, initial_learning_rate: _Optional[float] = ..., decay_steps: _Optional[int] = ..., decay_epochs: _Optional[float] = ..., alpha: _Optional[float] = ..., warmup_target: _Optional[float] = ..., warmup_steps: _Optional[int] = ..., warmup_epochs: _Optional[float] = ...) -> None: ...

class CosineDecayRestarts(_message.Message):
    __slots__ = ("initial_learning_rate", "first_decay_steps", "first_decay_epochs", "t_mul", "m_mul", "alpha")
    INITIAL_LEARNING_RATE_FIELD_NUMBER: _ClassVar[int]
    FIRST_DECAY_STEPS_FIELD_NUMBER: _ClassVar[int]
    FIRST_DECAY_EPOCHS_FIELD_NUMBER: _ClassVar[int]
    T_MUL_FIELD_NUMBER: _ClassVar[int]
    M_MUL_FIELD_NUMBER: _ClassVar[int]
    ALPHA_FIELD_NUMBER: _ClassVar[int]
    initial_learning_rate: float
    first_decay_steps: int
    first_decay_epochs: float
    t_mul: float
    m_mul: float
    alpha: float
    def __init__(self, initial_learning_rate: _Optional[float] = ..., first_decay_steps: _Optional[int] = ..., first_decay_epochs: _Optional[float] = ..., t_mul: _Optional[float] = ..., m_mul: _Optional[float] = ..., alpha: _Optional[float] = ...) -> None: ...

class PolynomialDecay(_message.Message):
    __slots__ = ("initial_learning_rate", "decay_steps", "decay_epochs", "end_learning_rate", "power", "cycle")
    INITIAL_LEARNING_RATE_FIELD_NUMBER: _ClassVar[int]
    DECAY_STEPS_FIELD_NUMBER: _ClassVar[int]
    DECAY_EPOCHS_FIELD_NUMBER: _ClassVar[int]
    END_LEARNING_RATE_FIELD_NUMBER: _ClassVar[int]
    POWER_FIELD_NUMBER: _ClassVar[int]
    CYCLE_FIELD_NUMBER: _ClassVar[int]
    initial_learning_rate: float
    decay_steps: int
    decay_epochs: float
    end_learning_rate: float
    power: float
    cycle: bool
    def __init__(self, initial_learning_rate: _Optional[float] = ..., decay_steps: _Optional[int] = ..., decay_epochs: _Optional[float] = ..., end_learning_rate: _Optional[float] = ..., power: _Optional[float] = ..., cycle: bool = ...) -> None: ...

class PiecewiseConstantDecay(_message.Message):
    __slots__ = ("boundaries", "boundary_epochs", "values")
    BOUNDARIES_FIELD_NUMBER: _ClassVar[int]
    BOUNDARY_EPOCHS_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    boundaries: _containers.RepeatedScalarFieldContainer[int]
    boundary_epochs: _containers.RepeatedScalarFieldContainer[float]
    values: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, boundaries: _Optional[_Iterable[int]] = ..., boundary_epochs: _Optional[_Iterable[float]] = ..., values: _Optional[_Iterable[float]] = ...) -> None: ...

class InverseTimeDecay(_message.Message):
    __slots__ = ("initial_learning_rate", "decay_steps", "decay_epochs", "decay_rate", "staircase")
    INITIAL_LEARNING_RATE_FIELD_NUMBER: _ClassVar[int]
    DECAY_STEPS_FIELD_NUMBER: _ClassVar[int]
    DECAY_EPOCHS_FIELD_NUMBER: _ClassVar[int]
    DECAY_RATE_FIELD_NUMBER: _ClassVar[int]
    STAIRCASE_FIELD_NUMBER: _ClassVar[int]
    initial_learning_rate: float
    decay_steps: int
    decay_epochs: float
    decay_rate: float
    staircase: bool
    def __init__(self, initial_learning_rate: _Optional[float] = ..., decay_steps: _Optional[int] = ..., decay_epochs: _Optional[float] = ..., decay_rate: _Optional[float] = ..., staircase: bool = ...) -> None: ...

class Execution(_message.Message):
    __slots__ = ("steps_per_execution", "jit_compile", "run_eagerly", "precision")
    STEPS_PER_EXECUTION_FIELD_NUMBER: _ClassVar[int]
    JIT_COMPILE_FIELD_NUMBER: _ClassVar[int]
    RUN_EAGERLY_FIELD_NUMBER: _ClassVar[int]
    PRECISION_FIELD_NUMBER: _ClassVar[int]
    steps_per_execution: int
    jit_compile: bool
    run_eagerly: bool
    precision: str
    def __init__(self, steps_per_execution: _Optional[int] = ..., jit_compile: bool = ..., run_eagerly: bool = ..., precision: _Optional[str] = ...) -> None: ...

class Input(_message.Message):
    __slots__ = ("shuffle", "shuffle_buffer_size", "cache", "prefetch", "drop_remainder", "reader_threads")
    class Cache(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        NONE: _ClassVar[Input.Cache]
        MEMORY: _ClassVar[Input.Cache]
        DISK: _ClassVar[Input.Cache]
    NONE: Input.Cache
    MEMORY: Input.Cache
    DISK: Input.Cache
    SHUFFLE_FIELD_NUMBER: _ClassVar[int]
    SHUFFLE_BUFFER_SIZE_FIELD_NUMBER: _ClassVar[int]
    CACHE_FIELD_NUMBER: _ClassVar[int]
    PREFETCH_FIELD_NUMBER: _ClassVar[int]
    DROP_REMAINDER_FIELD_NUMBER: _ClassVar[int]
    READER_THREADS_FIELD_NUMBER: _ClassVar[int]
    shuffle: bool
    shuffle_buffer_size: int
    cache: Input.Cache
    prefetch: int
    drop_remainder: bool
    reader_threads: int
    def __init__(self, shuffle: bool = ..., shuffle_buffer_size: _Optional[int] = ..., cache: _Optional[_Union[Input.Cache, str]] = ..., prefetch: _Optional[int] = ..., drop_remainder: bool = ..., reader_threads: _Optional[int] = ...) -> None: ...

class Resume(_message.Message):
    __slots__ = ("enabled", "directory", "key", "save_every_steps", "save_every", "keep_for")
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    DIRECTORY_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    SAVE_EVERY_STEPS_FIELD_NUMBER: _ClassVar[int]
    SAVE_EVERY_FIELD_NUMBER: _ClassVar[int]
    KEEP_FOR_FIELD_NUMBER: _ClassVar[int]
    enabled: bool
    directory: str
    key: str
    save_every_steps: int
    save_every: _duration_pb2.Duration
    keep_for: _duration_pb2.Duration
    def __init__(self, enabled: bool = ..., directory: _Optional[str] = ..., key: _Optional[str] = ..., save_every_steps: _Optional[int] = ..., save_every: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., keep_for: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...
