"""What a revenue ledger says: retention, quick ratio, revenue per account, churn, lifetime value, concentration.

All of a period, by segment, plan, industry and region, with the conventions they follow; and what became of each
cohort of customers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import count, percent
from workbench.growth.account_figures import (
    ALL,
    AccountFigure,
    AccountSums,
    Estimate,
    estimates,
    left_out_one_by_one,
    ratio_of,
)
from workbench.growth.definitions import RevenueDefinition
from workbench.growth.recurring_revenue import KINDS, MovementsError, MrrLedger, ledger_of, mrr_movements, revenue_of
from workbench.results import Measure
from workbench.tables import COUNT, NUMBER, TEXT, DataTable, Kind, Money, Number, Own, Percent, estimate_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.results import Floats

DIMENSIONS = ("segment", "plan", "industry", "region")
FEWEST_LEAVERS = 5
_MONTHS = 12

# --- The parts: what each account adds to the sums of a period


def sums_of_period(
    ledger: MrrLedger,
    last: str | pd.Timestamp | None = None,
    months: int = _MONTHS,
    unit_cost: Floats | None = None,
    reactivation_months: int | None = None,
) -> AccountSums:
    """Return what each account adds to the sums of a period: revenue at both ends, movements, customers, losses.

    Parameters
    ----------
    ledger
        The ledger.
    last, months
        The period: so many months up to the last, all when None.
    unit_cost
        What serving each account costs in a month, in the order of the ledger; NaN where unknown.
    reactivation_months
        A customer back within so many months is reactivated, later new; None: however late.

    Returns
    -------
    AccountSums
        By name: before, after, kept (the smaller of both), cohort, stayed, lost, and payers of who paid before;
        revenue and payers at the end; each kind of movement within the period, losses positive; left (times it was
        lost) and exposed (months at whose beginning it paid); cost and costed (the revenue of accounts whose cost is
        known).

    Raises
    ------
    MovementsError
        When the ledger does not reach back so far.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.growth import mrr_ledger
    >>> from workbench.growth.revenue_figures import sums_of_period
    >>> paid = {"A": [100, 120, 120], "B": [50, 50, 0]}
    >>> rows = [(who, f"2024-0{n + 1}-01", amount) for who, each in paid.items() for n, amount in enumerate(each)]
    >>> mrr = pd.DataFrame(rows, columns=["account_id", "month", "amount"]).astype({"month": "datetime64[ns]"})
    >>> sums = sums_of_period(mrr_ledger(mrr), months=2).of_all
    >>> [float(sums[name]) for name in ("before", "after", "kept", "expansion", "churn", "exposed")]
    [150.0, 120.0, 100.0, 20.0, 50.0, 4.0]
    """
    end = ledger.column(ledger.months[-1] if last is None else last)
    start = ledger.column(ledger.months[end] - pd.DateOffset(months=months))
    before, after = ledger.amounts[:, start], ledger.amounts[:, end]
    cohort, pays = before > 0, after > 0
    moved = mrr_movements(ledger, reactivation_window=reactivation_months)
    within = slice(start, end)  # the movement of a column leads to the month after it
    flows = {kind: np.abs(getattr(moved, kind)[:, within]).sum(axis=1) for kind in KINDS}
    known = np.isfinite(unit_cost) & pays if unit_cost is not None else np.zeros(len(pays), dtype=bool)
    cost = np.where(known, unit_cost, 0.0) if unit_cost is not None else np.zeros(len(pays))
    return AccountSums.of(
        {
            "before": before, "after": np.where(cohort, after, 0.0), "kept": np.minimum(before, after),
            "cohort": cohort, "stayed": cohort & pays, "lost": cohort & ~pays, "revenue": after, "payers": pays,
            **flows, "left": np.count_nonzero(moved.churn[:, within], axis=1),
            "exposed": np.count_nonzero(moved.start[:, within], axis=1), "cost": cost,
            "costed": np.where(known, after, 0.0),
        }
    )  # fmt: skip


# --- The figures, each a formula of these sums


def _lifetime_value(sums: Mapping[str, Floats]) -> Floats:
    margin = np.where(sums["costed"] > 0, 1 - ratio_of(sums["cost"], sums["costed"]), 1.0)
    monthly_loss = ratio_of(sums["left"], sums["exposed"])
    worth = ratio_of(ratio_of(sums["revenue"], sums["payers"]) * margin, monthly_loss)
    return np.where(sums["left"] >= FEWEST_LEAVERS, worth, np.nan)


def _no_lifetime(sums: Mapping[str, Floats]) -> str:
    if float(sums["payers"]) == 0:
        return "nobody pays at the end"
    if float(sums["left"]) == 0:
        return "nobody left in the period, so how long customers stay cannot be said"
    gone = count("customer", int(sums["left"]))
    return f"only {gone} left in the period: under {FEWEST_LEAVERS}, how long they stay is chance"


FIGURES = (
    AccountFigure(
        "net_retention", "Net revenue retention", "percent",
        "revenue at the end of the customers who paid at the start / their revenue at the start",
        lambda s: ratio_of(s["after"], s["before"]), lambda _: "nobody paid at the start",
    ),
    AccountFigure(
        "gross_retention", "Gross revenue retention", "percent",
        "sum over the customers who paid at the start of the smaller of start and end / their revenue at the start",
        lambda s: ratio_of(s["kept"], s["before"]), lambda _: "nobody paid at the start",
    ),
    AccountFigure(
        "quick_ratio", "Quick ratio", "times",
        "(new + reactivation + expansion) / (contraction + churn), all movements of the period",
        lambda s: ratio_of(s["new"] + s["reactivation"] + s["expansion"], s["contraction"] + s["churn"]),
        lambda _: "nothing was lost, so there is nothing to divide by",
    ),
    AccountFigure(
        "arpa", "Revenue per account", "currency", "revenue of the last month / customers who paid in it",
        lambda s: ratio_of(s["revenue"], s["payers"]), lambda _: "nobody pays at the end",
    ),
    AccountFigure(
        "arpa_growth", "Growth of revenue per account", "percent",
        "revenue per account of the last month / that of the month at the start - 1",
        lambda s: ratio_of(ratio_of(s["revenue"], s["payers"]), ratio_of(s["before"], s["cohort"])) - 1,
        lambda _: "nobody paid at one of the ends",
    ),
    AccountFigure(
        "logo_churn", "Customers lost", "percent",
        "customers who paid at the start and not at the end / those at the start",
        lambda s: ratio_of(s["lost"], s["cohort"]), lambda _: "nobody paid at the start", ("lost", "cohort"),
    ),
    AccountFigure(
        "lifetime_value", "Lifetime value", "currency",
        "revenue per account x margin / share of customers lost per month (losses / months at whose beginning somebody "
        "paid); margin of the accounts whose cost is known, all of the revenue where none is",
        _lifetime_value, _no_lifetime,
    ),
    AccountFigure(
        "expansion_top_ten", "Expansion from the ten largest", "percent",
        "expansion of the period that the ten accounts with most of it bring / all of it",
        lambda s: s["expansion"], lambda _: "nobody expanded", top="expansion",
    ),
)  # fmt: skip
_BY_KEY = {figure.key: figure for figure in FIGURES}


# --- All of them, of all accounts and of groups


@dataclass(frozen=True, slots=True, eq=False)
class RevenueFigures:
    """The figures of a period, of all accounts and by group.

    Attributes
    ----------
    estimates
        Every figure of every group.
    sums
        What each account adds to them.
    account_ids
        The accounts, in the order of the sums.
    period, conventions, currency
        What they are about and how they are counted, in words.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.growth import revenue_figures
    >>> paid = {"A": [100, 120, 120], "B": [50, 50, 0], "C": [0, 0, 80]}
    >>> rows = [(who, f"2024-0{n + 1}-01", amount) for who, each in paid.items() for n, amount in enumerate(each)]
    >>> mrr = pd.DataFrame(rows, columns=["account_id", "month", "amount"]).astype({"month": "datetime64[ns]"})
    >>> found = revenue_figures(mrr, months=2)
    >>> found.value("net_retention"), found.why_not("lifetime_value")
    (0.8, 'only 1 customer left in the period: under 5, how long they stay is chance')
    """

    estimates: tuple[Estimate, ...]
    sums: AccountSums
    account_ids: NDArray[np.object_]
    period: str
    conventions: tuple[str, ...]
    currency: str = ""

    def of(self, key: str, dimension: str = ALL, group: str = ALL) -> Estimate:
        """Return one figure of a group; KeyError when there is none."""
        for each in self.estimates:
            if (each.figure.key, each.dimension, each.group) == (key, dimension, group):
                return each
        raise KeyError(f"there is no {key} of {dimension} {group}")

    def value(self, key: str, dimension: str = ALL, group: str = ALL) -> float | None:
        """Return the value of a figure; None where it cannot be said."""
        return self.of(key, dimension, group).value

    def why_not(self, key: str, dimension: str = ALL, group: str = ALL) -> str:
        """Return why a figure, or its range, cannot be said."""
        return self.of(key, dimension, group).reason

    def measures(self) -> tuple[Measure, ...]:
        """Return every figure of all accounts for other tools."""
        return tuple(
            Measure(
                each.figure.key, each.figure.name, each.value, self._unit(each.figure), each.figure.formula,
                count("account", each.accounts), self.period, each.interval, each.reason,
            )
            for each in self.estimates if each.dimension == ALL
        )  # fmt: skip

    def table(self, dimension: str = ALL) -> DataTable:
        """Return a row per figure of all accounts, or a row per group of a dimension."""
        if dimension != ALL:
            return self._by_group(dimension)
        rows = [
            (each.figure.name, Own(_ends(each), estimate_of(written_as(each.figure.unit, self.currency), alone=True)),
             each.figure.formula, each.reason)
            for each in self.estimates if each.dimension == ALL
        ]  # fmt: skip
        names = [("Figure", TEXT), ("Value", TEXT), ("How it is counted", TEXT), ("Why not, or without range", TEXT)]
        return DataTable.of_rows(names, rows)

    def moved_by(self, key: str, most: int = 5) -> DataTable:
        """Return the accounts that move a figure most, up and down: by what it would be without each."""
        figure = _BY_KEY[key]
        return movers(self.account_ids, left_out_one_by_one(self.sums, figure), figure.unit, most, self.currency)

    def _unit(self, figure: AccountFigure) -> str:
        return self.currency if figure.unit == "currency" else figure.unit

    def _by_group(self, dimension: str) -> DataTable:
        own = [each for each in self.estimates if each.dimension == dimension]
        if not own:
            raise MovementsError(f"There is no {dimension} among the groups.", "Give the accounts one.")
        figures = list(dict.fromkeys(each.figure.key for each in own))
        by_group: dict[str, list[Estimate]] = {}
        for each in own:
            by_group.setdefault(each.group, []).append(each)
        rows = [(group, each[0].accounts, *(_ends(one) for one in each)) for group, each in by_group.items()]
        kinds = [
            (_BY_KEY[key].name, estimate_of(written_as(_BY_KEY[key].unit, self.currency), alone=True))
            for key in figures
        ]
        return DataTable.of_rows([(dimension, TEXT), ("Accounts", COUNT), *kinds], rows)


def _ends(each: Estimate) -> tuple[float | None, float | None, float | None]:
    interval = each.interval
    return (each.value, None, None) if interval is None else (each.value, interval.low, interval.high)


def written_as(unit: str, currency: str = "") -> Kind:
    """Return how figures of a unit are written in a table."""
    if unit == "currency":
        return Money(currency) if currency else NUMBER
    return Percent(1) if unit == "percent" else Number(unit="x" if unit == "times" else "")


def movers(
    account_ids: NDArray[np.object_], changes: Floats, unit: str, most: int = 5, currency: str = ""
) -> DataTable:
    """Return the accounts that move a figure most up and most down, and by how much.

    Parameters
    ----------
    account_ids, changes
        The accounts, and what the figure is less what it would be without each.
    unit, currency
        Of the figure.
    most
        How many of each side.

    Returns
    -------
    DataTable
        account and change, from the highest to the lowest.

    Examples
    --------
    >>> import numpy as np
    >>> from workbench.growth.revenue_figures import movers
    >>> movers(np.array(["A", "B", "C"], dtype=object), np.array([0.02, 0.0, -0.1]), "percent").frame
      Account  Moves it by
    0       A         0.02
    1       C        -0.10
    """
    known = np.flatnonzero(np.isfinite(changes) & (changes != 0))
    ranked = known[np.argsort(-changes[known], kind="stable")]
    up = [each for each in ranked[:most] if changes[each] > 0]
    down = [each for each in ranked[-most:] if changes[each] < 0]
    rows = [(account_ids[each], float(changes[each])) for each in [*up, *down]]
    return DataTable.of_rows([("Account", TEXT), ("Moves it by", written_as(unit, currency))], rows)


def groups_of(base: CustomerBase, ledger: MrrLedger, start: str | pd.Timestamp) -> dict[str, NDArray[np.object_]]:
    """Return the segment, plan, industry and region of each account of a ledger, where known.

    The plan is the one at the start of the period, and of later customers the first one, so that a change of plan does
    not choose the group whose figure it changes.

    Parameters
    ----------
    base
        The customer base.
    ledger
        Whose accounts they are.
    start
        The month at the start of the period.

    Returns
    -------
    dict[str, NDArray[np.object_]]
        For each dimension the group of every account, None where unknown; dimensions nobody has are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.growth import groups_of, mrr_ledger
    >>> paid = pd.DataFrame({"account_id": ["A", "A"], "month": ["2024-01", "2024-02"], "plan": ["S", "M"]})
    >>> accounts = pd.DataFrame({"account_id": ["A"], "segment": ["small"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "mrr": paid.assign(amount=5)}, currency="USD")
    >>> {name: each.tolist() for name, each in groups_of(base, mrr_ledger(base.mrr), "2024-01").items()}
    {'segment': ['small'], 'plan': ['S']}
    """
    accounts = base.frames["accounts"].set_index("account_id")
    found = {}
    for name in ("segment", "industry", "region"):
        held = accounts[name].reindex(ledger.account_ids)
        found[name] = held.astype(object).where(held.notna(), None).to_numpy(object)
    plans = revenue_of(base) if base.has("mrr") else None
    if plans is not None and plans["plan"].notna().any():
        dated = plans[plans["plan"].notna()].sort_values("month", kind="stable")
        begins = pd.Timestamp(start).to_period("M").to_timestamp()
        until = dated[dated["month"] <= begins].drop_duplicates("account_id", keep="last")
        first = dated.drop_duplicates("account_id")
        plan = until.set_index("account_id")["plan"].astype(object)
        plan = plan.combine_first(first.set_index("account_id")["plan"].astype(object)).reindex(ledger.account_ids)
        found["plan"] = plan.where(plan.notna(), None).to_numpy(object)
    return {name: found[name] for name in DIMENSIONS if name in found and any(each is not None for each in found[name])}


def revenue_figures(
    mrr: pd.DataFrame | MrrLedger | CustomerBase,
    last: str | pd.Timestamp | None = None,
    *,
    months: int = _MONTHS,
    groups: Mapping[str, NDArray] | None = None,
    unit_cost: Floats | None = None,
    currency: str = "",
    definition: RevenueDefinition | None = None,
    draws: int = 1_000,
    level: float = 0.9,
    seed: int = 0,
) -> RevenueFigures:
    """Return the figures of a period on a ledger, each with its interval over accounts and its conventions.

    Parameters
    ----------
    mrr
        A customer base, whose groups, costs and currency are then taken; or an mrr table, or the ledger made from it,
        such as that of a replay.
    last, months
        The period: so many months up to the last, the last on record when None.
    groups, unit_cost, currency
        For each dimension the group of every account, its cost in a month, and the currency; those of the customer base
        unless given.
    definition
        How the revenue was counted, that of the customer base unless given; printed with the figures.
    draws, level, seed
        Of the intervals; 0 draws for none.

    Returns
    -------
    RevenueFigures
        The figures of all accounts and by group.

    Raises
    ------
    MovementsError
        When there is no revenue, or it does not reach back so far.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from workbench.growth import MrrLedger, revenue_figures
    >>> chance = np.random.default_rng(0)
    >>> start = chance.lognormal(4, 0.5, 60)
    >>> amounts = np.column_stack([start, start * chance.uniform(0.7, 1.5, 60)])
    >>> months = pd.date_range("2024-01-01", periods=2, freq="MS")
    >>> found = revenue_figures(MrrLedger(np.arange(60).astype(object), months, amounts), months=1)
    >>> found.of("net_retention").interval.changed(lambda share: round(share, 2))
    Interval(low=1.09, estimate=1.16, high=1.22, level=0.9)
    """
    base = None if isinstance(mrr, (pd.DataFrame, MrrLedger)) else mrr
    definition = definition or RevenueDefinition.of(base)
    ledger = ledger_of(mrr)
    end = ledger.column(ledger.months[-1] if last is None else last)
    first = ledger.months[end] - pd.DateOffset(months=months)
    if base is not None:
        groups = groups_of(base, ledger, first) if groups is None else groups
        currency = currency or base.currency
        costs = base.frames["accounts"].set_index("account_id")["unit_cost"].reindex(ledger.account_ids)
        unit_cost = costs.to_numpy(float) if unit_cost is None else unit_cost
    sums = sums_of_period(ledger, ledger.months[end], months, unit_cost, definition.reactivation_months)
    found = estimates(sums, FIGURES, groups, draws=draws, level=level, seed=seed)
    period = f"{first:%Y-%m} to {ledger.months[end]:%Y-%m}"
    costed = float(sums["costed"].sum())
    said = (
        f"Margin: of the accounts whose cost is known, {percent(costed / max(float(sums['revenue'].sum()), 1e-12))} of "
    )
    margin = f"{said}revenue." if costed else "Margin: no cost is known, so lifetime value is revenue and not profit."
    return RevenueFigures(found, sums, ledger.account_ids, period, (*definition.sentences(), margin), currency)


# --- What became of each cohort: by when customers began to pay, and how long ago that is


def cohort_triangle(
    mrr: pd.DataFrame | MrrLedger, *, by: str = "quarter", of: str = "revenue", share: bool = True
) -> pd.DataFrame:
    """Return what is left of each cohort of customers, by months since they began to pay.

    Parameters
    ----------
    mrr
        An mrr table (account_id, month, amount) or the ledger made from it.
    by
        Cohorts of a month, a quarter or a year. Who paid in the first month on record began then or before, and stands
        in a cohort of its own.
    of
        revenue or customers.
    share
        Whether to divide by what the same customers paid, or were, in their first month. A cell counts the customers
        whose month has come; those of them who began later in the period are not yet as old.

    Returns
    -------
    pd.DataFrame
        A row per cohort, a column per age in months, NaN where it is not over; accounts at the beginning in the first.

    Raises
    ------
    MovementsError
        When `by` or `of` is something else.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.growth import cohort_triangle
    >>> paid = {"A": [0, 100, 120], "B": [0, 50, 0], "C": [0, 0, 80], "D": [10, 10, 10]}
    >>> rows = [(who, f"2024-0{n + 1}-01", amount) for who, each in paid.items() for n, amount in enumerate(each)]
    >>> mrr = pd.DataFrame(rows, columns=["account_id", "month", "amount"]).astype({"month": "datetime64[ns]"})
    >>> cohort_triangle(mrr, by="month")
                  cohort  accounts    0    1    2
    0  2024-01 or before         1  1.0  1.0  1.0
    1            2024-02         2  1.0  0.8  NaN
    2            2024-03         1  1.0  NaN  NaN
    """
    periods = {"month": "M", "quarter": "Q", "year": "Y"}
    if by not in periods or of not in ("revenue", "customers"):
        raise MovementsError(
            f"There is no triangle by {by!r} of {of!r}.", "Say month, quarter or year, and revenue or customers."
        )
    ledger = ledger_of(mrr)
    amounts = ledger.amounts if of == "revenue" else (ledger.amounts > 0).astype(float)
    paying = ledger.amounts > 0
    there = paying.any(axis=1)
    began = paying.argmax(axis=1)[there]
    width = amounts.shape[1]
    place = began[:, None] + np.arange(width)
    inside = place < width
    aged = np.where(inside, np.take_along_axis(amounts[there], np.minimum(place, width - 1), axis=1), np.nan)
    names = ledger.months.to_period(periods[by]).astype(str).to_numpy(object)[began]
    names = np.where(began == 0, f"{ledger.months[0]:%Y-%m} or before", names)
    order = pd.Series(began).groupby(names).min().sort_values()
    rows = []
    for name in order.index:
        own = aged[names == name]
        known = np.isfinite(own)
        total = np.where(known.any(axis=0), np.nansum(own, axis=0), np.nan)
        begun = (known * own[:, :1]).sum(axis=0)
        rows.append((name, len(own), *(ratio_of(total, begun) if share else total)))
    return pd.DataFrame(rows, columns=["cohort", "accounts", *range(width)])
