# SPDX-License-Identifier: Apache-2.0
"""Settings for property tests: messages of the contract, and what is none."""

import math
import os
import re

from hypothesis import strategies as st

from fit_component.errors import FitArgsError
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.releases import is_repeated
from fit_component.settings import descriptors, parse_fit_args
from fit_component.settings.rules import EXCLUSIVE, NEEDED, REQUIRED, RULES, Name, OneOf, Text


def examples(count: int) -> int:
    """How many a test makes; fewer where the same tests run over and over, with other packages."""
    return count // int(os.environ.get("EXAMPLES_DIVIDED_BY", "1"))


WORDS = ["auto", "min", "max", "loss", "val_loss", "val_acc", "val_auc", ",", "GPU:0", "a/b.csv"]
WORDS += ["{epoch:02d}.keras", "{val_loss:.3f}", "/a/{{", "../a", "~/a", "", "train", "1e3", "#"]
WORDS += ["on_epoch", "größe", "my.Heartbeat", "gs://b/c", "float32", "90m", "\t"]
REALS = [0.0, -0.0, 0.1, 0.5, 1.0, 3.0, -1.0, 5e-324, 1e-7, 1e22, 1.7976931348623157e308]
SAMPLES = {"string": WORDS, "int32": [*range(-1, 7), 2**31 - 1, -(2**31)], "double": REALS}
ANY = {
    "string": st.text(),  # without surrogates, which no message can hold
    "int32": st.integers(-(2**31), 2**31 - 1),
    "double": st.floats(),
    "bool": st.booleans(),
}
KINDS = {getattr(FitArgs.DESCRIPTOR.fields[0], f"TYPE_{kind.upper()}"): kind for kind in ANY}

FINITE = st.floats(allow_nan=False, allow_infinity=False)
ARGUMENTS = st.dictionaries(
    st.sampled_from(WORDS) | st.text(max_size=3),
    st.recursive(
        st.none() | st.booleans() | st.sampled_from(REALS) | FINITE | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
        max_leaves=4,
    ),
    max_size=3,
)
# (seconds, nanos), all of which JSON can write.
DURATIONS = st.tuples(st.integers(0, 87_659_999 * 3600), st.integers(0, 10**9 - 1)).filter(any)
NO_DURATIONS = st.sampled_from([(0, 0), (-1, 0), (315_576_000_000, 0), (315_576_000_000, 1)])


def values(name, field, plausible):
    """Values of a scalar field; plausible ones pass the field's own rule."""
    if field.type == field.TYPE_ENUM:
        known = st.sampled_from([value.number for value in field.enum_type.values])
        return known if plausible else known | st.integers(-1, 9)
    kind, rule = KINDS[field.type], RULES.get(name)
    samples = SAMPLES.get(kind)
    if plausible and name == "backup_dir":
        return st.text().map("/a".__add__) | st.just("gs://b/c")
    if plausible:
        inside = _inside(kind, rule)
        samples = [v for v in samples or () if rule is None or not rule.complaint(v)]
        return st.sampled_from(samples) | inside if samples else inside
    return st.sampled_from(samples) | ANY[kind] if samples else ANY[kind]


def _inside(kind, rule):
    """Values that a rule lets pass."""
    if isinstance(rule, OneOf):
        return st.sampled_from(rule.values)
    if isinstance(rule, Text):
        return st.text(min_size=rule.length or 1, max_size=rule.length)
    if isinstance(rule, Name):
        return st.just("my_company.callbacks.Heartbeat" if rule.dotted else "heartbeat")
    if kind == "int32":
        return ANY[kind].filter(lambda value: rule is None or not rule.complaint(value))
    if kind == "double" and rule is not None:
        low = rule.above if rule.at_least is None else rule.at_least
        high = rule.below if rule.at_most is None else rule.at_most
        between = st.floats(low, high, allow_nan=False, allow_infinity=False)
        return between.filter(lambda value: not rule.complaint(value))
    return FINITE if kind == "double" else ANY[kind]


@st.composite
def fit_args(draw, plausible=True):
    """Settings with any of the contract's fields; plausible ones are accepted."""
    message = FitArgs()
    fill(draw, message, plausible)
    return accepted(message) if plausible else message


@st.composite
def with_choice(draw, path, kind):
    """Accepted settings in which, for the most part, a choice is made: at a path, of that kind."""
    message = draw(fit_args())
    inner = message
    for name in path.split("."):
        field = inner.DESCRIPTOR.fields_by_name[name]
        if name != path and not inner.HasField(name):
            _set(draw, inner, field, plausible=True)  # what the way leads through
        inner = getattr(inner, name).add() if is_repeated(field) else getattr(inner, name)
    fill(draw, inner, plausible=True, chosen=kind)
    return accepted(message)


@st.composite
def nearly_accepted(draw):
    """Accepted settings in which any one field has then been given any value."""
    message = draw(fit_args())
    _, inner = draw(st.sampled_from(list(descriptors.messages_in(message))))
    fields = inner.DESCRIPTOR.fields
    if fields:
        _set(draw, inner, draw(st.sampled_from(list(fields))), plausible=False)
    return message


@st.composite
def some(draw, elements):
    """Any of some elements; quicker than a draw for each."""
    taken = []
    for first in range(0, len(elements), 16):  # of more bits, hypothesis likes few
        few = elements[first : first + 16]
        chance = draw(st.integers(0, 2 ** len(few) - 1))
        taken += [element for bit, element in enumerate(few) if chance >> bit & 1]
    return taken


def fill(draw, message, plausible, chosen=None):
    """Sets any of a message's fields, and of those inside it; of a choice, maybe a given one."""
    fields = message.DESCRIPTOR.fields_by_name
    names = draw(some(list(fields)))
    for name in _plausible(draw, message.DESCRIPTOR, names, chosen) if plausible else names:
        _set(draw, message, fields[name], plausible)
    if plausible and message.DESCRIPTOR.name == "PiecewiseConstantDecay":
        for boundaries in (message.boundaries, message.boundary_epochs):
            boundaries[:] = sorted(set(boundaries))
        wanted = len(message.boundaries) + len(message.boundary_epochs) + 1
        message.values[:] = [*message.values, *[0.1] * wanted][:wanted]


def _plausible(draw, descriptor, names, chosen):
    """The names as the rules about fields set together want them, in the order of the fields."""
    oneof = descriptors.choice(descriptor)
    choices = [field.name for field in oneof.fields] if oneof else []
    required = [(n,) if isinstance(n, str) else n for n in REQUIRED.get(descriptor.name, ())]
    exclusive = [group for group, _ in EXCLUSIVE.get(descriptor.name, ())]
    taken = set(names)
    for group, one in [*((group, True) for group in required), *((g, False) for g in exclusive)]:
        among = [name for name in group if name in taken] or (group if one else ())
        taken -= set(group)
        taken |= {draw(st.sampled_from(among))} if among else set()
    if choices:
        taken -= set(choices)
        taken.add(chosen or draw(st.sampled_from(choices)))
    for name, other in NEEDED.get(descriptor.name, {}).items():
        if other not in taken:
            taken.discard(name)
    return [field.name for field in descriptor.fields if field.name in taken]


def _set(draw, message, field, plausible):
    held = getattr(message, field.name)
    if descriptors.is_map(field):
        key, value = (values(field.name, f, plausible) for f in field.message_type.fields)
        held.update(draw(st.dictionaries(key, value, max_size=3)))
    elif descriptors.well_known(field) == descriptors.DURATION:
        held.seconds, held.nanos = draw(DURATIONS if plausible else DURATIONS | NO_DURATIONS)
    elif descriptors.well_known(field) == descriptors.STRUCT:
        held.SetInParent()
        held.update(draw(ARGUMENTS))
    elif descriptors.is_message(field) and is_repeated(field):
        for _ in range(draw(st.integers(1, 4))):
            fill(draw, held.add(), plausible)
    elif descriptors.is_message(field):
        held.SetInParent()
        fill(draw, held, plausible)
    elif is_repeated(field):
        elements = values(field.name, field, plausible)
        if field.type == field.TYPE_DOUBLE:
            # JSON's reading of others hides the list from the checks that look at it as a whole.
            elements = elements.filter(math.isfinite)
        held.extend(draw(st.lists(elements, min_size=1, max_size=3)))
    else:
        setattr(message, field.name, draw(values(field.name, field, plausible)))


def accepted(message):
    """Takes out of a message what the checks complain of, until they let it pass."""
    for _ in range(100):
        try:
            return parse_fit_args(message)
        except FitArgsError as error:
            problem = error.problems[0]
            # Where a required field is absent, its message has to go.
            at = [problem.path, *problem.related, problem.path.rpartition(".")[0]]
            assert any(_take_out(message, path) for path in at), problem
    raise AssertionError(f"still refused: {message}")


def _take_out(message, path):
    """Clears what stands at a path; returns whether anything did."""
    name, index, rest = re.match(r"(\w+)(?:\[(\d+)\])?\.?(.*)", path, re.DOTALL).groups()
    field = message.DESCRIPTOR.fields_by_name[name]
    single = descriptors.is_message(field) and not descriptors.is_map(field)
    held = getattr(message, name)
    if single and rest:
        return _take_out(held[int(index)] if index else held, rest)
    before = message.SerializeToString()
    if single and index:
        del held[int(index)]
    else:
        message.ClearField(name)
    return before != message.SerializeToString()
