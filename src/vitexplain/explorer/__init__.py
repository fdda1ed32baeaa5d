"""The attention explorer: any attention as data that `<attention-explorer>` shows on any page.

    explore(vit, image)                      # a Vision Transformer's every layer and head
    explore(attention, tokens=words)         # what `attend` or `multi_head` returned
    explorer([Map("mine", attention)], tokens=words, title="Mine", tour=[...])

Everything a reader can see is computed here, once: the browser looks numbers up. It multiplies
nothing but the terms it lists for display (q_i k_i and a_j v_j); their sums, the scores, the
softmax and the output come from the arrays that are passed in.
"""

from pathlib import Path

from vitexplain.explorer.build import Example, Explorer, explorer
from vitexplain.explorer.maps import Map
from vitexplain.explorer.models import Start, explore
from vitexplain.explorer.numbers import MIME, VERSION, decode
from vitexplain.explorer.tour import Step
from vitexplain.explorer.traces import Keep, maps_of

WEB = Path(__file__).parent / "web"
"""The scripts and the style of `<attention-explorer>`."""

__all__ = [
    "MIME",
    "VERSION",
    "WEB",
    "Example",
    "Explorer",
    "Keep",
    "Map",
    "Start",
    "Step",
    "decode",
    "explore",
    "explorer",
    "maps_of",
]
