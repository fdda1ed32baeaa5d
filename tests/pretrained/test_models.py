"""`make models` against an imitation of the hub: all of it, and what goes wrong on the way."""

import contextlib
import hashlib
import io
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import huggingface_hub.constants
import numpy as np
import pytest
import timm
import torch

from pretrained import making, parity
from pretrained.__main__ import main
from pretrained.pins import LIST, read_pins
from tests.pretrained.imitation import SIDE, dinov2_repository, served, timm_repository
from vitexplain import export
from vitexplain.checkpoints import read
from vitexplain.experiments.fetched import LISTING, Fetched, fetched
from vitexplain.images import prepare
from vitexplain.images.photographs import PHOTOGRAPHS
from vitexplain.images.preprocessing import Preprocessing

REPOS = {pin.name: pin.repo for pin in read_pins()}
SIZES = {"dino-s": 24, "dinov2-s": 28}  # of the small models' pictures, in place of their own
CLASSES = 1000
SEEN = Preprocessing(SIDE, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), 0.9)
WRONG = "0" * 64
NOWHERE = "http://127.0.0.1:9"  # the port of discard, where nobody answers
WRITE = making.write_graph


@dataclass
class Made:
    """What one run of the command said and left."""

    status: int
    said: list[str]
    complained: list[str]
    folder: Path
    models: dict[str, Fetched]


def run(folder: Path, hub: str, pins: Path, graphs: Collection[str] = ()) -> Made:
    """Run the command in this process, with a hub of another address and an own cache.

    Args:
        graphs: the models that are traced, which takes seconds each; the others get an empty file.
    """
    out = folder / "models"
    said, complained = io.StringIO(), io.StringIO()
    template = hub + "/{repo_id}/resolve/{revision}/{filename}"

    def write(vit: Any, path: Path, *rest: Any) -> int:
        return WRITE(vit, path, *rest) if path.stem in graphs else path.write_bytes(b"")

    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(complained),
    ):  # what HF_ENDPOINT and HF_HOME set when the client is loaded
        patch.setattr(huggingface_hub.constants, "ENDPOINT", hub)
        patch.setattr(huggingface_hub.constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        patch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(folder / "cache"))
        patch.setattr(making, "write_graph", write)
        status = main(["--list", str(pins), "--out", str(out)])
    lines = said.getvalue().splitlines(), complained.getvalue().splitlines()
    return Made(status, *lines, out, fetched(out))


def listed(path: Path, checksums: dict[str, str]) -> Path:
    """Write the list of models with other checksums, for pictures as small as the models."""
    text = ""
    for pin in read_pins():
        if pin.name in checksums:
            text += f'[{pin.name}]\ntitle = "{pin.title}"\nrepo = "{pin.repo}"\n'
            text += f'revision = "{pin.revision}"\nmegabytes = {pin.megabytes}\n'
            text += f'taught = "{pin.taught}"\nsha256 = "{checksums[pin.name]}"\n'
            text += f"size = {SIZES[pin.name]}\n" if pin.name in SIZES else ""
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def weights(tmp_path_factory) -> dict[str, Path]:
    """The weights of the four of the list as a hub has them: small, with random numbers."""
    root = tmp_path_factory.mktemp("hub")
    files = {}
    for seed, (name, repo) in enumerate(REPOS.items()):
        if repo.startswith("timm/"):
            architecture = repo.partition("/")[2].partition(".")[0]
            classes = 0 if "dino" in repo else CLASSES
            files[name] = timm_repository(root / repo, architecture, classes, seed)
        else:
            files[name] = dinov2_repository(root / repo)
    return files


@pytest.fixture(scope="module")
def hub(weights) -> Path:
    return weights["b16"].parents[2]


@pytest.fixture(scope="module")
def made(weights, hub, tmp_path_factory) -> Made:
    """All four from a hub that is whole, then once more, when they are there."""
    folder = tmp_path_factory.mktemp("whole")
    pins = listed(folder / "list.toml", {name: checksum(weights[name]) for name in REPOS})
    with served(hub, set()) as (address, asked):
        first = run(folder, address, pins, graphs=("b16", "dinov2-s"))
    assert first.status == 0, first.complained
    assert any(line.startswith("GET") for line in asked)
    again = run(folder, NOWHERE, pins)
    assert again.said == [f"{name}: is there already" for name in REPOS]
    assert again.status == 0
    return first


def checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_each_model_is_there_and_equals_its_library(made, weights):
    assert list(REPOS) == ["deit-ti", "dino-s", "dinov2-s", "b16"]
    assert list(made.models) == list(REPOS)
    for name, one in made.models.items():
        assert one.sha256 == checksum(weights[name])
        assert one.apart < 1e-4
        assert one.against == ("transformers" if name == "dinov2-s" else "timm")
        assert one.bytes == one.graph.stat().st_size
        assert any(line.startswith(f"{name}: ready, ") for line in made.said)
    assert made.models["dino-s"].grid == (3, 3), "24 pixels of 8, not its own 32"
    assert made.models["dinov2-s"].grid == (2, 2), "28 pixels of 14, not its own 42"


def test_another_model_than_the_library_has_is_found_out(weights):
    for name in ("deit-ti", "dinov2-s"):
        path = weights[name]
        checkpoint = read(path)
        assert parity.difference(path.parent, checkpoint)[1] < 1e-4
        checkpoint.params["blocks.0.attn.proj.bias"][0] += 0.1
        assert parity.difference(path.parent, checkpoint)[1] > parity.WRONG


def test_the_graph_answers_as_timm_does_on_a_photograph(made, weights):
    one = made.models["b16"]
    folder = weights["b16"].parent
    theirs = timm.create_model(f"local-dir:{folder}", pretrained=True).eval()
    image = prepare(PHOTOGRAPHS["rocket"].pixels(), SEEN)[None]
    with torch.no_grad():
        expected = theirs(torch.tensor(image))[0]
    says = export.about(one.graph)
    gates = np.ones((says["layers"], says["heads"]), np.float32)
    found = export.run(one.graph, {"images": image, "gates": gates}, ["logits", "weights.0"])
    np.testing.assert_allclose(found["logits"][0], expected, atol=5e-3 * expected.abs().max())
    rows = one.class_rows("rocket")
    assert rows.shape == (1, 2, 5, 5)
    np.testing.assert_allclose(rows[0, :, 0, 1:], found["weights.0"][0, :, 0, 1:], atol=2e-3)
    assert not rows[:, :, 1:].any()
    label, chance = one.says["rocket"][0]
    assert says["labels"][0].startswith("tench"), "ImageNet's first"
    assert says["labels"][int(expected.argmax())] == label
    assert chance == pytest.approx(float(expected.softmax(0).max()), rel=0.01)


def test_a_model_without_classes_has_maps_and_says_nothing(made):
    one = made.models["dinov2-s"]
    says = export.about(one.graph)
    assert says["labels"] is None
    assert "logits" not in says["outputs"]
    assert one.says == made.models["dino-s"].says == {}
    assert one.class_rows("cat").any()


@pytest.mark.rejects
def test_each_failure_is_one_line_and_the_others_are_there(weights, hub, tmp_path):
    checksums = {name: checksum(weights[name]) for name in REPOS} | {"deit-ti": WRONG}
    pins = listed(tmp_path / "list.toml", checksums)
    with served(hub, {REPOS["dino-s"]}) as (address, _):
        found = run(tmp_path, address, pins)
    assert found.status == 1
    assert list(found.models) == ["dinov2-s", "b16"]
    wrong, cut = [line for line in found.complained if ": not there. " in line]
    assert wrong.startswith("deit-ti: not there. model.safetensors has the SHA-256 ")
    assert "expected 0000000000000000…" in wrong
    assert cut.startswith(
        f"dino-s: not there. model.safetensors of {REPOS['dino-s']} could not be downloaded"
    )
    assert found.said[-1] == "without deit-ti, dino-s: the site builds, and its pages say so"
    assert {path.name for path in found.folder.iterdir()} == {
        LISTING, "dinov2-s.onnx", "dinov2-s.npz", "b16.onnx", "b16.npz",
    }  # fmt: skip


@pytest.mark.rejects
def test_no_network_is_one_line_a_model(tmp_path):
    found = run(tmp_path, NOWHERE, LIST)
    assert found.status == 1
    assert found.complained == [
        f"{name}: not there. the hub cannot be reached, and the cache has no weights of {repo}"
        for name, repo in REPOS.items()
    ]
    assert found.said[-1].endswith("the site builds, and its pages say so")
    assert found.models == {}


@pytest.mark.rejects
def test_a_pin_names_a_commit_and_the_whole_checksum(tmp_path):
    with pytest.raises(ValueError, match="b16: sha256 must be 64 hex digits, got 'c401'"):
        read_pins(listed(tmp_path / "list.toml", {"b16": "c401"}))
