"""Results say what was measured; weights that are none are named."""

import pytest

from vitexplain.experiments import weights
from vitexplain.experiments.results import Interval


@pytest.mark.parametrize(
    ("low", "high", "cut"), [(0.2, 0.4, (0.2, 0.4)), (-0.1, 0.7, (0, 0.7)), (0.5, 1.1, (0.5, 1))]
)
def test_a_share_s_interval_is_cut_off_at_0_and_1(low, high, cut):
    one = Interval(0.3, low, high, 3)
    assert (one.cut.low, one.cut.high) == cut
    assert (one.cut.mean, one.cut.seeds, one.low) == (0.3, 3, low)


def test_unknown_weights_are_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="no weights 'gpt'; there are digits-cnn, "):
        weights.load("gpt")
    (tmp_path / "broken.safetensors").write_bytes(b"not weights")
    with pytest.raises(ValueError, match="broken is not a file of weights"):
        weights.load("broken", tmp_path)
