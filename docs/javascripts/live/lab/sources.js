// Where pictures come from: samples, files, the camera, the clipboard, and what is dropped.

import { button, html, write } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/lab.js";
import { alert, status } from "../controls.js";
import { filePicker, Problem } from "../files.js";
import { photograph } from "./camera.js";
import { openPicture } from "./intake.js";
import { isModel } from "./own.js";
import { Picture } from "./picture.js";

/** @import { Sample } from "./state.js" */

/**
 * @param {HTMLElement} host the widget: what is dropped on it is opened
 * @param {Sample[]} samples
 * @param {object} on
 * @param {(pictures: Picture[]) => void} on.pictures one, or two that came together
 * @param {(file: File) => void} on.model
 * @param {AbortSignal} on.signal
 */
export function sources(host, samples, { pictures, model, signal }) {
  const say = strings.picture;
  // What is drawn has its name alone; a photograph is described, too, and comes whole when it is chosen.
  const images = samples.map(({ image, thumb = image, alt = "" }) => html("img", { src: thumb, alt, width: 56, height: 56 }));
  const thumbs = samples.map(({ name }, i) => {
    const made = button("vxl-lab-sample", "", () => attempt(async () => [await sample(i)]));
    made.append(html("span", {}, name), images[i]);
    return made;
  });
  const file = { accept: "image/*", text: say.file, kind: "vxl-lab-picture-file", many: true };
  const { input, choose } = filePicker(file, open);
  const said = status();
  const problem = alert();
  const element = html(
    "div",
    { class: "vxl-lab-sources" },
    html("div", { class: "vxl-lab-samples", role: "group", "aria-label": say.samples }, ...thumbs),
    html(
      "div",
      { class: "vxl-row" },
      choose,
      button("", say.camera, () => attempt(async () => [await photograph(host, signal)])),
      button("", say.paste, () => attempt(paste)),
      input,
    ),
    html("p", { class: "vxl-lab-hint" }, say.hint),
    said,
    problem,
  );

  let asked = 0;
  /** What comes first may be read last: only the newest counts. @param {() => Promise<Array<Picture | null>>} get */
  async function attempt(get) {
    const mine = ++asked;
    write(problem, "");
    write(said, say.reading);
    try {
      const found = (await get()).filter((one) => one !== null);
      if (mine !== asked || signal.aborted) return found.forEach((one) => one.close());
      write(said, "");
      if (found.length) pictures(found);
    } catch (error) {
      if (mine !== asked || signal.aborted) return;
      write(said, "");
      if (!(error instanceof Problem)) throw error;
      write(problem, error.message);
    }
  }

  /** @param {File[]} files */
  function open(files) {
    const own = files.find(isModel);
    if (own) return model(own);
    if (files.length) attempt(() => Promise.all(files.slice(0, 2).map(openPicture)));
  }

  /** @param {number} i */
  async function sample(i) {
    const whole = samples[i].thumb ? html("img", { src: samples[i].image }) : images[i];
    await whole.decode().catch(() => {
      throw new Problem(say.away);
    });
    return new Picture(whole, whole.naturalWidth, whole.naturalHeight);
  }

  async function paste() {
    /** @type {ClipboardItem[]} */
    let items;
    try {
      items = await navigator.clipboard.read();
    } catch {
      throw new Problem(say.noClipboard);
    }
    for (const item of items) {
      const type = item.types.find((one) => one.startsWith("image/"));
      if (type) return [await openPicture(await item.getType(type))];
    }
    throw new Problem(say.nothing);
  }

  document.addEventListener("paste", (event) => {
    const typing = event.target instanceof Element && event.target.closest("input, textarea, [contenteditable]");
    const files = [...(event.clipboardData?.files ?? [])];
    if (typing || files.length === 0) return;
    event.preventDefault();
    open(files);
  }, { signal });

  let over = 0; // dragenter and dragleave of the widget's children come in pairs
  const holds = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");
  const light = () => host.classList.toggle("vxl-lab-over", over > 0);
  host.addEventListener("dragenter", (event) => holds(event) && ((over += 1), light()), { signal });
  host.addEventListener("dragleave", (event) => holds(event) && ((over = Math.max(0, over - 1)), light()), { signal });
  host.addEventListener("dragover", (event) => holds(event) && event.preventDefault(), { signal });
  host.addEventListener("drop", (event) => {
    if (!holds(event)) return;
    event.preventDefault();
    over = 0;
    light();
    open([...(event.dataTransfer?.files ?? [])]);
  }, { signal });

  return { element, sample };
}
