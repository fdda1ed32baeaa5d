// The words of the exercises: what they ask for, and what they say to an answer.

export const kind = {
  number: "Work it out",
  choose: "Choose",
  order: "Put in order",
  look: "Guess, then look",
  repair: "Find the mistake",
};
export const asked = (/** @type {string} */ label, /** @type {number} */ i, /** @type {number} */ n) => `${label} · ${i} of ${n}`;
export const your = "Your answer";
export const check = "Check";
export const hint = (/** @type {number} */ i, /** @type {number} */ n) => (n > 1 ? `Hint ${i} of ${n}` : "Hint");
export const show = "Show the answer";
export const several = "There may be more than one.";
export const up = (/** @type {string} */ item) => `Move up: ${item}`;
export const down = (/** @type {string} */ item) => `Move down: ${item}`;
export const moved = (/** @type {string} */ item, /** @type {number} */ i, /** @type {number} */ n) => `${item}: now ${i} of ${n}.`;
export const first = "from the smallest";
export const last = "to the largest";
export const lines = "Which line is broken?";
export const mends = "Yes, that line. What should it be?";
export const picture = "Patches of the picture";
export const query = "the query";
export const weighs = (/** @type {string} */ name, /** @type {string} */ weight) => `${name}: ${weight}`;

export const right = "Right.";
export const wrong = "Not quite.";
export const shown = (/** @type {string} */ answer) => `The answer: ${answer}.`;
export const reasons = {
  unread: "Write a number, such as 0.25, 1/4 or 25%.",
  near: "Nearly: it must have been rounded too early. Keep more digits on the way.",
  large: "That is too large.",
  small: "That is too small.",
  none: "Choose something first.",
  missing: "Right so far, but something is missing.",
  other: "Try another one.",
  line: "That line does what it should.",
};
export const places = (/** @type {number} */ right, /** @type {number} */ n) => `${right} of ${n} are in the right place.`;
export const rank = (/** @type {string} */ name, /** @type {string} */ weight, /** @type {number} */ i, /** @type {number} */ n) =>
  `You chose ${name}: weight ${weight}, number ${i} of ${n}.`;
export const score = (/** @type {number} */ right, /** @type {number} */ n) => (right < n ? `${right} of ${n} answered right` : `All ${n} answered right`);
