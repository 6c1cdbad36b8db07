"""Replay the scenarios of a study over its customer base, against today's prices, under the study's guardrails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.customers.windows import YEAR
from workbench.errors import StudyError
from workbench.impact import CheapestThatFits, KeepPlan, check_guardrails, compare, reconcile, replay_many
from workbench.stages.price_book import price_book
from workbench.stages.tiers.decision import TierDecision

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.customers import CustomerBase
    from workbench.impact import Assignment, Comparison, GuardrailReport, Reconciliation, Replay
    from workbench.pricing import PriceBook
    from workbench.study import Scenario, Study


@dataclass(frozen=True, slots=True, eq=False)
class ScenarioReplay:
    """One design scenario: its replay, the comparison with today's prices, and what the guardrails say."""

    scenario_id: str
    replay: Replay
    comparison: Comparison
    guardrails: GuardrailReport

    @property
    def passed(self) -> bool:
        """Tell whether every guardrail is kept; where no account has two bills, nothing was held against them."""
        return self.guardrails.passed and len(self.comparison.accounts) > 0


@dataclass(frozen=True, slots=True, eq=False)
class StudyReplay:
    """All scenarios replayed over the same account-months.

    `baseline` replays today's prices; it is None where no price list is on record and designs are compared with what
    was paid. `reconciliation` is None without a baseline or without recorded revenue.
    """

    baseline: Replay | None
    reconciliation: Reconciliation | None
    scenarios: tuple[ScenarioReplay, ...]

    @property
    def first(self) -> Replay:
        """Return the replay the others stand beside: that of today's prices, or of the first design without one."""
        return self.scenarios[0].replay if self.baseline is None else self.baseline

    @property
    def passed(self) -> bool:
        """Tell whether every scenario keeps every guardrail."""
        return all(scenario.passed for scenario in self.scenarios)


def replay_study(
    base: CustomerBase,
    study: Study,
    scenario_ids: Sequence[str] | None = None,
    *,
    assign: Assignment | None = None,
    months: int | tuple[str, str] | None = YEAR,
    against_recorded: bool = False,
    **settings: Any,  # noqa: ANN401 - passed on to replay_many, which names them
) -> StudyReplay:
    """Return what scenarios would have billed, compared with today's prices and held against the guardrails.

    What an account needs is read as each scenario's tiers do, unless `settings` say.

    Parameters
    ----------
    base, study
        The customer base and the study on it.
    scenario_ids
        Design scenarios; without them the chosen one, or all designs where none is chosen yet.
    assign
        How accounts find their plan in a design; the cheapest plan that fits by default. Today's replay keeps the
        plan on record.
    months
        The last so many months, or first and last month; None for the whole history.
    against_recorded
        Compare with the revenue on record instead of the replay of today's prices; takes no list of today's prices.

    Raises StudyError for a scenario that offers nothing yet.
    """
    today, designs = study.baseline, [study.scenario(each) for each in _wanted(study, scenario_ids)]
    listed = bool(price_book(base, today).plans) or not (against_recorded and base.has("mrr"))
    todays_books = {today.name: _book(base, today)} if listed else {}
    replays: dict[str, tuple[Replay | None, Replay]] = {}
    for needs, alike in _by_needs(designs).items():
        books = {**todays_books, **{each.name: _book(base, each) for each in alike}}
        chosen: dict[str, Assignment] = dict.fromkeys(books, assign or CheapestThatFits())
        chosen |= dict.fromkeys(todays_books, KeepPlan())
        done = replay_many(base, books, assign=chosen, months=months, **{**dict(needs), **settings})
        replays |= {each.id: (done.get(today.name) if listed else None, done[each.name]) for each in alike}
    baseline = replays[designs[0].id][0]
    reconciliation = None
    if baseline is not None and baseline.rows.recorded is not None:
        reconciliation = reconcile(baseline, most_unexplained=study.guardrails.most_unexplained)
    found = []
    for scenario in designs:
        before, after = replays[scenario.id]
        comparison = compare(None, after) if against_recorded else compare(before, after, reconciliation=reconciliation)
        report = check_guardrails(comparison, study.guardrails)
        found.append(ScenarioReplay(scenario.id, after, comparison, report))
    return StudyReplay(baseline, reconciliation, tuple(found))


def _by_needs(designs: Sequence[Scenario]) -> dict[tuple[tuple[str, int], ...], list[Scenario]]:
    """Group scenarios by how they read what an account needs: one replay serves those that read it alike."""
    found: dict[tuple[tuple[str, int], ...], list[Scenario]] = {}
    for scenario in designs:
        needs = tuple(scenario.decision(TierDecision).how_needs_are_read.items())
        found.setdefault(needs, []).append(scenario)
    return found


def _wanted(study: Study, scenario_ids: Sequence[str] | None) -> tuple[str, ...]:
    if scenario_ids:
        for each in scenario_ids:
            if study.scenario(each).kind == "baseline":
                raise StudyError("The baseline is what designs are compared with.", "Name a design scenario.")
        return tuple(dict.fromkeys(scenario_ids))
    if study.chosen is not None and study.chosen.scenario_id != study.baseline.id:
        return (study.chosen.scenario_id,)
    if not study.designs:
        raise StudyError("The study has no design to replay.", "Add a design scenario first.")
    return tuple(scenario.id for scenario in study.designs)


def _book(base: CustomerBase, scenario: Scenario) -> PriceBook:
    book = price_book(base, scenario)
    if book.plans:
        return book
    if scenario.kind == "baseline":
        advice = (
            "Today's price list is the table plans; `workbench template` writes an empty one. Without it, --recorded "
            "compares with recorded revenue."
        )
    else:
        advice = "Decide its tiers or its price curve first."
    raise StudyError(f"The scenario {scenario.name!r} offers no plan, so it cannot be replayed.", advice)
