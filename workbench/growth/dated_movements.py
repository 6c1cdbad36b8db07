"""Movements by the day, of lines under a definition: one ledger as five tools would read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.intake.ledger import RevenueRules, lines_of_invoices, lines_of_subscriptions
from workbench.growth.definitions import OURS, TOOLS
from workbench.growth.recurring_revenue import KINDS, MovementsError, revenue_of, with_mergers
from workbench.results import HALF_A_CENT
from workbench.tables import CENTS, COUNT, TEXT, DataTable, Percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.growth.definitions import Grain, RevenueDefinition
    from workbench.results import Floats

# --- Lines under a definition: what each account pays, moment by moment, and the movements between

RECURRING, USAGE, DISCOUNT = "recurring", "usage", "discount"
APART = "currency"  # the kind of movement that a rate of exchange makes where it makes one


@dataclass(frozen=True, slots=True, eq=False)
class DatedMovements:
    """Movements by the day, and what accounts paid before and after any of them.

    Attributes
    ----------
    definition
        By which they are counted.
    table
        account_id, day, kind, amount (losses negative), and after: what the account pays from then on. Kinds are those
        of `Movements`, and currency where a rate moved what is paid.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.growth import OURS, TOOLS, movements_of_lines
    >>> paid = {"account_id": ["A", "A"], "start": ["2025-03-03", "2025-05-05"], "end": ["2025-03-20", None]}
    >>> lines = pd.DataFrame({**paid, "monthly": [100.0, 80.0]})
    >>> [movements_of_lines(lines, each).table["kind"].tolist() for each in (OURS, TOOLS[1])]
    [['new'], ['new', 'churn', 'reactivation']]
    """

    definition: RevenueDefinition
    table: pd.DataFrame

    def paid_on(self, day: str | pd.Timestamp) -> pd.Series:
        """Return what each account pays at the end of a day, by account_id; those who pay nothing are left out."""
        seen = self.table[self.table["day"] <= pd.Timestamp(day)]
        last = seen.drop_duplicates("account_id", keep="last").set_index("account_id")["after"]
        return last[last > HALF_A_CENT]

    def sums(self, start: str | pd.Timestamp, end: str | pd.Timestamp) -> dict[str, float]:
        """Return the sum of each kind of movement after the day `start`, up to the day `end`."""
        day = self.table["day"]
        inside = self.table[(day > pd.Timestamp(start)) & (day <= pd.Timestamp(end))]
        found = inside.groupby("kind")["amount"].sum()
        return {kind: float(found.get(kind, 0.0)) for kind in (*KINDS, APART)}

    def net_retention(self, start: str | pd.Timestamp, end: str | pd.Timestamp) -> float:
        """Return net retention between two days as the definition has it; NaN when nobody paid at the start."""
        before, after = self.paid_on(start), self.paid_on(end)
        total = float(before.sum())
        if total <= 0:
            return float("nan")
        if self.definition.net == "cohort":
            return float(after.reindex(before.index, fill_value=0.0).sum()) / total
        sums = self.sums(start, end)
        back = sums["reactivation"] if self.definition.net == "movements and reactivation" else 0.0
        return (total + sums["expansion"] + back + sums["contraction"] + sums["churn"]) / total


def movements_of_lines(
    lines: pd.DataFrame,
    definition: RevenueDefinition = OURS,
    *,
    merges: pd.DataFrame | None = None,
    rates: pd.DataFrame | None = None,
) -> DatedMovements:
    """Return the movements that lines make under a definition.

    Parameters
    ----------
    lines
        account_id, start, end (first day no more; NaT: goes on), monthly, and where they differ: kind (recurring, usage
        or discount, below zero) and currency.
    definition
        What counts.
    merges
        account_id and into: accounts that are one with another throughout.
    rates
        currency, from and rate: what one unit is worth from a day on. Lines whose currency has no rate are not
        converted.

    Returns
    -------
    DatedMovements
        One row per movement.

    Raises
    ------
    MovementsError
        When there is no line.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.growth import movements_of_lines
    >>> lines = pd.DataFrame({"account_id": ["A", "A"], "start": ["2025-01-01", "2025-02-10"], "monthly": [50.0, 30.0]})
    >>> movements_of_lines(lines.assign(end=pd.NaT)).table[["kind", "amount", "after"]].to_numpy().tolist()
    [['new', 50.0, 50.0], ['expansion', 30.0, 80.0]]
    """
    if lines.empty:
        raise MovementsError("There is no recurring line.", "Movements need subscriptions or lines of invoices.")
    frame = _counted(lines if merges is None else with_mergers(lines, merges), definition)
    codes, account_ids = pd.factorize(frame["account_id"], sort=True)
    start, end = (pd.to_datetime(frame[name]).to_numpy("datetime64[D]") for name in ("start", "end"))
    money = frame["currency"].fillna("") if "currency" in frame else pd.Series("", index=frame.index)
    monthly = frame["monthly"].to_numpy(float)
    ends = ~np.isnat(end) & (end > start)
    starts = np.isnat(end) | (end > start)
    events = pd.DataFrame(
        {
            "account": np.concatenate([codes[starts], codes[ends]]),
            "currency": np.concatenate([money[starts], money[ends]]),
            "day": _moments(np.concatenate([start[starts], end[ends]]), definition.grain),
            "change": np.concatenate([monthly[starts], -monthly[ends]]),
        }
    )
    converted, apart = _converted(events, rates, definition)
    changes = converted.groupby(["account", "day"])[["change"]].sum().reset_index()
    table = _classified(changes, apart, definition)
    named = table.assign(account_id=np.asarray(account_ids, dtype=object)[table["account"]])
    columns = ["account_id", "day", "kind", "amount", "after"]
    return DatedMovements(definition, named[columns].astype({"day": "datetime64[us]"}).reset_index(drop=True))


def _counted(lines: pd.DataFrame, definition: RevenueDefinition) -> pd.DataFrame:
    """Keep the lines that are recurring revenue under a definition."""
    if "kind" not in lines:
        return lines
    kind = lines["kind"].fillna(RECURRING)
    wanted = kind.isin([RECURRING, *([USAGE] if definition.rules.usage else [])])
    off = kind == DISCOUNT
    return lines[wanted | (off & (lines["end"].isna() if definition.discounts == "lasting" else True))]


def _moments(days: NDArray[np.datetime64], grain: Grain) -> NDArray[np.datetime64]:
    """Return the moments at which changes are seen: their days, or the months at whose end they hold."""
    return days.astype("datetime64[M]").astype("datetime64[D]") if grain == "month end" else days


def _converted(
    events: pd.DataFrame, rates: pd.DataFrame | None, definition: RevenueDefinition
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return changes in one currency, and what rates moved: account, day, change."""
    nothing = pd.DataFrame({"account": [], "day": [], "change": []}).astype({"account": int, "day": "datetime64[s]"})
    if rates is None or rates.empty:
        codes = sorted({*events["currency"].unique()} - {""})
        if len(codes) > 1:
            raise MovementsError(
                f"There are lines in {', '.join(codes)} and no rates.",
                "Give rates with the columns currency, from and rate; amounts in two currencies are never added.",
            )
        return events, nothing
    given = rates.assign(day=_moments(pd.to_datetime(rates["from"]).to_numpy("datetime64[D]"), definition.grain))
    given = given.sort_values("day").drop_duplicates(["currency", "day"], keep="last")
    if definition.currency == "one rate":
        last = given.drop_duplicates("currency", keep="last").set_index("currency")["rate"]
        return events.assign(change=events["change"] * events["currency"].map(last).fillna(1.0)), nothing
    parts, moved = [], []
    for code, own in events.groupby("currency", sort=False):
        dated = given[given["currency"] == code]
        if dated.empty:
            parts.append(own)
            continue
        days, worth = dated["day"].to_numpy("datetime64[D]"), dated["rate"].to_numpy(float)
        at = np.clip(np.searchsorted(days, own["day"].to_numpy("datetime64[D]"), side="right") - 1, 0, None)
        parts.append(own.assign(change=own["change"] * worth[at]))
        for day, step in zip(days[1:], np.diff(worth), strict=True):
            held = own[own["day"].to_numpy("datetime64[D]") < day].groupby("account")["change"].sum()
            held = held[held > HALF_A_CENT]
            moved.append(pd.DataFrame({"account": held.index, "day": day, "change": held.to_numpy() * step}))
    return pd.concat(parts), pd.concat([each for each in moved if len(each)]) if any(map(len, moved)) else nothing


def _classified(changes: pd.DataFrame, apart: pd.DataFrame, definition: RevenueDefinition) -> pd.DataFrame:
    """Return account, day, kind, amount and after of every change, in the order of accounts and days."""
    both = pd.concat([apart.assign(by_rate=True), changes.assign(by_rate=False)], ignore_index=True)
    both = both.sort_values(["account", "day", "by_rate"], ascending=[True, True, False], kind="stable")
    account, change = both["account"].to_numpy(int), both["change"].to_numpy(float)
    by_rate = both["by_rate"].to_numpy(bool)
    day = both["day"].to_numpy("datetime64[D]")
    begins = np.flatnonzero(np.r_[True, account[1:] != account[:-1]]) if len(account) else np.empty(0, int)
    sizes = np.diff(np.r_[begins, len(account)])
    after = _running(change, begins, sizes)
    after = np.where(after > HALF_A_CENT, after, 0.0)  # a credit beyond what is paid is no revenue below zero
    before = np.r_[0.0, after[:-1]]
    before[begins] = 0.0
    amount = after - before
    paid, pays = before > 0, after > 0
    ever, gone_on = _paid_before(pays, day, begins, sizes)
    if definition.grain == "month end":  # months are counted: July and August are two, and not 62 days
        gap, window = day.astype("datetime64[M]") - gone_on.astype("datetime64[M]"), definition.reactivation_months
    else:
        gap, window = day - gone_on, definition.reactivation_days
    known = ever & (True if window is None else (gap.astype(np.int64) <= window) & (window > 0))
    kind = np.select(
        [by_rate, pays & ~paid & ~known, pays & ~paid, paid & ~pays, amount > 0],
        [APART, "new", "reactivation", "churn", "expansion"],
        default="contraction",
    )
    table = pd.DataFrame({"account": account, "day": day, "kind": kind, "amount": amount, "after": after})
    return table[np.abs(amount) > HALF_A_CENT]


def _running(values: Floats, begins: NDArray[np.intp], sizes: NDArray[np.intp]) -> Floats:
    """Add up values along runs that begin where they begin."""
    total = np.cumsum(values)
    return total - np.repeat(np.r_[0.0, total[begins[1:] - 1]] if len(begins) else total, sizes)


def _paid_before(
    pays: NDArray[np.bool_], day: NDArray[np.datetime64], begins: NDArray[np.intp], sizes: NDArray[np.intp]
) -> tuple[NDArray[np.bool_], NDArray[np.datetime64]]:
    """Tell of each row whether its account paid in an earlier one, and on which day it last stopped."""
    place = np.arange(len(pays))
    start = np.repeat(begins, sizes)
    earlier = np.r_[False, pays[:-1]]
    earlier[begins] = False
    last_paid = np.maximum.accumulate(np.where(earlier, place, -1))
    ever = last_paid >= start
    return ever, day[np.where(ever, last_paid, place)]


# --- One ledger under several definitions


def lines_under(base: CustomerBase, definition: RevenueDefinition) -> pd.DataFrame:
    """Return a customer base's lines as a definition reads them: of subscriptions, else invoices, else revenue.

    Parameters
    ----------
    base
        The customer base.
    definition
        Whose rules make lines of subscriptions and invoices; revenue per month is taken as it is.

    Returns
    -------
    pd.DataFrame
        account_id, start, end, monthly, kind and currency.

    Raises
    ------
    MovementsError
        When the base knows no revenue.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth import OURS, lines_under
    >>> paid = pd.DataFrame({"account_id": ["A"] * 2, "month": ["2024-01", "2024-02"], "amount": [50, 60]})
    >>> base = CustomerBase.from_tables({"accounts": paid[["account_id"]][:1], "mrr": paid}, currency="USD")
    >>> lines_under(base, OURS)["monthly"].tolist()
    [50.0, 60.0]
    """
    if base.has("subscriptions"):
        return lines_of_subscriptions(base.frames["subscriptions"], definition.rules).frame.assign(kind=RECURRING)
    if base.has("invoice_lines"):
        rows = base.frames["invoice_lines"]
        kinds = rows["kind"].fillna(RECURRING)
        used = lines_of_invoices(rows[kinds == "usage"], RevenueRules(usage=True)).frame.assign(kind=USAGE)
        paid = lines_of_invoices(rows[kinds != "usage"], definition.rules).frame.assign(kind=RECURRING)
        return pd.concat([each for each in (paid, used) if len(each)], ignore_index=True)
    return _lines_of_revenue(revenue_of(base))


def _lines_of_revenue(mrr: pd.DataFrame) -> pd.DataFrame:
    """Return an mrr table as lines of one month each."""
    month = pd.DatetimeIndex(mrr["month"]).to_period("M")
    made = pd.DataFrame(
        {
            "account_id": mrr["account_id"].to_numpy(object), "start": month.to_timestamp(),
            "end": (month + 1).to_timestamp(), "monthly": mrr["amount"].fillna(0.0).to_numpy(float), "kind": RECURRING,
            "currency": mrr["currency"].to_numpy(object) if "currency" in mrr else None,
        }
    )  # fmt: skip
    last = made["start"].max()  # the last month goes on: that it has no next one is no churn
    return made.assign(end=made["end"].where(made["start"] < last))


def definitions_compared(
    base: CustomerBase,
    start: str | pd.Timestamp | None = None,
    end: str | pd.Timestamp | None = None,
    *,
    definitions: Sequence[RevenueDefinition] = (OURS, *TOOLS),
    merges: pd.DataFrame | None = None,
    rates: pd.DataFrame | None = None,
) -> DataTable:
    """Return one ledger under several definitions: the movements of a period, and the net retention that follows.

    Parameters
    ----------
    base
        The customer base, with subscriptions, invoice lines or revenue per month.
    start, end
        The period: after the day `start` up to the day `end`; the last twelve months on record when None.
    definitions
        Ours and those of five tools unless named.
    merges, rates
        As in `movements_of_lines`; mergers on record when None.

    Returns
    -------
    DataTable
        A row per definition: start, movements, end, customers at both ends, net retention.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth import definitions_compared
    >>> sold = {"account_id": ["A", "A", "B"], "start": ["2023-01-01", "2024-09-01", "2023-06-01"], "period": "month"}
    >>> sold = pd.DataFrame({**sold, "end": ["2024-02-01", None, None], "amount": [100.0, 120.0, 100.0]})
    >>> base = CustomerBase.from_tables({"accounts": pd.DataFrame({"account_id": ["A", "B"]}), "subscriptions": sold})
    >>> definitions_compared(base, "2023-12-31", "2024-12-31").showing(["Definition", "Net retention"]).rows
    [('This workbench', '110.0%'), ('ChartMogul', '110.0%'), ('Stripe', '50.0%'), ('Maxio', '50.0%'), \
('ProfitWell', '110.0%'), ('PostHog', '50.0%')]
    """
    last = pd.Timestamp(base.months[-1]) + pd.offsets.MonthEnd(0) if end is None else pd.Timestamp(end)
    begin = last - pd.DateOffset(years=1) + pd.offsets.MonthEnd(0) if start is None else pd.Timestamp(start)
    apart = base.frames["merges"] if merges is None and base.has("merges") else merges
    rows = []
    for each in definitions:
        moved = movements_of_lines(lines_under(base, each), each, merges=apart, rates=rates)
        before, after, sums = moved.paid_on(begin), moved.paid_on(last), moved.sums(begin, last)
        amounts = (float(before.sum()), *(sums[kind] for kind in (*KINDS, APART)), float(after.sum()))
        rows.append((each.name, *amounts, len(before), len(after), moved.net_retention(begin, last)))
    kinds = [kind.capitalize() for kind in (*KINDS, APART)]
    money = [(name, CENTS) for name in ("Start", *kinds, "End")]
    counts = [("Customers at the start", COUNT), ("Customers at the end", COUNT)]
    return DataTable.of_rows([("Definition", TEXT), *money, *counts, ("Net retention", Percent(1))], rows)
