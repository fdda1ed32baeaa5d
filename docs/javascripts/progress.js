// Which lessons were read to their end: kept in this browser alone, shown on the map of the course,
// and forgotten at a click. Without storage nothing is kept, and nothing breaks.

import { strings } from "./strings/site.js";

const [KEY, OFF] = ["vitexplain-been", "off"];

/** @returns {string[] | null} null where nothing may be kept */
function read() {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === OFF ? null : (kept?.split(" ").filter(Boolean) ?? []);
  } catch {
    return null;
  }
}

/** @param {string} kept */
function keep(kept) {
  try {
    localStorage.setItem(KEY, kept);
  } catch {
    // no storage
  }
}

/** A page's name in the addresses: "goat". @param {string} address */
function nameOf(address) {
  return new URL(address, location.href).pathname.split("/").filter(Boolean).at(-1) ?? "";
}

/** Marks a lesson when its end comes into sight. */
function follow() {
  const end = document.querySelector("#what-to-remember, #your-turn, #sources");
  if (!end || !location.pathname.includes("/lessons/")) return;
  new IntersectionObserver((seen, watch) => {
    const been = read();
    if (!seen.some((one) => one.isIntersecting)) return;
    watch.disconnect();
    if (been) keep([...new Set([...been, nameOf(location.href)])].join(" "));
  }).observe(end);
}

/** Shows on the map where one has been. @param {Element} way its last part */
function show(way) {
  const been = read();
  for (const station of document.querySelectorAll(".vx-way li")) {
    const link = station.querySelector("a");
    const there = Boolean(link && been?.includes(nameOf(link.href)));
    station.classList.toggle("vx-been", there);
    station.querySelector(".vx-been__said")?.remove();
    if (!there) continue;
    const said = document.createElement("small");
    said.className = "vx-been__said";
    said.textContent = strings.been;
    link?.closest("p")?.append(" ", said);
  }
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = been !== null;
  const label = document.createElement("label");
  label.className = "vx-progress";
  label.append(box, ` ${strings.remember}`);
  box.addEventListener("change", () => {
    keep(box.checked ? "" : OFF);
    label.remove();
    show(way);
    /** @type {HTMLElement | null} */ (document.querySelector(".vx-progress input"))?.focus();
  });
  way.after(label); // below, so that nothing moves
}

const way = [...document.querySelectorAll(".vx-way")].at(-1);
if (way) show(way);
else follow();
