"""What a workshop comes to: the agenda at hand, what rooms said beside the data, and what is still open."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.results import Basis
from workbench.rules.rulebook import RULEBOOK, with_waivers
from workbench.stages.contract import (
    STAGES,
    LazyTables,
    caution_maker,
    finding_maker,
    gather_nothing,
    key_figure_maker,
    later,
    result_of,
)
from workbench.stages.workshop.agendas import agenda_of, said_by_data
from workbench.stages.workshop.decision import WorkshopDecision
from workbench.stages.workshop.result import WorkshopResult
from workbench.stages.workshop.tables import (
    actions_table,
    agenda_table,
    agreement_table,
    calibration_table,
    document_of,
    objections_table,
    outcomes_table,
    pooled_table,
)
from workbench.stages.workshop.takeover import can_be_taken_over
from workbench.text import texts
from workbench.workshop.outcomes import RoomOutcome, calibration, outcomes_of
from workbench.workshop.record import HeldWorkshop, held_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.customers.base import CustomerBase
    from workbench.results import KeyFigure
    from workbench.rules.rulebook import Finding, Rulebook
    from workbench.study.document import Study
    from workbench.study.model import Scenario
    from workbench.workshop.outcomes import Calibration

say, tell, warn, find = (
    texts(__name__), key_figure_maker(__package__), caution_maker(__package__), finding_maker(__package__),
)  # fmt: skip
_JUDGED = ("value_metric", "tiers", "add_ons")  # whose broken rules a room should know of
_STALE_DAYS = 180

gather = gather_nothing


def evaluate(
    base: CustomerBase,
    scenario: Scenario,
    *,
    study: Study,
    rulebook: Rulebook | None = None,
    seed: int = 0,
    evidence: None = None,
) -> WorkshopResult:
    """Return what a scenario's workshop asks, and what the rooms of the study said.

    Parameters
    ----------
    base, scenario, study
        The customers, the scenario asked about, and the study that keeps the workshops held.
    rulebook, seed, evidence
        The rules of the checklist, the seed of intervals over people, and nothing.
    """
    del evidence
    decision, held = scenario.decision(WorkshopDecision), held_in(study)
    agenda = agenda_of(base, study, scenario)
    outcomes = _outcomes(held[-1], seed) if held else ()
    asked = [each.exercise for each in outcomes] or list(agenda.exercises)
    book = rulebook or RULEBOOK.for_study(study)
    result: WorkshopResult = WorkshopResult(
        basis=Basis(len(base), len(base)),
        decision=decision,
        base=base,
        study=study,
        scenario=scenario,
        currency=study.currency,
        agenda=agenda,
        held=held,
        outcomes=outcomes,
        data=later(lambda: {each.key: said_by_data(base, study, scenario, each) for each in asked}),
        before=later(lambda: tuple(_before(base, result))),
        after=later(lambda: tuple(_after(base, result, book))),
        calibrated=later(lambda: _calibrated(result)),
        document=later(lambda: document_of(result)),
        key_figures=tuple(_key_figures(held, outcomes)),
        findings=later(lambda: tuple(_findings(result))),
        cautions=tuple(_cautions(held, scenario)),
        tables=LazyTables(
            {
                "agenda": lambda: agenda_table(result.agenda),
                "outcomes": lambda: outcomes_table(result),
                "pooled": lambda: pooled_table(result),
                "agreement": lambda: agreement_table(result),
                "objections": lambda: objections_table(result),
                "actions": lambda: actions_table(result.decision),
                "calibration": lambda: calibration_table(result.calibrated),
            }
        ),
    )
    return result


@lru_cache(8)
def _outcomes(held: HeldWorkshop, seed: int) -> tuple[RoomOutcome, ...]:
    return outcomes_of(held, seed=seed)


def _calibrated(result: WorkshopResult) -> tuple[Calibration, ...]:
    came = {(each.workshop, each.exercise, each.option): each.value for each in result.decision.came}
    return calibration(result.held, came)


def _key_figures(held: tuple[HeldWorkshop, ...], outcomes: tuple[RoomOutcome, ...]) -> Iterable[KeyFigure]:
    if not held:
        return
    last, judged = held[-1], [each for each in outcomes if each.last is not None and each.last.agreed is not None]
    yield tell("people", last.people, period=last.held_on)
    yield tell("agreed", sum(bool(each.last and each.last.agreed) for each in judged), of=len(judged))
    both = sum(each.both for each in outcomes)
    yield tell("moved", sum(each.moved for each in outcomes) / both if both else None, both=both)
    sure = next((each.last for each in outcomes if each.exercise.kind == "confidence"), None)
    if sure is not None and sure.options:
        yield tell("confidence", sure.options[0].value, objections=len(sure.texts))


def _cautions(held: tuple[HeldWorkshop, ...], scenario: Scenario) -> Iterable[Any]:
    if held and held[-1].scenario_id and held[-1].scenario_id != scenario.id:
        yield warn("other_scenario", scenario=held[-1].scenario_id)


def _findings(result: WorkshopResult) -> Iterable[Finding]:
    if result.shown is None:
        return
    apart = [each.exercise.title for each in result.judged if each.last is not None and not each.last.agreed]
    named = [f'"{title}"' for title in apart]
    yield find("apart", "watch" if apart else "ok", measured=float(len(apart)), apart=named, of=len(result.judged))
    waiting, silent = _waiting(result), _unanswered(result)
    yield find("waiting", "watch" if waiting else "ok", measured=float(len(waiting)), waiting=waiting)
    every = len(result.objections)
    yield find("objections", "watch" if silent else "ok", measured=float(silent), silent=silent, of=every)


def _waiting(result: WorkshopResult) -> list[str]:
    """Return the titles, in quotes, of what a step would keep and no decision on record names."""
    return [f'"{e.exercise.title}"' for e in result.outcomes if can_be_taken_over(e) and not result.is_on_record(e)]


def _unanswered(result: WorkshopResult) -> int:
    return sum(not answer for _, answer in result.objections)


# --- Before and after


def _before(base: CustomerBase, result: WorkshopResult) -> Iterable[tuple[str, bool]]:
    months = base.months
    loaded = len(base) > 0 and len(months) > 0
    yield say("data", accounts=len(base), last=f"{months[-1]:%Y-%m}" if loaded else ""), loaded
    stale, offers = _stale_prices(base)
    yield say("stale", stale=stale, offers=offers), stale == 0
    decided = {each.stage for each in result.study.decisions if each.scenario_id == result.scenario.id}
    still_open = [each.title for each in STAGES if each.designs and each.key not in decided]
    yield say("open", names=still_open), not still_open
    idle = [each.title for each in result.agenda.exercises if not (each.is_ready or each.options_from)]
    yield say("ready", names=idle, exercises=len(result.agenda.exercises)), not idle


def _stale_prices(base: CustomerBase) -> tuple[int, int]:
    """Count prices of competitors seen long before the day one stands on, and all of them."""
    offers = base.competitor_offers
    if offers is None or not len(base.months):
        return 0, 0
    today = pd.Timestamp(base.as_of or base.months[-1] + pd.offsets.MonthEnd(0))
    return int(((today - offers["seen_on"]).dt.days > _STALE_DAYS).sum()), len(offers)


def _after(base: CustomerBase, result: WorkshopResult, rulebook: Rulebook) -> Iterable[tuple[str, bool]]:
    waiting = _waiting(result)
    yield say("waiting", names=waiting), not waiting
    broken = []
    for key in _JUDGED:
        found = result_of(key, base, result.scenario, rulebook=rulebook)
        broken += [
            f"{each.rule_id} {each.title}"
            for each in with_waivers(() if found is None else found.findings, result.scenario.waivers)
            if each.status == "breach" and each.is_open
        ]
    yield say("broken", names=broken), not broken
    silent = _unanswered(result)
    yield say("objections", silent=silent, of=len(result.objections)), silent == 0
    open_tasks = [each.what for each in result.decision.actions if not (each.who and each.due)]
    yield say("tasks", names=open_tasks, of=len(result.decision.actions)), not open_tasks
