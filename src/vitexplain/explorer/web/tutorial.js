// The guided tour: each step sets the state, asks for a guess, then shows.

import { at, row, strongest } from "./data.js";
import { button, enable, html, inline, number, settle } from "./dom.js";
import { heatmap } from "./heatmap.js";
import { arrowOf } from "./roving.js";
import { strings } from "./strings/explorer.js";

/** @import { Store } from "./store.js" */

const say = strings.tour;

/** @param {Store} store */
export function tutorial(store) {
  const { tour } = store.data;
  const shows = tour.some((step) => step.view === "matrix");
  let matrix = shows ? heatmap(store) : null;

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
    if (event.target instanceof Element && event.target.closest("canvas, input, [role=application]")) return;
    const by = arrowOf(event)?.[0];
    if (!by) return;
    event.preventDefault();
    store.goTo(store.state.step + by);
    // What had the focus may be gone with its step.
    if (!nav.contains(document.activeElement)) element.focus({ preventScroll: true });
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
    if (token !== undefined) store.guesses.set(store.state.step, token);
    store.reveal();
    answer.focus({ preventScroll: true });
  }

  /** The step that is written here, and the tokens it speaks of. @type {[number, unknown]} */
  let drawn = [-1, null];
  function update() {
    const { step, hidden, onStep, state } = store;
    const i = state.step;
    if (drawn[0] !== i || drawn[1] !== store.tokens) {
      drawn = [i, store.tokens];
      write(i);
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
    showGuess(store.guesses.get(i));
  }

  /** @param {number} i */
  function write(i) {
    const { step } = store;
    title.replaceChildren(...inline(step.title));
    text.replaceChildren(...inline(step.text));
    ask.replaceChildren(...inline(step.ask));
    answerText.replaceChildren(...inline(step.answer));
    choices.replaceChildren(...step.choices.map((token) => button("vx-choice", name(token), () => reveal(token))));
    count.textContent = say.of(i + 1, tour.length);
    [...dots.children].forEach((dot, j) => {
      dot.classList.toggle("vx-done", j < i);
      dot.classList.toggle("vx-now", j === i);
    });
    enable(back, i > 0, next);
    next.textContent = i === tour.length - 1 ? say.onward : say.next;
  }

  /** What a token is called in the example that the step is about. @param {number} token */
  function name(token) {
    return shownExample().tokens[token]?.label ?? "";
  }

  function shownExample() {
    return store.data.examples[store.step.example ?? store.state.example];
  }

  /** The weight of the guess, and its place among all. @param {number | undefined} token */
  function showGuess(token) {
    const { query, map } = store.step;
    const { maps, tokens } = shownExample();
    guess.hidden = token === undefined || query === null || query >= tokens.length || token >= tokens.length;
    if (guess.hidden || token === undefined || query === null) return;
    const { weights } = maps[map ?? store.state.map];
    const rank = strongest(row(weights, query)).indexOf(token) + 1;
    settle(guess, [say.guessed(name(token)), number(at(weights, query, token)), `, ${say.ranked(rank, tokens.length)}.`]);
  }

  /** Makes what depends on the tokens anew. */
  function rebuild() {
    if (!matrix) return;
    const fresh = heatmap(store);
    fresh.element.hidden = true;
    matrix.element.replaceWith(fresh.element);
    matrix = fresh;
  }

  return { element, update, rebuild, resize: () => matrix?.resize() };
}
