// The cells of the board: a few that each show their number, or many that are marked by two frames.

import { fixed, html } from "./dom.js";
import { DECIMALS } from "./store.js";
import { strings } from "./strings/explorer.js";
import { strings as words } from "./strings/board.js";

/** @import { Store } from "./store.js" */

/**
 * `update` takes the brightness and the weight of every token; `over` lies over the picture.
 * @typedef {{cells: HTMLElement[], over: HTMLElement[], update: (lit: Float32Array, weights: Float32Array | Float64Array) => void}} Cells
 */

/** @param {Store} store @returns {Cells} */
export function few(store) {
  const { tokens } = store.example;
  const { start, before, end, grid } = store.board;
  /** @type {HTMLElement[]} */
  const cells = [];
  for (let i = start; i < end; i++) cells[i] = cell(i, i < before, tokens[i].label);
  const tags = cells.map((one) => /** @type {HTMLElement} */ (one.lastElementChild));

  /** Whether the number stands in the right corner, clear of an arrow from the query. @param {number} i @param {number} query */
  function awayRight(i, query) {
    if (!grid || i < before) return false;
    const cols = grid[1];
    // A chip stands above the middle of the picture.
    const from = query < before ? (cols - 1) / 2 : (query - before) % cols;
    const by = ((i - before) % cols) - from;
    return by > 0 || (by === 0 && i < query);
  }

  /** @type {Cells["update"]} */
  function update(lit, weights) {
    const { hidden, pair, peeking } = store;
    const drawn = peeking ? new Set([...store.drawn, pair.key]) : null;
    cells.forEach((one, i) => {
      const out = Number.isNaN(lit[i]);
      if (i < before) /** @type {HTMLElement} */ (one.firstElementChild).style.setProperty("--lit", String(out ? 0 : lit[i]));
      one.classList.toggle("vx-out", out);
      one.classList.toggle("vx-tag-right", awayRight(i, pair.query));
      // While the pointer wanders, only the numbers that can be seen are written.
      if (drawn && i >= before && !drawn.has(i)) return;
      one.title = hidden ? tokens[i].label : `${tokens[i].label}: ${out ? words.masked : weights[i]}`;
      const unknown = i < before ? "?" : "";
      tags[i].textContent = hidden ? unknown : said(weights[i], out, i < before);
    });
  }

  return { cells, over: [], update };
}

/** @param {Store} store @returns {Cells} */
export function many(store) {
  const { tokens } = store.example;
  const { start, before, end, grid } = store.board;
  /** @type {HTMLElement[]} */
  const cells = [];
  for (let i = start; i < end; i++) cells[i] = i < before ? cell(i, true, tokens[i].label) : empty(i, "vx-patch");
  const [chips, rest] = [cells.slice(start, before), cells.slice(before)];
  const spot = spots(/** @type {[number, number]} */ (grid));

  /** @param {number} i @param {number} weight @param {boolean} out */
  function name(i, weight, out) {
    const number = store.hidden ? "" : strings.cell + said(weight, out, false);
    cells[i].setAttribute("aria-label", tokens[i].label + number);
  }

  let waiting = -1;

  /** @type {Cells["update"]} */
  function update(lit, weights) {
    const { hidden, peeking, pair } = store;
    spot.update(pair.query - before, store.following ? pair.key - before : -1);
    chips.forEach((chip, c) => {
      const i = start + c;
      const out = Number.isNaN(lit[i]);
      /** @type {HTMLElement} */ (chip.firstElementChild).style.setProperty("--lit", String(out ? 0 : lit[i]));
      chip.classList.toggle("vx-out", out);
      /** @type {HTMLElement} */ (chip.lastElementChild).textContent = hidden ? "?" : said(weights[i], out, true);
    });
    if (peeking) return;
    const all = () => rest.forEach((_, j) => name(before + j, weights[before + j], Number.isNaN(lit[before + j])));
    const { query } = store.state;
    if (query >= before) name(query, weights[query], Number.isNaN(lit[query]));
    // The others get their names when the reader's hand rests: nobody hears 577 at once.
    clearTimeout(waiting);
    if (waiting < 0) all();
    waiting = window.setTimeout(all, 200);
  }

  return { cells, over: [spot.element], update };
}

/**
 * Frames around the query and the key: two elements that move, so that no cell changes its own.
 * @param {[number, number]} grid
 */
function spots([, cols]) {
  const [key, query] = ["vx-spot-key", "vx-spot-query"].map((kind) => html("div", { class: `vx-spot ${kind}` }));
  const element = html("div", { class: "vx-spots", "aria-hidden": "true" }, key, query);
  /** @param {HTMLElement} one @param {number} i */
  function put(one, i) {
    one.style.visibility = i < 0 ? "hidden" : "visible"; // a chip marks itself
    one.style.transform = `translate(${(i % cols) * 100}%, ${Math.floor(i / cols) * 100}%)`;
  }
  /** @param {number} q @param {number} k patches, or less than 0 for none */
  function update(q, k) {
    put(query, q);
    put(key, k);
    key.classList.toggle("vx-same", q === k);
  }
  return { element, update };
}

/** @param {number} i @param {string} kind */
function empty(i, kind) {
  return html("div", { role: "gridcell", class: kind, "data-token": i, tabindex: -1, "aria-selected": "false" });
}

/** @param {number} i @param {boolean} word @param {string} label */
function cell(i, word, label) {
  const made = empty(i, word ? "vx-chip" : "vx-patch");
  made.append(
    ...(word ? [html("span", { class: "vx-shade" })] : []),
    html("span", { class: word ? "vx-word" : "vx-sr" }, label),
    html("span", { class: "vx-sr" }, strings.cell),
    html("span", { class: "vx-tag" }),
  );
  return made;
}

/** @param {number} weight @param {boolean} out @param {boolean} word */
function said(weight, out, word) {
  if (Number.isNaN(weight) && !out) return ""; // it is no key
  return out ? "–" : fixed(weight, DECIMALS[word ? "word" : "patch"]);
}
