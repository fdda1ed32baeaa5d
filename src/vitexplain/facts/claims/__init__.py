"""The comparison of CNN and ViT, claim by claim: what is said, measured, published, and right.

Rerun an experiment, and a test says which verdict no longer holds.
"""

from vitexplain.facts.claims.cost import COST
from vitexplain.facts.claims.entry import VERDICTS, Claim, Measured, Published, Verdict
from vitexplain.facts.claims.need import NEED
from vitexplain.facts.claims.sight import SIGHT
from vitexplain.facts.claims.work import WORK

TOPICS: dict[str, tuple[Claim, ...]] = {
    "What each can see": SIGHT,
    "How each computes": WORK,
    "What each costs": COST,
    "What each needs, and which to take": NEED,
}

CLAIMS: tuple[Claim, ...] = tuple(claim for claims in TOPICS.values() for claim in claims)
"""Every claim, topic by topic."""

__all__ = [
    "CLAIMS",
    "TOPICS",
    "VERDICTS",
    "Claim",
    "Measured",
    "Published",
    "Verdict",
]
