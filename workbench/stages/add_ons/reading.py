"""What the panel says in sentences: prices in their band, where attach ranges come from, bundles, services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import count, exact_percent, money, percent, priced
from workbench.rules import BENCHMARKS
from workbench.stages.add_ons.candidates import GROUPS
from workbench.stages.add_ons.gate import SOON_DAYS
from workbench.stages.tiers.words import per_words

if TYPE_CHECKING:
    import pandas as pd

    from workbench.stages.add_ons.evaluation import AddOnResult
    from workbench.stages.add_ons.outcome import AddOnOutcome
    from workbench.stages.add_ons.overlap import Overlap

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
