"""Swin, the R50 hybrid and CoAtNet beside timm, torchvision and transformers."""

import re

import timm
import torch
import transformers
from torchvision import models as torchvision_models

from tests.compare.parity import State, check
from vitexplain.compare.coatnet import COATNETS, CoAtNet
from vitexplain.compare.hybrid import HYBRIDS, HybridViT
from vitexplain.compare.swin import SWINS, Swin


def test_swin_equals_timm():
    peer = timm.create_model("swin_tiny_patch4_window7_224")
    check("Swin-T", "timm", Swin(SWINS["swin_t"]), peer)


def test_swin_equals_torchvision():
    peer = torchvision_models.swin_t()
    check("Swin-T", "torchvision", Swin(SWINS["swin_t"]), peer, rename=from_torchvision)


def test_swin_equals_transformers():
    config = transformers.SwinConfig(id2label={i: str(i) for i in range(1000)})
    peer = transformers.SwinForImageClassification(config)
    check("Swin-T", "transformers", Swin(SWINS["swin_t"]), peer, rename=from_transformers)


def test_hybrid_equals_timm():
    peer = timm.create_model("vit_base_r50_s16_224", num_classes=1000)
    check("R50+ViT-B/16", "timm", HybridViT(HYBRIDS["r50_vit_b16"]), peer)


def test_coatnet_equals_timm():
    """`coatnet_0_224`, which timm means to match the paper, not the `rw` variants of its own."""
    peer = timm.create_model("coatnet_0_224")
    check("CoAtNet-0", "timm", CoAtNet(COATNETS["coatnet_0"]), peer)


def from_torchvision(state: State) -> State:
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


def from_transformers(state: State) -> State:
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
