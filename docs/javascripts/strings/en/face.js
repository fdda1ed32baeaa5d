// Every word of the live face.

export const label = "Edit the face";

/** The maps of the learned model. */
export const maps = { head: (/** @type {number} */ i) => `head ${i}`, mean: "mean of the heads", rollout: "rollout" };

// Names of patches
export const at = (/** @type {string} */ name, /** @type {number} */ place) => `${name} (place ${place})`;
export const marked = {
  "": (/** @type {string} */ name) => name,
  painted: (/** @type {string} */ name) => `${name}, painted`,
  erased: (/** @type {string} */ name) => `${name}, erased`,
};

/** A legend with what is chosen. */
export const chosen = (/** @type {string} */ legend, /** @type {string} */ name) => `${legend}: ${name}`;

// The switches
export const weightsLegend = "Weights";
export const weights = { designed: "Designed", learned: "Learned" };
export const weightsSaid = { designed: "Designed weights.", learned: "Learned weights." };
export const positions = "Positions";
export const positionsSaid = (/** @type {boolean} */ on) => (on ? "Positions on." : "Positions off.");

// The faces
export const faces = "Face";
export const faceSaid = (/** @type {string} */ name) => `${name}.`;

// The tools
export const tools = "Tools";
export const tool = { move: "Move", stamp: "Stamp", paint: "Paint" };
export const hint = {
  move: "Drag a patch onto another: they change places. Or choose one, then the other.",
  stamp: "Drag a patch: a copy lands where you let go. Or choose one, then its place.",
};
export const colours = "Colour";
/** @type {Record<string, string>} */
export const colour = {
  skin: "skin",
  background: "background",
  teal: "teal",
  brown: "brown",
  green: "green",
  blue: "blue",
  purple: "purple",
  white: "white",
  black: "black",
};
export const brushes = "Brush";
export const brush = ["small", "medium", "large"];
export const picture = {
  move: "The picture, to edit. Arrow keys go from patch to patch; Enter takes one and puts it down, Escape lets go.",
  stamp: "The picture, to edit. Arrow keys go from patch to patch; Enter takes a copy and puts it down, Escape lets go.",
  paint: "The picture, to edit. Arrow keys move the brush by a pixel, with Shift by a patch; Space paints, also while you move.",
};
export const brushAt = (/** @type {number} */ x, /** @type {number} */ y) => `Brush at column ${x}, row ${y}.`;
export const answered = (/** @type {string} */ label, /** @type {string} */ tag) => `${label}: ${tag}`;

// What one can do to the whole
export const actions = "Changes";
export const eraseEye = (/** @type {string} */ eye) => `Erase ${eye}`;
export const shift = { left: "←", up: "↑", down: "↓", right: "→" };
export const shiftName = { left: "Shift left", up: "Shift up", down: "Shift down", right: "Shift right" };
export const shiftNote = "Arrows shift the face by a patch. What leaves comes back on the other side.";
export const way = "Steps back";
export const mirror = "Mirror";
export const shuffle = "Shuffle";
export const undo = "Undo";
export const redo = "Redo";
export const reset = "Reset";

// What was done
export const did = {
  take: (/** @type {string} */ name) => `You hold ${name}.`,
  letGo: (/** @type {string} */ name) => `You let go of ${name}.`,
  move: (/** @type {string} */ a, /** @type {string} */ b) => `${a} and ${b} change places.`,
  stamp: (/** @type {string} */ from, /** @type {string} */ to) => `A copy of ${from} lies on ${to}.`,
  paint: "Painted.",
  erase: (/** @type {string} */ eye) => `Erased: ${eye}.`,
  shift: {
    left: "Shifted left by a patch.",
    up: "Shifted up by a patch.",
    down: "Shifted down by a patch.",
    right: "Shifted right by a patch.",
  },
  mirror: "Mirrored.",
  shuffle: (/** @type {number} */ seed) => `Shuffled, order ${seed}.`,
  undo: "Undone.",
  redo: "Done again.",
  reset: "The face is untouched.",
};

// What the model makes of it
export const before = "Untouched";
export const now = "Now";
export const waiting = "Until the model is there, the map below is that of the untouched face.";
export const answer = "Answer";
export const noAnswer = "none: it only mixes";
export const says = (/** @type {string} */ name) => `${name} says`;
export const hears = (/** @type {string} */ name) => `${name} hears most`;
export const gone = "gone";
/** Short for what a patch says, by the tag's number. */
export const tags = ["no eye", "match", "differ"];
export const ahead = (/** @type {string} */ tag, /** @type {string} */ by) => `${tag}, ahead by ${by}`;
/** What the patches say together. */
export const verdict = (/** @type {number} */ match, /** @type {number} */ differ) => {
  if (match + differ === 0) return "No eye.";
  if (match && differ) return `${match + differ} eyes at odds: ${match} match, ${differ} differ.`;
  if (match + differ === 1) return match ? "One eye. It says: both match." : "One eye. It says: they differ.";
  return match ? `${match} eyes. They match.` : `${differ} eyes. They differ.`;
};
export const heard = (/** @type {string} */ query, /** @type {string} */ key, /** @type {string} */ weight) =>
  `${query} hears ${key} most, ${weight}.`;
export const every = "What every patch says";
export const everyCaption = "Logits. The largest is the answer.";
export const patch = "Patch";
export const failed = (/** @type {string} */ why) => `The model could not answer: ${why}`;
