// Reads and checks the JSON that vitexplain.figures.explorer writes.

/** @import { AttentionMap, Data, Matrix, TourStep } from "./types.js" */

const VERSION = 1;

/** What is wrong with the data, in words for the reader. */
export class DataError extends Error {}

/**
 * @param {string} url
 * @param {AbortSignal} signal
 * @returns {Promise<Data>}
 */
export async function load(url, signal) {
  const response = await fetch(url, { signal });
  if (!response.ok) throw new DataError(`its data could not be read (${response.status})`);
  let json;
  try {
    json = await response.json();
  } catch {
    throw new DataError("its data is no JSON");
  }
  return read(json);
}

/**
 * @param {any} json
 * @returns {Data}
 */
export function read(json) {
  check(json !== null && typeof json === "object", "its data is no object");
  check(json.version === VERSION, `its data is of version ${json.version}, not ${VERSION}`);
  check(Array.isArray(json.tokens) && json.tokens.length > 0, "it has no tokens");
  for (const token of json.tokens) {
    check(typeof token?.label === "string" && typeof token.short === "string", "a token has no label");
  }
  const count = json.tokens.length;
  const grid = json.grid ?? null;
  if (grid !== null) {
    check(Array.isArray(grid) && grid.length === 2 && grid.every(isCount), "its grid is not two numbers");
    check(grid[0] * grid[1] <= count, `its grid has ${grid[0] * grid[1]} patches but ${count} tokens`);
    check(typeof json.image === "string", "it has a grid but no image");
    check(json.image.startsWith("data:image/"), "its image is no data URI");
  }
  check(Array.isArray(json.maps) && json.maps.length > 0, "it has no attention maps");
  const maps = json.maps.map((/** @type {any} */ map, /** @type {number} */ i) => readMap(map, i, count));
  const index = (/** @type {any} */ x, /** @type {number} */ size) => isCount(x + 1) && x < size;
  check(index(json.query, count), `its first query, ${json.query}, is not one of its ${count} tokens`);
  check(index(json.map ?? 0, maps.length), `its first map, ${json.map}, is not one of its ${maps.length}`);
  const tour = (json.tour ?? []).map((/** @type {any} */ step, /** @type {number} */ i) => {
    const tokens = [...(step.highlight ?? []), ...(step.choices ?? []), step.query ?? 0];
    check(tokens.every((token) => index(token, count)), `step ${i + 1} of its tour names a token it has not`);
    check(index(step.map ?? 0, maps.length), `step ${i + 1} of its tour names a map it has not`);
    return readStep(step);
  });
  const rounds = json.rounds ?? [];
  check(rounds.every((/** @type {any} */ token) => index(token, count)), "its rounds name a token it has not");
  return {
    title: String(json.title ?? ""),
    tokens: json.tokens,
    grid,
    image: json.image ?? null,
    maps,
    query: json.query,
    map: json.map ?? 0,
    tour,
    rounds,
    url: json.url === true,
    compact: json.compact === true,
  };
}

/**
 * @param {any} map
 * @param {number} i
 * @param {number} count
 * @returns {AttentionMap}
 */
function readMap(map, i, count) {
  const where = `maps[${i}]`;
  check(typeof map?.name === "string", `${where} has no name`);
  const vectors = (/** @type {string} */ field) => matrix(map[field], count, null, `${where}.${field}`);
  const square = (/** @type {string} */ field) => matrix(map[field], count, count, `${where}.${field}`);
  const list = (/** @type {string} */ field) => {
    const row = matrix([map[field]], 1, count, `${where}.${field}`);
    return Array.from(row.values);
  };
  const [query, key, value] = [vectors("query"), vectors("key"), vectors("value")];
  check(query.cols === key.cols, `${where}: query and key differ in length`);
  check(map.dims?.length === query.cols, `${where}.dims does not name ${query.cols} columns`);
  check(map.value_dims?.length === value.cols, `${where}.value_dims does not name ${value.cols} columns`);
  check(map.divisor > 0, `${where}.divisor is not positive`);
  return {
    name: map.name,
    note: String(map.note ?? ""),
    dims: map.dims,
    valueDims: map.value_dims,
    divisor: map.divisor,
    query,
    key,
    value,
    scores: square("scores"),
    scaled: square("scaled"),
    weights: square("weights"),
    output: matrix(map.output, count, value.cols, `${where}.output`),
    peaks: list("peaks"),
    exps: square("exps"),
    totals: list("totals"),
  };
}

/**
 * @param {any} step
 * @returns {TourStep}
 */
function readStep(step) {
  return {
    title: String(step.title ?? ""),
    text: String(step.text ?? ""),
    ask: String(step.ask ?? ""),
    answer: String(step.answer ?? ""),
    query: step.query ?? null,
    map: step.map ?? null,
    view: step.view === "matrix" ? "matrix" : "picture",
    highlight: step.highlight ?? [],
    choices: step.choices ?? [],
  };
}

/**
 * @param {any} rows nested lists of numbers
 * @param {number} count how many rows there must be
 * @param {number | null} width how many columns; null takes the first row's
 * @param {string} where
 * @returns {Matrix}
 */
function matrix(rows, count, width, where) {
  check(Array.isArray(rows) && rows.length === count, `${where} has ${rows?.length} rows, not ${count}`);
  const cols = width ?? rows[0]?.length;
  check(isCount(cols), `${where} has no columns`);
  const values = new Float64Array(count * cols);
  rows.forEach((/** @type {any} */ row, /** @type {number} */ i) => {
    check(Array.isArray(row) && row.length === cols, `${where}[${i}] has ${row?.length} numbers, not ${cols}`);
    check(row.every(Number.isFinite), `${where}[${i}] holds something that is no number`);
    values.set(row, i * cols);
  });
  return { rows: count, cols, values };
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
 * @param {Float64Array} weights
 * @param {number} [count]
 */
export function strongest(weights, count = weights.length) {
  const order = Array.from(weights.keys()).sort((a, b) => weights[b] - weights[a] || a - b);
  return order.slice(0, count);
}

/**
 * The strongest that deserve an arrow: none whose weight would read as zero beside it.
 * @param {Float64Array} weights
 * @param {number} count
 * @param {number} decimals
 */
export function pointed(weights, count, decimals) {
  return strongest(weights, count).filter((j) => weights[j] >= 0.5 * 10 ** -decimals);
}

/** @param {any} x */
function isCount(x) {
  return Number.isInteger(x) && x > 0;
}

/**
 * @param {any} condition
 * @param {string} message
 * @returns {asserts condition}
 */
function check(condition, message) {
  if (!condition) throw new DataError(message);
}
