"""The lesson that a file of tests is named after."""

import pytest

from tests.lessons import made
from vitexplain.site.render import Rendered


@pytest.fixture(scope="module")
def lesson(request: pytest.FixtureRequest) -> Rendered:
    """Return the lesson as the build has made it: of `test_goat`, that of the goat."""
    return made(request.module.__name__.rpartition("test_")[2])
