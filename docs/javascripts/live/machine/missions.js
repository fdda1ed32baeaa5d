// Missions: a question to the machine, guessed first, set up by a button, and settled by what Python found.

import { button, html, write } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/machine.js";
import { status } from "../controls.js";

/** @import { Mission } from "./settings.js" */

/** @param {Mission[]} all @param {(mission: Mission) => void} set */
export function missions(all, set) {
  const say = strings.missions;
  const cards = all.map((mission, i) => {
    const said = status("vxl-machine-verdict");
    const answers = mission.answers.map((text, j) => {
      const made = button("vxl-machine-answer", text, () => {
        const right = j === mission.right;
        for (const [k, one] of answers.entries()) {
          one.setAttribute("aria-pressed", String(k === j));
          one.classList.toggle("vxl-machine-true", right && k === j);
        }
        write(said, right ? `${say.right} ${mission.why}` : say.wrong);
      });
      made.setAttribute("aria-pressed", "false");
      return made;
    });
    const title = html("p", { class: "vxl-machine-which" }, say.of(i + 1, all.length));
    return html("div", { class: "vxl-machine-mission" }, title, html("p", {}, mission.ask), html("div", { class: "vxl-row" }, button("vx-primary", say.set, () => set(mission))), html("div", { class: "vxl-row" }, ...answers), said);
  });
  let at = 0;
  const show = (/** @type {number} */ to) => {
    at = (to + cards.length) % cards.length;
    cards.forEach((card, i) => (card.hidden = i !== at));
  };
  show(0);
  const ways = html("div", { class: "vxl-row" }, button("", say.previous, () => show(at - 1)), button("", say.next, () => show(at + 1)));
  return html("section", { "aria-label": say.title, class: "vxl-machine-missions" }, ...cards, ways);
}
