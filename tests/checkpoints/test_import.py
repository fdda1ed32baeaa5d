"""The package is loaded on first use, and says what it needs."""

import subprocess
import sys

import pytest

from vitexplain import checkpoints


def output(code: str) -> list[str]:
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


def test_torch_is_loaded_on_first_use():
    code = """
import sys, vitexplain.checkpoints as c
print("torch" in sys.modules, issubclass(c.CheckpointError, ValueError))
c.load
print("torch" in sys.modules, "huggingface_hub" in sys.modules)
"""
    assert output(code) == ["False True", "True False"]


@pytest.mark.parametrize("library", ["torch", "safetensors"])
def test_without_a_library_the_extra_is_named(library, tmp_path):
    (tmp_path / "model.safetensors").write_bytes(bytes([2] + 7 * [0]) + b"{}")
    code = f"""
import sys
sys.modules["{library}"] = None
from vitexplain import checkpoints
try:
    checkpoints.load({str(tmp_path)!r})
except ModuleNotFoundError as error:
    print(error)
"""
    assert "pip install 'vitexplain[torch]'" in output(code)[0]


def test_names():
    assert set(checkpoints.__all__) <= set(dir(checkpoints))
    with pytest.raises(AttributeError, match="no attribute 'loads'"):
        _ = checkpoints.loads
