// What is chosen, in numbers: the strongest few, the pair that is followed, and what a
// screen reader is told.

import { at, row, strongest } from "./data.js";
import { fixed, html, number, uid, write } from "./dom.js";
import { strings } from "./strings.js";

/** @import { Cause, Store } from "./store.js" */

const SAID = 3; // targets that the live region names
const LISTED = 4; // words in the list

/** @param {Store} store */
export function readout(store) {
  const { tokens, grid } = store.data;
  const head = html("p", { class: "vx-readout-head" });
  const list = html("ol", { class: "vx-strongest" });
  const pair = html("p", { class: "vx-pair" });
  const element = html("div", { class: "vx-readout" }, head, list, pair);
  if (!store.data.compact) element.append(slider(store));

  function update() {
    const { map, hidden } = store;
    const { query, key } = store.pair;
    head.replaceChildren(html("span", { class: "vx-role vx-role-query" }, strings.query), ` ${tokens[query].label}`);
    element.classList.toggle("vx-secret", hidden);
    if (hidden) {
      pair.replaceChildren();
      return list.replaceChildren(html("li", { class: "vx-note" }, strings.secret));
    }
    const weights = row(map.weights, query);
    // A sentence shows every weight under its word; a picture only those that have an arrow.
    const shown = strongest(weights, grid ? Math.max(SAID, store.state.arrows) : LISTED);
    list.replaceChildren(...shown.map((j) => line(tokens[j].label, j, weights[j], j === key)));
    if (!store.following) return pair.replaceChildren(html("span", { class: "vx-legend" }, legend(grid)));
    pair.replaceChildren(
      html("span", { class: "vx-q" }, tokens[query].label),
      " → ",
      html("span", { class: "vx-k" }, tokens[key].label),
      ` ${strings.weight.toLowerCase()} `,
      number(at(map.weights, query, key), 4, "vx-pair-weight"),
    );
  }

  return { element, update };
}

/** @param {[number, number] | null} grid */
function legend(grid) {
  return grid ? strings.legend : strings.legendWords;
}

/** @param {string} label @param {number} j @param {number} weight @param {boolean} followed */
function line(label, j, weight, followed) {
  const bar = html("span", { class: "vx-bar-track", "aria-hidden": "true" }, html("span", { class: "vx-bar-fill" }));
  bar.style.setProperty("--share", String(weight));
  return html(
    "li",
    { "data-token": j, ...(followed && { class: "vx-followed" }) },
    html("span", { class: "vx-name" }, label),
    bar,
    number(weight),
  );
}

/** How many arrows are drawn. @param {Store} store */
function slider(store) {
  const id = uid("arrows");
  const input = html("input", { type: "range", id, min: 0, max: store.mostArrows, step: 1 });
  const output = html("output", { for: id });
  input.addEventListener("input", () => store.set({ arrows: Number(input.value) }));
  const show = () => {
    input.value = String(store.state.arrows);
    write(output, store.state.arrows === 0 ? strings.noArrows : String(store.state.arrows));
  };
  store.subscribe(show);
  show();
  return html("div", { class: "vx-slider" }, html("label", { for: id }, strings.arrows), input, output);
}

/**
 * A region that says what the reader chose; quiet when something else moved the state.
 * @param {Store} store
 */
export function live(store) {
  const element = html("p", { class: "vx-live vx-sr", role: "status" });
  const { tokens } = store.data;
  /** @param {Cause} cause */
  function update(cause) {
    if (cause !== "token") return;
    const { query, key, view } = store.state;
    const name = tokens[query].label;
    const weights = row(store.map.weights, query);
    if (store.hidden) return write(element, strings.chosenOnly(name));
    if (view === "matrix" && document.activeElement?.matches("canvas")) {
      return write(element, strings.pairSaid(name, tokens[key].label, fixed(weights[key])));
    }
    const targets = strongest(weights, SAID).map((j) => `${tokens[j].label} ${fixed(weights[j])}`);
    write(element, strings.chosen(name, targets.join(", ")));
  }
  return { element, update };
}
