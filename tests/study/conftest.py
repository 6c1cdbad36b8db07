"""What the tests of the study share: a small stage decision, a day, and a study."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

import pytest

from workbench.study import StageDecision, Study


class PriceDecision(StageDecision):
    """A stage decision with a few prices, as a stage would define one."""

    stage: ClassVar[str] = "prices"

    entry: float = 10.0
    top: float = 40.0
    tiers: tuple[dict[str, float | str], ...] = ()


@pytest.fixture
def price_decision() -> type[PriceDecision]:
    """Return a decision class that the study knows nothing of."""
    return PriceDecision


@pytest.fixture
def when() -> datetime:
    """Return one fixed moment."""
    return datetime(2025, 3, 4, 9, 30, tzinfo=UTC)


@pytest.fixture
def study() -> Study:
    """Return a study that was never saved."""
    return Study.new("Acme redesign", "../data")
