"""Anchoring in sentences: key figures, cautions, the position the numbers speak of, and the summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import count, priced
from workbench.results import Caution, KeyFigure
from workbench.stages.anchoring.evidence import age_in_days, is_stale
from workbench.stages.anchoring.result import FEWEST_VENDORS, homes_of
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.results import Interval
    from workbench.stages.anchoring.decision import AnchoringDecision
    from workbench.stages.anchoring.result import AnchoringResult, MarketStanding

say = texts(__name__)

# --- The key figures of the stage


def anchoring_key_figures(result: AnchoringResult) -> tuple[KeyFigure, ...]:
    """Return vendors compared, the premium of each tier on the market, price over value, and the state of prices."""
    return (*_market(result), *_premiums(result), *_value(result))


def _market(result: AnchoringResult) -> tuple[KeyFigure, ...]:
    if not result.offers:
        return (KeyFigure("Competitors compared", None, "vendors", note=say("needs_the_table_competitor_offers")),)
    vendors = {vendor for each in result.comparisons if each.range for vendor in each.range.vendors}
    known = {offer.vendor for offer in result.offers}
    requests = sum(offer.on_request for offer in result.offers)
    stale = [is_stale(offer, result.today, result.stale_after) for offer in result.offers]
    ages = [age_in_days(offer, result.today) for offer in result.offers]
    return (
        KeyFigure("Competitors compared", len(vendors), "vendors", population=say("of_in_the_data", known=len(known))),
        KeyFigure(
            "Prices on request", requests, "offers", population=f"of {count('offer', len(result.offers))}; not compared"
        ),
        KeyFigure(
            "Stale prices",
            sum(stale),
            "offers",
            period=say("older_than_days_on", stale_after=result.stale_after, today=result.today),
            population=say("the_oldest_is_old", ages=max(ages)),
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
                    say("over_the_market_median", name=name),
                    home.premium.estimate,
                    "percent",
                    period=say("a_month_at_the_profile_2", at=home.at),
                    population=f"{count('vendor', len(home.market.vendors))}; negative: below",
                    interval=_unless_exact(home.premium),
                )
            )
    return tuple(figures)


def _value(result: AnchoringResult) -> tuple[KeyFigure, ...]:
    value, profile = result.value, result.value_profile
    if value is None or profile is None:
        return ()
    at = say("a_month_at_the_profile", name=profile.name)
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
                population=say("our_price_over_the_economic"), interval=_unless_exact(value.over_value),
            )
        )  # fmt: skip
    if value.captured is not None:
        figures.append(
            KeyFigure(
                "Differentiation captured", value.captured.estimate, "percent", period=at,
                population=say("what_our_price_takes_beyond"),
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
        yield Caution(say("this_scenario_has_no_tiers"))
    if not result.profiles:
        yield Caution(say("the_data_holds_no_usage"))
    for each in result.comparisons:
        if each.ours and each.our_choice is None:
            yield Caution(say("no_priced_tier_of_ours", name=each.profile.name))
    for name in result.book.plan_names:
        homes = homes_of(name, result.standings)
        if result.book.plan(name).priced and not homes and result.profiles:
            yield Caution(say("serves_none_of_the_profiles", name=name), "note")
        if homes and not any(each.comparison.of_ours(name).chosen for each in homes):
            yield Caution(say("is_the_cheapest_of_our", name=name, at=homes[0].at), "note")


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
        yield Caution(say("not_compared_at_any_profile", reason=reason, listed=_listed(names)))
    for each in result.comparisons:
        vendors = () if each.range is None else each.range.vendors
        if len(vendors) < FEWEST_VENDORS:
            what = f"only {vendors[0]}" if vendors else "no vendor"
            yield Caution(say("at_the_profile_can_be", name=each.profile.name, what=what))
    yield Caution(
        say("the_data_does_not_say"),
        "note",
    )


def _about_value(result: AnchoringResult) -> Iterator[Caution]:
    profile = result.value_profile
    if profile is None:
        return
    if result.value is None:
        yield Caution(say("no_reference_price_at_the", name=profile.name))
    unsaid = [each.label for each in result.decision.differentiation if not each.per]
    if unsaid:
        yield Caution(say("nothing_says_what_drives_the", listed=_listed(unsaid)))
    for each in result.profiles:
        value = result.values.get(each.id)
        if value is not None and value.unmeasured:
            yield Caution(say("at_the_profile_the_economic", name=each.name, listed=_listed(list(value.unmeasured))))
    if result.value is not None and not result.value.items and not result.value.unmeasured:
        yield Caution(say("nothing_sets_our_offer_apart"))


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
    return say("next_best_alternative_a_month", said=said, reference=result.reference, price=price, name=profile.name)


def position_words(result: AnchoringResult) -> str:
    """Write where each tier stands against the median of the vendors it is compared with."""
    if not result.book.plans:
        return say("there_is_no_price_of")
    vendors = {vendor for each in result.comparisons if each.range for vendor in each.range.vendors}
    if not vendors:
        return say("no_competitor_s_price_can")
    told = [standing_words(home) for name in result.book.plan_names for home in homes_of(name, result.standings)[:1]]
    known = [text for text in told if text]
    if not known:
        return say("prices_of_are_known_but", vendors=len(vendors))
    return f"Against {count('vendor', len(vendors))}: {'; '.join(known)}."


def standing_words(home: MarketStanding) -> str:
    """Write how far a tier lies above or below the market's median; empty where that is not known."""
    if home.premium is None:
        return ""
    share = home.premium.estimate
    where = f"at the profile {home.at}"
    if round(100 * share) == 0:
        return say("at_the_median", tier=home.tier, where=where)
    return say("the_median", tier=home.tier, share=abs(share), share_2=share, where=where)
