"""Convolutional networks, Vision Transformers and what lies between, from the same parts.

Models: `ResNet`, `ConvNeXt`, `Swin`, `CoAtNet`, `ConvStemViT`, `HybridViT`, each with `forward`,
`features` and `walk`. What their architecture alone decides: `receptive_field` and the modules
`effective` (fields by gradients), `distance` (of attention), `symmetry` (errors of equivariance),
`cost` and `memory`. Each name is loaded on first use; all but `receptive_field`, `distance` and
the closed formulas of `cost` need torch.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "convnext": ("CONVNEXTS", "ConvNeXt", "ConvNeXtConfig"),
    "coatnet": ("COATNETS", "CoAtNet", "CoAtNetConfig"),
    "hybrid": ("HYBRIDS", "HybridConfig", "HybridViT"),
    "receptive": ("field_of", "layers_of", "receptive_field"),
    "resnet": ("RESNETS", "ResNet", "ResNetConfig"),
    "stem": ("ConvStemViT",),
    "swin": ("SWINS", "Swin", "SwinConfig"),
}
_MODULES = (*_HOMES, "cost", "distance", "effective", "memory", "symmetry")
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [*_HOME]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        message = f"vitexplain.compare.{name} needs torch: pip install 'vitexplain[torch]'"
        raise ModuleNotFoundError(message, name="torch") from error


def __dir__() -> list[str]:
    return sorted([*_MODULES, *_HOME])
