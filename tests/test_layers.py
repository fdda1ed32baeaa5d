"""NumPy's layers against torch's kernels."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from vitexplain.layers import erf, gelu, layer_norm


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 3e-6), (np.float64, 1e-14)])
def test_layer_norm(rng, dtype, tolerance):
    x = (3 + 5 * rng.standard_normal((2, 7, 48))).astype(dtype)
    weight, bias = rng.standard_normal((2, 48)).astype(dtype)
    before = x.copy()
    got = layer_norm(x, weight, bias, 1e-6)
    tensor, w, b = map(torch.from_numpy, (x, weight, bias))
    expected = F.layer_norm(tensor, (48,), w, b, 1e-6)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, expected, atol=tolerance)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 5e-7), (np.float64, 1e-15)])
def test_erf(dtype, tolerance):
    x = np.linspace(-6, 6, 10_001, dtype=dtype)
    got = erf(x)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, torch.erf(torch.from_numpy(x)), atol=tolerance)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 2e-6), (np.float64, 2e-15)])
@pytest.mark.parametrize("shape", [(3,), (5, 4001), (2, 3, 7000)])
def test_gelu(rng, dtype, tolerance, shape):
    x = (3 * rng.standard_normal(shape)).astype(dtype)
    np.testing.assert_allclose(gelu(x), F.gelu(torch.from_numpy(x)), atol=tolerance)
    transposed = x.T
    np.testing.assert_array_equal(gelu(transposed), gelu(x).T)
