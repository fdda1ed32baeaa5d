"""Weights that this package wrote say of themselves what no shape tells."""

import json

import pytest
import torch
from safetensors.torch import save_file

from vitexplain.checkpoints import CheckpointError, load, read
from vitexplain.experiments import weights
from vitexplain.vit import ViT


@pytest.mark.parametrize("name", [n for n in weights.names() if type(weights.load(n)) is ViT])
def test_every_vit_that_ships_loads_as_it_was_trained(name):
    ours = weights.load(name)
    path = weights.FOLDER / f"{name}.safetensors"
    assert read(path).config == ours.config
    images = torch.rand(2, ours.config.channels, *2 * [ours.config.image_size])
    with torch.no_grad():
        torch.testing.assert_close(load(path)(images), ours(images), atol=1e-6, rtol=0)


@pytest.mark.parametrize(
    "words",
    ["no JSON", "[]", '{"config": {"depth": 0}}', '{"config": {"layers": 3}}', '{"config": 3}'],
)
def test_a_header_without_sense_is_one_line(words, tmp_path):
    state = weights.load("digits-vit").state_dict()
    save_file(state, tmp_path / "w.safetensors", metadata={"vitexplain": words})
    with pytest.raises(CheckpointError, match=r"^w.safetensors: .*no sound config: [^\n]*$"):
        read(tmp_path / "w.safetensors")


def test_other_words_in_the_header_are_nobodys_business(tmp_path):
    vit = weights.load("digits-vit")
    about = json.dumps({"study": "mine"})
    save_file(vit.state_dict(), tmp_path / "w.safetensors", metadata={"vitexplain": about})
    assert read(tmp_path / "w.safetensors", config=vit.config).config == vit.config
