"""The ViT: exact counts, one result from every path, and errors that say what is wrong."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.refusing import refuses
from vitexplain.arrays import Array
from vitexplain.patches import sides
from vitexplain.vit import (
    PRESETS,
    Block,
    Embedding,
    Readout,
    Step,
    ViT,
    ViTConfig,
    attention_weights,
    count_macs,
    count_parameters,
    init_params,
    parameter_shapes,
    walk,
)

TINY = ViTConfig(image_size=32, patch=8, dim=24, depth=2, heads=3, mlp_dim=40, classes=5)
VARIANTS = {
    "class": TINY,
    "mean": replace(TINY, readout="mean"),
    "registers": replace(TINY, registers=4),
    "mean, registers": replace(TINY, readout="mean", registers=2),
    "patches": replace(TINY, readout="patches", registers=1),
    "pre-logits": replace(TINY, pre_logits=11),
    "wide image": replace(TINY, image_size=(16, 48)),
    "oblong patch": replace(TINY, patch=(4, 16)),
    "one channel": replace(TINY, channels=1),
    "GELU by tanh": replace(TINY, activation="gelu tanh"),
    "SwiGLU": replace(TINY, activation="swiglu"),
    "LayerScale": replace(TINY, layer_scale=True),
    "distillation": replace(TINY, distillation=True),
    "distillation, no head": replace(TINY, distillation=True, classes=0),
    "no head": replace(TINY, classes=0),
    "mean, class token": replace(TINY, readout="mean", class_token=True),
    "norm of the mean": replace(TINY, readout="mean", norm_mean=True),
    "class and mean": replace(TINY, readout="class+mean", registers=2),
}


def random_vit(config: ViTConfig, dtype: torch.dtype = torch.float64) -> ViT:
    """A ViT none of whose parameters is zero or one, so that each of them matters."""
    torch.manual_seed(0)
    vit = ViT(config).to(dtype)
    with torch.no_grad():
        for parameter in vit.parameters():
            parameter.copy_(torch.randn_like(parameter) * 0.2 + 0.1)
    return vit


def random_images(config: ViTConfig, batch: int = 2, dtype=torch.float64) -> torch.Tensor:
    return torch.randn(batch, config.channels, *sides(config.image_size), dtype=dtype)


def in_numpy(vit: ViT) -> dict[str, np.ndarray]:
    return {name: parameter.detach().numpy() for name, parameter in vit.named_parameters()}


def logits_of(steps: Iterable[Step]):
    *_, last = steps
    assert isinstance(last, Readout)
    return last.logits


# Parameters and multiply-adds (in thousands, as published to that digit) at 224 pixels.
COUNTS = {
    "Ti/16": (5_717_416, 1.254),
    "S/16": (22_050_664, 4.599),
    "B/32": (88_224_232, 4.409),
    "B/16": (86_567_656, 17.564),
    "L/32": (306_535_400, 15.378),
    "L/16": (304_326_632, 61.555),
    "H/14": (632_045_800, 167.295),
}
LARGER = {
    "Ti/16": (384, 4.682),
    "S/16": (384, 15.490),
    "B/32": (384, 13.044),
    "B/16": (384, 55.484),
    "L/32": (384, 45.276),
    "L/16": (384, 191.066),
    "H/14": (518, 1016.717),
}


@pytest.mark.parametrize("name", PRESETS)
def test_published_counts(name):
    parameters, macs = COUNTS[name]
    assert count_parameters(PRESETS[name]) == parameters
    assert round(count_macs(PRESETS[name]) / 1e9, 3) == macs
    size, macs = LARGER[name]
    assert round(count_macs(replace(PRESETS[name], image_size=size)) / 1e9, 3) == macs


def test_counts_at_the_larger_size_and_by_formula():
    assert count_parameters(replace(PRESETS["B/16"], image_size=384)) == 86_859_496
    assert count_parameters(replace(PRESETS["H/14"], image_size=518)) == 633_470_440
    for c in PRESETS.values():
        n, d, k = c.patches, c.dim, c.classes
        formula = (c.patch_dim + 1) * d + (n + 1) * d + d + c.depth * (12 * d * d + 13 * d)
        assert count_parameters(c) == formula + 2 * d + (d + 1) * k


@pytest.mark.parametrize("config", VARIANTS.values(), ids=VARIANTS)
def test_module_has_the_parameters_that_are_counted(config):
    shapes = {name: tuple(p.shape) for name, p in ViT(config).named_parameters()}
    assert shapes == parameter_shapes(config)
    assert sum(p.numel() for p in ViT(config).parameters()) == count_parameters(config)
    initial = init_params(config)
    assert {name: p.shape for name, p in initial.items()} == shapes


@pytest.mark.parametrize("config", VARIANTS.values(), ids=VARIANTS)
def test_macs_equal_those_torch_counts(config):
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter, torch.no_grad():
        list(ViT(config).walk(random_images(config, 1, torch.float32)))
    assert counter.get_total_flops() == 2 * count_macs(config)


@pytest.mark.parametrize("config", VARIANTS.values(), ids=VARIANTS)
def test_fused_walked_and_numpy_logits_are_one(config):
    vit, images = random_vit(config), random_images(config)
    fused = vit(images).detach()
    walked = logits_of(vit.walk(images))
    walked_in_numpy = logits_of(walk(in_numpy(vit), images.numpy(), config))
    width = config.classes or config.width
    assert fused.shape == ((2, config.patches, 5) if config.readout == "patches" else (2, width))
    assert float(fused.std()) > 0.01
    np.testing.assert_allclose(walked.detach(), fused, atol=1e-12)
    np.testing.assert_allclose(walked_in_numpy, fused, atol=1e-12)


def test_walk_names_every_step_and_they_fit_together():
    config = replace(TINY, registers=2)
    images = random_images(config).numpy()
    params = {k: v.astype(np.float64) for k, v in init_params(config, seed=3).items()}
    embedding, *blocks, readout = walk(params, images, config)
    assert isinstance(embedding, Embedding)
    assert isinstance(readout, Readout)
    names = ["embedding", "block 0", "block 1", "readout"]
    assert [step.name for step in (embedding, *blocks, readout)] == names
    assert embedding.patches.shape == (2, 16, 192)
    assert embedding.tokens.shape == (2, config.tokens, 24) == (2, 19, 24)
    np.testing.assert_allclose(
        embedding.tokens[:, 3:], embedding.projected + params["pos_embed"][0, 1:]
    )
    np.testing.assert_array_equal(embedding.tokens[0, 1:3], params["reg_token"][0])
    x = embedding.tokens
    for block in blocks:
        assert isinstance(block, Block)
        np.testing.assert_array_equal(block.input, x)
        attention = block.attention.attention
        assert attention.weights.shape == (2, 3, 19, 19)
        np.testing.assert_allclose(attention.weights.sum(-1), 1)
        np.testing.assert_allclose(block.residual, block.input + block.attention.output)
        np.testing.assert_allclose(block.output, block.residual + block.mlp)
        x = block.output
    np.testing.assert_array_equal(readout.pooled, readout.normed[:, 0])
    assert sum(1 for _ in attention_weights(walk(params, images, config))) == config.depth


def test_an_edit_goes_on_in_place_of_what_was_computed():
    """Without MLPs and with one head's columns at 0; what is kept is what went on."""
    vit, images = random_vit(TINY), random_images(TINY)
    params = {name: p.detach() for name, p in vit.named_parameters()}
    asked = set()

    def edit(name, index, x):
        asked.add((name, index))
        if name == "mlp":
            return 0 * x
        return x * (torch.arange(x.shape[-1]) >= 8) if (name, index) == ("merged", 1) else x

    _, *steps, last = walk(params, images, TINY, edit)
    blocks = [step for step in steps if isinstance(step, Block)]
    assert isinstance(last, Readout)
    for block in blocks:
        torch.testing.assert_close(block.output, block.residual)
        assert not block.mlp.any()
    assert not blocks[1].attention.merged[..., :8].any()
    assert blocks[0].attention.merged[..., :8].all()
    assert {index for _, index in asked} == set(range(TINY.depth))
    assert {name for name, _ in asked} == {
        "normed", "merged", "attended", "carried", "residual", "normed_mlp", "hidden", "activated",
        "mlp", "carried_mlp",
    }  # fmt: skip
    silent = {name: 0 * p if "mlp.fc2" in name else p for name, p in params.items()}
    silent["blocks.1.attn.proj.weight"] = params["blocks.1.attn.proj.weight"].clone()
    silent["blocks.1.attn.proj.weight"][:, :8] = 0
    *_, expected = walk(silent, images, TINY)
    assert isinstance(expected, Readout)
    torch.testing.assert_close(last.logits, expected.logits)


def test_a_block_equals_torchs_encoder_layer():
    vit, images = random_vit(TINY), random_images(TINY)
    layer = torch.nn.TransformerEncoderLayer(
        24, 3, 40, dropout=0, activation="gelu", layer_norm_eps=1e-6,
        batch_first=True, norm_first=True, dtype=torch.float64,
    )  # fmt: skip
    names = {
        "self_attn.in_proj_": "attn.qkv.", "self_attn.out_proj.": "attn.proj.",
        "linear1.": "mlp.fc1.", "linear2.": "mlp.fc2.", "norm1.": "norm1.", "norm2.": "norm2.",
    }  # fmt: skip
    state = vit.blocks[1].state_dict()
    layer.load_state_dict(
        {
            theirs + end: state[ours + end]
            for theirs, ours in names.items()
            for end in ("weight", "bias")
        }
    )
    block = next(s for s in vit.walk(images) if isinstance(s, Block) and s.index == 1)
    torch.testing.assert_close(layer(block.input), block.output, atol=1e-12, rtol=1e-12)


def test_a_single_image_needs_no_batch_axis():
    params = init_params(TINY)
    image = random_images(TINY, 1, torch.float32).numpy()
    one = logits_of(walk(params, image[0], TINY))
    assert one.shape == (5,)
    np.testing.assert_allclose(one, logits_of(walk(params, image, TINY))[0], atol=1e-6)


@settings(max_examples=20)
@given(
    st.integers(1, 3), st.integers(1, 3), st.integers(1, 4), st.integers(1, 4), st.integers(1, 3),
    st.sampled_from(["class", "mean"]), st.integers(0, 2),
)  # fmt: skip
def test_any_size_walks_as_it_runs(rows, cols, patch, heads, depth, readout, registers):
    config = ViTConfig(
        image_size=(rows * patch, cols * patch), patch=patch, dim=4 * heads, depth=depth,
        heads=heads, mlp_dim=6, classes=3, readout=readout, registers=registers,
    )  # fmt: skip
    vit, images = random_vit(config), random_images(config)
    torch.testing.assert_close(logits_of(vit.walk(images)), vit(images), atol=1e-12, rtol=1e-12)


def test_without_positions_the_class_logits_do_not_see_the_order_of_patches():
    vit, images = random_vit(TINY), random_images(TINY)
    columns = images[..., torch.randperm(4).repeat_interleave(8) * 8 + torch.arange(8).repeat(4)]
    assert float((vit(images) - vit(columns)).detach().abs().max()) > 1e-4
    torch.nn.init.zeros_(vit.pos_embed)
    torch.testing.assert_close(vit(images), vit(columns), atol=1e-12, rtol=1e-12)


def test_the_patch_projection_is_ours(rng):
    vit, images = random_vit(TINY), random_images(TINY)
    embedding = next(vit.walk(images))
    assert isinstance(embedding, Embedding)
    expected = vit.patch_embed.proj(images).flatten(2).mT
    torch.testing.assert_close(embedding.projected, expected, atol=1e-12, rtol=1e-12)


def test_bfloat16_walks_near_float32():
    vit, images = random_vit(TINY, torch.float32), random_images(TINY, dtype=torch.float32)
    reference = vit(images).detach()
    low = logits_of(vit.bfloat16().walk(images.bfloat16()))
    assert low.dtype == torch.bfloat16
    scale = float(reference.abs().max())
    np.testing.assert_allclose(low.float().detach(), reference, atol=0.1 * scale)


@pytest.mark.parametrize("config", VARIANTS.values(), ids=VARIANTS)
def test_forward_compiles_to_one_graph(config):
    vit = ViT(config).eval()
    images = random_images(config, dtype=torch.float32)
    torch.compiler.reset()  # each config compiles anew
    compiled = torch.compile(vit, backend="eager", fullgraph=True)
    torch.testing.assert_close(compiled(images), vit(images))


def test_it_trains():
    torch.manual_seed(0)
    vit = ViT(TINY)
    images, labels = random_images(TINY, 10, torch.float32), torch.arange(10) % 5
    optimiser = torch.optim.AdamW(vit.parameters(), 1e-2)
    loss = torch.tensor(torch.inf)
    for _ in range(40):
        loss = torch.nn.functional.cross_entropy(vit(images), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert all(p.grad is not None for p in vit.parameters())
    assert float(loss.detach()) < 0.05


def test_initial_weights_are_seeded_and_spread_as_documented():
    first, again, other = (init_params(TINY, seed=seed) for seed in (1, 1, 2))
    for name in first:
        np.testing.assert_array_equal(first[name], again[name])
    assert (first["head.weight"] != other["head.weight"]).any()
    torch.manual_seed(0)
    ours = dict(ViT(PRESETS["Ti/16"]).named_parameters())
    for name, array in init_params(PRESETS["Ti/16"]).items():
        np.testing.assert_allclose(ours[name].std().item(), array.std(), rtol=0.1, atol=1e-9)


def test_features_are_the_normed_patches_as_a_map():
    vit = random_vit(VARIANTS["oblong patch"])
    images = random_images(vit.config)
    *_, readout = vit.walk(images)
    assert isinstance(readout, Readout)
    features = vit.features(images)
    assert features.shape == (2, 24, 8, 2)
    np.testing.assert_allclose(
        features[:, :, 3, 1].detach(), readout.normed[:, 1 + 3 * 2 + 1].detach(), atol=1e-12
    )


def test_with_readout_patches_every_patch_has_logits_of_its_own():
    vit = random_vit(VARIANTS["patches"])
    images = random_images(vit.config)
    logits = vit(images)
    assert logits.shape == (2, 16, 5)
    assert isinstance(vit.head, torch.nn.Linear)
    expected = vit.features(images).flatten(2).mT @ vit.head.weight.T + vit.head.bias
    np.testing.assert_allclose(logits.detach(), expected.detach(), atol=1e-12)


def test_every_variant_changes_the_logits():
    images = random_images(TINY, 1, torch.float64).numpy()
    answers = []
    for change in ({}, {"activation": "gelu tanh"}, {"layer_scale": True}):
        config = replace(TINY, **change)
        params = init_params(config, dtype=np.float64)
        params |= {name: 0.3 * p for name, p in params.items() if ".ls" in name}
        answers.append(list(walk(params, images, config))[-1])
    exact, tanh, scaled = answers
    assert 1e-7 < np.abs(exact.logits - tanh.logits).max() < 1e-2
    assert np.abs(exact.logits - scaled.logits).max() > 1e-2


@pytest.mark.rejects
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"depth": 0}, "depth must be at least 1, got 0"),
        ({"heads": 5}, "dim must be a multiple of heads, got dim 24 and 5 heads"),
        ({"patch": 7}, "7×7 do not tile an image of 32×32"),
        ({"readout": "cls"}, "readout must be one of .*, got 'cls'"),
        ({"registers": -1}, "registers must be at least 0"),
        ({"pre_logits": 0}, "pre_logits must be None or at least 1"),
        ({"classes": -1}, "classes must be at least 0"),
        ({"activation": "relu"}, "activation must be one of .*, got 'relu'"),
        ({"class_token": False}, "readout 'class' needs the class token"),
        ({"distillation": True, "readout": "mean"}, "beside the class token"),
        ({"distillation": True, "pre_logits": 8}, "own head, and no pre_logits"),
        ({"norm_mean": True}, "norm_mean norms the mean of the patches"),
    ],
)
def test_impossible_sizes_are_errors(change, words):
    with pytest.raises(ValueError, match=words):
        replace(TINY, **change)


IMAGES = np.zeros((1, 3, 32, 32), np.float32)


def start(images: Array = IMAGES, without: str = "", **changes: Array) -> Step:
    params = {**init_params(TINY), **changes}
    return next(walk({name: p for name, p in params.items() if name != without}, images, TINY))


test_wrong_images_and_parameters_are_errors = refuses(
    (
        ValueError, r"\(..., channel, row, col\) = \(..., 3, 32, 32\), got shape \(1, 3, 32, 24\)",
        lambda: start(IMAGES[..., :24]),
    ),
    (
        ValueError, r"must be \(batch, channel, row, col\), got .*\(3, 32",
        lambda: ViT(TINY)(torch.zeros(3, 32, 32)),
    ),
    (ValueError, "images must be finite", lambda: start(IMAGES * np.nan)),
    (TypeError, "one library and dtype.*float64", lambda: start(IMAGES.astype(np.float64))),
    (TypeError, "one library and dtype", lambda: start(torch.from_numpy(IMAGES))),
    (ValueError, r"head.bias must be \(5,\), got \(6,\)",
     lambda: start(IMAGES, "", **{"head.bias": np.zeros(6, np.float32)})),
    (KeyError, r"norm\.bias is missing", lambda: start(without="norm.bias")),
)  # fmt: skip
