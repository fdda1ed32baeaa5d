"""The navigation comes from the headers of the lessons."""

import copy
import json
from collections.abc import Mapping
from typing import Any

from builder.lesson import LessonError, Meta
from builder.render import Rendered


def fill(nav: list[Any], metas: Mapping[str, Meta]) -> list[Any]:
    """Return `nav` with each lesson in its section, by `order`.

    A section that `nav` does not list comes after "Lessons". A lesson with `section: ""` is an
    entry of its own, and the home page stands first. Empty sections are left out.
    Raises `LessonError` when two lessons want the same page.
    """
    taken: dict[str, str] = {}
    for name, meta in metas.items():
        if meta.page in taken:
            raise LessonError(f"{name} and {taken[meta.page]} both want the page {meta.page}")
        taken[meta.page] = name
    nav = copy.deepcopy(nav)
    lessons = sorted(metas.values(), key=lambda meta: (meta.order, meta.title))
    for meta in lessons:
        if meta.page == "index.md":
            continue
        if not meta.section:
            nav.append({meta.nav_title or meta.title: meta.page})
        else:
            _section(nav, meta.section).append({meta.nav_title or meta.title: meta.page})
    nav.insert(0, {"Home": "index.md"})
    return [entry for entry in nav if not isinstance(entry, dict) or all(entry.values())]


def _section(nav: list[Any], title: str) -> list[Any]:
    for entry in nav:
        if isinstance(entry, dict) and isinstance(entry.get(title), list):
            return entry[title]
    places = [i for i, e in enumerate(nav) if isinstance(e, dict) and "Lessons" in e]
    nav.insert(places[0] + 1 if places else len(nav), {title: []})
    return _section(nav, title)


def front_matter(name: str, rendered: Rendered) -> str:
    """Return the Markdown of a lesson with what the theme needs to know in front."""
    meta = rendered.meta
    head: dict[str, Any] = {
        "title": meta.title,
        "description": meta.description,
        "lesson": name,
        "hide": list(meta.hide),
    }
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
    return "\n".join(["---", *lines, "---", "", rendered.markdown])


def search_boost(uri: str, section: str) -> float:
    """Return how much a page's words count in the search: lessons first, the API last of all."""
    if uri.startswith("api/"):
        return 1e-4  # a name in a title counts 20-fold: even that stays behind a lesson's text
    return {"Lessons": 2.0, "Comparisons": 1.5}.get(section, 1.0)


def contents(metas: Mapping[str, Meta]) -> str:
    """Return a home page that lists the lessons, for a site whose lessons bring none."""
    lessons = sorted(metas.values(), key=lambda meta: (meta.order, meta.title))
    lines = [f"- [{meta.title}]({meta.page}): {meta.description}" for meta in lessons]
    return "\n".join(["# vitexplain", "", *lines, ""])
