// SPDX-License-Identifier: Apache-2.0
"use strict";

// Draws the curves of the runs that are checked in the table.
(() => {
  const COLORS = 8;
  const DASHES = ["solid", "dash", "dot"];
  const STYLES = { solid: "solid", dash: "dashed", dot: "dotted" };
  const MOST = COLORS * DASHES.length;

  const data = JSON.parse(document.getElementById("data").textContent);
  const chart = document.getElementById("chart");
  const metric = document.getElementById("metric");
  const rows = [...document.querySelectorAll("#table tbody tr")]; // the newest first
  const pickable = rows.filter((row) => row.querySelector("input"));
  const looks = new Map(); // of each run that is drawn, the number of its color and dash
  let pointedAt = null;

  function look(number) {
    return { series: number % COLORS, dash: DASHES[Math.floor(number / COLORS)] };
  }

  function pick(row, isPicked) {
    const run = row.dataset.run;
    if (isPicked && !looks.has(run) && looks.size < MOST) {
      const taken = new Set(looks.values());
      looks.set(run, [...Array(MOST).keys()].find((number) => !taken.has(number)));
    } else if (!isPicked) {
      looks.delete(run);
    }
  }

  function trace(run) {
    const lines = data.runs[run];
    const isThere = Object.hasOwn(lines, metric.value); // not "constructor", which all objects have
    const [epochs, values] = isThere ? lines[metric.value] : [[], []];
    const { series, dash } = look(looks.get(run));
    return {
      type: "scatter",
      x: epochs,
      y: values,
      name: `run ${run}`,
      mode: epochs.length > 1 ? "lines" : "markers",
      line: { width: run === pointedAt ? 4 : 2, dash },
      opacity: pointedAt === null || run === pointedAt ? 1 : 0.25,
      hovertemplate: "%{y:.4~g} at epoch %{x}",
      meta: { series, run },
    };
  }

  function drawChart() {
    const layout = { ...data.layout, hovermode: "closest", showlegend: false };
    charts.draw(chart, { data: [...looks.keys()].map(trace), layout });
  }

  function update() {
    for (const row of pickable) {
      const box = row.querySelector("input");
      const number = looks.get(row.dataset.run);
      box.checked = number !== undefined;
      box.disabled = !box.checked && looks.size === MOST;
      const { series, dash } = look(number ?? 0);
      row.querySelector(".swatch").style.borderTop = box.checked
        ? `3px ${STYLES[dash]} var(--series-${series})`
        : "";
    }
    const most = looks.size === MOST ? ", which is as many as can be told apart" : "";
    document.getElementById("drawn").textContent =
      `${looks.size} of ${pickable.length} runs with curves are drawn${most}`;
    drawChart();
  }

  function pointAt(run) {
    const next = looks.has(run) ? run : null;
    if (next !== pointedAt) {
      pointedAt = next;
      drawChart();
    }
  }

  function drawNewest() {
    looks.clear();
    pickable.slice(0, COLORS).forEach((row) => pick(row, true));
    update();
  }

  for (const row of rows) {
    for (const event of ["mouseenter", "focusin"]) {
      row.addEventListener(event, () => pointAt(row.dataset.run));
    }
    for (const event of ["mouseleave", "focusout"]) {
      row.addEventListener(event, () => pointAt(null));
    }
    row.addEventListener("change", (event) => {
      pick(row, event.target.checked);
      update();
    });
  }
  const newest = document.getElementById("newest");
  newest.textContent = `Draw the newest ${Math.min(COLORS, pickable.length)}`;
  newest.addEventListener("click", drawNewest);
  document.getElementById("none").addEventListener("click", () => {
    looks.clear();
    update();
  });
  metric.addEventListener("change", drawChart);
  drawNewest();
  chart.on("plotly_hover", ({ points }) => {
    rows.forEach((row) => row.classList.toggle("found", row.dataset.run === points[0].data.meta.run));
  });
  chart.on("plotly_unhover", () => rows.forEach((row) => row.classList.remove("found")));
})();
