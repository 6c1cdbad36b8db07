"""The panel of model fit."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from workbench.rendering import html
from workbench.rendering.controls import button, choice, number_box, row, show
from workbench.rendering.panel import OptInMaker, StagePanel
from workbench.rendering.widgets import HtmlBlock
from workbench.stages.model_fit import tables
from workbench.stages.model_fit.decision import DEFAULT_WEIGHTS, MODEL_TITLES, SHORT_CRITERIA
from workbench.stages.model_fit.words import adoption_sentence, metric_sentence

if TYPE_CHECKING:
    from workbench.rendering.session import Desk
    from workbench.stages.model_fit.decision import ModelFitDecision
    from workbench.stages.model_fit.result import ModelFitResult

_COMPONENTS = {
    "None": "none",
    "As an option first (overage or accelerator)": "opt_in",
    "Beside today's price, beyond what a plan includes": "beside",
    "Replacing today's price": "replacement",
}
_NEEDS = (
    "Where most customers take up features in one order, tiers fit; where each wants something else, add-ons do. "
    "H is 1 when every account follows the order and 0 when use of one feature says nothing about another."
)
_USAGE = "Swings and concentration show what customers' bills would do under a price on usage."
_MODELS = (
    "Five price lists on the same customers, each set to the same revenue and billed month by month over the "
    "visible history. Usage is taken as it was: nobody reacts to prices."
)
# All eight weights side by side on a small laptop.
_WEIGHT_WIDTH = "129px"
_CHOOSE = "Weigh what matters to you; the total and its certainty follow at once. Then choose."
_BENCHMARKS = "What the sources report, beside your own numbers: claims of theirs, not a forecast for you."


class ModelFitPanel(StagePanel):
    """Which shape of pricing suits these customers."""

    stage_key = "model_fit"
    decision: ModelFitDecision
    result: ModelFitResult

    def build(self) -> None:
        """Make the controls and sections."""
        self.model = choice(
            "Pricing model",
            {"not chosen yet": None, **{title: key for key, title in MODEL_TITLES.items()}},
            on_change=self.change("Pricing model", lambda value: {"model": value}),
        )
        self.component = choice(
            "How usage reaches existing customers",
            _COMPONENTS,
            "none",
            on_change=self.change("Usage component", lambda value: {"usage_component": value}),
        )
        self.weights = {
            key: number_box(
                title,
                DEFAULT_WEIGHTS[key],
                minimum=0,
                maximum=10,
                step=0.5,
                slider=True,
                on_change=self.change(f"Weight: {title}", partial(self._with_weight, key)),
            )
            for key, title in SHORT_CRITERIA.items()
        }
        for box in self.weights.values():
            box.layout.width = _WEIGHT_WIDTH
        self.opt_in = OptInMaker(self.desk, self.guarded, self._say_made)
        self.opt_in_note = HtmlBlock(role="status")
        self.even = button("Usual weights", self.guarded(self.usual_weights), tooltip="Go back to the usual weights")
        self.adoption_note, self.metric_note, self.how = HtmlBlock(), HtmlBlock(), HtmlBlock()
        self.swings, self.spread = HtmlBlock(), HtmlBlock()
        self.reasons, self.reported = HtmlBlock(), HtmlBlock()
        self.needs = self.section(
            "What customers need", intro=_NEEDS, parts=(self.adoption_note, (self.figure_view("adoption"),))
        )
        self.usage = self.section(
            "How usage behaves", intro=_USAGE, parts=(self.metric_note, (self.swings, self.spread))
        )
        self.models = self.section(
            "Five models on the same customers",
            intro=_MODELS,
            parts=(
                (self.figure_view("paths"), self.figure_view("retention")),
                (self.figure_view("changes"),),
                self.how,
            ),
        )
        self.choose = self.section(
            "Weigh and choose",
            intro=_CHOOSE,
            controls=(
                row(self.model, self.component, self.even),
                row(*self.weights.values(), gap="6px"),
                self.opt_in.row,
            ),
            parts=(self.opt_in_note, self.key_figures, (self.figure_view("scores"),), self.reasons),
        )
        self.benchmarks = self.section("What the sources report", intro=_BENCHMARKS, parts=(self.reported,))

    def refresh(self) -> None:
        """Show the decision and what follows from it."""
        decision, result = self.decision, self.result
        show(self.model, decision.model)
        show(self.component, decision.usage_component)
        for key, box in self.weights.items():
            show(box, decision.weights.get(key, 0.0))
        self.opt_in_note.show(html.finding_list(each for each in self.all_findings() if each.rule_id == "MF2"))
        self.adoption_note.show(html.paragraph(adoption_sentence(result)))
        self.metric_note.show(html.paragraph(metric_sentence(result)))
        self.swings.show(html.table(result.tables["swings"]))
        self.spread.show(html.table(result.tables["concentration"]))
        self.how.show(html.details("How each model was built", _how(result)))
        self.reasons.show(html.details("Why each model scores as it does", html.table(tables.reason_reading(result))))
        self.reported.show(html.table(result.tables["benchmarks"], "Reported by the sources"))

    def _say_made(self, text: str) -> None:
        self.flush()
        self.status.say(text, "ok")

    def usual_weights(self) -> None:
        """Put the usual weights back."""
        self.revise("Usual weights", weights=dict(DEFAULT_WEIGHTS))

    def _with_weight(self, key: str, value: float) -> dict[str, Any]:
        return {"weights": {**self.decision.weights, key: float(value)}}


def open_panel(desk: Desk) -> ModelFitPanel:
    """Open the panel of model fit on a desk."""
    return ModelFitPanel(desk)


def _how(result: ModelFitResult) -> str:
    return html.lines(f"{model.title}: {' '.join(model.how)}" for model in result.comparison.models)
