"""torchvision's and Google's variants, in float64 against torchvision and timm's own reader."""

from functools import partial

import numpy as np
import pytest
import torch
from timm.models.vision_transformer import VisionTransformer
from torch import nn

from tests.checkpoints.libraries import (
    google_arrays,
    logits_of,
    npz,
    pth,
    safetensors,
    save_arrays,
    timm_reading_npz,
    tiny_timm,
    tiny_torchvision,
)
from tests.checkpoints.test_timm import IMAGES, check
from vitexplain import checkpoints

GAP = {"class_token": False, "global_pool": "avg", "fc_norm": False}


@pytest.mark.parametrize("write", [safetensors, pth])
@pytest.mark.parametrize("options", [{}, {"representation_size": 40}], ids=["plain", "pre-logits"])
def test_torchvision(options, write, tmp_path):
    model = tiny_torchvision(**options).double()
    path = write(model, tmp_path)
    check(path, model)
    checkpoint = checkpoints.read(path)
    assert (checkpoint.layout, checkpoint.resize) == ("torchvision", "torchvision")
    assert checkpoint.preprocessing.interpolation == "bilinear"


def test_torchvision_of_before_0_13(tmp_path):
    model = tiny_torchvision().double()
    old = {
        f"module.{name}".replace("mlp.0", "mlp.linear_1").replace("mlp.3", "mlp.linear_2"): value
        for name, value in model.state_dict().items()
    }
    torch.save(old, tmp_path / "weights.pth")
    check(tmp_path / "weights.pth", model)


def tiny_google(**options):
    sizes = {"img_size": 32, "patch_size": 8, "embed_dim": 64, "depth": 2, "num_heads": 4}
    return {**sizes, "num_classes": 7, "act_layer": "gelu_tanh", **options}


@pytest.mark.parametrize(
    ("write", "options"),
    [
        (npz(), {}),
        (npz("opt/target/"), {}),
        (npz("params/", big_vision=True), {}),
        (npz("params/img/", big_vision=True, stacked=True), {}),
        (npz(big_vision=True), {"no_embed_class": True}),
        (npz(), GAP),
        (npz("params/", big_vision=True, stacked=True), GAP),
    ],
    ids=["plain", "opt/target/", "big_vision", "stacked", "no class row", "mean", "mean, stacked"],
)
def test_google(write, options, tmp_path):
    """Heads are 16 wide: they are read off the arrays."""
    sizes = tiny_google(**options)
    path = write(tiny_timm(**sizes).double(), tmp_path)
    check(path, timm_reading_npz(partial(VisionTransformer, **sizes), path, torch.float64))
    checkpoint = checkpoints.read(path)
    assert (checkpoint.layout, checkpoint.config.heads) == ("google", 4)


def test_google_s_pre_logits(tmp_path):
    """timm leaves this layer out, so it is computed here after timm's features."""
    model = tiny_timm(**tiny_google(num_classes=7)).double()
    layer, head = nn.Linear(64, 40).double(), nn.Linear(40, 9).double()
    extra = {
        "pre_logits/kernel": layer.weight.detach().numpy().T,
        "pre_logits/bias": layer.bias.detach().numpy(),
        "head/kernel": head.weight.detach().numpy().T,
        "head/bias": head.bias.detach().numpy(),
    }
    path = tmp_path / "weights.npz"
    save_arrays(path, {**google_arrays(model), **extra})
    with torch.no_grad():
        theirs = head(torch.tanh(layer(model.forward_head(model.forward_features(IMAGES), True))))
    ours = logits_of(checkpoints.load(path), IMAGES)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-10)


def test_google_s_optimiser_is_passed_over(tmp_path):
    model = tiny_timm(**tiny_google())
    arrays = {f"opt/target/{name}": array for name, array in google_arrays(model).items()}
    arrays["opt/state/step"] = np.array(3)
    arrays["opt/state/param_states/embedding/kernel/grad_ema"] = np.zeros(3)
    save_arrays(tmp_path / "weights.npz", arrays)
    check(tmp_path / "weights.npz", model, IMAGES.float(), 1e-5)


def test_bfloat16_as_jax_stores_it(tmp_path):
    """Raw pairs of bytes, the upper halves of float32."""
    model = tiny_timm(**tiny_google()).bfloat16().float()
    arrays = {
        name: (np.ascontiguousarray(array).view(np.uint32) >> 16).astype(np.uint16).view("V2")
        for name, array in google_arrays(model).items()
    }
    save_arrays(tmp_path / "weights.npz", arrays)
    check(tmp_path / "weights.npz", model, IMAGES.float(), 1e-5)
