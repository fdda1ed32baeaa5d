"""Small models with random weights, every parameter of them, and their walk in NumPy."""

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from vitexplain import export
from vitexplain.patches import sides
from vitexplain.vit import ViT, ViTConfig, walk

TINY = ViTConfig(image_size=(8, 12), patch=4, dim=16, depth=2, heads=4, mlp_dim=24, classes=5)
VARIANTS = {
    "class, registers, tanh": replace(TINY, registers=3, activation="gelu tanh", pre_logits=7),
    "class, distilled, register": replace(TINY, distillation=True, registers=1),
    "mean, normed after, no head": replace(
        TINY, readout="mean", norm_mean=True, class_token=True, activation="swiglu", classes=0
    ),
    "class+mean, LayerScale": replace(TINY, readout="class+mean", layer_scale=True),
    "patches": replace(TINY, readout="patches", patch=(4, 2), channels=1),
}


def random_vit(config: ViTConfig, seed: int = 0) -> ViT:
    """Return a model with no parameter 0 or 1, whose attention is neither even nor all on one."""
    generator = torch.Generator().manual_seed(seed)
    vit = ViT(config).eval()
    with torch.no_grad():
        for name, parameter in vit.named_parameters():
            matrix = parameter.ndim > 1 and "weight" in name
            spread = 2 / parameter[0].numel() ** 0.5 if matrix else 0.3
            mean = 1 if "norm" in name and "weight" in name else 0
            parameter.normal_(mean, spread, generator=generator)
    return vit


def random_images(config: ViTConfig, number: int = 2, seed: int = 0) -> np.ndarray:
    shape = (number, config.channels, *sides(config.image_size))
    return np.random.default_rng(seed).standard_normal(shape, np.float32)


def walked(vit: ViT, images: np.ndarray, **changed: np.ndarray) -> list[Any]:
    """Return the steps of the model as a graph stores it, in float64; `changed` by name."""
    params = {name: p.double().numpy() for name, p in export.stored(vit).items()}
    assert set(changed) <= set(params)
    return list(walk(params | changed, images.astype(np.float64), vit.config))
