"""On models whose relevant patch we set ourselves: what each reading finds, and what it misses."""

import pytest
import torch

from tests.reading.planted import (
    ANSWER,
    DECOY,
    PLACES,
    RELAY,
    bright_images,
    brighter,
    direct,
    relayed,
)
from vitexplain.reading import READINGS, deletion, insertion

TARGET = torch.tensor([0, 0])
ASKS_THE_MODEL = ("gradient", "integrated gradients", "occlusion")
WEIGHTS_ALONE = ("last layer", "mean of layers", "rollout", "attention flow")
WITH_VALUES = ("value norms", "gradient × attention", "generic attribution")


def patches(name, vit, images):
    """A reading's map as (batch, patch); occlusion and gradients with a black baseline."""
    return READINGS[name](vit, images, TARGET).flatten(1)


def others(found, *known):
    """The map without the known patches."""
    left = [patch for patch in range(9) if patch not in {PLACES[flag] for flag in known}]
    return found[:, left]


@pytest.mark.parametrize("model", [direct, relayed])
def test_the_answer_is_the_brightness_of_one_patch(model):
    vit, images = model(), bright_images()
    logits = vit(images)
    torch.testing.assert_close(logits[:, 0], -logits[:, 1])
    assert (vit(brighter(images))[:, 0] > logits[:, 0] + 0.1).all()


@pytest.mark.parametrize("name", ASKS_THE_MODEL)
@pytest.mark.parametrize("model", [direct, relayed])
def test_asking_the_model_finds_the_patch_and_nothing_else(name, model):
    found = patches(name, model(), bright_images())
    answer = found[:, PLACES[ANSWER]]
    assert (answer.abs() > 1e-4).all()
    assert (others(found, ANSWER).abs().amax(1) < 0.01 * answer.abs()).all()


@pytest.mark.parametrize("name", WEIGHTS_ALONE)
def test_weights_alone_cannot_tell_the_answer_from_the_decoy(name):
    found = patches(name, direct(), bright_images())
    answer, decoy = found[:, PLACES[ANSWER]], found[:, PLACES[DECOY]]
    torch.testing.assert_close(answer, decoy, rtol=0.01, atol=0)
    assert (others(found, ANSWER, DECOY) < 0.5 * answer[:, None]).all()


@pytest.mark.parametrize("name", [*WITH_VALUES, "transformer attribution"])
def test_what_looks_at_values_is_not_fooled_by_the_decoy(name):
    found = patches(name, direct(), bright_images())
    answer = found[:, PLACES[ANSWER]]
    assert (answer > 1e-3).all()
    assert (others(found, ANSWER).abs() < 1e-6 * answer[:, None]).all()


@pytest.mark.parametrize("name", ["last layer", "value norms", "gradient × attention"])
def test_one_layer_sees_the_relay_alone(name):
    found = patches(name, relayed(), bright_images())
    relay, answer = found[:, PLACES[RELAY]], found[:, PLACES[ANSWER]]
    assert (relay > 0.01).all()
    assert (answer < 1e-3 * relay).all()


def test_rollout_gives_half_to_the_relay_and_half_to_the_answer():
    found = patches("rollout", relayed(), bright_images())
    quarter = torch.full((2,), 0.25).double()  # the other half stays with the class token
    torch.testing.assert_close(found[:, PLACES[RELAY]], quarter, atol=1e-6, rtol=0)
    torch.testing.assert_close(found[:, PLACES[ANSWER]], quarter, atol=1e-6, rtol=0)


@pytest.mark.parametrize(
    "name", ["attention flow", "generic attribution", "transformer attribution"]
)
def test_through_the_layers_the_answer_is_found_beside_the_relay(name):
    found = patches(name, relayed(), bright_images())
    both = found[:, [PLACES[ANSWER], PLACES[RELAY]]].amin(1)
    assert (both > 0).all()
    rest = others(found, ANSWER, RELAY).amax(1)
    assert (rest < 0.9 * both).all()


def test_the_other_class_has_the_opposite_evidence():
    vit, images = direct(), bright_images()
    other = 1 - TARGET
    for name in ("integrated gradients", "occlusion"):
        torch.testing.assert_close(
            READINGS[name](vit, images, other), -READINGS[name](vit, images, TARGET)
        )
    gone = READINGS["generic attribution"](vit, images, other).flatten(1)[:, PLACES[ANSWER]]
    assert (gone == 0).all()


def test_deletion_falls_at_once_when_the_map_is_right_and_last_when_it_is_wrong():
    vit, images = direct(), bright_images()
    right = READINGS["occlusion"](vit, images, TARGET)
    curves = [deletion(vit, images, m, TARGET, baseline=0.0) for m in (right, -right)]
    first, last = (curve.probabilities for curve in curves)
    torch.testing.assert_close(first[:, 1:], first[:, -1:].expand(-1, 9), atol=1e-6, rtol=0)
    torch.testing.assert_close(last[:, :-1], last[:, :1].expand(-1, 9), atol=1e-6, rtol=0)
    assert (curves[0].area < curves[1].area).all()
    back = [insertion(vit, images, m, TARGET, baseline=0.0) for m in (right, -right)]
    assert (back[0].area > back[1].area).all()


def test_relevance_of_evidence_carried_by_a_negative_number_is_lost():
    """A limit of its rules: x w below 0 hands nothing on, though it decides the answer."""
    vit, images = direct(), bright_images()
    with torch.no_grad():
        for name in ("blocks.0.attn.proj.weight", "head.weight"):
            vit.get_parameter(name).neg_()
    assert (vit(brighter(images))[:, 0] > vit(images)[:, 0] + 0.1).all()
    assert (READINGS["occlusion"](vit, images, TARGET).flatten(1)[:, PLACES[ANSWER]] > 0.1).all()
    assert (READINGS["transformer attribution"](vit, images, TARGET) == 0).all()
