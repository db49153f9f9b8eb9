# SPDX-License-Identifier: Apache-2.0
"""What holds for any settings: every form says the same, and accepted settings are stable."""

import math
from collections import Counter

import pytest
from generators import examples, fit_args, nearly_accepted, with_choice
from hypothesis import given, settings
from renderings import FORMS

from fit_component.errors import FitArgsError
from fit_component.proto.fit_args_pb2 import Callback, FitArgs, LearningRate, Optimizer, Strategy
from fit_component.record import settings_properties
from fit_component.settings import descriptors, parse_fit_args, resolve, to_json

CHOICES = [
    (path, field)
    for path, message in [
        ("callbacks", Callback),
        ("strategy", Strategy),
        ("optimizer", Optimizer),
        ("optimizer.learning_rate", LearningRate),
    ]
    for field in descriptors.choice(message.DESCRIPTOR).fields
]


def outcome(value, format_name):
    """What reading gives: the bytes of the settings, or the paths of the problems."""
    try:
        # Bytes tell -0.0 from 0.0, which the messages do not.
        return parse_fit_args(value, format=format_name).SerializeToString(deterministic=True)
    except FitArgsError as error:
        # Sets: what JSON cannot say (NaN, the number of no enum) is refused by the reading and by
        # a check in one form, so that it may be told once or twice, and sooner or later.
        return {problem.path for problem in error.problems}


def normal(message):
    """A message as the normalised form keeps it, in which `num_steps: 0` is unset."""
    copy = FitArgs()
    copy.CopyFrom(message)
    if not copy.num_steps:
        copy.ClearField("num_steps")
    return copy


def assert_forms_agree(message):
    """Asserts that all forms of a message are read the same; returns how."""
    expected = outcome(message, "json")
    for name, write, format_name in FORMS:
        assert expected == outcome(write(message), format_name), name
    assert outcome(normal(message), "json") == outcome(to_json(message), "json")
    return expected


def fields_set(message):
    """The fields that are set in a message and those inside it."""
    for _, inner in descriptors.messages_in(message):
        yield from (field.full_name for field, _ in inner.ListFields())


@pytest.mark.parametrize(("path", "kind"), CHOICES, ids=[f"{p}.{f.name}" for p, f in CHOICES])
def test_every_form_of_accepted_settings_is_read_the_same(path, kind):
    """Nothing is lost or changed on the way through a form, whichever fields are set."""
    seen = set()

    @settings(max_examples=examples(28))
    @given(with_choice(path, kind.name))
    def check(message):
        assert isinstance(assert_forms_agree(message), bytes)
        seen.update(fields_set(message))

    check()
    if examples(28) < 28:
        return  # too few to have seen all; `make test` makes as many as it takes
    types = (FitArgs.DESCRIPTOR, kind.message_type, kind.containing_type)
    names = {name.full_name for of in types if of for name in of.fields}
    choices = {choice.full_name for choice in kind.containing_oneof.fields}
    fields = names - choices | {kind.full_name}
    # What is accepted has to be worth reading.
    assert len(fields & seen) >= 0.8 * len(fields), sorted(fields - seen)


def test_every_form_of_any_settings_is_read_or_refused_the_same():
    """A form neither lets through nor minds what the others do not."""
    read = Counter()

    @settings(max_examples=examples(200))
    @given(nearly_accepted() | fit_args(plausible=False))
    def check(message):
        read[type(assert_forms_agree(message))] += 1

    check()
    assert min(read[bytes], read[set]) >= 0.15 * read.total(), read


@given(fit_args())
def test_the_normalised_form_is_stable(message):
    """Writing what was read gives the same string, so the cache key stays."""
    written = to_json(message)
    assert written == to_json(parse_fit_args(written))


@pytest.mark.parametrize("dry_run", [False, True])
@given(fit_args())
def test_resolved_settings_are_settings(dry_run, message):
    """With the defaults filled in they are accepted, and there is nothing left to fill in."""
    message.dry_run = dry_run
    resolved = resolve(message)
    assert resolved == parse_fit_args(resolved)
    assert resolved == resolve(resolved)


@given(fit_args())
def test_any_settings_can_be_published(message):
    """ML Metadata takes int, float and str; a NaN or an infinity would break publishing."""
    for name, value in settings_properties(resolve(message), {}).items():
        assert name.startswith("fit.")
        assert type(value) in (int, float, str)
        assert not isinstance(value, float) or math.isfinite(value)
