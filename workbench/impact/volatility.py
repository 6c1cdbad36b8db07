"""What each way of taming usage bills would have meant for revenue and customers, and how groups balance out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import count
from workbench.impact.billing import BASE_FEE
from workbench.impact.errors import ReplayError
from workbench.impact.swings import around_trend, bill_shock, trend_residuals
from workbench.impact.volatility_tools import (
    AsUsed,
    Cap,
    FreeBaseline,
    MonthlyCommitment,
    Smoothing,
    VolatilityTool,
    YearlyPool,
)
from workbench.results import Caution

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from workbench.impact.replay import Replay

    Floats = NDArray[np.float64]

YEAR = 12
FEWEST_MEASURED = 8  # months; below, swings around a trend cannot be told from the trend


@dataclass(frozen=True, slots=True, eq=False)
class ToolComparison:
    """Each tool over the same accounts and months.

    `table`: tool, revenue, change (against billing as used), floor (revenue a month would bring without any use,
    mean per month), floor_share (of revenue), volatility (of monthly revenue around its trend, a share),
    accounts_over_25 (share of accounts with a month more than 25% above the one before), largest_rise_p95.
    `months` are those billed; the ones before them set the terms. `bills` holds each tool's bills, accounts x months.
    """

    table: pd.DataFrame
    months: pd.DatetimeIndex
    bills: dict[str, Floats]
    cautions: tuple[Caution, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Portfolio:
    """How the swings of groups of accounts add up.

    `groups`: group, accounts, share (of revenue), volatility, strongest and weakest (month of the year, 1 to 12, by
    mean residual). `correlation` is that of the groups' monthly residuals around their trends. `volatility` is
    that of all revenue; `together` what it would be if all groups swung as one, `independent` if none went with
    another; `diversified` the share of `together` that balances out.
    """

    groups: pd.DataFrame
    correlation: pd.DataFrame
    volatility: float
    together: float
    independent: float

    @property
    def diversified(self) -> float:
        """Return the share of the groups' swings that balances out; 0 when they all swing as one."""
        return 1 - self.volatility / self.together if self.together else float("nan")


def usual_tools(replay: Replay) -> tuple[VolatilityTool, ...]:
    """Return the tools with ordinary terms; the free baseline is a quarter of the median month's usage."""
    usage = usage_amounts(replay)
    known = usage[np.isfinite(usage) & (usage > 0)]
    baseline = float(np.median(known)) / 4 if known.size else 0.0
    return (AsUsed(), MonthlyCommitment(), YearlyPool(), Smoothing(), Cap(), FreeBaseline(round(baseline, 2)))


def compare_tools(
    replay: Replay, tools: Sequence[VolatilityTool] | None = None, *, learn_months: int = YEAR
) -> ToolComparison:
    """Return what each tool would have meant for revenue and for customers.

    The first `learn_months` of the replay set the terms (an account's own best commitment, its usual month), the
    months after them are billed. Only accounts that were customers in every month count, so that coming and going is
    no swing. Behaviour stays as it was. Raises ReplayError when nobody or too few months are left.
    """
    usage, fees, accounts = _complete(replay)
    months = replay.rows.shown_months
    if len(months) - learn_months < 2 or learn_months < 1:  # noqa: PLR2004 - a change needs two months
        raise ReplayError(
            f"{len(months)} months cannot be split into {learn_months} to learn from and at least two to bill.",
            "Replay more months, or learn from fewer.",
        )
    learned, billed, fixed = usage[:, :learn_months], usage[:, learn_months:], fees[:, learn_months:]
    chosen = usual_tools(replay) if tools is None else tuple(tools)
    bills = {tool.words: tool.bills(billed, learned) + fixed for tool in chosen}
    as_used = float((billed + fixed).sum())
    rows = [_row(tool, bills[tool.words], tool.least(billed, learned) + fixed, as_used) for tool in chosen]
    cautions = [Caution("Usage stays as it was; a customer who commits or is capped may use more.", "note")]
    left_out = len(np.unique(replay.rows.account)) - accounts
    if left_out:
        text = f"{count('account', left_out)} were not billed in every month and are left out."
        cautions.append(Caution(text, "note"))
    if len(months) - learn_months < FEWEST_MEASURED:
        text = f"Only {count('month', len(months) - learn_months)} are billed: the swings of revenue stay unknown."
        cautions.append(Caution(text))
    return ToolComparison(pd.DataFrame(rows), months[learn_months:], bills, tuple(cautions))


def portfolio(replay: Replay, groups: ArrayLike | None = None) -> Portfolio:
    """Return how the revenue swings of groups of accounts go together, or balance each other.

    `groups` names the group of each account, in the order of `replay.rows.account_ids`; segments by default.
    Raises ReplayError when it has another length, or fewer than two groups swing at all.
    """
    names = replay.rows.segment if groups is None else np.asarray(groups, dtype=object)
    if names.shape != replay.rows.account_ids.shape:
        raise ReplayError(
            f"There are {names.size} groups for {len(replay.rows.account_ids)} accounts.", "Name one per account."
        )
    codes, labels = pd.factorize(names, sort=True)
    bills = np.nan_to_num(replay.bills)
    revenue = np.array([bills[codes == code].sum(axis=0) for code in range(len(labels))])
    residuals = np.array([trend_residuals(row) for row in revenue])
    steady = np.isfinite(residuals).all(axis=1)
    if steady.sum() < 2:  # noqa: PLR2004 - one group is no portfolio
        raise ReplayError("Fewer than two groups have revenue in every month.", "Choose other groups, or more months.")
    labels, revenue, residuals = labels[steady], revenue[steady], residuals[steady]
    sizes = np.array([(codes == code).sum() for code in np.flatnonzero(steady)])
    share = revenue.sum(axis=1) / revenue.sum()
    swings = np.array([around_trend(row) for row in revenue])
    season = np.array([[row[_of_year(replay) == month].mean() for month in _year_months(replay)] for row in residuals])
    calendar = np.array(_year_months(replay))
    table = pd.DataFrame(
        {
            "group": labels,
            "accounts": sizes,
            "share": share,
            "volatility": swings,
            "strongest": calendar[season.argmax(axis=1)],
            "weakest": calendar[season.argmin(axis=1)],
        }
    )
    correlation = pd.DataFrame(_correlation(residuals), index=labels, columns=labels)
    return Portfolio(
        table,
        correlation,
        around_trend(revenue.sum(axis=0)),
        float(share @ swings),
        float(np.sqrt(((share * swings) ** 2).sum())),
    )


def usage_amounts(replay: Replay) -> Floats:
    """Return what charges for usage bring: accounts x months, without base fees, NaN where not billed."""
    return _split(replay)[0]


def _split(replay: Replay) -> tuple[Floats, Floats]:
    """Return usage charges and base fees, accounts x months, NaN where an account was no customer or not billed."""
    fixed = np.zeros(len(replay.rows))
    for item in replay.items():
        if item.item == BASE_FEE:
            fixed[item.rows] += item.amounts
    fixed[~replay.known] = np.nan
    return replay.rows.matrix(replay.amounts - fixed, np.nan), replay.rows.matrix(fixed, np.nan)


def _complete(replay: Replay) -> tuple[Floats, Floats, int]:
    usage, fees = _split(replay)
    whole = np.isfinite(usage).all(axis=1)
    if not whole.any():
        raise ReplayError("No account was billed in every month of the replay.", "Replay fewer months.")
    # What is left of a difference of two sums may be a rounding error below zero.
    return np.maximum(usage[whole], 0.0), fees[whole], int(whole.sum())


def _row(tool: VolatilityTool, bills: Floats, least: Floats, as_used: float) -> dict[str, object]:
    shock = bill_shock(bills)
    revenue = float(bills.sum())
    return {
        "tool": tool.words,
        "revenue": revenue,
        "change": revenue / as_used - 1 if as_used else float("nan"),
        "floor": float(least.sum(axis=0).mean()),
        "floor_share": float(least.sum()) / revenue if revenue else float("nan"),
        "volatility": around_trend(bills.sum(axis=0)),
        "accounts_over_25": shock.over_25,
        "largest_rise_p95": shock.largest_p95,
    }


def _correlation(residuals: Floats) -> Floats:
    """Return the correlation of rows; 0 with a row that does not vary."""
    spread = np.sqrt((residuals**2).sum(axis=1))
    still = spread <= 1e-12  # noqa: PLR2004 - rounding errors of a perfect trend
    scaled = residuals / np.where(still, 1.0, spread)[:, None]
    found = np.where(still[:, None] | still[None, :], 0.0, scaled @ scaled.T)
    np.fill_diagonal(found, 1.0)
    return found


def _of_year(replay: Replay) -> NDArray[np.int32]:
    return np.asarray(replay.rows.shown_months.month)


def _year_months(replay: Replay) -> list[int]:
    return sorted(set(_of_year(replay).tolist()))
