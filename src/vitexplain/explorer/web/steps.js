// Step by Step: from the query to the output, one stage at a time, with real numbers.

import { tokenOf } from "./board.js";
import { button, enable, html, inline, settle, write } from "./dom.js";
import { keyList } from "./keys.js";
import { arrowOf } from "./roving.js";
import { canShow, stages, told } from "./stages.js";
import { STAGES } from "./store.js";
import { strings } from "./strings/explorer.js";

/** @import { Store, Stage } from "./store.js" */

const PACE = 2600; // ms a stage stays while playing
const say = strings.steps;

/** @param {Store} store */
export function steps(store) {
  const name = (/** @type {number} */ i) => store.tokens[i].label;
  const marks = STAGES.map((stage, i) => {
    const mark = button("vx-stage", say.short[stage], () => go(i));
    mark.title = say.title[stage];
    mark.append(html("span", { class: "vx-sr" }, `: ${say.title[stage]}`));
    return mark;
  });
  const flow = html("ol", { class: "vx-flow", "aria-label": say.flow }, ...marks.map((mark) => html("li", {}, mark)));
  const title = html("p", { class: "vx-step-title" });
  const text = html("p");
  const said = html("div", { class: "vx-said", "aria-live": "polite" }, title, text);
  const detail = html("div", { class: "vx-detail" });
  const keys = keyList(store);
  const back = button("vx-back", say.back, () => move(-1));
  const play = button("vx-play", say.play, () => (timer ? stop() : start()));
  const next = button("vx-next vx-primary", say.next, () => move(1));
  const nav = html("div", { class: "vx-nav" }, back, play, next);
  const whole = html("div", { class: "vx-calculation" }, flow, nav, said, detail, keys.element);
  const none = noSteps(store);
  const element = html("div", { class: "vx-panel vx-steps" }, none.element, whole);

  /** Which foldouts the reader opened: they stay open from token to token. @type {Set<string>} */
  const open = new Set();
  detail.addEventListener("toggle", remember, true);
  element.addEventListener("keydown", (event) => {
    const by = arrowOf(event)?.[0];
    const inside = event.target instanceof Element && event.target.closest(".vx-key-list, .vx-scroll, .vx-no-steps");
    if (!by || inside) return;
    event.preventDefault();
    move(by);
    const mark = marks.find((one) => one === document.activeElement);
    if (mark) marks[STAGES.indexOf(stageNow())].focus();
  });
  for (const kind of ["pointerover", "focusin"]) {
    element.addEventListener(kind, (event) => light(event.target));
  }
  element.addEventListener("pointerleave", () => light(null));
  element.addEventListener("focusout", () => light(null));

  /** The stages for which the map has the numbers. */
  const able = () => STAGES.filter((stage) => canShow(store.map, stage));

  /** The chosen stage, or the next one that the map can show. */
  function stageNow() {
    const list = able();
    return list.find((stage) => STAGES.indexOf(stage) >= store.state.stage) ?? list[list.length - 1];
  }

  /** The stage so many further, or null. @param {number} by @returns {Stage | null} */
  function beside(by) {
    const list = able();
    return list[list.indexOf(stageNow()) + by] ?? null;
  }

  /** @param {number} by */
  function move(by) {
    const to = beside(by);
    if (to) go(STAGES.indexOf(to));
  }

  /** @param {number} stage */
  function go(stage) {
    stop();
    store.set({ stage });
  }

  let timer = 0;
  function start() {
    if (!beside(1)) store.set({ stage: 0 });
    play.textContent = say.pause;
    timer = window.setInterval(() => {
      const to = store.state.view === "steps" ? beside(1) : null;
      if (to) store.set({ stage: STAGES.indexOf(to) });
      if (!to || !beside(1)) stop();
    }, PACE);
  }

  function stop() {
    clearInterval(timer);
    timer = 0;
    play.textContent = say.play;
  }

  /** The number of a vector that is pointed at. @type {string | null} */
  let lit = null;
  /** Lights what belongs with the thing under the pointer or focus. @param {EventTarget | null} target */
  function light(target) {
    const token = tokenOf(target);
    store.peekAt(token === null ? null : { key: token });
    const holder = target instanceof Element ? target.closest("[data-dim]") : null;
    lit = holder?.getAttribute("data-dim") ?? null;
    show();
  }

  /** Marks what is lit, and the key that is followed. */
  function show() {
    for (const part of element.querySelectorAll("[data-dim]")) {
      part.classList.toggle("vx-lit", part.getAttribute("data-dim") === lit);
    }
    const { key } = store.pair;
    for (const part of element.querySelectorAll("[data-token]")) {
      part.classList.toggle("vx-followed", Number(part.getAttribute("data-token")) === key);
    }
  }

  /** @param {Event} event */
  function remember({ target }) {
    if (!(target instanceof HTMLDetailsElement)) return;
    const kind = target.getAttribute("data-kind") ?? "";
    if (target.open === open.has(kind)) return;
    if (target.open) open.add(kind);
    else open.delete(kind);
    drawn = "";
    update();
  }

  let drawn = "";
  function update() {
    const { state } = store;
    const now = [store.revision, state.example, state.map, state.query, state.key, state.stage].join(" ");
    if (now !== drawn) {
      drawn = now;
      draw();
    }
    show();
  }

  function draw() {
    const stage = stageNow();
    whole.hidden = !stage;
    none.update(!stage);
    if (!stage) return stop();
    const { map, state } = store;
    const scene = { map, q: state.query, k: state.key, name, isOpen: (/** @type {string} */ kind) => open.has(kind) };
    write(title, say.title[stage]);
    settle(text, inline(told(stage, scene)));
    settle(detail, stages[stage](scene));
    const place = STAGES.indexOf(stage);
    marks.forEach((mark, i) => {
      mark.disabled = !canShow(map, STAGES[i]);
      mark.classList.toggle("vx-done", i < place);
      if (i === place) mark.setAttribute("aria-current", "step");
      else mark.removeAttribute("aria-current");
    });
    enable(next, beside(1) !== null, back);
    enable(back, beside(-1) !== null, next);
    keys.update(stage);
  }

  return { element, update, stop };
}

/** What is said of a map that has weights alone, with those that have more. @param {Store} store */
function noSteps(store) {
  const text = html("p");
  const choices = html("div", { class: "vx-choices" });
  const element = html("div", { class: "vx-no-steps", role: "status" }, text, choices);
  let known = "";
  /** @param {boolean} shown */
  function update(shown) {
    element.hidden = !shown;
    if (!shown) return;
    const { map, example } = store;
    const { layer, head } = map;
    const kind = head === "mean" || head === "rollout" ? head : "map";
    write(text, kind === "map" ? say.noSteps.map : say.noSteps[kind](layer));
    const all = [...example.maps.keys()].filter((i) => canShow(example.maps[i], "softmax"));
    const near = all.filter((i) => example.maps[i].layer === layer);
    const offered = near.length ? near : all;
    const now = offered.map((i) => `${i} ${example.maps[i].name}`).join("\n");
    if (now === known) return;
    known = now;
    const buttons = offered.map((i) => button("vx-choice", example.maps[i].name, () => store.set({ map: i }, "token")));
    choices.replaceChildren(...buttons);
  }
  return { element, update };
}
