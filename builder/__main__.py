"""`python -m builder build` builds the site; `… preview NAME` shows one lesson, live."""

import argparse
import logging
import os
import sys
import time
from pathlib import Path

from builder import freshness


def main() -> int:
    """Build the site or preview a lesson; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m builder", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="build the whole site, strict")
    build.add_argument("--site-dir", default="site")
    build.add_argument("--force", action="store_true", help="build even if nothing has changed")
    preview = commands.add_parser("preview", help="serve one lesson and rebuild it on each edit")
    preview.add_argument("name", help="a lesson: NAME of explainers/NAME.py")
    options = parser.parse_args()
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
    if options.command == "preview":
        return _preview(options.name)
    return _build(options.site_dir, force=options.force)


def _build(site_dir: str, *, force: bool) -> int:
    from mkdocs.commands.build import build
    from mkdocs.config import load_config
    from mkdocs.exceptions import Abort, BuildError

    root, site = Path.cwd(), Path(site_dir)
    if not force and freshness.is_fresh(root, site):
        print(f"Nothing has changed. {_where(site)}")
        return 0
    made_from = freshness.inputs(root)
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING)
    began = time.perf_counter()
    config = load_config(site_dir=site_dir)
    config.plugins.on_startup(command="build", dirty=False)
    try:
        build(config)
    except (Abort, BuildError) as error:
        print(f"\nThe site is not built: {error}", file=sys.stderr)
        return 1
    finally:
        config.plugins.on_shutdown()
    freshness.remember(root, site, made_from)
    print(f"Built in {time.perf_counter() - began:.1f} s. {_where(site)}")
    return 0


def _where(site: Path) -> str:
    # A browser loads no modules from file://, so opening index.html would show blank figures.
    return f"To read it: make serve, or python3 -m http.server -d {site} (http://localhost:8000/)."


def _preview(name: str) -> int:
    from mkdocs.commands.serve import serve

    os.environ["VITEXPLAIN_ONLY"] = name
    print(f"Preview of {name}: http://127.0.0.1:8000/vitexplain/")
    serve(strict=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
