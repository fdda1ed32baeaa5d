"""Architecture pictures: their parts are those of the models, and the boxes are to scale."""

import math
import re
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from vitexplain.compare.coatnet import COATNETS, CoAtNet
from vitexplain.compare.convnext import CONVNEXTS, ConvNeXt
from vitexplain.compare.hybrid import HYBRIDS, HybridViT
from vitexplain.compare.levit import LEVITS, LeViT
from vitexplain.compare.maxvit import MAXVITS, MaxViT
from vitexplain.compare.resnet import RESNETS, ResNet
from vitexplain.compare.stem import ConvStemViT
from vitexplain.compare.swin import SWINS, Swin
from vitexplain.experiments.families import MODELS, SHAPES
from vitexplain.figures import architectures, stages_of
from vitexplain.figures.architecture import KINDS, PUBLISHED, Part
from vitexplain.figures.theme import LIGHT
from vitexplain.vit import PRESETS, ViT

OURS: dict[str, tuple[Any, Any]] = {
    "ViT-B/16": (ViT, PRESETS["B/16"]),
    "ResNet-50": (ResNet, RESNETS["resnet50"]),
    "ResNet-18": (ResNet, RESNETS["resnet18"]),
    "Swin-T": (Swin, SWINS["swin_t"]),
    "ConvNeXt-T": (ConvNeXt, CONVNEXTS["convnext_t"]),
    "CoAtNet-0": (CoAtNet, COATNETS["coatnet_0"]),
    "R50+ViT-B/16": (HybridViT, HYBRIDS["r50_vit_b16"]),
    "MaxViT-T": (MaxViT, MAXVITS["maxvit_t"]),
    "LeViT-256": (LeViT, LEVITS["levit_256"]),
}


@pytest.fixture(scope="module")
def figure() -> Any:
    networks = {name: stages_of(config) for name, (_, config) in OURS.items()} | PUBLISHED
    return architectures(networks, notes={"Swin-T": "28 M parameters"})


def on_meta(model: Any, config: Any) -> nn.Module:
    with torch.device("meta"):
        return model(config).eval()


@pytest.mark.parametrize("name", OURS)
def test_the_parts_give_the_map_that_the_model_gives(name: str) -> None:
    model, config = OURS[name]
    parts = stages_of(config)
    built = on_meta(model, config)
    assert stages_of(built) == parts
    features = built.features(torch.empty(1, 3, 224, 224, device="meta"))  # pyright: ignore
    *_, last, readout = parts
    assert (last.dim, *last.grid) == tuple(features.shape[1:])
    assert readout == Part("logits", ("readout",), (1, 1), 1000)
    assert parts[0] == Part("image", ("image",), (224, 224), 3)


@pytest.mark.parametrize("name", ["Swin-T", "ConvNeXt-T", "ResNet-50", "R50+ViT-B/16", "CoAtNet-0"])
def test_each_stage_is_as_the_walk_leaves_it(name: str) -> None:
    """Walked on a small image: the maps that come out of each stage's blocks."""
    model, config = {
        "Swin-T": (Swin, replace(SWINS["swin_t"], image_size=64, window=2, dim=12)),
        "ConvNeXt-T": (ConvNeXt, CONVNEXTS["convnext_t"]),
        "ResNet-50": (ResNet, RESNETS["resnet50"]),
        "R50+ViT-B/16": (
            HybridViT, replace(HYBRIDS["r50_vit_b16"], vit=replace(PRESETS["B/16"], image_size=64))
        ),
        "CoAtNet-0": (CoAtNet, replace(COATNETS["coatnet_0"], image_size=64)),
    }[name]  # fmt: skip
    parts = {part.name: part for part in stages_of(config, image_size=64)}
    counts: dict[str, int] = {}
    torch.manual_seed(0)
    with torch.no_grad():
        for step in model(config).eval().walk(torch.rand(1, 3, 64, 64)):
            found = re.match(r"stage (\d+) block \d+", step.name)
            if not found:
                continue
            part = f"stage {int(found[1]) + 1}"
            counts[part] = counts.get(part, 0) + 1
            channels_last = tuple(step.output.shape[1:])
            shape = (parts[part].dim, *parts[part].grid)
            assert channels_last in (shape, (*shape[1:], shape[0])), step.name
    stages = {name: part for name, part in parts.items() if name.startswith("stage")}
    assert counts == {name: part.blocks for name, part in stages.items()}


@pytest.mark.parametrize("setting", ["digits", "cifar10"])
def test_small_models_of_the_studies_have_parts_too(setting: str) -> None:
    for family, make in MODELS[setting].items():
        model: Any = make()
        if family.startswith("lenet") or family == "autoencoder":  # drawn nowhere as parts
            with pytest.raises((TypeError, ValueError)):
                stages_of(model)
            continue
        parts = stages_of(model, image_size=SHAPES[setting][1:])
        features = model.features(torch.rand(1, *SHAPES[setting]))
        assert (parts[-2].dim, *parts[-2].grid) == tuple(features.shape[1:])
        assert (parts[0].dim, *parts[0].grid) == SHAPES[setting]
        assert parts[-1].dim == 10


def test_a_conv_stem_is_one_part_with_all_its_convolutions() -> None:
    model = ConvStemViT(replace(PRESETS["Ti/16"], image_size=32), channels=(8, 16, 32, 64))
    _, stem, patches, blocks, _ = stages_of(model)
    assert stem == Part("stem", ("convolution",), (2, 2), 64, 4, "3 × 3, channels 8, 16, 32, 64")
    assert (patches.kinds, patches.dim) == (("patches",), 192)
    assert (blocks.kinds, blocks.blocks) == (("attention",), 12)


def test_convnext_has_no_attention_and_swin_no_convolution() -> None:
    kinds = {name: {k for p in stages_of(c) for k in p.kinds} for name, (_, c) in OURS.items()}
    assert not any("attention" in kind for kind in kinds["ConvNeXt-T"])
    assert "convolution" not in kinds["Swin-T"]
    assert {"convolution", "attention"} <= kinds["CoAtNet-0"] & kinds["R50+ViT-B/16"]
    swin = stages_of(SWINS["swin_t"])
    assert [p.kinds for p in swin[2:6]] == [("windowed attention",)] * 3 + [("attention",)]


def shapes_of(model: nn.Module, side: int, pattern: str) -> list[tuple[int, ...]]:
    """Return the shape of what each submodule of that name gives, in order."""
    shapes: list[tuple[int, ...]] = []
    for name, module in model.named_modules():
        if re.fullmatch(pattern, name):
            module.register_forward_hook(lambda _, __, out: shapes.append(tuple(out.shape[1:])))
    model(torch.empty(1, 3, side, side, device="meta"))
    return shapes


def parts_of(name: str) -> list[Part]:
    return PUBLISHED[name] if name in PUBLISHED else stages_of(OURS[name][1])


def stages(name: str) -> list[Part]:
    return [part for part in parts_of(name) if part.name.startswith("stage")]


@pytest.mark.parametrize(
    ("name", "peer"),
    [
        ("MaxViT-T", "maxvit_tiny_tf_224"),
        ("LeViT-256", "levit_256"),
        ("MobileViT-S", "mobilevit_s"),
    ],
)
def test_published_parts_are_those_of_timm(name: str, peer: str) -> None:
    import timm

    with torch.device("meta"):
        model: Any = timm.create_model(peer).eval()
    parts = parts_of(name)
    side = parts[0].grid[0]
    shapes = shapes_of(model, side, r"stem|stages\.\d+|final_conv")
    expected: list[Any] = [
        (p.dim, *p.grid) for p in parts if p.kinds[0] not in ("image", "readout")
    ]
    if name == "LeViT-256":  # after its stem, timm's is a list of tokens
        expected[1:] = [(math.prod(p.grid), p.dim) for p in stages(name)]
    assert shapes == expected
    if name == "MaxViT-T":
        depths = [len(stage.blocks) for stage in model.stages]
        assert all(hasattr(b, "attn_block") and hasattr(b, "attn_grid") and hasattr(b, "conv")
                   for stage in model.stages for b in stage.blocks)  # fmt: skip
    elif name == "LeViT-256":
        depths = [len(stage.blocks) for stage in model.stages]
        heads = [stage.blocks[0].attn.num_heads for stage in model.stages]
        assert [f"{h} heads" in p.note for h, p in zip(heads, stages(name), strict=True)] == [
            True
        ] * 3
    else:
        depths = [
            sum(len(block.transformer) for block in stage if hasattr(block, "transformer"))
            or len(stage)
            for stage in model.stages
        ]
    assert [part.blocks for part in stages(name)] == depths


def test_cvt_is_that_of_transformers() -> None:
    from transformers import CvtConfig

    config = CvtConfig()  # microsoft/cvt-13
    side = 224
    for part, dim, depth, kernel, stride in zip(
        stages("CvT-13"), config.embed_dim, config.depth, config.patch_sizes, config.patch_stride,
        strict=True,
    ):  # fmt: skip
        side //= stride
        assert (part.grid, part.dim, part.blocks) == ((side, side), dim, depth)
        assert part.note.startswith(f"{kernel} × {kernel} embedding")


def boxes(figure: Any, name: str) -> list[list[Any]]:
    """Return the stripes of each box of a network, left to right."""
    trace = next(trace for trace in figure.data if trace.name == name)
    found: dict[float, list[Any]] = {}
    for shape in figure.layout.shapes:
        if shape.type == "rect" and abs((shape.y0 + shape.y1) / 2 - trace.y[0]) < 39:
            found.setdefault(shape.x0, []).append(shape)
    return [found[left] for left in sorted(found)]


def test_boxes_are_to_scale_and_in_the_colours_of_what_they_do(figure: Any) -> None:
    parts = stages_of(RESNETS["resnet50"])
    drawn = boxes(figure, "ResNet-50")
    assert len(drawn) == len(parts)
    tall = 76 / math.log2(256)  # MobileViT's image is the tallest
    for part, (stripe, *more) in zip(parts[1:-1], drawn[1:-1], strict=True):
        assert not more
        assert stripe.fillcolor == KINDS["convolution"].colour == LIGHT["cnn"]
        assert stripe.y1 - stripe.y0 == pytest.approx(tall * math.log2(part.grid[0]))
        assert stripe.x1 - stripe.x0 == pytest.approx(math.log2(part.dim))
    mixed = boxes(figure, "MaxViT-T")[2]
    assert [s.fillcolor for s in sorted(mixed, key=lambda s: s.y0)] == [
        LIGHT["cnn"], LIGHT["windowed"], LIGHT["vit"],
    ]  # fmt: skip
    right = max(shape.x1 for shape in figure.layout.shapes)
    assert figure.layout.xaxis.range == (0, pytest.approx(right))


def test_networks_stand_one_below_the_other_with_their_names_and_notes(figure: Any) -> None:
    middles = [trace.y[0] for trace in figure.data]
    assert middles == sorted(middles)
    assert [trace.name for trace in figure.data] == [*OURS, *PUBLISHED]
    texts = [a.text for a in figure.layout.annotations]
    assert "<b>Swin-T</b>  28 M parameters" in texts
    assert texts.count("<b>×12</b>") == 2  # of ViT-B/16 and the hybrid
    assert "14²<br>768" in texts
    assert figure.layout.yaxis.range[0] + figure.layout.margin.t == figure.layout.height


def test_words_and_table(figure: Any) -> None:
    meta = figure.layout.meta
    assert "ViT-B/16: 12 of attention on 14 × 14; ResNet-50: 16 of convolution on" in meta["alt"]
    assert "Swin-T: 10 of windowed attention on 56 × 56 to 14 × 14, 2 of attention" in meta["alt"]
    rows = meta["table"]["rows"]
    assert ["Swin-T", "stage 1", "windowed attention", "56 × 56", 96, 2,
            "windows of 7 × 7, 3 heads"] in rows  # fmt: skip
    assert len(rows) == sum(len(stages_of(c)) for _, c in OURS.values()) + sum(
        map(len, PUBLISHED.values())
    )
