"""How far a job is, whoever did it."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from vitexplain.extras import needed


class Progress(AbstractContextManager["Progress"]):
    """A bar of all settled items; looks at most every half second, and rarely at many items."""

    def __init__(self, count: Callable[[], int], total: int, *, shown: bool) -> None:
        self._count = count
        self._next = 0.0
        self._bar = _tqdm()(total=total, initial=count(), unit="item") if shown else None

    def __call__(self) -> None:
        began = time.monotonic()
        if self._bar is not None and began >= self._next:
            self._show()
            self._next = time.monotonic() + max(0.5, 20 * (time.monotonic() - began))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._show()
            self._bar.close()

    def _show(self) -> None:
        if self._bar is not None:
            self._bar.update(self._count() - self._bar.n)


def _tqdm():
    with needed("progress", "cli", ["tqdm"], note=" (or progress=False)"):
        from tqdm import tqdm
    return tqdm
