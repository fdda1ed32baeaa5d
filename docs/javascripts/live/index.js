// Loads a live widget on pages that hold one, and only there.

const WIDGETS = {
  "live-goat": () => import("./goat/element.js").then(({ LiveGoat }) => LiveGoat),
  "live-face": () => import("./face/element.js").then(({ LiveFace }) => LiveFace),
  "live-lab": () => import("./lab/element.js").then(({ LiveLab }) => LiveLab),
  "live-machine": () => import("./machine/element.js").then(({ LiveMachine }) => LiveMachine),
};

for (const [tag, widget] of Object.entries(WIDGETS)) {
  if (document.querySelector(tag)) widget().then((made) => customElements.define(tag, made));
}
