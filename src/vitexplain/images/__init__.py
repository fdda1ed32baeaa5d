"""Any image file as an array, and as what a model was trained to see.

`load_image` decodes, `fit` resizes and crops, `prepare` also normalises; `Preprocessing` says
how. A file that cannot be used is an `ImageError` of one line.
"""

from vitexplain.images.decode import FORMATS, Picture, load_image, read_image
from vitexplain.images.limits import LIMIT, ImageError, printable
from vitexplain.images.preprocessing import Preprocessing, fit, normalise, prepare
from vitexplain.moved import tell

__all__ = [
    "FORMATS",
    "LIMIT",
    "ImageError",
    "Picture",
    "Preprocessing",
    "fit",
    "load_image",
    "normalise",
    "prepare",
    "printable",
    "read_image",
]


tell(globals())
