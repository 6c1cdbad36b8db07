"""What the ranges ahead say, in sentences: which prices bring more, how customers reacted, what to find out first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.formatting import SHARE_OF, exact, exact_percent, is_computed, percent, quantity
from workbench.impact.uncertainty.behaviour import ON_RECORD
from workbench.locales import conventions
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.impact.migration.bills import AccountBills
    from workbench.impact.uncertainty.behaviour import PastReaction
    from workbench.stages.migration.evaluation import Ranges

say = texts(__name__)


def renewals_sentence(bills: AccountBills, term: int) -> str:
    """Say where renewal dates come from: contracts on record, or an assumption."""
    known, total = int(bills.renewal_known.sum()), len(bills)
    assumed = say("assumed_on_the_anniversary_of", term=term)
    if known == total:
        return say("renewals_are_those_on_record", renews_on=_RENEWS_ON)
    if known:
        record = say("renewals_of_of_accounts_are", known=known, total=total, renews_on=_RENEWS_ON)
        return say("the_others_are", record=record, assumed=assumed)
    return say("no_contract_is_on_record", renews_on=_RENEWS_ON, assumed=assumed)


_RENEWS_ON = say("column_renews_on_of_the")
WORTH_SAYING = 1.0  # of the currency: less than that is rounding
SURE = 0.9  # share of draws that must agree before it is said which prices bring more


def sign_sentence(ranges: Ranges) -> str:
    """Say which prices bring more, where nine of ten draws agree and the history is long enough to tell."""
    simulation, reach = ranges.simulation, None if ranges.ahead is None else ranges.ahead.reach
    chance = simulation.chance_of_beating(ranges.name)
    if reach is not None and not reach.sign:
        return say("which_prices_bring_more_cannot")
    if chance >= SURE:
        return say("in_of_the_draws_that", share=_share(chance))
    if chance <= 1 - SURE:
        return say("in_of_the_draws_that_2", share=_share(1 - chance))
    return say("whether_that_is_more_than", chance=chance)


def _share(chance: float) -> str:
    """Write a share of draws; nearly all are not all."""
    return "more than 99%" if 0.99 < chance < 1 else percent(chance)  # noqa: PLR2004 - as it is written


def direction_sentence(ranges: Ranges) -> str:
    """Say which list brings more in the months for which no range is given; empty where there are none."""
    ahead = ranges.ahead
    if ahead is None or ahead.reach.sign <= ahead.reach.ranges:
        return ""
    chance, month = float(ahead.chance(ranges.name)[-1]), ahead.months[ahead.reach.sign - 1]
    told = say("in_of_the_draws_the", chance=chance)
    return say("beyond_them_only_the_direction", reason=ahead.reach.reason, month=month, told=told)


def reaction_sentence(ranges: Ranges) -> str:
    """Say what the same months bring if nobody reacts to the move, apart from what is assumed about reactions."""
    simulation = ranges.simulation
    if not simulation.unreacted:
        return ""
    low, high = np.quantile(simulation.unreacted[ranges.name].sum(axis=1), [0.05, 0.95])
    currency = simulation.statistics[ranges.name].currency
    return (
        say(
            "usage_leavers_and_new_customers",
            low=float(low),
            currency=currency,
            high=float(high),
            past_sentence=past_sentence(ranges.past, ranges),
        )
    ).rstrip()


def past_sentence(past: Sequence[PastReaction], ranges: Ranges | None = None) -> str:
    """Say what customers did when their price rose before, or why nobody knows; and which range is drawn from."""
    said = [f"{each.sentence}{'' if ranges is None else _drawn_instead(each, ranges)}" for each in past if each.known]
    reasons: dict[str, list[str]] = {}
    for each in past:
        if each.reason:
            reasons.setdefault(each.reason, []).append(each.kind)
    said += [
        say("how_many_customers_over_a", kinds=" or ".join(kinds), reason=reason) for reason, kinds in reasons.items()
    ]
    return " ".join(said)


def _drawn_instead(reaction: PastReaction, ranges: Ranges) -> str:
    """Say that the team's own range is drawn from where it is, and which one."""
    about = ON_RECORD[reaction.kind]
    used = next(each for each in ranges.simulation.behaviour.assumptions if each.id == about)
    if (used.low, used.high) == (reaction.low, reaction.high):
        return say("the_draws_come_from_it")
    low, high = (in_unit(each, used.unit) for each in (used.low, used.high))
    return say("the_study_keeps_a_range", low=low, high=high)


def in_unit(value: float, unit: str) -> str:
    """Write a guess in its unit as it was given, one learned from data rounded; shares as percentages."""
    if is_computed(value):
        return conventions().share(quantity(value * 100)) if unit.startswith(SHARE_OF) else quantity(value)
    return exact_percent(value) if unit.startswith(SHARE_OF) else exact(value)


def unit_words(unit: str) -> str:
    """Write the unit of a guess beside its value: a share of customers is a percentage, so "of customers"."""
    return unit.removeprefix("share ") if unit.startswith(SHARE_OF) else unit


def information_sentence(ranges: Ranges) -> str:
    """Say what to find out first, where an answer could change the choice."""
    if ranges.ahead is not None and not ranges.ahead.reach.sign:
        return say("which_prices_bring_more_cannot_2")
    if ranges.value_of_information.perfect < WORTH_SAYING:
        best = ranges.value_of_information.best
        return say("on_average_bring_the_most", best=best)
    return ranges.value_of_information.sentence()
