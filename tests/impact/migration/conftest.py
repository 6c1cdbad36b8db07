"""Made-up customers for migrations: many accounts with all kinds of changes, some free, some unchanged."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from workbench.impact.migration import AccountBills, account_bills

if TYPE_CHECKING:
    from collections.abc import Callable

sys.path.insert(0, str(Path(__file__).parent))  # the tests here share accounts followed one by one


@pytest.fixture
def make_bills() -> Callable[..., AccountBills]:
    """Return a maker of bills: `rises` True leaves no account with a lower bill."""

    def make(size: int = 200, seed: int = 0, *, rises: bool = False) -> AccountBills:
        rng = np.random.default_rng(seed)
        old = rng.lognormal(5, 1, size).round(2)
        old[:3] = 0
        new = old * rng.lognormal(0.1, 0.4, size) + 5 * (old == 0)
        new[3:6] = old[3:6]
        if rises:
            new = np.maximum(new, old)
        segment = rng.choice(["small", "mid", "large"], size)
        ids = [f"A{place}" for place in range(size)]
        return account_bills(ids, segment, old, new, start="2025-03", renewal=rng.integers(0, 12, size))

    return make
