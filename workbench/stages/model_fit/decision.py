"""What the team decides about the pricing model: which of the five shapes, and how it was weighed."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator

from workbench.stages.view import Setting
from workbench.study.model import StageDecision
from workbench.text import words_at

ModelName = Literal["value_metric", "tiered", "add_on", "usage_based", "hybrid"]
MODEL_TITLES: dict[ModelName, str] = {
    "value_metric": "Value metric",
    "tiered": "Tiered",
    "add_on": "Core plus add-ons",
    "usage_based": "Usage-based",
    "hybrid": "Hybrid",
}
# Models under which a bill follows a quantity other than what customers pay for today.
USAGE_MODELS: frozenset[ModelName] = frozenset({"value_metric", "usage_based", "hybrid"})
# What a model brings decides unless models are close; then the others tell them apart.
DEFAULT_WEIGHTS: dict[str, float] = {
    "contribution": 10.0,
    "needs": 1.0,
    "revenue": 0.5,
    "retention": 0.5,
    "stability": 0.5,
    "bills": 0.5,
    "losers": 0.5,
    "value": 0.5,
}
CRITERIA: dict[str, str] = {key: words_at(__package__, "criteria", key, "name") for key in DEFAULT_WEIGHTS}
# The same in two or three words, where there is little room.
SHORT_CRITERIA: dict[str, str] = {key: words_at(__package__, "settings", f"weights_{key}", "label") for key in CRITERIA}
# The usual weights of earlier versions: a study that carries them was weighed by nobody, and gets today's.
_EARLIER_WEIGHTS = {
    "needs": 3.0,
    "revenue": 2.0,
    "retention": 2.0,
    "stability": 2.0,
    "bills": 2.0,
    "losers": 2.0,
    "value": 3.0,
}


class ModelFitDecision(StageDecision):
    """The pricing model chosen for a scenario and how a usage component, if any, reaches existing customers."""

    stage: ClassVar[str] = "model_fit"

    model: ModelName | None = None
    weights: dict[str, Annotated[float, Setting(step=0.5, slider=True), Field(ge=0, le=10)]] = Field(
        default_factory=lambda: dict(DEFAULT_WEIGHTS)
    )
    usage_component: Literal["none", "opt_in", "beside", "replacement"] = "none"

    @field_validator("weights")
    @classmethod
    def _usual_weights_of_today(cls, weights: dict[str, float]) -> dict[str, float]:
        return dict(DEFAULT_WEIGHTS) if weights == _EARLIER_WEIGHTS else weights


Decision = ModelFitDecision
