// Every word of the machine.

/** What each stage is called, and what happens there. @type {Record<string, {short: string, name: string, what: string}>} */
export const stages = {
  patches: { short: "patches", name: "the flattened patches", what: "Each patch of the picture as a row of numbers: its red, then its green, then its blue pixels, brought to between −1 and 1." },
  projected: { short: "× E", name: "the projected patches", what: "One learned matrix turns each patch's numbers into a token. All patches share it." },
  tokens: { short: "+ positions", name: "the tokens", what: "A class token is put in front, and each token gets the learned vector of its place." },
  normed: { short: "norm", name: "LayerNorm before attention", what: "Each token alone: its numbers are centred and brought to one spread, then scaled and shifted channel by channel." },
  query: { short: "q", name: "the queries", what: "What each token looks for." },
  key: { short: "k", name: "the keys", what: "What each token offers to be found by." },
  value: { short: "v", name: "the values", what: "What each token hands over where it is attended to." },
  scores: { short: "q·k", name: "the scores", what: "The dot product of each query with each key: how well they match." },
  scaled: { short: "÷√d", name: "the scaled scores", what: "Divided by the root of a head's width, so that softmax does not saturate." },
  weights: { short: "softmax", name: "the attention weights", what: "Each row sums to 1: how a query shares out its attention among the keys." },
  head_outputs: { short: "Σ", name: "what the head returns", what: "Each token's mean of all values, weighted by its attention." },
  merged: { short: "heads joined", name: "the heads side by side", what: "What the heads return is laid side by side." },
  attention: { short: "× W_O", name: "what attention adds", what: "One more matrix mixes what the heads found." },
  residual: { short: "+ input", name: "the stream after attention", what: "It is added to what came in. Nothing is replaced: this is the residual stream." },
  normed_mlp: { short: "norm", name: "LayerNorm before the MLP", what: "Centred and brought to one spread once more." },
  hidden: { short: "MLP in", name: "the MLP's hidden numbers", what: "Each token alone, spread out to more numbers: each of these units reacts to one pattern." },
  activated: { short: "GELU", name: "the hidden numbers after GELU", what: "What is below zero is almost shut off. Without this step the MLP would be one matrix." },
  mlp: { short: "MLP out", name: "what the MLP adds", what: "Back to the width of a token." },
  output: { short: "+ stream", name: "the stream after the block", what: "Added to the stream again. This is what the next block reads." },
  lens: { short: "lens", name: "what the head would say here", what: "The last norm and the head, applied as if this were the last block: the logit lens." },
  final: { short: "last norm", name: "the last LayerNorm", what: "The last norm, before anything is read out." },
  pooled: { short: "class token", name: "what is read out", what: "Of all tokens the answer is read from the class token alone." },
  logits: { short: "logits", name: "the logits", what: "One number a class, from one last matrix." },
  sure: { short: "probabilities", name: "the probabilities", what: "Softmax of the logits, at the temperature that suits this model." },
};

export const panel = (/** @type {number} */ i, /** @type {number | null} */ layer, /** @type {boolean} */ last) =>
  layer !== null ? `Block ${layer}` : last ? "The answer" : i === 0 ? "Your picture" : "";
export const head = (/** @type {number} */ h) => `head ${h}`;
export const says = (/** @type {string} */ label) => `how much each says ${label}`;
export const machine = "The machine";
export const area = "The whole Vision Transformer. Arrow keys move, plus and minus zoom, Escape goes back; with a number chosen, arrow keys go from number to number.";

export const axes = {
  token: (/** @type {number} */ i, /** @type {{prefix: number, cols: number}} */ { prefix, cols }) => (i < prefix ? "class token" : `patch (${Math.floor((i - prefix) / cols)}, ${(i - prefix) % cols})`),
  patch: (/** @type {number} */ i, /** @type {{cols: number}} */ { cols }) => `patch (${Math.floor(i / cols)}, ${i % cols})`,
  dim: (/** @type {number} */ i) => `number ${i}`,
  hidden: (/** @type {number} */ i) => `unit ${i}`,
  pixel: (/** @type {number} */ i) => `pixel value ${i}`,
  one: () => "",
};

export const tools = {
  in: "Come nearer", out: "Go back", fit: "See it all", all: "All", full: "Full screen",
  copy: "Copy link", copied: "Copied.", uncopied: "The address above is the link.", save: "Save as PNG",
  look: { legend: "Show", now: "the numbers", difference: "what changed" },
  token: "Follow",   undo: "Undo", reset: "As trained",
};

export const tabs = { legend: "Beside it", of: { look: "Look", change: "Change", missions: "Missions" } };

export const flow = {
  play: "Play", pause: "Pause", back: "One step back", on: "One step on", end: "All of it",
  label: "How far the numbers have come", speed: "Speed", times: (/** @type {number} */ x) => `${x} ×`,
  step: (/** @type {string} */ where, /** @type {string} */ what) => `${where}. ${what}`,
};

export const place = {
  legend: "Where you are", stage: "Stage", row: "Row", column: "Column", none: "choose a stage",
  start: "Click anything: a patch, a head, a matrix, a single number. Turn the wheel or pinch to come nearer.",
  lens: "After each block", lensNote: (/** @type {string} */ token) => `What the head would say of the ${token} if the machine ended there.`,
  off: (/** @type {string} */ what) => `Take out: ${what}`, on: (/** @type {string} */ what) => `Put back: ${what}`,
  after: (/** @type {number} */ i) => `Block ${i}`,
};

export const formula = {
  title: "How this number comes to be",
  largest: (/** @type {number} */ shown, /** @type {number} */ all) => (shown < all ? `The ${shown} largest of ${all} products` : "All products"),
  rest: (/** @type {number} */ count) => `the other ${count}`,
  bias: "bias", sum: "together", off: "switched off: × 0",
  pixel: (/** @type {any} */ n) => `${["Red", "Green", "Blue"][n.channel]} of pixel (${n.row}, ${n.col}) is ${n.byte} of 255. (${n.byte} ÷ 255 − ${n.mean}) ÷ ${n.std}`,
  norm: (/** @type {any} */ n) => `(${n.x} − ${n.mean}) ÷ ${n.spread} × ${n.gamma} + ${n.beta}`,
  normNote: "The mean and the spread are this row's; the factor and the shift are this column's, learned.",
  scale: (/** @type {any} */ n) => `${n.x} ÷ ${n.divisor}`,
  softmax: (/** @type {any} */ n) => `exp(${n.own} − ${n.most}) ÷ ${n.sum}`,
  softmaxNote: "The largest score of the row is taken off first, which changes nothing. Below the line stand all of the row's powers.",
  gelu: (/** @type {any} */ n) => `${n.x} × ${n.share}`,
  geluNote: "The second number is the share of a normal distribution that lies below the first.",
  same: "It is taken over as it is.",
  waiting: "The model's own numbers are on their way.",
};

export const change = {
  legend: "Change it",
  modes: { picture: "Picture", patches: "Patches", heads: "Heads", parts: "Parts" },
  samples: "Pictures", own: "Open your picture", ownHint: "Its middle is made small to what the machine sees. It stays on this machine.",
  swap: "Swap two patches", swapOne: "Now click the first of two patches in the picture above.", swapTwo: "And the second.",
  positions: "Positions", positionsNote: "Off, the machine no longer knows where a patch was.",
  parts: "Parts of the blocks. Arrow keys move, Space takes a part out. Selected parts are out.",
  part: (/** @type {number} */ layer, /** @type {number} */ branch) => `block ${layer}, ${["past attention", "attention", "past the MLP", "MLP"][branch]}`,
  partRow: (/** @type {number} */ layer) => `Block ${layer}`,
  partCorner: "Part", partCol: ["past attention", "attention", "past the MLP", "MLP"],
  partsHint: "Take out a whole attention or MLP, or cut what goes past it: the residual connection.",
};

export const verdict = {
  unknown: "The model is not here yet.",
  says: (/** @type {string} */ label, /** @type {string} */ share) => `It says ${label}, ${share}`,
  was: (/** @type {string} */ label, /** @type {string} */ share) => `As trained: ${label}, ${share}.`,
  same: "Nothing is changed.",
  from: (/** @type {number} */ layer, /** @type {string} */ then, /** @type {string} */ now) => `The class token turns from ${then} to ${now} in block ${layer}.`,
  stays: "The class token says the same after every block.",
  moved: (/** @type {string} */ share, /** @type {number} */ layer, /** @type {number} */ h) => `Most changed: block ${layer}, head ${h}, where ${share} of the class token's attention went elsewhere.`,
};

export const missions = {
  title: "Missions", set: "Set it up", next: "Next", previous: "Previous", right: "Yes.", wrong: "No.", of: (/** @type {number} */ i, /** @type {number} */ n) => `Mission ${i} of ${n}`,
};
