"""What training keeps: the activations that the backward pass will ask for, in bytes.

Autograd saves some of each operation's inputs and outputs. We listen to it as it does so and
count what is stored, each piece of memory once. Nothing is timed or sampled: the same model
and shapes give the same number on every machine.
"""

import copy
import math
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from itertools import chain

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel


def saved_bytes(function: Callable[..., Tensor], *inputs: Tensor) -> int:
    """Return the bytes that autograd keeps between function(*inputs) and its backward pass.

    Distinct storages are counted whole, inputs too where they are kept; the parameters and
    buffers of a module are not, for they are there anyway.

    Raises:
        ValueError: nothing that comes out needs a gradient.
    """
    kept = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        kept[storage._cdata] = storage  # its identity; a fake storage has no address
        return tensor

    with torch.enable_grad(), torch.autograd.graph.saved_tensors_hooks(keep, lambda x: x):
        output = function(*inputs)
    if not output.requires_grad:
        raise ValueError("the output needs no gradient, so autograd keeps nothing")
    if isinstance(function, nn.Module):
        for own in chain(function.parameters(), function.buffers()):
            kept.pop(own.untyped_storage()._cdata, None)
    return sum(storage.nbytes() for storage in kept.values())


def activation_bytes(
    model: nn.Module, image_shape: Sequence[int], *, batch: int = 1, fused: bool = True
) -> int:
    """Return `saved_bytes` of a model in training on images (channel, row, col), on a CPU.

    The model may live anywhere, torch's meta device included: a copy runs on tensors that know
    their shape, type and device but hold no numbers, so that no size is too large. The same
    operations run, fused attention included, and save the same.

    Args:
        fused: if false, attention runs as torch's separate steps, and its weights are kept.

    Raises:
        ValueError: the image's shape has another number of axes than three.
    """
    if len(image_shape) != 3:
        raise ValueError(f"image_shape must be (channel, row, col), got {tuple(image_shape)}")
    kernel = nullcontext() if fused else sdpa_kernel(SDPBackend.MATH)
    with kernel, FakeTensorMode(allow_non_fake_inputs=True):
        tensors: dict[int, Tensor] = {}
        for own in chain(model.parameters(), model.buffers()):
            fake = torch.empty(own.shape, dtype=own.dtype)
            tensors[id(own)] = nn.Parameter(fake) if isinstance(own, nn.Parameter) else fake
        fake_model = copy.deepcopy(model, tensors).train()
        return saved_bytes(fake_model, torch.empty(batch, *image_shape))


def attention_bytes(tokens: int, heads: int, *, fused: bool, dim: int = 64) -> int:
    """Return the bytes that one attention over `tokens` keeps for its backward pass, float32.

    Naive attention keeps its weights, h N² numbers. Fused attention (here torch's for a CPU)
    keeps queries, keys, values, output and one number a row, from which it computes the weights
    again: about 4 N h d. Source: Dao et al., FlashAttention, NeurIPS 2022, arXiv 2205.14135.

    Args:
        dim: channels of one head, d.

    Raises:
        ValueError: a size is less than 1.
    """
    if min(tokens, heads, dim) < 1:
        raise ValueError(f"sizes must be at least 1, got {tokens}, {heads} and {dim}")
    with FakeTensorMode():
        query, key, value = (
            torch.empty(1, heads, tokens, dim, requires_grad=True) for _ in range(3)
        )
        attention = F.scaled_dot_product_attention if fused else naive_attention
        return saved_bytes(attention, query, key, value)


def naive_attention(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Return softmax(Q Kᵀ / √d) V as it is written, every matrix in memory."""
    return (query @ key.mT / math.sqrt(query.shape[-1])).softmax(-1) @ value
