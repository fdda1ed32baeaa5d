// The picture or the sentence: a grid of tokens that one clicks, taps or walks with the arrow keys
// to choose the query. Weights are brightness here, unless the reader says so.

import { row, sides, strongest } from "./data.js";
import { html } from "./dom.js";
import { drag, perFrame } from "./drag.js";
import { few, many } from "./patches.js";
import { lights } from "./bright.js";
import { palette } from "./palette.js";
import { arrowOf } from "./roving.js";
import { shade } from "./shade.js";
import { MANY } from "./store.js";
import { stepper } from "./stepper.js";
import { strings } from "./strings/explorer.js";

/** @import { Store } from "./store.js" */

/** What a cell is marked as, by its class. */
const MARKS = /** @type {const} */ (["vx-query", "vx-key", "vx-strong", "vx-ringed"]);

/**
 * @param {Store} store
 * @returns {{element: HTMLElement, cells: HTMLElement[], update: () => void}}
 */
export function board(store) {
  const { tokens } = store.example;
  const { start, before, end, grid } = store.board;
  const lean = grid !== null && end - start > MANY;
  const kind = lean ? many(store) : few(store);
  const { cells } = kind;
  const table = html("div", {
    role: "grid",
    class: "vx-tokens",
    "aria-label": `${grid ? strings.patches : strings.words}. ${strings.gridHelp}`,
  });
  for (const [from, to] of lines(store)) table.append(html("div", { role: "row", class: "vx-chips" }, ...cells.slice(from, to)));
  const element = html("div", { class: `vx-tokens-frame${lean ? " vx-many" : ""}` }, table);
  const dim = grid ? shade(grid) : null;
  const picture = grid ? patches(grid, cells.slice(before, end)) : null;
  if (picture) table.append(picture.element);
  picture?.image.after(...(dim ? [dim.element] : []), ...kind.over);

  listen();
  /** @type {Array<Set<number>>} */
  let marked = MARKS.map(() => new Set());
  let focusable = -1;
  const lit = new Float32Array(tokens.length);

  function update() {
    const { map, pair, hidden, step, onStep, state } = store;
    const weights = row(map.weights, pair.query);
    picture?.show(store.example.image);
    element.classList.toggle("vx-quick", store.peeking);
    if (hidden) lit.fill(0, 0, before).fill(1, before);
    else lights(map, weights, lit, before);
    const now = [
      new Set([pair.query]),
      new Set(store.following ? [pair.key] : []),
      new Set(store.drawn),
      new Set(state.view === "tutorial" && onStep ? step.highlight : []),
    ];
    MARKS.forEach((mark, i) => {
      for (const token of marked[i]) if (!now[i].has(token)) cells[token].classList.remove(mark);
      for (const token of now[i]) if (!marked[i].has(token)) cells[token].classList.add(mark);
    });
    marked = now;
    if (focusable !== state.query) {
      if (focusable >= 0) choose(cells[focusable], false);
      choose(cells[state.query], true);
      focusable = state.query;
    }
    dim?.update(lit.subarray(before, end), state.look, state.look === "heat" ? palette(getComputedStyle(table)).scale : null);
    kind.update(lit, weights);
  }

  function listen() {
    table.addEventListener("click", ({ target }) => {
      const i = tokenOf(target);
      if (i === null) return;
      store.set({ query: i }, "token");
      cells[i].focus({ preventScroll: true });
    });
    table.addEventListener("keydown", (event) => {
      const i = tokenOf(event.target);
      if (i === null || event.altKey || event.metaKey) return;
      const to = walk(event, i);
      if (to === null) return;
      event.preventDefault();
      store.set({ query: to }, "token");
      cells[to].focus();
    });
    const peek = perFrame((/** @type {number | null} */ key) => store.peekAt(key === null || store.hidden ? null : { key }));
    table.addEventListener("pointerover", ({ target, pointerType }) => {
      const i = tokenOf(target);
      if (pointerType === "mouse" && i !== null) peek(i);
    });
    table.addEventListener("pointerleave", ({ pointerType }) => pointerType === "mouse" && peek(null));
    if (!grid || !picture) return;
    element.append(touch(grid, picture.element));
    if (lean) element.append(stepper((way) => store.set({ query: step(store.state.query, way) }, "token")));
  }

  /** @param {[number, number]} grid @param {HTMLElement} area */
  function touch([rows, cols], area) {
    let at = 0;
    return drag(area, {
      follow(x, y) {
        const [r, c] = [Math.floor((y / area.clientHeight) * rows), Math.floor((x / area.clientWidth) * cols)];
        if (r < 0 || c < 0 || r >= rows || c >= cols) return null;
        at = before + r * cols + c;
        const { label } = store.tokens[at];
        if (store.hidden) return label;
        store.peekAt({ query: at, key: strongest(row(store.map.weights, at), 1)[0] });
        return label;
      },
      drop: () => store.set({ query: at }, "token"),
      cancel: () => store.peekAt(null),
    });
  }

  /** Where a key leads from a token. @param {KeyboardEvent} event @param {number} i */
  function walk(event, i) {
    const [first, cols] = i < before ? [start, before - start] : [i - ((i - before) % wide(i)), wide(i)];
    if (event.key === "Home") return event.ctrlKey ? start : first;
    if (event.key === "End") return event.ctrlKey ? end - 1 : first + cols - 1;
    if (event.key === "Enter" || event.key === " ") return i;
    const way = arrowOf(event);
    return way && step(i, way);
  }

  /** One step as one reads, and from the first row of patches up to what is before them. @param {number} i @param {readonly [number, number]} way */
  function step(i, [right, down]) {
    const to = i + right + down * wide(i);
    if (down < 0 && i >= before && to < before && before > start) return before - 1;
    return to < start || to >= end ? i : to;
  }

  /** Tokens in the row of this one. @param {number} i */
  function wide(i) {
    return grid && i >= before ? grid[1] : 1;
  }

  return { element, cells, update };
}

/** The words, in one line; those that ask and those that are asked in two, if none does both. @param {Store} store */
function lines(store) {
  const { start, before } = store.board;
  const { queries, keys } = sides(store.map);
  const cut = Math.max(queries[0], keys[0]);
  const apart = Math.min(queries[1], keys[1]) < cut && cut < before;
  const ends = apart ? [start, cut, before] : [start, before];
  return ends.slice(1).map((to, i) => [ends[i], to]).filter(([from, to]) => from < to);
}

/** @param {HTMLElement} cell @param {boolean} chosen */
function choose(cell, chosen) {
  cell.tabIndex = chosen ? 0 : -1;
  cell.setAttribute("aria-selected", String(chosen));
}

/**
 * The picture under its patches. An image element keeps the last picture until the next is
 * there, so that one that changes all the time does not flicker.
 * @param {[number, number]} grid
 * @param {HTMLElement[]} cells
 */
function patches([rows, cols], cells) {
  const image = html("img", { class: "vx-image", alt: "", draggable: "false", decoding: "sync" });
  image.addEventListener("load", () => image.classList.toggle("vx-photo", image.naturalWidth > 96));
  const element = html("div", { role: "rowgroup", class: "vx-patches" }, image);
  element.style.setProperty("--rows", String(rows));
  element.style.setProperty("--cols", String(cols));
  for (let r = 0; r < rows; r++) {
    element.append(html("div", { role: "row", class: "vx-row" }, ...cells.slice(r * cols, (r + 1) * cols)));
  }
  /** @type {string | null} */
  let shown = null;
  function show(/** @type {string | null} */ address) {
    if (address === shown) return;
    shown = address;
    image.hidden = address === null;
    if (address !== null) image.src = address;
  }
  return { element, image, show };
}

/** The token an event is about, or null. @param {EventTarget | null} target */
export function tokenOf(target) {
  const holder = target instanceof Element ? target.closest("[data-token]") : null;
  return holder ? Number(holder.getAttribute("data-token")) : null;
}
