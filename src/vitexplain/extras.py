"""What to install where a library is missing, in one form of words for the whole package."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

SOURCE = "https://github.com/vitexplain/vitexplain"


def install(*extras: str, source: str = SOURCE) -> str:
    """Return the command that installs the package with these extras.

    From its repository: the name alone is on no package index yet, and anybody could take it.
    """
    return f'pip install "vitexplain[{",".join(extras)}] @ git+{source}"'


@contextmanager
def needed(
    what: str, extra: str, libraries: Collection[str], *, called: str = "", note: str = ""
) -> Iterator[None]:
    """Import inside of this: if one of the libraries is missing, the error says how to get it.

    Args:
        what: what needs it.
        extra: the extra of this package that brings it.
        libraries: the names by which they are imported.
        called: the library's own name, by default that by which it is imported.
        note: ends the message.

    Raises:
        ModuleNotFoundError: as it came, if another module is missing.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in libraries:
            raise
        message = f"{what} needs {called or error.name}: {install(extra)}{note}"
        raise ModuleNotFoundError(message, name=error.name) from error
