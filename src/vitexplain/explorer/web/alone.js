// An explorer in a file of its own or in the output of a notebook: it starts at once, is as tall in
// a frame as it needs, and as dark as what is around it.

import { AttentionExplorer } from "./element.js";

const TAG = "attention-explorer";
const root = document.documentElement;
if (!customElements.get(TAG)) customElements.define(TAG, AttentionExplorer);

/** The frame around this document, where we may see it. */
function outside() {
  try {
    return window.frameElement;
  } catch {
    return null;
  }
}

/** What a notebook says of its theme: JupyterLab, Visual Studio Code, Colab. @param {Document} host */
function isDark({ body, documentElement }) {
  const { jpThemeLight, vscodeThemeKind = "" } = body.dataset;
  return jpThemeLight === "false" || vscodeThemeKind.endsWith("dark") || documentElement.getAttribute("theme") === "dark";
}

const frame = outside();
if (frame?.tagName === "IFRAME") {
  // No `instanceof`: it is of another document, whose classes are not ours.
  const host = frame.ownerDocument;
  const fit = () => ((/** @type {HTMLElement} */ (frame)).style.height = `${Math.ceil(document.body.getBoundingClientRect().height)}px`);
  const dress = () => (root.dataset.theme = isDark(host) ? "dark" : "light");
  new ResizeObserver(fit).observe(document.body);
  new MutationObserver(dress).observe(host.body, { attributes: true });
  dress();
}

const button = document.getElementById("vx-theme");
if (button) {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  button.hidden = false;
  button.addEventListener("click", () => {
    const now = root.dataset.theme ?? (dark.matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
  });
}
