// The keys below the calculation: all of them, or those within reach of the query, or of many
// the strongest; and always the one that is followed.

import { at, row, strongest } from "./data.js";
import { button, fixed, html, number, settle, uid, write } from "./dom.js";
import { isLeftOut, listed } from "./stages.js";
import { MANY } from "./store.js";
import { strings } from "../strings/explorer.js";
import { largest, strip } from "./vectors.js";

/** @import { Store, Stage } from "./store.js" */
/** @import { Token } from "./types.js" */

const MOST_COLUMNS = 5; // keys beside each other, in rows as long as the picture's
const STRONGEST = 15; // of many, beside the one that is followed
const WINDOW = 16; // tokens: of more, those out of reach are not listed
const say = strings.steps;

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

  /** @type {Token[] | null} */ let named = null;
  /** Offers all keys by name, where not all are listed. @param {boolean} some */
  function offer(some) {
    other.hidden = !some;
    if (!some) return;
    if (named !== store.tokens) {
      named = store.tokens;
      settle(select, named.map(({ label }, j) => html("option", { value: j }, label)));
    }
    select.value = String(store.state.key);
  }

  /** The keys to list. @returns {{title: string, js: number[]}} */
  function shown() {
    const { map, state } = store;
    const all = store.tokens.length;
    const reach = [...store.tokens.keys()].filter((j) => !isLeftOut(map, state.query, j));
    const followed = (/** @type {number[]} */ js) => (js.includes(state.key) ? js : [...js, state.key]);
    if (reach.length > MANY) {
      const first = strongest(row(map.weights, state.query), STRONGEST);
      return { title: say.keysOfMany(first.length, all), js: followed(first) };
    }
    if (reach.length < all && all > WINDOW) return { title: say.keysInReach(reach.length, all), js: followed(reach) };
    return { title: say.keys, js: [...store.tokens.keys()] };
  }

  /** Lets all keys lie as their patches do, where that fits; returns the one that begins a row. @param {boolean} some */
  function lay(some) {
    const { grid } = store.example;
    const cols = grid?.[1] ?? store.tokens.length;
    const fits = !some && cols <= MOST_COLUMNS;
    if (fits) list.style.setProperty("--cols", String(cols));
    else list.style.removeProperty("--cols");
    return fits && grid ? store.tokens.length - cols * grid[0] : -1;
  }

  /** @param {Stage} stage */
  function update(stage) {
    const { map, state } = store;
    const kind = listed[stage];
    const numbers = kind && map[kind];
    const { key } = map;
    element.hidden = !numbers && !(stage === "keys" && key);
    if (element.hidden) return;
    const { title: heading, js } = shown();
    const some = js.length < store.tokens.length;
    const most = largest(numbers ? row(numbers, state.query) : /** @type {import("./types.js").Matrix} */ (key).values);
    write(title, heading);
    list.setAttribute("aria-label", heading);
    const corner = lay(some);
    list.classList.toggle("vx-weights", kind === "weights");
    while (list.childElementCount < js.length) list.append(keyCell());
    while (list.childElementCount > js.length) list.lastElementChild?.remove();
    js.forEach((j, i) => {
      const cell = /** @type {HTMLElement} */ (list.children[i]);
      const value = numbers ? at(numbers, state.query, j) : 0;
      const out = Number.isNaN(value) || (kind === "weights" && isLeftOut(map, state.query, j));
      const exact = numbers ? fixed(value) : Array.from(row(/** @type {import("./types.js").Matrix} */ (key), j), (x) => fixed(x)).join(", ");
      const figure = numbers ? (out ? strings.none : number(value)) : strip(row(/** @type {import("./types.js").Matrix} */ (key), j), most);
      fillCell(cell, j, figure, out ? strings.leftOut : exact);
      cell.style.setProperty("--share", String(out ? 0 : Math.abs(value) / most));
      cell.style.gridColumnStart = j === corner ? "1" : "";
      cell.classList.toggle("vx-negative", value < 0);
      cell.classList.toggle("vx-out", out);
      cell.setAttribute("aria-pressed", String(j === state.key));
    });
    offer(some);
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
    cell.title = `${label}: ${exact}`;
    write(name, short);
    write(said, label);
    settle(shows, [figure]);
  }

  return { element, update };
}
