"""Model fit evaluated: the score table under the weights, key figures, findings and cautions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.results import Basis, Caution, KeyFigure, Missing
from workbench.rules import RULEBOOK
from workbench.stages.model_fit import tables
from workbench.stages.model_fit.decision import MODEL_TITLES, ModelFitDecision
from workbench.stages.model_fit.evidence import Evidence, Replay, gather
from workbench.stages.model_fit.findings import findings
from workbench.stages.model_fit.scoring import ScoreTable, score_models, score_table
from workbench.stages.result import StageResult

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.rules import Rulebook
    from workbench.stages.model_fit.comparison import Comparison, ModelPath
    from workbench.stages.model_fit.usage_facts import UsageFacts
    from workbench.study import Scenario

NOBODY_REACTS = (
    "Usage, churn and new customers are taken as they were: nobody reacts to the prices here, "
    "so the models differ in how they bill and in nothing else."
)
_FEW_ACCOUNTS = 30
_YEAR = 12
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
    cells = score_models(replay.comparison, known.adoption, known.path)
    scores = score_table(cells, decision.weights, seed=seed)
    return ModelFitResult(
        basis=_basis(base, replay.comparison),
        key_figures=_key_figures(base, decision, known, replay, scores),
        findings=findings(base, decision, known, replay, rulebook),
        cautions=_cautions(base, known, replay, scores),
        missing=tuple(Missing(name, words) for name, words in _WOULD_ADD.items() if not base.has(name)),
        tables={
            "adoption": tables.adoption_table(known),
            "pairs": tables.pair_table(known),
            "usage": tables.usage_table(replay.usage, base.currency),
            "disconnect": tables.disconnect_table(replay.usage),
            "models": tables.model_table(replay.comparison),
            "paths": tables.path_table(replay.comparison),
            "scores": tables.score_frame(scores, decision),
            "benchmarks": tables.benchmark_table(),
        },
        decision=decision,
        evidence=known,
        replay=replay,
        scores=scores,
    )


def _key_figures(
    base: CustomerBase, decision: ModelFitDecision, evidence: Evidence, replay: Replay, scores: ScoreTable
) -> tuple[KeyFigure, ...]:
    comparison = replay.comparison
    shown = comparison.model(decision.model) or comparison.model(scores.best)
    accounts = f"{int(comparison.population.sum()):,} accounts"
    span = _span(comparison)
    figures = []
    if evidence.adoption is not None:
        h = evidence.adoption.h
        figures.append(
            KeyFigure(
                "Common order of adoption (Loevinger's H)",
                _known(h.estimate),
                interval=h,
                digits=2,
                period="last 3 months",
                population=f"{evidence.adoption.accounts:,} accounts",
                note=tables.READINGS[evidence.adoption.reading],
            )
        )
    if shown is None:
        return tuple(figures)
    recorded = comparison.recorded
    title = shown.title
    retained = None if recorded is None else _difference(shown.path.retention, recorded.retention)
    figures += [
        KeyFigure(f"{title}: score", scores.totals.get(shown.key), digits=2, note=_certainty(shown.key, scores)),
        KeyFigure(
            f"{title}: net revenue retention",
            shown.path.retention,
            "percent",
            "last 12 months",
            accounts,
            change=retained,
        ),
        KeyFigure(
            f"{title}: revenue around its trend",
            _known(shown.path.swing),
            "percent",
            span,
            accounts,
            change=None if recorded is None else _difference(shown.path.swing, recorded.swing),
            digits=1,
        ),
        KeyFigure(
            f"{title}: monthly bills up over 25%",
            _known(shown.path.shock.jumps.estimate),
            "percent",
            span,
            accounts,
            interval=shown.path.shock.jumps,
            digits=1,
        ),
        KeyFigure(
            f"{title}: accounts paying over 20% more",
            _known(shown.share_up),
            "percent",
            "at the switch",
            accounts,
            note="against what is on record",
        ),
    ]
    if replay.usage is not None and replay.usage.gap is not None:
        gap = replay.usage.gap
        figures.append(
            KeyFigure(
                "More value from less usage",
                _known(gap.share.estimate),
                "percent",
                "half a year against the one before",
                f"{int(gap.compared.sum()):,} accounts",
                interval=gap.share,
                digits=1,
            )
        )
    return tuple(figures)


def _certainty(key: str, scores: ScoreTable) -> str:
    share = scores.first.get(key)
    if share is None or share != share:  # noqa: PLR0124 - the plain test for not-a-number
        return ""
    return f"first in {share:.0%} of the cases when weights vary by half"


def _basis(base: CustomerBase, comparison: Comparison) -> Basis:
    count = int(comparison.population.sum())
    note = "" if count == len(base) else "Accounts without the quantities that every model bills are left out."
    months = comparison.months
    return Basis(count, len(base), f"{months[0]:%Y-%m}", f"{months[-1]:%Y-%m}", note)


def _cautions(base: CustomerBase, evidence: Evidence, replay: Replay, scores: ScoreTable) -> tuple[Caution, ...]:
    comparison, found = replay.comparison, [Caution(NOBODY_REACTS, "note")]
    found.append(Caution(_calibration(comparison), "note"))
    if len(comparison.months) < len(base.months):
        late = f"{comparison.months[0]:%Y-%m}"
        found.append(Caution(f"The models are billed from {late} on: earlier, a metric they need was not on record.", "note"))
    if len(comparison.months) <= _YEAR:
        found.append(Caution("With 12 months or less, net revenue retention over a year is unknown."))
    elif len(comparison.months) < 2 * _YEAR:
        found.append(Caution("Under two years of history, a season cannot be told from a trend."))
    if int(comparison.population.sum()) < _FEW_ACCOUNTS:
        found.append(Caution(f"Fewer than {_FEW_ACCOUNTS} accounts can be compared; read every share as a rough guide."))
    for metric in {replay.choice.metric, replay.choice.size_metric} - {None}:
        share = evidence.history.filled.get(str(metric), 0.0)
        if share > 0:
            words = str(metric).replace("_", " ")
            found.append(
                Caution(f"In {share:.1%} of customer months {words} had no record; the last known quantity was billed.")
            )
    for model in comparison.models:
        if model.kept > 0:
            text = f"{model.title}: {model.kept:.0%} of customer months fit no priced plan and keep what was on record."
            found.append(Caution(text))
    found += [Caution(text) for text in comparison.not_built]
    built = {model.key for model in comparison.models}
    if absent := [title for key, title in MODEL_TITLES.items() if key not in built]:
        found.append(Caution(f"Not compared, because the data lacks what they bill: {', '.join(absent)}."))
    if scores.left_out and comparison.models:
        found.append(Caution(f"Left out of the score, because unknown: {', '.join(map(_criterion, scores.left_out))}."))
    return tuple(found)


def _calibration(comparison: Comparison) -> str:
    if comparison.recorded is None:
        return "No revenue is on record, so every model is set to earn 100 per customer and month: an index, not money."
    return (
        "Every model is set to earn what is on record from the same accounts in the last 3 months, "
        "before prices are rounded."
    )


def _criterion(key: str) -> str:
    from workbench.stages.model_fit.decision import CRITERIA  # noqa: PLC0415 - only for this sentence

    return CRITERIA[key].lower()


def _span(comparison: Comparison) -> str:
    return f"{comparison.months[0]:%Y-%m} to {comparison.months[-1]:%Y-%m}"


def _difference(value: float | None, against: float | None) -> float | None:
    return None if value is None or against is None else value - against


def _known(value: float | None) -> float | None:
    return None if value is None or value != value else value  # noqa: PLR0124 - the plain test for not-a-number
