# SPDX-License-Identifier: Apache-2.0
"""The penguins as the examples read them."""

from __future__ import annotations

import os

from examples.penguin import data


def test_rows_are_whole_and_species_are_numbers():
    """Two penguins were not measured."""
    penguins = data.load_penguins()
    assert 342 == len(penguins)
    assert not penguins.isna().any(axis=None)
    assert [151, 68, 123] == [(penguins["species"] == code).sum() for code in range(3)]


def test_the_file_is_alone_in_its_directory(tmp_path):
    """ExampleGen reads every file that it finds there."""
    directory = data.write_csv(tmp_path)
    assert [directory / "penguins.csv"] == list(directory.iterdir())
    assert [directory] == list(tmp_path.iterdir())
    header, first, *_ = (directory / "penguins.csv").read_text().splitlines()
    assert "bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,species" == header
    assert "39.1,18.7,181.0,3750.0,0" == first


def test_a_file_that_is_there_stays_untouched(tmp_path):
    """Else the pipeline's cache would be lost."""
    path = data.write_csv(tmp_path) / "penguins.csv"
    os.utime(path, (0, 0))
    data.write_csv(tmp_path)
    assert 0 == path.stat().st_mtime


def test_a_file_that_is_broken_is_replaced(tmp_path):
    """By a whole one."""
    path = data.write_csv(tmp_path) / "penguins.csv"
    whole = path.read_text()
    path.write_text(whole[:100])
    data.write_csv(tmp_path)
    assert whole == path.read_text()
