"""Bad files: each gives one line that says what was found and expected, and none runs anything.

`pytest tests/checkpoints -k hostile` prints the table.
"""

import resource
from contextlib import suppress

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.checkpoints.hostile import BAD, Evil
from tests.checkpoints.libraries import before_1_6, npz, pth, safetensors, tiny_timm
from tests.tables import TABLES
from vitexplain import checkpoints
from vitexplain.checkpoints import CheckpointError
from vitexplain.checkpoints.checks import check_stored


@pytest.mark.rejects
@pytest.mark.parametrize("what", BAD)
def test_hostile(what, tmp_path):
    make, said = BAD[what]
    path = make(tmp_path)
    before = resource.getrusage(resource.RUSAGE_SELF)
    with pytest.raises(CheckpointError) as caught:
        checkpoints.load(path)
    after = resource.getrusage(resource.RUSAGE_SELF)
    seconds = after.ru_utime - before.ru_utime  # the processor's: what others do does not count
    grown = after.ru_maxrss - before.ru_maxrss  # kilobytes, at its most
    TABLES["checkpoints: bad files, and the one line that each gives"].append(
        f"{what}: {caught.value}"
    )
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500
    assert not (tmp_path / "executed").exists(), "the file was executed"
    assert seconds < 10
    assert grown < 100_000, "a bad file must not fill the memory"


@pytest.mark.rejects
@pytest.mark.parametrize("write", [safetensors, pth, before_1_6, npz()])
@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_hostile_bytes_anywhere_give_a_model_or_the_error(write, data, tmp_path):
    """Any bytes changed, and the end cut off: never another exception, never a crash."""
    sizes = {"img_size": 16, "depth": 1, "mlp_ratio": 0.25, "num_classes": 3}
    path = write(tiny_timm(**sizes), tmp_path)
    content = bytearray(path.read_bytes())
    length = len(content)
    # where the structure is: the first bytes and the last, rather than the weights between
    places = st.one_of(st.integers(0, 6000), st.integers(-14_000, -1), st.integers(0, length - 1))
    for place in data.draw(st.lists(places, min_size=1, max_size=5)):
        content[place % length] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.one_of(st.just(length), st.integers(1, length)))])
    with suppress(CheckpointError):
        checkpoints.load(path)


@pytest.mark.rejects
@pytest.mark.parametrize(
    "tensor",
    [torch.eye(2).to_sparse(), torch.empty(2, device="meta"), torch.zeros(1).expand(9)],
    ids=["sparse", "without numbers", "repeated"],
)
def test_what_torch_could_hand_on_is_checked_as_well(tensor):
    with pytest.raises(CheckpointError, match=r"not a plain dense tensor|the file stores 1"):
        check_stored({"head.weight": tensor})


@pytest.mark.rejects
def test_hostile_pickles_do_act_when_opened_without_care(tmp_path):
    """The proof that the proof is one: the same pickle, opened as it must not be."""
    torch.save({"epoch": Evil(tmp_path)}, tmp_path / "model.pth")
    assert not (tmp_path / "executed").exists()
    torch.load(tmp_path / "model.pth", weights_only=False)
    assert (tmp_path / "executed").exists()
