"""The designed attention: exact embedding, and every claim that the tour makes about it."""

import numpy as np
import pytest
import torch

from vitexplain.designed import FEATURES, LINE, Designed, designed_attention, kinds, weights
from vitexplain.faces import GRID, PATCH, draw_face

LEFT_EYE, RIGHT_EYE, NOSE, MOUTH = 1, 2, 5, 6
LEFT_HAIR, RIGHT_HAIR, LEFT_CHEEK, RIGHT_CHEEK = 0, 3, 4, 7
BACKGROUND = list(range(8, 16))
TWINS = [(LEFT_EYE, RIGHT_EYE), (LEFT_HAIR, RIGHT_HAIR), (LEFT_CHEEK, RIGHT_CHEEK)]


@pytest.fixture(scope="module")
def designed() -> Designed:
    return designed_attention()


def partners(designed: Designed) -> np.ndarray:
    return np.asarray(designed.head(0).weights)


def neighbours(designed: Designed) -> np.ndarray:
    return np.asarray(designed.head(1).weights)


def test_labels_used_in_these_tests(designed: Designed) -> None:
    labels = designed.face.labels
    assert (labels[LEFT_EYE], labels[RIGHT_EYE]) == ("left eye", "right eye")
    assert (labels[NOSE], labels[MOUTH]) == ("nose", "mouth")
    assert [i for i, label in enumerate(labels) if label == "background"] == BACKGROUND


@pytest.mark.parametrize("seed", [None, *range(8)])
def test_embedding_sends_every_patch_to_its_part_without_residual(seed: int | None) -> None:
    designed = designed_attention(draw_face(seed))
    np.testing.assert_allclose(designed.content, kinds(designed.face), atol=1e-9)
    np.testing.assert_array_equal(designed.content.sum(axis=1).round(9), 1)


def test_embedding_is_a_convolution_whose_stride_is_the_patch(designed: Designed) -> None:
    kernel = torch.tensor(designed.w_embed.T.reshape(len(FEATURES), 3, PATCH, PATCH).copy())
    picture = torch.tensor(designed.face.pixels)[None]
    features = torch.nn.functional.conv2d(picture, kernel, stride=PATCH)
    np.testing.assert_allclose(
        features[0].flatten(1).T.numpy(), designed.content, rtol=0, atol=1e-12
    )


def test_tokens_are_content_plus_positions_and_positions_are_unit_points(
    designed: Designed,
) -> None:
    np.testing.assert_allclose(designed.tokens, designed.content + designed.positions)
    np.testing.assert_array_equal(designed.positions[:, :6], 0)
    np.testing.assert_array_equal(designed.positions[:, 6:8], np.tile(LINE, (GRID[0], 1)))
    np.testing.assert_allclose(np.linalg.norm(LINE, axis=1), 1)
    near = np.array(LINE) @ np.array(LINE).T
    for place in range(4):  # the nearer the place, the larger the product
        order = np.abs(np.arange(4) - place)
        for i in range(4):
            assert all(near[place, i] > near[place, j] for j in range(4) if order[j] > order[i])


def test_heads_follow_from_the_matrices(designed: Designed) -> None:
    query, key = designed.tokens @ designed.w_q[:, :4], designed.tokens @ designed.w_k[:, :4]
    scaled = query @ key.T / 2
    expected = np.exp(scaled) / np.exp(scaled).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(partners(designed), expected)
    np.testing.assert_allclose(designed.head(1).query, designed.tokens @ designed.w_q[:, 4:])


def test_entries_of_the_designed_matrices_are_small_round_numbers() -> None:
    for matrix in weights():
        np.testing.assert_array_equal(matrix, matrix.round())
        assert np.abs(matrix).max() <= 4


def test_left_eye_looks_at_right_eye_most_then_mouth_and_hardly_at_background(
    designed: Designed,
) -> None:
    row = partners(designed)[LEFT_EYE]
    assert list(np.argsort(-row)[:2]) == [RIGHT_EYE, MOUTH]
    np.testing.assert_allclose(row[RIGHT_EYE], 0.39, atol=0.02)
    assert row[RIGHT_EYE] > 2 * np.sort(row)[-2]
    assert row[BACKGROUND].max() < 0.03
    np.testing.assert_allclose(row[BACKGROUND].mean(), 0.015, atol=0.005)


@pytest.mark.parametrize(("left", "right"), TWINS)
def test_twins_look_at_each_other_most(designed: Designed, left: int, right: int) -> None:
    weights = partners(designed)
    assert weights[left].argmax() == right
    assert weights[right].argmax() == left
    np.testing.assert_allclose(weights[left, right], weights[right, left])


def test_nose_and_mouth_look_at_the_eye_across_and_at_each_other(designed: Designed) -> None:
    weights = partners(designed)
    assert list(np.argsort(-weights[NOSE])[:2]) == [RIGHT_EYE, MOUTH]
    assert list(np.argsort(-weights[MOUTH])[:2]) == [LEFT_EYE, NOSE]


def test_background_looks_at_background(designed: Designed) -> None:
    shares = partners(designed)[np.ix_(BACKGROUND, BACKGROUND)].sum(axis=1)
    assert shares.min() > 0.85


def test_output_of_partners_is_the_share_on_each_kind(designed: Designed) -> None:
    row, output = partners(designed)[LEFT_EYE], designed.head(0).output[LEFT_EYE]
    shares = [row[[LEFT_EYE, RIGHT_EYE]].sum(), row[NOSE], row[MOUTH], row[BACKGROUND].sum()]
    np.testing.assert_allclose(output, shares, rtol=0, atol=1e-9)


def test_every_patch_attends_to_itself_most_in_neighbours_then_beside_it(
    designed: Designed,
) -> None:
    weights = neighbours(designed)
    np.testing.assert_array_equal(weights.argmax(axis=1), np.arange(16))
    for patch in range(16):
        second = int(np.argsort(-weights[patch])[1])
        steps = np.abs(np.subtract(divmod(patch, 4), divmod(second, 4))).sum()
        assert steps == 1


def test_output_of_neighbours_is_the_mean_place_looked_at(designed: Designed) -> None:
    np.testing.assert_allclose(
        designed.head(1).output, neighbours(designed) @ designed.positions[:, 6:], atol=1e-12
    )


def test_without_positions_the_eyes_are_one_token_and_neighbours_is_blind() -> None:
    blind = designed_attention(positions=False)
    weights = partners(blind)
    np.testing.assert_allclose(blind.tokens[LEFT_EYE], blind.tokens[RIGHT_EYE], atol=1e-9)
    np.testing.assert_allclose(weights[LEFT_EYE], weights[RIGHT_EYE], atol=1e-9)
    np.testing.assert_allclose(weights[LEFT_EYE, LEFT_EYE], weights[LEFT_EYE, RIGHT_EYE])
    for patch in BACKGROUND:
        np.testing.assert_allclose(weights[patch], weights[BACKGROUND[0]], atol=1e-9)
    np.testing.assert_allclose(neighbours(blind), 1 / 16, atol=1e-9)


def test_output_is_the_heads_side_by_side_put_back_by_w_o(designed: Designed) -> None:
    merged = np.hstack([designed.head(0).output, designed.head(1).output])
    np.testing.assert_allclose(designed.attention.output, merged @ designed.w_o)


def test_no_third_head(designed: Designed) -> None:
    with pytest.raises(ValueError, match="head must be 0 to 1, not 2"):
        designed.head(2)
