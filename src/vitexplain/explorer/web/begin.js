// What an explorer begins with, and what goes without saying: how many arrows, which key.

import { row, strongest } from "./data.js";
import { named } from "./maps.js";
import { LOOKS } from "./looks.js";

/** @import { Data, State, View } from "./types.js" */

export const MANY = 64; // tokens: from here on only some are listed, and nothing fades
const [MOST, MOST_OF_MANY] = [8, 16]; // arrows
const USUAL = 4; // arrows on a picture
const USUAL_COMPACT = 3;

/** How many arrows an example may have. @param {Data} data @param {number} example */
export function mostArrows({ examples }, example) {
  const { length } = examples[example].tokens;
  return Math.min(length > MANY ? MOST_OF_MANY : MOST, length);
}

/** How many it has unless the reader says so. @param {Data} data @param {number} example */
export function usualArrows(data, example) {
  const few = data.compact ? USUAL_COMPACT : USUAL;
  return Math.min(mostArrows(data, example), data.examples[example].grid ? few : MOST);
}

/** The key with the largest weight. @param {Data} data @param {State} state */
export function topKey({ examples }, { example, map, query }) {
  return strongest(row(examples[example].maps[map].weights, query), 1)[0];
}

/** The state that the data ask for. @param {Data} data @param {View[]} views @returns {State} */
export function begin(data, views) {
  const [{ maps, tokens }] = data.examples;
  const map = Math.min(data.map, maps.length - 1);
  const query = Math.min(data.query, tokens.length - 1);
  const arrows = usualArrows(data, 0);
  const state = { view: views[0], example: 0, ...named(maps[map]), map, query, key: 0, step: 0, stage: 0, arrows, look: LOOKS[0] };
  return { ...state, key: topKey(data, state) };
}
