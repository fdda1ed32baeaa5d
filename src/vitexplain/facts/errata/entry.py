"""What one correction is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from vitexplain.facts.sources import SOURCES, Source

Topic = Literal[
    "Mathematics and arithmetic",
    "Code",
    "Attention and its meaning",
    "CNN and ViT",
    "Hybrids",
    "Published results",
    "Applications",
    "References",
]
Kind = Literal["slip", "imprecise", "unsourced"]

SLIDES = "the lecture slides (K. Patwari, 2024)"
PAGE = "the interactive page"
MECHANISMS = "the article on attention mechanisms"
CONQUERED = "the article on how attention conquered vision"
BLOG = "the blog post"

# Where the lessons show it, from the site's root.
GOAT = "lessons/goat.md"
FACE = "lessons/face.md"
VIT = "lessons/vit.md"
AT_WORK = "lessons/vit-at-work.md"
COMPARED = "lessons/cnn-vs-vit.md"
PRICE = "lessons/price.md"
HYBRIDS = "lessons/hybrids.md"
PUBLISHED = "lessons/published.md"
WHICH = "lessons/which.md"


@dataclass(frozen=True)
class Erratum:
    """One statement of a source, in our words, and what is right.

    `right` and `why` are computed where they are functions. `kind` says how far the statement
    is off, `see` is the lesson where it is shown, and `cites` holds keys of `SOURCES`.
    """

    topic: Topic
    source: str
    where: str
    says: str
    right: str | Callable[[], str]
    why: str | Callable[[], str]
    kind: Kind
    see: str = ""
    cites: tuple[str, ...] = ()

    @property
    def computed(self) -> bool:
        """Whether what is right is computed here, rather than quoted."""
        return callable(self.right)

    @property
    def correct(self) -> str:
        """What is right, in Markdown; computed now if it can be."""
        return self.right() if callable(self.right) else self.right

    @property
    def reason(self) -> str:
        """Why it is right, in Markdown."""
        return self.why() if callable(self.why) else self.why

    @property
    def sources(self) -> tuple[Source, ...]:
        """The works cited."""
        return tuple(SOURCES[key] for key in self.cites)
