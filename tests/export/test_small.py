"""The two small graphs, and the Python they are traced from."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from tests.export.cases import EYE, double, one_eyed, single
from vitexplain import export
from vitexplain.attention import attend
from vitexplain.designed import designed_attention
from vitexplain.faces import draw_face
from vitexplain.tokens import MESSI


def test_steps_without_switches_are_attention():
    x = MESSI.embeddings
    found, expected = export.steps(x, EYE, EYE, EYE), attend(x, x, x)
    for name, quantity in vars(expected).items():
        np.testing.assert_array_equal(getattr(found, name), quantity)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("scaling", [False, True])
@pytest.mark.parametrize("count", [1, 2, 9])
def test_switches_are_those_of_torch(rng, count, scaling, causal):
    tokens, matrices = rng.standard_normal((count, 2)), rng.standard_normal((3, 2, 2))
    found = export.steps(tokens, *matrices, scaling=scaling, temperature=0.7, causal=causal)
    query, key, value = (torch.tensor(tokens @ matrix)[None] for matrix in matrices)
    expected = F.scaled_dot_product_attention(
        query, key, value, is_causal=causal, scale=(0.5**0.5 if scaling else 1) / 0.7
    )
    np.testing.assert_allclose(found.output, expected[0].numpy(), atol=1e-12)
    assert np.all(found.weights[np.triu_indices(count, 1)] == 0) == (causal or count == 1)


@pytest.fixture(scope="module")
def feeds() -> dict[str, np.ndarray]:
    return {
        "tokens": single(MESSI.embeddings), **{name: single(EYE) for name in ("w_q", "w_k", "w_v")},
        "scaling": np.asarray(True), "temperature": single(1), "causal": np.asarray(False),
    }  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"tokens": single([[np.nan, 1], [2, 3]])},
        {"tokens": single([[np.inf, 1], [2, 3]])},
        {"temperature": single(0)},
        {"temperature": single(np.nan)},
        {"w_q": single([[3e38, 3e38], [3e38, 3e38]])},
    ],
)
def test_what_is_not_finite_does_not_stop_the_sentence(feeds, change):
    found = export.run(export.graph("sentence"), feeds | change)
    assert not np.isfinite(found["weights"]).all()
    assert all(np.isfinite(x).all() for x in export.run(export.graph("sentence"), feeds).values())


@pytest.mark.rejects
def test_what_is_not_finite_is_an_error_in_numpy(feeds):
    with pytest.raises(ValueError, match="finite"):
        export.steps(double([[np.nan, 1], [2, 3]]), EYE, EYE, EYE)


@pytest.mark.parametrize("positions", [True, False])
@pytest.mark.parametrize("pixels", [draw_face().pixels, draw_face(expression="laugh").pixels])
def test_the_face_is_the_designed_one(pixels, positions):
    """Of the canonical face; another is projected with the same embedding."""
    expected = designed_attention(draw_face(), positions=positions)
    found = export.face_steps(export.face_params(), pixels, float(positions))
    same = np.array_equal(pixels, draw_face().pixels)
    inner = expected.attention.attention
    pairs = {"content": expected.content, "tokens": expected.tokens, "query": inner.query,
             "weights": inner.weights, "head_outputs": inner.output,
             "output": expected.attention.output}  # fmt: skip
    for name, x in pairs.items():
        assert np.allclose(found[name], x, atol=1e-12) == same, name


def test_one_eye_erased_leaves_the_other_alone():
    """In the graph, not in NumPy alone: the right eye looks at the left one, until it is gone."""

    def to_the_left_eye(pixels: np.ndarray) -> float:
        feeds = {"pixels": pixels, "positions": np.asarray(1.0)}
        return export.run(export.graph("face-designed"), feeds)["weights"][0, 2, 1]

    assert to_the_left_eye(draw_face().pixels) > 0.35
    assert to_the_left_eye(one_eyed()) < 0.1


@pytest.mark.rejects
def test_wrong_feeds_are_told(feeds):
    with pytest.raises(ValueError, match="the graph's inputs are tokens, w_q, w_k, w_v, scaling"):
        export.run(export.graph("sentence"), {"tokens": feeds["tokens"]})
    with pytest.raises(ValueError, match="the graph has no output rollout"):
        export.run(export.graph("sentence"), feeds, ["rollout"])
    with pytest.raises(FileNotFoundError, match=r"no graph 'goat'; there are face-designed, face-"):
        export.graph("goat")


def test_a_part_of_the_outputs_can_be_asked_for(feeds):
    assert list(export.run(export.graph("sentence"), feeds, ["output", "key"])) == ["output", "key"]
