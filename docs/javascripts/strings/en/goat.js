// Every word of “Goat, live”.

const quoted = (/** @type {string} */ text) => `“${text}”`;

export const sentences = "Example";
export const own = "your own";
export const sentence = "Sentence";
export const apply = "Use it";
export const sentenceHelp = (/** @type {number} */ most) =>
  `Up to ${most} words. Words that stay keep their place; new ones begin near the origin.`;
export const undo = "Undo";
export const redo = "Redo";
export const reset = "Reset all";
export const copy = "Copy link";
export const done = "Copied ✓";
export const copied = "The link is copied. It leads to exactly this.";
export const link = "A link to exactly this";

export const plane = (/** @type {string} */ x, /** @type {string} */ y) =>
  `Embedding plane, ${x} to the right, ${y} upwards. Tab goes from word to word, arrow keys move it, Enter lets it ask.`;
export const planeHelp = "Drag a word. Tap one to let it ask. With the keyboard: arrow keys move it, with Shift ten times as far.";
export const across = (/** @type {string} */ axis) => `${axis} →`;
export const upwards = (/** @type {string} */ axis) => `${axis} ↑`;
export const handle = "word on the plane";
export const place = (/** @type {string[]} */ axes, /** @type {string[]} */ at) =>
  axes.map((axis, i) => `${axis} ${at[i]}`).join(", ");
export const asks = (/** @type {string} */ place) => `${place}. This word asks`;
export const legend = { word: "word", query: "the word that asks", output: "what attention makes of it", weight: "how much it is heard" };
export const becomes = (/** @type {string} */ word, /** @type {string} */ targets, /** @type {string} */ output) =>
  `${quoted(word)} listens to ${targets}, and becomes [${output}].`;
export const weighed = (/** @type {string} */ word, /** @type {string} */ weight) => `${quoted(word)} ${weight}`;
export const and = " and ";
export const waiting = "The numbers follow as soon as the model is ready.";
export const lost = "Without the model nothing is computed. What you see below is the first sentence.";

export const words = "Words and their vectors";
export const word = "word";
export const wordOf = (/** @type {number} */ i) => `Word ${i}`;
export const coordinate = (/** @type {string} */ word, /** @type {string} */ axis) => `${word}, ${axis}`;
export const earlier = (/** @type {string} */ word) => `Move ${quoted(word)} one place earlier`;
export const remove = (/** @type {string} */ word) => `Remove ${quoted(word)}`;
export const add = "Add a word";
export const fresh = "new";
export const numbered = (/** @type {string} */ word, /** @type {number} */ i) => `${word} (${i})`;

export const switches = "Switches";
export const scaling = "divide by √d";
export const causal = "causal mask";
export const causalHelp = "a word hears itself and those before it";
export const temperature = "Temperature";
export const temperatureEnds = ["sharper", "more even"];
export const degrees = (/** @type {string} */ value) => `temperature ${value}`;

export const matrices = "Three matrices for Q, K, V";
export const matrixNames = { q: "W_Q", k: "W_K", v: "W_V" };
export const matrixHelp = { q: "what a word asks", k: "what it answers to", v: "what it hands over" };
export const entry = (/** @type {string} */ name, /** @type {number} */ row, /** @type {number} */ col) =>
  `${name}, row ${row}, column ${col}`;

export const said = {
  moved: (/** @type {string} */ word, /** @type {string} */ place) => `${quoted(word)} is at ${place}.`,
  renamed: (/** @type {string} */ word) => `The word is now ${quoted(word)}.`,
  added: (/** @type {string} */ word, /** @type {string} */ place) => `${quoted(word)} is added, at ${place}.`,
  removed: (/** @type {string} */ word) => `${quoted(word)} is removed.`,
  earlier: (/** @type {string} */ word, /** @type {number} */ i) => `${quoted(word)} is now word ${i}.`,
  sentence: (/** @type {number} */ n) => `The sentence has ${n === 1 ? "one word" : `${n} words`}.`,
  example: (/** @type {string} */ name) => `Example: ${name}.`,
  scaling: (/** @type {boolean} */ on) => (on ? "Scores are divided by √d." : "Scores are not divided."),
  causal: (/** @type {boolean} */ on) => (on ? "The causal mask is on." : "The causal mask is off."),
  temperature: (/** @type {string} */ value) => `The temperature is ${value}.`,
  matrix: (/** @type {string} */ name) => `${name} has changed.`,
  matrices: (/** @type {string} */ name) => `Matrices: ${name}.`,
  link: "The plane shows what the link is about.",
  undone: "Undone.",
  redone: "Done again.",
  reset: "Everything is as at first.",
};

export const problem = {
  noNumber: "This box is empty. Type a number, such as 2.5.",
  notNumber: (/** @type {string} */ text) => `${quoted(text)} is not a number. Type one such as 2.5 or −1.`,
  tooLarge: (/** @type {string} */ text, /** @type {number} */ limit) => `${quoted(text)} is too far out: from −${limit} to ${limit}, please.`,
  noWords: "An empty sentence has nobody to ask. Type at least one word.",
  tooMany: (/** @type {number} */ got, /** @type {number} */ most) => `That is ${got} words. There is room for ${most}.`,
  noWord: "A word needs at least one letter or sign.",
  tooLong: (/** @type {string} */ word, /** @type {number} */ most) =>
    `${quoted(word)} is too long: a word has at most ${most} letters here.`,
  link: "The link in the address cannot be read. Here is the first sentence instead.",
  failed: (/** @type {string} */ why) => `Nothing was computed: ${why}`,
};
