// Reads and checks the JSON that vitexplain.explorer writes, and looks numbers up in it.

import { allAre, decoded, matrixOf, meanOf, plainRow } from "./arrays.js";
import { check, DataError, isIndex, isList, isObject, isWhole, listOf } from "./check.js";
import { strings } from "./strings/explorer.js";
import { readTour } from "./tour.js";

/** @import { AttentionMap, Data, Example, Matrix } from "./types.js" */

export { DataError };

const VERSION = 2;
const BINARY = ["f4", "u1", "tops"];
const MEAN = "mean";
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
  return read(json, url);
}

/**
 * Reads data that the page itself holds: JSON, and after a zero the bytes that it speaks of by
 * their places; deflated, in base64.
 * @param {string} text
 */
export async function unpacked(text) {
  const stream = new Blob([decoded(text.trim())]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const end = bytes.indexOf(0);
  const json = new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  const part = (/** @type {[number, number]} */ [from, to]) => bytes.slice(end + 1 + from, end + 1 + to);
  return read(JSON.parse(json, (key, value) => (BINARY.includes(key) && Array.isArray(value) ? part(/** @type {any} */ (value)) : value)));
}

/**
 * @param {any} json
 * @param {string} [base] where it is from: its pictures may be beside it
 * @returns {Data}
 */
export function read(json, base = "") {
  check(isObject(json), say.noObject);
  check(json.version === VERSION, say.version(json.version, VERSION));
  const metas = readMaps(json.maps);
  check(isList(json.examples), say.none("examples"));
  const examples = json.examples.map((/** @type {any} */ one, /** @type {number} */ i) =>
    readExample(one, `examples[${i}]`, metas, base),
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
 * @param {string} base
 * @returns {Example}
 */
function readExample(one, where, metas, base) {
  check(isObject(one), say.notOf(where));
  check(isList(one.tokens), say.none(`${where}.tokens`));
  for (const token of one.tokens) {
    check(typeof token?.label === "string" && typeof token.short === "string", say.noLabel(where));
  }
  const count = one.tokens.length;
  const { grid = null, image: given = null } = one;
  if (grid !== null) {
    checkGrid(grid, where, count);
    check(typeof given === "string", say.noImage(where));
  }
  const image = given === null ? null : addressOf(String(given), base);
  check(image !== "", say.notOf(`${where}.image`));
  check(Array.isArray(one.arrays) && one.arrays.length === metas.length, say.lengths(`${where}.arrays`, one.arrays?.length, metas.length));
  const maps = metas.map((meta, i) => ({ ...meta, ...readArrays(one.arrays[i], `${where}.arrays[${i}]`, count, meta) }));
  const heads = (/** @type {number | null} */ of) =>
    maps.flatMap(({ layer, head, weights }) => (layer === of && typeof head === "number" && weights ? [weights] : []));
  const whole = maps.map(({ weights, ...map }, i) => {
    const mean = weights ?? meanOf(heads(map.layer));
    check(mean !== null, say.none(`${where}.arrays[${i}].weights`));
    return { ...map, weights: mean };
  });
  return { name: String(one.name ?? ""), tokens: one.tokens, grid, image, maps: whole };
}

/** @param {any} grid @param {string} where @param {number} count of tokens */
function checkGrid(grid, where, count) {
  check(isList(grid) && grid.length === 2 && grid.every((/** @type {any} */ n) => isWhole(n) && n > 0), say.notOf(`${where}.grid`));
  check(grid[0] * grid[1] <= count, say.patches(grid[0] * grid[1], count));
}

/**
 * A picture's address: it is in the data, or in the page, which names it by its id, or a file
 * beside the data; empty for any other.
 * @param {string} image @param {string} base
 */
function addressOf(image, base) {
  if (/^(data:image\/|blob:)/.test(image)) return image;
  const there = image.startsWith("#") ? document.getElementById(image.slice(1)) : null;
  if (there) return there.getAttribute("src") ?? there.getAttribute("href") ?? "";
  return base === "" || /^([\w+.-]+:|[/#])/.test(image) ? "" : new URL(image, base).href;
}

/**
 * @param {any} arrays
 * @param {string} where
 * @param {number} count of tokens
 * @param {ReturnType<typeof readMaps>[number]} meta
 */
function readArrays(arrays, where, count, meta) {
  check(isObject(arrays), say.notOf(where));
  const [queries, keys] = ["queries", "keys"].map((side) => readPart(arrays[side], `${where}.${side}`, count));
  const pairs = (/** @type {string} */ field, holes = true) => {
    const found = get(arrays, field, where, { rows: queries[1] - queries[0], cols: keys[1] - keys[0], holes });
    return found && placed(found, queries, keys, count);
  };
  const vectors = (/** @type {string} */ field, /** @type {string[]} */ dims, part = queries) => {
    const found = get(arrays, field, where, { rows: part[1] - part[0], cols: dims.length || null, holes: false });
    return found && Object.assign(found, part[0] && { top: part[0] });
  };
  const weights = arrays.weights === MEAN ? null : pairs("weights", false);
  check(weights !== null || arrays.weights === MEAN, say.none(`${where}.weights`));
  check(!weights || weights.row || allAre(weights, (x) => x >= 0), say.noWeights(`${where}.weights`));
  const { grid = null } = arrays;
  if (grid !== null) checkGrid(grid, where, keys[1] - keys[0]);
  const made = {
    weights,
    grid,
    query: vectors("query", meta.dims),
    key: vectors("key", meta.dims, keys),
    value: vectors("value", meta.valueDims, keys),
    scores: pairs("scores"),
    scaled: pairs("scaled"),
    output: vectors("output", meta.valueDims),
    bias: pairs("bias"),
    masked: arrays.masked === true,
  };
  check(!made.query === !made.key, say.together(where, "query", "key"));
  check(!made.query || meta.dims.length > 0, say.none("dims"));
  check(!(made.value || made.output) || meta.valueDims.length > 0, say.none("value_dims"));
  return made;
}

/** Which of the tokens ask or are asked: the first, and one past the last. @param {any} part @param {string} where @param {number} count */
function readPart(part, where, count) {
  const [from, to] = part ?? [0, count];
  check(isWhole(from) && isWhole(to) && from < to && to <= count, say.notOf(where));
  return [from, to];
}

/** Says where a matrix stands among the pairs of all tokens. @param {Matrix} matrix @param {number[]} queries @param {number[]} keys @param {number} count */
function placed(matrix, [top], [left, right], count) {
  if (top) matrix.top = top;
  return right - left === count ? matrix : Object.assign(matrix, { left, wide: count });
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
 * The row of a token: of weights and scores a number a token, which is none where that is no key.
 * @param {Matrix} matrix
 * @param {number} i
 */
export function row(matrix, i) {
  const { top = 0, left = 0, wide } = matrix;
  const own = plainRow(matrix, i - top);
  if (wide === undefined) return own;
  const all = new Float64Array(wide).fill(NaN);
  all.set(own, left);
  return all;
}

/**
 * @param {Matrix} matrix
 * @param {number} i
 * @param {number} j
 */
export function at({ values, rows, cols, top = 0, left = 0 }, i, j) {
  const inside = i >= top && i < top + rows && j >= left && j < left + cols;
  return inside ? values[(i - top) * cols + j - left] : NaN;
}

/** The first and the last token that asks, or that is asked. @param {AttentionMap} map */
export function sides({ weights: { rows, cols, top = 0, left = 0 } }) {
  return { queries: [top, top + rows - 1], keys: [left, left + cols - 1] };
}

/**
 * The tokens of a row from the largest weight to the smallest.
 * @param {Float32Array | Float64Array} weights
 * @param {number} [count]
 */
export function strongest(weights, count = weights.length) {
  const order = Array.from(weights.keys()).filter((j) => !Number.isNaN(weights[j])).sort((a, b) => weights[b] - weights[a] || a - b);
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
