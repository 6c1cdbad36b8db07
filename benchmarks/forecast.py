"""Revenue of the months ahead: 100,000 accounts over 36 months, two metrics, two price lists, 1,000 draws.

Growth, season, shocks, leavers and new customers are fitted and drawn, and both lists billed on the same draws. Beside
the forecast stands what drawing every account in every draw would take, timed on few of them and multiplied. The
sample company is forecast as a study does: usage of all its metrics, billed by the engine that bills the past.
"""

from __future__ import annotations

import resource
from functools import partial

import numpy as np
from measure import Row, median_seconds, milliseconds

from workbench.forecast import UsageHistory, simulate_totals
from workbench.impact import CheapestThatFits, account_months
from workbench.impact.revenue_forecast import PricesAhead, revenue_ahead
from workbench.stages.price_book import list_of_today, price_book
from workbench.workspace import sample_base, sample_study

ACCOUNTS, MONTHS, HORIZON, DRAWS = 100_000, 36, 24, 1_000
FEW_ACCOUNTS, FEW_DRAWS = 2_000, 100
SECONDS, MEMORY = 10.0, 2.0  # GiB


def usage_list(quantity: np.ndarray, _: np.ndarray) -> np.ndarray:
    """Bill units in three falling bands over a fee."""
    units = quantity[1]
    return 20 + np.minimum(units, 1_000) + 0.8 * np.clip(units - 1_000, 0, 9_000) + 0.6 * np.maximum(units - 10_000, 0)


def seat_list(quantity: np.ndarray, _: np.ndarray) -> np.ndarray:
    """Bill seats, cheaper beyond fifty."""
    return 30 * np.minimum(quantity[0], 50) + 24 * np.maximum(quantity[0] - 50, 0)


LISTS = {"usage": usage_list, "seats": seat_list}


def rows() -> list[Row]:
    """Return the measurements."""
    history = _company(ACCOUNTS)
    forecast = partial(simulate_totals, history, LISTS, HORIZON, draws=DRAWS)
    seconds = median_seconds(forecast, 3, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    single = partial(simulate_totals, _company(FEW_ACCOUNTS), LISTS, HORIZON, draws=FEW_DRAWS, largest=FEW_ACCOUNTS)
    drawn = median_seconds(single, 3, 1) * (ACCOUNTS / FEW_ACCOUNTS) * (DRAWS / FEW_DRAWS)
    base = sample_base()
    book = price_book(base, sample_study(base, "sample").designs[1])
    lists = {"today": PricesAhead(list_of_today(base)), "new": PricesAhead(book, CheapestThatFits())}
    sample = median_seconds(partial(revenue_ahead, base, account_months(base), lists), 3, 1)
    return [
        Row(
            f"{HORIZON} months ahead of {ACCOUNTS:,} accounts", milliseconds(seconds),
            f"every account in every draw: {milliseconds(drawn)}", f"{drawn / seconds:,.0f}x",
            "at most 10 s", seconds <= SECONDS,
        ),
        Row("memory of the process at most", f"{peak:.1f} GiB", "", "", "at most 2 GiB", peak <= MEMORY),
        Row("the sample company, back-test included", milliseconds(sample), "", ""),
    ]  # fmt: skip


def _company(accounts: int) -> UsageHistory:
    """Return a company that accounts join and leave, with seats and units that grow."""
    rng = np.random.default_rng(20)
    joined = rng.integers(-MONTHS, MONTHS, accounts)
    age = np.arange(MONTHS) - joined[:, None]
    gone = np.cumsum((rng.random(age.shape) < 0.01) & (age > 0), axis=1) > 0  # noqa: PLR2004 - one in a hundred a month
    logs = rng.normal(6, 1, (accounts, 1)) + 0.01 * np.arange(MONTHS) + rng.normal(0, 0.1, age.shape)
    quantity = np.where((age < 0) | gone, np.nan, np.array([np.round(np.exp(logs / 2)), np.exp(logs)]))
    return UsageHistory(quantity, age[:, 0], rng.integers(0, 4, accounts))
