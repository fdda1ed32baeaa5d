"""Random weights from a seed, without a trace in torch's own generator."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast

import torch


@contextmanager
def drawing(seed: int) -> Generator[None, None, None]:
    """Draw from torch's generator as the seed begins it, inside the `with`; then put it back."""
    untyped = cast(Any, torch)  # these two functions carry no types
    with untyped.random.fork_rng(devices=[]):
        untyped.manual_seed(seed)
        yield
