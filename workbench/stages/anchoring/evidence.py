"""What the comparison stands on.

Competitors' offers as last seen, what they cost at a usage, and what active accounts use.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from workbench.formatting import metric_words
from workbench.impact.billing import bill_of
from workbench.market.price_points import METRIC_OF_UNIT
from workbench.pricing.charge import Charge
from workbench.pricing.price_book import AddOn, Limit, Plan
from workbench.results import Interval
from workbench.rules.rulebook import Rulebook
from workbench.stages.anchoring.decision import UsageProfile
from workbench.stages.contract import missing_tables
from workbench.stages.needs import gather as tiers_gather
from workbench.stages.offers import PER_ACCOUNT, same_metric
from workbench.stages.price_book import MONTHS_IN_PERIOD
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.results import Basis, Missing
    from workbench.stages.anchoring.decision import AnchoringDecision, ExchangeRate, OfferKey
    from workbench.stages.needs import TierEvidence

say = texts(__name__)

# --- A competitor's offer as the customer base records it

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

    def competes(self, decision: AnchoringDecision) -> bool:
        """Tell whether it is a plan that ours are held against: nobody has set it aside."""
        return self.kind == PLAN and self.key not in decision.set_aside

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
        return say("no_billing_period_is_stated")
    if (rows["limit"].notna() & rows["limit_metric"].isna()).any():
        return say("a_limit_is_recorded_without")
    several = rows.groupby("per")["price"].nunique()
    double = several[several > 1]
    return say("two_prices_are_recorded_for", index=str(double.index[0])) if len(double) else ""


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


# --- How old each competitor's price is, and which are too old


def age_in_days(offer: CompetitorOffer, today: date) -> int:
    """Return the days from when a price was seen to `today`; negative for a price from the future."""
    return (today - offer.seen_on).days


def is_stale(offer: CompetitorOffer, today: date, stale_after: int) -> bool:
    """Tell whether a price is older than `stale_after` days; on that very day it still counts as fresh."""
    return age_in_days(offer, today) > stale_after


def with_stale_age(rulebook: Rulebook, days: int) -> Rulebook:
    """Return the rulebook in which C3 asks for prices of at most this many days; a study's own threshold stays."""
    rule = rulebook["C3"]
    if rule.overrides or rule.high == days:
        return rulebook
    moved = replace(rule, threshold=rule.threshold.moved(high=float(days)))
    return Rulebook(MappingProxyType({**rulebook.rules, "C3": moved}))


def stale_after(rulebook: Rulebook) -> int:
    """Return the age in days from which a price is stale under a rulebook."""
    return int(rulebook["C3"].high or 0)


# --- Prices in another currency, converted with a rate the team gave as a range


def converted(price: float, currency: str, into: str, rates: Mapping[str, ExchangeRate]) -> Interval | None:
    """Return a price in the currency `into`, as wide as the rate is unsure; None without a rate."""
    if currency == into:
        return Interval(price, price, price)
    rate = rates.get(currency)
    if rate is None:
        return None
    low, high = sorted((rate.low, rate.high))
    return Interval(price * low, price * (low + high) / 2, price * high)


# --- What an offer costs a customer with a given usage in a month, or why that cannot be said

QuoteStanding = Literal["priced", "on request", "does not serve", "not known"]


@dataclass(frozen=True, slots=True)
class Quote:
    """A price for one month, or None with the reason: on request, does not serve the usage, or not known."""

    price: float | None
    standing: QuoteStanding = "priced"
    reason: str = ""


def quote(offer: Plan | AddOn, quantities: Mapping[str, float], needed: Iterable[str] = ()) -> Quote:
    """Price an offer for one month at monthly quantities per metric; a customer needs the features in `needed`.

    An offer whose limit is exceeded or that lacks a needed feature does not serve. A price on request is no number,
    and neither is one that depends on a quantity nobody stated.
    """
    refused = _limit_refusal(offer, quantities) if isinstance(offer, Plan) else None
    if refused is not None:
        return refused
    lacking = [name for name in needed if name not in offer.features]
    if lacking:
        return Quote(None, "does not serve", f"does not contain {', '.join(lacking)}")
    if not offer.priced:
        return Quote(None, "on request", "price on request")
    unstated = [charge.metric for charge in offer.charges if charge.metric not in quantities]
    if unstated:
        return Quote(None, "not known", say("priced_by_which_this_profile", unstated=unstated[0]))
    stated = {metric: Decimal(str(amount)) for metric, amount in quantities.items()}
    return Quote(float(bill_of(offer, stated).total))


def _limit_refusal(offer: Plan, quantities: Mapping[str, float]) -> Quote | None:
    """Return why the limits of a plan rule a usage out, None when they allow it."""
    unstated = None
    for limit in offer.limits:
        if limit.up_to is None:
            continue
        amount, words = quantities.get(limit.metric), metric_words(limit.metric)
        if amount is None:
            unstated = say("limited_in_which_this_profile", words=words)
        elif amount > float(limit.up_to):
            return Quote(None, "does not serve", say("limit_exceeded_up_to", up_to=limit.up_to, words=words))
    return None if unstated is None or not offer.priced else Quote(None, "not known", unstated)


# --- Typical customers to compare prices for: quantiles of what active accounts use

SIZES = (("small", "Small", 0.1), ("typical", "Typical", 0.5), ("large", "Large", 0.9))
"""Id, name and quantile of each profile: one account in ten uses no more than the small one, nine in ten no more than
the large one."""
_DIGITS = 3


def usage_profiles(quantities: Mapping[str, NDArray[np.float64]]) -> tuple[UsageProfile, ...]:
    """Return a small, a typical and a large customer: the 10%, 50% and 90% quantile of every metric on its own.

    `quantities` holds one entry per active account and metric, NaN where unknown; metrics nobody has a quantity of
    are left out. Quantities that are counted in whole units stay whole, others keep three digits.
    """
    known = {metric: values[np.isfinite(values)] for metric, values in quantities.items()}
    known = {metric: values for metric, values in known.items() if values.size}
    return tuple(
        UsageProfile(
            id=key,
            name=name,
            quantities={metric: _typed(values, level) for metric, values in known.items()},
        )
        for key, name, level in SIZES
        if known
    )


def middle_profile(profiles: tuple[UsageProfile, ...]) -> UsageProfile | None:
    """Return the typical profile: the one of that id, else the one in the middle; None without any."""
    for profile in profiles:
        if profile.id == SIZES[1][0]:
            return profile
    return profiles[len(profiles) // 2] if profiles else None


def _typed(values: NDArray[np.float64], level: float) -> float:
    found = float(np.quantile(values, level, method="inverted_cdf"))
    if found == 0 or (values == np.round(values)).all():
        return found
    return round(found, _DIGITS - 1 - math.floor(math.log10(abs(found))))


# --- What the comparison stands on: competitors' offers as last seen, and what active accounts use


@dataclass(frozen=True, eq=False)
class AnchoringEvidence:
    """Competitors' offers, the profiles the data suggests, and the day that ages of prices are counted to.

    `needs` is what the active accounts need and pay; the profiles are quantiles of each account's latest month.
    """

    needs: TierEvidence
    offers: tuple[CompetitorOffer, ...]
    profiles: tuple[UsageProfile, ...]
    currency: str
    today: date
    basis: Basis
    missing: tuple[Missing, ...]

    @property
    def vendors(self) -> tuple[str, ...]:
        """Return the vendors in the order they appear in the data."""
        return tuple(dict.fromkeys(offer.vendor for offer in self.offers))

    def offer(self, key: tuple[str, str] | None) -> CompetitorOffer | None:
        """Return the offer of that vendor and name, None when there is none."""
        return next((offer for offer in self.offers if offer.key == key), None)


def gather(base: CustomerBase) -> AnchoringEvidence:
    """Gather competitors' offers and usage profiles of the active accounts."""
    needs = tiers_gather(base)
    return AnchoringEvidence(
        needs=needs,
        offers=read_offers(base.competitor_offers, needs.currency, needs.metrics),
        profiles=usage_profiles(needs.billed),
        currency=needs.currency,
        today=last_day(base),
        basis=needs.basis,
        missing=missing_tables(__package__, base),
    )


def last_day(base: CustomerBase) -> date:
    """Return the day everything in a base is known for: its as-of day, else the end of its last month."""
    return base.as_of or (base.months[-1] + pd.offsets.MonthEnd(0)).date()
