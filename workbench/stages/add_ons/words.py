"""Add-ons in sentences: prices in words, readings, key figures, cautions and the summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from workbench.formatting import count, exact, exact_money, exact_percent, metric_words, money, percent, priced
from workbench.results import Caution, Interval, KeyFigure
from workbench.rules.rulebook import BENCHMARKS
from workbench.stages.add_ons.result import GROUPS, SOON_DAYS
from workbench.stages.tiers.words import per_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from workbench.stages.add_ons.decision import AddOnChoice, AddOnDecision, UsageCharge
    from workbench.stages.add_ons.result import AddOnOutcome, AddOnResult, Overlap

# --- What an add-on costs, in words


def add_on_price_words(choice: AddOnChoice, currency: str) -> str:
    """Write the whole price: "$6.00 per seat and month", "$0.02 for each of the API calls beyond 5,000 a month"."""
    fixed = f"{exact_money(choice.price, currency)} {per_words(choice.price_per)} and month"
    charge = choice.usage_charge
    if charge is None:
        return fixed
    used = usage_words(charge, currency)
    if charge.block:
        more = f"{exact(charge.block)} {metric_words(charge.metric)} beyond {exact(charge.free_units)}"
        return f"{fixed} for {more}, and {used}"
    return f"{fixed}, and {used}" if choice.price else used


def usage_words(charge: UsageCharge, currency: str) -> str:
    """Write what usage costs, with what is free and the cap."""
    price = f"{exact_money(charge.unit_price, currency)} for each of the {metric_words(charge.metric)}"
    free_units = charge.free_units + charge.block
    free = f" beyond {exact(free_units)} a month" if free_units else " in a month"
    most = "" if charge.most_per_month is None else f", at most {exact_money(charge.most_per_month, currency)} a month"
    return price + free + most


# --- What the panel says in sentences: prices in their band, where attach ranges come from, bundles, services

NO_CANDIDATES = "Without the table feature_use (account, week, feature, uses) nobody can tell which features few use."


def candidates_sentence(rows: pd.DataFrame, line: float) -> str:
    """Say how many features surely lie under the line, how many are too close to it, and what diamonds are."""
    few = int((rows["group"] == GROUPS[0]).sum())
    close = len(rows) - few
    told = f"{count('feature', few)} surely {'lies' if few == 1 else 'lie'} under {exact_percent(line)}, "
    told += "where an add-on is the usual place"
    told += f"; for {close} the interval crosses the line, so the data cannot tell." if close else "."
    return told + (" Diamonds show who asked and does not have it." if rows["asking"].notna().any() else "")


def revenue_sentence(result: AddOnResult) -> str:
    """Say what all add-ons bring together, and what that is beside the core."""
    if result.revenue is None:
        return "What the add-ons bring is not known."
    low, high = (money(end, result.currency) for end in (result.revenue.low, result.revenue.high))
    told = f"Together {low} to {high} a month, if the attach ranges assumed hold."
    if not result.places.revenue:
        return told
    share = percent(result.revenue.estimate / result.places.revenue, 1)
    core = money(result.places.revenue, result.currency)
    return f"{told} The middle is {share} of the core's revenue at list prices, {core} a month."


def overlap_sentence(found: Overlap) -> str:
    """Say how many accounts want several, and which pairs suggest a bundle."""
    pairs = [f"{pair.first} with {pair.second}" for pair in found.bundles]
    bundle = f"A bundle suggests itself: {'; '.join(pairs)}." if pairs else "No pair calls for a bundle."
    several, anyone = f"{found.several_accounts:,}", count("account", found.any_accounts)
    return f"{several} of {anyone} interested in any would want two or more. {bundle}"


def price_note(result: AddOnResult, outcome: AddOnOutcome) -> str:
    """Say which prices lie in the band: "$8.80 to $17.60 per seat is 20% to 40% of Growth"."""
    if outcome.bounds is None:
        return f"the price of {result.core.name} in this unit is unknown"
    low, high = (money(end, result.currency) for end in outcome.bounds)
    band = result.rulebook.threshold("A2").in_words()
    usual = f"{low} to {high} {per_words(outcome.choice.price_per)} is {band} of {result.core.name}"
    if outcome.choice.usage_charge is None:
        return usual
    return f"{priced(outcome.price, result.currency)} in a typical month with its usage; {usual}"


def attach_note(outcome: AddOnOutcome) -> str:
    """Say what the data suggests for the attach range and where that comes from."""
    if outcome.attach is None:
        return f"The data says nothing about who would buy {outcome.name}: its attach range is a guess of the team."
    found = f"{percent(outcome.attach.low)} to {percent(outcome.attach.high)}"
    start = (
        f"The attach range is that of the data, {found}" if outcome.attach_is_from_data else f"The data says {found}"
    )
    return f"{start}: {outcome.attach.source}."


def bundle_sentences(result: AddOnResult) -> tuple[str, ...]:
    """Say which add-ons a bundle suggests itself for."""
    if result.overlap is None:
        return ()
    return tuple(
        f"{pair.first} and {pair.second}: {pair.both:,} accounts want both, {percent(pair.share)} of the smaller group "
        f"({pair.expected:,.0f} by chance alone). A bundle would save them a second purchase."
        for pair in result.overlap.bundles
    )


def services_sentences(result: AddOnResult) -> tuple[str, ...]:
    """Say what the services calculator finds, in sentences."""
    services, currency = result.services, result.currency
    if services is None:
        return ("No services are offered in this scenario.",)
    told = []
    if services.price is None:
        told.append("Enter what one engagement costs to deliver: people, travel, tools, their share of overhead.")
    else:
        told.append(
            f"At cost plus {exact_percent(services.margin)} an engagement is sold at "
            f"{priced(services.price, currency)} and leaves {priced(services.profit, currency)}."
        )
    room = services.affordable_cost(result.rulebook.threshold("A6.share"))
    if room is not None:
        band = result.rulebook.threshold("A6.share").in_words()
        origin = f"12 months of {result.core.name}" if services.is_computed else "as entered"
        told.append(
            f"A customer's subscription brings {money(services.first_year, currency)} in its first year ({origin}). "
            f"With this margin services make up the usual {band} of first-year revenue when one engagement costs "
            f"{money(room[0], currency)} to {money(room[1], currency)} to deliver."
        )
    return tuple(told)


def services_claims() -> tuple[str, ...]:
    """Return what the source reports about services, as its claims."""
    return tuple(each.sentence for each in BENCHMARKS if each.rule_id == "A6")


def eligible_sentence(outcome: AddOnOutcome) -> str:
    """Say who is eligible for one add-on now and soon."""
    gate = outcome.eligibility
    if not gate.usage_recorded:
        return f"The use on which {outcome.name} waits is not recorded, so who is eligible is unknown."
    return (
        f"{count('account', gate.count)} can be offered {outcome.name} now, {int(gate.soon.sum()):,} more within "
        f"{SOON_DAYS} days by tenure alone."
    )


# --- The few numbers a reader looks at first

ASSUMED = "from the attach ranges assumed"


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
        note=f"surely under {line}" if known else "feature use is not recorded",
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
        note=f"{count('add-on', unknown)} of unknown revenue not counted" if unknown else "",
    )


def _share(result: AddOnResult) -> KeyFigure:
    core, revenue = result.places.revenue, result.revenue
    of = f"of {count('active account', len(result.evidence))}"
    if not core or revenue is None:
        return KeyFigure("Share of core revenue", None, "percent", "a month", of, note="the core revenue is not known")
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
        note=f"core: {money(core, result.currency)} a month at list prices, {result.places.source}",
    )


def _eligible(result: AddOnResult) -> KeyFigure:
    anyone = result.eligible_for_any
    return KeyFigure(
        "Eligible now for one or more",
        anyone,
        "accounts" if anyone != 1 else "account",
        population=f"of {count('active account', len(result.evidence))}",
        period=f"as of {result.evidence.day:%Y-%m-%d}",
        note="the use the gate asks for is not recorded" if anyone is None else "",
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
            "Would want two or more",
            found.several_accounts,
            "accounts" if found.several_accounts != 1 else "account",
            population=f"of {found.any_accounts:,} interested in any",
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
                    f"{feature} is sold in the add-on {each.name} and is also inside {' and '.join(tiers)}: "
                    f"{count('account', int(have.sum()))} there would pay for it twice, or the add-on is not fenced. "
                    "Take it out of the tier or out of the add-on."
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
                f"{feature} is in {len(names)} add-ons ({', '.join(names)}): who buys both pays for it twice.",
                "warning",
            )


def _about_prices(result: AddOnResult) -> Iterator[tuple[str, Severity]]:
    core = result.core
    if not result.outcomes:
        return
    if core.price is None:
        yield f"The price of {core.name} is not known, so no add-on can be held against it.", "warning"
    elif core.is_stand_in:
        yield (
            "No tiers are decided yet: prices are held against the median bill today, in place of a core plan.",
            "warning",
        )
    units = {each.choice.price_per for each in result.outcomes if each.choice.price_per != core.price_per}
    for unit in sorted(units) if core.price is not None else ():
        known = core.price_in(unit) is not None
        yield (
            f"An add-on priced {per_words(unit)} is compared with {core.name}, priced {per_words(core.price_per)}, "
            + ("at the median quantity." if known else "which is not possible: no quantity is recorded."),
            "note" if known else "warning",
        )


def _about_buyers(result: AddOnResult) -> Iterator[tuple[str, Severity]]:
    for each in result.outcomes:
        yield from _about_attach(each)
        gate = each.eligibility
        if not gate.usage_recorded:
            yield (
                f"{each.choice.usage_metric}, on which {each.name} waits, is not recorded: who is eligible is unknown.",
                "warning",
            )
        elif gate.unknown:
            yield (
                f"{count('account', gate.unknown)} of unknown tenure or usage are not eligible for {each.name}.",
                "note",
            )
        included = int(gate.included.sum())
        if included:
            yield (
                f"{count('account', included)} have all of {each.name} in their tier and are not counted as buyers.",
                "note",
            )
    if any(each.attach is not None for each in result.outcomes):
        yield (
            (
                "Use and requests show interest, not readiness to pay: accounts have these features at no extra charge "
                "today. The attach ranges are assumptions until customers were asked about prices."
            ),
            "note",
        )
    if len(result.outcomes) > 1:
        yield (
            "The range of all together takes the attach rates of different add-ons as independent of each other.",
            "note",
        )


def _about_attach(each: AddOnOutcome) -> Iterator[tuple[str, Severity]]:
    highest = max(each.choice.attach_low, each.choice.attach_high)
    if each.choice.attach_low > each.choice.attach_high:
        yield f"The attach range of {each.name} starts above its end; it is read the other way round.", "warning"
    if each.attach is None:
        yield (
            f"The data says nothing about who would buy {each.name}: its attach range is a guess of the team.",
            "warning",
        )
    elif highest > each.attach.high + _SLACK:
        yield (
            (
                f"{each.name} expects up to {exact_percent(highest)} of eligible accounts to buy; "
                f"the data shows interest of at most {percent(each.attach.high)}."
            ),
            "warning",
        )


def _about_data(result: AddOnResult) -> Iterator[tuple[str, Severity]]:
    evidence = result.evidence
    if evidence.needs.used is None:
        yield (
            (
                "Feature use is not recorded: candidates and interest cannot be read from the data. "
                "Add-ons the team names itself are still priced and checked."
            ),
            "warning",
        )
    if len(evidence) < _FEW:
        yield f"Only {count('active account', len(evidence))}: shares and ranges of so few are wide.", "warning"
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
                (
                    f"{benefit.feature} is in the plan of only {benefit.included_for:,} accounts today, and "
                    f"{percent(inside)} of them use it: more might, if more had it."
                ),
                "warning",
            )


# --- A decision on add-ons and what follows from it, in one sentence


def summarise(decision: AddOnDecision, result: AddOnResult) -> str:
    """Return one sentence: the add-ons with their prices, the revenue range, and services."""
    if not decision.add_ons:
        return "No add-ons are sold." + _services(result)
    currency = result.currency
    offers = ", ".join(f"{choice.name} ({add_on_price_words(choice, currency)})" for choice in decision.add_ons)
    text = f"{count('add-on', len(decision.add_ons))}: {offers}"
    if result.revenue is not None:
        low, high = money(result.revenue.low, currency), money(result.revenue.high, currency)
        text += f"; together {low} to {high} a month, from the attach ranges assumed"
        if result.places.revenue:
            text += f", around {percent(result.revenue.estimate / result.places.revenue, 1)} of core revenue"
    return text + "." + _services(result)


def _services(result: AddOnResult) -> str:
    services = result.services
    if services is None or services.price is None:
        return ""
    return f" {services.name} at {priced(services.price, result.currency)} an engagement."
