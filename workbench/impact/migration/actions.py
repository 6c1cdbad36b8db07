"""The list to act on: who hears about new prices when, why the bill changes, and what to say."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import billed, percent
from workbench.impact.migration.bills import UNKNOWN
from workbench.impact.migration.policies import MigrationError, OptIn
from workbench.impact.migration.schedules import parts_of
from workbench.outputs import Tabular, save_csv, save_workbook
from workbench.results import HALF_A_CENT
from workbench.tables import CENTS, DataTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.impact.migration.bills import AccountBills
    from workbench.impact.migration.path import MigrationPath

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


def action_list(path: MigrationPath, reasons: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Return the accounts whose bill changes within the path by more than half a cent, the earliest first.

    Among those of a month the largest rise comes first. Each pays `old_bill` until `first_change` and `new_bill` from
    `full_price_from` on. For an offer the first bill is that of a customer who accepts in its first month.

    Parameters
    ----------
    path
        A way to new prices.
    reasons
        Account to reason in words, such as those of a comparison's movers; the others get one from the plans.

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
    notice = np.zeros(len(bills), dtype=int)
    for part, which in parts_of(path.policy, bills):
        notice[which] = part.least_notice
    first_change = pd.Series(months[first])
    notify = pd.Series(months[np.maximum(first - notice[here], 0)])
    first_bill = billed[here, first]
    old, new = bills.old[here], bills.new[here]
    said = _reasons(bills, here, reasons or {})
    points = [
        talking_point(before, after, start, bills.currency, optional=choice)
        for before, after, start, choice in zip(old, new, first_bill, optional[here], strict=True)
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
    order = ["first_change", "change", "account_id"]
    return table.sort_values(order, ascending=[True, False, True], kind="stable", ignore_index=True)


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


def action_sheets(path: MigrationPath, reasons: Mapping[str, str] | None = None) -> dict[str, Tabular]:
    """Return the sheets of the list to act on: the accounts, the revenue path, the policy.

    Parameters
    ----------
    path
        A way to new prices.
    reasons
        Account to reason in words.

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
    listed = for_people(action_list(path, reasons), path.bills.currency)
    about = pd.DataFrame({"About": [path.policy.describe(), *(each.text for each in path.cautions)]})
    months = path.table.assign(month=path.table["month"].dt.strftime("%Y-%m"))
    months.columns = pd.Index([_heading(str(name), path.bills.currency) for name in months.columns])
    amounts = {name: CENTS for name in map(str, months.columns) if name.endswith(f"({path.bills.currency})")}
    return {"Accounts": listed, "Months": DataTable.plain(months.round(2), amounts), "About": about}


def _heading(column: str, currency: str) -> str:
    words = column.replace("_", " ").capitalize()
    if column == "month":
        return words
    return f"{words} prices (accounts)" if column in ("on_old", "on_new") else f"{words} ({_unit(column, currency)})"


def _unit(column: str, currency: str) -> str:
    return "accounts" if column == "in_between" else currency


def _moves(
    path: MigrationPath,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.float64], NDArray[np.bool_]]:
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
