"""Convolutional networks, Vision Transformers and what lies between, from the same parts.

Models: `ResNet`, `ConvNeXt`, `Swin`, `CoAtNet`, `ConvStemViT`, `HybridViT`, each with `forward`,
`features` and `walk`. What their architecture alone decides: `receptive_field`,
`effective_field`, attention distances, equivariance errors, costs. Each name is loaded on first
use; all but `receptive_field` and the closed formulas of cost need torch.
"""

from importlib import import_module

_HOMES = {
    "convnext": ("CONVNEXTS", "ConvNeXt", "ConvNeXtConfig"),
    "coatnet": ("COATNETS", "CoAtNet", "CoAtNetConfig"),
    "hybrid": ("HYBRIDS", "HybridConfig", "HybridViT"),
    "receptive": ("receptive_field",),
    "resnet": ("RESNETS", "ResNet", "ResNetConfig"),
    "stem": ("ConvStemViT",),
    "swin": ("SWINS", "Swin", "SwinConfig"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [*_HOME]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str):
    if name in _HOMES:
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
    return sorted([*_HOMES, *_HOME])
