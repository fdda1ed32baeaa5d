// What the reader has made so far, and the way back: the face, the picture, the tool, the switches.

import { Picture } from "./picture.js";

/** @import { Colour, Shape } from "./picture.js" */
/** @import { Face, FaceConfig, Tool, Weights } from "./types.js" */

/** What changed: the picture, what runs on it, or only the tool. @typedef {"picture" | "model" | "tool"} Change */
/** @typedef {{face: number, picture: Picture}} Moment */

const MOST = 200; // steps back

export class Studio {
  /** @type {Tool} */ tool = "move";
  paint = 0;
  brush = 1;
  /** @type {Weights} */ weights = "designed";
  positions = true;
  #face = 0;
  /** @type {Moment[]} */ #past = [];
  /** @type {Moment[]} */ #future = [];
  /** @type {Moment | null} */ #stroke = null;
  /** @type {Array<(change: Change, said: string) => void>} */ #listeners = [];
  #shuffles = 0;

  /** @param {FaceConfig} config @param {Picture[]} untouched the faces' pictures */
  constructor(config, untouched) {
    this.config = config;
    this.pictures = untouched;
    this.picture = untouched[0];
  }

  /** @returns {Face} */
  get face() {
    return this.config.faces[this.#face];
  }

  /** Its number. */
  get chosen() {
    return this.#face;
  }

  /** The face as it was drawn. */
  get untouched() {
    return this.pictures[this.#face];
  }

  /** @returns {Colour} */
  get colour() {
    const { name, colour } = this.config.colours[this.paint];
    return colour ?? (name === "skin" ? this.face.skin : this.face.background);
  }

  get radius() {
    return this.config.brushes[this.brush];
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  get isTouched() {
    return !this.picture.same(this.untouched);
  }

  /** @param {(change: Change, said: string) => void} listener */
  listen(listener) {
    this.#listeners.push(listener);
  }

  /** @param {Partial<Pick<Studio, "tool" | "paint" | "brush">>} choice */
  choose(choice) {
    Object.assign(this, choice);
    this.#tell("tool", "");
  }

  /** @param {Partial<Pick<Studio, "weights" | "positions">>} choice @param {string} said */
  run(choice, said) {
    Object.assign(this, choice);
    this.#tell("model", said);
  }

  /** One step. @param {Picture} picture @param {string} said */
  change(picture, said) {
    if (picture.same(this.picture)) return;
    this.#remember({ face: this.#face, picture: this.picture });
    this.picture = picture;
    this.#tell("picture", said);
  }

  /** Part of a stroke, which is one step in the end. @param {Picture} picture */
  stroke(picture) {
    this.#stroke ??= { face: this.#face, picture: this.picture };
    this.picture = picture;
    this.#tell("picture", "");
  }

  /** @param {string} said */
  endStroke(said) {
    if (!this.#stroke) return;
    if (!this.#stroke.picture.same(this.picture)) this.#remember(this.#stroke);
    this.#stroke = null;
    this.#tell("picture", said);
  }

  /** Another face, untouched. @param {number} face @param {string} said */
  show(face, said) {
    if (face === this.#face && !this.isTouched) return;
    this.#remember({ face: this.#face, picture: this.picture });
    this.#face = face;
    this.picture = this.pictures[face];
    this.#tell("picture", said);
  }

  /** The number of this shuffle: the next one is another. */
  nextShuffle() {
    this.#shuffles += 1;
    return this.#shuffles;
  }

  /** @param {string} said */
  undo(said) {
    this.#travel(this.#past, this.#future, said);
  }

  /** @param {string} said */
  redo(said) {
    this.#travel(this.#future, this.#past, said);
  }

  /** @param {Moment[]} from @param {Moment[]} to @param {string} said */
  #travel(from, to, said) {
    const moment = this.#stroke ? undefined : from.pop();
    if (!moment) return;
    to.push({ face: this.#face, picture: this.picture });
    this.#face = moment.face;
    this.picture = moment.picture;
    this.#tell("picture", said);
  }

  /** @param {Moment} moment */
  #remember(moment) {
    this.#past.push(moment);
    if (this.#past.length > MOST) this.#past.shift();
    this.#future = [];
  }

  /** @param {Change} change @param {string} said */
  #tell(change, said) {
    for (const listener of this.#listeners) listener(change, said);
  }
}

/**
 * The pixels of a drawn face.
 * @param {Face} face
 * @param {Shape} shape
 */
export async function untouched({ image }, shape) {
  const source = new Image();
  source.src = image;
  await source.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [shape.cols * shape.patch, shape.rows * shape.patch];
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  context.drawImage(source, 0, 0);
  return new Picture(shape, context.getImageData(0, 0, canvas.width, canvas.height).data);
}
