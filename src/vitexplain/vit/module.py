"""The Vision Transformer as a torch module: the same forward pass, fused and trainable.

Source: Dosovitskiy et al., ICLR 2021, arXiv 2010.11929. Every submodule is named as in
timm's `VisionTransformer`, so that `vit.load_state_dict(timm_model.state_dict())` works.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vitexplain.patches import sides
from vitexplain.vit.config import ViTConfig
from vitexplain.vit.forward import (
    ACTIVATIONS,
    Attend,
    Note,
    block,
    embed,
    mlp,
    read_out,
    self_attention,
    unnoted,
)
from vitexplain.vit.looking import Looked, look
from vitexplain.vit.parameters import drawn_as
from vitexplain.vit.steps import Step, check_images, walk


class ViT(nn.Module):
    """A Vision Transformer of any size, with random weights until others are loaded.

    `vit(images)` is the plain forward pass with torch's fused attention; `vit.walk(images)`
    yields its steps by name. Both give the same logits, (batch, classes), for images
    (batch, channel, row, col). There is no dropout.
    """

    def __init__(self, config: ViTConfig) -> None:
        super().__init__()
        self.config = config
        dim = config.dim
        self.patch_embed = PatchEmbed(config)
        if config.has_class_token:
            self.cls_token = nn.Parameter(torch.empty(1, 1, dim))
        if config.distillation:
            self.dist_token = nn.Parameter(torch.empty(1, 1, dim))
        if config.registers:
            self.reg_token = nn.Parameter(torch.empty(1, config.registers, dim))
        self.pos_embed = nn.Parameter(torch.empty(1, config.tokens - config.registers, dim))
        self.blocks = nn.ModuleList(TransformerBlock(config) for _ in range(config.depth))
        norm = nn.LayerNorm(dim, config.eps)
        if config.norm_mean:
            self.fc_norm = norm
        else:
            self.norm = norm
        if config.pre_logits is not None:
            self.pre_logits = nn.ModuleDict({"fc": nn.Linear(dim, config.pre_logits)})
        self.head = _head(config)
        if config.distillation:
            self.head_dist = _head(config)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw random weights from torch's generator, distributed as `init_params` says.

        On torch's "meta" device, where there is nothing to draw, it does nothing.
        """
        if self.pos_embed.is_meta:
            return
        for name, parameter in self.named_parameters():
            match drawn_as(name):
                case "zeros":
                    nn.init.zeros_(parameter)
                case "ones":
                    nn.init.ones_(parameter)
                case "normal":
                    nn.init.normal_(parameter, std=0.02)
                case "glorot":
                    nn.init.xavier_uniform_(parameter.view(parameter.shape[0], -1))

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits, (batch, classes), of images (batch, channel, row, col).

        With readout "patches", (batch, patch, classes).

        Raises:
            ValueError: the images do not have the config's channels and size.
        """
        return self.read(self.encode(images))

    def features(self, images: Tensor) -> Tensor:
        """Return the last block's patches after the final norm as a map, (batch, dim, row, col).

        Raises:
            ValueError: as `forward`.
        """
        norm = self.fc_norm if self.config.norm_mean else self.norm
        patches = norm(self.encode(images)[:, self.config.prefix :])
        return patches.mT.unflatten(-1, self.config.grid)

    def encode(
        self,
        images: Tensor,
        attend: Attend = F.scaled_dot_product_attention,
        read: int | None = None,
    ) -> Tensor:
        """Return the tokens after the last block, (batch, token, dim).

        Args:
            attend: computes attention in every block; one that also looks at query and key
                learns what torch's fused kernel does not tell, see `look` and `rollout_of`.
            read: compute the last block for its first `read` tokens alone.
        """
        if images.ndim != 4:
            shape = tuple(images.shape)
            raise ValueError(f"images must be (batch, channel, row, col), got shape {shape}")
        check_images(images, self.config)
        x = embed(self, images, self.config)
        for layer in self.blocks[:-1]:
            x = layer(x, attend)
        return self.blocks[-1](x, attend, read)

    def read(self, x: Tensor) -> Tensor:
        """Return the logits of the last tokens, (batch, token, dim)."""
        return read_out(self, x[:, : self.config.read], self.config)

    def look(self, images: Tensor, **options: Any) -> Looked:
        """Return logits and what attention did in every layer, see `vitexplain.vit.look`."""
        return look(self, images, **options)

    def walk(self, images: Tensor) -> Iterator[Step]:
        """Yield the steps of the forward pass, see `vitexplain.vit.walk`."""
        return walk(dict(self.named_parameters()), images, self.config)

    def extra_repr(self) -> str:
        return repr(self.config)


def _head(config: ViTConfig) -> nn.Module:
    return nn.Linear(config.width, config.classes) if config.classes else nn.Identity()


class PatchEmbed(nn.Module):
    """The patch projection, as the convolution that it equals."""

    def __init__(self, config: ViTConfig) -> None:
        super().__init__()
        patch = sides(config.patch)
        self.proj = nn.Conv2d(config.channels, config.dim, patch, stride=patch)

    def forward(self, images: Tensor, note: Note = unnoted) -> Tensor:
        return self.proj(images).flatten(2).mT


class TransformerBlock(nn.Module):
    """x + attention(norm1(x)), then x + mlp(norm2(x)); (batch, token, dim) in and out."""

    def __init__(self, config: ViTConfig) -> None:
        super().__init__()
        dim = config.dim
        self.norm1 = nn.LayerNorm(dim, config.eps)
        self.attn = SelfAttention(dim, config.heads)
        self.ls1 = LayerScale(dim) if config.layer_scale else nn.Identity()
        self.norm2 = nn.LayerNorm(dim, config.eps)
        self.mlp = MLP(dim, config.mlp_dim, config.activation)
        self.ls2 = LayerScale(dim) if config.layer_scale else nn.Identity()

    def forward(
        self,
        x: Tensor,
        attend: Attend = F.scaled_dot_product_attention,
        read: int | None = None,
        note: Note = unnoted,
    ) -> Tensor:
        return block(self, x, attend, read, note)


class LayerScale(nn.Module):
    """A learned factor for each channel (Touvron et al. 2021, arXiv 2103.17239, section 2.1)."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(dim))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gamma


class SelfAttention(nn.Module):
    """Multi-head self-attention, by torch's fused kernel unless told otherwise."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(
        self,
        x: Tensor,
        attend: Attend = F.scaled_dot_product_attention,
        read: int | None = None,
        note: Note = unnoted,
    ) -> Tensor:
        return self_attention(self, x, attend, read, note)


class MLP(nn.Module):
    """Two linear layers with a GELU (or SwiGLU) between them, on each token alone."""

    def __init__(self, dim: int, hidden: int, activation: str = "gelu") -> None:
        super().__init__()
        self.activation = ACTIVATIONS[activation]
        self.fc1 = nn.Linear(dim, 2 * hidden if activation == "swiglu" else hidden)
        self.fc2 = nn.Linear(hidden, dim)

    def forward(self, x: Tensor, note: Note = unnoted) -> Tensor:
        return mlp(self, x, note)
