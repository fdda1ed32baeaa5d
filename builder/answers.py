"""The page of all exercises: each question with its answer folded, for a page without scripts."""

import json
from collections.abc import Mapping

from builder.render import Rendered
from vitexplain.exercises import markdown

PAGE = "exercises.md"


def of(lessons: Mapping[str, Rendered]) -> str:
    """Return the exercises of all lessons as Markdown, in the order of the navigation."""
    parts = []
    for name, lesson in sorted(lessons.items(), key=lambda one: one[1].meta.order):
        files = sorted(path for path in lesson.assets if path.startswith("assets/exercises/"))
        asked = [one for path in files for one in json.loads(lesson.assets[path])["exercises"]]
        if asked:
            link = f"[To the lesson]({lesson.meta.page})"
            title = f"## {lesson.meta.title} {{ #{name} }}"
            parts += [title, link, *map(markdown, asked)]
    return "\n\n".join(["", *parts, ""])
