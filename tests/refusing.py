"""Wrong input, case by case: each call is an error whose words say the rule."""

from collections.abc import Callable
from typing import Any

import pytest

Case = tuple[type[Exception], str, Callable[[], Any]]


def refuses(*cases: Case) -> Callable[..., None]:
    """Return a test that makes each call, with the error it must raise and words of its message.

    test_what_it_refuses = refuses((ValueError, "at least one layer", lambda: rollout([])), …)
    """

    @pytest.mark.rejects
    @pytest.mark.parametrize(("error", "words", "call"), cases, ids=[case[1] for case in cases])
    def test(error: type[Exception], words: str, call: Callable[[], Any]) -> None:
        with pytest.raises(error, match=words):
            call()

    return test
