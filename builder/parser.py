"""Python's own parser, for one lesson at a time."""

import ast
import threading
from typing import Any

_ALONE = threading.Lock()


def parse(code: str, mode: str = "exec") -> Any:
    """Return `ast.parse`'s tree.

    Python 3.11 counts how deep a tree is for all threads together: where two make one at a time, it
    can raise SystemError, “AST constructor recursion depth mismatch”.
    """
    with _ALONE:
        return ast.parse(code, mode=mode)
