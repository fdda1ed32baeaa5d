// What the reader has set: pictures, models, what is hidden and what is off, and how to go back.

import { boxOf, middle } from "./crop.js";
import { drawing } from "./picture.js";

/** @import { Beside, Crop, LabConfig, Mode, Place, Reader, Slot } from "./types.js" */
/** @import { Model } from "../runtime.js" */
/** @import { Picture } from "./picture.js" */

/** @typedef {{hidden: Record<Slot, Set<number>>, off: Map<Reader, Set<number>>}} Snapshot */

const STEPS = 100; // that can be undone

export class State {
  /** @type {Record<Slot, Place>} */ places;
  /** @type {Record<string, Reader>} */ readers;
  /** @type {Slot} */ slot = "a";
  /** @type {Mode} */ mode = "crop";
  /** @type {Beside} */ beside = "before";
  /** @type {Snapshot[]} */ #past = [];
  #canvas = document.createElement("canvas");

  /** @param {LabConfig} config */
  constructor({ abouts }) {
    this.readers = Object.fromEntries(
      Object.entries(abouts).map(([name, about]) => [name, { about, model: null, off: new Set() }]),
    );
    this.model = Object.keys(this.readers)[0];
    const empty = () => ({ picture: null, crop: middle(this.about), hidden: new Set(), seen: null });
    this.places = { a: empty(), b: empty() };
  }

  get reader() {
    return this.readers[this.model];
  }

  get about() {
    return this.reader.about;
  }

  get place() {
    return this.places[this.slot];
  }

  get other() {
    return this.places[this.slot === "a" ? "b" : "a"];
  }

  /** The model that stands beside this one: the other of the two that come with the page. */
  get twin() {
    const [one, two] = Object.keys(this.readers);
    return this.model === one ? two : one;
  }

  /** Whether anything is hidden or off. */
  get touched() {
    return this.place.hidden.size + this.reader.off.size > 0;
  }

  get undoable() {
    return this.#past.length > 0;
  }

  /** Keeps what is hidden and off, to come back to. */
  remember() {
    const { a, b } = this.places;
    const off = new Map(Object.values(this.readers).map((reader) => [reader, new Set(reader.off)]));
    this.#past.push({ hidden: { a: new Set(a.hidden), b: new Set(b.hidden) }, off });
    if (this.#past.length > STEPS) this.#past.shift();
  }

  undo() {
    const last = this.#past.pop();
    if (!last) return;
    for (const slot of /** @type {Slot[]} */ (["a", "b"])) this.places[slot].hidden = last.hidden[slot];
    for (const [reader, off] of last.off) reader.off = off;
  }

  /** Nothing hidden, nothing off. */
  reset() {
    if (this.touched) this.remember();
    this.place.hidden = new Set();
    this.reader.off = new Set();
  }

  /** @param {Slot} slot @param {Picture} picture */
  put(slot, picture) {
    this.places[slot].picture?.close();
    this.places[slot] = { picture, crop: middle(this.about), hidden: new Set(), seen: null };
    this.#past = [];
    this.look([this.places[slot]]);
  }

  /** @param {Model} model */
  take(model) {
    this.readers = { ...this.readers, own: { about: model.about, model, off: new Set() } };
    this.choose("own");
    for (const place of Object.values(this.places)) place.crop = middle(this.about);
    this.look();
  }

  /** @param {string} name of a model; what is hidden stays where the patches are the same */
  choose(name) {
    const was = this.about;
    this.model = name;
    if (name === "own" && this.beside === "model") this.beside = "before";
    if (String(was.grid) !== String(this.about.grid)) {
      for (const place of Object.values(this.places)) place.hidden = new Set();
      this.#past = [];
    }
    this.look();
  }

  /** @param {Crop} crop */
  move(crop) {
    this.place.crop = crop;
    this.look([this.place]);
  }

  /** @param {number} patch @param {boolean} on */
  hide(patch, on) {
    this.place.hidden = changed(this.place.hidden, patch, on);
  }

  /** @param {number} head @param {boolean} off */
  turn(head, off) {
    this.reader.off = changed(this.reader.off, head, off);
  }

  /** Makes the pixels that the model sees anew. @param {Place[]} [places] where the crop, the picture or the model's size changed */
  look(places = Object.values(this.places)) {
    const [height, width] = this.about.image_size;
    for (const place of places) {
      if (!place.picture) continue;
      [this.#canvas.width, this.#canvas.height] = [width, height];
      const context = drawing(this.#canvas);
      place.picture.draw(context, boxOf(place.picture, place.crop, width / height));
      const seen = context.getImageData(0, 0, width, height);
      if (!same(place.seen, seen)) place.seen = seen; // else the last answers still hold
    }
  }

  close() {
    for (const place of Object.values(this.places)) place.picture?.close();
    this.readers.own?.model?.close();
  }
}

/** @param {ImageData | null} a @param {ImageData} b */
function same(a, b) {
  return a?.width === b.width && a.height === b.height && a.data.every((x, i) => x === b.data[i]);
}

/** A set with something in it or not; sets that were shown stay as they are. @param {Set<number>} old @param {number} i @param {boolean} on */
function changed(old, i, on) {
  const made = new Set(old);
  if (on) made.add(i);
  else made.delete(i);
  return made;
}
