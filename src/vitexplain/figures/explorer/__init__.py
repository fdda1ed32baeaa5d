"""The attention explorer: any attention as data that `<attention-explorer>` shows on any page.

    explore(vit, image)                      # a Vision Transformer's every layer and head
    explore(attention, tokens=words)         # what `attend` or `multi_head` returned
    explorer([Map("mine", attention)], tokens=words, title="Mine", tour=[...])

Everything a reader can see is computed here, once: the browser looks numbers up. It multiplies
nothing but the terms it lists for display (q_i k_i and a_j v_j); their sums, the scores, the
softmax and the output come from the arrays that are passed in.
"""

from vitexplain.figures.explorer.build import Example, Explorer, explorer
from vitexplain.figures.explorer.maps import Map
from vitexplain.figures.explorer.models import explore
from vitexplain.figures.explorer.numbers import MIME, VERSION, decode
from vitexplain.figures.explorer.tour import Step
from vitexplain.figures.explorer.traces import maps_of

__all__ = [
    "MIME",
    "VERSION",
    "Example",
    "Explorer",
    "Map",
    "Step",
    "decode",
    "explore",
    "explorer",
    "maps_of",
]
