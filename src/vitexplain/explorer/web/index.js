// Loads the explorer on pages that hold one, and only there; also where one comes later, as on
// sites that swap a page's content under a living document.

const TAG = "attention-explorer";

function load() {
  if (customElements.get(TAG) || !document.querySelector(TAG)) return;
  import("./element.js").then(({ AttentionExplorer }) => {
    if (!customElements.get(TAG)) customElements.define(TAG, AttentionExplorer);
  });
}

load();
if (!customElements.get(TAG)) {
  const watch = new MutationObserver(() => {
    load();
    if (customElements.get(TAG)) watch.disconnect();
  });
  watch.observe(document.documentElement, { childList: true, subtree: true });
}
