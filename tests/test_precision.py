"""One precision policy: in half precision walk, look and capture give the same weights."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from vitexplain.attention import attend, scores, softmax
from vitexplain.capture import capture
from vitexplain.trace import Layer, layers
from vitexplain.vit import PRESETS, ViT

HALF = [torch.bfloat16, torch.float16]
KEPT = ("query", "key", "value", "weights")


def sharp(dtype: torch.dtype) -> tuple[ViT, Tensor]:
    """A ViT-Ti whose matrices are four times as large as at first, so that weights reach 1."""
    torch.manual_seed(0)
    vit = ViT(replace(PRESETS["Ti/16"], image_size=64)).eval()
    with torch.no_grad():
        for parameter in vit.parameters():
            if parameter.ndim > 1:
                parameter.mul_(4)
    return vit.to(dtype), torch.randn(1, 3, 64, 64).to(dtype)


@pytest.mark.parametrize("dtype", HALF)
@torch.no_grad()
def test_walk_look_and_capture_mean_the_same_weights(dtype):
    vit, images = sharp(dtype)
    looked = vit.look(images, keep=KEPT).layers
    with capture(vit) as maps:
        vit(images)
    assert max(layer.full.max().item() for layer in looked) > 0.99
    for layer, captured in zip(looked, maps, strict=True):
        assert layer.full.dtype == captured.weights.dtype == dtype
        assert torch.equal(layer.full, captured.weights)
        # The walk's formula, of the same queries and keys: the kernels in use may end a sum in
        # another order, which moves a weight by its last digit.
        walked = attend(layer.query, layer.key, layer.value).weights
        torch.testing.assert_close(walked, layer.full, rtol=torch.finfo(dtype).eps, atol=1e-7)
    mixed = layers(vit.look(images, exact=False))  # mixes values by the weights, as the walk does
    for step, layer in zip(layers(vit.walk(images)), mixed, strict=True):
        assert step.full.dtype == dtype
        if dtype == torch.bfloat16:
            torch.testing.assert_close(step.full, layer.full, rtol=2**-7, atol=2**-8)


@pytest.mark.parametrize("dtype", [*HALF, np.float16])
def test_scores_are_float32_and_weights_are_rounded_once(dtype, rng):
    arrays = [rng.normal(size=(2, 5, 64)) * 4 for _ in range(3)]
    if isinstance(dtype, torch.dtype):
        given = [torch.from_numpy(x).to(dtype) for x in arrays]
        exact = [x.double() for x in given]
    else:
        given = [x.astype(dtype) for x in arrays]
        exact = [x.astype(np.float64) for x in given]
    found, expected = attend(*given), attend(*exact)
    assert str(found.scores.dtype).endswith("float32")
    assert str(found.scaled.dtype).endswith("float32")
    np.testing.assert_allclose(found.scores, expected.scores, rtol=1e-4, atol=1e-4)
    assert found.weights.dtype == found.output.dtype == given[0].dtype
    if isinstance(dtype, torch.dtype):
        assert torch.equal(found.weights, expected.weights.float().to(dtype))
    assert scores(given[0], given[1]).dtype != given[0].dtype
    assert softmax(given[0]).dtype == given[0].dtype
    assert Layer.of(found).full is found.weights
