// <live-face>: a picture to edit, two models to ask about it, and the explorer that shows what
// they make of it. Every edit is asked about at once; the newest is always answered.

import { html, write } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/face.js";
import { alert, status } from "../controls.js";
import { Latest } from "../latest.js";
import { LiveWidget } from "../widget.js";
import { answer } from "./answer.js";
import { ask } from "./ask.js";
import { editor } from "./editor.js";
import { Studio, untouched } from "./studio.js";
import { actions, faces, switches, tools } from "./tools.js";

/** @import { Data } from "@vitexplain/explorer/types.js" */
/** @import { Model } from "../runtime.js" */
/** @import { Parts } from "../widget.js" */
/** @import { Question, Result } from "./ask.js" */
/** @import { Picture } from "./picture.js" */
/** @import { FaceConfig, Weights, Work } from "./studio.js" */

const ASKED = /** @type {Array<keyof Work>} */ (["face", "picture", "weights", "positions"]);

/** @extends {LiveWidget<FaceConfig>} */
export class LiveFace extends LiveWidget {
  /** What Python computed. @type {Data | null} */ #first = null;

  /** @param {Parts<FaceConfig>} parts */
  async build({ config, explorer, loader, signal }) {
    this.#first ??= explorer.data;
    const first = this.#first;
    if (explorer.data !== first) explorer.show(first);
    const studio = new Studio(config, await Promise.all(config.faces.map((face) => untouched(face, config.shape))));
    if (signal.aborted) return () => {};
    const said = status();
    const problem = alert();
    const picture = editor(studio, (text) => write(said, text));
    const panel = answer(explorer);
    const parts = { picture, tools: tools(studio), actions: actions(studio, this, signal), switches: switches(studio), faces: faces(studio) };
    this.querySelector(".vxl-face")?.remove();
    explorer.before(
      html(
        "div",
        { class: "vxl-face", role: "group", "aria-label": strings.label },
        html("div", { class: "vxl-face-what" }, parts.switches.element, parts.faces.element),
        html("div", { class: "vxl-face-edit" }, parts.tools.element, parts.picture.element, parts.tools.options, parts.actions.way),
        html("div", { class: "vxl-face-then" }, parts.actions.element, html("div", { class: "vxl-face-result" }, loader.element, panel.element, problem), said),
      ),
    );
    const update = () => Object.values(parts).forEach((part) => part.update());

    /** Answers about untouched faces, for “before”. @type {Map<string, Result>} */
    const known = new Map();
    let done = ""; // what the reader did, to be said with the answer
    let last = studio.picture;
    /** @type {Record<Weights, Model> | null} */
    let models = null;
    const latest = new Latest(async (/** @type {Question & {drawn: Picture}} */ { drawn, ...question }) => {
      if (!models || signal.aborted) return;
      const { face, weights } = question;
      const name = `${face.image} ${weights}`;
      const before = known.get(name) ?? (await ask(models, { face, weights, picture: drawn, positions: true }, first));
      known.set(name, before);
      const now = await ask(models, question, first);
      if (!signal.aborted) show(before, now);
    }, (error) => signal.aborted || write(problem, strings.failed(error.message)));
    const question = () => {
      const { face, picture, untouched: drawn, state: { weights, positions } } = studio;
      return { face, picture, weights, positions, drawn };
    };

    /** @param {Result} before @param {Result} now */
    function show(before, now) {
      write(problem, "");
      const query = Number(explorer.state.query);
      const place = now.picture.find(last.tiles[query], query); // the query goes where its patch goes
      last = now.picture;
      explorer.show(now.data);
      if (place >= 0 && place !== query) explorer.state = { query: place };
      picture.answer(now);
      panel.show(before, now);
      if (done) write(said, `${done} ${panel.said()}`);
      done = "";
    }

    studio.subscribe(({ changed, said: what }) => {
      update();
      if (!what && !changed.some((field) => ASKED.includes(field))) return;
      done = what || done;
      if (!models && what) write(said, `${what} ${strings.waiting}`);
      loader.need().catch(() => {}); // the loader says what is wrong
      latest.ask(question());
    });
    explorer.addEventListener("statechange", () => panel.update(), { signal });
    update();
    this.classList.add("vxl-face-built");
    return (/** @type {Record<Weights, Model>} */ opened) => {
      models = opened;
      latest.ask(question());
    };
  }
}
