// What can be said of a figure's data without drawing it.

/**
 * @typedef {object} Figure
 * @property {any[]} data
 * @property {Record<string, any>} layout
 * @property {any[]} [frames]
 */

/** @typedef {{curveNumber: number, pointNumber: number | [number, number]}} Point */

/**
 * Return the points that can be read, trace by trace: a number each, or (row, column).
 * @param {any[][]} calcdata what Plotly computed for each trace
 * @returns {Point[]}
 */
export function pointsOf(calcdata) {
  /** @type {Point[]} */
  const points = [];
  calcdata.forEach((trace, curveNumber) => {
    const { type, hoverinfo, visible } = trace[0].trace;
    if (hoverinfo === "skip" || hoverinfo === "none" || visible !== true || type === "image") return;
    if (type === "heatmap") {
      trace[0].z.forEach((/** @type {ArrayLike<number>} */ row, /** @type {number} */ i) => {
        for (let j = 0; j < row.length; j++) points.push({ curveNumber, pointNumber: [i, j] });
      });
    } else {
      trace.forEach((_, pointNumber) => points.push({ curveNumber, pointNumber }));
    }
  });
  return points;
}

/**
 * Return a copy of a figure in which nothing moves: each transition takes no time.
 * @param {Figure} figure
 * @returns {Figure}
 */
export function still(figure) {
  return JSON.parse(
    JSON.stringify(figure, (key, value) =>
      key === "duration" && typeof value === "number" ? 0 : value,
    ),
  );
}
