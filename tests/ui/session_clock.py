"""Time for tests of the session: one moment for all that is kept, and a clock that moves only when told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

WHEN = datetime(2025, 3, 1, 9, 0, tzinfo=UTC)


class HandTimer:
    """A clock and a timer that move only when told."""

    def __init__(self) -> None:
        self.now = 0.0
        self.plans: list[tuple[float, Callable[[], None]]] = []

    def clock(self) -> float:
        """Return the time."""
        return self.now

    def timer(self, delay: float, action: Callable[[], None]) -> HandTimer.Plan:
        """Plan an action."""
        plan = HandTimer.Plan(self, self.now + delay, action)
        self.plans.append((plan.due, plan))
        return plan

    def advance(self, seconds: float) -> None:
        """Let time pass and run what falls due."""
        self.now += seconds
        due = [plan for when, plan in self.plans if when <= self.now + 1e-9]
        self.plans = [(when, plan) for when, plan in self.plans if when > self.now + 1e-9]
        for plan in due:
            plan()

    class Plan:
        """A planned action."""

        def __init__(self, owner: HandTimer, due: float, action: Callable[[], None]) -> None:
            self.owner, self.due, self.action, self.is_off = owner, due, action, False

        def __call__(self) -> None:
            """Run it, unless it was called off."""
            if not self.is_off:
                self.action()

        def cancel(self) -> None:
            """Call it off."""
            self.is_off = True
