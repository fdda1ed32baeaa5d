// One picture from the camera. It is on while the window for it is open, and never longer.

import { button, html } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/lab.js";
import { Problem } from "../files.js";
import { Picture } from "./picture.js";

const WIDTH = 1280;

/**
 * Asks for a picture; null if the reader would rather not.
 * @param {HTMLElement} host
 * @param {AbortSignal} signal
 * @returns {Promise<Picture | null>}
 */
export async function photograph(host, signal) {
  const stream = await begin();
  const stop = () => stream.getTracks().forEach((track) => track.stop());
  if (signal.aborted) return stop(), null;
  const say = strings.camera;
  const video = html("video", { playsinline: true, muted: true, "aria-label": say.view });
  video.muted = true;
  video.srcObject = stream;
  const dialog = html("dialog", { class: "vxl-lab-camera", "aria-label": say.title });
  let done = (/** @type {boolean} */ _) => {};
  /** @type {Promise<boolean>} */
  const taken = new Promise((resolve) => (done = resolve)); // at once: a closing dialog says so a frame later
  const shoot = button("vx-primary", say.shoot, () => done(true));
  const leave = button("", say.cancel, () => done(false));
  dialog.addEventListener("close", () => done(false)); // the Escape key
  shoot.disabled = true; // until there is something to take
  dialog.append(video, html("div", { class: "vxl-row" }, shoot, leave), html("p", { class: "vxl-lab-hint" }, say.note));
  host.append(dialog);
  const end = () => done(false);
  signal.addEventListener("abort", end);
  try {
    dialog.showModal();
    const begun = () => {
      shoot.disabled = false;
      shoot.focus();
    };
    video.play().then(begun, () => {}); // closed before it began
    if (!(await taken) || signal.aborted) return null;
    if (video.videoWidth === 0) throw new Problem(say.dark);
    return new Picture(video, video.videoWidth, video.videoHeight);
  } finally {
    signal.removeEventListener("abort", end);
    stop();
    video.srcObject = null;
    dialog.close(); // gives the focus back
    dialog.remove();
  }
}

async function begin() {
  const say = strings.camera;
  if (!navigator.mediaDevices?.getUserMedia) throw new Problem(say.noWay);
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: "environment", width: { ideal: WIDTH } } });
  } catch (error) {
    const { name } = /** @type {Error} */ (error);
    if (name === "NotAllowedError" || name === "SecurityError") throw new Problem(say.refused);
    if (name === "NotFoundError" || name === "OverconstrainedError") throw new Problem(say.missing);
    throw new Problem(say.busy);
  }
}
