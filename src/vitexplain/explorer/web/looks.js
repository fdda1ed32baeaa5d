// How a weight is shown on the picture.

export const LOOKS = /** @type {const} */ (["brightness", "heat", "contour"]);
/** @typedef {(typeof LOOKS)[number]} Look */
