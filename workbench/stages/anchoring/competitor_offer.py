"""A competitor's offer as the customer base records it: its prices as a plan per month, or why it has none."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.market.price_points import METRIC_OF_UNIT
from workbench.pricing import Charge, Limit, Plan
from workbench.stages.price_book import MONTHS_IN_PERIOD
from workbench.stages.tiers.decision import PER_ACCOUNT
from workbench.stages.value_metric.candidates import same_metric
from workbench.wording import metric_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from workbench.stages.anchoring.decision import OfferKey

PLAN = "plan"


@dataclass(frozen=True, slots=True)
class CompetitorOffer:
    """One offer of a vendor as last seen.

    `plan` holds its prices per month in `currency`; a plan without base fee is on request. `problem` says why the
    recorded price cannot be used at all ("" when it can). `period` is the billing period it is published for.
    """

    vendor: str
    offer: str
    kind: str
    plan: Plan
    currency: str
    period: str
    seen_on: date
    source: str
    problem: str = ""

    @property
    def key(self) -> OfferKey:
        """Return vendor and offer."""
        return (self.vendor, self.offer)

    @property
    def name(self) -> str:
        """Return vendor and offer as a reader sees them."""
        return f"{self.vendor} {self.offer}"

    @property
    def on_request(self) -> bool:
        """Tell whether no price is published."""
        return not self.plan.priced and not self.problem

    @property
    def metrics(self) -> tuple[str, ...]:
        """Return the metrics its bill and its limits depend on."""
        return tuple(
            dict.fromkeys([c.metric for c in self.plan.charges] + [limit.metric for limit in self.plan.limits])
        )


def read_offers(frame: pd.DataFrame | None, currency: str, metrics: Sequence[str]) -> tuple[CompetitorOffer, ...]:
    """Return the offers of the table competitor_offers, one per vendor and offer, in the order they appear.

    An offer counts as it was last seen. Where it was then published in several currencies or for several billing
    periods, the study's currency and the shortest period are taken. Rows that differ in what one price buys are parts
    of one price: a fee for the account and a price per seat add up. `metrics` are the names the data has for units.
    """
    if frame is None or frame.empty:
        return ()
    return tuple(
        _read_offer((str(vendor), str(offer)), rows[rows["seen_on"] == rows["seen_on"].max()], currency, metrics)
        for (vendor, offer), rows in frame.groupby(["vendor", "offer"], sort=False)
    )


def _read_offer(key: OfferKey, rows: pd.DataFrame, currency: str, metrics: Sequence[str]) -> CompetitorOffer:
    vendor, offer = key
    variants = sorted(
        rows.groupby(["currency", "billing_period"], sort=False, dropna=False),
        key=lambda variant: _preference(variant[0], variant[1], currency),
    )
    (code, period), chosen = variants[0]
    code, period = _text(code).upper(), _text(period)
    problem = _problem(chosen, code, period)
    return CompetitorOffer(
        vendor=vendor,
        offer=offer,
        kind=next((kind for kind in map(_text, chosen["kind"]) if kind), PLAN),
        plan=Plan(offer, None) if problem else _plan(offer, chosen, MONTHS_IN_PERIOD.get(period, 1), metrics),
        currency=code,
        period=period,
        seen_on=rows["seen_on"].max().date(),
        source=_text(chosen["source"].iloc[0]),
        problem=problem,
    )


def _preference(terms: Any, rows: pd.DataFrame, currency: str) -> tuple[bool, bool, bool, int]:  # noqa: ANN401 - a group's name
    code, period = terms
    months = MONTHS_IN_PERIOD.get(_text(period), 99)
    text = _text(code).upper()
    return (bool(rows["price"].isna().any()), not text, text != currency, months)


def _problem(rows: pd.DataFrame, code: str, period: str) -> str:
    """Say what keeps a published price from being used; empty when nothing does."""
    if rows["price"].isna().any():
        return ""  # on request: there is no number to misread
    if not code:
        return "no currency is stated"
    if period not in MONTHS_IN_PERIOD:
        return "no billing period is stated"
    if (rows["limit"].notna() & rows["limit_metric"].isna()).any():
        return "a limit is recorded without saying of what"
    several = rows.groupby("per")["price"].nunique()
    double = several[several > 1]
    return f"two prices are recorded for each {metric_words(str(double.index[0]))}" if len(double) else ""


def _plan(name: str, rows: pd.DataFrame, months: int, metrics: Sequence[str]) -> Plan:
    if rows["price"].isna().any():
        return Plan(name, None)
    fee = Decimal(0)
    charges = []
    for row in rows.drop_duplicates("per").itertuples():
        price = Decimal(str(row.price)) / months
        unit = measured_as(str(row.per), metrics)
        if unit == PER_ACCOUNT:
            fee += price
        else:
            charges.append(Charge(unit, "per_unit", unit_price=price))
    limited = rows.dropna(subset=["limit_metric", "limit"]).groupby("limit_metric", sort=False)["limit"].min()
    limits = tuple(Limit(measured_as(str(unit), metrics), Decimal(str(most))) for unit, most in limited.items())
    return Plan(name, fee, charges, limits)


def free_offers(offers: Iterable[CompetitorOffer]) -> tuple[OfferKey, ...]:
    """Return the offers that cost nothing whatever is used: the rules on prices leave free offers out."""
    return tuple(offer.key for offer in offers if _is_free(offer.plan))


def _is_free(plan: Plan) -> bool:
    return plan.priced and not plan.base_fee and not any(charge.unit_price for charge in plan.charges)


def measured_as(unit: str, metrics: Iterable[str]) -> str:
    """Return the name the data has for a unit a price is published for; other units keep their own name."""
    known = METRIC_OF_UNIT.get(unit.strip().casefold(), unit.strip())
    return next((metric for metric in metrics if same_metric(metric, known)), known)


def _text(value: Any) -> str:  # noqa: ANN401 - whatever a cell holds
    return "" if value is None or pd.isna(value) else str(value).strip()
