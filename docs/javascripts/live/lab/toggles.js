// A grid of switches with one tab stop: arrow keys move, Space or Enter switches, and a pointer
// that is dragged switches all it crosses. What is selected is hidden, or off.

import { html } from "@vitexplain/explorer/dom.js";

const SIDEWAYS = 8; // pixels that make a touch a stroke; up and down scrolls the page

/**
 * @typedef {object} Grid
 * @property {number} rows
 * @property {number} cols
 * @property {string} label
 * @property {(row: number, col: number) => string} name of a cell
 * @property {(row: number) => string} [rowName]  with it, rows and columns have names
 * @property {(col: number) => string} [colName]
 * @property {string} [colsName]  what the names of the columns are names of
 * @property {boolean} [swipe]  whether a finger that moves sideways switches, too
 */

/**
 * @param {Grid} grid
 * @param {{begin: () => void, set: (i: number, on: boolean) => void}} on `begin` is told before each stroke
 */
export function toggles({ rows, cols, label, name, rowName, colName, colsName = "", swipe = false }, { begin, set }) {
  /** @type {Set<number>} */ let selected = new Set();
  const cells = Array.from({ length: rows * cols }, (_, i) =>
    html("div", {
      role: "gridcell",
      class: "vxl-lab-cell",
      tabindex: i === 0 ? 0 : -1,
      "data-cell": i,
      "aria-label": name(Math.floor(i / cols), i % cols),
      "aria-selected": "false",
    }),
  );
  const row = (/** @type {Node[]} */ ...all) => html("div", { role: "row", class: "vxl-lab-line" }, ...all);
  const lines = Array.from({ length: rows }, (_, r) => {
    const head = rowName ? [html("div", { role: "rowheader", class: "vxl-lab-name" }, rowName(r))] : [];
    return row(...head, ...cells.slice(r * cols, (r + 1) * cols));
  });
  if (rowName && colName) {
    const heads = Array.from({ length: cols }, (_, c) => html("div", { role: "columnheader", class: "vxl-lab-name" }, colName(c)));
    lines.unshift(row(html("div", { role: "columnheader", class: "vxl-lab-name" }, colsName), ...heads));
  }
  const element = html(
    "div",
    { role: "grid", class: "vxl-lab-toggles", "aria-label": label, "aria-multiselectable": "true" },
    ...lines,
  );
  element.style.setProperty("--rows", String(rows));
  element.style.setProperty("--cols", String(cols));
  let focusable = 0;

  /** @param {Set<number>} now */
  function update(now) {
    for (const i of selected) if (!now.has(i)) cells[i].setAttribute("aria-selected", "false");
    for (const i of now) if (!selected.has(i)) cells[i].setAttribute("aria-selected", "true");
    selected = new Set(now);
  }

  /** @param {number} i */
  function focus(i) {
    cells[focusable].tabIndex = -1;
    cells[i].tabIndex = 0;
    focusable = i;
    cells[i].focus({ preventScroll: true });
  }

  element.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey) return;
    const [r, c] = [Math.floor(focusable / cols), focusable % cols];
    const to = {
      ArrowLeft: c > 0 ? focusable - 1 : focusable,
      ArrowRight: c < cols - 1 ? focusable + 1 : focusable,
      ArrowUp: r > 0 ? focusable - cols : focusable,
      ArrowDown: r < rows - 1 ? focusable + cols : focusable,
      Home: event.ctrlKey ? 0 : r * cols,
      End: event.ctrlKey ? rows * cols - 1 : (r + 1) * cols - 1,
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      focus(to);
      cells[to].scrollIntoView({ block: "nearest", inline: "nearest" });
    } else if ((event.key === " " || event.key === "Enter") && !event.ctrlKey) {
      event.preventDefault();
      begin();
      set(focusable, !selected.has(focusable));
    }
  });

  /** @type {{id: number, x: number, from: number, value: boolean, going: boolean} | null} */
  let stroke = null;
  const cellAt = (/** @type {number} */ x, /** @type {number} */ y) => {
    const cell = document.elementFromPoint(x, y)?.closest("[data-cell]");
    return cell && element.contains(cell) ? Number(cell.getAttribute("data-cell")) : null;
  };
  const paint = (/** @type {number | null} */ i) => {
    if (i !== null && stroke && selected.has(i) !== stroke.value) set(i, stroke.value);
  };
  element.addEventListener("pointerdown", (event) => {
    const from = cellAt(event.clientX, event.clientY);
    if (from === null || !event.isPrimary || event.button !== 0) return;
    stroke = { id: event.pointerId, x: event.clientX, from, value: !selected.has(from), going: false };
    if (event.pointerType === "mouse") start();
    focus(from);
    event.preventDefault(); // else the browser moves the focus, or drags
  });
  const start = () => {
    if (!stroke) return;
    stroke.going = true;
    begin();
    paint(stroke.from);
  };
  element.addEventListener("pointermove", (event) => {
    if (stroke?.id !== event.pointerId) return;
    if (swipe && !stroke.going && Math.abs(event.clientX - stroke.x) > SIDEWAYS) start();
    if (stroke.going) paint(cellAt(event.clientX, event.clientY));
  });
  for (const kind of /** @type {const} */ (["pointerup", "pointercancel"])) {
    element.addEventListener(kind, (event) => {
      if (stroke?.id !== event.pointerId) return;
      if (!stroke.going && kind === "pointerup") start(); // a tap
      stroke = null;
    });
  }
  return { element, update };
}
