// SPDX-License-Identifier: Apache-2.0
"use strict";

const figures = JSON.parse(document.getElementById("figures").textContent);
for (const element of document.querySelectorAll("[data-figure]")) {
  charts.draw(element, figures[element.dataset.figure]);
}
