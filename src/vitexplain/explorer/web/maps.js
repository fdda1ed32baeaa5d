// Which maps there are: by name, or by layer and head.

import { sides } from "./data.js";

/** @import { AttentionMap, Data, Example, Head, State, Token } from "./types.js" */

/** The layers there are, in order; none where the maps have only names. @param {AttentionMap[]} maps */
export function layersOf(maps) {
  const layers = new Set(maps.flatMap(({ layer }) => (layer === null ? [] : [layer])));
  return [...layers].sort((a, b) => a - b);
}

/**
 * The heads of a layer by number, then their mean and the rollout.
 * @param {AttentionMap[]} maps
 * @param {number | null} layer
 * @returns {Head[]}
 */
export function headsOf(maps, layer) {
  const heads = new Set(maps.flatMap((map) => (map.layer !== layer || map.head === null ? [] : [map.head])));
  const last = { mean: 1, rollout: 2 };
  const place = (/** @type {Head} */ head) => (typeof head === "number" ? [0, head] : [last[head], 0]);
  return [...heads].sort((a, b) => place(a)[0] - place(b)[0] || place(a)[1] - place(b)[1]);
}

/** The part of a state that a map's layer and head are. @param {AttentionMap} map */
export function named({ layer, head }) {
  return { layer, head };
}

/**
 * The map that part of a state asks for: by its layer and head, or by its number, whichever is
 * another than now; what there is not gives the nearest there is.
 * @param {AttentionMap[]} maps
 * @param {Partial<State>} patch
 * @param {State} now
 */
export function mapAt(maps, patch, now) {
  const asked = (/** @type {"layer" | "head"} */ part) => patch[part] !== undefined && patch[part] !== null && patch[part] !== now[part];
  const layers = layersOf(maps);
  if (layers.length && (asked("layer") || asked("head"))) return find(maps, layers, patch, now);
  if (typeof patch.map !== "number" || !Number.isInteger(patch.map)) return now.map;
  return Math.max(0, Math.min(patch.map, maps.length - 1));
}

/**
 * The tokens that are shown with a map, from `start` to `end`, those of its grid from `before` on.
 * @param {Example} example @param {AttentionMap} map
 */
export function boardOf({ tokens, grid }, map) {
  const { queries, keys } = sides(map);
  const ends = map.grid ? [Math.min(queries[0], keys[0]), Math.max(queries[1], keys[1]) + 1] : [0, tokens.length];
  const [start, end] = ends;
  const own = map.grid ?? grid;
  return { start, end, grid: own, before: own ? end - own[0] * own[1] : end };
}

/**
 * The token that asks in a map where another does elsewhere: itself, the patch in its place, or the first.
 * @param {Example} example @param {AttentionMap} map @param {number} query @param {ReturnType<typeof boardOf>} from
 */
export function samePlace(example, map, query, from) {
  const [first, last] = sides(map).queries;
  const { grid, before } = boardOf(example, map);
  let found = query;
  if ((query < first || query > last) && grid && from.grid && query >= from.before) {
    const [i, [rows, cols]] = [query - from.before, from.grid];
    const [r, c] = [(Math.floor(i / cols) + 0.5) / rows, ((i % cols) + 0.5) / cols];
    found = before + Math.floor(r * grid[0]) * grid[1] + Math.floor(c * grid[1]);
  }
  return found < first || found > last ? first : found;
}

/** The map of that number, or another of its layer in which the token asks. @param {AttentionMap[]} maps @param {number} number @param {unknown} query */
export function mapOf(maps, number, query) {
  const { layer } = maps[number];
  const asks = (/** @type {AttentionMap} */ map) => {
    const [first, last] = sides(map).queries;
    return typeof query !== "number" || (query >= first && query <= last);
  };
  const others = asks(maps[number]) ? -1 : maps.findIndex((map) => layer !== null && map.layer === layer && asks(map));
  return others < 0 ? number : others;
}

/**
 * @param {AttentionMap[]} maps
 * @param {number[]} layers
 * @param {Partial<State>} patch
 * @param {State} now
 */
function find(maps, layers, patch, now) {
  const layer = nearest(layers, patch.layer) ?? nearest(layers, now.layer) ?? layers[0];
  const heads = headsOf(maps, layer);
  const wanted = patch.head ?? now.head;
  const numbers = heads.filter((head) => typeof head === "number");
  const head = [wanted, nearest(numbers, wanted), now.head, heads[0]].find((one) => one !== null && heads.includes(one));
  return maps.findIndex((map) => map.layer === layer && map.head === head);
}

/** The number nearest to another; null where that is none. @param {number[]} numbers @param {unknown} x */
function nearest(numbers, x) {
  if (typeof x !== "number" || Number.isNaN(x) || numbers.length === 0) return null;
  return numbers.reduce((best, one) => (Math.abs(one - x) < Math.abs(best - x) ? one : best));
}

/** Whether two data have the same maps in the same examples, whatever their numbers. @param {Data} a @param {Data} b */
export function sameMaps(a, b) {
  const [one, other] = [a.examples, b.examples];
  const maps = one[0].maps;
  const same = (/** @type {AttentionMap} */ map, /** @type {number} */ i) => {
    const twin = other[0].maps[i];
    return map.name === twin.name && map.layer === twin.layer && map.head === twin.head;
  };
  const names = one.length === other.length && one.every(({ name }, i) => name === other[i].name);
  return names && maps.length === other[0].maps.length && maps.every(same);
}

/**
 * Whether two pictures or sentences have the same tokens in the same places.
 * @param {Example} a
 * @param {Example} b
 */
export function sameTokens(a, b) {
  return String(a.grid) === String(b.grid) && (a.image === null) === (b.image === null) && sameLabels(a.tokens, b.tokens);
}

/** @param {Token[]} a @param {Token[]} b */
export function sameLabels(a, b) {
  if (a === b) return true;
  return a.length === b.length && a.every(({ label, short }, i) => label === b[i].label && short === b[i].short);
}
