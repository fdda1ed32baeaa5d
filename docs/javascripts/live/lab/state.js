// What the reader has set: pictures, models, what is hidden and what is off.

import { Keeper } from "@vitexplain/explorer/keeper.js";
import { sheet } from "../pixels.js";
import { boxOf, middle } from "./crop.js";

/** @import { About, Tensor } from "../protocol.js" */
/** @import { Model } from "../runtime.js" */
/** @import { Config } from "../widget.js" */
/** @import { Crop } from "./crop.js" */
/** @import { Offer } from "./own.js" */
/** @import { Picture } from "./picture.js" */

/** @typedef {"a" | "b"} Slot */
/** What stands beside the answer: the picture as it was, the other model, or the other picture. @typedef {"before" | "model" | "picture"} Beside */
/** What the reader works on. @typedef {"crop" | "patches" | "heads"} Mode */

/** A picture in its place, and the pixels that are seen of it. @typedef {{picture: Picture | null, crop: Crop, seen: ImageData | null}} View */
/** The same with the patches that are hidden. @typedef {View & {hidden: Set<number>}} Place */
/** A model, there or to come. @typedef {{about: About, model: Model | null}} Known */
/** The same with the heads that are switched off. @typedef {Known & {off: Set<number>}} Reader */
/** What a model said of a picture. @typedef {{about: About, outputs: Record<string, Tensor>, place: Place}} Answer */

/** A picture to choose; its address may be relative to the data's, and then there is a small one, and what it shows in words. @typedef {{name: string, image: string, thumb?: string, alt?: string}} Sample */

/**
 * What Python says to start with; `first` holds each model's logits for the first sample.
 * @typedef {Config & {abouts: Record<string, About>, first: Record<string, number[]>, samples: Sample[], offers?: Offer[]}} LabConfig
 */

/**
 * @typedef {object} Lab
 * @property {string} model             the name of the chosen one
 * @property {Slot} slot
 * @property {Mode} mode
 * @property {Beside} beside
 * @property {Record<string, Known>} models
 * @property {Record<Slot, View>} views
 * @property {Record<Slot, Set<number>>} hidden
 * @property {Record<string, Set<number>>} off by model
 */

/** @type {Set<number>} */
const NONE = new Set();

/** @extends {Keeper<Lab>} */
export class State extends Keeper {
  #pixels = sheet(1, 1);

  /** @param {LabConfig} config */
  constructor({ abouts }) {
    const models = Object.fromEntries(Object.entries(abouts).map(([name, about]) => [name, { about, model: null }]));
    const [model] = Object.keys(models);
    const view = { picture: null, crop: middle(abouts[model]), seen: null };
    const chosen = /** @type {const} */ ({ slot: "a", mode: "crop", beside: "before" });
    super({ ...chosen, model, models, views: { a: view, b: view }, hidden: { a: NONE, b: NONE }, off: {} }, ["hidden", "off"]);
  }

  get reader() {
    return this.readerOf(this.state.model);
  }

  get about() {
    return this.reader.about;
  }

  get place() {
    return this.placeOf(this.state.slot);
  }

  get other() {
    return this.placeOf(this.state.slot === "a" ? "b" : "a");
  }

  /** The model that stands beside this one: the other of the two that come with the page. */
  get twin() {
    const [one, two] = Object.keys(this.state.models);
    return this.state.model === one ? two : one;
  }

  /** Whether anything is hidden or off. */
  get touched() {
    return this.place.hidden.size + this.reader.off.size > 0;
  }

  /** @param {string} name @returns {Reader} */
  readerOf(name) {
    return { ...this.state.models[name], off: this.state.off[name] ?? NONE };
  }

  /** @param {Slot} slot @returns {Place} */
  placeOf(slot) {
    return { ...this.state.views[slot], hidden: this.state.hidden[slot] };
  }

  /** Nothing hidden, nothing off. */
  reset() {
    const { slot, model, hidden, off } = this.state;
    this.change({ hidden: { ...hidden, [slot]: NONE }, off: { ...off, [model]: NONE } });
  }

  /** @param {Partial<Record<Slot, Picture>>} pictures @param {Partial<Lab>} [also] what changes with them */
  put(pictures, also = {}) {
    const views = { ...this.state.views };
    const hidden = { ...this.state.hidden };
    for (const [slot, picture] of /** @type {Array<[Slot, Picture]>} */ (Object.entries(pictures))) {
      views[slot].picture?.close();
      views[slot] = this.#look({ picture, crop: middle(this.about), seen: null });
      hidden[slot] = NONE;
    }
    this.change({ ...also, views, hidden }, { anew: true });
  }

  /** Models that are there now, by name. @param {Record<string, Model>} opened */
  take(opened) {
    const known = Object.entries(opened).map(([name, model]) => [name, { about: model.about, model }]);
    this.change({ models: { ...this.state.models, ...Object.fromEntries(known) } });
  }

  /** A model of the reader's, in place of the one before. @param {Model} model */
  adopt(model) {
    const before = this.state.models.own?.model;
    const { about } = model;
    this.#choose("own", { models: { ...this.state.models, own: { about, model } }, off: { ...this.state.off, own: NONE } }, { crop: middle(about) });
    before?.close();
  }

  /** What is hidden stays where the patches are the same. @param {string} model */
  choose(model) {
    this.#choose(model);
  }

  /** @param {string} model @param {Partial<Lab>} [also] @param {Partial<View>} [seen] what changes of the views */
  #choose(model, also = {}, seen = {}) {
    const { beside, views, models } = { ...this.state, ...also };
    const { about } = models[model];
    const anew = String(about.grid) !== String(this.about.grid);
    const [a, b] = [views.a, views.b].map((view) => this.#look({ ...view, ...seen }, about));
    const next = { ...also, model, views: { a, b }, beside: model === "own" && beside === "model" ? "before" : beside };
    this.change(anew ? { ...next, hidden: { a: NONE, b: NONE } } : next, { anew: anew || model === "own" });
  }

  /** @param {Crop} crop */
  move(crop) {
    const { slot, views } = this.state;
    this.change({ views: { ...views, [slot]: this.#look({ ...views[slot], crop }) } });
  }

  /** @param {number} patch @param {boolean} on */
  hide(patch, on) {
    const { slot, hidden } = this.state;
    this.change({ hidden: { ...hidden, [slot]: changed(hidden[slot], patch, on) } }, { settled: false });
  }

  /** @param {number} head @param {boolean} off */
  turn(head, off) {
    const { model } = this.state;
    this.change({ off: { ...this.state.off, [model]: changed(this.reader.off, head, off) } }, { settled: false });
  }

  /** The view with the pixels that a model sees in it. @param {View} view @param {About} [about] @returns {View} */
  #look(view, { image_size: [height, width] } = this.about) {
    const { picture, crop, seen } = view;
    if (!picture) return view;
    [this.#pixels.canvas.width, this.#pixels.canvas.height] = [width, height];
    picture.draw(this.#pixels, boxOf(picture, crop, width / height));
    const now = this.#pixels.getImageData(0, 0, width, height);
    return same(seen, now) ? view : { ...view, seen: now }; // where nothing changed the last answers hold
  }

  close() {
    for (const { picture } of Object.values(this.state.views)) picture?.close();
    this.state.models.own?.model?.close();
  }
}

/** @param {ImageData | null} a @param {ImageData} b */
function same(a, b) {
  return a?.width === b.width && a.height === b.height && a.data.every((x, i) => x === b.data[i]);
}

/** A set with something in it or not. @param {Set<number>} old @param {number} i @param {boolean} on */
function changed(old, i, on) {
  const made = new Set(old);
  if (on) made.add(i);
  else made.delete(i);
  return made;
}
