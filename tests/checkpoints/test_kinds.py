"""What config.json names decides; a refusal's note shows how `capture` reads the model instead."""

import json
from typing import Any

import pytest
import timm
import torch
from timm.models import save_for_hf

from tests.checkpoints.libraries import logits_of, random, safetensors, tiny_timm
from vitexplain import checkpoints
from vitexplain.checkpoints.errors import OtherModelError

TINY = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "image_size": 32}
TINY |= {"patch_size": 8, "intermediate_size": 32}


def refused(path) -> tuple[str, str]:
    """The line and the note of a refusal."""
    with pytest.raises(OtherModelError) as raised:
        checkpoints.read(path)
    (note,) = raised.value.__notes__
    assert "\n" not in str(raised.value)
    return str(raised.value), note


def run(code: str, images: torch.Tensor) -> dict:
    """Run a note's code; its last line's `maps` are what it is for."""
    names: dict = {"images": images}
    exec(code, names)
    assert len(names["maps"]) > 0
    return names


@pytest.mark.parametrize(
    "name", ["vit_small_patch16_rope_ape_224", "vit_base_patch16_rpn_224", "beit_base_patch16_224"]
)
def test_a_timm_folder_of_another_architecture(name, tmp_path):
    model = timm.create_model(name, depth=1, img_size=32).eval()
    save_for_hf(model, tmp_path, safe_serialization=True)
    line, note = refused(tmp_path)
    assert f"architecture {name!r}" in line
    images = torch.randn(1, 3, 32, 32)
    names = run(note, images)
    torch.testing.assert_close(logits_of(names["model"], images), logits_of(model, images))


MODELS = {
    "clip": ("CLIPModel", {"vision_config": TINY, "text_config": TINY}),
    "siglip": ("SiglipModel", {"vision_config": TINY, "text_config": TINY}),
    "blip": ("BlipModel", {"vision_config": TINY, "text_config": TINY}),
    "dinov3_vit": ("DINOv3ViTModel", TINY),
    "beit": ("BeitModel", TINY),
    "data2vec-vision": ("Data2VecVisionModel", TINY),
    "siglip_vision_model": ("SiglipVisionModel", TINY),
}


@pytest.mark.parametrize(("name", "options"), MODELS.values(), ids=MODELS)
def test_a_folder_of_another_model_type(name, options, tmp_path, request):
    import transformers

    kind = getattr(transformers, name)
    model = kind(kind.config_class(**options))
    model.save_pretrained(tmp_path)
    kind_of = request.node.callspec.id
    line, note = refused(tmp_path)
    assert f"model_type {kind_of!r}" in line
    run(note, torch.randn(1, 3, 32, 32))


@pytest.mark.parametrize("kind", ["sam", "pixtral"])
def test_a_name_is_enough(kind, tmp_path):
    (tmp_path / "model.safetensors").touch()
    (tmp_path / "config.json").write_text(json.dumps({"model_type": kind}))
    line, note = refused(tmp_path)
    assert f"model_type {kind!r}" in line
    assert "with capture(model.eval()) as maps: model(images)" in note


def test_weights_of_no_known_layout_have_a_way_out_too(tmp_path):
    torch.save({"trunk.weight": torch.ones(3)}, tmp_path / "w.pth")
    line, note = refused(tmp_path / "w.pth")
    assert line.startswith("w.pth: found 1 tensors (trunk.weight) of no known layout")
    assert note.splitlines()[0] == "from vitexplain.capture import capture"


def folder(tmp_path, model, **about):
    save_for_hf(model, tmp_path, safe_serialization=True)
    words = json.loads((tmp_path / "config.json").read_text())
    words["model_args"] = words.get("model_args", {}) | about
    (tmp_path / "config.json").write_text(json.dumps(words))
    return tmp_path


def test_arguments_of_the_model_decide(tmp_path):
    options = {"depth": 1, "img_size": 32, "num_heads": 4, "act_layer": "gelu_tanh"}
    model = random(lambda: timm.create_model("vit_tiny_patch16_224", **options)).double()
    path = folder(tmp_path, model, **options)
    config = checkpoints.read(path).config
    assert (config.heads, config.activation) == (4, "gelu tanh")
    images = torch.randn(2, 3, 32, 32).double()
    ours = logits_of(checkpoints.load(path), images)
    torch.testing.assert_close(ours, logits_of(model, images), rtol=0, atol=1e-10)


@pytest.mark.parametrize(
    "about", [{"norm_layer": "rmsnorm"}, {"act_layer": "quick_gelu"}, {"pool_include_prefix": True}]
)
def test_arguments_that_a_plain_vit_does_not_have(about, tmp_path):
    model = timm.create_model("vit_tiny_patch16_224", depth=1, img_size=32)
    ((key, value),) = about.items()
    line, _ = refused(folder(tmp_path, model, **about))
    assert f"{key}={value!r} in model_args" in line


def test_a_width_of_its_own_leaves_the_heads_open(tmp_path):
    model = timm.create_model("vit_base_patch16_224", depth=1, img_size=32, embed_dim=384)
    assert [one.what for one in checkpoints.read(folder(tmp_path, model)).assumed] == ["heads"]


def test_an_image_that_patches_do_not_tile(tmp_path):
    options: dict[str, Any] = {"depth": 1, "img_size": 60}
    model = random(lambda: timm.create_model("vit_tiny_patch16_224", **options))
    path = folder(tmp_path, model)
    (one,) = checkpoints.read(path).assumed
    assert str(one) == "48×48 pixels, the whole patches of 60×60"
    images = torch.randn(2, 3, 60, 60)
    ours = logits_of(checkpoints.load(path), images[..., :48, :48])
    torch.testing.assert_close(ours, logits_of(model, images), rtol=0, atol=1e-5)


def test_a_config_that_is_given_decides_over_the_name(tmp_path):
    model = tiny_timm()
    safetensors(model, tmp_path).rename(tmp_path / "model.safetensors")
    config = checkpoints.read(tmp_path).config
    (tmp_path / "config.json").write_text('{"architecture": "my_vit"}')
    assert "architecture 'my_vit'" in refused(tmp_path)[0]
    assert checkpoints.read(tmp_path, config=config).config == config
