"""Where willingness to pay comes from: each source of answers turned into what offers are worth to the accounts."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.account_worth import AccountWorth, account_facts
from workbench.demand.customers import accounts_named, respondents_of
from workbench.demand.draws import Assumed
from workbench.demand.errors import DemandError
from workbench.demand.imputed_worth import impute_worth, worth_above_bills
from workbench.demand.itemised import Allowance, from_utilities
from workbench.demand.observed import observed_headroom
from workbench.demand.respondents import about_segments
from workbench.demand.stated import OVERSTATED_WORDS, choice_answers, ladder_answers, sensitivity_answers
from workbench.formatting import count, percent
from workbench.research.stated_prices import Overstatement
from workbench.results import Caution
from workbench.stages.price_book import today
from workbench.stages.tiers.decision import PER_ACCOUNT
from workbench.stages.willingness.decision import SOURCES, Source
from workbench.stages.willingness.feature_weights import feature_weights, must_haves, part_without_features
from workbench.stages.willingness.survey_items import on_scale
from workbench.stages.willingness.survey_units import accounts_asked, asked_per

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from workbench.customers import CustomerBase
    from workbench.demand.account_facts import StatedLimits
    from workbench.demand.customers import Customers
    from workbench.demand.imputed_worth import ImputedWorth
    from workbench.demand.stated import StatedAnswers
    from workbench.pricing import Plan
    from workbench.stages.willingness.answers import ResearchAnswers
    from workbench.stages.willingness.survey_items import SurveyItem

DRAWS = 200
# By accounts: so many decide that single ones are no luck, and memory grows with accounts times draws.
_DRAWS = ((5_000, DRAWS), (50_000, DRAWS // 2), (math.inf, 60))
_LINKED = 0.5  # share of respondents who must be linked for a survey to count as linked
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


def linked_first(answers: ResearchAnswers, there: tuple[Source, ...]) -> tuple[Source, ...]:
    """Return sources with those first whose respondents are linked to accounts: they say who is worth what."""
    return tuple(sorted(there, key=lambda source: not _is_linked(answers.base, source)))


def _is_linked(base: CustomerBase, source: Source) -> bool:
    frame = base.frames[NEEDS[source]]
    if source == "what customers pay" or "account_id" not in frame or "respondent" not in frame:
        return False
    known = frame.drop_duplicates("respondent")["account_id"].isin(base.frames["accounts"]["account_id"])
    return bool(known.mean() >= _LINKED)


def worth_of(answers: ResearchAnswers, source: Source, *, draws: int | None = None, seed: int = 0) -> AccountWorth:
    """Return what offers are worth to every active account a month, from one source of answers."""
    if source == "what customers pay":
        return _from_bills(answers, draws=draws, seed=seed)
    makers: Mapping[str, Callable[[ResearchAnswers, int], StatedAnswers]] = {
        "choices": _chosen,
        "price ladder": lambda found, _: ladder_answers(found.base.frames[NEEDS["price ladder"]]),
        "price sensitivity": lambda found, _: sensitivity_answers(found.base.frames[NEEDS["price sensitivity"]]),
    }
    customers, units, about = accounts_asked(answers.base, NEEDS[source])
    stated = makers[source](answers, seed)
    known = _Features.of(answers)
    per = asked_per(answers.base.frames[NEEDS[source]])
    facts, said = account_facts(
        customers,
        known.plans,
        known.names,
        units=units,
        metric=_size_metric(answers.base, customers) if per == PER_ACCOUNT else per,
    )
    limits = stated.limits(customers)
    over = answers.overstatement
    imputed = impute_worth(
        facts,
        limits,
        draws=draws or draws_for(len(customers)),
        weights=known.weights,
        core=known.core,
        overstated=(over.low, over.high),
        seed=seed,
    )
    ranges = Assumed(OVERSTATED_WORDS, over.low, over.high)
    linked = _about_linked(limits, len(customers))
    unlinked = () if (limits.account >= 0).any() else about_segments(stated.people, customers)
    return known.worth(
        imputed,
        customers,
        stated.source,
        (*stated.assumed, ranges),
        (*stated.cautions, Caution(over.sentence, "note"), *linked, *unlinked, *about, *said),
    )


def draws_for(accounts: int) -> int:
    """Return how many draws are worked out: half as many for many accounts, whose own luck evens out."""
    return next(draws for most, draws in _DRAWS if accounts <= most)


@dataclass(frozen=True, slots=True)
class _Features:
    """The features that make up a part of the worth, what each counts, and today's plans that have them."""

    names: tuple[str, ...]
    weights: NDArray[np.float64]
    core: tuple[float, float]
    musts: frozenset[str]
    plans: tuple[Plan, ...]

    @classmethod
    def of(cls, answers: ResearchAnswers) -> _Features:
        counts, musts = feature_weights(answers), must_haves(answers.base)
        names = tuple(name for name in counts if name not in musts)
        plans = today(answers.base).plans if answers.base.has("plans") else ()
        weights = np.array([counts[name] for name in names], dtype=np.float64)
        return cls(names, weights, part_without_features(counts, musts), musts, plans)

    def worth(
        self,
        imputed: ImputedWorth,
        customers: Customers,
        source: str,
        assumed: tuple[Assumed, ...],
        cautions: tuple[Caution, ...],
    ) -> AccountWorth:
        core = (Assumed("part of the worth that remains without any listed feature", *self.core),)
        return AccountWorth(
            imputed=imputed,
            customers=customers,
            feature_names=self.names,
            source=source,
            must_have=self.musts,
            assumed=(*assumed, *(core if self.names else ())),
            cautions=cautions,
        )


def _chosen(answers: ResearchAnswers, seed: int) -> StatedAnswers:
    """Return what everything was worth to each respondent of the choice survey: all features, the most included."""
    model = answers.choices
    if model is None:
        raise DemandError("There are no usable choices between offers.", "Use another source.")
    said = model.individual(draws=DRAWS, seed=seed)
    frame = answers.base.frames[NEEDS["choices"]]
    people, accounts = respondents_of(frame), accounts_named(frame)
    place = {str(name): number for number, name in enumerate(people.ids)}
    order = np.array([place[name] for name in said.respondents])
    none = next((item.column for item in answers.items if item.kind == "none"), None)
    worth = from_utilities(
        said.draws,
        said.columns,
        people.take(order),
        price="price",
        features={item.column: item.stands_for for item in answers.items if item.kind == "feature"},
        allowances={item.column: _allowance(item) for item in answers.items if item.kind == "allowance"},
        none=none,
        overstatement=_AS_STATED,
        seed=seed,
    )
    stated = choice_answers(worth.whole, people.take(order), accounts[order])
    return replace(stated, cautions=(*stated.cautions, *(each for each in worth.cautions if each.severity != "note")))


def _from_bills(answers: ResearchAnswers, *, draws: int | None, seed: int) -> AccountWorth:
    base = answers.base
    seen = observed_headroom(base, draws=draws or draws_for(len(base)), seed=seed)
    known, customers = _Features.of(answers), seen.customers
    ones = np.ones(len(customers))
    facts, said = account_facts(customers, known.plans, known.names, units=ones)
    imputed = worth_above_bills(facts, seen.headroom, weights=known.weights, core=known.core, seed=seed)
    return known.worth(
        imputed, customers, "what customers pay today and their moves", seen.assumed, (*seen.cautions, *said)
    )


def _size_metric(base: CustomerBase, customers: Customers) -> str:
    """Return the metric that tells large accounts from small: what plans charge for or limit, else the best known."""
    named: list[str] = []
    for table in ("plans", "plan_limits"):
        frame = base.frames.get(table)
        if frame is not None and "metric" in frame:
            named += [str(each) for each in frame["metric"].dropna().unique()]
    known = {metric: float(np.isfinite(values).mean()) for metric, values in customers.needs.items()}
    candidates = [name for name in named if known.get(name)] or [name for name, share in known.items() if share]
    return max(candidates, key=lambda name: known[name], default="")


def _about_linked(limits: StatedLimits, accounts: int) -> tuple[Caution, ...]:
    linked = len(np.unique(limits.account[limits.account >= 0]))
    words = f"{count('account', linked)} of {accounts} ({percent(linked / accounts)}) answered themselves; the others "
    words += "are worth what their size, bill and use make likely, as respondents like them said."
    if not linked:
        words = "No respondent is linked to an account (column account_id), so accounts take the answers of people of "
        words += "their segment: linked answers would narrow what each is worth."
    return (Caution(words, "note"),)


def _allowance(item: SurveyItem) -> Allowance:
    return Allowance(item.stands_for, lambda amount: on_scale(item, amount), item.most)


_AS_STATED = Overstatement(1.0, 1.0)

__all__ = ["DRAWS", "available", "draws_for", "linked_first", "usable", "worth_of"]
