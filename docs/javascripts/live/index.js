// Loads a live widget on pages that hold one, and only there.

const WIDGETS = {
  "live-goat": () => import("./goat/element.js").then(({ LiveGoat }) => LiveGoat),
  "live-face": () => import("./face/element.js").then(({ LiveFace }) => LiveFace),
  "live-lab": () => import("./lab/element.js").then(({ LiveLab }) => LiveLab),
};

const asked = new Set();

function load() {
  for (const [tag, widget] of Object.entries(WIDGETS)) {
    if (asked.has(tag) || !document.querySelector(tag)) continue;
    asked.add(tag);
    widget().then((made) => customElements.define(tag, made));
  }
}

load();
// Instant navigation swaps the page's content under a living document.
new MutationObserver(load).observe(document.documentElement, { childList: true, subtree: true });
