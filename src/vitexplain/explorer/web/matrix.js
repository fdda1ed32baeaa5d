// Attention Matrix: every query against every key, the chosen pair in numbers, the row as a table.

import { at, sides } from "./data.js";
import { fixed, html, write } from "./dom.js";
import { heatmap } from "./heatmap.js";
import { loupe } from "./loupe.js";
import { leftOut } from "./bright.js";
import { rooted } from "./palette.js";
import { MANY } from "./store.js";
import { strings } from "./strings/explorer.js";
import { strings as words } from "./strings/board.js";

/** @import { Store } from "./store.js" */
/** @import { AttentionMap, Matrix } from "./types.js" */

const NAMES = { scores: strings.score, scaled: strings.scaled, bias: strings.bias, weights: strings.weight };
const REST = 150; // ms: a long table waits until the reader's hand rests

/** @param {Store} store */
export function matrix(store) {
  const heat = heatmap(store);
  const close = loupe(store, heat);
  const pair = readout(store);
  const scale = html("div", { class: "vx-scale" });
  const row = table(store);
  const help = html("p", { class: "vx-note" }, strings.matrix.help);
  const touch = html("p", { class: "vx-note vx-if-touch" }, words.drag);
  const element = html("div", { class: "vx-panel vx-matrix" }, help, touch, heat.element, scale, pair.element, close.element, row.element);

  /** The picture whose largest weight the scale shows. @type {typeof heat.picture} */
  let scaled = null;
  function update() {
    heat.update();
    close.update();
    pair.update();
    const { picture } = heat;
    if (picture && scaled !== picture) {
      scaled = picture;
      scale.replaceChildren(...legend(picture.most, picture.holes, rooted(store.map.weights.cols)));
    }
    row.update();
  }

  function resize() {
    heat.resize();
    close.resize();
    update();
  }

  return { element, update, resize };
}

/** The quantities of a pair that some map has. @param {Store} store */
function fieldsOf({ example }) {
  const all = /** @type {Array<keyof typeof NAMES>} */ (Object.keys(NAMES));
  return all.filter((field) => example.maps.some((map) => map[field] !== null));
}

/** What the colours say. @param {number} most @param {boolean} holes @param {boolean} root */
function legend(most, holes, root) {
  // Where the scale shows the root, its middle is a quarter of its end.
  const numbers = (root ? [0, most / 4, most] : [0, most]).map((x) => html("span", {}, x === 0 ? "0" : fixed(x)));
  const ramp = html("div", { class: "vx-ramp-box" }, html("div", { class: "vx-ramp" }), html("div", { class: "vx-ticks" }, ...numbers));
  return holes ? [ramp, html("span", { class: "vx-swatch" }), words.masked] : [ramp];
}

/** The chosen pair in numbers. Only texts change: this follows the pointer. @param {Store} store */
function readout(store) {
  const [query, key] = [html("span", { class: "vx-q" }), html("span", { class: "vx-k" })];
  const fields = fieldsOf(store).map((field) => {
    const value = html("data", field === "weights" ? { class: "vx-w" } : {});
    return { field, value, part: html("span", {}, `${NAMES[field]} `, value) };
  });
  const out = html("span", {}, words.masked);
  const triple = html("span", { class: "vx-triple" }, ...fields.map(({ part }) => part), out);
  const element = html("p", { class: "vx-cell-readout" }, query, " → ", key, triple);

  function update() {
    const { map, pair, tokens } = store;
    write(query, tokens[pair.query].label);
    write(key, tokens[pair.key].label);
    for (const { field, value, part } of fields) put(value, map[field], pair.query, pair.key, part);
    out.hidden = !leftOut(at(map.weights, pair.query, pair.key), map.masked);
  }

  return { element, update };
}

/** The row of the chosen query, one line a key. @param {Store} store */
function table(store) {
  const { tokens } = store;
  const fields = fieldsOf(store);
  const caption = html("caption");
  const heads = fields.map((field) => html("th", { scope: "col" }, NAMES[field]));
  const head = html("tr", {}, html("th", { scope: "col" }, strings.token), ...heads);
  const body = html("tbody");
  const whole = html("table", { class: "vx-table" }, caption, html("thead", {}, head), body);
  const scroll = html("div", { class: "vx-scroll", tabindex: 0, role: "region", "aria-label": strings.matrix.table }, whole);
  const element = html("details", { class: "vx-more" }, html("summary", {}, strings.matrix.table), scroll);
  element.addEventListener("toggle", () => update());
  /** @type {HTMLDataElement[][]} */
  let lines = [];
  /** @type {{map: AttentionMap, query: number} | null} */
  let drawn = null;
  let waiting = 0;

  function make() {
    lines = tokens.map(() => fields.map(() => html("data")));
    const rows = tokens.map(({ label }, j) => {
      const numbers = lines[j].map((value) => html("td", {}, value));
      return html("tr", { "data-token": j }, html("th", { scope: "row" }, label), ...numbers);
    });
    body.replaceChildren(...rows);
  }

  function fill() {
    const { map, state } = store;
    if (drawn?.map === map && drawn.query === state.query) return;
    drawn = { map, query: state.query };
    if (lines.length === 0) make();
    caption.textContent = strings.tableCaption(tokens[state.query].label, map.name);
    fields.forEach((field, c) => {
      heads[c].hidden = map[field] === null;
      lines.forEach((line, j) => put(line[c], map[field], state.query, j, /** @type {HTMLElement} */ (line[c].parentElement)));
    });
    const [first, last] = sides(map).keys;
    [...body.children].forEach((line, j) => line.toggleAttribute("hidden", j < first || j > last));
  }

  function update() {
    if (tokens.length <= MANY || (element.open && lines.length === 0)) return fill();
    if (!element.open || store.peeking) return;
    clearTimeout(waiting);
    waiting = window.setTimeout(fill, REST);
  }

  return { element, update };
}

/**
 * Writes a number where it is shown; hides the place where there is none.
 * @param {HTMLDataElement} value
 * @param {Matrix | null} numbers
 * @param {number} i
 * @param {number} j
 * @param {HTMLElement} place
 */
function put(value, numbers, i, j, place) {
  place.hidden = numbers === null;
  if (numbers === null) return;
  const x = at(numbers, i, j);
  if (value.value === String(x)) return;
  value.value = String(x);
  value.title = Number.isNaN(x) ? words.masked : String(x);
  value.textContent = Number.isNaN(x) ? "–" : fixed(x);
}
