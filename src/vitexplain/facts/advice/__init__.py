"""When to use which: every advice with the measurements and the sources that it rests on.

Rerun an experiment, and a test says whether the guide still holds.
"""

from vitexplain.facts.advice.cost import COST
from vitexplain.facts.advice.data import DATA
from vitexplain.facts.advice.entry import Advice, Evidence
from vitexplain.facts.advice.task import TASK

ADVICE: tuple[Advice, ...] = (*DATA, *COST, *TASK)
"""The guide, situation by situation."""

__all__ = ["ADVICE", "COST", "DATA", "TASK", "Advice", "Evidence"]
