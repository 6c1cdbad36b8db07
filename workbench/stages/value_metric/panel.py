"""The panel of the stage: what the data tells, weights and order, team scores, price curve."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from workbench.rendering import html
from workbench.rendering.controls import button, choice, number_box, number_grid, row, show, show_grid, text_box
from workbench.rendering.panel import StagePanel
from workbench.rendering.widgets import GridColumn, HtmlBlock
from workbench.stages.value_metric.decision import CRITERIA, IDEAS, SHORT_CRITERIA, TeamScores
from workbench.stages.value_metric.evaluation import STARTING_RATIOS
from workbench.stages.value_metric.result import TEAM_CRITERIA, with_included
from workbench.text import texts

if TYPE_CHECKING:
    from workbench.rendering.session import Desk
    from workbench.stages.value_metric.decision import ValueMetricDecision
    from workbench.stages.value_metric.result import ValueMetricResult

say = texts(__name__)

_MARKS = {"wanted": say("customers_want_more_of_it"), "visible": say("customers_can_see_and_compute"),
          "measured": say("customers_measure_success_by_it")}  # fmt: skip
_MARK_COLUMNS: list[GridColumn] = [
    {"label": _MARKS[key], "unit": "1 to 5", "minimum": 1, "maximum": 5, "step": 1, "whole": True, "optional": True}
    for key in TEAM_CRITERIA
]
# A drop-down list shows nothing for None, so the answers are words here.
_SAID = {"": None, "yes": True, "no": False}
_ANSWERS = {"not said yet": "", "yes": "yes", "no": "no"}
_WORDS = {value: word for word, value in _SAID.items()}


class ValueMetricPanel(StagePanel):
    """What the price should grow with: `candidates`, `ranking`, `scores` and `price_curve` are its sections."""

    stage_key = "value_metric"
    decision: ValueMetricDecision
    result: ValueMetricResult

    def build(self) -> None:
        """Make the controls and sections."""
        self.candidates = self._build_candidates()
        self.ranking = self._build_ranking()
        self.scores = self._build_scores()
        self.price_curve = self._build_price_curve()

    def refresh(self) -> None:
        """Show the decision in the controls and the result in the parts."""
        decision, result = self.decision, self.result
        show(self.added, ", ".join(decision.added))
        for key, box in self.weights.items():
            show(box, decision.weights.get(key, 0.0))
        show(self.doubt, decision.weight_doubt)
        self.reasons.show(html.table(result.tables.get("reasons"), "Why, from the numbers"))
        names = [each.candidate.title for each in result.ranked]
        marks = [decision.scores.get(each.candidate.name, TeamScores()) for each in result.ranked]
        show_grid(self.marks, names, _MARK_COLUMNS, [[getattr(m, key) for key in TEAM_CRITERIA] for m in marks])
        options = {each.candidate.title: each.candidate.name for each in result.ranked}
        if result.metric is not None:
            options.setdefault(result.metric.title, result.metric.name)
        chosen = result.metric.name if result.metric is not None else ""
        show(self.metric, chosen, options=options or {"none": ""})
        self._refresh_curve()

    def use_curve(self) -> None:
        """Take the price curve shown into the decision."""
        curve, metric = self.result.curve, self.result.metric
        if curve is None or metric is None:
            self.status.say(self.result.no_curve or say("there_is_no_price_curve"), "warning")
            return
        self.revise("Price curve accepted", metric=metric.name, charge=curve.charge)
        self.status.say(say("the_price_curve_is_part"), "ok")

    def propose_again(self) -> None:
        """Let go of the accepted price curve and show a proposal."""
        self.revise("Price curve opened again", charge=None)

    def _build_candidates(self) -> Any:  # noqa: ANN401 - a section
        self.added = text_box(
            say("candidates_the_team_adds_separated"),
            placeholder=f"such as {IDEAS[2]}, {IDEAS[10]}",
            on_change=self.change("Candidates", _with_added),
        )
        self.added.layout.width = "520px"
        return self.section(
            "What the data tells",
            intro=say("every_metric_in_the_data"),
            controls=(self.added,),
            parts=((self.figure_view("criteria"),), (self.figure_view("growth"),)),
        )

    def _build_ranking(self) -> Any:  # noqa: ANN401 - a section
        self.weights = {
            key: number_box(
                label, minimum=0, maximum=5, step=0.5, slider=True, on_change=self._weight_changed(key)
            )
            for key, label in SHORT_CRITERIA.items()
        }  # fmt: skip
        self.doubt = number_box(
            say("how_far_each_weight_may"), minimum=0, maximum=1, step=0.05, slider=True,
            note=say("lets_a_weight_of_lie"),
            on_change=self.change("Doubt about weights", lambda value: {"weight_doubt": value}),
        )  # fmt: skip
        self.reasons = HtmlBlock()
        return self.section(
            "Weights and order",
            intro=say("how_much_each_criterion_counts"),
            controls=(*self.weights.values(), self.doubt),
            parts=((self.figure_view("ranking"),), self.reasons),
        )

    def _build_scores(self) -> Any:  # noqa: ANN401 - a section
        self.marks = number_grid(
            "Team scores", (), (), (), row_heading="Candidate", on_change=self.change("Team scores", self._with_marks)
        )
        return self.section(
            "Team scores",
            intro=say("what_no_data_can_tell"),
            controls=(self.marks,),
        )

    def _build_price_curve(self) -> Any:  # noqa: ANN401 - a section
        self.metric = choice("Value metric", {"none": ""}, on_change=self.change("Value metric", _with_metric))
        self.ratio = number_box(
            say("ten_times_the_use_should"), STARTING_RATIOS[0], minimum=2, maximum=9.5, step=0.1, unit="times",
            slider=True,
            on_change=self.change(
                say("ratio_of_the_price_curve"), lambda value: {"target_ratio": value, "charge": None}
            ),
        )  # fmt: skip
        self.revenue = number_box(
            say("revenue_the_curve_should_reach"), minimum=1, step=1000, optional=True,
            note=say("empty_what_accounts_pay_today"),
            on_change=self.change(say("revenue_of_the_price_curve"), lambda v: {"revenue_target": v, "charge": None}),
        )  # fmt: skip
        self.included = number_box(
            "Units included for everybody", 0, minimum=0, step=1,
            on_change=self.change("Included units", self._included),
        )  # fmt: skip
        self.cap = choice("Spending cap for customers", _ANSWERS, on_change=self._said("has_spending_cap"))
        self.calculator = choice("Usage calculator for customers", _ANSWERS, on_change=self._said("has_calculator"))
        self.accept = button("Use this price curve", self.guarded(self.use_curve), primary=True)
        self.again = button("Open the curve again", self.guarded(self.propose_again))
        self.standing = HtmlBlock(role="status")
        self.bands = HtmlBlock()
        return self.section(
            "Price curve",
            intro=say("what_the_chosen_metric_costs"),
            controls=(self.metric, self.ratio, self.revenue, self.included, self.cap, self.calculator),
            parts=(
                self.key_figures, self.standing, row(self.accept, self.again), self.bands,
                (self.figure_view("curve"), self.figure_view("multiple")),
            ),
        )  # fmt: skip

    def _refresh_curve(self) -> None:
        decision, result = self.decision, self.result
        show(self.ratio, decision.target_ratio)
        show(self.revenue, decision.revenue_target, unit=f"{result.currency} a month")
        units = "" if result.metric is None else f"{result.metric.title} a month"
        show(self.included, float(decision.included_units), unit=units)
        for box, value in ((self.cap, decision.has_spending_cap), (self.calculator, decision.has_calculator)):
            show(box, _WORDS[value])
        curve = result.curve
        accepted = curve is not None and curve.is_accepted
        if curve is None:
            self.standing.show(html.message(result.no_curve, "warning"))
        elif accepted:
            self.standing.show(html.message(say("this_price_curve_is_part"), "ok"))
        else:
            self.standing.show(html.message(say("a_proposal_it_is_not"), "info"))
        self.accept.layout.display = None if curve is not None and not accepted else "none"
        self.again.layout.display = None if accepted else "none"
        caption = "" if result.metric is None else say("what_each_unit_of_costs", title=result.metric.title)
        self.bands.show(html.table(result.tables.get("bands"), caption))

    def _weight_changed(self, key: str) -> Any:  # noqa: ANN401 - an on_change
        return self.change(f"Weight: {CRITERIA[key]}", lambda value: {"weights": {**self.decision.weights, key: value}})

    def _said(self, field: str) -> Any:  # noqa: ANN401 - an on_change
        return self.change("What customers get", lambda word: {field: _SAID[word]})

    def _with_marks(self, cells: tuple[tuple[float | None, ...], ...]) -> dict[str, Any]:
        scores = dict(self.decision.scores)
        for ranked, line in zip(self.result.ranked, cells, strict=True):
            marks = TeamScores.model_validate(dict(zip(TEAM_CRITERIA, line, strict=True)))
            scores.pop(ranked.candidate.name, None)
            if marks != TeamScores():
                scores[ranked.candidate.name] = marks
        return {"scores": scores}

    def _included(self, value: float) -> dict[str, Any]:
        units = Decimal(str(value))
        charge = self.decision.charge
        return {"included_units": units, "charge": None if charge is None else with_included(charge, units)}


def open_panel(desk: Desk) -> ValueMetricPanel:
    """Return the panel of the stage on a desk."""
    return ValueMetricPanel(desk)


def _with_added(text: str) -> dict[str, Any]:
    return {"added": tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))}


def _with_metric(name: str) -> dict[str, Any]:
    return {"metric": name or None, "charge": None}
