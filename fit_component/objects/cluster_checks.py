# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with the cluster in TF_CONFIG."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_TYPES = ("chief", "worker")
# TensorFlow hangs where a cluster has a `ps`, and takes an evaluator for a cluster of its own,
# which would train a second model and publish it too.
_OTHER_TYPES = {
    "ps": "parameter servers have no part in it; leave them out",
    "evaluator": "an evaluator has no part in it, the workers evaluate; leave it out",
    "master": "TensorFlow 2 calls it chief",
}
_ADDRESS = re.compile(r"[^\s/]+:(\d{1,5})")


def wrong_with(config: Mapping[str, Any]) -> Iterator[str]:
    """Says what is wrong, each as a sentence after `TF_CONFIG`.

    TensorFlow itself tells little of it: it waits for ever for an address that
    is none.

    Args:
      config: The content of TF_CONFIG, which names a cluster.
    """
    cluster = config["cluster"]
    if isinstance(cluster, dict):
        yield from _wrong_addresses(cluster)
        yield from _wrong_together(cluster)
        yield from _wrong_task(config.get("task"), cluster)
    else:
        yield f"has the cluster {_show(cluster)}, which must be an object"


def _wrong_addresses(cluster: Mapping[str, Any]) -> Iterator[str]:
    for kind, addresses in cluster.items():
        if kind not in _TYPES:
            remedy = _OTHER_TYPES.get(kind, "the types are chief and worker")
            yield f"has {_show(kind)} in its cluster: {remedy}"
        elif not isinstance(addresses, list) or not addresses:
            yield f"has {_show(addresses)} as cluster.{kind}, which must be a list of addresses"
        else:
            for index, address in enumerate(addresses):
                if not _is_address(address):
                    at = f"cluster.{kind}[{index}]"
                    yield f'has {_show(address)} as {at}; write host and port, as "10.0.0.1:2222"'


def _wrong_together(cluster: Mapping[str, Any]) -> Iterator[str]:
    """Says what is wrong with addresses that are each well-formed."""
    listed = {kind: cluster[kind] for kind in _TYPES if isinstance(cluster.get(kind), list)}
    chiefs = len(listed.get("chief", ()))
    if chiefs > 1:
        yield f"has {chiefs} addresses as cluster.chief; one is the chief, the others are workers"
    addresses = [a for some in listed.values() for a in some if _is_address(a)]
    for address in dict.fromkeys(addresses):
        if addresses.count(address) > 1:
            yield f"has the address {_show(address)} twice; each worker has its own"


def _wrong_task(task: Any, cluster: Mapping[str, Any]) -> Iterator[str]:
    """Says what is wrong with the place of this process in the cluster."""
    if not isinstance(task, dict) or not {"type", "index"} <= task.keys():
        yield f"has the task {_show(task)}; it must have the type and the index of this process"
        return
    kind, index = task["type"], task["index"]
    there = [k for k in _TYPES if isinstance(cluster.get(k), list)]
    if kind not in there:
        yield f"has the task.type {_show(kind)}; its cluster has {' and '.join(there) or 'none'}"
    # TensorFlow takes digits in quotes too.
    elif not re.fullmatch(r"[0-9]{1,9}", str(index)):
        yield f"has the task.index {_show(index)}, which must be a whole number from 0"
    elif int(index) >= len(cluster[kind]):
        yield f"has the task.index {index}; cluster.{kind} has {len(cluster[kind])}, from 0"


def _is_address(value: Any) -> bool:
    match = _ADDRESS.fullmatch(value) if isinstance(value, str) else None
    return match is not None and 1 <= int(match[1]) <= 65535


def _show(value: Any) -> str:
    return json.dumps(value)
