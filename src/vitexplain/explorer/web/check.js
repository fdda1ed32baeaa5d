// What data have to be, and what is said where they are not.

import { strings } from "./strings/explorer.js";

/** What is wrong with the data, in words for the reader. */
export class DataError extends Error {}

/** @param {any} x @returns {x is Record<string, any>} */
export function isObject(x) {
  return x !== null && typeof x === "object";
}

/** @param {any} x */
export function isList(x) {
  return Array.isArray(x) && x.length > 0;
}

/** @param {any} list @param {string} where @returns {any[]} */
export function listOf(list, where) {
  check(Array.isArray(list ?? []), strings.data.notOf(where));
  return list ?? [];
}

/** @param {any} x */
export function isWhole(x) {
  return Number.isInteger(x) && x >= 0;
}

/** @param {any} x @param {number} size */
export function isIndex(x, size) {
  return isWhole(x) && x < size;
}

/**
 * @param {any} condition
 * @param {string} message
 * @returns {asserts condition}
 */
export function check(condition, message) {
  if (!condition) throw new DataError(message);
}
