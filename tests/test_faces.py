"""The drawn face: what each patch shows, and that it is computed from what was painted."""

from itertools import combinations

import numpy as np
import pytest

from tests.refusing import refuses
from vitexplain.faces import (
    EXPRESSIONS,
    FEATURE_SHARE,
    GRID,
    PARTS,
    PATCH,
    SURFACE_SHARE,
    Look,
    draw_face,
    most_telling,
    part_shares,
)

CANONICAL = (
    *("hair", "left eye", "right eye", "hair"),
    *("skin", "nose", "mouth", "skin"),
    *("background",) * 8,
)


@pytest.fixture(scope="module")
def face():
    return draw_face()


@pytest.fixture(scope="module")
def faces():
    return [draw_face(seed) for seed in range(60)]


def test_canonical_face_has_the_expected_part_in_each_patch(face):
    assert face.labels == CANONICAL


def test_image_and_segments_have_the_documented_shapes_and_ranges(face):
    side = GRID[0] * PATCH
    assert face.image.shape == (side, side, 3)
    assert face.image.dtype == np.float64
    assert face.pixels.shape == (3, side, side)
    assert face.segments.shape == (side, side)
    assert face.image.min() >= 0
    assert face.image.max() <= 1
    assert set(np.unique(face.segments)) == set(range(len(PARTS)))
    np.testing.assert_array_equal(face.pixels[1], face.image[:, :, 1])


def test_face_is_in_the_top_half_and_the_rest_is_one_plain_colour(face, faces):
    for drawn in (face, *faces):
        bottom = drawn.image[2 * PATCH :]
        np.testing.assert_allclose(bottom, np.broadcast_to(bottom[-1, 0], bottom.shape))
        assert not drawn.segments[2 * PATCH :].any()
        for corner in (drawn.image[0, 0], drawn.image[0, -1]):
            np.testing.assert_allclose(corner, bottom[-1, 0])


def test_parts_are_the_shares_of_the_segmentation(faces):
    face = faces[3]
    for index, shares in enumerate(face.parts):
        row, col = divmod(index, GRID[1])
        patch = face.segments[row * PATCH : (row + 1) * PATCH, col * PATCH : (col + 1) * PATCH]
        counts = np.bincount(patch.ravel(), minlength=len(PARTS))
        np.testing.assert_allclose([shares[part] for part in PARTS], counts / PATCH**2)
        np.testing.assert_allclose(sum(shares.values()), 1)


def test_left_is_the_viewers_left(face):
    cols = {name: np.nonzero(face.segments == PARTS.index(name))[1].mean() for name in PARTS[3:]}
    assert cols["left eye"] < 32 < cols["right eye"]
    assert cols["nose"] < 32 < cols["mouth"]


def test_picture_is_anti_aliased_where_parts_meet(face):
    colours = np.unique(face.image.reshape(-1, 3), axis=0)
    assert len(colours) > 100  # a dozen paints, and the blends along their edges


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_expression_keeps_the_labels_of_the_canonical_face(expression):
    face = draw_face(expression=expression)
    assert (face.labels, face.expression) == (CANONICAL, expression)


def test_expressions_all_look_different():
    images = [draw_face(expression=expression).image for expression in EXPRESSIONS]
    assert all(np.abs(image - other).max() > 0.1 for image, other in combinations(images, 2))


def test_seed_is_reproducible_and_varies_place_colour_and_expression(faces):
    np.testing.assert_array_equal(draw_face(5).image, faces[5].image)
    assert {face.expression for face in faces} == set(EXPRESSIONS)
    for name in ("shift", "size", "skin", "hair", "iris", "background"):
        assert len({getattr(face.look, name) for face in faces}) > 3


def test_seeded_faces_keep_both_eyes_nose_and_mouth(faces):
    for face in faces:
        assert all(sum(patch[part] for patch in face.parts) > 0.03 for part in PARTS[3:])


def test_expression_and_look_override_the_seed():
    look = Look(skin="#000000", background="#ffffff")
    face = draw_face(4, expression="sad", look=look)
    assert face.expression == "sad"
    assert face.look is look
    np.testing.assert_allclose(face.image[-1, -1], 1)


@pytest.mark.parametrize(
    ("shares", "label"),
    [
        ({"background": 1.0}, "background"),
        ({"skin": 1 - FEATURE_SHARE, "nose": FEATURE_SHARE}, "nose"),
        ({"skin": 0.97, "nose": 0.03}, "skin"),
        ({"nose": 0.1, "mouth": 0.2, "skin": 0.7}, "mouth"),
        ({"hair": SURFACE_SHARE, "background": 0.8}, "hair"),
        ({"hair": 0.19, "background": 0.81}, "background"),
    ],
)
def test_labels_follow_the_rule_of_the_most_telling_part(shares, label):
    assert most_telling(dict.fromkeys(PARTS, 0.0) | shares) == label


test_wrong_input_is_an_error = refuses(
    (ValueError, r"smile, laugh.*'grin'", lambda: draw_face(expression="grin")),
    (
        ValueError,
        r"16-pixel .* \(20, 32\)",
        lambda: part_shares(np.zeros((20, 32), int)),
    ),
)
