// The numbers on their way: played, paused, scrubbed, stage by stage.

import { button, html, write } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/machine.js";

/** @import { Stage } from "./plan.js" */

const PACE = 220; // ms a stage at speed 1
const SPEEDS = [0.25, 0.5, 1, 2, 4];

/**
 * Steps over what is computed together: all heads of a block at once.
 * @param {Map<string, Stage>} plan
 * @param {(step: number) => void} change told the last step that has been, or −1 for all
 */
export function flow(plan, change) {
  const say = strings.flow;
  const steps = [...new Map([...plan.values()].map((stage) => [stage.step, stage])).values()];
  let [at, speed, frame, next] = [steps.length, 1, 0, 0];
  const scrub = html("input", { type: "range", min: 0, max: steps.length, value: steps.length, "aria-label": say.label });
  const said = html("p", { class: "vxl-machine-said", role: "status" });
  const play = button("vx-primary", say.play, () => (frame ? stop() : start()));
  const pace = html("select", { "aria-label": say.speed }, ...SPEEDS.map((x) => html("option", { value: x, selected: x === 1 }, say.times(x))));
  pace.addEventListener("change", () => (speed = Number(pace.value)));
  scrub.addEventListener("input", () => (stop(), go(Number(scrub.value))));
  const nudge = (/** @type {string} */ sign, /** @type {string} */ name, /** @type {number} */ by) => {
    const made = button("", sign, () => (stop(), go(at + by)));
    made.setAttribute("aria-label", name);
    made.title = name;
    return made;
  };
  const element = html("div", { class: "vxl-machine-flow" }, nudge("‹", say.back, -1), play, nudge("›", say.on, 1), scrub, pace, said);

  /** @param {number} to */
  function go(to) {
    at = Math.max(0, Math.min(steps.length, to));
    scrub.value = String(at);
    const last = steps[at];
    scrub.setAttribute("aria-valuetext", last ? strings.stages[last.name].name : say.end);
    said.setAttribute("aria-live", frame ? "off" : "polite"); // nobody hears every stage go by
    write(said, last ? say.step(strings.panel(0, last.layer, last.kind === "sure") || strings.machine, strings.stages[last.name].what) : "");
    change(last ? at : -1);
  }
  function start() {
    if (at >= steps.length) go(0);
    play.textContent = say.pause;
    next = performance.now() + PACE / speed;
    frame = requestAnimationFrame(tick);
  }
  function stop() {
    cancelAnimationFrame(frame);
    frame = 0;
    play.textContent = say.play;
  }
  /** @param {number} now */
  function tick(now) {
    if (now >= next) {
      next = now + PACE / speed;
      go(at + 1);
      if (at >= steps.length) return stop();
    }
    frame = requestAnimationFrame(tick);
  }
  return { element, stop, go, get at() { return at; } };
}
