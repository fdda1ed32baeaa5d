"""Temperature, calibration error and scores, against what is known of made logits."""

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from studies.certainty import calibration_error, energy, temperature, told_apart


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
