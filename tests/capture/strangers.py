"""Small models of the libraries' own classes, in the sizes of their own attention."""

from typing import Any

import timm
import torch
import transformers
from timm.models.maxxvit import MaxxVit, MaxxVitCfg, MaxxVitTransformerCfg
from torch import Tensor, nn
from torchvision import models as torchvision_models

SMALL: dict[str, Any] = {"img_size": 32, "patch_size": 8, "embed_dim": 32, "depth": 2}
SMALL |= {"num_heads": 2, "num_classes": 5}
SWIN: dict[str, Any] = {"img_size": 32, "patch_size": 2, "embed_dim": 16, "depths": (2, 2)}
SWIN |= {"num_heads": (2, 4), "window_size": 4, "num_classes": 5}
HUGGING: dict[str, Any] = {"image_size": 32, "patch_size": 8, "hidden_size": 32}
HUGGING |= {"num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}


def images(side: int = 32) -> Tensor:
    return torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(1))


def timm_vit(name: str = "vit_tiny_patch16_224", **changes: Any) -> nn.Module:
    return timm.create_model(name, **SMALL | changes)


def timm_swin(name: str = "swin_tiny_patch4_window7_224", **changes: Any) -> nn.Module:
    return timm.create_model(name, **SWIN | changes)


def timm_maxvit(kind: str, **changes: Any) -> nn.Module:
    """Of blocks "M", MaxViT's, or of "C" and "T", CoAtNet's convolutions and transformers."""
    kinds = {"maxvit": ("M", "M"), "coatnet": ("C", "T")}[kind]
    attention = MaxxVitTransformerCfg(dim_head=8, window_size=(4, 4), grid_size=(4, 4), **changes)
    config = MaxxVitCfg(
        embed_dim=(16, 32),
        depths=(1, 1),
        block_type=kinds,
        stem_width=16,
        transformer_cfg=attention,
    )
    return MaxxVit(config, img_size=32, num_classes=5)


def hugging_face(kind: str, how: str, **changes: Any) -> nn.Module:
    sizes = {"image_size": 32, "patch_size": 2, "embed_dim": 16, "depths": [2, 2]}
    sizes |= {"num_heads": [2, 4], "window_size": 4}
    config = getattr(transformers, f"{kind}Config")(
        **(sizes if kind.startswith("Swin") else HUGGING) | changes
    )
    model = getattr(transformers, f"{kind}ForImageClassification")
    return model._from_config(config, attn_implementation=how)


def torchvision_vit() -> nn.Module:
    return torchvision_models.VisionTransformer(32, 8, 2, 2, 32, 64, num_classes=5)


def torchvision_swin(window: int = 4) -> nn.Module:
    sizes = [2, 2], 16, [2, 2], [2, 4], [window, window]
    return torchvision_models.SwinTransformer(*sizes, num_classes=5)


def open_clip_tower() -> nn.Module:
    from open_clip.model import CLIP, CLIPTextCfg, CLIPVisionCfg

    vision = CLIPVisionCfg(layers=2, width=32, head_width=16, patch_size=8, image_size=32)
    text = CLIPTextCfg(context_length=8, vocab_size=16, width=16, heads=1, layers=1)
    return CLIP(16, vision, text).visual


def encoder(**changes: Any) -> nn.TransformerEncoder:
    sizes = {"batch_first": True, "norm_first": False, "dropout": 0.0} | changes
    layer = nn.TransformerEncoderLayer(32, 4, 64, **sizes)
    return nn.TransformerEncoder(layer, 2, enable_nested_tensor=not sizes["norm_first"])
