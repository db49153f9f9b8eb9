// SPDX-License-Identifier: Apache-2.0
"use strict";

// Sorts tables by the column whose button is pressed, and the other way round when it is again.
(() => {
  const texts = new Intl.Collator(undefined, { numeric: true });

  // Numbers come before texts; blanks are last, whichever way the rest is sorted.
  function compare(a, b, direction) {
    const kinds = [a, b].map((cell) => ("number" in cell.dataset ? 0 : cell.textContent ? 1 : 2));
    if (kinds[0] !== kinds[1]) {
      return kinds.includes(2) ? kinds[0] - kinds[1] : direction * (kinds[0] - kinds[1]);
    }
    return kinds[0] === 0
      ? direction * (a.dataset.number - b.dataset.number)
      : direction * texts.compare(a.textContent, b.textContent);
  }

  function sort(table, header) {
    const isAscending = header.getAttribute("aria-sort") === "ascending";
    for (const other of table.querySelectorAll("[aria-sort]")) {
      other.removeAttribute("aria-sort");
    }
    header.setAttribute("aria-sort", isAscending ? "descending" : "ascending");
    const direction = isAscending ? -1 : 1;
    const column = header.cellIndex;
    const rows = [...table.tBodies[0].rows];
    rows.sort((a, b) => compare(a.cells[column], b.cells[column], direction));
    table.tBodies[0].append(...rows);
  }

  for (const button of document.querySelectorAll(".sortable th button")) {
    button.addEventListener("click", () => sort(button.closest("table"), button.closest("th")));
  }
})();
