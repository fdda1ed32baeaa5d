// The toolbars and switches: what the hand on the picture does, what changes the whole, what runs
// on which face.

import { button, enable, html } from "@vitexplain/explorer/dom.js";
import { around, roving } from "@vitexplain/explorer/roving.js";
import { strings } from "../../strings/face.js";
import { choice, tick, wayBack } from "../controls.js";

/** @import { Studio, Tool, Weights } from "./studio.js" */

const TOOLS = /** @type {Tool[]} */ (["move", "stamp", "paint"]);
const WEIGHTS = /** @type {Weights[]} */ (["designed", "learned"]);
const SHIFTS = /** @type {const} */ ([["left", 0, -1], ["up", -1, 0], ["down", 1, 0], ["right", 0, 1]]);

/** One of some things, chosen by its number and known by its look. @param {string} legend @param {string[]} texts @param {string} kind @param {(i: number) => void} choose */
function looks(legend, texts, kind, choose) {
  const made = choice(legend, texts.map((text, i) => [i, text]), choose, strings.chosen);
  made.element.classList.add(kind);
  return made;
}

/** @param {Studio} studio */
export function tools(studio) {
  const { colours: paints, brushes: radii } = studio.config;
  const buttons = TOOLS.map((tool) => button("vxl-face-tool", strings.tool[tool], () => studio.change({ tool })));
  const hint = html("p", { class: "vxl-note" });
  const paintNames = paints.map(({ name }) => strings.colour[name]);
  const colours = looks(strings.colours, paintNames, "vxl-face-colours", (paint) => studio.change({ paint }));
  const brushes = looks(strings.brushes, strings.brush, "vxl-face-brushes", (brush) => studio.change({ brush }));
  const palette = html("div", { class: "vxl-face-palette" }, colours.element, brushes.element);

  function update() {
    const { tool, paint, brush } = studio.state;
    TOOLS.forEach((one, i) => buttons[i].setAttribute("aria-pressed", String(one === tool)));
    palette.hidden = tool !== "paint";
    hint.hidden = tool === "paint";
    if (tool !== "paint") hint.textContent = strings.hint[tool];
    colours.update(paint);
    brushes.update(brush);
    paints.forEach((one, i) => colours.looks[i].style.setProperty("--paint", `rgb(${studio.colourOf(one).join(" ")})`));
    radii.forEach((radius, i) => brushes.looks[i].style.setProperty("--radius", String(radius)));
  }
  return { element: toolbar(strings.tools, [buttons]), options: html("div", { class: "vxl-face-options" }, hint, palette), update };
}

/** @param {Studio} studio @param {HTMLElement} host @param {AbortSignal} signal */
export function actions(studio, host, signal) {
  const { did } = strings;
  const eyes = [0, 1].map((i) => button("", "", () => erase(i)));
  const shifts = SHIFTS.map(([way, down, right]) => {
    const made = button("vxl-face-shift", strings.shift[way], () => studio.edit(studio.picture.shifted(down, right), did.shift[way]));
    made.setAttribute("aria-label", strings.shiftName[way]);
    return made;
  });
  const mirror = button("", strings.mirror, () => studio.edit(studio.picture.mirrored(), did.mirror));
  const shuffle = button("", strings.shuffle, () => {
    const seed = studio.nextShuffle();
    studio.edit(studio.picture.shuffled(seed), did.shuffle(seed));
  });
  const back = wayBack(host, studio, { undo: strings.undo, redo: strings.redo, undone: did.undo, redone: did.redo }, signal);
  const reset = button("", strings.reset, () => studio.show(studio.state.face, did.reset));
  const note = html("p", { class: "vxl-note" }, strings.shiftNote);
  const element = html("div", { class: "vxl-face-actions" }, toolbar(strings.actions, [eyes, shifts, [mirror, shuffle]]), note);

  /** Fills the patches that hold this eye with background, as the lesson does. @param {number} i */
  function erase(i) {
    const { face } = studio;
    const eye = face.eyes[i];
    let { picture } = studio;
    picture.tiles.forEach((tile, place) => (picture = tile === eye ? picture.erased(place, face.background) : picture));
    studio.edit(picture, did.erase(face.names[eye]));
  }

  function update() {
    const { face, picture } = studio;
    face.eyes.forEach((eye, i) => {
      eyes[i].textContent = strings.eraseEye(face.names[eye]);
      const there = picture.tiles.some((tile, place) => tile === eye && picture.marks[place] !== "erased");
      enable(eyes[i], there, mirror);
    });
    back.update(mirror);
    enable(reset, studio.isTouched, studio.canUndo ? back.undo : mirror);
  }
  return { element, way: toolbar(strings.way, [[back.undo, back.redo, reset]]), update };
}

/** @param {Studio} studio */
export function switches(studio) {
  const weights = choice(strings.weightsLegend, WEIGHTS.map((one) => [one, strings.weights[one]]), (one) =>
    studio.change({ weights: one }, { said: strings.weightsSaid[one] }));
  const positions = tick(strings.positions, (on) => studio.change({ positions: on }, { said: strings.positionsSaid(on) }));

  function update() {
    weights.update(studio.state.weights);
    positions.update(studio.state.positions);
  }
  return { element: html("div", { class: "vxl-face-switches" }, weights.element, positions.element), update };
}

/** The faces to begin with. @param {Studio} studio */
export function faces(studio) {
  const { faces: all } = studio.config;
  const names = all.map(({ name }) => name);
  const made = looks(strings.faces, names, "vxl-face-faces", (face) => studio.show(face, strings.faceSaid(names[face])));
  all.forEach(({ image }, i) => made.looks[i].append(html("img", { src: image, alt: "", width: 44, height: 44 })));
  return { element: made.element, update: () => made.update(studio.state.face) };
}

/** Buttons among which the arrow keys go; Tab goes past. @param {string} label @param {HTMLButtonElement[][]} groups */
function toolbar(label, groups) {
  const buttons = groups.flat();
  const parts = groups.map((group) => html("div", { class: "vxl-face-group" }, ...group));
  const element = html("div", { role: "toolbar", class: "vxl-face-toolbar", "aria-label": label }, ...parts);
  const able = () => buttons.filter((one) => !one.disabled);
  const { stop } = roving(element, buttons, (event, from) => {
    const to = around(event, able().indexOf(buttons[from]), able().length, true);
    return to === null ? null : buttons.indexOf(able()[to]);
  });
  element.addEventListener("focusin", ({ target }) => stop(buttons.indexOf(/** @type {HTMLButtonElement} */ (target))));
  // One that may no longer be pressed cannot be where Tab stops.
  new MutationObserver(() => {
    if (buttons.every((one) => one.tabIndex < 0 || one.disabled)) stop(buttons.indexOf(able()[0]));
  }).observe(element, { subtree: true, attributes: true, attributeFilter: ["disabled"] });
  return element;
}
