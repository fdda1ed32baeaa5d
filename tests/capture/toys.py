"""Attention written in many ways, and what looks like it and is none."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

DIM, HEADS = 8, 2


class Attention(nn.Module):
    """Self-attention of (batch, token, dim); subclasses write its heart in their own way."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(DIM, 3 * DIM)
        self.proj = nn.Linear(DIM, DIM)
        self.mixing = nn.Linear(HEADS, HEADS)

    def parts(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        q, k, v = self.qkv(x).unflatten(-1, (3, HEADS, -1)).permute(2, 0, 3, 1, 4).unbind(0)
        return q, k, v

    def heart(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return (q @ k.mT).softmax(-1) @ v

    def forward(self, x: Tensor) -> Tensor:
        return self.proj(self.heart(*self.parts(x)).transpose(1, 2).flatten(2))


class Biased(Attention):
    def heart(self, q, k, v):
        scores = torch.matmul(q, k.transpose(-2, -1)) / 2
        scores = scores + torch.arange(scores.shape[-1]) * 0.1
        scores = scores.masked_fill(torch.ones_like(scores, dtype=torch.bool).triu(1), -1e9)
        return F.softmax(scores - scores.amax(-1, keepdim=True), dim=-1).to(v.dtype) @ v


class Einsum(Attention):
    def heart(self, q, k, v):
        weights = torch.einsum("bhid,bhjd->bhij", q, k).softmax(-1)
        return torch.einsum("bhij,bhjd->bhid", weights, v)


class EinsumValuesFirst(Attention):
    def heart(self, q, k, v):
        weights = torch.einsum("bhid,bhjd->bhij", q, k).softmax(-1)
        return torch.einsum("...jd,...ij->...id", v, weights)


class KeysFirst(Attention):
    """Scores (key, query), softmax over the last axis but one, values channel-first."""

    def heart(self, q, k, v):
        weights = (k @ q.mT).softmax(-2)
        return (v.mT @ weights).mT


class Baddbmm(Attention):
    def heart(self, q, k, v):
        q, k, v = (part.flatten(0, 1) for part in (q, k, v))
        bias = torch.zeros(1, q.shape[1], k.shape[1])
        weights = torch.baddbmm(bias, q, k.mT).softmax(-1)
        return torch.bmm(weights, v).unflatten(0, (-1, HEADS))


class OneImage(Attention):
    """Matrices of two axes, head by head."""

    def heart(self, q, k, v):
        heads = [(a @ b.T).softmax(-1) @ c for a, b, c in zip(q[0], k[0], v[0], strict=True)]
        return torch.stack(heads)[None]


class LinearOfActivations(Attention):
    def heart(self, q, k, v):
        heads = [F.linear(a, b).softmax(-1) @ c for a, b, c in zip(q[0], k[0], v[0], strict=True)]
        return torch.stack(heads)[None]


class Dropped(Attention):
    def heart(self, q, k, v):
        return F.dropout((q @ k.mT).softmax(-1), 0.5, self.training) @ v


class DroppedInPlace(Attention):
    def heart(self, q, k, v):
        weights = (q @ k.mT).softmax(-1)
        weights.mul_(torch.arange(weights.shape[-1]) > 0)
        return weights @ v


class TalkingHeads(Attention):
    def heart(self, q, k, v):
        scores = self.mixing((q @ k.mT).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        weights = self.mixing(scores.softmax(-1).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return weights @ v


class MixedByEinsum(Attention):
    """DeepViT's way: a parameter alone mixes the heads."""

    def heart(self, q, k, v):
        weights = (q @ k.mT).softmax(-1)
        return torch.einsum("bhij,hg->bgij", weights, self.mixing.weight) @ v


class MixedFromTheLeft(Attention):
    def heart(self, q, k, v):
        weights = (q @ k.mT).softmax(-1)
        return torch.einsum("gh,bhij->bgij", self.mixing.weight, weights) @ v


class NormOverHeads(Attention):
    def heart(self, q, k, v):
        weights = (q @ k.mT).softmax(-1).movedim(1, -1)
        return F.layer_norm(weights, (HEADS,), self.mixing.bias).movedim(-1, 1) @ v


class InstanceNorm(Attention):
    def heart(self, q, k, v):
        return F.instance_norm((q @ k.mT).softmax(-1)) @ v


class Sink(Attention):
    """A learned score that takes weight away and has no value."""

    def heart(self, q, k, v):
        scores = q @ k.mT
        weights = torch.cat([scores, torch.ones_like(scores[..., :1])], -1).softmax(-1)
        return weights[..., :-1] @ v


class MathKernel(Attention):
    def heart(self, q, k, v):
        with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
            return F.scaled_dot_product_attention(q, k, v)


class Grouped(Attention):
    def heart(self, q, k, v):
        return F.scaled_dot_product_attention(q, k[:, :1], v[:, :1], enable_gqa=True)


class Classifier(Attention):
    def heart(self, q, k, v):
        return q.softmax(-1) * v


class Router(Attention):
    """A mixture of experts: gates of a linear layer mix the experts' results by a product."""

    def heart(self, q, k, v):
        gates = self.mixing(q[..., :HEADS]).softmax(-1)  # (batch, head, token, expert)
        experts = torch.stack([v, k], -2)  # (batch, head, token, expert, dim)
        return (gates.unsqueeze(-2) @ experts).squeeze(-2)


class Contrast(Attention):
    """Similarities made probabilities, and no values."""

    def heart(self, q, k, v):
        return v * (q @ k.mT).softmax(-1).amax(-1, keepdim=True)


class WrongAxis(Attention):
    """Weights normalised over queries and summed over keys: not what each query attends to."""

    def heart(self, q, k, v):
        return (q @ k.mT).softmax(-2) @ v


class LinearAttention(Attention):
    def heart(self, q, k, v):
        return q.softmax(-1) @ (k.softmax(-2).mT @ v)


class ByHand(Attention):
    def heart(self, q, k, v):
        weights = (q @ k.mT).exp()
        return weights / weights.sum(-1, keepdim=True) @ v
