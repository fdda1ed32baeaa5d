// The guided tour: each step sets the state, asks for a guess, then shows.

import { at, row, strongest } from "./data.js";
import { button, html, inline, number } from "./dom.js";
import { heatmap } from "./heatmap.js";
import { strings } from "./strings.js";

/** @import { Store } from "./store.js" */

const say = strings.tour;

/** @param {Store} store */
export function tutorial(store) {
  const { tour, tokens } = store.data;
  /** What the reader guessed, by step. @type {Map<number, number>} */
  const guesses = new Map();
  const matrix = tour.some((step) => step.view === "matrix") ? heatmap(store) : null;

  const count = html("p", { class: "vx-count" });
  const dots = html("ol", { class: "vx-dots", "aria-hidden": "true" }, ...tour.map(() => html("li")));
  const title = html("p", { class: "vx-step-title" });
  const text = html("p");
  const ask = html("p", { class: "vx-ask" });
  const choices = html("div", { class: "vx-choices", role: "group", "aria-label": strings.guess });
  const show = button("vx-primary vx-show", say.show, () => reveal());
  const asked = html("div", { class: "vx-asked" }, choices, show);
  const guess = html("p", { class: "vx-guess" });
  const answerText = html("p");
  const answer = html("div", { class: "vx-answer", tabindex: -1 }, guess, answerText);
  const again = button("vx-again", say.again, () => store.goTo(store.state.step));
  const away = html("p", { class: "vx-away" }, say.away, " ", again);
  const body = html("div", { class: "vx-step", "aria-live": "polite" }, title, text, ask, asked, answer, away);
  if (matrix) answer.before(matrix.element);
  const back = button("vx-back", say.back, () => store.goTo(store.state.step - 1));
  const next = button("vx-next vx-primary", say.next, onward);
  const nav = html("div", { class: "vx-nav" }, back, html("div", { class: "vx-progress" }, count, dots), next);
  const element = html("div", { class: "vx-panel vx-tutorial" }, body, nav);

  element.addEventListener("keydown", (event) => {
    if (event.target instanceof Element && event.target.closest("canvas, input")) return;
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by || event.altKey || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    store.goTo(store.state.step + by);
  });

  function onward() {
    if (store.state.step < tour.length - 1) return store.goTo(store.state.step + 1);
    store.set({ view: "steps" });
    // The button is gone with its view: the keyboard goes on from the tab that is shown now.
    const tab = element.closest(".vx-root")?.querySelector("[role=tab][aria-selected=true]");
    if (tab instanceof HTMLElement) tab.focus({ preventScroll: true });
  }

  /** @param {number} [token] what the reader guessed */
  function reveal(token) {
    if (token !== undefined) guesses.set(store.state.step, token);
    store.reveal();
    answer.focus({ preventScroll: true });
  }

  let drawn = -1;
  function update() {
    const { step, hidden, onStep, state } = store;
    const i = state.step;
    if (drawn !== i) {
      drawn = i;
      title.replaceChildren(...inline(step.title));
      text.replaceChildren(...inline(step.text));
      ask.replaceChildren(...inline(step.ask));
      answerText.replaceChildren(...inline(step.answer));
      const options = step.choices.map((token) => button("vx-choice", tokens[token].label, () => reveal(token)));
      choices.replaceChildren(...options);
      count.textContent = say.of(i + 1, tour.length);
      [...dots.children].forEach((dot, j) => {
        dot.classList.toggle("vx-done", j < i);
        dot.classList.toggle("vx-now", j === i);
      });
      back.disabled = i === 0;
      next.textContent = i === tour.length - 1 ? say.onward : say.next;
    }
    ask.hidden = step.ask === "";
    asked.hidden = !hidden;
    choices.hidden = step.choices.length === 0;
    answer.hidden = step.ask === "" || !store.isRevealed(i);
    away.hidden = onStep;
    if (matrix) {
      const shown = step.view === "matrix" && !hidden;
      const fresh = shown && matrix.element.hidden;
      matrix.element.hidden = !shown;
      if (fresh) matrix.resize(); // which measures, and so has to be seen
      else matrix.update();
    }
    showGuess(guesses.get(i));
  }

  /** The weight of the guess, and its place among all. @param {number | undefined} token */
  function showGuess(token) {
    const { step, map } = store;
    guess.hidden = token === undefined || step.query === null;
    if (token === undefined || step.query === null) return;
    const shown = store.data.maps[step.map ?? store.state.map] ?? map;
    const rank = strongest(row(shown.weights, step.query)).indexOf(token) + 1;
    guess.replaceChildren(
      say.guessed(tokens[token].label),
      number(at(shown.weights, step.query, token)),
      `, ${say.ranked(rank, tokens.length)}.`,
    );
  }

  return { element, update, resize: () => matrix?.resize() };
}
