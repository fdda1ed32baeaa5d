"""Where this copy of the repository is, so that a fork links to itself and not to the original."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# The address that pages, lessons and docstrings type; a citation, in braces, means the original.
_TYPED = re.compile(
    r"(?<!\{)https://github\.com/vitexplain/vitexplain(?![\w-])(?P<main>/blob/main(?=/))?"
)


@dataclass(frozen=True)
class Source:
    """A repository: the address of its page, and the branch that the site is built from."""

    url: str
    branch: str

    def file(self, path: str) -> str:
        """Return the address of a file."""
        return f"{self.url}/blob/{self.branch}/{path}"

    def edit(self, folder: str) -> str:
        """Return the address below which the files of a folder are edited."""
        return f"{self.url}/edit/{self.branch}/{folder}/"

    def colab(self, name: str) -> str | None:
        """Return where Colab opens an executed notebook; None when it is not on GitHub."""
        host, slash, repository = self.url.partition("https://github.com/")
        if host or not slash:
            return None
        return f"https://colab.research.google.com/github/{repository}/blob/notebooks/{name}.ipynb"

    def own(self, text: str) -> str:
        """Return text whose typed addresses of the original lead to this copy."""
        return _TYPED.sub(lambda m: self.file("")[:-1] if m["main"] else self.url, text)


def source_of(extra: Mapping[str, Any]) -> Source:
    """Return the repository that the settings name (`extra.source`, `extra.branch`)."""
    return Source(extra["source"].rstrip("/"), extra["branch"])
