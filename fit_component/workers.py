# SPDX-License-Identifier: Apache-2.0
"""Outputs of the workers of a cluster.

Every worker runs the same execution, and all must save the model, since saving
takes part of each. One alone writes to the place that is published.
"""

from __future__ import annotations

import contextlib
import copy
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator

from tfx import types

from fit_component.objects.cluster import Cluster

Artifacts = dict[str, list[types.Artifact]]

_LOG = logging.getLogger(__name__)


@contextlib.contextmanager
def outputs_of_this_worker(output_dict: Artifacts, cluster: Cluster | None) -> Iterator[Artifacts]:
    """Gives the artifacts that this process writes to.

    Args:
      output_dict: The artifacts that are published.
      cluster: The cluster that this process is a worker of, if any.

    Yields:
      Those artifacts, to the chief and to a process of no cluster. To any other
      worker, copies that lie in a temporary directory. It is deleted at the
      end; kept, to be looked at, if the worker fails.
    """
    if cluster is None or cluster.is_chief:
        yield output_dict
        return
    name = f"{cluster.task_type} {cluster.task_index}"
    directory = tempfile.mkdtemp(prefix=f"fit-component-{name.replace(' ', '-')}-")
    _LOG.info("%s is not the chief and writes to %s.", name, directory)
    try:
        yield _copies(output_dict, directory)
    except BaseException:
        _LOG.error("%s failed; what it wrote is in %s.", name, directory)
        raise
    shutil.rmtree(directory)


def _copies(output_dict: Artifacts, directory: str) -> Artifacts:
    copies = copy.deepcopy(output_dict)
    for key, artifacts in copies.items():
        for index, artifact in enumerate(artifacts):
            artifact.uri = os.path.join(directory, key, str(index))
    return copies
