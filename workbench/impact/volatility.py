"""What each way of taming usage bills would have meant for revenue and for customers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.windows import YEAR
from workbench.formatting import count
from workbench.impact.billing import BASE_FEE
from workbench.impact.errors import ReplayError
from workbench.impact.swings import around_trend, bill_shock
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
from workbench.wording import metric_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.impact.replay import Replay

    Floats = NDArray[np.float64]

FEWEST_MEASURED = 8  # months; below, swings around a trend cannot be told from the trend


@dataclass(frozen=True, slots=True, eq=False)
class ToolComparison:
    """Each tool over the same accounts and months.

    `table`: tool, revenue, change (against billing as used), floor (revenue a month would bring without any use,
    mean per month), floor_share (of revenue), volatility (of monthly revenue around its trend, a share),
    accounts_over_25 (share of all these accounts with a month more than 25% above the one before, which was billed
    too), largest_rise_p95 (the rise that 95% of them never exceed).
    `months` are those billed; the ones before them set the terms. `bills` holds each tool's bills, accounts x months.
    """

    table: pd.DataFrame
    months: pd.DatetimeIndex
    bills: dict[str, Floats]
    cautions: tuple[Caution, ...]


@dataclass(frozen=True, slots=True, eq=False)
class UsageBills:
    """Accounts x months: usage charges of the months learned from and of those billed, and the fees of the latter.

    `months` are those billed, `left_out` counts the accounts that were not billed in every month. `charged` says in
    words what bills grow with, `currency` is that of the amounts.
    """

    learned: Floats
    billed: Floats
    fixed: Floats
    months: pd.DatetimeIndex
    left_out: int
    charged: str = "usage"
    currency: str = ""

    def __len__(self) -> int:
        """Count the accounts."""
        return len(self.billed)

    def bills(self, tool: VolatilityTool) -> Floats:
        """Return what a tool bills, fees included."""
        return tool.bills(self.billed, self.learned) + self.fixed

    def cautions(self) -> tuple[Caution, ...]:
        """Say what a comparison of tools leaves out."""
        found = [Caution("Usage stays as it was; a customer who commits or is capped may use more.", "note")]
        if self.left_out:
            text = f"{count('account', self.left_out)} were not billed in every month and are left out."
            found.append(Caution(text, "note"))
        if len(self.months) < FEWEST_MEASURED:
            text = f"Only {count('month', len(self.months))} are billed: the swings of revenue stay unknown."
            found.append(Caution(text))
        return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class ToolOutcome:
    """One tool: its row of a `ToolComparison`, and what all accounts pay, and would pay without any use, a month."""

    row: dict[str, object]
    by_month: Floats
    floor: Floats


def usual_tools(found: UsageBills) -> tuple[VolatilityTool, ...]:
    """Return the tools with ordinary terms, for what `usage_bills` made of a replay."""
    free = FreeBaseline(usual_baseline(found), found.charged, found.currency)
    return (AsUsed(), MonthlyCommitment(), YearlyPool(), Smoothing(), Cap(), free)


def usual_baseline(found: UsageBills) -> float:
    """Return a quarter of the median month with usage among those learned from, in currency; 0 when there is none."""
    known = found.learned[np.isfinite(found.learned) & (found.learned > 0)]
    return round(float(np.median(known)) / 4, 2) if known.size else 0.0


def usage_bills(replay: Replay, *, learn_months: int = YEAR) -> UsageBills:
    """Return what tools work on: the first `learn_months` set the terms, the months after them are billed.

    Only accounts that were customers in every month count, so that coming and going is no swing. Raises ReplayError
    when nobody or too few months are left.
    """
    usage, fees, accounts = _complete(replay)
    months = replay.rows.shown_months
    if len(months) - learn_months < 2 or learn_months < 1:  # noqa: PLR2004 - a change needs two months
        raise ReplayError(
            f"{count('month', len(months))} cannot be split into {learn_months} to learn from and two or more to bill.",
            "Replay more months, or learn from fewer.",
        )
    left_out = len(np.unique(replay.rows.account)) - accounts
    offers = (*replay.book.plans, *replay.book.add_ons)
    charged = dict.fromkeys(metric_words(charge.metric) for offer in offers for charge in offer.charges)
    return UsageBills(
        usage[:, :learn_months],
        usage[:, learn_months:],
        fees[:, learn_months:],
        months[learn_months:],
        left_out,
        " and ".join(charged) or "usage",
        replay.currency,
    )


def compare_tools(
    replay: Replay | UsageBills, tools: Sequence[VolatilityTool] | None = None, *, learn_months: int = YEAR
) -> ToolComparison:
    """Return what each tool would have meant for revenue and for customers; behaviour stays as it was.

    Takes a replay, or what `usage_bills` made of one, and raises what that raises.
    """
    found = replay if isinstance(replay, UsageBills) else usage_bills(replay, learn_months=learn_months)
    chosen = usual_tools(found) if tools is None else tuple(tools)
    outcomes = [outcome_of(found, tool) for tool in chosen]
    return ToolComparison(
        pd.DataFrame([each.row for each in outcomes]),
        found.months,
        {tool.words: found.bills(tool) for tool in chosen},
        found.cautions(),
    )


def outcome_of(found: UsageBills, tool: VolatilityTool) -> ToolOutcome:
    """Return what one tool would have meant: its row of the table, and revenue and floor month by month."""
    bills, least = found.bills(tool), tool.least(found.billed, found.learned) + found.fixed
    by_month, floor = bills.sum(axis=0), least.sum(axis=0)
    shock, revenue, as_used = (
        bill_shock(bills, throughout=True),
        float(by_month.sum()),
        float((found.billed + found.fixed).sum()),
    )
    row = {
        "tool": tool.words,
        "revenue": revenue,
        "change": revenue / as_used - 1 if as_used else float("nan"),
        "floor": float(floor.mean()),
        "floor_share": float(floor.sum()) / revenue if revenue else float("nan"),
        "volatility": around_trend(by_month),
        "accounts_over_25": shock.over_25,
        "largest_rise_p95": shock.largest_p95,
    }
    return ToolOutcome(row, by_month, floor)


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
