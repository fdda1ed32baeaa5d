"""Ways to read attention, each with what it leaves out, and ways to test a reading."""

from vitexplain.reading.rollout import Fusion, rollout, rollout_of

__all__ = ["Fusion", "rollout", "rollout_of"]
