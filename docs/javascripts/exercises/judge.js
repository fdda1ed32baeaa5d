// Whether an answer is right; if not, what is said to it. It knows no page: tests run it alone.

/** A wrong answer that many give, and what is said to it. @typedef {{given: any, says: string}} Slip */
/** What `vitexplain.exercises` writes.
 * @typedef {object} Exercise
 * @property {"number" | "choose" | "order" | "look" | "repair"} kind
 * @property {string} asks
 * @property {string} because
 * @property {string[]} hints
 * @property {Slip[]} slips
 * @property {string[]} options
 * @property {number[]} right of the options; in order, all of them
 * @property {number} answer @property {number} tolerance @property {string} written
 * @property {boolean} several
 * @property {number[]} weights @property {number} query
 * @property {string} [image] @property {[number, number]} [grid]
 * @property {string[]} lines @property {number} line
 */
/** @typedef {"unread" | "near" | "large" | "small" | "none" | "missing" | "other" | "line" | "places"} Reason */
/** `says` is what a known mistake is told, `reason` why another answer is wrong. @typedef {{right: boolean, says?: string, reason?: Reason, places?: number}} Verdict */

const NEAR = 5; // so many tolerances away, an answer was only rounded too early (but for whole numbers)

/**
 * Return what a reader's answer is: a text for a number; else the options that were chosen, in
 * their order. To repair code, the number of the line, then the option that mends it.
 * @param {Exercise} exercise @param {any} given
 * @returns {Verdict}
 */
export function judge(exercise, given) {
  const { kind } = exercise;
  if (kind === "number") return judgeNumber(exercise, read(given));
  if (kind === "order") return judgeOrder(exercise, given);
  if (kind !== "repair") return judgeChoice(exercise, given);
  const [line, ...mend] = given;
  if (line !== exercise.line) return { right: false, reason: "line" };
  return mend.length ? judgeChoice(exercise, mend) : { right: true };
}

/**
 * Return the number that a text says: 0.25, .25, 0,25, 1/4, 25%, −3, 50,176; NaN for anything else.
 * @param {string} text
 * @returns {number}
 */
export function read(text) {
  const plain = text.replace(/\s/g, "").replace(/[−–]/g, "-").replace(/^≈|^=/, "");
  const [, top, under, percent] = plain.match(/^([^/%]+)(?:\/([^/%]+))?(%?)$/) ?? [];
  if (top === undefined) return NaN;
  return (decimal(top) / (under === undefined ? 1 : decimal(under))) / (percent ? 100 : 1);
}

/** @param {string} text */
function decimal(text) {
  const one = /^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(text) ? text.replaceAll(",", "") : text.replace(",", ".");
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(one) ? Number(one) : NaN;
}

/** @param {Exercise} exercise @param {number} given @returns {Verdict} */
function judgeNumber({ answer, tolerance, slips }, given) {
  if (!Number.isFinite(given)) return { right: false, reason: "unread" };
  const off = (/** @type {number} */ x) => Math.abs(given - x);
  if (off(answer) <= tolerance * 1.001) return { right: true };
  const slip = slips.find((one) => off(one.given) <= tolerance * 1.001);
  if (slip) return { right: false, says: slip.says };
  if (off(answer) <= NEAR * tolerance && tolerance < 0.3) return { right: false, reason: "near" };
  return { right: false, reason: given > answer ? "large" : "small" };
}

/** @param {Exercise} exercise @param {number[]} given @returns {Verdict} */
function judgeOrder({ right, slips }, given) {
  const same = (/** @type {number[]} */ order) => order.every((one, i) => one === given[i]);
  if (same(right)) return { right: true };
  const slip = slips.find((one) => same(one.given));
  const places = right.filter((one, i) => one === given[i]).length;
  return { right: false, ...(slip ? { says: slip.says } : { reason: "places", places }) };
}

/** @param {Exercise} exercise @param {number[]} given @returns {Verdict} */
function judgeChoice({ right, several, slips }, given) {
  if (!given.length) return { right: false, reason: "none" };
  const wrong = given.filter((one) => !right.includes(one));
  if (!wrong.length) return !several || given.length === right.length ? { right: true } : { right: false, reason: "missing" };
  const slip = slips.find((one) => wrong.includes(one.given));
  return { right: false, ...(slip ? { says: slip.says } : { reason: "other" }) };
}
