"""What of all attention is kept: of which modules, which maps, and in which form."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

import torch
from torch import Tensor

from vitexplain.capture.flow import key_of
from vitexplain.capture.maps import AttentionMap, CaptureError, listed

Only = str | Iterable[str] | Callable[[str], bool]
Heads = Literal["mean", "max", "min"]

FUSIONS: dict[str, Callable[[Tensor, int], Tensor]] = {
    "mean": torch.mean,
    "max": torch.amax,
    "min": torch.amin,
}


@dataclass
class Choice:
    """The caller's wishes, and the modules that they left out.

    Raises:
        ValueError: an unknown way to fuse heads.
    """

    wants: Callable[[str], bool]
    keep: Callable[[AttentionMap], bool] | None
    heads: Heads | None
    device: torch.device | str | None
    left_out: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.heads not in (None, *FUSIONS):
            raise ValueError(f"heads must be 'mean', 'max', 'min' or None, got {self.heads!r}")

    def reduced(self, weights: Tensor) -> Tensor:
        """Return the weights with heads fused and moved as wished, in memory of their own."""
        found = weights.detach()
        if self.heads and found.ndim > 3:
            found = FUSIONS[self.heads](found, -3)
        if self.device is not None:
            found = found.to(self.device)
        return found.clone() if key_of(found) == key_of(weights) else found

    def accepts(self, found: AttentionMap) -> bool:
        if self.keep is None or self.keep(found):
            return True
        self.left_out.append(found.name)
        return False


def wanted(only: Only | None, names: Iterable[str]) -> Callable[[str], bool]:
    """Return which names `only` means: a name, a pattern, several, a function, or all.

    Raises:
        CaptureError: none of the names.
    """
    if only is None:
        return lambda name: True
    means = only if callable(only) else _fits([only] if isinstance(only, str) else list(only))
    names = sorted(set(names))
    if not any(means(name) for name in names):
        likely = [name for name in names if "att" in name] or names
        raise CaptureError(f"only={only!r} fits no module; some of them: {listed(likely)}")
    return means


def _fits(patterns: list[str]) -> Callable[[str], bool]:
    return lambda name: any(fnmatchcase(name, pattern) for pattern in patterns)
