"""Checkpoints of full size, written by the real libraries: our logits are theirs.

`pytest tests/checkpoints -k parity` prints the table. Weights and biases are all random.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import timm
import torch
from torchvision import models as torchvision_models

from tests.checkpoints.libraries import (
    Write,
    logits_of,
    npz,
    pretrained,
    pth,
    random,
    safetensors,
    sharded,
    timm_reading_npz,
    transformers_model,
)
from tests.tables import TABLES
from vitexplain import checkpoints

HALF, BRAIN, SINGLE, DOUBLE = torch.float16, torch.bfloat16, torch.float32, torch.float64
PLAIN = {"safetensors": safetensors, "pth": pth}
FOLDER = {"folder": pretrained}
EVERY = {**FOLDER, "folder of shards": sharded, "safetensors, 5.x names": safetensors}
GOOGLE = {
    "npz, opt/target/": npz("opt/target/"),
    "npz, big_vision, stacked": npz("params/", big_vision=True, stacked=True),
}

BASE = {
    "image_size": 224, "patch_size": 16, "hidden_size": 768, "num_hidden_layers": 12,
    "num_attention_heads": 12, "num_labels": 1000, "intermediate_size": 3072,
}  # fmt: skip
SMALL = {**BASE, "hidden_size": 384, "num_attention_heads": 6, "intermediate_size": 1536}
TINY = {**BASE, "hidden_size": 192, "num_attention_heads": 3, "intermediate_size": 768}
DINOV2 = {**SMALL, "patch_size": 14, "image_size": 518}  # a table for 37×37 patches, as published
del DINOV2["intermediate_size"]


@dataclass(frozen=True)
class Case:
    """A library's model, and the formats to write it in."""

    library: str
    model: str
    make: Callable[[], Any]
    formats: dict[str, Write]
    dtype: torch.dtype = SINGLE  # of the file
    reader: Callable[[Path, torch.dtype], Any] | None = None  # None: the model that was written

    def __str__(self) -> str:
        return f"{self.library}, {self.model}, {str(self.dtype)[6:]}"


def timm_case(model: str, name: str, dtype=SINGLE, formats=PLAIN, **options) -> Case:
    return Case(
        "timm", model, lambda: random(lambda: timm.create_model(name, **options)), formats, dtype
    )


def hf_case(model: str, name: str, sizes: dict, dtype=SINGLE, formats=FOLDER) -> Case:
    return Case("Hugging Face", model, partial(transformers_model, name, **sizes), formats, dtype)


def google_case(model: str, name: str, dtype=SINGLE, formats=GOOGLE) -> Case:
    make = partial(timm.create_model, name, act_layer="gelu_tanh")
    reader = partial(timm_reading_npz, make)
    return Case("Google, by timm", model, lambda: random(make), formats, dtype, reader)


def torchvision_case(model: str, make: Callable[[], Any], dtype=SINGLE) -> Case:
    return Case("torchvision", model, lambda: random(make), {"pth": pth}, dtype)


CASES = [
    timm_case("ViT-B/16", "vit_base_patch16_224"),
    timm_case("ViT-B/16", "vit_base_patch16_224", DOUBLE, {"pth": pth}),
    timm_case("ViT-Ti/16", "vit_tiny_patch16_224", HALF),
    timm_case("ViT-Ti/16", "vit_tiny_patch16_224", BRAIN),
    timm_case("DeiT-S/16 distilled", "deit_small_distilled_patch16_224"),
    timm_case("DeiT-Ti/16 distilled", "deit_tiny_distilled_patch16_224", DOUBLE),
    timm_case("DINOv2-S/14 registers", "vit_small_patch14_reg4_dinov2", dynamic_img_size=True),
    torchvision_case("ViT-B/16", torchvision_models.vit_b_16),
    torchvision_case(
        "ViT-Ti/16",
        lambda: torchvision_models.VisionTransformer(224, 16, 12, 3, 192, 768),
        DOUBLE,
    ),
    hf_case("ViT-B/16", "ViTForImageClassification", BASE),
    hf_case("ViT-Ti/16", "ViTForImageClassification", TINY, formats=EVERY),
    hf_case("ViT-Ti/16", "ViTForImageClassification", TINY, DOUBLE, EVERY),
    hf_case("ViT-Ti/16", "ViTForImageClassification", TINY, BRAIN),
    hf_case("DeiT-S/16 distilled", "DeiTForImageClassificationWithTeacher", SMALL),
    hf_case("DeiT-Ti/16 distilled", "DeiTForImageClassificationWithTeacher", TINY, DOUBLE),
    hf_case("DINOv2-S/14", "Dinov2ForImageClassification", DINOV2),
    hf_case("DINOv2-S/14 registers", "Dinov2WithRegistersForImageClassification", DINOV2),
    hf_case("DINOv2-S/14", "Dinov2Model", {**DINOV2, "image_size": 224}, DOUBLE),
    google_case("ViT-B/16", "vit_base_patch16_224", formats={"npz": npz()}),
    google_case("ViT-Ti/16", "vit_tiny_patch16_224"),
    google_case("ViT-Ti/16", "vit_tiny_patch16_224", DOUBLE),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_parity(case, tmp_path):
    written = case.make().to(case.dtype)
    compute = DOUBLE if case.dtype == DOUBLE else SINGLE
    images = torch.randn(1, 3, 224, 224, generator=torch.Generator().manual_seed(1))
    images = images.to(compute)
    theirs = None
    for name, write in case.formats.items():
        path = write(written, tmp_path)
        if case.reader is not None:
            theirs = logits_of(case.reader(path, compute), images)
        elif theirs is None:
            theirs = logits_of(written.to(compute), images)
            written = written.to(case.dtype)  # back as it was: the rounding is done
        assert 0.1 < float(theirs.std()) < 10, "logits must be about 1, or a tolerance means little"
        vit = checkpoints.load(path, image_size=224)
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        difference = float((logits_of(vit, images) - theirs).abs().max())
        dtype = str(case.dtype)[6:]
        row = f"{case.library:16} {case.model:22} {name:24} {dtype:9} {difference:.1e}"
        TABLES["checkpoints: max |difference| of the logits, theirs and ours"].append(row)
        assert next(vit.parameters()).dtype == compute
        assert difference <= (1e-10 if compute == DOUBLE else 1e-5), row
