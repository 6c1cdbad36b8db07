"""Scenarios side by side: what each decides, earns and breaks, as tables and charts; and where two of them differ."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import ValidationError

from workbench.formatting import (
    UNKNOWN,
    capitalised,
    count,
    exact,
    exact_money,
    figure_change,
    figure_value,
    money,
    quantity,
)
from workbench.locales import NO_CURRENCY
from workbench.rules.rulebook import STATUSES
from workbench.stages import marks
from workbench.stages.contract import FIELD, STAGES, decision_class, evaluate_scenario, gather_evidence, step_title
from workbench.stages.figure import PALETTE, Figure
from workbench.stages.offers import AddOnChoice, TierDecision, add_on_price_words
from workbench.stages.price_book import list_of_today
from workbench.stages.study_replay import recorded_figures
from workbench.study.merging import ABSENT, compare_scenarios
from workbench.tables import TEXT, DataTable, Kind, Money, Own
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.customers.base import CustomerBase
    from workbench.pricing.price_book import Plan
    from workbench.results import KeyFigure
    from workbench.rules.rulebook import Finding
    from workbench.stages.contract import StageOutcome
    from workbench.study.document import Study
    from workbench.study.merging import FieldDifference
    from workbench.study.model import Scenario, Waiver

say = texts(__name__)

# --- One scenario of a comparison: its decisions, figures and findings

NOT_DECIDED = "Not decided yet"
SET_ASIDE, SET_SO = "set aside", "set so"
VERDICTS = ("ok", SET_SO, *reversed(STATUSES[:-1]), SET_ASIDE)


@dataclass(frozen=True)
class ScenarioColumn:
    """A design scenario with the outcome of every stage.

    Stages that put the offer to a test are not compared: what they find takes a while and has a place of its own.
    Figures and findings are those of the stages it has decided: a stage still open speaks about nothing anybody chose.
    """

    scenario: Scenario
    outcomes: tuple[StageOutcome, ...]
    is_chosen: bool = False

    @property
    def name(self) -> str:
        """Return the scenario's name."""
        return self.scenario.name

    @property
    def decided(self) -> tuple[StageOutcome, ...]:
        """Return the outcomes of the stages it has decided."""
        return tuple(each for each in self.outcomes if each.stage.designs and self.scenario.decided(each.stage.key))

    @property
    def figures(self) -> dict[tuple[str, str], KeyFigure]:
        """Return key figures by the title of their stage and their label."""
        return {(each.stage.title, figure.label): figure for each in self.decided for figure in each.result.key_figures}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return the findings of the stages it has decided, those set aside marked as such."""
        return tuple(finding for _, finding in self.findings_by_stage)

    @property
    def findings_by_stage(self) -> tuple[tuple[str, Finding], ...]:
        """Return the same findings, each with the key of its stage."""
        return tuple((each.stage.key, finding) for each in self.decided for finding in each.result.findings)

    def has_decided(self, stage_key: str) -> bool:
        """Tell whether the design has decided a stage."""
        return any(each.stage.key == stage_key for each in self.decided)

    @property
    def counts(self) -> dict[str, int]:
        """Count the findings by verdict; "set so" are met by construction, "set aside" overridden by the team."""
        verdicts = [_verdict(finding) for finding in self.findings]
        return {verdict: verdicts.count(verdict) for verdict in VERDICTS}

    @property
    def open_breaches(self) -> tuple[Finding, ...]:
        """Return the rules that are not met and not set aside."""
        return tuple(finding for finding in self.findings if finding.status == "breach" and finding.is_open)

    @property
    def revenue(self) -> KeyFigure | None:
        """Return what the tiers bring a month with its change against today, None while no tiers are decided."""
        tiers = next((each for each in self.decided if each.stage.key == TierDecision.stage), None)
        figures = () if tiers is None else tiers.result.key_figures
        return next((figure for figure in figures if figure.unit.isupper()), None)

    def decision_on(self, stage_key: str) -> str:
        """Return the decision of a stage as one sentence, or that there is none yet."""
        return next((each.summary for each in self.decided if each.stage.key == stage_key), NOT_DECIDED)


def _verdict(finding: Finding) -> str:
    if finding.waiver:
        return SET_ASIDE
    return SET_SO if finding.is_set_so else finding.status


# --- What stands in the column of today: what the price list says, and what designs are measured against

TODAY = "Today"
NOT_RECORDED = "Not on record"
NOT_THERE = "\N{EN DASH}"


def decisions_today(base: CustomerBase) -> dict[str, str]:
    """Return what today's price list says, by the stage it answers; nothing where there is no price list."""
    plans = list_of_today(base).plans
    if not plans:
        return {}
    metrics = tuple(dict.fromkeys(charge.metric for plan in plans for charge in plan.charges))
    charged = (
        say("the_price_grows_with", metrics=", ".join(metrics)) if metrics else say("the_price_grows_with_nothing")
    )
    listed = ", ".join(f"{plan.name} ({_price(plan, base.currency or NO_CURRENCY)})" for plan in plans)
    return {"value_metric": charged, "tiers": f"{count('plan', len(plans))}: {listed}."}


def value_today(figures: Sequence[KeyFigure]) -> str:
    """Return today's value of a figure from its changes against today in several designs; many figures have none.

    Where the designs are measured on different accounts, today's value differs with them and its range is given.
    """
    values = sorted(
        figure.value - figure.change for figure in figures if figure.value is not None and figure.change is not None
    )
    if not values:
        return UNKNOWN if any(figure.held_against_today for figure in figures) else NOT_THERE
    texts = [quantity(value, figures[0].unit, figures[0].digits) for value in (values[0], values[-1])]
    return texts[0] if texts[0] == texts[1] else say("to_by_the_accounts_compared", texts=texts[0], texts_2=texts[1])


def _price(plan: Plan, currency: str) -> str:
    if plan.base_fee is None:
        return "on request"
    fixed = [exact_money(plan.base_fee, currency)] if plan.base_fee or not plan.charges else []
    return " + ".join([*fixed, *(charge.describe(currency).rstrip(".") for charge in plan.charges)])


# --- Compare the scenarios of a study on the same customers: decisions, figures and findings as tables

FIGURES_CAPTION = say("change_against_today_in_brackets")
VERDICT_WORDS = {
    "ok": "Met",
    "set so": "Set so",
    "watch": "Watch",
    "breach": "Not met",
    "unknown": "Unknown",
    "set aside": "Set aside",
}
NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class ScenarioComparison:
    """The designs of a study side by side, in the study's order, with today's figures on record.

    `today` are recorded figures of the whole customer base, `decided_today` what today's price list says where a
    stage asks. The frames are ready for reading; their first column names the rows.
    """

    columns: tuple[ScenarioColumn, ...]
    today: tuple[KeyFigure, ...]
    decided_today: Mapping[str, str]
    currency: str

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the designs."""
        return tuple(column.name for column in self.columns)

    def column(self, scenario_id: str) -> ScenarioColumn:
        """Return one design; KeyError when it is not compared."""
        found = next((each for each in self.columns if each.scenario.id == scenario_id), None)
        if found is None:
            known = ", ".join(each.scenario.id for each in self.columns)
            raise KeyError(f"no scenario {scenario_id!r} in this comparison; it has {known}")
        return found

    def decisions(self) -> pd.DataFrame:
        """Return one row per stage: its decision today and in each design, in a sentence each."""
        today = self.decided_today
        rows = [
            (stage.title, today.get(stage.key, NOT_RECORDED), *(each.decision_on(stage.key) for each in self.columns))
            for stage in STAGES
            if stage.designs
        ]
        return self._frame("Stage", rows)

    def figures(self, *, measured_over: bool = False) -> DataTable:
        """Return one row per key figure that a design has: its value today and in each design, with the change.

        `measured_over` adds period and population, as the first design says them.
        """
        keys = dict.fromkeys(key for column in self.columns for key in column.figures)
        rows = []
        for stage, label in keys:
            found = [column.figures.get((stage, label)) for column in self.columns]
            known = [figure for figure in found if figure is not None]
            about = ", ".join(filter(None, (known[0].period, known[0].population)))
            rows.append((f"{stage}: {label}", value_today(known), *map(_figure_cell, found), about))
        columns = [(name, TEXT) for name in ("Key figure", TODAY, *self.names, "Period and population")]
        table = DataTable.of_rows(columns, rows)
        return table if measured_over else replace(table, columns=table.columns[:-1])

    def verdicts(self) -> pd.DataFrame:
        """Return one row per verdict: how many findings of each design have it."""
        counts = [column.counts for column in self.columns]
        rows = [(VERDICT_WORDS[verdict], *(count[verdict] for count in counts)) for verdict in VERDICTS]
        return pd.DataFrame(rows, columns=["Findings", *self.names])

    def rules(self, *, differing: bool = False) -> pd.DataFrame:
        """Return one row per rule and subject: its verdict in each design; `differing` leaves out where all agree."""
        places = {_place(finding): stage for column in self.columns for stage, finding in column.findings_by_stage}
        found = [{_place(finding): finding for finding in column.findings} for column in self.columns]
        rows = []
        for place in sorted(places, key=lambda place: _order(place[0])):
            words = [each[place].status_word if place in each else NOT_CHECKED for each in found]
            # A design that has not come to the stage agrees and disagrees with nobody.
            told = {word for word, column in zip(words, self.columns, strict=True) if column.has_decided(places[place])}
            if not differing or len(told) > 1:
                rows.append((*place, *words))
        return pd.DataFrame(rows, columns=["Rule", "What it asks", "About", *self.names])

    def rows(self) -> DataTable:
        """Return decisions, key figures and counts of findings as one table, for a report."""
        shown = len(self.names) + 2
        parts = (self.decisions(), self.figures().frame.iloc[:, :shown])
        rows = [row for part in parts for row in part.itertuples(index=False, name=None)]
        for verdict, *counts in self.verdicts().itertuples(index=False, name=None):
            rows.append((f"Rules: {verdict.lower()}", NOT_THERE, *counts))
        return DataTable.of_rows([("", TEXT), (TODAY, TEXT), *((name, TEXT) for name in self.names)], rows)

    def _frame(self, heading: str, rows: Sequence[tuple[str, ...]]) -> pd.DataFrame:
        return pd.DataFrame(rows, columns=[heading, TODAY, *self.names], dtype=object)


def compare_side_by_side(
    base: CustomerBase, study: Study, evidence: Mapping[str, Any] | None = None, *, seed: int = 0
) -> ScenarioComparison:
    """Evaluate every design of a study on the same customers and draws, and put them side by side.

    `evidence` may hold what `stages.walk.gather_evidence` returned, to save the time it takes.
    """
    shared = gather_evidence(base) if evidence is None else evidence
    outcomes = {each.id: evaluate_scenario(base, study, each, seed=seed, evidence=shared) for each in study.designs}
    return compare_outcomes(base, study, outcomes)


def compare_outcomes(
    base: CustomerBase, study: Study, outcomes: Mapping[str, tuple[StageOutcome, ...]]
) -> ScenarioComparison:
    """Put designs side by side whose stages have been evaluated already; designs without outcomes are left out."""
    chosen = study.chosen.scenario_id if study.chosen else ""
    columns = tuple(
        ScenarioColumn(scenario, outcomes[scenario.id], scenario.id == chosen)
        for scenario in study.designs
        if scenario.id in outcomes
    )
    return ScenarioComparison(columns, recorded_figures(base), decisions_today(base), base.currency or NO_CURRENCY)


@dataclass(frozen=True, slots=True)
class _Figured(Kind):
    """A key figure with its change against today in brackets."""

    def _written(self, value: KeyFigure) -> str:
        change = figure_change(replace(value, change=None if value.change == 0 else value.change))
        return f"{figure_value(value)} ({change})" if change else figure_value(value)

    def spreadsheet(self, value: KeyFigure) -> tuple[str, str]:
        """Return the words: two numbers in a cell are none that can be added."""
        return self.text(value), ""


_FIGURED = _Figured()


def _figure_cell(figure: KeyFigure | None) -> Own | str:
    return NOT_THERE if figure is None else Own(figure, _FIGURED)


def _place(finding: Finding) -> tuple[str, str, str]:
    return (finding.rule_id, finding.title, finding.subject)


def _order(rule_id: str) -> int:
    from workbench.rules.rulebook import RULEBOOK  # noqa: PLC0415 - only sorting needs the order of the rules

    ids = [rule.id for rule in RULEBOOK]
    return ids.index(rule_id) if rule_id in ids else len(ids)


# --- Where two scenarios differ, field by field, in words

LONGEST = 240
_NUMBER = re.compile(r"-?\d+(\.\d+)?")  # exact numbers are kept as text
_FIXED_CHOICE = re.compile(r"[a-z]+(_[a-z]+)+")
ADD_ONS, WAY = ("stages", "add_ons", "add_ons"), ("stages", "migration")
PRICES = frozenset({"price", "overage", "base_fee", "unit_price", "flat_fee", "free_baseline"})


def differences_frame(left: Scenario, right: Scenario, currency: str = NO_CURRENCY) -> pd.DataFrame:
    """Return one row per field in which two scenarios differ: where, and its value in each; prices in `currency`."""
    rules = {waiver.id: _rule(waiver) for waiver in (*left.waivers, *right.waivers)}
    rows = [
        (_where(each, rules), *(_told(value, each, currency) for value in (each.left, each.right)))
        for each in compare_scenarios(left, right)
        if FIELD not in each.path  # marks of a starting point are no choice of anybody
    ]
    return pd.DataFrame(rows, columns=["Setting", left.name, right.name], dtype=object)


def _told(value: object, difference: FieldDifference, currency: str) -> str:
    try:
        if difference.path[:-1] == ADD_ONS:
            return "not sold" if value is ABSENT else _add_on(AddOnChoice.model_validate(value), currency)
        if difference.path == WAY and value is not ABSENT:
            way: Any = decision_class("migration").model_validate(value)
            return str(way.policies()[way.policy].describe())
    except (ValidationError, KeyError):  # of another version, or of a stage that is gone; shown as it is
        return decision_in_words(value)
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        return _waived(value, difference)
    is_price = bool(PRICES & set(difference.path[-2:]))
    return exact_money(Decimal(value), currency) if is_price else exact(Decimal(value))


def _add_on(choice: AddOnChoice, currency: str) -> str:
    """Write a whole add-on as a customer would meet it: its price, when it is offered, and how many should buy it."""
    used = choice.usage_metric and say(
        "and_a_month_of", usage_at_least=choice.usage_at_least, usage_metric=choice.usage_metric
    )
    expected = say("to_of_those_eligible_expected", attach_low=choice.attach_low, attach_high=choice.attach_high)
    return say(
        "offered_after",
        add_on_price_words=add_on_price_words(choice, currency),
        tenure_days=choice.tenure_days,
        used=used,
        expected=expected,
    )


def decision_in_words(value: object) -> str:
    """Write a value of a study document for a reader: lists and groups in one line, what is not set said so."""
    text = _in_words(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def _in_words(value: object) -> str:
    if value is ABSENT:
        return "not there"
    if isinstance(value, list):
        return ", ".join(map(_in_words, value)) or "none"
    if isinstance(value, dict):
        return "; ".join(f"{_plain(key)}: {_in_words(each)}" for key, each in value.items()) or "none"
    return _plain_value(value)


def _plain_value(value: object) -> str:
    if value is None or value == "":
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return exact(value)
    text = str(value)
    # A choice among fixed ones, such as usage_based, reads as words; what people wrote stays as they wrote it.
    return _plain(text) if _FIXED_CHOICE.fullmatch(text) else text


def _waived(value: object, difference: FieldDifference) -> str:
    """Write a rule set aside as its reason and who gave it; everything else in words."""
    if _is_waiver(difference) and isinstance(value, dict):
        return f"{value['reason']} ({value['who']})"
    return "in force" if _is_waiver(difference) and value is ABSENT else decision_in_words(value)


def _is_waiver(difference: FieldDifference) -> bool:
    return difference.path[0] == "waivers" and len(difference.path) == len(("waivers", "id"))


def _rule(waiver: Waiver) -> str:
    return f"{waiver.rule} ({waiver.subject})" if waiver.subject else waiver.rule


def _where(difference: FieldDifference, rules: Mapping[str, str]) -> str:
    """Name the field by the title of its stage and the words of its path, a waiver by its rule."""
    if difference.path[0] == "waivers" and len(difference.path) > 1:
        field = "".join(f", {_plain(step)}" for step in difference.path[2:])
        return say("rule_set_aside", get=rules.get(difference.path[1], difference.path[1]), field=field)
    if difference.path[0] != "stages":
        return capitalised(difference.where)
    if len(difference.path) == 1:
        return "All stages"
    key = difference.path[1]
    inside = difference.where.removeprefix("stages > ").removeprefix(_plain(key)).removeprefix(" > ")
    # The list of a stage that is called as the stage itself is not named twice.
    inside = inside.removeprefix(f"{_plain(key)} > ")
    title = step_title(key)
    return f"{title}: {inside}" if inside else f"{title}: whole decision"


def _plain(key: str) -> str:
    return key.replace("_", " ")


# --- Charts of a comparison

SCENARIO, TODAY_THERE = "scenario", "today, the same accounts"
_ROW = 36
_FRAME = 70
_COLOURS = {**PALETTE.statuses, "set so": PALETTE.ours, "set aside": PALETTE.competitor}


def figures(comparison: ScenarioComparison) -> tuple[Figure, ...]:
    """Return the charts of a comparison; revenue only when a design has decided its tiers."""
    earning = [(column.name, column.revenue) for column in comparison.columns]
    known = [(name, figure) for name, figure in earning if figure is not None and figure.value is not None]
    revenue = (_revenue(known, comparison.currency),) if known else ()
    checked = (_findings(comparison),) if any(column.findings for column in comparison.columns) else ()
    return (*revenue, *checked)


def _revenue(known: list[tuple[str, KeyFigure]], currency: str) -> Figure:
    rows = [(name, figure.value, _today(figure)) for name, figure in known]
    frame = pd.DataFrame(rows, columns=["scenario", "revenue", "today"])
    names = tuple(frame["scenario"])
    return Figure(
        key="revenue",
        title="Revenue a month",
        description=say("bars_of_monthly_revenue_for", names=", ".join(names)),
        reading=_revenue_reading(known, currency),
        build=marks.picture(
            marks.bars(height=18).as_role(SCENARIO),
            marks.ticks("today", 28, thickness=4).as_role(TODAY_THERE),
            y=marks.by_name("scenario", names),
            x=marks.by_money("revenue", "Revenue a month", currency, marks.BIG_MONEY, scale={"zero": True}),
            by=marks.roles("kind", {SCENARIO: PALETTE.ours, TODAY_THERE: PALETTE.today}, columns=1),
        ),
        data={"revenue": frame.assign(shown=[money(value, currency) for value in frame["revenue"]])},
        table=_revenue_table(known, currency),
        table_caption=say("revenue_a_month_of_each"),
        footnotes=(say("accounts_that_cannot_be_compared"),),
        height=_FRAME + _ROW * len(names),
    )


def _revenue_reading(known: list[tuple[str, KeyFigure]], currency: str) -> str:
    if len(known) == 1:
        name, figure = known[0]
        return say("brings_a_month", name=name, value=figure.value, currency=currency, against=_against(figure))
    ranked = sorted(known, key=lambda pair: -(pair[1].value or 0))
    (best, most), (worst, least) = ranked[0], ranked[-1]
    if money(most.value, currency) == money(least.value, currency):
        return say("all_designs_bring_a_month", value=most.value, currency=currency, against=_against(most))
    return say(
        "brings_the_most_a_month",
        best=best,
        value=most.value,
        currency=currency,
        against=_against(most),
        worst=worst,
        value_2=least.value,
        against_2=_against(least),
    )


def _against(figure: KeyFigure) -> str:
    today = _today(figure)
    if not today or figure.change is None:
        return ""
    return say("against_the_same_accounts_today", value=figure.change / today)


def _revenue_table(known: list[tuple[str, KeyFigure]], currency: str) -> DataTable:
    amounts = ((name, Money(currency)) for name in ("Revenue a month", "Today"))
    columns = (("Scenario", TEXT), *amounts, ("Accounts", TEXT), ("Period", TEXT))
    rows = ((name, figure.value, _today(figure), figure.population, figure.period) for name, figure in known)
    return DataTable.of_rows(columns, rows)


def _today(figure: KeyFigure) -> float | None:
    return None if figure.change is None or figure.value is None else figure.value - figure.change


def _findings(comparison: ScenarioComparison) -> Figure:
    rows = [
        (column.name, VERDICT_WORDS[verdict], VERDICTS.index(verdict), amount)
        for column in comparison.columns
        for verdict, amount in column.counts.items()
    ]
    frame = pd.DataFrame(rows, columns=["scenario", "verdict", "order", "findings"])
    names = comparison.names
    return Figure(
        key="findings",
        title="Findings by verdict",
        description=say("stacked_bars_that_count_the", names=", ".join(names)),
        reading=_findings_reading(comparison),
        build=marks.stack_chart(
            y=marks.by_name("scenario", names),
            x=marks.by_count("findings", "Findings", ticks=None),
            by=marks.roles("verdict", {VERDICT_WORDS[each]: _COLOURS[each] for each in VERDICTS}, columns=3),
            least=1,
            form="whole",
        ),
        data={"findings": frame[frame["findings"] > 0].reset_index(drop=True)},
        table=comparison.verdicts(),
        table_caption=say("findings_of_each_design_by"),
        height=_FRAME + _ROW * len(names),
    )


def _findings_reading(comparison: ScenarioComparison) -> str:
    told = [f"{column.name}: {count('rule', len(column.open_breaches))} not met" for column in comparison.columns]
    return say("not_counting_rules_set_aside", told="; ".join(told))
