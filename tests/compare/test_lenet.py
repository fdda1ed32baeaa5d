"""LeNet-5 by the numbers that its paper prints, and by counting what each unit depends on."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from vitexplain.compare.cost import parameters
from vitexplain.compare.lenet import EVERY, TABLE, DigitsLeNet5, LeNet5, bitmaps, enlarged, squash

PRINTED = {  # LeCun et al. 1998, section II-B: maps, side, parameters, connections
    "C1": (6, 28, 156, 122_304),
    "S2": (6, 14, 12, 5_880),
    "C3": (16, 10, 1_516, 151_600),
    "S4": (16, 5, 32, 2_000),
    "C5": (120, 1, 48_120, 48_120),
    "F6": (84, 1, 10_164, 10_164),
}


@pytest.fixture(scope="module")
def lenet() -> LeNet5:
    torch.manual_seed(0)
    return LeNet5().double()


def test_each_layer_is_as_printed(lenet):
    assert {row.name: tuple(row[1:]) for row in LeNet5().rows()} == PRINTED
    assert parameters(lenet) == 60_000
    assert sum(row.connections for row in LeNet5().rows()) + 84 * 10 == 340_908


@pytest.mark.parametrize(
    ("name", "before"),
    [("S2", (6, 28, 28)), ("C3", (6, 14, 14)), ("S4", (16, 10, 10)), ("C5", (16, 5, 5))],
)
def test_connections_are_what_units_depend_on_and_a_bias_each(lenet, name, before):
    x = torch.randn(1, *before, dtype=torch.float64)
    layer = lenet.layers[name]
    slopes = torch.autograd.functional.jacobian(layer, x)
    assert isinstance(slopes, torch.Tensor)
    assert int((slopes != 0).sum()) + layer(x).numel() == PRINTED[name][3]


def test_c3_takes_its_maps_from_table_1(lenet):
    """Every run of three around the ring of six, every run of four, all but two opposite, all."""
    ring = {n: {tuple(sorted((s + k) % 6 for k in range(n))) for s in range(6)} for n in (3, 4)}
    assert set(TABLE[:6]) == ring[3]
    assert set(TABLE[6:12]) == ring[4]
    assert set(TABLE[12:15]) == {tuple(sorted({*range(6)} - {k, k + 3})) for k in range(3)}
    assert TABLE[15:] == (tuple(range(6)),)
    assert [sum(m in maps for maps in TABLE) for m in range(6)] == [10] * 6
    x = torch.randn(2, 6, 14, 14, dtype=torch.float64)
    layer, at = lenet.layers["C3"], 0
    for i, maps in enumerate(TABLE):
        kernels = layer.weight[at : at + len(maps)][None]
        one = F.conv2d(x[:, list(maps)], kernels, layer.bias[[i]])
        torch.testing.assert_close(layer(x)[:, [i]], one, atol=1e-12, rtol=0)
        at += len(maps)


def test_the_walk_ends_in_minus_the_distances_to_the_bitmaps(lenet):
    images = torch.randn(3, 1, 32, 32, dtype=torch.float64)
    steps = dict(lenet.walk(images))
    assert [*steps] == [*PRINTED, "output"]
    torch.testing.assert_close(lenet(images), steps["output"])
    distances = torch.cdist(steps["F6"], bitmaps().flatten(1).double()) ** 2
    torch.testing.assert_close(-distances, steps["output"])
    torch.testing.assert_close(
        squash(torch.tensor([-1.0, 0, 1])), torch.tensor([-1.0, 0, 1]), atol=1e-4, rtol=0
    )


def test_no_two_bitmaps_are_near_each_other():
    code = bitmaps()
    assert code.shape == (10, 12, 7)
    assert set(code.unique().tolist()) == {-1.0, 1.0}
    differ = (code.flatten(1)[:, None] != code.flatten(1)).sum(-1)
    assert int(differ[~torch.eye(10, dtype=torch.bool)].min()) >= 5


def test_variants_differ_in_what_their_names_say():
    assert parameters(LeNet5(EVERY)) - 60_000 == (96 - 60) * 25
    assert parameters(LeNet5(code=False)) - 60_000 == 850


def test_digits_are_set_in_the_middle_as_20_by_20():
    digits = torch.full((1, 1, 8, 8), 1.0)
    shown = enlarged(digits)[0, 0]
    assert shown.shape == (32, 32)
    inside = np.zeros((32, 32), bool)
    inside[6:26, 6:26] = True
    np.testing.assert_allclose(shown, np.where(inside, 1.175, -0.1), atol=1e-6)
    model = DigitsLeNet5()
    plain = LeNet5()
    plain.load_state_dict(model.state_dict())
    torch.testing.assert_close(model(digits), plain(enlarged(digits)))
    with pytest.raises(ValueError, match="batch, 1, 32, 32"):
        LeNet5()(digits)
