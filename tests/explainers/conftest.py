"""The lesson that a file of tests is named after, and what is on its page."""

from typing import Any

import pytest

from builder.render import Rendered
from tests.explainers import pages
from tests.lessons import made


@pytest.fixture(scope="module")
def lesson(request: pytest.FixtureRequest) -> Rendered:
    """Return the lesson as the build has made it: of `test_goat`, that of the goat."""
    return made(request.module.__name__.rpartition("test_")[2])


@pytest.fixture(scope="module")
def prose(lesson: Rendered) -> str:
    return pages.prose(lesson)


@pytest.fixture(scope="module")
def figures(lesson: Rendered) -> list[dict[str, Any]]:
    return pages.assets(lesson, "figures")


@pytest.fixture(scope="module")
def explorer(lesson: Rendered) -> dict[str, Any]:
    """Return the data of the page's explorer, of two the last."""
    return pages.assets(lesson, "explorers")[-1]


@pytest.fixture(scope="module")
def widget(lesson: Rendered) -> dict[str, Any]:
    """Return the data of the page's live widget."""
    [data] = pages.assets(lesson, "live")
    return data
