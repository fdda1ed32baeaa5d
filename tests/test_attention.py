"""The steps of attention against torch's kernels, worked examples and their properties."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from torch.nn import functional as F

from vitexplain.attention import (
    attend,
    merge_heads,
    mix,
    multi_head,
    scale,
    scores,
    softmax,
    split_heads,
)
from vitexplain.tokens import GOAT_ANIMAL, GOAT_FOOTBALLER, MESSI, SIMILARITY

small = st.floats(-50, 50)
matrices = hnp.arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(1, 4)), elements=small)


def self_attention(sentence):
    return attend(sentence.embeddings, sentence.embeddings, sentence.embeddings)


def test_goat_is_an_animal_among_sheep():
    goat = GOAT_ANIMAL.words.index("goat")
    attention = self_attention(GOAT_ANIMAL)
    np.testing.assert_allclose(attention.scores[goat], [5, 10, 0, 12.5, 12.5])
    np.testing.assert_allclose(
        attention.scaled[goat], [3.5355, 7.0711, 0, 8.8388, 8.8388], atol=5e-5
    )
    np.testing.assert_allclose(
        attention.weights[goat],
        [0.0022865461, 0.0784590104, 0.0000666373, 0.4595939031, 0.4595939031],
        atol=5e-11,
    )
    np.testing.assert_allclose(attention.output[goat], [3.7630768611, 1.1512713040], atol=5e-11)


def test_goat_is_a_footballer_beside_messi_and_exactly_the_mirror():
    animal = self_attention(GOAT_ANIMAL).output[GOAT_ANIMAL.words.index("goat")]
    footballer = self_attention(GOAT_FOOTBALLER).output[GOAT_FOOTBALLER.words.index("goat")]
    np.testing.assert_allclose(footballer, [1.1512713040, 3.7630768611], atol=5e-11)
    np.testing.assert_allclose(footballer, animal[::-1], rtol=1e-15)


def test_seven_tokens_at_once():
    attention = self_attention(MESSI)
    expected = {
        "Messi": [0.9440, 0.0000, 0.0000, 0.0558, 0.0000, 0.0000, 0.0002],
        "is": [0.4381, 0.0063, 0.0063, 0.4381, 0.0015, 0.0031, 0.1065],
        "the": [0.4381, 0.0063, 0.0063, 0.4381, 0.0015, 0.0031, 0.1065],
        "goat": [0.8039, 0.0000, 0.0000, 0.1954, 0.0000, 0.0000, 0.0007],
        ",": [1 / 7] * 7,
        "not": [0.5441, 0.0159, 0.0159, 0.2683, 0.0078, 0.0159, 0.1323],
        "Ronaldo": [0.8022, 0.0000, 0.0000, 0.1950, 0.0000, 0.0000, 0.0028],
    }
    assert tuple(expected) == MESSI.words
    np.testing.assert_allclose(attention.weights, list(expected.values()), atol=5e-5)
    outputs = {"Messi": [5.9438, 2.0558], "Ronaldo": [5.7994, 2.1950], ",": [2.5714, 1.2857]}
    assert MESSI.axes == ("animal", "footballer")  # the slides write footballer first
    for word, output in outputs.items():
        got = attention.output[MESSI.words.index(word)]
        np.testing.assert_allclose(got, output[::-1], atol=5e-5)


def test_similarity_of_the_four_words():
    x = SIMILARITY.embeddings
    expected = [[17, 12, 4, 6], [12, 9, 0, 3], [4, 0, 16, 8], [6, 3, 8, 5]]
    np.testing.assert_allclose(scores(x, x), expected)
    np.testing.assert_allclose(scale(scores(x, x), 2)[0, 1:], [8.4853, 2.8284, 4.2426], atol=5e-5)


@pytest.mark.parametrize("masked", [False, True])
def test_a_bias_is_added_to_the_scaled_scores(masked):
    query, key, value = torch.randn(3, 2, 4, 6, 8, dtype=torch.float64).unbind()
    bias = torch.randn(4, 6, 6, dtype=torch.float64)  # one for each head, for every image alike
    mask = torch.ones(6, 6, dtype=torch.bool).tril() if masked else None
    got = attend(query, key, value, mask=mask, bias=bias)
    both = bias if mask is None else bias.masked_fill(~mask, -torch.inf)
    expected = F.scaled_dot_product_attention(query, key, value, attn_mask=both)
    np.testing.assert_allclose(got.output, expected, atol=1e-14)
    np.testing.assert_allclose(got.scaled, query @ key.mT / 8**0.5, atol=1e-14)
    as_numpy = attend(*(x.numpy() for x in (query, key, value)), bias=bias.numpy()).weights
    np.testing.assert_allclose(as_numpy, attend(query, key, value, bias=bias).weights, atol=1e-14)


@pytest.mark.parametrize(
    ("dtype", "tolerance"),
    [(torch.float64, 1e-14), (torch.float32, 2e-6), (torch.bfloat16, 3e-2)],
)
@pytest.mark.parametrize("masked", [False, True])
def test_attend_equals_torch(dtype, tolerance, masked):
    generator = torch.Generator().manual_seed(0)
    query = torch.randn(2, 3, 5, 8, generator=generator, dtype=dtype)
    key = torch.randn(2, 3, 7, 8, generator=generator, dtype=dtype)
    value = torch.randn(2, 3, 7, 4, generator=generator, dtype=dtype)
    mask = torch.ones(5, 7, dtype=torch.bool).tril() if masked else None
    expected = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    got = attend(query, key, value, mask=mask)
    assert got.output.dtype == dtype
    torch.testing.assert_close(got.output, expected, atol=tolerance, rtol=tolerance)
    if mask is not None:
        assert float(got.weights[..., ~mask].abs().max()) == 0.0


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_numpy_and_torch_agree_in_every_step(rng, dtype):
    arrays = [rng.standard_normal((2, 5, 6)).astype(dtype) for _ in range(3)]
    ours = attend(*arrays)
    theirs = attend(*map(torch.from_numpy, arrays))
    for name in ("scores", "scaled", "weights", "output"):
        array = getattr(ours, name)
        assert isinstance(array, np.ndarray)
        assert array.dtype == dtype
        tolerance = 100 * np.finfo(dtype).eps
        np.testing.assert_allclose(array, getattr(theirs, name), atol=tolerance, rtol=tolerance)


@pytest.mark.parametrize("cross", [False, True])
def test_multi_head_equals_torch(cross):
    torch.manual_seed(0)
    module = torch.nn.MultiheadAttention(12, 3, batch_first=True, dtype=torch.float64)
    torch.nn.init.normal_(module.in_proj_bias)
    torch.nn.init.normal_(module.out_proj.bias)
    x = torch.randn(2, 5, 12, dtype=torch.float64)
    context = torch.randn(2, 7, 12, dtype=torch.float64) if cross else None
    source = x if context is None else context
    output, weights = module(x, source, source, average_attn_weights=False)
    w_q, w_k, w_v = (w.T for w in module.in_proj_weight.chunk(3))
    b_q, b_k, b_v = module.in_proj_bias.chunk(3)
    tensors = [x, w_q, w_k, w_v, module.out_proj.weight.T]
    biases = {"b_q": b_q, "b_k": b_k, "b_v": b_v, "b_o": module.out_proj.bias}
    got = multi_head(*tensors, heads=3, context=context, **biases)
    torch.testing.assert_close(got.output, output, atol=1e-14, rtol=1e-14)
    torch.testing.assert_close(got.attention.weights, weights, atol=1e-14, rtol=1e-14)
    # The key's bias adds the same to a whole row of scores, which softmax does not see.
    keys = torch.nn.functional.linear(source, w_k.T, b_k).unflatten(-1, (3, 4)).transpose(1, 2)
    torch.testing.assert_close(got.attention.key, keys, atol=1e-14, rtol=1e-14)
    in_numpy = multi_head(
        *(t.detach().numpy() for t in tensors),
        heads=3,
        context=None if context is None else context.numpy(),
        **{name: b.detach().numpy() for name, b in biases.items()},
    )
    np.testing.assert_allclose(in_numpy.output, output.detach(), atol=1e-13)


@given(matrices)
def test_weights_are_a_distribution_and_the_output_a_mean(x):
    attention = attend(x, x, x)
    np.testing.assert_allclose(attention.weights.sum(-1), 1, rtol=1e-12)
    assert (attention.weights >= 0).all()
    assert (attention.output <= x.max(0) + 1e-9).all()
    assert (attention.output >= x.min(0) - 1e-9).all()


@given(matrices, small)
def test_softmax_does_not_see_a_shift(x, shift):
    np.testing.assert_allclose(softmax(x + shift), softmax(x), atol=1e-12)


@given(matrices, st.randoms(use_true_random=False))
def test_attention_is_permutation_equivariant(x, random):
    order = list(range(len(x)))
    random.shuffle(order)
    shuffled = x[order]
    np.testing.assert_allclose(
        attend(shuffled, shuffled, shuffled).output, attend(x, x, x).output[order], atol=1e-9
    )


@given(st.integers(1, 4), st.integers(1, 5), st.integers(1, 4))
def test_merge_undoes_split(heads, tokens, width):
    x = np.arange(2.0 * tokens * heads * width).reshape(2, tokens, heads * width)
    parts = split_heads(x, heads)
    assert parts.shape == (2, heads, tokens, width)
    np.testing.assert_array_equal(parts[:, 0], x[..., :width])
    np.testing.assert_array_equal(merge_heads(parts), x)


def test_softmax_is_stable_and_takes_minus_infinity():
    np.testing.assert_allclose(softmax(np.array([1e4, 1e4 - 1])), softmax(np.array([1.0, 0.0])))
    np.testing.assert_allclose(softmax(np.array([0.0, -np.inf])), [1, 0])


def test_scores_of_random_vectors_spread_as_the_root_of_their_dim(rng):
    query, key = rng.standard_normal((2, 2000, 64))
    spread = (query * key).sum(-1).std()
    assert abs(spread - math.sqrt(64)) < 0.5
    assert abs(scale((query * key).sum(-1), 64).std() - 1) < 0.06


def test_gradients_flow_and_compile_sees_one_graph():
    x = torch.randn(2, 4, 6, requires_grad=True)
    attend(x, x, x).output.sum().backward()
    assert x.grad is not None
    assert x.grad.abs().sum() > 0
    compiled = torch.compile(lambda q: attend(q, q, q).output, backend="eager", fullgraph=True)
    torch.testing.assert_close(compiled(x), attend(x, x, x).output)


@pytest.mark.rejects
@pytest.mark.parametrize("library", [np.asarray, torch.as_tensor], ids=["numpy", "torch"])
@pytest.mark.parametrize(
    ("bad", "error", "words"),
    [
        ([[1, 2]], TypeError, "query must have a floating dtype, got .*int64"),
        ([[1.0, math.nan]], ValueError, r"query must be finite, .* shape \(1, 2\)"),
        ([[1.0, math.inf]], ValueError, r"query must be finite"),
        ([1.0, 2.0], ValueError, r"query must have at least 2 axes, got shape \(2,\)"),
        (np.ones((0, 2)), ValueError, r"query must not be empty, got shape \(0, 2\)"),
        (np.ones((1, 3)), ValueError, r"same dim \(last axis\), got \(1, 3\) and \(2, 2\)"),
    ],
)
def test_wrong_queries_are_errors(library, bad, error, words):
    key = library(np.ones((2, 2)))
    with pytest.raises(error, match=words):
        attend(library(bad), key, key)


@pytest.mark.rejects
def test_other_wrong_input_is_an_error():
    x = np.ones((3, 4))
    with pytest.raises(TypeError, match="NumPy array or a torch tensor, got list"):
        attend([[1.0]], x, x)
    with pytest.raises(TypeError, match=r"one library, got .*'query': 'numpy'.*'key': 'torch'"):
        attend(x, torch.ones(3, 4), torch.ones(3, 4))
    with pytest.raises(TypeError, match="one dtype"):
        attend(x, x.astype(np.float32), x)
    with pytest.raises(ValueError, match="one weight for each value"):
        mix(np.ones((2, 3)), np.ones((4, 2)))
    with pytest.raises(ValueError, match="d_k"):
        scale(x, 0)
    with pytest.raises(ValueError, match="multiple of heads, got dim 4 and 3 heads"):
        split_heads(x, 3)
    for row in ([-math.inf, -math.inf], [math.nan, 0.0], [math.inf, 0.0]):
        for library in (np.asarray, torch.as_tensor):
            with pytest.raises(ValueError, match="finite maximum and no NaN"):
                softmax(library(row))


@pytest.mark.rejects
@pytest.mark.parametrize("wrong", ["x", "w_q", "w_k", "w_v", "w_o", "b_q", "b_o"])
def test_nan_anywhere_in_multi_head_is_an_error(wrong):
    named = {name: np.ones((4, 4)) for name in ("x", "w_q", "w_k", "w_v", "w_o")}
    named |= {name: np.ones(4) for name in ("b_q", "b_k", "b_v", "b_o")}
    multi_head(**named, heads=2)
    named[wrong].flat[0] = math.nan
    with pytest.raises(ValueError, match="must be finite"):
        multi_head(**named, heads=2)


@pytest.mark.rejects
@pytest.mark.parametrize("library", [np.asarray, torch.as_tensor], ids=["numpy", "torch"])
def test_wrong_masks_are_errors(library):
    x = library(np.ones((3, 4)))
    with pytest.raises(ValueError, match="at least one key, a row of the mask is empty"):
        attend(x, x, x, mask=library(np.eye(3, k=1, dtype=bool)))
    with pytest.raises(TypeError, match="mask must be boolean"):
        attend(x, x, x, mask=library(np.ones((3, 3))))
    with pytest.raises(ValueError, match=r"broadcast to .* got \(2, 3\) for \(3, 3\)"):
        attend(x, x, x, mask=library(np.ones((2, 3), bool)))
    with pytest.raises(ValueError, match=r"bias must broadcast to .* got \(2, 3\) for \(3, 3\)"):
        attend(x, x, x, bias=x[:2, :3])
