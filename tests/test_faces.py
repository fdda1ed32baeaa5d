"""The drawn face: what each patch shows, and that it is computed from what was painted."""

import numpy as np
import pytest

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
    ("hair", "left eye", "right eye", "hair"),
    ("skin", "nose", "mouth", "skin"),
    ("background",) * 4,
    ("background",) * 4,
)


def test_canonical_face_has_the_expected_part_in_each_patch() -> None:
    assert draw_face().labels == sum(CANONICAL, ())


def test_image_and_segments_have_the_documented_shapes_and_ranges() -> None:
    face = draw_face()
    side = GRID[0] * PATCH
    assert face.image.shape == (side, side, 3)
    assert face.image.dtype == np.float64
    assert face.pixels.shape == (3, side, side)
    assert face.segments.shape == (side, side)
    assert face.image.min() >= 0
    assert face.image.max() <= 1
    assert set(np.unique(face.segments)) == set(range(len(PARTS)))
    np.testing.assert_array_equal(face.pixels[1], face.image[:, :, 1])


def test_face_is_in_the_top_half_and_the_rest_is_one_plain_colour() -> None:
    for face in (draw_face(), *(draw_face(seed) for seed in range(20))):
        bottom = face.image[2 * PATCH :]
        np.testing.assert_allclose(bottom, np.broadcast_to(bottom[-1, 0], bottom.shape))
        assert not face.segments[2 * PATCH :].any()
        for corner in (face.image[0, 0], face.image[0, -1]):
            np.testing.assert_allclose(corner, bottom[-1, 0])


def test_parts_are_the_shares_of_the_segmentation() -> None:
    face = draw_face(3)
    for index, shares in enumerate(face.parts):
        row, col = divmod(index, GRID[1])
        patch = face.segments[row * PATCH : (row + 1) * PATCH, col * PATCH : (col + 1) * PATCH]
        counts = np.bincount(patch.ravel(), minlength=len(PARTS))
        np.testing.assert_allclose([shares[part] for part in PARTS], counts / PATCH**2)
        np.testing.assert_allclose(sum(shares.values()), 1)


def test_left_is_the_viewers_left() -> None:
    segments = draw_face().segments
    cols = {name: np.nonzero(segments == PARTS.index(name))[1].mean() for name in PARTS[3:]}
    assert cols["left eye"] < 32 < cols["right eye"]
    assert cols["nose"] < 32 < cols["mouth"]


def test_picture_is_anti_aliased_where_parts_meet() -> None:
    face = draw_face()
    colours = np.unique(face.image.reshape(-1, 3), axis=0)
    assert len(colours) > 100  # a dozen paints, and the blends along their edges


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_expression_keeps_the_labels_of_the_canonical_face(expression: str) -> None:
    face = draw_face(expression=expression)
    assert face.labels == sum(CANONICAL, ())
    assert face.expression == expression


def test_expressions_all_look_different() -> None:
    images = [draw_face(expression=expression).image for expression in EXPRESSIONS]
    for i, image in enumerate(images):
        for other in images[:i]:
            assert np.abs(image - other).max() > 0.1


def test_seed_is_reproducible_and_varies_place_colour_and_expression() -> None:
    np.testing.assert_array_equal(draw_face(5).image, draw_face(5).image)
    faces = [draw_face(seed) for seed in range(60)]
    assert {face.expression for face in faces} == set(EXPRESSIONS)
    for name in ("shift", "size", "skin", "hair", "iris", "background"):
        assert len({getattr(face.look, name) for face in faces}) > 3


def test_seeded_faces_keep_both_eyes_nose_and_mouth() -> None:
    for seed in range(60):
        shares = draw_face(seed).parts
        for part in PARTS[3:]:
            assert sum(patch[part] for patch in shares) > 0.03


def test_expression_and_look_override_the_seed() -> None:
    look = Look(skin="#000000", background="#ffffff")
    face = draw_face(4, expression="sad", look=look)
    assert face.expression == "sad"
    assert face.look is look
    np.testing.assert_allclose(face.image[-1, -1], 1)


def test_labels_follow_the_rule_of_the_most_telling_part() -> None:
    nothing = dict.fromkeys(PARTS, 0.0)
    assert most_telling(nothing | {"background": 1.0}) == "background"
    assert most_telling(nothing | {"skin": 1 - FEATURE_SHARE, "nose": FEATURE_SHARE}) == "nose"
    assert most_telling(nothing | {"skin": 0.97, "nose": 0.03}) == "skin"
    assert most_telling(nothing | {"nose": 0.1, "mouth": 0.2, "skin": 0.7}) == "mouth"
    assert most_telling(nothing | {"hair": SURFACE_SHARE, "background": 0.8}) == "hair"
    assert most_telling(nothing | {"hair": 0.19, "background": 0.81}) == "background"


def test_unknown_expression_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"smile, laugh.*'grin'"):
        draw_face(expression="grin")


def test_segments_that_do_not_divide_into_patches_are_an_error() -> None:
    with pytest.raises(ValueError, match=r"16-pixel patches, not \(20, 32\)"):
        part_shares(np.zeros((20, 32), dtype=np.int64))
