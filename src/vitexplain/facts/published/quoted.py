"""Numbers that papers state in a sentence, most of them in the abstract."""

from vitexplain.facts.published.number import PRINTED, number

__all__ = ["QUOTED"]

QUOTED = {what: number(**printed) for what, printed in PRINTED["quoted"].items()}
"""What a stem of convolutions gains, what LeViT saves, how much a trained ViT can miss; BLEU."""
