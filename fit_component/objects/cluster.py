# SPDX-License-Identifier: Apache-2.0
"""The cluster of machines that TF_CONFIG names, and which of them this one is."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass

from fit_component.errors import FitArgsError, Problem
from fit_component.objects.cluster_checks import wrong_with
from fit_component.proto.fit_args_pb2 import FitArgs

VARIABLE = "TF_CONFIG"
EXAMPLE = (
    """TF_CONFIG='{"cluster": {"worker": ["10.0.0.1:2222", "10.0.0.2:2222"]}, """
    """"task": {"type": "worker", "index": 0}}'"""
)


@dataclass(frozen=True)
class Cluster:
    """Workers that train one model, each in a process of its own.

    Attributes:
      addresses: The addresses of the workers by type, `chief` or `worker`.
      task_type: Which type this process is of.
      task_index: Which of its type, from 0.
    """

    addresses: Mapping[str, tuple[str, ...]]
    task_type: str
    task_index: int

    @property
    def size(self) -> int:
        """The number of workers, the chief among them."""
        return sum(map(len, self.addresses.values()))

    @property
    def is_chief(self) -> bool:
        """Whether this worker's model is the one that counts; that of worker 0 if none is chief."""
        first = "chief" if self.addresses.get("chief") else "worker"
        return (self.task_type, self.task_index) == (first, 0)


def spanned_cluster(
    fit_args: FitArgs, environment: Mapping[str, str] = os.environ
) -> Cluster | None:
    """The cluster that the strategy of settings trains on, None if on this machine alone.

    `auto` trains on a cluster of two workers or more.

    Args:
      fit_args: Checked settings.
      environment: The environment variables.

    Raises:
      FitArgsError: If TF_CONFIG is not what it must be, with all problems.
    """
    kind = fit_args.strategy.WhichOneof("strategy")
    if kind not in ("auto", "multi_worker_mirrored"):
        return None
    cluster = read_cluster(f"strategy.{kind}", environment)
    if kind == "auto":
        return cluster if cluster is not None and cluster.size > 1 else None
    if cluster is None:
        text = environment.get(VARIABLE, "")
        wrong = f"names no cluster: {_shortened(text)}" if text.strip() else "is not set"
        raise _refusal(f"strategy.{kind}", [wrong])
    return cluster


def read_cluster(path: str, environment: Mapping[str, str]) -> Cluster | None:
    """Reads TF_CONFIG; None if it is not set or names no cluster.

    Args:
      path: The setting that needs it, for errors.
      environment: The environment variables.

    Raises:
      FitArgsError: If it is not what it must be, with all problems.
    """
    text = environment.get(VARIABLE, "")
    if not text.strip():
        return None
    try:
        config = json.loads(text)
    except ValueError as error:
        raise _refusal(path, [f"is no JSON ({error}): {_shortened(text)}"]) from error
    if not isinstance(config, dict):
        raise _refusal(path, [f"must be a JSON object: {_shortened(text)}"])
    if not config.get("cluster"):
        return None
    if wrong := list(wrong_with(config)):
        raise _refusal(path, wrong)
    addresses = {kind: tuple(listed) for kind, listed in config["cluster"].items()}
    return Cluster(addresses, config["task"]["type"], int(config["task"]["index"]))


def _shortened(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:200]}..."


def _refusal(path: str, wrong: list[str]) -> FitArgsError:
    """The error of all that is wrong, with an example at its end."""
    *first, last = (f"{VARIABLE} {text}" for text in wrong)
    last = f"{last}. Right would be: {EXAMPLE}"
    return FitArgsError([Problem(path, message) for message in (*first, last)], "train_args")
