"""How far work has come, and how long it will still take: declared by the work, shown by whoever asked.

Work splits what it does into steps whose weights are expected seconds on an ordinary machine; steps within steps share
out the time of their own. Weights need only be right among each other: the time left follows from how long the share
that is done has taken. Without a reporter steps cost next to nothing, and results are the same.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Reporter: TypeAlias = Callable[[float, float | None, str], None]
    """Told the share done (0 to 1), the seconds left (None: not known yet) and what is being done."""

Item = TypeVar("Item")
_ALMOST = 0.95  # of a step, when it takes longer than expected


class Progress:
    """How far one piece of work has come. `started` is when it began, by `clock`."""

    def __init__(
        self, reporter: Reporter, *, clock: Callable[[], float] = time.monotonic, started: float | None = None
    ) -> None:
        self._reporter, self._clock = reporter, clock
        self._started = clock() if started is None else started
        self._done, self._until, self._label = 0.0, 0.0, ""  # the step under way: from which share to which
        self._since = self._started
        self._shown = 0.0
        self._expected = 0.0

    def expect(self, seconds: float) -> None:
        """Say how long all of it may take on an ordinary machine: what counts until the first step is done."""
        self._expected = self._expected or seconds

    def enter(self, done: float, until: float, label: str) -> None:
        """Begin a step that takes the work from one share done to another."""
        self._done, self._until, self._label = max(done, self._done), until, label or self._label
        self._since = self._clock()
        self.tell()

    def finish(self) -> None:
        """Say that all is done."""
        self._done = self._until = 1.0
        self.tell()

    def tell(self) -> None:
        """Report how far the work is by now: within a step as far as the pace so far tells."""
        now = self._clock()
        before = self._since - self._started
        under_way = now - self._since
        if self._done and before > 0:
            pace = self._done / before
        else:
            pace, under_way = (1 / self._expected if self._expected else 0.0), now - self._started
        reached = min(self._done + pace * under_way, self._done + _ALMOST * (self._until - self._done))
        self._shown = max(self._shown, reached)
        left = (now - self._started) * (1 - self._shown) / self._shown if self._shown else None
        self._reporter(self._shown, left, self._label)


_span: ContextVar[tuple[Progress, float, float] | None] = ContextVar("span", default=None)


@contextmanager
def reported(progress: Progress) -> Iterator[None]:
    """Let the work in the block say how far it is; the whole of it is the block."""
    token = _span.set((progress, 0.0, 1.0))
    try:
        yield
        progress.finish()
    finally:
        _span.reset(token)


class Steps:
    """The steps of some work: `with steps("read"):` is one of them, and what it does may have steps of its own."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self._span = _span.get()
        self._ends: dict[str, tuple[float, float]] = {}
        if self._span is not None:
            at, total = 0.0, sum(weights.values()) or 1.0
            self._span[0].expect(total)
            for name, weight in weights.items():
                self._ends[name] = (at, at := min(at + weight / total, 1.0))
            if self._ends:
                self._ends[name] = (self._ends[name][0], 1.0)

    def begin(self, name: str, label: str = "") -> None:
        """Begin a step that lasts until the next one."""
        if self._span is not None:
            progress, low, high = self._span
            first, last = (low + end * (high - low) for end in self._ends[name])
            progress.enter(first, last, label)

    @contextmanager
    def __call__(self, name: str, label: str = "") -> Iterator[None]:
        """Do one step; `label` says what it does."""
        if self._span is None or name not in self._ends:
            yield
            return
        self.begin(name, label)
        progress, low, high = self._span
        first, last = (low + end * (high - low) for end in self._ends[name])
        token = _span.set((progress, first, last))
        try:
            yield
            progress.enter(last, last, "")
        finally:
            _span.reset(token)


def each(items: Sequence[Item], weight: Callable[[Item], float] = lambda _: 1.0, label: str = "") -> Iterator[Item]:
    """Go through items, each a step as heavy as `weight` says."""
    if _span.get() is None:
        yield from items
        return
    steps = Steps({str(place): weight(item) for place, item in enumerate(items)})
    for place, item in enumerate(items):
        with steps(str(place), label):
            yield item


def within(share: float) -> None:
    """Say that this share of the step under way is done, for loops whose length shows as they run."""
    span = _span.get()
    if span is not None:
        progress, low, high = span
        progress.enter(low + share * (high - low), high, "")
