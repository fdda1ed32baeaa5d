"""Each test of a reading says what it is said to say, of models whose answer is known."""

from typing import Any

import numpy as np
import pytest
import torch

from studies import readings
from studies.readings import (
    accuracies,
    heads,
    measure,
    other_weights,
    where_weight_goes,
    with_class_row,
)
from studies.training import Recipe, train
from vitexplain.experiments.datasets import digits
from vitexplain.experiments.families import build
from vitexplain.experiments.find_reading import YARDSTICKS, readers
from vitexplain.experiments.find_task import Find
from vitexplain.experiments.tasks import generator_of
from vitexplain.vit import Block, attention_weights


@pytest.fixture(scope="module")
def task() -> Find:
    return Find(digits().validation, seed=3)


class Knows(torch.nn.Linear):
    """Answers from a list: pictures are told apart by their pixels."""

    def __init__(self, answers: dict[bytes, torch.Tensor]) -> None:
        super().__init__(1, 1)
        self.answers = answers

    def forward(self, images):
        return torch.stack([self.answers[image.numpy().tobytes()] for image in images])


def test_accuracies_count_the_one_and_both(task):
    answers = {}
    for two in (False, True):
        canvases = task.draw(40, generator_of(task.seed, int(two)), two=two)
        for i, image in enumerate(canvases.images):
            logits = torch.zeros(10)
            if i % 4:  # three in four are known
                logits[canvases.labels[i]] = 1.0
            else:
                logits[(int(canvases.labels[i, 0]) + 1) % 10] = 2.0
                logits[(int(canvases.labels[i, 0]) + 2) % 10] = 1.0
            answers[image.numpy().tobytes()] = logits
    found = accuracies(Knows(answers), task, number=40)
    assert found["accuracy"] == pytest.approx(0.75)
    assert found["accuracy, both"] == pytest.approx(0.75)


def test_even_attention_is_and_stays_even(task):
    model: Any = train(build("find", "even attention", seed=0), task, Recipe(3, 4e-3, batch=16))
    images = task.draw(2, generator_of(0, 0), two=False).images
    for weights in attention_weights(model.walk(images)):
        np.testing.assert_allclose(weights.detach(), 1 / 50, rtol=1e-6)
    fresh = build("find", "even attention", seed=0)
    learned, first = (m.blocks[0].attn.qkv.weight[-48:].detach() for m in (model, fresh))
    assert float((learned - first).abs().max()) > 1e-3  # values learn


@pytest.fixture(scope="module")
def model():
    return build("find", "registers", seed=0).eval()


def test_the_class_token_with_its_own_weights_answers_as_before(model, task):
    images = task.draw(5, generator_of(0, 4), two=False).images
    with torch.no_grad():
        for block in [step for step in model.walk(images) if isinstance(step, Block)]:
            row = block.attention.attention.weights[:, :, :1]
            same = with_class_row(model, block, row)
            torch.testing.assert_close(same, model(images).softmax(-1), atol=1e-6, rtol=1e-4)
            other = with_class_row(model, block, row.flip(-1))
            assert float((other - same).abs().max()) > 1e-6


def test_weights_go_to_groups_that_are_the_whole(model, task):
    canvases = task.draw(20, generator_of(0, 5), two=False)
    found = where_weight_goes(model, canvases)
    assert sum(found["patches"].values()) == pytest.approx(49)
    assert found["patches"]["digit"] == 4
    for block in ("block 0", "block 1", "block 2"):
        assert sum(found[block].values()) == pytest.approx(1, abs=1e-5)
        assert found[block]["registers"] == pytest.approx(4 / 54, rel=0.3)  # untrained: even


def test_every_reading_is_put_to_every_test(model, task, monkeypatch):
    every = readers()
    some = {name: every[name] for name in ("rollout", "occlusion", "gradient", *YARDSTICKS)}
    monkeypatch.setattr(readings, "readers", lambda: some)
    monkeypatch.setattr(readings, "PERMUTATIONS", 3)
    found = measure(model, task, number=2)
    for test in ("points", "points, untrained", "points to the one asked for", "points to either",
                 "deletion", "insertion", "like occlusion", "like gradient"):  # fmt: skip
        assert list(found[test]) == list(some)
        assert all(np.isfinite(value) for value in found[test].values())
    assert found["like occlusion"]["occlusion"] == pytest.approx(1)
    for part in ("head", "block 2", "block 1", "block 0", "embedding"):
        likeness = found[f"like without {part}"]
        assert likeness["brightness"] == pytest.approx(1)
        assert (likeness["rollout"] > 1 - 1e-6) == (part == "head")


def test_asked_for_two_digits_a_map_for_all_classes_is_right_half_the_time(task):
    """Even if it always points to a digit."""
    two = task.draw(30, generator_of(0, 7), two=True)
    sees = {"one map": lambda vit, images, target: two.inside(0).float()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(readings, "readers", lambda: sees)
        found = readings.asked(build("find", "vit", seed=0), two)
    assert found["points to the one asked for"]["one map"] == pytest.approx(0.5)
    assert found["points to either"]["one map"] == pytest.approx(1)


def test_other_weights_in_an_untrained_model_change_little(model, task):
    found = other_weights(model, task.draw(5, generator_of(0, 8), two=False))
    assert list(found) == [f"permuted in block {i}" for i in range(3)]
    for block in found.values():
        assert 0 <= block["moved"] < 0.2
        assert 0 <= block["found"] <= 1


def test_there_is_a_share_for_every_head(model, task):
    found = heads(model, task.draw(20, generator_of(0, 6), two=False))
    assert list(found) == [f"block {i}, head {h}" for i in range(3) for h in range(4)]
    assert all(0 <= share <= 1 for share in found.values())
