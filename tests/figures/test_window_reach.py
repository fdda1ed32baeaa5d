"""Whom a token asks, against Swin's own attention."""

from typing import Any

import numpy as np
import pytest
import torch

from vitexplain.compare.effective import effective_field
from vitexplain.compare.swin import Swin, SwinConfig
from vitexplain.figures import window_reach


def drawn(figure: Any) -> list[np.ndarray]:
    return [np.asarray(trace.z) for trace in figure.data]


def test_counts_of_swins_first_stage() -> None:
    figure: Any = window_reach((56, 56), 7, (25, 30))
    rows = figure.layout.meta["table"]["rows"]
    assert [row[1] for row in rows] == [3136, 49, 4 * 49]
    assert rows[1][2] == "1.56%"
    for levels, count in zip(drawn(figure), (3136, 49, 196), strict=True):
        assert (levels > 0).sum() == count
        assert np.argwhere(levels == 255).tolist() == [[25, 30]]


@pytest.mark.parametrize("query", [(0, 0), (3, 5), (7, 4), (6, 7)])
def test_a_swin_reaches_what_is_drawn(query: tuple[int, int]) -> None:
    torch.manual_seed(0)
    images = torch.randn(1, 3, 8, 8).double()
    _, *drawings = drawn(window_reach((8, 8), 4, query))
    for depth, drawing in zip((1, 2), drawings, strict=True):
        config = SwinConfig(
            image_size=8, patch=1, dim=16, depths=(depth,), heads=(2,), window=4, classes=2
        )
        field = effective_field(Swin(config).double(), images, place=query)
        np.testing.assert_array_equal(field.numpy() > 0, drawing > 0)


def test_a_token_at_the_border_has_the_rest_of_a_window() -> None:
    _, one, two = drawn(window_reach((8, 8), 4, (0, 0)))
    assert (one > 0).sum() == 16
    assert (two > 0).sum() == 16  # it asks a corner of 2 × 2, all of one window
