// What the reader has made so far: the face, the picture, the tool, the switches.

import { Keeper } from "@vitexplain/explorer/keeper.js";
import { strings } from "../../strings/face.js";
import { sheet } from "../pixels.js";
import { Picture } from "./picture.js";

/** @import { Token } from "@vitexplain/explorer/types.js" */
/** @import { Config } from "../widget.js" */
/** @import { Colour, Shape } from "./picture.js" */

/**
 * One drawn face, as Python gives it.
 * @typedef {object} Face
 * @property {string} name
 * @property {string} image        a data: address
 * @property {string[]} names      what each patch shows
 * @property {string[]} short
 * @property {number[]} eyes       the patches that are eyes
 * @property {Colour} skin
 * @property {Colour} background
 */

/** A colour of the brush: its own, or one of the face's. @typedef {{name: string, colour: Colour | null}} Paint */

/** The brushes' radii are in pixels. @typedef {Config & {shape: Shape, faces: Face[], colours: Paint[], brushes: number[]}} FaceConfig */

/** @typedef {"designed" | "learned"} Weights */
/** @typedef {"move" | "stamp" | "paint"} Tool */

/**
 * Numbers of the colour, the brush and the face that are chosen, and all else.
 * @typedef {{tool: Tool, paint: number, brush: number, weights: Weights, positions: boolean, face: number, picture: Picture}} Work
 */

/** @extends {Keeper<Work>} */
export class Studio extends Keeper {
  #shuffles = 0;

  /** @param {FaceConfig} config @param {Picture[]} pictures of the faces, untouched */
  constructor(config, pictures) {
    const chosen = /** @type {const} */ ({ tool: "move", paint: 0, brush: 1, weights: "designed", positions: true });
    super({ ...chosen, face: 0, picture: pictures[0] }, ["face", "picture"]);
    this.config = config;
    this.pictures = pictures;
  }

  get face() {
    return this.config.faces[this.state.face];
  }

  get picture() {
    return this.state.picture;
  }

  /** The face as it was drawn. */
  get untouched() {
    return this.pictures[this.state.face];
  }

  get isTouched() {
    return !this.picture.same(this.untouched);
  }

  get colour() {
    return this.colourOf(this.config.colours[this.state.paint]);
  }

  get radius() {
    return this.config.brushes[this.state.brush];
  }

  /** What a paint is on this face. @param {Paint} paint */
  colourOf({ name, colour }) {
    return colour ?? (name === "skin" ? this.face.skin : this.face.background);
  }

  /** One step. @param {Picture} picture @param {string} said */
  edit(picture, said) {
    if (!picture.same(this.picture)) this.change({ picture }, { said });
  }

  /** Part of a stroke, which is one step in the end. @param {Picture} picture */
  stroke(picture) {
    if (!picture.same(this.picture)) this.change({ picture }, { settled: false });
  }

  /** Another face, untouched. @param {number} face @param {string} said */
  show(face, said) {
    if (face !== this.state.face || this.isTouched) this.change({ face, picture: this.pictures[face] }, { said });
  }

  /** The number of this shuffle: the next one is another. */
  nextShuffle() {
    this.#shuffles += 1;
    return this.#shuffles;
  }
}

/** The pixels of a drawn face. @param {Face} face @param {Shape} shape */
export async function untouched({ image }, shape) {
  const source = new Image();
  source.src = image;
  await source.decode();
  const context = sheet(shape.cols * shape.patch, shape.rows * shape.patch);
  context.drawImage(source, 0, 0);
  return new Picture(shape, context.getImageData(0, 0, context.canvas.width, context.canvas.height).data);
}

/** What the patches of an edited picture are called: a name goes where its patch goes. @param {Picture} picture @param {Face} face @returns {Token[]} */
export function tokensOf({ tiles, marks }, face) {
  return tiles.map((tile, place) => {
    const several = tiles.indexOf(tile) !== tiles.lastIndexOf(tile);
    const name = (/** @type {string} */ text) => (several ? strings.at(text, place) : text);
    return { label: strings.marked[marks[place]](name(face.names[tile])), short: name(face.short[tile]) };
  });
}
