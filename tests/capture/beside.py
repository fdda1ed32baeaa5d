"""Captured maps beside the weights that a library itself gives, and outputs with and without.

`pytest tests/capture -k peers` prints the table at its end.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from tests.compare.parity import randomise
from vitexplain.capture import capture

Reference = Callable[[nn.Module, Tensor], Sequence[Tensor]]
CONTEXTS = (torch.no_grad, torch.inference_mode, torch.enable_grad)
TOLERANCES = {torch.float32: 1e-6, torch.float64: 1e-12}


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    library: str
    model: str
    how: str
    maps: int
    kinds: str
    float32: float  # largest difference of the maps
    float64: float
    identical: bool  # whether outputs with and without capture are, in every context and dtype


ROWS: list[Row] = []  # printed at the end of the run by conftest.py


def check(
    library: str,
    name: str,
    how: str,
    model: nn.Module,
    x: Tensor,
    own: Reference,
    float64: float = TOLERANCES[torch.float64],
) -> None:
    """Assert that maps equal a library's own and that no output moves; add the row.

    Args:
        own: the library's own weights, from a copy of the model, in order.
        float64: tolerance, for libraries whose softmax is in float32 whatever the model's dtype.
    """
    randomise(model, x)
    found, kinds, identical = {}, set(), True
    for dtype in TOLERANCES:
        model, x = model.to(dtype), x.to(dtype)
        with torch.no_grad():
            expected = own(deepcopy(model), x)
        for context in CONTEXTS:
            with context():
                plain = output_of(model(x))
                with capture(model) as maps:
                    watched = output_of(model(x))
            identical &= torch.equal(plain, watched)
            assert len(maps) == len(expected) > 0
            kinds |= {one.kind for one in maps}
            assert all(not one.weights.requires_grad for one in maps)
            assert not maps.ignored
            differences = [largest(a.weights, b) for a, b in zip(maps, expected, strict=True)]
            found[dtype] = max(found.get(dtype, 0.0), *differences)
        assert plain.std() > 0.01, "the output must not be flat"
        assert max(float(one.std(-1).mean()) for one in expected) > 1e-3, "nor the weights"
    names = ", ".join(sorted(kinds))
    single, double = found.values()
    row = Row(library, name, how, len(expected), names, single, double, identical)
    ROWS.append(row)
    assert row.float32 <= TOLERANCES[torch.float32], row
    assert row.float64 <= float64, row
    assert row.identical, row


def largest(ours: Tensor, theirs: Tensor) -> float:
    assert ours.shape == theirs.shape
    return float((ours - theirs).abs().max())


def output_of(result: Any) -> Tensor:
    """Return the tensor that a library may have wrapped."""
    for name in ("logits", "last_hidden_state"):
        result = getattr(result, name, result)
    return result[0] if isinstance(result, (tuple, list)) else result


def table() -> list[str]:
    """Return the lines of the table."""
    lines = [
        f"{'library':14} {'model':17} {'how':14} {'maps':>4}  {'kind':16} {'float32':>8}"
        f" {'float64':>8}  output with = without"
    ]
    for row in ROWS:
        lines.append(
            f"{row.library:14} {row.model:17} {row.how:14} {row.maps:4}  {row.kinds:16}"
            f" {row.float32:8.1e} {row.float64:8.1e}  {'every bit' if row.identical else 'NO'}"
        )
    return lines
