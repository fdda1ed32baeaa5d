"""timm's variants, and what training scripts wrap around them, in float64 against timm itself."""

import argparse
import json
from dataclasses import replace
from typing import Any

import pytest
import timm
import torch
from timm.layers.mlp import GluMlp, SwiGLU
from timm.models.vision_transformer import checkpoint_filter_fn
from torch import nn

from tests.checkpoints.libraries import before_1_6, logits_of, pth, safetensors, tiny_timm
from vitexplain import checkpoints
from vitexplain.checkpoints import CheckpointError
from vitexplain.checkpoints.infer_config import heads_of

IMAGES = torch.randn(2, 3, 32, 32, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def packed(*args, **options):
    return GluMlp(*args, **{**options, "act_layer": nn.SiLU, "gate_last": False})


VARIANTS = {
    "plain": {},
    "registers with positions": {"reg_tokens": 3},
    "registers without": {"reg_tokens": 3, "no_embed_class": True},
    "no position for the class token": {"no_embed_class": True},
    "mean, no class token": {"class_token": False, "global_pool": "avg"},
    "mean and class token": {"global_pool": "avg"},
    "mean of registers' model": {"class_token": False, "global_pool": "avg", "reg_tokens": 2},
    "mean after the norm": {"class_token": False, "global_pool": "avg", "fc_norm": False},
    "LayerScale": {"init_values": 0.1},
    "SwiGLU, packed": {"mlp_layer": packed, "mlp_ratio": 3},
    "SwiGLU": {"mlp_layer": SwiGLU, "act_layer": nn.SiLU},
    "no bias of query, key, value": {"qkv_bias": False},
    "no head": {"num_classes": 0},
    "distilled": {"distilled": True},
    "distilled, no head": {"distilled": True, "num_classes": 0},
    "one channel": {"in_chans": 1},
}


def check(path, model, images=IMAGES, tolerance=1e-10, **options) -> None:
    theirs, ours = logits_of(model, images), logits_of(checkpoints.load(path, **options), images)
    assert float((theirs[0] - theirs[1]).std()) > 1e-3, "the logits must depend on the image"
    torch.testing.assert_close(ours, theirs, rtol=0, atol=tolerance)


@pytest.mark.parametrize("options", VARIANTS.values(), ids=VARIANTS)
@pytest.mark.parametrize("write", [safetensors, pth])
def test_variants(options, write, tmp_path):
    model = tiny_timm(**options).double()
    check(write(model, tmp_path), model, IMAGES[:, : options.get("in_chans", 3)])


def test_what_the_file_does_not_say_comes_from_the_config(tmp_path):
    model = tiny_timm(img_size=(16, 48), num_heads=4, act_layer="gelu_tanh").double()
    images = IMAGES.new_empty(2, 3, 16, 48).normal_()
    path = safetensors(model, tmp_path)
    with pytest.raises(CheckpointError, match="no square grid"):
        checkpoints.load(path)
    square = checkpoints.read(safetensors(tiny_timm(), tmp_path)).config
    config = replace(square, image_size=(16, 48), heads=4, activation="gelu tanh")
    check(safetensors(model, tmp_path), model, images, config=config)
    with pytest.raises(CheckpointError, match="has 13 rows; expected 37 for an image of 48×48"):
        checkpoints.load(path, config=replace(config, image_size=48))
    with pytest.raises(CheckpointError, match="2 parameters are without a place in a ViT of 2 bl"):
        checkpoints.load(path, config=replace(config, classes=0))


def test_heads_of_published_sizes_that_are_not_64_wide(tmp_path):
    model = tiny_timm(embed_dim=1280, num_heads=16, depth=1, mlp_ratio=0.1).double()
    check(safetensors(model, tmp_path), model)


def test_heads_can_be_given(tmp_path):
    model = tiny_timm(embed_dim=48, num_heads=3).double()
    path = safetensors(model, tmp_path)
    with pytest.raises(CheckpointError, match=r"how many heads 48 dims .* give heads=…"):
        checkpoints.load(path)
    check(path, model, heads=3)
    with pytest.raises(CheckpointError, match="dim must be a multiple of heads"):
        checkpoints.load(path, heads=5)


@pytest.mark.parametrize("name", ["tiny", "small", "base", "large", "huge", "giant", "gigantic"])
def test_heads_are_those_of_timm(name):
    patch = 16 if name in ("tiny", "small", "base", "large") else 14
    with torch.device("meta"):
        model: Any = timm.create_model(f"vit_{name}_patch{patch}_224", depth=1)
    assert heads_of(model.embed_dim) == model.blocks[0].attn.num_heads


def test_the_model_does_not_depend_on_the_file_afterwards(tmp_path):
    """safetensors maps the file into memory; the parameters are copies, aligned as torch's are."""
    model = tiny_timm()
    path = safetensors(model, tmp_path)
    vit = checkpoints.load(path)
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))  # in place, where the mapping would see it
    for name, parameter in vit.named_parameters():
        assert torch.equal(parameter, model.state_dict()[name])
        assert parameter.data_ptr() % 64 == 0


def behind(prefix: str, tensors: dict) -> dict:
    return {prefix + name: value for name, value in tensors.items()}


def renamed(tensors: dict, *pairs: tuple[str, str]) -> dict:
    for old, new in pairs:
        tensors = {name.replace(old, new): value for name, value in tensors.items()}
    return tensors


TRAINING = {"optimizer": {"state": {}}, "epoch": 3, "args": argparse.Namespace(lr=1e-3)}
PATCHES = "patch_embed.proj.weight"
WRAPPED = {  # what is saved of a state dict, beside that of another model
    **{
        f"behind {prefix}": lambda t, _, prefix=prefix: behind(prefix, t)
        for prefix in ("model.", "module.", "_orig_mod.module.", "backbone.encoder.")
    },
    **{
        f"in {key}": lambda t, other, key=key: {**TRAINING, key: t, "student": other}
        for key in ("model", "state_dict", "model_ema", "teacher")
    },
    "averaged weights first, as in timm": lambda t, o: {"state_dict": o, "state_dict_ema": t},
    "DeiT III's own names": lambda t, _: {
        "model": renamed(t, ("ls1.gamma", "gamma_1"), ("ls2.gamma", "gamma_2"))
    },
    "patches projected by a matrix": lambda t, _: t | {PATCHES: t[PATCHES].flatten(1)},
}


@pytest.mark.parametrize("wrap", WRAPPED.values(), ids=WRAPPED)
def test_what_training_scripts_make_of_it(wrap, tmp_path):
    model = tiny_timm(init_values=0.1, no_embed_class=True).double()
    other = tiny_timm(depth=1).double()
    torch.save(wrap(model.state_dict(), other.state_dict()), tmp_path / "weights.pth")
    check(tmp_path / "weights.pth", model)


def test_parameters_instead_of_tensors(tmp_path):
    """What `state_dict(keep_vars=True)` saves asks for gradients; what is read does not."""
    model = tiny_timm(qkv_bias=False).double()
    torch.save(model.state_dict(keep_vars=True), tmp_path / "weights.pth")
    check(tmp_path / "weights.pth", model)
    params = checkpoints.read(tmp_path / "weights.pth").params
    assert not any(tensor.requires_grad for tensor in params.values())
    vit = checkpoints.load(tmp_path / "weights.pth")
    assert all(parameter.requires_grad and parameter.is_leaf for parameter in vit.parameters())


def test_torch_s_format_of_before_1_6(tmp_path):
    model = tiny_timm().double()
    check(before_1_6(model, tmp_path), model)


@pytest.mark.parametrize("registers", [0, 4])
def test_dinov2_s_own_names(registers, tmp_path):
    """timm's own conversion of DINOv2's files is the oracle."""
    options = {"init_values": 0.1, "mlp_layer": packed, "mlp_ratio": 4, "num_classes": 0}
    model = tiny_timm(**options, reg_tokens=registers, no_embed_class=registers > 0).double()
    state = model.state_dict()
    original = renamed(state, ("mlp.fc1", "mlp.w12"), ("mlp.fc2", "mlp.w3"))
    original["mask_token"] = torch.randn(1, 64).double()
    if registers:
        row = torch.randn(1, 1, 64).double()
        original["register_tokens"] = original.pop("reg_token")
        original["pos_embed"] = torch.cat([row, state["pos_embed"]], 1)
    torch.save(original, tmp_path / "weights.pth")
    model.load_state_dict(checkpoint_filter_fn(dict(original), model))
    check(tmp_path / "weights.pth", model)


def test_pre_logits_of_old_timm(tmp_path):
    """The tanh layer that timm had until 2022, computed here after timm's features."""
    model = tiny_timm(num_classes=0).double()
    layer, head = nn.Linear(64, 40).double(), nn.Linear(40, 7).double()
    extra = {f"pre_logits.fc.{k}": v for k, v in layer.state_dict().items()}
    extra |= {f"head.{k}": v for k, v in head.state_dict().items()}
    torch.save(model.state_dict() | extra, tmp_path / "weights.pth")
    with torch.no_grad():
        theirs = head(torch.tanh(layer(model(IMAGES))))
    ours = logits_of(checkpoints.load(tmp_path / "weights.pth"), IMAGES)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-10)


def test_a_folder_as_timm_pushes_it(tmp_path):
    """config.json decides what the weights leave open: pooling, labels, preprocessing."""
    model = tiny_timm(global_pool="avg", fc_norm=False).double()
    safetensors(model, tmp_path).rename(tmp_path / "model.safetensors")
    details = {"input_size": [3, 32, 32], "mean": [0.1, 0.2, 0.3], "std": [0.4, 0.5, 0.6]}
    details |= {"crop_pct": 0.95, "interpolation": "bilinear", "label_names": list("abcdefg")}
    about = {
        "architecture": "vit_tiny_patch16_224",
        "global_pool": "avg",
        "pretrained_cfg": details,
    }
    (tmp_path / "config.json").write_text(json.dumps(about))
    for path in (tmp_path, tmp_path / "model.safetensors"):
        check(path, model)
    checkpoint = checkpoints.read(tmp_path)
    assert checkpoint.labels == tuple("abcdefg")
    assert checkpoint.config.readout == "mean"
    wanted = {"size": 32, "mean": (0.1, 0.2, 0.3), "std": (0.4, 0.5, 0.6), "crop": 0.95}
    assert {key: getattr(checkpoint.preprocessing, key) for key in wanted} == wanted
    assert checkpoint.preprocessing.interpolation == "bilinear"


def test_a_norm_after_the_class_token_is_chosen(tmp_path):
    model = tiny_timm(fc_norm=True).double()
    safetensors(model, tmp_path).rename(tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text('{"global_pool": "token"}')
    check(tmp_path, model)


def test_without_words_the_preprocessing_is_the_usual(tmp_path):
    plain = checkpoints.read(safetensors(tiny_timm(), tmp_path)).preprocessing
    assert (plain.size, plain.mean, plain.crop) == (32, (0.5, 0.5, 0.5), 0.9)
    deit = checkpoints.read(safetensors(tiny_timm(distilled=True), tmp_path)).preprocessing
    assert deit.mean == (0.485, 0.456, 0.406)
    assert checkpoints.read(tmp_path / "weights.safetensors").labels is None


@pytest.mark.rejects
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"global_pool": "map"}, "attention pooling"),
        ({"pre_norm": True}, "LayerNorm before the blocks"),
        ({"qk_norm": True}, "normalised queries and keys"),
    ],
)
def test_other_models_say_what_they_have(options, said, tmp_path):
    with pytest.raises(CheckpointError, match=said):
        checkpoints.load(safetensors(tiny_timm(**options), tmp_path))
