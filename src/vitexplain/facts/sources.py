"""The works that the pages cite, each with an address where it can be read."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """One cited work: `where` names its venue, `url` is a DOI, an arXiv page or a project page."""

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

    def _repr_markdown_(self) -> str:
        return f"[{self.short}]({self.url} '{self.title}, {self.where}')"


def _arxiv(number: str) -> str:
    return f"https://arxiv.org/abs/{number}"


SLIDES = Source(
    "slides",
    "Lecture slides on attention and Vision Transformers",
    "K. Patwari",
    2024,
    "lecture",
    "",
)

_WORKS = (
    Source(
        "attention",
        "Attention Is All You Need",
        "Vaswani et al.",
        2017,
        "NeurIPS 2017",
        _arxiv("1706.03762"),
    ),
    Source(
        "vit",
        "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale",
        "Dosovitskiy et al.",
        2021,
        "ICLR 2021",
        _arxiv("2010.11929"),
    ),
    Source(
        "rollout",
        "Quantifying Attention Flow in Transformers",
        "Abnar & Zuidema",
        2020,
        "ACL 2020",
        _arxiv("2005.00928"),
    ),
    Source(
        "not-explanation",
        "Attention is not Explanation",
        "Jain & Wallace",
        2019,
        "NAACL 2019",
        "https://aclanthology.org/N19-1357/",
    ),
    Source(
        "not-not-explanation",
        "Attention is not not Explanation",
        "Wiegreffe & Pinter",
        2019,
        "EMNLP 2019",
        "https://aclanthology.org/D19-1002/",
    ),
    Source(
        "registers",
        "Vision Transformers Need Registers",
        "Darcet et al.",
        2024,
        "ICLR 2024",
        _arxiv("2309.16588"),
    ),
    Source(
        "cvt",
        "CvT: Introducing Convolutions to Vision Transformers",
        "Wu et al.",
        2021,
        "ICCV 2021",
        _arxiv("2103.15808"),
    ),
    Source(
        "convnext",
        "A ConvNet for the 2020s",
        "Liu et al.",
        2022,
        "CVPR 2022",
        _arxiv("2201.03545"),
    ),
    Source(
        "swin",
        "Swin Transformer: Hierarchical Vision Transformer using Shifted Windows",
        "Liu et al.",
        2021,
        "ICCV 2021",
        _arxiv("2103.14030"),
    ),
    Source(
        "dinov2",
        "DINOv2: Learning Robust Visual Features without Supervision",
        "Oquab et al.",
        2023,
        "arXiv",
        _arxiv("2304.07193"),
    ),
)

SOURCES = {source.key: source for source in _WORKS}
"""Every cited work by its key."""
