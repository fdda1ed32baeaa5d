// The controls of the lab and what they show: everything above the explorer.

import { button, html, write } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/lab.js";
import { choice, wayBack } from "../controls.js";
import { own } from "./own.js";
import { result } from "./result.js";
import { sources } from "./sources.js";
import { stage } from "./stage.js";
import { heads, mask } from "./toggles.js";

/** @import { AttentionExplorer } from "@vitexplain/explorer/element.js" */
/** @import { Beside, LabConfig, Mode, Slot, State } from "./state.js" */

/**
 * @param {object} lab
 * @param {HTMLElement} lab.host
 * @param {LabConfig} lab.config
 * @param {State} lab.state
 * @param {AttentionExplorer} lab.explorer
 * @param {() => Promise<unknown>} lab.need    the models that come with the page
 * @param {AbortSignal} lab.signal
 */
export function desk({ host, config, state, explorer, need, signal }) {
  /**
   * One of the named values of a field.
   * @template {string} T
   * @param {{legend: string}} say @param {T[]} values @param {Record<T, string>} texts @param {(value: T) => void} choose
   */
  const pick = ({ legend }, values, texts, choose) => choice(legend, values.map((value) => [value, texts[value]]), choose);
  const { picture, modes: say, beside, models: named } = strings;
  const slots = pick(picture, /** @type {Slot[]} */ (["a", "b"]), picture.slots, (slot) => state.change({ slot }));
  const modes = pick(say, /** @type {Mode[]} */ (["crop", "patches", "heads"]), say, (mode) => state.change({ mode }));
  const besides = pick(beside, /** @type {Beside[]} */ (["before", "model", "picture"]), beside, (one) => state.change({ beside: one }));
  const models = pick(named, /** @type {Array<"plain" | "stem" | "own">} */ (["plain", "stem", "own"]), named, (name) => state.choose(name));

  const opener = own({ signal, before: need, opened: (model) => state.adopt(model) }, config.offers);
  const source = sources(host, config.samples, {
    signal,
    model: (file) => opener.take(file),
    pictures([one, two]) {
      if (two) state.put({ a: one, b: two }, { slot: "a", beside: "picture" });
      else state.put({ [state.state.slot]: one });
    },
  });

  const end = () => state.settle();
  const work = {
    crop: stage((crop) => state.move(crop)),
    patches: mask({ set: (i, on) => state.hide(i, on), end }),
    heads: heads({ set: (i, on) => state.turn(i, on), end }),
  };
  const back = wayBack(host, state, { undo: strings.undo, redo: "", undone: "", redone: "" }, signal);
  const reset = button("", strings.reset, () => state.reset());
  const count = html("p", { class: "vxl-lab-hint" });
  const found = result(state, explorer, config.first);

  function draw() {
    const { about, reader, place } = state;
    const { model, slot, mode, beside: one } = state.state;
    models.offer("own", "own" in state.state.models);
    models.update(/** @type {any} */ (model));
    slots.update(slot);
    modes.update(mode);
    besides.offer("model", model !== "own");
    besides.update(one);
    for (const [name, { element }] of Object.entries(work)) element.hidden = name !== mode;
    if (mode === "crop") work.crop.update(place, about);
    if (mode === "patches") work.patches.update(place, about);
    if (mode === "heads") work.heads.update(about, reader.off);
    back.undo.disabled = !state.canUndo;
    reset.disabled = !state.touched;
    write(count, strings.changed(place.hidden.size, reader.off.size));
  }

  const controls = html("div", { class: "vxl-controls" }, slots.element, source.element, models.element, opener.element);
  const { crop, patches, heads: gates } = work;
  const left = html(
    "div",
    { class: "vxl-lab-left" },
    modes.element, crop.element, patches.element, gates.element,
    html("div", { class: "vxl-row" }, back.undo, reset),
    count,
  );
  const right = html("div", { class: "vxl-lab-right" }, besides.element, found.element);
  return {
    elements: [controls, html("div", { class: "vxl-lab-desk" }, left, right)],
    draw,
    sample: source.sample,
    result: found,
    ran: (/** @type {number} */ milliseconds) => state.state.model === "own" && opener.ran(milliseconds),
  };
}
