"""Every attention matrix of a model that somebody else wrote, while it runs unchanged.

    with capture(model) as maps:
        model(images)
    maps["blocks.0.attn"].weights  # (batch, head, query, key)

`in_windows` puts the maps of windowed models back on the image's grid. All of it needs torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vitexplain.capture.maps import AttentionMap, CaptureError, Ignored, Maps
    from vitexplain.capture.record import capture
    from vitexplain.capture.windowed import in_windows

__all__ = ["AttentionMap", "CaptureError", "Ignored", "Maps", "capture", "in_windows"]

_HOME = {"capture": "record", "in_windows": "windowed"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(f"{__name__}.{_HOME.get(name, 'maps')}"), name)
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        message = f"vitexplain.capture.{name} needs torch: pip install 'vitexplain[torch]'"
        raise ModuleNotFoundError(message, name="torch") from error


def __dir__() -> list[str]:
    return sorted(__all__)
