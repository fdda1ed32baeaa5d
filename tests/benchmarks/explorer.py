"""How long the explorer takes from an event to the paint that answers it, in Chromium.

    python -m tests.benchmarks.explorer --out latency.json

The events are real: the browser gets them from outside, as from a hand (DevTools'
`Input.dispatch…`), each at another place, the next when the one before is painted. A script in
the page reads two clocks for each, and the
browser a third:

- *cpu*: the processor time of the main thread from before the event to after its paint
  (`Performance.getMetrics`, TaskDuration in thread ticks), the few tenths of a millisecond of the
  measuring itself included. It does not mind what else the machine does.
- *work*: how long the main thread was busy for it: from the first listener to the last, and then
  the frame: its `requestAnimationFrame` callbacks, style, layout, paint and commit. A message
  posted in that frame arrives when all that is done. While this is below 16.7 ms, the
  answer is in the next frame there is.
- *painted*: from the event's own time stamp to that message. It includes the wait until the next
  frame begins, between 0 and 16.7 ms, which no page can save.

Scrolling has no answer of its own: its row is the time between frames while the wheel turns and
the pointer lies on the matrix. "show" is a live model's new data. All is done once as it is, and
once with the processor throttled four times (`Emulation.setCPUThrottlingRate`). What threads
besides the main one do (raster, compositing) is not in *work*.
"""

import argparse
import json
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.chromium import ARGUMENTS, find_chromium
from tests.browser.large import made, page_of
from tests.browser.serving import served
from vitexplain.explorer import WEB

ROOT = Path(__file__).parents[2]
SIZES = {16: 4, 65: 8, 197: 14, 577: 24}
LAYERS = HEADS = 12
ROUNDS = 60
THROTTLES = (1, 4)
CLOCKS = ("cpu", "work", "painted")

WATCH = """() => {
  window.times = [];
  window.measure = (kind) => {
    const element = document.querySelector('attention-explorer');
    const start = (event) => {
      const began = performance.now();
      let handled = began;
      const last = () => { handled = performance.now(); };
      window.addEventListener(kind, last, { once: true });
      requestAnimationFrame(() => {
        const frame = performance.now();
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
          const now = performance.now();
          window.removeEventListener(kind, last);
          times.push({ work: handled - began + now - frame, painted: now - event.timeStamp });
          window.done?.();
        };
        port2.postMessage(null);
      });
    };
    window.removeEventListener(window.kind, window.start, true);
    [window.kind, window.start] = [kind, start];
    window.addEventListener(kind, start, true);
  };
}"""

# Many maps from a few: what the strip and the pickers see is as large as a ViT's.
MULTIPLY = """([layers, heads]) => {
  const element = document.querySelector('attention-explorer');
  const data = element.data;
  const examples = data.examples.map((example) => ({ ...example, maps:
    Array.from({ length: layers * heads }, (_, i) => ({ ...example.maps[i % example.maps.length],
      name: `map ${i}`, layer: Math.floor(i / heads), head: i % heads })) }));
  element.show({ ...data, examples });
}"""

SHOW = """async () => {
  const element = document.querySelector('attention-explorer');
  const { data } = element;
  const copy = () => ({ ...data, examples: data.examples.map((example) => ({ ...example,
    maps: example.maps.map((map) => ({ ...map })) })) });
  const fresh = copy();
  const began = performance.now();
  element.show(fresh);
  const handled = performance.now();
  await new Promise((done) => requestAnimationFrame(() => {
    const frame = performance.now();
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      const now = performance.now();
      times.push({ work: handled - began + now - frame, painted: now - began });
      done();
    };
    port2.postMessage(null);
  }));
}"""

SCROLL = """(rounds) => new Promise((done) => {
  let last = 0;
  const step = (now) => {
    if (last) times.push({ painted: now - last });
    last = now;
    if (times.length < rounds) requestAnimationFrame(step);
    else done();
  };
  requestAnimationFrame(step);
})"""


def write(folder: Path) -> None:
    """Write a page for each size, with one map and with several."""
    (folder / "explorer").symlink_to(WEB)
    (folder / "explorer.css").symlink_to(WEB / "explorer.css")
    for tokens, grid in SIZES.items():
        several = (2, 3) if tokens > 64 else (1, 1)
        made(grid, *several).save(folder / f"{tokens}.json")
        (folder / f"{tokens}.html").write_text(page_of(f"{tokens}.json"))


class Bench:
    """One page with its clocks."""

    def __init__(self, page: Page, address: str, tokens: int, view: str, throttle: int) -> None:
        self.page, self.grid = page, SIZES[tokens]
        page.goto(f"{address}/{tokens}.html")
        page.evaluate(
            "async (view) => { await customElements.whenDefined('attention-explorer');"
            " const e = document.querySelector('attention-explorer'); await e.ready;"
            " e.state = { view, query: 7 } }",
            view,
        )
        if tokens > 64:
            page.evaluate(MULTIPLY, [LAYERS, HEADS])
        page.evaluate(WATCH)
        page.wait_for_timeout(400)
        self.tools = page.context.new_cdp_session(page)
        self.tools.send("Performance.enable", {"timeDomain": "threadTicks"})
        self.tools.send("Emulation.setCPUThrottlingRate", {"rate": throttle})

    def cpu(self) -> float:
        """The processor time of the page's main thread so far, in ms."""
        metrics = self.tools.send("Performance.getMetrics")["metrics"]
        return 1000 * next(one["value"] for one in metrics if one["name"] == "TaskDuration")

    def each(self, kind: str, act: Callable[[int], None]) -> list[dict[str, float]]:
        """Return the times of `ROUNDS` events, each sent when the one before is painted."""
        self.page.evaluate("(kind) => { measure(kind); times.length = 0 }", kind)
        spent = [self.cpu()]
        for i in range(ROUNDS):
            act(i)
            self.page.evaluate(
                "(i) => times.length > i || new Promise((d) => { window.done = d })", i
            )
            spent.append(self.cpu())
        times = self.page.evaluate("times")
        pairs = zip(times, spent[1:], spent, strict=False)
        return [one | {"cpu": after - before} for one, after, before in pairs][5:]  # warm by then

    def patch(self, i: int) -> tuple[float, float]:
        """The middle of the patch of round i."""
        r, c = (5 * i) % self.grid, (3 * i + 1) % self.grid
        side = self.picture["width"] / self.grid
        return self.picture["x"] + (c + 0.5) * side, self.picture["y"] + (r + 0.5) * side

    def cell(self, i: int) -> tuple[float, float]:
        """A cell of the matrix."""
        x, y, margin, width = self.canvas
        span = width - margin - 6
        return x + margin + (37 * i) % span, y + margin + (23 * i) % span

    def box(self, selector: str) -> dict[str, float]:
        """Where an element is."""
        return self.page.evaluate(
            "(s) => { const r = document.querySelector(s).getBoundingClientRect();"
            " return {x: r.x, y: r.y, width: r.width} }",
            selector,
        )

    def into_view(self, selector: str) -> None:
        """Scroll an element up to the top, and look where the picture and the matrix are then."""
        self.page.locator(selector).first.evaluate("e => e.scrollIntoView({block: 'start'})")
        self.picture = self.box(".vx-patches")
        if selector == ".vx-matrix":
            canvas = self.box(".vx-matrix .vx-canvas")
            margin = self.page.locator(".vx-matrix .vx-canvas").get_attribute("data-margin")
            self.canvas = (canvas["x"], canvas["y"], float(margin or 0), canvas["width"])

    def click_patches(self) -> list[dict[str, float]]:
        self.into_view(".vx-patches")
        return self.each("click", lambda i: self.page.mouse.click(*self.patch(i)))

    def hover_patches(self) -> list[dict[str, float]]:
        self.into_view(".vx-patches")
        return self.each("pointerover", lambda i: self.page.mouse.move(*self.patch(i)))

    def hover_matrix(self) -> list[dict[str, float]]:
        self.into_view(".vx-matrix")
        return self.each("pointermove", lambda i: self.page.mouse.move(*self.cell(i)))

    def keys_matrix(self) -> list[dict[str, float]]:
        self.page.locator(".vx-matrix .vx-canvas").focus()
        keys = ("ArrowDown", "ArrowRight")
        return self.each("keydown", lambda i: self.page.keyboard.press(keys[i % 2]))

    def change_head(self) -> list[dict[str, float]]:
        self.page.locator(".vx-tile[tabindex='0']").focus()
        keys = ("ArrowRight", "ArrowDown", "ArrowRight", "ArrowRight", "ArrowUp", "ArrowLeft")
        return self.each("keydown", lambda i: self.page.keyboard.press(keys[i % 6]))

    def scroll_matrix(self) -> list[dict[str, float]]:
        self.page.evaluate("document.body.style.paddingBottom = '200vh'; times.length = 0")
        self.into_view(".vx-matrix")
        self.page.mouse.move(*self.cell(20))
        self.page.evaluate("(n) => { window.done = (" + SCROLL + ")(n) }", ROUNDS)
        for i in range(ROUNDS // 2):
            self.page.mouse.wheel(0, 14 if i % 20 < 10 else -14)
        self.page.evaluate("window.done")
        return self.page.evaluate("times")[5:]

    def show_data(self) -> list[dict[str, float]]:
        self.page.evaluate("times.length = 0")
        spent = [self.cpu()]
        for _ in range(ROUNDS):
            self.page.evaluate(SHOW)
            spent.append(self.cpu())
        pairs = zip(self.page.evaluate("times"), spent[1:], spent, strict=False)
        return [one | {"cpu": after - before} for one, after, before in pairs][5:]


CASES: list[tuple[str, int, str, Callable[[Bench], list[dict[str, float]]]]] = [
    *(("click a patch", n, "steps", Bench.click_patches) for n in (16, 65)),
    *(("click a patch", n, "matrix", Bench.click_patches) for n in SIZES),
    *(("hover the patches", n, "matrix", Bench.hover_patches) for n in (197, 577)),
    *(("hover the matrix", n, "matrix", Bench.hover_matrix) for n in (16, 197, 577)),
    *(("arrow key in the matrix", n, "matrix", Bench.keys_matrix) for n in (197, 577)),
    *(("scroll over the matrix", n, "matrix", Bench.scroll_matrix) for n in (197, 577)),
    *(("another layer or head", n, "matrix", Bench.change_head) for n in (197, 577)),
    *(("show other data", n, "matrix", Bench.show_data) for n in (16, 197, 577)),
]


def summary(times: list[dict[str, float]]) -> dict[str, float]:
    """Return median and 95th percentile of both clocks, in ms."""
    found = {}
    for clock in times[0]:
        cuts = statistics.quantiles([one[clock] for one in times], n=20)
        found |= {f"{clock}_p50": round(cuts[9], 1), f"{clock}_p95": round(cuts[18], 1)}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, help="write the table as JSON here")
    parser.add_argument("--only", default="", help="cases whose name holds this")
    args = parser.parse_args()
    rows = []
    with (
        tempfile.TemporaryDirectory() as name,
        sync_playwright() as playwright,
        served(Path(name)) as address,
    ):
        write(Path(name))
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        print(f"{'ms':26}{'tokens':>7}{'view':>8}{'CPU':>5}", end="")
        print("".join(f"{clock:>9} p50{'p95':>7}" for clock in CLOCKS))
        for what, tokens, view, act in CASES:
            for throttle in THROTTLES if args.only in f"{what} {tokens}" else ():
                context = chromium.new_context(viewport={"width": 1280, "height": 900})
                found = summary(act(Bench(context.new_page(), address, tokens, view, throttle)))
                context.close()
                rows.append(
                    {"what": what, "tokens": tokens, "view": view, "throttle": throttle, **found}
                )
                cpu = f"1/{throttle}" if throttle > 1 else "1"
                numbers = [found.get(f"{clock}_{p}") for clock in CLOCKS for p in ("p50", "p95")]
                shown = ["–" if number is None else f"{number:.1f}" for number in numbers]
                line = "".join(f"{x:>{13 if i % 2 == 0 else 7}}" for i, x in enumerate(shown))
                print(f"{what:26}{tokens:7}{view:>8}{cpu:>5}{line}", flush=True)
        chromium.close()
    if args.out:
        args.out.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
