"""What a capture records, leaves alone, and says when there is nothing."""

import doctest
import gc
import re
import threading
from contextlib import suppress
from itertools import product
from typing import Any

import pytest
import torch
import transformers
from torch import nn
from torch.nn.modules import module as torch_module
from torch.testing import assert_close
from torch.utils._python_dispatch import _get_current_dispatch_mode_stack
from torch.utils.checkpoint import checkpoint
from vit_pytorch.na_vit_nested_tensor import NaViT

from tests.capture import strangers, toys
from tests.capture.beside import maps_of
from vitexplain.capture import AttentionMap, CaptureError, Maps, capture, record
from vitexplain.capture.maps import listed
from vitexplain.reading import rollout, rollout_of
from vitexplain.vit import ViT, ViTConfig

CONFIG = ViTConfig(image_size=32, patch=8, dim=32, depth=3, heads=2, mlp_dim=64, classes=5)
NAMES = ("blocks.0.attn", "blocks.1.attn", "blocks.2.attn")


@pytest.fixture
def vit() -> ViT:
    torch.manual_seed(0)
    return ViT(CONFIG).eval()


def state_of(model: nn.Module) -> list:
    """Each module's flags, attributes and hooks; the process's hooks; the modes of torch."""
    modules = []
    for name, module in model.named_modules():
        attributes = vars(module)
        hooks = {key: list(x) for key, x in attributes.items() if key.endswith("hooks") and x}
        modules.append((name, module.training, sorted(attributes), hooks))
    process = {
        key: list(x) for key, x in vars(torch_module).items() if key.endswith("_hooks") and x
    }
    modes = list(_get_current_dispatch_mode_stack())
    return [modules, process, modes, torch.is_grad_enabled(), torch.random.get_rng_state().tolist()]


def test_the_example_in_the_docstring():
    assert doctest.testmod(record).attempted == 6
    assert doctest.testmod(record).failed == 0


def test_our_vit_s_maps_are_those_of_its_walk(vit):
    maps = maps_of(vit, strangers.images())
    assert isinstance(maps, Maps)
    assert maps.names == NAMES
    steps = [step for step in vit.walk(strangers.images()) if step.name.startswith("block")]
    for found, step in zip(maps, steps, strict=True):
        assert found.kind == "fused"
        assert found.inputs[""] == (2, 3, 32, 32)
        assert found.inputs["blocks.0" if step.name == "block 0" else f"blocks.{step.index}"] == (
            2,
            17,
            32,
        )
        assert_close(found.weights, step.attention.attention.weights.detach())


def test_captured_weights_roll_out_as_the_model_s_own(vit):
    with torch.no_grad(), capture(vit) as maps:
        vit(strangers.images())
    assert_close(rollout(maps.weights), rollout_of(vit, strangers.images()), rtol=0, atol=1e-6)


def test_maps_are_a_sequence_with_names(vit):
    with capture(vit) as maps:
        assert len(maps) == 0
        vit(strangers.images())
        assert len(maps) == 3  # there as soon as the model has run
    assert maps["blocks.1.attn"] is maps[1]
    assert maps[-2:] == (maps[1], maps[2])
    assert list(maps) == [maps[0], maps[1], maps[2]]
    assert "blocks.1.attn" in maps
    assert "blocks.1" not in maps
    assert maps[0] in maps
    assert repr(maps[0]) == (
        "AttentionMap('blocks.0.attn', fused, weights (2, 2, 17, 17) torch.float32)"
    )
    with pytest.raises(LookupError, match=r"no map is named 'blocks.3.attn'; the nearest: blocks"):
        maps["blocks.3.attn"]
    with pytest.raises(IndexError):
        maps[3]
    with pytest.raises(AttributeError):
        maps[0].name = "other"  # pyright: ignore[reportAttributeAccessIssue]


def test_two_runs_are_two_maps_a_module(vit):
    with capture(vit) as maps:
        vit(strangers.images())
        vit(2 * strangers.images())
    assert maps.names == NAMES * 2
    first, second = maps.named("blocks.0.attn")
    assert (first.weights - second.weights).abs().max() > 1e-3
    with pytest.raises(LookupError, match=r"has 2 maps, maps\.named"):
        maps["blocks.0.attn"]


def test_nothing_is_left_behind(vit):
    before = state_of(vit)
    with capture(vit):
        vit(strangers.images())
    assert state_of(vit) == before
    vit.train()
    before = state_of(vit)
    with pytest.raises(ZeroDivisionError), capture(vit):
        _ = 1 / 0
    with pytest.raises(ValueError, match="images must be"), capture(vit):
        vit(torch.zeros(1))
    with pytest.raises(CaptureError), capture(vit):
        pass
    assert state_of(vit) == before


def test_an_exception_inside_a_module_leaves_the_names_right():
    """The module that failed is no longer running when the next one starts."""

    class Falls(nn.Module):
        def forward(self, x):
            raise OverflowError

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.falls, self.attention = Falls(), toys.Attention()

        def forward(self, x):
            with suppress(OverflowError):
                self.falls(x)
            return self.attention(x)

    model = Model()
    maps = maps_of(model, torch.randn(1, 3, toys.DIM))
    assert maps.names == ("attention",)
    assert list(maps[0].inputs) == ["", "attention"]


def test_captures_nest(vit):
    other = toys.Attention().eval()
    x = torch.randn(1, 3, toys.DIM)
    with capture(vit) as outer, capture(other) as theirs:
        with capture(vit, only="blocks.1.*") as inner:
            output = vit(strangers.images())
        other(x)
    assert torch.equal(output, vit(strangers.images()))
    assert outer.names == NAMES
    assert inner.names == ("blocks.1.attn",)
    assert torch.equal(outer[1].weights, inner[0].weights)
    assert theirs.names == ("",)
    assert outer.ignored == inner.ignored == theirs.ignored == ()


def test_gradients_are_those_without_capture(vit):
    def gradients():
        vit.zero_grad()
        images = strangers.images().requires_grad_()
        vit(images).square().sum().backward()
        return [images.grad, *(parameter.grad for parameter in vit.parameters())]

    plain = gradients()
    with capture(vit) as maps:
        watched = gradients()
    assert all(torch.equal(a, b) for a, b in zip(plain, watched, strict=True))
    assert len(maps) == 3  # the backward pass adds none


@pytest.mark.parametrize("reentrant", [False, True])
def test_checkpointing_records_the_forward_pass_alone(reentrant):
    model = toys.Attention()

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = model

        def forward(self, x):
            return checkpoint(self.inner, x, use_reentrant=reentrant)

    outer = Model()
    with capture(outer) as maps:
        outer(torch.randn(1, 3, toys.DIM, requires_grad=True)).sum().backward()
    assert maps.names == ("inner",)


def test_autocast_moves_no_bit(vit):
    for context in (torch.no_grad, torch.inference_mode):
        with context(), torch.autocast("cpu", torch.bfloat16):
            plain = vit(strangers.images())
            with capture(vit) as maps:
                watched = vit(strangers.images())
        assert torch.equal(plain, watched)
        assert maps[0].weights.dtype == torch.bfloat16


def test_recorded_weights_have_memory_of_their_own():
    class Reuses(toys.Attention):
        def heart(self, q, k, v):
            weights = (q @ k.mT).softmax(-1)
            mixed = weights @ v
            weights.zero_()
            return mixed

    model = Reuses().eval()
    with torch.no_grad(), capture(model) as maps:
        model(torch.randn(1, 3, toys.DIM))
    assert_close(maps[0].weights.sum(-1), torch.ones(1, toys.HEADS, 3))


@pytest.mark.parametrize(
    "only", ["blocks.1.attn", "blocks.1.*", ["x", "*.1.attn"], lambda n: "1" in n]
)
def test_only_some_modules(vit, only):
    maps = maps_of(vit, strangers.images(), only=only)
    assert maps.names == ("blocks.1.attn",)


def test_keep_decides_map_by_map(vit):
    seen = []

    def keep(found: AttentionMap) -> bool:
        seen.append(found.name)
        return found.name == NAMES[2]

    maps = maps_of(vit, strangers.images(), keep=keep)
    assert seen == list(NAMES)
    assert maps.names == NAMES[2:]


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("batched", [False, True])
@torch.no_grad()
def test_torch_s_attention_called_by_keywords_keeps_its_heads(batch_first, batched):
    """As DETR and Mask2Former call it: queries of their own, a mask, and the weights asked for."""
    model = nn.MultiheadAttention(16, 4, batch_first=batch_first, dropout=0.1).eval()
    torch.manual_seed(0)
    query, key = torch.randn(5, 5, 16), torch.randn(7, 5, 16)  # (token, batch, dim)
    if batch_first:
        query, key = query.transpose(0, 1), key.transpose(0, 1)
    if not batched:
        query, key = (x[0] if batch_first else x[:, 0] for x in (query, key))
    mask = torch.rand(5, 7) < 0.3
    given = {"query": query, "key": key, "value": key, "attn_mask": mask}
    _, expected = model(**given, average_attn_weights=False)
    with capture(model) as maps, capture(model, heads="mean") as mean:
        model(**given)
    assert_close(maps[0].weights, expected if batched else expected[None])
    assert_close(mean[0].weights, maps[0].weights.mean(1))


@pytest.mark.filterwarnings("ignore:.*nested tensors is in prototype")
@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode, torch.enable_grad])
def test_nested_tensors_run_as_ever_and_are_named(context):
    """NaViT's images of different sizes are sequences that no one matrix holds."""
    sizes: dict[str, Any] = {"dim": 32, "depth": 1, "heads": 2, "mlp_dim": 64, "dim_head": 16}
    model = NaViT(image_size=32, patch_size=8, num_classes=5, **sizes).eval()
    pictures = [torch.randn(3, 32, 32), torch.randn(3, 16, 24)]
    found = []
    with context():
        plain = model(pictures)
        with pytest.raises(CaptureError, match="nested tensors"), capture(model):
            found.append(model(pictures))
    assert torch.equal(plain, found[0])


@torch.no_grad()
def test_mask2former_s_cross_attention_keeps_its_heads():
    module = transformers.models.mask2former.modeling_mask2former
    config = transformers.Mask2FormerConfig(hidden_dim=32, num_attention_heads=4)
    layer = module.Mask2FormerMaskedAttentionDecoderLayer(config).eval()
    states, image = torch.randn(3, 2, 32), torch.randn(6, 2, 32)
    given: dict[str, Any] = {}
    layer.cross_attn.register_forward_pre_hook(
        lambda _, args, kwargs: given.update(kwargs), with_kwargs=True
    )
    places = [torch.zeros_like(image)] * 3
    maps = maps_of(layer, states, 0, [None] * 3, places, torch.zeros_like(states), [image] * 3)
    _, expected = layer.cross_attn(**given, average_attn_weights=False)
    assert_close(maps["cross_attn"].weights, expected)


@pytest.mark.parametrize("heads", ["mean", "max", "min"])
def test_heads_are_fused_and_maps_moved_as_they_come(vit, heads):
    every = maps_of(vit, strangers.images())
    moved = maps_of(vit, strangers.images(), heads=heads, device="meta")
    assert moved[0].weights.device.type == "meta"
    fused = maps_of(vit, strangers.images(), heads=heads)
    expected = getattr(torch, {"mean": "mean"}.get(heads, f"a{heads}"))(every[0].weights, 1)
    assert_close(fused[0].weights, expected)


def test_images_are_not_taken_for_heads_where_there_is_no_axis_of_heads():
    class OneHead(toys.Attention):
        def parts(self, x):
            return self.qkv(x).chunk(3, -1)  # (batch, token, dim)

        def forward(self, x):
            return self.proj(self.heart(*self.parts(x)))

    model, x = OneHead().eval(), torch.randn(2, 3, toys.DIM)
    with torch.no_grad():
        query, key, _ = model.parts(x)
        maps = maps_of(model, x, heads="mean")
    assert_close(maps[0].weights, (query @ key.mT).softmax(-1))


@pytest.mark.parametrize("kind", [toys.Attention, toys.Dropped, toys.Contrast, toys.MathKernel])
def test_no_matrix_of_all_heads_outlives_its_layer(kind):
    model = nn.Sequential(*(kind() for _ in range(4)), toys.Attention()).eval()
    x = torch.randn(1, 37, toys.DIM)
    with torch.no_grad(), capture(model, heads="mean") as maps:
        model(x)
        gc.collect()
        shapes = [tuple(y.shape) for y in gc.get_objects() if type(y) is torch.Tensor]
    kept = 4 * (kind is toys.Contrast)  # a softmax that met no values is waited for
    assert sum(shape in [(1, toys.HEADS, 37, 37), (toys.HEADS, 37, 37)] for shape in shapes) == kept
    assert shapes.count((1, 37, 37)) >= len(maps) == (1 if kept else 5)


@pytest.mark.parametrize(
    ("shape", "batch", "batch_first"),
    [((5, 2, 16), 2, False), ((2, 5, 16), 2, True), ((5, 16), 1, False)],
)
def test_heads_that_were_a_larger_batch_get_their_axis(shape, batch, batch_first):
    """`nn.MultiheadAttention` with weights asked for, batch second or first, or without one."""
    attention = nn.MultiheadAttention(16, 4, batch_first=batch_first)
    x = torch.randn(shape)
    with capture(attention) as maps:
        _, own = attention(x, x, x, average_attn_weights=False)
    assert maps[0].weights.shape == (batch, 4, 5, 5)
    assert_close(maps[0].weights.reshape(own.shape), own.detach(), rtol=0, atol=1e-6)


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
@pytest.mark.parametrize(
    ("given", "train"),
    # Not "added" on the inference path, which takes it for boolean and gives NaN.
    [*product(["padding", "causal", "both"], [False, True]), ("added", True)],
)
def test_masks_of_torch_s_encoder(given, train):
    """Padding makes the inference path nested; what lies in padding is 0 there."""
    torch.manual_seed(0)
    model = strangers.encoder().train(train)
    x = torch.randn(2, 5, 32)
    padding = torch.tensor([[False] * 5, [False] * 3 + [True] * 2])
    causal = nn.Transformer.generate_square_subsequent_mask(5)
    masks = {
        "padding": {"src_key_padding_mask": padding},
        "causal": {"mask": causal, "is_causal": True},
        "both": {"src_key_padding_mask": padding, "mask": causal == -torch.inf},
        "added": {"mask": torch.randn(5, 5)},
    }[given]
    with torch.no_grad():
        plain = model(x, **masks)
        with capture(model) as maps:
            assert torch.equal(model(x, **masks), plain)
        assert maps.names == ("layers.0.self_attn", "layers.1.self_attn")
        assert maps[0].kind == ("fused" if train else "native")
        model.train()  # without the inference path
        with capture(model) as slow:
            model(x, **masks)
    for found, other in zip(maps, slow, strict=True):
        expected = other.weights
        if given == "padding" and not train:
            expected = expected * ~padding[:, None, :, None]
        assert_close(found.weights, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("how", ["torch.compile", "compile()", "inside"])
def test_compiled_models_are_an_error_unless_run_uncompiled(vit, how):
    plain = vit(strangers.images())
    model = vit
    if how == "torch.compile":
        model = torch.compile(vit, backend="eager")
    elif how == "compile()":
        vit.compile(backend="eager")
    else:
        vit.blocks[1] = torch.compile(vit.blocks[1], backend="eager")  # pyright: ignore
    with pytest.raises(CaptureError, match="compiled by torch"), capture(model):  # pyright: ignore
        model(strangers.images())
    with capture(model, eager=True) as maps:  # pyright: ignore[reportArgumentType]
        output = model(strangers.images())
    assert maps.names == NAMES
    assert torch.equal(output, plain)


def test_a_compiled_function_inside_a_model_runs_uncompiled():
    class Inside(toys.Attention):
        def __init__(self):
            super().__init__()
            self.compiled = torch.compile(super().heart, backend="eager")

        def heart(self, q, k, v):
            return self.compiled(q, k, v)

    model, x = Inside().eval(), torch.randn(1, 3, toys.DIM)
    with torch.no_grad():
        plain = model(x)
        with capture(model) as maps:
            assert torch.equal(model(x), plain)
    assert maps.names == ("",)


@pytest.mark.filterwarnings("ignore:`torch.jit")  # deprecated, not gone
def test_traced_models_show_their_attention():
    x = torch.randn(1, 3, toys.DIM)
    model = nn.Sequential(toys.Attention(), toys.Grouped()).eval()
    with torch.no_grad():
        traced: Any = torch.jit.trace(model, x)
        plain = traced(x)
        expected = maps_of(model, x)
        with capture(traced) as maps:
            assert torch.equal(traced(x), plain)
    assert maps.names == ("", "")  # a traced model is one module
    for found, one in zip(maps.weights, expected.weights, strict=True):
        assert_close(found, one)


@pytest.mark.filterwarnings("ignore:flex_attention called without")
def test_flex_attention_is_an_error():
    from torch.nn.attention.flex_attention import flex_attention

    class Flex(toys.Attention):
        def heart(self, q, k, v):
            return flex_attention(q, k, v)

    model = Flex().eval()
    with torch.no_grad(), pytest.raises(CaptureError, match="flex_attention"), capture(model):
        model(torch.randn(1, 16, toys.DIM))


def test_an_attention_operator_that_is_unknown_is_an_error():
    library = torch.library.Library("vitexplain_tests", "DEF")
    library.define("fused_attention(Tensor x) -> Tensor")
    library.impl("fused_attention", lambda x: x + 1, "CompositeExplicitAutograd")

    class Opaque(toys.Attention):
        def forward(self, x):
            return super().forward(torch.ops.vitexplain_tests.fused_attention(x))

    model = Opaque().eval()
    hides = pytest.raises(CaptureError, match="fused_attention hides its weights")
    with torch.no_grad(), hides, capture(model) as maps:
        model(torch.randn(1, 3, toys.DIM))
    assert len(maps) == 1  # what could be recorded is


def in_another_thread(vit: ViT) -> None:
    thread = threading.Thread(target=lambda: vit(strangers.images()))
    thread.start()
    thread.join()


NOTHING = {  # what the error says, what runs in the `with`, and the options
    "ViT did not run inside the `with`. Nothing attended": (lambda vit: None, {}),
    "Attention ran, but in no module of this model: call this very model": (
        lambda vit: ViT(CONFIG)(strangers.images()), {},
    ),
    "ran in another thread": (in_another_thread, {}),
    "only= or keep= left all of it out. Widen": (
        lambda vit: vit(strangers.images()), {"only": "blocks.*.mlp"},
    ),
    "keep= left all of it out": (
        lambda vit: vit(strangers.images()), {"keep": lambda found: False},
    ),
}  # fmt: skip


@pytest.mark.parametrize("said", NOTHING)
def test_nothing_captured_is_an_error_that_says_why(vit, said):
    run, options = NOTHING[said]
    with pytest.raises(CaptureError, match=re.escape(said)), capture(vit, **options) as maps:
        run(vit)
    assert len(maps) == 0


def test_a_model_without_attention_is_an_error():
    with pytest.raises(CaptureError, match="It does not attend"):
        maps_of(nn.Sequential(nn.Linear(3, 3), nn.ReLU()), torch.zeros(1, 3))


def test_only_that_fits_no_module_is_an_error(vit):
    with pytest.raises(CaptureError, match=r"only='block' fits no module; .*blocks\.0\.attn"):
        maps_of(vit, strangers.images(), only="block")


def test_another_thread_s_models_are_not_recorded(vit):
    """Two threads capture one model at the same time, each its own images."""
    images = {
        seed: torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(seed))
        for seed in (1, 2)
    }
    found = {}
    barrier = threading.Barrier(2)

    def run(factor):
        with torch.no_grad(), capture(vit) as maps:
            barrier.wait()
            vit(images[factor])
            barrier.wait()
        found[factor] = maps

    threads = [threading.Thread(target=run, args=(factor,)) for factor in images]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for factor, maps in found.items():
        alone = maps_of(vit, images[factor])
        assert maps.names == NAMES
        assert all(torch.equal(a, b) for a, b in zip(maps.weights, alone.weights, strict=True))


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("abc", "a, b, c"),
        ("abcab", "a, b, c"),
        ("abcdefg", "a, b, c, d, e and 2 more"),
        ([""], "(the model itself)"),
    ],
)
def test_an_error_lists_a_few_names_and_how_many_more(names, said):
    assert listed(names) == said


@pytest.mark.rejects
@pytest.mark.parametrize(
    ("model", "options", "error", "message"),
    [
        ("vit", {}, TypeError, "takes a torch.nn.Module, got str"),
        (nn.Identity(), {"heads": "sum"}, ValueError, "must be 'mean', 'max', 'min' or None"),
    ],
)
def test_wrong_arguments(model, options, error, message):
    with pytest.raises(error, match=message), capture(model, **options):
        pass
