"""Figures of pictures: brightness, arrows, and the PNG inside."""

from typing import Any

import numpy as np

from tests.pictures import opened
from vitexplain.designed import designed_attention
from vitexplain.figures import patch_attention, patch_grid
from vitexplain.figures.pictures import channels_last
from vitexplain.figures.theme import LIGHT

designed = designed_attention()
face = designed.face
ROW = designed.head(0).weights[1]


def picture(figure: Any) -> np.ndarray:
    (trace,) = (trace for trace in figure.data if trace.type == "image")
    return opened(trace.source) / 255


def test_images_may_be_channel_first_or_grey() -> None:
    np.testing.assert_array_equal(channels_last(face.pixels), face.image)
    grey = channels_last(np.full((2, 5), 0.25))
    np.testing.assert_array_equal(grey, np.full((2, 5, 3), 0.25))


def test_brightness_of_a_patch_is_its_weight_relative_to_the_largest() -> None:
    figure: Any = patch_attention(ROW, image=np.ones((64, 64, 3)), grid=(4, 4))
    bright = picture(figure)[8::16, 8::16, 0].ravel()
    covered = 0.6 * (1 - np.sqrt(ROW / ROW.max()))
    np.testing.assert_allclose(bright, 1 - covered + covered * 48 / 255, atol=0.5 / 255)


def test_weights_are_in_the_figure_and_arrows_point_at_the_strongest() -> None:
    figure: Any = patch_attention(
        ROW, image=face.image, grid=(4, 4), query=1, labels=face.labels, strongest=3
    )
    (heatmap,) = (trace for trace in figure.data if trace.type == "heatmap")
    np.testing.assert_allclose(np.array(heatmap.z), ROW.reshape(4, 4))
    arrows = [note for note in figure.layout.annotations if note.showarrow]
    assert {(arrow.y, arrow.x) for arrow in arrows} == {(0, 2), (1, 2)}  # right eye, mouth
    assert {(arrow.ay, arrow.ax) for arrow in arrows} == {(0, 1)}
    widths = {(arrow.y, arrow.x): arrow.arrowwidth for arrow in arrows}
    assert widths[0, 2] > widths[1, 2]
    texts = {note.text for note in figure.layout.annotations if not note.showarrow}
    assert texts == {f"{ROW[i]:.3f}" for i in (1, 2, 6)}
    assert "right eye (0, 2) 0.3870, mouth (1, 2) 0.1424" in figure.layout.meta["alt"]
    assert figure.layout.meta["table"]["rows"][2] == ["right eye (0, 2)", "0.3870"]


def test_query_is_outlined_and_a_ring_shows_attention_to_itself() -> None:
    shapes: Any = patch_attention(ROW, image=face.image, grid=(4, 4), query=1).layout.shapes
    assert [shape.type for shape in shapes] == ["rect", "circle"]
    assert shapes[0].line.color == LIGHT["query"]
    assert (shapes[0].x0, shapes[0].y0) == (0.5, -0.5)
    shapes: Any = patch_attention(
        ROW, image=face.image, grid=(4, 4), query=1, strongest=1
    ).layout.shapes
    assert [shape.type for shape in shapes] == ["rect"]


def test_map_without_query_has_no_arrows() -> None:
    figure: Any = patch_attention(ROW, image=face.image, grid=(4, 4))
    assert not figure.layout.annotations
    assert figure.layout.meta["alt"].startswith("Attention over the picture")


def test_wide_pictures_keep_their_proportions() -> None:
    figure: Any = patch_attention(np.arange(1.0, 9.0), image=np.ones((3, 32, 64)), grid=(2, 4))
    assert figure.layout.yaxis.scaleanchor == "x"
    assert figure.layout.yaxis.scaleratio == 1
    stretched: Any = patch_attention([1.0, 2.0], image=np.ones((3, 32, 32)), grid=(2, 1))
    assert stretched.layout.yaxis.scaleratio == 0.5  # a patch is half as high as wide


def test_patch_grid_shows_every_patch_apart_with_its_number_and_label() -> None:
    figure: Any = patch_grid(face.image, grid=(4, 4), labels=face.labels)
    apart = picture(figure)
    height, width = apart.shape[0] // 4, (apart.shape[1] + 1) // 4
    for index in range(16):
        i, j = divmod(index, 4)
        patch = apart[i * height : i * height + 16, j * width : j * width + 16]
        drawn = face.image[16 * i : 16 * i + 16, 16 * j : 16 * j + 16]
        np.testing.assert_allclose(patch[..., :3], drawn, atol=0.5 / 255)
        assert (patch[..., 3] == 1).all()
    assert (apart[..., 3] == 0).any()
    texts = [note.text for note in figure.layout.annotations]
    assert texts[1] == "<b>1</b> left eye"
    assert figure.layout.meta["table"]["rows"][6] == [6, 1, 2, "mouth"]
