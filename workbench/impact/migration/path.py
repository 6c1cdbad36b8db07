"""The way to new prices under one policy: revenue by month, what it forgoes, how much churn it can bear."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import UNKNOWN, count, percent, thousands
from workbench.impact.migration.bills import cohorts_under
from workbench.impact.migration.policies import (
    AtRenewal,
    BySegment,
    CappedRise,
    EveryoneAtOnce,
    MigrationError,
    NewCustomers,
    NewCustomersOnly,
    OptIn,
)
from workbench.impact.migration.schedules import Schedule, course, first_renewal, month_sums, parts_of, schedule
from workbench.results import Caution, KeyFigure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from workbench.impact.migration.bills import AccountBills
    from workbench.impact.migration.policies import OnePolicy, Policy
    from workbench.impact.migration.schedules import BillGrowth, MonthSums

    Floats = NDArray[np.float64]

# --- How many customers may leave before a price change stops paying

_NOISE = 1e-12


def break_even_churn(old: ArrayLike, new: ArrayLike, unit_cost: ArrayLike = 0.0) -> Floats:
    """Return the share of customers that may leave before a change from `old` to `new` earns less than before.

    Without cost it is 1 - 1/(1 + r) for a rise r; with the cost of serving an account it compares contribution margins,
    1 - (old - cost) / (new - cost).

    Parameters
    ----------
    old, new
        Bills per month.
    unit_cost
        What serving an account costs a month.

    Returns
    -------
    Floats
        Negative where the bill falls: so many more customers are needed. At most 1 (today's bill earns nothing); NaN
        where the new bill does not cover its cost, or something is unknown.

    References
    ----------
    Nagle and Müller, The Strategy and Tactics of Pricing.

    Examples
    --------
    >>> from workbench.impact.migration import break_even_churn
    >>> break_even_churn([100, 100], [120, 90]).round(3).tolist(), float(break_even_churn(100, 120, 50).round(3))
    ([0.167, -0.111], 0.286)
    """
    before, after = (np.asarray(each, dtype=np.float64) - np.asarray(unit_cost, np.float64) for each in (old, new))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = 1 - before / after
    return np.where(after > 0, np.minimum(share, 1.0), np.nan)


def break_even_by_segment(bills: AccountBills) -> pd.DataFrame:
    """Return break-even churn per segment and for all accounts, if everybody paid the new prices.

    Parameters
    ----------
    bills
        The bills.

    Returns
    -------
    pd.DataFrame
        Columns segment ("all" last), accounts, old, new (per month), rise, break_even_churn (from revenue),
        accounts_with_cost, break_even_churn_with_cost (from contribution, of the accounts whose unit cost is known).

    Examples
    --------
    >>> from workbench.impact.migration import account_bills
    >>> bills = account_bills(["A", "B"], ["small", "big"], [100, 400], [120, 380], start="2025-01", renewal=[3, 8])
    >>> from workbench.impact.migration import break_even_by_segment
    >>> break_even_by_segment(bills)[["segment", "old", "new", "break_even_churn"]].round(3)
      segment    old    new  break_even_churn
    0     big  400.0  380.0            -0.053
    1   small  100.0  120.0             0.167
    2     all  500.0  500.0             0.000
    """
    groups = [(each, bills.segment == each) for each in bills.segments]
    return pd.DataFrame([_row(name, bills.only(here)) for name, here in groups] + [_row("all", bills)])


def break_even_of_path(old: float, found: MonthSums) -> float:
    """Return the share of customers that may leave as new prices begin before the path earns less than old prices.

    `old` is what all accounts pay a month today. Those who leave are an even cross-section of all accounts that new
    prices begin for, whether their bill rises, falls or stays, and each leaves in the month in which they begin for
    it; of an offer the middle of its take-up is taken. NaN when new prices begin for nobody, or only for bills of
    nothing.
    """
    kept = old * len(found.revenue)
    revenue = float(found.revenue.sum())
    moved_revenue = revenue - kept + float(found.moved_old.sum())
    for each in found.offers:
        change = each.middle * float(each.change.sum())
        revenue += change
        moved_revenue += change + each.middle * float(each.moved_old.sum())
    return (revenue - kept) / moved_revenue if moved_revenue > _NOISE * kept else float("nan")


def break_even_words(share: float) -> str:
    """Write a break-even churn: where new prices bring less, no customer may leave, which a negative share hides.

    Parameters
    ----------
    share
        Between minus infinity and 1, as `break_even_churn` gives it.

    Returns
    -------
    str
        Words for a reader.

    Examples
    --------
    >>> from workbench.impact.migration import break_even_words
    >>> break_even_words(0.167), break_even_words(-0.1)
    ('16.7%', 'none may leave')
    """
    if np.isnan(share):
        return UNKNOWN
    return percent(share, 1) if share > 0 else "none may leave"


def _row(name: str, bills: AccountBills) -> dict[str, object]:
    old, new = float(bills.old.sum()), float(bills.new.sum())
    known = np.isfinite(bills.unit_cost)
    with_cost = bills.only(known)
    cost = float(with_cost.unit_cost.sum())
    return {
        "segment": name,
        "accounts": len(bills),
        "old": old,
        "new": new,
        "rise": new / old - 1 if old else float("nan"),
        "break_even_churn": float(break_even_churn(old, new)),
        "accounts_with_cost": len(with_cost),
        "break_even_churn_with_cost": (
            float(break_even_churn(with_cost.old.sum(), with_cost.new.sum(), cost)) if known.any() else float("nan")
        ),
    }


# --- What a reader has to know about a way to new prices before trusting it


def policy_cautions(policy: Policy, bills: AccountBills, months: int) -> list[Caution]:
    """Return what to know about a policy over some months: assumed renewals, caps on nothing, broken contracts."""
    assumed = stuck = inside = 0
    for part, here in parts_of(policy, bills):
        waits = isinstance(part, AtRenewal) or (isinstance(part, CappedRise) and part.at_renewal)
        assumed += int((here & ~bills.renewal_known).sum()) if waits else 0
        stuck += int((here & _stuck(part, bills)).sum())
        if not isinstance(part, OptIn):  # who takes an offer chooses the day
            inside += _inside_contracts(part, bills.only(here & bills.renewal_known), months)
    found = []
    if isinstance(policy, BySegment) and (strangers := sorted(set(policy.segments) - set(bills.segments))):
        text = f"No account is in the segment {' or '.join(strangers)}: what is agreed for it holds for nobody."
        found.append(Caution(text))
    if assumed:
        share = percent(assumed / len(bills))
        text = f"The renewal of {count('account', assumed)} ({share}) is an assumption: no contract is on record."
        found.append(Caution(text, "note"))
    if stuck:
        text = (
            f"{count('account', stuck)} pay nothing today; a capped rise of nothing is nothing, so they never arrive."
        )
        found.append(Caution(text))
    if inside:
        text = f"The bills of {count('account', inside)} would change inside a running contract."
        found.append(Caution(text))
    return found


def _stuck(policy: OnePolicy, bills: AccountBills) -> NDArray[np.bool_]:
    return (bills.old == 0) & (bills.new > 0) & isinstance(policy, CappedRise)


def _inside_contracts(policy: OnePolicy, bills: AccountBills, months: int) -> int:
    """Count the accounts whose first changed bill of the path comes between two renewals."""
    first = course(policy, bills.renewal, bills.term, months).first
    early = first_renewal(bills.renewal, bills.term, first) > first
    return int((early & (first < months) & (bills.new != bills.old) & ~_stuck(policy, bills)).sum())


# --- The way to new prices under one policy

TWO_YEARS = 24
NOBODY = NewCustomers()


@dataclass(frozen=True, eq=False, repr=False)
class MigrationPath:
    """What a policy bills over the coming months if nobody reacts.

    With a `growth` bills grow, and accounts leave, as it says; without, everybody stays and goes on using what was
    used. Counts of accounts are those of today in any case.

    Attributes
    ----------
    name, policy
        What it is called, and how customers move.
    bills
        Whose.
    table
        One row a month: month, revenue, revenue_low, revenue_high (the ends of what is a guess: new customers, take-up
        of an offer), today (revenue from today's accounts), new_customers (revenue from them), at_once (today's
        accounts if all moved when the notice is over), forgone (at_once - today), old_prices (today's accounts if
        nothing changed), and how many accounts are on_old, in_between (a step, a cap or an incentive) and on_new
        prices. Money in the bills' currency.
    break_even_churn
        Share of customers that may leave once everybody pays the new prices.
    cautions
        What to know before using it.
    new_customers, growth
        What was assumed.

    Examples
    --------
    >>> from workbench.impact.migration import account_bills
    >>> bills = account_bills(["A", "B"], ["small", "big"], [100, 400], [120, 380], start="2025-01", renewal=[3, 8])
    >>> from workbench.impact.migration import AtRenewal, migrate
    >>> path = migrate(bills, AtRenewal(), months=12)
    >>> path.revenue, path.forgone, path.months_to_new, path.table["on_old"].tolist()
    (6100.0, -100.0, 8, [2.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0])
    """

    name: str
    policy: Policy
    bills: AccountBills
    table: pd.DataFrame
    break_even_churn: float
    cautions: tuple[Caution, ...]
    new_customers: NewCustomers = NOBODY
    growth: BillGrowth | None = None

    def __repr__(self) -> str:
        return f"MigrationPath({self.name!r}, {len(self.bills):,} accounts, {len(self.table)} months)"

    @cached_property
    def schedule(self) -> Schedule:
        """Return what every single account pays in every month; made when somebody asks for it."""
        return schedule(self.policy, self.bills, len(self.table))

    @property
    def revenue(self) -> float:
        """Return the revenue of all months."""
        return float(self.table["revenue"].sum())

    @property
    def forgone(self) -> float:
        """Return what today's accounts pay less over all months than if all moved when the notice is over."""
        return float(self.table["forgone"].sum())

    @property
    def months_to_new(self) -> int | None:
        """Return after how many months everybody pays the new prices; None if not within the path."""
        done = np.flatnonzero(self.table["on_new"].to_numpy() >= len(self.bills) - 1e-6)
        return int(done[0]) if len(done) else None

    def break_even(self) -> pd.DataFrame:
        """Return break-even churn per segment once everybody pays the new prices."""
        return break_even_by_segment(self.bills)

    def key_figures(self) -> tuple[KeyFigure, ...]:
        """Return the path's figures for a reader."""
        months = self.table["month"]
        period = f"{months.iloc[0]:%Y-%m} to {months.iloc[-1]:%Y-%m}"
        people = f"{thousands(len(self.bills))} accounts of today"
        all_people = f"{people} and new ones" if self.table["new_customers"].any() else people
        churn = None if np.isnan(self.break_even_churn) else self.break_even_churn
        said = break_even_words(self.break_even_churn)
        still = float(self.table["on_old"].iloc[-1])
        end = f"{months.iloc[-1]:%Y-%m}"
        return (
            KeyFigure("Revenue if nobody reacts", self.revenue, self.bills.currency, period, all_people),
            KeyFigure("Forgone against everyone at once", self.forgone, self.bills.currency, period, people),
            KeyFigure("Accounts still on old prices", still, "accounts", end, people, digits=0),
            KeyFigure("Break-even churn", churn, "percent", period, people, digits=1, in_words=said),
        )


def migrate(
    bills: AccountBills,
    policy: Policy,
    *,
    months: int = TWO_YEARS,
    new_customers: NewCustomers = NOBODY,
    name: str = "",
    growth: BillGrowth | None = None,
) -> MigrationPath:
    """Return what a policy bills month by month, if nobody reacts.

    What is forgone is measured against everybody moving at once after the policy's own notice: the shortest of those
    that some account follows, where there are several.

    Parameters
    ----------
    bills
        The bills.
    policy
        How customers move.
    months
        How far the path goes.
    new_customers
        How many come in a month; nobody by default.
    name
        What to call it; the policy's kind by default.
    growth
        What a forecast says of the bills; None: usage stays as it is.

    Returns
    -------
    MigrationPath
        Revenue and accounts by month.

    Raises
    ------
    MigrationError
        When the policy is none, or the path is shorter than a month.

    Examples
    --------
    >>> from workbench.impact.migration import account_bills
    >>> bills = account_bills(["A", "B"], ["small", "big"], [100, 400], [120, 380], start="2025-01", renewal=[3, 8])
    >>> from workbench.impact.migration import CappedRise, migrate
    >>> migrate(bills, CappedRise(per_year=0.1), months=13).table[["month", "today", "on_new"]].iloc[[0, 11, 12]]
            month  today  on_new
    0  2025-01-01  490.0     1.0
    11 2025-12-01  490.0     1.0
    12 2026-01-01  500.0     2.0
    """
    if isinstance(policy, type) or not hasattr(policy, "describe"):
        raise MigrationError(f"{policy!r} is no policy.", "Give one, such as AtRenewal() or CappedRise(per_year=0.1).")
    if months < 1:
        raise MigrationError(f"A path of {months} months shows nothing.", "Choose one month or more.")
    found = month_sums(policy, bills, months, growth)
    once = EveryoneAtOnce(notice_months=_shortest_notice(policy, bills))
    at_once = month_sums(once, bills, months, growth).revenue
    low, middle, high, moved, arrived = _today(found)
    old = month_sums(NewCustomersOnly(), bills, months, growth).revenue
    comers = np.arange(1, months + 1) * (float(bills.new.mean()) if new_customers.bill is None else new_customers.bill)
    from_new = comers * (new_customers.low + new_customers.high) / 2
    table = pd.DataFrame(
        {
            "month": bills.months(months),
            "revenue": middle + from_new,
            "revenue_low": low + comers * new_customers.low,
            "revenue_high": high + comers * new_customers.high,
            "today": middle,
            "new_customers": from_new,
            "at_once": at_once,
            "forgone": at_once - middle,
            "old_prices": old,
            "on_old": len(bills) - moved,
            "in_between": moved - arrived,
            "on_new": arrived,
        }
    )
    return MigrationPath(
        name=name or policy.kind,
        policy=policy,
        bills=bills,
        table=table,
        break_even_churn=break_even_of_path(
            float(bills.old.sum()), found if growth is None else month_sums(policy, bills, months)
        ),
        cautions=(*bills.cautions, *policy_cautions(policy, bills, months)),
        new_customers=new_customers,
        growth=growth,
    )


def compare_policies(
    bills: AccountBills,
    policies: Mapping[str, Policy],
    *,
    months: int = TWO_YEARS,
    new_customers: NewCustomers = NOBODY,
    growth: BillGrowth | None = None,
) -> dict[str, MigrationPath]:
    """Return the path of each policy over the same accounts, under the names given.

    Parameters
    ----------
    bills
        The bills.
    policies
        Name to policy.
    months
        How far the paths go.
    new_customers, growth
        As for `migrate`.

    Returns
    -------
    dict[str, MigrationPath]
        A path under each name.

    Examples
    --------
    >>> from workbench.impact.migration import account_bills
    >>> bills = account_bills(["A", "B"], ["small", "big"], [100, 400], [120, 380], start="2025-01", renewal=[3, 8])
    >>> from workbench.impact.migration import AtRenewal, EveryoneAtOnce, compare_policies
    >>> ways = {"at once": EveryoneAtOnce(), "at renewal": AtRenewal()}
    >>> {name: path.revenue for name, path in compare_policies(bills, ways, months=12).items()}
    {'at once': 6000.0, 'at renewal': 6100.0}
    """
    return {
        name: migrate(bills, policy, months=months, new_customers=new_customers, name=name, growth=growth)
        for name, policy in policies.items()
    }


def paths_table(paths: Mapping[str, MigrationPath]) -> pd.DataFrame:
    """Return one row per path: policy, revenue, forgone, on_old_at_end (accounts), months_to_new, break_even_churn.

    Parameters
    ----------
    paths
        Name to path.

    Returns
    -------
    pd.DataFrame
        Money over all months of the path, in the bills' currency.

    Examples
    --------
    >>> from workbench.impact.migration import account_bills
    >>> bills = account_bills(["A", "B"], ["small", "big"], [100, 400], [120, 380], start="2025-01", renewal=[3, 8])
    >>> from workbench.impact.migration import AtRenewal, EveryoneAtOnce, compare_policies, paths_table
    >>> paths = compare_policies(bills, {"at once": EveryoneAtOnce(), "at renewal": AtRenewal()}, months=12)
    >>> paths_table(paths)[["policy", "revenue", "forgone"]]
           policy  revenue  forgone
    0     at once   6000.0      0.0
    1  at renewal   6100.0   -100.0
    """
    return pd.DataFrame(
        {
            "policy": list(paths),
            "revenue": [each.revenue for each in paths.values()],
            "forgone": [each.forgone for each in paths.values()],
            "on_old_at_end": [float(each.table["on_old"].iloc[-1]) for each in paths.values()],
            "months_to_new": pd.array([each.months_to_new for each in paths.values()], dtype="Int64"),
            "break_even_churn": [each.break_even_churn for each in paths.values()],
        }
    )


def _shortest_notice(policy: Policy, bills: AccountBills) -> int:
    return min(part.notice_months for part, _ in cohorts_under(bills, policy).parts(policy))


def _today(found: MonthSums) -> tuple[Floats, ...]:
    """Return revenue low, middle and high, and accounts moved and arrived (middle), per month."""
    low, middle, high = (found.revenue.copy() for _ in range(3))
    moved, arrived = found.moved, found.arrived
    for offer in found.offers:
        ends = np.outer((offer.low, offer.high), offer.change)
        low, high = low + ends.min(axis=0), high + ends.max(axis=0)
        middle = middle + offer.middle * offer.change
        moved = moved + offer.middle * offer.moved
        arrived = arrived + offer.middle * offer.arrived
    return low, middle, high, moved, arrived
