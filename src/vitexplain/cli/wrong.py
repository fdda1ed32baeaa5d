"""What is wrong with a command line, as an error that says what to change."""

from collections.abc import Iterator
from contextlib import contextmanager


class CommandError(ValueError):
    """What was asked for cannot be done; says what to change on the command line."""

    exit_code = 2


@contextmanager
def blaming(option: str) -> Iterator[None]:
    """Turn a ValueError inside of this into a CommandError about an option."""
    try:
        yield
    except ValueError as error:
        raise CommandError(f"{option}: {error}") from error
