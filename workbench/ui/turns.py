"""What a change sets off on a panel, in three turns: what the eye waits for, the numbers, and the words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.ui.scheduler import MOMENT, Afterwards, Coalescer

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

# Seconds of rest before the long parts are worked out, and how long they may lag behind a moving slider.
QUIET, LONGEST_WAIT = 0.12, 0.5


class Turns:
    """Three callbacks of a panel, each in its turn; `guard` wraps them, so that their errors are said on the panel.

    `work` runs `recompute` for the latest change, which draws what the eye waits for; `soon`, a moment later, runs
    `numbers`; `rest`, when the hand rests, runs `words`. A later turn is left out while an earlier one is due again:
    the control is already further on, and that run asks for it anew.
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
        self.work: Coalescer[None] = Coalescer(guard(lambda _: self.begin()), lock=lock)
        self.soon = Afterwards(guard(self._show_numbers), quiet=MOMENT, at_most=MOMENT, lock=lock)
        self.rest = Afterwards(guard(self._show_words), quiet=QUIET, at_most=LONGEST_WAIT, lock=lock)

    def begin(self) -> None:
        """Take the first turn here and now, without a guard; the others follow."""
        self._recompute()
        self.soon.request()

    def request(self) -> None:
        """Take all three turns as soon as there is time."""
        self.work.submit(None)

    def flush(self) -> None:
        """Take every turn that is due now."""
        for turn in (self.work, self.soon, self.rest):
            turn.flush()

    def cancel(self) -> None:
        """Call off what is due."""
        for turn in (self.work, self.soon, self.rest):
            turn.cancel()

    def _show_numbers(self) -> None:
        if not self.work.pending:
            self._numbers()
            self.rest.request()

    def _show_words(self) -> None:
        if not (self.work.pending or self.soon.pending):
            self._words()
