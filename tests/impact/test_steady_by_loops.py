"""Tools against volatile bills, and portfolios, held against plain loops over accounts and months."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.impact import compare_tools, measures, portfolio, replay
from workbench.impact.volatility import (
    AsUsed,
    Cap,
    FreeBaseline,
    MonthlyCommitment,
    Smoothing,
    VolatilityTool,
    YearlyPool,
    bill_shock_of,
)
from workbench.pricing import Charge, Plan, PriceBook

MakeBase = Callable[..., CustomerBase]
SEEDS = range(6)
TOOLS: tuple[VolatilityTool, ...] = (
    AsUsed(),
    MonthlyCommitment(),
    MonthlyCommitment(0, 0),
    MonthlyCommitment(0.3, 0.5),
    YearlyPool(),
    YearlyPool(0.7, 0.2, 0.3),
    Smoothing(),
    Smoothing(20),
    Cap(),
    Cap(0.5),
    FreeBaseline(0),
    FreeBaseline(30),
)
PER_UNIT = 2


def billed(tool: VolatilityTool, usage: list[float], learned: list[float]) -> list[float]:
    """Return what one account is billed for its usage, month by month, from what the tool says it does."""
    found = []
    known = sorted(each for each in learned if not math.isnan(each))
    left = 0.0
    for month, used in enumerate(usage):
        bill = used
        if isinstance(tool, MonthlyCommitment):
            committed = _cheapest(tool, known)
            bill = (1 - tool.discount) * committed + (1 + tool.overage_premium) * max(0.0, used - committed)
        elif isinstance(tool, YearlyPool):
            pool = tool.share * 12 * sum(known) / len(known) if known else 0.0
            left = pool if month % 12 == 0 else left
            beyond = max(0.0, used - left)
            left = max(0.0, left - used)
            bill = (1 - tool.discount) * pool / 12 + (1 + tool.overage_premium) * beyond
        elif isinstance(tool, Smoothing):
            window = [*learned, *usage[: month + 1]][-tool.months :]
            window = [each for each in window if not math.isnan(each)]
            bill = sum(window) / len(window)
        elif isinstance(tool, Cap):
            middle = _median(known)
            bill = min(used, tool.times * middle) if middle > 0 else used
        elif isinstance(tool, FreeBaseline):
            bill = max(0.0, used - tool.amount)
        found.append(bill)
    return found


def _cheapest(tool: MonthlyCommitment, known: list[float]) -> float:
    """Return the least of all commitments that would have cost the customer least over the months known."""
    costs = {}
    for committed in known:
        beyond = sum(max(0.0, used - committed) for used in known)
        costs[committed] = (1 - tool.discount) * committed * len(known) + (1 + tool.overage_premium) * beyond
    least = min(costs.values(), default=0.0)
    return min((each for each, cost in costs.items() if cost <= least + 1e-9), default=0.0)


def _median(known: list[float]) -> float:
    if not known:
        return 0.0
    return (known[(len(known) - 1) // 2] + known[len(known) // 2]) / 2


def without_use(tool: VolatilityTool, usage: list[float], learned: list[float]) -> list[float]:
    """Return what would be billed in each month if nothing were used in that month alone."""
    found = []
    for month in range(len(usage)):
        idle = [0.0 if place == month else used for place, used in enumerate(usage)]
        found.append(billed(tool, idle, learned)[month])
    return found


def swing(revenue: list[float]) -> float:
    """Return the standard deviation of log revenue around the best parabola, by the normal equations."""
    months = np.arange(len(revenue), dtype=float)
    columns = np.column_stack([months**0, months, months**2])
    log = np.log(revenue)
    best = np.linalg.solve(columns.T @ columns, columns.T @ log)
    left = log - columns @ best
    return math.sqrt(sum(each**2 for each in left) / (len(revenue) - 3))


def any_usage(rng: np.random.Generator, accounts: int, months: int) -> np.ndarray:
    """Return usage of accounts that differ in size, growth and season, with months of nothing."""
    size = rng.lognormal(3, 1, (accounts, 1))
    season = 1 + rng.uniform(0, 0.6, (accounts, 1)) * np.sin(np.arange(months) / 2 + rng.uniform(0, 6, (accounts, 1)))
    usage = size * season * rng.lognormal(0, 0.4, (accounts, months))
    usage[rng.random(usage.shape) < 0.08] = 0
    return np.round(usage, 2)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.words)
def test_bills_and_floors_are_those_of_single_accounts(tool: VolatilityTool) -> None:
    """What a tool bills, and would bill without any use, is what its words say, also where months are not known."""
    rng = np.random.default_rng(11)
    learned, usage = any_usage(rng, 25, 12), any_usage(rng, 25, 17)
    learned[rng.random(learned.shape) < 0.1] = np.nan
    learned[0] = np.nan
    learned[1] = 0
    bills, least = tool.bills(usage, learned), tool.least(usage, learned)
    for place in range(25):
        row, past = usage[place].tolist(), learned[place].tolist()
        assert bills[place].tolist() == pytest.approx(billed(tool, row, past), abs=1e-9)
        assert least[place].tolist() == pytest.approx(without_use(tool, row, past), abs=1e-9)


@pytest.mark.parametrize("fee", [0, 40])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_table_of_tools_is_the_sum_of_single_bills(base_of: MakeBase, seed: int, fee: int) -> None:
    """Revenue, floor, volatility and jumps of every tool are those of loops over the same accounts and months."""
    rng = np.random.default_rng(seed)
    usage = any_usage(rng, int(rng.integers(1, 9)), 27)
    names = [f"a{place}" for place in range(len(usage))]
    quantities = {name: row.tolist() for name, row in zip(names, usage, strict=True)} | {"late": [None] + [5.0] * 26}
    paid = {name: [1.0] * 27 for name in quantities}
    book = PriceBook("Unit", "USD", (Plan("Only", fee, (Charge("data", "per_unit", unit_price=PER_UNIT),)),))
    found = compare_tools(replay(base_of({"data": quantities}, paid), book), TOOLS)
    spend = PER_UNIT * usage
    as_used = float(spend[:, 12:].sum() + fee * 15 * len(usage))
    for tool, row in zip(TOOLS, found.table.to_dict("records"), strict=True):
        bills, floor = [], 0.0
        for account in spend.tolist():
            bills.append([bill + fee for bill in billed(tool, account[12:], account[:12])])
            floor += sum(without_use(tool, account[12:], account[:12])) + 15 * fee
        revenue = [sum(month) for month in zip(*bills, strict=True)]
        largest = []
        for account in bills:
            changes = [now / before - 1 for before, now in pairwise(account) if before > 0 and now > 0]
            largest.append(max(0.0, *changes, 0.0))
        assert row["tool"] == tool.words
        assert row["revenue"] == pytest.approx(sum(revenue))
        assert row["change"] == pytest.approx(sum(revenue) / as_used - 1)
        assert row["floor"] == pytest.approx(floor / 15)
        assert row["floor_share"] == pytest.approx(floor / sum(revenue))
        assert row["accounts_over_25"] == pytest.approx(sum(each > 0.25 for each in largest) / len(largest))
        assert row["largest_rise_p95"] == pytest.approx(_point(sorted(largest), 0.95))
        if min(revenue) > 0:
            assert row["volatility"] == pytest.approx(swing(revenue))


def _point(ordered: list[float], share: float) -> float:
    """Return a quantile, in a straight line between the two values around it."""
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def test_a_first_bill_after_free_months_is_no_part_of_a_month() -> None:
    """Who was a customer throughout jumps from its first bill too; who joins may have begun with a part of a month."""
    bills = np.array([[0, 0, 10.0, 30], [10, 10, 10, 10]])
    assert bill_shock_of(bills).over_25 == 0
    assert bill_shock_of(bills, throughout=True).over_25 == 0.5
    free = np.array([[0.0, 0, 0], [10, 20, 20]])
    assert bill_shock_of(free).over_25 == 1
    assert bill_shock_of(free, throughout=True).over_25 == 0.5
    assert bill_shock_of(free, throughout=True).accounts == 2


@pytest.mark.parametrize("last_months", [None, 10])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_portfolio_from_first_principles(base_of: MakeBase, seed: int, last_months: int | None) -> None:
    """Volatility, correlation, and what all groups swing together or alone are those of loops over monthly revenue."""
    rng = np.random.default_rng(seed)
    usage = any_usage(rng, 20, 24)
    absent = rng.random(usage.shape) < 0.1
    absent[3, 6:] = True  # left before the last months
    quantities, groups = {}, {}
    for place in range(20):
        quantities[f"a{place:02d}"] = [
            None if gone else value for gone, value in zip(absent[place], usage[place].tolist(), strict=True)
        ]
        groups[f"a{place:02d}"] = str(rng.choice(["east", "north", "west"]))
    groups["a00"], quantities["a00"] = "alone", [7.0] + [None] * 23  # a group without revenue in most months
    paid = {name: [1.0 if value else None for value in row] for name, row in quantities.items()}
    groups["gap"], paid["gap"] = "east", [1.0] * 24
    quantities["gap"] = [900.0] * 16 + [None] + [900.0] * 7  # a bill that is not known is no fall of revenue
    book = PriceBook("Unit", "USD", (Plan("Only", 0, (Charge("data", "per_unit", unit_price=PER_UNIT),)),))
    done = replay(base_of({"data": quantities}, paid), book)
    found = portfolio(done, [groups[name] for name in done.rows.account_ids], last_months=last_months)
    first = 0 if last_months is None else 24 - last_months
    names = sorted(set(groups.values()) - {"alone"})
    revenue = {name: [0.0] * (24 - first) for name in names}
    members: dict[str, set[str]] = {name: set() for name in names}
    for account, row in quantities.items():
        for month, value in enumerate(row[first:]):
            if value and groups[account] in revenue and account != "gap":
                revenue[groups[account]][month] += PER_UNIT * value
                members[groups[account]].add(account)
    total = [sum(month) for month in zip(*revenue.values(), strict=True)]
    share = {name: sum(row) / sum(total) for name, row in revenue.items()}
    table = found.groups.set_index("group")
    assert list(table.index) == names
    for name in names:
        assert table.loc[name, "accounts"] == len(members[name])
        assert table.loc[name, "share"] == pytest.approx(share[name])
        assert table.loc[name, "volatility"] == pytest.approx(swing(revenue[name]))
    assert found.volatility == pytest.approx(swing(total))
    if last_months is None:
        alone = [PER_UNIT * (quantities["a00"][month] or 0) for month in range(24)]
        everybody = [one + other for one, other in zip(total, alone, strict=True)]
        assert measures(done).volatility == pytest.approx(swing(everybody))
    assert found.together == pytest.approx(sum(share[name] * swing(revenue[name]) for name in names))
    apart = math.sqrt(sum((share[name] * swing(revenue[name])) ** 2 for name in names))
    assert found.independent == pytest.approx(apart)
    assert found.diversified == pytest.approx(1 - found.volatility / found.together)
    _check_residuals(found.correlation, table, revenue, pd.date_range("2024-01", periods=24, freq="MS")[first:])


def _check_residuals(
    correlation: pd.DataFrame, table: pd.DataFrame, revenue: dict[str, list[float]], months: pd.DatetimeIndex
) -> None:
    left = {}
    for name, row in revenue.items():
        place = np.arange(len(row))
        left[name] = np.log(row) - np.polynomial.Polynomial.fit(place, np.log(row), 2)(place)
    for one, mine in left.items():
        season = {each: mine[months.month == each].mean() for each in set(months.month)}
        assert table.loc[one, "strongest"] == max(season, key=season.get)
        assert table.loc[one, "weakest"] == min(season, key=season.get)
        for other, theirs in left.items():
            assert correlation.loc[one, other] == pytest.approx(np.corrcoef(mine, theirs)[0, 1])
