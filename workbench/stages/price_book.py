"""The price book a scenario's decisions add up to, today's, and offers back into decisions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from workbench.cache import RecentOf
from workbench.customers.needs import profile
from workbench.customers.tables import CHOICE, SEATS
from workbench.demand.customers import DemandError
from workbench.errors import StudyError
from workbench.formatting import exact, exact_money, metric_words
from workbench.impact.migration.policies import opt_in_overage
from workbench.impact.monthly_accounts import account_months
from workbench.locales import NO_CURRENCY
from workbench.market.price_points import METRIC_OF_UNIT
from workbench.pricing.charge import Charge, charge_beyond, price_beyond
from workbench.pricing.price_book import AddOn, Feature, Limit, Plan, PriceBook
from workbench.pricing.price_curve import next_two_digits, two_digits
from workbench.stages.contract import decision_of
from workbench.stages.offers import (
    PER_ACCOUNT,
    AddOnChoice,
    AddOnDecision,
    Tier,
    TierDecision,
    UsageCharge,
    ValueMetricDecision,
    same_metric,
)
from workbench.stages.usage import best_metric, read_billing_history, size_metric
from workbench.study.model import Scenario, fresh_id, plain_errors
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Mapping, Sequence
    from datetime import date

    from workbench.customers.base import CustomerBase
    from workbench.study.document import Study
    from workbench.study.model import StageDecision

say = texts(__name__)

# --- The price book a scenario's decisions add up to, and today's price book as the data describes it

MONTHS_IN_PERIOD = {"month": 1, "quarter": 3, "year": 12}


def price_book(base: CustomerBase, scenario: Scenario) -> PriceBook:
    """Return what a scenario puts on offer: its tiers and add-ons, or a single plan on the value metric.

    The baseline scenario is today's price book. A scenario without tiers but with a price curve offers one plan
    billed on that curve; a scenario that decided neither offers nothing yet.
    """
    if scenario.kind == "baseline":
        return list_of_today(base)
    plans = tuple(plan_of(tier) for tier in scenario.decision(TierDecision).tiers)
    if not plans:
        plans = _plan_on_the_metric(scenario)
    add_ons = tuple(add_on_of(choice) for choice in scenario.decision(AddOnDecision).add_ons)
    return PriceBook(
        name=scenario.name,
        currency=base.currency or NO_CURRENCY,
        plans=plans,
        add_ons=add_ons,
        features=_features(base, (plan.features for plan in plans), (each.features for each in add_ons)),
    )


def plan_of(tier: Tier) -> Plan:
    """Turn a tier into the plan it is billed as."""
    per_unit = tier.price_per != PER_ACCOUNT
    charges = []
    if per_unit and tier.price is not None:
        charges.append(Charge(tier.price_per, "per_unit", unit_price=tier.price))
    charges += [
        Charge(metric, "per_unit", unit_price=price, free_units=tier.limits.get(metric, Decimal(0)))
        for metric, price in tier.overage.items()
    ]
    return Plan(
        name=tier.name,
        base_fee=Decimal(0) if per_unit and tier.price is not None else tier.price,
        charges=tuple(charges),
        limits=tuple(Limit(m, most) for m, most in tier.limits.items() if m not in tier.overage),
        features=tier.features,
        public=tier.public,
    )


def add_on_of(choice: AddOnChoice) -> AddOn:
    """Turn a chosen add-on into the offer it is billed as."""
    per_unit = choice.price_per != PER_ACCOUNT
    charges = (Charge(choice.price_per, "per_unit", unit_price=choice.price),) if per_unit else ()
    limits: tuple[Limit, ...] = ()
    if (usage := choice.usage_charge) is not None:
        beyond = charge_beyond(
            usage.metric,
            unit_price=usage.unit_price,
            included=usage.free_units,
            block=usage.block,
            maximum=usage.most_per_month,
        )
        charges, limits = (*charges, beyond), (Limit(usage.metric, None),)
    return AddOn(
        name=choice.name,
        base_fee=Decimal(0) if per_unit else choice.price,
        charges=charges,
        features=choice.features,
        limits=limits,
        job=choice.job,
    )


def list_of_today(base: CustomerBase) -> PriceBook:
    """Return today's price book from the tables plans, plan_limits and plan_features.

    Prices are per month, whatever period the list quotes them for; of a price listed for several periods that of
    the shortest one counts. A plan with neither a base fee nor a unit price is on request. Without a table of plans the
    book is empty, and replay says so.
    """
    return _lists.once(base, None, lambda: _read_list(base))


_lists: RecentOf[CustomerBase, None, PriceBook] = RecentOf(1)


def _read_list(base: CustomerBase) -> PriceBook:
    plans = () if base.plans is None else tuple(_today_plan(base, name) for name in base.plans["plan"].unique())
    return PriceBook(
        name="Today",
        currency=base.currency or NO_CURRENCY,
        plans=plans,
        features=_features(base, (plan.features for plan in plans)),
    )


def _today_plan(base: CustomerBase, name: str) -> Plan:
    """Assemble one of today's plans: one base fee and a unit price per metric, each of its shortest period listed."""
    fees: dict[int, Decimal] = {}
    charges: dict[str, Charge] = {}
    for months, row in _by_period(base.plans[base.plans["plan"] == name]):
        fee, unit_price = getattr(row, "base_fee", None), getattr(row, "unit_price", None)
        if not pd.isna(fee):
            fees[months] = max(fees.get(months, Decimal(0)), _decimal(fee))
        if not pd.isna(unit_price) and not pd.isna(row.metric) and row.metric not in charges:
            included = getattr(row, "included_units", None)
            charges[row.metric] = Charge(
                row.metric,
                "per_unit",
                unit_price=_decimal(unit_price) / months,
                free_units=Decimal(0) if pd.isna(included) else _decimal(included),
            )
    # A list may repeat the base fee beside each metric, or say 0 there; the check of the data refuses two that differ.
    base_fee = fees[min(fees)] / min(fees) if fees else Decimal(0)
    return Plan(
        name=name,
        base_fee=base_fee if fees or charges else None,
        charges=tuple(charges.values()),
        limits=_today_limits(base, name),
        features=_today_features(base, name),
    )


def _by_period(rows: pd.DataFrame) -> list[tuple[int, Any]]:
    """Return the rows with the months of their billing period, the shortest first."""

    def months(row: Any) -> int:  # noqa: ANN401 - a row of any columns
        return MONTHS_IN_PERIOD[_text(getattr(row, "billing_period", None)) or "month"]

    return sorted(((months(row), row) for row in rows.itertuples()), key=lambda each: each[0])


def _today_limits(base: CustomerBase, plan: str) -> tuple[Limit, ...]:
    if base.plan_limits is None:
        return ()
    rows = base.plan_limits[base.plan_limits["plan"] == plan]
    return tuple(Limit(row.metric, _decimal(row.limit)) for row in rows.itertuples() if not pd.isna(row.limit))


def _today_features(base: CustomerBase, plan: str) -> tuple[str, ...]:
    if base.plan_features is None:
        return ()
    return tuple(base.plan_features.loc[base.plan_features["plan"] == plan, "feature"])


def _plan_on_the_metric(scenario: Scenario) -> tuple[Plan, ...]:
    charge = scenario.decision(ValueMetricDecision).charge
    return () if charge is None else (Plan(name="Standard", base_fee=Decimal(0), charges=(charge,)),)


def _features(base: CustomerBase, *groups: Iterable[tuple[str, ...]]) -> tuple[Feature, ...]:
    """Describe every feature the offers name, with its area where the data knows it."""
    names = dict.fromkeys(name for group in groups for features in group for name in features)
    areas: dict[str, str] = {}
    if base.features is not None and "area" in base.features:
        known = base.features.dropna(subset=["area"])
        areas = dict(zip(known["feature"], known["area"], strict=True))
    return tuple(Feature(name, area=areas.get(name, "")) for name in names)


def _decimal(value: float | str) -> Decimal:
    """Read a number from a table as the decimal a person typed, without binary noise."""
    return Decimal(str(value))


def _text(value: str | float | None) -> str:
    return "" if value is None or pd.isna(value) else str(value)


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
    def key(self) -> tuple[str, str]:
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

    def competes(self, set_aside: Collection[tuple[str, str]]) -> bool:
        """Tell whether it is a plan that ours are held against: nobody has set it aside."""
        return self.kind == PLAN and self.key not in set_aside

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


def _read_offer(key: tuple[str, str], rows: pd.DataFrame, currency: str, metrics: Sequence[str]) -> CompetitorOffer:
    vendor, offer = key
    variants = sorted(
        rows.groupby(["currency", "billing_period"], sort=False, dropna=False),
        key=lambda variant: _preference(variant[0], variant[1], currency),
    )
    (code, period), chosen = variants[0]
    code, period = _plain_text(code).upper(), _plain_text(period)
    problem = _problem(chosen, code, period)
    return CompetitorOffer(
        vendor=vendor,
        offer=offer,
        kind=next((kind for kind in map(_text, chosen["kind"]) if kind), PLAN),
        plan=Plan(offer, None) if problem else _plan(offer, chosen, MONTHS_IN_PERIOD.get(period, 1), metrics),
        currency=code,
        period=period,
        seen_on=rows["seen_on"].max().date(),
        source=_plain_text(chosen["source"].iloc[0]),
        problem=problem,
    )


def _preference(terms: Any, rows: pd.DataFrame, currency: str) -> tuple[bool, bool, bool, int]:  # noqa: ANN401 - a group's name
    code, period = terms
    months = MONTHS_IN_PERIOD.get(_plain_text(period), 99)
    text = _plain_text(code).upper()
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


def free_offers(offers: Iterable[CompetitorOffer]) -> tuple[tuple[str, str], ...]:
    """Return the offers that cost nothing whatever is used: the rules on prices leave free offers out."""
    return tuple(offer.key for offer in offers if offer.plan.is_free)


def measured_as(unit: str, metrics: Iterable[str]) -> str:
    """Return the name the data has for a unit a price is published for; other units keep their own name."""
    known = METRIC_OF_UNIT.get(unit.strip().casefold(), unit.strip())
    return next((metric for metric in metrics if same_metric(metric, known)), known)


def _plain_text(value: Any) -> str:  # noqa: ANN401 - whatever a cell holds
    return _text(value).strip()


# --- Offers back into the decisions they are made of, without loss

NOTHING = Decimal(0)


def tier_of(plan: Plan, taken: Container[str] = ()) -> Tier:
    """Return the tier that is billed as this plan: `plan_of(tier_of(plan)) == plan`.

    `taken` are ids of other tiers. StudyError for a plan that no tier can hold, such as one with a price per seat
    beyond those included and a limit on seats as well.
    """
    per_unit = _is_priced_per_unit(plan)
    further = plan.charges[1:] if per_unit else plan.charges
    included = {charge.metric: charge.free_units for charge in further if charge.free_units}
    most = {limit.metric: limit.up_to for limit in plan.limits if limit.up_to is not None}
    with plain_errors(say("the_plan_cannot_be_written", name=plan.name)):
        tier = Tier(
            id=fresh_id(plan.name, taken),
            name=plan.name,
            price=plan.charges[0].unit_price if per_unit else plan.base_fee,
            price_per=plan.charges[0].metric if per_unit else PER_ACCOUNT,
            limits=most | included,
            overage={charge.metric: charge.unit_price or NOTHING for charge in further},
            features=plan.features,
            public=plan.public,
        )
    if plan_of(tier) != plan:
        raise StudyError(
            f"The plan {plan.name} cannot be written as a tier without changing it: {plan_words(plan)}.",
            "A tier has one price, and for each metric either a limit or a price per unit beyond what is included.",
        )
    return tier


def choice_of(add_on: AddOn, taken: Container[str] = (), **settings: Any) -> AddOnChoice:  # noqa: ANN401 - fields of an add-on
    """Return the chosen add-on that is billed as this one: `add_on_of(choice_of(add_on)) == add_on`.

    `settings` are the fields an offer does not have: who may buy it, when, and how many will. StudyError for an add-on
    that no choice can hold.
    """
    priced = next((charge for charge in add_on.charges if not _is_beyond(add_on, charge)), None)
    usage = next((charge for charge in add_on.charges if _is_beyond(add_on, charge)), None)
    beyond = None
    with plain_errors(say("the_add_on_cannot_be", name=add_on.name)):
        if usage is not None:
            unit_price, block = price_beyond(usage)
            beyond = UsageCharge(
                metric=usage.metric,
                unit_price=unit_price,
                free_units=usage.free_units,
                block=block,
                most_per_month=usage.maximum,
            )
        choice = AddOnChoice(
            id=fresh_id(add_on.name, taken),
            name=add_on.name,
            job=add_on.job,
            features=add_on.features,
            price=(add_on.base_fee if priced is None else priced.unit_price) or NOTHING,
            price_per=PER_ACCOUNT if priced is None else priced.metric,
            usage_charge=beyond,
            **settings,
        )
    if add_on_of(choice) != add_on:
        raise StudyError(
            f"The add-on {add_on.name} cannot be kept without changing it.",
            "An add-on has one price, and at most one charge on usage whose metric it does not limit.",
        )
    return choice


def plan_words(plan: Plan) -> str:
    """Say in one line what a plan charges by and limits."""
    said = [] if plan.base_fee is None else [f"{exact(plan.base_fee)} a month"]
    for charge in plan.charges:
        free = f", {exact(charge.free_units)} included" if charge.free_units else ""
        said.append(say("a_price_for", metric=charge.metric, replace=charge.model.replace("_", " "), free=free))
    limits = (limit for limit in plan.limits if limit.up_to is not None)
    said += [f"at most {exact(limit.up_to or NOTHING)} {metric_words(limit.metric)}" for limit in limits]
    return "; ".join(said) or "on request"


def _is_priced_per_unit(plan: Plan) -> bool:
    """Tell whether the price is that of the first charge: nothing fixed, and no units free."""
    return plan.base_fee == 0 and bool(plan.charges) and not plan.charges[0].free_units


def _is_beyond(add_on: AddOn, charge: Charge) -> bool:
    """Tell whether a charge is on usage that the add-on sets free."""
    return any(limit.metric == charge.metric and limit.up_to is None for limit in add_on.limits)


# --- The terms of an opt-in on usage

Kind = Literal["overage", "accelerator"]
WITHIN = 0.75  # of today's customers use no more than is included
PAY_MORE = 0.10  # what those beyond it would pay more, together, if all of them opted in
BLOCK_SHARE = Decimal("0.5")  # an accelerator sells half as many units again
BLOCK_PRICE = Decimal("0.8")  # of what they cost one by one


@dataclass(frozen=True, slots=True)
class OptInTerms:
    """The terms of an opt-in on usage: units included a month, the price of one beyond them, the block sold, if any."""

    kind: Kind
    metric: str
    included: Decimal
    unit_price: Decimal
    block: Decimal = Decimal(0)
    block_price: Decimal = Decimal(0)
    most_per_month: Decimal | None = None


def charged_metrics(base: CustomerBase, scenario: Scenario) -> tuple[str, ...]:
    """Return the metrics on record that today's prices or a scenario's charge for or limit; all where none does."""
    offers = [
        offer for book in (list_of_today(base), price_book(base, scenario)) for offer in (*book.plans, *book.add_ons)
    ]
    names = [each.metric for offer in offers for each in offer.charges]
    names += [each.metric for offer in offers for each in offer.limits if each.up_to is not None]
    return tuple(each for each in dict.fromkeys(names) if each in base.usage_by_month) or tuple(base.usage_by_month)


def usage_metric(base: CustomerBase, scenario: Scenario) -> str:
    """Return the metric an opt-in would charge for: the decided value metric, unless today's prices go by it.

    Otherwise the usage metric that goes most closely with outcomes; StudyError where no other usage is recorded.
    """
    seats = seat_metric(base)
    decided = scenario.decision(ValueMetricDecision).metric
    if decided is not None and decided != seats and decided in base.metrics:
        return decided
    rows = account_months(base, gaps="last")
    found, _ = best_metric(read_billing_history(base, rows), excluded=seats)
    if found is None or found == seats:
        raise StudyError("No usage is recorded that could be charged beside seats.", "Add the table usage.")
    return found


def usual_terms(base: CustomerBase, metric: str, kind: Kind = "overage") -> OptInTerms:
    """Return a starting point computed from today's customers.

    Included is what three quarters of the customers stay within at their peak of the last three months. The unit
    price is such that those beyond it would together pay a tenth more, if all of them opted in. StudyError where
    usage or revenue does not tell.
    """
    needs = profile(base)
    used = needs.quantities.get(metric)
    known = np.array([]) if used is None else used[np.isfinite(used) & (used > 0)]
    if used is None or not known.size:
        raise StudyError(f"Nobody has used {metric_words(metric)} in the last three months.", "Choose another metric.")
    included = _rounded_up(float(np.quantile(known, WITHIN)))
    beyond = np.isfinite(needs.mrr) & (used > float(included))
    units = float((used[beyond] - float(included)).sum())
    unit_price = two_digits(PAY_MORE * float(needs.mrr[beyond].sum()) / units) if units > 0 else Decimal(0)
    if unit_price <= 0:
        raise StudyError(
            f"No revenue is on record of customers beyond {exact(included)} {metric_words(metric)} a month, so "
            "no price follows from the data.",
            "Give the terms of the opt-in yourself.",
        )
    if kind == "overage":
        return OptInTerms(kind, metric, included, unit_price)
    block = two_digits(float(included * BLOCK_SHARE))
    return OptInTerms(kind, metric, included, unit_price, block, two_digits(float(block * unit_price * BLOCK_PRICE)))


def terms_in_words(terms: OptInTerms, currency: str) -> str:
    """Say what the design offers, in two sentences."""
    what, price = metric_words(terms.metric), exact_money(terms.unit_price, currency)
    free = exact(terms.included)
    if terms.kind == "overage":
        offer = say("for_each_of_the_beyond", price=price, what=what, free=free)
    else:
        block, block_price = exact(terms.block), exact_money(terms.block_price, currency)
        offer = say("more_than_for_a_month", block=block, free=free, what=what, block_price=block_price, price=price)
    return say("today_s_plans_stay_as", offer=offer)


def seat_metric(base: CustomerBase) -> str:
    """Return the metric today's prices go by, seats where they name none."""
    found = size_metric(base, base.metrics) if base.has("plans") else None
    return SEATS if found is None else found


def _rounded_up(quantity: float) -> Decimal:
    near = two_digits(quantity)
    return near if float(near) >= quantity else next_two_digits(near, 1)


# --- The design that brings usage in gently

# What today's plans do not change about a design: what to charge for, and how customers come to new prices.
MODEL_FIT = "model_fit"
_KEPT = ("value_metric", MODEL_FIT, "migration")
_LONGEST = 80


def opt_in_scenario(
    base: CustomerBase,
    study: Study,
    scenario: Scenario,
    *,
    kind: Kind = "overage",
    metric: str | None = None,
    terms: OptInTerms | None = None,
) -> Scenario:
    """Return a new design for the study: today's plans as they are, and usage as an add-on customers opt into.

    Parameters
    ----------
    scenario
        What to charge for, the pricing model and the way of migrating are taken over from it; the baseline has none.
    kind
        An "overage" costs nothing up to what is included; an "accelerator" sells a block of units.
    metric
        What to charge for; the decided value metric, or the one model fit would take, where None.
    terms
        Prices and quantities; those of `usual_terms` where None.

    Raises StudyError or MigrationError where today's prices are not per seat, where the metric is billed already, or
    where the data cannot say what to include.
    """
    book, seats = list_of_today(base), seat_metric(base)
    agreed = terms or usual_terms(base, metric or usage_metric(base, scenario), kind)
    offered = opt_in_overage(
        book,
        agreed.metric,
        unit_price=agreed.unit_price,
        included=agreed.included,
        kind=agreed.kind,
        block=agreed.block,
        block_price=agreed.block_price,
        most_per_month=agreed.most_per_month,
        seats=seats,
    )
    name = _free_name(study, say("opt_in_on", kind=agreed.kind, metric=agreed.metric))
    made = Scenario(
        id=fresh_id(name, {*study.scenario_ids, *(record.scenario_id for record in study.decisions)}),
        name=name,
        note=terms_in_words(agreed, book.currency),
        stages={key: stage for key, stage in scenario.stages.items() if key in _KEPT},
    )
    for decision in _decisions(scenario, offered, agreed):
        made = made.with_decision(decision)
    return made


def _decisions(scenario: Scenario, offered: PriceBook, terms: OptInTerms) -> list[StageDecision]:
    ids: list[str] = []
    tiers = []
    for plan in offered.plans:
        tiers.append(tier_of(plan, ids))
        ids.append(tiers[-1].id)
    add_ons = tuple(
        choice_of(add_on, usage_metric=terms.metric, usage_at_least=float(terms.included)) for add_on in offered.add_ons
    )
    made: list[StageDecision] = [
        scenario.decision(TierDecision).replaced(tiers=tuple(tiers)),
        AddOnDecision(add_ons=add_ons),
    ]
    fit = decision_of(MODEL_FIT, scenario)
    if fit is not None:
        made.append(fit.replaced(usage_component="opt_in"))
    return made


def _free_name(study: Study, wanted: str) -> str:
    taken = {scenario.name.casefold() for scenario in study.scenarios}
    name, counter = wanted[:_LONGEST], 2
    while name.casefold() in taken:
        mark = f" ({counter})"
        name, counter = wanted[: _LONGEST - len(mark)] + mark, counter + 1
    return name


# --- What the attributes of a choice survey stand for

SurveyKind = Literal["feature", "allowance", "none"]
NONE = "none"
ABOUT_THE_ANSWER = frozenset(column.name for column in CHOICE.columns) - {NONE}
_UNITS = {"gb": "gigabytes", "tb": "terabytes", "users": "seats", "user": "seats", "seat": "seats"}
_ON_OR_OFF = {0.0, 1.0}


@dataclass(frozen=True, slots=True)
class SurveyItem:
    """One attribute of a choice survey and what it stands for.

    `stands_for` is the feature or the metric of the study that its name points to, the attribute's own name where
    none does (`is_known` False): then no tier can contain it. An allowance runs from `least` to `most`.
    """

    attribute: str
    kind: SurveyKind
    stands_for: str
    is_known: bool
    least: float = 0.0
    most: float = 0.0

    @property
    def column(self) -> str:
        """Return the name of the column an estimate uses: an allowance counts from the least to the most shown."""
        if self.kind != "allowance" or not 0 < self.least < self.most:
            return self.attribute
        return say("from_to", attribute=self.attribute, least=self.least, most=self.most)


def survey_items(
    frame: pd.DataFrame, features: Iterable[str], metrics: Iterable[str], given: Mapping[str, str] | None = None
) -> tuple[SurveyItem, ...]:
    """Return what each attribute column of a choice survey stands for.

    Columns of 0 and 1 are features, other numbers say how much is included, a column named none is choosing none.
    `given` names the feature or metric of an attribute; the others go by the words their names share. Columns of
    words are left to the estimate and stand for nothing here.
    """
    names, measured, said = tuple(features), tuple(metrics), given or {}
    found = []
    for attribute in _attributes(frame):
        if not _is_numeric(frame[attribute]):
            continue
        if attribute.casefold() == NONE:
            found.append(SurveyItem(attribute, "none", attribute, is_known=True))
            continue
        values = frame[attribute].dropna().to_numpy(dtype=float)
        on_or_off = set(np.unique(values)) <= _ON_OR_OFF
        known = said.get(attribute) or _nearest(attribute, names if on_or_off else measured)
        above = values[values > 0]
        found.append(
            SurveyItem(
                attribute,
                "feature" if on_or_off else "allowance",
                known or attribute,
                is_known=known is not None,
                least=0.0 if on_or_off or not above.size else float(above.min()),
                most=0.0 if on_or_off or not above.size else float(above.max()),
            )
        )
    return tuple(found)


def worded_columns(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the attributes of a choice survey that are words, such as a kind of support: one worth per word."""
    return tuple(name for name in _attributes(frame) if not _is_numeric(frame[name]))


def on_scale(item: SurveyItem, amount: float) -> float:
    """Return where an amount lies between the least (0) and the most shown (1), in doublings: want grows that way.

    Amounts below the least are negative; nothing counts as the least.
    """
    if amount <= 0 or item.column == item.attribute:
        return 0.0
    return float(np.log(amount / item.least) / np.log(item.most / item.least))


def with_scales(frame: pd.DataFrame, items: Iterable[SurveyItem]) -> pd.DataFrame:
    """Return the answers with a column from 0 (least shown) to 1 (most shown) for every allowance, see `on_scale`."""
    changed = {}
    for item in items:
        if item.column != item.attribute:
            amounts = frame[item.attribute].to_numpy(dtype=float)
            times = np.where(amounts > 0, amounts, item.least) / item.least
            changed[item.column] = np.log(times) / np.log(item.most / item.least)
    return frame.assign(**changed)


def _attributes(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the columns that describe alternatives: neither about the respondent nor blank throughout."""
    return tuple(name for name in frame.columns if name not in ABOUT_THE_ANSWER and frame[name].notna().any())


def _is_numeric(column: pd.Series) -> bool:
    from pandas.api.types import is_numeric_dtype  # noqa: PLC0415 - loaded with the first survey

    return bool(is_numeric_dtype(column))


def _nearest(attribute: str, names: tuple[str, ...]) -> str | None:
    """Return the one name that shares most words with an attribute; None when none does, or two do as well."""
    words = _words(attribute)
    scores = sorted(((len(words & _words(name)), name) for name in names), reverse=True)
    if not scores or scores[0][0] == 0 or (len(scores) > 1 and scores[0][0] == scores[1][0]):
        return None
    return scores[0][1]


def _words(name: str) -> set[str]:
    plain = re.split(r"[^a-z0-9]+", name.casefold())
    return {measured_as(_UNITS.get(word, word), ()) for word in plain if word}


# --- What one price of a survey buys


def asked_per(frame: pd.DataFrame) -> str:
    """Return what one price of a survey buys: "account" or a metric; DemandError when rows say different things."""
    if "per" not in frame:
        return PER_ACCOUNT
    found = sorted({str(each).strip() or PER_ACCOUNT for each in frame["per"].fillna(PER_ACCOUNT).unique()})
    if len(found) > 1:
        raise DemandError(
            f"The survey asked for prices per {' and per '.join(found)} in one table.",
            "Keep answers about different prices in tables of their own.",
        )
    return found[0] if found else PER_ACCOUNT
