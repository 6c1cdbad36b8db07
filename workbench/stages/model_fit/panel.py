"""The panel of model fit."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from workbench.rendering import html
from workbench.rendering.controls import button, choice, number_box, row, show
from workbench.rendering.panel import OptInMaker, StagePanel
from workbench.rendering.widgets import HtmlBlock
from workbench.stages.model_fit.decision import DEFAULT_WEIGHTS, MODEL_TITLES, SHORT_CRITERIA
from workbench.stages.model_fit.words import adoption_sentence, metric_sentence
from workbench.text import texts

if TYPE_CHECKING:
    from workbench.rendering.session import Desk
    from workbench.stages.model_fit.decision import ModelFitDecision
    from workbench.stages.model_fit.result import ModelFitResult

say = texts(__name__)

_COMPONENTS = {
    "None": "none",
    say("as_an_option_first_overage"): "opt_in",
    say("beside_today_s_price_beyond"): "beside",
    "Replacing today's price": "replacement",
}
_NEEDS = say("where_most_customers_take_up")
_USAGE = say("swings_and_concentration_show_what")
_MODELS = say("five_price_lists_on_the")
# All eight weights side by side on a small laptop.
_WEIGHT_WIDTH = "129px"
_CHOOSE = say("weigh_what_matters_to_you")
_BENCHMARKS = say("what_the_sources_report_beside")


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
            say("how_usage_reaches_existing_customers"),
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
        self.even = button("Usual weights", self.guarded(self.usual_weights), tooltip=say("go_back_to_the_usual"))
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
            say("five_models_on_the_same"),
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
        self.how.show(html.details(say("how_each_model_was_built"), _how(result)))
        self.reasons.show(html.details(say("why_each_model_scores_as"), html.table(result.tables["scores"])))
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
