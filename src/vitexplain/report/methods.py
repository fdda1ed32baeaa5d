"""The readings by the names that a command line can spell."""

import difflib

from vitexplain.reading import CLASS_AGNOSTIC, READINGS
from vitexplain.report.explanation import WEIGHTS, Method


def slug(name: str) -> str:
    """Return "gradient-x-attention" for "gradient × attention"."""
    return "-".join(name.lower().replace("×", "x").split())


def _about(name: str) -> str:
    return (READINGS[name].__doc__ or "").strip().split("\n")[0]


METHODS: dict[str, Method] = {
    WEIGHTS: Method(WEIGHTS, "weights", "The weights of one layer and head, as they are.", False)
} | {
    slug(name): Method(slug(name), name, _about(name), name not in CLASS_AGNOSTIC)
    for name in READINGS
}
"""Every method: the weights of one layer and head, and each entry of `reading.READINGS`."""


def find_method(name: str) -> Method:
    """Return the method of this name.

    Raises:
        ValueError: there is none; the message lists them, and the nearest.
    """
    found = METHODS.get(slug(name))
    if found is None:
        near = difflib.get_close_matches(slug(name), METHODS, 1)
        guess = f"; do you mean {near[0]!r}?" if near else ""
        raise ValueError(f"method must be one of {', '.join(METHODS)}, got {name!r}{guess}")
    return found
