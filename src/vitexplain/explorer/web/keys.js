// The keys below the calculation: all of them, or those within reach of the query, or of many
// the strongest; and always the one that is followed.

import { row, sides, strongest } from "./data.js";
import { button, fixed, html, number, settle, uid, write } from "./dom.js";
import { isLeftOut, listed } from "./stages.js";
import { MANY } from "./store.js";
import { strings } from "./strings/explorer.js";
import { largest, strip } from "./vectors.js";

/** @import { Store, Stage } from "./store.js" */

const MOST_COLUMNS = 5; // keys beside each other, in rows as long as the picture's
const STRONGEST = 15; // of many, beside the one that is followed
const WINDOW = 16; // tokens: of more, those out of reach are not listed
const say = strings.steps;

/** The tokens that are asked. @param {Store} store */
function keysOf({ map, tokens }) {
  const [first, last] = sides(map).keys;
  return [...tokens.keys()].slice(first, last + 1);
}

/** @param {Store} store */
export function keyList(store) {
  const title = html("p", { class: "vx-note" });
  const list = html("div", { class: "vx-keys", role: "group" });
  const id = uid("key");
  const select = html("select", { id, class: "vx-select" });
  const other = html("p", { class: "vx-other" }, html("label", { for: id }, say.other), select);
  const element = html("div", { class: "vx-key-list" }, title, list, other);
  list.addEventListener("click", ({ target }) => {
    const cell = target instanceof Element && target.closest(".vx-keycell");
    if (cell) store.set({ key: Number(cell.getAttribute("data-token")) });
  });
  select.addEventListener("change", () => store.set({ key: Number(select.value) }));

  let named = "";
  /** Offers all keys by name, where not all are listed. @param {boolean} some */
  function offer(some) {
    other.hidden = !some;
    if (!some) return;
    const labels = keysOf(store).map((j) => `${j} ${store.tokens[j].label}`);
    if (named !== (named = labels.join("\n"))) {
      settle(select, keysOf(store).map((j) => html("option", { value: j }, store.tokens[j].label)));
    }
    select.value = String(store.state.key);
  }

  /** The keys to list: in their places, or by strength. @returns {{title: string, js: number[], placed: boolean}} */
  function shown() {
    const { map, state } = store;
    const all = keysOf(store);
    const reach = all.filter((j) => !isLeftOut(map, state.query, j));
    if (reach.length > MANY) {
      const first = strongest(row(map.weights, state.query), STRONGEST);
      return { title: say.keysOfMany(first.length, all.length), js: first, placed: false };
    }
    if (reach.length === all.length || all.length <= WINDOW) return { title: say.keys, js: all, placed: true };
    return { title: say.keysInReach(reach.length, all.length), js: reach, placed: true };
  }

  /**
   * Lets keys lie as their patches do, where those fill a rectangle of few columns; returns the
   * first of the patches, which begins a row.
   * @param {number[]} js
   */
  function lay(js) {
    const { tokens } = store;
    const { grid, before: above } = store.board;
    const [wide, before] = grid ? [grid[1], above] : [tokens.length, 0];
    const patches = js.filter((j) => j >= before);
    const cols = new Set(patches.map((j) => (j - before) % wide)).size;
    const lines = new Set(patches.map((j) => Math.floor((j - before) / wide))).size;
    const fits = cols > 0 && cols <= MOST_COLUMNS && cols * lines === patches.length;
    if (fits) list.style.setProperty("--cols", String(cols));
    else list.style.removeProperty("--cols");
    return fits ? patches[0] : -1;
  }

  /** @param {Stage} stage */
  function update(stage) {
    const { map, state } = store;
    const kind = listed[stage];
    const numbers = kind && map[kind];
    const vectors = stage === "keys" ? map.key : null;
    const values = numbers ? row(numbers, state.query) : vectors?.values;
    element.hidden = !values;
    if (!values) return;
    const { title: heading, js: those, placed } = shown();
    const corner = lay(placed ? those : []);
    const beside = those.includes(state.key) ? [] : [state.key]; // it is always there
    const js = [...those, ...beside];
    const apart = (/** @type {number} */ j) => Boolean(numbers) && isLeftOut(map, state.query, j);
    const most = largest(values.filter((_, j) => !apart(j)));
    write(title, heading);
    list.setAttribute("aria-label", heading);
    list.classList.toggle("vx-weights", kind === "weights");
    while (list.childElementCount < js.length) list.append(keyCell());
    while (list.childElementCount > js.length) list.lastElementChild?.remove();
    js.forEach((j, i) => {
      const cell = /** @type {HTMLElement} */ (list.children[i]);
      const value = numbers ? values[j] : 0;
      const out = !Number.isFinite(value) || (kind === "weights" && apart(j));
      const masked = !out && apart(j); // it has a score, which the softmax will not see
      if (vectors) fillCell(cell, j, strip(row(vectors, j), most), "");
      else if (out) fillCell(cell, j, strings.none, strings.leftOut);
      else fillCell(cell, j, number(value), masked ? `${fixed(value)}, ${strings.masked}` : fixed(value));
      if (masked) write(cell.children[1], `${store.tokens[j].label}, ${strings.masked}`);
      cell.style.setProperty("--share", String(out || masked ? 0 : Math.abs(value) / most));
      cell.classList.toggle("vx-masked", masked);
      cell.style.gridColumnStart = j === corner || (placed && beside.includes(j)) ? "1" : "";
      cell.classList.toggle("vx-negative", value < 0);
      cell.classList.toggle("vx-out", out);
      cell.setAttribute("aria-pressed", String(j === state.key));
    });
    offer(those.length < keysOf(store).length);
  }

  function keyCell() {
    const cell = button("vx-keycell", "", () => {});
    cell.append(html("span", { class: "vx-name", "aria-hidden": "true" }), html("span", { class: "vx-sr" }), html("span", { class: "vx-figure" }));
    return cell;
  }

  /** @param {HTMLElement} cell @param {number} j @param {Node | string} figure @param {string} exact */
  function fillCell(cell, j, figure, exact) {
    const { label, short } = store.tokens[j];
    const [name, said, shows] = cell.children;
    cell.setAttribute("data-token", String(j));
    cell.title = exact && `${label}: ${exact}`;
    write(name, short);
    write(said, label);
    settle(shows, [figure]);
  }

  return { element, update };
}
