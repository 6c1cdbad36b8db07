"""The tables of a result on anchoring.

As numbers for the export, and in words and amounts as they stand under the charts.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.formatting import capitalised, exact, metric_words, percent, priced, thousands
from workbench.stages.anchoring.evidence import PLAN, age_in_days, is_stale
from workbench.stages.anchoring.result import premium
from workbench.stages.tiers.words import per_words
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.results import Interval
    from workbench.stages.anchoring.evidence import CompetitorOffer
    from workbench.stages.anchoring.result import AnchoringResult, MarketPrice, MarketRange, ProfileComparison

say = texts(__name__)

# --- The table of competitors' offers: prices as published, their age and source, and whether each is used

_DIGITS = 15  # of a price; beyond them stands the noise of a division by twelve
_ARCHIVED = re.compile(r"^https?://web\.archive\.org/web/\d+[a-z_]*/(.+)$")


def offer_table(result: AnchoringResult) -> pd.DataFrame:
    """Return a row per competitor's offer: price as published, currency, day seen, age, whether stale, source."""
    columns = ["offer", "kind", "price as published", "currency", "seen on", "age (days)", "state", "used", "source"]
    rows = [
        (
            offer.name,
            offer.kind,
            price_as_published(offer),
            offer.currency or "unknown",
            f"{offer.seen_on:%Y-%m-%d}",
            age_in_days(offer, result.today),
            "stale" if is_stale(offer, result.today, result.stale_after) else "fresh",
            _used(offer, result),
            offer.source or "unknown",
        )
        for offer in result.offers
    ]
    return pd.DataFrame(rows, columns=columns)


def price_as_published(offer: CompetitorOffer) -> str:
    """Write a price as its page does: amount, for what, per which period."""
    if offer.problem:
        return "not usable"
    if not offer.plan.priced:
        return "on request"
    months = {"month": 1, "quarter": 3, "year": 12}.get(offer.period, 1)
    parts = []
    if offer.plan.base_fee or not offer.plan.charges:
        parts.append(f"{_published(offer.plan.base_fee, months)} per account")
    parts += [f"{_published(charge.unit_price, months)} {per_words(charge.metric)}" for charge in offer.plan.charges]
    limits = [f"up to {exact(each.up_to)} {metric_words(each.metric)}" for each in offer.plan.limits if each.up_to]
    return f"{' + '.join(parts)} and {offer.period}" + (f", {', '.join(limits)}" if limits else "")


def short_source(source: str) -> str:
    """Write a web address so that it fits a table: without its scheme, and an archived page under its own address."""
    archived = _ARCHIVED.match(source)
    address = archived.group(1) if archived else source
    plain = re.sub(r"^https?://(www\.)?", "", address).rstrip("/")
    return f"{plain} (archived)" if archived else plain


def _used(offer: CompetitorOffer, result: AnchoringResult) -> str:
    """Say whether an offer's price is used, at how many profiles, or why not."""
    if offer.key in result.decision.set_aside:
        return "set aside"
    if offer.kind != PLAN and not offer.on_request and not offer.problem:
        ours = [each for each in result.decision.add_on_matches.values() if offer.key in each]
        return say("matched_with_an_add_on") if ours else say("add_on_not_matched_with")
    prices = [each.price_of(offer.key) for each in result.comparisons]
    able = sum(price is not None and price.price is not None for price in prices)
    if able == len(prices):
        return "at every profile" if able else "no profiles"
    reasons = dict.fromkeys(price.quote.reason for price in prices if price is not None and price.price is None)
    return (
        say("at_of_profiles", able=able, prices=len(prices), reasons="; ".join(reasons))
        if able
        else f"no: {'; '.join(reasons)}"
    )


def _published(monthly: Decimal | None, months: int) -> str:
    """Write a price as published: the price of a month times the months it was published for."""
    return exact(Decimal(f"{(monthly or Decimal(0)) * months:.{_DIGITS}g}"), 2)


# --- The tables of a result on anchoring, for reading and for export. Amounts are numbers in the study's currency

SEATS = "seats"


def anchoring_table_makers(result: AnchoringResult) -> dict[str, Callable[[], pd.DataFrame]]:
    """Return what makes each table of a result."""
    return {
        "offers": lambda: offer_table(result),
        "profiles": lambda: profile_table(result),
        "comparison": lambda: offer_comparison_table(result),
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


def offer_comparison_table(result: AnchoringResult) -> pd.DataFrame:
    """Return a row per profile and offer: price a month per account and per seat, range, age, why not compared."""
    rows: list[tuple[object, ...]] = []
    for each in result.comparisons:
        seats = each.profile.quantities.get(SEATS) or None
        for ours in each.ours:
            role = say("ours_the_cheapest_that_serves") if ours.chosen else "ours"
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
    return "not compared" if price.price is None else say("dearer_plan_of_its_vendor")


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
                say("our_price_a_month", currency=result.currency): round(each.price, 2),
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
    said = {
        "ok": "inside",
        "watch": say("the_bounds_contradict_each_other"),
        "breach": "outside",
        "unknown": "not known",
    }
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
        rows.append(("economic value", *_three(value.total), say("reference_plus_all_that_sets")))
    if value.price is not None:
        rows.append(("our price", value.price, value.price, value.price, ""))
    if value.left is not None and value.is_known:
        rows.append(("left to the customer", *_three(value.left), say("economic_value_less_our_price")))
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
                say("economic_value_a_month", currency=result.currency): None
                if known is None
                else known.total.estimate,
                say("our_price_a_month", currency=result.currency): value.price,
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


# --- The same tables in words and amounts, as they stand under the charts

NONE = "-"


def offer_reading(result: AnchoringResult) -> pd.DataFrame:
    """Return every competitor's offer with its published price, day seen, age, state and source."""
    table = offer_table(result).rename(columns=capitalised)
    # A date that breaks over two lines is hard to read; this hyphen does not break.
    days = [day.replace("-", "\u2011") for day in table["Seen on"]]
    return table.assign(**{"Seen on": days, "Source": [short_source(source) for source in table["Source"]]})


def ladder_reading(comparison: ProfileComparison, result: AnchoringResult) -> pd.DataFrame:
    """Return every offer at a profile: price per account and per seat, role, source, day seen, currency, age, state."""
    seats = comparison.profile.quantities.get(SEATS) or None
    rows = []
    for ours in comparison.ours:
        price = ours.quote.price
        role = ours.quote.reason or (say("ours_the_cheapest_that_serves") if ours.chosen else "ours")
        rows.append((ours.name, _amount(price, result), _seat(price, seats, result), role, result.currency, NONE, NONE,
                     NONE, NONE))  # fmt: skip
    for each in comparison.market:
        offer, estimate = each.offer, None if each.price is None else each.price.estimate
        rows.append(
            (
                offer.name, _range_words(each.price, result), _seat(estimate, seats, result),
                ": ".join(filter(None, (role_of(each, result), each.quote.reason))), offer.currency or "unknown",
                f"{offer.seen_on:%Y-%m-%d}", thousands(age_in_days(offer, result.today)),
                "stale" if is_stale(offer, result.today, result.stale_after) else "fresh",
                short_source(offer.source) or "unknown",
            )
        )  # fmt: skip
    columns = ["Offer", "Per account and month", "Per seat and month", "Role", "Published in", "Seen on", "Age (days)",
               "Price is", "Source"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def standing_reading(result: AnchoringResult) -> pd.DataFrame:
    """Return each tier at each profile it serves: our price, the market, and how far above or below it."""
    rows = []
    for each in result.standings:
        over = _premiums(each.price, each.market)
        span = each.market
        market = (
            [NONE] * 3 if span is None else [_range_words(end, result) for end in (span.low, span.median, span.high)]
        )
        rows.append((each.tier, each.at, "yes" if each.is_home else "no", _amount(each.price, result), *market, *over,
                     "none" if span is None else ", ".join(span.vendors)))  # fmt: skip
    columns = ["Tier", "Profile", "Judged here", "Our price", "Market low", "Median", "High", "Over low",
               "Over median", "Over high", "Vendors"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def corridor_reading(result: AnchoringResult) -> pd.DataFrame:
    """Return what each bound leaves open for each price, and where the price stands in all of them together."""
    said = {"ok": "inside", "watch": "bounds contradict", "breach": "outside", "unknown": "not known"}
    rows = []
    for each in result.corridors:
        shown = (each.label, _amount(each.amount, result), each.unit)
        rows += [
            (*shown, bound.label, _end(bound.low, result), _end(bound.high, result), NONE) for bound in each.bounds
        ]
        status = "unknown" if each.finding is None else each.finding.status
        low, high = each.open
        rows.append((*shown, "all together", _end(low, result), _end(high, result), said[status]))
    columns = ["Offer", "Our price", "Unit", "Left open by", "From", "To", "Our price is"]
    return pd.DataFrame(rows, columns=columns)


def value_reading(result: AnchoringResult) -> pd.DataFrame:
    """Return the parts of the economic value at the profile shown, with their 90% ranges."""
    table = value_table(result)
    return pd.DataFrame(
        {
            "Part": [capitalised(str(part)) for part in table.iloc[:, 0]],
            "Middle": [_amount(value, result) for value in table.iloc[:, 1]],
            "90% from": [_amount(value, result) for value in table.iloc[:, 2]],
            "90% to": [_amount(value, result) for value in table.iloc[:, 3]],
            "How": [str(how) or NONE for how in table.iloc[:, 4]],
        }
    )


def values_reading(result: AnchoringResult) -> pd.DataFrame:
    """Return the economic value at every profile, with the formula of each item and what our price takes of it."""
    table = value_by_profile_table(result)
    columns = ["Profile", "Reference", "What sets us apart", "Economic value", "Our price", "Price over value",
               "Differentiation captured"]  # fmt: skip
    rows = []
    for row in table.itertuples(index=False):
        name, reference, how, worth, price, over, captured = row
        known = [None if value is None or np.isnan(value) else float(value) for value in (worth, price, over, captured)]
        shares = [NONE if share is None else percent(share / 100) for share in known[2:]]
        rows.append(
            (name, _amount(reference, result), how or NONE, *(_amount(each, result) for each in known[:2]), *shares)
        )
    return pd.DataFrame(rows, columns=columns)


def _premiums(price: float, span: MarketRange | None) -> list[str]:
    if span is None:
        return [NONE] * 3
    over = [premium(price, end) for end in (span.low, span.median, span.high)]
    return [NONE if each is None else percent(each.estimate, signed=True) for each in over]


def _range_words(price: Interval | None, result: AnchoringResult) -> str:
    if price is None:
        return NONE
    words = _amount(price.estimate, result)
    return (
        words if price.low == price.high else f"{words} ({_amount(price.low, result)} to {_amount(price.high, result)})"
    )


def _amount(value: float | None, result: AnchoringResult) -> str:
    return NONE if value is None else priced(value, result.currency)


def _end(value: float | None, result: AnchoringResult) -> str:
    return "open" if value is None else priced(value, result.currency)


def _seat(price: float | None, seats: float | None, result: AnchoringResult) -> str:
    return NONE if price is None or seats is None else priced(price / seats, result.currency)
