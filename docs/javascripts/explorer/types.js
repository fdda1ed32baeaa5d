/**
 * Numbers by row, as one flat array: a row is a view, never a copy.
 * @typedef {{rows: number, cols: number, values: Float64Array}} Matrix
 */

/**
 * One attention map: every quantity of one head's attention, and the parts of its softmax.
 * @typedef {object} AttentionMap
 * @property {string} name
 * @property {string} note
 * @property {string[]} dims        names of the columns of query and key
 * @property {string[]} valueDims   names of the columns of value and output
 * @property {number} divisor       √d
 * @property {Matrix} query
 * @property {Matrix} key
 * @property {Matrix} value
 * @property {Matrix} scores
 * @property {Matrix} scaled
 * @property {Matrix} weights
 * @property {Matrix} output
 * @property {number[]} peaks       largest scaled score of each row
 * @property {Matrix} exps          e^(scaled - peak)
 * @property {number[]} totals      sum of each row of exps
 */

/**
 * @typedef {object} TourStep
 * @property {string} title
 * @property {string} text
 * @property {string} ask
 * @property {string} answer
 * @property {number | null} query
 * @property {number | null} map
 * @property {"picture" | "matrix"} view
 * @property {number[]} highlight
 * @property {number[]} choices
 */

/** @typedef {{label: string, short: string}} Token */

/**
 * @typedef {object} Data
 * @property {string} title
 * @property {Token[]} tokens
 * @property {[number, number] | null} grid
 * @property {string | null} image
 * @property {AttentionMap[]} maps
 * @property {number} query
 * @property {number} map
 * @property {TourStep[]} tour
 * @property {number[]} rounds      where a small explorer wanders before it is touched
 * @property {boolean} url
 * @property {boolean} compact
 */

/** @typedef {"tutorial" | "steps" | "matrix"} View */

/**
 * What is on screen. `step` counts the tour, `stage` the calculation, both from 0;
 * `arrows` is how many of the strongest weights are drawn.
 * @typedef {object} State
 * @property {View} view
 * @property {number} query
 * @property {number} key
 * @property {number} map
 * @property {number} step
 * @property {number} stage
 * @property {number} arrows
 */

/** A pair the pointer is on, shown for as long as it stays there. @typedef {{query: number, key: number}} Pair */

export {};
