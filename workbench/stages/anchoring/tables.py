"""The tables of a result on anchoring, for reading and for export. Amounts are numbers in the study's currency."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.stages.anchoring.comparison import premium
from workbench.stages.anchoring.competitor_offer import PLAN
from workbench.stages.anchoring.freshness import is_stale
from workbench.stages.anchoring.offer_table import offer_table
from workbench.wording import metric_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.results import Interval
    from workbench.stages.anchoring.comparison import MarketPrice
    from workbench.stages.anchoring.evaluation import AnchoringResult

SEATS = "seats"


def makers(result: AnchoringResult) -> dict[str, Callable[[], pd.DataFrame]]:
    """Return what makes each table of a result."""
    return {
        "offers": lambda: offer_table(result),
        "profiles": lambda: profile_table(result),
        "comparison": lambda: comparison_table(result),
        "standing": lambda: standing_table(result),
        "corridor": lambda: corridor_table(result),
        "value": lambda: value_table(result),
        "value_by_profile": lambda: value_by_profile_table(result),
    }


def profile_table(result: AnchoringResult) -> pd.DataFrame:
    """Return a row per profile with its monthly quantity of every metric, None where it states none."""
    metrics = dict.fromkeys(metric for profile in result.profiles for metric in profile.quantities)
    return pd.DataFrame(
        [
            {"profile": profile.name, **{metric_words(each): profile.quantities.get(each) for each in metrics}}
            for profile in result.profiles
        ]
    )


def comparison_table(result: AnchoringResult) -> pd.DataFrame:
    """Return a row per profile and offer: price a month per account and per seat, range, age, why not compared."""
    rows: list[tuple[object, ...]] = []
    for each in result.comparisons:
        seats = each.profile.quantities.get(SEATS) or None
        for ours in each.ours:
            role = "ours, the cheapest that serves" if ours.chosen else "ours"
            price = ours.quote.price
            rows.append((each.profile.name, "Our offer", ours.name, role, price, _per(price, seats), None, None, "",
                         ours.quote.reason))  # fmt: skip
        for theirs in each.market:
            span, estimate = theirs.price, None if theirs.price is None else theirs.price.estimate
            wide = span is not None and span.low != span.high
            rows.append(
                (
                    each.profile.name, theirs.offer.vendor, theirs.offer.offer, role_of(theirs, result), estimate,
                    _per(estimate, seats), span.low if wide and span else None, span.high if wide and span else None,
                    "stale" if is_stale(theirs.offer, result.today, result.stale_after) else "fresh",
                    theirs.quote.reason,
                )
            )  # fmt: skip
    unit = f"{result.currency} a month"
    columns = ["profile", "vendor", "offer", "role", f"per account ({unit})", f"per seat ({unit})", "from", "to",
               "price is", "not compared because"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def role_of(price: MarketPrice, result: AnchoringResult) -> str:
    """Say what part an offer plays: counts for its vendor, dearer than that one, an add-on, set aside."""
    if price.offer.key in result.decision.set_aside:
        return "set aside"
    if price.offer.kind != PLAN:
        return "add-on"
    if price.counts:
        return "counts for its vendor"
    return "not compared" if price.price is None else "dearer plan of its vendor"


def standing_table(result: AnchoringResult) -> pd.DataFrame:
    """Return a row per tier and profile it serves: our price, the market's range, premiums, vendors."""
    rows = []
    for each in result.standings:
        span = each.market
        over = [None if span is None else premium(each.price, end) for end in _ends(span)]
        rows.append(
            {
                "tier": each.tier,
                "profile": each.at,
                "judged here": each.is_home,
                f"our price ({result.currency} a month)": round(each.price, 2),
                "market low": None if span is None else round(span.low.estimate, 2),
                "market median": None if span is None else round(span.median.estimate, 2),
                "market high": None if span is None else round(span.high.estimate, 2),
                "over the low (%)": _percent(over[0]),
                "over the median (%)": _percent(over[1]),
                "over the high (%)": _percent(over[2]),
                "vendors": "none" if span is None else ", ".join(span.vendors),
            }
        )
    return pd.DataFrame(rows)


def corridor_table(result: AnchoringResult) -> pd.DataFrame:
    """Return a row per offer of ours and bound, and one for all bounds together, in the unit of the list price."""
    rows: list[tuple[object, ...]] = []
    said = {"ok": "inside", "watch": "the bounds contradict each other", "breach": "outside", "unknown": "not known"}
    for each in result.corridors:
        shown = (each.label, each.unit, each.amount)
        rows += [(*shown, bound.label, bound.low, bound.high, "") for bound in each.bounds]
        status = "unknown" if each.finding is None else each.finding.status
        rows.append((*shown, "all together", *each.open, said[status]))
    columns = ["offer", "unit", f"our price ({result.currency})", "bound", "from", "to", "our price is"]
    return pd.DataFrame(rows, columns=columns)


def value_table(result: AnchoringResult) -> pd.DataFrame:
    """Return a row per part of the economic value at the profile shown, with its 90% range."""
    value, unit = result.value, f"{result.currency} a month"
    columns = ["part", f"middle ({unit})", "90% from", "90% to", "how"]
    if value is None:
        return pd.DataFrame(columns=columns)
    rows = [(f"reference: {result.reference}", *_three(value.reference), "")]
    rows += [(item.label, *_three(item.worth), item.formula(result.currency)) for item in value.items]
    if value.is_known:
        rows.append(("economic value", *_three(value.total), "reference plus all that sets us apart"))
    if value.price is not None:
        rows.append(("our price", value.price, value.price, value.price, ""))
    if value.left is not None and value.is_known:
        rows.append(("left to the customer", *_three(value.left), "economic value less our price"))
    return pd.DataFrame(rows, columns=columns)


def value_by_profile_table(result: AnchoringResult) -> pd.DataFrame:
    """Return a row per profile with a reference price: value, price over value, share of the differentiation taken."""
    rows = []
    for profile in result.profiles:
        value = result.values.get(profile.id)  # noqa: PD011 - a dictionary
        if value is None:
            continue
        known = value if value.is_known else None
        formulas = [f"{each.label}: {each.formula(result.currency)}" for each in value.items]
        rows.append(
            {
                "profile": profile.name,
                f"reference ({result.currency} a month)": value.reference.estimate,
                "what sets us apart": "; ".join(formulas),
                f"economic value ({result.currency} a month)": None if known is None else known.total.estimate,
                f"our price ({result.currency} a month)": value.price,
                "price over value (%)": None if known is None else _percent(known.over_value),
                "differentiation captured (%)": None if known is None else _percent(known.captured),
            }
        )
    return pd.DataFrame(rows)


def _ends(span: object) -> tuple[Interval, ...]:
    return (span.low, span.median, span.high) if span is not None else (None, None, None)  # type: ignore[attr-defined, return-value]


def _three(interval: Interval) -> tuple[float, float, float]:
    return interval.estimate, interval.low, interval.high


def _percent(interval: Interval | None) -> float | None:
    return None if interval is None else round(100 * interval.estimate, 1)


def _per(price: float | None, seats: float | None) -> float | None:
    return None if price is None or seats is None else price / seats
