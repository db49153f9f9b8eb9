// SPDX-License-Identifier: Apache-2.0
"use strict";

// Draws plotly figures in the colors and the width of the page, and again when these change.
const charts = (() => {
  const drawn = new Map();
  const config = { displayModeBar: false, doubleClick: "reset" };

  function color(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function coloredTrace(trace) {
    const own = color(`--series-${trace.meta.series}`);
    return {
      ...trace,
      line: { ...trace.line, color: own },
      marker: { ...trace.marker, color: own },
    };
  }

  // Plotly would also name halves of epochs.
  function step(data) {
    return Math.max(...data.flatMap((trace) => trace.x), 0) <= 12 ? 1 : undefined;
  }

  function coloredLayout({ data, layout }, element) {
    const axis = { gridcolor: color("--grid") };
    return {
      ...layout,
      width: element.clientWidth,
      height: element.clientHeight,
      uirevision: "zoomed",
      font: { color: color("--text"), family: getComputedStyle(document.body).fontFamily, size: 12 },
      hoverlabel: { bgcolor: color("--raised"), bordercolor: color("--line"), namelength: -1 },
      xaxis: { ...layout.xaxis, ...axis, dtick: step(data) },
      yaxis: { ...layout.yaxis, ...axis },
    };
  }

  function draw(element, figure) {
    drawn.set(element, figure);
    sizes.observe(element);
    const layout = coloredLayout(figure, element);
    Plotly.react(element, figure.data.map(coloredTrace), layout, config);
  }

  function redraw() {
    drawn.forEach((figure, element) => draw(element, figure));
  }

  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.clientWidth !== target.layout?.width) {
        draw(target, drawn.get(target));
      }
    }
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  matchMedia("print").addEventListener("change", redraw);
  return { draw };
})();
