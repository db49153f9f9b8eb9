# SPDX-License-Identifier: Apache-2.0
"""The rule of each field: the last value allowed and the first refused."""

import re

import pytest
from google.protobuf.descriptor import FieldDescriptor

from fit_component.proto import fit_args_pb2
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.settings import parse_fit_args
from fit_component.settings.rules import RULES

# Every value of their type is meaningful.
FREE = {"baseline", "initial_value_threshold"}  # tried below

CALLBACKS = [
    {"early_stopping": {}},
    {"tensorboard": {"embeddings_freq": 1}},
    {"reduce_lr_on_plateau": {}},
    {"model_checkpoint": {"filepath": "a.keras", "save_best_only": True, "monitor": "loss"}},
    {"csv_logger": {"filename": "log.csv"}},
    {"backup_and_restore": {"backup_dir": "/backup"}},
    {"lambda_callback": {"on_epoch_end": "report"}},
    {"learning_rate_scheduler": {"function": "warm_up"}},
    {"orbax_checkpoint": {"directory": "orbax", "save_best_only": True, "monitor": "loss"}},
    {"remote_monitor": {}},
    {"custom": {"class_path": "my_company.callbacks.Heartbeat"}},
    {"from_module": {"function": "make_callback"}},
]
STOPPING, BOARD, PLATEAU, CHECKPOINT, LOGGER, BACKUP, LAMBDA, SCHEDULER, ORBAX, REMOTE = (
    f"callbacks[{index}].{name}"
    for index, callback in enumerate(CALLBACKS[:10])
    for name in callback
)
CUSTOM, MODULE = "callbacks[10].custom", "callbacks[11].from_module"

STEPS = {"initial_learning_rate": 0.5, "decay_steps": 10}
SCHEDULES = {
    "constant": 0.5,
    "exponential_decay": {**STEPS, "decay_rate": 0.5},
    "cosine_decay": {**STEPS, "warmup_target": 0.25, "warmup_steps": 10},
    "cosine_decay_restarts": {"initial_learning_rate": 0.5, "first_decay_steps": 10},
    "polynomial_decay": STEPS,
    "piecewise_constant_decay": {"boundaries": [10], "values": [0.25, 0.5]},
    "inverse_time_decay": {**STEPS, "decay_rate": 0.5},
}
# What has to go before a field can be set.
INSTEAD_OF = {
    "decay_epochs": "decay_steps",
    "first_decay_epochs": "first_decay_steps",
    "warmup_epochs": "warmup_steps",
    "boundary_epochs[0]": "boundaries",
}


def settings_for(path):
    """Settings in which the field at a path can be set."""
    first, *rest = path.split(".")
    if first == "resume":
        return {"resume": {"enabled": True}}
    if first != "optimizer":
        return {"epochs": 10, "callbacks": CALLBACKS}
    shared = {"learning_rate": {rest[1]: SCHEDULES[rest[1]]}} if rest[0] == "learning_rate" else {}
    kind = rest[0] if len(rest) > 1 and not shared else "adam"
    return {"optimizer": {kind: {}, "use_ema": True, **shared}}


def overrides_for(path, value):
    """Sets the field at a path."""
    message, _, name = path.rpartition(".")
    instead = {f"{message}.{INSTEAD_OF[name]}": None} if name in INSTEAD_OF else {}
    return {**instead, path: value}


TINY = 5e-324
BELOW_1 = 1 - 2**-53
ABOVE_1 = 1 + 2**-52

# pairs of what is allowed and what is refused, and what the refusal says
POSITIVE = (1, 0), "must be 1 or more"
NOT_NEGATIVE = (0.0, -TINY), "must be 0 or more"
ABOVE_0 = (TINY, 0.0), "must be above 0"
DECAY = (0.0, -TINY), (BELOW_1, 1.0), "must be 0 or more and below 1"
SHARE = (0.0, -TINY), (1.0, ABOVE_1), "must be 0 or more and 1 or less"
NOT_EMPTY = ("b", ""), "must not be empty"
FUNCTION = (
    ("größe_2", "my.tell"),
    ("tell", "2tell"),
    ("tell", ""),
    ("must be the name of a function of the module file"),
)
CLASS = (
    ("a.B", "B"),
    ("a.b.C", "a..C"),
    ("a.B", ""),
    ("a.B", "a.B()"),
    ("must be a class with its module, such as my_company.callbacks.Heartbeat"),
)
SWITCH = (1, 2), (1, -1), "must be one of 0, 1"
FIRST = (TINY, 0.0), "keeps the rate at 0, so nothing is learnt; give a larger one"
RATE = "optimizer.learning_rate"
PRECISIONS = "must be one of float32, float64, float16, bfloat16, mixed_float16, mixed_bfloat16"
MODE = ("min", "minimum"), ("max", "MAX"), "must be one of auto, min, max"


def rows(path, names, rule):
    """The rows of some fields of the message at a path."""
    *pairs, message = rule
    return [(f"{path}.{name}", *pair, message) for name in names.split() for pair in pairs]


# path, allowed, refused, what the refusal says
BOUNDARIES = [
    ("splits[0]", "a", "", "must not be empty"),
    ("num_steps", 0, -1, "must be 0 or more"),
    ("epochs", 1, 0, "must be 1 or more"),
    ("initial_epoch", 0, -1, "must be 0 or more"),
    ("batch_size", 1, 0, "must be 1 or more"),
    ("per_replica_batch_size", 1, 0, "must be 1 or more"),
    ("seed", 0, -1, "must be 0 or more"),
    ("class_weight[0]", 0.0, -TINY, "must be 0 or more"),
    ("validation.batch_size", 1, 0, "must be 1 or more"),
    ("validation.freq", 1, 0, "must be 1 or more"),
    (f"{STOPPING}.monitor", "loss", "", "must not be empty"),
    (f"{STOPPING}.min_delta", 0.0, -TINY, "must be 0 or more"),
    (f"{STOPPING}.patience", 0, -1, "must be 0 or more"),
    (f"{STOPPING}.verbose", 1, 2, "must be one of 0, 1"),
    (f"{STOPPING}.verbose", 0, -1, "must be one of 0, 1"),
    (f"{STOPPING}.mode", "auto", "", "must be one of auto, min, max"),
    (f"{STOPPING}.mode", "min", "minimum", "must be one of auto, min, max"),
    (f"{STOPPING}.mode", "max", "MAX", "must be one of auto, min, max"),
    (f"{STOPPING}.start_from_epoch", 0, -1, "must be 0 or more"),
    (f"{BOARD}.log_dir", "logs", "", "must not be empty"),
    (f"{BOARD}.histogram_freq", 0, -1, "must be 0 or more"),
    (f"{BOARD}.update_freq", 1, 0, "must be 1 or more"),
    (f"{BOARD}.profile_batch[0]", 1, 0, "must be 1 or more"),
    (f"{BOARD}.embeddings_freq", 0, -1, "must be 0 or more"),
    (f"{BOARD}.embeddings_metadata[layer]", "labels.tsv", "", "must not be empty"),
    (f"{PLATEAU}.monitor", "loss", "", "must not be empty"),
    (f"{PLATEAU}.factor", TINY, 0.0, "must be above 0 and below 1"),
    (f"{PLATEAU}.factor", 1 - 2**-53, 1.0, "must be above 0 and below 1"),
    (f"{PLATEAU}.patience", 0, -1, "must be 0 or more"),
    (f"{PLATEAU}.verbose", 1, 2, "must be one of 0, 1"),
    (f"{PLATEAU}.mode", "min", "minimum", "must be one of auto, min, max"),
    (f"{PLATEAU}.min_delta", 0.0, -TINY, "must be 0 or more"),
    (f"{PLATEAU}.cooldown", 0, -1, "must be 0 or more"),
    (f"{PLATEAU}.min_lr", 0.0, -TINY, "must be 0 or more"),
    (f"{CHECKPOINT}.filepath", "b.keras", "", "must not be empty"),
    (f"{CHECKPOINT}.monitor", "acc", "", "must not be empty"),
    (f"{CHECKPOINT}.verbose", 1, 2, "must be one of 0, 1"),
    (f"{CHECKPOINT}.mode", "min", "minimum", "must be one of auto, min, max"),
    (f"{CHECKPOINT}.save_freq", 1, 0, "must be 1 or more"),
    (f"{LOGGER}.filename", "a", "", "must not be empty"),
    (f"{LOGGER}.separator", ",", ",,", "must be 1 character long"),
    (f"{LOGGER}.separator", "\t", "", "must be 1 character long"),
    ("strategy.one_device.device", "CPU:0", "", "must not be empty"),
    ("strategy.mirrored.devices[0]", "GPU:0", "", "must not be empty"),
    ("max_steps", 1, 0, "must be 1 or more"),
    ("validation.every_steps", 1, 0, "must be 1 or more"),
    *rows(BACKUP, "backup_dir", (("/b", ""), NOT_EMPTY[-1])),
    *rows(BACKUP, "save_freq", POSITIVE),
    *rows(LAMBDA, "on_epoch_begin on_epoch_end on_train_begin on_train_end", FUNCTION),
    *rows(LAMBDA, "on_train_batch_begin on_train_batch_end", FUNCTION),
    *rows(SCHEDULER, "function", FUNCTION),
    *rows(SCHEDULER, "verbose", SWITCH),
    *rows(ORBAX, "directory", NOT_EMPTY),
    *rows(ORBAX, "monitor", (("acc", ""), NOT_EMPTY[-1])),
    *rows(ORBAX, "verbose", SWITCH),
    *rows(ORBAX, "mode", MODE),
    *rows(ORBAX, "save_freq max_to_keep", POSITIVE),
    *rows(REMOTE, "root path field headers[x]", NOT_EMPTY),
    *rows(CUSTOM, "class_path", CLASS),
    *rows(MODULE, "function", FUNCTION),
    *rows("optimizer", "weight_decay", NOT_NEGATIVE),
    *rows("optimizer", "clipnorm clipvalue global_clipnorm loss_scale_factor", ABOVE_0),
    *rows("optimizer", "ema_momentum", SHARE),
    *rows("optimizer", "ema_overwrite_frequency", POSITIVE),
    ("optimizer.gradient_accumulation_steps", 2, 1, "must be 2 or more"),
    *rows("optimizer.adam", "beta_1 beta_2", DECAY),
    *rows("optimizer.adam", "epsilon", NOT_NEGATIVE),
    *rows("optimizer.adamw", "beta_1 beta_2", DECAY),
    *rows("optimizer.adamw", "epsilon", NOT_NEGATIVE),
    *rows("optimizer.sgd", "momentum", SHARE),
    *rows("optimizer.rmsprop", "rho", DECAY),
    *rows("optimizer.rmsprop", "momentum", SHARE),
    *rows("optimizer.rmsprop", "epsilon", NOT_NEGATIVE),
    *rows("optimizer.adagrad", "initial_accumulator_value epsilon", NOT_NEGATIVE),
    *rows("optimizer.adadelta", "rho", DECAY),
    *rows("optimizer.adadelta", "epsilon", NOT_NEGATIVE),
    *rows("optimizer.adamax", "beta_1 beta_2", DECAY),
    *rows("optimizer.adamax", "epsilon", NOT_NEGATIVE),
    *rows("optimizer.nadam", "beta_1 beta_2", DECAY),
    *rows("optimizer.nadam", "epsilon", NOT_NEGATIVE),
    ("optimizer.ftrl.learning_rate_power", 0.0, TINY, "must be 0 or less"),
    *rows("optimizer.ftrl", "initial_accumulator_value beta", NOT_NEGATIVE),
    *rows("optimizer.ftrl", "l1_regularization_strength", NOT_NEGATIVE),
    *rows("optimizer.ftrl", "l2_regularization_strength", NOT_NEGATIVE),
    *rows("optimizer.ftrl", "l2_shrinkage_regularization_strength", NOT_NEGATIVE),
    ("optimizer.lion.beta_1", TINY, 0.0, "must be above 0 and below 1"),
    *rows("optimizer.lion", "beta_1", (DECAY[1], DECAY[-1])),
    *rows("optimizer.lion", "beta_2", DECAY),
    ("optimizer.adafactor.beta_2_decay", -TINY, 0.0, "must be below 0"),
    *rows("optimizer.adafactor", "epsilon_1 epsilon_2", NOT_NEGATIVE),
    *rows("optimizer.adafactor", "clip_threshold", ABOVE_0),
    *rows(RATE, "constant", ABOVE_0),
    *rows(f"{RATE}.exponential_decay", "initial_learning_rate", FIRST),
    *rows(f"{RATE}.exponential_decay", "decay_steps", POSITIVE),
    *rows(f"{RATE}.exponential_decay", "decay_epochs decay_rate", ABOVE_0),
    *rows(f"{RATE}.cosine_decay", "initial_learning_rate", NOT_NEGATIVE),
    *rows(f"{RATE}.cosine_decay", "decay_steps warmup_steps", POSITIVE),
    *rows(f"{RATE}.cosine_decay", "decay_epochs warmup_epochs warmup_target", ABOVE_0),
    *rows(f"{RATE}.cosine_decay", "alpha", SHARE),
    *rows(f"{RATE}.cosine_decay_restarts", "initial_learning_rate", FIRST),
    *rows(f"{RATE}.cosine_decay_restarts", "first_decay_steps", POSITIVE),
    *rows(f"{RATE}.cosine_decay_restarts", "first_decay_epochs m_mul", ABOVE_0),
    *rows(f"{RATE}.cosine_decay_restarts", "t_mul", ((1.0, BELOW_1), "must be 1 or more")),
    *rows(f"{RATE}.cosine_decay_restarts", "alpha", SHARE),
    *rows(f"{RATE}.polynomial_decay", "initial_learning_rate", NOT_NEGATIVE),
    *rows(f"{RATE}.polynomial_decay", "decay_steps", POSITIVE),
    *rows(f"{RATE}.polynomial_decay", "decay_epochs power", ABOVE_0),
    *rows(f"{RATE}.polynomial_decay", "end_learning_rate", NOT_NEGATIVE),
    *rows(f"{RATE}.piecewise_constant_decay", "boundaries[0]", ((0, -1), NOT_NEGATIVE[-1])),
    *rows(f"{RATE}.piecewise_constant_decay", "boundary_epochs[0] values[0]", ABOVE_0),
    *rows(f"{RATE}.inverse_time_decay", "initial_learning_rate", FIRST),
    *rows(f"{RATE}.inverse_time_decay", "decay_steps", POSITIVE),
    *rows(f"{RATE}.inverse_time_decay", "decay_epochs decay_rate", ABOVE_0),
    *rows("execution", "steps_per_execution", POSITIVE),
    ("execution.precision", "float32", "float", PRECISIONS),
    ("execution.precision", "float64", "", PRECISIONS),
    ("execution.precision", "float16", "mixed", PRECISIONS),
    ("execution.precision", "bfloat16", "int8", PRECISIONS),
    ("execution.precision", "mixed_float16", "mixed_float32", PRECISIONS),
    ("execution.precision", "mixed_bfloat16", "FLOAT32", PRECISIONS),
    *rows("input", "shuffle_buffer_size prefetch reader_threads", POSITIVE),
    *rows("resume", "directory key", NOT_EMPTY),
    *rows("resume", "save_every_steps", POSITIVE),
]

IDS = [f"{row[0]}={row[2]!r}" for row in BOUNDARIES]


@pytest.mark.parametrize(("path", "allowed", "wrong", "message"), BOUNDARIES, ids=IDS)
def test_the_last_value_allowed(path, allowed, wrong, message):
    """The value at the edge is accepted, and kept."""
    read = parse_fit_args(settings_for(path), overrides=overrides_for(path, allowed))

    assert parse_fit_args(settings_for(path)) != read


@pytest.mark.parametrize(("path", "allowed", "wrong", "message"), BOUNDARIES, ids=IDS)
def test_the_first_value_refused(path, allowed, wrong, message, refused):
    """The value beyond the edge is refused: its path, the value, what is allowed."""
    problems = refused(settings_for(path), overrides=overrides_for(path, wrong)).problems

    assert (path, wrong, message) in [(p.path, p.value, p.message) for p in problems]


@pytest.mark.parametrize("name", sorted(FREE))
def test_free_fields_take_any_number(name):
    """A threshold may have any sign."""
    callback = STOPPING if name == "baseline" else CHECKPOINT
    for value in (-1e300, 0.0, 1e300):
        path = f"{callback}.{name}"
        assert parse_fit_args(settings_for(path), overrides={path: value})


def test_class_indices_count_from_0(refused):
    """A negative class is refused by its key."""
    (problem,) = refused({"class_weight": {-1: 1.0}}).problems

    assert ("class_weight[-1]", "the key must be 0 or more") == (problem.path, problem.message)


def scalars():
    """The fields, or values of maps, that hold numbers and texts, by message."""
    boundless = (FieldDescriptor.TYPE_BOOL, FieldDescriptor.TYPE_ENUM)
    for message in fit_args_pb2.DESCRIPTOR.message_types_by_name.values():
        for field in message.fields:
            entry = field.message_type is not None and field.message_type.GetOptions().map_entry
            kind = field.message_type.fields_by_name["value"] if entry else field
            if kind.message_type is None and kind.type not in boundless:
                yield message.name, field.name


def test_every_field_has_a_rule():
    """No number and no text is taken unchecked, but for those named free."""
    assert {name for _, name in scalars()} == RULES.keys() | FREE
    assert not RULES.keys() & FREE


def at(path):
    """The message's name and the field's that a path leads to."""
    descriptor, field = FitArgs.DESCRIPTOR, None
    for name in re.sub(r"\[\w+\]", "", path).split("."):
        descriptor = field.message_type if field is not None else descriptor
        field = descriptor.fields_by_name[name]
    return descriptor.name, field.name


def test_every_field_has_a_boundary_above():
    """The table above leaves no rule of any message untried."""
    tried = {at(path) for path, *_ in BOUNDARIES}

    assert {(message, name) for message, name in scalars() if name not in FREE} == tried
