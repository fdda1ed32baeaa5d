// Reads and checks the JSON that vitexplain.explorer writes, and looks numbers up in it.

import { allAre, decoded, matrixOf } from "./arrays.js";
import { check, DataError, isIndex, isList, isObject, isWhole, listOf } from "./check.js";
import { strings } from "./strings/explorer.js";
import { readTour } from "./tour.js";

/** @import { AttentionMap, Data, Example, Matrix } from "./types.js" */

export { DataError };

const VERSION = 2;
const say = strings.data;

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

/** Reads data that the page itself holds: JSON, deflated, in base64. @param {string} text */
export async function unpacked(text) {
  const stream = new Blob([decoded(text.trim())]).stream().pipeThrough(new DecompressionStream("deflate"));
  return read(await new Response(stream).json());
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
