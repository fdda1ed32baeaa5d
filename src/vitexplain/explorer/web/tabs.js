// The three views as tabs, after the ARIA Authoring Practices: arrow keys move and choose, Tab
// goes to the panel.

import { html, uid } from "./dom.js";
import { strings } from "./strings/explorer.js";

/** @import { Store } from "./store.js" */
/** @import { View } from "./types.js" */

/**
 * @param {Store} store
 * @param {Partial<Record<View, HTMLElement>>} panels
 */
export function tabs(store, panels) {
  const views = /** @type {View[]} */ (Object.keys(panels));
  const list = html("div", { role: "tablist", class: "vx-tabs", "aria-label": strings.viewsLabel });
  const made = views.map((view) => {
    const id = uid("tab");
    const panel = /** @type {HTMLElement} */ (panels[view]);
    panel.id = uid("panel");
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", id);
    panel.tabIndex = 0;
    const tab = html("button", { type: "button", role: "tab", id, class: "vx-tab" }, strings.views[view]);
    tab.setAttribute("aria-controls", panel.id);
    tab.addEventListener("click", () => store.set({ view }));
    return tab;
  });
  list.append(...made);
  list.addEventListener("keydown", (event) => {
    const now = views.indexOf(store.state.view);
    /** @type {Record<string, number>} */
    const moves = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: views.length - 1 };
    if (!(event.key in moves)) return;
    event.preventDefault();
    const to = (moves[event.key] + views.length) % views.length;
    store.set({ view: views[to] });
    made[to].focus();
  });

  function update() {
    views.forEach((view, i) => {
      const chosen = view === store.state.view;
      made[i].setAttribute("aria-selected", String(chosen));
      made[i].tabIndex = chosen ? 0 : -1;
      /** @type {HTMLElement} */ (panels[view]).hidden = !chosen;
    });
  }
  return { element: list, update };
}
