# SPDX-License-Identifier: Apache-2.0
"""What is no settings for property tests, or would be but for one place."""

import math
import re
from fractions import Fraction

from generators import fit_args
from hypothesis import strategies as st
from renderings import tree_of

from fit_component.proto.fit_args_pb2 import EarlyStopping, FitArgs
from fit_component.releases import is_repeated
from fit_component.settings import descriptors

CHARACTERS = st.characters() | st.sampled_from("\ud800\udfff\0\x85\u2028\ufeff\U0010ffff")
TEXTS = st.text(CHARACTERS, max_size=20)
# What has a meaning in one of the formats, some of it beyond what Python or protobuf can hold.
FRAGMENTS = ["{", "}", "[", "]", ",", ":", ": ", "- ", "\n", "\n  ", "#", "'", '"', "\\", "=", "<"]
FRAGMENTS += ["null", "~", "true", "1e999", "-1e-999", ".nan", "NaN", "0x1F", "1_0", "9" * 5000]
FRAGMENTS += ["&a ", "*a", "&a [*a]", "<<: ", "? ", "| ", "---", "\ufeff", "\0", "\x85"]
FRAGMENTS += ["!!seq ", "!!map ", "!!int ", "!x ", "!!seq a: ", "!!map a: ", "!!null a: "]
FRAGMENTS += ['"\\ud800"', '"\\U00110000"', '"\\UFFFFFFFF"', '"\\xff"', '"\\400"']
FRAGMENTS += ["{a: " * 1500, '{"a":' * 1500, "callbacks {" * 10, "[a.b/c]"]
FRAGMENTS += [f"%YAML {version}.1\n---\n" for version in ("1", "1" * 5000)]
FRAGMENTS += ["epochs: 3", "class_weight { key: 1 }", "verbose: 7", "callbacks: [{}]"]


def _fields(descriptor, path=""):
    for field in descriptor.fields:
        at = descriptors.join(path, field.name)
        yield at, field
        if descriptors.is_message(field) and not descriptors.is_map(field):
            inside = f"{at}[0]" if is_repeated(field) else at
            yield from _fields(field.message_type, inside)


PATHS = [path for path, _ in _fields(FitArgs.DESCRIPTOR)]
FIELDS = [field for _, field in _fields(FitArgs.DESCRIPTOR)]
NAMES = st.sampled_from(sorted({name for f in FIELDS for name in (f.name, f.json_name)}))
PIECES = st.sampled_from(FRAGMENTS) | st.text(CHARACTERS, max_size=2)


def power_of_ten(exponent):
    """Too large for a double, or even to be written; so hypothesis writes this call instead."""
    return 10**exponent


HUGE = st.sampled_from([400, 5000]).map(power_of_ten)
NASTY = [
    None,
    True,
    -1,
    2**31,
    -(2**31) - 1,
    0.5,
    math.nan,
    -math.inf,
    "",
    "3",
    "\ud800",
    "\0",
    b"a",
]
NASTY += [1j, Fraction(1, 3), Fraction(10**400), [], [[]], {}, {0: {}}, FitArgs(), EarlyStopping()]
SCALARS = st.one_of(
    st.booleans(),
    st.integers(),
    HUGE,
    st.sampled_from(NASTY),
    st.floats(),
    TEXTS,
    NAMES,
    st.binary(max_size=8),
)
KEYS = st.one_of(NAMES, TEXTS, st.none(), st.integers(-2, 5), HUGE, st.floats())
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=2).map(tuple),
        st.dictionaries(KEYS, inner, max_size=4),
    ),
    max_leaves=10,
)


@st.composite
def corrupted_trees(draw):
    """Trees of accepted settings in which one place was overwritten, taken out or added to."""
    root = {"": tree_of(draw(fit_args()), camel_case=draw(st.booleans()))}
    container, key = draw(st.sampled_from(list(_places(root))))
    inside = container[key]
    change = draw(st.sampled_from(["overwrite", "take out", "add"]))
    if change == "add" and isinstance(inside, dict):
        inside[draw(KEYS)] = draw(TREES)
    elif change == "add" and isinstance(inside, list):
        inside.insert(draw(st.integers(0, len(inside))), draw(TREES))
    elif change == "take out" and container is not root:
        del container[key]
    else:
        container[key] = draw(TREES)
    return root[""]


def _places(container):
    for key, value in container.items() if isinstance(container, dict) else enumerate(container):
        yield container, key
        if isinstance(value, (dict, list)):
            yield from _places(value)


@st.composite
def edited(draw, text):
    """A text with a few of its words and signs cut out, or with others added or in their place."""
    parts = re.findall(r"\w+|\s+|.", text)
    for _ in range(draw(st.sampled_from([1, 1, 2, 3]))):
        at = draw(st.integers(0, len(parts)))
        put = draw(st.lists(st.sampled_from([*parts, ""]) | PIECES, max_size=1))
        parts[at : at + draw(st.integers(0, 1))] = put
    return "".join(parts)


@st.composite
def paths(draw):
    """Paths of overrides that lead along the contract, for the most part."""
    descriptor, steps = FitArgs.DESCRIPTOR, []
    while descriptor is not None and descriptor.fields:
        fields = list(descriptor.fields)
        inner = [field for field in fields if descriptors.is_message(field)]
        field = draw(st.sampled_from(inner or fields) | st.sampled_from(fields))
        steps.append(draw(st.sampled_from([field.name, field.json_name])))
        if descriptors.well_known(field) is not None:
            steps += draw(st.lists(NAMES, max_size=2))
        if is_repeated(field) and draw(st.integers(0, 5)):
            steps[-1] += f"[{draw(st.integers(0, 5) | TEXTS)}]"
        deeper = descriptors.is_message(field) and not descriptors.is_map(field)
        descriptor = field.message_type if deeper and draw(st.integers(0, 3)) else None
    return draw(edited(".".join(steps))) if draw(st.integers(0, 9)) == 0 else ".".join(steps)
