// The exercises of one place in a lesson, one below the other, and how many are answered.

import { html, write } from "@vitexplain/explorer/dom.js";
import { strings } from "../strings/exercises.js";
import { card } from "./card.js";

/** @import { Exercise } from "./judge.js" */

const STYLE = new URL("../stylesheets/exercises.css", import.meta.url);

/** @type {Promise<void> | undefined} */
let styled;

/** Load the one sheet of style that exercises have, once. */
function style() {
  styled ??= new Promise((resolve, reject) => {
    const sheet = html("link", { rel: "stylesheet", href: STYLE.href });
    sheet.onload = () => resolve();
    sheet.onerror = () => reject(new Error(`${STYLE} does not load`));
    document.head.append(sheet);
  });
  return styled;
}

/** Fill an element with the exercises at an address. @param {HTMLElement} element @param {URL} address */
export async function show(element, address) {
  const [answer] = await Promise.all([fetch(address), style()]);
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  /** @type {{exercises: Exercise[]}} */
  const { exercises } = await answer.json();
  const count = exercises.length;
  const score = html("p", { class: "vxe-score" });
  let right = 0;
  const cards = exercises.map((exercise, i) => {
    if (exercise.image) exercise.image = new URL(exercise.image, address).href;
    return card(exercise, strings.asked(strings.kind[exercise.kind], i + 1, count), () => {
      right += 1;
      write(score, strings.score(right, count));
    });
  });
  const { bottom } = element.getBoundingClientRect();
  element.replaceChildren(...cards, score);
  element.dataset.state = "ready";
  // Who has scrolled to its end meanwhile goes on seeing what stands below it, in its place.
  const moved = element.getBoundingClientRect().bottom - bottom;
  if (bottom < innerHeight && moved) scrollBy({ top: moved, behavior: "instant" });
}
