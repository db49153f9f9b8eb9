# SPDX-License-Identifier: Apache-2.0
"""The page of all runs, as text."""

import json
import re

from made_runs import epochs, fit, run
from test_run_page import HOSTILE, body, words_of

from fit_component.record.pages import runs_page

ROW = {
    "execution": 1,
    "started": "2026-01-31T12:00:00.250000+00:00",
    "ended": "2026-01-31T12:01:00+00:00",
    "pipeline": "taxi",
    "run": "a",
    "trainer": "fit_component.component.Trainer",
    "state": "complete",
    "cached": False,
    "problem": None,
    "settings.epochs": 3,
    "settings.optimizer": "adam",
    "settings.num_steps": None,
    "results.epochs_run": 3,
    "results.seconds": 75.0,
    "results.keras": "keras 3.9.2",
    "results.monitor": "val_loss",
    "results.best.val_loss": 0.25,
    "model_id": 7,
    "model_run_uri": "/pipeline/Trainer/model_run/1",
}
FAILED = {name: None if name.startswith("results.") else value for name, value in ROW.items()}
FAILED |= {"execution": 2, "state": "failed", "settings.epochs": 5, "settings.num_steps": 10}


def header_of(page):
    """The labels at the top of the columns."""
    return re.findall(r'<th scope="col"[^>]*><button type="button">(.*?)</button>', page)


def data_of(page):
    """What the script draws."""
    (text,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page)
    return json.loads(text)


def common_of(page):
    """What is folded away."""
    return re.findall(r'<tr><th scope="row">(.*?)</th><td>(.*?)</td></tr>', page)


def test_what_differs_has_columns_and_the_rest_is_folded_away():
    """What a run has no value for differs too, but for results, which a failed run lacks."""
    page = runs_page([ROW, FAILED], {}, name="m.sqlite")
    assert [
        *("execution", "started, UTC", "state", "epochs", "num_steps"),
        *("epochs_run", "seconds", "best.val_loss"),
    ] == header_of(page)
    assert {"pipeline": "taxi", "optimizer": "adam", "keras": "keras 3.9.2", "cached": "no"} == {
        label: value
        for label, value in common_of(page)
        if label in ("pipeline", "optimizer", "keras", "cached", "problem", "model_id")
    }


def test_runs_that_are_called_by_the_time_are_not_named():
    """As TFX calls them: when they started is there already."""
    times = ("2026-01-31T12:00:00.250000", "2026-01-31T12:07:00.5")
    named, timed = (
        runs_page([ROW | {"run": one}, FAILED | {"run": other}], {}, name="m.sqlite")
        for one, other in (("a", times[1]), times)
    )
    assert "run" in header_of(named)
    assert "run" not in [*header_of(timed), *(name for name, _ in common_of(timed))]


def test_the_newest_is_first():
    """As far as the order of the rows tells."""
    page = runs_page([ROW, FAILED], {}, name="m.sqlite")
    assert ["2", "1"] == re.findall(r'<tr data-run="(\d+)">', page)


def test_columns_are_in_groups_which_span_them():
    """Settings that differ stand out."""
    page = runs_page([ROW, FAILED], {}, name="m.sqlite")
    groups = re.findall(r'scope="colgroup" colspan="(\d+)" class="(\w*)">(.*?)</th>', page)
    assert [
        ("2", "", "Run"),
        ("2", "differs", "Settings that differ"),
        ("3", "", "Results"),
    ] == groups


def test_one_run_has_its_outcome_in_the_table():
    """And its settings below: there is no other to differ from."""
    header = header_of(runs_page([ROW], {}, name="m.sqlite"))
    assert ["started, UTC", "state", "epochs_run", "seconds", "best.val_loss"] == header[1:]


def test_cells_are_read_as_texts_and_sorted_as_numbers():
    """A blank has no number."""
    page = runs_page([ROW, FAILED], {}, name="m.sqlite")
    assert '<td data-number="75.0" class=" number">1 min 15 s</td>' in page
    assert '<td class="">2026-01-31 12:00:00</td>' in page
    assert '<td class="differs"></td>' in page
    assert {"0.123456789": "differs number"} == {
        text: look
        for look, text in re.findall(
            r'data-number="0.123456789" class="(.*?)">(.*?)</td>',
            runs_page([ROW | {"settings.epochs": 0.123456789}, FAILED], {}, name="m.sqlite"),
        )
    }


def test_curves_are_of_the_runs_whose_records_are_there():
    """The others are listed all the same, and said to have none."""
    page = runs_page([ROW, FAILED], {1: run(fit(epochs(3)))}, name="m.sqlite")
    data = data_of(page)
    assert ["1"] == list(data["runs"])
    assert [0, 1, 2] == data["runs"]["1"]["val_loss"][0]
    assert 1 == page.count('<input type="checkbox" aria-label="Draw run 1">')
    assert "Runs without curves left none on this machine" in words_of(page)


def test_the_metric_that_runs_were_judged_by_is_offered_first():
    """Then the losses."""
    page = runs_page([ROW], {1: run(fit(epochs(3)))}, name="m.sqlite")
    assert ["val_loss", "loss"] == re.findall(r"<option>(.*?)</option>", page)[:2]
    judged = ROW | {"results.monitor": "val_binary_accuracy"}
    page = runs_page([judged], {1: run(fit(epochs(3)))}, name="m.sqlite")
    assert "val_binary_accuracy" == re.findall(r"<option>(.*?)</option>", page)[0]


def test_fits_of_a_search_are_drawn_where_there_are_no_others():
    """As results are told of them."""
    trial, real = fit(epochs(2), in_search=True), fit(epochs(3), number=2)
    rows = [ROW, FAILED]
    data = data_of(runs_page(rows, {1: run(trial, real), 2: run(trial)}, name="m.sqlite"))
    assert [[0, 1, 2], [0, 1]] == [data["runs"][id]["loss"][0] for id in ("1", "2")]


def test_no_curves_at_all():
    """Is told, and the page carries no plotly."""
    page = runs_page([ROW], {1: run()}, name="m.sqlite")
    assert "No run has curves on this machine" in words_of(page)
    assert 100_000 > len(page)


def test_an_empty_store():
    """Is told."""
    assert "0 runs Nothing was trained yet." in words_of(runs_page([], {}, name="m.sqlite"))


def test_texts_of_others_are_escaped():
    """Names of runs, of metrics and of the file."""
    row = ROW | {"run": HOSTILE, f"settings.{HOSTILE}": HOSTILE}
    record = run(fit([type(e)(e.epoch, 1.0, metrics={HOSTILE: 1.0}) for e in epochs(2)]))
    page = runs_page([row, FAILED | {f"settings.{HOSTILE}": None}], {1: record}, name=HOSTILE)
    assert "<img" not in body(page)
    assert 0 == page.count("<script>window")
    assert [HOSTILE] == list(data_of(page)["runs"]["1"])
