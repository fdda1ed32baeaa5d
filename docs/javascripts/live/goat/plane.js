// The embedding plane: words that one drags, and what attention makes of them.

import { html, svg, write } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/goat.js";
import { placeLabels, SPOTS } from "./labels.js";
import { handles } from "./handles.js";
import { perWord } from "./per-word.js";
import { labelsOf, show, spoken } from "./sheet.js";
import { decimalsOf, shows, ticks, viewOf } from "./view.js";

/** @import { Box } from "./labels.js" */
/** @import { Place, Word } from "./sheet.js" */
/** @import { View } from "./view.js" */

/**
 * What is on the plane.
 * @typedef {object} Scene
 * @property {readonly Word[]} words
 * @property {number} asks             the id of the word that asks
 * @property {Map<number, Place>} outputs by id; empty while nothing is computed
 * @property {Map<number, number>} weights by id
 */
/** @typedef {{move: (id: number, at: Place, settled: boolean) => void, settle: () => void, ask: (id: number) => void}} Acts */

const MARGIN = { top: 26, right: 10, bottom: 44, left: 30 };
const MOST = 440; // pixels wide
const DOT = 6;
const NEAR = 5; // pixels around a point where only its own name should stand
const OUTPUT = 7.5; // more than a point, so that the ring is seen around one in the same place
const HALO = 30; // radius of a weight of 1; its area is the weight
const TARGET = 22; // radius of what a finger finds

/**
 * @param {[string, string]} axes
 * @param {Acts} acts
 */
export function plane(axes, acts) {
  const [grid, halos, moves, dots] = [0, 1, 2, 3].map(() => svg("g"));
  for (const group of [grid, halos, moves]) group.setAttribute("aria-hidden", "true");
  const clip = svg("svg", { class: "vxl-goat-inside", x: MARGIN.left, y: MARGIN.top }, halos, moves);
  const names = [svg("text", { class: "vxl-goat-axis" }, strings.across(axes[0])), svg("text", { class: "vxl-goat-axis" }, strings.upwards(axes[1]))];
  const picture = svg("svg", { class: "vxl-goat-plane", role: "group", "aria-label": strings.plane(...axes) }, grid, clip, dots, ...names);
  const element = html("div", { class: "vxl-goat-frame" }, picture);

  /** @type {Scene} */
  let scene = { words: [], asks: 0, outputs: new Map(), weights: new Map() };
  /** @type {View} */
  let view = viewOf([]);
  let side = 300;
  let frame = "";
  const marks = perWord(dots, wordMark);

  const across = (/** @type {number} */ x) => ((x - view.x) / view.span) * side;
  const up = (/** @type {number} */ y) => side - ((y - view.y) / view.span) * side;
  const held = handles(picture, {
    ...acts,
    placeOf: (id) => scene.words.find((one) => one.id === id)?.at ?? [0, 0],
    spotOf: (at) => [MARGIN.left + across(at[0]), MARGIN.top + up(at[1])],
    /** A place, moved by pixels and kept in view. */
    shift(at, dx, dy) {
      const scale = view.span / side;
      const round = (/** @type {number} */ x) => Number(x.toFixed(decimalsOf(scale)));
      const within = (/** @type {number} */ x, /** @type {number} */ low) => round(Math.max(low, Math.min(low + view.span, x)));
      return [within(at[0] + dx * scale, view.x), within(at[1] - dy * scale, view.y)];
    },
  });

  /** @param {Scene} next */
  function update(next) {
    scene = next;
    const places = [...scene.words.map(({ at }) => at), ...scene.outputs.values()];
    // Nothing slides away below a finger: what a drag brings out of view is shown when it ends.
    if (!held.dragging() && (view.span > viewOf(places).span * 1.2 || !shows(view, places))) view = viewOf(places);
    draw();
  }

  function draw() {
    axesAndTicks();
    words();
    const point = (/** @type {Place} */ [x, y]) => /** @type {const} */ ([across(x), up(y)]);
    fit(halos, scene.words, () => svg("circle"), (circle, { id, at }) => {
      const [cx, cy] = point(at);
      set(circle, { cx, cy, r: HALO * Math.sqrt(scene.weights.get(id) ?? 0) });
    });
    const moved = scene.words.filter(({ id }) => scene.outputs.has(id));
    moved.sort((a, b) => Number(a.id === scene.asks) - Number(b.id === scene.asks)); // on top
    fit(moves, moved, () => svg("g", {}, svg("line"), svg("circle", { r: OUTPUT })), (group, { id, at }) => {
      const [[x1, y1], [cx, cy]] = [point(at), point(/** @type {Place} */ (scene.outputs.get(id)))];
      const far = Math.hypot(cx - x1, cy - y1);
      const end = far > OUTPUT ? 1 - OUTPUT / far : 0; // the line ends at the circle's rim
      set(group.children[0], { x1, y1, x2: x1 + (cx - x1) * end, y2: y1 + (cy - y1) * end });
      set(group.children[1], { cx, cy });
      group.setAttribute("class", id === scene.asks ? "vxl-goat-move vxl-goat-asks" : "vxl-goat-move");
      group.setAttribute("data-word", String(id));
    });
  }

  /** Draws what only another view or another size changes. */
  function axesAndTicks() {
    const now = JSON.stringify([view, side]);
    if (now === frame) return;
    frame = now;
    const [width, height] = [side + MARGIN.left + MARGIN.right, side + MARGIN.top + MARGIN.bottom];
    set(picture, { width, height, viewBox: `0 0 ${width} ${height}` });
    set(clip, { width: side, height: side });
    /** @type {SVGElement[]} */
    const lines = [svg("rect", { class: "vxl-goat-area", x: MARGIN.left, y: MARGIN.top, width: side, height: side })];
    const [left, top] = [MARGIN.left, MARGIN.top];
    const kind = (/** @type {number} */ value) => (value === 0 ? "vxl-goat-zero" : "");
    for (const value of ticks(view.x, view.span)) {
      const x = left + across(value);
      lines.push(svg("line", { class: kind(value), x1: x, x2: x, y1: top, y2: top + side }));
      lines.push(svg("text", { x, y: top + side + 16, "text-anchor": "middle" }, show(value)));
    }
    for (const value of ticks(view.y, view.span)) {
      const y = top + up(value);
      lines.push(svg("line", { class: kind(value), x1: left, x2: left + side, y1: y, y2: y }));
      lines.push(svg("text", { x: left - 6, y: y + 4, "text-anchor": "end" }, show(value)));
    }
    grid.replaceChildren(...lines);
    set(names[0], { x: MARGIN.left + side, y: MARGIN.top + side + 38, "text-anchor": "end" });
    set(names[1], { x: 2, y: 15 });
  }

  /** Draws the words, and finds a place for each name. */
  function words() {
    const labels = labelsOf(scene.words);
    const shown = marks(scene.words);
    scene.words.forEach(({ id, word, at }, i) => {
      const [x, y] = [MARGIN.left + across(at[0]), MARGIN.top + up(at[1])];
      shown[i].update({ x, y, word, label: labels[i], at, asks: id === scene.asks });
    });
    shown.sort((a, b) => Number(b.asks) - Number(a.asks));
    const around = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ r) => ({ x: x - r, y: y - r, width: 2 * r, height: 2 * r });
    /** @type {Box[]} */
    const taken = shown.map(({ x, y }) => around(x, y, DOT + NEAR));
    for (const [x, y] of scene.outputs.values()) taken.push(around(MARGIN.left + across(x), MARGIN.top + up(y), OUTPUT + 2));
    const room = { width: MARGIN.left + side + MARGIN.right, height: MARGIN.top + side };
    placeLabels(shown, taken, room).forEach((spot, i) => shown[i].name(spot));
  }

  /** @param {number} id */
  function wordMark(id) {
    const text = svg("text");
    const group = svg(
      "g",
      { class: "vxl-goat-word", role: "slider", tabindex: 0, "aria-roledescription": strings.handle, "data-word": id },
      svg("circle", { class: "vxl-goat-target", r: TARGET }),
      svg("circle", { class: "vxl-goat-ring", r: TARGET - 8 }),
      svg("circle", { class: "vxl-goat-dot", r: DOT }),
      text,
    );
    const mark = {
      element: group, x: 0, y: 0, width: 0, was: -1, asks: false,
      /** @param {{x: number, y: number, word: string, label: string, at: Place, asks: boolean}} now */
      update({ x, y, word, label, at, asks }) {
        Object.assign(mark, { x, y, asks });
        group.setAttribute("transform", `translate(${x.toFixed(2)} ${y.toFixed(2)})`);
        group.classList.toggle("vxl-goat-asks", asks);
        const place = spoken(axes, at);
        set(group, { "aria-label": label, "aria-valuenow": at[0], "aria-valuetext": asks ? strings.asks(place) : place });
        write(text, word);
        if (!mark.width || mark.said !== word + asks) mark.width = text.getComputedTextLength();
        mark.said = word + asks;
      },
      said: "",
      /** @param {number} spot */
      name(spot) {
        mark.was = spot;
        const { x, y, anchor } = SPOTS[spot];
        set(text, { x, y, "text-anchor": anchor });
      },
    };
    return mark;
  }

  /** Takes the room there is. */
  function measure() {
    const next = Math.floor(Math.min(element.clientWidth, MOST)) - MARGIN.left - MARGIN.right;
    if (next <= 0 || next === side) return;
    side = next;
    draw();
  }
  const room = new ResizeObserver(measure);
  room.observe(element);

  return { element, update, measure, focus: held.focus, stop: () => room.disconnect() };
}

/** @param {Element} element @param {Record<string, string | number>} attributes */
function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    const text = typeof value === "number" ? String(Math.round(value * 100) / 100) : value;
    if (element.getAttribute(name) !== text) element.setAttribute(name, text);
  }
}

/**
 * Makes a group hold one element for each thing.
 * @template T
 * @template {Element} E
 * @param {Element} group
 * @param {readonly T[]} things
 * @param {() => E} make
 * @param {(element: E, thing: T) => void} update
 */
function fit(group, things, make, update) {
  while (group.children.length > things.length) group.lastElementChild?.remove();
  while (group.children.length < things.length) group.append(make());
  things.forEach((thing, i) => update(/** @type {E} */ (group.children[i]), thing));
}
