"""The key figures of model fit: order of adoption, and what the chosen model shows on the history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import count
from workbench.results import KeyFigure
from workbench.stages.model_fit import tables

if TYPE_CHECKING:
    from workbench.stages.model_fit.comparison import Comparison
    from workbench.stages.model_fit.decision import ModelFitDecision, ModelName
    from workbench.stages.model_fit.evidence import Evidence, Replay
    from workbench.stages.model_fit.scoring import ScoreTable


def key_figures(
    decision: ModelFitDecision, evidence: Evidence, replay: Replay, scores: ScoreTable
) -> tuple[KeyFigure, ...]:
    """Return the figures a reader sees first; those of a model speak of the chosen one, else of the best."""
    comparison = replay.comparison
    shown = comparison.model(decision.model) or comparison.model(scores.best)
    accounts = count("account", int(comparison.population.sum()))
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
                period=comparison.calibrated_in,
                population=count("account", evidence.adoption.accounts),
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
            held_against_today=True,
        ),
        KeyFigure(
            f"{title}: revenue around its trend",
            _known(shown.path.swing),
            "percent",
            span,
            accounts,
            change=None if recorded is None else _difference(shown.path.swing, recorded.swing),
            digits=1,
            held_against_today=True,
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
                None if gap.share is None else gap.share.estimate,
                "percent",
                "half a year against the one before",
                count("account", int(gap.compared.sum())),
                interval=gap.share,
                digits=1,
            )
        )
    return tuple(figures)


def _certainty(key: ModelName, scores: ScoreTable) -> str:
    share = scores.first.get(key)
    if share is None or share != share:  # noqa: PLR0124 - the plain test for not-a-number
        return ""
    return f"first in {share:.0%} of draws of accounts and weights"


def _span(comparison: Comparison) -> str:
    return f"{comparison.months[0]:%Y-%m} to {comparison.months[-1]:%Y-%m}"


def _difference(value: float | None, against: float | None) -> float | None:
    return None if value is None or against is None else value - against


def _known(value: float | None) -> float | None:
    return None if value is None or value != value else value  # noqa: PLR0124 - the plain test for not-a-number
