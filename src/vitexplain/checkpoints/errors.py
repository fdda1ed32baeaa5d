"""The one error that every bad checkpoint raises, and the one way of refusing."""

from collections.abc import Iterable, Iterator, Sized
from contextlib import contextmanager

from vitexplain.images import printable


class CheckpointError(ValueError):
    """A checkpoint that cannot be read; one line says what was found and what was expected."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message, most=1000))


class OtherModelError(CheckpointError):
    """A model that is no plain ViT; a note beside the line says how `capture` reads it."""


@contextmanager
def refused(
    what: str, errors: type[Exception] | tuple[type[Exception], ...] = Exception
) -> Iterator[None]:
    """Turn what goes wrong inside of this into a CheckpointError that says `what` is wrong.

    Args:
        errors: those that may; by default all, for what hostile content can make a library raise.
    """
    try:
        yield
    except CheckpointError:
        raise
    except errors as error:
        raise CheckpointError(f"{what}: {one_line(error, 160)}") from error


def one_line(text: object, most: int = 300) -> str:
    """Return a text on one line of printable characters, cut after `most` of them."""
    words = printable(text)
    return words if len(words) <= most else words[: most - 1] + "…"


def count(names: Sized) -> str:
    """Return how many parameters there are, in words: "1 parameter is", "3 parameters are"."""
    return "1 parameter is" if len(names) == 1 else f"{len(names):,} parameters are"


def some(names: Iterable[object], most: int = 3) -> str:
    """Return the first names of many as a list in words: "a, b, c and 9 more"."""
    names = sorted(one_line(name, 80) for name in names)
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")
