"""One figure of a study's results: a value with its range, unit, basis, population and period."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.formatting import count
from workbench.impact.standing import STEEP
from workbench.stages.impact_view.outcome import NET, NEW_LIST, PAID, TODAYS_LIST

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from workbench.impact.standing import Standing
    from workbench.results import Interval

SHARE, ACCOUNTS = "share", "accounts"
_LARGEST = 10
_NO_PAYMENTS = "No revenue is on record."
_NO_LIST_TODAY = "Today's price list is not on record."


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultFigure:
    """One figure: `value` None is unknown and `reason` says why; `low` and `high` are a 90% range, None without one."""

    id: str
    stage: str
    name: str
    value: float | None
    unit: str
    basis: str
    population: str
    period: str
    low: float | None = None
    high: float | None = None
    reason: str = ""

    def as_row(self) -> dict[str, Any]:
        """Return the figure as JSON holds it."""
        row = asdict(self)
        return {name: plain(value) if name in {"value", "low", "high"} else value for name, value in row.items()}


def plain(value: float | None) -> float | None:
    """Return a number, None where it is unknown or no number."""
    return None if value is None or not math.isfinite(value) else float(value)


class Speaks:
    """Makes figures of one stage that share basis, population and period."""

    def __init__(self, stage: str, basis: str, population: str, period: str) -> None:
        self.stage, self.basis, self.population, self.period = stage, basis, population, period

    def __call__(
        self, key: str, name: str, value: float | None, unit: str, *, why: str = "", range_: Interval | None = None
    ) -> ResultFigure:
        """Return a figure; `why` is its reason where its value is unknown."""
        known = plain(value)
        return ResultFigure(
            id=key,
            stage=self.stage,
            name=name,
            value=known,
            unit=unit,
            basis=self.basis,
            population=self.population,
            period=self.period,
            low=None if range_ is None or known is None else plain(range_.low),
            high=None if range_ is None or known is None else plain(range_.high),
            reason="" if known is not None else why or "The data does not say.",
        )


def span(months: Sequence[str]) -> str:
    """Write the months of a basis: 2024-12, or 2024-01 to 2024-12."""
    if not months:
        return ""
    return months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"


def figures_of_standing(
    stands: Standing | None, basis: str, currency: str, *, why: str = "", no_list: str = ""
) -> Iterator[ResultFigure]:
    """Yield a design's money on a study's basis, list with list and paid with paid, and what it does to customers.

    `why` says why nothing can be billed, `no_list` why the design has no bill.
    """
    currency = currency if stands is None else stands.currency or currency
    period = "" if stands is None else span(stands.months)
    paying = "" if stands is None else f"{count('account', stands.accounts)} that paid"
    speaks = Speaks("impact", basis, paying, period)
    for key, name, field, reason in _MONEY:
        value = None if stands is None else getattr(stands, field)
        yield speaks(key, name, value, currency, why=why or reason or no_list)
    compared = 0 if stands is None else int(stands.compared.sum())
    people = f"{count('account', compared)} with a payment on record and a new bill"
    speaks = Speaks("impact", basis, people, period)
    why = no_list or why or "No account has a payment on record and a new bill."
    steep = None if stands is None or not compared else float(stands.rises_above(STEEP).sum())
    top = None if stands is None else largest_change(stands)
    yield speaks("pay_more.share", "Pay more", None if stands is None else stands.pay_more, SHARE, why=why)
    yield speaks("pay_less.share", "Pay less", None if stands is None else stands.pay_less, SHARE, why=why)
    share = None if steep is None else steep / compared
    yield speaks("rise_over_25.share", "Share of bills that rise by more than 25%", share, SHARE, why=why)
    yield speaks("rise_over_25.accounts", "Bills that rise by more than 25%", steep, ACCOUNTS, why=why)
    yield speaks("change.top_ten", "Change of the ten that pay most today", top, currency, why=why)


_MONEY = (
    ("revenue.today", PAID, "revenue_today", _NO_PAYMENTS),
    ("revenue.today_list", TODAYS_LIST, "revenue_today_list", _NO_LIST_TODAY),
    ("revenue.list", NEW_LIST, "revenue_list", ""),
    ("revenue.net", NET, "revenue_net", ""),
    ("revenue.not_billed", "Revenue today of accounts the new list has no bill for", "not_billed", _NO_PAYMENTS),
    (
        "revenue.without_list_price",
        "Revenue today of accounts that get a list price for the first time",
        "without_list_price",
        _NO_PAYMENTS,
    ),
)


def largest_change(stands: Standing) -> float | None:
    """Return how much more the ten accounts that pay most today would pay together; None without any compared."""
    places = np.flatnonzero(stands.compared)
    if not len(places):
        return None
    largest = places[np.argsort(-stands.paid[places], kind="stable")][:_LARGEST]
    return float(stands.change[largest].sum())
