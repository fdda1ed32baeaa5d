"""The works that the pages cite, each with an address where it can be read."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from vitexplain.writing import Markdown


@dataclass(frozen=True)
class Source:
    """One cited work: `where` names its venue; `url` is empty for the slides, which have none."""

    key: str
    title: str
    authors: str
    year: int
    where: str
    url: str

    @property
    def short(self) -> str:
        """Authors and year, as in a sentence: Vaswani et al. 2017."""
        return f"{self.authors} {self.year}"

    def __str__(self) -> str:
        """A link to the work; where it has no address, its name."""
        return f"[{self.short}]({self.url})" if self.url else self.short

    def _repr_markdown_(self) -> str:
        return str(self)


def read(name: str) -> dict[str, Any]:
    """Return what a TOML file of this folder has."""
    text = files("vitexplain.facts").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


SOURCES = {key: Source(key, **work) for key, work in read("sources").items()}
"""Every cited work by its key."""


def bibliography(keys: Iterable[str], *, ordered: bool = False) -> Markdown:
    """Return a list of works with their links, by author and year, or `ordered` as the keys are."""
    works = [SOURCES[key] for key in keys]
    if not ordered:
        works.sort(key=lambda work: (work.authors.lower(), work.year, work.title))
    return Markdown("\n".join(f"- {w.short}, [{w.title}]({w.url}), {w.where}." for w in works))
