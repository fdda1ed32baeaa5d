// The keys below the calculation: all of them, or of many the strongest and the one that is followed.

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

  /** @type {Token[] | null} */ let tokens = null;
  /** The first patch, which begins a row of its own, below the tokens before it. */
  let corner = -1;
  function outline() {
    tokens = store.tokens;
    const { grid } = store.example;
    const [all, cols] = [tokens.length, grid?.[1] ?? tokens.length];
    // The keys lie as their patches do, where that fits.
    const fits = cols <= MOST_COLUMNS;
    corner = fits && grid ? all - cols * grid[0] : -1;
    if (fits) list.style.setProperty("--cols", String(cols));
    else list.style.removeProperty("--cols");
    other.hidden = all <= MANY;
    const options = other.hidden ? [] : tokens.map(({ label }, j) => html("option", { value: j }, label));
    settle(select, options);
  }

  /** The keys to list: of few tokens all in their order, of many the strongest first. */
  function shown() {
    const { map, state } = store;
    if (store.tokens.length <= MANY) return [...store.tokens.keys()];
    const first = strongest(row(map.weights, state.query), STRONGEST);
    return first.includes(state.key) ? first : [...first, state.key];
  }

  /** @param {Stage} stage */
  function update(stage) {
    if (tokens !== store.tokens) outline();
    const { map, state } = store;
    const kind = listed[stage];
    const numbers = kind && map[kind];
    const { key } = map;
    element.hidden = !numbers && !(stage === "keys" && key);
    if (element.hidden) return;
    const many = store.tokens.length > MANY;
    const js = shown();
    const most = largest(numbers ? row(numbers, state.query) : /** @type {import("./types.js").Matrix} */ (key).values);
    write(title, many ? say.keysOfMany(Math.min(STRONGEST, js.length), store.tokens.length) : say.keys);
    list.setAttribute("aria-label", title.textContent ?? "");
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
    if (many) select.value = String(state.key);
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
