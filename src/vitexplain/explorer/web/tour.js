// Reads and checks the guided tour of the explorer's JSON.

import { check, isIndex, isObject, listOf } from "./check.js";
import { strings } from "./strings/explorer.js";

/** @import { Example, TourStep } from "./types.js" */

const say = strings.data;

/**
 * The tour. What a step that shows something does not name is as the steps before left it,
 * wherever the reader went meanwhile: its words are about that.
 * @param {any[]} steps
 * @param {Example[]} examples
 * @param {number} maps
 * @param {number} map the first
 */
export function readTour(steps, examples, maps, map) {
  let example = 0;
  return steps.map((given, i) => {
    const where = `tour[${i}]`;
    check(isObject(given), say.notOf(where));
    check(isIndex(given.example ?? 0, examples.length), say.notOne(`${where}.example`, given.example, examples.length));
    check(isIndex(given.map ?? 0, maps), say.notOne(`${where}.map`, given.map, maps));
    example = given.example ?? example;
    map = given.map ?? map;
    const step = readStep(given, where, examples[example].tokens.length);
    return step.query === null && step.ask === "" ? step : { ...step, example, map };
  });
}

/**
 * @param {any} step
 * @param {string} where
 * @param {number} tokens
 * @returns {TourStep}
 */
function readStep(step, where, tokens) {
  const query = step.query ?? null;
  const [highlight, choices] = [listOf(step.highlight, `${where}.highlight`), listOf(step.choices, `${where}.choices`)];
  for (const token of [...highlight, ...choices, query ?? 0]) check(isIndex(token, tokens), say.notOne(where, token, tokens));
  return {
    title: String(step.title ?? ""),
    text: String(step.text ?? ""),
    ask: String(step.ask ?? ""),
    answer: String(step.answer ?? ""),
    example: step.example ?? null,
    query,
    map: step.map ?? null,
    view: step.view === "matrix" ? "matrix" : "picture",
    highlight,
    choices,
  };
}
