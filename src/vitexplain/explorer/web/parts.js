// The parts of one explorer, side by side: what is where, and which of them are made anew when
// another picture or sentence has other tokens.

import { arrows } from "./arrows.js";
import { attract } from "./attract.js";
import { board } from "./board.js";
import { html } from "./dom.js";
import { sameTokens } from "./maps.js";
import { matrix } from "./matrix.js";
import { pickers } from "./pickers.js";
import { live, readout } from "./readout.js";
import { steps } from "./steps.js";
import { strip } from "./strip.js";
import { tabs } from "./tabs.js";
import { tutorial } from "./tutorial.js";

/** @import { Cause, Store } from "./store.js" */

/**
 * @param {Store} store
 * @param {HTMLElement} host
 * @param {{wander: boolean, signal: AbortSignal}} life whether an untouched small explorer moves
 */
export function parts(store, host, { wander, signal }) {
  const { data } = store;
  const views = data.compact ? null : threeViews(store);
  const picker = pickers(store);
  const numbers = readout(store);
  const said = live(store);
  let shown = store.example;
  let board = Object.values(store.board).join();
  let seen = look(store);
  const root = html("div", { class: "vx-root", role: "group" });
  if (views) root.append(views.tabs.element, picker.element, seen.element, seen.small.element, views.element, numbers.element);
  else root.append(seen.element, ...(wander ? [attract(store, host, rounds(store), signal)] : []), numbers.element, picker.element);
  root.append(said.element);
  outline();

  function outline() {
    const { tokens, grid, maps } = store.example;
    root.className = `vx-root ${grid ? "vx-picture" : "vx-words"}${data.compact ? " vx-compact" : ""}`;
    // The room that the style sheet keeps, here as in the static picture before.
    root.style.setProperty("--tokens", String(tokens.length));
    root.style.setProperty("--examples", String(data.examples.length));
    if (data.compact || store.layers.length === 0 || maps.length < 2) return;
    root.style.setProperty("--layers", String(store.layers.length));
    root.style.setProperty("--heads", String(new Set(maps.map(({ head }) => head)).size));
  }

  /** Makes anew what depends on the tokens. */
  function rebuild() {
    const fresh = look(store);
    const focused = seen.element.contains(document.activeElement);
    seen.element.replaceWith(fresh.element);
    seen.small.element.replaceWith(fresh.small.element);
    seen = fresh;
    views?.rebuild();
    outline();
    fresh.measure();
    if (focused) fresh.cells[store.state.query].focus({ preventScroll: true });
  }

  /** @param {boolean} changed @param {Cause} cause */
  function update(changed, cause) {
    const now = Object.values(store.board).join();
    const other = !sameTokens(store.example, shown) || board !== now;
    [shown, board] = [store.example, now];
    if (other) rebuild();
    root.setAttribute("aria-label", store.data.title);
    seen.update();
    numbers.update();
    if (changed || cause === "data") picker.update();
    views?.update(changed);
    if (other) seen.small.resize();
    if (other) views?.resize();
    said.update(cause);
    return other;
  }

  return {
    root,
    update,
    measure: () => seen.measure(),
    resize() {
      if (store.state.look === "heat") seen.update(); // in the theme's colours
      seen.small.resize();
      views?.resize();
    },
    stop: () => views?.stop(),
  };
}

/** The picture or sentence with its arrows, and small ones of all layers and heads. @param {Store} store */
function look(store) {
  const tokens = board(store);
  const over = arrows(store, tokens.cells);
  const small = strip(store);
  const element = html("div", { class: "vx-board" }, tokens.element, over.element);
  const update = () => {
    tokens.update();
    over.update();
    small.update();
  };
  return { element, small, cells: tokens.cells, update, measure: over.measure };
}

/** Where a small explorer goes: where the data say, to the tour's queries, or to each token. @param {Store} store */
function rounds({ data, tokens }) {
  const stops = [...new Set(data.tour.flatMap(({ query }) => (query === null ? [] : [query])))];
  return [data.rounds, stops].find((list) => list.length > 1) ?? [...tokens.keys()];
}

/** @param {Store} store */
function threeViews(store) {
  const calculation = steps(store);
  let all = matrix(store);
  const tour = store.data.tour.length ? tutorial(store) : null;
  const holder = html("div", { class: "vx-holder" }, all.element);
  const panels = { ...(tour && { tutorial: tour.element }), steps: calculation.element, matrix: holder };
  const list = tabs(store, panels);
  let view = store.state.view;

  const resize = () => {
    if (store.state.view === "matrix") all.resize();
    if (store.state.view === "tutorial") tour?.resize();
  };
  return {
    tabs: list,
    element: html("div", { class: "vx-right" }, ...Object.values(panels)),
    update(/** @type {boolean} */ changed) {
      if (changed) list.update();
      const shown = { tutorial: tour, steps: calculation, matrix: all };
      shown[store.state.view]?.update();
      if (view !== store.state.view) resize();
      view = store.state.view;
    },
    rebuild() {
      all = matrix(store);
      holder.replaceChildren(all.element);
      tour?.rebuild();
    },
    resize,
    stop: calculation.stop,
  };
}
