"""ConvNeXt: one result from both paths, steps that add up, and errors that say what is wrong."""

from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from tests.compare.parity import randomise
from vitexplain.compare.convnext import (
    Block,
    ConvNeXt,
    ConvNeXtConfig,
    Downsample,
    Readout,
    Stem,
)

SMALL = ConvNeXtConfig(depths=(2, 1), widths=(8, 12), classes=5, patch=2, scale=0.5)
VARIANTS = {
    "small": SMALL,
    "one channel": replace(SMALL, channels=1),
    "no patch": replace(SMALL, patch=1),
    "3×3 kernels": replace(SMALL, kernel=3),
    "one stage": replace(SMALL, depths=(2,), widths=(6,)),
    "wide MLP": replace(SMALL, mlp_ratio=6),
}


def images_for(config: ConvNeXtConfig, rows: int = 8, cols: int = 12) -> torch.Tensor:
    generator = torch.Generator().manual_seed(3)
    return torch.randn(2, config.channels, rows, cols, generator=generator).double()


def random_model(config: ConvNeXtConfig) -> ConvNeXt:
    model = ConvNeXt(config)
    randomise(model, images_for(config).float())
    return model.double()


@torch.no_grad()
@pytest.mark.parametrize("name", VARIANTS)
def test_walk_equals_forward(name):
    config = VARIANTS[name]
    model, images = random_model(config), images_for(config)
    *_, last, readout = model.walk(images)
    assert isinstance(last, Block)
    assert isinstance(readout, Readout)
    torch.testing.assert_close(readout.logits, model(images), rtol=0, atol=1e-10)
    torch.testing.assert_close(last.output, model.features(images), rtol=0, atol=1e-10)
    assert last.output.shape[1] == config.dim
    assert float((readout.logits[0] - readout.logits[1]).abs().max()) > 1e-3


@torch.no_grad()
def test_each_step_adds_up():
    model, images = random_model(SMALL), images_for(SMALL)
    stem, *steps, readout = model.walk(images)
    assert [step.name for step in (stem, *steps, readout)] == [
        "stem", "stage 0 block 0", "stage 0 block 1", "downsample 1", "stage 1 block 0", "readout",
    ]  # fmt: skip
    assert isinstance(stem, Stem)
    assert stem.output.shape == (2, 8, 4, 6)
    p = dict(model.named_parameters())

    def norm(x: torch.Tensor, name: str) -> torch.Tensor:
        weight, bias = p[f"{name}.weight"], p[f"{name}.bias"]
        return F.layer_norm(x.movedim(1, -1), x.shape[1:2], weight, bias, 1e-6)

    x = stem.output
    for step in steps:
        if isinstance(step, Downsample):
            expected = norm(x, f"stages.{step.stage}.downsample.0").movedim(-1, 1)
            torch.testing.assert_close(step.normed, expected)
            assert step.output.shape == (2, 12, 2, 3)
        else:
            assert isinstance(step, Block)
            assert step.input is x
            block = f"stages.{step.stage}.blocks.{step.index}"
            kernel, bias = p[f"{block}.conv_dw.weight"], p[f"{block}.conv_dw.bias"]
            mixed = F.conv2d(x, kernel, bias, padding=3, groups=x.shape[1])
            torch.testing.assert_close(step.mixed, mixed)
            torch.testing.assert_close(step.normed, norm(mixed, f"{block}.norm"))
            assert step.hidden.shape[-1] == 4 * x.shape[1]
            torch.testing.assert_close(step.activated, F.gelu(step.hidden))
            scaled = (p[f"{block}.gamma"] * step.mlp).movedim(-1, 1)
            torch.testing.assert_close(step.scaled, scaled)
            torch.testing.assert_close(step.output, x + step.scaled)
        x = step.output
    assert isinstance(readout, Readout)
    torch.testing.assert_close(readout.pooled, x.mean((2, 3)))


@torch.no_grad()
def test_only_the_depthwise_convolution_mixes_positions():
    """With 1×1 kernels, a block's output at a position depends on no other position."""
    config = replace(SMALL, kernel=1, patch=1, depths=(3,), widths=(8,))
    model, images = random_model(config), images_for(config)
    changed = images.clone()
    changed[:, :, 0, 0] += 1
    difference = (model.features(changed) - model.features(images)).abs().amax((0, 1))
    assert float(difference[0, 0]) > 1e-3
    difference[0, 0] = 0
    assert not difference.any()


@torch.no_grad()
def test_pixels_that_fill_no_patch_are_dropped():
    config = replace(SMALL, patch=4)
    model = random_model(config)
    images = images_for(config, rows=11, cols=9)
    assert model.features(images).shape == (2, 12, 1, 1)
    torch.testing.assert_close(model(images), model(images[:, :, :8, :8]), rtol=0, atol=1e-12)


def test_layer_scales_start_small_and_a_block_as_the_identity():
    model = ConvNeXt(replace(SMALL, scale=1e-6))
    gammas = [p.detach() for name, p in model.named_parameters() if name.endswith("gamma")]
    assert len(gammas) == 3
    for gamma in gammas:
        torch.testing.assert_close(gamma, torch.full_like(gamma, 1e-6))
    step = next(s for s in model.walk(images_for(SMALL).float()) if isinstance(s, Block))
    torch.testing.assert_close(step.output, step.input, rtol=0, atol=1e-4)


def test_a_small_one_learns_two_images_by_heart():
    torch.manual_seed(0)
    model = ConvNeXt(SMALL)
    images, labels = images_for(SMALL).float(), torch.tensor([1, 3])
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for _ in range(60):
        loss = F.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.05
    assert all(parameter.grad is not None for parameter in model.parameters())


@pytest.mark.rejects
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"patch": 0}, "patch must be at least 1, got 0"),
        ({"kernel": 6}, "kernel must be odd"),
        ({"depths": ()}, "depths must be one or more sizes"),
        ({"widths": (8, -1)}, "widths must be one or more sizes"),
        ({"widths": (8,)}, "of one length"),
    ],
)
def test_wrong_sizes_are_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        replace(SMALL, **wrong)


@pytest.mark.rejects
@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((3, 8, 8), "with 3 channels, got shape"),
        ((2, 1, 8, 8), "with 3 channels, got shape"),
        ((2, 3, 8, 3), "sides of at least 4 pixels, got 8×3"),
    ],
)
def test_wrong_images_are_named(shape, message):
    model = ConvNeXt(SMALL)
    for use in (model, model.features, lambda images: next(model.walk(images))):
        with pytest.raises(ValueError, match=message):
            use(torch.zeros(shape))
