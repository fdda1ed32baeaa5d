// One exercise: the question, its control, hints in steps, and what is said to an answer.

import { button, html, inline, uid } from "@vitexplain/explorer/dom.js";
import { strings } from "../strings/exercises.js";
import { judge } from "./judge.js";
import { ways } from "./ways.js";

/** @import { Exercise, Verdict } from "./judge.js" */

/**
 * @param {Exercise} exercise
 * @param {string} label above the question
 * @param {() => void} done told when it is first answered right without being shown
 */
export function card(exercise, label, done) {
  const { hints, because, kind } = exercise;
  const id = uid("asks");
  const asks = html("p", { class: "vxe-asks", id }, ...inline(exercise.asks));
  const said = html("div", { class: "vxe-said", role: "status", tabindex: -1 });
  const given = html("ol", { class: "vxe-hints", "aria-live": "polite" });
  const element = html("section", { class: "vxe-card", "aria-labelledby": id });
  let [told, over] = [0, false];

  const hint = button("vxe-hint", strings.hint(1, hints.length), () => {
    given.append(html("li", {}, ...inline(hints[told])));
    told += 1;
    if (told < hints.length) hint.textContent = strings.hint(told + 1, hints.length);
    else leave(hint, show);
  });
  const show = button("vxe-show", strings.show, () => end(strings.shown(control.answer), "shown"));
  const control = ways[kind](exercise, (answer) => {
    const verdict = judge(exercise, answer);
    if (!verdict.right) {
      say(wrong(verdict), "wrong");
      if (kind === "look") end(control.guess?.() ?? "", "wrong", verdict.says); // one guess, then all is seen
    } else if (kind === "repair" && answer.length === 1) {
      if (!over) say(strings.mends, "hint");
    } else {
      const first = !over;
      end(strings.right, "right");
      element.dataset.verdict = "right";
      if (first) done();
    }
    return verdict;
  }, id);
  if (!hints.length) hint.hidden = true;

  /** @param {Verdict} verdict @returns {Array<Node | string>} */
  function wrong({ says, reason, places = 0 }) {
    if (says) return [html("strong", {}, strings.wrong), " ", ...inline(says)];
    if (reason === "places") return [html("strong", {}, strings.wrong), " ", strings.places(places, exercise.options.length)];
    const why = strings.reasons[reason ?? "other"];
    return reason === "unread" || reason === "none" ? [why] : [html("strong", {}, strings.wrong), " ", why];
  }

  /** @param {Node | string | Array<Node | string>} what @param {string} look */
  function say(what, look) {
    said.dataset.look = look;
    said.replaceChildren(html("p", {}, ...(what instanceof Array ? what : [what])));
  }

  /** Say how it ends and why; there is nothing left to hint at. @param {string} text @param {string} look @param {string} [says] */
  function end(text, look, says = "") {
    over = true;
    say([html("strong", {}, text), " ", ...inline(says ? `${says} ${because}` : because)], look);
    control.reveal?.();
    leave(hint, said);
    leave(show, said);
  }

  element.append(
    html("p", { class: "vxe-kind" }, label),
    asks,
    control.element,
    given,
    html("div", { class: "vxe-help" }, hint, show),
    said,
  );
  return element;
}

/** Hide a button; if it has the focus, another place gets it. @param {HTMLElement} one @param {HTMLElement} other */
function leave(one, other) {
  const had = document.activeElement === one;
  one.hidden = true;
  if (had) other.focus({ preventScroll: true });
}
