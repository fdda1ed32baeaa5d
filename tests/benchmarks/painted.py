"""From an event to the paint that answers it, in Chromium: what its benchmarks share.

The events are real: the browser gets them from outside, as from a hand (DevTools'
`Input.dispatch…`), each when the one before is painted; once as the machine is, and once with the
page's processor throttled four times (`Emulation.setCPUThrottlingRate`).
"""

import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tests.browser.chromium import ARGUMENTS, find_chromium

ROUNDS = 60
WARM = 8
THROTTLES = (1, 4)

# A message posted in the frame that draws the answer arrives when the frame is done.
PAINTED = """
window.times = [];
window.painted = (then) => requestAnimationFrame(() => {
  const frame = performance.now();
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    const time = then(frame, performance.now());
    if (time) times.push(time);
    window.done?.();
  };
  port2.postMessage(null);
});
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, script: str = "") -> Iterator[tuple[Page, CDPSession]]:
    """Open an empty page that can tell when it is painted, and DevTools beside it."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.add_init_script(PAINTED + script)
    yield page, context.new_cdp_session(page)
    context.close()


def throttle(session: CDPSession, rate: int) -> None:
    """Slow the page's thread down."""
    session.send("Emulation.setCPUThrottlingRate", {"rate": rate})


def each(
    page: Page, act: Callable[[int], None], clock: Callable[[], float] | None = None
) -> list[dict[str, float]]:
    """Return the times of `ROUNDS` moves once it is warm; a clock's difference is their cpu."""
    page.evaluate("times.length = 0")
    spent = [clock() if clock else 0.0]
    for i in range(ROUNDS + WARM):
        act(i)
        page.evaluate("(i) => times.length > i || new Promise((d) => { window.done = d })", i)
        spent.append(clock() if clock else 0.0)
    pairs = zip(page.evaluate("times"), spent[1:], spent, strict=False)
    found = [one | ({"cpu": after - before} if clock else {}) for one, after, before in pairs]
    return found[WARM:]


def summary(times: list[dict[str, float]]) -> dict[str, float]:
    """Return median and 95th percentile of each clock, in ms."""
    found: dict[str, float] = {}
    for name in times[0]:
        cuts = statistics.quantiles([one[name] for one in times], n=20)
        found |= {f"{name}_p50": round(cuts[9], 1), f"{name}_p95": round(cuts[18], 1)}
    return found
