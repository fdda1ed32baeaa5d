"""ResNet: one result from both paths, steps that add up, and errors that say what is wrong."""

from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tests.compare.parity import randomise
from vitexplain.compare.resnet import RESNETS, Block, Readout, ResNet, ResNetConfig, Stem

SMALL = ResNetConfig(
    depths=(1, 2), widths=(8, 12), block="basic", stem="small", norm="group", classes=5
)
VARIANTS = {
    "basic": SMALL,
    "bottleneck": replace(SMALL, block="bottleneck"),
    "bottleneck v1": replace(SMALL, block="bottleneck", version="v1"),
    "batch norm": replace(SMALL, norm="batch"),
    "place norm": replace(SMALL, norm="place"),
    "imagenet stem": replace(SMALL, stem="imagenet"),
    "5×5 kernels": replace(SMALL, kernel=5),
    "one channel, stride 1": replace(SMALL, channels=1, stride=1),
    "one stage": replace(SMALL, depths=(2,), widths=(7,)),
}


def images_for(config: ResNetConfig, batch: int = 2, rows: int = 12, cols: int = 16):
    generator = torch.Generator().manual_seed(3)
    return torch.randn(batch, config.channels, rows, cols, generator=generator).double()


def random_model(config: ResNetConfig) -> ResNet:
    model = ResNet(config)
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
@pytest.mark.parametrize("name", VARIANTS)
def test_each_step_adds_up(name):
    config = VARIANTS[name]
    stem, *blocks, readout = random_model(config).walk(images_for(config))
    assert isinstance(stem, Stem)
    torch.testing.assert_close(stem.layer.output, F.relu(stem.layer.normed))
    names = [f"stage {i} block {j}" for i, depth in enumerate(config.depths) for j in range(depth)]
    assert [step.name for step in (stem, *blocks, readout)] == ["stem", *names, "readout"]
    x = stem.output
    for block in blocks:
        assert isinstance(block, Block)
        assert block.input is x
        assert len(block.layers) == (2 if config.block == "basic" else 3)
        for layer in block.layers[:-1]:
            torch.testing.assert_close(layer.output, F.relu(layer.normed))
        last = block.layers[-1]
        assert last.output is last.normed is block.residual
        torch.testing.assert_close(block.output, F.relu(block.residual + block.shortcut))
        same_shape = block.input.shape == block.output.shape
        assert (block.shortcut is block.input) == same_shape
        assert block.name == f"stage {block.stage} block {block.index}"
        x = block.output
    assert isinstance(readout, Readout)
    torch.testing.assert_close(readout.pooled, x.mean((2, 3)))


@torch.no_grad()
def test_stages_halve_the_map_and_the_small_stem_does_not():
    images = images_for(SMALL, rows=8, cols=8)
    *steps, _ = ResNet(SMALL).double().walk(images)
    shapes = [tuple(step.output.shape[2:]) for step in steps if not isinstance(step, Readout)]
    assert shapes == [(8, 8), (8, 8), (4, 4), (4, 4)]
    large = replace(SMALL, stem="imagenet", depths=(1, 1, 1, 1), widths=(8, 8, 8, 8))
    assert ResNet(large)(torch.zeros(1, 3, 224, 224)).shape == (1, 5)
    assert ResNet(large).features(torch.zeros(1, 3, 224, 224)).shape == (1, 8, 7, 7)


@torch.no_grad()
@pytest.mark.parametrize(("norm", "leaks"), [("place", False), ("group", True)])
def test_group_norm_carries_news_across_the_map_and_place_norm_does_not(norm, leaks):
    config = replace(SMALL, norm=norm, depths=(1,), widths=(8,))  # field: 3, then 7 pixels
    model = random_model(config).double().eval()
    images = torch.randn(1, 3, 24, 24, dtype=torch.float64)
    other = images.clone()
    other[..., 20:] += 1  # twelve columns or more away
    far = (model.features(other) - model.features(images)).detach()[..., :8].abs().max()
    assert (float(far) > 1e-6) == leaks


def test_group_norm_gives_one_answer_whatever_the_batch():
    images = images_for(SMALL, batch=5)
    grouped = random_model(SMALL).train()
    torch.testing.assert_close(grouped(images)[:1], grouped(images[:1]), rtol=0, atol=1e-12)
    batched = random_model(replace(SMALL, norm="batch")).train()
    assert float((batched(images)[:1] - batched(images[:1])).detach().abs().max()) > 1e-2


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


def test_a_small_one_learns_two_images_by_heart():
    torch.manual_seed(0)
    model = ResNet(SMALL)
    images, labels = images_for(SMALL).float(), torch.tensor([1, 3])
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for _ in range(60):
        loss = F.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.05
    assert all(parameter.grad is not None for parameter in model.parameters())


@torch.no_grad()
def test_walk_computes_a_step_when_it_is_asked_for():
    model = ResNet(SMALL)
    model.fc = nn.Linear(1, 1)  # of a wrong shape: the readout fails, what comes before does not
    steps = model.walk(images_for(SMALL).float())
    assert [next(steps).name for _ in range(4)][-1] == "stage 1 block 1"
    with pytest.raises(RuntimeError):
        next(steps)


@pytest.mark.rejects
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"classes": 0}, "classes must be at least 1, got 0"),
        ({"kernel": 4}, "kernel must be odd"),
        ({"depths": (1, 0)}, "depths must be one or more sizes"),
        ({"widths": ()}, "widths must be one or more sizes"),
        ({"depths": (1, 2, 3)}, "of one length"),
        ({"block": "wide"}, "block must be 'bottleneck' or 'basic', got 'wide'"),
        ({"stem": "none"}, "stem must be 'imagenet' or 'small'"),
        ({"norm": "layer"}, "norm must be 'batch' or 'group' or 'place'"),
        ({"version": "v2"}, "version must be 'v1.5' or 'v1'"),
    ],
)
def test_wrong_sizes_are_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        replace(SMALL, **wrong)


@pytest.mark.rejects
@pytest.mark.parametrize("shape", [(3, 8, 8), (2, 1, 8, 8)])
def test_wrong_images_are_named(shape):
    model = ResNet(SMALL)
    for use in (model, model.features, lambda images: next(model.walk(images))):
        with pytest.raises(ValueError, match="with 3 channels, got shape"):
            use(torch.zeros(shape))


def test_a_printed_model_tells_its_sizes():
    assert "depths=(1, 2)" in repr(ResNet(SMALL))


def test_published_sizes_are_what_the_names_count():
    """ResNet-N counts its convolutions on the long way through, and the linear layer."""
    for name, config in RESNETS.items():
        layers = sum(len(block) for stage in range(4) for block in config.blocks(stage))
        assert f"resnet{layers + 2}" == name
