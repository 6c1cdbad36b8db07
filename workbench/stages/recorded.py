"""Today as the data records it: the figures every design is held against, without any design."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.customers.windows import YEAR
from workbench.formatting import NO_CURRENCY, count
from workbench.growth import arpa, mrr_ledger, retention
from workbench.growth.movements import MovementsError
from workbench.results import KeyFigure

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.growth import MrrLedger, Retention


def recorded_figures(base: CustomerBase) -> tuple[KeyFigure, ...]:
    """Return accounts, months, monthly recurring revenue, revenue per paying account and net revenue retention.

    Revenue is that of the last month on record, in the base's currency; retention follows the accounts that paid a
    year before it. What the data does not record is unknown.
    """
    months = base.months
    span = f"{months[0]:%Y-%m} to {months[-1]:%Y-%m}"
    return (
        KeyFigure("Accounts", len(base), digits=0, population="on record"),
        KeyFigure("Months on record", len(months), digits=0, period=span),
        *_revenue(base),
    )


def _revenue(base: CustomerBase) -> tuple[KeyFigure, ...]:
    currency = base.currency or NO_CURRENCY
    table = base.mrr if base.has("mrr") else None
    if table is None:
        lacking = "The data holds no MRR."
        return (
            KeyFigure("Monthly recurring revenue", None, currency, note=lacking),
            KeyFigure("Revenue per paying account", None, currency, note=lacking),
            KeyFigure("Net revenue retention", None, "percent", note=lacking),
        )
    ledger = mrr_ledger(table)
    last = arpa(ledger).iloc[-1]
    month = f"{last['month']:%Y-%m}"
    paying = count("paying account", int(last["accounts"]))
    return (
        KeyFigure("Monthly recurring revenue", float(last["revenue"]), currency, month, paying),
        KeyFigure("Revenue per paying account", _known(last["arpa"]), currency, month, paying),
        _net_retention(ledger),
    )


def _net_retention(ledger: MrrLedger) -> KeyFigure:
    followed = _last_year(ledger)
    if followed is None:
        return KeyFigure(
            "Net revenue retention", None, "percent", note="Needs revenue on record of two months a year apart."
        )
    return KeyFigure(
        "Net revenue retention",
        followed.net,
        "percent",
        f"{followed.start_month:%Y-%m} to {followed.end_month:%Y-%m}",
        f"{count('account', followed.accounts)} that paid at the start",
    )


def _last_year(ledger: MrrLedger) -> Retention | None:
    """Follow the accounts that paid a year ago; None where the history is shorter or nobody paid then."""
    try:
        return retention(ledger, months=YEAR)
    except MovementsError:
        return None


def _known(value: float) -> float | None:
    return None if value != value else float(value)  # noqa: PLR0124 - the plain test for not-a-number
