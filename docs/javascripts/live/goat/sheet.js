// What the reader may do to the words: each function takes a sheet and gives another.

import { strings } from "../../strings/goat.js";
import { Problem } from "../files.js";

/** @import { Config } from "../widget.js" */

/** A place on the plane. @typedef {readonly [number, number]} Place */
/** A word; its id stays when it is renamed or moved. @typedef {Readonly<{id: number, word: string, at: Place}>} Word */
/** A 2 × 2 matrix, row by row. @typedef {readonly [number, number, number, number]} Square */
/** @typedef {"q" | "k" | "v"} Role */

/**
 * All that the reader can change.
 * @typedef {Readonly<{words: readonly Word[], scaling: boolean, causal: boolean, temperature: number,
 *   matrices: Readonly<Record<Role, Square>>}>} Sheet
 */

/** The first is shown first. @typedef {{name: string, words: string[], embeddings: Array<[number, number]>, query: number}} Sentence */

/**
 * What Python gives; the first matrices are in use at first.
 * @typedef {Config & {axes: [string, string], sentences: Sentence[], matrices: Array<{name: string} & Record<Role, number[][]>>}} GoatConfig
 */

export const LIMIT = 100; // of a number, either way
export const MOST_WORDS = 12;
export const LONGEST = 24; // letters of a word
export const TEMPERATURES = /** @type {const} */ ([0.1, 10]);
export const ROLES = /** @type {Role[]} */ (["q", "k", "v"]);
export const IDENTITY = /** @type {Square} */ ([1, 0, 0, 1]);
const DECIMALS = 1e6; // what a link keeps of a number
const HOME = 0.6; // how far from the origin a new word is put, and how much farther the next
const TURN = 2.4; // radians between them: the golden angle, so that they keep apart

let made = 0;

/** @param {string} word @param {Place} at @returns {Word} */
export function newWord(word, at) {
  made += 1;
  return { id: made, word, at };
}

/** The first example, as it is at first. @param {GoatConfig} config @returns {Sheet} */
export function begin(config) {
  return { words: wordsOf(config.sentences[0]), scaling: true, causal: false, temperature: 1, matrices: matricesOf(config.matrices[0]) };
}

/** @param {Pick<Sentence, "words" | "embeddings">} sentence */
export function wordsOf({ words, embeddings }) {
  return words.map((word, i) => newWord(word, embeddings[i]));
}

/** @param {Record<Role, number[][]>} given @returns {Record<Role, Square>} */
export function matricesOf({ q, k, v }) {
  const flat = (/** @type {number[][]} */ rows) => /** @type {Square} */ (/** @type {unknown} */ (rows.flat()));
  return { q: flat(q), k: flat(k), v: flat(v) };
}

/** Six decimals, and no −0. @param {number} x */
export function tidy(x) {
  return Math.round(Math.max(-LIMIT, Math.min(LIMIT, x)) * DECIMALS) / DECIMALS + 0;
}

/** @param {Sheet} sheet @param {number} id */
export function find(sheet, id) {
  return sheet.words.findIndex((word) => word.id === id);
}

/** @param {Sheet} sheet @param {number} id @param {Place} at @returns {Sheet} */
export function move(sheet, id, at) {
  return { ...sheet, words: sheet.words.map((one) => (one.id === id ? { ...one, at: [tidy(at[0]), tidy(at[1])] } : one)) };
}

/** @param {Sheet} sheet @param {number} id @param {string} text @returns {Sheet} */
export function rename(sheet, id, text) {
  const word = checked(text);
  return { ...sheet, words: sheet.words.map((one) => (one.id === id ? { ...one, word } : one)) };
}

/** @param {Sheet} sheet @param {string} word @returns {Sheet} */
export function add(sheet, word) {
  return { ...sheet, words: counted([...sheet.words, newWord(checked(word), room(sheet.words))]) };
}

/** @param {Sheet} sheet @param {number} id @returns {Sheet} */
export function remove(sheet, id) {
  return { ...sheet, words: counted(sheet.words.filter((one) => one.id !== id)) };
}

/** Puts a word one place earlier. @param {Sheet} sheet @param {number} id @returns {Sheet} */
export function earlier(sheet, id) {
  const i = find(sheet, id);
  if (i < 1) return sheet;
  const words = [...sheet.words];
  words.splice(i - 1, 0, ...words.splice(i, 1));
  return { ...sheet, words };
}

/** A sentence as one types it: a space that belongs to a word does not break. @param {readonly Word[]} words */
export function written(words) {
  return words.map(({ word }) => word.replaceAll(" ", "\u00a0")).join(" ");
}

/**
 * The words of a typed sentence. Those that were there keep their places, each once, in order;
 * others begin near the origin.
 * @param {Sheet} sheet
 * @param {string} text
 * @returns {Sheet}
 */
export function retype(sheet, text) {
  const typed = text.split(/[ \t\r\n]+/).filter(Boolean);
  const words = typed.flatMap((one) => /^(.+?)([,.;:!?])$/u.exec(one)?.slice(1) ?? [one]).map(checked);
  const left = [...sheet.words];
  /** @type {Word[]} */
  const next = [];
  for (const word of words) {
    const same = left.findIndex((one) => one.word === word);
    next.push(same < 0 ? newWord(word, room([...sheet.words, ...next])) : left.splice(same, 1)[0]);
  }
  return { ...sheet, words: counted(next) };
}

/** What each word is called: told apart by its place where there are several. @param {readonly Word[]} words */
export function labelsOf(words) {
  const times = (/** @type {string} */ word) => words.filter((one) => one.word === word).length;
  return words.map(({ word }, i) => (times(word) > 1 ? strings.numbered(word, i + 1) : word));
}

/** A free place near the origin. @param {readonly Word[]} words @returns {Place} */
function room(words) {
  for (let i = 0; ; i++) {
    const [far, angle] = [HOME * (1 + i / 3), Math.PI / 4 + i * TURN];
    const at = /** @type {const} */ ([tenth(far * Math.cos(angle)), tenth(far * Math.sin(angle))]);
    if (!words.some((one) => Math.hypot(one.at[0] - at[0], one.at[1] - at[1]) < HOME / 2)) return at;
  }
}

/** @param {number} x */
function tenth(x) {
  return Math.round(x * 10) / 10 + 0;
}

/** A word that may be in a sentence. @param {string} text */
export function checked(text) {
  const word = text.replaceAll(/\s+/gu, " ").trim();
  if (word === "") throw new Problem(strings.problem.noWord);
  if ([...word].length > LONGEST) throw new Problem(strings.problem.tooLong(`${[...word].slice(0, LONGEST).join("")}…`, LONGEST));
  return word;
}

/** @template T @param {readonly T[]} words */
export function counted(words) {
  if (words.length === 0) throw new Problem(strings.problem.noWords);
  if (words.length > MOST_WORDS) throw new Problem(strings.problem.tooMany(words.length, MOST_WORDS));
  return words;
}

/** A number as a reader may write it: with a comma, with a real minus. @param {string} text @param {number} [limit] */
export function read(text, limit = LIMIT) {
  const plain = text.trim().replace(/^[−–]/u, "-").replace(",", ".");
  if (plain === "") throw new Problem(strings.problem.noNumber);
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain)) throw new Problem(strings.problem.notNumber(text.trim().slice(0, LONGEST)));
  const x = Number(plain);
  if (!(Math.abs(x) <= limit)) throw new Problem(strings.problem.tooLarge(text.trim().slice(0, LONGEST), limit));
  return tidy(x);
}

/** A number on screen. @param {number} x @param {number} [decimals] at most */
export function show(x, decimals = 4) {
  return String(Number(x.toFixed(decimals)) + 0).replace("-", "−");
}

/** A place in words. @param {string[]} axes @param {Place} at */
export function spoken(axes, at) {
  return strings.place(axes, at.map((x) => show(x)));
}
