"""How far work has come and how long it will still take: declared by the work, shown by whoever asked."""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    Reporter: TypeAlias = Callable[[float, float | None, str], None]
    """Told the share done (0 to 1), the seconds left (None: not known yet) and what is being done."""

# --- How far work has come, and how long it will still take: declared by the work, shown by whoever asked

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


@contextmanager
def unreported() -> Iterator[None]:
    """Let nobody hear of the work in the block, such as that of a process nobody watches."""
    token = _span.set(None)
    try:
        yield
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
    items: Sequence[Item], weight: Callable[[Item], float] = lambda _: 1.0, label: str = "", *, seconds: bool = False
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


# --- About how long the parts of the commands take on an ordinary machine, for progress

_PACKED = {".parquet": 8, ".pq": 8, ".xlsx": 8, ".xlsm": 8}
_BYTES_PER_ACCOUNT = 40.0  # of the table of accounts
_MANY = 10_000.0  # accounts


class Size(NamedTuple):
    """How much there is to work on."""

    accounts: int
    surveys: int = 0

    @property
    def many(self) -> float:
        """Return the accounts in tens of thousands."""
        return self.accounts / _MANY


class OnDisk(NamedTuple):
    """Some data before it is read: files, bytes of them all, those of packed files as what they unpack to."""

    files: int
    total: float
    size: Size

    @classmethod
    def of(cls, data: Path) -> OnDisk:
        """Look at a folder or a workbook."""
        files = [path for path in (data.iterdir() if data.is_dir() else [data]) if path.is_file()]
        sizes = {path.stem.casefold(): path.stat().st_size * _PACKED.get(path.suffix.lower(), 1) for path in files}
        total = float(sum(sizes.values()))
        accounts = next((size for name, size in sizes.items() if name.startswith("account")), total / 20)
        surveys = sum("survey" in name for name in sizes)
        return cls(len(files), total, Size(round(accounts / _BYTES_PER_ACCOUNT), surveys))

    @property
    def loading(self) -> float:
        """Return the seconds to read and check it."""
        return 0.3 + 0.06 * self.files + 5e-8 * self.total


def checking(tables: int, cells: int) -> float:
    """Return the seconds to check tables that are read."""
    return 0.35 + 0.02 * tables + 1.5e-7 * cells


def deciding(size: Size) -> dict[str, float]:
    """Return the seconds of each part of deciding every stage."""
    many = size.many
    return {"gather": 0.1 + 0.5 * many, "suggest": 1.0 + 0.6 * many, "record": 0.1 + 0.3 * many}


def reporting(size: Size, designs: int, *, priced: bool) -> dict[str, float]:
    """Return the seconds of each part of a report, its page as well; `priced`: the design has prices to search."""
    many = size.many
    return {
        "evidence": 0.4 + 0.12 * many,
        "own": 0.1 + 0.26 * many,
        "willingness": sum(asking(size, priced=priced).values()),
        "others": (designs - 1) * (1.2 + 0.25 * many),
        "impact": 0.08 + 0.11 * many,
        "page": sum(drawing(size).values()),
    }


def asking(size: Size, *, priced: bool) -> dict[str, float]:
    """Return the seconds to work out what customers would pay, and to search prices."""
    search = 0.1 + 0.8 * size.surveys if priced else 0.0
    return {"answers": 0.2 + 0.6 * size.surveys + 0.14 * size.many, "search": search}


def drawing(size: Size) -> dict[str, float]:
    """Return the seconds to wait for the chart library, and to make the figures and the page."""
    return {"library": 0.1, "figures": 2.0 + 0.1 * size.surveys + 1.1 * size.many}


def replaying(size: Size, counting: float = 0.0) -> dict[str, float]:
    """Return the seconds of each part of a replay; `counting` are those of raw events."""
    return {"replay": counting + 0.1 + 0.2 * size.many, "say": 0.05 + 0.06 * size.many}
