# SPDX-License-Identifier: Apache-2.0
"""What differs between two trainings."""

from __future__ import annotations

import pandas as pd

from fit_component.lineage.table import RESULTS, SETTINGS


def diff(a: pd.Series, b: pd.Series) -> pd.DataFrame:
    """Lists the settings and results in which two trainings differ.

    Args:
      a: A row of `runs()`, such as `table.loc[3]`.
      b: Another one.

    Returns:
      A row for each that differs, by its name, such as `settings.epochs`; the
      columns are the ids of the executions. What one does not have is None.
    """
    names = [name for name in dict.fromkeys([*a.index, *b.index]) if _is_compared(name)]
    pairs = {name: (_value(a, name), _value(b, name)) for name in names}
    differing = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    columns = pd.Index([a.name, b.name], dtype=object)
    return pd.DataFrame(list(differing.values()), list(differing), columns, dtype=object)


def _is_compared(name: object) -> bool:
    return isinstance(name, str) and name.startswith((SETTINGS, RESULTS))


def _value(row: pd.Series, name: str) -> object:
    value = row.get(name)
    return None if pd.isna(value) else value
