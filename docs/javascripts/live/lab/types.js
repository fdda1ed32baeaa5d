/** @import { About as Says, Tensor } from "../types.js" */
/** @import { Model } from "../runtime.js" */
/** @import { Picture } from "./picture.js" */

/** What a model of pictures says of itself; `fit` is how its pictures got their size. @typedef {Says & {fit?: "crop" | "stretch"}} About */

/** @typedef {"a" | "b"} Slot */

/** What stands beside the answer: the picture as it was, the other model, or the other picture. @typedef {"before" | "model" | "picture"} Beside */

/** What the reader works on. @typedef {"crop" | "patches" | "heads"} Mode */

/**
 * The part of a picture that is seen: its centre, in shares of the picture, and how near it is.
 * With `squeeze` the whole picture is seen, its sides made to fit.
 * @typedef {{x: number, y: number, zoom: number, squeeze: boolean}} Crop
 */

/** A rectangle in a picture's pixels. @typedef {{x: number, y: number, width: number, height: number}} Box */

/**
 * A picture in its place: what is seen of it, which patches are hidden, and the pixels of that.
 * @typedef {{picture: Picture | null, crop: Crop, hidden: Set<number>, seen: ImageData | null}} Place
 */

/** A model, there or to come, and its heads that are switched off. @typedef {{about: About, model: Model | null, off: Set<number>}} Reader */

/** @typedef {{name: string, image: string}} Sample */

/**
 * What Python says to start with; `first` holds each model's logits for the first sample.
 * @typedef {object} LabConfig
 * @property {Record<string, {url: string, bytes: number}>} models
 * @property {Record<string, About>} abouts
 * @property {Record<string, number[]>} first
 * @property {Sample[]} samples
 */

/** What a model said of a picture. @typedef {{about: About, outputs: Record<string, Tensor>, place: Place}} Answer */

export {};
