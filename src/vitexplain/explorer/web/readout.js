// What is chosen, in numbers: the strongest few, the pair that is followed, and what a
// screen reader is told.

import { row, strongest } from "./data.js";
import { fixed, html, number, settle, uid, write } from "./dom.js";
import { LOOKS } from "./looks.js";
import { isLeftOut } from "./stages.js";
import { strings } from "./strings/explorer.js";

/** @import { Cause, Store } from "./store.js" */

const SAID = 3; // targets that the live region names
const LISTED = 4; // words in the list

/** @param {Store} store */
export function readout(store) {
  const head = html("p", { class: "vx-readout-head" });
  const list = html("ol", { class: "vx-strongest" });
  const pair = html("p", { class: "vx-pair" });
  const element = html("div", { class: "vx-readout" }, head, list, pair);
  const tools = store.data.compact ? [] : [slider(store), ...(store.example.grid ? [looks(store)] : [])];
  if (tools.length) element.append(html("div", { class: "vx-tools" }, ...tools.map((tool) => tool.element)));

  function update() {
    const { map, hidden, tokens, state } = store;
    const { grid } = store.example;
    const { query, key } = store.pair;
    settle(head, [html("span", { class: "vx-role vx-role-query" }, strings.query), ` ${tokens[query].label}`]);
    element.classList.toggle("vx-secret", hidden);
    for (const tool of tools) tool.update();
    if (hidden) {
      settle(pair, []);
      return settle(list, [html("li", { class: "vx-note" }, strings.secret)]);
    }
    const weights = row(map.weights, query);
    // A sentence shows every weight under its word; a picture only those that have an arrow.
    const shown = strongest(weights, grid ? Math.max(SAID, state.arrows) : LISTED).filter((j) => !isLeftOut(map, query, j));
    settle(list, shown.map((j) => line(tokens[j].label, j, weights[j], j === key)));
    if (!store.following) return settle(pair, [html("span", { class: "vx-legend" }, grid ? strings.legends[state.look] : strings.legendWords)]);
    const weight = [` ${strings.ofWeight} `, number(weights[key], 4, "vx-pair-weight")];
    settle(pair, [
      html("span", { class: "vx-q" }, tokens[query].label),
      " → ",
      html("span", { class: "vx-k" }, tokens[key].label),
      ...(isLeftOut(map, query, key) ? [` ${strings.leftOut}`] : weight),
    ]);
  }

  return { element, update };
}

/** @param {string} label @param {number} j @param {number} weight @param {boolean} followed */
function line(label, j, weight, followed) {
  const fill = html("span", { class: "vx-bar-fill" });
  return html(
    "li",
    { "data-token": j, ...(followed && { class: "vx-followed" }) },
    html("span", { class: "vx-name" }, label),
    html("span", { class: "vx-bar-track", "aria-hidden": "true", style: `--share: ${weight}` }, fill),
    number(weight),
  );
}

/** How many arrows are drawn. @param {Store} store */
function slider(store) {
  const id = uid("arrows");
  const input = html("input", { type: "range", id, min: 0, step: 1 });
  const output = html("output", { for: id });
  input.addEventListener("input", () => store.set({ arrows: Number(input.value) }));
  function update() {
    input.max = String(store.mostArrows);
    input.value = String(store.state.arrows);
    write(output, store.state.arrows === 0 ? strings.noArrows : String(store.state.arrows));
  }
  return { element: html("div", { class: "vx-slider" }, html("label", { for: id }, strings.arrows), input, output), update };
}

/** How weights are shown on the picture. @param {Store} store */
function looks(store) {
  const id = uid("look");
  const options = LOOKS.map((look) => html("option", { value: look }, strings.looks[look]));
  const select = html("select", { id, class: "vx-select" }, ...options);
  select.addEventListener("change", () => store.set({ look: LOOKS[select.selectedIndex] }));
  const update = () => void (select.value = store.state.look);
  return { element: html("div", { class: "vx-looks" }, html("label", { for: id }, strings.look), select), update };
}

/**
 * A region that says what the reader chose; quiet when something else moved the state.
 * @param {Store} store
 */
export function live(store) {
  const element = html("p", { class: "vx-live vx-sr", role: "status" });
  let place = where();

  /** The example and the map, where there are several. */
  function where() {
    const { data, example, map } = store;
    const name = map.layer === null || map.head === null ? map.name : strings.layerAndHead(map.layer, map.head);
    return [data.examples.length > 1 ? example.name : "", example.maps.length > 1 ? name : ""].filter(Boolean).join(", ");
  }

  /** @param {Cause} cause */
  function update(cause) {
    const now = where();
    const moved = now !== place;
    place = now;
    if (cause === "token") write(element, moved ? strings.placed(now, said()) : said());
  }

  function said() {
    const { tokens } = store;
    const { query, key, view } = store.state;
    const name = tokens[query].label;
    const weights = row(store.map.weights, query);
    if (store.hidden) return strings.chosenOnly(name);
    if (view === "matrix" && document.activeElement?.matches("canvas")) {
      return strings.pairSaid(name, tokens[key].label, fixed(weights[key]));
    }
    const targets = strongest(weights, SAID).filter((j) => weights[j] > 0).map((j) => `${tokens[j].label} ${fixed(weights[j])}`);
    return strings.chosen(name, targets.join(", "));
  }

  return { element, update };
}
