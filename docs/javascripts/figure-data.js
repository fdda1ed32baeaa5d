// What can be said of a figure's data without drawing it.

/**
 * @typedef {object} Figure
 * @property {any[]} data
 * @property {Record<string, any>} layout
 * @property {any[]} [frames]
 */

/** @typedef {{curveNumber: number, pointNumber?: number, xval?: number, yval?: number}} Point */

/**
 * Return the points that can be read, trace by trace, as `Plotly.Fx.hover` wants them: a number,
 * or the middle of a cell.
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
      const { x, y } = trace[0]; // the edges of the cells
      for (let i = 0; i + 1 < y.length; i++) {
        for (let j = 0; j + 1 < x.length; j++) {
          points.push({ curveNumber, xval: (x[j] + x[j + 1]) / 2, yval: (y[i] + y[i + 1]) / 2 });
        }
      }
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
