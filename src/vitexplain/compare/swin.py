"""The Swin Transformer: attention inside windows, windows that shift, places that merge.

Source: Liu et al., "Swin Transformer: Hierarchical Vision Transformer using Shifted Windows",
ICCV 2021, arXiv 2103.14030. Every submodule is named as in timm's `SwinTransformer`, so that
`swin.load_state_dict(timm_model.state_dict())` works.
"""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor, nn

from vitexplain.compare.network import Network, Readout, Taken, stage_of
from vitexplain.compare.swin_block import Block, Merge, PatchMerging, SwinBlock
from vitexplain.compare.swin_config import SWINS, SwinConfig
from vitexplain.moved import tell
from vitexplain.vit.forward import Note, unnoted

__all__ = ["SWINS", "Block", "Embedding", "Merge", "Readout", "Step", "Swin", "SwinConfig"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Embedding(Taken):
    """The image becomes a map of tokens; no position is added."""

    projected: Float[Tensor, "batch row col dim"]
    output: Float[Tensor, "batch row col dim"]  # LN(projected)


Step = Embedding | Merge | Block | Readout


class Swin(Network):
    """A Swin Transformer of any size."""

    stem_kind, stem_name = Embedding, "embedding"

    def __init__(self, config: SwinConfig) -> None:
        super().__init__(config)
        projection = nn.Conv2d(config.channels, config.dim, config.patch, stride=config.patch)
        self.patch_embed = nn.ModuleDict({"proj": projection, "norm": nn.LayerNorm(config.dim)})
        self.layers = nn.ModuleList()
        for stage, depth in enumerate(config.depths):
            merges = PatchMerging(config, stage) if config.merge and stage else None
            blocks: list[nn.Module] = [SwinBlock(config, stage, i) for i in range(depth)]
            self.layers.append(stage_of(blocks, merges))
        self.norm = nn.LayerNorm(config.dims[-1])
        self.head = nn.ModuleDict({"fc": nn.Linear(config.dims[-1], config.classes)})
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weights as `vitexplain.vit.init_params` says, tables with deviation 0.02."""
        for name, parameter in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(parameter)
            elif "norm" in name:
                nn.init.ones_(parameter)
            elif name.endswith("table"):
                nn.init.trunc_normal_(parameter, std=0.02)
            else:
                nn.init.xavier_uniform_(parameter.view(parameter.shape[0], -1))

    def begin(self, images: Tensor, note: Note = unnoted) -> Tensor:
        """Return the patch projection, as a convolution, then a norm."""
        projected = self.patch_embed["proj"](images).permute(0, 2, 3, 1)
        return self.patch_embed["norm"](note("projected", projected))

    def features(self, images: Tensor) -> Tensor:
        """Return the last map after the final norm, (batch, dim, row, col).

        Raises:
            ValueError: as `forward`.
        """
        return self.norm(self.encode(images)).permute(0, 3, 1, 2)

    def read(self, x: Tensor) -> Readout:
        normed = self.norm(x)
        pooled = normed.mean((1, 2))
        return Readout("readout", pooled, self.head["fc"](pooled), normed)


tell(globals())
