// Keys that walk: which way an arrow key points, where a key leads in a grid, and one stop of Tab
// for many cells.

/** @typedef {Pick<KeyboardEvent, "key" | "altKey" | "ctrlKey" | "metaKey">} Key */

/** @type {Record<string, readonly [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The way of an arrow key, as columns to the right and rows down; null for any other key. @param {Key} event */
export function arrowOf({ key, altKey, ctrlKey, metaKey }) {
  return altKey || ctrlKey || metaKey ? null : (ARROWS[key] ?? null);
}

/**
 * Where a key leads from a cell of a full grid, at most to its edge; null for a key that leads nowhere.
 * Home and End go to the ends of the row, with Ctrl to those of the grid.
 * @param {Key} event @param {number} from @param {{rows: number, cols: number}} grid
 */
export function walked(event, from, { rows, cols }) {
  const { key, altKey, ctrlKey, metaKey } = event;
  const [row, col] = [Math.floor(from / cols), from % cols];
  if (!altKey && !metaKey && key === "Home") return ctrlKey ? 0 : row * cols;
  if (!altKey && !metaKey && key === "End") return (ctrlKey ? rows : row + 1) * cols - 1;
  const way = arrowOf(event);
  return way && within(row + way[1], rows) * cols + within(col + way[0], cols);
}

/**
 * Where a key leads in a row that begins again at its end.
 * @param {Key} event @param {number} from @param {number} count
 * @param {boolean} [both] whether up and down go back and forth, too
 */
export function around(event, from, count, both = false) {
  if (event.key === "Home" || event.key === "End") return walked(event, from, { rows: 1, cols: count });
  const [right, down] = arrowOf(event) ?? [0, 0];
  const by = right + (both ? down : 0);
  return by ? (from + by + count) % count : null;
}

/**
 * Lets one of many cells be where Tab stops, and the arrow keys go among them.
 * @param {HTMLElement} element holds them
 * @param {HTMLElement[]} cells row by row
 * @param {(event: KeyboardEvent, from: number) => number | null} walk where a key leads
 * @param {(i: number) => void} [then] what else is done there, beside the focus
 */
export function roving(element, cells, walk, then = () => {}) {
  let at = 0;
  cells.forEach((cell, i) => (cell.tabIndex = i === at ? 0 : -1));

  element.addEventListener("keydown", (event) => {
    const from = cells.indexOf(/** @type {HTMLElement} */ (event.target));
    const to = from < 0 || event.defaultPrevented ? null : walk(event, from);
    if (to === null) return;
    event.preventDefault();
    event.stopPropagation();
    focus(to);
    cells[to].scrollIntoView({ block: "nearest", inline: "nearest" });
    then(to);
  });

  /** Moves the stop. @param {number} i */
  function stop(i) {
    if (cells[at]) cells[at].tabIndex = -1;
    if (cells[i]) cells[i].tabIndex = 0;
    at = i;
  }

  /** @param {number} i */
  function focus(i) {
    stop(i);
    cells[i].focus({ preventScroll: true });
  }

  return { stop, focus };
}

/** @param {number} x @param {number} count */
function within(x, count) {
  return Math.max(0, Math.min(x, count - 1));
}
