// A matrix out of JSON: nested lists, float32, or a byte a weight; and the mean of several.

import { strings } from "./strings/explorer.js";

/** @import { Matrix } from "./types.js" */

/** What a matrix has to be: `cols` null takes what comes, `holes` allows entries that were never computed. @typedef {{rows: number, cols: number | null, holes: boolean}} Size */

const LEVELS = 255; // of a byte
const say = strings.data;

/**
 * @param {any} given
 * @param {Size} size
 * @returns {Matrix}
 */
export function matrixOf(given, size) {
  /** @type {Matrix} */
  const matrix = Array.isArray(given) ? nested(given, size) : packed(given, size);
  if (matrix.row) return matrix;
  const { holes } = size;
  if (!allAre(matrix, holes ? (x) => !isInfinite(x) : Number.isFinite)) throw new Error(say.notFinite);
  return matrix;
}

/** @param {any[]} rows @param {Size} size */
function nested(rows, size) {
  if (rows.length !== size.rows) throw new Error(say.rows(rows.length, size.rows));
  const cols = size.cols ?? rows[0]?.length;
  const values = new Float64Array(size.rows * (cols || 0));
  rows.forEach((row, i) => {
    if (!Array.isArray(row) || row.length !== cols || !cols) throw new Error(say.row(i, row?.length, cols));
    row.forEach((x, j) => {
      if (x !== null && typeof x !== "number") throw new Error(say.noNumber(i, j));
      values[i * cols + j] = x ?? NaN;
    });
  });
  return { rows: size.rows, cols, values };
}

/** @param {any} given @param {Size} size @returns {Matrix} */
function packed(given, size) {
  const [rows, cols] = Array.isArray(given?.shape) ? given.shape : [];
  if (!given?.f4 && !given?.u1) throw new Error(say.noArray);
  if (!Number.isInteger(rows) || !Number.isInteger(cols) || cols < 1) throw new Error(say.noArray);
  if (rows !== size.rows) throw new Error(say.rows(rows, size.rows));
  if (size.cols !== null && cols !== size.cols) throw new Error(say.row(0, cols, size.cols));
  const levels = bytesOf(given.u1 ?? "");
  const values = floats(given.f4, 4 * rows * cols - 4 * levels.length);
  if (given.u1 === undefined) return { rows, cols, values };
  const first = values.length / cols; // rows that are exact
  const tops = floats(given.tops, 4 * (rows - first));
  const sound = (/** @type {Float32Array} */ numbers) => allAre({ values: numbers }, (x) => x >= 0 && x < Infinity);
  if (!Number.isInteger(first) || !sound(tops) || !sound(values)) throw new Error(say.notFinite);
  return lazily(rows, cols, (i, into) => {
    if (i < first) return into.set(values.subarray(i * cols, (i + 1) * cols));
    const [top, from] = [tops[i - first], (i - first) * cols];
    for (let j = 0; j < cols; j++) into[j] = top * (levels[from + j] / LEVELS) ** 2;
  });
}

/** The mean of maps; null if there are none, or if they are of several shapes. @param {Matrix[]} all */
export function meanOf(all) {
  if (all.length === 0) return null;
  const [{ rows, cols, top, left, wide }] = all;
  if (all.some((one) => one.rows !== rows || one.cols !== cols || one.top !== top || one.left !== left)) return null;
  const mean = lazily(rows, cols, (i, into) => {
    for (const one of all) {
      const own = plainRow(one, i);
      for (let j = 0; j < cols; j++) into[j] += own[j] / all.length;
    }
  });
  return Object.assign(mean, { top, left, wide });
}

/**
 * A matrix whose rows are made when they are asked for, and all of them with its values.
 * @param {number} rows @param {number} cols @param {(i: number, into: Float32Array) => void} fill
 * @returns {Matrix}
 */
function lazily(rows, cols, fill) {
  /** @type {Float32Array | null} */
  let whole = null;
  const row = (/** @type {number} */ i) => {
    if (whole) return whole.subarray(i * cols, (i + 1) * cols);
    const made = new Float32Array(cols);
    fill(i, made);
    return made;
  };
  return {
    rows,
    cols,
    row,
    get values() {
      if (whole) return whole;
      const made = new Float32Array(rows * cols);
      for (let i = 0; i < rows; i++) fill(i, made.subarray(i * cols, (i + 1) * cols));
      return (whole = made);
    },
  };
}

/** A row as it is kept: of the queries alone, and as long as there are keys. @param {Matrix} matrix @param {number} i */
export function plainRow(matrix, i) {
  return matrix.row?.(i) ?? matrix.values.subarray(i * matrix.cols, (i + 1) * matrix.cols);
}

/** @param {any} given in base64, or as a page's own data have it @param {number} length in bytes */
function floats(given, length) {
  const bytes = bytesOf(given);
  if (bytes.length !== length) throw new Error(say.bytes(bytes.length, length));
  return new Float32Array(bytes.buffer);
}

/** @param {any} given */
function bytesOf(given) {
  return given instanceof Uint8Array ? given : decoded(String(given ?? ""));
}

/** @param {string} text in base64 */
export function decoded(text) {
  let binary;
  try {
    binary = atob(text);
  } catch {
    throw new Error(say.noBase64);
  }
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Whether every entry of a matrix is as it should be. @param {Pick<Matrix, "values">} matrix @param {(x: number) => boolean} right */
export function allAre({ values }, right) {
  for (let i = 0; i < values.length; i++) if (!right(values[i])) return false;
  return true;
}

/** @param {number} x */
function isInfinite(x) {
  return x === Infinity || x === -Infinity;
}
