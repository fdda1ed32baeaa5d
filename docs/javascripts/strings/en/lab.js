// Every word of the lab.

const COMMAND = "vitexplain export-onnx CHECKPOINT --outputs weights,scores,logits";

export const picture = {
  legend: "Picture",
  slots: { a: "Picture A", b: "Picture B" },
  samples: "Samples",
  file: "Open a picture",
  camera: "Camera",
  paste: "Paste",
  hint: "Or drop one here, or paste one with Ctrl+V. It stays on this machine.",
  reading: "Reading the picture.",
  away: "The picture could not be loaded. Is there a connection?",
  nothing: "There is no picture to paste. Copy one first.",
  noClipboard: "The page may not read the clipboard. Press Ctrl+V, or ⌘V, instead.",
};

export const wrong = {
  empty: "This file is empty.",
  none: "This is not a picture that a browser can show (PNG, JPEG, WebP, GIF, AVIF or BMP). A file's content counts, not its name.",
  svg: "This is an SVG, a drawing without pixels. Save it as PNG and open that.",
  heic: "This browser cannot read HEIC. Share the photo as JPEG, or save it as PNG, and open that.",
  cut: "This picture is cut short: its file ends before the picture does.",
  damaged: "This picture is damaged, or of a kind that this browser cannot read.",
  heavy: (/** @type {string} */ found, /** @type {string} */ most) =>
    `This file has ${found} MB, more than the ${most} MB that the page opens. Save the picture smaller.`,
  large: (/** @type {number} */ width, /** @type {number} */ height, /** @type {string} */ found, /** @type {string} */ most) =>
    `This picture has ${width} × ${height} pixels, ${found} million. More than ${most} million would freeze the page: save it smaller.`,
};

export const camera = {
  title: "Take a picture",
  view: "What the camera sees",
  shoot: "Take it",
  cancel: "Cancel",
  note: "The picture stays on this machine. The camera goes off with this window.",
  noWay: "This browser gives the page no camera. Open a picture from a file instead.",
  refused: "The camera was refused. Allow it for this page, or open a picture from a file.",
  missing: "There is no camera on this machine. Open a picture from a file instead.",
  busy: "The camera does not answer. Perhaps another program has it.",
  dark: "The camera gave no picture.",
};

export const modes = {
  legend: "Work on",
  crop: "The crop",
  patches: "Its patches",
  heads: "The heads",
};

export const crop = {
  label: "What is seen of the picture. Arrow keys move it, plus and minus zoom.",
  left: "Look further left",
  right: "Look further right",
  up: "Look further up",
  down: "Look further down",
  in: "Come nearer",
  out: "Go back",
  squeeze: "The whole picture, squeezed",
  middle: "Middle",
  hint: "Drag it, pinch it, or click it and turn the wheel.",
};

export const patches = {
  label: "What the model sees. Arrow keys move, Space hides a patch. Selected patches are hidden.",
  name: (/** @type {number} */ row, /** @type {number} */ col) => `patch (${row}, ${col})`,
  hint: "This is all the model gets. Click, tap or drag over patches to hide them: they become the grey that is 0 to the model.",
};

export const heads = {
  label: "Heads of the model. Arrow keys move, Space switches a head off. Selected heads are off.",
  name: (/** @type {number} */ layer, /** @type {number} */ head) => `layer ${layer}, head ${head}`,
  row: (/** @type {number} */ layer) => `Layer ${layer}`,
  head: "Head",
  hint: "Click or tap a head to switch it off. It still attends, but nothing of it is passed on.",
  noGates: "This model was exported without switches for its heads (--no-gates).",
};

export const undo = "Undo";
export const reset = "As at first";
export const changed = (/** @type {number} */ patches, /** @type {number} */ heads) =>
  `Hidden patches: ${patches}. Heads off: ${heads}.`;

export const answer = {
  label: "Class",
  caption: "The probability of each class, and its logit",
  top: (/** @type {string} */ name) => `It says: ${name}.`,
  strange: "But it has hardly seen anything like this: perhaps it is none of its classes.",
  other: (/** @type {string} */ column, /** @type {string} */ name) => ` ${column}: ${name}.`,
  unnamed: (/** @type {number} */ i) => `class ${i}`,
  none: "This model was exported without its logits.",
  some: (/** @type {number} */ shown, /** @type {number} */ all) => `The ${shown} likeliest of ${all} classes.`,
  perPatch: "This model answers for each patch: here for the one that is chosen below.",
  now: "Now",
  said: (/** @type {string} */ name, /** @type {string} */ share) => `The model says ${name}, ${share}.`,
};

export const beside = {
  legend: "Beside it",
  before: "As at first",
  model: "Other model",
  picture: "Other picture",
};

export const twins = {
  title: (/** @type {string} */ map, /** @type {string} */ query) => `Asked by the ${query}: ${map}`,
  wait: "It comes with the model.",
  none: "This model has no such token, layer or head.",
  strongest: (/** @type {string[][]} */ list) => `Strongest: ${list.map(([name, weight]) => `${name} ${weight}`).join("; ")}.`,
};

export const models = {
  legend: "Model",
  plain: "Patches alone",
  stem: "Convolutions first",
  own: "Opened",
  short: /** @type {Record<string, string>} */ ({ plain: "Patches alone", stem: "Convolutions first", own: "Your model" }),
};

export const own = {
  offers: "A larger model",
  offer: (/** @type {string} */ name, /** @type {string} */ megabytes) => `${name}, ${megabytes} MB`,
  fetch: (/** @type {string} */ megabytes) => `Download ${megabytes} MB and open it`,
  fetching: (/** @type {string} */ name, /** @type {string} */ megabytes) =>
    `Downloading ${name}, ${megabytes} MB, from this site. Then it opens, which takes some seconds and three times that in memory.`,
  open: "Open your ONNX model",
  opening: "Opening the model",
  reading: (/** @type {string} */ name, /** @type {string} */ megabytes) =>
    `Opening ${name}, ${megabytes} MB. A large model takes some seconds, and three times that in memory.`,
  opened: (/** @type {{layers: number, heads: number, rows: number, cols: number, tokens: number, seconds: string, megabytes: string}} */ it) =>
    `${it.layers} layers of ${it.heads} heads, ${it.tokens} tokens, pictures of ${it.rows} × ${it.cols} pixels. ` +
    `Opened in ${it.seconds} s. Its weights are ${it.megabytes} MB a run.`,
  ran: (/** @type {string} */ time) => `A run takes ${time}.`,
  failed: (/** @type {string} */ name, /** @type {string} */ why) => `${name} was not opened. ${why}`,
  large: (/** @type {string} */ found, /** @type {string} */ most) => `It has ${found} MB, and a page can hold ${most} MB. ViT-B fits.`,
  notVit: (/** @type {string} */ name) => `It is “${name}”, and the lab needs a Vision Transformer.`,
  channels: (/** @type {number} */ channels) => `Its pictures have ${channels} channels, and the lab's have 3, or 1 if they are grey.`,
  noWeights: `It does not give its attention weights. Write it again with “${COMMAND}”.`,
};

export const tokens = {
  first: { label: "class token", short: "class" },
  other: (/** @type {number} */ i) => ({ label: `extra token ${i}`, short: `extra ${i}` }),
  patch: (/** @type {number} */ row, /** @type {number} */ col) => ({ label: `patch (${row}, ${col})`, short: `${row}, ${col}` }),
};

export const maps = {
  head: (/** @type {number | null} */ layer, /** @type {number} */ head) => `layer ${layer}, head ${head}`,
  mean: (/** @type {number | null} */ layer) => `layer ${layer}, mean of the heads`,
  rollout: (/** @type {number | null} */ layer) => `rollout up to layer ${layer}`,
  meanNote: (/** @type {number} */ heads) => `The mean of ${heads} heads.`,
  rolloutNote: (/** @type {number | null} */ layer) =>
    `Rollout of ${layer ? `layers 0 to ${layer}` : "layer 0"}: heads averaged, half a skip connection, layers multiplied.`,
};

export const left = "The models were closed when you left this page. Load it again to go on.";
export const stopped = (/** @type {string} */ why) => `The model stopped: ${why}`;
