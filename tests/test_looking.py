"""What `look` keeps is what others compute, and looking changes no logit."""

from dataclasses import replace

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from transformers.models.vit.modeling_vit import eager_attention_forward

from tests.test_peers import hugging_face_vit, timm_vit
from tests.test_vit import TINY, VARIANTS, random_images, random_vit
from vitexplain.reading import rollout, rollout_of, streaming
from vitexplain.vit import PRESETS, Block, ViT, attention_weights, packed
from vitexplain.vit import packing as packing_module
from vitexplain.vit.looking import QUANTITIES

MANY = replace(PRESETS["B/16"], depth=2, image_size=96)  # two blocks of the real width


@pytest.fixture(scope="module")
def many() -> tuple[ViT, torch.Tensor]:
    vit = random_vit(MANY, torch.float32).eval()
    with torch.no_grad():
        for parameter in vit.parameters():
            parameter.mul_(0.2)
    return vit, random_images(MANY, 2, torch.float32)


@torch.no_grad()
def test_to_the_last_bit_logits_are_timms_and_weights_hugging_faces(many):
    vit, images = many
    looked = vit.look(images, keep=QUANTITIES)
    size = {"depth": 2, "image_size": 96}
    assert torch.equal(looked.logits, vit(images))
    assert torch.equal(looked.logits, timm_vit(vit.state_dict(), **size).eval()(images))
    theirs = hugging_face_vit(vit.state_dict(), **size).eval()
    assert torch.equal(looked.logits, theirs(images).logits)
    for layer, block in zip(looked.layers, theirs.vit.layers, strict=True):
        attention = block.attention
        _, weights = eager_attention_forward(
            attention, layer.query, layer.key, layer.value, None, scaling=attention.scaling
        )
        assert torch.equal(layer.weights, weights)
    theirs.set_attn_implementation("eager")  # whose own output differs, from layer to layer
    eager = theirs(images, output_attentions=True).attentions
    assert torch.equal(looked.layers[0].weights, eager[0])
    torch.testing.assert_close(looked.layers[1].weights, eager[1], atol=1e-6, rtol=0)


@torch.no_grad()
@pytest.mark.parametrize("config", VARIANTS.values(), ids=VARIANTS)
def test_each_quantity_is_the_walks(config):
    vit, images = random_vit(config), random_images(config)
    blocks = [step.attention.attention for step in vit.walk(images) if isinstance(step, Block)]
    for options in ({}, {"exact": False}, {"lazy": True}, {"exact": False, "lazy": True}):
        looked = vit.look(images, keep=QUANTITIES, **options)
        torch.testing.assert_close(looked.logits, vit(images), atol=1e-12, rtol=0)
        for layer, block in zip(looked.layers, blocks, strict=True):
            for name in QUANTITIES:
                ours, walked = getattr(layer, name), getattr(block, name)
                torch.testing.assert_close(ours, walked, atol=1e-12, rtol=0)


def test_nothing_is_kept_but_what_is_asked_for():
    vit, images = random_vit(TINY), random_images(TINY)
    looked = vit.look(images, keep=["key", "weights"])
    assert not looked.logits.requires_grad
    for layer in looked.layers:
        assert {name for name in QUANTITIES if getattr(layer, name) is not None} == {
            "key", "weights",
        }  # fmt: skip
    assert all(layer.weights is None for layer in vit.look(images, keep=()).layers)


def test_lazily_the_last_block_is_computed_for_the_tokens_read():
    for name, read in (("class", 1), ("distillation", 2)):
        vit, images = random_vit(VARIANTS[name]), random_images(VARIANTS[name], 3)
        computed: dict[torch.nn.Module, int] = {}

        def note(module, inputs, output, computed=computed):
            computed[module] = output.shape[1]

        for block in vit.blocks:
            block.register_forward_hook(note)
        vit.look(images, lazy=True)
        assert [computed[block] for block in vit.blocks] == [vit.config.tokens, read]


@pytest.mark.rejects
@pytest.mark.parametrize("keep", ["weights", ["maps"], ["weights", "q"]])
def test_an_unknown_quantity_is_an_error(keep):
    with pytest.raises(ValueError, match="keep must be a list of query, key, value, scaled"):
        ViT(TINY).look(random_images(TINY, dtype=torch.float32), keep=keep)


@torch.no_grad()
def test_packed_it_says_the_same(many):
    vit, images = many
    assert packing_module.can_pack()  # the pinned torch can
    twin = packed(vit, rows=2 * MANY.tokens)
    expected = vit.look(images)
    for looked in (
        twin.look(images),
        twin.look(images, exact=False),
        twin.look(images, exact=False, lazy=True),
    ):
        torch.testing.assert_close(looked.logits, expected.logits, atol=1e-5, rtol=0)
        for ours, theirs in zip(looked.layers, expected.layers, strict=True):
            torch.testing.assert_close(ours.weights, theirs.weights, atol=1e-5, rtol=0)
    torch.testing.assert_close(twin(images), expected.logits, atol=1e-5, rtol=0)
    ours, theirs = dict(twin.named_parameters()), dict(vit.named_parameters())
    assert ours["blocks.0.norm1.weight"] is theirs["blocks.0.norm1.weight"]  # shared, not copied


@torch.no_grad()
@pytest.mark.parametrize("name", ["GELU by tanh", "SwiGLU", "LayerScale", "norm of the mean"])
def test_every_variant_packs(name):
    vit = random_vit(VARIANTS[name], torch.float32)
    images = random_images(vit.config, dtype=torch.float32)
    torch.testing.assert_close(packed(vit)(images), vit(images), atol=1e-4, rtol=1e-4)


@pytest.mark.rejects
def test_packing_falls_back_and_refuses(monkeypatch):
    with pytest.raises(ValueError, match=r"only a float32 model .*float64 on cpu"):
        packed(ViT(TINY).double())
    vit = ViT(TINY)
    monkeypatch.setattr(packing_module, "can_pack", lambda: False)
    assert packed(vit) is vit


def test_kernels_that_are_missing_or_wrong_are_found_out(monkeypatch):
    class Wrong:
        @staticmethod
        def _reorder_linear_weight(weight, rows):
            return weight

        @staticmethod
        def _linear_pointwise(x, weight, bias, *_):
            return x @ weight.T

    for kernels in (object(), Wrong()):
        monkeypatch.setattr(torch.ops, "mkldnn", kernels)
        assert not packing_module.can_pack()


@torch.no_grad()
@pytest.mark.parametrize("fusion", ["mean", "max", "min"])
@pytest.mark.parametrize("room", [1, 1 << 14, 1 << 24])  # one head, some heads, all images
def test_streamed_rollout_is_the_walks(monkeypatch, fusion, room):
    monkeypatch.setitem(streaming.ROOM, "cpu", room)
    vit, images = random_vit(TINY), random_images(TINY, 3)
    options = {"fusion": fusion, "residual": 0.3, "discard": 0.2}
    expected = rollout(attention_weights(vit.walk(images)), **options)
    found = rollout_of(vit, images, **options)
    torch.testing.assert_close(found, expected, atol=1e-12, rtol=0)
    torch.testing.assert_close(found.sum(-1), torch.ones_like(found[..., 0]), atol=1e-6, rtol=0)


def test_streamed_rollout_never_holds_all_heads(monkeypatch):
    class Largest(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            result = func(*args, **(kwargs or {}))
            if isinstance(result, torch.Tensor):
                sizes.append(result.numel())
            return result

    config = replace(TINY, image_size=(128, 128), heads=12)
    vit, images = random_vit(config), random_images(config, 2)
    sizes: list[int] = []
    monkeypatch.setitem(streaming.ROOM, "cpu", 1)
    with Largest():
        rollout_of(vit, images)
    square = config.tokens**2
    assert max(sizes) == 2 * square  # the fused weights of both images; of heads, one at a time
