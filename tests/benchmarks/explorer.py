"""How long the explorer takes from an event to the paint that answers it, in Chromium.

    python -m tests.benchmarks.explorer --out latency.json

Three clocks run for each event (see `tests.benchmarks.painted`):

- *cpu*: the processor time of the main thread from before the event to after its paint
  (`Performance.getMetrics`, TaskDuration in thread ticks), the few tenths of a millisecond of the
  measuring itself included. It does not mind what else the machine does.
- *work*: how long the main thread was busy for it: from the first listener to the last, and then
  the frame: its `requestAnimationFrame` callbacks, style, layout, paint and commit. While this is
  below 16.7 ms, the answer is in the next frame there is.
- *painted*: from the event's own time stamp to the end of the frame that answers. It includes the
  wait until that frame begins, between 0 and 16.7 ms, which no page can save.

Scrolling has no answer of its own: its row is the time between frames while the wheel turns and
the pointer lies on the matrix. "show" is a live model's new data. What threads besides the main
one do (raster, compositing) is not in *work*.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page

from tests.benchmarks.painted import ROUNDS, THROTTLES, chromium, each, opened, summary, throttle
from tests.benchmarks.timing import Table, options
from tests.browser.large import made, page_of
from tests.browser.serving import served
from vitexplain.explorer import WEB

SIZES = {16: 4, 65: 8, 197: 14, 577: 24}
LAYERS = HEADS = 12
Times = list[dict[str, float]]

WATCH = """(kind) => {
  const start = (event) => {
    const began = performance.now();
    let handled = began;
    const last = () => { handled = performance.now(); };
    addEventListener(kind, last, { once: true });
    painted((frame, now) => {
      removeEventListener(kind, last);
      return { work: handled - began + now - frame, painted: now - event.timeStamp };
    });
  };
  addEventListener(kind, start, true);
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

SHOW = """() => {
  const element = document.querySelector('attention-explorer');
  const { data } = element;
  const fresh = { ...data, examples: data.examples.map((example) => ({ ...example,
    maps: example.maps.map((map) => ({ ...map })) })) };
  const began = performance.now();
  element.show(fresh);
  const handled = performance.now();
  painted((frame, now) => ({ work: handled - began + now - frame, painted: now - began }));
}"""

SCROLL = """(rounds) => { window.scrolled = new Promise((done) => {
  times.length = 0;
  let last = 0;
  const step = (now) => {
    if (last) times.push({ painted: now - last });
    last = now;
    if (times.length < rounds) requestAnimationFrame(step);
    else done();
  };
  requestAnimationFrame(step);
}); }"""


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

    picture: Any  # where it is
    canvas: Any

    def __init__(self, page: Page, tools: CDPSession, address: str, tokens: int, view: str) -> None:
        self.page, self.tools, self.grid = page, tools, SIZES[tokens]
        page.goto(f"{address}/{tokens}.html")
        page.evaluate(
            "async (view) => { await customElements.whenDefined('attention-explorer');"
            " const e = document.querySelector('attention-explorer'); await e.ready;"
            " e.state = { view, query: 7 } }",
            view,
        )
        if tokens > 64:
            page.evaluate(MULTIPLY, [LAYERS, HEADS])
        page.wait_for_timeout(400)
        tools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def cpu(self) -> float:
        """The processor time of the page's main thread so far, in ms."""
        metrics = self.tools.send("Performance.getMetrics")["metrics"]
        return 1000 * next(one["value"] for one in metrics if one["name"] == "TaskDuration")

    def each(self, kind: str, act: Callable[[int], None]) -> Times:
        """Return the times of events of one kind."""
        self.page.evaluate(WATCH, kind)
        return each(self.page, act, self.cpu)

    def patch(self, i: int) -> tuple[float, float]:
        """The middle of the patch of round i."""
        r, c = (5 * i) % self.grid, (3 * i + 1) % self.grid
        side = self.picture["width"] / self.grid
        return self.picture["x"] + (c + 0.5) * side, self.picture["y"] + (r + 0.5) * side

    def cell(self, i: int) -> tuple[float, float]:
        """A cell of the matrix."""
        margin = float(self.page.locator(CANVAS).get_attribute("data-margin") or 0)
        span = self.canvas["width"] - margin - 6
        return (
            self.canvas["x"] + margin + (37 * i) % span,
            self.canvas["y"] + margin + (23 * i) % span,
        )

    def into_view(self, selector: str) -> None:
        """Scroll an element up to the top, and look where the picture and the matrix are then."""
        self.page.locator(selector).first.evaluate("e => e.scrollIntoView({block: 'start'})")
        places = [self.page.locator(one).first for one in (".vx-patches", CANVAS)]
        self.picture, self.canvas = (place.bounding_box() for place in places)

    def click_patches(self) -> Times:
        self.into_view(".vx-patches")
        return self.each("click", lambda i: self.page.mouse.click(*self.patch(i)))

    def hover_patches(self) -> Times:
        self.into_view(".vx-patches")
        return self.each("pointerover", lambda i: self.page.mouse.move(*self.patch(i)))

    def hover_matrix(self) -> Times:
        self.into_view(".vx-matrix")
        places = [self.cell(i) for i in range(2 * ROUNDS)]
        return self.each("pointermove", lambda i: self.page.mouse.move(*places[i]))

    def press(self, selector: str, *keys: str) -> Times:
        """Return the times of keys, one after the other, from an element on."""
        self.page.locator(selector).focus()
        return self.each("keydown", lambda i: self.page.keyboard.press(keys[i % len(keys)]))

    def keys_matrix(self) -> Times:
        return self.press(CANVAS, "ArrowDown", "ArrowRight")

    def change_head(self) -> Times:
        ways = ("Right", "Down", "Right", "Right", "Up", "Left")
        return self.press(".vx-tile[tabindex='0']", *(f"Arrow{way}" for way in ways))

    def scroll_matrix(self) -> Times:
        self.page.evaluate("document.body.style.paddingBottom = '200vh'")
        self.into_view(".vx-matrix")
        self.page.mouse.move(*self.cell(20))
        self.page.evaluate(SCROLL, ROUNDS)
        for i in range(ROUNDS // 2):
            self.page.mouse.wheel(0, 14 if i % 20 < 10 else -14)
        self.page.evaluate("window.scrolled")
        return self.page.evaluate("times")[5:]

    def show_data(self) -> Times:
        return each(self.page, lambda _: self.page.evaluate(SHOW), self.cpu)


CANVAS = ".vx-matrix .vx-canvas"
CASES: list[tuple[str, int, str, Callable[[Bench], Times]]] = [
    *(("click a patch", n, "steps", Bench.click_patches) for n in (16, 65)),
    *(("click a patch", n, "matrix", Bench.click_patches) for n in SIZES),
    *(("hover the patches", n, "matrix", Bench.hover_patches) for n in (197, 577)),
    *(("hover the matrix", n, "matrix", Bench.hover_matrix) for n in (16, 197, 577)),
    *(("arrow key in the matrix", n, "matrix", Bench.keys_matrix) for n in (197, 577)),
    *(("scroll over the matrix", n, "matrix", Bench.scroll_matrix) for n in (197, 577)),
    *(("another layer or head", n, "matrix", Bench.change_head) for n in (197, 577)),
    *(("show other data", n, "matrix", Bench.show_data) for n in (16, 197, 577)),
]


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--only", default="", help="cases whose name holds this")
    told, table = parser.parse_args(), Table()
    with tempfile.TemporaryDirectory() as name, served(Path(name)) as address:
        write(Path(name))
        with chromium() as browser:
            for what, tokens, view, act in CASES:
                for rate in THROTTLES if told.only in f"{what} {tokens}" else ():
                    with opened(browser) as (page, tools):
                        bench = Bench(page, tools, address, tokens, view)
                        throttle(tools, rate)
                        keys = {"tokens": tokens, "view": view, "throttle": rate, "what": what}
                        table.add(**summary(act(bench)), **keys)
    table.write(told.out)


if __name__ == "__main__":
    main()
