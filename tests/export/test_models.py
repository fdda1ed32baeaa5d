"""A ViT of any kind as a graph: every named output, batches, gates, positions."""

from copy import deepcopy
from dataclasses import replace
from operator import attrgetter

import numpy as np
import pytest
import torch

from tests.export.small_vits import TINY, VARIANTS, random_images, random_vit, walked
from vitexplain import export
from vitexplain.experiments.families import build
from vitexplain.export.outputs import OF_A_BLOCK, OF_THE_MODEL, full_names
from vitexplain.reading import rollout
from vitexplain.vit import PRESETS, Block, ViT

LIMIT = 1e-5
EMBEDDING = {"patches": "patches", "projected": "projected", "tokens": "tokens"}
READOUT = {"final": "normed", "pooled": "pooled", "pre_logits": "pre_logits", "logits": "logits"}
BLOCK = {
    "input": "input", "normed": "normed", "residual": "residual", "normed_mlp": "normed_mlp",
    "hidden": "hidden", "activated": "activated", "mlp": "mlp", "output": "output",
    "merged": "attention.merged", "attention": "attention.output",
    "query": "attention.attention.query", "key": "attention.attention.key",
    "value": "attention.attention.value", "scores": "attention.attention.scores",
    "scaled": "attention.attention.scaled", "weights": "attention.attention.weights",
    "head_outputs": "attention.attention.output",
}  # fmt: skip
"""Where each output is in a step of the walk; written down here a second time."""


def furthest(found, expected) -> float:
    assert found.keys() == expected.keys()
    return max(export.difference(found, expected).values())


def single(vit) -> bool:
    """Whether the model's head reads single tokens, or each of them, as it is."""
    return not vit.config.norm_mean and vit.config.readout != "class+mean"


@pytest.fixture(scope="module", params=VARIANTS, ids=str)
def variant(request):
    """A model of each kind, and its graph with every output, gates and positions."""
    vit = random_vit(VARIANTS[request.param])
    names = [
        name for name in export.OUTPUTS
        if (name != "pre_logits" or vit.config.pre_logits) and (name != "lens" or single(vit))
    ]  # fmt: skip
    return vit, export.vit(vit, outputs=names, gates=True, positions=True)


def lens(vit, tokens):
    """Each token through the model's own last layers, in torch, as a graph stores them."""
    vit = deepcopy(vit)
    vit.load_state_dict(export.stored(vit))
    with torch.no_grad():
        x = vit.norm(torch.as_tensor(tokens).float())
        if vit.config.pre_logits:
            x = torch.tanh(vit.pre_logits["fc"](x))
        return vit.head(x).numpy()


@pytest.mark.parametrize("number", [1, 2, 5])
def test_every_output_is_the_field_of_the_walk(variant, number):
    vit, graph = variant
    images = random_images(vit.config, number)
    ones = {"gates": np.ones((2, 4)), "positions": np.asarray(1.0)}
    found = export.run(graph, {"images": images, **ones})
    first, *blocks, last = walked(vit, images)
    expected = {name: attrgetter(path)(first) for name, path in EMBEDDING.items()}
    expected |= {
        name: attrgetter(path)(last)
        for name, path in READOUT.items() if name != "pre_logits" or vit.config.pre_logits
    }  # fmt: skip
    weights = [block.attention.attention.weights for block in blocks]
    for i, block in enumerate(blocks):
        expected |= {f"{name}.{i}": attrgetter(path)(block) for name, path in BLOCK.items()}
        expected[f"mean.{i}"] = weights[i].mean(1)
        expected[f"rollout.{i}"] = rollout(weights[: i + 1])
        if single(vit):
            expected[f"lens.{i}"] = lens(vit, block.output)
    assert furthest(found, expected) <= LIMIT


def test_every_name_is_compared():
    assert any(config.pre_logits for config in VARIANTS.values())
    assert {*EMBEDDING, *READOUT} == set(OF_THE_MODEL)
    assert {*BLOCK, "mean", "rollout", "lens"} == set(OF_A_BLOCK)
    assert set(export.OUTPUTS) == {*OF_THE_MODEL, *OF_A_BLOCK}


def test_without_positions(variant):
    vit, graph = variant
    images, gates = random_images(vit.config), np.ones((2, 4))
    found = export.run(graph, {"images": images, "gates": gates, "positions": np.asarray(0.0)})
    none = np.zeros(tuple(vit.pos_embed.shape))
    first, *_, last = walked(vit, images, pos_embed=none)
    assert furthest(
        {name: found[name] for name in ("tokens", "logits")},
        {"tokens": first.tokens, "logits": last.logits},
    ) <= LIMIT  # fmt: skip


def test_a_closed_gate_takes_the_head_out(variant):
    """What attention adds is then the bias and the other heads' outputs, each projected."""
    vit, graph = variant
    images = random_images(vit.config)
    gates = np.ones((2, 4))
    gates[1, 2] = 0
    found = export.run(graph, {"images": images, "gates": gates, "positions": np.asarray(1.0)})
    weight = export.stored(vit)["blocks.1.attn.proj.weight"].double().numpy()
    block = walked(vit, images)[2]
    heads = block.attention.attention.output  # (batch, head, token, 4)
    size = heads.shape[-1]
    lost = heads[:, 2] @ weight[:, 2 * size : 3 * size].T
    without = weight.copy()
    without[:, 2 * size : 3 * size] = 0
    *_, changed, last = walked(vit, images, **{"blocks.1.attn.proj.weight": without})
    np.testing.assert_allclose(changed.attention.output, block.attention.output - lost, atol=1e-12)
    assert furthest({"logits": found["logits"]}, {"logits": last.logits}) <= LIMIT


def test_branches(variant):
    """Each of a block's four, scaled, against torch's layers called one by one."""
    vit, _ = variant
    images, factors = random_images(vit.config), np.linspace(0, 1.4, 8).reshape(2, 4)
    graph = export.vit(vit, outputs=["residual", "output"], branches=True, float16=False)
    found = export.run(graph, {"images": images, "branches": factors})
    expected = {}
    with torch.no_grad():
        x = next(iter(vit.walk(torch.as_tensor(images)))).tokens
        attend = torch.nn.functional.scaled_dot_product_attention
        for i, (carried, attended, carried_mlp, mlp) in enumerate(factors):
            block = vit.blocks[i]
            expected[f"residual.{i}"] = x = carried * x + attended * block.ls1(
                block.attn(block.norm1(x), attend)
            )
            expected[f"output.{i}"] = x = carried_mlp * x + mlp * block.ls2(
                block.mlp(block.norm2(x))
            )
    assert furthest(found, expected) <= LIMIT


def test_lens_and_branches_are_refused_where_they_cannot_be():
    with pytest.raises(ValueError, match=r"lens needs a model that norms and reads single"):
        full_names(["lens"], replace(TINY, readout="class+mean"))
    vit = random_vit(TINY)
    params = {name: p.detach() for name, p in vit.named_parameters()}
    images = torch.as_tensor(random_images(TINY))
    with pytest.raises(ValueError, match=r"branches must be \(layer, branch\) \(2, 4\), got"):
        export.answers(params, images, TINY, ["logits"], branches=torch.ones(2, 3))


def test_gates_between_open_and_closed(variant):
    """Open they change nothing: so says the first test. Halfway they scale."""
    vit, graph = variant
    images = random_images(vit.config)
    feeds = {"images": images, "gates": np.full((2, 4), 0.5), "positions": np.asarray(1.0)}
    halved = {
        name: 0.5 * export.stored(vit)[name].double().numpy()
        for name in ("blocks.0.attn.proj.weight", "blocks.1.attn.proj.weight")
    }
    expected = {"logits": walked(vit, images, **halved)[-1].logits}
    assert furthest(export.run(graph, feeds, ["logits"]), expected) <= LIMIT
    assert furthest({"logits": walked(vit, images)[-1].logits}, expected) > 0.01


def test_the_order_of_names():
    names = ["logits", "rollout.1", "weights.0", "weights"]
    assert full_names(names, TINY) == ["logits", "rollout.1", "weights.0", "weights.1"]


def test_a_part_of_the_outputs_without_a_word(capfd):
    """One export: what is asked for, in that order; what it says of itself; silence."""
    vit = random_vit(VARIANTS["patches"])
    stages = []
    graph = export.vit(
        vit, outputs=["rollout.1", "weights.0"], gates=True, progress=stages.append,
        about={"name": "mine", "labels": ["a", "b"]},
    )  # fmt: skip
    assert capfd.readouterr() == ("", "")
    assert stages == ["tracing 2 blocks"]
    assert [one.name for one in graph.graph.output] == ["rollout.1", "weights.0"]
    says = export.about(graph)
    assert says["outputs"] == ["rollout", "weights"]
    assert (says["version"], says["kind"]) == (1, "vit")
    assert says["inputs"] == ["images", "gates"] == [one.name for one in graph.graph.input]
    assert (says["image_size"], says["patch"], says["grid"]) == ([8, 12], [4, 2], [2, 6])
    assert (says["prefix"], says["layers"], says["heads"], says["dim"]) == (0, 2, 4, 16)
    assert (says["channels"], says["classes"], says["readout"]) == (1, 5, "patches")
    assert (says["mean"], says["std"]) == ([0.5], [0.5])
    assert (says["name"], says["labels"]) == ("mine", ["a", "b"])


@pytest.mark.rejects
@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        (["weight"], r"unknown output 'weight'; there are patches, projected, tokens, final"),
        (["logits.0"], "unknown output 'logits.0'"),
        (["weights.2"], "'weights.2': the model has blocks 0 to 1"),
        (["weights.-1"], "blocks 0 to 1"),
        (["pre_logits"], "no pre_logits layer"),
        ([], "outputs must be a list of names"),
        ("weights", "outputs must be a list of names, got 'weights'"),
    ],
)
def test_outputs_that_are_not_there(outputs, message):
    with pytest.raises(ValueError, match=message):
        export.vit(random_vit(TINY), outputs=outputs)


def test_of_a_transformer_on_a_feature_map_the_stem_comes_first():
    model = build("photographs", "stem", seed=0).eval()
    torch.manual_seed(1)
    for norm in model.backbone.norms:  # as if it had learned
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2)
    graph = export.vit(model, outputs=("weights", "rollout", "logits"), gates=True)
    assert export.about(graph)["image_size"] == [32, 32]
    assert export.about(graph)["grid"] == [8, 8]
    images = random_images(model.image, 2)
    found = export.run(graph, {"images": images, "gates": np.ones((5, 4))})
    model.load_state_dict(export.stored(model), strict=False)
    with torch.no_grad():
        *_, last = steps = list(model.walk(torch.as_tensor(images, dtype=torch.float32)))
    weights = [step.attention.attention.weights for step in steps if isinstance(step, Block)]
    expected = {"logits": last.logits} | {
        name.format(i): x
        for i in range(5)
        for name, x in (("weights.{}", weights[i]), ("rollout.{}", rollout(weights[: i + 1])))
    }
    assert furthest(found, expected) < LIMIT


@pytest.mark.rejects
def test_models_that_are_not_exported():
    class Other(ViT):
        pass

    with pytest.raises(TypeError, match=r"must be a vitexplain\.vit\.ViT, got Other"):
        export.vit(Other(TINY))
    with torch.device("meta"):
        huge = ViT(PRESETS["H/14"])
    with pytest.raises(
        ValueError, match=r"2\.5 GB, and an ONNX file in one piece holds 2 GB; as float16"
    ):
        export.vit(huge, float16=False)
    with torch.device("meta"):
        huger = ViT(replace(PRESETS["H/14"], depth=64))
    with pytest.raises(ValueError, match=r"2\.5 GB, and an ONNX file in one piece holds 2 GB$"):
        export.vit(huger)


@pytest.mark.rejects
def test_gates_of_another_shape():
    vit, images = random_vit(TINY), random_images(TINY)
    with pytest.raises(ValueError, match=r"gates must be \(layer, head\) \(2, 4\), got \(4, 2\)"):
        export.answers(
            dict(vit.named_parameters()), torch.tensor(images), TINY, ["logits"],
            gates=torch.ones(4, 2),
        )  # fmt: skip
