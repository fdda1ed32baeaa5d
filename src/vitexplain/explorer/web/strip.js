// Small multiples: what the chosen query attends to in every layer and head, a row a layer, a
// column a head. One canvas has all the pictures; the cells over it are what one taps and names.

import { html } from "./dom.js";
import { afterPaint } from "./drag.js";
import { roving, walked } from "./roving.js";
import { tiles } from "./tiles.js";
import { strings } from "./strings/explorer.js";
import { strings as words } from "./strings/board.js";

/** @import { Store } from "./store.js" */
/** @import { Head } from "./types.js" */

const CROWDED = 6; // heads: with more, a word has no room above its column

/** @param {Store} store */
export function strip(store) {
  const { maps } = store.example;
  const layers = store.layers;
  const heads = headsOf(store);
  const element = html("div", { class: "vx-strip-box" });
  element.hidden = layers.length === 0 || maps.length < 2;
  if (element.hidden) return { element, update() {}, resize() {} };

  const places = maps.map(({ layer, head }) => ({
    r: layers.indexOf(/** @type {number} */ (layer)),
    c: heads.indexOf(/** @type {Head} */ (head)),
  }));
  const picture = tiles(store, places, layers.length, heads.length);
  const cells = maps.map(({ layer, head }, i) => {
    const name = strings.layerAndHead(/** @type {number} */ (layer), /** @type {Head} */ (head));
    const state = { "aria-label": name, title: name, "aria-selected": "false" };
    return html("div", { role: "gridcell", class: "vx-tile", "data-map": i, ...state });
  });
  const title = html("p", { class: "vx-strip-title" }, words.strip.title);
  const crowded = heads.length > CROWDED ? " vx-crowded" : "";
  const table = html("div", { role: "grid", class: `vx-small${crowded}`, "aria-label": words.strip.title }, picture.element, ...grid());
  table.style.setProperty("--heads", String(heads.length));
  const { grid: size } = store.example;
  table.style.setProperty("--tile", size ? `${size[1]} / ${size[0]}` : "4 / 3");
  table.style.setProperty("--layers", String(layers.length));
  const scroll = html("div", { class: "vx-scroll" }, table);
  element.append(title, html("p", { class: "vx-note" }, words.strip.note), scroll);

  /** The cells in rows, with the names of layers and heads. */
  function grid() {
    const place = (/** @type {HTMLElement} */ one, /** @type {number} */ r, /** @type {number} */ c) => {
      one.style.gridArea = `${r + 2} / ${c + 2}`;
      return one;
    };
    const named = heads.map((head, c) => {
      const [name, kind] = typeof head === "number" ? [String(head), ""] : [strings.heads[head], " vx-as-word"];
      const spoken = { "aria-label": `${strings.head} ${name}` };
      return place(html("div", { role: "columnheader", class: `vx-head-name${kind}`, ...spoken }, name), -1, c);
    });
    const corner = place(html("div", { role: "columnheader", class: "vx-corner" }, words.strip.corner), -1, -1);
    const first = html("div", { role: "row", class: "vx-row" }, corner, ...named);
    const rows = layers.map((layer, r) => {
      const spoken = { "aria-label": `${strings.layer} ${layer}` };
      const name = place(html("div", { role: "rowheader", class: "vx-layer-name", ...spoken }, String(layer)), r, -1);
      const own = cells.filter((_, i) => places[i].r === r).sort((a, b) => column(a) - column(b));
      return html("div", { role: "row", class: "vx-row" }, name, ...own.map((one) => place(one, r, column(one))));
    });
    return [first, ...rows];
  }

  /** @param {HTMLElement} cell */
  function column(cell) {
    return places[Number(cell.dataset.map)].c;
  }

  table.addEventListener("click", ({ target }) => {
    const map = target instanceof Element ? target.closest("[data-map]")?.getAttribute("data-map") : null;
    if (typeof map !== "string") return;
    store.set({ map: Number(map) }, "token");
    focus(Number(map));
  });
  const at = (/** @type {typeof places[number]} */ { r, c }) => r * heads.length + c;
  const { stop, focus } = roving(table, cells, (event, from) => {
    const to = walked(event, at(places[from]), { rows: layers.length, cols: heads.length });
    if (to === null) return null;
    const map = places.findIndex((place) => at(place) === to);
    return map < 0 ? from : map; // not every layer has every head
  }, (map) => store.set({ map }, "token"));

  let current = -1;
  let drawn = "";
  function update() {
    const { map, query } = store.state;
    if (current !== map) {
      cells[current]?.setAttribute("aria-selected", "false");
      cells[map].setAttribute("aria-selected", "true");
      stop(map);
      current = map;
    }
    const now = `${query} ${store.state.example} ${store.revision} ${store.hidden}`;
    if (now === drawn) return;
    drawn = now;
    draw();
  }

  // After the frame in which the large picture answered: that is what the reader looks at.
  const draw = afterPaint(() => {
    table.setAttribute("aria-label", words.strip.label(store.tokens[store.state.query].label));
    picture.update();
  });

  function resize() {
    if (picture.resize(getComputedStyle(element))) drawn = "";
    update();
  }

  return { element, update, resize };
}

/** All heads that some layer has, in order. @param {Store} store @returns {Head[]} */
function headsOf({ example }) {
  const found = new Set(example.maps.map(({ head }) => /** @type {Head} */ (head)));
  const numbers = [...found].filter((head) => typeof head === "number").sort((a, b) => a - b);
  const rest = /** @type {Head[]} */ (["mean", "rollout"]).filter((head) => found.has(head));
  return [...numbers, ...rest];
}
