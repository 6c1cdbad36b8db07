"""Ready-made agendas, filled from the study at hand: its metrics, models, tiers, features, prices and guesses."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.cache import RecentOf
from workbench.customers.tables import SEATS
from workbench.formatting import metric_words, money, number, percent
from workbench.impact.uncertainty.behaviour import CHURN as CHURN_PER_RISE
from workbench.impact.uncertainty.behaviour import default_assumptions
from workbench.locales import NO_CURRENCY
from workbench.stages.contract import STAGES, decision_class, result_of
from workbench.stages.needs import evidence_for
from workbench.stages.offers import AddOnDecision, TierDecision, add_on_price_words, price_words, same_metric
from workbench.stages.workshop.decision import AgendaStep, Ready, WorkshopDecision
from workbench.study.model import slug
from workbench.text import entry, texts, words_at
from workbench.workshop.agenda import Agenda, Exercise, Group, Option

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from workbench.customers.base import CustomerBase
    from workbench.study.document import Study
    from workbench.study.model import Assumption, Scenario

say = texts(__name__)
CRITERIA = ("wanted", "visible", "measured")
MODELS, FEATURES, PRICES, WORTH, ADD_ON_NAMES = "models", "features", "prices", "worth", "names"
IDEAS, POINTS, RISKS, CHURN, CONFIDENCE = "ideas", "points", "risks", "churn", "confidence"
ADD_ON = "add-on"
_ORDER: dict[Ready, tuple[str, ...]] = {
    "metric_to_tiers": (*CRITERIA, MODELS, FEATURES, PRICES, RISKS, CONFIDENCE),
    "whole_redesign": (
        *CRITERIA, MODELS, IDEAS, POINTS, FEATURES, PRICES, ADD_ON_NAMES, WORTH, RISKS, CHURN, CONFIDENCE,
    ),
    "price_check": (PRICES, CHURN, RISKS, CONFIDENCE),
}  # fmt: skip
_MINUTES: dict[Ready, tuple[int, ...]] = {
    "metric_to_tiers": (10, 10, 10, 10, 15, 15, 10, 10),
    "whole_redesign": (15, 15, 15, 20, 20, 10, 35, 30, 15, 25, 15, 15, 10),
    "price_check": (15, 10, 10, 10),
}
_MODELS = ("value_metric", "tiered", "add_on", "usage_based", "hybrid")
_RISKS = ("leave", "explain", "bill", "undercut", "discount")
_MOST_CARDS = 16
_WHOLE_FROM = 100  # of money: above it cents say nothing
PRICE_REACH = 10  # how far from the price of the scenario one may go, as a factor


def ready_agenda(ready: Ready, base: CustomerBase, study: Study, scenario: Scenario) -> Agenda:
    """Return a ready-made agenda, filled from a study; what there is nothing to ask about is left out.

    Parameters
    ----------
    ready
        Which one: 90 minutes from metric to tiers, half a day for the whole redesign, 45 minutes before a launch.
    base, study, scenario
        The customers, and whose metrics, tiers, prices and guesses are asked about.
    """
    made = _Filled(base, study, scenario)
    steps = (made.step(key, minutes) for key, minutes in zip(_ORDER[ready], _MINUTES[ready], strict=True))
    kept: list[Exercise] = []
    for each in steps:
        if each is not None and (each.is_ready or each.options_from in {earlier.key for earlier in kept}):
            kept.append(each)
    roles = scenario.decision(WorkshopDecision).roles
    return Agenda(
        key=ready.replace("_", "-"), title=words_at(__package__, "ready", ready), roles=roles, exercises=tuple(kept)
    )


def further_steps(base: CustomerBase, study: Study, scenario: Scenario, taken: Iterable[str]) -> dict[str, AgendaStep]:
    """Return the exercises that can be added to an agenda, by key, filled from a study.

    Parameters
    ----------
    base, study, scenario
        The customers, and whose metrics, tiers, prices and guesses are asked about.
    taken
        Keys of exercises the agenda has.
    """
    made, have = _Filled(base, study, scenario), set(taken)
    every = {key: made.step(key, 10) for key in _KINDS if key not in have}
    return {key: each for key, each in every.items() if each is not None and (key != POINTS or IDEAS in have)}


def agenda_of(base: CustomerBase, study: Study, scenario: Scenario) -> Agenda:
    """Return the agenda of a scenario's workshop: as edited, or the ready-made one, with what is parked and to do.

    Parameters
    ----------
    base, study, scenario
        The customers, the study and the scenario the room is asked about.
    """
    decision = scenario.decision(WorkshopDecision)
    agenda = ready_agenda(decision.ready, base, study, scenario)
    if decision.exercises:
        agenda = agenda.replaced(exercises=tuple(_kept_steps(decision)))
    if decision.called:
        agenda = agenda.replaced(key=slug(decision.called), title=decision.called)
    return agenda.replaced(parked=tuple(each.name for each in decision.parked), actions=decision.actions)


def _kept_steps(decision: WorkshopDecision) -> Iterable[Exercise]:
    """Go through edited exercises that can still be asked: one that goes on with ideas needs them before it."""
    before: set[str] = set()
    for each in decision.exercises:
        roles = tuple(role for role in each.roles if role in decision.roles)
        step = Exercise.model_validate({**each.model_dump(), "roles": roles})
        if step.options_from and step.options_from not in before:
            if not step.options:
                continue
            step = step.replaced(options_from="")
        before.add(step.key)
        yield step


def frozen_agenda(base: CustomerBase, study: Study, scenario: Scenario) -> Agenda:
    """Return the agenda as a ballot freezes it: each exercise with the figure of its stage, and what the data say.

    Parameters
    ----------
    base, study, scenario
        The customers, the study and the scenario the room is asked about.
    """
    agenda = agenda_of(base, study, scenario)
    for each in agenda.exercises:
        told = said_by_data(base, study, scenario, each)
        rows = [(option.label, option.note) for option in each.options if option.note] or list(
            _figure_rows(base, scenario, each, study.currency or NO_CURRENCY)
        )
        beside = [f"{each.option(key).label}: {text}" for key, text in told.items()]
        agenda = agenda.with_exercise(
            each.replaced(figure=_table(each.title, rows), data_say=each.data_say or "; ".join(beside)[:4000])
        )
    return agenda


def _figure_rows(
    base: CustomerBase, scenario: Scenario, exercise: Exercise, currency: str
) -> Iterable[tuple[str, str]]:
    """Go through what an exercise without figures of its own is about: these accounts, and these tiers.

    It is what everybody may look up, and nothing of what the data say to the question.
    """
    if exercise.stage == "value_metric":
        for each in exercise.options:
            month = base.usage_by_month.get(each.id)
            last = base.accounts["seats"].to_numpy(dtype=float) if month is None else month[:, -1]
            used = last[last > 0]
            if used.size:
                yield each.label, say("metric_now", accounts=used.size, of=len(base), middle=float(np.median(used)))
    elif exercise.stage in ("model_fit", "tiers"):
        for tier in scenario.decision(TierDecision).tiers:
            yield tier.name, say("tier_now", price=price_words(tier, currency), features=len(tier.features))
    elif exercise.stage == "migration" and len(base.months):
        paying = base.mrr_by_month[:, -1]
        paid = float(np.nansum(paying))
        yield say("paying"), say("paying_now", accounts=int((paying > 0).sum()), paid=paid, currency=currency)


def _table(caption: str, rows: Sequence[tuple[str, str]]) -> str:
    """Return the stage's figures as a plain table, which a phone reads without anything from elsewhere."""
    if not rows:
        return ""
    lines = "".join(f'<tr><th scope="row">{escape(one)}</th><td>{escape(other)}</td></tr>' for one, other in rows)
    return f"<table><caption>{escape(caption)}</caption>{lines}</table>"


class _Filled:
    """Exercises by key, filled from a study."""

    def __init__(self, base: CustomerBase, study: Study, scenario: Scenario) -> None:
        self._base, self._study, self._scenario = base, study, scenario
        self._tiers, self._add_ons = scenario.decision(TierDecision), scenario.decision(AddOnDecision).add_ons
        self._currency = study.currency or NO_CURRENCY

    def step(self, key: str, minutes: int) -> AgendaStep | None:
        """Return an exercise with its words; None where the study has nothing to ask about."""
        kind = _KINDS[key]
        terms = getattr(self, f"_{key}", self._metrics)() if key not in (IDEAS, CONFIDENCE) else {}
        if terms is None:
            return None
        words = entry(__package__, "exercises", key).all({})
        rounds = 1 if key in (IDEAS, POINTS, ADD_ON_NAMES) else 2
        stage = _STAGES.get(key, "")
        known = {each.key for each in STAGES}
        settled = {"key": key, "kind": kind, "minutes": minutes, "rounds": rounds}
        return AgendaStep(**settled, stage=stage if stage in known else "", **words, **terms)

    def _metrics(self) -> dict[str, Any] | None:
        metrics = list(self._base.metrics)
        if not any(same_metric(each, SEATS) for each in metrics) and self._base.accounts["seats"].notna().any():
            metrics.append(SEATS)
        options = [Option(id=each, label=metric_words(each)) for each in metrics]
        return {"options": tuple(options)} if options else None

    def _models(self) -> dict[str, Any] | None:
        if "model_fit" not in {each.key for each in STAGES}:
            return None
        names = [(each, words_at(__package__, "models", each)) for each in _MODELS]
        return {"options": tuple(Option(id=key, label=name) for key, name in names)}

    def _features(self) -> dict[str, Any] | None:
        evidence = evidence_for(self._base, self._tiers, None)
        tiers = [each for each in self._tiers.tiers if not each.on_request] or list(self._tiers.tiers)
        if len(tiers) < 2 or not evidence.feature_names:  # noqa: PLR2004 - one tier is no choice
            return None
        entry = set(tiers[0].features)
        asked = [name for name in evidence.feature_names if name not in entry][:_MOST_CARDS]
        groups = (*(Group(id=each.id, label=each.name) for each in tiers), Group(id=ADD_ON, label=say("add_on")))
        return {"options": tuple(Option(id=each, label=each) for each in asked), "groups": groups} if asked else None

    def _prices(self) -> dict[str, Any] | None:
        money = [
            (each.id, each.name, float(each.price), price_words(each, self._currency))
            for each in self._tiers.tiers
            if each.price
        ]
        money += [
            (each.id, each.name, float(each.price), add_on_price_words(each, self._currency))
            for each in self._add_ons
            if each.price
        ]
        options = [
            Option(id=key, label=name, note=note, low=price / PRICE_REACH, high=price * PRICE_REACH)
            for key, name, price, note in money
        ]
        if not options:
            return None
        ends = (min(each.low or 1 for each in options), max(each.high or 1 for each in options))
        return {"options": tuple(options), "low": ends[0], "high": ends[1], "unit": self._currency, "log": True}

    def _names(self) -> dict[str, Any] | None:
        named = tuple(Option(id=each.id, label=each.name, note=each.job) for each in self._add_ons)
        return {"options": named} if named else None

    def _worth(self) -> dict[str, Any] | None:
        if "anchoring" not in {each.key for each in STAGES}:
            return None
        items: Any = self._scenario.decision(decision_class("anchoring"))
        differences = items.differentiation
        if not differences:
            return None
        reach = max(10.0, 4 * max(max(abs(each.low), abs(each.high)) for each in differences))
        options = [Option(id=each.id, label=each.label, note=say("worth_per", per=each.per)) for each in differences]
        return {"options": tuple(options), "low": -reach, "high": reach, "unit": self._currency}

    def _churn(self) -> dict[str, Any]:
        known = known_assumptions(self._study)[CHURN_PER_RISE]
        return {"options": (Option(id=known.id, label=known.label),), "low": 0, "high": 100, "unit": "%"}

    def _risks(self) -> dict[str, Any]:
        told = [(each, words_at(__package__, "risks", each)) for each in _RISKS]
        return {"options": tuple(Option(id=key, label=text) for key, text in told)}

    def _points(self) -> dict[str, Any]:
        return {"options_from": IDEAS}


_KINDS: dict[str, Any] = {
    **dict.fromkeys(CRITERIA, "score"), MODELS: "rank", FEATURES: "cards", PRICES: "price_ranges", WORTH: "ranges",
    ADD_ON_NAMES: "name", IDEAS: "ideas", POINTS: "points", RISKS: "risks", CHURN: "forecast", CONFIDENCE: "confidence",
}  # fmt: skip
_STAGES = {
    **dict.fromkeys(CRITERIA, "value_metric"), MODELS: "model_fit", FEATURES: "tiers", PRICES: "tiers",
    WORTH: "anchoring", ADD_ON_NAMES: "add_ons", CHURN: "migration",
}  # fmt: skip


# --- What the data say of each thing a room is asked about


def said_by_data(base: CustomerBase, study: Study, scenario: Scenario, exercise: Exercise) -> dict[str, str]:
    """Return what the data say of each option, by its id; options they say nothing of are left out.

    Parameters
    ----------
    base, study, scenario, exercise
        The customers, the study, the scenario asked about, and what is asked.
    """
    if exercise.kind in ("score", "rank") and exercise.stage:
        return _by_rank(base, scenario, exercise)
    if exercise.kind == "cards":
        evidence = evidence_for(base, scenario.decision(TierDecision), None)
        if evidence.used is None:
            return {}
        used = dict(zip(evidence.feature_names, evidence.used.mean(axis=0), strict=True))
        return {each.id: say("used_by", share=used[each.id]) for each in exercise.options if each.id in used}
    if exercise.kind == "price_ranges":
        placed = result_of("tiers", base, scenario)
        landing = {} if placed is None else placed.placed
        return {each.id: say("priced", note=each.note, share=landing.get(each.label)) for each in exercise.options}
    if exercise.kind == "forecast":
        known = known_assumptions(study)
        given = [(each.id, known[each.id]) for each in exercise.options if each.id in known]
        return {key: say("assumed", low=each.low, high=each.high, source=each.source) for key, each in given}
    return {}


def known_assumptions(study: Study) -> dict[str, Assumption]:
    """Return every assumption by its id: a study's own where it has one, the usual ones elsewhere.

    Parameters
    ----------
    study
        The study.
    """
    return {each.id: each for each in (*default_assumptions(), *study.assumptions)}


_orders: RecentOf[CustomerBase, tuple[str, str], Sequence[tuple[str, float, float]]] = RecentOf(8)


def _order(key: str, base: CustomerBase, scenario: Scenario) -> Sequence[tuple[str, float, float]]:
    found = result_of(key, base, scenario)
    return () if found is None or found.order is None else found.order


def _by_rank(base: CustomerBase, scenario: Scenario, exercise: Exercise) -> dict[str, str]:
    asked = scenario.without_decision(WorkshopDecision)  # what a room is asked changes nothing of what data say
    key = (exercise.stage, asked.model_dump_json())
    order = _orders.once(base, key, lambda: _order(exercise.stage, base, asked))
    return {
        name: say("ranked", place=place, of=len(order), leads=leads)
        for place, (name, _, leads) in enumerate(order, 1)
        if name in {each.id for each in exercise.options}
    }


def value_words(exercise: Exercise, value: float | None) -> str:
    """Write a number of an exercise in its unit.

    Parameters
    ----------
    exercise, value
        What was asked, and the number; None for unknown.
    """
    if value is None:
        return ""
    if exercise.kind == "cards":
        return percent(value)
    if exercise.kind == "rank":
        return number(value, 1)
    if exercise.unit == "%":
        return f"{number(value)}%"
    return money(value, exercise.unit, 0 if abs(value) >= _WHOLE_FROM else 2) if exercise.unit else number(value)
