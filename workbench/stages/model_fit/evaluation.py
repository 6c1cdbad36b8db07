"""Model fit evaluated: the score table under the weights, key figures, findings and cautions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.results import Basis, Missing
from workbench.rules import RULEBOOK
from workbench.stages.claims import claims_table
from workbench.stages.model_fit import tables
from workbench.stages.model_fit.benchmarks import claims
from workbench.stages.model_fit.cautions import cautions
from workbench.stages.model_fit.decision import ModelFitDecision
from workbench.stages.model_fit.evidence import Evidence, Replay, gather
from workbench.stages.model_fit.findings import findings
from workbench.stages.model_fit.key_figures import key_figures
from workbench.stages.result import StageResult

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.rules import Rulebook
    from workbench.stages.model_fit.comparison import Comparison, ModelPath
    from workbench.stages.model_fit.decision import ModelName
    from workbench.stages.model_fit.scoring import Certainty, ScoreTable
    from workbench.stages.model_fit.usage_facts import UsageFacts
    from workbench.study import Scenario

_WOULD_ADD = {
    "usage": "bills under a price on usage, its swings and jumps",
    "mrr": "what is on record to compare with, and money instead of an index",
    "feature_use": "whether customers take up features in one order, and what an add-on would sell",
    "outcomes": "whether bills follow the value customers get, and the value-usage disconnect",
    "plans": "what today's prices go by, so whether usage would replace a per-seat price",
}


@dataclass(frozen=True, kw_only=True)
class ModelFitResult(StageResult):
    """What follows from the decision on the pricing model."""

    decision: ModelFitDecision
    evidence: Evidence
    replay: Replay
    scores: ScoreTable

    @property
    def comparison(self) -> Comparison:
        """Return the models side by side."""
        return self.replay.comparison

    @property
    def ranking(self) -> tuple[tuple[ModelName, float, float], ...]:
        """Return key, score and probability of coming first of each model, best first."""
        return self.scores.ranking

    @property
    def certainty(self) -> Certainty:
        """Return how sure the first place is, in a word."""
        return self.scores.certainty(int(self.comparison.population.sum()))

    @property
    def usage(self) -> UsageFacts | None:
        """Return the facts on the usage of the metric, None without usage."""
        return self.replay.usage

    @property
    def shown(self) -> ModelPath | None:
        """Return the model the key figures speak of: the chosen one, else the one with the highest score."""
        return self.comparison.model(self.decision.model) or self.comparison.model(self.scores.best)


def evaluate(
    base: CustomerBase,
    scenario: Scenario,
    *,
    rulebook: Rulebook = RULEBOOK,
    seed: int = 0,
    evidence: Evidence | None = None,
) -> ModelFitResult:
    """Return scores, key figures and findings of the scenario's pricing model.

    `evidence` comes from `gather` and may serve several scenarios; `seed` is for the draws behind the certainty of
    the ranking.
    """
    known = evidence or gather(base, scenario)
    decision = scenario.decision(ModelFitDecision)
    replay = known.replay(scenario)
    scores = known.scores(scenario, decision.weights, seed=seed)
    return ModelFitResult(
        basis=_basis(base, replay.comparison),
        key_figures=key_figures(decision, known, replay, scores),
        findings=findings(base, scenario, known, scores, rulebook),
        cautions=cautions(base, known, replay, scores),
        missing=tuple(Missing(name, words) for name, words in _WOULD_ADD.items() if not base.has(name)),
        tables={
            "adoption": tables.adoption_table(known),
            "pairs": tables.pair_table(known),
            "swings": tables.swing_table(replay.usage),
            "concentration": tables.spread_table(replay.usage, known.currency),
            "disconnect": tables.disconnect_table(replay.usage),
            "models": tables.model_table(replay.comparison),
            "paths": tables.path_table(replay.comparison),
            "scores": tables.score_frame(scores, decision),
            "benchmarks": claims_table(claims(base, scenario, replay.comparison)),
        },
        decision=decision,
        evidence=known,
        replay=replay,
        scores=scores,
    )


def _basis(base: CustomerBase, comparison: Comparison) -> Basis:
    count = int(comparison.population.sum())
    note = "" if count == len(base) else "Accounts without the quantities that every model bills are left out."
    months = comparison.months
    return Basis(count, len(base), f"{months[0]:%Y-%m}", f"{months[-1]:%Y-%m}", note)
