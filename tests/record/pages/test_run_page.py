# SPDX-License-Identifier: Apache-2.0
"""The page of one run, as text."""

import dataclasses
import html
import math
import re
import sys

import pytest
from made_runs import DIFFERENCES, REQUESTED, epochs, fit, run, write

from fit_component.record import DIRECTORY, flat_settings, settings_files
from fit_component.record.pages import ExtraMissingError, model_run_page
from fit_component.record.pages.run_page import run_page
from fit_component.settings import parse_fit_args, resolve

HOSTILE = (
    "</script><script>window.hacked = 1</script><img src=x onerror='hacked=1'>\u2028{{ 7 * 7 }}"
)


def body(page):
    """The page without its scripts and styles."""
    return re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)


def words_of(page):
    """What is read on a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body(page))).split())


def rows_of(page, section):
    """The rows of a section's tables, as lists of texts."""
    (found,) = re.findall(rf'<section aria-labelledby="{section}">.*?</section>', page, re.DOTALL)
    rows = re.findall(r"<tr\b.*?</tr>", found, re.DOTALL)
    cells = [re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    return [[words_of(cell) for cell in row] for row in cells]


def test_a_run_in_figures(tmp_path):
    """What one wants to know first."""
    made = fit(epochs(24))
    told = words_of(model_run_page(write(tmp_path / "model_run" / "5", run(made))))
    assert "model_run/5 complete" in told
    assert f"Best val_loss {made.best[0].value:.4g} at epoch {made.best_epoch}" in told
    assert "Epochs 24 3,600 steps in all" in told
    assert "Why it stopped EarlyStopping stopped it" in told
    assert "Started 2026-01-31 12:00:00 UTC" in told


def test_what_was_requested_comes_before_defaults(tmp_path):
    """And is told from them."""
    page = model_run_page(write(tmp_path / "5", run(fit(epochs(2)))))
    header, *rows = rows_of(page, "settings")
    assert ["setting", "value", "from"] == header
    assert ["epochs", "30", "requested"] == rows[0]
    requested = [name for name, _, source in rows if source == "requested"]
    stopping = [f"callbacks[0].early_stopping.{name}" for name in ("monitor", "patience")]
    others = {"optimizer.learning_rate", "eval_args.num_steps", *stopping}
    assert {*REQUESTED, *others} == set(requested)
    assert requested == [name for name, *_ in rows[: len(requested)]]
    assert ["input.cache", "NONE", "default"] in rows
    assert "patience: 5" in words_of(page)


def test_without_the_requested_settings_nothing_is_called_a_default(tmp_path):
    """Since that is not known."""
    page = model_run_page(write(tmp_path / "5", run(fit(epochs(2))), with_settings=False))
    assert ["setting", "value"] == rows_of(page, "settings")[0]
    assert "requested.textproto is not there" in words_of(page)


def test_what_fit_did_not_get_is_there_with_its_remedy():
    """And what was overridden is told as such, at the top too."""
    page = run_page(run(fit(epochs(2), differences=DIFFERENCES)), name="5")
    _, overridden, missed, _ = rows_of(page, "differences")
    assert ["batch_size", "64", "40", "take its data from fn_args.train_dataset()"] == missed
    assert overridden[3].startswith("Overridden: the requested value was put into the call.")
    assert "2 settings that were requested did not reach fit." in words_of(page)
    assert "1 setting was put into the call of fit" in words_of(page)


def test_nothing_is_said_of_differences_where_there_are_none():
    """A run that obeyed has no such part."""
    assert "did not" not in words_of(run_page(run(fit(epochs(2))), name="5"))


def test_a_nan_is_told_in_words():
    """A chart has but a gap."""
    made = [
        dataclasses.replace(e, metrics={**e.metrics, "loss": math.nan}) if e.epoch in (3, 4) else e
        for e in epochs(6)
    ]
    page = run_page(run(fit(made)), name="5")
    assert "In fit 1, loss was not a finite number at epochs 3 to 4." in words_of(page)
    assert "nan" == rows_of(page, "epochs")[4][1]


def test_a_run_that_goes_on_says_so():
    """With what there is of it."""
    page = run_page(run(fit(epochs(2), stop_reason="running"), state="running"), name="5")
    assert "The run had not ended when this was written down" in words_of(page)
    assert 3 == len(rows_of(page, "epochs"))


def test_a_fit_in_its_first_epoch():
    """Is no reason for an empty chart."""
    page = run_page(run(fit([], stop_reason="running"), state="running"), name="5")
    assert "Fit 1 came to the end of no epoch." in words_of(page)
    assert 'class="chart"' not in page


def test_a_run_without_a_fit():
    """Is told, and carries no plotly."""
    page = run_page(run(), name="5")
    assert "No fit of a Keras model was called" in words_of(page)
    assert 100_000 > len(page)


def test_a_fit_that_was_interrupted_says_where_it_went_on():
    """Else its time and its epochs would not agree."""
    page = run_page(run(fit(epochs(3), resumed_from=2)), name="5")
    assert "Fit 1 was interrupted before, and went on with epoch 2." in words_of(page)


def test_a_failed_run_says_why():
    """With the error's lines."""
    page = run_page(run(fit(epochs(2)), state="failed", error="ValueError: a\nb"), name="5")
    assert "The run failed: ValueError: a\nb" in body(page)


def test_fits_are_told_apart():
    """In the table of calls, in charts, and in what is said of these."""
    page = run_page(run(fit(epochs(3)), fit(epochs(3), number=2)), name="5")
    assert ["fit", "1", "2"] == [row[0] for row in rows_of(page, "fits")[:3]]
    assert "fit 2: loss" in words_of(page)
    assert "fit 2, validation" in page


def test_of_a_search_the_other_fits_are_drawn():
    """And it is said how many are not."""
    trials = [fit(epochs(2), number=n, in_search=True) for n in range(1, 4)]
    page = run_page(run(*trials, fit(epochs(3), number=4)), name="5")
    assert "Of 4 fits, 1 is drawn: 4." in words_of(page)


def test_of_many_fits_the_last_are_drawn():
    """As many as there are colors."""
    page = run_page(run(*(fit(epochs(2), number=n) for n in range(1, 13))), name="5")
    assert "Of 12 fits, 8 are drawn: 5, 6, 7, 8, 9, 10, 11, 12." in words_of(page)


def test_a_long_table_of_epochs_is_cut_in_the_middle():
    """And says how many it leaves out."""
    rows = rows_of(run_page(run(fit(epochs(600))), name="5"), "epochs")
    assert 1 + 250 + 1 + 250 == len(rows)
    assert (["249", "350"], ["100 more are in history.csv"]) == (
        [rows[250][0], rows[252][0]],
        rows[251],
    )


def test_texts_of_others_are_escaped(tmp_path):
    """Wherever they stand, in HTML and in scripts."""
    made = [
        dataclasses.replace(e, metrics={HOSTILE: 0.5, f"val_{HOSTILE}": 1.0}) for e in epochs(3)
    ]
    differences = [dataclasses.replace(DIFFERENCES[0], got=HOSTILE, remedy=HOSTILE)]
    record = run(
        fit(made, called_from=HOSTILE, arguments={HOSTILE: HOSTILE}, differences=differences),
        settings={HOSTILE: HOSTILE},
        environment={HOSTILE: [HOSTILE]},
        error=HOSTILE,
        state="failed",
    )
    page = run_page(record, name=HOSTILE)
    assert "<img" not in body(page)
    assert 0 == page.count("<script>window")
    assert "\u2028" not in page[page.index('id="figures"') :]
    assert HOSTILE in html.unescape(body(page))


def test_nothing_is_loaded_from_elsewhere(tmp_path):
    """The page has no address in it, and forbids the browser to follow one."""
    page = model_run_page(write(tmp_path / "5", run(fit(epochs(2)))))
    assert [] == re.findall(r"(?:src|href)\s*=\s*[\"'](?!#)", body(page))
    assert "default-src 'none'" in page
    assert 1 == page.count("plotly.js v")


def test_tables_and_headings_can_be_found_by_a_screen_reader(tmp_path):
    """Each header cell has a scope, each table a caption, each chart words."""
    page = body(model_run_page(write(tmp_path / "5", run(fit(epochs(2), differences=DIFFERENCES)))))
    assert page.count("<th ") == len(re.findall(r'<th scope="(?:row|col)"', page))
    assert "<th>" not in page
    assert page.count("<table") == page.count("<caption")
    assert page.count('class="chart"') == page.count('role="img" aria-label="Line chart of ')
    assert ["1", *"2" * 7] == [n for n in re.findall(r"<h(\d)", page) if n != "3"]
    assert '<html lang="en">' in page


def test_what_is_no_run_is_told(tmp_path):
    """By what is missing, or by the file that is wrong."""
    with pytest.raises(FileNotFoundError, match=r"summary\.json is not there"):
        model_run_page(tmp_path)
    path = write(tmp_path / "5", run(fit(epochs(2))))
    (path / DIRECTORY / "requested.textproto").write_text("epcohs: 3")
    with pytest.raises(ValueError, match=r"requested\.textproto cannot be read: .*epcohs"):
        model_run_page(path)


@pytest.mark.parametrize("library", ["jinja2", "plotly.graph_objects"])
def test_without_what_draws_the_repair_is_told(monkeypatch, library):
    """In one line."""
    monkeypatch.setitem(sys.modules, library, None)
    told = rf'^drawing needs {library.split(".")[0]}: pip install "fit-component\[report\]"$'
    with pytest.raises(ExtraMissingError, match=told):
        run_page(run(fit(epochs(2))), name="5")


def test_credentials_are_on_no_page(tmp_path):
    """Neither among the settings nor in the text that was requested."""
    custom = {"class_path": "a.B", "kwargs": {"api_key": "hunter2"}}
    requested = parse_fit_args({"callbacks": [{"custom": custom}]})
    record = run(fit(epochs(2)), settings=flat_settings(resolve(requested)))
    directory = write(tmp_path / "5", record)
    for name, content in settings_files(requested, resolve(requested), {}).items():
        (directory / DIRECTORY / name).write_text(content)
    page = model_run_page(directory)
    assert "***" in page
    assert "hunter2" not in page
