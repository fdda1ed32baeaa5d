"""Every format that an explanation can be written in."""

from collections.abc import Callable

from vitexplain.report.explanation import Explanation
from vitexplain.report.html import page
from vitexplain.report.numbers import json_text, npz
from vitexplain.report.pictures import png, svg

FORMATS: dict[str, Callable[[Explanation, bool], bytes]] = {
    "html": lambda explanation, stretch: page(explanation, stretch=stretch).encode(),
    "png": lambda explanation, stretch: png(explanation, stretch=stretch),
    "svg": lambda explanation, stretch: svg(explanation, stretch=stretch).encode(),
    "npz": lambda explanation, stretch: npz(explanation),
    "json": lambda explanation, stretch: json_text(explanation).encode(),
}
"""Each format by its suffix: explanation and stretch in, the file's bytes out."""


def write(explanation: Explanation, form: str, *, stretch: bool = False) -> bytes:
    """Return an explanation as a file of the format.

    Raises:
        ValueError: an unknown format, or npz of an explanation without weights.
    """
    if form not in FORMATS:
        raise ValueError(f"format must be one of {', '.join(FORMATS)}, got {form!r}")
    return FORMATS[form](explanation, stretch)
