// Every word the explorer says.

export const views = { tutorial: "Tutorial", steps: "Step by Step", matrix: "Attention Matrix" };
export const viewsLabel = "Views";
export const maps = "Attention map";
export const examples = "Example";
export const layer = "Layer";
export const head = "Head";
export const heads = { mean: "mean", rollout: "rollout" };
export const layerBefore = "Previous layer";
export const layerAfter = "Next layer";
export const headBefore = "Previous head";
export const headAfter = "Next head";
export const exampleBefore = "Previous example";
export const exampleAfter = "Next example";
export const patches = "Patches of the picture";
export const words = "Words of the sentence";
export const gridHelp = "Arrow keys choose the query.";
export const query = "Query";
export const token = "Token";
export const score = "Score";
export const scaled = "Scaled";
export const bias = "Bias";
export const weight = "Weight";
export const ofWeight = "weight";
export const leftOut = "left out";
export const masked = "masked";
export const arrows = "Arrows";
export const noArrows = "none";
export const none = "–";
export const secret = "The weights wait for your guess.";
export const hint = { patch: "Click or tap any patch", word: "Click or tap any word" };
export const pause = "Pause";
export const look = "Weight as";
export const looks = { brightness: "brightness", heat: "heat", contour: "contour" };
export const legends = {
  brightness: "Brighter, wider: more weight. 0 has no arrow.",
  heat: "More colour, wider: more weight. 0 has no arrow.",
  contour: "Lines around a quarter and a half of the largest weight. 0 has no arrow.",
};
export const legendWords = "More colour, wider: more weight. 0 has no arrow.";
export const guess = "Your guess";
export const failed = (/** @type {string} */ why) => `The interactive explorer could not start: ${why}.`;
export const cell = ", weight ";
export const chosen = (/** @type {string} */ name, /** @type {string} */ list) => `Query ${name}. Strongest: ${list}.`;
export const chosenOnly = (/** @type {string} */ name) => `Query ${name}. The weights wait for your guess.`;
export const pairSaid = (/** @type {string} */ q, /** @type {string} */ k, /** @type {string} */ w) =>
  `Query ${q}, key ${k}, weight ${w}.`;
export const placed = (/** @type {string} */ where, /** @type {string} */ what) => `${where}. ${what}`;
export const layerAndHead = (/** @type {number} */ layer, /** @type {number | "mean" | "rollout"} */ head) =>
  head === "mean"
    ? `Layer ${layer}, mean of the heads`
    : head === "rollout"
      ? `Rollout up to layer ${layer}`
      : `Layer ${layer}, head ${head}`;
export const tableCaption = (/** @type {string} */ query, /** @type {string} */ map) =>
  `${map}: the weights of “${query}”`;

export const tour = {
  of: (/** @type {number} */ i, /** @type {number} */ n) => `Step ${i} of ${n}`,
  back: "Back",
  next: "Next",
  onward: "On to Step by Step",
  show: "Show me",
  away: "You are exploring on your own.",
  again: "Back to this step",
  ranked: (/** @type {number} */ rank, /** @type {number} */ n) => `rank ${rank} of ${n}`,
  guessed: (/** @type {string} */ name) => `Your guess, ${name}: weight `,
};

export const steps = {
  flow: "Steps of the calculation",
  back: "Back",
  next: "Forward",
  play: "Play",
  pause: "Pause",
  keys: "Every key. Choose one to follow it.",
  keysOfMany: (/** @type {number} */ shown, /** @type {number} */ all) =>
    `The ${shown} strongest of ${all} keys. Choose one to follow it.`,
  keysInReach: (/** @type {number} */ shown, /** @type {number} */ all) =>
    `The ${shown} keys that the query may attend to, of ${all}. Choose one to follow it.`,
  other: "Any other key",
  open: "Open the terms",
  numbers: (/** @type {number} */ n) => `All ${n} numbers`,
  sum: "Sum",
  sumOfAll: (/** @type {number} */ n) => `Sum over all ${n} tokens`,
  product: "product",
  dim: "dim",
  short: { query: "q", keys: "k", scores: "q · k", scale: "÷ √d", softmax: "softmax", values: "× v", output: "Σ" },
  title: {
    query: "The query",
    keys: "The keys",
    scores: "The dot products",
    scale: "The scale",
    softmax: "The softmax",
    values: "The weighted values",
    output: "The output",
  },
  say: {
    query: (/** @type {string} */ q) => `**${q}** asks with its query vector.`,
    keys: (/** @type {string} */ _, /** @type {string} */ k) =>
      `Each token answers with a key. You follow the key of **${k}**.`,
    scores: (/** @type {string} */ q, /** @type {string} */ k) =>
      `How well do they match? Multiply the query of **${q}** by the key of **${k}**, number by number, and add up.`,
    scale: () => "Divide each score by √d, so that long vectors do not shout.",
    softmax: () =>
      "Raise e to each scaled score, less the row's largest so that nothing overflows. Divide by the sum: the weights are positive and add up to 1.",
    values: (/** @type {string} */ _, /** @type {string} */ k) =>
      `Each token offers its value. That of **${k}** counts with its weight.`,
    output: (/** @type {string} */ q) => `Add up all the weighted values. That is the output of **${q}**.`,
  },
  divide: (/** @type {string} */ by) => `Divide each score by ${by}.`,
  unscaled: "Here the scores are not divided: they go on as they are.",
  rescaled: "Scale each score.",
  biased: (/** @type {string} */ q, /** @type {string} */ k) =>
    `A bias is added to the scaled score: what the places of **${q}** and **${k}** alone say.`,
  softmaxOfBiased:
    "Raise e to each scaled score with its bias, less the row's largest so that nothing overflows. Divide by the sum: the weights are positive and add up to 1.",
  masked: (/** @type {string} */ q, /** @type {string} */ k) =>
    `**${q}** may not attend to **${k}**: the pair is left out of the softmax, and its weight is 0.`,
  allowed: "Masked keys are left out: neither the largest nor the sum counts them.",
  outside: (/** @type {string} */ q, /** @type {string} */ k) =>
    `**${k}** lies outside the window of **${q}**: their score is never computed.`,
  vector: {
    query: (/** @type {string} */ name) => `query of ${name}`,
    key: (/** @type {string} */ name) => `key of ${name}`,
    value: (/** @type {string} */ name) => `value of ${name}`,
    weighted: (/** @type {string} */ weight, /** @type {string} */ name) => `${weight} × value of ${name}`,
    output: (/** @type {string} */ name) => `output of ${name}`,
  },
  contributions: "What each token adds",
  strongest: (/** @type {number} */ n) => `What the ${n} strongest tokens add`,
  noSteps: {
    mean: (/** @type {number | null} */ layer) =>
      `The mean of the heads of layer ${layer} has no steps: each head has its own queries, keys and values. Choose a head to follow its calculation.`,
    rollout: (/** @type {number | null} */ layer) =>
      `The rollout multiplies the maps of layers 0 to ${layer}: it has no queries and keys of its own. Choose a head to follow its calculation.`,
    map: "Of this map there are the weights alone, not the steps that made them.",
  },
};

export const matrix = {
  label: "Attention matrix: one row a query, one column a key. Arrow keys move, Home and End go to the ends of the row.",
  role: "attention matrix",
  help: "Each row is a query, each column a key, and a row adds up to 1. Point at a cell, or move with the arrow keys.",
  table: "This row as a table",
};

/** What may be wrong with the data; each completes “could not start: …”. */
export const data = {
  status: (/** @type {number} */ status) => `its data could not be read (${status})`,
  noJson: "its data is no JSON",
  noObject: "its data is no object",
  version: (/** @type {unknown} */ got, /** @type {number} */ wanted) => `its data is of version ${got}, not ${wanted}`,
  none: (/** @type {string} */ what) => `it has no ${what}`,
  notOf: (/** @type {string} */ where) => `${where} is not what it should be`,
  notOne: (/** @type {string} */ where, /** @type {unknown} */ got, /** @type {number} */ count) =>
    `${where} is ${JSON.stringify(got)}, not one of ${count}`,
  noName: (/** @type {string} */ where) => `${where} has no name`,
  noLabel: (/** @type {string} */ where) => `a token of ${where} has no label`,
  noImage: (/** @type {string} */ where) => `${where} has a grid but no image`,
  patches: (/** @type {number} */ patches, /** @type {number} */ tokens) =>
    `its grid has ${patches} patches but ${tokens} tokens`,
  halfNamed: (/** @type {string} */ where) => `${where} has a layer or a head, but not both`,
  someLayers: "some of its maps have a layer and some have none",
  sameLayers: "two of its maps are of the same layer and head",
  lengths: (/** @type {string} */ where, /** @type {unknown} */ got, /** @type {number} */ wanted) =>
    `${where} has ${got} entries, not ${wanted}`,
  rows: (/** @type {number} */ got, /** @type {number} */ wanted) => `it has ${got} rows, not ${wanted}`,
  row: (/** @type {number} */ i, /** @type {unknown} */ got, /** @type {unknown} */ wanted) =>
    `row ${i} has ${got} numbers, not ${wanted}`,
  noNumber: (/** @type {number} */ i, /** @type {number} */ j) => `row ${i}, column ${j} is no number`,
  notFinite: "it holds numbers that are not finite",
  noWeights: (/** @type {string} */ where) => `${where} holds negative numbers`,
  noArray: "it is neither rows of numbers nor a shape with base64",
  noBase64: "it is not base64",
  bytes: (/** @type {number} */ got, /** @type {number} */ wanted) => `it has ${got} bytes, not ${wanted}`,
  together: (/** @type {string} */ where, /** @type {string} */ one, /** @type {string} */ other) =>
    `${where} has only one of ${one} and ${other}`,
};
