"""The map of the course: every lesson in its order, with what it is for and how long it takes."""

import re
from collections.abc import Mapping

from builder.lesson import LessonError, Meta
from builder.render import Rendered

PAGE = "lessons/index.md"
PARTS = {"Lessons": "From one word to a trained model", "Comparisons": "Convolution or attention?"}
PACE, EACH = 180, 1.5  # words a minute; minutes for a figure to touch, and for an exercise


def of(lessons: Mapping[str, Rendered]) -> str:
    """Return the map as Markdown.

    Raises:
        LessonError: a lesson says not what one can do after it, or needs one that there is not,
            or one that comes later.
    """
    parts, before = [""], set[str]()
    number = 0
    for section, title in PARTS.items():
        inside = {name: one for name, one in ordered(lessons) if one.meta.section == section}
        if not inside:
            continue
        parts += [f"## {title}", '<div class="vx-way" markdown>']
        for name, lesson in inside.items():
            number += 1
            meta = lesson.meta
            known = [one for one in meta.needs if one in lessons]  # all, in a whole site
            if late := [one for one in known if one not in before]:
                raise LessonError(f"{name} needs {', '.join(late)}, which does not come before it")
            if not meta.can:
                raise LessonError(f"{name}: the header lacks 'can', what one can do afterwards")
            before.add(name)
            needs = ", ".join(_link(lessons[one].meta) for one in known)
            lines = [
                f"**{_link(meta)}** <small>about {minutes(lesson)} minutes</small>",
                meta.description,
                f"**Afterwards you can** {meta.can}.",
                *([f"<small>Before it: {needs}.</small>"] if needs else []),
            ]
            parts.append(f"{number}. " + "\n\n    ".join(lines))
        parts.append("</div>")
    return "\n\n".join([*parts, ""])


def ordered(lessons: Mapping[str, Rendered]) -> list[tuple[str, Rendered]]:
    """Return the lessons as the menu has them."""
    return sorted(lessons.items(), key=lambda one: (one[1].meta.order, one[1].meta.title))


def minutes(lesson: Rendered) -> int:
    """Return about how long a lesson takes, in fives: its words, and time to touch."""
    text = re.sub(r"```.*?```|<[^>]+>|\{[^}]*\}", " ", lesson.markdown, flags=re.DOTALL)
    touched = sum(lesson.markdown.count(tag) for tag in ("<plotly-figure ", "<attention-explorer "))
    touched += sum(path.startswith("assets/exercises/") for path in lesson.assets) * 5
    return max(5, 5 * round((len(text.split()) / PACE + EACH * touched) / 5))


def _link(meta: Meta) -> str:
    return f"[{meta.title}]({meta.page.rpartition('/')[2]})"
