"""What model fit shows: how customers adopt and use, five models on the same accounts, and the choice among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.stages.model_fit.decision import CRITERIA, DEFAULT_WEIGHTS
from workbench.stages.model_fit.words import adoption_sentence, metric_sentence
from workbench.stages.view import Action, Figures, FindingsOf, Free, KeyFigures, Said, SectionView, TableOf, View

if TYPE_CHECKING:
    from workbench.stages.model_fit.decision import ModelFitDecision
    from workbench.stages.model_fit.result import ModelFitResult


def usual_weights(decision: ModelFitDecision, result: ModelFitResult) -> dict[str, object]:
    """Put the usual weights back."""
    del decision, result
    return {"weights": dict(DEFAULT_WEIGHTS)}


def _how_built(result: ModelFitResult) -> list[str]:
    return [f"{model.title}: {' '.join(model.how)}" for model in result.comparison.models]


VIEW = View(
    sections=(
        SectionView(
            key="needs", parts=(Said("adoption", lambda result: [adoption_sentence(result)]), Figures(("adoption",)))
        ),
        SectionView(
            key="usage",
            parts=(
                Said("metric", lambda result: [metric_sentence(result)]),
                (TableOf("swings"), TableOf("concentration")),
            ),
        ),
        SectionView(
            key="models",
            parts=(Figures(("paths", "retention")), Figures(("changes",)), Said("built", _how_built, folded=True)),
        ),
        SectionView(
            key="choose",
            settings=(("model", "usage_component"), tuple(f"weights.{key}" for key in CRITERIA)),
            actions=(Action(key="usual_weights", changes=usual_weights),),
            free=(Free("opt_in", "workbench.rendering.panel:StageOptIn"),),
            parts=(
                FindingsOf(("MF2",)),
                KeyFigures(),
                Figures(("scores",)),
                TableOf("reasons", lambda result: result.tables["scores"], folded=True),
            ),
        ),
        SectionView(key="benchmarks", parts=(TableOf("benchmarks"),)),
    )
)
