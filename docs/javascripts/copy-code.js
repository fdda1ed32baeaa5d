// A button on each block of code that copies it. What code prints has none.

import { strings } from "./strings/site.js";

const BLOCKS = ".highlight:not(.vx-output) > pre:not(:has(+ .vx-copy))";

function addButtons() {
  if (!navigator.clipboard) return;
  for (const block of document.querySelectorAll(BLOCKS)) {
    const button = document.createElement("button");
    button.className = "vx-copy";
    button.type = "button";
    button.textContent = strings.copy;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(block.textContent?.trimEnd() ?? "");
      button.textContent = strings.copied;
      setTimeout(() => (button.textContent = strings.copy), 1500);
    });
    block.after(button);
  }
}

addButtons();
