"""The shapes in the annotations hold: the tests of the numbers run again with them checked."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
CHECKED = [
    f"tests/test_{name}.py"
    for name in (
        "attention", "patches", "positions", "layers", "vit", "looking", "reading",
    )
] + [
    f"tests/compare/test_{name}.py"
    for name in (
        "networks", "resnet", "convnext", "swin", "stem", "hybrid", "coatnet", "distance",
        "symmetry",
    )
] + ["tests/reading"]  # fmt: skip


def test_numbers_with_shapes_checked():
    command = [
        sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
        "--hypothesis-profile=few", "-m", "not rejects", "-k", "not compile and not published",
        "--jaxtyping-packages=vitexplain,tests.checker", *CHECKED,
    ]  # fmt: skip
    result = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout[-4000:]


def test_a_wrong_shape_is_caught():
    code = """
import numpy as np
from jaxtyping import TypeCheckError, install_import_hook
with install_import_hook("vitexplain", "tests.checker"):
    from vitexplain.attention import Attention
matrix = np.ones((2, 3))
try:
    Attention(matrix, matrix, matrix, matrix, matrix, matrix, matrix)
except TypeCheckError as error:
    print("caught")
"""
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=HERE.parent, capture_output=True, text=True
    )
    assert result.stdout.strip() == "caught", result.stderr
