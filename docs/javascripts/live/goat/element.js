// <live-goat>: a sentence that the reader changes, recomputed as it changes by the graph that was
// exported from `vitexplain.export.steps`.

import { at, row } from "@vitexplain/explorer/data.js";
import { html, write } from "@vitexplain/explorer/dom.js";
import { differences, Keeper } from "@vitexplain/explorer/keeper.js";
import { strings } from "../../strings/goat.js";
import { alert, status } from "../controls.js";
import { Latest } from "../latest.js";
import { LiveWidget } from "../widget.js";
import { actions } from "./actions.js";
import { legend, told } from "./caption.js";
import { chosen, clicked, Link } from "./link.js";
import { matrices } from "./matrices.js";
import { plane } from "./plane.js";
import { dataOf, feeds } from "./run.js";
import { examples, sentence } from "./sentence.js";
import { begin, find, labelsOf, move, spoken, wordsOf } from "./sheet.js";
import { switches } from "./switches.js";
import { table } from "./table.js";

/** @import { Matrix } from "@vitexplain/explorer/types.js" */
/** @import { Model } from "../runtime.js" */
/** @import { Parts } from "../widget.js" */
/** @import { GoatConfig, Place, Sheet, Word } from "./sheet.js" */

/** @extends {LiveWidget<GoatConfig>} */
export class LiveGoat extends LiveWidget {
  /** @param {Parts<GoatConfig>} parts */
  build({ config, explorer, loader, signal }) {
    const { axes, sentences } = config;
    const first = explorer.data;
    const start = begin(config);
    const link = new Link(start);
    const wrong = alert();
    const restored = link.read(() => write(wrong, strings.problem.link));
    const keeper = new Keeper(restored ?? start);

    /** @type {Model | null} */
    let model = null;
    /** What the explorer's rows are: the words of the sheet that was computed last. */
    let shown = start;
    let asks = idAt(keeper.state.words, restored ? chosen("query", first.query) : Number(explorer.state.query));
    let wanted = restored ? chosen("key", -1) : -1; // the key that the address names
    let showing = false;
    let saying = "";

    const said = status("vxl-sr vxl-goat-said");
    const caption = html("p", { class: "vxl-goat-caption" });
    const map = plane(axes, {
      move(id, place, settled) {
        const sheet = move(keeper.state, id, place);
        const { word, at: there } = sheet.words[find(sheet, id)];
        keeper.change(sheet, { settled, said: strings.said.moved(word, spoken(axes, there)) });
      },
      settle: () => keeper.settle(),
      ask: choose,
    });
    const controls = {
      examples: examples(sentences, keeper, (i) => {
        const { name, query } = sentences[i];
        replace({ ...keeper.state, words: wordsOf(sentences[i]) }, query, strings.said.example(name));
      }),
      switches: switches(keeper),
      actions: actions(keeper, {
        host: this,
        signal,
        reset: () => replace(start, sentences[0].query, strings.said.reset),
        link: () => (link.flush(), location.href),
        say: (text) => write(said, text),
      }),
      sentence: sentence(keeper),
      table: table(axes, keeper),
      matrices: matrices(config.matrices, keeper),
    };
    const help = html("p", { class: "vxl-note vxl-goat-help" }, strings.planeHelp);
    const figure = html("div", { class: "vxl-goat-figure" }, map.element, loader.element);
    const side = html("div", { class: "vxl-goat-side" }, caption, legend(), help, controls.switches.element);
    this.querySelector(".vxl-goat")?.remove(); // of an earlier life in the page
    this.prepend(
      html(
        "div",
        { class: "vxl-goat" },
        controls.examples.element,
        wrong,
        html("div", { class: "vxl-goat-main" }, figure, side),
        controls.actions.element,
        controls.sentence.element,
        html("div", { class: "vxl-goat-more" }, controls.table.element, controls.matrices.element),
        said,
      ),
    );

    const latest = new Latest(async (/** @type {Sheet} */ sheet) => {
      const outputs = await model?.run(feeds(sheet));
      if (signal.aborted || !outputs) return;
      write(wrong, "");
      present(sheet, outputs);
    }, (error) => signal.aborted || write(wrong, strings.problem.failed(error.message)));

    /** @param {Sheet} sheet @param {Awaited<ReturnType<Model["run"]>>} outputs */
    function present(sheet, outputs) {
      const followed = shown.words[Number(explorer.state.key)]?.id ?? -1;
      const key = wanted >= 0 ? wanted : find(sheet, followed);
      const query = Math.max(0, find(sheet, asks));
      wanted = -1;
      shown = sheet;
      showing = true;
      explorer.show(dataOf(sheet, outputs, first, axes));
      explorer.state = key >= 0 ? { query, key } : { query };
      showing = false;
      draw();
      report();
    }

    /** Lets a word ask. @param {number} id */
    function choose(id) {
      asks = id;
      const i = find(shown, id);
      if (i >= 0) explorer.state = { query: i };
      update();
    }

    /** Puts another sheet there, and who asks. @param {Sheet} sheet @param {number} query @param {string} text */
    function replace(sheet, query, text) {
      asks = idAt(sheet.words, query);
      keeper.change(sheet, { said: text });
    }

    /** Whether the numbers that are shown are those of the sheet, or soon will be. */
    const fits = () => model !== null || isShown();
    const isShown = () => differences(shown, keeper.state).length === 0;

    function draw() {
      const [{ weights, output }] = explorer.data.examples[0].maps;
      const query = find(shown, asks);
      const rows = fits() ? shown.words.filter(({ id }) => find(keeper.state, id) >= 0) : [];
      const place = (/** @type {Word} */ { id }) => {
        const [x, y] = row(/** @type {Matrix} */ (output), find(shown, id));
        return /** @type {[number, Place]} */ ([id, [x, y]]);
      };
      map.update({
        words: keeper.state.words,
        asks,
        outputs: new Map(rows.map(place)),
        weights: new Map(query < 0 ? [] : rows.map(({ id }) => [id, at(weights, query, find(shown, id))])),
      });
      if (fits() && query >= 0) write(caption, told(explorer.data.examples[0].maps[0], labelsOf(shown.words), query));
      else write(caption, strings.waiting);
    }

    function update() {
      draw();
      for (const part of Object.values(controls)) part.update(asks);
    }

    /** Tells a screen reader what has come to rest, once its numbers are there. */
    function report() {
      if (!saying || keeper.open || (model && !isShown())) return;
      write(said, `${saying} ${caption.textContent}`);
      saying = "";
    }

    /** Loads the model, if it is not there. */
    function need() {
      loader.need().catch(() => signal.aborted || write(caption, strings.lost));
    }

    keeper.subscribe((news) => {
      if (find(keeper.state, asks) < 0) asks = idAt(keeper.state.words, find(shown, asks));
      update();
      if (news.settled) link.write(keeper.state);
      saying = news.said || saying;
      latest.ask(keeper.state);
      need();
      report();
    });
    explorer.addEventListener("statechange", () => {
      const word = shown.words[Number(explorer.state.query)];
      if (showing || !word || word.id === asks || find(keeper.state, word.id) < 0) return;
      asks = word.id;
      update();
    }, { signal });
    // A link to this page with another sheet need not load the page again.
    document.addEventListener("click", (event) => {
      const given = clicked(event);
      if (!given) return;
      event.preventDefault();
      event.stopPropagation();
      replace(given.sheet, chosen("query", first.query, given.search), strings.said.link);
      map.focus(asks);
      figure.scrollIntoView();
    }, { signal, capture: true });
    signal.addEventListener("abort", () => {
      map.stop();
      link.flush();
      model = null;
    });
    map.measure();
    update();
    if (restored) need(); // only the model can show what the address asks for
    return (/** @type {Record<string, Model>} */ { steps }) => {
      model = steps;
      latest.ask(keeper.state);
    };
  }
}

/** The id of the word in that place, or in the nearest there is. @param {readonly Word[]} words @param {number} i */
function idAt(words, i) {
  return words[Math.max(0, Math.min(i, words.length - 1))].id;
}
