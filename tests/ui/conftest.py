"""Fixtures of the panel kit: a small customer base, a desk with a clock that is turned by hand."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the small stage the kit is tried on

from workbench.customers import CustomerBase
from workbench.study import Study
from workbench.ui.desk import Desk
from workbench.ui.guard import strict_callbacks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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


@pytest.fixture
def hand_timer() -> HandTimer:
    """Return a clock that is turned by hand."""
    return HandTimer()


@pytest.fixture(autouse=True)
def _strict() -> Iterator[None]:
    with strict_callbacks():
        yield


@pytest.fixture(scope="session")
def tables() -> dict[str, pd.DataFrame]:
    """Return the tables of five accounts over three months."""
    names = ["a1", "a2", "a3", "a4", "a5"]
    months = pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01"])
    mrr = [(name, month, 100.0 + 10 * at) for at, name in enumerate(names) for month in months]
    return {
        "accounts": pd.DataFrame({"account_id": names, "name": names, "seats": [2, 4, 8, 16, 30]}),
        "mrr": pd.DataFrame(mrr, columns=["account_id", "month", "amount"]),
    }


@pytest.fixture(scope="session")
def base(tables: dict[str, pd.DataFrame]) -> CustomerBase:
    """Return five accounts."""
    return CustomerBase.from_tables(tables)


@pytest.fixture
def study() -> Study:
    """Return a study with the baseline and one design."""
    return Study.new("small", "data", title="A small study")


@pytest.fixture
def desk(tmp_path: Path, study: Study, base: CustomerBase) -> Desk:
    """Return a desk with a study saved once."""
    saved = study.save(tmp_path)
    return Desk(tmp_path, saved, base=base, when=lambda: WHEN)
