// The ways to answer: type a number, choose, put in order, guess on a picture, repair a line.

import { button, enable, fixed, html, inline, write } from "@vitexplain/explorer/dom.js";
import { around, roving, walked } from "@vitexplain/explorer/roving.js";
import { strings } from "../strings/exercises.js";

/** @import { Exercise, Verdict } from "./judge.js" */
/** @typedef {(answer: any) => Verdict} Ask */
/**
 * `answer` is the right one in words; `reveal` shows it in place, `guess` says what was chosen.
 * @typedef {{element: HTMLElement, answer: string, reveal?: () => void, guess?: () => string}} Way
 */

/** @param {Exercise} exercise */
const named = ({ options, right }) => right.map((i) => options[i].replaceAll("`", "")).join(", ");

/** @param {Exercise} exercise @param {Ask} ask @param {string} id @returns {Way} */
function number({ written }, ask, id) {
  const field = html("input", { type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false", size: 10, "aria-describedby": id });
  const form = html("form", { class: "vxe-row" }, html("label", {}, `${strings.your} `, field), html("button", { class: "vx-button vx-primary" }, strings.check));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    field.setAttribute("aria-invalid", String(!ask(field.value).right));
  });
  return { element: form, answer: written };
}

/** Buttons that are answers; a wrong one stays marked. @param {string[]} options @param {(i: number) => Verdict} ask */
function chips(options, ask) {
  return options.map((option, i) => {
    const one = button("vxe-option", "", () => (one.dataset.verdict = ask(i).right ? "right" : "wrong"));
    one.append(...inline(option));
    return one;
  });
}

/** @param {Exercise} exercise @param {Ask} ask @param {string} id @returns {Way} */
function choose(exercise, ask, id) {
  const { options, right, several } = exercise;
  if (!several) {
    const made = chips(options, (i) => ask([i]));
    const element = html("div", { class: "vxe-options", role: "group", "aria-labelledby": id }, ...made);
    return { element, answer: named(exercise), reveal: () => (made[right[0]].dataset.verdict = "right") };
  }
  const boxes = options.map(() => html("input", { type: "checkbox" }));
  const rows = options.map((option, i) => html("label", { class: "vxe-option" }, boxes[i], html("span", {}, ...inline(option))));
  const check = button("vx-primary", strings.check, () => ask(boxes.flatMap(({ checked }, i) => (checked ? [i] : []))));
  const element = html("div", { class: "vxe-options", role: "group", "aria-labelledby": id }, ...rows, html("small", {}, strings.several), check);
  return { element, answer: named(exercise), reveal: () => boxes.forEach((box, i) => (box.checked = right.includes(i))) };
}

/** @param {Exercise} exercise @param {Ask} ask @returns {Way} */
function order({ options, right }, ask) {
  let at = options.map((_, i) => i);
  const said = html("p", { class: "vx-unseen", role: "status" });
  const list = html("ol", { class: "vxe-order" });
  const rows = options.map((option, i) => {
    const name = option.replace(/[*`]/g, "");
    const [up, down] = [-1, 1].map((by) => {
      const one = button("vxe-move", by < 0 ? "↑" : "↓", () => move(i, by));
      one.setAttribute("aria-label", by < 0 ? strings.up(name) : strings.down(name));
      return one;
    });
    return { name, up, down, row: html("li", {}, html("span", {}, ...inline(option)), up, down) };
  });

  /** @param {number} i @param {number} by */
  function move(i, by) {
    const focus = /** @type {HTMLElement} */ (document.activeElement);
    const [from, to] = [at.indexOf(i), at.indexOf(i) + by];
    [at[from], at[to]] = [at[to], at[from]];
    lay();
    focus.focus({ preventScroll: true });
    if (rows[i].up.disabled) rows[i].down.focus({ preventScroll: true });
    else if (rows[i].down.disabled) rows[i].up.focus({ preventScroll: true });
    write(said, strings.moved(rows[i].name, to + 1, at.length));
  }

  function lay() {
    list.append(...at.map((i) => rows[i].row));
    at.forEach((i, place) => {
      enable(rows[i].up, place > 0, rows[i].down);
      enable(rows[i].down, place < at.length - 1, rows[i].up);
    });
  }

  lay();
  const ends = [strings.first, strings.last].map((text) => html("small", {}, text));
  const check = button("vx-primary", strings.check, () => ask(at));
  const element = html("div", { class: "vxe-options" }, ends[0], list, ends[1], check, said);
  const reveal = () => {
    at = [...right];
    lay();
  };
  return { element, answer: right.map((i) => rows[i].name).join(", "), reveal };
}

/** @param {Exercise} exercise @param {Ask} ask @param {string} id @returns {Way} */
function look(exercise, ask, id) {
  const { options, weights, query, image, grid } = exercise;
  const most = Math.max(...weights);
  let chosen = -1;
  const cells = options.map((name, i) => {
    const weight = html("data", { value: weights[i], hidden: true }, fixed(weights[i], 2));
    const one = button("vxe-key", "", () => {
      chosen = i;
      one.dataset.verdict = ask([i]).right ? "right" : "wrong";
    });
    one.append(html("span", { class: image ? "vx-unseen" : "" }, i === query ? `${name} (${strings.query})` : name), weight);
    if (i === query) one.dataset.query = "";
    return one;
  });
  const [rows, cols] = image && grid ? grid : [1, cells.length];
  const room = html("div", { class: image ? "vxe-picture" : "vxe-words", role: "group", "aria-labelledby": id }, ...cells);
  if (image) {
    room.style.setProperty("--cols", String(cols));
    room.style.backgroundImage = `url("${image}")`;
  }
  roving(room, cells, (event, from) => (rows > 1 ? walked(event, from, { rows, cols }) : around(event, from, cols)));
  const reveal = () =>
    cells.forEach((cell, i) => {
      cell.disabled = i !== chosen; // its answer is heard, and the focus stays
      if (exercise.right.includes(i)) cell.dataset.verdict = "right";
      cell.style.setProperty("--lit", String(Math.sqrt(weights[i] / most))); // as bright as anywhere
      cell.style.setProperty("--share", String(weights[i]));
      cell.dataset.seen = "";
      /** @type {HTMLElement} */ (cell.lastChild).hidden = false;
    });
  const guess = () => {
    const before = weights.filter((one) => one > weights[chosen]).length;
    return strings.rank(options[chosen], fixed(weights[chosen]), before + 1, weights.length);
  };
  return { element: room, answer: named(exercise), reveal, guess };
}

/** @param {Exercise} exercise @param {Ask} ask @param {string} id @returns {Way} */
function repair(exercise, ask, id) {
  const { lines, line, options, right } = exercise;
  const mends = chips(options.map((text) => `\`${text.trim()}\``), (i) => {
    const verdict = ask([line, i]);
    if (verdict.right) write(code[line], options[i]);
    return verdict;
  });
  const group = html("div", { class: "vxe-options", role: "group", "aria-label": strings.mends, hidden: true }, ...mends);
  const code = lines.map((text, i) =>
    button("vxe-line", text, () => {
      const found = ask([i]).right;
      code[i].dataset.verdict = found ? "found" : "wrong";
      if (found) group.hidden = false;
    }),
  );
  const listing = html("div", { class: "vxe-code", role: "group", "aria-labelledby": id }, html("small", {}, strings.lines), ...code);
  const reveal = () => {
    group.hidden = false;
    code[line].dataset.verdict = mends[right[0]].dataset.verdict = "right";
    write(code[line], options[right[0]]);
  };
  return { element: html("div", {}, listing, group), answer: options[right[0]].trim(), reveal };
}

export const ways = { number, choose, order, look, repair };
