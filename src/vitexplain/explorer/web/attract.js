// Moves the query now and then on a page nobody has touched yet; stops for good at the first touch.

import { button, html, svg } from "./dom.js";
import { strings } from "./strings/explorer.js";

/** @import { Store } from "./store.js" */

const FIRST = 3500; // ms before the first move
const PACE = 2800;

/**
 * @param {Store} store
 * @param {HTMLElement} host
 * @param {number[]} tokens where to go, in turn
 * @param {AbortSignal} signal
 */
export function attract(store, host, tokens, signal) {
  const pause = button("vx-pause", "", () => stop());
  const bars = svg("svg", { viewBox: "0 0 10 10", "aria-hidden": "true" }, svg("path", { d: "M2 1h2v8H2zM6 1h2v8H6z" }));
  pause.append(bars, strings.pause);
  const hint = html("p", { class: "vx-hint" }, store.example.grid ? strings.hint.patch : strings.hint.word);
  const element = html("div", { class: "vx-attract" }, hint, pause);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let [timer, turn, seen] = [0, tokens.indexOf(store.state.query), false];

  function move() {
    timer = window.setTimeout(move, PACE);
    if (!seen || document.hidden) return;
    turn = (turn + 1) % tokens.length;
    store.set({ query: tokens[turn] });
  }

  function stop() {
    clearTimeout(timer);
    watch.disconnect();
    pause.hidden = true;
  }

  const watch = new IntersectionObserver(([entry]) => (seen = entry.isIntersecting), { threshold: 0.5 });
  if (calm || tokens.length < 2) {
    stop();
  } else {
    watch.observe(host);
    timer = window.setTimeout(move, FIRST);
    for (const kind of ["pointerdown", "pointerover", "keydown", "focusin"]) {
      host.addEventListener(kind, stop, { signal, once: true });
    }
    signal.addEventListener("abort", stop);
    store.subscribe(({ cause }) => cause === "data" && stop());
  }
  return element;
}
