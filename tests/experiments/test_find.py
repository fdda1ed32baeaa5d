"""Digits among pieces: the answer is where it is said to be, and nowhere else."""

from typing import Any

import numpy as np
import pytest
import torch

from vitexplain.experiments import find_reading
from vitexplain.experiments.datasets import Labelled, digits
from vitexplain.experiments.families import build
from vitexplain.experiments.find_reading import (
    YARDSTICKS,
    heads,
    measure,
    other_weights,
    right_ones,
    where_weight_goes,
    with_class_row,
)
from vitexplain.experiments.find_task import GRID, PATCH, Find, accuracies
from vitexplain.experiments.tasks import generator_of
from vitexplain.experiments.training import Recipe, train
from vitexplain.patches import patchify
from vitexplain.reading import READINGS
from vitexplain.vit import Block, attention_weights

DATA = digits().validation


@pytest.fixture(scope="module")
def task() -> Find:
    return Find(DATA, seed=3)


def picture(canvases, i: int, which: int) -> torch.Tensor:
    """The 8×8 pixels at the place where a digit is said to be."""
    row, col = (PATCH * canvases.corners[i, which]).tolist()
    return canvases.images[i, 0, row : row + 8, col : col + 8]


@pytest.mark.parametrize("two", [False, True])
def test_digits_are_where_and_what_the_canvas_says(task, two):
    canvases = task.draw(200, generator_of(0, 0), two=two)
    known = {DATA.images[i, 0].numpy().tobytes(): int(DATA.labels[i]) for i in range(len(DATA))}
    for i in range(len(canvases)):
        for which in range(2):
            assert known[picture(canvases, i, which).numpy().tobytes()] == canvases.labels[i, which]
    assert bool((canvases.labels[:, 0] != canvases.labels[:, 1]).all()) == two
    assert len({tuple(corner) for corner in canvases.corners[:, 0].tolist()}) > 30  # of 36 places


def test_inside_is_the_four_patches_of_a_digit(task):
    canvases = task.draw(50, generator_of(0, 1), two=True)
    for which in range(2):
        inside = canvases.inside(which)
        assert inside.sum((1, 2)).tolist() == [4] * 50
        bright = torch.full((1, 28, 28), -1.0)
        row, col = (PATCH * canvases.corners[7, which]).tolist()
        bright[0, row : row + 8, col : col + 8] = 1.0
        lit = (patchify(bright, PATCH) == 1).all(-1).reshape(GRID)
        np.testing.assert_array_equal(inside[7], lit)
    assert not (canvases.inside(0) & canvases.inside(1)).any()


def test_every_piece_of_clutter_is_a_quarter_of_some_digit(task):
    canvases = task.draw(30, generator_of(0, 2), two=False)
    quarters = {q.numpy().tobytes() for q in patchify(DATA.images, PATCH).flatten(0, 1)}
    patches = patchify(canvases.images, PATCH)
    outside = ~canvases.inside().flatten(1)
    filled = (patches > -1).any(-1) & outside
    assert 3 < float(filled.sum(1).double().mean()) < 10
    assert all(patch.numpy().tobytes() in quarters for patch in patches[filled])


def test_clutter_says_nothing_of_the_answer():
    """The same clutter is drawn whatever the digits are."""
    one = Find(DATA, 0).draw(20, generator_of(0, 3), two=False)
    other = Find(Labelled(DATA.images, (DATA.labels + 1) % 10), 0).draw(
        20, generator_of(0, 3), two=False
    )
    np.testing.assert_array_equal(one.images, other.images)
    assert not (one.labels == other.labels).any()


def test_a_batch_depends_on_seed_and_step_alone_and_has_both_kinds():
    one, again, third = Find(DATA, 0), Find(DATA, 0), Find(DATA, 1)
    one.batch(0, 8)
    for each, same in zip(one.batch(5, 64), again.batch(5, 64), strict=True):
        np.testing.assert_array_equal(each, same)
    assert not torch.equal(one.batch(5, 64)[0], third.batch(5, 64)[0])
    labels = one.batch(5, 64)[1]
    assert 16 < int((labels[:, 0] == labels[:, 1]).sum()) < 48


def test_the_loss_shares_the_probability(task):
    labels = torch.tensor([[3, 3], [3, 7]])
    logits = torch.full((2, 10), -30.0)
    logits[0, 3] = logits[1, 3] = logits[1, 7] = 30.0
    np.testing.assert_allclose(task.loss(logits, labels), np.log(2) / 2, rtol=1e-6)


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
    every = find_reading.readers()
    assert set(every) == {*READINGS, *YARDSTICKS}
    some = {name: every[name] for name in ("rollout", "occlusion", "gradient", *YARDSTICKS)}
    monkeypatch.setattr(find_reading, "readers", lambda: some)
    monkeypatch.setattr(find_reading, "PERMUTATIONS", 3)
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
        patch.setattr(find_reading, "readers", lambda: sees)
        found = find_reading.asked(build("find", "vit", seed=0), two)
    assert found["points to the one asked for"]["one map"] == pytest.approx(0.5)
    assert found["points to either"]["one map"] == pytest.approx(1)


def test_right_ones_are_right(model, task):
    canvases = right_ones(model, task, 5, two=False)
    with torch.no_grad():
        answers = model(canvases.images).argmax(-1)
    np.testing.assert_array_equal(answers, canvases.labels[:, 0])
    assert len(canvases) == 5


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
