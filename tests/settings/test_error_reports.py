# SPDX-License-Identifier: Apache-2.0
"""What an error says: all problems together, where, and no consequences."""

import pytest

from fit_component.errors import FitArgsError
from fit_component.proto.fit_args_pb2 import Callback, CustomCallback, EarlyStopping
from fit_component.settings import load_fit_args, parse_fit_args

RATE = "optimizer.learning_rate"
STEPS = "execution.steps_per_execution"
FROM_0 = {"initial_learning_rate": 0}
KINDS = [field.name for field in Callback.DESCRIPTOR.fields]


def rate(kind, **fields):
    return {"optimizer": {"sgd": {}, "learning_rate": {kind: fields}}}


def test_all_problems_together(refused):
    """One run shows everything that is wrong, in the order of the settings."""
    tree = {
        "epcohs": 5,
        "batch_size": 0,
        "seed": "1",
        "validation": {"freq": 0, "steps": 3},
        "class_weight": {-1: 1.0, 1: -2.0},
        "callbacks": [
            {"early_stopping": {"monitor": "val_auc"}},
            {"model_checkpoint": {}},
            {"tensorboard": {"profile_batch": [1, 2, 3], "log_dir": 3}},
            {},
        ],
        "strategy": {"mirrored": {"devices": ["GPU:0", "GPU:0"]}},
    }
    found = {
        "epcohs": "FitArgs has no such field; did you mean epochs?",
        "seed": "must be an integer; write it without quotes",
        "validation.steps": "Validation has no such field; did you mean every_steps?",
        "callbacks[2].tensorboard.log_dir": "must be a string; put it in quotes",
        "batch_size": "must be 1 or more",
        "class_weight[-1]": "the key must be 0 or more",
        "class_weight[1]": "must be 0 or more",
        "validation.freq": "must be 1 or more",
        "callbacks[1].model_checkpoint.filepath": "is not set, and there is no default",
        "callbacks[3]": f"is empty; a Callback holds exactly one of {', '.join(KINDS)}",
        "callbacks[0].early_stopping.mode": "must say whether val_auc should fall or rise: min or "
        "max. Keras would guess, and for some metrics guess wrong without a word",
        "callbacks[2].tensorboard.profile_batch": "must be one batch, or the first and the last "
        "of several",
        "strategy.mirrored.devices[1]": "is named twice; keep one",
    }

    assert found == {problem.path: problem.message for problem in refused(tree).problems}


def test_a_whole_message(refused):
    """What a user reads: headline, path, value, what is allowed."""
    error = refused({"epcohs": 5, "batch_size": 0}, source="fit.yaml")
    lines = [
        "fit.yaml: 2 problems",
        "  epcohs = 5: FitArgs has no such field; did you mean epochs?",
        "  batch_size = 0: must be 1 or more",
    ]

    assert lines == str(error).split("\n")


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        ({"epochs": "5", "initial_epoch": 3}, "epochs"),
        ({"epcohs": 5, "initial_epoch": 3}, "epcohs"),
        ({"deterministic": True, "seed": "1"}, "seed"),
        ({"deterministic": True, "sed": 1}, "sed"),
        ({"epochs": 5.0, "validation": {"freq": 3}}, "epochs"),
        ({"epochs": 5.0, "callbacks": [{"early_stopping": {"start_from_epoch": 2}}]}, "epochs"),
        ({"callbacks": [{"csv_logger": {"filename": 3}}]}, "callbacks[0].csv_logger.filename"),
        ({"callbacks": [{"csv_logger": None}]}, "callbacks[0].csv_logger"),
        ({"callbacks": [{"csv_loger": {}}]}, "callbacks[0].csv_loger"),
        ({"callbacks": [3]}, "callbacks[0]"),
        ({"callbacks": [{"csv_logger": {}, "tensorboard": {}}]}, "callbacks[0]"),
        (
            {"callbacks": [{"early_stopping": {"monitor": "val_auc", "mode": 1}}]},
            "callbacks[0].early_stopping.mode",
        ),
        (
            {"callbacks": [{"tensorboard": {"write_images": True, "histogram_freq": "1"}}]},
            "callbacks[0].tensorboard.histogram_freq",
        ),
        (
            {
                "callbacks": [
                    {"model_checkpoint": {"filepath": "a", "mode": "min", "save_best_only": 1}}
                ]
            },
            "callbacks[0].model_checkpoint.save_best_only",
        ),
        ({"strategy": {"one_device": {"device": 0}}}, "strategy.one_device.device"),
        ({"max_steps": 3, "execution": {"steps_per_execution": "2"}}, STEPS),
        ({"num_steps": "9", "validation": {"every_steps": 3}}, "num_steps"),
        ({"execution": {"run_eagerly": True, "jit_compile": 1}}, "execution.jit_compile"),
        ({"input": {"shuffle": 0, "shuffle_buffer_size": 3}}, "input.shuffle"),
        ({"optimizer": {"adam": 0.1}}, "optimizer.adam"),
        ({"optimizer": {"learning_rate": "0.1", "sgd": {}}}, "optimizer.learning_rate"),
        ({"optimizer": {"sgd": {}, "use_ema": 1, "ema_momentum": 0.5}}, "optimizer.use_ema"),
        ({"optimizer": {"sgd": {"nesterov": True, "momentum": "1"}}}, "optimizer.sgd.momentum"),
        (
            {"callbacks": [{"swap_ema_weights": {}}], "optimizer": {"sgd": {}, "use_ema": 1}},
            "optimizer.use_ema",
        ),
        (
            rate("polynomial_decay", initial_learning_rate=1, decay_steps="5"),
            f"{RATE}.polynomial_decay.decay_steps",
        ),
        (
            rate("polynomial_decay", initial_learning_rate=1, decay_steps=5, decay_epochs="1"),
            f"{RATE}.polynomial_decay.decay_epochs",
        ),
        (
            rate("polynomial_decay", initial_learning_rate=0, decay_steps=5, end_learning_rate="0"),
            f"{RATE}.polynomial_decay.end_learning_rate",
        ),
        (
            rate("cosine_decay", **FROM_0, decay_steps=5, warmup_steps=1, warmup_target="0.1"),
            f"{RATE}.cosine_decay.warmup_target",
        ),
        (
            rate("cosine_decay", **FROM_0, decay_steps=5, warmup_steps="1", warmup_target=0.1),
            f"{RATE}.cosine_decay.warmup_steps",
        ),
        (
            rate("piecewise_constant_decay", boundaries=[1, "2"], values=[1]),
            f"{RATE}.piecewise_constant_decay.boundaries[1]",
        ),
        (
            {"callbacks": [{"learning_rate_scheduler": {"function": 3}}]},
            "callbacks[0].learning_rate_scheduler.function",
        ),
        (
            {"callbacks": [{"lambda_callback": {"on_epoch_end": 3}}]},
            "callbacks[0].lambda_callback.on_epoch_end",
        ),
        (
            {"callbacks": [{"custom": {"class_path": "a.B", "kwargs": {"a": b""}}}]},
            "callbacks[0].custom.kwargs.a",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_no_consequences(tree, path, refused_paths):
    """A check that depends on what could not be read stays silent."""
    assert [path] == refused_paths(tree)


def test_what_does_not_depend_is_still_reported(refused_paths):
    """A value that could not be read silences no other check."""
    tree = {"epochs": "5", "deterministic": True, "batch_size": -1}

    assert ["epochs", "batch_size", "deterministic"] == refused_paths(tree)


def test_elements_keep_their_numbers(refused_paths):
    """What could not be read does not move those after it up."""
    assert ["splits[0]", "splits[1]", "splits[3]"] == refused_paths({"splits": [3, None, "a", ""]})
    callbacks = [None, 3, {"early_stopping": {"patience": -1}}]
    expected = ["callbacks[0]", "callbacks[1]", "callbacks[2].early_stopping.patience"]
    assert expected == refused_paths({"callbacks": callbacks})


def test_problems_of_values_and_of_overrides_come_together(refused_paths):
    """A file and the overrides are reported in one error."""
    assert ["epcohs", "sed"] == refused_paths({"epcohs": 5}, overrides=["sed=1"])


@pytest.mark.parametrize(
    ("format_name", "text", "place"),
    [
        ("json", '{\n  "epochs": 3\n  "seed": 1\n}', "line 3, column 3"),
        ("json", "", "line 1, column 1"),
        ("yaml", "epochs: 3\n  seed: 1", "line 2, column 7"),
        ("yaml", "epochs: [", "line 1, column 10"),
        ("yaml", "epochs: 3\nseed: \x00", "line 2, column 7"),
        ("textproto", "epochs: 3\nseed 1", "line 2, column 6"),
        ("textproto", "validation {\n  freq: 1", "line 2"),
        ("textproto", "epochs: 3\n  epcohs: 3", "line 2, column 3"),
    ],
)
def test_syntax_errors_name_line_and_column(format_name, text, place, refused):
    """A text that is none of its format says where."""
    (problem,) = refused(text, format=format_name).problems

    assert problem.message.startswith(place)


# PyYAML takes seconds to scan as many brackets as the json module does in no time.
@pytest.mark.parametrize(("format_name", "levels"), [("json", 100_000), ("yaml", 5_000)])
def test_nesting_without_end(format_name, levels, refused):
    """A text that no parser's stack can hold is refused like any other."""
    assert "nested too deeply" in str(refused("[" * levels, format=format_name))


def test_integer_of_thousands_of_digits(refused):
    """Python refuses to write such integers, the error does not try."""
    assert refused('{"epochs": ' + "9" * 5000 + "}").problems
    assert "epochs = an integer of more than 300 digits" in str(refused({"epochs": 10**5000}))


def test_unknown_format(refused):
    """The name of a format is checked like a setting."""
    assert 'format = "ymal": unknown; did you mean yaml?' in str(refused("{}", format="ymal"))


def test_suffixes(tmp_path):
    """The suffix of a file names its format."""
    texts = {
        ".textproto": "epochs: 3",
        ".pbtxt": "epochs: 3",
        ".txtpb": "epochs: 3",
        ".json": '{"epochs": 3}',
        ".yaml": "epochs: 3 # three",
        ".yml": "epochs: 3 # three",
    }
    for suffix, text in texts.items():
        path = tmp_path / f"fit{suffix}"
        path.write_text(text)

        assert 3 == load_fit_args(path).epochs
        assert 4 == load_fit_args(str(path), overrides=["epochs=4"]).epochs


@pytest.mark.parametrize("name", ["fit.toml", "fit", "fit.yaml.bak"])
def test_unknown_suffix(name):
    """A suffix that names no format is told before the file is opened."""
    with pytest.raises(FitArgsError, match=r"names no format; allowed: \.textproto, .*\.yml"):
        load_fit_args(name)


def test_errors_name_the_file(tmp_path):
    """The headline is the file's name."""
    path = tmp_path / "fit.json"
    path.write_text('{"epcohs": 3}')
    with pytest.raises(FitArgsError) as caught:
        load_fit_args(path)

    assert f"{path}: 1 problem" == str(caught.value).split("\n")[0]
    assert str(path) == caught.value.source


def test_absent_file(tmp_path):
    """A file that is not there is an OSError, as elsewhere in Python."""
    with pytest.raises(FileNotFoundError):
        load_fit_args(tmp_path / "fit.json")


@pytest.mark.parametrize("suffix", ["json", "yaml", "textproto"])
def test_not_utf_8(suffix, tmp_path):
    """A file in another encoding says from which byte on."""
    path = tmp_path / f"fit.{suffix}"
    path.write_bytes(b"epochs\xff")
    with pytest.raises(FitArgsError, match="is not UTF-8 text, from byte 6 on"):
        load_fit_args(path)


@pytest.mark.parametrize(
    ("format_name", "text"), [("json", b"{}"), ("yaml", b"{}"), ("textproto", b"")]
)
def test_byte_order_mark(format_name, text):
    """The mark that Windows editors write is no part of the text."""
    assert 0 == parse_fit_args(b"\xef\xbb\xbf" + text, format=format_name).ByteSize()


def test_a_name_that_belongs_one_level_deeper_is_found_there(refused):
    """A callback at the top level is a common slip."""
    assert "did you mean callbacks[0].early_stopping?" in str(refused({"early_stopping": {}}))
    assert "did you mean validation.freq?" in str(refused({"freq": 2}))


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("steps_per_epoch", "did you mean num_steps?"),
        ("validation_freq", "did you mean validation.freq?"),
        ("validation_steps", "num_steps of the Trainer's eval_args"),
    ],
)
def test_what_fit_calls_otherwise_is_translated(refused, name, hint):
    """Who moves from fit's arguments is told the field."""
    assert hint in str(refused({name: 3}))


def test_a_message_of_a_callback_without_its_wrapping(refused):
    """The wrapping is shown."""
    error = refused({"callbacks": [EarlyStopping()]})
    assert "must be a Callback; write {early_stopping: …} around it" in str(error)


def test_a_value_where_a_list_is_meant(refused):
    """The list is shown."""
    assert "splits = 3: must be a list; put it in [ ]" in str(refused({"splits": 3}))


def test_messages_of_the_settings_that_are_new_to_users(refused):
    """What a user reads: each names the setting, the value, what is allowed, the repair."""
    tree = {
        "max_time": 90,
        "optimizer": {"adam": {"clipnorm": 1, "beta_1": 1}, "learning_rate": "0.1", "clipnorm": 0},
        "callbacks": [
            {"custom": {"class_path": "Heartbeat", "kwargs": {"every": b"1"}}},
            {"learning_rate_scheduler": {}},
        ],
    }
    lines = [
        'max_time = 90: must be a duration such as 90s, 30m or 1h30m; write "90s" for seconds',
        "optimizer.adam.clipnorm = 1: Adam has no such field; it belongs to every Optimizer: give "
        "it beside adam, not in it",
        'optimizer.learning_rate = "0.1": must be a number, or a mapping with one of '
        "exponential_decay, cosine_decay, cosine_decay_restarts, polynomial_decay, "
        "piecewise_constant_decay, inverse_time_decay; write it without quotes",
        "callbacks[0].custom.kwargs.every = b'1': must be a number, text, true, false, null, a "
        "list or a mapping",
        'callbacks[0].custom.class_path = "Heartbeat": must be a class with its module, such as '
        "my_company.callbacks.Heartbeat",
        "callbacks[1].learning_rate_scheduler.schedule: is not set, nor is function; give one of "
        "them",
        "optimizer.clipnorm = 0.0: must be above 0",
        "optimizer.adam.beta_1 = 1.0: must be 0 or more and below 1",
    ]

    assert lines == [str(problem) for problem in refused(tree).problems]


@pytest.mark.parametrize(
    ("value", "options"),
    [
        ({"callbacks": [{"custom": {"class_path": "a.B", "kwargs": {"api_key": b"hunter2"}}}]}, {}),
        ({"callbacks": [{"custom": {"kwargs": {"api_key": "hunter2"}, "clas_path": 1}}]}, {}),
        ({"callbacks": [{"custom": [{"api_key": "hunter2"}]}]}, {}),
        ({"api_key": "hunter2"}, {}),
        ('{"callback": [{"custom": {"kwargs": {"api_key": "hunter2"}}}]}', {}),
        ({"epochs": CustomCallback(class_path="api_key: hunter2")}, {}),
        ({"epochs": "api_key: hunter2"}, {}),
        ("callbacks: {custom: {kwargs: {api_key: hunter2}}}", {"format": "yaml"}),
        ('fields { key: "api_key" value { string_value: "hunter2" } }', {"format": "textproto"}),
        ('splits: "api_key: hunter2', {"format": "textproto"}),
        (None, {"overrides": ["callbacks[0].custom.kwargs={api_key: hunter2"]}),
        (None, {"overrides": ["callbacks[0].custom.kwargs.api_key: hunter2"]}),
        (None, {"overrides": {"callbacks[0].custom.kwargs.api_key": b"hunter2"}}),
    ],
    ids=lambda value: str(value)[:60],
)
def test_credentials_are_not_told(value, options, refused):
    """What is wrong with them, or near them, is told without them."""
    error = refused(value, **options)
    assert "hunter2" not in str(error)


ESCAPE = "\x1b[31m\u202e\n"


@pytest.mark.parametrize(
    ("value", "options"),
    [
        ({ESCAPE: 1}, {}),
        ({"class_weight": {ESCAPE: 1}, "splits": {ESCAPE: 1}}, {}),
        ({"callbacks": [{"early_stopping": {"monitor": ESCAPE}}]}, {}),
        ({"callbacks": [{"model_checkpoint": {"filepath": f"{{val_{ESCAPE}}}"}}]}, {}),
        ({"callbacks": [{"custom": {"class_path": "a.B", "kwargs": {ESCAPE: 10**20}}}]}, {}),
        ('{"\\u001b": 1, "\\u001b": 2}', {}),
        ("\x1b.yaml", {}),
        ('"\\e": 1\n"\\e": 2', {"format": "yaml"}),
        ("epochs: !<%1B> 1", {"format": "yaml"}),
        ("epochs: *\u202e", {"format": "yaml"}),
        ("\x1b: 1", {"format": "textproto"}),
        ('verbose: "\x1b"', {"format": "textproto"}),
        ("", {"format": ESCAPE}),
        (
            None,
            {"overrides": [f"{ESCAPE}=1", ESCAPE, f"callbacks[{ESCAPE}]=1", f"epochs={ESCAPE}"]},
        ),
        ({"epochs": 0}, {"source": f"{ESCAPE}.json"}),
    ],
    ids=ascii,
)
def test_what_a_terminal_would_obey_is_escaped(value, options, refused):
    """Wherever the user wrote it: as a key, a path, a value or a name."""
    assert all(line.isprintable() for line in str(refused(value, **options)).split("\n"))
