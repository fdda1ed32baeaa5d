// The palette in the browser: which theme is on, and how a figure changes from light to dark.

/** @typedef {import("./figure-data.js").Figure} Figure */

/** @type {Map<string, string>} */
const twins = new Map();

/** @type {Promise<void> | undefined} */
let loading;

/** Load the twins: each light colour of a figure with its dark one. */
export function colours() {
  loading ??= fetch(new URL("../assets/theme.json", import.meta.url))
    .then((answer) => answer.json())
    .then((pairs) => {
      for (const [light, dark] of Object.entries(pairs)) twins.set(light, dark);
    });
  return loading;
}

const printing = matchMedia("print");

/** Whether the page is dark now; paper is always light. */
export function isDark() {
  return !printing.matches && document.body.dataset.mdColorScheme === "slate";
}

/** @type {Set<() => void>} */
const followers = new Set();

/**
 * Call `follower` when the theme changes; returns a function that stops it.
 * @param {() => void} follower
 */
export function followTheme(follower) {
  followers.add(follower);
  return () => {
    followers.delete(follower);
  };
}

const tell = () => followers.forEach((follower) => follower());
new MutationObserver(tell).observe(document.body, { attributeFilter: ["data-md-color-scheme"] });
printing.addEventListener("change", tell);

/**
 * Return a figure in the colours of the theme that is on.
 * @param {Figure} figure
 * @returns {Figure}
 */
export function recolour(figure) {
  return isDark() ? darken(figure) : structuredClone(figure);
}

/**
 * @template T
 * @param {T} value
 * @returns {T}
 */
function darken(value) {
  /** @type {any} */
  const any = value;
  if (typeof any === "string") {
    if (any.startsWith("data:")) return value;
    return /** @type {any} */ (any).replace(/#[0-9a-f]{6}/gi, (/** @type {string} */ colour) => twins.get(colour.toLowerCase()) ?? colour);
  }
  if (Array.isArray(any)) return /** @type {any} */ (any.map(darken));
  if (any === null || typeof any !== "object") return any;
  return /** @type {any} */ (
    Object.fromEntries(Object.entries(any).map(([key, item]) => [key, darken(item)]))
  );
}
