"""ResNet: norms that carry news or none, kernels that start as they should."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from tests.compare.networks import NETWORKS, random_model, resnet
from vitexplain.compare.resnet import RESNETS, Readout, ResNet

SMALL = NETWORKS["resnet"]["basic"].config


@torch.no_grad()
def test_stages_halve_the_map_and_the_small_stem_does_not():
    *steps, _ = ResNet(SMALL).walk(torch.zeros(2, 3, 8, 8))
    shapes = [tuple(step.output.shape[2:]) for step in steps if not isinstance(step, Readout)]
    assert shapes == [(8, 8), (8, 8), (4, 4), (4, 4)]
    large = replace(SMALL, stem="imagenet", depths=(1, 1, 1, 1), widths=(8, 8, 8, 8))
    assert ResNet(large)(torch.zeros(1, 3, 224, 224)).shape == (1, 5)
    assert ResNet(large).features(torch.zeros(1, 3, 224, 224)).shape == (1, 8, 7, 7)


@torch.no_grad()
@pytest.mark.parametrize(("norm", "leaks"), [("place", False), ("group", True)])
def test_group_norm_carries_news_across_the_map_and_place_norm_does_not(norm, leaks):
    config = replace(SMALL, norm=norm, depths=(1,), widths=(8,))  # field: 3, then 7 pixels
    model = random_model(resnet(config))
    images = torch.randn(1, 3, 24, 24, dtype=torch.float64)
    other = images.clone()
    other[..., 20:] += 1  # twelve columns or more away
    far = (model.features(other) - model.features(images)).detach()[..., :8].abs().max()
    assert (float(far) > 1e-6) == leaks


def test_groups_divide_any_width():
    for width, groups in {64: 8, 12: 4, 7: 1, 6: 2}.items():
        model = ResNet(replace(SMALL, depths=(1,), widths=(width,)))
        found = {m.num_groups for m in model.modules() if isinstance(m, nn.GroupNorm)}
        assert found == {groups}


def test_kernels_start_as_he_says():
    torch.manual_seed(0)
    model = ResNet(replace(SMALL, depths=(1,), widths=(64,)))
    kernel = model.get_parameter("layer1.0.conv1.weight").detach()
    assert float(kernel.std()) == pytest.approx((2 / (9 * 64)) ** 0.5, rel=0.02)
    assert float(kernel.mean()) == pytest.approx(0, abs=1e-3)


def test_published_sizes_are_what_the_names_count():
    """ResNet-N counts its convolutions on the long way through, and the linear layer."""
    for name, config in RESNETS.items():
        layers = sum(len(block) for stage in range(4) for block in config.blocks(stage))
        assert f"resnet{layers + 2}" == name
