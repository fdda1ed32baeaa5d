// The toolbars: what the hand on the picture does, and what changes the whole.

import { button, enable, html, uid, write } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/face.js";

/** @import { Studio } from "./studio.js" */
/** @import { Tool } from "./types.js" */

const TOOLS = /** @type {Tool[]} */ (["move", "stamp", "paint"]);
const SHIFTS = /** @type {const} */ ({ left: [0, -1], up: [-1, 0], down: [1, 0], right: [0, 1] });

/** @param {Studio} studio */
export function tools(studio) {
  const buttons = TOOLS.map((tool) => button("vxl-face-tool", strings.tool[tool], () => studio.choose({ tool })));
  const hint = html("p", { class: "vxl-face-hint" });
  const colours = radios(
    strings.colours,
    studio.config.colours.map(({ name }) => strings.colour[name]),
    (paint) => studio.choose({ paint }),
    true,
  );
  const brushes = radios(strings.brushes, strings.brush, (brush) => studio.choose({ brush }), true);
  colours.element.classList.add("vxl-face-colours");
  brushes.element.classList.add("vxl-face-brushes");
  const palette = html("div", { class: "vxl-face-palette" }, colours.element, brushes.element);
  const element = toolbar(strings.tools, [buttons]);
  const options = html("div", { class: "vxl-face-options" }, hint, palette);

  function update() {
    const { tool } = studio;
    TOOLS.forEach((one, i) => buttons[i].setAttribute("aria-pressed", String(one === tool)));
    palette.hidden = tool !== "paint";
    hint.hidden = tool === "paint";
    if (tool !== "paint") hint.textContent = strings.hint[tool];
    colours.choose(studio.paint);
    brushes.choose(studio.brush);
    studio.config.colours.forEach(({ name, colour }, i) => {
      const rgb = colour ?? (name === "skin" ? studio.face.skin : studio.face.background);
      colours.labels[i].style.setProperty("--paint", `rgb(${rgb.join(" ")})`);
    });
    studio.config.brushes.forEach((radius, i) => brushes.labels[i].style.setProperty("--radius", String(radius)));
  }
  return { element, options, update };
}

/** @param {Studio} studio */
export function actions(studio) {
  const eyes = [0, 1].map((i) => button("", "", () => erase(i)));
  const shifts = /** @type {Array<keyof typeof SHIFTS>} */ (Object.keys(SHIFTS)).map((way) => {
    const [down, right] = SHIFTS[way];
    const made = button("vxl-face-shift", strings.shift[way], () => studio.change(studio.picture.shifted(down, right), strings.did.shift[way]));
    made.setAttribute("aria-label", strings.shiftName[way]);
    return made;
  });
  const mirror = button("", strings.mirror, () => studio.change(studio.picture.mirrored(), strings.did.mirror));
  const shuffle = button("", strings.shuffle, () => {
    const seed = studio.nextShuffle();
    studio.change(studio.picture.shuffled(seed), strings.did.shuffle(seed));
  });
  const undo = button("", strings.undo, () => studio.undo(strings.did.undo));
  const redo = button("", strings.redo, () => studio.redo(strings.did.redo));
  const reset = button("", strings.reset, () => studio.show(studio.chosen, strings.did.reset));
  const note = html("p", { class: "vxl-face-note" }, strings.shiftNote);
  const element = html("div", { class: "vxl-face-actions" }, toolbar(strings.actions, [eyes, shifts, [mirror, shuffle]]), note);
  const way = toolbar(strings.way, [[undo, redo, reset]]);

  /** Fills the patches that hold this eye with background, as the lesson does. @param {number} i */
  function erase(i) {
    const { face } = studio;
    const eye = face.eyes[i];
    let { picture } = studio;
    picture.tiles.forEach((tile, place) => (picture = tile === eye ? picture.erased(place, face.background) : picture));
    studio.change(picture, strings.did.erase(face.names[eye]));
  }

  function update() {
    const { face, picture } = studio;
    face.eyes.forEach((eye, i) => {
      eyes[i].textContent = strings.eraseEye(face.names[eye]);
      const there = picture.tiles.some((tile, place) => tile === eye && picture.marks[place] !== "erased");
      enable(eyes[i], there, mirror);
    });
    enable(undo, studio.canUndo, studio.canRedo ? redo : mirror);
    enable(redo, studio.canRedo, studio.canUndo ? undo : mirror);
    enable(reset, studio.isTouched, studio.canUndo ? undo : mirror);
  }
  return { element, way, update };
}

/** Buttons among which the arrow keys go; Tab goes past. @param {string} label @param {HTMLButtonElement[][]} groups */
function toolbar(label, groups) {
  const buttons = groups.flat();
  const parts = groups.map((group) => html("div", { class: "vxl-face-group" }, ...group));
  const element = html("div", { role: "toolbar", class: "vxl-face-toolbar", "aria-label": label }, ...parts);
  const able = () => buttons.filter((one) => !one.disabled);
  const stop = (/** @type {HTMLElement | undefined} */ one) => buttons.forEach((other) => (other.tabIndex = other === one ? 0 : -1));
  stop(buttons[0]);
  element.addEventListener("focusin", ({ target }) => stop(/** @type {HTMLButtonElement} */ (target)));
  element.addEventListener("keydown", (event) => {
    const list = able();
    const i = list.indexOf(/** @type {HTMLButtonElement} */ (event.target));
    /** @type {Record<string, number>} */
    const moves = { ArrowLeft: i - 1, ArrowUp: i - 1, ArrowRight: i + 1, ArrowDown: i + 1, Home: 0, End: list.length - 1 };
    if (!(event.key in moves) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    list[(moves[event.key] + list.length) % list.length].focus();
  });
  // One that may no longer be pressed cannot be where Tab stops.
  new MutationObserver(() => {
    if (buttons.every((one) => one.tabIndex < 0 || one.disabled)) stop(able()[0]);
  }).observe(element, { subtree: true, attributes: true, attributeFilter: ["disabled"] });
  return element;
}

/**
 * Radio buttons, each with its name, or with a look that the caller fills; then the legend has
 * the name of the chosen one.
 * @param {string} legend @param {string[]} texts @param {(i: number) => void} choose
 * @param {boolean} [looks]
 */
export function radios(legend, texts, choose, looks = false) {
  const name = uid("face");
  const inputs = texts.map((_, i) => {
    const input = html("input", { type: "radio", name, value: i, class: "vxl-sr" });
    input.addEventListener("change", () => choose(i));
    return input;
  });
  const labels = inputs.map((input, i) => {
    const look = html("span", { class: "vxl-face-look", "aria-hidden": "true" });
    const shown = html("span", { class: looks ? "vxl-sr" : "vxl-face-name" }, texts[i]);
    return html("label", { class: "vxl-face-choice" }, input, html("span", { class: "vxl-face-chip" }, ...(looks ? [look] : []), shown));
  });
  const title = html("legend", {}, legend);
  const list = html("div", { class: "vxl-face-list" }, ...labels);
  const element = html("fieldset", { class: `vxl-face-choices${looks ? " vxl-face-looks" : ""}` }, title, list);
  return {
    element,
    labels,
    /** @param {number} chosen */
    choose(chosen) {
      inputs.forEach((input, i) => (input.checked = i === chosen));
      if (looks) write(title, strings.chosen(legend, texts[chosen]));
    },
  };
}
