"""Lighthouse scores of every page of the built site, as on a phone: `make lighthouse`."""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.browser.chromium import ARGUMENTS, HOW, find_chromium
from tests.browser.serving import PREFIX, Packing, served

ROOT = Path(__file__).parents[2]
COMMAND = ROOT / "web/lighthouse/node_modules/lighthouse/cli/index.js"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
LEAST = 90
AGAIN = 95


def scores(url: str) -> list[int]:
    """Return the four scores of one page, of 100."""
    command = [
        "node", str(COMMAND), url, "--quiet", "--output=json", "--output-path=stdout",
        f"--only-categories={','.join(CATEGORIES)}",
        f"--chrome-flags=--headless=new {' '.join(ARGUMENTS)}",
    ]  # fmt: skip
    environment = {**os.environ, "CHROME_PATH": find_chromium() or ""}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    categories = json.loads(done.stdout)["categories"]
    return [round(100 * (categories[name]["score"] or 0)) for name in CATEGORIES]


def main() -> int:
    if find_chromium() is None:
        sys.exit(HOW)
    site = ROOT / "site"
    pages = sys.argv[1:] or sorted(
        page.parent.relative_to(site).as_posix().removeprefix(".") + "/"
        for page in site.rglob("index.html")
    )
    worst = 100
    with served(site, Packing) as address:
        print(f"{'page':34}" + "".join(f"{name:>16}" for name in CATEGORIES))
        for page in pages:
            url = address + PREFIX + page.lstrip("/")
            found = scores(url)
            if min(found) < AGAIN:  # a busy machine lowers a score: the median of three counts
                runs = zip(found, scores(url), scores(url), strict=True)
                found = [statistics.median(run) for run in runs]
            worst = min(worst, *found)
            print(f"{page:34}" + "".join(f"{score:16}" for score in found), flush=True)
    print(f"The lowest score is {worst}; at least {LEAST} is asked for.")
    return int(worst < LEAST)


if __name__ == "__main__":
    sys.exit(main())
