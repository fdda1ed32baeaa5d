"""Published figures, each with its source, the place in it, and the regime it belongs to."""

from vitexplain.facts.published import (
    bars,
    datasets,
    families,
    number,
    quoted,
    recipes,
    scaling,
    vit_paper,
)
from vitexplain.facts.published.bars import *  # noqa: F403
from vitexplain.facts.published.datasets import *  # noqa: F403
from vitexplain.facts.published.families import *  # noqa: F403
from vitexplain.facts.published.number import *  # noqa: F403
from vitexplain.facts.published.quoted import *  # noqa: F403
from vitexplain.facts.published.recipes import *  # noqa: F403
from vitexplain.facts.published.scaling import *  # noqa: F403
from vitexplain.facts.published.vit_paper import *  # noqa: F403
from vitexplain.moved import tell

__all__ = []
__all__ += bars.__all__
__all__ += datasets.__all__
__all__ += families.__all__
__all__ += number.__all__
__all__ += quoted.__all__
__all__ += recipes.__all__
__all__ += scaling.__all__
__all__ += vit_paper.__all__


tell(globals())
