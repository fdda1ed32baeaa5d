// The embedding plane: words that one drags, and what attention makes of them.

import { html, settle, svg } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/goat.js";
import { placeLabels, SPOTS } from "./labels.js";
import { handles } from "./handles.js";
import { labelsOf, show, spoken } from "./sheet.js";
import { decimalsOf, shows, ticks, viewOf } from "./view.js";

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

/** A part of the picture; a hundredth of a pixel is fine enough. @type {typeof svg} */
const mark = (tag, attributes = {}, ...children) => {
  const fine = Object.entries(attributes).map(([name, x]) => [name, typeof x === "number" ? Math.round(x * 100) / 100 : x]);
  return svg(tag, Object.fromEntries(fine), ...children);
};

/**
 * @param {[string, string]} axes
 * @param {Acts} acts
 */
export function plane(axes, acts) {
  const picture = svg("svg", { class: "vxl-goat-plane", role: "group", "aria-label": strings.plane(...axes) });
  const element = html("div", { class: "vxl-goat-frame" }, picture);
  /** @type {Scene} */
  let scene = { words: [], asks: 0, outputs: new Map(), weights: new Map() };
  /** @type {View} */
  let view = viewOf([]);
  let side = 300;
  /** How wide a name is, as it is written for a word that asks or does not. @type {Map<string, number>} */
  const widths = new Map();
  /** Where a word's name stands, by its id. @type {Map<number, number>} */
  const spots = new Map();

  const across = (/** @type {number} */ x) => ((x - view.x) / view.span) * side;
  const up = (/** @type {number} */ y) => side - ((y - view.y) / view.span) * side;
  /** In pixels of the picture. @param {Place} at @returns {[number, number]} */
  const point = ([x, y]) => [MARGIN.left + across(x), MARGIN.top + up(y)];
  const held = handles(picture, {
    ...acts,
    placeOf: (id) => scene.words.find((one) => one.id === id)?.at ?? [0, 0],
    spotOf: point,
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
    const [width, height] = [side + MARGIN.left + MARGIN.right, side + MARGIN.top + MARGIN.bottom];
    for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) picture.setAttribute(name, String(value));
    const area = { x: MARGIN.left, y: MARGIN.top, width: side, height: side };
    settle(picture, [
      svg("g", { "aria-hidden": "true" }, svg("rect", { class: "vxl-goat-area", ...area }), ...ticksAcross(), ...ticksUp()),
      svg("svg", { class: "vxl-goat-inside", ...area }, svg("g", { "aria-hidden": "true" }, ...halos()), svg("g", { "aria-hidden": "true" }, ...moves())),
      svg("g", {}, ...words()),
      svg("text", { class: "vxl-goat-axis", x: MARGIN.left + side, y: MARGIN.top + side + 38, "text-anchor": "end" }, strings.across(axes[0])),
      svg("text", { class: "vxl-goat-axis", x: 2, y: 15 }, strings.upwards(axes[1])),
    ]);
    placeNames();
  }

  const kind = (/** @type {number} */ value) => (value === 0 ? "vxl-goat-zero" : "");
  const ticksAcross = () =>
    ticks(view.x, view.span).flatMap((value) => {
      const x = MARGIN.left + across(value);
      const line = mark("line", { class: kind(value), x1: x, x2: x, y1: MARGIN.top, y2: MARGIN.top + side });
      return [line, mark("text", { x, y: MARGIN.top + side + 16, "text-anchor": "middle" }, show(value))];
    });
  const ticksUp = () =>
    ticks(view.y, view.span).flatMap((value) => {
      const y = MARGIN.top + up(value);
      const line = mark("line", { class: kind(value), x1: MARGIN.left, x2: MARGIN.left + side, y1: y, y2: y });
      return [line, mark("text", { x: MARGIN.left - 6, y: y + 4, "text-anchor": "end" }, show(value))];
    });
  const halos = () =>
    scene.words.map(({ id, at }) => mark("circle", { cx: across(at[0]), cy: up(at[1]), r: HALO * Math.sqrt(scene.weights.get(id) ?? 0) }));

  /** From each word to what it becomes; that of the word that asks on top. */
  function moves() {
    const moved = scene.words.filter(({ id }) => scene.outputs.has(id));
    moved.sort((a, b) => Number(a.id === scene.asks) - Number(b.id === scene.asks));
    return moved.map(({ id, at }) => {
      const to = /** @type {Place} */ (scene.outputs.get(id));
      const [x1, y1, cx, cy] = [across(at[0]), up(at[1]), across(to[0]), up(to[1])];
      const far = Math.hypot(cx - x1, cy - y1);
      const end = far > OUTPUT ? 1 - OUTPUT / far : 0; // the line ends at the circle's rim
      const name = id === scene.asks ? "vxl-goat-move vxl-goat-asks" : "vxl-goat-move";
      const line = mark("line", { x1, y1, x2: x1 + (cx - x1) * end, y2: y1 + (cy - y1) * end });
      return svg("g", { class: name, "data-word": id }, line, mark("circle", { cx, cy, r: OUTPUT }));
    });
  }

  function words() {
    const labels = labelsOf(scene.words);
    return scene.words.map(({ id, word, at }, i) => {
      const [x, y] = point(at);
      const asks = id === scene.asks;
      const place = spoken(axes, at);
      const said = {
        role: "slider", tabindex: 0, "aria-roledescription": strings.handle,
        "aria-label": labels[i], "aria-valuenow": at[0], "aria-valuetext": asks ? strings.asks(place) : place,
      };
      return mark(
        "g",
        { class: `vxl-goat-word${asks ? " vxl-goat-asks" : ""}`, transform: `translate(${x.toFixed(2)} ${y.toFixed(2)})`, "data-word": id, ...said },
        svg("circle", { class: "vxl-goat-target", r: TARGET }),
        svg("circle", { class: "vxl-goat-ring", r: TARGET - 8 }),
        svg("circle", { class: "vxl-goat-dot", r: DOT }),
        svg("text", spotOf(spots.get(id) ?? 0), word),
      );
    });
  }

  const spotOf = (/** @type {number} */ i) => ({ x: SPOTS[i].x, y: SPOTS[i].y, "text-anchor": SPOTS[i].anchor });

  /** Finds a place for each name: the word that asks chooses first. */
  function placeNames() {
    const texts = [...picture.querySelectorAll("[role=slider] text")];
    const named = scene.words.map(({ id, word, at }, i) => {
      const text = /** @type {SVGTextElement} */ (texts[i]);
      const key = `${id === scene.asks} ${word}`;
      if (!widths.get(key)) widths.set(key, text.getComputedTextLength());
      const [x, y] = point(at);
      return { x, y, width: widths.get(key) ?? 0, was: spots.get(id) ?? -1, id, text };
    });
    named.sort((a, b) => Number(b.id === scene.asks) - Number(a.id === scene.asks));
    const around = (/** @type {number[]} */ [x, y], /** @type {number} */ r) => ({ x: x - r, y: y - r, width: 2 * r, height: 2 * r });
    const taken = named.map(({ x, y }) => around([x, y], DOT + NEAR));
    for (const at of scene.outputs.values()) taken.push(around(point(at), OUTPUT + 2));
    const room = { width: MARGIN.left + side + MARGIN.right, height: MARGIN.top + side };
    placeLabels(named, taken, room).forEach((spot, i) => {
      spots.set(named[i].id, spot);
      for (const [name, value] of Object.entries(spotOf(spot))) named[i].text.setAttribute(name, String(value));
    });
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
