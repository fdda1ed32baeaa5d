"""Every network beside the libraries' with copied random weights, and counted as they count."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import timm
import torch
import transformers
from torch import nn

from tests.compare import parity
from tests.compare.parity import State
from vitexplain.compare import cost
from vitexplain.compare.coatnet import COATNETS, CoAtNet
from vitexplain.compare.convnext import CONVNEXTS, ConvNeXt
from vitexplain.compare.hybrid import HYBRIDS, HybridViT
from vitexplain.compare.levit import LEVITS, LeViT
from vitexplain.compare.maxvit import MAXVITS, MaxViT
from vitexplain.compare.resnet import RESNETS, ResNet
from vitexplain.compare.swin import SWINS, Swin
from vitexplain.vit import PRESETS

torchvision = pytest.importorskip("torchvision")


def transformers_swin() -> nn.Module:
    config = transformers.SwinConfig(id2label={i: str(i) for i in range(1000)})
    return transformers.SwinForImageClassification(config)


def convnext_from_torchvision(state: State) -> State:
    """Return the state of a torchvision ConvNeXt under timm's names, which are ours."""
    layers = {"0": "conv_dw", "2": "norm", "3": "mlp.fc1", "5": "mlp.fc2"}
    renamed = {}
    for name, tensor in state.items():
        match name.split("."):
            case ["features", "0", part, kind]:
                ours = f"stem.{part}.{kind}"
            case ["features", i, block, "layer_scale"]:
                ours, tensor = f"stages.{int(i) // 2}.blocks.{block}.gamma", tensor.flatten()
            case ["features", i, part, kind]:
                ours = f"stages.{int(i) // 2}.downsample.{part}.{kind}"
            case ["features", i, block, "block", layer, kind]:
                ours = f"stages.{int(i) // 2}.blocks.{block}.{layers[layer]}.{kind}"
            case ["classifier", part, kind]:
                ours = f"head.{'norm' if part == '0' else 'fc'}.{kind}"
            case _:
                raise KeyError(name)
        renamed[ours] = tensor
    return renamed


def swin_from_torchvision(state: State) -> State:
    """torchvision counts stages and merges in one row: features 1, 3, … and 2, 4, …"""
    names = [
        (r"features\.0\.0", "patch_embed.proj"),
        (r"features\.0\.2", "patch_embed.norm"),
        (r"features\.(\d)\.(\d+)", lambda found: f"layers.{int(found[1]) // 2}.blocks.{found[2]}"),
        (r"features\.(\d)", lambda found: f"layers.{int(found[1]) // 2}.downsample"),
        (r"mlp\.0", "mlp.fc1"),
        (r"mlp\.3", "mlp.fc2"),
        (r"^head", "head.fc"),
    ]
    return renamed({name: x for name, x in state.items() if not name.endswith("index")}, names)


def swin_from_transformers(state: State) -> State:
    """transformers merges at the end of a stage, and has queries, keys and values apart."""
    names = [
        (r"swin\.embeddings\.patch_embeddings\.projection", "patch_embed.proj"),
        (r"swin\.embeddings\.norm", "patch_embed.norm"),
        (r"swin\.encoder\.", ""),
        (r"layers\.(\d)\.downsample", lambda found: f"layers.{int(found[1]) + 1}.downsample"),
        (r"attention\.relative_position_bias\.", "attn."),
        (r"attention\.o_proj", "attn.proj"),
        (r"layernorm_before", "norm1"),
        (r"layernorm_after", "norm2"),
        (r"swin\.layernorm", "norm"),
        (r"classifier", "head.fc"),
    ]
    state = renamed({name: x for name, x in state.items() if not name.endswith("index")}, names)
    for name in [name for name in state if ".q_proj." in name]:
        parts = [state.pop(name.replace("q_proj", f"{part}_proj")) for part in "qkv"]
        state[name.replace("attention.q_proj", "attn.qkv")] = torch.cat(parts)
    return state


def renamed(state: State, names: list) -> State:
    for old, new in names:
        state = {re.sub(old, new, name): x for name, x in state.items()}
    return state


def hybrid(size: int) -> nn.Module:
    config = HYBRIDS["r50_vit_b16"]
    return HybridViT(replace(config, vit=replace(config.vit, image_size=size)))


def maxvit(size: int) -> nn.Module:
    return MaxViT(replace(MAXVITS["maxvit_t"], image_size=size, window=size // 32))


def maxvit_from_timm(state: State) -> State:
    """timm's tables count offsets from key to query, by rows, columns and heads apart."""
    state = renamed(state, [(r"rel_pos\.", "")])
    tables = {
        name: x.flip(1, 2).flatten(1).T for name, x in state.items() if name.endswith("table")
    }
    return state | tables


def in_one_row(name: str, starts: list[int], down: int) -> str:
    """Blocks are counted through all stages here; `down` stand before those of later stages."""
    found = re.match(r"stages\.(\d)\.(downsample|(?:blocks\.)?(\d+))\.(.*)", name)
    if not found:
        return name
    stage = int(found[1])
    inside = 0 if found[3] is None else int(found[3]) + (down if stage else 0)
    return f"blocks.{starts[stage] + inside}.{found[4]}"


def levit_from_timm(state: State) -> State:
    """timm has one matrix for a head's query, key and value, and layers of tokens, not of maps."""
    names = [
        (r"^head_dist\.bn", "head.1.0"), (r"^head_dist\.linear", "head.1.1"),
        (r"^head\.bn", "head.0.0"), (r"^head\.linear", "head.0.1"),
        (r"stem\.conv(\d)", lambda found: f"stem.{int(found[1]) - 1}"),
        (r"attn_downsample", "attn"), (r"q\.ln", "q"), (r"proj\.ln", "proj.1"),
        (r"mlp\.ln", "mlp.fc"),
        (r"\.linear\.", ".conv."), ("attention_biases", "rel_pos.relative_position_bias_table"),
    ]  # fmt: skip
    ours = {}
    for name, x in renamed(state, names).items():
        heads = LEVITS["levit_128s"].heads[int(name.split(".")[1])] if "qkv" in name else 0
        name = in_one_row(name, [0, 2, 6], 1)
        x = x.T if name.endswith("table") else x
        x = x[..., None, None] if name.endswith("conv.weight") and x.ndim == 2 else x
        parts = {"qkv": x} if not heads else {"q": x, "kv": x}
        if heads and x.ndim:
            by_head = x.unflatten(0, (heads, -1))
            parts = {"q": by_head[:, :16].flatten(0, 1), "kv": by_head[:, 16:].flatten(0, 1)}
        ours |= {name.replace("qkv", part): tensor for part, tensor in parts.items()}
    return ours


OURS: dict[str, Callable[[int], nn.Module]] = {  # each for images of that many pixels
    "ResNet-50": lambda _: ResNet(RESNETS["resnet50"]),
    "ConvNeXt-T": lambda _: ConvNeXt(CONVNEXTS["convnext_t"]),
    "Swin-T": lambda size: Swin(replace(SWINS["swin_t"], image_size=size)),
    "R50+ViT-B/16": hybrid,
    "CoAtNet-0": lambda size: CoAtNet(replace(COATNETS["coatnet_0"], image_size=size)),
    "MaxViT-T": maxvit,
    "LeViT-128S": lambda size: LeViT(replace(LEVITS["levit_128s"], image_size=size)),
}
TIMM = {
    "ResNet-50": "resnet50",
    "ConvNeXt-T": "convnext_tiny",
    "Swin-T": "swin_tiny_patch4_window7_224",
    "R50+ViT-B/16": "vit_base_r50_s16_224",
    # which timm means to match the paper, not the `rw` variants of its own
    "CoAtNet-0": "coatnet_0_224",
}
SIZED: dict[str, dict[str, Any]] = {
    "R50+ViT-B/16": {"img_size": 64, "num_classes": 1000},
    "CoAtNet-0": {"img_size": 64},
}
SIZES = {"ResNet-50": 96, "ConvNeXt-T": 96, "Swin-T": 224}  # 64 of the others
PEERS: list[tuple[str, str, Callable[[], Any], Callable[[State], State]]] = [
    *((name, "timm", partial(timm.create_model, peer, **SIZED.get(name, {})), dict)
      for name, peer in TIMM.items()),
    ("ResNet-50", "torchvision", torchvision.models.resnet50, dict),
    ("ConvNeXt-T", "torchvision", torchvision.models.convnext_tiny, convnext_from_torchvision),
    ("Swin-T", "torchvision", torchvision.models.swin_t, swin_from_torchvision),
    ("Swin-T", "transformers", transformers_swin, swin_from_transformers),
    ("MaxViT-T", "timm", partial(timm.create_model, "maxvit_tiny_tf_224", img_size=64),
     maxvit_from_timm),
    ("LeViT-128S", "timm", partial(timm.create_model, "levit_128s", img_size=64), levit_from_timm),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "library", "peer", "rename"), PEERS, ids=lambda x: x if isinstance(x, str) else ""
)
def test_logits_equal_the_librarys(name, library, peer, rename):
    """At a small size that every stage can work on: each layer, kernel and bias has its say."""
    parity.check(name, library, OURS[name], peer(), SIZES.get(name, 64), rename,
                 256 if name.startswith("Mobile") else 224)  # fmt: skip


def test_the_check_sees_a_stride_in_the_wrong_convolution():
    """Strides as first published have the same parameters as v1.5, but other logits."""
    config = replace(RESNETS["resnet50"], version="v1", depths=(1, 1, 1, 1))
    peer = torchvision.models.ResNet(torchvision.models.resnet.Bottleneck, [1, 1, 1, 1])
    before = len(parity.ROWS)
    with pytest.raises(AssertionError, match="forward"):
        parity.check("ResNet v1", "torchvision", lambda _: ResNet(config), peer, 64)
    assert len(parity.ROWS) == before + 1
    parity.ROWS.pop()  # a wrong model has no place in the table


# The multiply-adds that facts print, at 224 pixels; parameters are torchvision's to the last one
RESNET_MACS = {"resnet50": "4.09", "resnet152": "11.51"}
CONVNEXT_MACS = {
    "convnext_t": "4.5",
    "convnext_s": "8.7",
    "convnext_b": "15.4",
    "convnext_l": "34.4",
}
CONVNEXT_NAMES = {"t": "tiny", "s": "small", "b": "base", "l": "large"}


@pytest.mark.parametrize("name", RESNETS)
def test_resnet_counts(name):
    macs = counted_as_torchvision(lambda: ResNet(RESNETS[name]), name)
    if name in RESNET_MACS:
        assert f"{macs / 1e9:.2f}" == RESNET_MACS[name]


@pytest.mark.parametrize("name", CONVNEXTS)
def test_convnext_counts(name):
    full = f"convnext_{CONVNEXT_NAMES[name[-1]]}"
    macs = counted_as_torchvision(lambda: ConvNeXt(CONVNEXTS[name]), full)
    assert f"{macs / 1e9:.1f}" == CONVNEXT_MACS[name]


def counted_as_torchvision(make: Callable[[], nn.Module], name: str) -> int:
    """Return a model's multiply-adds, once these and its parameters are what torchvision states."""
    with torch.device("meta"):  # without numbers: shapes suffice to count
        model = make()
    stated = torchvision.models.get_model_weights(name).IMAGENET1K_V1.meta
    assert cost.parameters(model) == stated["num_params"]
    macs = cost.multiply_adds(model, (3, 224, 224))
    assert round(macs / 1e9, 3) == stated["_ops"]
    return macs


@pytest.mark.parametrize(
    ("kind", "config", "peer", "millions", "billions"),
    [
        (Swin, SWINS["swin_t"], "swin_tiny_patch4_window7_224", 28, 4.5),
        (Swin, SWINS["swin_s"], "swin_small_patch4_window7_224", 50, 8.7),
        (Swin, SWINS["swin_b"], "swin_base_patch4_window7_224", 88, 15.4),
        # The paper gives 168 M for CoAtNet-3; timm's and ours, which agree, have a million fewer.
        *((CoAtNet, COATNETS[f"coatnet_{i}"], f"coatnet_{i}_224", millions, None)
          for i, millions in enumerate((25, 42, 75, 167))),
        (HybridViT, HYBRIDS["r50_vit_b16"], "vit_base_r50_s16_224", None, None),
        (HybridViT, replace(HYBRIDS["r50_vit_b16"], vit=replace(PRESETS["B/16"], image_size=384)),
         "vit_base_r50_s16_384", None, None),
    ],
)  # fmt: skip
def test_counts_equal_timm(kind, config, peer, millions, billions):
    side = int(peer[-3:])
    with torch.device("meta"):
        model, theirs = kind(config), timm.create_model(peer, num_classes=1000)
    parameters, macs = cost.parameters(model), cost.multiply_adds(model, (3, side, side))
    assert parameters == cost.parameters(theirs)
    assert macs == cost.multiply_adds(theirs, (3, side, side))
    assert millions in (None, round(parameters / 1e6))
    assert billions in (None, round(macs / 1e9, 1))


@pytest.mark.parametrize(
    ("make", "configs", "peer"),
    [
        (LeViT, LEVITS, timm.create_model),
        (MaxViT, {"maxvit_t": MAXVITS["maxvit_t"], "maxvit_b": MAXVITS["maxvit_b"]}, None),
    ],
)  # fmt: skip
def test_every_published_size_is_the_librarys(make, configs, peer):
    """timm makes MaxViT's biases by matrix products of 0s and 1s, which are none of its sums."""
    for name, config in configs.items():
        side = config.image_size
        known = {"maxvit_t": "maxvit_tiny_tf_224", "maxvit_b": "maxvit_base_tf_224"}
        full = known.get(name) or name
        with torch.device("meta"):
            model, theirs = make(config), (peer or timm.create_model)(full)
        assert cost.parameters(model) == cost.parameters(theirs)
        macs = cost.multiply_adds(model, (3, side, side))
        if make is MaxViT:  # h heads: h (13 · 7² · 13 + 7⁴ · 13)
            blocks = zip(config.dims, config.depths, strict=True)
            heads = sum(2 * depth * dim // 32 for dim, depth in blocks)
            macs += heads * (13 * 49 * 13 + 49 * 49 * 13)
        assert macs == cost.multiply_adds(theirs, (3, side, side))
