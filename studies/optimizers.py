"""Who takes the steps: AdamW, Muon for the matrices of a Transformer, or SGD for a CNN.

A parameter that multiplies its input is decayed; biases, norms, tokens and positions keep their
size.
"""

from collections.abc import Callable, Collection

from torch import nn
from torch.optim import SGD, AdamW, Muon, Optimizer

BETAS = (0.9, 0.99)
MOMENTUM = 0.85  # of SGD; as Jordan 2024, arXiv 2404.00498, who also lets norms learn faster:
FASTER = 64  # times, the biases of BatchNorm


def adamw(
    model: nn.Module, rate: float, decay: float, without: Collection[nn.Parameter] = ()
) -> list[Optimizer]:
    """Return AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101) for every parameter but some."""
    matrices, others = _parted(model)
    left = {id(p) for p in without}
    groups = [
        {"params": [p for p in matrices if id(p) not in left], "weight_decay": decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return [AdamW(groups, rate, betas=BETAS)]


def muon(model: nn.Module, rate: float, decay: float) -> list[Optimizer]:
    """Return Muon (Jordan et al. 2024) for what is two-dimensional between the ends, else AdamW.

    Its steps are scaled to the size of AdamW's (Liu et al. 2025, arXiv 2502.16982), so that one
    rate serves both.
    """
    inner = [
        parameter
        for name, parameter in model.named_parameters()
        if "blocks." in name and parameter.ndim == 2 and parameter.requires_grad
    ]
    steep = Muon(inner, rate, decay, adjust_lr_fn="match_rms_adamw")
    return [steep, *adamw(model, rate, decay, without=inner)]


def sgd(model: nn.Module, rate: float, decay: float) -> list[Optimizer]:
    """Return SGD with Nesterov momentum; biases learn faster, and are decayed as slowly."""
    matrices, others = _parted(model)
    groups = [
        {"params": matrices, "weight_decay": decay},
        {"params": others, "lr": rate * FASTER, "weight_decay": decay / FASTER},
    ]
    return [SGD(groups, rate, MOMENTUM, nesterov=True)]


def _parted(model: nn.Module) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """Return what multiplies its input, and the rest."""
    learned = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    matrices = [
        p for name, p in learned if p.ndim > 1 and "token" not in name and "pos" not in name
    ]
    chosen = {id(p) for p in matrices}
    return matrices, [p for _, p in learned if id(p) not in chosen]


OPTIMIZERS: dict[str, Callable[[nn.Module, float, float], list[Optimizer]]] = {
    "adamw": adamw,
    "muon": muon,
    "sgd": sgd,
}
