// Every word of the picture, the matrix and the strip of small multiples.

export const masked = "left out by the mask";
export const step = { up: "Patch above", down: "Patch below", left: "Patch to the left", right: "Patch to the right" };
export const stepper = "Choose a patch next to it";

/** Said above a finger: short. */
export const pair = (/** @type {string} */ query, /** @type {string} */ key, /** @type {string} */ weight) => `${query} → ${key}: ${weight}`;

export const loupe = {
  title: (/** @type {string} */ query, /** @type {string} */ key) => `Around ${query} → ${key}`,
  help: "Click or tap a cell to go there.",
};
export const drag = "Drag sideways to follow a cell with your finger.";
export const jump = "With Shift, they jump ten cells.";

export const strip = {
  title: "Every layer and head",
  note: "A row is a layer, a column a head. Choose one to see it large.",
  corner: "Layer",
  label: (/** @type {string} */ query) => `The weights of ${query} in every layer and head. Arrow keys choose.`,
};
