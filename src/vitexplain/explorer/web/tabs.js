// The three views as tabs, after the ARIA Authoring Practices: arrow keys move and choose, Tab
// goes to the panel.

import { html, uid } from "./dom.js";
import { around, roving } from "./roving.js";
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
  const { stop } = roving(list, made, (event, from) => around(event, from, views.length), (to) => store.set({ view: views[to] }));

  function update() {
    views.forEach((view, i) => {
      const chosen = view === store.state.view;
      made[i].setAttribute("aria-selected", String(chosen));
      if (chosen) stop(i);
      /** @type {HTMLElement} */ (panels[view]).hidden = !chosen;
    });
  }
  return { element: list, update };
}
