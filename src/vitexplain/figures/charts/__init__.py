"""Charts of measurements: lines, bars, dots and points; one look for each family of models."""

from vitexplain.figures.charts.curves import Series, lines
from vitexplain.figures.charts.looks import FAMILIES, Look, look
from vitexplain.figures.charts.points import Point, dots, scatter
from vitexplain.figures.charts.rows import Bar, bars
from vitexplain.figures.charts.scales import Reference

__all__ = [
    "FAMILIES",
    "Bar",
    "Look",
    "Point",
    "Reference",
    "Series",
    "bars",
    "dots",
    "lines",
    "look",
    "scatter",
]
