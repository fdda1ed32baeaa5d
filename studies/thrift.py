"""A ViT's training made cheaper on a processor; the model that comes out is the same kind.

In bfloat16 torch's fused attention takes several times as long to differentiate there as the
formula written out (`python -m tests.benchmarks.backward`). And a ViT learns from a part of the
patches almost as well as from all: PatchDropout, Liu et al. 2023, arXiv 2208.07220.
"""

from typing import Any

import torch
from torch import Tensor, nn

from vitexplain.compare.memory import naive_attention
from vitexplain.experiments.mae import seen_alone
from vitexplain.vit import ViT


class Thrift:
    """Hooks on the blocks of a ViT in training; any other model is left as it is.

    Args:
        plainly: attend by the formula.
        hidden: the share of the patches that nobody sees, other ones in each image and step.
    """

    def __init__(self, model: nn.Module, *, plainly: bool, hidden: float) -> None:
        self.step, self.hidden = 0, hidden
        self.hooks: list[Any] = []
        if not isinstance(model, ViT):
            return
        self.first = model.config.prefix  # tokens that are no patches, and always seen
        blocks: list[Any] = list(model.blocks)
        if plainly:
            self.hooks += [each.register_forward_pre_hook(_by_formula) for each in blocks]
        if hidden:
            self.hooks.append(blocks[0].register_forward_pre_hook(self._hide))

    def _hide(self, block: nn.Module, args: tuple[Any, ...]) -> tuple[Any, ...] | None:
        if not (block.training and self.hidden):
            return None
        return hide(args[0], self.first, self.hidden, self.step), *args[1:]

    def end(self) -> None:
        """Take the hooks off."""
        for hook in self.hooks:
            hook.remove()


def hide(x: Tensor, first: int, share: float, step: int) -> Tensor:
    """Return the tokens, (batch, token, dim), without a random share of each image's patches.

    Args:
        first: the tokens before the patches, which stay.
        step: it alone says which patches go, so that a resumed run hides the same.
    """
    number, patches = x.shape[0], x.shape[1] - first
    generator = torch.Generator().manual_seed(step)
    order = torch.rand(number, patches, generator=generator).argsort(1)
    return seen_alone(x, first, order[:, : max(1, round((1 - share) * patches))].to(x.device))


def _by_formula(block: nn.Module, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Give a block attention as it is written, in place of what it was called with."""
    return args[0], naive_attention, *args[2:]
