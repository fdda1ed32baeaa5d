"""What a file does not say is noted as assumed, and what decides instead makes the result exact."""

import json
from typing import Any

import numpy as np
import pytest
import timm
import torch
from torch import nn

from tests.checkpoints.libraries import (
    npz,
    pretrained,
    pth,
    safetensors,
    save_arrays,
    tiny_timm,
    tiny_torchvision,
    transformers_model,
)
from tests.checkpoints.test_timm import IMAGES, behind, check
from vitexplain import checkpoints
from vitexplain.checkpoints import CheckpointError


def assumed(path, **options) -> dict[str, str]:
    found = checkpoints.read(path, **options).assumed
    return {one.what: str(one) for one in found}


def test_heads_that_are_not_64_wide(tmp_path):
    model = tiny_timm(embed_dim=192, num_heads=6).double()
    path = safetensors(model, tmp_path)
    assert assumed(path)["heads"] == "3 heads of 64 numbers (--heads decides)"
    with pytest.raises(AssertionError, match="Tensor-likes are not close"):
        check(path, model)
    assert "heads" not in assumed(path, heads=6)
    check(path, model, heads=6)


def test_an_oblong_table_that_could_be_a_square(tmp_path):
    model = tiny_timm(img_size=(64, 16), num_heads=1).double()
    path = safetensors(model, tmp_path)
    assert assumed(path)["grid"] == "a square of 4×4 patches (--grid decides)"
    assert "grid" not in assumed(path, grid=(8, 2))
    check(path, model, IMAGES.reshape(2, 3, 64, 16), grid=(8, 2))
    with pytest.raises(CheckpointError, match="17 rows, which is no grid of 8×3 patches"):
        checkpoints.read(path, grid=(8, 3))


def test_every_layout_notes_what_its_files_do_not_say(tmp_path):
    always = {"grid", "normalisation", "crop"}
    assert assumed(safetensors(tiny_timm(), tmp_path)).keys() == always | {
        "heads", "blocks", "readout",
    }  # fmt: skip
    assert assumed(pth(tiny_torchvision(), tmp_path)).keys() == always | {"heads"}
    assert assumed(npz()(tiny_timm(), tmp_path)).keys() == always
    folder = pretrained(transformers_model("ViTForImageClassification"), tmp_path)
    assert assumed(folder).keys() == {"normalisation", "crop"}
    words = {"image_mean": [0.5] * 3, "image_std": [0.5] * 3, "size": {"height": 32, "width": 32}}
    (folder / "preprocessor_config.json").write_text(json.dumps(words))
    assert assumed(folder) == {}
    (folder / "config.json").unlink()
    assert assumed(folder, heads=4).keys() == {"blocks", "grid"}
    config = checkpoints.read(folder, heads=4).config
    assert assumed(folder, config=config) == {}, "a config says it all"


def test_preprocessing_that_is_given_is_not_assumed(tmp_path):
    found = checkpoints.read(safetensors(tiny_timm(), tmp_path))
    given = found.prepared((0.1, 0.2, 0.3), (0.4, 0.5, 0.6), 0.8)
    seen = given.preprocessing
    assert (seen.mean, seen.std, seen.crop) == ((0.1, 0.2, 0.3), (0.4, 0.5, 0.6), 0.8)
    left = {one.what: str(one) for one in given.assumed}
    assert "normalisation" not in left
    assert left["crop"] == "bicubic"
    assert found.prepared() is not None
    assert found.prepared().assumed == found.assumed
    with pytest.raises(ValueError, match="belong together"):
        found.prepared(mean=(0.5, 0.5, 0.5))


DECODER = {"mask_token": torch.ones(1, 1, 32), "decoder_blocks.0.norm1.weight": torch.ones(32)}
PROJECTION = {f"head.mlp.{i}.weight": torch.ones(64, 64) for i in (0, 2)}
HEADLESS = {"num_classes": 0}
REGISTERS = {"reg_tokens": 2, "class_token": False, "global_pool": "avg", "init_values": 0.1}
FILES = {  # as the training scripts write them, and the tag of the same weights in timm
    "DeiT": ({}, lambda t: {"model": t}, "deit_small_patch16_224.fb_in1k"),
    "DeiT III": ({"init_values": 0.1}, lambda t: {"model": t}, "deit3_small_patch16_224.fb_in1k"),
    "DINO": (HEADLESS, lambda t: t, "vit_small_patch16_224.dino"),
    "DINO, all of it": (
        HEADLESS,
        lambda t: {"student": t, "teacher": behind("backbone.", t) | PROJECTION, "epoch": 1},
        "vit_small_patch16_224.dino",
    ),
    "MAE": (HEADLESS, lambda t: {"model": t | DECODER}, "vit_base_patch16_224.mae"),
    "MAE, fine-tuned": ({}, lambda t: {"model": t}, "vit_base_patch16_224.mae"),
    "DINOv2": (
        HEADLESS | {"init_values": 0.1},
        lambda t: t | {"mask_token": torch.ones(1, 64)},
        "vit_small_patch14_dinov2.lvd142m",
    ),
    "AugReg": ({}, lambda t: t, "vit_small_patch16_224.augreg_in1k"),
    "timm's script": (
        {}, lambda t: {"state_dict": t, "arch": "vit"}, "vit_small_patch16_224.augreg_in1k",
    ),
    "timm's registers": (REGISTERS, lambda t: t, "vit_medium_patch16_reg4_gap_256.sbb_in1k"),
    "SigLIP": (
        HEADLESS | {"class_token": False, "global_pool": "avg"},
        lambda t: t,
        "vit_base_patch16_siglip_gap_224.webli",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("options", "wrap", "tag"), FILES.values(), ids=FILES)
def test_mean_and_std_follow_the_evidence_in_the_file(options, wrap, tag, tmp_path):
    torch.save(wrap(dict(tiny_timm(**options).state_dict())), tmp_path / "weights.pth")
    found = checkpoints.read(tmp_path / "weights.pth")
    theirs: Any = timm.models.get_pretrained_cfg(tag)
    assert (found.preprocessing.mean, found.preprocessing.std) == (theirs.mean, theirs.std)
    assert "normalisation" in assumed(tmp_path / "weights.pth")


@pytest.mark.parametrize(("vit", "head"), [("backbone.", "classifier."), ("0.", "1.")])
@pytest.mark.parametrize("bias", [True, False])
def test_a_head_beside_the_vit_is_its_head(vit, head, bias, tmp_path):
    model = nn.Sequential(tiny_timm(num_classes=0), nn.Linear(64, 5, bias=bias)).double().eval()
    tensors = behind(vit, model[0].state_dict()) | behind(head, model[1].state_dict())
    torch.save(tensors, tmp_path / "weights.pth")
    check(tmp_path / "weights.pth", model)
    said = f"{head.rstrip('.')} beside {vit}* is its head"
    assert assumed(tmp_path / "weights.pth")["head"] == said


@pytest.mark.parametrize(
    "others",
    [
        PROJECTION,  # more than one layer
        {"classifier.weight": torch.ones(5, 63)},  # of another width
        {"classifier.gain": torch.ones(5)},
    ],
)
def test_what_is_left_out_is_named(others, tmp_path):
    torch.save(
        behind("vit.", tiny_timm(num_classes=0).state_dict()) | behind("x.", others),
        tmp_path / "w.pth",
    )
    found = assumed(tmp_path / "w.pth")
    assert "head" not in found
    count = "1 parameter is" if len(others) == 1 else f"{len(others)} parameters are"
    assert found["unused"].startswith(f"{count} not used: x.{min(others)}")


def test_the_text_tower_beside_a_vision_tower_is_named(tmp_path):
    write = npz("params/img/", big_vision=True)
    path = write(tiny_timm(), tmp_path)
    with np.load(path) as arrays:
        save_arrays(path, {**arrays, "params/txt/head/kernel": np.ones((3, 3), np.float32)})
    assert assumed(path)["unused"] == "1 parameter is not used: params/txt/head/kernel"
