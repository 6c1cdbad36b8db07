"""What a result on add-ons warns about itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from workbench.formatting import count, exact_percent, percent
from workbench.results import Caution
from workbench.stages.tiers.words import per_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.stages.add_ons.evaluation import AddOnResult
    from workbench.stages.add_ons.outcome import AddOnOutcome

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
