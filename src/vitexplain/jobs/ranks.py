"""Which of several processes this one is, as launchers say it, and which items it begins with."""

import os
import random
from collections.abc import Sequence
from pathlib import Path


def rank_of() -> tuple[int, int]:
    """Return this process's rank and the number of ranks: of torchrun, Accelerate or SLURM."""
    return _said("RANK", "SLURM_PROCID", 0), _said("WORLD_SIZE", "SLURM_NTASKS", 1)


def local_rank() -> int:
    """Return this process's rank on its machine, where each takes a GPU of its own."""
    return _said("LOCAL_RANK", "SLURM_LOCALID", 0)


def in_turn(items: Sequence[Path], *, is_new: bool) -> list[Path]:
    """Return all items in the order of this process: its own part first, then the others'.

    What is done meanwhile is skipped, so that the rest is help for whoever is behind or was
    killed. It is in an order that nobody else has, as everything is for one who joins a folder
    in which others may work: two that meet at one batch part again.
    """
    rank, ranks = rank_of()
    mine = list(items[rank::ranks])
    rest = [item for other in range(ranks) if other != rank for item in items[other::ranks]]
    own = random.Random()
    own.shuffle(rest)
    if not is_new and ranks == 1:
        own.shuffle(mine)
    return mine + rest


def _said(name: str, of_slurm: str, default: int) -> int:
    return int(os.environ.get(name) or os.environ.get(of_slurm) or default)
