"""Every ViT that timm names, one block of it at its real width: read exactly or refused by name.

`pytest tests/checkpoints/test_timm_names.py -s` prints the table.
"""

import json
import re
import shutil
from typing import Any

import pytest
import timm
import torch
from timm.layers.activations import GELUTanh
from timm.models import save_for_hf
from timm.models._hub import save_config_for_hf
from torch import nn

from tests.checkpoints.libraries import logits_of
from tests.compare.parity import randomise
from vitexplain import checkpoints
from vitexplain.checkpoints.errors import CheckpointError, OtherModelError

FAMILIES = (
    "vision_transformer", "deit", "vision_transformer_hybrid", "vision_transformer_relpos",
    "vision_transformer_sam", "eva", "beit", "naflexvit", "vitamin", "cait", "hiera",
)  # fmt: skip
NAMES = sorted({name for family in FAMILIES for name in timm.list_models(module=family)})
WRONG = {  # what was once read as a plain ViT, wrongly
    "vit_small_patch16_rope_ape_224": None, "vit_base_patch16_rope_ape_224": None,
    "vit_large_patch16_rope_ape_224": None, "vit_base_patch16_rpn_224": None,
    "vit_giantopt_patch16_siglip_gap_256": 16, "vit_giantopt_patch16_siglip_gap_384": 16,
    "vit_base_patch16_gap_224": 16, "test_vit": 2,
}  # fmt: skip


def on_meta(name: str) -> Any:
    """The model without numbers: one block, of 4 × 4 patches, as far as its kind allows."""
    patch = re.search(r"patch(\d+)", name)
    size = 4 * int(patch[1] if patch else 16)
    options: dict[str, Any]
    for options in ({"depth": 1, "img_size": size}, {"depth": 1}, {}):
        try:
            with torch.device("meta"):
                return timm.create_model(name, **options)
        except (TypeError, ValueError, AssertionError, RuntimeError):
            continue
    raise AssertionError(f"timm cannot make {name}")


def with_numbers(model: Any) -> Any:
    model = model.to_empty(device="cpu")
    randomise(model, torch.empty(0), 0)
    return model.eval()


@pytest.mark.parametrize("name", NAMES)
def test_read_exactly_or_refused(name, tmp_path):
    model = on_meta(name)
    (tmp_path / "model.safetensors").touch()
    save_config_for_hf(model, tmp_path / "config.json")
    with pytest.raises(CheckpointError) as raised:  # at the latest by the empty weights
        checkpoints.read(tmp_path)
    said = str(raised.value)
    if isinstance(raised.value, OtherModelError):  # by its name alone
        written = json.loads((tmp_path / "config.json").read_text())["architecture"]
        assert f"architecture '{written}'" in said
        print(f"\n| {name} | refused | {said.partition(': ')[2]} |", end="")
        assert WRONG.get(name) is None
        return
    assert "is empty" in said
    assert type(model).__name__ in ("VisionTransformer", "VisionTransformerDistilled")
    model = with_numbers(model)
    save_for_hf(model, tmp_path, safe_serialization=True)
    vit = checkpoints.read(tmp_path)
    assert vit.assumed == (), "all is said"
    block = model.blocks[0]
    assert vit.config.heads == block.attn.num_heads == WRONG.get(name, vit.config.heads)
    assert {m.eps for m in model.modules() if isinstance(m, nn.LayerNorm)} == {vit.config.eps}
    tanh = isinstance(block.mlp.act, GELUTanh)
    assert (vit.config.activation == "gelu tanh") == tanh
    assert (vit.config.activation == "swiglu") == isinstance(block.mlp.act, nn.SiLU)
    images = torch.randn(2, 3, *model.patch_embed.img_size)
    theirs, ours = logits_of(model, images), logits_of(vit.build(), images)
    shutil.rmtree(tmp_path)
    difference = float((theirs - ours).abs().max())
    print(f"\n| {name} | read | {difference:.1e} |", end="")
    assert float((theirs[0] - theirs[1]).std()) > 1e-3, "the logits must depend on the image"
    assert difference <= 2e-5 * max(1.0, float(theirs.std()))
