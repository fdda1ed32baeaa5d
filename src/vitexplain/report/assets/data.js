// What the page holds: decoded once, then rows of weights on request.

/**
 * @typedef {object} Facts What Python wrote, see page.py.
 * @property {[number, number]} grid rows and columns of patches
 * @property {string[]} tokens those before the patches
 * @property {number} layers
 * @property {number} heads
 * @property {string} answerIs
 * @property {number | null} answerToken the token that is the answer, if one is
 * @property {string} kept "heads", "mean" or "none"
 * @property {number} error largest difference between a weight and what is kept of it
 * @property {number[]} map the reading
 * @property {string} title of the reading
 * @property {string} about the reading
 * @property {number} layer
 * @property {number | null} head
 * @property {boolean} stretch
 * @property {string[][]} scales colours in light and in dark
 */

export const MEAN = -1; // in place of a head
export const ANSWER = -1; // in place of a token

/** @param {string} id */
async function bytes(id) {
  const text = atob(document.getElementById(id)?.textContent ?? "");
  const packed = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) packed[i] = text.charCodeAt(i);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Every weight that the page keeps, and what it says of itself. */
export class Weights {
  /** @param {Facts} facts @param {Float32Array} answer @param {Uint8Array} levels @param {Float32Array} tops */
  constructor(facts, answer, levels, tops) {
    this.facts = facts;
    this.answer = answer;
    this.levels = levels;
    this.tops = tops;
    this.patches = facts.grid[0] * facts.grid[1];
    this.prefix = facts.tokens.length;
    this.count = this.prefix + this.patches;
  }

  static async read() {
    /** @type {Facts} */
    const facts = JSON.parse(document.getElementById("data")?.textContent ?? "");
    const answer = new Float32Array((await bytes("answer")).buffer);
    if (facts.kept === "none") return new Weights(facts, answer, new Uint8Array(), new Float32Array());
    const [levels, tops] = [await bytes("levels"), await bytes("tops")];
    return new Weights(facts, answer, levels, new Float32Array(tops.buffer));
  }

  /** Whether a token's row is that of the answer, which is kept exactly. @param {number} token */
  isAnswer(token) {
    return token === ANSWER || token === this.facts.answerToken;
  }

  /** Whether this page holds what a token attends to in a head. @param {number} token @param {number} head */
  has(token, head) {
    return this.isAnswer(token) || this.facts.kept === "heads" || (this.facts.kept === "mean" && head === MEAN);
  }

  /**
   * What a token attends to: one weight a token, or null where the page does not hold it.
   * @param {number} token @param {number} layer @param {number} head
   * @returns {Float32Array | null}
   */
  row(token, layer, head) {
    if (!this.has(token, head)) return null;
    const { heads, kept } = this.facts;
    const exact = this.isAnswer(token);
    const row = new Float32Array(this.count);
    const several = exact || kept === "heads";
    const chosen = !several ? [0] : head === MEAN ? [...Array(heads).keys()] : [head];
    for (const one of chosen) {
      const start = (layer * (several ? heads : 1) + one) * this.count;
      if (exact) {
        for (let i = 0; i < this.count; i++) row[i] += this.answer[start + i] / chosen.length;
      } else {
        const top = this.tops[start + token] / chosen.length;
        const at = (start + token) * this.count;
        for (let i = 0; i < this.count; i++) row[i] += top * (this.levels[at + i] / 255) ** 2;
      }
    }
    return row;
  }

  /** @param {number} token */
  name(token) {
    if (token === ANSWER) return this.facts.answerIs;
    if (token < this.prefix) return this.facts.tokens[token];
    const [i, cols] = [token - this.prefix, this.facts.grid[1]];
    return `patch in row ${Math.floor(i / cols)}, column ${i % cols}`;
  }
}
