"""The lesson on convolutions as a reader gets it: its sums, its table, what the runs say."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from tests.compare.test_lenet import PRINTED
from tests.explainers.pages import numbers, result, table
from tests.explainers.study_runs import percent, runs, written
from vitexplain.faces import draw_face

FEW, ALL = 100, 1097
LENETS = ("lenet", "lenet, every map", "lenet, linear")


@pytest.fixture(scope="module")
def image() -> torch.Tensor:
    """The face of the page: greys of its top half, two pixels made one."""
    grey = torch.tensor(draw_face().image.mean(-1)[:32])
    return F.avg_pool2d(grey[None, None], 2)


def test_the_first_sum_is_that_of_its_products(lesson, figures, image):
    found = F.conv2d(image, torch.tensor([[[[-1.0, 0, 1]] * 3]], dtype=torch.float64))[0, 0]
    shown = numbers(result(lesson, "walk.windows[6, 12]"))
    assert shown[-1] == pytest.approx(float(found[6, 12]), abs=0.006)
    [slider] = figures[0]["layout"]["sliders"]
    assert len(slider["steps"]) == 7 * 15
    assert slider["steps"][slider["active"]]["label"] == "row 6, column 12"


def test_a_map_is_as_large_as_torch_makes_it(lesson, image):
    for stride, padding, size in table(lesson, "stride", "padding"):
        made = F.conv2d(image, torch.ones(1, 1, 3, 3).double(), None, int(stride), int(padding))
        assert size == "{} × {}".format(*made.shape[-2:])


def test_a_convolution_moves_with_the_face_and_a_stride_breaks_it(lesson):
    rows = table(lesson, "by one pixel")
    assert rows[0][1:] == ["0", "0"]
    assert all(float(one) > 0.5 and two == "0" for _, one, two in rows[1:])


def test_lenet_s_table_is_the_paper_s(lesson):
    found = {row[0]: row[2:] for row in table(lesson, "connections")}
    assert found == {
        name: [f"{maps} of {side} × {side}", f"{count:,}", f"{wired:,}"]
        for name, (maps, side, count, wired) in PRINTED.items()
    }
    assert result(lesson, "built = LeNet5().rows()") == "60000"


def test_bars_and_sentences_are_the_runs(figures, prose):
    drawn = [x for trace in figures[-1]["data"] if trace["type"] == "bar" for x in trace["x"]]
    assert len(drawn) == 10
    for images in (FEW, ALL):
        for family in LENETS:
            seeds = runs("lenet", family=family, images=images)
            assert np.isclose(drawn, percent(seeds)[0], atol=0.051).any()
        vit = runs("data-hunger-digits", family="vit", images=images, augment=True)
        assert written(vit) in prose
        assert written(runs("lenet", family="lenet, linear", images=images)) in prose


def test_what_it_concludes_is_so():
    few, many = (
        {family: percent(runs("lenet", family=family, images=n)) for family in LENETS}
        for n in (FEW, ALL)
    )
    paper, every, linear = (many[family] for family in LENETS)
    assert paper[1] < every[2]  # the table costs nothing that three seeds could show
    assert every[1] < paper[2]
    assert linear[1] > max(paper[0], every[0])
    vit = percent(runs("data-hunger-digits", family="vit", images=ALL, augment=True))
    assert linear[1] > vit[2]
    assert few["lenet, linear"][0] > 76.7
