// Step by Step: from the query to the output, one stage at a time, with real numbers.

import { at, row } from "./data.js";
import { tokenOf } from "./board.js";
import { button, fixed, html, inline, number } from "./dom.js";
import { listed, stages } from "./stages.js";
import { STAGES } from "./store.js";
import { strings } from "./strings.js";
import { largest, strip } from "./vectors.js";

/** @import { Store } from "./store.js" */

const MOST_COLUMNS = 5; // keys beside each other, in rows as long as the picture's
const PACE = 2600; // ms a stage stays while playing
const say = strings.steps;

/** @param {Store} store */
export function steps(store) {
  const { tokens } = store.data;
  const name = (/** @type {number} */ i) => tokens[i].label;
  const marks = STAGES.map((stage, i) =>
    button("vx-stage", say.short[stage], () => go(i)),
  );
  const items = marks.map((mark, i) => {
    mark.title = say.title[STAGES[i]];
    mark.append(html("span", { class: "vx-sr" }, `: ${say.title[STAGES[i]]}`));
    return html("li", {}, mark);
  });
  const flow = html("ol", { class: "vx-flow", "aria-label": say.flow }, ...items);
  const title = html("p", { class: "vx-step-title" });
  const text = html("p");
  const said = html("div", { class: "vx-said", "aria-live": "polite" }, title, text);
  const detail = html("div", { class: "vx-detail" });
  const keys = tokens.map((token, j) => keyCell(token, j));
  const keysTitle = html("p", { class: "vx-note" }, say.keys);
  const keyList = html("div", { class: "vx-keys", role: "group", "aria-label": say.keys }, ...keys);
  // The keys lie as their patches do, where that fits.
  const cols = store.data.grid?.[1] ?? tokens.length;
  const fits = cols <= MOST_COLUMNS && (!store.data.grid || cols * store.data.grid[0] === tokens.length);
  if (fits) keyList.style.setProperty("--cols", String(cols));
  const back = button("vx-back", say.back, () => go(store.state.stage - 1));
  const play = button("vx-play", say.play, () => (timer ? stop() : start()));
  const next = button("vx-next vx-primary", say.next, () => go(store.state.stage + 1));
  const nav = html("div", { class: "vx-nav" }, back, play, next);
  const element = html("div", { class: "vx-panel vx-steps" }, flow, nav, said, detail, keysTitle, keyList);

  /** Which foldouts the reader opened: they stay open from token to token. @type {Set<string>} */
  const open = new Set();
  detail.addEventListener("toggle", remember, true);
  element.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const inside = event.target instanceof Element && event.target.closest(".vx-keys, .vx-scroll");
    if (!by || inside || event.altKey || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    go(store.state.stage + by);
    if (marks.some((mark) => mark === document.activeElement)) marks[store.state.stage].focus();
  });
  for (const kind of ["pointerover", "focusin"]) {
    element.addEventListener(kind, (event) => light(event.target));
  }
  element.addEventListener("pointerleave", () => light(null));
  element.addEventListener("focusout", () => light(null));

  let timer = 0;
  function start() {
    if (store.state.stage === STAGES.length - 1) store.set({ stage: 0 });
    play.textContent = say.pause;
    timer = window.setInterval(() => {
      const { stage, view } = store.state;
      if (view !== "steps" || stage === STAGES.length - 1) return stop();
      store.set({ stage: stage + 1 });
      if (stage + 1 === STAGES.length - 1) stop();
    }, PACE);
  }

  function stop() {
    clearInterval(timer);
    timer = 0;
    play.textContent = say.play;
  }

  /** @param {number} stage */
  function go(stage) {
    stop();
    store.set({ stage });
  }

  /** Lights what belongs with the thing under the pointer or focus. @param {EventTarget | null} target */
  function light(target) {
    const token = tokenOf(target);
    store.peekAt(token === null ? null : { key: token });
    const holder = target instanceof Element ? target.closest("[data-dim]") : null;
    const dim = holder?.getAttribute("data-dim");
    for (const part of element.querySelectorAll("[data-dim]")) {
      part.classList.toggle("vx-lit", part.getAttribute("data-dim") === dim);
    }
  }

  /** @param {Event} event */
  function remember({ target }) {
    if (!(target instanceof HTMLDetailsElement)) return;
    const kind = target.getAttribute("data-kind") ?? "";
    if (target.open) open.add(kind);
    else open.delete(kind);
  }

  /** @param {import("./types.js").Token} token @param {number} j */
  function keyCell({ label, short }, j) {
    const cell = button("vx-keycell", "", () => store.set({ key: j }));
    cell.setAttribute("data-token", String(j));
    cell.append(html("span", { class: "vx-name", "aria-hidden": "true" }, short));
    cell.append(html("span", { class: "vx-sr" }, label), html("span", { class: "vx-figure" }));
    return cell;
  }

  let drawn = "";
  function update() {
    const { state, map } = store;
    const stage = STAGES[state.stage];
    const now = `${stage} ${state.query} ${state.key} ${state.map}`;
    if (now !== drawn) {
      drawn = now;
      const scene = { map, q: state.query, k: state.key, name };
      title.textContent = say.title[stage];
      text.replaceChildren(...inline(say.say[stage](name(state.query), name(state.key))));
      detail.replaceChildren(...stages[stage](scene));
      for (const one of detail.querySelectorAll("details")) {
        one.open = open.has(one.getAttribute("data-kind") ?? "");
      }
      marks.forEach((mark, i) => {
        mark.classList.toggle("vx-done", i < state.stage);
        if (i === state.stage) mark.setAttribute("aria-current", "step");
        else mark.removeAttribute("aria-current");
      });
      back.disabled = state.stage === 0;
      next.disabled = state.stage === STAGES.length - 1;
      keyList.hidden = keysTitle.hidden = stage === "query";
      listKeys(stage);
    }
    const { key } = store.pair;
    for (const part of element.querySelectorAll("[data-token]")) {
      part.classList.toggle("vx-followed", Number(part.getAttribute("data-token")) === key);
    }
    keys.forEach((cell, j) => cell.setAttribute("aria-pressed", String(j === state.key)));
  }

  /** @param {import("./store.js").Stage} stage */
  function listKeys(stage) {
    const { map, state } = store;
    const kind = listed[stage];
    const most = largest(kind ? row(map[kind], state.query) : map.key.values);
    keyList.classList.toggle("vx-weights", kind === "weights");
    keys.forEach((cell, j) => {
      const figure = /** @type {HTMLElement} */ (cell.lastElementChild);
      const value = kind ? at(map[kind], state.query, j) : 0;
      figure.replaceChildren(kind ? number(value) : strip(row(map.key, j), most));
      const exact = kind ? fixed(value) : Array.from(row(map.key, j), (x) => fixed(x)).join(", ");
      cell.title = `${name(j)}: ${exact}`;
      cell.style.setProperty("--share", String(Math.abs(value) / most));
      cell.classList.toggle("vx-negative", value < 0);
    });
  }

  return { element, update, stop };
}
