"""The stages of the workbook in the order they are walked. Adding a stage adds one line here."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.study.document import CHOICE

if TYPE_CHECKING:
    from workbench.study import StageDecision


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the workbook: its key, its title, the question it answers and the notebook it lives in."""

    key: str
    title: str
    question: str
    notebook: str

    @property
    def module(self) -> Any:  # noqa: ANN401 - stages share names, not a class
        """Return the stage's package: Decision, gather, evaluate, suggest, summarise, figures, open_panel."""
        return importlib.import_module(f"workbench.stages.{self.key}")

    def seconds_of(self, part: str, accounts: int) -> float:
        """Return about how long it takes to gather, evaluate or suggest, for shares of progress."""
        fixed, many = _SECONDS[part].get(self.key, (0.1, 0.1))
        return fixed + many * accounts / 10_000


# About how long the parts of a stage take: seconds for a small company, and for every 10,000 accounts more.
_SECONDS = {
    "gather": {"value_metric": (0.4, 0.4), "model_fit": (0.3, 0.4), "tiers": (0.2, 0.1), "add_ons": (0.1, 0.1)},
    "evaluate": {"tiers": (0.3, 0.4)},
    "suggest": {"model_fit": (2.0, 0.5), "tiers": (1.0, 0.4)},
}


STAGES: tuple[Stage, ...] = (
    Stage("value_metric", "Value metric", "What should the price grow with?", "01_value_metric"),
    Stage("model_fit", "Model fit", "Which shape of pricing suits these customers?", "02_model_fit"),
    Stage("tiers", "Tier design", "Which tiers, at which prices, with what in them?", "03_tier_design"),
    Stage("add_ons", "Add-ons", "What do only some customers need, and at what price?", "04_add_ons"),
    Stage(
        "anchoring",
        "Competitive anchoring",
        "Where do these prices stand in the market?",
        "05_competitive_anchoring",
    ),
)

# Decisions a scenario keeps that are no stage of the workbook: key -> "module:class", loaded when first asked for.
_BESIDE_THE_STAGES = {
    "migration": "workbench.stages.impact_view.decision:MigrationDecision",
    "steady": "workbench.stages.impact_view.steady.decision:SteadyDecision",
    "willingness": "workbench.stages.willingness.decision:WillingnessDecision",
}


def decision_class(key: str) -> type[StageDecision]:
    """Return the class of the decision a scenario keeps under a key, of a stage or beside them; KeyError for others."""
    if key not in _BESIDE_THE_STAGES:
        of_stage: type[StageDecision] = stage(key).module.Decision
        return of_stage
    module, _, name = _BESIDE_THE_STAGES[key].partition(":")
    beside: type[StageDecision] = getattr(importlib.import_module(module), name)
    return beside


def step_title(key: str) -> str:
    """Return the title of a step of the decision log: a stage, or the choice among scenarios."""
    titles = {CHOICE: "Scenarios and report", **{each.key: each.title for each in STAGES}}
    return titles.get(key, key.replace("_", " "))


def stage(key: str) -> Stage:
    """Return the stage with this key."""
    for each in STAGES:
        if each.key == key:
            return each
    raise KeyError(f"no stage {key!r}; the stages are {', '.join(each.key for each in STAGES)}")
