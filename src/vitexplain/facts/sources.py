"""The works that the pages cite, each with an address where it can be read."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files


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


def _read() -> dict[str, Source]:
    text = files("vitexplain.facts").joinpath("sources.toml").read_text(encoding="utf-8")
    return {key: Source(key, **work) for key, work in tomllib.loads(text).items()}


SOURCES = _read()
"""Every cited work by its key."""
