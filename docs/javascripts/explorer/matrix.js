// Attention Matrix: every query against every key, the chosen pair in numbers, the row as a table.

import { at } from "./data.js";
import { fixed, html, number } from "./dom.js";
import { heatmap } from "./heatmap.js";
import { strings } from "./strings.js";

/** @import { Store } from "./store.js" */

const ALWAYS = 64; // tokens: a table this long is written before it is opened

/** @param {Store} store */
export function matrix(store) {
  const { tokens } = store.data;
  const heat = heatmap(store);
  const pair = html("p", { class: "vx-cell-readout" });
  const scale = html("p", { class: "vx-scale" });
  const caption = html("caption");
  const rows = html("tbody");
  const names = [strings.token, strings.score, strings.scaled, strings.weight];
  const head = html("tr", {}, ...names.map((name) => html("th", { scope: "col" }, name)));
  const table = html("table", { class: "vx-table" }, caption, html("thead", {}, head), rows);
  const scroll = html("div", { class: "vx-scroll", tabindex: 0, role: "region", "aria-label": strings.matrix.table }, table);
  const more = html("details", { class: "vx-more" }, html("summary", {}, strings.matrix.table), scroll);
  const help = html("p", { class: "vx-note" }, strings.matrix.help);
  const element = html("div", { class: "vx-panel vx-matrix" }, help, heat.element, scale, pair, more);
  more.addEventListener("toggle", () => fill());

  let drawn = "";
  function fill() {
    const { map, state } = store;
    const now = `${state.query} ${state.map}`;
    if (now === drawn || (!more.open && tokens.length > ALWAYS)) return;
    drawn = now;
    caption.textContent = strings.tableCaption(tokens[state.query].label, map.name);
    const numbers = [map.scores, map.scaled, map.weights];
    rows.replaceChildren(
      ...tokens.map((token, j) =>
        html(
          "tr",
          { "data-token": j },
          html("th", { scope: "row" }, token.label),
          ...numbers.map((one) => html("td", {}, number(at(one, state.query, j)))),
        ),
      ),
    );
  }

  /** The map whose largest weight the scale shows. @type {import("./types.js").AttentionMap | null} */
  let scaled = null;
  function update() {
    const { map } = store;
    const { query, key } = store.pair;
    heat.update();
    pair.replaceChildren(
      html("span", { class: "vx-q" }, tokens[query].label),
      " → ",
      html("span", { class: "vx-k" }, tokens[key].label),
      html("span", { class: "vx-triple" }, ...[
        [strings.score, map.scores, ""],
        [strings.scaled, map.scaled, ""],
        [strings.weight, map.weights, "vx-w"],
      ].map(([name, values, kind]) =>
        html("span", {}, `${name} `, number(at(/** @type {import("./types.js").Matrix} */ (values), query, key), 4, String(kind))),
      )),
    );
    if (scaled !== map) {
      scaled = map;
      const most = map.weights.values.reduce((a, b) => Math.max(a, b));
      scale.replaceChildren("0", html("span", { class: "vx-ramp" }), fixed(most));
    }
    fill();
  }

  return { element, update, resize: heat.resize };
}
