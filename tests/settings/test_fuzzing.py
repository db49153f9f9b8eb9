# SPDX-License-Identifier: Apache-2.0
"""What was made to break a reader: it gives a FitArgs or a FitArgsError, in little memory."""

import datetime
import subprocess
import sys
import textwrap
from fractions import Fraction

import junk
import pytest
import yaml
from generators import examples, fit_args
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format
from google.protobuf.struct_pb2 import Struct
from hypothesis import given, settings
from hypothesis import strategies as st
from renderings import tree_of

from fit_component.errors import FitArgsError
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.settings import Brought, Parameter, fill, load_fit_args, read_template
from fit_component.settings import parse_fit_args as parse
from fit_component.settings.sizes import MOST, is_too_large

SUFFIXES = [".textproto", ".pbtxt", ".txtpb", ".json", ".yaml", ".yml"]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"]

# In a process of its own, which has this much memory and may crash.
BEGIN = """
import resource
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
from google.protobuf.struct_pb2 import Struct
from fit_component.errors import FitArgsError
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.settings import parse_fit_args

DEEP = 100_000

def custom(kwargs):
    return {"callbacks": [{"custom": {"class_path": "a.B", "kwargs": kwargs}}]}

def ten_times(levels):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(1, levels):
        lines.append(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]")
    return "\\n".join(lines) + "\\n"

def deep(value, wrap):
    for _ in range(DEEP):
        value = wrap(value)
    return value

def refused(value, **options):
    try:
        parse_fit_args(value, **options)
    except FitArgsError as error:
        assert len(str(error)) < 1500 * len(error.problems), len(str(error))
        print(error.problems[0].message)
"""
TOO_DEEP, TOO_LARGE = "is nested too deeply", "is too large for settings"


def outcome(read, *args, **options):
    """What a reader returns, or its FitArgsError, which is as long as there is much to tell."""
    try:
        return read(*args, **options)
    except FitArgsError as error:
        text = str(error)
    assert text.encode()
    assert all(len(line) < 1500 for line in text.splitlines())
    return text


def run(code):
    """Runs code in a process of its own; returns what it printed."""
    program = BEGIN + textwrap.dedent(code)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.returncode}: {done.stderr[-2000:]}"
    return done.stdout


BOMBS = {
    "deep JSON": ("refused('[' * DEEP)", TOO_DEEP),
    "deep JSON, whole": ("refused('{\"a\": ' * DEEP + '1' + '}' * DEEP)", TOO_DEEP),
    "deep YAML, braces": ("refused('{a: ' * DEEP, format='yaml')", TOO_DEEP),
    "deep YAML, dashes": ("refused('- ' * DEEP, format='yaml')", TOO_DEEP),
    "deep textproto": (
        """
        level = 'fields { key: "a" value { struct_value { '
        begin = 'callbacks { custom { class_path: "a.B" kwargs { '
        refused(begin + level * DEEP, format="textproto")
        """,
        TOO_DEEP,
    ),
    "deep dicts": ("refused(deep({}, lambda inner: {'a': inner}))", "FitArgs has no such field"),
    "deep keyword arguments": (
        "refused(custom(deep({}, lambda inner: {'a': inner})))",
        f"{TOO_DEEP}; 20 levels are the most",
    ),
    "deep lists among them": ("refused(custom({'a': deep([], lambda inner: [inner])}))", TOO_DEEP),
    "deep value of an override": ("refused({}, overrides=['epochs=' + '[' * DEEP])", "no YAML"),
    "deep path of an override": (
        "refused({}, overrides={'callbacks[0].custom.kwargs' + '.a' * DEEP: 1})",
        TOO_DEEP,
    ),
    "aliases": ("refused(ten_times(15), format='yaml')", TOO_LARGE),
    "aliases in a list": ("refused(ten_times(15) + 'splits: *a14', format='yaml')", TOO_LARGE),
    "aliases among keyword arguments": (
        """
        callbacks = "callbacks: [{custom: {class_path: a.B, kwargs: {a: *a14}}}]"
        refused(ten_times(15) + callbacks, format="yaml")
        """,
        TOO_LARGE,
    ),
    "aliases in an override": (
        "refused({}, overrides=['callbacks={' + ten_times(15).replace('\\n', ', ') + '}'])",
        TOO_LARGE,
    ),
    "aliases of a long text": (
        """
        texts = ", ".join(["*x"] * 20_000)
        refused(f"x: &x {'y' * 100_000}\\nsplits: [{texts}]", format="yaml")
        """,
        TOO_LARGE,
    ),
    "one list in many places": (
        """
        wide = ["x"] * 10
        for _ in range(14):
            wide = [wide] * 10
        refused(custom({"a": wide}))
        """,
        TOO_LARGE,
    ),
    "an endless list": ("refused({'splits': range(10**15)})", TOO_LARGE),
    "merge keys": (
        """
        lines = [f"x{i}: &x{i} {{!!merge <<: [{', '.join([f'*x{i - 1}'] * 20)}]}}"
                 for i in range(1, 12)]
        refused("x0: &x0 {a: 1, b: 2}\\n" + "\\n".join(lines), format="yaml")
        """,
        "could not determine a constructor",
    ),
    "as many schedulers as plateaus": (
        """
        both = [{"learning_rate_scheduler": {"function": "f"}}, {"reduce_lr_on_plateau": {}}]
        refused({"callbacks": both * 5000})
        """,
        "equals callbacks[0]",
    ),
    "wrong entries": ("refused({'splits': [1, ''] * 20_000})", "must be a string"),
    "equal keys": (
        "refused('{' + ', '.join(['\"a\": 1', '\"b\": 2'] * 50_000) + '}')",
        "FitArgs has no such field",
    ),
    "a long key": ("refused({'a' * 900_000: 1})", "FitArgs has no such field"),
    "a key of dots": ("refused({'.' * 900_000: 1, 'epochs': 0})", "FitArgs has no such field"),
    "a long text": ("refused('\"' + 'a' * 10**7, format='textproto')", "line 1, column 1"),
    "a long path": (
        "refused({}, overrides=['a' + '.a' * 400_000 + '=1'])",
        "FitArgs has no such field",
    ),
    "a path of brackets": ("refused({}, overrides=['a' + '.]' * 400_000 + '=1'])", "is no path"),
}


@pytest.mark.parametrize(("code", "told"), BOMBS.values(), ids=BOMBS)
def test_little_that_stands_for_much(code, told):
    """It is refused in a GiB, without a crash, and in few words."""
    assert told in run(code)


@pytest.mark.parametrize("depth", [21, 34, 40, 82, 100, 160])
def test_text_nested_too_deeply(depth):
    """It is told by its path where protobuf can read it, and as a whole where it cannot."""
    begin, level = 'callbacks { custom { class_path: "a.B" kwargs { ', "fields { key: 'a' value {"
    text = f"{begin}{f'{level} struct_value {{ ' * depth}{'} } } ' * depth}}} }} }}"
    with pytest.raises(FitArgsError, match=TOO_DEEP):
        parse(text, format="textproto")


@pytest.mark.parametrize("depth", [150, 2000, 10_000])
def test_messages_nested_too_deeply_for_protobuf(depth):
    """They are refused; some releases of protobuf would crash on them."""
    told = run(
        f"""
        struct = Struct()
        inner = struct
        try:
            for _ in range({depth}):
                inner = inner.fields["a"].struct_value
            inner.SetInParent()
        except RecursionError:  # protobuf in Python makes none so deep
            pass
        refused(custom(struct))
        refused({{"epochs": struct}})
        message = FitArgs()
        inner = message.callbacks.add().custom.kwargs
        try:
            for _ in range({depth}):
                inner = inner.fields["a"].struct_value
            inner.SetInParent()
        except RecursionError:
            pass
        refused(message)
        """
    ).splitlines()

    too_deep = f"{TOO_DEEP}; 20 levels are the most"
    assert [too_deep, "must be an integer", too_deep] == told


@pytest.mark.parametrize(
    ("tree", "is_large"),
    [
        ("x" * (MOST - 1), False),
        ("x" * MOST, True),
        (["x" * (MOST - 3)], False),
        (["x" * (MOST - 2)], False),
        (["x" * (MOST - 1)], True),
        ({"x" * MOST: 1}, True),
        ([["a"] * 1000] * 400, False),
        ([["a"] * 1000] * 600, True),
        (Struct(), False),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_size(tree, is_large):
    """Values and characters count where they stand, however often the same one does."""
    assert is_large == is_too_large(tree)


def test_what_stands_in_itself_has_a_size():
    """Readers meet its depth."""
    tree = {"a": []}
    tree["a"] += [tree, tree]
    assert not is_too_large(tree)


@pytest.mark.parametrize(
    "text",
    [
        "epochs: !!python/object/apply:pathlib.Path.touch [{}]",
        "epochs: !!python/object/apply:os.system ['touch {}']",
        "epochs: !!python/object/new:os.system ['touch {}']",
        "!!python/object/apply:os.system ['touch {}']",
        "!!python/name:os.system : 3",
        "? !!python/object/apply:os.system ['touch {}']\n: 3",
        "- !!python/module:antigravity",
    ],
)
def test_tags_call_nothing(tmp_path, text):
    """No object but those of settings is made."""
    with pytest.raises(FitArgsError):
        parse(text.format(tmp_path / "made"), format="yaml")
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "callback",
    [{"custom": {"class_path": "side_effect.Callback"}}, {"from_module": {"function": "f"}}],
    ids=str,
)
def test_classes_of_settings_are_not_imported(tmp_path, monkeypatch, callback):
    """Reading and checking runs no code of the user's."""
    (tmp_path / "side_effect.py").write_text("raise SystemExit('was imported')")
    monkeypatch.syspath_prepend(str(tmp_path))
    read = parse({"callbacks": [callback]})
    for value, format_name in [(read, "json"), (text_format.MessageToString(read), "textproto")]:
        assert read == parse(value, format=format_name, overrides=["epochs=2", "epochs=null"])
    assert "side_effect" not in sys.modules


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=examples(40))
@given(
    text=st.sampled_from(["epochs: 3", '{"splits": ["ä"]}', 'splits: "ä"']) | junk.TEXTS,
    encoding=st.sampled_from(ENCODINGS),
)
def test_any_encoding_in_a_file(tmp_path_factory, suffix, text, encoding):
    """What is not read right is refused, not read wrong."""
    path = tmp_path_factory.getbasetemp() / f"encoded{suffix}"
    path.write_bytes(text.encode(encoding, "replace"))
    read = outcome(load_fit_args, path)
    if isinstance(read, FitArgs):
        assert "utf-16" not in encoding or FitArgs() == read
        assert all(split in ("ä", "?") for split in read.splits)


@pytest.mark.parametrize("name", ["a\0.json", "\ud800.json", "a\0b/c.yaml"], ids=ascii)
def test_what_is_no_name_of_a_file(name):
    """It is told as what it is."""
    with pytest.raises(FitArgsError, match="is no name of a file"):
        load_fit_args(name)


@pytest.mark.parametrize("name", ["absent.json", "."], ids=ascii)
def test_files_that_cannot_be_read(name, tmp_path):
    """They are as Python tells of them; a suffix is looked at first."""
    with pytest.raises((OSError, FitArgsError)):
        load_fit_args(tmp_path / name)


@st.composite
def documents(draw):
    """YAML with anchors, aliases, tags and merge keys, also where they lead back to themselves."""
    names = st.sampled_from("abc")
    marks = st.sampled_from(
        ["", "", "", "!!str ", "!!seq ", "!!map ", "!!float ", "!!merge ", "! "]
    )
    marks |= st.sampled_from(["!!python/object/apply:os.getcwd ", "!!python/name:os.system "])
    anchors = st.just("") | names.map("&{} ".format)
    words = junk.NAMES | names.map("*{} ".format) | st.sampled_from(["<<", "=", "1", "~", "a: b"])
    words |= junk.TEXTS.map(lambda text: yaml.dump(text, default_style='"').strip())

    def around(inner):
        lists = st.lists(inner, max_size=4).map(", ".join).map("[{}]".format)
        entry = st.tuples(words, inner).map(": ".join)
        mappings = st.lists(entry, max_size=4).map(", ".join).map("{{{}}}".format)
        return st.tuples(anchors, marks, lists | mappings).map("".join)

    return draw(st.recursive(st.tuples(marks, words).map("".join), around, max_leaves=12))


@settings(max_examples=examples(100))
@given(documents(), st.sampled_from([None, "callbacks=", "callbacks[0].custom.kwargs=", "epochs="]))
def test_any_graph(text, path):
    """In a document or in an override."""
    if path is None:
        outcome(parse, text, format="yaml")
    else:
        outcome(parse, None, overrides=[path + text])


INDEXES = ["999999999", "-1", "1e9", "9" * 5000, "0x1", "٣", " ", "\ud800", "]", "0"]


@pytest.mark.parametrize("index", INDEXES, ids=lambda index: ascii(index)[:10])
def test_indexes_make_no_entries(index):
    """An entry is one that is there, or the next; of a map, a small number."""
    with pytest.raises(FitArgsError) as caught:
        parse(
            {"callbacks": [{"csv_logger": {"filename": "a"}}]},
            overrides=[f"callbacks[{index}].epochs=1", f"class_weight[{index}]=-1"],
        )
    assert len(str(caught.value)) < 3000


HUGE = [10**5000, -(10**5000), Fraction(10**5000), float("inf")]
HUGE += [datetime.timedelta.max, datetime.timedelta.min, (10**5000,), [10**5000]]
FAR = ["9" * 5000 + "h", "1e999999s", "1" * 12 + "h", "9" * 12 + ".999999999s", "٣s", "1h\n"]


@pytest.mark.parametrize("value", [*HUGE, *FAR], ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("path", ["max_time", "epochs", "class_weight[0]", "splits"])
def test_numbers_of_any_size(path, value):
    """None is a duration, and no number that a field has room for."""
    with pytest.raises(FitArgsError) as caught:
        parse(None, overrides={path: value})
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("key", [(10**5000,), Fraction(10**5000), 10**5000], ids=["()", "/", "int"])
@pytest.mark.parametrize("around", [lambda key: {key: 1}, lambda key: {"class_weight": {key: 1}}])
def test_keys_that_python_does_not_write(key, around):
    """They are refused as any other."""
    with pytest.raises(FitArgsError) as caught:
        parse(around(key))
    assert len(str(caught.value)) < 400


def foreign(content):
    """A message by the name of TFX's TrainArgs, as it may stand without TFX."""
    file = descriptor_pb2.FileDescriptorProto(name="t.proto", package="tfx.components.trainer")
    file.message_type.add(name="TrainArgs").field.add(name="num_steps", number=2, type=5, label=1)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file) if hasattr(pool, "Add") else pool.AddSerializedFile(file.SerializeToString())
    descriptor = pool.FindMessageTypeByName("tfx.components.trainer.TrainArgs")
    if hasattr(message_factory, "GetMessageClass"):
        made = message_factory.GetMessageClass(descriptor)
    else:
        made = message_factory.MessageFactory(pool).GetPrototype(descriptor)
    return made.FromString(content)


def test_a_train_args_with_the_fields_of_another_message():
    """What it keeps unread is read here, or refused."""
    assert FitArgs(num_steps=3, epochs=2) == parse(
        foreign(FitArgs(num_steps=3, epochs=2).SerializeToString())
    )
    with pytest.raises(FitArgsError, match="is no TrainArgs"):
        parse(foreign(b"\x0a\x02\xff\xfe"))  # a split that is no UTF-8


@settings(max_examples=examples(100))
@given(st.binary(max_size=30))
def test_a_train_args_of_any_bytes(content):
    """Whatever the wire has brought."""
    try:
        message = foreign(content)
    except Exception:  # protobuf's own, which differ
        return
    outcome(parse, message)


PARAMETERS = st.builds(
    Parameter,
    st.sampled_from(["p", "\ud800", "a\nb", ""]),
    st.sampled_from([None, int, float, str]),
    st.none() | junk.SCALARS,
)


@settings(max_examples=examples(100))
@given(fit_args().map(tree_of), st.dictionaries(junk.KEYS, junk.TREES | PARAMETERS, max_size=3))
def test_any_parameter(tree, other):
    """At any place, with any default."""
    outcome(read_template, {**tree, **other}, FitArgs(), "train_args")


@settings(max_examples=examples(100))
@given(
    st.sampled_from(["{}", "[", '{"splits": ["a"]}']) | junk.TEXTS,
    st.dictionaries(junk.paths(), junk.SCALARS.map(lambda value: Brought("p", value)), max_size=3),
)
def test_anything_brought(stored, values):
    """Values of any type, at paths of any kind, for settings that may be none."""
    outcome(fill, stored, values, FitArgs(), "train_args")


@pytest.mark.parametrize("text", ["# {braces}\n", "splits: '{braces}'", 'splits: "\\"{braces}"'])
def test_brackets_that_open_nothing_are_no_levels(text):
    """In a comment and in a text of a textproto there may be any number."""
    parse(text.replace("{braces}", "{<" * 200) + "\nepochs: 3", format="textproto")
