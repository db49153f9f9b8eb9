# SPDX-License-Identifier: Apache-2.0
"""The reference of the settings: what the tool makes, and whether the page is up to date."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import contract_comments
import pytest
import settings_reference
from google.protobuf import descriptor_pb2

from fit_component.proto import fit_args_pb2
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.releases import is_repeated
from fit_component.settings import descriptors, rules

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
SOURCE = "protos/fit_component/proto/fit_args.proto"
GENERATOR = ROOT / ".venv-proto" / "bin" / "python"

MESSAGES = dict(fit_args_pb2.DESCRIPTOR.message_types_by_name)

with_generator = pytest.mark.skipif(
    not GENERATOR.exists(),
    reason="no generator: `make proto-check` makes .venv-proto, with a Python older than 3.13",
)


def headings(text):
    """The headings of a page."""
    return re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)


def anchor(heading):
    """What a link to a heading ends with."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def section(name):
    """The text below a heading, up to the next one."""
    (found,) = re.findall(rf"^##+ {name}\n((?:(?!##).*\n)*)", PAGE, flags=re.MULTILINE)
    return found


def cells(row):
    """The cells of a line of a table."""
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]]


def rows(name):
    """The rows of a message's table by the names of the fields."""
    head, _, *body = map(cells, re.findall(r"^\|.*$", section(name), flags=re.MULTILINE))
    return {row[0].strip("`"): dict(zip(head, row, strict=True)) for row in body}


def field_paths(descriptor, path=""):
    """Every path below a message, with the message's name."""
    for field in descriptor.fields:
        is_list = is_repeated(field) and not descriptors.is_map(field)
        at = descriptors.join(path, field.name) + ("[i]" if is_list else "")
        yield at, descriptor.name
        if descriptors.is_message(field) and not descriptors.is_map(field):
            yield from field_paths(field.message_type, at)


def words(text):
    """How often each word is in a text, without what Markdown makes of it."""
    text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text)
    plain = re.sub(r"\s\|\s", " ", text).replace("\\", "")
    return Counter(word.strip(".,;:|") for word in plain.split())


@with_generator
def test_the_page_is_what_the_contract_says():
    """A comment that is changed changes the page."""
    command = [GENERATOR, "tools/settings_reference.py", "--check"]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (0, "docs/settings.md is up to date.\n") == (checked.returncode, checked.stdout), checked


@with_generator
@pytest.mark.parametrize("stale", [SOURCE, "fit_component/settings/rules.py"])
def test_a_stale_page_is_told_in_one_line(tmp_path, stale):
    """With what repairs it, which then does."""
    tool = "tools/settings_reference.py"
    rules_file = "fit_component/settings/rules.py"
    shared = ("tools/contract_comments.py", "tools/generated_file.py")
    for name in (tool, *shared, SOURCE, "docs/settings.md", rules_file):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    old = (tmp_path / stale).read_text()
    new = old.replace("once an epoch", "each epoch").replace("Range(at_least=1)", "Range(above=0)")
    (tmp_path / stale).write_text(new)

    def run(*arguments):
        command = [GENERATOR, tool, *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    checked = run("--check")
    expected = f"error: docs/settings.md is not what {SOURCE} and its rules say; run `make proto`\n"
    assert (1, "", expected) == (checked.returncode, checked.stdout, checked.stderr)
    assert (tmp_path / "docs" / "settings.md").read_text() == PAGE
    assert 0 == run().returncode
    assert 0 == run("--check").returncode
    assert (tmp_path / "docs" / "settings.md").read_text() != PAGE


def test_every_message_has_a_section():
    """Once, and it is in the contents."""
    expected = ["The settings", "Contents", *MESSAGES, "All paths"]
    assert expected == headings(PAGE)
    linked = re.findall(r"^ *- \[(\w[\w ]*)\]", section("Contents"), flags=re.MULTILINE)
    assert [*MESSAGES, "All paths"] == linked


@pytest.mark.parametrize("name", MESSAGES)
def test_every_field_has_a_row(name):
    """With its meaning, in the order of the contract."""
    fields = MESSAGES[name].fields
    table = rows(name) if fields else {}
    assert [field.name for field in fields] == list(table)
    assert [] == [field for field, row in table.items() if not (row["type"] and row["meaning"])]


def test_every_path_is_listed():
    """What an error names is found by searching for it, and leads to its section."""
    listed = re.findall(r"^- \[`(.*)`\]\(#(.*)\)$", section("All paths"), flags=re.MULTILINE)
    expected = [(path, name.lower()) for path, name in field_paths(FitArgs.DESCRIPTOR)]
    assert len(listed) > 250
    assert expected == listed


def test_each_section_tells_where_its_message_is_set():
    """All places, where there are several."""
    for name in MESSAGES:
        told = re.findall(r"`([^`]+)`", "".join(re.findall(r"^Path: .*$", section(name), re.M)))
        listed = {
            path.rpartition(".")[0] for path, m in field_paths(FitArgs.DESCRIPTOR) if m == name
        }
        assert (listed or set(told)) - {""} == set(told)


def test_no_word_of_the_contract_is_lost():
    """The comments are all there, wherever their parts have gone."""
    _, _, contract = (ROOT / SOURCE).read_text().partition("syntax =")
    comments = " ".join(re.findall(r"^ *// ?(.*)$", contract, flags=re.MULTILINE))
    assert {} == words(re.sub(r"\bDefault: ", "", comments)) - words(PAGE)


def test_no_table_is_broken():
    """Each of its lines has as many cells as the first."""
    tables = re.findall(r"(?:^\|.*\n)+", PAGE, flags=re.MULTILINE)
    assert len(tables) > 30
    for table in tables:
        assert 1 == len({len(cells(line)) for line in table.splitlines()}), table
        assert all(line.endswith(" |") for line in table.splitlines()), table


def test_links_lead_somewhere():
    """To headings, of this page or another."""
    links = re.findall(r"\]\(([^)#]*)#?([^)]*)\)", PAGE)
    assert len(links) > 100
    for target, heading in set(links):
        text = (ROOT / "docs" / target).read_text() if target else PAGE
        assert not heading or heading in map(anchor, headings(text)), (target, heading)


def test_a_link_has_one_heading_to_lead_to():
    """No two are the same."""
    anchors = [anchor(heading) for heading in headings(PAGE)]
    assert len(set(anchors)) == len(anchors)


@pytest.mark.parametrize(
    ("message", "field", "expected"),
    [
        ("FitArgs", "splits", "list of texts"),
        ("FitArgs", "epochs", "integer, 1 or more"),
        ("FitArgs", "validation", "[Validation](#validation)"),
        ("FitArgs", "class_weight", "mapping of integers to numbers, each 0 or more"),
        (
            "FitArgs",
            "verbose",
            "one of `SILENT`, `PROGRESS_BAR`, `LINE_PER_EPOCH`, `AUTO`",
        ),
        ("FitArgs", "callbacks", "list of [Callback](#callback)"),
        ("FitArgs", "max_time", "duration, such as `90m`"),
        ("FitArgs", "dry_run", "true or false"),
        ("ReduceLROnPlateau", "mode", "text, one of auto, min, max"),
        ("EarlyStopping", "mode", "text"),
        ("TensorBoard", "profile_batch", "list of integers, each 1 or more"),
        ("TensorBoard", "embeddings_metadata", "mapping of texts to texts"),
        ("CSVLogger", "separator", "text"),
        ("CustomCallback", "kwargs", "mapping of arguments to values"),
        ("Optimizer", "learning_rate", "number, or [LearningRate](#learningrate)"),
        ("RMSprop", "rho", "number"),
        ("Lion", "beta_1", "number"),
        ("Lion", "beta_2", "number, 0 or more and below 1"),
        ("PiecewiseConstantDecay", "boundary_epochs", "list of numbers, each above 0"),
    ],
)
def test_types_are_in_words(message, field, expected):
    """With what is allowed, where the comment does not say that already."""
    assert expected == rows(message)[field]["type"]


@pytest.mark.parametrize("name", MESSAGES)
def test_each_value_of_an_enum_is_explained(name):
    """Below the table of the fields that have them."""
    explained = re.findall(r"^- `(\w+)`: \w.*", section(name), flags=re.MULTILINE)
    enums = MESSAGES[name].enum_types
    assert [value.name for enum in enums for value in enum.values] == explained


@pytest.mark.parametrize(
    ("comment", "rest", "default"),
    [
        ("What it is. Default: 1.", "What it is.", "1"),
        ("What it is.", "What it is.", ""),
        ("Default: `a. b`. More.", "More.", "`a. b`"),
        ("What it is. Default: 0.99. (Or not.)", "What it is. (Or not.)", "0.99"),
        ("What. Default: none; 0.5 for b. Not with c.", "What. Not with c.", "none; 0.5 for b"),
        ("What. Default, and 0: all.", "What. Default, and 0: all.", ""),
    ],
)
def test_the_default_has_a_column(comment, rest, default):
    """Where the comment says it in a sentence of its own."""
    assert (rest, default) == contract_comments.split_default(comment)


def test_what_has_no_default_is_required():
    """As the checks demand."""
    assert "required" == rows("ModelCheckpoint")["filepath"]["default"]
    assert "" == rows("CosineDecay")["decay_steps"]["default"]
    assert "`val_loss`" == rows("ModelCheckpoint")["monitor"]["default"]


def test_signs_that_mean_something_in_markdown_are_escaped():
    """In text, and only a table's own sign in code."""
    contract = descriptor_pb2.FileDescriptorProto()
    message = contract.message_type.add(name="FitArgs")
    kind = descriptor_pb2.FieldDescriptorProto.TYPE_INT32
    message.field.add(name="first", type=kind)
    comments = {(4, 0): " a * b < c[0]\n\n `x * y`\n", (4, 0, 2, 0): " `a | b`,\n or a | *b*.\n"}
    for path, comment in comments.items():
        contract.source_code_info.location.add(path=path, leading_comments=comment)
    messages = contract_comments.messages_of(contract)
    page = settings_reference.Page(messages, rules).text()
    assert "\na \\* b \\< c\\[0\\]\n\n`x * y`\n" in page
    assert "| `first` | integer | `a \\| b`, or a \\| \\*b\\*. |\n" in page
