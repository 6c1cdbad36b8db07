"""What tier design shows: needs, tiers, limits, features, where accounts land, what each step adds, the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from workbench.formatting import capitalised, metric_words, percent, thousands
from workbench.stages.offers import PER_ACCOUNT, Tier, per_words
from workbench.stages.tiers.charts import shown_metric
from workbench.stages.tiers.decision import (
    MOST_TIERS,
    SEPARATELY,
    features_by_column,
    new_tier,
    tiers_with_limits,
    with_features,
)
from workbench.stages.tiers.suggestion import proposal, why_proposed
from workbench.stages.view import (
    Action,
    Figures,
    Free,
    Grid,
    Items,
    KeyFigures,
    Matrix,
    Said,
    SectionView,
    Setting,
    TableOf,
    View,
)
from workbench.study.model import FrozenModel
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.stages.needs import FeatureBenefit
    from workbench.stages.offers import TierDecision
    from workbench.stages.tiers.result import TierResult
    from workbench.stages.view import Cells
    from workbench.tables import DataTable

say = texts(__name__)


class RevenueAim(FrozenModel):
    """The revenue a month that computed tiers aim at; None for what the accounts pay today."""

    revenue_target: Annotated[float | None, Setting(unit="currency", step=1000), Field(ge=1)] = None


def computed(decision: TierDecision, result: TierResult, aim: RevenueAim) -> dict[str, object]:
    """Replace the tiers by those computed from the data, scaled to the revenue aimed at."""
    found = proposal(
        result.evidence, decision, result.value_metric, revenue_target=aim.revenue_target, rulebook=result.rulebook
    ).decision
    return {"tiers": found.tiers, "sold_separately": found.sold_separately, "set_so": found.set_so}


TIERS = Items(
    key="tiers",
    part=Tier,
    noun="tier",
    at_once=True,
    fewest=1,
    most=MOST_TIERS,
    make=lambda decision, _: new_tier(decision),
    moves=True,
    settings=(("name", "price", "price_per", "public"),),
    options={
        "price_per": lambda result, tier: {
            per_words(each): each for each in dict.fromkeys((PER_ACCOUNT, *result.evidence.metrics, tier.price_per))
        }
    },
)


def _metrics(decision: TierDecision, result: TierResult) -> dict[str, object]:
    """Name the metrics that can be limited, the one the figure shows first."""
    first = shown_metric(result)
    limited = (metric for tier in decision.tiers for metric in tier.limits)
    names = dict.fromkeys((*((first,) if first else ()), *result.evidence.metrics, *limited))
    return {metric_words(metric): metric for metric in names}


def _limit_columns(_decision: TierDecision, result: TierResult, metric: str) -> list[dict[str, Any]]:
    return [
        {"label": say("most_included"), "unit": metric_words(metric), "minimum": 0, "optional": True},
        {"label": say("each_more"), "unit": result.evidence.currency, "minimum": 0, "optional": True},
    ]


def _limit_cells(decision: TierDecision, _result: TierResult, metric: str) -> Cells:
    found = [(tier.limits.get(metric), tier.overage.get(metric)) for tier in decision.tiers]
    return [tuple(None if value is None else float(value) for value in line) for line in found]


def _feature_rows(decision: TierDecision, result: TierResult) -> Sequence[Mapping[str, str]]:
    threshold = result.rulebook.threshold("A5")
    groups = {"tier feature": "clearly", "too close to call": "too_close", "add-on": "few", "unknown": "unknown"}
    rows = [
        {"key": each.feature, "label": each.feature, "group": say(groups[each.verdict(threshold)]), "note": _told(each)}
        for each in result.evidence.benefits
    ]
    listed = {line["key"] for line in rows}
    own = [name for name in features_by_column(decision) if name not in listed]
    return [*rows, *({"key": name, "label": name, "group": say("not_in_the_data")} for name in own)]


def _told(benefit: FeatureBenefit) -> str:
    parts = [
        "must-have" if benefit.must_have else "",
        f"{percent(benefit.share.estimate)} use it" if benefit.share else "",
        f"{thousands(benefit.requests)} ask" if benefit.requests else "",
    ]
    return ", ".join(part for part in parts if part)


def _feature_columns(decision: TierDecision, _result: TierResult) -> Sequence[Mapping[str, str]]:
    own = [{"key": tier.id, "label": tier.name} for tier in decision.tiers]
    return [*own, {"key": SEPARATELY, "label": capitalised(SEPARATELY)}]


def _moves(result: TierResult) -> DataTable | None:
    return result.tables["plan_moves"] if result.moves.plans else None


def _moves_caption(result: TierResult) -> str:
    moves = result.moves
    return say("moves", up=moves.up, down=moves.down, stay=moves.stay)


VIEW = View(
    leading=("placement",),
    sections=(
        SectionView(key="needs", settings=(("needs_months", "minimum_uses"),), parts=(Figures(("benefit",)),)),
        SectionView(
            key="tiers",
            items=(TIERS,),
            actions=(Action(key="compute", form=RevenueAim, keeps=True, changes=computed),),
            parts=(Said("why", why_proposed, folded=True, live=True), KeyFigures(), Figures(("placement", "ladder"))),
        ),
        SectionView(
            key="limits",
            grids=(
                Grid(
                    key="limits",
                    pages=_metrics,
                    rows=lambda decision, *_: [tier.name for tier in decision.tiers],
                    columns=_limit_columns,
                    cells=_limit_cells,
                    changes=lambda decision, _, metric, cells: {"tiers": tiers_with_limits(decision, metric, cells)},
                ),
            ),
            parts=(Figures(("usage",)), TableOf("bill_at_limits")),
        ),
        SectionView(
            key="features",
            grids=(
                Matrix(
                    key="features",
                    rows=_feature_rows,
                    columns=_feature_columns,
                    value=lambda decision, _: features_by_column(decision),
                    changes=lambda decision, _, cells: with_features(decision, cells),
                ),
            ),
        ),
        SectionView(
            key="placement",
            parts=(
                Figures(("bill_change", "old_and_new")),
                TableOf("plan_moves", _moves, caption=_moves_caption),
                TableOf(
                    "unserved",
                    lambda result: result.tables["unserved"] if result.unplaced.unserved else None,
                    caption=lambda result: say("unserved", accounts=result.unplaced.unserved),
                    folded=True,
                    live=True,
                ),
                TableOf(
                    "not_compared",
                    lambda result: result.tables["not_compared"] if result.not_compared else None,
                    caption=lambda result: say("not_compared", accounts=result.not_compared),
                    folded=True,
                    live=True,
                ),
            ),
        ),
        SectionView(key="step_up", parts=(TableOf("step_up"),)),
        SectionView(key="preview", free=(Free("page", "workbench.stages.tiers.view_page:PricingPage"),)),
    ),
)
