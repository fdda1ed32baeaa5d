"""What a model did with an image, as one page, a picture or numbers.

`explain` runs a `vitexplain.vit.ViT`; `page`, `png`, `svg`, `npz` and `json_text` write what it
found. The page is one HTML file that opens offline and asks for nothing.
"""

from vitexplain.report.explain import Request, class_index, explain
from vitexplain.report.explanation import Explanation, Method
from vitexplain.report.html import page
from vitexplain.report.methods import METHODS, find_method
from vitexplain.report.numbers import json_text, npz
from vitexplain.report.pictures import png, svg
from vitexplain.report.write import FORMATS, write

__all__ = [
    "FORMATS",
    "METHODS",
    "Explanation",
    "Method",
    "Request",
    "class_index",
    "explain",
    "find_method",
    "json_text",
    "npz",
    "page",
    "png",
    "svg",
    "write",
]
