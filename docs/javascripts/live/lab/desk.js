// The controls of the lab and what they show: everything above the explorer.

import { button, html, write } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/lab.js";
import { choice } from "./choice.js";
import { heads } from "./heads.js";
import { mask } from "./mask.js";
import { own } from "./own.js";
import { result } from "./result.js";
import { sources } from "./sources.js";
import { stage } from "./stage.js";

/** @import { AttentionExplorer } from "@vitexplain/explorer/element.js" */
/** @import { Model } from "../runtime.js" */
/** @import { Beside, LabConfig, Mode, Slot } from "./types.js" */
/** @import { State } from "./state.js" */

/**
 * @param {object} lab
 * @param {HTMLElement} lab.host
 * @param {LabConfig} lab.config
 * @param {State} lab.state
 * @param {AttentionExplorer} lab.explorer
 * @param {() => Promise<unknown>} lab.need    the models that come with the page
 * @param {() => void} lab.changed             told after a change of the state
 * @param {(model: Model) => void} lab.opened  told of a model of the reader's
 * @param {AbortSignal} lab.signal
 */
export function desk({ host, config, state, explorer, need, changed, opened, signal }) {
  /** Does something and says that it was done. @param {() => void} act */
  const change = (act) => {
    act();
    changed();
  };
  const pick = strings.picture;
  const slots = choice(pick.legend, /** @type {Array<[Slot, string]>} */ ([["a", pick.slots.a], ["b", pick.slots.b]]), (slot) =>
    change(() => (state.slot = slot)));
  const { modes: say } = strings;
  const modes = choice(say.legend, /** @type {Array<[Mode, string]>} */ ([["crop", say.crop], ["patches", say.patches], ["heads", say.heads]]), (mode) => {
    state.mode = mode;
    draw();
  });
  const { legend, before, model, picture } = strings.beside;
  const besides = choice(legend, /** @type {Array<[Beside, string]>} */ ([["before", before], ["model", model], ["picture", picture]]), (beside) =>
    change(() => (state.beside = beside)));
  const named = strings.models;
  const models = choice(named.legend, /** @type {Array<[string, string]>} */ ([["class", named.class], ["mean", named.mean], ["own", named.own]]), (name) =>
    change(() => state.choose(name)));

  const opener = own({ signal, before: need, opened: (own) => change(() => opened(own)) });
  const source = sources(host, config.samples, {
    signal,
    model: (file) => opener.take(file),
    pictures: ([one, two]) => change(() => {
      state.put(two ? "a" : state.slot, one);
      if (!two) return;
      state.put("b", two);
      [state.slot, state.beside] = ["a", "picture"];
    }),
  });

  /** @param {(i: number, on: boolean) => void} set */
  const strokes = (set) => ({
    begin: () => state.remember(),
    set: (/** @type {number} */ i, /** @type {boolean} */ on) => change(() => set(i, on)),
  });
  const work = {
    crop: stage((crop) => change(() => state.move(crop))),
    patches: mask(strokes((i, on) => state.hide(i, on))),
    heads: heads(strokes((i, on) => state.turn(i, on))),
  };
  const undo = button("", strings.undo, () => change(() => state.undo()));
  const reset = button("", strings.reset, () => change(() => state.reset()));
  const count = html("p", { class: "vxl-lab-hint" });
  const found = result(state, explorer, config.first);
  const said = html("p", { class: "vxl-sr", role: "status" });
  const problem = html("p", { class: "vxl-problem", role: "alert" });

  host.addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.closest("input:not([type=radio], [type=checkbox]), textarea");
    if (event.key !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey || typing || !state.undoable) return;
    event.preventDefault();
    change(() => state.undo());
  }, { signal });

  function draw() {
    const { about, reader, place } = state;
    models.offer("own", "own" in state.readers);
    models.update(state.model);
    slots.update(state.slot);
    modes.update(state.mode);
    besides.offer("model", state.model !== "own");
    besides.update(state.beside);
    for (const [mode, { element }] of Object.entries(work)) element.hidden = mode !== state.mode;
    if (state.mode === "crop") work.crop.update(place, about);
    if (state.mode === "patches") work.patches.update(place, about);
    if (state.mode === "heads") work.heads.update(about, reader.off);
    undo.disabled = !state.undoable;
    reset.disabled = !state.touched;
    write(count, strings.changed(place.hidden.size, reader.off.size));
  }

  const controls = html("div", { class: "vxl-controls" }, slots.element, source.element, models.element, opener.element);
  const { crop, patches, heads: gates } = work;
  const left = html(
    "div",
    { class: "vxl-lab-left" },
    modes.element, crop.element, patches.element, gates.element,
    html("div", { class: "vxl-row" }, undo, reset),
    count,
  );
  const right = html("div", { class: "vxl-lab-right" }, besides.element, found.element);
  return {
    elements: [controls, html("div", { class: "vxl-lab-desk" }, left, right), problem, said],
    draw,
    sample: source.sample,
    paint: found.update,
    best: found.best,
    tell: (/** @type {string} */ text) => write(said, text),
    fail: (/** @type {string} */ text) => write(problem, text),
    ran: (/** @type {number} */ milliseconds) => state.model === "own" && opener.ran(milliseconds),
  };
}
