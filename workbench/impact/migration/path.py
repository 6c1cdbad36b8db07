"""The way to new prices under one policy, and the list of customers to tell about it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import UNKNOWN, billed, money, percent, thousands
from workbench.impact.migration.bills import AccountBills, cohorts_under
from workbench.impact.migration.policies import (
    EveryoneAtOnce,
    MigrationError,
    NewCustomers,
    NewCustomersOnly,
    OptIn,
    Policy,
)
from workbench.impact.migration.schedules import (
    BillGrowth,
    MonthSums,
    Schedule,
    month_sums,
    parts_of,
    policy_cautions,
    schedule,
)
from workbench.outputs import Tabular, save_csv, save_workbook
from workbench.results import HALF_A_CENT, Caution, Floats, KeyFigure
from workbench.tables import CENTS, DataTable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import ArrayLike, NDArray


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
            KeyFigure(
                "Forgone against everyone at once",
                self.forgone,
                self.bills.currency,
                period,
                people,
                in_words=f"none, {money(-self.forgone, self.bills.currency)} more" if self.forgone < 0 else "",
            ),
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
    notice = min(part.notice_months for part, _ in cohorts_under(bills, policy).parts(policy))
    once = EveryoneAtOnce(notice_months=notice)
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


# --- What to say to a customer whose bill changes

NOTHING_MOVES = 0.005  # a change below half a percent needs no conversation
SMALL = 0.05
STEEP = 0.25
_A_CENT = 0.01


def talking_point(old: float, new: float, first: float, currency: str, *, optional: bool = False) -> str:
    """Suggest what to say about a bill of `old` that becomes `new` (a month), and `first` in its first changed month.

    `optional` means that the customer may choose.
    """
    rise = new / old - 1 if old else (math.inf if new else 0.0)
    if optional:
        return _choice(old, new, first, currency)
    if abs(rise) < NOTHING_MOVES:
        return "The bill stays as it is: say what is new in the plan, and that nothing has to be done."
    if rise < 0:
        return f"The bill falls by {billed(old - new, currency)} a month: say so first, then what it could buy."
    if math.isinf(rise):
        return "Used to be free: show what was used and what it was worth before naming the price, and how to limit it."
    text = _by_size(rise, billed(new - old, currency))
    if first < new * (1 - NOTHING_MOVES):
        text += f" It comes in steps; the first bill is {billed(first, currency)}."
    return text


def _by_size(rise: float, more: str) -> str:
    start = f"{more} a month more ({percent(rise, 1 if rise <= SMALL else 0, signed=True)}): "
    if rise <= SMALL:
        return start + "a short letter with the reason and the date will do."
    if rise <= STEEP:
        return start + (
            "show the value received since the last price, explain what is counted now, and offer a longer term at a "
            "fixed price."
        )
    return start + (
        "call before the letter goes out. Go through the bill item by item, show how usage or plan could be adjusted, "
        "and have a step or a commitment ready to offer."
    )


def _choice(old: float, new: float, first: float, currency: str) -> str:
    if old - new >= _A_CENT:
        return f"May move and save {billed(old - new, currency)} a month: show both bills and offer to switch."
    if first < old:
        return (
            f"May move and start at {billed(first, currency)} instead of {billed(old, currency)}: show what the new "
            f"prices add, and that the full price of {billed(new, currency)} follows."
        )
    return (
        f"May stay at {billed(old, currency)}. Moving costs {billed(new - old, currency)} a month more: bring it up "
        "only where the new plan solves something this customer has asked for."
    )


# --- The list to act on: who hears about new prices when, why the bill changes, and what to say


def action_list(
    path: MigrationPath, reasons: Mapping[str, str] | None = None, leading: Collection[str] = ()
) -> pd.DataFrame:
    """Return the accounts whose bill changes within the path by more than half a cent, the earliest first.

    Among those of a month who is named in `leading` comes first, then the largest rise. Each pays `old_bill` until
    `first_change` and `new_bill` from `full_price_from` on. For an offer the first bill is that of a customer who
    accepts in its first month.

    Parameters
    ----------
    path
        A way to new prices.
    reasons
        Account to reason in words, such as those of a comparison's movers; the others get one from the plans.
    leading
        Accounts to begin with, such as those that would opt into usage.

    Returns
    -------
    pd.DataFrame
        One row per account: account_id, segment, old_bill, new_bill, change (money a month), percent, notify_by,
        first_change (first of the month), first_bill (in that month), full_price_from (NaT if later than the path),
        optional (may choose), reason, talking_point.

    Examples
    --------
    >>> from workbench.impact.migration import account_bills
    >>> bills = account_bills(["A", "B"], ["small", "big"], [100, 400], [120, 380], start="2025-01", renewal=[3, 8])
    >>> from workbench.impact.migration import AtRenewal, action_list, migrate
    >>> actions = action_list(migrate(bills, AtRenewal(notice_months=1)))
    >>> actions[["account_id", "change", "notify_by", "first_change"]]
      account_id  change  notify_by first_change
    0          A    20.0 2025-03-01   2025-04-01
    1          B   -20.0 2025-08-01   2025-09-01
    """
    bills = path.bills
    moved, arrived, billed, optional = _moves(path)
    changes = np.abs(billed - bills.old[:, None]) > HALF_A_CENT
    here = np.flatnonzero((changes & moved).any(axis=1))
    first = moved[here].argmax(axis=1)
    full = np.where(arrived[here].any(axis=1), arrived[here].argmax(axis=1), -1)
    months = path.table["month"].to_numpy()
    notice = bills.notice.copy()
    for part, which in parts_of(path.policy, bills):
        notice[which] = np.maximum(notice[which], part.least_notice)
    first_change = pd.Series(months[first])
    notify = pd.Series(months[np.maximum(first - notice[here], 0)])
    first_bill = billed[here, first]
    old, new = bills.old[here], bills.new[here]
    said = _reasons(bills, here, reasons or {})
    ahead = np.isin(bills.account_ids[here].astype(str), [*leading])
    points = [
        (_BEGIN_WITH if goes_first else "") + talking_point(before, after, start, bills.currency, optional=choice)
        for before, after, start, choice, goes_first in zip(
            old, new, first_bill, optional[here], ahead.tolist(), strict=True
        )
    ]
    table = pd.DataFrame(
        {
            "account_id": bills.account_ids[here],
            "segment": bills.segment[here],
            "old_bill": old.round(2),
            "new_bill": new.round(2),
            "change": (new - old).round(2),
            "percent": bills.rise[here],
            "notify_by": notify,
            "first_change": first_change,
            "first_bill": first_bill.round(2),
            "full_price_from": pd.Series(months[full]).where(pd.Series(full >= 0)),
            "optional": optional[here],
            "reason": said,
            "talking_point": points,
        }
    )
    order = ["first_change", "ahead", "change", "account_id"]
    ordered = table.assign(ahead=ahead).sort_values(
        order, ascending=[True, False, False, True], kind="stable", ignore_index=True
    )
    return ordered.drop(columns="ahead")


_BEGIN_WITH = "Uses more than an option would include: among the first to move. "


def for_people(actions: pd.DataFrame, currency: str) -> DataTable:
    """Return an action list with headings and values as people read them in a spreadsheet; days are dates.

    Parameters
    ----------
    actions
        What `action_list` returned.
    currency
        Three letters, for the headings.

    Returns
    -------
    DataTable
        The same rows.

    Examples
    --------
    >>> from workbench.impact.migration import account_bills
    >>> bills = account_bills(["A", "B"], ["small", "big"], [100, 400], [120, 380], start="2025-01", renewal=[3, 8])
    >>> from workbench.impact.migration import AtRenewal, action_list, for_people, migrate
    >>> [column.heading for column in for_people(action_list(migrate(bills, AtRenewal())), "USD").columns[:4]]
    ['Account', 'Segment', 'Old bill (USD a month)', 'New bill (USD a month)']
    """
    days = ("notify_by", "first_change", "full_price_from")
    dates = {name: actions[name].dt.date.astype(object) for name in days}
    money = f"({currency} a month)"
    frame = pd.DataFrame(
        {
            "Account": actions["account_id"],
            "Segment": actions["segment"],
            f"Old bill {money}": actions["old_bill"],
            f"New bill {money}": actions["new_bill"],
            f"Change {money}": actions["change"],
            "Change (%)": (actions["percent"] * 100).where(np.isfinite(actions["percent"])).round(1),
            "Tell by": dates["notify_by"],
            "Bill changes": dates["first_change"],
            f"First changed bill {money}": actions["first_bill"],
            "Full new price from": dates["full_price_from"].where(actions["full_price_from"].notna(), "later"),
            "Customer may choose": actions["optional"].map({True: "yes", False: "no"}),
            "Reason": actions["reason"],
            "Suggested talking point": actions["talking_point"],
        }
    )
    return DataTable.plain(frame, {name: CENTS for name in map(str, frame.columns) if name.endswith(money)})


def save_actions(
    path: MigrationPath, file: Path | str, reasons: Mapping[str, str] | None = None, *, force: bool = False
) -> Path:
    """Save the list to act on as Excel (.xlsx, with the revenue path and the policy) or as CSV, and return its path.

    Parameters
    ----------
    path
        A way to new prices.
    file
        Where; the ending .xlsx or .csv says how.
    reasons
        Account to reason in words.
    force
        Replace a file that was not written by the workbench.

    Returns
    -------
    Path
        The file's path.

    Raises
    ------
    MigrationError
        For a name with another ending.
    FileError
        For a file that is there and was not written by the workbench, unless `force` is set.

    Examples
    --------
    >>> from workbench.impact.migration import account_bills
    >>> bills = account_bills(["A", "B"], ["small", "big"], [100, 400], [120, 380], start="2025-01", renewal=[3, 8])
    >>> import tempfile
    >>> from pathlib import Path
    >>> from workbench.impact.migration import AtRenewal, migrate, save_actions
    >>> file = save_actions(migrate(bills, AtRenewal()), Path(tempfile.mkdtemp()) / "actions.csv")
    >>> len(file.read_text(encoding="utf-8").splitlines())
    3
    """
    file = Path(file)
    if file.suffix.lower() not in (".xlsx", ".csv"):
        raise MigrationError(f"{file.name} is neither an Excel nor a CSV file.", "End its name in .xlsx or .csv.")
    if file.suffix.lower() == ".csv":
        return save_csv(for_people(action_list(path, reasons), path.bills.currency), file, force=force)
    return save_workbook(action_sheets(path, reasons), file, force=force)


def action_sheets(
    path: MigrationPath, reasons: Mapping[str, str] | None = None, leading: Collection[str] = ()
) -> dict[str, Tabular]:
    """Return the sheets of the list to act on: the accounts, the revenue path, the policy.

    Parameters
    ----------
    path
        A way to new prices.
    reasons
        Account to reason in words.
    leading
        Accounts to begin with.

    Returns
    -------
    dict[str, Tabular]
        Sheet to table, as for people.

    Examples
    --------
    >>> from workbench.impact.migration import account_bills
    >>> bills = account_bills(["A", "B"], ["small", "big"], [100, 400], [120, 380], start="2025-01", renewal=[3, 8])
    >>> from workbench.impact.migration import AtRenewal, action_sheets, migrate
    >>> {name: len(sheet) for name, sheet in action_sheets(migrate(bills, AtRenewal())).items()}
    {'Accounts': 2, 'Months': 24, 'About': 2}
    """
    listed = for_people(action_list(path, reasons, leading), path.bills.currency)
    about = pd.DataFrame({"About": [path.policy.describe(), *(each.text for each in path.cautions)]})
    months = path.table.assign(month=path.table["month"].dt.strftime("%Y-%m"))
    months.columns = pd.Index([_heading(str(name), path.bills.currency) for name in months.columns])
    amounts = {name: CENTS for name in map(str, months.columns) if name.endswith(f"({path.bills.currency})")}
    return {"Accounts": listed, "Months": DataTable.plain(months.round(2), amounts), "About": about}


def _heading(column: str, currency: str) -> str:
    words = column.replace("_", " ").capitalize()
    if column == "month":
        return words
    if column in ("on_old", "on_new"):
        return f"{words} prices (accounts)"
    return f"{words} ({'accounts' if column == 'in_between' else currency})"


def _moves(path: MigrationPath) -> tuple[NDArray[np.bool_], NDArray[np.bool_], Floats, NDArray[np.bool_]]:
    """Return moved, arrived and bill per account and month, and who may choose, with every offer accepted at once."""
    plan, bills = path.schedule, path.bills
    moved, arrived, billed = plan.moved > 0, plan.arrived > 0, plan.bills.copy()
    optional = np.zeros(len(bills), dtype=bool)
    for part, here in parts_of(path.policy, bills):
        if isinstance(part, OptIn):
            month = np.arange(billed.shape[1])
            optional |= here
            moved[here] = month >= part.notice_months
            full = month >= part.notice_months + (part.incentive_months if part.incentive else 0)
            arrived[here] = full & moved[here]
            billed[here] = bills.new[here][:, None] * np.where(full, 1.0, 1 - part.incentive)
    return moved, arrived, billed, optional


def _reasons(bills: AccountBills, here: NDArray[np.intp], reasons: Mapping[str, str]) -> list[str]:
    columns = (bills.account_ids, bills.plan_before, bills.plan_after)
    found = []
    for account, before, after in zip(*(each[here] for each in columns), strict=True):
        if account in reasons:
            found.append(reasons[account])
        elif UNKNOWN in (before, after):
            found.append("another bill under the new prices")
        elif before == after:
            found.append(f"{after} has a new price")
        else:
            found.append(f"moves from {before} to {after}")
    return found
