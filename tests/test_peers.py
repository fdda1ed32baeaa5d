"""ViT-B/16 with copied random weights: our logits against timm, Hugging Face, torchvision.

`pytest tests/test_peers.py -s` prints the table of largest differences.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from tests.test_vit import in_numpy as in_numpy_arrays
from tests.test_vit import logits_of
from vitexplain.vit import PRESETS, Block, ViT, ViTConfig, walk

SMALL: dict[str, Any] = {
    "image_size": 32,
    "patch": 8,
    "dim": 48,
    "depth": 2,
    "heads": 4,
    "mlp_dim": 96,
}


@pytest.fixture(scope="module")
def state() -> dict[str, torch.Tensor]:
    """Random parameters of ViT-B/16, none of them 0 or 1, under timm's names."""
    return random_state(PRESETS["B/16"])


def random_state(config: ViTConfig) -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    vit = ViT(config)
    for name, parameter in vit.named_parameters():
        noise = torch.randn_like(parameter)
        with torch.no_grad():
            if "norm" in name and name.endswith("weight"):
                parameter.copy_(1 + 0.2 * noise)
            elif parameter.ndim == 1 or "token" in name or "pos" in name:
                parameter.copy_(0.1 * noise)
    return vit.state_dict()


def timm_vit(
    state: dict[str, torch.Tensor], depth: int = 12, image_size: int = 224
) -> torch.nn.Module:
    timm = pytest.importorskip("timm")
    model = timm.create_model("vit_base_patch16_224", depth=depth, img_size=image_size)
    model.load_state_dict(state)  # our names are timm's
    return model


def hugging_face_vit(state: dict[str, torch.Tensor], depth: int = 12, image_size: int = 224) -> Any:
    from transformers import ViTConfig as Config
    from transformers import ViTForImageClassification

    config = Config(layer_norm_eps=1e-6, num_hidden_layers=depth, image_size=image_size)
    config.num_labels = 1000
    model = ViTForImageClassification(config)
    renamed = {}
    for name, tensor in state.items():
        if "qkv" in name:
            for letter, part in zip("qkv", tensor.chunk(3), strict=True):
                renamed[rename(name.replace("qkv", f"{letter}_proj"), TO_HUGGING_FACE)] = part
        else:
            renamed[rename(name, TO_HUGGING_FACE)] = tensor
    model.load_state_dict(renamed)
    return model


TO_HUGGING_FACE = {
    "cls_token": "vit.embeddings.cls_token",
    "pos_embed": "vit.embeddings.position_embeddings",
    "patch_embed.proj": "vit.embeddings.patch_embeddings.projection",
    "blocks.": "vit.layers.",
    ".attn.proj.": ".attention.o_proj.",
    ".attn.": ".attention.",
    "norm1": "layernorm_before",
    "norm2": "layernorm_after",
    "^norm": "vit.layernorm",
    "^head": "classifier",
}


def torchvision_vit(state: dict[str, torch.Tensor], depth: int = 12, image_size: int = 224) -> Any:
    models = pytest.importorskip("torchvision.models")
    model = models.VisionTransformer(image_size, 16, depth, 12, 768, 3072)
    model.load_state_dict({rename(name, TO_TORCHVISION): t for name, t in state.items()})
    return model


TO_TORCHVISION = {
    "cls_token": "class_token",
    "pos_embed": "encoder.pos_embedding",
    "patch_embed.proj": "conv_proj",
    "blocks.": "encoder.layers.encoder_layer_",
    "attn.qkv.": "self_attention.in_proj_",
    "attn.proj": "self_attention.out_proj",
    "norm1": "ln_1",
    "norm2": "ln_2",
    "mlp.fc1": "mlp.0",
    "mlp.fc2": "mlp.3",
    "^norm": "encoder.ln",
    "^head": "heads.head",
}


def rename(name: str, table: dict[str, str]) -> str:
    for ours, theirs in table.items():
        if ours.startswith("^"):
            if name.startswith(ours[1:]):
                name = theirs + name[len(ours) - 1 :]
        else:
            name = name.replace(ours, theirs)
    return name


PEERS = {"timm": timm_vit, "Hugging Face": hugging_face_vit, "torchvision": torchvision_vit}


TOLERANCES = {torch.float32: 1e-5, torch.float64: 1e-10}


@pytest.fixture(scope="module", params=TOLERANCES, ids=["f32", "f64"])
def ours(request, state) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Images of a dtype, and our logits of them by each way to compute them."""
    dtype, config = request.param, PRESETS["B/16"]
    images = torch.randn(2, 3, 224, 224, generator=torch.Generator().manual_seed(1)).to(dtype)
    vit = ViT(config).to(dtype)
    vit.load_state_dict(state)
    with torch.no_grad():
        in_numpy = logits_of(walk(in_numpy_arrays(vit), images.numpy(), config))
        return images, {
            "fused": vit(images),
            "walk": logits_of(vit.walk(images)),
            "NumPy": torch.from_numpy(in_numpy),
        }


@torch.no_grad()
@pytest.mark.parametrize("peer", PEERS)
def test_logits_equal(peer, ours, state):
    images, paths = ours
    result = PEERS[peer](state).to(images.dtype).eval()(images)
    theirs = getattr(result, "logits", result)
    assert float(theirs.std()) > 0.1
    differences = {path: float((found - theirs).abs().max()) for path, found in paths.items()}
    line = "  ".join(f"{path} {difference:.1e}" for path, difference in differences.items())
    print(f"\n{peer:12s} {str(images.dtype)[6:]:8s} max |difference|  {line}")
    for path, found in paths.items():
        tolerance = TOLERANCES[images.dtype]
        np.testing.assert_allclose(found, theirs, rtol=0, atol=tolerance, err_msg=path)


@torch.no_grad()
def test_weights_equal_those_hugging_face_returns(state):
    model = hugging_face_vit(state).eval()
    model.set_attn_implementation("eager")
    images = torch.randn(1, 3, 224, 224, generator=torch.Generator().manual_seed(1))
    vit = ViT(PRESETS["B/16"])
    vit.load_state_dict(state)
    theirs = model(images, output_attentions=True).attentions
    assert len(theirs) == 12
    ours = (step.attention.attention.weights for step in vit.walk(images) if type(step) is Block)
    for layer, expected in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(layer, expected, atol=1e-6)


@torch.no_grad()
@pytest.mark.parametrize("readout", ["class", "mean"])
def test_registers_and_mean_readout_equal_timm(readout):
    timm = pytest.importorskip("timm")
    config = replace(ViTConfig(**SMALL), classes=5, registers=3, readout=readout)
    state = {name: p.double() for name, p in random_state(config).items()}
    model = timm.models.VisionTransformer(
        img_size=32, patch_size=8, embed_dim=48, depth=2, num_heads=4, mlp_ratio=2, num_classes=5,
        reg_tokens=3, no_embed_class=True, class_token=readout == "class",
        global_pool="token" if readout == "class" else "avg", fc_norm=False,
    ).double()  # fmt: skip
    prefix = config.prefix - config.registers
    theirs = dict(state)
    # timm adds no position to the class token here, ours becomes part of the token itself
    theirs["pos_embed"] = state["pos_embed"][:, prefix:]
    if prefix:
        theirs["cls_token"] = state["cls_token"] + state["pos_embed"][:, :1]
    model.load_state_dict(theirs)
    vit = ViT(config).double()
    vit.load_state_dict(state)
    images = torch.randn(2, 3, 32, 32, dtype=torch.float64)
    torch.testing.assert_close(vit(images), model.eval()(images), atol=1e-12, rtol=1e-12)
