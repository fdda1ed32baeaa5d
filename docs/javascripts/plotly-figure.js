// <plotly-figure src="….json">: a figure of the page, drawn when it comes near the view.
// The page holds its caption, its height and its numbers as a table; this adds the picture.

import { arrowOf } from "@vitexplain/explorer/roving.js";
import { colours, followTheme, recolour } from "./theme.js";
import { pointsOf, still } from "./figure-data.js";
import { strings } from "./strings/site.js";

/** @typedef {import("./figure-data.js").Figure} Figure */

const PLOTLY = new URL("../assets/plotly.js", import.meta.url);
const NEAR = "600px"; // start this far outside the view

const HOVER = 70; // Plotly shows at most one point every 50 ms

/** @type {Promise<any> | undefined} */
let plotly;

/** Load the one copy of Plotly that the site has, once. */
function loadPlotly() {
  plotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = PLOTLY.href;
    script.onload = () => resolve(/** @type {any} */ (window).Plotly);
    script.onerror = () => reject(new Error(`${PLOTLY} does not load`));
    document.head.append(script);
  });
  return plotly;
}

/** @type {Set<PlotlyFigure>} */
const waiting = new Set();

/** @param {IntersectionObserverInit} when */
const watch = (when) =>
  new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (entry.isIntersecting) /** @type {PlotlyFigure} */ (entry.target).draw();
      }
    },
    when,
  );

// Until the reader moves, only a figure half in view is drawn; then also what comes soon.
let near = watch({ threshold: 0.5 });
addEventListener(
  "scroll",
  () => {
    near.disconnect();
    near = watch({ rootMargin: NEAR });
    for (const figure of waiting) near.observe(figure);
  },
  { once: true, passive: true },
);

const resized = new ResizeObserver((entries) => {
  for (const entry of entries) /** @type {PlotlyFigure} */ (entry.target).fit();
});

export class PlotlyFigure extends HTMLElement {
  /** @type {Figure | undefined} */ #figure;
  /** @type {HTMLElement | undefined} */ #plot;
  /** @type {any} */ #Plotly;
  /** @type {URL | undefined} */ #address;
  #started = false;
  #width = 0;
  #at = -1;
  #forget = () => {};

  connectedCallback() {
    // Resolved once: the page's address may change under the element.
    this.#address ??= new URL(this.getAttribute("src") ?? "", document.baseURI);
    this.setAttribute("role", "img");
    waiting.add(this);
    near.observe(this);
  }

  disconnectedCallback() {
    this.#leave();
    resized.unobserve(this);
    this.#forget();
    if (this.#plot) this.#Plotly.purge(this.#plot);
    this.#plot?.remove();
    this.#plot = undefined;
    this.#started = false;
  }

  /** Fetch the data and Plotly, and draw; a second call does nothing. */
  async draw() {
    if (this.#started) return;
    this.#started = true;
    this.#leave();
    try {
      const [Plotly, figure] = await Promise.all([loadPlotly(), fetchJson(this.#address), colours()]);
      if (!this.isConnected) return;
      this.#Plotly = Plotly;
      this.#figure = matchMedia("(prefers-reduced-motion: reduce)").matches ? still(figure) : figure;
      this.#plot = document.createElement("div");
      this.#plot.setAttribute("aria-hidden", "true"); // the label and the table say it
      this.append(this.#plot);
      await this.#paint();
      this.#forget = followTheme(() => this.#paint());
      resized.observe(this);
      this.#listen();
      this.dataset.state = "drawn";
      this.dispatchEvent(new CustomEvent("drawn", { bubbles: true }));
    } catch (error) {
      this.dataset.state = "failed";
      this.textContent = strings.figureFailed;
      console.error(`${this.#address}:`, error);
    }
  }

  #leave() {
    waiting.delete(this);
    near.unobserve(this);
  }

  /** Fit the drawing to the width of the element, if that changed. */
  fit() {
    const width = Math.round(this.clientWidth);
    if (!this.#plot || !width || width === this.#width) return;
    this.#width = width;
    this.#Plotly.relayout(this.#plot, { width });
  }

  async #paint() {
    if (!this.#plot || !this.#figure) return;
    this.#width = Math.round(this.clientWidth);
    const { data, layout, frames } = recolour(this.#figure);
    const drawing = {
      data,
      layout: { dragmode: false, ...layout, width: this.#width },
      frames,
      config: { displayModeBar: false, scrollZoom: false, plotlyServerURL: "", showTips: false },
    };
    const draw = this.#plot.childElementCount ? this.#Plotly.react : this.#Plotly.newPlot;
    await draw(this.#plot, drawing);
  }

  /** Let the arrow keys read the figure point by point, as the mouse does. */
  #listen() {
    const points = pointsOf(/** @type {any} */ (this.#plot).calcdata);
    if (!points.length) return;
    const live = document.createElement("p");
    live.className = "vx-unseen";
    live.setAttribute("aria-live", "polite");
    this.after(live);
    this.tabIndex = 0;
    this.setAttribute("aria-description", strings.figureKeys);
    this.onkeydown = (event) => {
      const way = arrowOf(event);
      if (event.key === "Escape") this.onblur?.(/** @type {any} */ (event));
      if (!way || !this.#plot) return;
      event.preventDefault();
      this.#at = this.#at < 0 ? 0 : (this.#at + way[0] + way[1] + points.length) % points.length;
      this.#Plotly.Fx.hover(this.#plot, [points[this.#at]]);
      setTimeout(() => {
        const texts = this.#at < 0 ? [] : (this.#plot?.querySelectorAll(".hoverlayer text") ?? []);
        live.textContent = [...texts].map((text) => text.textContent).join(" ");
      }, HOVER);
    };
    this.onblur = () => {
      if (this.#plot) this.#Plotly.Fx.unhover(this.#plot);
      this.#at = -1;
      live.textContent = "";
    };
  }
}

/** @param {URL | undefined} url */
async function fetchJson(url) {
  const answer = await fetch(/** @type {URL} */ (url));
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
}

if (!customElements.get("plotly-figure")) customElements.define("plotly-figure", PlotlyFigure);
