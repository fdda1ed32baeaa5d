// The machine on a canvas: what a camera sees of its world. Near enough, cells show their numbers.

import { perFrame } from "@vitexplain/explorer/drag.js";
import { palette } from "@vitexplain/explorer/palette.js";
import { strings } from "../../strings/machine.js";
import { percent, probabilities } from "../lab/certainty.js";
import { sheet } from "../pixels.js";
import { Camera, NEAREST } from "./flight.js";
import { crossed, numbers } from "./ink.js";
import { cellOf, holds, layoutOf } from "./layout.js";
import { coloursOf, shaded, signed, veil, weighed } from "./paint.js";
import { idOf, valuesOf } from "./plan.js";

/** @import { About, Tensor } from "../protocol.js" */
/** @import { Colours } from "./paint.js" */
/** @import { Layout, Rect, Scenery } from "./layout.js" */
/** @import { Stage } from "./plan.js" */
/** @import { Machine } from "./settings.js" */
/** @import { Cell } from "./terms.js" */

/** What is drawn. @typedef {{outputs: Record<string, Tensor> | null, before: Record<string, Tensor> | null, picture: HTMLCanvasElement | null, state: Machine, made: Cell[]}} Shown */
/** What is at a place. @typedef {{panel: number, lower: boolean, cell: Cell | null, picture: Scenery | null, patch: number}} Hit */

const [LEGIBLE, READABLE] = [9, 62]; // pixels of letters, and of a cell that is gone to
const SMALL = 12; // pixels of a bar that has no name
const FAINT = 0.14; // what has not been computed yet

export class Scene {
  /** @type {Map<string, {values: ArrayLike<number>, canvas: HTMLCanvasElement}>} */ #kept = new Map();
  /** Those that were painted on before. @type {Map<string, HTMLCanvasElement>} */ #canvases = new Map();
  /** @type {Colours | null} */ #colours = null;
  /** @type {Shown | null} */ #shown = null;
  /** @type {Layout} */ layout;
  #reader = sheet(1, 1);
  #draw = perFrame(() => this.#paint());
  camera = new Camera(() => this.layout, () => this.#draw(null));

  /** @param {HTMLCanvasElement} canvas @param {About} about @param {Map<string, Stage>} plan */
  constructor(canvas, about, plan) {
    this.canvas = canvas;
    this.about = about;
    this.plan = plan;
    this.layout = layoutOf(about, plan, 2);
  }

  /** Whether the camera is about as near as for a stage of its own, or nearer. @param {string} id */
  nearTo(id) {
    const rect = this.rectOf({ id });
    return rect !== null && this.camera.at.k >= 0.9 * this.camera.fitting(rect).k;
  }

  /** Takes the room that the canvas has now. @param {number} w @param {number} h */
  resize(w, h) {
    const whole = this.camera.whole || this.camera.size.w === 1;
    const ratio = Math.min(2, devicePixelRatio || 1);
    this.camera.size = { w, h };
    [this.canvas.width, this.canvas.height] = [Math.round(w * ratio), Math.round(h * ratio)];
    this.layout = layoutOf(this.about, this.plan, w / h);
    if (whole) this.camera.back();
    this.#draw(null);
  }

  /** @param {Shown} shown */
  update(shown) {
    const { outputs, before } = this.#shown ?? {};
    if (shown.outputs !== outputs || shown.before !== before || shown.state.look !== this.#shown?.state.look || shown.state.token !== this.#shown?.state.token) this.#kept.clear();
    this.#shown = shown;
    this.#draw(null);
  }

  /** The theme is another. */
  repaint() {
    this.#colours = null;
    this.#kept.clear();
    this.#draw(null);
  }

  /** What to look at for a place: a cell with its neighbours, a stage, or a panel's pictures or matrices. @param {Cell | {id: string} | {panel: number, lower?: boolean}} place @returns {Rect | null} */
  rectOf(place) {
    if ("panel" in place) {
      const { x, y, w, h, split } = this.layout.panels[place.panel];
      return place.lower ? { x, y: y + split, w, h: h - split } : { x, y, w, h: split };
    }
    const [box, stage] = [this.layout.boxes.get(place.id), this.plan.get(place.id)];
    if (!box || !stage) return null;
    if (!("row" in place)) return { x: box.x - 4, y: box.y - 14, w: box.w + 8, h: box.h + 18 };
    const { x, y, w, h } = cellOf(box, stage, place.row, place.col);
    const k = Math.min(NEAREST, READABLE / w);
    const [wide, high] = [this.camera.size.w / k, this.camera.size.h / k];
    return { x: x + (w - wide) / 2, y: y + (h - high) / 2, w: wide, h: high };
  }

  /** @param {number} px @param {number} py in pixels @returns {Hit} */
  hit(px, py) {
    const { x, y, k } = this.camera.at;
    const [wx, wy] = [x + px / k, y + py / k];
    const panel = this.layout.panels.findIndex((one) => holds(one, wx, wy));
    const lower = panel >= 0 && wy - this.layout.panels[panel].y > this.layout.panels[panel].split;
    const picture = this.layout.pictures.find((one) => holds(one, wx, wy)) ?? null;
    const [rows, cols] = this.about.grid;
    const patch = picture ? Math.floor(((wy - picture.y) / picture.h) * rows) * cols + Math.floor(((wx - picture.x) / picture.w) * cols) : -1;
    for (const [id, box] of this.layout.boxes) {
      const stage = this.plan.get(id);
      if (!stage || !holds(box, wx, wy)) continue;
      return { panel, lower, picture, patch, cell: { id, row: Math.floor(((wy - box.y) / box.h) * stage.rows), col: Math.floor(((wx - box.x) / box.w) * stage.cols) } };
    }
    return { panel, lower, picture, patch, cell: null };
  }

  #paint() {
    const context = this.canvas.getContext("2d");
    if (!context || !this.#shown) return;
    const style = getComputedStyle(this.canvas);
    this.#colours ??= coloursOf(this.#reader, palette(style), style);
    const { x, y, k } = this.camera.at;
    const ratio = this.canvas.width / this.camera.size.w;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.camera.size.w, this.camera.size.h);
    context.imageSmoothingEnabled = false;
    const onScreen = (/** @type {Rect} */ rect) => ({ x: (rect.x - x) * k, y: (rect.y - y) * k, w: rect.w * k, h: rect.h * k });
    const seen = (/** @type {Rect} */ one) => one.x < this.camera.size.w && one.y < this.camera.size.h && one.x + one.w > 0 && one.y + one.h > 0;
    const font = style.fontFamily;
    /** @param {string} text @param {number} tx @param {number} ty @param {number} size @param {string} colour @param {number} [most] */
    const write = (text, tx, ty, size, colour, most) => {
      if (size < LEGIBLE) return;
      context.font = `${Math.min(size, 22)}px ${font}`;
      context.fillStyle = colour;
      context.fillText(text, tx, ty, most);
    };
    const pen = { context, onScreen, seen, write, k, colours: this.#colours };
    this.layout.panels.forEach((panel, i) => this.#panel(pen, panel, i));
    for (const picture of this.layout.pictures) this.#picture(pen, picture);
    for (const [id, box] of this.layout.boxes) this.#box(pen, id, box);
    this.#marks(pen);
    context.globalAlpha = 1;
  }

  /** @typedef {{context: CanvasRenderingContext2D, onScreen: (rect: Rect) => Rect, seen: (rect: Rect) => boolean, write: (text: string, x: number, y: number, size: number, colour: string, most?: number) => void, k: number, colours: Colours}} Pen */

  /** @param {Pen} pen @param {import("./layout.js").Panel} panel @param {number} i */
  #panel({ context, onScreen, seen, write, k, colours }, panel, i) {
    const at = onScreen(panel);
    if (!seen(at)) return;
    context.globalAlpha = 1;
    context.strokeStyle = colours.line;
    context.lineWidth = 1;
    context.strokeRect(at.x + 0.5, at.y + 0.5, at.w - 1, at.h - 1);
    write(strings.panel(i, panel.layer, panel.last), at.x + 8 * k, at.y + 17 * k, Math.max(14 * k, LEGIBLE), colours.ink, at.w - 16 * k);
    if (panel.last) return;
    const next = onScreen(this.layout.panels[i + 1]);
    if (next.x < at.x) return;
    context.fillStyle = colours.muted;
    context.beginPath();
    const [tipX, tipY, size] = [next.x - k, at.y + 12 * k, 10 * k];
    context.moveTo(tipX, tipY);
    context.lineTo(tipX - size, tipY - size / 2);
    context.lineTo(tipX - size, tipY + size / 2);
    context.fill();
  }

  /** How strongly a stage shows: not yet, if the flow has not come to it. @param {string} id */
  #strength(id) {
    const step = this.#shown?.state.step ?? -1;
    return step < 0 || (this.plan.get(id)?.step ?? 0) <= step ? 1 : FAINT;
  }

  /** A stage's numbers as they are looked at. @param {string} id */
  #values(id) {
    const stage = /** @type {Stage} */ (this.plan.get(id));
    const { outputs, before, state } = /** @type {Shown} */ (this.#shown);
    const now = outputs && valuesOf(stage, outputs);
    if (!now || state.look === "now") return now;
    const then = before && valuesOf(stage, before);
    return then && now.map((value, i) => value - then[i]);
  }

  /** A bitmap, painted once after each change. @param {string} key @param {() => Float32Array | null} values @param {(values: Float32Array, old?: HTMLCanvasElement) => HTMLCanvasElement} make */
  #once(key, values, make) {
    const known = this.#kept.get(key);
    if (known) return known;
    const found = values();
    if (!found) return null;
    const made = { values: found, canvas: make(found, this.#canvases.get(key)) };
    this.#canvases.set(key, made.canvas);
    this.#kept.set(key, made);
    return made;
  }

  /** @param {Pen} pen @param {Scenery} picture */
  #picture({ context, onScreen, seen, write, k, colours }, picture) {
    const { outputs, picture: image, state } = /** @type {Shown} */ (this.#shown);
    const at = onScreen(picture);
    if (!seen(at)) return;
    const { about } = this;
    const { grid: [rows, cols], prefix, classes } = about;
    const { kind, layer, head } = picture;
    const id = kind === "head" ? idOf("weights", layer, head) : kind === "picture" ? "patches" : layer === null ? "sure" : idOf("lens", layer);
    context.globalAlpha = this.#strength(id);
    const lens = (/** @type {Record<string, Tensor>} */ from) => {
      const values = /** @type {Float32Array} */ (valuesOf(/** @type {Stage} */ (this.plan.get(id)), from));
      return (/** @type {number} */ token) => probabilities(values.subarray(token * classes, (token + 1) * classes), about);
    };
    if (kind === "bars") return this.#bars({ context, onScreen, seen, write, k, colours }, at, layer, lens);
    if (image) context.drawImage(image, at.x, at.y, at.w, at.h);
    const change = state.look === "difference";
    if (kind === "head") {
      const row = this.#once(`head ${id}`, () => this.#values(id), (values, old) => {
        const tokens = prefix + rows * cols;
        const patches = values.subarray(state.token * tokens + prefix, (state.token + 1) * tokens);
        return change ? signed(patches, rows, cols, colours, old) : veil(patches, rows, cols, old);
      });
      if (change) context.globalAlpha *= 0.85;
      if (row) context.drawImage(row.canvas, at.x, at.y, at.w, at.h);
      if (state.off.has(Number(layer) * about.heads + Number(head))) crossed(context, at, colours);
    }
    if (kind === "lens" && outputs) {
      const said = probabilities(/** @type {Float32Array} */ (outputs.logits.data), about);
      const best = said.indexOf(Math.max(...said));
      const map = this.#once(`lens ${id}`, () => Float32Array.from({ length: rows * cols }, (_, i) => lens(outputs)(prefix + i)[best]), (values, old) => shaded(values, rows, cols, colours, old));
      context.globalAlpha *= 0.8;
      if (map) context.drawImage(map.canvas, at.x, at.y, at.w, at.h);
      write(strings.says(about.labels?.[best] ?? ""), at.x, at.y - 2 * k, 9 * k, colours.muted, at.w);
    }
    if (state.token >= prefix && kind !== "lens") {
      const patch = state.token - prefix;
      const [w, h] = [at.w / cols, at.h / rows];
      context.strokeStyle = colours.ink;
      context.lineWidth = 2;
      context.strokeRect(at.x + (patch % cols) * w, at.y + Math.floor(patch / cols) * h, w, h);
    }
    if (kind === "head" && at.w > 60) write(strings.head(Number(head)), at.x + 4, at.y + 14, 12, "#fff", at.w);
  }

  /** The three likeliest classes of the chosen token. @param {Pen} pen @param {Rect} at @param {number | null} layer @param {(outputs: Record<string, Tensor>) => (token: number) => number[]} lens */
  #bars({ context, write, k, colours }, at, layer, lens) {
    const { outputs, before, state } = /** @type {Shown} */ (this.#shown);
    if (!outputs) return;
    const { about } = this;
    const shares = layer === null ? Array.from(/** @type {Float32Array} */ (outputs.sure.data)) : lens(outputs)(state.token);
    const past = before && state.look === "difference" ? (layer === null ? before.sure.data : lens(before)(state.token)) : null;
    const order = shares.map((share, i) => ({ share, i, was: past ? Number(past[i]) : null })).sort((a, b) => b.share - a.share).slice(0, layer === null ? Math.max(3, Math.floor(at.h / SMALL / 1.3)) : 3);
    const high = Math.min(at.h / order.length, 36 * k);
    order.forEach(({ share, i, was }, row) => {
      const y = at.y + row * high;
      context.fillStyle = `rgb(${colours.minus.slice(0, 3)})`;
      context.fillRect(at.x, y + high * 0.55, Math.max(1, at.w * share), high * 0.3);
      if (was !== null) {
        context.fillStyle = colours.ink;
        context.fillRect(at.x + at.w * was - 1, y + high * 0.45, 2, high * 0.5);
      }
      write(`${about.labels?.[i] ?? i} ${percent(share)}`, at.x, y + high * 0.45, high < SMALL ? 0 : Math.max(LEGIBLE + 1, Math.min(12 * k, high * 0.45)), colours.ink, at.w);
    });
  }

  /** @param {Pen} pen @param {string} id @param {Rect} box */
  #box({ context, onScreen, seen, write, k, colours }, id, box) {
    const at = onScreen(box);
    if (!seen({ ...at, y: at.y - 14 * k, h: at.h + 14 * k })) return;
    const stage = /** @type {Stage} */ (this.plan.get(id));
    const { state } = /** @type {Shown} */ (this.#shown);
    context.globalAlpha = this.#strength(id);
    const weights = state.look === "now" && (stage.name === "weights" || stage.kind === "sure");
    const found = this.#once(id, () => this.#values(id), (values, old) => (weights ? weighed : signed)(values, stage.rows, stage.cols, colours, old));
    if (found) context.drawImage(found.canvas, at.x, at.y, at.w, at.h);
    context.strokeStyle = state.at?.id === id ? colours.ink : colours.line;
    context.lineWidth = 1;
    context.strokeRect(at.x, at.y, at.w, at.h);
    write(strings.stages[stage.name].short, at.x, at.y - 2.5 * k, 8 * k, colours.muted, at.w + 2 * k);
    if (stage.axes[0] === "token") {
      const row = cellOf(at, { ...stage, cols: 1 }, state.token, 0);
      context.strokeStyle = colours.ink;
      context.globalAlpha *= 0.7;
      context.lineWidth = Math.min(2, Math.max(0.75, row.h / 4));
      context.strokeRect(row.x, row.y, row.w, row.h);
    }
    if (found) numbers(context, at, stage, found.values, colours, this.camera.size);
  }

  /** The chosen number, and those it is made of. @param {Pen} pen */
  #marks({ context, onScreen, colours }) {
    const { state, made } = /** @type {Shown} */ (this.#shown);
    context.globalAlpha = 1;
    const mark = (/** @type {Cell} */ cell, /** @type {string} */ colour, /** @type {number} */ wide) => {
      const [box, stage] = [this.layout.boxes.get(cell.id), this.plan.get(cell.id)];
      if (!box || !stage) return;
      const { x, y, w, h } = onScreen(cellOf(box, stage, cell.row, cell.col));
      context.strokeStyle = colour;
      context.lineWidth = wide;
      const grown = Math.max(0, 5 - Math.min(w, h)) / 2;
      context.strokeRect(x - grown, y - grown, w + 2 * grown, h + 2 * grown);
    };
    const plus = `rgb(${colours.plus.slice(0, 3)})`;
    for (const cell of made) mark(cell, plus, 1.5);
    if (state.at) mark(state.at, colours.ink, 3);
  }
}
