# SPDX-License-Identifier: Apache-2.0
"""What is done where `fit` was not called with what the pipeline asked for."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from fit_component.credentials import masked_at
from fit_component.errors import FitArgsError, Problem
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.record import Difference
from fit_component.training.fit_calls import FitCall
from fit_component.training.wanted import Finding

_LOG = logging.getLogger(__name__)

# A text is said once in a run, however often fit is called from the same line.
Said = set[str]


def enforce(call: FitCall, findings: Sequence[Finding], level: int, said: Said) -> None:
    """Warns, raises, or puts what was asked for into a call of `fit`.

    Args:
      call: The call, before it is made. Its differences are noted in it.
      findings: What was asked for and is not in it; at least one.
      level: One of FitArgs.Enforcement.
      said: What was said before; added to.

    Raises:
      FitArgsError: With all findings, at the level ERROR; at OVERRIDE, if a
        callback cannot be made.
    """
    findings = [_masked(finding) for finding in findings]
    is_put = [level == FitArgs.OVERRIDE and _put(call, finding) for finding in findings]
    call.fit.differences += [
        Difference(f.path, f.wanted, f.got, f.remedy, overridden)
        for f, overridden in zip(findings, is_put, strict=True)
    ]
    left = [finding for finding, overridden in zip(findings, is_put, strict=True) if not overridden]
    if left:
        _ACTIONS[level](call, left, said)


def _masked(finding: Finding) -> Finding:
    """The finding as many may read it."""
    wanted, got = (masked_at(finding.path, value) for value in (finding.wanted, finding.got))
    return replace(finding, wanted=wanted, got=got)


def _put(call: FitCall, finding: Finding) -> bool:
    """Puts a value into the call; says whether it could."""
    if finding.put is None:
        return False
    try:
        finding.put()
    except FitArgsError:
        raise
    except Exception:
        _LOG.warning("%s could not be put into a call of fit.", finding.path, exc_info=True)
        return False
    put = Problem(finding.path, f"{_got(finding)}, and is given this", finding.wanted)
    _LOG.info("enforcement: %s: %s", call.fit.caller, put)
    return True


def _warn(call: FitCall, findings: Sequence[Finding], said: Said) -> None:
    can_put = ", ".join(finding.path for finding in findings if finding.put is not None)
    repair = f"\nWith `enforcement: OVERRIDE` fit gets {can_put} as it is." if can_put else ""
    _say(f"{_headline(call)}:{_lines(findings)}{repair}", said)


def _refuse(call: FitCall, findings: Sequence[Finding], _: Said) -> None:
    raise FitArgsError([_problem(finding) for finding in findings], _headline(call))


def _tell_the_rest(call: FitCall, findings: Sequence[Finding], said: Said) -> None:
    headline = f"{_headline(call)}, and enforcement cannot put it there"
    _say(f"{headline}:{_lines(findings)}", said)


_ACTIONS: Mapping[int, Callable[[FitCall, Sequence[Finding], Said], None]] = {
    FitArgs.WARN: _warn,
    FitArgs.ERROR: _refuse,
    FitArgs.OVERRIDE: _tell_the_rest,
}


def _headline(call: FitCall) -> str:
    caller = call.fit.caller
    code = f", `{caller.text}`," if caller is not None and caller.text else ""
    return f"{caller}{code} trains otherwise than the pipeline asked for"


def _lines(findings: Sequence[Finding]) -> str:
    """What was found, line by line, and then the remedies, each once."""
    lines = [str(Problem(f.path, _got(f), f.wanted)) for f in findings]
    remedies: dict[str, list[str]] = {}
    for finding in findings:
        remedies.setdefault(finding.remedy, []).append(finding.path)
    repairs = [f"for {', '.join(paths)}: {remedy}" for remedy, paths in remedies.items()]
    return "".join(f"\n  {line}" for line in [*lines, *repairs])


def _problem(finding: Finding) -> Problem:
    return Problem(finding.path, f"{_got(finding)}; {finding.remedy}", finding.wanted)


def _got(finding: Finding) -> str:
    return "fit did not get it" if finding.got is None else f"fit got {finding.got}"


def _say(text: str, said: Said) -> None:
    if text not in said:
        said.add(text)
        _LOG.warning("%s", text)
