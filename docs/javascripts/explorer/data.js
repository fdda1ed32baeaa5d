// Reads and checks the JSON that vitexplain.figures.explorer writes, and looks numbers up in it.

import { matrixOf, allAre } from "./arrays.js";
import { strings } from "../strings/explorer.js";

/** @import { AttentionMap, Data, Example, Matrix, TourStep } from "./types.js" */

const VERSION = 2;
const say = strings.data;

/** What is wrong with the data, in words for the reader. */
export class DataError extends Error {}

/**
 * @param {string} url
 * @param {AbortSignal} signal
 * @returns {Promise<Data>}
 */
export async function load(url, signal) {
  const response = await fetch(url, { signal });
  if (!response.ok) throw new DataError(say.status(response.status));
  let json;
  try {
    json = await response.json();
  } catch (error) {
    if (signal.aborted) throw error;
    throw new DataError(say.noJson);
  }
  return read(json);
}

/**
 * @param {any} json
 * @returns {Data}
 */
export function read(json) {
  check(isObject(json), say.noObject);
  check(json.version === VERSION, say.version(json.version, VERSION));
  const metas = readMaps(json.maps);
  check(isList(json.examples), say.none("examples"));
  const examples = json.examples.map((/** @type {any} */ one, /** @type {number} */ i) =>
    readExample(one, `examples[${i}]`, metas),
  );
  const maps = metas.length;
  const [first] = examples;
  check(isIndex(json.query, first.tokens.length), say.notOne("query", json.query, first.tokens.length));
  check(isIndex(json.map ?? 0, maps), say.notOne("map", json.map, maps));
  const tour = readTour(listOf(json.tour, "tour"), examples, maps, json.map ?? 0);
  const rounds = listOf(json.rounds, "rounds");
  rounds.forEach((token, i) => check(isIndex(token, first.tokens.length), say.notOne(`rounds[${i}]`, token, first.tokens.length)));
  return {
    title: String(json.title ?? ""),
    examples,
    query: json.query,
    map: json.map ?? 0,
    tour,
    rounds,
    url: json.url === true,
    compact: json.compact === true,
  };
}

/**
 * What is said of the maps once, for all examples.
 * @param {any} maps
 * @returns {Array<Pick<AttentionMap, "name" | "note" | "layer" | "head" | "dims" | "valueDims" | "divisor">>}
 */
function readMaps(maps) {
  check(isList(maps), say.none("maps"));
  /** @type {ReturnType<typeof readMaps>} */
  const made = maps.map((/** @type {any} */ map, /** @type {number} */ i) => {
    const where = `maps[${i}]`;
    check(typeof map?.name === "string", say.noName(where));
    const { layer = null, head = null, divisor = null } = map;
    check(layer === null || isWhole(layer), say.notOf(`${where}.layer`));
    check(head === null || head === "mean" || head === "rollout" || isWhole(head), say.notOf(`${where}.head`));
    check((layer === null) === (head === null), say.halfNamed(where));
    check(divisor === null || (Number.isFinite(divisor) && divisor > 0), say.notOf(`${where}.divisor`));
    const [dims, valueDims] = [map.dims ?? [], map.value_dims ?? []];
    for (const [name, list] of [["dims", dims], ["value_dims", valueDims]]) {
      check(Array.isArray(list) && list.every((one) => typeof one === "string"), say.notOf(`${where}.${name}`));
    }
    return { name: map.name, note: String(map.note ?? ""), layer, head, dims, valueDims, divisor };
  });
  const layered = made.filter(({ layer }) => layer !== null);
  check(layered.length === 0 || layered.length === made.length, say.someLayers);
  const places = layered.map(({ layer, head }) => `${layer} ${head}`);
  check(new Set(places).size === places.length, say.sameLayers);
  return made;
}

/**
 * @param {any} one
 * @param {string} where
 * @param {ReturnType<typeof readMaps>} metas
 * @returns {Example}
 */
function readExample(one, where, metas) {
  check(isObject(one), say.notOf(where));
  check(isList(one.tokens), say.none(`${where}.tokens`));
  for (const token of one.tokens) {
    check(typeof token?.label === "string" && typeof token.short === "string", say.noLabel(where));
  }
  const count = one.tokens.length;
  const { grid = null, image = null } = one;
  if (grid !== null) {
    check(Array.isArray(grid) && grid.length === 2 && grid.every((n) => isWhole(n) && n > 0), say.notOf(`${where}.grid`));
    check(grid[0] * grid[1] <= count, say.patches(grid[0] * grid[1], count));
    check(typeof image === "string", say.noImage(where));
  }
  check(image === null || (typeof image === "string" && /^(data:image\/|blob:)/.test(image)), say.notOf(`${where}.image`));
  check(Array.isArray(one.arrays) && one.arrays.length === metas.length, say.lengths(`${where}.arrays`, one.arrays?.length, metas.length));
  return {
    name: String(one.name ?? ""),
    tokens: one.tokens,
    grid,
    image,
    maps: metas.map((meta, i) => ({ ...meta, ...readArrays(one.arrays[i], `${where}.arrays[${i}]`, count, meta) })),
  };
}

/**
 * @param {any} arrays
 * @param {string} where
 * @param {number} count of tokens
 * @param {ReturnType<typeof readMaps>[number]} meta
 */
function readArrays(arrays, where, count, meta) {
  check(isObject(arrays), say.notOf(where));
  const square = (/** @type {string} */ field, holes = true) =>
    get(arrays, field, where, { rows: count, cols: count, holes });
  const vectors = (/** @type {string} */ field, /** @type {string[]} */ dims) =>
    get(arrays, field, where, { rows: count, cols: dims.length || null, holes: false });
  const weights = square("weights", false);
  check(weights !== null, say.none(`${where}.weights`));
  check(allAre(weights, (x) => x >= 0), say.noWeights(`${where}.weights`));
  const made = {
    weights,
    query: vectors("query", meta.dims),
    key: vectors("key", meta.dims),
    value: vectors("value", meta.valueDims),
    scores: square("scores"),
    scaled: square("scaled"),
    output: vectors("output", meta.valueDims),
    bias: square("bias"),
    masked: arrays.masked === true,
  };
  check(!made.query === !made.key, say.together(where, "query", "key"));
  check(!made.query || meta.dims.length > 0, say.none("dims"));
  check(!(made.value || made.output) || meta.valueDims.length > 0, say.none("value_dims"));
  return made;
}

/**
 * @param {any} arrays
 * @param {string} field
 * @param {string} where
 * @param {{rows: number, cols: number | null, holes: boolean}} size
 */
function get(arrays, field, where, size) {
  const given = arrays[field] ?? null;
  if (given === null) return null;
  try {
    return matrixOf(given, size);
  } catch (error) {
    throw new DataError(`${where}.${field}: ${/** @type {Error} */ (error).message}`);
  }
}

/**
 * The tour. What a step that shows something does not name is as the steps before left it,
 * wherever the reader went meanwhile: its words are about that.
 * @param {any[]} steps
 * @param {Example[]} examples
 * @param {number} maps
 * @param {number} map the first
 */
function readTour(steps, examples, maps, map) {
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

/**
 * @param {Matrix} matrix
 * @param {number} i
 */
export function row(matrix, i) {
  return matrix.values.subarray(i * matrix.cols, (i + 1) * matrix.cols);
}

/**
 * @param {Matrix} matrix
 * @param {number} i
 * @param {number} j
 */
export function at(matrix, i, j) {
  return matrix.values[i * matrix.cols + j];
}

/**
 * The tokens of a row from the largest weight to the smallest.
 * @param {Float32Array | Float64Array} weights
 * @param {number} [count]
 */
export function strongest(weights, count = weights.length) {
  const order = Array.from(weights.keys()).sort((a, b) => weights[b] - weights[a] || a - b);
  return order.slice(0, count);
}

/**
 * The strongest that deserve an arrow: none whose weight would read as zero beside it.
 * @param {Float32Array | Float64Array} weights
 * @param {number} count
 * @param {number} decimals
 */
export function pointed(weights, count, decimals) {
  return strongest(weights, count).filter((j) => weights[j] >= 0.5 * 10 ** -decimals);
}

/** @param {any} x @returns {x is Record<string, any>} */
function isObject(x) {
  return x !== null && typeof x === "object";
}

/** @param {any} x */
function isList(x) {
  return Array.isArray(x) && x.length > 0;
}

/** @param {any} list @param {string} where @returns {any[]} */
function listOf(list, where) {
  check(Array.isArray(list ?? []), say.notOf(where));
  return list ?? [];
}

/** @param {any} x */
function isWhole(x) {
  return Number.isInteger(x) && x >= 0;
}

/** @param {any} x @param {number} size */
function isIndex(x, size) {
  return isWhole(x) && x < size;
}

/**
 * @param {any} condition
 * @param {string} message
 * @returns {asserts condition}
 */
function check(condition, message) {
  if (!condition) throw new DataError(message);
}
