"""transformers' families, on disk and as 5.x names them, in float64 against transformers."""

import json

import pytest
import torch

from tests.checkpoints.libraries import logits_of, pretrained, pth, safetensors, transformers_model
from tests.checkpoints.test_timm import IMAGES, check
from vitexplain import checkpoints
from vitexplain.checkpoints import CheckpointError

SMALL = {"mlp_ratio": 2}
MODELS = {
    "ViT": ("ViTForImageClassification", {"intermediate_size": 96}),
    "ViT, own epsilon": ("ViTForImageClassification", {"layer_norm_eps": 1e-3}),
    "ViT, GELU by tanh": ("ViTForImageClassification", {"hidden_act": "gelu_new"}),
    "ViT, no bias": ("ViTForImageClassification", {"qkv_bias": False}),
    "ViT, pooler": ("ViTModel", {}),
    "ViT, narrow pooler": ("ViTModel", {"pooler_output_size": 24}),
    "DeiT": ("DeiTForImageClassification", {}),
    "DeiT, teacher": ("DeiTForImageClassificationWithTeacher", {}),
    "DeiT, pooler": ("DeiTModel", {}),
    "DINOv2": ("Dinov2ForImageClassification", SMALL),
    "DINOv2, no head": ("Dinov2Model", SMALL),
    "DINOv2, SwiGLU": ("Dinov2ForImageClassification", {"use_swiglu_ffn": True}),
    "DINOv2, registers": ("Dinov2WithRegistersForImageClassification", SMALL),
    "DINOv2, registers, SwiGLU": ("Dinov2WithRegistersModel", {"use_swiglu_ffn": True}),
}


@pytest.mark.parametrize(("name", "options"), MODELS.values(), ids=MODELS)
def test_families(name, options, tmp_path):
    """Names on disk; the same file alone; names of 5.x beside the config, in either format."""
    model = transformers_model(name, **options).double()
    folder = pretrained(model, tmp_path)
    check(folder, model)
    check(folder / "model.safetensors", model)
    safetensors(model, tmp_path).replace(folder / "model.safetensors")
    check(folder, model)
    (folder / "model.safetensors").unlink()
    pth(model, tmp_path).replace(folder / "pytorch_model.bin")
    check(folder, model)


@pytest.mark.parametrize("write", [safetensors, pth])
@pytest.mark.parametrize("name", ["ViTForImageClassification", "Dinov2ForImageClassification"])
def test_a_file_alone_follows_the_family_s_epsilon(name, write, tmp_path):
    model = transformers_model(name, num_attention_heads=1).double()
    check(write(model, tmp_path), model)


def test_the_encoder_of_a_masked_autoencoder(tmp_path):
    """What reconstructs the image is passed over; the class token is the answer."""
    sizes = {"decoder_hidden_size": 32, "decoder_num_hidden_layers": 1, "mask_ratio": 0.0}
    sizes |= {"decoder_num_attention_heads": 2, "decoder_intermediate_size": 32}
    model = transformers_model("ViTMAEForPreTraining", **sizes).double()
    folder = pretrained(model, tmp_path)
    with torch.no_grad():
        theirs = model.vit(IMAGES, noise=torch.arange(16.0).expand(2, -1)).last_hidden_state[:, 0]
    ours = logits_of(checkpoints.load(folder), IMAGES)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-10)


def test_an_oblong_image(tmp_path):
    model = transformers_model("ViTForImageClassification", image_size=[16, 48]).double()
    check(pretrained(model, tmp_path), model, torch.randn(2, 3, 16, 48).double())


def test_labels_and_preprocessing(tmp_path):
    names = [f"animal {index}" for index in range(7)]
    labels = {"id2label": dict(enumerate(names)), "label2id": {n: i for i, n in enumerate(names)}}
    folder = pretrained(transformers_model("ViTForImageClassification", **labels), tmp_path)
    assert checkpoints.read(folder).labels == tuple(names)
    plain = checkpoints.read(folder).preprocessing
    assert (plain.mean, plain.fit, plain.interpolation) == ((0.5,) * 3, "stretch", "bilinear")
    words = {
        "do_center_crop": True, "crop_size": {"height": 224, "width": 224}, "resample": 3,
        "size": {"shortest_edge": 256}, "image_mean": [0.1, 0.2, 0.3], "image_std": [0.4, 0.5, 0.6],
    }  # fmt: skip
    (folder / "preprocessor_config.json").write_text(json.dumps(words))
    found = checkpoints.read(folder).preprocessing
    assert (found.size, found.crop, found.fit) == (32, 224 / 256, "crop")
    assert (found.mean, found.std) == ((0.1, 0.2, 0.3), (0.4, 0.5, 0.6))
    assert found.interpolation == "bicubic"


def test_names_that_say_nothing_are_no_labels(tmp_path):
    folder = pretrained(transformers_model("ViTForImageClassification"), tmp_path)
    assert "LABEL_0" in (folder / "config.json").read_text()
    assert checkpoints.read(folder).labels is None


@pytest.mark.rejects
@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({"hidden_act": "quick_gelu"}, "hidden_act is 'quick_gelu'; expected one of"),
        ({"num_attention_heads": "four"}, "num_attention_heads must be a number"),
        ({"num_attention_heads": 5}, "dim must be a multiple of heads"),
        ({"layer_norm_eps": float("nan")}, "layer_norm_eps must be a number from 0"),
        ({"image_size": [1, 2, 3, 4]}, "image_size must be a size in pixels"),
    ],
)
def test_a_config_that_cannot_be(about, said, tmp_path):
    folder = pretrained(transformers_model("ViTForImageClassification"), tmp_path)
    words = json.loads((folder / "config.json").read_text()) | about
    (folder / "config.json").write_text(json.dumps(words))
    with pytest.raises(CheckpointError, match=said):
        checkpoints.load(folder)
