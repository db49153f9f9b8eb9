# SPDX-License-Identifier: Apache-2.0
"""What is done where `fit` was not called with what the pipeline asked for."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

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
      FitArgsError: With all findings, at the level ERROR.
    """
    puts = level == FitArgs.OVERRIDE
    call.fit.differences += [_difference(f, puts and f.put is not None) for f in findings]
    _ACTIONS[level](call, findings, said)


def _warn(call: FitCall, findings: Sequence[Finding], said: Said) -> None:
    can_put = ", ".join(finding.path for finding in findings if finding.put is not None)
    repair = f"\nWith `enforcement: OVERRIDE` fit gets {can_put} as it is." if can_put else ""
    _say(f"{_headline(call)}:{_lines(findings)}{repair}", said)


def _refuse(call: FitCall, findings: Sequence[Finding], _: Said) -> None:
    problems = [_problem(finding) for finding in findings]
    raise FitArgsError(problems, _headline(call))


def _put(call: FitCall, findings: Sequence[Finding], said: Said) -> None:
    for finding in findings:
        if finding.put is not None:
            finding.put()
            _LOG.info(
                "enforcement: the fit at %s gets %s = %s, not %s.",
                *(call.fit.caller, finding.path, finding.wanted, finding.got),
            )
    left = [finding for finding in findings if finding.put is None]
    if left:
        headline = f"{_headline(call)}, and enforcement cannot put it there"
        _say(f"{headline}:{_lines(left)}", said)


_ACTIONS: Mapping[int, Callable[[FitCall, Sequence[Finding], Said], None]] = {
    FitArgs.WARN: _warn,
    FitArgs.ERROR: _refuse,
    FitArgs.OVERRIDE: _put,
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


def _difference(finding: Finding, overridden: bool) -> Difference:
    return Difference(finding.path, finding.wanted, finding.got, finding.remedy, overridden)
