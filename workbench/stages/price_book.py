"""The price book a scenario's decisions add up to, and today's price book as the data describes it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.formatting import NO_CURRENCY
from workbench.pricing import AddOn, Charge, Feature, Limit, Plan, PriceBook
from workbench.pricing.beyond import charge_beyond
from workbench.stages.add_ons.decision import AddOnChoice, AddOnDecision
from workbench.stages.tiers.decision import PER_ACCOUNT, Tier, TierDecision
from workbench.stages.value_metric.decision import ValueMetricDecision

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.customers import CustomerBase
    from workbench.study import Scenario

MONTHS_IN_PERIOD = {"month": 1, "quarter": 3, "year": 12}


def price_book(base: CustomerBase, scenario: Scenario) -> PriceBook:
    """Return what a scenario puts on offer: its tiers and add-ons, or a single plan on the value metric.

    The baseline scenario is today's price book. A scenario without tiers but with a price curve offers one plan
    billed on that curve; a scenario that decided neither offers nothing yet.
    """
    if scenario.kind == "baseline":
        return today(base)
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


def today(base: CustomerBase) -> PriceBook:
    """Return today's price book from the tables plans, plan_limits and plan_features.

    Prices are per month, whatever period the list quotes them for; of a price listed for several periods that of
    the shortest one counts. A plan with neither a base fee nor a unit price is on request. Without a table of plans the
    book is empty, and replay says so.
    """
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
