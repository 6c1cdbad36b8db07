"""Do a slow thing only for the latest of many changes (debounce), and show a change in three turns."""

from __future__ import annotations

import asyncio
import threading
import time
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from workbench.progress import Progress, reported

if TYPE_CHECKING:
    from collections.abc import Callable

# --- Do a slow thing only for the latest of many changes: at once when quiet, or once things are quiet again

Value = TypeVar("Value")
PAUSE = 0.09
"""Seconds between two runs while changes keep coming: short enough to feel live."""
MOMENT = 0.05
"""Seconds that let the page draw what was just sent before the next thing is worked out."""


class Handle(Protocol):
    """Something planned that can still be called off."""

    def cancel(self) -> None:
        """Call it off."""


def loop_timer(delay: float, action: Callable[[], None]) -> Handle | None:
    """Plan an action on the running event loop; None when there is no loop, as in a script."""
    try:
        return asyncio.get_running_loop().call_later(delay, action)
    except RuntimeError:
        return None


class Throttle(Generic[Value]):
    """Run `action` with the latest value: at once after a quiet spell, else when `pause` seconds have passed.

    The pause counts from the end of the last run, so a slow action never fills the whole time. Where no event loop
    runs (a script, a plain test) there is no later: every value is handled at once. `clock` and `timer` can be
    replaced, and `flush` runs what is waiting now. What shares a `lock` never runs at the same time.
    """

    def __init__(
        self,
        action: Callable[[Value], Any],
        *,
        pause: float = PAUSE,
        clock: Callable[[], float] = time.monotonic,
        timer: Callable[[float, Callable[[], None]], Handle | None] = loop_timer,
        lock: threading.RLock | None = None,
    ) -> None:
        self._action = action
        self._pause = pause
        self._clock = clock
        self._timer = timer
        self._lock = lock or threading.RLock()
        self._waiting: list[Value] = []
        self._handle: Handle | None = None
        self._due = 0.0
        self._free_from = float("-inf")
        self._running = False

    @property
    def pending(self) -> bool:
        """Tell whether a value is waiting for its turn."""
        return bool(self._waiting)

    def submit(self, value: Value) -> None:
        """Take a value; one that was still waiting is forgotten."""
        with self._lock:
            self._waiting = [value]
            if self._running:
                return  # the run under way looks again when it ends
            now = self._clock()
            if self._handle is not None and now <= self._due + self._pause:
                return
            # A plan that is overdue belongs to a loop that ended, such as that of a closed page.
            wait = self._free_from - now
            if wait <= 0 or not self._plan(wait):
                self.flush()

    def flush(self) -> None:
        """Run the waiting value now, if there is one."""
        with self._lock:
            self._forget_plan()
            if self._running or not self._waiting:
                return
            value = self._waiting.pop()
            self._running = True
            try:
                self._action(value)
            finally:
                self._running = False
                self._free_from = self._clock() + self._pause
            if self._waiting and not self._plan(self._pause):
                self.flush()

    def cancel(self) -> None:
        """Forget what is waiting."""
        with self._lock:
            self._waiting = []
            self._forget_plan()

    def _plan(self, wait: float) -> bool:
        self._handle = self._timer(wait, self.flush)
        self._due = self._clock() + wait
        return self._handle is not None

    def _forget_plan(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None


class Debounce:
    """Run `action` once things are quiet: `quiet` seconds after the last request, `at_most` after the first.

    Where no event loop runs, every request is handled at once. `clock` and `timer` can be replaced, `flush` runs what
    is waiting now, and what shares a `lock` never runs at the same time.
    """

    def __init__(
        self,
        action: Callable[[], Any],
        *,
        quiet: float,
        at_most: float,
        clock: Callable[[], float] = time.monotonic,
        timer: Callable[[float, Callable[[], None]], Handle | None] = loop_timer,
        lock: threading.RLock | None = None,
    ) -> None:
        self._action = action
        self._quiet = quiet
        self._at_most = at_most
        self._clock = clock
        self._timer = timer
        self._lock = lock or threading.RLock()
        self._first: float | None = None
        self._handle: Handle | None = None

    @property
    def pending(self) -> bool:
        """Tell whether a request is waiting."""
        return self._first is not None

    def request(self) -> None:
        """Ask for the action."""
        with self._lock:
            now = self._clock()
            if self._first is None:
                self._first = now
            self._forget_plan()
            due = min(now + self._quiet, self._first + self._at_most)
            self._handle = self._timer(max(0.0, due - now), self.flush)
            if self._handle is None:
                self.flush()

    def again(self, after: float) -> bool:
        """Ask for the action in so many seconds; False where no event loop runs, so that there is no later."""
        with self._lock:
            self._forget_plan()
            self._handle = self._timer(after, self.flush)
            self._first = None if self._handle is None else self._clock()
            return self._handle is not None

    def flush(self) -> None:
        """Run the action now if it is waiting; what it requests itself comes later."""
        with self._lock:
            self._forget_plan()
            if self._first is None:
                return
            self._first = None
            self._action()

    def cancel(self) -> None:
        """Forget what is waiting."""
        with self._lock:
            self._first = None
            self._forget_plan()

    def _forget_plan(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None


# --- Work that takes a while, beside everything else, and called off where somebody wants it

_LOOKS_EVERY = 0.2
"""Seconds between two looks at how far some work is."""


class CalledOff(BaseException):
    """What ends work that was called off, at the next step it comes to; nothing that handles errors keeps it."""


class Job:
    """Work in a thread of its own.

    `told(share, left, label)` hears how far it is and about how many seconds are left, `ended(error)` that it is over.
    Where no event loop runs (a script, a plain test) it is done at once. Both are called on the loop, never beside it.
    """

    def __init__(
        self,
        work: Callable[[], object],
        *,
        told: Callable[[float, float | None, str], None],
        ended: Callable[[BaseException | None], None],
        timer: Callable[[float, Callable[[], None]], Handle | None] = loop_timer,
    ) -> None:
        self._work, self._told, self._ended, self._timer = work, told, ended, timer
        self._at: tuple[float, float | None, str] = (0.0, None, "")
        self._error: BaseException | None = None
        self._is_called_off = False
        self._thread = threading.Thread(target=copy_context().run, args=(self._run,), daemon=True)

    def start(self) -> None:
        """Begin."""
        if self._timer(_LOOKS_EVERY, self._look) is None:
            self._run()
            self._ended(self._error)
        else:
            self._told(*self._at)
            self._thread.start()

    def call_off(self) -> None:
        """End the work at the next step it comes to."""
        self._is_called_off = True

    def _run(self) -> None:
        try:
            with reported(Progress(self._heard)):
                self._work()
        except (Exception, CalledOff) as error:  # noqa: BLE001 - told where the work was begun
            self._error = error

    def _heard(self, share: float, left: float | None, label: str) -> None:
        if self._is_called_off:
            raise CalledOff
        self._at = (share, left, label)

    def _look(self) -> None:
        if not self._thread.is_alive():
            self._ended(self._error)
        else:
            self._told(*self._at)
            self._timer(_LOOKS_EVERY, self._look)


# --- What a change sets off on a panel, in three turns: what the eye waits for, the numbers, and the words

# Seconds of rest before the long parts are worked out, and how long they may lag behind a moving slider.
QUIET, LONGEST_WAIT = 0.12, 0.5


class RefreshTurns:
    """Three callbacks of a panel, each in its turn; `guard` wraps them, so that their errors are said on the panel.

    `work` runs `recompute` for the latest change, which draws what the eye waits for; `soon`, a moment later, runs
    `numbers`; `rest`, when the hand rests, runs `words`. A later turn is left out while an earlier one is due again:
    the control is already further on, and that run asks for it anew. While paused, as on a page nobody sees, what is
    asked for waits.
    """

    def __init__(
        self,
        recompute: Callable[[], Any],
        numbers: Callable[[], Any],
        words: Callable[[], Any],
        *,
        guard: Callable[[Callable[..., Any]], Callable[..., Any]],
        lock: threading.RLock,
    ) -> None:
        self._recompute, self._numbers, self._words = recompute, numbers, words
        self.work: Throttle[None] = Throttle(guard(lambda _: self.begin()), lock=lock)
        self.soon = Debounce(guard(self._show_numbers), quiet=MOMENT, at_most=MOMENT, lock=lock)
        self.rest = Debounce(guard(self._show_words), quiet=QUIET, at_most=LONGEST_WAIT, lock=lock)
        self._is_paused = self._is_due = False

    def begin(self) -> None:
        """Take the first turn here and now, without a guard; the others follow."""
        self._recompute()
        self.soon.request()

    def request(self) -> None:
        """Take all three turns as soon as there is time."""
        self._is_due = self._is_paused
        if not self._is_paused:
            self.work.submit(None)

    def pause(self) -> None:
        """Let what is asked for from now on wait until `resume` or `flush`."""
        self._is_paused = True

    def resume(self) -> None:
        """Take the turns that waited, and go on as before."""
        self._is_paused = False
        if self._is_due:
            self.request()

    def flush(self) -> None:
        """Take every turn that is due now."""
        if self._is_due:
            self._is_due = False
            self.work.submit(None)
        for turn in (self.work, self.soon, self.rest):
            turn.flush()

    def cancel(self) -> None:
        """Call off what is due."""
        self._is_due = False
        for turn in (self.work, self.soon, self.rest):
            turn.cancel()

    def _show_numbers(self) -> None:
        if not self.work.pending:
            self._numbers()
            self.rest.request()

    def _show_words(self) -> None:
        if not (self.work.pending or self.soon.pending):
            self._words()
