"""Images come once an epoch, moved and mirrored; what studies measure is what they say."""

import numpy as np
import pytest
import torch

from studies import eyes, robustness
from studies.classify import Classify, shifted
from tests.experiments.test_tasks import numbered
from vitexplain.experiments.face_tasks import Expression, Fill, Tag, draw_faces
from vitexplain.experiments.families import build
from vitexplain.patches import patchify


def test_every_image_comes_once_an_epoch():
    task = Classify(numbered(10), seed=3)
    seen = torch.cat([task.batch(step, 4)[0][:, 0, 0, 0] for step in range(5)])
    for epoch in seen.reshape(2, 10):
        assert sorted(epoch.tolist()) == list(range(10))
    assert seen[:10].tolist() != seen[10:].tolist()


def test_labels_stay_with_their_images():
    images, labels = Classify(numbered(10), seed=0, shift=1, flip=True).batch(2, 32)
    np.testing.assert_array_equal(images[:, 0, 4, 4] % 3, labels)


def test_shifts_move_whole_images_and_bring_in_the_dark():
    images = torch.rand(200, 1, 6, 6)
    moved = shifted(images, 1, torch.Generator().manual_seed(0))
    offsets = set()
    for image, result in zip(images[:, 0], moved[:, 0], strict=True):
        padded = torch.nn.functional.pad(image, (1, 1, 1, 1), value=-1.0)
        found = [
            (r, c) for r in range(3) for c in range(3)
            if torch.equal(padded[r : r + 6, c : c + 6], result)
        ]  # fmt: skip
        assert len(found) == 1
        offsets |= set(found)
    assert len(offsets) == 9


def test_shuffle_occlude_and_shift_do_what_they_say():
    images = torch.rand(4, 2, 8, 8)
    np.testing.assert_array_equal(robustness.shuffle(images, 1), images)
    mixed = robustness.shuffle(images, 4)
    assert not torch.equal(mixed, images)
    for before, after in zip(patchify(images, 2), patchify(mixed, 2), strict=True):
        assert sorted(map(tuple, before.tolist())) == sorted(map(tuple, after.tolist()))
    dark = patchify(robustness.occlude(images, 4, 0.25), 2)
    assert (dark == -1).all(-1).sum(1).tolist() == [4, 4, 4, 4]
    kept = ~(dark == -1).all(-1)
    np.testing.assert_array_equal(dark[kept], patchify(images, 2)[kept])
    moved = robustness.shift(images, 3)
    np.testing.assert_array_equal(moved[..., 3:], images[..., :5])
    assert float(moved[..., :3].max()) == -1.0
    with pytest.raises(ValueError, match="3×3 tiles do not cut"):
        robustness.shuffle(images, 3)
    with pytest.raises(ValueError, match="from 0 to 1"):
        robustness.occlude(images, 4, 1.5)


@pytest.mark.parametrize(
    ("family", "kind"), [("tag", Tag), ("fill", Fill), ("expression", Expression)]
)
def test_what_is_measured_of_a_face_model(family, kind):
    faces = draw_faces(8, seed=0)
    found = eyes.measure(build("faces", family, seed=0).eval(), kind(faces, seed=5))
    tokens = 17 if family == "expression" else 16
    for name in ("eye to eye", "eye to itself", "eye to background", "eye to erased eye"):
        assert found[name] == pytest.approx(1 / tokens, rel=0.3)  # it has learned nothing yet
    assert found["strongest head"] >= found["eye to eye"]
    assert ("error" in found) == (family == "fill")
