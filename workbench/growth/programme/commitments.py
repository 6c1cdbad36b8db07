"""Volatility: what a floor under revenue costs in discount, each account's best commitment, and who balances it.

Nothing is said where a price list charges no usage: there is no swing to tame then. The terms come from the first
months, and what they would have billed from the months after them, by the tools of the billing engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.tables import SEATS
from workbench.formatting import percent
from workbench.growth.programme.pods import ProgrammeError
from workbench.impact.bill_replay import replay
from workbench.impact.billing import KeepPlan
from workbench.impact.errors import ReplayError
from workbench.impact.migration import who_would_opt_in
from workbench.impact.revenue_measures import STEADY, portfolio, usage_cycles
from workbench.impact.volatility import MonthlyCommitment, UsageBills, best_commitment, compare_tools, tool_outcome
from workbench.results import HALF_A_CENT
from workbench.tables import TEXT, DataTable, Money, Percent

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from workbench.customers.base import CustomerBase
    from workbench.impact.bill_replay import Replay
    from workbench.pricing.price_book import PriceBook
    from workbench.results import Floats

DISCOUNTS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3)
YEAR = 12


@dataclass(frozen=True, slots=True, eq=False)
class CommitmentFrontier:
    """Floor against discount, and what each account would commit to.

    Attributes
    ----------
    frontier
        discount, floor (revenue a month without any use), floor_share, revenue, change (against billing as used),
        volatility.
    accounts
        account_id, spend (usage a month in the months learned from), committed, saves (a month, in the months after);
        at the discount asked for, the largest commitment first.
    balance
        Which kind of customer would steady revenue, in a sentence; "" where unknown.
    reason
        Why nothing can be said.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth.programme import commitment_frontier
    >>> from workbench.impact import replay
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> months = pd.date_range("2023-01-01", periods=24, freq="MS")
    >>> use = pd.DataFrame({"account_id": "A", "month": months, "metric": "rows", "quantity": [80, 120] * 12})
    >>> base = CustomerBase.from_tables({"accounts": pd.DataFrame({"account_id": ["A"]}), "usage": use}, currency="USD")
    >>> book = PriceBook("list", "USD", [Plan("Use", 0, [Charge("rows", "per_unit", unit_price=1)])])
    >>> found = commitment_frontier(replay(base, book), discounts=(0.0, 0.5))
    >>> found.frontier[["discount", "floor", "revenue"]].round(2).to_numpy().tolist()
    [[0.0, 80.0, 1224.0], [0.5, 60.0, 720.0]]
    """

    frontier: pd.DataFrame
    accounts: pd.DataFrame
    balance: str = ""
    reason: str = ""

    def table(self, currency: str = "") -> DataTable:
        """Return the frontier as a table."""
        shown = [
            ("Discount", Percent(), "discount"), ("Floor a month", Money(currency), "floor"),
            ("Floor of revenue", Percent(), "floor_share"), ("Revenue against as used", Percent(signed=True), "change"),
            ("Swings around the trend", Percent(), "volatility"),
        ]  # fmt: skip
        return DataTable.of_frame(self.frontier, shown)

    def accounts_table(self, currency: str = "") -> DataTable:
        """Return each account's best commitment as a table."""
        shown = [
            ("Account", TEXT, "account_id"), ("Usage a month", Money(currency), "spend"),
            ("Best commitment", Money(currency), "committed"), ("Saves a month", Money(currency), "saves"),
        ]  # fmt: skip
        return DataTable.of_frame(self.accounts, shown)


def commitment_frontier(
    replayed: Replay,
    *,
    discounts: Sequence[float] = DISCOUNTS,
    premium: float = 0.1,
    offered: float = 0.15,
    usage: Collection[str] | None = None,
    learn_months: int = YEAR,
) -> CommitmentFrontier:
    """Return what floor under revenue each discount would have bought; every account commits to what is best for it.

    Parameters
    ----------
    replayed
        The bills, of more months than are learned from.
    discounts
        To look at; shares.
    premium
        What use beyond the commitment costs more.
    offered
        The discount at which each account's commitment is told.
    usage
        Which charged metrics are usage; all but seats when None.
    learn_months
        From how many months accounts learn what to commit to.

    Returns
    -------
    CommitmentFrontier
        Nothing, with the reason, where no usage is charged, or too few months or accounts are known.

    Raises
    ------
    ReplayError
        For a discount or a premium that is none.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth.programme import commitment_frontier
    >>> from workbench.impact import replay
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> use = pd.DataFrame({"account_id": ["A"], "month": "2024-01", "metric": "seats", "quantity": 4})
    >>> base = CustomerBase.from_tables({"accounts": use[["account_id"]], "usage": use}, currency="USD")
    >>> book = PriceBook("list", "USD", [Plan("Team", 0, [Charge("seats", "per_unit", unit_price=1)])])
    >>> commitment_frontier(replay(base, book)).reason
    'list charges no usage'
    """
    charged = set(replayed.book.charged_metrics)
    metrics = {each for each in charged if each.casefold() != SEATS} if usage is None else charged & set(usage)
    nothing = pd.DataFrame(columns=["discount", "floor", "floor_share", "revenue", "change", "volatility"])
    nobody = pd.DataFrame(columns=["account_id", "spend", "committed", "saves"])
    if not metrics:
        return CommitmentFrontier(nothing, nobody, reason=f"{replayed.name} charges no usage")
    bills, ids, why = _usage_bills(replayed, metrics, learn_months)
    if bills is None:
        return CommitmentFrontier(nothing, nobody, reason=why)
    rows = []
    for discount in discounts:
        row = tool_outcome(bills, MonthlyCommitment(discount, premium)).row
        rows.append({"discount": discount, **{name: row[name] for name in nothing.columns[1:]}})
    committed = best_commitment(bills.learned, offered, premium)
    as_used = bills.billed + bills.fixed
    tool = MonthlyCommitment(offered, premium)
    saves = (as_used - compare_tools(bills, [tool]).bills[tool.words]).mean(axis=1)
    accounts = pd.DataFrame(
        {"account_id": ids, "spend": bills.learned.mean(axis=1), "committed": committed, "saves": saves}
    ).sort_values("committed", ascending=False, kind="stable", ignore_index=True)
    return CommitmentFrontier(pd.DataFrame(rows), accounts, _balance(replayed))


def _usage_bills(replayed: Replay, metrics: set[str], learn_months: int) -> tuple[UsageBills | None, np.ndarray, str]:
    """Return usage and everything else of the accounts billed in every month, and who they are."""
    months = replayed.rows.shown_months
    if len(months) - learn_months < 2:  # noqa: PLR2004 - a swing needs two months
        return None, np.empty(0), f"{len(months)} months are too few to learn from {learn_months} and bill two more"
    part = np.zeros(len(replayed.rows))
    for item in replayed.items():
        part[item.rows] += item.amounts if item.item in metrics else 0.0
    whole = replayed.rows.matrix(replayed.amounts, np.nan)
    usage = replayed.rows.matrix(np.where(replayed.known, part, np.nan), np.nan)
    steady = np.isfinite(whole).all(axis=1) & np.isfinite(usage).all(axis=1)
    if not steady.any():
        return None, np.empty(0), "no account was billed in every month"
    usage, fixed = usage[steady], (whole - usage)[steady]
    bills = UsageBills(
        usage[:, :learn_months],
        usage[:, learn_months:],
        fixed[:, learn_months:],
        months[learn_months:],
        int((~steady).sum()),
        currency=replayed.currency,
    )
    return bills, replayed.rows.account_ids[steady], ""


def _balance(replayed: Replay) -> str:
    """Say which customers steady revenue: those whose cycle goes least with that of the largest group."""
    try:
        found = portfolio(replayed, usage_cycles(replayed), last_months=YEAR)
    except ReplayError:
        return ""
    known = found.groups[found.groups["group"] != STEADY].sort_values("share", ascending=False, kind="stable")["group"]
    if len(known) < 2:  # noqa: PLR2004 - nobody to balance it
        return ""
    largest = known.iloc[0]
    others = found.correlation.loc[known.iloc[1:], largest].sort_values(kind="stable")
    return (
        f"Most revenue with a cycle has its high in {largest}; customers of {others.index[0]} swing against it "
        f"most (correlation {others.iloc[0]:.2f}). Together, {percent(found.diversified)} of the swings balance out."
    )


# --- Who would take a usage component beside what it has: the first to migrate


def first_to_migrate(base: CustomerBase, book: PriceBook, metric: str) -> pd.DataFrame:
    """Return the accounts that use more than is included of a usage component offered to those who want it.

    They are the first to migrate to a price by usage: it fits how they use the product already.

    Parameters
    ----------
    base
        The customers, in the plans they are recorded in.
    book
        What `workbench.impact.migration.opt_in_overage` returned.
    metric
        What it is charged by.

    Returns
    -------
    pd.DataFrame
        account_id, offer, quantity (of the last month), adds (a month, as billed); the largest amount first.

    Raises
    ------
    ProgrammeError
        When nothing is known of the use of the metric.
    MigrationError
        When the book has no such component.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth.programme import first_to_migrate
    >>> from workbench.impact.migration import opt_in_overage
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> use = [("A", "rows", 900), ("A", "seats", 5), ("B", "rows", 1500), ("B", "seats", 5)]
    >>> use = pd.DataFrame(use, columns=["account_id", "metric", "quantity"]).assign(month="2024-01")
    >>> paid = pd.DataFrame({"account_id": ["A", "B"], "month": "2024-01", "amount": 50.0, "plan": "Team"})
    >>> base = CustomerBase.from_tables({"accounts": paid[["account_id"]], "usage": use, "mrr": paid}, currency="USD")
    >>> team = Plan("Team", 0, [Charge("seats", "per_unit", unit_price=10)])
    >>> book = opt_in_overage(PriceBook("list", "USD", [team]), "rows", unit_price="0.01", included=1000)
    >>> first_to_migrate(base, book, "rows")[["account_id", "quantity", "adds"]].to_numpy().tolist()
    [['B', 1500.0, 5.0]]
    """
    if metric not in base.usage_by_month:
        raise ProgrammeError(f"Nothing is known of the use of {metric}.", f"There is {', '.join(base.metrics)}.")
    without = replay(base, book, assign=KeepPlan(), months=1, add_ons="none")
    names = [*book.plan_names, ""]
    ids = without.rows.account_ids[without.rows.account]
    quantity: Floats = without.rows.quantity(metric)
    plans = [names[index] for index in without.plan_index]
    owners = who_would_opt_in(book, metric, list(ids), quantity, plans)
    with_it = replay(base, book, assign=KeepPlan(), months=1, add_ons=owners)
    adds = with_it.amounts - without.amounts
    table = pd.DataFrame(
        {
            "account_id": ids,
            "offer": [", ".join(owners.get(str(each), ())) for each in ids],
            "quantity": quantity,
            "adds": adds,
        }
    )
    table = table[(table["offer"] != "") & (table["adds"] > HALF_A_CENT)]
    return table.sort_values("adds", ascending=False, kind="stable", ignore_index=True)
