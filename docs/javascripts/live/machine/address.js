// Where one is and what is changed, in the page's address:
// ?machine=1_PICTURE_TOKEN_HIDDEN_OFF_CUT_SWAPS_POSITIONS_LOOK_PLACE, lists of numbers joined by "-".

/** @import { Machine } from "./settings.js" */
/** @import { Stage } from "./plan.js" */

const [PARAMETER, VERSION, PAUSE] = ["machine", "1", 300]; // ms between writes: browsers refuse more than about ten a second

/** @param {Machine} state */
export function encode({ picture, token, hidden, off, cut, swaps, positions, look, at }) {
  const list = (/** @type {Iterable<number>} */ numbers) => [...numbers].join("-");
  const place = at ? `${at.id}~${at.row}~${at.col}` : "";
  return [VERSION, picture, token, list(hidden), list(off), list(cut), list(swaps.flat()), positions ? "" : "n", look === "now" ? "" : "c", place].join("_");
}

/**
 * What of an address holds for this machine; nothing of one that does not.
 * @param {string} text @param {Map<string, Stage>} plan @param {{pictures: number, tokens: number, patches: number, heads: number, layers: number}} most
 * @returns {Partial<Machine> | null}
 */
export function decode(text, plan, most) {
  const fields = text.split("_");
  if (fields[0] !== VERSION || fields.length !== 10) return null;
  const list = (/** @type {string} */ field, /** @type {number} */ limit) => field.split("-").filter(Boolean).map(Number).filter((x) => Number.isInteger(x) && x >= 0 && x < limit);
  const [, picture, token, hidden, off, cut, swaps, positions, look, place] = fields;
  const [id, row, col] = place.split("~");
  const stage = plan.get(id);
  const moved = list(swaps, most.patches);
  const inside = (/** @type {string} */ x, /** @type {number} */ limit) => list(x, limit)[0] ?? 0;
  return {
    picture: inside(picture, most.pictures), token: inside(token, most.tokens),
    hidden: new Set(list(hidden, most.patches)), off: new Set(list(off, most.layers * most.heads)), cut: new Set(list(cut, 4 * most.layers)),
    swaps: Array.from({ length: Math.floor(moved.length / 2) }, (_, i) => [moved[2 * i], moved[2 * i + 1]]),
    positions: positions !== "n", look: look === "c" ? "difference" : "now",
    at: stage ? { id, row: inside(row, stage.rows), col: inside(col, stage.cols) } : null,
  };
}

/** What the address says, or null. */
export function given() {
  return new URLSearchParams(location.search).get(PARAMETER);
}

/** Writes the address a little after the last change. @param {() => string} text @param {string} start what needs no parameter */
export function writer(text, start) {
  const page = location.pathname;
  let timer = 0;
  function flush() {
    clearTimeout(timer);
    timer = 0;
    if (location.pathname !== page) return; // the page went on
    const url = new URL(location.href);
    if (text() === start) url.searchParams.delete(PARAMETER);
    else url.searchParams.set(PARAMETER, text());
    if (url.href !== location.href) history.replaceState(history.state, "", url);
  }
  return { later: () => (timer ||= window.setTimeout(flush, PAUSE)), flush, stop: () => clearTimeout(timer) };
}
