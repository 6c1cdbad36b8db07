"""Replay the scenarios of a study over its customer base, against today's prices, under the study's guardrails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.customers.windows import YEAR
from workbench.errors import StudyError
from workbench.impact import KeepPlan, account_months, check_guardrails, compare, reconcile, replay
from workbench.impact.realised import at_what_is_paid, placed_by_need
from workbench.stages.price_book import price_book
from workbench.stages.standing import scenario_standing
from workbench.stages.tiers.decision import TierDecision

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from workbench.customers import CustomerBase
    from workbench.impact import Assignment, Comparison, GuardrailReport, Reconciliation, Replay
    from workbench.impact.add_ons_owned import AddOnsOwned
    from workbench.impact.standing import Standing
    from workbench.pricing import PriceBook
    from workbench.study import Scenario, Study


@dataclass(frozen=True, slots=True, eq=False)
class ScenarioReplay:
    """One design scenario: its money on the study's basis, its replay, and what the guardrails say.

    `standing` is the money that every page of the study shows, None where nothing can be billed, and `why_no_standing`
    says why. `replay` bills the months replayed at list prices, and `lists` compares it with today's list, None where
    that is not asked for. `comparison` is what the guardrails hold: paid against paid, each account keeping its own
    discount, where payments are on record; else list against list.
    """

    scenario_id: str
    replay: Replay
    comparison: Comparison
    guardrails: GuardrailReport
    lists: Comparison | None = None
    standing: Standing | None = None
    why_no_standing: str = ""

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
    add_ons: AddOnsOwned = "none",
    committed: Collection[str] = (),
    **settings: Any,  # noqa: ANN401 - passed on to account_months, which names them
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
        How accounts find their plan in a design; by default the cheapest plan that fits, and who has a contract today
        keeps it. Today's replay keeps the plan on record.
    months
        The last so many months, or first and last month; None for the whole history.
    against_recorded
        Compare the new list as it stands with the revenue on record; takes no list of today's prices.
    add_ons, committed
        Those of `replay`, for the designs. By default their plans stand alone, as in every figure of revenue: whether
        a customer also takes an add-on is a choice.

    Raises StudyError for a scenario that offers nothing yet.
    """
    today, designs = study.baseline, [study.scenario(each) for each in _wanted(study, scenario_ids)]
    listed = bool(price_book(base, today).plans) or not (against_recorded and base.has("mrr"))
    replays: dict[str, tuple[Replay | None, Replay]] = {}
    for needs, alike in _by_needs(designs).items():
        rows = account_months(base, months=months, **{**dict(needs), **settings})
        before = None
        if listed:
            before = replay(rows, _book(base, today), assign=KeepPlan(), committed=committed, name=today.name)
        chosen = assign or placed_by_need(before)
        for each in alike:
            after = replay(rows, _book(base, each), assign=chosen, add_ons=add_ons, committed=committed, name=each.name)
            replays[each.id] = (before, after)
    baseline = replays[designs[0].id][0]
    reconciliation = None
    if baseline is not None and baseline.rows.recorded is not None:
        reconciliation = reconcile(baseline, most_unexplained=study.guardrails.most_unexplained)
    found = []
    for scenario in designs:
        before, after = replays[scenario.id]
        lists = None
        if before is not None and not against_recorded:
            lists = compare(before, after, reconciliation=reconciliation)
        comparison = _held(before, after, reconciliation, against_recorded=against_recorded)
        report = check_guardrails(comparison, study.guardrails)
        stands, why = scenario_standing(base, study, scenario)
        found.append(ScenarioReplay(scenario.id, after, comparison, report, lists, stands, why))
    return StudyReplay(baseline, reconciliation, tuple(found))


def _held(
    before: Replay | None, after: Replay, reconciliation: Reconciliation | None, *, against_recorded: bool
) -> Comparison:
    """Return what guardrails hold: paid with paid where payments are on record, list with list where none are."""
    if before is None or against_recorded:
        return compare(None, after)
    paid = after.rows.recorded is not None
    sides = at_what_is_paid(before, after) if paid else (before, after)
    return compare(*sides, reconciliation=reconciliation)


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
