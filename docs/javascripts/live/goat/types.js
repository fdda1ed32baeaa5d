/** A place on the plane. @typedef {readonly [number, number]} Place */

/** A word; its id stays when it is renamed or moved. @typedef {Readonly<{id: number, word: string, at: Place}>} Word */

/** A 2 × 2 matrix, row by row. @typedef {readonly [number, number, number, number]} Square */

/** @typedef {"q" | "k" | "v"} Role */

/**
 * All that the reader can change.
 * @typedef {Readonly<{words: readonly Word[], scaling: boolean, causal: boolean, temperature: number,
 *   matrices: Readonly<Record<Role, Square>>}>} Sheet
 */

/**
 * What Python gives: axes, sentences to begin with, and matrices.
 * @typedef {object} GoatConfig
 * @property {Record<string, {url: string, bytes: number}>} models
 * @property {[string, string]} axes
 * @property {Array<{name: string, words: string[], embeddings: Array<[number, number]>, query: number}>} sentences the first is shown first
 * @property {Array<{name: string} & Record<Role, number[][]>>} matrices the first are in use at first
 */

/** How a change of the sheet is kept: not yet, in the middle of a drag. @typedef {{settled?: boolean, said?: string}} How */

export {};
