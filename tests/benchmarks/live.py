"""How long a live model takes from the reader's move to the paint that answers it, in Chromium.

    python -m tests.benchmarks.live --site site --out live.json

Needs a built site. Each row is one page and one kind of move (see `tests.benchmarks.painted`).

*painted* is the time from the event's time stamp to the end of the frame that draws the answer. It
includes the way to the worker and back, and waiting for the frame: up to 16.7 ms. *model* is how
long ONNX Runtime took in the worker. The browser throttles the page's thread alone, so three times
the model's time is added to what is painted on the slow processor.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from playwright.sync_api import Page

from tests.benchmarks.painted import THROTTLES, chromium, each, opened, summary, throttle
from tests.benchmarks.timing import Table, options
from tests.browser.serving import PREFIX, Below, served

# The first event since the last answer is what is answered.
WATCH = """() => {
  let began = 0;
  for (const kind of ['pointermove', 'pointerdown', 'keydown', 'click', 'input']) {
    addEventListener(kind, (event) => { began ||= event.timeStamp; }, true);
  }
  const { prototype } = customElements.get('attention-explorer');
  const show = prototype.show;
  prototype.show = function (data) {
    show.call(this, data);
    painted((frame, now) => {
      const since = began;
      began = 0;
      return since && { painted: now - since, model: window.model.at(-1) };
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


def start(page: Page) -> None:
    """Start the model by its button, and wait until it is ready."""
    page.locator(".vxl-start").wait_for(state="attached")
    page.evaluate("document.querySelector('.vxl-start').click()")
    page.wait_for_function(READY, timeout=60_000)


def hold_word(page: Page) -> None:
    """Take the first word of the plane."""
    page.locator(".vxl-goat-word").first.hover()
    page.mouse.down()


def drag_word(page: Page, i: int) -> None:
    """Move the word that is held to another place."""
    box = page.locator(".vxl-goat-plane").bounding_box()
    assert box is not None
    across, up = 0.3 + 0.03 * (i % 13), 0.3 + 0.03 * (i % 11)
    page.mouse.move(box["x"] + across * box["width"], box["y"] + up * box["height"])


def press(*names: str) -> Callable[[Page, int], None]:
    """Return what presses these buttons in turn."""
    return lambda page, i: page.get_by_role("button", name=names[i % len(names)]).click()


CASES: list[tuple[str, str, Callable[[Page], None], Callable[[Page, int], None]]] = [
    ("live/goat/", "drag a word", hold_word, drag_word),
    ("live/face/", "shift the face, learned",
     lambda page: page.get_by_text("Learned", exact=True).first.click(),
     press("Shift left", "Shift up")),
    ("live/lab/", "zoom into the picture",
     lambda page: page.locator(".vxl-lab-left").scroll_into_view_if_needed(),
     press("Come nearer", "Go back")),
]  # fmt: skip


def slowed(time: dict[str, float], rate: int) -> dict[str, float]:
    """Return what a move takes where the worker is throttled, too."""
    model = time["model"]
    return {"painted": time["painted"] + (rate - 1) * model, "model": rate * model}


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--site", type=Path, default=Path("site"), help="a built site")
    told, table = parser.parse_args(), Table()
    with served(told.site, Below) as server, chromium() as browser:
        address = server + PREFIX
        for path, what, begin, act in CASES:
            for rate in THROTTLES:
                with opened(browser, HEAR) as (page, tools):
                    page.goto(address + path)
                    start(page)
                    throttle(tools, rate)
                    page.evaluate(WATCH)
                    begin(page)
                    page.wait_for_timeout(500)
                    times = [slowed(t, rate) for t in each(page, partial(act, page))]
                    table.add(**summary(times), throttle=rate, page=path, what=what)
    table.write(told.out)


if __name__ == "__main__":
    main()
