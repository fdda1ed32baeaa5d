"""How long a live model takes from the reader's move to the paint that answers it, in Chromium.

    python -m tests.benchmarks.live --site site --out live.json

Needs a built site. Each row is one page and one kind of move, made by the browser's own input
(DevTools' `Input.dispatch…`), the next when the one before is painted, once at full speed and once
with the page's processor throttled four times (`Emulation.setCPUThrottlingRate`).

*painted* is the time from the event's time stamp to a message that is posted in the frame that
draws the answer, and arrives when that frame is done. It includes the way to the worker and back,
and waiting for the frame: up to 16.7 ms. *model* is how long ONNX Runtime took in the worker. The
browser throttles the page's thread alone, so three times the model's time is added to what is
painted on the slow processor.

Then how long a first visit takes until the explorer can be used, and until the model answers, and
what both download, gzipped as a host does it.
"""

import argparse
import gzip
import json
import statistics
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tests.browser.chromium import ARGUMENTS, find_chromium
from tests.browser.serving import PREFIX, Below, served

ROUNDS = 60
WARM = 8
THROTTLES = (1, 4)
KINDS = ("pointermove", "pointerdown", "keydown", "click", "input")

# The first event since the last answer is what is answered.
WATCH = """(kinds) => {
  window.times = [];
  let began = 0;
  for (const kind of kinds) {
    addEventListener(kind, (event) => { began ||= event.timeStamp; }, true);
  }
  const { prototype } = customElements.get('attention-explorer');
  const show = prototype.show;
  prototype.show = function (data) {
    show.call(this, data);
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        if (began) times.push([performance.now() - began, window.model.at(-1)]);
        began = 0;
        window.done?.();
      };
      port2.postMessage(null);
    });
  };
}"""
# What ONNX Runtime says of its own time, heard on its way from the worker.
HEAR = """
window.model = [];
const post = Worker.prototype.postMessage;
Worker.prototype.postMessage = function (message, transfer) {
  const hear = ({ data }) => {
    if (data.id !== message.id || !data.answer) return;
    window.model.push(data.answer.milliseconds);
    this.removeEventListener('message', hear);
  };
  if (message?.kind === 'run') this.addEventListener('message', hear);
  return post.call(this, message, transfer);
};
"""
READY = "() => document.querySelector('.vxl-ready') !== null"
Act = Callable[[Page, int], None]


def throttle(session: CDPSession, rate: int) -> None:
    """Slow the page's thread down."""
    session.send("Emulation.setCPUThrottlingRate", {"rate": rate})


def start(page: Page) -> None:
    """Start the model by its button, and wait until it is ready."""
    page.locator(".vxl-start").wait_for(state="attached")
    page.evaluate("document.querySelector('.vxl-start').click()")
    page.wait_for_function(READY, timeout=60_000)


def hold_word(page: Page) -> None:
    """Take the first word of the plane."""
    page.mouse.move(*middle(page, ".vxl-goat-word"))
    page.mouse.down()


def drag_word(page: Page, i: int) -> None:
    """Move the word that is held to another place."""
    box = page.locator(".vxl-goat-plane").bounding_box()
    assert box is not None
    across, up = 0.3 + 0.03 * (i % 13), 0.3 + 0.03 * (i % 11)
    page.mouse.move(box["x"] + across * box["width"], box["y"] + up * box["height"])


def learned(page: Page) -> None:
    page.get_by_text("Learned", exact=True).first.click()


def shift_face(page: Page, i: int) -> None:
    page.get_by_role("button", name=("Shift left", "Shift up")[i % 2]).click()


def nothing(page: Page) -> None:
    page.locator(".vxl-lab-left").scroll_into_view_if_needed()


def zoom(page: Page, i: int) -> None:
    page.get_by_role("button", name=("Come nearer", "Go back")[i % 2]).click()


def middle(page: Page, selector: str) -> tuple[float, float]:
    """Return the middle of the first element that a selector finds, in view."""
    page.locator(selector).first.scroll_into_view_if_needed()
    box = page.locator(selector).first.bounding_box()
    assert box is not None, selector
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


CASES: list[tuple[str, str, Callable[[Page], None], Act]] = [
    ("live/goat/", "drag a word", hold_word, drag_word),
    ("live/face/", "shift the face, learned", learned, shift_face),
    ("live/lab/", "zoom into the picture", nothing, zoom),
]


def summary(times: list[tuple[float, float]], rate: int) -> dict[str, float]:
    """Return the median and the 95th percentile of both."""
    found = {}
    painted = [painted + (rate - 1) * model for painted, model in times]
    for name, each in (("painted", painted), ("model", [rate * model for _, model in times])):
        cuts = statistics.quantiles(each, n=20)
        found |= {f"{name}_p50": round(cuts[9], 1), f"{name}_p95": round(cuts[18], 1)}
    return found


def measure(page: Page, begin: Callable[[Page], None], act: Act, rate: int) -> dict[str, float]:
    """Return how long the moves took."""
    page.evaluate(f"({WATCH})({json.dumps(KINDS)})")
    begin(page)
    page.wait_for_timeout(500)
    page.evaluate("times.length = 0")
    for i in range(ROUNDS + WARM):
        act(page, i)
        page.evaluate("(i) => times.length > i || new Promise((d) => { window.done = d })", i)
    return summary(page.evaluate("times")[WARM:], rate)


def first_visit(browser: Browser, address: str, path: str, rate: int, site: Path) -> dict:
    """Return when the explorer and the model are there, in ms from the start, and bytes."""
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    throttle(context.new_cdp_session(page), rate)
    page.goto(address + path, wait_until="commit")
    page.wait_for_function("() => document.querySelector('attention-explorer .vx-root')")
    seen = page.evaluate("performance.now()")
    page.wait_for_load_state("networkidle")
    before = len(asked)
    first = weight(asked, site)
    began = page.evaluate("performance.now()")
    start(page)
    model = page.evaluate("performance.now()") - began
    live = weight(asked[before:], site)
    context.close()
    return {"explorer_ms": round(seen), "model_ms": round(model), "first_bytes": first,
            "live_bytes": live}  # fmt: skip


def weight(urls: list[str], site: Path) -> int:
    """Return the bytes of files as a host sends them: gzipped, unless they are packed already."""
    total = 0
    for url in dict.fromkeys(urls):
        if url.startswith(("data:", "blob:")):
            continue
        file = site / urlsplit(url).path.removeprefix(PREFIX)
        content = (file / "index.html" if file.is_dir() else file).read_bytes()
        packed = file.suffix in (".woff2", ".gz", ".png", ".avif", ".jpg")
        total += len(content if packed else gzip.compress(content, 9))
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--site", type=Path, default=Path("site"), help="a built site")
    parser.add_argument("--out", type=Path, help="write the tables as JSON here")
    args = parser.parse_args()
    rows, visits = [], []
    with served(args.site, Below) as server, sync_playwright() as playwright:
        address = server + PREFIX
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        print(f"{'ms':12}{'move':26}{'CPU':>5}", end="")
        print(f"{'painted p50':>13}{'p95':>7}{'model p50':>11}{'p95':>7}")
        for path, what, begin, act in CASES:
            for rate in THROTTLES:
                context = chromium.new_context(viewport={"width": 1280, "height": 900})
                page = context.new_page()
                page.add_init_script(HEAR)
                session = context.new_cdp_session(page)
                page.goto(address + path)
                start(page)
                throttle(session, rate)
                found = measure(page, begin, act, rate)
                context.close()
                rows.append({"page": path, "what": what, "throttle": rate, **found})
                cpu = f"1/{rate}" if rate > 1 else "1"
                numbers = zip(found.values(), (13, 7, 11, 7), strict=True)
                line = "".join(f"{number:{width}}" for number, width in numbers)
                print(f"{path:12}{what:26}{cpu:>5}{line}", flush=True)
        print(f"\n{'page':12}{'CPU':>5}{'explorer ms':>13}{'model ms':>10}", end="")
        print(f"{'first KB':>10}{'live KB':>9}")
        for path in dict.fromkeys(case[0] for case in CASES):
            for rate in THROTTLES:
                found = first_visit(chromium, address, path, rate, args.site)
                visits.append({"page": path, "throttle": rate, **found})
                first, live = found["first_bytes"] / 1e3, found["live_bytes"] / 1e3
                cpu = f"1/{rate}" if rate > 1 else "1"
                print(f"{path:12}{cpu:>5}{found['explorer_ms']:13}{found['model_ms']:10}"
                      f"{first:10.0f}{live:9.0f}", flush=True)  # fmt: skip
        chromium.close()
    if args.out:
        args.out.write_text(json.dumps({"moves": rows, "visits": visits}, indent=1) + "\n")


if __name__ == "__main__":
    main()
