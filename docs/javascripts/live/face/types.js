/** @import { Shape, Colour } from "./picture.js" */

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

/**
 * @typedef {object} FaceConfig
 * @property {Record<string, {url: string, bytes: number}>} models
 * @property {Shape} shape
 * @property {Face[]} faces
 * @property {Paint[]} colours
 * @property {number[]} brushes    radii, in pixels
 */

/** @typedef {"designed" | "learned"} Weights */
/** @typedef {"move" | "stamp" | "paint"} Tool */

/** What a patch says: the largest of its logits, and how far it is ahead of the next.
 * @typedef {{tag: number, logits: ArrayLike<number>, ahead: number}} Said */

/**
 * What a model made of a picture.
 * @typedef {object} Result
 * @property {import("./picture.js").Picture} picture
 * @property {Face} face
 * @property {Weights} weights
 * @property {import("@vitexplain/explorer/types.js").Data} data
 * @property {Said[] | null} answers   null where the model has no answer
 * @property {string[]} tags           what an answer may be
 */

export {};
