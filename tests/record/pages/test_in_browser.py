# SPDX-License-Identifier: Apache-2.0
"""Pages in a browser: drawn, sorted, light and dark, and all by themselves."""

from __future__ import annotations

import dataclasses
import functools
import random
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2]))

import browser as browsers
from made_runs import DIFFERENCES, epochs, fit, run, write
from test_run_page import HOSTILE
from test_runs_page import FAILED, ROW

from fit_component.record.pages import model_run_page, runs_page
from fit_component.record.pages.run_page import run_page

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        browsers.CHROMIUM is None, reason="there is no Chromium; Debian's package is chromium"
    ),
]

# The number of points of each trace in each chart.
POINTS = """[...document.querySelectorAll('.chart')].map((chart) =>
  [...chart.querySelectorAll('.scatterlayer .trace')].map((trace) =>
    trace.querySelectorAll('path.point').length))"""
LINES = (
    "[...document.querySelectorAll('path.js-line')].map((line) => line.getAttribute('d').length)"
)
ORDER = "[...document.querySelectorAll('#table tbody tr')].map(row => row.cells[{0}].textContent)"
DRAWN = "document.querySelectorAll('#chart path.js-line').length"

# The texts on a page whose color is too near that of what they stand on, by the measure of WCAG 2:
# https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio
FAINT = """(() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const lightness = (color) => channels(color).slice(0, 3)
    .map((c) => c / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (element) => {
    const color = getComputedStyle(element).backgroundColor;
    const isClear = channels(color)[3] === 0;
    return isClear && element.parentElement ? behind(element.parentElement) : color;
  };
  document.querySelectorAll("details").forEach((details) => { details.open = true; });
  const ratio = (element) => {
    const style = getComputedStyle(element);
    const ink = element instanceof SVGElement ? style.fill : style.color;
    const [a, b] = [ink, behind(element)].map(lightness).sort().reverse();
    return (a + 0.05) / (b + 0.05);
  };
  const elements = [...document.querySelectorAll("body :not(script, style)")];
  const written = elements.filter((element) =>
    [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
  return [written.length, written.filter((e) => ratio(e) < 4.5).map((e) => e.outerHTML)];
})()"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """One for all tests here, since starting it takes seconds."""
    with browsers.running(tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture(scope="module")
def run_file(tmp_path_factory):
    """The page of a run with two charts of two curves, and one of one."""
    directory = tmp_path_factory.mktemp("run")
    made = fit(epochs(24), differences=DIFFERENCES)
    page = model_run_page(write(directory / "model_run" / "5", run(made)))
    (directory / "run.html").write_text(page, encoding="utf-8")
    return directory / "run.html"


@pytest.fixture(scope="module")
def runs_file(tmp_path_factory):
    """The page of 200 runs, of which every fifth failed, and a stock Trainer made one."""
    noise = random.Random(5)
    rows, records = [], {}
    for number in range(1, 201):
        if number % 5 == 0:
            rows.append(FAILED | {"execution": number})
            continue
        made = fit(epochs(noise.randint(5, 20), seed=number, floor=noise.uniform(0.1, 0.5)))
        records[number] = run(made)
        results = {f"results.{name}": value for name, value in records[number].results.items()}
        rows.append(ROW | results | {"execution": number, "settings.epochs": number % 12})
    rows[0] = rows[0] | {"settings.epochs": None}
    path = tmp_path_factory.mktemp("runs") / "runs.html"
    path.write_text(runs_page(rows, records, name="metadata.sqlite"), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def seen(browser, run_file, runs_file):
    """Pages for tests that only look, each opened once: by `run` or `runs`, and the scheme."""
    files = {"run": run_file, "runs": runs_file}
    return functools.cache(lambda name, scheme: browser.open(files[name], scheme=scheme))


def mean_of(colors):
    """The mean of all channels, from 0 for black to 255 for white."""
    return sum(sum(color) * count for color, count in colors.items()) / colors.total() / 3


def column(page, label):
    """The place of a column in a row, and a selector of its button."""
    labels = page.evaluate(
        "[...document.querySelectorAll('#table thead tr:last-child th')]"
        ".map(header => header.textContent)"
    )
    at = labels.index(label)
    return at, f"#table thead tr:last-child th:nth-child({at + 1}) button"


def test_a_run_is_drawn(seen):
    """Each chart has its curves, with all points, and a ring at the best epoch of each."""
    page = seen("run", "light")
    assert [[24, 1, 24, 1], [24, 1, 24, 1], [24, 1]] == page.evaluate(POINTS)
    assert 5 == len([length for length in page.evaluate(LINES) if length > 100])


@pytest.mark.parametrize("name", ["run", "runs"])
def test_a_page_is_all_by_itself(seen, name):
    """It asks for nothing but itself, and nothing complains."""
    page = seen(name, "light")
    assert [page.evaluate("location.href")] == page.requests()
    assert [] == page.complaints()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["run", "runs"])
def test_a_picture_is_not_blank(seen, name, scheme):
    """It has the colors of text, of lines and of what is behind them, dark in the dark."""
    colors = browsers.colors(seen(name, scheme).png(scale=0.4))
    assert 100 < len(colors)
    (_, most), mean = colors.most_common(1)[0], mean_of(colors)
    assert most < 0.95 * colors.total()
    assert mean < 60 if scheme == "dark" else mean > 200


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["run", "runs"])
def test_texts_can_be_read(seen, name, scheme):
    """In both schemes, those in charts too: a contrast of 4.5 or more."""
    count, faint = seen(name, scheme).evaluate(FAINT)
    assert count > 50
    assert [] == faint


def test_charts_follow_the_scheme(browser, run_file):
    """Without a reload; on paper they are light."""
    page = browser.open(run_file, scheme="dark")
    stroke = "document.querySelector('path.js-line').style.stroke"
    letters = "document.querySelector('.xtick text').style.fill"
    dark = page.evaluate(f"[{stroke}, {letters}]")
    page.prefer("dark", medium="print")
    printed = page.evaluate(f"[{stroke}, {letters}]")
    page.prefer("dark")
    page.prefer("light")
    light = page.evaluate(f"[{stroke}, {letters}]")
    assert ["rgb(105, 174, 255)", "rgb(228, 233, 241)"] == dark
    assert ["rgb(31, 111, 209)", "rgb(27, 35, 48)"] == light == printed


def test_charts_are_as_wide_as_paper(browser, run_file):
    """They are drawn anew before they are printed."""
    page = browser.open(run_file)
    page.evaluate(
        "(() => { window.printed = []; const chart = document.querySelector('.chart');"
        " chart.on('plotly_afterplot', () => { if (matchMedia('print').matches) {"
        " printed.push([chart.clientWidth, chart.layout.width]); } }); })()"
    )
    on_screen = page.evaluate("document.querySelector('.chart').clientWidth")
    page.call("Page.printToPDF", paperWidth=6, paperHeight=8)
    box, drawn = page.evaluate("printed.at(-1)")
    assert box == drawn
    assert drawn < on_screen


@pytest.mark.parametrize("name", ["run_file", "runs_file"])
def test_a_phone_scrolls_tables_and_not_the_page(browser, request, name):
    """And charts are as wide as it is, also when it is turned."""
    page = browser.open(request.getfixturevalue(name), width=380)
    width = "document.documentElement.scrollWidth"
    chart = "document.querySelector('.chart .main-svg').clientWidth"
    assert 380 == page.evaluate(width)
    assert 250 < page.evaluate(chart) < 380
    page.resize(820, 380)
    assert 820 == page.evaluate(width)
    box = "document.querySelector('.chart').clientWidth"
    assert page.evaluate(box) == page.evaluate(chart)


def test_texts_of_others_do_nothing(browser, tmp_path):
    """What looks like a script is text, in tables and in charts."""
    metrics = {HOSTILE: 0.5, "<b>bold</b>": 1.0, "%{y}": 2.0}
    made = [dataclasses.replace(epoch, metrics=metrics) for epoch in epochs(3)]
    record = run(fit(made, number=1), fit(made, number=2), settings={HOSTILE: HOSTILE})
    path = tmp_path / "page.html"
    for text in (
        run_page(record, name=HOSTILE),
        runs_page([ROW | {"run": HOSTILE}, FAILED], {1: record}, name=HOSTILE),
    ):
        path.write_text(text, encoding="utf-8")
        page = browser.open(path)
        assert "undefined" == page.evaluate("typeof window.hacked")
        assert [] == page.complaints()
        assert HOSTILE.split("\u2028")[0] in page.evaluate(
            "document.querySelector('h1').textContent"
        )


def test_the_mouse_sorts(browser, runs_file):
    """Numbers as numbers, blanks last whichever way, and the header says which."""
    page = browser.open(runs_file)
    at, button = column(page, "epochs")
    page.click(button)
    rising = page.evaluate(ORDER.format(at))
    state = f"document.querySelector({button!r}).parentElement.getAttribute('aria-sort')"
    assert "ascending" == page.evaluate(state)
    page.click(button)
    falling = page.evaluate(ORDER.format(at))
    assert "descending" == page.evaluate(state)
    assert 1 == page.evaluate("document.querySelectorAll('[aria-sort]').length")
    numbers = sorted(int(text) for text in rising[:-1])
    assert [*map(str, numbers), ""] == rising
    assert [*map(str, reversed(numbers)), ""] == falling
    assert 11 == numbers[-1]  # which is below 2 as a text


def test_the_keyboard_sorts(browser, runs_file):
    """The buttons are reached and pressed without a mouse."""
    page = browser.open(runs_file)
    at, button = column(page, "best.val_loss")
    page.evaluate(f"document.querySelector({button!r}).focus()")
    page.press("Enter", 13, "\r")
    texts = page.evaluate(ORDER.format(at))
    known = [float(text) for text in texts if text]
    assert sorted(known) == known
    assert [""] * (200 - len(known)) == texts[len(known) :]


def test_the_newest_runs_are_drawn_at_first(browser, runs_file):
    """With the metric they were judged by, in as many colors."""
    page = browser.open(runs_file)
    assert 8 == page.evaluate(DRAWN)
    assert "8 of 160 runs with curves are drawn" == page.evaluate(
        "document.getElementById('drawn').textContent"
    )
    assert "val_loss" == page.evaluate("document.getElementById('metric').value")
    strokes = "[...document.querySelectorAll('#chart path.js-line')].map(line => line.style.stroke)"
    assert 8 == len(set(page.evaluate(strokes)))


def test_checked_runs_are_drawn(browser, runs_file):
    """And no more of them; a color that is free again is used."""
    page = browser.open(runs_file)
    box = "#table tr[data-run='{0}'] input"
    look = "document.querySelector('#table tr[data-run=\"{0}\"] .swatch').style.borderTop"
    freed = page.evaluate(look.format(199))
    page.click(box.format(199))
    assert (7, "") == (page.evaluate(DRAWN), page.evaluate(look.format(199)))
    page.click(box.format(3))
    assert (8, freed) == (page.evaluate(DRAWN), page.evaluate(look.format(3)))
    page.click("#none")
    assert 0 == page.evaluate(DRAWN)
    assert 0 == page.evaluate("document.querySelectorAll('#table input:checked').length")
    page.click("#newest")
    assert 8 == page.evaluate(DRAWN)


def test_curves_that_are_drawn_can_be_told_apart(browser, runs_file):
    """Past that, no further run can be checked until one is not."""
    page = browser.open(runs_file)
    page.evaluate("document.querySelectorAll('#table input').forEach(box => box.click())")
    lines = page.evaluate(
        "[...document.querySelectorAll('#chart path.js-line')]"
        ".map(line => line.style.stroke + line.style.strokeDasharray)"
    )
    assert (24, 24) == (len(lines), len(set(lines)))
    disabled = "document.querySelectorAll('#table input:disabled').length"
    assert 160 - 24 == page.evaluate(disabled)
    page.click("#none")
    assert 0 == page.evaluate(disabled)


def test_another_metric(browser, runs_file):
    """Is drawn of the same runs."""
    page = browser.open(runs_file)
    path = "document.querySelector('#chart path.js-line').getAttribute('d')"
    before = page.evaluate(path)
    page.evaluate(
        "(() => { const metric = document.getElementById('metric'); metric.value = 'loss';"
        " metric.dispatchEvent(new Event('change')); })()"
    )
    assert before != page.evaluate(path)
    assert 8 == page.evaluate(DRAWN)


def test_a_row_finds_its_curve(browser, runs_file):
    """While the mouse is on it, that curve is thick and the others are faint."""
    page = browser.open(runs_file)
    page.point_at("#table tr[data-run='198'] td:nth-child(4)")
    widths = "[...document.querySelectorAll('#chart path.js-line')].map(l => l.style.strokeWidth)"
    assert [("4px", 1), ("2px", 7)] == [
        (width, page.evaluate(widths).count(width)) for width in ("4px", "2px")
    ]
    page.point_at("h1")
    assert {"2px"} == set(page.evaluate(widths))


def test_a_curve_finds_its_row(browser, runs_file):
    """While the mouse is on a point of it."""
    page = browser.open(runs_file)
    page.evaluate(
        "document.getElementById('chart').emit('plotly_hover', "
        "{points: [{data: {meta: {run: '198'}}}]})"
    )
    found = "[...document.querySelectorAll('tr.found')].map(row => row.dataset.run)"
    assert ["198"] == page.evaluate(found)
    page.evaluate("document.getElementById('chart').emit('plotly_unhover')")
    assert [] == page.evaluate(found)
