# SPDX-License-Identifier: Apache-2.0
"""Settings for property tests: messages of the contract, and what is none."""

import os
import re

from hypothesis import strategies as st

from fit_component.errors import FitArgsError
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.releases import is_repeated
from fit_component.settings import descriptors, parse_fit_args
from fit_component.settings.rules import REQUIRED, RULES


def examples(count: int) -> int:
    """How many a test makes; fewer where the same tests run over and over, with other packages."""
    return count // int(os.environ.get("EXAMPLES_DIVIDED_BY", "1"))


WORDS = ["auto", "min", "max", "loss", "val_loss", "val_acc", "val_auc", ",", "GPU:0", "a/b.csv"]
WORDS += ["{epoch:02d}.keras", "{val_loss:.3f}", "/a/{{", "../a", "~/a", "", "train", "1e3", "#"]
REALS = [0.0, -0.0, 0.1, 0.5, 1.0, 3.0, -1.0, 5e-324, 1e-7, 1e22, 1.7976931348623157e308]
SAMPLES = {"string": WORDS, "int32": [*range(-1, 7), 2**31 - 1, -(2**31)], "double": REALS}
ANY = {
    "string": st.text(),  # without surrogates, which no message can hold
    "int32": st.integers(-(2**31), 2**31 - 1),
    "double": st.floats(),
    "bool": st.booleans(),
}
KINDS = {getattr(FitArgs.DESCRIPTOR.fields[0], f"TYPE_{kind.upper()}"): kind for kind in ANY}


def values(name, field, plausible):
    """Values of a scalar field; plausible ones pass the field's own rule for the most part."""
    if field.type == field.TYPE_ENUM:
        known = st.sampled_from([value.number for value in field.enum_type.values])
        return known if plausible else known | st.integers(-1, 9)
    kind = KINDS[field.type]
    rule = RULES.get(name)
    samples = [v for v in SAMPLES.get(kind, ()) if not (plausible and rule and rule.complaint(v))]
    return st.sampled_from(samples) | ANY[kind] if samples else ANY[kind]


@st.composite
def fit_args(draw, plausible=True):
    """Settings with any of the contract's fields; plausible ones are accepted."""
    message = FitArgs()
    fill(draw, message, plausible)
    return accepted(message) if plausible else message


@st.composite
def with_callback(draw, kind):
    """Accepted settings, in which one callback mostly is of that kind."""
    message = draw(fit_args())
    callback = getattr(message.callbacks.add(), kind)
    callback.SetInParent()
    fill(draw, callback, plausible=True)
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


def fill(draw, message, plausible):
    """Sets any of a message's fields, and of those inside it."""
    fields = list(message.DESCRIPTOR.fields)
    if plausible and descriptors.choice(message.DESCRIPTOR):
        chosen = [draw(st.sampled_from(fields))]
    else:
        needed = REQUIRED.get(message.DESCRIPTOR.name, ()) if plausible else ()
        chosen = [field for field in fields if field.name in needed or draw(st.booleans())]
    for field in chosen:
        _set(draw, message, field, plausible)


def _set(draw, message, field, plausible):
    held = getattr(message, field.name)
    if descriptors.is_map(field):
        key, value = (values(field.name, f, plausible) for f in field.message_type.fields)
        held.update(draw(st.dictionaries(key, value, max_size=3)))
    elif descriptors.is_message(field) and is_repeated(field):
        for _ in range(draw(st.integers(1, 4))):
            fill(draw, held.add(), plausible)
    elif descriptors.is_message(field):
        held.SetInParent()
        fill(draw, held, plausible)
    elif is_repeated(field):
        held.extend(draw(st.lists(values(field.name, field, plausible), max_size=3)))
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
