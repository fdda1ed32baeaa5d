"""What a checkpoint does not say, on the terminal and the page, and the options that decide."""

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.cli.conftest import CONFIG, sharp_vit
from tests.cli.photo import save_photo
from vitexplain.images import Preprocessing, load_image, prepare
from vitexplain.vit import ViT


def test_what_is_assumed_is_said_on_the_terminal_and_the_page(vitexplain, checkpoint, tmp_path):
    path = save_photo(tmp_path / "cat.png")
    ran = vitexplain("explain", path, "-m", checkpoint, "-o", "cat.html")
    assert "; a square of 4×4 patches (--grid decides); 2 heads of 64 numbers (--h" in ran.assumed
    shown = page_facts("cat.html")
    assert shown["Assumed, as the checkpoint does not say"] == ran.assumed
    seen = "bicubic, centre crop of 90 %; mean 0.5 0.5 0.5, std 0.5 0.5 0.5"
    assert shown["Image"] == f"120 × 90 pixels, seen at 32 × 32; {seen}"
    options = ("--heads", 4, "--grid", "4x4", "--mean", ".1,.2,.3", "--std", ".5", "--crop", 0.75)
    ran = vitexplain("explain", path, "-m", checkpoint, *options, "-o", "mine.html")
    shown = page_facts("mine.html")
    assert shown["Assumed, as the checkpoint does not say"] == ran.assumed
    assert not any(word in ran.assumed for word in ("heads", "square", "mean", "crop"))
    assert shown["Image"].endswith(
        "; bicubic, centre crop of 75 %; mean 0.1 0.2 0.3, std 0.5 0.5 0.5"
    )
    ran = vitexplain("explain", path, "-m", checkpoint, *options, "-o", "-", "-f", "json")
    seen = Preprocessing(32, (0.1, 0.2, 0.3), (0.5,) * 3, crop=0.75)
    images = torch.from_numpy(prepare(load_image(path), seen))[None]
    vit = ViT(replace(CONFIG, heads=4)).eval()
    vit.load_state_dict(sharp_vit().state_dict())
    np.testing.assert_allclose(
        json.loads(ran.out)["probabilities"], vit(images).softmax(-1)[0].detach(), atol=1e-6
    )
    assert vitexplain("explain", path, "-m", checkpoint, "-o", "q.html", "-q").assumed == ""


def page_facts(path: str) -> dict[str, str]:
    """What the page says under "how it was made"."""
    text = unescape(Path(path).read_text())
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", text))


@pytest.mark.rejects
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--mean", "a,b"), "--mean must be a number, or three with commas, got 'a,b'"),
        (("--mean", "0.5"), "--mean, --std, --crop: mean and std belong together"),
        (("--crop", "2"), "--mean, --std, --crop: crop must be more than 0 and at most 1, got 2.0"),
        (("--grid", "8"), "--grid must be rows x columns of patches, as 8x2, got '8'"),
    ],
)
def test_options_of_what_is_assumed(options, said, vitexplain, checkpoint, tmp_path):
    path = save_photo(tmp_path / "cat.png")
    ran = vitexplain("explain", path, "-m", checkpoint, *options)
    assert ran.code == 2
    assert ran.lines[0].startswith(f"vitexplain: error: {said}")


@pytest.mark.rejects
def test_another_model_is_named_with_the_way_by_capture(vitexplain, tmp_path):
    (tmp_path / "model.safetensors").touch()
    (tmp_path / "config.json").write_text('{"model_type": "clip"}')
    ran = vitexplain("models", tmp_path)
    assert (ran.code, len(ran.lines)) == (1, 5)
    assert "config.json says model_type 'clip'" in ran.lines[0]
    assert ran.lines[-1] == "with capture(model.eval()) as maps: model(images)"


@pytest.mark.rejects
def test_names_of_the_hub_have_dots(vitexplain):
    name = "timm/vit_small_patch16_224.augreg_in1k"
    (line,) = vitexplain("models", name).lines
    assert line.endswith(f"there is no model '{name}'; for the hub: hub:{name}")
    (line,) = vitexplain("models", "weights/vit.pth").lines
    assert line.endswith("there is no model 'weights/vit.pth'")
