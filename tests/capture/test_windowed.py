"""Maps of windowed models on the image's grid: applied to all tokens they give the block's output.

That takes each weight to its place: windows, shifts, padding and their order. Where a window has
padding, what a row lacks went to it, and its value is the projection's bias.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch
import transformers
from timm.models import davit, edgenext, xcit
from torch import Tensor, nn
from torch.testing import assert_close
from torchvision.models.swin_transformer import SwinTransformerBlock, SwinTransformerBlockV2

from tests.capture import strangers
from tests.capture.beside import maps_of
from tests.compare.parity import randomise
from vitexplain.capture import AttentionMap, CaptureError, capture, in_windows
from vitexplain.compare.swin import Swin, SwinConfig
from vitexplain.reading import rollout, stage_rollout

torchvision_swin = strangers.torchvision_models.SwinTransformer
OURS = SwinConfig(image_size=32, patch=2, dim=16, depths=(2, 2), heads=(2, 4), window=4, classes=5)


def applied(full: Tensor, tokens: Tensor, value: tuple[Tensor, Tensor], proj: nn.Module) -> Tensor:
    """Return proj(Concat_h(W_h V_h)), V = X Wᵀ + b with W and b from `value`, b in padding."""
    batch, heads, count, _ = full.shape
    weight, bias = value
    v = (tokens.flatten(1, 2) @ weight.T + bias).unflatten(-1, (heads, -1)).transpose(1, 2)
    lacking = 1 - full.sum(-1, keepdim=True)
    mixed = full @ v + lacking * bias.reshape(heads, 1, -1)
    return proj(mixed.transpose(1, 2).reshape(batch, count, -1)).reshape(*tokens.shape[:3], -1)


def inputs_of(model: nn.Module, names: list[str], images: Tensor) -> list[Tensor]:
    """Return the first input of each named module, during one run."""
    found: dict[str, Tensor] = {}

    def keep(name: str):
        return lambda _, args: found.__setitem__(name, args[0])

    handles = [model.get_submodule(n).register_forward_pre_hook(keep(n)) for n in names]
    model(images)
    for handle in handles:
        handle.remove()
    return [found[name] for name in names]


def randomised(model: nn.Module, images: Tensor) -> nn.Module:
    randomise(model, images)
    return model.double().eval()


def last_third(linear: nn.Linear) -> tuple[Tensor, Tensor]:
    return linear.weight.chunk(3)[2], linear.bias.chunk(3)[2]


CASES = {  # window sides that tile 16 × 16 places, and some that do not
    "windows": (32, 32, 4),
    "padding": (32, 32, 5),
    "wide, padding": (24, 40, 3),
    "one window": (32, 32, 16),
}


def on_the_grid(model: nn.Module, images: Tensor, atol: float = 1e-12) -> Iterator[tuple[Any, Any]]:
    """Yield each captured layer with its module; afterwards, rows of the rollout sum to 1."""
    randomised(model, images.float())
    maps = maps_of(model, images)
    layers: Any = in_windows(model, maps)
    assert [layer.name for layer in layers] == list(maps.names)
    for layer in layers:
        yield layer, model.get_submodule(layer.name)
    rolled = stage_rollout(layers)
    last, first = layers[-1].grid, layers[0].grid
    assert rolled.shape == (len(images), last[0] * last[1], first[0] * first[1])
    assert (rolled >= 0).all()
    assert_close(rolled.sum(-1), torch.ones_like(rolled[..., 0]), rtol=0, atol=atol)


def pictures(rows: int = 32, cols: int = 32) -> Tensor:
    return torch.randn(2, 3, rows, cols, dtype=torch.float64)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", ["swin_tiny_patch4_window7_224", "swinv2_tiny_window8_256"])
@torch.no_grad()
def test_timm_swin(name, case):
    rows, cols, window = CASES[case]
    images = pictures(rows, cols)
    model = strangers.timm_swin(name, img_size=(rows, cols), window_size=window)
    for layer, attn in on_the_grid(model, images):
        path = layer.name.removesuffix(".attn")
        block: Any = model.get_submodule(path)
        (x,) = inputs_of(model, [path], images)
        if "v2" in name:
            value = attn.qkv.weight.chunk(3)[2], attn.v_bias
        else:
            x, value = block.norm1(x), last_third(attn.qkv)
        assert_close(applied(layer.full, x, value, attn.proj), block._attn(x))


OTHER_SWINS = {
    f"{kind.__name__}, {case}": (
        lambda kind=kind, window=window: torchvision_swin(
            [2, 2], 16, [2, 2], [2, 4], [window, window], num_classes=5, block=kind
        ),
        (rows, cols),
    )
    for kind in (SwinTransformerBlock, SwinTransformerBlockV2)
    for case, (rows, cols, window) in CASES.items()
} | {
    "ours": (lambda: Swin(OURS), (32, 32)),
    "ours, wide": (lambda: Swin(replace(OURS, image_size=(16, 32), window=2)), (16, 32)),
}


@pytest.mark.parametrize(("build", "sides"), OTHER_SWINS.values(), ids=OTHER_SWINS)
@torch.no_grad()
def test_torchvision_swin_and_ours(build, sides):
    model, images = build(), pictures(*sides)
    for layer, attention in on_the_grid(model, images):
        (x,) = inputs_of(model, [layer.name], images)
        value = last_third(attention.qkv)
        assert_close(applied(layer.full, x, value, attention.proj), attention(x))


@pytest.mark.parametrize("case", CASES)
@torch.no_grad()
def test_transformers_swin(case):
    rows, cols, window = CASES[case]
    if case == "one window":
        window = 8  # from the second stage on: transformers refuses windows larger than a grid
    images = pictures(rows, cols)
    model = strangers.hugging_face("Swin", "sdpa", window_size=window)
    for layer, _ in on_the_grid(model, images, atol=1e-6):
        path = layer.name.removesuffix(".attention")
        block: Any = model.get_submodule(path)
        before, after = inputs_of(model, [path, f"{path}.layernorm_after"], images)
        x = block.layernorm_before(before).unflatten(1, layer.grid)
        value = block.attention.v_proj.weight, block.attention.v_proj.bias
        result = applied(layer.full, x, value, block.attention.o_proj)
        assert_close(result.flatten(1, 2), after - before, rtol=0, atol=1e-5)  # float32 softmax


@torch.no_grad()
def test_transformers_swin_v2():
    images = pictures()
    model = strangers.hugging_face("Swinv2", "eager")
    for layer, inner in on_the_grid(model, images, atol=1e-6):
        path = layer.name.removesuffix(".attention.self")
        block: Any = model.get_submodule(path)
        before, after = inputs_of(model, [path, f"{path}.layernorm_before"], images)
        value_of = getattr(inner, "value", None) or inner.v_proj
        value = value_of.weight, value_of.bias
        x = before.unflatten(1, layer.grid)
        result = applied(layer.full, x, value, block.attention.output.dense)
        assert_close(result.flatten(1, 2), after, rtol=0, atol=1e-5)


@pytest.mark.parametrize("channels_first", [False, True])
@torch.no_grad()
def test_timm_maxvit(channels_first):
    images = pictures()
    model = strangers.timm_maxvit("maxvit", use_nchw_attn=channels_first)
    layers = [*on_the_grid(model, images)]
    assert len(layers) == 4
    for layer, attn in layers:
        path = layer.name.removesuffix(".attn")
        part: Any = model.get_submodule(path)
        (x,) = inputs_of(model, [path], images)
        normed = part.norm1(x)
        heads = layer.full.shape[-3]
        weight, bias = (
            w.flatten(1) if w.ndim == 4 else w for w in (attn.qkv.weight, attn.qkv.bias)
        )
        # Each head's query, key and value stand together: the last third of each.
        value: Any = tuple(
            w.unflatten(0, (heads, 3, -1))[:, 2].flatten(0, 1) for w in (weight, bias)
        )
        expected = part._partition_attn(normed)
        if channels_first:
            normed, expected = normed.permute(0, 2, 3, 1), expected.permute(0, 2, 3, 1)
        proj = nn.Linear(1, 1).double()
        proj.weight = nn.Parameter(attn.proj.weight.flatten(1))
        proj.bias = attn.proj.bias
        assert_close(applied(layer.full, normed, value, proj), expected)


@torch.no_grad()
def test_fused_heads_are_one_head():
    model, images = strangers.timm_swin().eval(), strangers.images()
    every = maps_of(model, images)
    mean = maps_of(model, images, heads="mean")
    expected = stage_rollout(in_windows(model, every))
    assert_close(stage_rollout(in_windows(model, mean)), expected)


@torch.no_grad()
def test_what_has_no_known_windows_is_an_error():
    model, images = strangers.timm_vit().eval(), strangers.images()
    maps = maps_of(model, images)
    with pytest.raises(
        CaptureError, match=r"blocks\.0\.attn is no windowed attention that is known"
    ):
        in_windows(model, maps)
    swin = Swin(OURS).eval()
    with capture(swin, heads="mean") as mean:  # over windows and heads, which stand side by side
        swin(images)
    with pytest.raises(CaptureError, match="are not those of 16 windows of 2 images"):
        in_windows(swin, mean)
    hugging = strangers.hugging_face("Swin", "sdpa").eval()
    maps = maps_of(hugging, images)
    first: AttentionMap = maps[0]
    inner = {name: shape for name, shape in first.inputs.items() if "encoder" in name}
    with pytest.raises(CaptureError, match="256 tokens are no grid of an image"):
        in_windows(hugging, [replace(first, inputs=inner)])


def swin2sr() -> nn.Module:
    sizes: dict[str, Any] = {"image_size": 32, "embed_dim": 12, "depths": [2], "num_heads": [2]}
    return transformers.Swin2SRModel(transformers.Swin2SRConfig(**sizes, window_size=8))


@pytest.mark.parametrize("heads", [None, "mean"])
@pytest.mark.parametrize("made", [swin2sr, strangers.timm_swin, lambda: Swin(OURS)])
@torch.no_grad()
def test_a_rollout_takes_no_windows_for_images(made, heads):
    model = made().eval()
    maps = maps_of(model, strangers.images(), heads=heads)
    assert {found.over for found in maps} == {"windows"}
    assert ", over windows)" in repr(maps[0])
    with pytest.raises(
        CaptureError, match=r"as a rollout needs.* stage_rollout\(in_windows\(model, maps"
    ):
        rollout(maps.weights)


@torch.no_grad()
def test_maps_of_all_tokens_are_over_tokens():
    for model in (
        strangers.timm_vit(),
        strangers.hugging_face("ViT", "eager"),
        strangers.torchvision_vit(),
    ):
        with capture(model.eval()) as maps:
            model(strangers.images())
        assert {found.over for found in maps} == {"tokens"}
    with pytest.raises(ValueError, match=r"windows that merge are for .*stage_rollout"):
        rollout([torch.full((2, 1, n, n), 1 / n) for n in (16, 4)])


@pytest.mark.parametrize(
    "kind",
    [xcit.XCA, davit.ChannelAttention, davit.ChannelAttentionV2, edgenext.CrossCovarianceAttn],
)
@torch.no_grad()
def test_attention_between_channels_says_so(kind):
    model = kind(32, num_heads=2).eval()
    maps = maps_of(model, torch.randn(2, 49, 32))
    assert maps[0].weights.shape == (2, 2, 16, 16)
    assert maps[0].over == "channels"
    with pytest.raises(CaptureError, match="over channels"):
        rollout(maps.weights)


@torch.no_grad()
def test_convit_s_maps_are_its_own():
    """Its gate adds positional weights to the softmax, as its own `get_attention` gives."""
    name = "convit_tiny"
    model = strangers.timm.create_model(name, img_size=32, patch_size=8, embed_dim=32, num_heads=4)
    randomised(model, strangers.images()).float()
    (x,) = inputs_of(model, ["blocks.0.attn"], strangers.images())
    with capture(model) as maps, capture(model, applied=False) as softmax:
        model(strangers.images())
    attention: Any = model.get_submodule("blocks.0.attn")
    expected = attention.get_attention(x)
    assert_close(maps["blocks.0.attn"].weights, expected)
    assert (softmax["blocks.0.attn"].weights - expected).abs().max() > 0.01
