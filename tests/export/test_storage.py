"""Files: half the bytes as float16 and no number changed, whole or not at all, and silence."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnx_ir as ir
import pytest
import torch
from onnx import helper, numpy_helper

import vitexplain
from tests.export.small_vits import TINY, random_images, random_vit
from vitexplain import export
from vitexplain.export.recipes import RECIPES
from vitexplain.export.storage import store_half

WIDE = replace(TINY, dim=96, mlp_dim=384)


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[bool, Path]:
    """A model stored as float16 and whole; and the model stays as it was."""
    folder = tmp_path_factory.mktemp("graphs")
    vit, before = random_vit(WIDE), random_vit(WIDE).state_dict()
    made = {
        half: export.save(export.vit(vit, float16=half), folder / f"{half}.onnx")
        for half in (True, False)
    }
    assert all(torch.equal(p, before[name]) for name, p in vit.named_parameters())
    assert all(p.requires_grad for p in vit.parameters())
    return made


def test_float16_is_half_the_bytes(files):
    whole, half = files[False].stat().st_size, files[True].stat().st_size
    numbers = sum(p.numel() for p in random_vit(WIDE).parameters())
    assert 4 * numbers < whole < 1.15 * 4 * numbers
    assert 0.48 < half / whole < 0.56


@pytest.mark.rejects
@pytest.mark.parametrize("half", [True, False])
def test_either_computes_with_what_stored_says(files, half):
    vit, images = random_vit(WIDE), random_images(WIDE)
    params = {k: p.double().numpy() for k, p in export.stored(vit, float16=half).items()}
    expected = export.answers(params, images.astype(float), WIDE, ["weights", "logits"])
    found = export.run(files[half], {"images": images})
    assert max(export.difference(found, expected).values()) <= 1e-5
    for library in ("torch", "numpy"):
        found = export.check(files[half], vit, library=library)
        assert list(found) == ["weights.0", "weights.1", "logits"]
        assert 0 < max(found.values()) <= 1e-5
    with pytest.raises(ValueError, match="images must be"):
        export.check(files[half], random_vit(replace(WIDE, image_size=16)))


def test_rounding_moves_the_answer_and_stays_what_it_is(files):
    images = random_images(WIDE)
    half, whole = (export.run(files[half], {"images": images}) for half in (True, False))
    assert 1e-5 < max(export.difference(half, whole).values()) < 0.1


def test_numbers_that_are_not_float16_are_stored_whole():
    """One array of each kind: halves alone, a third among them, one too large, too few to pay."""
    arrays = {
        "halves": np.full(300, 0.5), "third": np.r_[np.full(300, 0.5), 1 / 3],
        "large": np.r_[np.full(300, 0.5), 1e5], "few": np.full(20, 0.5),
    }  # fmt: skip
    x = helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1])
    sums = [helper.make_node("Add", ["x", name], [f"{name} + x"]) for name in arrays]
    graph = helper.make_graph(
        sums, "sums", [x],
        [helper.make_tensor_value_info(n.output[0], onnx.TensorProto.FLOAT, None) for n in sums],
        [numpy_helper.from_array(a.astype(np.float32), name) for name, a in arrays.items()],
    )  # fmt: skip
    model = ir.from_proto(
        helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 20)])
    )
    store_half(model)
    proto = ir.to_proto(model)
    half = [one.name for one in proto.graph.initializer if one.data_type == 10]
    assert half == ["halves.float16"]
    found = export.run(proto, {"x": np.ones(1)})
    for name, a in arrays.items():
        np.testing.assert_array_equal(found[f"{name} + x"], a.astype(np.float32) + 1)


def test_what_float16_cannot_hold_is_not_rounded():
    vit = random_vit(WIDE)
    params = dict(vit.named_parameters())
    with torch.no_grad():
        params["head.weight"][0, 0] = 1e5
    stored = export.stored(vit)
    assert torch.equal(stored["head.weight"], params["head.weight"])
    assert not torch.equal(stored["pos_embed"], params["pos_embed"])


def test_nothing_of_this_machine_is_in_a_file(files):
    for path in [*files.values(), *map(export.graph, export.graphs())]:
        data = path.read_bytes()
        assert str(Path(vitexplain.__file__).parent).encode() not in data
        assert b".py" not in data
        onnx.checker.check_model(onnx.load(path), full_check=True)


@pytest.mark.parametrize("name", ["sentence", "face-designed", "face-learned"])
def test_what_ships_is_what_the_recipe_makes(name):
    """Others take longer to make; the parity table holds them against their weights."""
    made = RECIPES[name]()
    assert export.about(made) == export.about(export.graph(name))
    shipped = onnx.load(export.graph(name))
    feeds = {}
    for one in made.graph.input:
        shape = [axis.dim_value or 3 for axis in one.type.tensor_type.shape.dim]
        x = np.random.default_rng(0).uniform(0.2, 1, shape)
        feeds[one.name] = x > 0.5 if one.type.tensor_type.elem_type == onnx.TensorProto.BOOL else x
    found, expected = export.run(made, feeds), export.run(shipped, feeds)
    assert max(export.difference(found, expected).values()) <= 1e-6


def test_every_recipe_ships_and_is_small():
    assert set(export.graphs()) == set(RECIPES)
    assert all(export.graph(name).stat().st_size <= 3_000_000 for name in RECIPES)
    says = export.about(export.graph("photo-patches"))
    assert (says["labels"][0], says["labels"][9]) == ("airplane", "truck")
    assert (says["mean"], says["std"]) == ([0.5] * 3, [0.5] * 3)


@pytest.mark.rejects
def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    graph = onnx.load(export.graph("sentence"))
    monkeypatch.setattr(
        Path, "replace", lambda self, target: (_ for _ in ()).throw(OSError("full"))
    )
    with pytest.raises(OSError, match="full"):
        export.save(graph, tmp_path / "a.onnx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.rejects
def test_a_graph_of_something_else():
    graph = onnx.load(export.graph("sentence"))
    del graph.metadata_props[:]
    with pytest.raises(ValueError, match="not exported by vitexplain"):
        export.about(graph)
