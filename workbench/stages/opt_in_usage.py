"""The design that brings usage in gently: an opt-in overage or accelerator beside today's plans (rule MF2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.impact.migration import opt_in_overage
from workbench.stages.add_ons.decision import AddOnDecision
from workbench.stages.model_fit.decision import ModelFitDecision
from workbench.stages.offer_documents import choice_of, tier_of
from workbench.stages.opt_in_terms import seat_metric, terms_in_words, usage_metric, usual_terms
from workbench.stages.price_book import today
from workbench.stages.tiers.decision import TierDecision
from workbench.study import Scenario
from workbench.study.model import fresh_id
from workbench.wording import metric_words

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.pricing import PriceBook
    from workbench.stages.opt_in_terms import Kind, OptInTerms
    from workbench.study import StageDecision, Study

# What today's plans do not change about a design: what to charge for, and how customers come to new prices.
_KEPT = ("value_metric", "model_fit", "migration")
_LONGEST = 80


def opt_in_scenario(
    base: CustomerBase,
    study: Study,
    scenario: Scenario,
    *,
    kind: Kind = "overage",
    metric: str | None = None,
    terms: OptInTerms | None = None,
) -> Scenario:
    """Return a new design for the study: today's plans as they are, and usage as an add-on customers opt into.

    Parameters
    ----------
    scenario
        What to charge for, the pricing model and the way of migrating are taken over from it; the baseline has none.
    kind
        An "overage" costs nothing up to what is included; an "accelerator" sells a block of units.
    metric
        What to charge for; the decided value metric, or the one model fit would take, where None.
    terms
        Prices and quantities; those of `usual_terms` where None.

    Raises StudyError or MigrationError where today's prices are not per seat, where the metric is billed already, or
    where the data cannot say what to include.
    """
    book, seats = today(base), seat_metric(base)
    agreed = terms or usual_terms(base, metric or usage_metric(base, scenario), kind)
    offered = opt_in_overage(
        book,
        agreed.metric,
        unit_price=agreed.unit_price,
        included=agreed.included,
        kind=agreed.kind,
        block=agreed.block,
        block_price=agreed.block_price,
        most_per_month=agreed.most_per_month,
        seats=seats,
    )
    name = _free_name(study, f"Opt-in {agreed.kind} on {metric_words(agreed.metric)}")
    made = Scenario(
        id=fresh_id(name, {*study.scenario_ids, *(record.scenario_id for record in study.decisions)}),
        name=name,
        note=terms_in_words(agreed, book.currency),
        stages={key: stage for key, stage in scenario.stages.items() if key in _KEPT},
    )
    for decision in _decisions(scenario, offered, agreed):
        made = made.with_decision(decision)
    return made


def _decisions(scenario: Scenario, offered: PriceBook, terms: OptInTerms) -> list[StageDecision]:
    ids: list[str] = []
    tiers = []
    for plan in offered.plans:
        tiers.append(tier_of(plan, ids))
        ids.append(tiers[-1].id)
    add_ons = tuple(
        choice_of(add_on, usage_metric=terms.metric, usage_at_least=float(terms.included)) for add_on in offered.add_ons
    )
    return [
        scenario.decision(TierDecision).replaced(tiers=tuple(tiers)),
        AddOnDecision(add_ons=add_ons),
        scenario.decision(ModelFitDecision).replaced(usage_component="opt_in"),
    ]


def _free_name(study: Study, wanted: str) -> str:
    taken = {scenario.name.casefold() for scenario in study.scenarios}
    name, counter = wanted[:_LONGEST], 2
    while name.casefold() in taken:
        mark = f" ({counter})"
        name, counter = wanted[: _LONGEST - len(mark)] + mark, counter + 1
    return name
