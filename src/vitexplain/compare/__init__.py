"""Convolutional networks, Vision Transformers and what lies between, from the same parts.

Models: `ResNet`, `ConvNeXt`, `Swin`, `CoAtNet`, `MaxViT`, `LeViT`, `ConvStemViT`, `HybridViT`,
each with `forward`, `features` and `walk`. What their architecture alone decides:
`receptive_field` and the modules `effective` (fields by gradients), `distance` (of attention),
`symmetry` (errors of equivariance), `cost` and `memory`. Each name is loaded on first use; all but
`receptive_field`, `distance` and the closed formulas of `cost` need torch.
"""

from typing import TYPE_CHECKING

from vitexplain.lazy import lazy

if TYPE_CHECKING:
    from vitexplain.compare.coatnet import COATNETS, CoAtNet, CoAtNetConfig
    from vitexplain.compare.convnext import CONVNEXTS, ConvNeXt, ConvNeXtConfig
    from vitexplain.compare.hybrid import HYBRIDS, HybridConfig, HybridViT
    from vitexplain.compare.lenet import LeNet5
    from vitexplain.compare.levit import LEVITS, LeViT, LeViTConfig
    from vitexplain.compare.maxvit import MAXVITS, MaxViT, MaxViTConfig
    from vitexplain.compare.receptive import field_of, layers_of, receptive_field
    from vitexplain.compare.resnet import RESNETS, ResNet, ResNetConfig
    from vitexplain.compare.stem import ConvStemViT
    from vitexplain.compare.swin import SWINS, Swin, SwinConfig

__all__ = [
    "COATNETS", "CONVNEXTS", "HYBRIDS", "LEVITS", "MAXVITS", "RESNETS", "SWINS",
    "CoAtNet", "CoAtNetConfig", "ConvNeXt", "ConvNeXtConfig", "ConvStemViT",
    "HybridConfig", "HybridViT", "LeNet5", "LeViT", "LeViTConfig", "MaxViT", "MaxViTConfig",
    "ResNet", "ResNetConfig", "Swin", "SwinConfig",
    "field_of", "layers_of", "receptive_field",
]  # fmt: skip

_HOMES = {
    "convnext": ("CONVNEXTS", "ConvNeXt", "ConvNeXtConfig"),
    "coatnet": ("COATNETS", "CoAtNet", "CoAtNetConfig"),
    "hybrid": ("HYBRIDS", "HybridConfig", "HybridViT"),
    "lenet": ("LeNet5",),
    "levit": ("LEVITS", "LeViT", "LeViTConfig"),
    "maxvit": ("MAXVITS", "MaxViT", "MaxViTConfig"),
    "receptive": ("field_of", "layers_of", "receptive_field"),
    "resnet": ("RESNETS", "ResNet", "ResNetConfig"),
    "stem": ("ConvStemViT",),
    "swin": ("SWINS", "Swin", "SwinConfig"),
}
_MODULES = (*_HOMES, "cost", "distance", "effective", "memory", "symmetry")
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__getattr__, __dir__ = lazy(__name__, _HOME, modules=_MODULES)
