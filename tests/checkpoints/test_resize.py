"""The five conventions for the table of positions, each against its own library's function."""

from functools import partial
from itertools import combinations

import pytest
import scipy.ndimage
import torch
from timm.layers.pos_embed import resample_abs_pos_embed
from timm.models.vision_transformer import VisionTransformer
from torchvision.models.vision_transformer import interpolate_embeddings

from tests.checkpoints.libraries import (
    google_arrays,
    logits_of,
    npz,
    pretrained,
    pth,
    safetensors,
    timm_reading_npz,
    tiny_timm,
    tiny_torchvision,
    transformers_model,
)
from tests.checkpoints.test_others import tiny_google
from vitexplain import checkpoints
from vitexplain.checkpoints import RESIZES
from vitexplain.checkpoints.resize import resize

SIDE = 7  # patches along a side of the table
GRIDS = [(5, 5), (11, 11), (1, 1), (6, 8)]
SQUARES = GRIDS[:2]


def table(side: int = SIDE, dim: int = 64, prefix: int = 1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(1, prefix + side * side, dim, generator=generator)


def ours(grid, convention, prefix=1):
    return resize(table(prefix=prefix), (SIDE, SIDE), grid, convention)


@pytest.mark.parametrize("prefix", [0, 1, 2])
@pytest.mark.parametrize("grid", GRIDS)
def test_timm(grid, prefix):
    options = {"num_prefix_tokens": prefix}
    theirs = resample_abs_pos_embed(table(prefix=prefix), list(grid), **options)
    torch.testing.assert_close(ours(grid, "timm", prefix), theirs, rtol=0, atol=1e-6)


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize(
    ("name", "convention", "prefix"),
    [
        ("ViTForImageClassification", "huggingface", 1),
        ("DeiTForImageClassification", "huggingface", 2),
        ("Dinov2ForImageClassification", "huggingface", 1),
        ("Dinov2WithRegistersForImageClassification", "timm", 1),
    ],
)
def test_huggingface(name, convention, prefix, grid):
    model = transformers_model(name, image_size=8 * SIDE, patch_size=8)
    embeddings = model.base_model.embeddings
    embeddings.position_embeddings = torch.nn.Parameter(table(prefix=prefix))
    tokens = torch.empty(1, prefix + grid[0] * grid[1], 64)
    with torch.no_grad():
        theirs = embeddings.interpolate_pos_encoding(tokens, 8 * grid[0], 8 * grid[1])
    torch.testing.assert_close(ours(grid, convention, prefix), theirs, rtol=0, atol=1e-6)


@pytest.mark.parametrize("grid", SQUARES)  # torchvision has no other
def test_torchvision(grid):
    state = interpolate_embeddings(8 * grid[0], 8, {"encoder.pos_embedding": table()})  # pyright: ignore[reportArgumentType]
    theirs = state["encoder.pos_embedding"]
    torch.testing.assert_close(ours(grid, "torchvision"), theirs, rtol=0, atol=1e-6)


@pytest.mark.parametrize("grid", GRIDS)
def test_timm_npz(grid, tmp_path):
    path = npz()(tiny_timm(**tiny_google(img_size=8 * SIDE)), tmp_path)
    old = checkpoints.read(path).params["pos_embed"]
    sizes = tiny_google(img_size=(8 * grid[0], 8 * grid[1]))
    theirs = timm_reading_npz(partial(VisionTransformer, **sizes), path, torch.float32).pos_embed
    found = resize(old, (SIDE, SIDE), grid, "timm npz")
    torch.testing.assert_close(found, theirs.data, rtol=0, atol=1e-6)


@pytest.mark.parametrize("grid", GRIDS)
def test_google(grid):
    """What vision_transformer's `interpolate_posembed` asks of scipy, here asked again."""
    maps = table()[0, 1:].reshape(SIDE, SIDE, -1).numpy()
    zoom = (grid[0] / SIDE, grid[1] / SIDE, 1)
    theirs = torch.from_numpy(scipy.ndimage.zoom(maps, zoom, order=1)).flatten(0, 1)
    torch.testing.assert_close(ours(grid, "google")[0, 1:], theirs, rtol=0, atol=2e-6)


@pytest.mark.parametrize("grid", SQUARES)
def test_the_five_disagree(grid):
    """Even timm and Hugging Face where nothing is to be antialiased: their kernels differ."""
    for one, other in combinations(RESIZES, 2):
        assert float((ours(grid, one) - ours(grid, other)).abs().max()) > 0.05, (one, other)


def test_tokens_before_the_patches_are_kept_and_an_unchanged_grid_is_too():
    assert torch.equal(ours((4, 4), "timm", 2)[:, :2], table(prefix=2)[:, :2])
    assert ours((SIDE, SIDE), "google").equal(table())
    half = resize(table().half(), (SIDE, SIDE), (4, 4), "timm")
    assert half.dtype == torch.float16


def images_of(size):
    return torch.randn(2, 3, *size, generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize("size", [(16, 16), (48, 48), (16, 40)])
def test_load_follows_timm(size, tmp_path):
    """A timm model that is told another size resizes its own table."""
    model = tiny_timm(init_values=0.1, reg_tokens=2, no_embed_class=True)
    vit = checkpoints.load(safetensors(model, tmp_path), image_size=size)
    model.set_input_size(size)
    compare(vit, model, size)


@pytest.mark.parametrize("size", [(16, 16), (48, 48), (16, 40)])
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("ViTForImageClassification", {"interpolate_pos_encoding": True}),
        ("DeiTForImageClassificationWithTeacher", {"interpolate_pos_encoding": True}),
        ("Dinov2ForImageClassification", {}),
        ("Dinov2WithRegistersForImageClassification", {}),
    ],
)
def test_load_follows_huggingface(name, options, size, tmp_path):
    model = transformers_model(name)
    compare(checkpoints.load(pretrained(model, tmp_path), image_size=size), model, size, **options)


@pytest.mark.parametrize("size", [16, 48])
def test_load_follows_torchvision(size, tmp_path):
    model = tiny_torchvision()
    vit = checkpoints.load(pth(model, tmp_path), image_size=size)
    larger = tiny_torchvision()
    larger.image_size = size
    state = interpolate_embeddings(size, 8, model.state_dict())  # pyright: ignore[reportArgumentType]
    larger.encoder.pos_embedding = torch.nn.Parameter(state["encoder.pos_embedding"])
    larger.load_state_dict(state)
    compare(vit, larger, (size, size))


def test_a_convention_can_be_named(tmp_path):
    model = tiny_timm(**tiny_google())
    path = npz()(model, tmp_path)
    sizes = tiny_google(img_size=48)
    theirs = timm_reading_npz(partial(VisionTransformer, **sizes), path, torch.float32)
    compare(checkpoints.load(path, image_size=48, convention="timm npz"), theirs, (48, 48))
    own = checkpoints.read(path).resized(48)
    assert (own.resize, own.preprocessing.size, own.config.image_size) == ("google", 48, 48)
    row = google_arrays(model)["Transformer/posembed_input/pos_embedding"][0, 1]
    torch.testing.assert_close(own.params["pos_embed"][0, 1], torch.from_numpy(row))


@pytest.mark.rejects
def test_what_cannot_be_resized(tmp_path):
    path = safetensors(tiny_timm(), tmp_path)
    with pytest.raises(ValueError, match="do not tile"):
        checkpoints.load(path, image_size=33)
    with pytest.raises(ValueError, match="resize must be one of"):
        checkpoints.load(path, image_size=48, convention="nearest")
    with pytest.raises(ValueError, match="more patches than"):
        resize(table(), (9, 9), (4, 4), "timm")


def compare(vit, model, size, **options) -> None:
    images = images_of(size)
    found, theirs = logits_of(vit, images), logits_of(model, images, **options)
    torch.testing.assert_close(found, theirs, rtol=0, atol=1e-5)
