"""The tables of a result on anchoring: amounts in the study's currency, with the way each column is written."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd

from workbench.customers.tables import SEATS
from workbench.formatting import capitalised, exact, metric_words
from workbench.stages.anchoring.result import premium
from workbench.stages.offers import per_words
from workbench.stages.price_book import PLAN
from workbench.tables import CENTS, NUMBER, TEXT, DataTable, Kind, Money, Number, Percent, Reworded, estimate_of
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.results import Interval
    from workbench.stages.anchoring.result import AnchoringResult, MarketPrice, ProfileComparison
    from workbench.stages.price_book import CompetitorOffer

say = texts(__name__)

# --- The table of competitors' offers: prices as published, their age and source, and whether each is used

_DIGITS = 15  # of a price; beyond them stands the noise of a division by twelve
_ARCHIVED = re.compile(r"^https?://web\.archive\.org/web/\d+[a-z_]*/(.+)$")


def offer_table(result: AnchoringResult) -> DataTable:
    """Return a row per competitor's offer: price as published, currency, day seen, age, whether stale, source."""
    columns = ["offer", "kind", "price as published", "currency", "seen on", "age (days)", "state", "used", "source"]
    rows = [
        (
            offer.name,
            offer.kind,
            price_as_published(offer),
            offer.currency or "unknown",
            f"{offer.seen_on:%Y-%m-%d}",
            result.age(offer),
            result.state(offer),
            _used(offer, result),
            offer.source or "unknown",
        )
        for offer in result.offers
    ]
    # A date that breaks over two lines is hard to read; this hyphen does not break.
    kinds = {"seen on": Reworded(lambda day: day.replace("-", "\u2011")), "source": Reworded(short_source)}
    return DataTable.plain(pd.DataFrame(rows, columns=columns), kinds)


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


# --- The tables of a result on anchoring


def anchoring_table_makers(result: AnchoringResult) -> dict[str, Callable[[], DataTable]]:
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


def profile_table(result: AnchoringResult) -> DataTable:
    """Return a row per profile with its monthly quantity of every metric, None where it states none."""
    metrics = dict.fromkeys(metric for profile in result.profiles for metric in profile.quantities)
    rows = ((profile.name, *map(profile.quantities.get, metrics)) for profile in result.profiles)
    return DataTable.of_rows((("profile", TEXT), *((metric_words(each), NUMBER) for each in metrics)), rows)


def offer_comparison_table(result: AnchoringResult) -> DataTable:
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
                    result.state(theirs.offer),
                    theirs.quote.reason,
                )
            )  # fmt: skip
    unit = f"{result.currency} a month"
    columns = ["profile", "vendor", "offer", "role", f"per account ({unit})", f"per seat ({unit})", "from", "to",
               "price is", "not compared because"]  # fmt: skip
    return DataTable.plain(pd.DataFrame(rows, columns=columns), dict.fromkeys(columns[4:8], CENTS))


def role_of(price: MarketPrice, result: AnchoringResult) -> str:
    """Say what part an offer plays: counts for its vendor, dearer than that one, an add-on, set aside."""
    if price.offer.key in result.decision.set_aside:
        return "set aside"
    if price.offer.kind != PLAN:
        return "add-on"
    if price.counts:
        return "counts for its vendor"
    return "not compared" if price.price is None else say("dearer_plan_of_its_vendor")


def standing_table(result: AnchoringResult) -> DataTable:
    """Return a row per tier and profile it serves: our price, the market's range, premiums, vendors."""
    rows = []
    for each in result.standings:
        ends = (None,) * 3 if each.market is None else (each.market.low, each.market.median, each.market.high)
        above = [None if end is None else premium(each.price, end) for end in ends]
        rows.append(
            (
                each.tier,
                each.at,
                each.is_home,
                each.price,
                *(value for end in ends for value in ((None,) * 3 if end is None else _three(end))),
                *(None if part is None else 100 * part.estimate for part in above),
                "none" if each.market is None else ", ".join(each.market.vendors),
            )
        )
    price, amount = say("our_price_a_month", currency=result.currency), _amount(result)
    market = [f"market {end}{edge}" for end in ("low", "median", "high") for edge in ("", " from", " to")]
    premiums = [f"over the {end} (%)" for end in ("low", "median", "high")]
    frame = pd.DataFrame(rows, columns=["tier", "profile", "judged here", price, *market, *premiums, "vendors"])
    ranges = estimate_of(amount, alone=True, missing=NONE)
    over = Percent(signed=True, of_hundred=True, missing=NONE)
    shown = (
        ("Tier", TEXT, "tier"),
        ("Profile", TEXT, "profile"),
        ("Judged here", TEXT, "judged here"),
        ("Our price", amount, price),
        *zip(("Market low", "Median", "High"), (ranges,) * 3, (tuple(market[at : at + 3]) for at in (0, 3, 6)),
             strict=True),
        *zip(("Over low", "Over median", "Over high"), (over,) * 3, premiums, strict=True),
        ("Vendors", TEXT, "vendors"),
    )  # fmt: skip
    return DataTable.of_frame(frame, shown)


def corridor_table(result: AnchoringResult) -> DataTable:
    """Return a row per offer of ours and bound, and one for all bounds together, in the unit of the list price."""
    rows: list[tuple[object, ...]] = []
    for each in result.corridors:
        shown = (each.label, each.unit, each.amount)
        rows += [(*shown, bound.label, bound.low, bound.high, "") for bound in each.bounds]
        rows.append((*shown, "all together", *each.open, each.standing))
    price = f"our price ({result.currency})"
    frame = pd.DataFrame(rows, columns=["offer", "unit", price, "bound", "from", "to", "our price is"])
    end = _amount(result, missing="open")
    columns = (
        ("Offer", TEXT, "offer"),
        ("Our price", _amount(result), price),
        ("Unit", TEXT, "unit"),
        ("Left open by", TEXT, "bound"),
        ("From", end, "from"),
        ("To", end, "to"),
        ("Our price is", _OR_NONE, "our price is"),
    )
    return DataTable.of_frame(frame, columns)


def value_table(result: AnchoringResult) -> DataTable:
    """Return a row per part of the economic value at the profile shown, with its 90% range."""
    value, middle = result.value, f"middle ({result.currency} a month)"
    rows: list[tuple[object, ...]] = []
    if value is not None:
        rows.append((f"reference: {result.reference}", *_three(value.reference), ""))
        rows += [(item.label, *_three(item.worth), item.formula(result.currency)) for item in value.items]
        if value.is_known:
            rows.append(("economic value", *_three(value.total), say("reference_plus_all_that_sets")))
        if value.price is not None:
            rows.append(("our price", value.price, value.price, value.price, ""))
        if value.left is not None and value.is_known:
            rows.append(("left to the customer", *_three(value.left), say("economic_value_less_our_price")))
    frame, amount = pd.DataFrame(rows, columns=["part", middle, "90% from", "90% to", "how"]), _amount(result)
    columns = (
        ("Part", Reworded(capitalised), "part"),
        ("Middle", amount, middle),
        ("90% from", amount),
        ("90% to", amount),
        ("How", _OR_NONE, "how"),
    )
    return DataTable.of_frame(frame, columns)


def value_by_profile_table(result: AnchoringResult) -> DataTable:
    """Return a row per profile with a reference price: value, price over value, share of the differentiation taken."""
    rows = []
    for profile in result.profiles:
        value = result.values.get(profile.id)  # noqa: PD011 - a dictionary
        if value is None:
            continue
        known = value if value.is_known else None
        formulas = [f"{each.label}: {each.formula(result.currency)}" for each in value.items]
        rows.append(
            (
                profile.name,
                value.reference.estimate,
                "; ".join(formulas),
                None if known is None else known.total.estimate,
                value.price,
                None if known is None else _percent(known.over_value),
                None if known is None else _percent(known.captured),
            )
        )
    amount, share, money = _amount(result), Percent(of_hundred=True, missing=NONE), result.currency
    columns = (
        ("Profile", TEXT, "profile"),
        ("Reference", amount, f"reference ({money} a month)"),
        ("What sets us apart", _OR_NONE, "what sets us apart"),
        ("Economic value", amount, say("economic_value_a_month", currency=money)),
        ("Our price", amount, say("our_price_a_month", currency=money)),
        ("Price over value", share, "price over value (%)"),
        ("Differentiation captured", share, "differentiation captured (%)"),
    )
    return DataTable.of_frame(pd.DataFrame(rows, columns=[column[2] for column in columns]), columns)


def _three(interval: Interval) -> tuple[float, float, float]:
    return interval.estimate, interval.low, interval.high


def _percent(interval: Interval | None) -> float | None:
    return None if interval is None else round(100 * interval.estimate, 1)


def _per(price: float | None, seats: float | None) -> float | None:
    return None if price is None or seats is None else price / seats


NONE = "-"
_OR_NONE = Reworded(lambda told: told or NONE)


def offers_at_profile(comparison: ProfileComparison, result: AnchoringResult) -> DataTable:
    """Return every offer at a profile: price per account and per seat, role, source, day seen, currency, age, state."""
    seats, amount = comparison.profile.quantities.get(SEATS) or None, _amount(result)
    rows: list[tuple[object, ...]] = []
    for ours in comparison.ours:
        price = ours.quote.price
        role = ours.quote.reason or (say("ours_the_cheapest_that_serves") if ours.chosen else "ours")
        span = None if price is None else (price, price, price)
        rows.append((ours.name, span, _per(price, seats), role, result.currency, None, None, None, None))
    for each in comparison.market:
        offer, estimate = each.offer, None if each.price is None else each.price.estimate
        rows.append(
            (
                offer.name, None if each.price is None else _three(each.price), _per(estimate, seats),
                ": ".join(filter(None, (role_of(each, result), each.quote.reason))), offer.currency or "unknown",
                f"{offer.seen_on:%Y-%m-%d}", result.age(offer), result.state(offer),
                short_source(offer.source) or "unknown",
            )
        )  # fmt: skip
    told = Kind(missing=NONE)
    columns = (
        ("Offer", TEXT),
        ("Per account and month", estimate_of(amount, alone=True, missing=NONE)),
        ("Per seat and month", amount),
        ("Role", TEXT),
        ("Published in", TEXT),
        ("Seen on", told),
        ("Age (days)", Number(0, missing=NONE)),
        ("Price is", told),
        ("Source", told),
    )
    return DataTable.of_rows(columns, rows)


def _amount(result: AnchoringResult, missing: str = NONE) -> Money:
    return Money(result.currency, "priced", missing=missing)
