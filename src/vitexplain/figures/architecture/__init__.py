"""Architecture pictures, drawn from the configurations that the models are built from."""

from vitexplain.figures.architecture.drawing import architectures
from vitexplain.figures.architecture.parts import KINDS, Part, stages_of
from vitexplain.figures.architecture.published import PUBLISHED

__all__ = ["KINDS", "PUBLISHED", "Part", "architectures", "stages_of"]
