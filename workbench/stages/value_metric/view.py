"""What the stage value metric shows: candidates and their evidence, the order, the team's scores, the price curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.errors import StudyError
from workbench.stages.offers import TeamScores
from workbench.stages.value_metric.decision import CRITERIA
from workbench.stages.value_metric.result import TEAM_CRITERIA, with_included
from workbench.stages.view import (
    NOTHING,
    Action,
    Figures,
    Grid,
    KeyFigures,
    Message,
    Said,
    SectionView,
    TableOf,
    View,
    part_columns,
)
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from workbench.stages.offers import ValueMetricDecision
    from workbench.stages.value_metric.result import ValueMetricResult
    from workbench.stages.view import Cells

say = texts(__name__)


def use_curve(decision: ValueMetricDecision, result: ValueMetricResult) -> Mapping[str, object]:
    """Take the price curve shown into the decision; StudyError where there is none."""
    del decision
    if result.curve is None or result.metric is None:
        raise StudyError(result.no_curve or say("no_curve"))
    return {"metric": result.metric.name, "charge": result.curve.charge}


def propose_again(decision: ValueMetricDecision, result: ValueMetricResult) -> Mapping[str, object]:
    """Let go of the accepted price curve, so that a proposal is shown."""
    del decision, result
    return {"charge": None}


def with_units(decision: ValueMetricDecision, result: ValueMetricResult, units: Decimal) -> Mapping[str, object]:
    """Include so many units for everybody, in an accepted curve, too."""
    del result
    charge = decision.charge
    return {"included_units": units, "charge": None if charge is None else with_included(charge, units)}


def with_scores(decision: ValueMetricDecision, result: ValueMetricResult, cells: Cells) -> Mapping[str, object]:
    """Put the marks of each row to the candidate named there; an empty row is no mark."""
    scores = dict(decision.scores)
    for ranked, line in zip(result.ranked, cells, strict=True):
        marks = TeamScores.model_validate(dict(zip(TEAM_CRITERIA, line, strict=True)))
        scores.pop(ranked.candidate.name, None)
        if marks != TeamScores():
            scores[ranked.candidate.name] = marks
    return {"scores": scores}


def _marks(decision: ValueMetricDecision, result: ValueMetricResult) -> list[tuple[float | None, ...]]:
    given = [decision.scores.get(each.candidate.name, TeamScores()) for each in result.ranked]
    return [tuple(getattr(each, key) for key in TEAM_CRITERIA) for each in given]


def _metrics(result: ValueMetricResult) -> Mapping[str, object]:
    options: dict[str, object] = {each.candidate.title: each.candidate.name for each in result.ranked}
    if result.metric is not None:
        options.setdefault(result.metric.title, result.metric.name)
    return options or {say("no_metric"): NOTHING}


def _standing(result: ValueMetricResult) -> Iterable[Message]:
    if result.curve is None:
        yield Message(result.no_curve, "warning")
    elif result.curve.is_accepted:
        yield Message(say("accepted"), "ok")
    else:
        yield Message(say("a_proposal"))


def _bands_caption(result: ValueMetricResult) -> str:
    return "" if result.metric is None else say("bands", metric=result.metric.title)


VIEW = View(
    sections=(
        SectionView(key="candidates", settings=(("added",),), parts=(Figures(("criteria",)), Figures(("growth",)))),
        SectionView(
            key="ranking",
            settings=((*(f"weights.{key}" for key in CRITERIA), "weight_doubt"),),
            parts=(Figures(("ranking",)), TableOf("reasons")),
        ),
        SectionView(
            key="scores",
            grids=(
                Grid(
                    key="scores",
                    rows=lambda _, result: [each.candidate.title for each in result.ranked],
                    columns=lambda *_: part_columns(__package__, TeamScores, TEAM_CRITERIA),
                    cells=_marks,
                    changes=with_scores,
                ),
            ),
        ),
        SectionView(
            key="price_curve",
            settings=(
                ("metric", "target_ratio", "revenue_target", "included_units"),
                ("has_spending_cap", "has_calculator"),
            ),
            actions=(
                Action(
                    key="use_curve",
                    changes=use_curve,
                    primary=True,
                    shown=lambda _, result: result.curve is not None and not result.curve.is_accepted,
                ),
                Action(
                    key="propose_again",
                    changes=propose_again,
                    shown=lambda _, result: result.curve is not None and result.curve.is_accepted,
                ),
            ),
            parts=(
                KeyFigures(),
                Said("standing", _standing),
                TableOf("bands", caption=_bands_caption, stays_open=True),
                Figures(("curve", "multiple")),
            ),
        ),
    ),
    options={"metric": _metrics},
    units={
        "revenue_target": lambda result: say("a_month", unit=result.currency),
        "included_units": lambda result: "" if result.metric is None else say("a_month", unit=result.metric.title),
    },
    changes={"included_units": with_units},
)
