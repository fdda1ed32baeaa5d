"""The errata of the five sources that this site grew out of, as data.

We owe these sources the examples and the questions. The corrections are meant for their
readers, and for ours; where one of ours is wrong, tell us.
"""

from vitexplain.facts.errata.arithmetic import ARITHMETIC
from vitexplain.facts.errata.attention import ATTENTION
from vitexplain.facts.errata.code import CODE
from vitexplain.facts.errata.entry import Erratum, Kind, Topic
from vitexplain.facts.errata.models import MODELS
from vitexplain.facts.errata.parts import PARTS
from vitexplain.facts.errata.results import RESULTS

ERRATA: tuple[Erratum, ...] = (*ARITHMETIC, *CODE, *ATTENTION, *PARTS, *MODELS, *RESULTS)
"""Every correction, topic by topic."""

__all__ = ["ERRATA", "Erratum", "Kind", "Topic"]
