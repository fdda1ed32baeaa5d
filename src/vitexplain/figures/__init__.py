"""Results in, Plotly figures out: one function a picture.

Every function takes NumPy arrays, torch tensors or lists and returns a
`plotly.graph_objects.Figure` of fixed height and free width. `figure.layout.meta` holds what it
shows in words ("alt") and in numbers ("table"). `dark` returns a figure in the dark palette.
"""

from vitexplain.figures.architecture import Part, architectures, stages_of
from vitexplain.figures.base import dark
from vitexplain.figures.charts import Bar, Point, Reference, Series, bars, dots, lines, scatter
from vitexplain.figures.costs import cost_shares
from vitexplain.figures.head_overview import head_layer_overview
from vitexplain.figures.image import patch_attention, patch_grid
from vitexplain.figures.matrix import attention_matrix, number_matrix
from vitexplain.figures.plane import embedding_plane
from vitexplain.figures.position_codes import position_similarity
from vitexplain.figures.reach import window_reach
from vitexplain.figures.receptive_fields import Field, effective_fields, static_and_dynamic_weights
from vitexplain.figures.shapes import vit_shapes
from vitexplain.figures.side_by_side import maps_side_by_side
from vitexplain.figures.similarity import similarity_table
from vitexplain.figures.slider import slider
from vitexplain.figures.sliding import convolution_steps
from vitexplain.figures.steps import attention_steps

__all__ = [
    "Bar",
    "Field",
    "Part",
    "Point",
    "Reference",
    "Series",
    "architectures",
    "attention_matrix",
    "attention_steps",
    "bars",
    "convolution_steps",
    "cost_shares",
    "dark",
    "dots",
    "effective_fields",
    "embedding_plane",
    "head_layer_overview",
    "lines",
    "maps_side_by_side",
    "number_matrix",
    "patch_attention",
    "patch_grid",
    "position_similarity",
    "scatter",
    "similarity_table",
    "slider",
    "stages_of",
    "static_and_dynamic_weights",
    "vit_shapes",
    "window_reach",
]
