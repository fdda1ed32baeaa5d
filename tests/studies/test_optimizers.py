"""Each parameter has one optimizer, and only what multiplies its input is decayed."""

import pytest
import torch

from studies.optimizers import FASTER, OPTIMIZERS
from studies.teacher import Teacher
from studies.training import Recipe
from vitexplain.experiments.families import build

MODELS = {
    "patches": lambda: build("photographs", "patches", seed=0),
    "stem": lambda: build("photographs", "stem", seed=0),
    "teacher": lambda: Teacher(torch.rand(4, 3, 32, 32)),
}


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_parameter_that_learns_has_one_optimizer(name, make):
    model = make()
    if name == "muon" and isinstance(model, Teacher):
        return  # it has no blocks
    groups = [g for each in OPTIMIZERS[name](model, 0.1, 0.05) for g in each.param_groups]
    found = [id(parameter) for group in groups for parameter in group["params"]]
    assert sorted(found) == sorted(id(p) for p in model.parameters() if p.requires_grad)
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    for group in groups:
        for parameter in group["params"]:
            table = any(part in names[id(parameter)] for part in ("token", "pos"))
            decay = 0.05 if parameter.ndim > 1 and not table else 0.0
            if name == "sgd" and not decay:
                decay = 0.05 / FASTER  # at FASTER times the rate: as slowly as the others
                assert group["lr"] == pytest.approx(0.1 * FASTER)
            assert group["weight_decay"] == pytest.approx(decay)


def test_muon_takes_the_matrices_of_the_blocks_alone():
    model = build("photographs", "patches", seed=0)
    muon, adamw = OPTIMIZERS["muon"](model, 0.1, 0.05)
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    inner = {names[id(p)] for group in muon.param_groups for p in group["params"]}
    kinds = ("attn.qkv", "attn.proj", "mlp.fc1", "mlp.fc2")
    assert inner == {f"blocks.{i}.{kind}.weight" for i in range(6) for kind in kinds}
    outer = {names[id(p)] for group in adamw.param_groups for p in group["params"]}
    assert {"head.weight", "patch_embed.proj.weight", "cls_token"} <= outer


def test_an_unknown_optimizer_is_named():
    with pytest.raises(
        ValueError, match=r"optimizer must be one of adamw, muon, sgd, got .*'adam'"
    ):
        Recipe(10, 1e-3, optimizer="adam")


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_step_lowers_the_loss(name):
    model = build("photographs", "patches", seed=0)
    images, labels = torch.rand(4, 3, 32, 32), torch.tensor([0, 1, 2, 3])
    optimizers = OPTIMIZERS[name](model, 1e-3, 0.0)
    losses = []
    for _ in range(5):
        loss = torch.nn.functional.cross_entropy(model(images), labels)
        losses.append(loss.item())
        for each in optimizers:
            each.zero_grad()
        loss.backward()
        for each in optimizers:
            each.step()
    assert losses[-1] < losses[0]
