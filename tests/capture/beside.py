"""Captured maps beside the weights that a library itself gives, and outputs with and without.

`pytest tests/capture -k peers` prints the table at its end.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn

from tests.compare.parity import randomise
from tests.tables import TABLES
from vitexplain.capture import Maps, capture

Reference = Callable[[nn.Module, Tensor], Sequence[Tensor]]
CONTEXTS = (torch.no_grad, torch.inference_mode, torch.enable_grad)
TOLERANCES = {torch.float32: 1e-6, torch.float64: 1e-12}


TITLE = "captured attention beside the libraries' own eager weights"


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
    single, double = found.values()
    row = (
        f"{library:14} {name:17} {how:14} {len(expected):4} maps  {', '.join(sorted(kinds)):16} "
        f"float32 {single:.1e}, float64 {double:.1e}, output the same: {identical}"
    )
    TABLES[TITLE].append(row)
    assert single <= TOLERANCES[torch.float32], row
    assert double <= float64, row
    assert identical, row


def maps_of(model: nn.Module, *given: Any, **options: Any) -> Maps:
    """The maps of one run of a model; options are those of `capture`."""
    with capture(model, **options) as maps:
        model(*given)
    return maps


def largest(ours: Tensor, theirs: Tensor) -> float:
    assert ours.shape == theirs.shape
    return float((ours - theirs).abs().max())


def output_of(result: Any) -> Tensor:
    """Return the tensor that a library may have wrapped."""
    for name in ("logits", "last_hidden_state"):
        result = getattr(result, name, result)
    return result[0] if isinstance(result, (tuple, list)) else result
