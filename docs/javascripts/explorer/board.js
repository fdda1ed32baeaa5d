// The picture or the sentence: a grid of tokens that one clicks, taps or walks with the
// arrow keys to choose the query. Weights are brightness here; arrows.js draws over it.

import { at, row } from "./data.js";
import { fixed, html } from "./dom.js";
import { DECIMALS } from "./store.js";
import { strings } from "./strings.js";

/** @import { Store } from "./store.js" */

const MANY = 64; // tokens: more change at once, without a transition

/**
 * @param {Store} store
 * @returns {{element: HTMLElement, cells: HTMLElement[], update: () => void}}
 */
export function board(store) {
  const { tokens, grid, image } = store.data;
  const before = grid ? tokens.length - grid[0] * grid[1] : tokens.length;
  const cells = tokens.map((token, i) => cell(token.label, i, i < before));
  const tags = cells.map((one) => /** @type {HTMLElement} */ (one.lastElementChild));
  // The brightness is a leaf's: nothing below it has to be styled again.
  const shades = cells.map((one) => one.querySelector("span") ?? one);
  const element = html("div", {
    role: "grid",
    class: "vx-tokens",
    "aria-label": `${grid ? strings.patches : strings.words}. ${strings.gridHelp}`,
  });
  if (before > 0) element.append(html("div", { role: "row", class: "vx-chips" }, ...cells.slice(0, before)));
  if (grid && image) element.append(patches(grid, image, cells.slice(before)));

  element.addEventListener("click", (event) => {
    const i = tokenOf(event.target);
    if (i === null) return;
    store.set({ query: i }, "token");
    cells[i].focus({ preventScroll: true });
  });
  element.addEventListener("keydown", (event) => {
    const i = tokenOf(event.target);
    if (i === null || event.altKey || event.metaKey) return;
    const to = walk(event, i);
    if (to === null) return;
    event.preventDefault();
    store.set({ query: to }, "token");
    cells[to].focus();
  });
  element.addEventListener("pointerover", (event) => {
    const i = tokenOf(event.target);
    if (event.pointerType === "mouse" && i !== null && !store.hidden) store.peekAt({ key: i });
  });
  element.addEventListener("pointerleave", () => store.peekAt(null));

  /** Whether the number stands in the right corner, clear of an arrow from the query. @param {number} i @param {number} query */
  function awayRight(i, query) {
    if (!grid || i < before) return false;
    const cols = grid[1];
    // A chip stands above the middle of the picture.
    const from = query < before ? (cols - 1) / 2 : (query - before) % cols;
    const by = ((i - before) % cols) - from;
    return by > 0 || (by === 0 && i < query);
  }

  /** @param {KeyboardEvent} event @param {number} i */
  function walk(event, i) {
    const last = tokens.length - 1;
    const cols = grid && i >= before ? grid[1] : 1;
    const start = i < before ? 0 : i - ((i - before) % cols);
    const end = i < before ? before - 1 : start + cols - 1;
    /** @type {Record<string, number>} */
    const moves = {
      ArrowLeft: i - 1,
      ArrowRight: i + 1,
      ArrowUp: i - cols < before && i >= before && before > 0 ? before - 1 : i - cols,
      ArrowDown: i + cols,
      Home: event.ctrlKey ? 0 : start,
      End: event.ctrlKey ? last : end,
      Enter: i,
      " ": i,
    };
    if (!(event.key in moves)) return null;
    const to = moves[event.key];
    return to < 0 || to > last ? i : to;
  }

  let focusable = -1;
  element.classList.toggle("vx-many", tokens.length > MANY);
  function update() {
    const { map, pair, hidden, step, onStep } = store;
    const { view } = store.state;
    const weights = row(map.weights, pair.query);
    const top = Math.max(...weights);
    const drawn = new Set(store.drawn);
    const ringed = new Set(view === "tutorial" && onStep ? step.highlight : []);
    const follows = store.following;
    const chosen = (/** @type {number} */ i) => i === pair.query;
    cells.forEach((one, i) => {
      const weight = at(map.weights, pair.query, i);
      // The root keeps what has little weight legible; exact sizes are the arrows' and the numbers'.
      const lit = hidden ? Number(i >= before) : Math.sqrt(weight / top);
      if (i === store.state.query || i === focusable) {
        one.tabIndex = i === store.state.query ? 0 : -1;
        one.setAttribute("aria-selected", String(i === store.state.query));
      }
      shades[i].style.setProperty("--lit", String(lit));
      one.classList.toggle("vx-query", chosen(i));
      one.classList.toggle("vx-key", follows && i === pair.key);
      one.classList.toggle("vx-strong", drawn.has(i));
      one.classList.toggle("vx-ringed", ringed.has(i));
      one.classList.toggle("vx-tag-right", awayRight(i, pair.query));
      // While the pointer wanders, only the numbers that can be seen are written.
      if (store.peeking && i >= before && !drawn.has(i) && i !== pair.key) return;
      one.title = hidden ? tokens[i].label : `${tokens[i].label}: ${weight}`;
      tags[i].textContent = hidden ? (i < before ? "?" : "") : fixed(weight, DECIMALS[i < before ? "word" : "patch"]);
    });
    focusable = store.state.query;
  }

  return { element, cells, update };
}

/**
 * @param {string} label
 * @param {number} i
 * @param {boolean} word
 */
function cell(label, i, word) {
  return html(
    "div",
    { role: "gridcell", class: word ? "vx-chip" : "vx-patch", "data-token": i, tabindex: -1, "aria-selected": "false" },
    html("span", { class: "vx-shade" }),
    html("span", { class: word ? "vx-word" : "vx-sr" }, label),
    html("span", { class: "vx-sr" }, strings.cell),
    html("span", { class: "vx-tag" }),
  );
}

/**
 * @param {[number, number]} grid
 * @param {string} image
 * @param {HTMLElement[]} cells
 */
function patches([rows, cols], image, cells) {
  const group = html("div", { role: "rowgroup", class: "vx-patches" });
  group.style.backgroundImage = `url("${image}")`;
  group.style.setProperty("--rows", String(rows));
  group.style.setProperty("--cols", String(cols));
  for (let r = 0; r < rows; r++) {
    group.append(html("div", { role: "row", class: "vx-row" }, ...cells.slice(r * cols, (r + 1) * cols)));
  }
  return group;
}

/** The token an event is about, or null. @param {EventTarget | null} target */
export function tokenOf(target) {
  const holder = target instanceof Element ? target.closest("[data-token]") : null;
  return holder ? Number(holder.getAttribute("data-token")) : null;
}
