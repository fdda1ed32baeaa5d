"""A batch is a function of seed and step; answers can be checked by looking at the picture."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from studies.classify import Classify
from vitexplain.experiments import datasets, face_reading
from vitexplain.experiments.datasets import Labelled
from vitexplain.experiments.face_tasks import (
    IRISES,
    LEFT_EYE,
    RIGHT_EYE,
    Drawn,
    Expression,
    Faces,
    Fill,
    Tag,
    draw_faces,
    lowered,
    tags,
)
from vitexplain.experiments.families import MODELS, SHAPES, build
from vitexplain.experiments.find_task import Find
from vitexplain.experiments.tasks import (
    ADDITIVE,
    GLYPHS,
    FarPlaces,
    Task,
    accuracy,
    generator_of,
)
from vitexplain.patches import patchify


@pytest.fixture(scope="module")
def faces():
    return draw_faces(8, seed=0)


def numbered(count: int, side: int = 8) -> Labelled:
    """Images that each hold their own number, with labels 0, 1, 2, 0, …"""
    images = torch.arange(count, dtype=torch.float32)[:, None, None, None].expand(-1, 1, side, side)
    return Labelled(images, torch.arange(count) % 3)


TASKS: dict[str, Callable[[Faces, int], Task]] = {
    "far places": lambda faces, seed: FarPlaces(seed),
    "tag": Tag,
    "fill": Fill,
    "expression": Expression,
    "classify": lambda faces, seed: Classify(numbered(20), seed, shift=2, flip=True),
    "find": lambda faces, seed: Find(datasets.digits().validation, seed),
}


@pytest.mark.parametrize("kind", TASKS)
def test_a_batch_depends_on_seed_and_step_alone(kind, faces):
    one, other, third = (TASKS[kind](faces, seed) for seed in (0, 0, 1))
    one.batch(0, 16)  # what came before does not matter
    for each, again in zip(one.batch(7, 16), other.batch(7, 16), strict=True):
        np.testing.assert_array_equal(each, again)
    assert not torch.equal(one.batch(7, 16)[0], one.batch(8, 16)[0])
    assert not torch.equal(one.batch(7, 16)[0], third.batch(7, 16)[0])


def test_far_places_hold_two_glyphs_at_the_edges_and_the_right_answer():
    data = FarPlaces(0, noise=0.0).draw(300, torch.Generator().manual_seed(1))
    assert 0.4 < float(data.labels.float().mean()) < 0.6
    assert data.images[..., 8:24].max() == -1.0  # nothing in the middle
    for image, same in zip(data.images[:, 0], data.labels, strict=True):
        found = []
        for half in (image[:, :8], image[:, 24:]):
            ink = (half > 0).nonzero()
            top, left = ink.min(0).values.tolist()
            bottom, right = ink.max(0).values.tolist()
            drawn = (half[top : bottom + 1, left : right + 1] > 0).float()
            found.append([i for i, glyph in enumerate(GLYPHS) if torch.equal(glyph, drawn)])
        assert len(found[0]) == len(found[1]) == 1
        assert (found[0] == found[1]) == bool(same)


def test_a_sum_of_opinions_is_right_three_times_in_four_at_best():
    opinions = np.linspace(-1, 1, 41)
    thresholds = np.linspace(-2.05, 2.05, 83)
    best = 0.0
    for a in opinions:  # of a cross; a ring's is 1 or -1, up to scale
        for b in (-1.0, 1.0):
            for limit in thresholds:
                same = [2 * a > limit, 2 * b > limit]
                differ = [a + b <= limit, a + b <= limit]
                right = np.mean([*same, *differ])
                best = max(best, right, 1 - right)
    assert best == ADDITIVE


def test_irises_have_the_colours_that_the_answer_says(faces):
    task = Tag(faces, seed=0, noise=0.0)
    drawn = task.draw(64, generator_of(0, 0))
    target = tags(drawn)
    assert 10 < int(drawn.match.sum()) < 54
    pixels = (patchify(drawn.images, 16) / 2 + 0.5).reshape(64, 16, 3, 256)
    for i in range(64):
        eyes = [int(drawn.eye(eye)[i]) for eye in (LEFT_EYE, RIGHT_EYE)]
        assert target[i].nonzero().flatten().tolist() == eyes
        assert target[i][eyes].tolist() == ([1, 1] if drawn.match[i] else [2, 2])
    # Where an iris covers a pixel wholly, the pixel has one of the colours.
    open_eyes = faces.iris[:, 0].flatten(1).max(1).values > 0.99
    assert bool(open_eyes.any())
    colours = torch.zeros(len(faces), 2, 3) + IRISES[2]
    face = int(open_eyes.nonzero()[0, 0])
    covered = faces.iris[face, 0] > 0.999
    painted = faces.coloured(colours)[face][:, covered].mT / 2 + 0.5
    torch.testing.assert_close(painted, IRISES[2].expand_as(painted), atol=2e-3, rtol=0)
    assert pixels.min() >= -1e-5


def test_faces_are_lowered_by_whole_patches():
    images = torch.rand(3, 3, 64, 64)
    moved = lowered(images, torch.tensor([0, 1, 2]))
    for i, image in enumerate(images):
        np.testing.assert_array_equal(moved[i], image.roll(16 * i, dims=1))


def test_hidden_patches_are_grey_and_only_they_are_asked_for(faces):
    inputs, target = Fill(faces, seed=0, noise=0.0).batch(0, 32)
    hidden = ~target.isnan().all(-1)
    assert set(hidden.sum(1).tolist()) <= {3, 4}
    patches = patchify(inputs, 16)
    assert float(patches[hidden].abs().max()) == 0.0
    loss = Fill(faces, 0).loss(torch.where(target.isnan(), 5.0, target + 0.5), target)
    np.testing.assert_allclose(loss, 0.25, rtol=1e-5)  # what is in sight does not count


def test_reading_an_eye_follows_the_face_down(faces):
    drawn = Drawn(
        torch.rand(2, 3, 64, 64), torch.tensor([True, False]), torch.tensor([0, 2]),
        torch.zeros(2, dtype=torch.int64),
    )  # fmt: skip
    model = build("faces", "tag", seed=0).eval()
    got = face_reading.eye_weights(model, drawn.images, drawn.eye(LEFT_EYE))
    assert got.shape == (2, 3, 4, 16)
    blocks = [step.attention.attention.weights for step in model.walk(drawn.images)
              if hasattr(step, "attention")]  # fmt: skip
    np.testing.assert_allclose(got[1, 2], blocks[2][1, :, 1 + 8].detach(), atol=1e-6)
    np.testing.assert_allclose(got.sum(-1), 1, atol=1e-5)


@pytest.mark.parametrize("setting", MODELS)
def test_families_have_about_as_many_parameters_and_a_seed_is_a_model(setting):
    counts = {}
    for family in MODELS[setting]:
        model = build(setting, family, seed=1).eval()
        images = torch.rand(2, *SHAPES[setting])
        assert torch.isfinite(model(images)).all()
        again = build(setting, family, seed=1).state_dict()
        assert all(torch.equal(again[name], value) for name, value in model.state_dict().items())
        # LeNet-5 is the paper's, an autoencoder has a painter besides.
        if family != "autoencoder" and not family.startswith("lenet"):
            counts[family] = sum(parameter.numel() for parameter in model.parameters())
    if setting not in ("faces", "sentences"):  # whose models answer other questions, or lack a part
        assert max(counts.values()) / min(counts.values()) < 1.03, counts


def test_unknown_models_are_errors():
    with pytest.raises(ValueError, match="no model 'mlp' for 'digits'"):
        build("digits", "mlp", seed=0)


def test_accuracy_counts_the_right_answers():
    class Answers(torch.nn.Linear):
        def forward(self, images):
            return torch.nn.functional.one_hot(images[:, 0, 0, 0].long() % 4, 4)

    data = numbered(10)
    expected = np.mean([i % 4 == i % 3 for i in range(10)])
    assert accuracy(Answers(1, 1), data, batch=4) == pytest.approx(expected)
