# SPDX-License-Identifier: Apache-2.0
"""The Palmer penguins: body measures of three species, from the package `palmerpenguins`."""

from __future__ import annotations

from pathlib import Path

import palmerpenguins
import pandas as pd

MEASURES = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
SPECIES = ("Adelie", "Chinstrap", "Gentoo")


def load_penguins() -> pd.DataFrame:
    """Loads the four measures of each penguin, and its species as an index of SPECIES.

    Rows with a missing value are dropped: 2 of 344.
    """
    penguins = palmerpenguins.load_penguins()[[*MEASURES, "species"]].dropna()
    return penguins.assign(species=penguins["species"].map(SPECIES.index))


def write_csv(root: Path) -> Path:
    """Writes what `load_penguins` gives as a CSV file, unless it is there already.

    The file is whole or not there at all.

    Args:
      root: An existing directory.

    Returns:
      The directory below it that holds nothing but the file.
    """
    directory = root / "data"
    path = directory / "penguins.csv"
    content = load_penguins().to_csv(index=False)
    # ExampleGen's cache goes by the time of the last change.
    if not path.exists() or path.read_text() != content:
        directory.mkdir(exist_ok=True)
        # ExampleGen would read it, too, if it lay beside the file.
        partial = root / "penguins.csv.tmp"
        partial.write_text(content)
        partial.replace(path)
    return directory
