# SPDX-License-Identifier: Apache-2.0
"""What statistics say of the number of examples."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from tfx import types
from tfx.components.statistics_gen import executor as statistics_gen
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import io_utils


def counts_by_statistics(
    inputs: Mapping[str, Sequence[types.Artifact]], num_examples: Mapping[str, int]
) -> dict[str, int]:
    """The numbers of examples that the statistics of a Trainer tell.

    Args:
      inputs: The Trainer's artifacts, by key.
      num_examples: What TFX read from its statistics, by split.

    Returns:
      The number by the pattern of a split's files. Splits of which the
      statistics are those of a sample are not there, and none if several
      artifacts hold the examples.
    """
    statistics = inputs.get(standard_component_specs.STATISTICS_KEY)
    examples = list(inputs[standard_component_specs.EXAMPLES_KEY])
    if not statistics or len(examples) != 1:
        return {}
    name = statistics_gen.SAMPLE_RATE_BY_SPLIT_PROPERTY_NAME
    # It is JSON in a property of JSON.
    rates = json.loads(str(statistics[0].get_json_value_custom_property(name) or "{}"))
    known = artifact_utils.decode_split_names(examples[0].split_names)
    return {
        io_utils.all_files_pattern(artifact_utils.get_split_uri(examples, split)): int(number)
        for split, number in num_examples.items()
        if split in known and rates.get(split) == 1
    }
