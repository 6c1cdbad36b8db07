"""Add-ons in sentences: prices in words, readings, key figures, cautions and the summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from workbench.formatting import count, exact_percent, money, percent, thousands
from workbench.results import Caution, Interval, KeyFigure
from workbench.rules.rulebook import BENCHMARKS
from workbench.stages.add_ons.result import GROUPS, SOON_DAYS
from workbench.stages.offers import add_on_price_words, per_words
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from workbench.stages.add_ons.result import AddOnOutcome, AddOnResult, Overlap
    from workbench.stages.offers import AddOnDecision

say = texts(__name__)

# --- What the panel says in sentences

NO_CANDIDATES = say("without_the_table_feature_use")


def candidates_sentence(rows: pd.DataFrame, line: float) -> str:
    """Say how many features surely lie under the line, how many are too close to it, and what diamonds are."""
    few = int((rows["group"] == GROUPS[0]).sum())
    close = len(rows) - few
    told = say("surely_under", n=few, line=line)
    told += say("where_an_add_on_is")
    told += say("for_the_interval_crosses_the", close=close) if close else "."
    return told + (say("diamonds_show_who_asked_and") if rows["asking"].notna().any() else "")


def revenue_sentence(result: AddOnResult) -> str:
    """Say what all add-ons bring together, and what that is beside the core."""
    if result.revenue is None:
        return say("what_the_add_ons_bring")
    low, high = (money(end, result.currency) for end in (result.revenue.low, result.revenue.high))
    told = say("together_to_a_month_if", low=low, high=high)
    if not result.places.revenue:
        return told
    share = percent(result.revenue.estimate / result.places.revenue, 1)
    core = money(result.places.revenue, result.currency)
    return say("the_middle_is_of_the", told=told, share=share, core=core)


def overlap_sentence(found: Overlap) -> str:
    """Say how many accounts want several, and which pairs suggest a bundle."""
    pairs = [f"{pair.first} with {pair.second}" for pair in found.bundles]
    bundle = say("a_bundle_suggests_itself", pairs="; ".join(pairs)) if pairs else say("no_pair_calls_for_a")
    several, anyone = thousands(found.several_accounts), count("account", found.any_accounts)
    return say("of_interested_in_any_would", several=several, anyone=anyone, bundle=bundle)


def price_note(result: AddOnResult, outcome: AddOnOutcome) -> str:
    """Say which prices lie in the band: "$8.80 to $17.60 per seat is 20% to 40% of Growth"."""
    if outcome.bounds is None:
        return say("the_price_of_in_this", name=result.core.name)
    low, high = (money(end, result.currency) for end in outcome.bounds)
    band = result.rulebook.threshold("A2").in_words()
    usual = say(
        "to_is_of", low=low, high=high, per_words=per_words(outcome.choice.price_per), band=band, name=result.core.name
    )
    if outcome.choice.usage_charge is None:
        return usual
    return say("in_a_typical_month_with", price=outcome.price, currency=result.currency, usual=usual)


def attach_note(outcome: AddOnOutcome) -> str:
    """Say what the data suggests for the attach range and where that comes from."""
    if outcome.attach is None:
        return say("the_data_says_nothing_about", name=outcome.name)
    found = f"{percent(outcome.attach.low)} to {percent(outcome.attach.high)}"
    start = say("the_attach_range_is_that", found=found) if outcome.attach_is_from_data else f"The data says {found}"
    return f"{start}: {outcome.attach.source}."


def bundle_sentences(result: AddOnResult) -> tuple[str, ...]:
    """Say which add-ons a bundle suggests itself for."""
    if result.overlap is None:
        return ()
    return tuple(
        say(
            "and_accounts_want_both_of",
            first=pair.first,
            second=pair.second,
            both=pair.both,
            share=pair.share,
            expected=pair.expected,
        )
        for pair in result.overlap.bundles
    )


def services_sentences(result: AddOnResult) -> tuple[str, ...]:
    """Say what the services calculator finds, in sentences."""
    services, currency = result.services, result.currency
    if services is None:
        return (say("no_services_are_offered_in"),)
    told = []
    if services.price is None:
        told.append(say("enter_what_one_engagement_costs"))
    else:
        told.append(
            say(
                "at_cost_plus_an_engagement",
                margin=services.margin,
                price=services.price,
                currency=currency,
                profit=services.profit,
            )
        )
    room = services.affordable_cost(result.rulebook.threshold("A6.share"))
    if room is not None:
        band = result.rulebook.threshold("A6.share").in_words()
        origin = f"12 months of {result.core.name}" if services.is_computed else "as entered"
        told.append(
            say(
                "a_customer_s_subscription_brings",
                first_year=services.first_year,
                currency=currency,
                origin=origin,
                band=band,
                room=room[0],
                room_2=room[1],
            )
        )
    return tuple(told)


def services_claims() -> tuple[str, ...]:
    """Return what the source reports about services, as its claims."""
    return tuple(each.sentence for each in BENCHMARKS if each.rule_id == "A6")


def eligible_sentence(outcome: AddOnOutcome) -> str:
    """Say who is eligible for one add-on now and soon."""
    gate = outcome.eligibility
    if not gate.usage_recorded:
        return say("the_use_on_which_waits", name=outcome.name)
    return say(
        "can_be_offered_now_more", count_=gate.count, name=outcome.name, sum=int(gate.soon.sum()), soon_days=SOON_DAYS
    )


# --- The few numbers a reader looks at first

ASSUMED = say("from_the_attach_ranges_assumed")


def add_on_key_figures(result: AddOnResult) -> tuple[KeyFigure, ...]:
    """Return revenue of the add-ons, its share of the core, who is eligible now and soon, and who wants several."""
    if not result.outcomes:
        return (_candidates(result),)
    return (_revenue(result), _share(result), _eligible(result), _soon(result), *_several(result))


def _candidates(result: AddOnResult) -> KeyFigure:
    few = [each for each in result.candidates if each.group == "clearly few"]
    known = result.evidence.needs.used is not None
    line = exact_percent(result.rulebook.threshold("A5").high)
    return KeyFigure(
        "Features few accounts use",
        len(few) if known else None,
        "features" if len(few) != 1 else "feature",
        population=f"{count('active account', len(result.evidence))}",
        period=_period(result),
        note=f"surely under {line}" if known else say("feature_use_is_not_recorded"),
    )


def _revenue(result: AddOnResult) -> KeyFigure:
    unknown = sum(each.full is None for each in result.outcomes)
    return KeyFigure(
        "Revenue of add-ons",
        None if result.revenue is None else result.revenue.estimate,
        result.currency,
        period="a month",
        population=count("add-on", len(result.outcomes)),
        interval=result.revenue,
        interval_is=ASSUMED,
        note=say("of_unknown_revenue_not_counted", unknown=unknown) if unknown else "",
    )


def _share(result: AddOnResult) -> KeyFigure:
    core, revenue = result.places.revenue, result.revenue
    of = f"of {count('active account', len(result.evidence))}"
    if not core or revenue is None:
        return KeyFigure("Share of core revenue", None, "percent", "a month", of, note=say("the_core_revenue_is_not"))
    interval = Interval(revenue.low / core, revenue.estimate / core, revenue.high / core, revenue.level)
    return KeyFigure(
        "Share of core revenue",
        interval.estimate,
        "percent",
        "a month",
        of,
        interval=interval,
        interval_is=ASSUMED,
        digits=1,
        note=say("core_a_month_at_list", core=core, currency=result.currency, source=result.places.source),
    )


def _eligible(result: AddOnResult) -> KeyFigure:
    anyone = result.eligible_for_any
    return KeyFigure(
        say("eligible_now_for_one_or"),
        anyone,
        "accounts" if anyone != 1 else "account",
        population=f"of {count('active account', len(result.evidence))}",
        period=f"as of {result.evidence.day:%Y-%m-%d}",
        note=say("the_use_the_gate_asks") if anyone is None else "",
    )


def _soon(result: AddOnResult) -> KeyFigure:
    more = result.eligible_soon
    return KeyFigure(
        f"More within {SOON_DAYS} days", more, "accounts" if more != 1 else "account", note="by tenure alone"
    )


def _several(result: AddOnResult) -> tuple[KeyFigure, ...]:
    found = result.overlap
    if found is None or len(result.outcomes) < 2:  # noqa: PLR2004 - overlap needs two
        return ()
    return (
        KeyFigure(
            say("would_want_two_or_more"),
            found.several_accounts,
            "accounts" if found.several_accounts != 1 else "account",
            population=say("of_interested_in_any", any_accounts=found.any_accounts),
            period=_period(result),
        ),
    )


def _period(result: AddOnResult) -> str:
    basis = result.basis
    return basis.first_month if basis.first_month == basis.last_month else f"{basis.first_month} to {basis.last_month}"


# --- What a result on add-ons warns about itself

_FEW = 30
_SLACK = 0.005  # a range set to whole percents is not "above" what the data says
Severity = Literal["note", "warning"]


def add_on_cautions(result: AddOnResult) -> tuple[Caution, ...]:
    """Return the warnings: features sold twice first, then prices, buyers and the data."""
    told = (*_about_fences(result), *_about_prices(result), *_about_buyers(result), *_about_data(result))
    return tuple(Caution(text, severity) for text, severity in told)


def _about_fences(result: AddOnResult) -> Iterator[tuple[str, Severity]]:
    for each in result.outcomes:
        for feature, tiers in each.also_in.items():
            have = sum(
                result.places.tier_index == place
                for place, tier in enumerate(result.places.tiers)
                if tier.name in tiers
            )
            yield (
                (
                    say(
                        "is_sold_in_the_add",
                        feature=feature,
                        name=each.name,
                        tiers=" and ".join(tiers),
                        sum=int(have.sum()),
                    )
                ),
                "warning",
            )
    owners: dict[str, list[str]] = {}
    for each in result.outcomes:
        for feature in each.choice.features:
            owners.setdefault(feature, []).append(each.name)
    for feature, names in owners.items():
        if len(names) > 1:
            yield (
                say("is_in_add_ons_who", feature=feature, names=len(names), names_2=", ".join(names)),
                "warning",
            )


def _about_prices(result: AddOnResult) -> Iterator[tuple[str, Severity]]:
    core = result.core
    if not result.outcomes:
        return
    if core.price is None:
        yield say("the_price_of_is_not", name=core.name), "warning"
    elif core.is_stand_in:
        yield (
            say("no_tiers_are_decided_yet"),
            "warning",
        )
    units = {each.choice.price_per for each in result.outcomes if each.choice.price_per != core.price_per}
    for unit in sorted(units) if core.price is not None else ():
        known = core.price_in(unit) is not None
        yield (
            say("an_add_on_priced_is", per_words=per_words(unit), name=core.name, per_words_2=per_words(core.price_per))
            + ("at the median quantity." if known else say("which_is_not_possible_no")),
            "note" if known else "warning",
        )


def _about_buyers(result: AddOnResult) -> Iterator[tuple[str, Severity]]:
    for each in result.outcomes:
        yield from _about_attach(each)
        gate = each.eligibility
        if not gate.usage_recorded:
            yield (
                say("on_which_waits_is_not", usage_metric=each.choice.usage_metric, name=each.name),
                "warning",
            )
        elif gate.unknown:
            yield (
                say("of_unknown_tenure_or_usage", unknown=gate.unknown, name=each.name),
                "note",
            )
        included = int(gate.included.sum())
        if included:
            yield (
                say("have_all_of_in_their", included=included, name=each.name),
                "note",
            )
    if any(each.attach is not None for each in result.outcomes):
        yield (
            (say("use_and_requests_show_interest")),
            "note",
        )
    if len(result.outcomes) > 1:
        yield (
            say("the_range_of_all_together"),
            "note",
        )


def _about_attach(each: AddOnOutcome) -> Iterator[tuple[str, Severity]]:
    highest = max(each.choice.attach_low, each.choice.attach_high)
    if each.choice.attach_low > each.choice.attach_high:
        yield say("the_attach_range_of_starts", name=each.name), "warning"
    if each.attach is None:
        yield (
            say("the_data_says_nothing_about", name=each.name),
            "warning",
        )
    elif highest > each.attach.high + _SLACK:
        yield (
            (say("expects_up_to_of_eligible", name=each.name, highest=highest, high=each.attach.high)),
            "warning",
        )


def _about_data(result: AddOnResult) -> Iterator[tuple[str, Severity]]:
    evidence = result.evidence
    if evidence.needs.used is None:
        yield (
            (say("feature_use_is_not_recorded_2")),
            "warning",
        )
    if len(evidence) < _FEW:
        yield say("only_shares_and_ranges_of", evidence=len(evidence)), "warning"
    line = result.rulebook.threshold("A5").high
    chosen = {name for each in result.outcomes for name in each.choice.features}
    for benefit in evidence.needs.benefits:
        inside = benefit.share_where_included
        if (
            benefit.feature in chosen
            and inside is not None
            and line is not None
            and inside > line >= (benefit.share.estimate if benefit.share else 1.0)
        ):
            yield (
                (say("is_in_the_plan_of", feature=benefit.feature, included_for=benefit.included_for, inside=inside)),
                "warning",
            )


# --- A decision on add-ons and what follows from it, in one sentence


def summarise(decision: AddOnDecision, result: AddOnResult) -> str:
    """Return one sentence: the add-ons with their prices, the revenue range, and services."""
    if not decision.add_ons:
        return say("no_add_ons_are_sold") + _services(result)
    currency = result.currency
    offers = ", ".join(f"{choice.name} ({add_on_price_words(choice, currency)})" for choice in decision.add_ons)
    text = f"{count('add-on', len(decision.add_ons))}: {offers}"
    if result.revenue is not None:
        low, high = money(result.revenue.low, currency), money(result.revenue.high, currency)
        text += say("together_to_a_month_from", low=low, high=high)
        if result.places.revenue:
            text += say("around_of_core_revenue", value=result.revenue.estimate / result.places.revenue)
    return text + "." + _services(result)


def _services(result: AddOnResult) -> str:
    services = result.services
    if services is None or services.price is None:
        return ""
    return say("at_an_engagement", name=services.name, price=services.price, currency=result.currency)
