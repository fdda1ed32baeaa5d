"""Temperature, calibration error and scores, against what is known of made logits."""

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from studies.certainty import (
    calibration_error,
    certainty,
    energy,
    others,
    temperature,
    told_apart,
)
from vitexplain.experiments.datasets import Dataset, Labelled


@pytest.fixture(scope="module")
def drawn() -> tuple[torch.Tensor, torch.Tensor]:
    """Logits, and labels drawn from their softmax: the model is exactly as sure as it may be."""
    generator = torch.Generator().manual_seed(0)
    logits = 2 * torch.randn(20_000, 10, generator=generator)
    return logits, torch.multinomial(logits.softmax(-1), 1, generator=generator)[:, 0]


@pytest.mark.parametrize("factor", [0.25, 1.0, 3.0])
def test_the_temperature_undoes_a_scaling(drawn, factor):
    logits, labels = drawn
    assert temperature(factor * logits, labels) == pytest.approx(factor, rel=0.03)


def test_a_model_that_is_as_sure_as_it_may_be_has_no_calibration_error(drawn):
    logits, labels = drawn
    assert calibration_error(logits, labels) < 0.02
    assert calibration_error(3 * logits, labels) > 0.1
    assert calibration_error(3 * logits, labels, temperature=3) == pytest.approx(
        calibration_error(logits, labels)
    )


def test_calibration_error_by_hand():
    logits = torch.tensor([[np.log(3.0), 0.0], [np.log(3.0), 0.0], [0.0, np.log(9.0)]])
    # Two say .75, one of them rightly; one says .9, rightly: (|1 - 1.5| + |1 - .9|) / 3.
    assert calibration_error(logits, torch.tensor([0, 1, 1])) == pytest.approx(0.6 / 3)


def test_energy_by_hand():
    found = energy(torch.tensor([[0.0, 0.0], [np.log(3.0), 0.0]]))
    np.testing.assert_allclose(found, [-np.log(2), -np.log(4)], rtol=1e-6)


@pytest.mark.parametrize("ties", [False, True])
def test_told_apart_is_the_area_that_scikit_learn_finds(ties):
    generator = torch.Generator().manual_seed(1)
    known = torch.randn(300, generator=generator)
    other = torch.randn(200, generator=generator) + 1
    if ties:
        known, other = known.round(), other.round()
    labels = np.repeat([0, 1], [300, 200])
    expected = roc_auc_score(labels, torch.cat([known, other]))
    assert told_apart(known, other) == pytest.approx(expected)
    assert told_apart(other, known) == pytest.approx(1 - expected)


def test_what_is_chosen_on_the_validation_pictures_and_measured_on_others():
    class Bright(torch.nn.Module):
        """Says class 1 for a bright picture, class 0 for a dark one, the surer the further."""

        def forward(self, images):
            light = images.mean((1, 2, 3))
            return 8 * torch.stack([-light, light], -1)

    light = torch.linspace(-0.9, 0.9, 400)
    images = light[:, None, None, None].expand(-1, 3, 32, 32)
    part = Labelled(images, (light > 0).long())
    found = certainty(Bright(), Dataset("made", 2, part, part, part))
    assert 0 < found["temperature"] < 1  # it is always right, and may be surer
    errors = found["calibration error"]
    assert errors["with the temperature"] < errors["as trained"]
    assert found["refused"]["test"] == pytest.approx(0.05, abs=0.01)
    assert found["refused"]["noise"] == 1  # as grey as none of them
    assert found["told apart"]["noise"]["by energy"] > 0.98
    assert set(others()) == {"digits", "drawn faces", "noise"}
    for pictures in others().values():
        assert pictures.shape[1:] == (3, 32, 32)
        assert -1 <= pictures.min() < pictures.max() <= 1
