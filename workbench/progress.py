"""How far work has come, and how long it will still take: declared by the work, shown by whoever asked.

Work splits what it does into steps whose weights are expected seconds on an ordinary machine; steps within a step share
out its time, or say their own seconds where more is known by then. The time left is what the steps ahead are expected
to take, times the pace of those that are done. Without a reporter steps cost next to nothing, and results are the same.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Reporter: TypeAlias = Callable[[float, float | None, str], None]
    """Told the share done (0 to 1), the seconds left (None: not known yet) and what is being done."""

Item = TypeVar("Item")
_TAIL = 0.1  # of the time a step has taken already: what it still takes at least, however little was expected
_FAITH = 0.1  # of all expected seconds: how many done at another pace count as much as what was expected


class _Moment(NamedTuple):
    """Where the work is: the step under way and when it began, and expected seconds done, of it and ahead of it."""

    since: float
    done: float = 0.0
    expected: float = 0.0
    ahead: float = 0.0
    label: str = ""


class Progress:
    """How far one piece of work has come. `started` is when it began, by `clock`."""

    def __init__(
        self, reporter: Reporter, *, clock: Callable[[], float] = time.monotonic, started: float | None = None
    ) -> None:
        self._reporter, self._clock = reporter, clock
        self._started = clock() if started is None else started
        self._at = _Moment(self._started)  # one value, replaced as a whole: another thread may look at any time
        self._shown = 0.0

    def expect(self, seconds: float) -> None:
        """Say what is expected from here on, in place of what the step under way and those ahead of it were."""
        now, at = self._clock(), self._at
        done = at.done if at.expected or at.ahead else now - self._started  # the time before anything was known
        self._at = _Moment(now, done, 0.0, seconds, at.label)

    def enter(self, expected: float, ahead: float, label: str = "") -> None:
        """End the step under way and begin one."""
        at = self._at
        self._at = _Moment(self._clock(), at.done + at.expected, expected, ahead, label or at.label)
        self.tell()

    def go_on(self, expected: float) -> None:
        """Say that so many seconds are expected of what is left of the step under way; never more than before."""
        at, rest = self._at, min(expected, self._at.expected)
        self._at = _Moment(self._clock(), at.done + at.expected - rest, rest, at.ahead, at.label)
        self.tell()

    def finish(self) -> None:
        """Say that all is done."""
        self._shown = 1.0
        self._reporter(1.0, 0.0, self._at.label)

    def tell(self) -> None:
        """Report how far the work is by now, and the time left at the pace so far."""
        now, at = self._clock(), self._at
        left = self._left(now, at)
        if left is not None and now > self._started:
            self._shown = max(self._shown, (now - self._started) / (now - self._started + left))
        self._reporter(self._shown, left, at.label)

    def _left(self, now: float, at: _Moment) -> float | None:
        if not at.expected + at.ahead + at.done:
            return None
        faith = _FAITH * (at.done + at.expected + at.ahead)
        before, under_way = at.since - self._started, now - at.since
        pace = max(
            (faith + before) / (faith + at.done),
            (faith + before + under_way) / (faith + at.done + at.expected),  # a step late already tells of the pace too
        )
        return max(at.expected * pace - under_way, _TAIL * under_way) + at.ahead * pace


class _Span(NamedTuple):
    """The step under way: of which steps, and how many seconds it is expected to take (None: the whole work)."""

    progress: Progress
    steps: Steps | None = None
    expected: float | None = None


_span: ContextVar[_Span | None] = ContextVar("span", default=None)


@contextmanager
def reported(progress: Progress) -> Iterator[None]:
    """Let the work in the block say how far it is; the whole of it is the block."""
    token = _span.set(_Span(progress))
    try:
        yield
        progress.finish()
    finally:
        _span.reset(token)


class Steps:
    """The steps of some work: `with steps("read"):` is one of them, and what it does may have steps of its own.

    Weights share out what the step around them is expected to take; with `seconds` they are expected seconds, whatever
    was expected of that step before.
    """

    def __init__(self, weights: Mapping[str, float], *, seconds: bool = False) -> None:
        self._span = _span.get()
        self._ahead: dict[str, float] = {}
        if self._span is not None:
            whole, total = self._span.expected, sum(weights.values()) or 1.0
            scale = 1.0 if seconds or whole is None else whole / total
            self._ahead = {name: weight * scale for name, weight in weights.items()}
            self._span.progress.expect(self.ahead)

    @property
    def ahead(self) -> float:
        """Return the seconds expected of all steps that have not begun, of the work around these steps as well."""
        outer = self._span.steps if self._span is not None else None
        return sum(self._ahead.values()) + (outer.ahead if outer is not None else 0.0)

    def expect(self, **seconds: float) -> None:
        """Say how many seconds steps ahead will take, now that more is known; call it between two steps."""
        if self._span is not None:
            self._ahead |= {name: expected for name, expected in seconds.items() if name in self._ahead}
            self._span.progress.enter(0.0, self.ahead)

    def begin(self, name: str, label: str = "") -> float:
        """Begin a step that lasts until the next one, and return the seconds expected of it; skip those before it."""
        if self._span is None:
            return 0.0
        names = list(self._ahead)
        expected = self._ahead[name]
        self._ahead = {later: self._ahead[later] for later in names[names.index(name) + 1 :]}
        self._span.progress.enter(expected, self.ahead, label)
        return expected

    @contextmanager
    def __call__(self, name: str, label: str = "") -> Iterator[None]:
        """Do one step; `label` says what it does."""
        if self._span is None or name not in self._ahead:
            yield
            return
        progress = self._span.progress
        token = _span.set(_Span(progress, self, self.begin(name, label)))
        try:
            yield
            progress.enter(0.0, self.ahead)
        finally:
            _span.reset(token)


def each(
    items: Sequence[Item],
    weight: Callable[[Item], float] = lambda _: 1.0,
    label: str = "",
    *,
    seconds: bool = False,
) -> Iterator[Item]:
    """Go through items, each a step as heavy as `weight` says, in expected seconds where `seconds` is set."""
    if _span.get() is None:
        yield from items
        return
    steps = Steps({str(place): weight(item) for place, item in enumerate(items)}, seconds=seconds)
    for place, item in enumerate(items):
        with steps(str(place), label):
            yield item


def within(share: float) -> None:
    """Say that this share of the step under way is done, for loops whose length shows as they run."""
    span = _span.get()
    if span is not None and span.expected is not None:
        span.progress.go_on(span.expected * (1 - share))
