/**
 * Numbers by row, as one flat array: a row is a view, never a copy. Where its rows or columns are
 * not all the tokens, `top` and `left` say which is the first and `wide` how many tokens there are.
 * @typedef {object} Matrix
 * @property {number} rows
 * @property {number} cols
 * @property {Float32Array | Float64Array} values
 * @property {(i: number) => Float32Array} [row]  where rows are made when they are asked for
 * @property {number} [top]
 * @property {number} [left]
 * @property {number} [wide]
 */

/** A head's number, or what stands for all heads of a layer. @typedef {number | "mean" | "rollout"} Head */

/**
 * One attention map: the weights, and as many quantities of the head's attention as there are.
 * The arrays may be getters that make a view when they are asked.
 * @typedef {object} AttentionMap
 * @property {string} name
 * @property {string} note
 * @property {number | null} layer
 * @property {Head | null} head
 * @property {string[]} dims          names of the columns of query and key
 * @property {string[]} valueDims     names of the columns of value and output
 * @property {number | null} divisor  what scores are divided by: √d
 * @property {Matrix | null} query
 * @property {Matrix | null} key
 * @property {Matrix | null} value
 * @property {Matrix | null} scores   NaN where one was never computed, outside a window
 * @property {Matrix | null} scaled
 * @property {Matrix | null} bias     what the places add to scaled
 * @property {Matrix} weights
 * @property {Matrix | null} output
 * @property {[number, number] | null} [grid]  of its own tokens, where layers have several grids
 * @property {boolean} masked         whether weights of 0 are pairs that a mask or a window leaves out
 */

/** @typedef {{label: string, short: string}} Token */

/**
 * One picture or sentence, with its maps; all examples have the same maps.
 * @typedef {object} Example
 * @property {string} name
 * @property {Token[]} tokens
 * @property {[number, number] | null} grid
 * @property {string | null} image    a data: or blob: address
 * @property {AttentionMap[]} maps
 */

/**
 * @typedef {object} TourStep
 * @property {string} title
 * @property {string} text
 * @property {string} ask
 * @property {string} answer
 * @property {number | null} example
 * @property {number | null} query
 * @property {number | null} map
 * @property {"picture" | "matrix"} view
 * @property {number[]} highlight
 * @property {number[]} choices
 */

/**
 * @typedef {object} Data
 * @property {string} title
 * @property {Example[]} examples
 * @property {number} query
 * @property {number} map
 * @property {TourStep[]} tour
 * @property {number[]} rounds      where a small explorer wanders before it is touched
 * @property {boolean} url
 * @property {boolean} compact
 */

/** @typedef {"tutorial" | "steps" | "matrix"} View */

/**
 * What is on screen. `step` counts the tour, `stage` the calculation, both from 0; `arrows` is
 * how many of the strongest weights are drawn. `layer` and `head` say which map it is where maps
 * have layers, and are null where they have none.
 * @typedef {object} State
 * @property {View} view
 * @property {number} example
 * @property {number | null} layer
 * @property {Head | null} head
 * @property {number} map
 * @property {number} query
 * @property {number} key
 * @property {number} step
 * @property {number} stage
 * @property {number} arrows
 * @property {import("./looks.js").Look} look how a weight is shown on the picture
 */

/** A pair the pointer is on, shown for as long as it stays there. @typedef {{query: number, key: number}} Pair */

export {};
