"""Every attention matrix of a model that somebody else wrote, while it runs unchanged.

    with capture(model) as maps:
        model(images)
    maps["blocks.0.attn"].weights  # (batch, head, query, key)

`in_windows` puts the maps of windowed models back on the image's grid. All of it needs torch.
"""

from typing import TYPE_CHECKING

from vitexplain.lazy import lazy

if TYPE_CHECKING:
    from vitexplain.capture.maps import AttentionMap, CaptureError, Ignored, Maps
    from vitexplain.capture.record import capture
    from vitexplain.capture.windowed import in_windows

__all__ = ["AttentionMap", "CaptureError", "Ignored", "Maps", "capture", "in_windows"]

_HOME = dict.fromkeys(__all__, "maps") | {"capture": "record", "in_windows": "windowed"}

__getattr__, __dir__ = lazy(__name__, _HOME)
