// A matrix out of JSON: nested lists, or float32 in base64.

import { strings } from "./strings/explorer.js";

/** @import { Matrix } from "./types.js" */

/** What a matrix has to be: `cols` null takes what comes, `holes` allows entries that were never computed. @typedef {{rows: number, cols: number | null, holes: boolean}} Size */

const say = strings.data;

/**
 * @param {any} given
 * @param {Size} size
 * @returns {Matrix}
 */
export function matrixOf(given, size) {
  const matrix = Array.isArray(given) ? nested(given, size) : packed(given, size);
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

/** @param {any} given @param {Size} size */
function packed(given, size) {
  const [rows, cols] = Array.isArray(given?.shape) ? given.shape : [];
  if (typeof given?.f4 !== "string" || !Number.isInteger(rows) || !Number.isInteger(cols) || cols < 1) throw new Error(say.noArray);
  if (rows !== size.rows) throw new Error(say.rows(rows, size.rows));
  if (size.cols !== null && cols !== size.cols) throw new Error(say.row(0, cols, size.cols));
  const bytes = decoded(given.f4);
  if (bytes.length !== 4 * rows * cols) throw new Error(say.bytes(bytes.length, 4 * rows * cols));
  return { rows, cols, values: new Float32Array(bytes.buffer) };
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

/** Whether every entry of a matrix is as it should be. @param {Matrix} matrix @param {(x: number) => boolean} right */
export function allAre({ values }, right) {
  for (let i = 0; i < values.length; i++) if (!right(values[i])) return false;
  return true;
}

/** @param {number} x */
function isInfinite(x) {
  return x === Infinity || x === -Infinity;
}
