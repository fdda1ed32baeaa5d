"""The package is loaded on first use, and says what it needs."""

import subprocess
import sys

import pytest

from vitexplain import checkpoints
from vitexplain.extras import install


def output(code: str) -> list[str]:
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


def test_torch_is_loaded_on_first_use_and_the_extra_is_named_without_safetensors(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(bytes([2] + 7 * [0]) + b"{}")
    code = f"""
import sys, vitexplain.checkpoints as c
print("torch" in sys.modules, issubclass(c.CheckpointError, ValueError))
c.load
print("torch" in sys.modules, "huggingface_hub" in sys.modules)
sys.modules["safetensors"] = None
try:
    c.load({str(tmp_path)!r})
except ModuleNotFoundError as error:
    print(error)
"""
    first, second, third = output(code)
    assert (first, second) == ("False True", "True False")
    assert install("torch") in third


def test_without_torch_the_extra_is_named():
    code = """
import sys
sys.modules["torch"] = None
from vitexplain import checkpoints
try:
    checkpoints.load("model.pth")
except ModuleNotFoundError as error:
    print(error)
"""
    assert install("torch") in output(code)[0]


def test_names():
    assert set(checkpoints.__all__) <= set(dir(checkpoints))
    with pytest.raises(AttributeError, match="no attribute 'loads'"):
        _ = checkpoints.loads
