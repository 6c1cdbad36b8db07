"""Where willingness to pay comes from.

What surveys and other methods say, estimated when first asked for, each source turned into what offers are worth
to accounts, and demand from one of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.cache import copies, meanwhile
from workbench.demand.customers import DemandError, about_segments, accounts_named, customers_of, respondents_of
from workbench.demand.imputed_worth import (
    CORE,
    LEAST_ANSWERS,
    LEAST_EXPLAINED,
    MOST_BELOW_BILL,
    AccountWorth,
    account_facts,
    impute_worth,
    worth_above_bills,
)
from workbench.demand.model import Demand, Rival, fit_to_today, with_own_discounts
from workbench.demand.willingness import (
    OVERSTATED_WORDS,
    Assumed,
    choice_answers,
    ladder_answers,
    observed_headroom,
    sensitivity_answers,
)
from workbench.demand.worth import Allowance, from_utilities
from workbench.errors import WorkbenchError
from workbench.formatting import attribute_words, count, metric_words
from workbench.locales import NO_CURRENCY
from workbench.research.sampling import Overstatement
from workbench.results import Caution, Interval, Missing
from workbench.stages.offers import PER_ACCOUNT
from workbench.stages.price_book import (
    SurveyItem,
    asked_per,
    list_of_today,
    on_scale,
    read_offers,
    survey_items,
    with_scales,
    worded_columns,
)
from workbench.stages.willingness.decision import SOURCES, Source
from workbench.tables import heading
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.demand.customers import Customers
    from workbench.demand.imputed_worth import ImputedWorth, Unknown
    from workbench.demand.model import Fit
    from workbench.demand.willingness import LimitsPerUnit, StatedAnswers
    from workbench.pricing.price_book import Plan, PriceBook
    from workbench.research.best_worst import MaxDiff
    from workbench.research.conjoint.mixed import MixedModel
    from workbench.research.feature_placement import FeatureValues
    from workbench.research.kano_model import Kano
    from workbench.research.price_ladders import PriceLadder
    from workbench.research.price_sensitivity import PriceSensitivity, SegmentPrices
    from workbench.stages.willingness.decision import WillingnessDecision

say = texts(__name__)

# --- What one price of a survey buys, and how often each account buys it


def accounts_asked(base: CustomerBase, table: str) -> tuple[Customers, NDArray[np.float64], tuple[Caution, ...]]:
    """Return the active accounts, and how often each buys what one price of the survey buys."""
    per, everybody = asked_per(base.frames[table]), customers_of(base)
    if per == PER_ACCOUNT:
        return everybody, np.ones(len(everybody)), ()
    units = everybody.quantities((per,))[per]
    known = np.flatnonzero(np.nan_to_num(units) > 0)
    if not known.size:
        raise DemandError(
            f"The survey asked for prices per {per}, but no active account has any {metric_words(per)} recorded.",
            f"Add {per} to the data, or write in the column per what one price buys.",
        )
    words = say("the_survey_asked_for_prices", per_=per)
    said = [Caution(f"{words}{metric_words(per)}.", "note")]
    if known.size < len(everybody):
        gone = count("account", len(everybody) - known.size)
        said.append(Caution(say("without_on_record_left_out", gone=gone, per_=per)))
    return everybody.take(known), units[known], tuple(said)


# --- How much each feature counts beside the others, and which of them nobody buys without


def part_without_features(weights: Mapping[str, float], musts: frozenset[str]) -> tuple[float, float]:
    """Return the part of the worth that stays when all features go that can go: must-haves keep their share."""
    total = sum(weights.values())
    kept = sum(weights[name] for name in weights if name in musts) / total if total else 0.0
    low, high = CORE
    return round(low + (1 - low) * kept, 2), round(high + (1 - high) * kept, 2)


def feature_weights(answers: ResearchAnswers) -> dict[str, float]:
    """Return how much each feature counts beside the others: by best-worst choices, else all the same.

    Features nobody was asked about count as the average of those people were asked about.
    """
    if not answers.base.has("features"):
        return {}
    names = [str(name) for name in answers.base.frames["features"]["feature"]]
    ranked = answers.best_worst
    if ranked is None:
        return dict.fromkeys(names, 1.0)
    known = dict(zip(ranked.features, (share.estimate for share in ranked.share), strict=True))
    middle = sum(known.values()) / len(known)
    return {name: known.get(name, middle) for name in names}


def must_haves(base: CustomerBase) -> frozenset[str]:
    """Return the features the company holds to be must-haves."""
    features = base.frames.get("features")
    if features is None or "must_have" not in features:
        return frozenset()
    return frozenset(features.loc[features["must_have"].fillna(value=0) == 1, "feature"].astype(str))


# --- What each research method says about this company: estimated when first asked for, or why it cannot be

STARTS = 3
METHODS = {
    "price_sensitivity": "survey_price_sensitivity",
    "price_ladder": "survey_price_ladder",
    "choices": "survey_choice",
    "best_worst": "survey_best_worst",
    "feature_fit": "survey_feature_fit",
}
METHODS_SHOWN = (*METHODS, "features")
"""The methods in the order they are read, and last what all of them say together about features."""
WOULD_ADD = {
    "price_sensitivity": say("which_prices_people_find_too"),
    "price_ladder": say("how_many_would_buy_at"),
    "choices": say("what_each_feature_and_each"),
    "best_worst": say("which_features_matter_most_from"),
    "feature_fit": say("which_features_are_expected_which"),
}


@dataclass(frozen=True, eq=False)
class ResearchAnswers:
    """The answers of every method on one customer base; each attribute is None where its table is missing.

    A method whose answers cannot be used is None too, and `problem` says why.
    """

    base: CustomerBase
    overstatement: Overstatement
    estimated: Callable[[], Mapping[str, tuple[Any, str]]] | None = None
    drawn: dict[str, tuple[Any, ...]] = field(default_factory=dict, repr=False)
    _problems: dict[str, str] = field(default_factory=dict, repr=False)

    def problem(self, method: str) -> str:
        """Return why the answers of a method cannot be used, "" when they can or there are none."""
        return self._problems.get(method, "") if getattr(self, method) is None else ""

    def take_over(self, other: ResearchAnswers) -> None:
        """Take the estimates of another reading of stated prices that do not depend on how far they overstate."""
        for name in ("items", "choices", "best_worst", "feature_fit", "features", "feature_worth"):
            if name in other.__dict__:
                self.__dict__[name] = other.__dict__[name]
                if name in other._problems:
                    self._problems[name] = other._problems[name]

    @cached_property
    def currency(self) -> str:
        """Return the currency of every price."""
        return self.base.currency or NO_CURRENCY

    @cached_property
    def price_sensitivity(self) -> PriceSensitivity | None:
        """Return the price points of the four price questions."""
        from workbench.research.price_sensitivity import van_westendorp  # noqa: PLC0415 - loaded when there are answers

        return self._estimate("price_sensitivity", self._sensitivity(van_westendorp))

    @cached_property
    def sensitivity_by_segment(self) -> SegmentPrices | None:
        """Return the price points of every segment, None where respondents name no segments or too few answered."""
        from workbench.research.price_sensitivity import by_segment  # noqa: PLC0415 - as above

        frame = self.base.frames.get(METHODS["price_sensitivity"])
        if self.price_sensitivity is None or frame is None or "segment" not in frame:
            return None
        if len(frame["segment"].dropna().unique()) <= 1:
            return None
        return self._estimate("price_sensitivity", self._sensitivity(by_segment))

    @cached_property
    def price_ladder(self) -> PriceLadder | None:
        """Return who buys at which price of the ladder."""
        from workbench.research.price_ladders import gabor_granger  # noqa: PLC0415 - as above

        return self._estimate(
            "price_ladder", lambda frame: gabor_granger(frame, overstatement=self.overstatement, currency=self.currency)
        )

    @cached_property
    def items(self) -> tuple[SurveyItem, ...]:
        """Return what the attributes of the choice survey stand for."""
        frame = self.base.frames.get(METHODS["choices"])
        if frame is None:
            return ()
        features = () if not self.base.has("features") else tuple(self.base.frames["features"]["feature"])
        return survey_items(frame, features, self.base.metrics)

    @cached_property
    def choices(self) -> MixedModel | None:
        """Return what people's choices between whole offers say their parts are worth."""
        from workbench.research.conjoint.mixed import fit_mixed_logit  # noqa: PLC0415 - as above

        return self._estimate(
            "choices",
            lambda frame: fit_mixed_logit(
                with_scales(frame, self.items),
                attributes=[*(item.column for item in self.items), *worded_columns(frame)],
                starts=STARTS,
                currency=self.currency,
            ),
        )

    @cached_property
    def best_worst(self) -> MaxDiff | None:
        """Return how features rank by choices of best and worst."""
        from workbench.research.best_worst import maxdiff  # noqa: PLC0415 - as above

        return self._estimate("best_worst", maxdiff)

    @cached_property
    def feature_fit(self) -> Kano | None:
        """Return which features are expected, which delight and which leave people cold."""
        from workbench.research.kano_model import kano  # noqa: PLC0415 - as above

        return self._estimate("feature_fit", kano)

    @cached_property
    def features(self) -> FeatureValues:
        """Return what all methods and observed use say together about every feature."""
        from workbench.research.feature_placement import feature_values  # noqa: PLC0415 - as above

        return feature_values(self.base, self.best_worst, self.feature_fit, self.feature_worth)

    @cached_property
    def feature_worth(self) -> dict[str, Interval]:
        """Return what each feature of the choice survey is worth a month to the middle respondent."""
        if self.choices is None:
            return {}
        worth = self.choices.willingness_to_pay().intervals
        return {
            item.stands_for if item.is_known else heading(attribute_words(item.attribute)): worth[item.column]
            for item in self.items
            if item.kind == "feature" and item.column in worth
        }

    @property
    def missing(self) -> tuple[Missing, ...]:
        """Return the survey tables that are not there, and what each would add."""
        return tuple(Missing(METHODS[name], why) for name, why in WOULD_ADD.items() if not self.base.has(METHODS[name]))

    def _sensitivity(self, method: Callable[..., Any]) -> Callable[[pd.DataFrame], Any]:
        return partial(method, overstatement=self.overstatement, currency=self.currency)

    def _estimate(self, name: str, method: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - each method has its own result
        frame = self.base.frames.get(METHODS[name])
        if frame is None or not len(frame):
            return None
        if self.estimated is not None and name in _OF_ANSWERS_ALONE:
            found, problem = self.estimated()[name]
            if problem:
                self._problems[name] = problem
            return found
        try:
            return method(frame)
        except WorkbenchError as error:
            self._problems[name] = str(error)
            return None


_OF_ANSWERS_ALONE = ("choices", "best_worst", "feature_fit")
"""Estimates that nothing but the answers changes, so that they can be begun before anybody asks for them."""


def _estimates(base: CustomerBase) -> dict[str, tuple[Any, str]]:
    """Return what the answers alone say, by method, and why they cannot be used."""
    answers = ResearchAnswers(base, Overstatement(1.0, 1.0))
    return {name: (getattr(answers, name), answers.problem(name)) for name in _OF_ANSWERS_ALONE}


# --- Where willingness to pay comes from

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
        why = (answers.problem("choices") if wanted == "choices" else "") or say(
            "the_table_is_missing", needs=NEEDS[wanted]
        )
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


def worth_from_source(
    answers: ResearchAnswers, source: Source, *, draws: int | None = None, seed: int = 0
) -> AccountWorth:
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
        plans = list_of_today(answers.base).plans if answers.base.has("plans") else ()
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
        core = (Assumed(say("part_of_the_worth_that"), *self.core),)
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
    return known.worth(imputed, customers, say("what_customers_pay_today_and"), seen.assumed, (*seen.cautions, *said))


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


def _about_linked(limits: LimitsPerUnit, accounts: int) -> tuple[Caution, ...]:
    linked = len(np.unique(limits.account[limits.account >= 0]))
    words = say("of_answered_themselves_the_others", linked=linked, accounts=accounts, value=linked / accounts)
    words += say("are_worth_what_their_size")
    if not linked:
        words = say("no_respondent_is_linked_to")
        words += say("their_segment_linked_answers_would")
    return (Caution(words, "note"),)


def _allowance(item: SurveyItem) -> Allowance:
    return Allowance(item.stands_for, lambda amount: on_scale(item, amount), item.most)


_AS_STATED = Overstatement(1.0, 1.0)

# --- The slow part of asking who buys what

_KEPT_DESIGNS = 4

WHY_UNKNOWN: Mapping[str, str] = {
    "few answers": say("fewer_than_usable_answers_say", least_answers=LEAST_ANSWERS),
    "below the own bill": say("more_than_of_respondents_state", most_below_bill=MOST_BELOW_BILL),
    "no order": say("what_respondents_state_has_nothing", least_explained=LEAST_EXPLAINED),
}


@dataclass(frozen=True, eq=False)
class SourcedDemand:
    """Demand from one source of answers. `today` is today's price list, None where none is recorded.

    `about` holds what to know about the choice of source and rivals.
    """

    source: Source
    demand: Demand
    today: PriceBook | None = None
    about: tuple[Caution, ...] = ()

    @cached_property
    def fit(self) -> Fit | None:
        """Return how it puts customers on today's plans: printed beside the result, and used for nothing."""
        if self.today is None:
            return None
        try:
            return fit_to_today(self.demand, self.today)
        except DemandError:
            return None

    @property
    def why_unknown(self) -> Unknown | None:
        """Return why nothing may be concluded from what people said, None where it may."""
        worth = self.demand.worth
        return worth.imputed.why_unknown if isinstance(worth, AccountWorth) else None

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """Return what to know before anything is read from it."""
        return (*self.about, *self.demand.cautions)


@dataclass(frozen=True, eq=False)
class DemandEvidence:
    """Answers and demand of one customer base; `today` is its price list, None where none is recorded.

    `rivals` are the competitors' offers with a price, which a team can name as another choice.
    Estimates and demand are made when first asked for, and kept; so are the designs put before the customers
    lately, and the searches for prices with what they depend on, made or begun.
    """

    base: CustomerBase
    today: PriceBook | None
    rivals: tuple[Rival, ...]
    seed: int = 0
    draws: int | None = None
    designs: list[Any] = field(default_factory=list, repr=False)
    searches: list[tuple[Any, Any]] = field(default_factory=list, repr=False)
    begun: list[tuple[Any, Callable[[], Any]]] = field(default_factory=list, repr=False)
    _estimated: Callable[[], Mapping[str, tuple[Any, str]]] | None = None
    _answers: dict[tuple[float, float], ResearchAnswers] = field(default_factory=dict, repr=False)
    _sourced: dict[tuple[object, ...], SourcedDemand] = field(default_factory=dict, repr=False)

    def seeded(self, seed: int) -> DemandEvidence:
        """Return the evidence with random numbers that start there; itself where they do."""
        if seed == self.seed:
            return self
        return DemandEvidence(self.base, self.today, self.rivals, seed, self.draws, _estimated=self._estimated)

    def design_of(self, make: Callable[..., Any], decision: WillingnessDecision, book: PriceBook) -> Any:  # noqa: ANN401 - a design before its customers
        """Return a price book before the customers; what was worked out for those seen last is used again."""
        made = make(self.sourced(decision), book, *self.designs)
        others = (each for each in self.designs if each.task is not made.task)
        self.designs[:] = [made, *others][:_KEPT_DESIGNS]
        return made

    def answers(self, decision: WillingnessDecision) -> ResearchAnswers:
        """Return what the methods say, with stated prices read as the decision says."""
        ends = (decision.overstated_low, decision.overstated_high)
        if ends not in self._answers:
            answers = ResearchAnswers(self.base, Overstatement(*ends), self._estimated)
            for known in self._answers.values():  # choices and features do not depend on how far prices overstate
                answers.take_over(known)
            self._answers[ends] = answers
        return self._answers[ends]

    def sourced(self, decision: WillingnessDecision) -> SourcedDemand:
        """Return demand as the decision says; DemandError when nothing says anything.

        The best source there is: the first whose answers say something, of choices, ladder, price sensitivity and
        what customers pay, those linked to accounts before the others; the first of all where none does. A source
        that is passed over is named in a caution, with the reason.
        """
        key = self._key(decision.source, decision)
        if key not in self._sourced:
            self._sourced[key] = self._best_of(usable(self.answers(decision), decision.source), decision)
        return self._sourced[key]

    def _best_of(self, sources: tuple[Source, ...], decision: WillingnessDecision) -> SourcedDemand:
        tried: list[SourcedDemand] = []
        refused: list[Caution] = []
        for source in linked_first(self.answers(decision), sources):
            try:
                tried.append(self._sourced_from(source, decision))
            except WorkbenchError as error:
                refused.append(Caution(f"Not from {source}: {error}"))
                continue
            if tried[-1].why_unknown is None and source != "what customers pay":
                break
        if not tried:
            raise DemandError(" ".join(each.text for each in refused), "Correct the answers, or use another source.")
        best = next((each for each in tried if each.why_unknown is None), tried[0])
        refused += [
            Caution(f"Not from {each.source}: {WHY_UNKNOWN[each.why_unknown]}")
            for each in tried
            if each is not best and each.why_unknown is not None
        ]
        return replace(best, about=(*refused, *best.about)) if refused else best

    def _key(self, source: Source, decision: WillingnessDecision) -> tuple[object, ...]:
        lacks = (decision.rivals_lack_low, decision.rivals_lack_high)
        said = (decision.overstated_low, decision.overstated_high)
        return (source, said, decision.rule, decision.rivals, lacks if decision.rivals else None)

    def _sourced_from(self, source: Source, decision: WillingnessDecision) -> SourcedDemand:
        key = self._key(source, decision)
        if key not in self._sourced:
            worth = worth_from_source(self.answers(decision), source, draws=self.draws, seed=self.seed)
            if self.today is not None:
                customers, about = with_own_discounts(worth.customers, self.today)
                worth = replace(worth, customers=customers, cautions=(*worth.cautions, *about))
            lacks = (decision.rivals_lack_low, decision.rivals_lack_high)
            rivals = tuple(replace(each, lacks=lacks) for each in self.rivals if each.name in decision.rivals)
            demand = Demand(worth=worth, rule=decision.rule, rivals=rivals, seed=self.seed, chose_from=self.today)
            self._sourced[key] = SourcedDemand(source, demand, self.today, self._without_price(decision))
        return self._sourced[key]

    def _without_price(self, decision: WillingnessDecision) -> tuple[Caution, ...]:
        known = {each.name for each in self.rivals}
        return tuple(
            Caution(say("is_named_as_a_competitor", name=name)) for name in decision.rivals if name not in known
        )


def gather(base: CustomerBase, *, seed: int = 0, draws: int | None = None) -> DemandEvidence:
    """Gather what says who would buy what; nothing slow is done before it is asked for."""
    offers = read_offers(base.competitor_offers, base.currency or "", base.metrics)
    rivals = tuple(
        Rival(offer.name, offer.plan)
        for offer in offers
        if offer.kind == "plan" and not offer.problem and offer.plan.priced and base.currency in ("", offer.currency)
    )
    estimated = meanwhile(partial(_estimates, base)) if copies() else None
    today = list_of_today(base) if base.has("plans") else None
    return DemandEvidence(base, today, rivals, seed, draws, _estimated=estimated)
