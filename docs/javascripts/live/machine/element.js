// <live-machine>: a whole Vision Transformer, every number of it, on the reader's own picture.

import { button, fixed, html, write } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/machine.js";
import { alert, choice } from "../controls.js";
import { feedsOf } from "../feeds.js";
import { probabilities } from "../lab/certainty.js";
import { dataOf, tokensOf } from "../lab/show.js";
import { Latest } from "../latest.js";
import { pictureOf } from "../pixels.js";
import { tensor } from "../runtime.js";
import { LiveWidget } from "../widget.js";
import { decode, encode, given, writer } from "./address.js";
import { changer } from "./change.js";
import { flow } from "./flow.js";
import { handle } from "./gestures.js";
import { missions } from "./missions.js";
import { parametersOf } from "./parameters.js";
import { ownPixels, pixelsOf, swapped } from "./pictures.js";
import { place } from "./place.js";
import { planOf } from "./plan.js";
import { Scene } from "./scene.js";
import { asTrained, MachineState, UNCHANGED } from "./settings.js";
import { at } from "./terms.js";
import { verdict } from "./verdict.js";

/** @import { Tensor } from "../protocol.js" */
/** @import { Model } from "../runtime.js" */
/** @import { Parts } from "../widget.js" */
/** @import { MachineConfig } from "./settings.js" */
/** @import { Cell, Known } from "./terms.js" */

const ZOOM = 1.5; // of a button

/** @extends {LiveWidget<MachineConfig>} */
export class LiveMachine extends LiveWidget {
  /** What the machine says now, for tests and the curious. @type {Record<string, Tensor> | null} */
  outputs = null;

  /** @param {Parts<MachineConfig & {first: number[]}>} parts */
  build({ config, explorer, loader, signal }) {
    for (const one of config.samples) one.image = this.near(one.image);
    const { about } = config;
    const plan = planOf(about, about.hidden);
    const state = new MachineState();
    const tokens = about.prefix + about.grid[0] * about.grid[1];
    /** @type {Model | null} */ let model = null;
    /** @type {Known["parameters"]} */ let parameters = null;
    /** @type {ImageData | null} */ let pixels = null; // of the picture, before anything is swapped or hidden
    /** @type {ImageData | null} */ let asked = null; // with what is swapped
    /** @type {ImageData | null} */ let mine = null; // the reader's own picture
    /** @type {{pixels: ImageData, outputs: Record<string, Tensor>} | null} */ let before = null;
    const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

    const canvas = html("canvas", { "aria-hidden": "true" });
    const area = html("div", { class: "vxl-machine-area", tabindex: 0, role: "group", "aria-label": strings.area }, canvas);
    const scene = new Scene(canvas, about, plan);
    const hover = html("p", { class: "vxl-machine-hover", "aria-hidden": "true" });
    const go = (/** @type {Cell | null} */ cell) => {
      const { axes } = plan.get(cell?.id ?? "") ?? {};
      state.change({ at: cell, ...(cell && axes?.[0] === "token" ? { token: cell.row } : {}) });
      if (!cell) return;
      turn("look");
      scene.camera.fly(scene.rectOf(cell), calm());
    };
    const panel = place(about, plan, {
      cell: go,
      stage: (id) => scene.camera.fly(scene.rectOf({ id }), calm()),
      panel: (i) => scene.camera.fly(scene.rectOf({ panel: i }), calm()),
      all: () => (state.change({ at: null }), scene.camera.fly(null, calm())),
      put: (field, i, on) => (state.put(field, i, on), state.settle()),
    });
    const says = verdict(about, plan, config.first);
    const run = flow(plan, (step) => state.change({ step }));
    const desk = changer({ host: this, config, state, own, signal });
    const tool = (/** @type {string} */ sign, /** @type {string} */ name, /** @type {() => void} */ act) => {
      const made = button("vxl-machine-tool", sign, act);
      made.setAttribute("aria-label", name);
      made.title = name;
      return made;
    };
    const look = choice(strings.tools.look.legend, [["now", strings.tools.look.now], ["difference", strings.tools.look.difference]], (value) => state.change({ look: /** @type {any} */ (value) }));
    const token = html("select", { "aria-label": strings.tools.token }, ...tokensOf(about).map((_, i) => html("option", { value: i }, panel.token(i))));
    token.addEventListener("change", () => state.change({ token: Number(token.value) }));
    const copied = html("span", { role: "status", class: "vxl-note" });
    const link = writer(() => encode(state.state), encode(state.state));
    const copy = button("", strings.tools.copy, async () => {
      link.flush();
      await navigator.clipboard.writeText(location.href).then(() => write(copied, strings.tools.copied), () => write(copied, strings.tools.uncopied));
    });
    const save = button("", strings.tools.save, () => canvas.toBlob((blob) => {
      if (!blob) return;
      const file = html("a", { href: URL.createObjectURL(blob), download: "machine.png" });
      file.click();
      URL.revokeObjectURL(file.href);
    }));
    const full = tool("⤢", strings.tools.full, () => (document.fullscreenElement ? document.exitFullscreen() : stage.requestFullscreen?.().catch(() => {})));
    const bar = html(
      "div", { class: "vxl-machine-tools" },
      tool("−", strings.tools.out, () => scene.camera.zoom(1 / ZOOM)), tool("+", strings.tools.in, () => scene.camera.zoom(ZOOM)),
      tool(strings.tools.all, strings.tools.fit, () => scene.camera.fly(null, calm())), full,
      html("label", { class: "vxl-machine-follow" }, strings.tools.token, token), look.element,
    );
    const away = html("div", { class: "vxl-row" }, copy, save, copied);
    const problem = alert();
    const sheets = { look: panel.element, change: desk.element, missions: missions(config.missions, (mission) => setUp(mission.set)) };
    const turn = (/** @type {keyof typeof sheets} */ to) => {
      tabs.update(to);
      for (const [name, sheet] of Object.entries(sheets)) sheet.hidden = name !== to;
    };
    const tabs = choice(strings.tabs.legend, /** @type {Array<[keyof typeof sheets, string]>} */ (Object.entries(strings.tabs.of)), turn);
    const left = html("div", { class: "vxl-machine-left" }, area, hover, run.element);
    const right = html("div", { class: "vxl-machine-right" }, tabs.element, ...Object.values(sheets));
    const stage = html("div", { class: "vxl-machine-stage" }, says.element, bar, html("div", { class: "vxl-machine-both" }, left, right), away);
    turn("look");
    this.prepend(loader.element, problem, stage);
    this.classList.add("vxl-built");

    const known = () => /** @type {Known} */ ({ about, plan, outputs: this.outputs ?? {}, parameters, changes: state.state });
    const paint = () => {
      const { state: now } = state;
      const picture = asked && pictureOf(asked, about, now.hidden);
      const changed = !asTrained(now);
      const past = changed && before && before.pixels === pixels ? before.outputs : null;
      scene.update({ outputs: this.outputs, before: past ?? this.outputs, picture, state: now, made: sources() });
      says.update(picture, this.outputs, past, now.picture === 0 && !changed);
      panel.update(known(), now);
      desk.draw(asked);
      look.update(now.look);
      token.value = String(now.token);
      area.style.touchAction = scene.camera.whole ? "pan-y" : "none";
    };
    /** The numbers that the chosen one is made of. @returns {Cell[]} */
    function sources() {
      const { at: cell } = state.state;
      const one = plan.get(cell?.id ?? "");
      if (!cell || !one) return [];
      return one.from.flatMap((id) => {
        const from = /** @type {import("./plan.js").Stage} */ (plan.get(id));
        const row = Math.min(one.axes[0] === "token" && from.axes[0] === "patch" ? cell.row - about.prefix : cell.row, from.rows - 1);
        return row >= 0 && from.cols === one.cols ? [{ id, row, col: cell.col }] : [];
      });
    }

    const latest = new Latest(async () => {
      const { state: now } = state;
      if (!model || !pixels || signal.aborted) return;
      asked = swapped(pixels, now.swaps, about);
      if (before?.pixels !== pixels) before = { pixels, outputs: await ask(pixels, UNCHANGED) };
      const outputs = asTrained(now) ? before.outputs : await ask(asked, now);
      if (signal.aborted) return;
      this.outputs = outputs;
      explorer.show(dataOf(/** @type {any} */ ({ about, outputs, place: { seen: asked, hidden: now.hidden } })));
      paint();
      write(problem, "");
    }, ({ name, message }) => {
      if (!signal.aborted && name !== "AbortError") write(problem, message);
    });

    /** @param {ImageData} image @param {import("./settings.js").Changes} changes */
    async function ask(image, changes) {
      const ready = /** @type {Model} */ (model);
      const outputs = await ready.run(feedsOf(ready, image.data, changes));
      outputs.sure = tensor(probabilities(/** @type {Float32Array} */ (outputs.logits.data), about), [1, about.classes]);
      return outputs;
    }

    async function choose() {
      const { picture } = state.state;
      const next = picture < 0 ? mine : await pixelsOf(config.samples[picture], about);
      if (signal.aborted || picture !== state.state.picture || !next) return;
      pixels = next;
      asked = swapped(pixels, state.state.swaps, about);
      paint();
      latest.ask(null);
    }

    /** @param {File} file */
    async function own(file) {
      mine = await ownPixels(file, about);
      if (state.state.picture < 0) choose();
      else state.change({ picture: -1, hidden: new Set(), swaps: [] });
    }

    /** Sets the machine up as a mission asks. @param {Record<string, any>} set */
    function setUp({ mode, ...set }) {
      const sets = Object.fromEntries(Object.entries(set).map(([name, x]) => [name, ["hidden", "off", "cut"].includes(name) ? new Set(x) : x]));
      state.change({ ...UNCHANGED, at: null, ...sets });
      if (mode) {
        desk.show(mode);
        turn("change");
      } else turn("look");
      scene.camera.fly(state.state.at ? scene.rectOf(state.state.at) : null, calm());
      stage.scrollIntoView({ block: "start", behavior: calm() ? "auto" : "smooth" });
    }

    state.subscribe(({ changed }) => {
      if (changed.length === 0) return;
      link.later();
      const calls = /** @type {const} */ (["hidden", "off", "cut", "swaps", "positions"]).some((field) => changed.includes(field));
      if (changed.includes("picture")) choose();
      if (calls || changed.includes("picture")) loader.need().catch(() => {}); // the loader says what is wrong
      if (calls && !changed.includes("picture")) {
        if (pixels) asked = swapped(pixels, state.state.swaps, about);
        latest.ask(null);
      }
      paint();
    });

    handle(area, scene, plan, {
      calm, go,
      at: () => state.state.at,
      patch(patch, picture) {
        if (!picture || !desk.took(patch)) state.change({ token: about.prefix + patch });
      },
      back: () => (state.change({ at: null }), scene.camera.fly(null, calm())),
      say: (cell) => write(hover, cell && this.outputs ? `${panel.called(cell)}: ${fixed(at(known(), cell))}` : ""),
    });

    const room = new ResizeObserver(([{ contentRect: { width, height } }]) => width && height && scene.resize(width, height));
    room.observe(area);
    const theme = new MutationObserver(() => scene.repaint());
    theme.observe(document.body, { attributes: true, attributeFilter: ["data-md-color-scheme"] });
    signal.addEventListener("abort", () => {
      room.disconnect();
      theme.disconnect();
      run.stop();
      link.stop();
    });

    const most = { pictures: config.samples.length, tokens, patches: tokens - about.prefix, heads: about.heads, layers: about.layers };
    const start = decode(given() ?? "", plan, most);
    if (start) state.change(start, { anew: true });
    if (!start?.picture) choose();
    paint();
    if (start?.at) requestAnimationFrame(() => scene.camera.fly(scene.rectOf(/** @type {Cell} */ (start.at)), true));
    return (/** @type {Record<string, Model>} */ models) => {
      model = models.vit;
      latest.ask(null);
      fetch(config.models.vit.url, { signal })
        .then((answer) => answer.arrayBuffer())
        .then((bytes) => ((parameters = parametersOf(new Uint8Array(bytes))), paint()))
        .catch(() => {}); // formulas with the model's own numbers stay away
    };
  }
}
