"""The designed attention: exact embedding, and every claim that the tour makes about it."""

import numpy as np
import pytest
import torch

from vitexplain.designed import FEATURES, LINE, designed_attention, kinds, weights
from vitexplain.faces import GRID, PATCH, draw_face

LEFT_EYE, RIGHT_EYE, NOSE, MOUTH = 1, 2, 5, 6
LEFT_HAIR, RIGHT_HAIR, LEFT_CHEEK, RIGHT_CHEEK = 0, 3, 4, 7
BACKGROUND = list(range(8, 16))
TWINS = [(LEFT_EYE, RIGHT_EYE), (LEFT_HAIR, RIGHT_HAIR), (LEFT_CHEEK, RIGHT_CHEEK)]


@pytest.fixture(scope="module")
def designed():
    return designed_attention()


@pytest.fixture(scope="module")
def partners(designed):
    return designed.head(0).weights


@pytest.fixture(scope="module")
def neighbours(designed):
    return designed.head(1).weights


def test_labels_used_in_these_tests(designed):
    labels = designed.face.labels
    assert (labels[LEFT_EYE], labels[RIGHT_EYE]) == ("left eye", "right eye")
    assert (labels[NOSE], labels[MOUTH]) == ("nose", "mouth")
    assert [i for i, label in enumerate(labels) if label == "background"] == BACKGROUND


@pytest.mark.parametrize("seed", [None, *range(8)])
def test_embedding_sends_every_patch_to_its_part_without_residual(seed):
    designed = designed_attention(draw_face(seed))
    np.testing.assert_allclose(designed.content, kinds(designed.face), atol=1e-9)
    np.testing.assert_array_equal(designed.content.sum(axis=1).round(9), 1)


def test_embedding_is_a_convolution_whose_stride_is_the_patch(designed):
    kernel = torch.tensor(designed.w_embed.T.reshape(len(FEATURES), 3, PATCH, PATCH).copy())
    picture = torch.tensor(designed.face.pixels)[None]
    features = torch.nn.functional.conv2d(picture, kernel, stride=PATCH)
    np.testing.assert_allclose(features[0].flatten(1).T, designed.content, rtol=0, atol=1e-12)


def test_tokens_are_content_plus_positions_and_positions_are_unit_points(designed):
    np.testing.assert_allclose(designed.tokens, designed.content + designed.positions)
    np.testing.assert_array_equal(designed.positions[:, :6], 0)
    np.testing.assert_array_equal(designed.positions[:, 6:8], np.tile(LINE, (GRID[0], 1)))
    np.testing.assert_allclose(np.linalg.norm(LINE, axis=1), 1)
    near = np.array(LINE) @ np.array(LINE).T
    for place in range(4):  # the nearer the place, the larger the product
        order = np.abs(np.arange(4) - place)
        for i in range(4):
            assert all(near[place, i] > near[place, j] for j in range(4) if order[j] > order[i])


def test_heads_follow_from_the_matrices(designed, partners):
    query, key = designed.tokens @ designed.w_q[:, :4], designed.tokens @ designed.w_k[:, :4]
    scaled = query @ key.T / 2
    np.testing.assert_allclose(partners, np.exp(scaled) / np.exp(scaled).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(designed.head(1).query, designed.tokens @ designed.w_q[:, 4:])
    merged = np.hstack([designed.head(0).output, designed.head(1).output])
    np.testing.assert_allclose(designed.attention.output, merged @ designed.w_o)
    with pytest.raises(ValueError, match="head must be 0 to 1, not 2"):
        designed.head(2)


@pytest.mark.parametrize("matrix", weights())
def test_entries_of_the_designed_matrices_are_small_round_numbers(matrix):
    np.testing.assert_array_equal(matrix, matrix.round())
    assert np.abs(matrix).max() <= 4


def test_left_eye_looks_at_right_eye_most_then_mouth_and_hardly_at_background(partners):
    row = partners[LEFT_EYE]
    assert list(np.argsort(-row)[:2]) == [RIGHT_EYE, MOUTH]
    np.testing.assert_allclose(row[RIGHT_EYE], 0.39, atol=0.02)
    assert row[RIGHT_EYE] > 2 * np.sort(row)[-2]
    assert row[BACKGROUND].max() < 0.03
    np.testing.assert_allclose(row[BACKGROUND].mean(), 0.015, atol=0.005)


@pytest.mark.parametrize(("left", "right"), TWINS)
def test_twins_look_at_each_other_most(partners, left, right):
    assert (partners[left].argmax(), partners[right].argmax()) == (right, left)
    np.testing.assert_allclose(partners[left, right], partners[right, left])


def test_nose_and_mouth_look_at_the_eye_across_and_at_each_other(partners):
    assert list(np.argsort(-partners[NOSE])[:2]) == [RIGHT_EYE, MOUTH]
    assert list(np.argsort(-partners[MOUTH])[:2]) == [LEFT_EYE, NOSE]


def test_background_looks_at_background(partners):
    assert partners[np.ix_(BACKGROUND, BACKGROUND)].sum(axis=1).min() > 0.85


def test_output_of_partners_is_the_share_on_each_kind(designed, partners):
    row, output = partners[LEFT_EYE], designed.head(0).output[LEFT_EYE]
    shares = [row[[LEFT_EYE, RIGHT_EYE]].sum(), row[NOSE], row[MOUTH], row[BACKGROUND].sum()]
    np.testing.assert_allclose(output, shares, rtol=0, atol=1e-9)


def test_every_patch_attends_to_itself_most_in_neighbours_then_beside_it(neighbours):
    np.testing.assert_array_equal(neighbours.argmax(axis=1), np.arange(16))
    for patch, row in enumerate(neighbours):
        second = divmod(int(np.argsort(-row)[1]), 4)
        assert np.abs(np.subtract(divmod(patch, 4), second)).sum() == 1


def test_output_of_neighbours_is_the_mean_place_looked_at(designed, neighbours):
    mean = neighbours @ designed.positions[:, 6:]
    np.testing.assert_allclose(designed.head(1).output, mean, atol=1e-12)


def test_without_positions_the_eyes_are_one_token_and_neighbours_is_blind():
    blind = designed_attention(positions=False)
    partners, neighbours = (blind.head(head).weights for head in range(2))
    np.testing.assert_allclose(blind.tokens[LEFT_EYE], blind.tokens[RIGHT_EYE], atol=1e-9)
    np.testing.assert_allclose(partners[LEFT_EYE], partners[RIGHT_EYE], atol=1e-9)
    np.testing.assert_allclose(partners[LEFT_EYE, LEFT_EYE], partners[LEFT_EYE, RIGHT_EYE])
    for row in partners[BACKGROUND]:
        np.testing.assert_allclose(row, partners[BACKGROUND[0]], atol=1e-9)
    np.testing.assert_allclose(neighbours, 1 / 16, atol=1e-9)
