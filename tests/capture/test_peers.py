"""Each map equals the library's own, and each output is what it was. Prints the table."""

from typing import Any

import pytest
import torch
from timm.utils.attention_extract import AttentionExtract
from torchvision.models import swin_transformer
from vit_pytorch import SimpleViT, ViT

from tests.capture import own, strangers
from tests.capture.beside import check, maps_of

HALF = 1e-6  # transformers' eager softmax is in float32 whatever the model's dtype
VIT_PYTORCH: dict[str, Any] = {
    "image_size": 32,
    "patch_size": 8,
    "num_classes": 5,
    "dim": 32,
    "depth": 2,
}
VIT_PYTORCH |= {"heads": 2, "mlp_dim": 64, "dim_head": 16}


@pytest.mark.parametrize("how", ["fused", "unfused"])
@pytest.mark.parametrize(
    ("name", "build"),
    [
        ("ViT", strangers.timm_vit),
        ("DeiT distilled", lambda: strangers.timm_vit("deit_tiny_distilled_patch16_224")),
        ("EVA-02", lambda: strangers.timm_vit("eva02_tiny_patch14_224")),
        ("DINOv2 registers", lambda: strangers.timm_vit("vit_small_patch14_reg4_dinov2")),
        ("Swin", strangers.timm_swin),
        ("Swin V2", lambda: strangers.timm_swin("swinv2_tiny_window8_256")),
        ("MaxViT", lambda: strangers.timm_maxvit("maxvit")),
        ("MaxViT NCHW", lambda: strangers.timm_maxvit("maxvit", use_nchw_attn=True)),
        ("CoAtNet", lambda: strangers.timm_maxvit("coatnet")),
    ],
)
def test_timm(name, build, how):
    model = build()
    for module in model.modules():
        if hasattr(module, "fused_attn"):
            module.fused_attn = how == "fused"  # pyright: ignore[reportArgumentType]
    check("timm", name, how, model, strangers.images(), own.of_timm)


@pytest.mark.parametrize("how", ["sdpa", "eager"])
@pytest.mark.parametrize("kind", ["ViT", "DeiT", "Dinov2", "Dinov2WithRegisters", "Beit", "Swin"])
def test_transformers(kind, how):
    changes = {"use_relative_position_bias": True} if kind == "Beit" else {}
    model = strangers.hugging_face(kind, how, **changes)
    name = kind.replace("WithRegisters", " reg.")
    check("transformers", name, how, model, strangers.images(), own.of_transformers, HALF)


AS_IT_IS = {
    "torchvision, ViT": (strangers.torchvision_vit, own.of_torch),
    "torchvision, Swin": (strangers.torchvision_swin, own.of_functional_softmax(swin_transformer)),
    "open_clip, vision tower": (strangers.open_clip_tower, own.of_torch),
    "vit-pytorch, ViT": (lambda: ViT(**VIT_PYTORCH), own.of_softmax_modules),
    "vit-pytorch, SimpleViT": (lambda: SimpleViT(**VIT_PYTORCH), own.of_softmax_modules),
}


@pytest.mark.parametrize("what", AS_IT_IS)
def test_others(what):
    build, reference = AS_IT_IS[what]
    library, name = what.split(", ")
    check(library, name, "as it is", build(), strangers.images(), reference)


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("how", ["fast path", "slow path"])
def test_torch_encoder(how, norm_first):
    model = strangers.encoder(norm_first=norm_first)
    x = torch.randn(2, 7, 32, generator=torch.Generator().manual_seed(1))
    enabled = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(how == "fast path")
    try:
        name = "encoder, pre-norm" if norm_first else "encoder"
        check("torch.nn", name, how, model, x, own.of_torch)
    finally:
        torch.backends.mha.set_fastpath_enabled(enabled)


@torch.no_grad()
def test_where_others_are_silent_there_are_maps():
    """What their own ways give on fused attention today: nothing, and no error."""
    fused: Any = strangers.timm_vit().eval()
    extracted = AttentionExtract(fused, method="hook")(strangers.images())
    assert not any(len(maps) for maps in extracted.values())
    sdpa: Any = strangers.hugging_face("ViT", "sdpa").eval()
    assert sdpa(strangers.images(), output_attentions=True).attentions == ()
    swin: Any = strangers.hugging_face("Swin", "eager").eval()
    assert len(swin(strangers.images(), output_attentions=True).attentions) == 2  # of four blocks
    for model, count in ((fused, 2), (sdpa, 2), (swin, 4)):
        maps = maps_of(model, strangers.images())
        assert len(maps) == count
