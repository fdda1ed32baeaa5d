// What the reader may change: the picture, its patches, the heads, the parts of the blocks.

import { button, html, write } from "@vitexplain/explorer/dom.js";
import { strings as lab } from "../../strings/lab.js";
import { strings } from "../../strings/machine.js";
import { choice, tick, wayBack } from "../controls.js";
import { heads, mask, toggles } from "../lab/toggles.js";
import { picked } from "./pictures.js";
import { asTrained, BRANCHES } from "./settings.js";

/** @import { MachineConfig, MachineState } from "./settings.js" */

/** @typedef {"picture" | "patches" | "heads" | "parts"} Mode */

/**
 * @param {object} machine
 * @param {HTMLElement} machine.host
 * @param {MachineConfig} machine.config
 * @param {MachineState} machine.state
 * @param {(file: File) => Promise<void>} machine.own   opens a picture of the reader's
 * @param {AbortSignal} machine.signal
 */
export function changer({ host, config, state, own, signal }) {
  const { about } = config;
  const say = strings.change;
  const end = () => state.settle();
  const modes = choice(say.legend, /** @type {Array<[Mode, string]>} */ (Object.entries(say.modes)), (mode) => show(mode));
  const pictures = picked(config.samples, (i) => state.change({ picture: i, hidden: new Set(), swaps: [] }), own);
  const patches = mask({ set: (i, on) => state.put("hidden", i, on), end });
  const gates = heads({ set: (i, on) => state.put("off", i, on), end });
  const parts = toggles(
    { rows: about.layers, cols: BRANCHES.length, label: say.parts, name: say.part, rowName: say.partRow, colsName: say.partCorner, colNames: say.partCol },
    { set: (i, on) => state.put("cut", i, on), end },
  );
  const positions = tick(say.positions, (on) => state.change({ positions: on }), say.positionsNote);
  const hint = (/** @type {string} */ text) => html("p", { class: "vxl-lab-hint" }, text);
  const work = {
    picture: pictures.element,
    patches: patches.element,
    heads: gates.element,
    parts: html("div", { class: "vxl-lab-work" }, html("div", { class: "vxl-lab-heads", role: "region", tabindex: 0, "aria-label": say.parts }, parts.element), hint(say.partsHint), positions.element),
  };
  const swap = button("", say.swap, () => (swapping = swapping ? null : []));
  /** Patches that are to change places, once there are two. @type {number[] | null} */ let swapping = null;
  const back = wayBack(host, state, { undo: strings.tools.undo, redo: "", undone: "", redone: "" }, signal);
  const reset = button("", strings.tools.reset, () => state.reset());
  const count = html("p", { class: "vxl-lab-hint", role: "status" });
  work.patches.append(html("div", { class: "vxl-row" }, swap));
  swap.addEventListener("click", () => draw());
  const element = html("div", { class: "vxl-machine-change" }, modes.element, ...Object.values(work), html("div", { class: "vxl-row" }, back.undo, reset), count);
  show("picture");

  /** @param {Mode} mode */
  function show(mode) {
    modes.update(mode);
    for (const [name, one] of Object.entries(work)) one.hidden = name !== mode;
  }

  /** A patch of the picture was clicked: whether that was for the swap. @param {number} patch */
  function took(patch) {
    if (!swapping) return false;
    swapping.push(patch);
    const [a, b] = swapping;
    if (b !== undefined) {
      swapping = null;
      state.swap(a, b);
    }
    draw();
    return true;
  }

  /** @type {ImageData | null} */ let seen = null;
  /** @param {ImageData | null} [pixels] what the machine sees, before patches are hidden */
  function draw(pixels = seen) {
    seen = pixels;
    const { hidden, off, cut, positions: on, picture } = state.state;
    patches.update(/** @type {any} */ ({ seen, hidden }), about);
    gates.update(about, off);
    parts.update(cut);
    positions.update(on);
    pictures.update(picture);
    swap.setAttribute("aria-pressed", String(swapping !== null));
    back.undo.disabled = !state.canUndo;
    reset.disabled = asTrained(state.state);
    write(count, swapping ? (swapping.length ? say.swapTwo : say.swapOne) : lab.changed(hidden.size, off.size));
  }
  return { element, draw, took, show };
}
