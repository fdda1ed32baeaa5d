"""Does attention segment? The class token's last look, against outlines that are known.

A map is cut as in Caron et al. 2021 (DINO, arXiv 2104.14294): the patches that hold most of the
weight are kept until they hold 60 % of it. How well they cover the object is their overlap,
intersection over union, in pixels.
"""

from collections.abc import Callable
from dataclasses import replace

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional as F

from vitexplain.experiments.scenes import SIDE, Scenes, lit_alike
from vitexplain.experiments.tasks import generator_of
from vitexplain.positions import interpolate
from vitexplain.vit import ViT

MASS = 0.6  # of a map's weight that is kept

Maps = Float[Tensor, "image head row col"]


def for_size(vit: ViT, side: int) -> ViT:
    """Return the same model for square images of another size, positions resized bicubically."""
    config = replace(vit.config, image_size=side)
    state = dict(vit.state_dict())
    state["pos_embed"] = interpolate(state["pos_embed"], vit.config.grid, config.grid)
    model = ViT(config)
    model.load_state_dict(state)
    return model.eval()


@torch.no_grad()
def class_attention(vit: ViT, scenes: Scenes) -> Maps:
    """Return each head's weights from the class token to the patches in the last block."""
    model = for_size(vit, SIDE)  # larger than the crops that were learned from, as in the paper
    images = lit_alike(scenes.grey).split(250)
    layers = [model.look(part, keep=("weights",), lazy=True).layers[-1] for part in images]
    weights = torch.cat([layer.full[:, :, 0, model.config.prefix :] for layer in layers])
    return weights.unflatten(-1, model.config.grid)


@torch.no_grad()
def features(vit: ViT, scenes: Scenes) -> Float[Tensor, "image dim"]:
    """Return the class token after the last norm, of length 1."""
    tokens = [vit.encode(part, read=1) for part in resized(vit, scenes).split(250)]
    return F.normalize(vit.norm(torch.cat(tokens))[:, 0], dim=-1)


def resized(vit: ViT, scenes: Scenes) -> Float[Tensor, "image 1 y x"]:
    """Return scenes as large as the crops that the model learned from, and lit as they were."""
    size = vit.config.image_size
    return lit_alike(F.interpolate(scenes.grey, size, mode="bilinear", align_corners=False))


def neighbours(
    vit: ViT, asked: Scenes, known: Scenes, *, most: int = 20
) -> Float[Tensor, " image kind"]:
    """Return how often each kind is among the `most` known scenes that are nearest by cosine."""
    nearest = (features(vit, asked) @ features(vit, known).mT).topk(most).indices
    return F.one_hot(known.labels[nearest]).sum(1).float()


def kept(maps: Float[Tensor, "*map row col"], mass: float = MASS) -> Bool[Tensor, "*map row col"]:
    """Return the fewest patches of each map that hold a share of its weight."""
    flat = maps.flatten(-2)
    flat = flat / flat.sum(-1, keepdim=True)
    largest, order = flat.sort(-1, descending=True)
    before = largest.cumsum(-1) - largest
    chosen = torch.zeros_like(flat, dtype=torch.bool).scatter(-1, order, before < mass)
    return chosen.unflatten(-1, maps.shape[-2:])


def overlap(
    chosen: Bool[Tensor, "image head row col"], masks: Bool[Tensor, "image y x"]
) -> Float[Tensor, "image head"]:
    """Return intersection over union of chosen patches with the object, in pixels."""
    sides = (masks.shape[-2] // chosen.shape[-2], masks.shape[-1] // chosen.shape[-1])
    pixels = chosen.repeat_interleave(sides[0], -2).repeat_interleave(sides[1], -1)
    object_ = masks[:, None]
    both, either = (pixels & object_).sum((-1, -2)), (pixels | object_).sum((-1, -2))
    return both / either


def on_object(maps: Maps, masks: Bool[Tensor, "image y x"]) -> Float[Tensor, "image head"]:
    """Return the share of each map's weight that lies on the object."""
    shares = inside(masks, maps.shape[-1])[:, None]
    return (maps * shares).sum((-1, -2)) / maps.sum((-1, -2))


def inside(masks: Bool[Tensor, "image y x"], grid: int) -> Float[Tensor, "image row col"]:
    """Return which share of each patch the object takes."""
    return F.avg_pool2d(masks[:, None].float(), masks.shape[-1] // grid)[:, 0]


def _grey(scenes: Scenes, grid: int) -> Float[Tensor, "image patch row col"]:
    """Return brightness in [0, 1], pixels of each patch together."""
    grey = (scenes.grey + 1) / 2
    step = SIDE // grid
    return F.unfold(grey, step, stride=step).unflatten(-1, (grid, grid))


YARDSTICKS: dict[str, Callable[[Scenes, int], Float[Tensor, "image row col"]]] = {
    "brightness": lambda scenes, grid: _grey(scenes, grid).mean(1),
    "darkness": lambda scenes, grid: 1 - _grey(scenes, grid).mean(1),
    "contrast": lambda scenes, grid: _grey(scenes, grid).std(1),
    "chance": lambda scenes, grid: torch.rand(
        len(scenes), grid, grid, generator=generator_of(0, len(scenes))
    ),
    "the object itself": lambda scenes, grid: inside(scenes.masks, grid),
}
"""Maps that ask no model: four that a segment must be better than, and the best that can be."""
