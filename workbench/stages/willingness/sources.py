"""Where willingness to pay comes from: each source of answers turned into what offers are worth to the accounts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.customers import respondents_of
from workbench.demand.errors import DemandError
from workbench.demand.itemised import Allowance, from_utilities
from workbench.demand.observed import observed_willingness
from workbench.demand.stated import from_price_ladder, from_price_sensitivity
from workbench.demand.worth import split_worth
from workbench.stages.price_book import today
from workbench.stages.willingness.decision import SOURCES, Source
from workbench.stages.willingness.feature_weights import feature_weights, must_haves, part_without_features
from workbench.stages.willingness.survey_items import on_scale
from workbench.stages.willingness.survey_units import accounts_asked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from workbench.customers import CustomerBase
    from workbench.demand.itemised import ItemisedWorth
    from workbench.demand.willingness import Willingness
    from workbench.demand.worth import SharedWorth, Worth
    from workbench.stages.willingness.answers import ResearchAnswers
    from workbench.stages.willingness.survey_items import SurveyItem

DRAWS = 100
NEEDS: Mapping[Source, str] = {
    "choices": "survey_choice",
    "price ladder": "survey_price_ladder",
    "price sensitivity": "survey_price_sensitivity",
    "what customers pay": "mrr",
}


def available(answers: ResearchAnswers) -> tuple[Source, ...]:
    """Return the sources this customer base has answers for, the best first."""
    base = answers.base
    return tuple(
        source
        for source in SOURCES
        if source in NEEDS and base.has(NEEDS[source]) and not (source == "choices" and answers.choices is None)
    )


def usable(answers: ResearchAnswers, wanted: Source) -> tuple[Source, ...]:
    """Return the sources to try in turn: the one wanted, or all there are; DemandError when there is none."""
    there = available(answers)
    if wanted in there:
        return (wanted,)
    if wanted in NEEDS:
        why = (answers.problem("choices") if wanted == "choices" else "") or f"the table {NEEDS[wanted]} is missing."
        raise DemandError(
            f"There are no usable answers for {wanted!r}: {why}", f"There is {', '.join(there) or 'no source at all'}."
        )
    if not there:
        raise DemandError(
            "Nothing says what customers would pay: there is no price survey and no record of what they pay.",
            f"Add one of the tables {', '.join(NEEDS.values())}.",
        )
    return there


def worth_of(answers: ResearchAnswers, source: Source, *, draws: int = DRAWS, seed: int = 0) -> Worth:
    """Return what offers are worth to every active account a month, from one source of answers."""
    makers: Mapping[str, Callable[..., Worth]] = {
        "choices": _from_choices,
        "price ladder": _from_ladder,
        "price sensitivity": _from_sensitivity,
        "what customers pay": _from_bills,
    }
    return makers[source](answers, draws=draws, seed=seed)


def _from_choices(answers: ResearchAnswers, *, draws: int, seed: int) -> ItemisedWorth:
    model = answers.choices
    if model is None:
        raise DemandError("There are no usable choices between offers.", "Use another source.")
    said = model.individual(draws=draws, seed=seed)
    people = respondents_of(answers.base.frames[NEEDS["choices"]])
    place = {str(name): number for number, name in enumerate(people.ids)}
    none = next((item.column for item in answers.items if item.kind == "none"), None)
    worth = from_utilities(
        said.draws,
        said.columns,
        people.take(np.array([place[name] for name in said.respondents])),
        price="price",
        features={item.column: item.stands_for for item in answers.items if item.kind == "feature"},
        allowances={item.column: _allowance(item) for item in answers.items if item.kind == "allowance"},
        none=none,
        overstatement=answers.overstatement,
        seed=seed,
    )
    accounts, times, about = accounts_asked(answers.base, NEEDS["choices"])
    found = worth.for_accounts(accounts, seed).scaled(times)
    return replace(found, cautions=(*found.cautions, *about))


def _from_ladder(answers: ResearchAnswers, *, draws: int, seed: int) -> SharedWorth:
    frame = answers.base.frames[NEEDS["price ladder"]]
    stated = from_price_ladder(frame, overstatement=answers.overstatement, draws=draws, seed=seed)
    return _split(answers, _of_accounts(answers.base, stated, NEEDS["price ladder"], seed), seed)


def _from_sensitivity(answers: ResearchAnswers, *, draws: int, seed: int) -> SharedWorth:
    frame = answers.base.frames[NEEDS["price sensitivity"]]
    stated = from_price_sensitivity(frame, overstatement=answers.overstatement, draws=draws, seed=seed)
    return _split(answers, _of_accounts(answers.base, stated, NEEDS["price sensitivity"], seed), seed)


def _from_bills(answers: ResearchAnswers, *, draws: int, seed: int) -> SharedWorth:
    paid = observed_willingness(answers.base, draws=draws, seed=seed)
    return _split(answers, paid, seed, of_today=True)


def _of_accounts(base: CustomerBase, stated: Willingness, table: str, seed: int) -> Willingness:
    asked, times, said = accounts_asked(base, table)
    found = stated.for_accounts(asked, seed).scaled(times)
    return replace(found, cautions=(*found.cautions, *said))


def _split(answers: ResearchAnswers, willingness: Willingness, seed: int, *, of_today: bool = False) -> SharedWorth:
    plans = today(answers.base).plans if of_today and answers.base.has("plans") else ()
    weights, musts = feature_weights(answers), must_haves(answers.base)
    return split_worth(
        willingness,
        weights,
        must_have=musts,
        without_features=part_without_features(weights, musts),
        stated_for={plan.name: plan for plan in plans} or None,
        seed=seed,
    )


def _allowance(item: SurveyItem) -> Allowance:
    return Allowance(item.stands_for, lambda amount: on_scale(item, amount), item.most)


__all__ = ["DRAWS", "available", "usable", "worth_of"]
