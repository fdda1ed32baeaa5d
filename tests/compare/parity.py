"""Our models beside the libraries': copied random weights, the same logits, exact counts, a table.

`pytest tests/compare -k peers` prints the table at its end.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from vitexplain.compare import cost

State = dict[str, Tensor]
TOLERANCES = {torch.float32: 1e-5, torch.float64: 1e-10}  # of logits, whose size is about 1


@dataclass(frozen=True)
class Row:
    """One line of the table: largest differences of the logits, and what the model costs."""

    model: str
    peer: str
    dtype: str
    forward: float
    walk: float
    parameters: int
    macs: int


ROWS: list[Row] = []  # printed at the end of the run by conftest.py


def check(
    name: str,
    peer_name: str,
    make: Callable[[int], nn.Module],
    peer: nn.Module,
    size: int,
    rename: Callable[[State], State] = dict,
    side: int = 224,
) -> None:
    """Assert that our model, given a peer's random weights, gives the peer's logits; add the rows.

    `forward` and `walk` are compared in float32 and float64, at a batch of two images of `size`
    pixels a side. `rename` turns the peer's state dict into ours. The table counts at `side`.
    """
    ours = make(size)
    images = torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(1))
    randomise(peer, images)
    ours.load_state_dict(rename(peer.state_dict()))
    assert cost.parameters(ours) == cost.parameters(peer)
    with torch.device("meta"):
        whole = make(side)
    parameters, macs = cost.parameters(whole), cost.multiply_adds(whole, (3, side, side))
    for dtype, tolerance in TOLERANCES.items():
        ours, peer, images = ours.to(dtype).eval(), peer.to(dtype).eval(), images.to(dtype)
        theirs = logits_of(peer, images)
        assert 0.1 < float(theirs.std()) < 10, "logits must be about 1, or a tolerance means little"
        assert float((theirs[0] - theirs[1]).std()) > 1e-3, "the logits must depend on the image"
        paths = logits_of(ours, images), walked_logits_of(ours, images)
        forward, walk = (largest(logits - theirs) for logits in paths)
        ROWS.append(Row(name, peer_name, str(dtype)[6:], forward, walk, parameters, macs))
        assert max(forward, walk) <= tolerance, ROWS[-1]


@torch.no_grad()
def randomise(model: nn.Module, images: Tensor, seed: int = 0) -> None:
    """Draw every parameter and every running statistic of a model, so that logits are about 1.

    Matrices and kernels get a standard deviation of 1 / √fan-in, norms scales about 1, layer
    scales about 0.5. Statistics are those of the images, then disturbed: without that, a deep
    network's numbers grow or die.
    """
    generator = torch.Generator().manual_seed(seed)

    def normal(like: Tensor) -> Tensor:
        return torch.randn(like.shape, generator=generator)

    for name, parameter in model.named_parameters():
        noise = normal(parameter)
        if any(key in name for key in ("gamma", "layer_scale")):
            parameter.copy_(0.5 + 0.1 * noise)
        elif any(key in name for key in ("pos_embed", "position", "token", "rel_pos")):
            parameter.copy_(0.5 * noise)
        elif parameter.ndim == 1:
            is_scale = name.endswith("weight")
            parameter.copy_(1 + 0.2 * noise if is_scale else 0.1 * noise)
        else:
            parameter.copy_(noise / parameter[0].numel() ** 0.5)

    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    if norms:
        momenta = [norm.momentum for norm in norms]
        for norm in norms:
            norm.momentum = 1.0  # the statistics become this batch's
        model.train()(images)
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
            assert norm.running_mean is not None
            assert norm.running_var is not None
            norm.running_mean += 0.1 * normal(norm.running_mean) * norm.running_var.sqrt()
            norm.running_var *= 0.9 + 0.2 * torch.rand(norm.running_var.shape, generator=generator)
    model.eval()


@torch.no_grad()
def logits_of(model: nn.Module, images: Tensor) -> Tensor:
    """Return the logits, which Hugging Face wraps."""
    result = model(images)
    return getattr(result, "logits", result)


@torch.no_grad()
def walked_logits_of(model: Any, images: Tensor) -> Tensor:
    """Return the logits of the last step of a walk; no step is kept."""
    logits = None
    for step in model.walk(images):
        logits = getattr(step, "logits", None)
    assert logits is not None, "the last step must have logits"
    return logits


def largest(difference: Tensor) -> float:
    return float(difference.abs().max())


def table() -> list[str]:
    """Return the lines of the table."""
    head = f"{'model':14} {'peer':12} {'dtype':8} {'forward':>8} {'walk':>8}"
    lines = [head + f" {'parameters':>12} {'multiply-adds':>15}"]
    for row in ROWS:
        lines.append(
            f"{row.model:14} {row.peer:12} {row.dtype:8} {row.forward:8.1e} {row.walk:8.1e}"
            f" {row.parameters:12,} {row.macs:15,}"
        )
    return lines
