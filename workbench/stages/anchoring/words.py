"""Anchoring in sentences: key figures, cautions, the position the numbers speak of, and the summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import count, percent, priced
from workbench.results import Caution, KeyFigure
from workbench.stages.anchoring.evidence import age_in_days, is_stale
from workbench.stages.anchoring.result import FEWEST_VENDORS, homes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.results import Interval
    from workbench.stages.anchoring.decision import AnchoringDecision
    from workbench.stages.anchoring.result import AnchoringResult, MarketStanding

# --- The key figures of the stage


def anchoring_key_figures(result: AnchoringResult) -> tuple[KeyFigure, ...]:
    """Return vendors compared, the premium of each tier on the market, price over value, and the state of prices."""
    return (*_market(result), *_premiums(result), *_value(result))


def _market(result: AnchoringResult) -> tuple[KeyFigure, ...]:
    if not result.offers:
        return (KeyFigure("Competitors compared", None, "vendors", note="needs the table competitor_offers"),)
    vendors = {vendor for each in result.comparisons if each.range for vendor in each.range.vendors}
    known = {offer.vendor for offer in result.offers}
    requests = sum(offer.on_request for offer in result.offers)
    stale = [is_stale(offer, result.today, result.stale_after) for offer in result.offers]
    ages = [age_in_days(offer, result.today) for offer in result.offers]
    return (
        KeyFigure(
            "Competitors compared", len(vendors), "vendors", population=f"of {count('vendor', len(known))} in the data"
        ),
        KeyFigure(
            "Prices on request", requests, "offers", population=f"of {count('offer', len(result.offers))}; not compared"
        ),
        KeyFigure(
            "Stale prices",
            sum(stale),
            "offers",
            period=f"older than {result.stale_after} days on {result.today:%Y-%m-%d}",
            population=f"the oldest is {count('day', max(ages))} old",
        ),
    )


def _premiums(result: AnchoringResult) -> tuple[KeyFigure, ...]:
    figures = []
    for name in result.book.plan_names:
        for home in homes_of(name, result.standings)[:1]:
            if home.premium is None or home.market is None:
                continue
            figures.append(
                KeyFigure(
                    f"{name} over the market median",
                    home.premium.estimate,
                    "percent",
                    period=f"a month, at the profile {home.at}",
                    population=f"{count('vendor', len(home.market.vendors))}; negative: below",
                    interval=_unless_exact(home.premium),
                )
            )
    return tuple(figures)


def _value(result: AnchoringResult) -> tuple[KeyFigure, ...]:
    value, profile = result.value, result.value_profile
    if value is None or profile is None:
        return ()
    at = f"a month, at the profile {profile.name}"
    if not value.is_known:
        return (
            KeyFigure(
                "Reference price", value.reference.estimate, result.currency, period=at, population=result.reference,
                interval=_unless_exact(value.reference), in_words=priced(value.reference.estimate, result.currency),
            ),
        )  # fmt: skip
    figures = [
        KeyFigure(
            "Economic value", value.total.estimate, result.currency, period=at,
            population=f"over {result.reference}", interval=_unless_exact(value.total),
        )
    ]  # fmt: skip
    if value.over_value is not None:
        figures.append(
            KeyFigure(
                "Price over value", value.over_value.estimate, "percent", period=at,
                population="our price over the economic value", interval=_unless_exact(value.over_value),
            )
        )  # fmt: skip
    if value.captured is not None:
        figures.append(
            KeyFigure(
                "Differentiation captured", value.captured.estimate, "percent", period=at,
                population="what our price takes beyond the alternative, of what we are worth beyond it",
                interval=_unless_exact(value.captured),
            )
        )  # fmt: skip
    return tuple(figures)


def _unless_exact(interval: Interval) -> Interval | None:
    return None if interval.low == interval.high else interval


# --- What a result on anchoring warns about itself

_NAMED = 4


def anchoring_cautions(result: AnchoringResult) -> tuple[Caution, ...]:
    """Return the warnings: what is not compared and why, what the value lacks, what the data cannot tell."""
    return (*_about_ours(result), *_about_the_market(result), *_about_value(result))


def _about_ours(result: AnchoringResult) -> Iterator[Caution]:
    if not result.book.plans:
        yield Caution("This scenario has no tiers or price curve yet: there is no price of ours to compare.")
    if not result.profiles:
        yield Caution("The data holds no usage and no seats: enter what the profiles use.")
    for each in result.comparisons:
        if each.ours and each.our_choice is None:
            yield Caution(f"No priced tier of ours serves the profile {each.profile.name}.")
    for name in result.book.plan_names:
        homes = homes_of(name, result.standings)
        if result.book.plan(name).priced and not homes and result.profiles:
            yield Caution(f"{name} serves none of the profiles, so it meets no competitor.", "note")
        if homes and not any(each.comparison.of_ours(name).chosen for each in homes):
            yield Caution(
                f"{name} is the cheapest of our tiers for none of the profiles; it is judged at {homes[0].at}.", "note"
            )


def _about_the_market(result: AnchoringResult) -> Iterator[Caution]:
    if not result.offers:
        return
    uncompared: dict[str, list[str]] = {}
    for offer in result.offers:
        reasons = {each.quote.reason for c in result.comparisons for each in c.market if each.offer is offer}
        priced = any(each.price is not None for c in result.comparisons for each in c.market if each.offer is offer)
        if not priced and not offer.on_request and len(reasons) == 1:
            uncompared.setdefault(reasons.pop(), []).append(offer.name)
    for reason, names in uncompared.items():
        yield Caution(f"Not compared at any profile ({reason}): {_listed(names)}.")
    for each in result.comparisons:
        vendors = () if each.range is None else each.range.vendors
        if len(vendors) < FEWEST_VENDORS:
            what = f"only {vendors[0]}" if vendors else "no vendor"
            yield Caution(f"At the profile {each.profile.name} {what} can be compared: the market sets no corridor.")
    yield Caution(
        "The data does not say what competitors' offers contain: a vendor counts with its cheapest plan that allows "
        "the usage. Set aside what is not comparable.",
        "note",
    )


def _about_value(result: AnchoringResult) -> Iterator[Caution]:
    profile = result.value_profile
    if profile is None:
        return
    if result.value is None:
        yield Caution(f"No reference price at the profile {profile.name}: choose an offer with a price, or type one.")
    unsaid = [each.label for each in result.decision.differentiation if not each.per]
    if unsaid:
        yield Caution(
            f"Nothing says what drives the worth of {_listed(unsaid)}: it is taken as the same for every customer, "
            "large or small. Say what it is for each: account, a metric, or something counted."
        )
    for each in result.profiles:
        value = result.values.get(each.id)
        if value is not None and value.unmeasured:
            yield Caution(
                f"At the profile {each.name} the economic value is not known: no number is given of what drives "
                f"{_listed(list(value.unmeasured))}."
            )
    if result.value is not None and not result.value.items and not result.value.unmeasured:
        yield Caution(
            "Nothing sets our offer apart yet: until the team adds what is better and worse, in money, the economic "
            "value is not known."
        )


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    rest = len(names) - _NAMED
    return f"{shown} and {count('more', rest, 'more')}" if rest > 0 else shown


# --- The stage in one sentence, and the position the numbers speak of


def summarise(decision: AnchoringDecision, result: AnchoringResult) -> str:
    """Return one sentence: the position the team wrote, or what the numbers say; then the reference."""
    said = decision.position.strip() or position_words(result)
    value, profile = result.value, result.value_profile
    if value is None or profile is None:
        return said
    price = priced(value.reference.estimate, result.currency)
    return f"{said} Next best alternative: {result.reference}, {price} a month at the profile {profile.name}."


def position_words(result: AnchoringResult) -> str:
    """Write where each tier stands against the median of the vendors it is compared with."""
    if not result.book.plans:
        return "There is no price of ours to compare yet."
    vendors = {vendor for each in result.comparisons if each.range for vendor in each.range.vendors}
    if not vendors:
        return "No competitor's price can be compared yet."
    told = [standing_words(home) for name in result.book.plan_names for home in homes_of(name, result.standings)[:1]]
    known = [text for text in told if text]
    if not known:
        return f"Prices of {count('vendor', len(vendors))} are known, but none that a tier of ours can be held against."
    return f"Against {count('vendor', len(vendors))}: {'; '.join(known)}."


def standing_words(home: MarketStanding) -> str:
    """Write how far a tier lies above or below the market's median; empty where that is not known."""
    if home.premium is None:
        return ""
    share = home.premium.estimate
    where = f"at the profile {home.at}"
    if round(100 * share) == 0:
        return f"{home.tier} at the median {where}"
    return f"{home.tier} {percent(abs(share))} {'above' if share > 0 else 'below'} the median {where}"
