"""What holds for every network: both paths agree, all parameters learn, errors say the rule."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.testing import assert_close

from tests.compare.networks import NETWORKS, SMALLEST, images_for, random_model
from vitexplain.compare.coatnet import CoAtNet
from vitexplain.compare.coatnet_block import MBConv, RelativeBlock
from vitexplain.compare.convnext import ConvNeXt, ConvNeXtBlock, Downsampling
from vitexplain.compare.hybrid import HybridViT
from vitexplain.compare.levit import LeViT, LeViTBlock
from vitexplain.compare.maxvit import AxisBlock, MaxViT
from vitexplain.compare.network import Part
from vitexplain.compare.resnet import ResidualBlock, ResNet
from vitexplain.compare.stem import ConvStemViT
from vitexplain.compare.swin import Swin
from vitexplain.compare.swin_block import PatchMerging, SwinBlock

SMALL = {kind: variants[SMALLEST[kind]] for kind, variants in NETWORKS.items()}
ALL = [(kind, name) for kind, variants in NETWORKS.items() for name in variants]


@torch.no_grad()
@pytest.mark.parametrize(("kind", "name"), ALL)
@pytest.mark.parametrize(("dtype", "atol"), [(torch.float64, 1e-10), (torch.float32, 1e-5)])
def test_walk_gives_the_logits_of_forward(kind, name, dtype, atol):
    case = NETWORKS[kind][name]
    model, images = random_model(case, dtype), images_for(case).to(dtype)
    steps = list(model.walk(images))
    assert [step.name for step in steps] == case.names
    assert len(set(case.names)) == len(case.names)
    logits = steps[-1].logits
    atol *= max(1.0, float(logits.abs().max()))  # norms over few places make large ones
    assert_close(logits, model(images), rtol=0, atol=atol)
    assert float(logits.std()) > 0.03
    assert float((logits[0] - logits[1]).abs().max()) > 1e-3, "logits must depend on the image"
    features = model.features(images)
    assert features.shape == (2, *case.features)
    if case.pooled:
        assert_close(features.mean((2, 3)), steps[-1].pooled, rtol=0, atol=atol)


TRANSFORMER = {"normed": "norm1", "normed_mlp": "norm2", "hidden": "mlp.fc1", "mlp": "mlp.fc2"}
MODULES: dict[type[Part], dict[str, str]] = {  # what each number of a step comes out of
    ResidualBlock: {"shortcut": "downsample"},
    Downsampling: {"normed": "0", "output": "1"},
    ConvNeXtBlock: {"mixed": "conv_dw", "normed": "norm", "hidden": "mlp.fc1", "mlp": "mlp.fc2"},
    PatchMerging: {"normed": "norm", "output": "reduction"},
    SwinBlock: TRANSFORMER,
    MBConv: {"shortcut": "shortcut", "normed": "pre_norm", "gates": "se", "projected": "conv3_1x1"},
    RelativeBlock: {"shortcut": "shortcut", **TRANSFORMER},
    AxisBlock: TRANSFORMER,
    LeViTBlock: {name: path for name, path in TRANSFORMER.items() if "normed" not in name},
}
ATTENDING = [
    lambda s, part: (s.residual, s.shortcut + s.mixed),
    lambda s, part: (s.activated, F.gelu(s.hidden)),
    lambda s, part: (s.output, s.residual + s.mlp),
]
FORMULAS: dict[type[Part], list[Callable[..., tuple]]] = {
    ResidualBlock: [
        lambda s, part: (s.output, F.relu(s.residual + s.shortcut)),
        lambda s, part: (s.residual, s.layers[-1].normed),
        lambda s, part: (s.layers[-1].output, s.layers[-1].normed),
        lambda s, part: (
            [x.output for x in s.layers[:-1]],
            [F.relu(x.normed) for x in s.layers[:-1]],
        ),
    ],
    ConvNeXtBlock: [
        lambda s, part: (s.activated, F.gelu(s.hidden)),
        lambda s, part: (s.scaled, (part.gamma * s.mlp).movedim(-1, 1)),
        lambda s, part: (s.output, s.input + s.scaled),
    ],
    SwinBlock: ATTENDING,
    RelativeBlock: ATTENDING,
    AxisBlock: [
        ATTENDING[0],
        lambda s, part: (s.activated, F.gelu(s.hidden, approximate="tanh")),
        lambda s, part: (s.output, (s.residual + s.mlp).movedim(-1, 1)),
    ],
    LeViTBlock: [
        ATTENDING[0],
        lambda s, part: (s.activated, F.hardswish(s.hidden)),
        ATTENDING[2],
    ],
}


def step_and_outputs(part: Part, x: torch.Tensor) -> tuple[Any, dict[str, torch.Tensor]]:
    """A part's step, and what the modules gave that its numbers are said to come out of."""
    given: dict[str, torch.Tensor] = {}
    for field, path in MODULES[type(part)].items():
        part.get_submodule(path).register_forward_hook(
            lambda module, args, out, field=field: given.update({field: out})
        )
    return part.step(x), given


@torch.no_grad()
@pytest.mark.parametrize(("kind", "name"), [one for one in ALL if one[0] != "stem"])
def test_a_step_names_what_its_modules_give_and_adds_up(kind, name):
    case = NETWORKS[kind][name]
    model, images = random_model(case), images_for(case).double()
    network = model.backbone if kind == "hybrid" else model
    x = network.begin(images)
    for part in network.parts():
        step, given = step_and_outputs(part, x)
        assert step.input is x
        assert given.keys() == MODULES[type(part)].keys()
        for field, out in given.items():
            assert_close(getattr(step, field), out, rtol=0, atol=0)
        for formula in FORMULAS.get(type(part), ()):
            found, expected = formula(step, part)
            assert_close(found, expected)
        x = step.output
        assert_close(x, part(step.input), rtol=0, atol=1e-10)


@pytest.mark.parametrize("kind", SMALL)
def test_every_parameter_learns(kind):
    case = SMALL[kind]
    model = random_model(case, torch.float32).train()
    model(images_for(case)).logsumexp(-1).sum().backward()
    still = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum()]
    assert still == []


@pytest.mark.parametrize("kind", ["resnet", "convnext"])
def test_a_small_one_learns_two_images_by_heart(kind):
    torch.manual_seed(0)
    model, images, labels = SMALL[kind].make(), images_for(SMALL[kind]), torch.tensor([1, 3])
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for _ in range(60):
        loss = F.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.05


@pytest.mark.parametrize(("kind", "least"), [("swin", 0.1), ("coatnet", 0.03)])
def test_initial_logits_are_about_one_at_small_dims(kind, least):
    torch.manual_seed(0)
    model = SMALL[kind].make()
    assert least < model(images_for(SMALL[kind], batch=64)).std(0).mean() < 3
    scales = [m.weight.detach() for m in model.modules() if isinstance(m, nn.LayerNorm)]
    assert all((scale == 1).all() for scale in scales)


@pytest.mark.parametrize(("norm", "alone"), [("group", True), ("batch", False)])
@pytest.mark.parametrize("kind", ["resnet", "coatnet", "stem"])
def test_group_norm_gives_an_image_the_same_answer_in_every_batch(kind, norm, alone):
    case = NETWORKS[kind][SMALLEST[kind] if norm == "group" else "batch norm"]
    torch.manual_seed(0)
    model, images = case.make().double().train(), images_for(case, batch=5).double()
    difference = float((model(images)[:1] - model(images[:1])).detach().abs().max())
    assert difference < 1e-12 if alone else difference > 1e-3


@torch.no_grad()
@pytest.mark.parametrize("kind", ["resnet", "convnext", "swin", "coatnet"])
def test_walk_computes_a_step_when_it_is_asked_for(kind):
    case = SMALL[kind]
    model = random_model(case, torch.float32)
    # Of a wrong shape, so that the readout fails; what comes before it does not.
    (model if kind == "resnet" else model.head).fc = nn.Linear(1, 1)
    if kind == "swin":
        model.head["fc"] = nn.Linear(1, 1)
    steps = model.walk(images_for(case))
    assert [next(steps).name for _ in case.names[1:]] == case.names[:-1]
    with pytest.raises(RuntimeError):
        next(steps)


def test_a_printed_model_tells_its_sizes():
    assert "depths=(1, 2)" in repr(SMALL["resnet"].make())


RESNET, CONVNEXT = SMALL["resnet"].config, SMALL["convnext"].config
SWIN, COATNET = SMALL["swin"].config, SMALL["coatnet"].config
MAXVIT, LEVIT = SMALL["maxvit"].config, SMALL["levit"].config
HYBRID, (STEM, _) = SMALL["hybrid"].config, SMALL["stem"].config


@pytest.mark.rejects
@pytest.mark.parametrize(
    ("config", "wrong", "message"),
    [
        (RESNET, {"classes": 0}, "classes must be at least 1, got 0"),
        (RESNET, {"kernel": 4}, "kernel must be odd"),
        (RESNET, {"depths": (1, 0)}, "depths must be one or more sizes"),
        (RESNET, {"widths": ()}, "widths must be one or more sizes"),
        (RESNET, {"depths": (1, 2, 3)}, "of one length"),
        (RESNET, {"block": "wide"}, "block must be 'bottleneck' or 'basic', got 'wide'"),
        (RESNET, {"stem": "none"}, "stem must be 'imagenet' or 'small'"),
        (RESNET, {"norm": "layer"}, "norm must be 'batch' or 'group' or 'place'"),
        (RESNET, {"version": "v2"}, "version must be 'v1.5' or 'v1'"),
        (CONVNEXT, {"patch": 0}, "patch must be at least 1, got 0"),
        (CONVNEXT, {"kernel": 6}, "kernel must be odd"),
        (CONVNEXT, {"depths": ()}, "depths must be one or more sizes"),
        (CONVNEXT, {"widths": (8, -1)}, "widths must be one or more sizes"),
        (CONVNEXT, {"widths": (8,)}, "of one length"),
        (SWIN, {"patch": 3}, "patches of 3² do not tile an image of 16×16"),
        (SWIN, {"window": 3}, "windows of 3×3 do not tile the grid of 8×8 of stage 0"),
        (SWIN, {"window": 0}, "window must be at least 1, got 0"),
        (SWIN, {"heads": (2, 5)}, "dim 24 and 5 heads in stage 1"),
        (SWIN, {"heads": (2,)}, r"of one length, got \(2, 2\) and \(2,\)"),
        (SWIN, {"depths": ()}, "depths must be one or more sizes"),
        (SWIN, {"image_size": 14, "window": 7}, "a grid of 7×7 cannot be merged 2×2 after stage 0"),
        (MAXVIT, {"kinds": "CM"}, "kinds must be made of 'M', got 'CM'"),
        (MAXVIT, {"window": 3}, r"windows of 3×3 do not tile the map of \(8, 8\) of stage 0"),
        (MAXVIT, {"head_dim": 5}, "the dim of a 'M' stage must be a multiple of head_dim"),
        (LEVIT, {"stem_stride": 3}, "must divide the image, 16"),
        (LEVIT, {"stem_stride": 1}, "stem_stride must be a power of two, got 1"),
        (LEVIT, {"heads": (2,)}, "heads and dims must be of one length"),
        (COATNET, {"kinds": "CX"}, "kinds must be made of 'C' and 'T', got 'CX'"),
        (COATNET, {"kinds": "C"}, "dims must be a size of at least 1 for each stage of 'C'"),
        (COATNET, {"depths": (2, 0)}, "depths must be a size of at least 1"),
        (COATNET, {"strides": (2, 4)}, r"strides must be 1 or 2, got \(2, 4\)"),
        (COATNET, {"head_dim": 5}, "got dim 16 and head_dim 5"),
        (COATNET, {"image_size": 18}, "strides of 4 in all must divide the image, 18"),
        (COATNET, {"stem": 0}, "stem must be at least 1, got 0"),
        (COATNET, {"norm": "layer"}, "norm must be 'batch' or 'group', got 'layer'"),
        (COATNET, {"stride_in": "pool"}, "stride_in must be 'depthwise' or 'expand', got 'pool'"),
        (HYBRID, {"depths": (3, 4)}, "one place of 8×8 pixels, which must be the ViT's patch"),
        (HYBRID, {"stem": "small"}, "one place of 4×4 pixels"),
        (HYBRID, {"depths": ()}, "depths must be one or more sizes of at least 1"),
        (HYBRID, {"width": 0}, "width must be at least 1, got 0"),
        (HYBRID, {"stem": "large"}, "stem must be 'imagenet' or 'small', got 'large'"),
    ],
)
def test_sizes_that_do_not_fit_are_errors(config, wrong, message):
    with pytest.raises(ValueError, match=message):
        replace(config, **wrong)


@pytest.mark.rejects
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"channels": (8,)}, r"got strides \(2,\) and patch 4"),
        ({"channels": (8, 8), "strides": (2, 1)}, r"got strides \(2, 1\) and patch 4"),
        ({"channels": (8, 8), "strides": (4,)}, "as many sizes of at least 1"),
        ({"channels": ()}, "as many sizes of at least 1"),
        ({"channels": (0, 8)}, "as many sizes of at least 1"),
        ({"channels": (8, 8), "norm": "layer"}, "norm must be 'group' or 'batch', got 'layer'"),
    ],
)
def test_stems_that_do_not_fit_are_errors(change, message):
    with pytest.raises(ValueError, match=message):
        ConvStemViT(STEM, **change)


ANY, OF_16, OF_32 = "with 3 channels, got shape", r"= \(batch, 3, 16, 16\)", r"\(batch, 3, 32, 32\)"


@pytest.mark.rejects
@pytest.mark.parametrize(
    ("make", "config", "shapes", "message"),
    [
        (ResNet, (RESNET,), [(3, 8, 8), (2, 1, 8, 8)], ANY),
        (ConvNeXt, (CONVNEXT,), [(3, 8, 8), (2, 1, 8, 8)], ANY),
        (ConvNeXt, (CONVNEXT,), [(2, 3, 8, 3)], "sides of at least 4 pixels, got 8×3"),
        (Swin, (SWIN,), [(3, 16, 16), (2, 1, 16, 16), (2, 3, 16, 8)], OF_16),
        (CoAtNet, (COATNET,), [(3, 16, 16), (2, 1, 16, 16), (2, 3, 16, 8)], OF_16),
        (MaxViT, (MAXVIT,), [(3, 16, 16), (2, 1, 16, 16), (2, 3, 16, 8)], OF_16),
        (LeViT, (LEVIT,), [(3, 16, 16), (2, 1, 16, 16), (2, 3, 16, 8)], OF_16),
        (HybridViT, (HYBRID,), [(3, 32, 32), (2, 3, 32, 16)], OF_32),
        (
            lambda config: ConvStemViT(config, channels=(8, 8)),
            (STEM,),
            [(3, 16, 16), (2, 1, 16, 16), (2, 3, 16, 8)],
            OF_16,
        ),
    ],
)
def test_images_of_another_shape_are_an_error(
    make: Callable[..., Any], config: tuple, shapes: list, message: str
):
    model = make(*config)
    for shape in shapes:
        for path in (model, model.features, lambda images: next(model.walk(images))):
            with pytest.raises(ValueError, match=message):
                path(torch.zeros(shape))
