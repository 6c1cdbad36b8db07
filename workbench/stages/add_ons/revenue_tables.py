"""The tables of what add-ons and services earn, and of who may buy add-ons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.formatting import exact_percent
from workbench.stages.add_ons.gate import SOON_DAYS

if TYPE_CHECKING:
    from workbench.results import Interval
    from workbench.stages.add_ons.evaluation import AddOnResult
    from workbench.stages.add_ons.outcome import AddOnOutcome


TOGETHER = "all together"


def revenue_table(result: AddOnResult) -> pd.DataFrame:
    """Return a row per add-on and one for all: eligible accounts, attach range and its source, revenue range."""
    currency = result.currency
    core = result.places.revenue
    columns = [
        "add-on",
        "eligible accounts",
        "attach range",
        "range is",
        f"low a month ({currency})",
        f"middle a month ({currency})",
        f"high a month ({currency})",
        "share of core revenue, middle (%)",
    ]
    rows = [
        (
            each.name,
            each.eligibility.count if each.eligibility.usage_recorded else None,
            f"{exact_percent(each.choice.attach_low)} to {exact_percent(each.choice.attach_high)}",
            _range_source(each),
            *_amounts(each.revenue),
            _share(each.revenue, core),
        )
        for each in result.outcomes
    ]
    if len(rows) > 1:
        together = (*_amounts(result.revenue), _share(result.revenue, core))
        rows.append((TOGETHER, result.eligible_for_any, "", "", *together))
    return pd.DataFrame(rows, columns=columns).astype({"eligible accounts": "Int64"})


def eligibility_table(result: AddOnResult) -> pd.DataFrame:
    """Return a row per add-on: eligible now, within 90 days by tenure alone, having it already, and not known."""
    columns = [
        "add-on",
        "eligible now",
        f"more within {SOON_DAYS} days",
        "have it in their tier",
        "not known",
        "of accounts",
    ]
    rows = []
    for each in result.outcomes:
        gate = each.eligibility
        counts = (gate.count, int(gate.soon.sum())) if gate.usage_recorded else (None, None)
        rows.append((each.name, *counts, int(gate.included.sum()), gate.unknown, len(result.evidence)))
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[1:3], "Int64"))


def services_table(result: AddOnResult) -> pd.DataFrame:
    """Return the services calculator in rows: what, value, unit; empty when no services are offered."""
    columns = ["what", "value", "unit"]
    services, rules = result.services, result.rulebook
    if services is None:
        return pd.DataFrame(columns=columns)
    money = f"{result.currency} an engagement"
    low, high = services.prices(rules.threshold("A6")) or (None, None)
    cheap, dear = services.affordable_cost(rules.threshold("A6.share")) or (None, None)
    share = None if services.share is None else round(100 * services.share, 1)
    rows = [
        ("fully loaded delivery cost", services.cost, money),
        ("price: cost plus the margin", services.price, money),
        ("left after delivery", services.profit, money),
        ("usual price from", low, money),
        ("usual price to", high, money),
        ("subscription in the first year", services.first_year, f"{result.currency} an account"),
        ("services as share of first-year revenue", share, "%"),
        ("delivery cost at the low end of the usual share", cheap, money),
        ("delivery cost at the high end of the usual share", dear, money),
    ]
    return pd.DataFrame([(w, None if v is None else round(v, 2), u) for w, v, u in rows], columns=columns)


def _range_source(each: AddOnOutcome) -> str:
    if each.attach is None or not each.attach_is_from_data:
        return "set by the team"
    return f"from the data: {each.attach.strong:,} accounts rely on it or asked, {each.attach.shown:,} use it or asked"


def _amounts(revenue: Interval | None) -> tuple[float | None, float | None, float | None]:
    if revenue is None:
        return None, None, None
    return round(revenue.low, 2), round(revenue.estimate, 2), round(revenue.high, 2)


def _share(revenue: Interval | None, core: float | None) -> float | None:
    return None if revenue is None or not core else round(100 * revenue.estimate / core, 1)
