"""NumPy in float32, torch and ONNX Runtime compute what NumPy computes in float64.

`pytest tests/export/test_parity.py -s` prints the table. A difference is the largest of an array,
divided by its largest number where that is above 1; so weights differ by what it says.
"""

import numpy as np
import pytest
import torch

from tests.export.cases import MODELS, Case, cases, compute, graph_of, single, tensor
from vitexplain import export

LIMIT = 1e-5
WAYS = ("NumPy float32", "torch", "ONNX Runtime")


def answers(case: Case) -> dict[str, dict[str, np.ndarray]]:
    with torch.no_grad():
        return {
            "NumPy float32": compute(case.graph, case.feeds, single),
            "torch": compute(case.graph, case.feeds, tensor),
            "ONNX Runtime": export.run(graph_of(case), case.feeds),
        }


@pytest.fixture(scope="module")
def table() -> dict[str, dict[str, dict[str, float]]]:
    """For each case and way of computing, each output's difference."""
    return {
        case.name: {
            way: export.difference(found, case.expected) for way, found in answers(case).items()
        }
        for case in cases()
    }


def text(table: dict[str, dict[str, dict[str, float]]]) -> str:
    """Return the table: the largest difference of the weights, and of all other outputs."""
    lines = [f"{'difference from NumPy float64':<44}" + "".join(f"{way:>24}" for way in WAYS)]
    lines += [" " * 44 + "       weights   all else" * len(WAYS)]
    for name, ways in table.items():
        cells = []
        for way in WAYS:
            of = {one.startswith("weights"): 0.0 for one in ways[way]}
            for one, x in ways[way].items():
                of[one.startswith("weights")] = max(of[one.startswith("weights")], x)
            cells.append(f"{of[True]:14.1e}{of[False]:10.1e}")
        lines.append(f"{name:<44}" + "".join(cells))
    return "\n".join(lines)


def test_all_agree(table):
    print(f"\n{text(table)}")
    furthest = max(x for ways in table.values() for one in ways.values() for x in one.values())
    assert 0 < furthest <= LIMIT


def test_every_graph_and_every_output_is_compared(table):
    graphs = {case.graph for case in cases()}
    assert graphs == set(export.graphs()) == {"sentence", "face-designed", *MODELS}
    for case in cases():
        short = {name.partition(".")[0] for name in table[case.name]["ONNX Runtime"]}
        assert short == set(export.about(graph_of(case))["outputs"])


def test_the_difference_is_seen():
    """Weights shifted by one token, or a matrix transposed, are no rounding."""
    case = next(case for case in cases() if case.name == "sentence: random, 4 tokens")
    found = export.run(graph_of(case), case.feeds | {"w_q": case.feeds["w_q"].T})
    assert export.difference(found, case.expected)["weights"] > 100 * LIMIT
    rolled = {"weights": np.roll(case.expected["weights"], 1, axis=-1)}
    assert export.difference(rolled, {"weights": case.expected["weights"]})["weights"] > 100 * LIMIT


def test_the_outputs_of_a_small_number_differ_in_absolute_terms():
    found = export.difference({"a": np.array([0.5])}, {"a": np.array([0.25])})
    assert found == {"a": 0.25}
    assert export.difference({"a": np.array([6.0])}, {"a": np.array([4.0])}) == {"a": 0.5}
    with pytest.raises(ValueError, match="shapes differ"):
        export.difference({"a": np.zeros(2)}, {"a": np.zeros(1)})
