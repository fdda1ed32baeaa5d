// The page: one state (what is shown, which token, block and head), drawn anew on every change.

import { ANSWER, MEAN, Weights } from "./data.js";
import { paint, ramp, range } from "./draw.js";

/** @template {HTMLElement} [T=HTMLElement] @param {string} id @returns {T} */
const el = (id) => /** @type {T} */ (document.getElementById(id));

/** @param {string} tag @param {Record<string, string>} attributes @param {...(Node | string)} children */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** @param {number} x */
const digits = (x) => (x === 0 ? "0" : Math.abs(x) >= 0.001 ? x.toPrecision(3) : x.toExponential(2));

const weights = await Weights.read();
const { facts } = weights;
const [rows, cols] = facts.grid;
const first = facts.answerToken ?? ANSWER;
const state = {
  show: "reading",
  token: first,
  layer: facts.layer,
  head: facts.head ?? MEAN,
  look: "light",
  stretch: facts.stretch,
};

const dark = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";

// The state is in the address, so that a link or a reload shows the same.
/** @type {Record<string, (text: string) => boolean>} */
const readers = {
  show: (text) => (text === "token" || text === "reading") && ((state.show = text), true),
  token: (text) => within(text, weights.count) && ((state.token = Number(text)), true),
  block: (text) => within(text, facts.layers) && ((state.layer = Number(text)), true),
  head: (text) => (text === "mean" ? ((state.head = MEAN), true) : within(text, facts.heads) && ((state.head = Number(text)), true)),
};
/** @param {string} text @param {number} count */
const within = (text, count) => /^\d+$/.test(text) && Number(text) < count;
for (const [name, text] of new URLSearchParams(location.hash.slice(1))) if (Object.hasOwn(readers, name)) readers[name](text);

function remember() {
  const head = state.head === MEAN ? "mean" : String(state.head);
  const all = new URLSearchParams({ show: state.show, block: String(state.layer), head });
  if (state.token !== ANSWER) all.set("token", String(state.token));
  history.replaceState(null, "", `#${all}`);
}

// Patches: a grid that arrow keys walk.
const cells = Array.from({ length: rows * cols }, (_, i) =>
  make("div", { role: "gridcell", class: "cell", tabindex: "-1", "aria-label": weights.name(weights.prefix + i) }),
);
const grid = make("div", { role: "grid", class: "cells", "aria-label": "Patches of the picture. Arrow keys move, and choose whose attention is shown." });
for (let r = 0; r < rows; r++) grid.append(make("div", { role: "row", class: "line" }, ...cells.slice(r * cols, (r + 1) * cols)));
el("board").append(grid);

const chips = [...(facts.answerToken === null ? [ANSWER] : []), ...facts.tokens.keys()].map((token) => {
  const chip = make("button", { type: "button", class: "button chip", "aria-pressed": "false" }, weights.name(token));
  chip.addEventListener("click", () => set({ token, show: "token" }));
  el("chips").append(chip);
  return { token, chip };
});

/** Let a grid's cells be clicked, and walked with the arrow keys. @param {HTMLElement} host @param {HTMLElement[]} all @param {number} across @param {(i: number) => void} choose */
function walkable(host, all, across, choose) {
  const places = new Map(all.map((cell, i) => [cell, i]));
  /** @param {Event} event */
  const at = (event) => {
    const cell = event.target instanceof Element ? event.target.closest('[role="gridcell"]') : null;
    return places.get(/** @type {HTMLElement} */ (cell));
  };
  host.addEventListener("click", (event) => {
    const i = at(event);
    if (i !== undefined) {
      choose(i);
      all[i].focus({ preventScroll: true });
    }
  });
  host.addEventListener("keydown", (event) => {
    const i = at(event);
    if (i === undefined || event.altKey || event.metaKey) return;
    const start = i - (i % across);
    /** @type {Record<string, number>} */
    const moves = {
      ArrowLeft: i - 1, ArrowRight: i + 1, ArrowUp: i - across, ArrowDown: i + across,
      Home: event.ctrlKey ? 0 : start, End: event.ctrlKey ? all.length - 1 : start + across - 1, Enter: i, " ": i,
    };
    if (!(event.key in moves)) return;
    event.preventDefault();
    const to = moves[event.key];
    if (to < 0 || to >= all.length) return;
    choose(to);
    all[to].focus();
  });
}
// The exact number of the patch under the pointer, without a click.
/** @type {number[]} */
let shown = [];
grid.addEventListener("pointerover", (event) => {
  const i = cells.indexOf(/** @type {HTMLElement} */ (event.target));
  if (i >= 0) cells[i].title = digits(shown[i]);
});
walkable(grid, cells, cols, (i) => set({ token: weights.prefix + i, show: "token" }));

// Every head in every block.
const minis = /** @type {{layer: number, head: number, cell: HTMLElement, canvas: HTMLCanvasElement}[]} */ ([]);
const columns = [...Array(facts.heads).keys(), MEAN];
const heads = el("heads");
heads.style.setProperty("--columns", String(columns.length));
heads.append(
  make("div", { role: "row", class: "row" },
    make("span", { role: "columnheader", class: "head" }, make("span", { class: "sr" }, "block")),
    ...columns.map((head) => make("span", { role: "columnheader", class: "head" }, head === MEAN ? "mean" : String(head)))),
);
for (let layer = 0; layer < facts.layers; layer++) {
  const row = make("div", { role: "row", class: "row" }, make("span", { role: "rowheader", class: "head" }, String(layer)));
  for (const head of columns) {
    const canvas = document.createElement("canvas");
    const cell = make("div", { role: "gridcell", class: "mini", tabindex: "-1", "aria-label": `Block ${layer}, ${called(head)}` }, canvas);
    minis.push({ layer, head, cell, canvas });
    row.append(cell);
  }
  heads.append(row);
}
walkable(heads, minis.map(({ cell }) => cell), columns.length, (i) => set({ layer: minis[i].layer, head: minis[i].head, show: "token" }));

/** @param {number} head */
function called(head) {
  return head === MEAN ? "mean of heads" : `head ${head}`;
}

const block = /** @type {HTMLSelectElement} */ (el("block"));
const head = /** @type {HTMLSelectElement} */ (el("head"));
const look = /** @type {HTMLSelectElement} */ (el("look"));
const stretch = /** @type {HTMLInputElement} */ (el("stretch"));
const radios = /** @type {NodeListOf<HTMLInputElement>} */ (document.getElementsByName("show"));
block.append(...Array.from({ length: facts.layers }, (_, i) => make("option", { value: String(i) }, String(i))));
head.append(...columns.map((head) => make("option", { value: String(head) }, head === MEAN ? "mean" : String(head))));
block.addEventListener("change", () => set({ layer: Number(block.value), show: "token" }));
head.addEventListener("change", () => set({ head: Number(head.value), show: "token" }));
look.addEventListener("change", () => set({ look: look.value }));
stretch.addEventListener("change", () => set({ stretch: stretch.checked }));
for (const radio of radios) radio.addEventListener("change", () => set({ show: radio.value }));
el("theme").addEventListener("click", () => {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  update();
});
dark.addEventListener("change", () => update());

/** @param {Partial<typeof state>} change */
function set(change) {
  Object.assign(state, change);
  remember();
  update();
}

/** The row on show, with a word on where the page had to fall back. @returns {{row: ArrayLike<number>, head: number} | null} */
function looked() {
  const row = weights.row(state.token, state.layer, state.head);
  if (row) return { row, head: state.head };
  const mean = weights.row(state.token, state.layer, MEAN);
  return mean && { row: mean, head: MEAN };
}

function update() {
  const scale = facts.scales[isDark() ? 1 : 0];
  const table = ramp(scale);
  const reading = state.show === "reading";
  const seen = reading ? null : looked();
  const all = reading ? facts.map : (seen?.row ?? new Float32Array(weights.count));
  const before = reading ? 0 : weights.prefix;
  const patches = (shown = Array.prototype.slice.call(all, before));
  const span = range(patches, state.stretch);

  el("map").hidden = state.look === "off";
  const paints = state.look === "colour" ? "colour" : "light";
  paint(el("map"), patches, facts.grid, span, paints, table);
  paint(el("ramp"), Array.from({ length: 64 }, (_, i) => i), [1, 64], { low: 0, high: 63 }, paints, table);
  el("least").textContent = digits(span.low);
  el("most").textContent = digits(span.high);

  const order = [...patches.keys()].sort((a, b) => patches[b] - patches[a]).slice(0, 8);
  const prefix = reading ? [] : facts.tokens.map((name, i) => /** @type {[string, number]} */ ([name, all[i]]));
  const lines = /** @type {[string, number][]} */ ([...prefix, ...order.map((i) => [weights.name(weights.prefix + i), patches[i]])]);
  el("numbers-rows").replaceChildren(...lines.map(([name, value]) =>
    make("tr", {}, make("th", { scope: "row" }, name), make("td", { "data-value": String(value) }, digits(value)))));
  el("numbers-unit").textContent = reading ? "Value" : "Weight";
  const exact = reading || weights.isAnswer(state.token);
  const off = exact ? "" : ` Each is off by at most ${digits(facts.error)}.`;
  const where = seen ? `block ${state.layer}, ${called(seen.head)}` : "";
  const who = weights.name(state.token);
  el("numbers-caption").textContent = reading ? facts.title : `What the ${who.replace(/^the /, "")} looks at in ${where}.${off}`;
  el("said").textContent = reading ? `${facts.about} Choose any patch to see what it looks at.` : sentence(who, seen, where, patches, order);

  for (const [i, cell] of cells.entries()) choose(cell, !reading && state.token === weights.prefix + i, i === Math.max(0, state.token - weights.prefix));
  for (const { token, chip } of chips) chip.setAttribute("aria-pressed", String(!reading && token === state.token));
  for (const { layer, head: one, cell, canvas } of minis) {
    const here = layer === state.layer && one === state.head;
    choose(cell, !reading && here, here);
    const row = weights.row(state.token, layer, one);
    const part = row ? row.subarray(weights.prefix) : new Float32Array(rows * cols);
    paint(canvas, part, facts.grid, range(part, state.stretch), "plain", table);
  }
  el("heads-caption").textContent = `Where ${/^(class|dist|reg|patch)/.test(who) ? "the " : ""}${who} looks. Each map is scaled to its own largest weight. Blocks go down, heads across; choose one to see it large.`
    + (weights.has(state.token, 0) ? "" : " This file keeps no single heads of this token, only of the answer.");
  block.value = String(state.layer);
  head.value = String(state.head);
  look.value = state.look;
  stretch.checked = state.stretch;
  for (const radio of radios) radio.checked = radio.value === state.show;
  el("theme").textContent = isDark() ? "Light" : "Dark";
}

/** @param {HTMLElement} cell @param {boolean} selected @param {boolean} entry whether Tab leads here */
function choose(cell, selected, entry) {
  cell.setAttribute("aria-selected", String(selected));
  cell.tabIndex = entry ? 0 : -1;
}

/** @param {string} who @param {{row: ArrayLike<number>, head: number} | null} seen @param {string} where @param {number[]} patches @param {number[]} order */
function sentence(who, seen, where, patches, order) {
  if (!seen) return `This file is too large a model's to hold what each patch looks at: choose ${facts.answerIs}.`;
  const most = order.slice(0, 3).map((i) => `${weights.name(weights.prefix + i).replace("patch in ", "")} (${digits(patches[i])})`);
  const fallback = seen.head === state.head ? "" : " This file keeps the mean of heads for it.";
  const onPatches = patches.reduce((sum, x) => sum + x, 0);
  return `In ${where}, ${/^(class|dist|reg|patch)/.test(who) ? "the " : ""}${who} looks most at the patches in ${most.join("; ")}. All patches together have ${digits(onPatches)} of its attention.${fallback}`;
}

el("still").hidden = true;
for (const id of ["show", "chips", "legend", "controls", "numbers", "overview", "theme", "map"]) el(id).hidden = false;
update();
