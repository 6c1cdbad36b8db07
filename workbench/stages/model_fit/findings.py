"""The rules MF1 to MF6 held against the evidence, the decision and the price list customers are billed by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.results import Interval
from workbench.rules.checks import model_fit
from workbench.stages.model_fit.decision import USAGE_MODELS, ModelFitDecision
from workbench.stages.price_book import price_book
from workbench.wording import metric_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from workbench.customers import CustomerBase
    from workbench.rules import Finding, Rulebook
    from workbench.rules.checks.model_fit import Billed, Component
    from workbench.stages.model_fit.decision import ModelName
    from workbench.stages.model_fit.evidence import Evidence, Replay
    from workbench.stages.model_fit.scoring import ScoreTable
    from workbench.study import Scenario

_PER_PERSON = ("seat", "user", "member", "license", "licence")


def findings(
    base: CustomerBase, scenario: Scenario, evidence: Evidence, scores: ScoreTable, rulebook: Rulebook
) -> tuple[Finding, ...]:
    """Return the findings on the chosen model; what cannot be judged yet is unknown, with what would answer it."""
    decision, replay = scenario.decision(ModelFitDecision), evidence.replay(scenario)
    adoption, comparison, usage = evidence.adoption, replay.comparison, replay.usage
    accounts = int(comparison.population.sum())
    chosen = comparison.model(decision.model)
    gap = None if usage is None else usage.gap
    billed, metrics = usage_on_the_list(base, scenario)
    return (
        model_fit.adoption_order(
            None if adoption is None else adoption.h,
            model=decision.model,
            accounts=0 if adoption is None else adoption.accounts,
            features=0 if adoption is None else len(adoption.names),
            rulebook=rulebook,
        ),
        model_fit.usage_introduction(
            _component(decision),
            per_seat_today=per_seat_today(base),
            billed=billed,
            metrics=[metric_words(metric) for metric in metrics],
            rulebook=rulebook,
        ),
        _against_hybrid(decision.model, replay, accounts, rulebook),
        model_fit.volatility(
            decision.model,
            variation=None if chosen is None else Interval(float("nan"), chosen.path.swing, float("nan")),
            shock=None if chosen is None else chosen.path.shock.jumps,
            accounts=accounts,
            months=len(comparison.months),
            rulebook=rulebook,
        ),
        model_fit.disconnect(
            None if gap is None else gap.share,
            count=0 if gap is None else gap.count,
            of_accounts=0 if gap is None else int(gap.compared.sum()),
            metric="usage" if usage is None else metric_words(usage.metric),
            affected=() if gap is None or usage is None else (str(each) for each in usage.accounts[gap.affected]),
            rulebook=rulebook,
        ),
        model_fit.ranked_first(decision.model, scores.ranking, accounts=accounts, rulebook=rulebook),
    )


def usage_on_the_list(base: CustomerBase, scenario: Scenario) -> tuple[Billed | None, tuple[str, ...]]:
    """Return how the price list of a scenario charges for usage, and for which; None while it offers nothing.

    Usage is what is charged per anything but people. In a plan it comes beside a price per person or instead of it; in
    an add-on it is an option.
    """
    book = price_book(base, scenario)
    if not book.plans:
        return None, ()
    of_plans = dict.fromkeys(charge.metric for plan in book.plans for charge in plan.charges)
    in_plans = tuple(metric for metric in of_plans if not _names_people([metric]))
    if in_plans:
        return ("beside" if len(in_plans) < len(of_plans) else "instead"), in_plans
    of_add_ons = dict.fromkeys(charge.metric for add_on in book.add_ons for charge in add_on.charges)
    apart = tuple(metric for metric in of_add_ons if not _names_people([metric]))
    return ("option" if apart else "none"), apart


def _against_hybrid(model: ModelName | None, replay: Replay, accounts: int, rulebook: Rulebook) -> Finding:
    """Compare by what models would bring, with its interval; by retention where worth is unknown."""
    brought = replay.brought
    if brought is None:
        return model_fit.pure_against_hybrid(
            model,
            {each.key: each.path.retention for each in replay.comparison.models},
            measure="net revenue retention over the last 12 months",
            accounts=accounts,
            rulebook=rulebook,
        )
    return model_fit.pure_against_hybrid(
        model,
        {key: brought.brings(key) for key in brought.takings},
        ratios=_ratios(replay),
        measure="what each would bring a month at its best prices",
        accounts=accounts,
        rulebook=rulebook,
    )


def _ratios(replay: Replay) -> Mapping[tuple[ModelName, ModelName], Interval]:
    """Return what one model brings over what another does, with its interval over resampled accounts and worth."""
    brought, found = replay.brought, {}
    if brought is None:
        return {}
    shares = {
        key: replay.drawn[key, "contribution"] for key in brought.takings if (key, "contribution") in replay.drawn
    }
    for one, mine in shares.items():
        for other, theirs in shares.items():
            total = brought.brings(other)
            if one == other or not total:
                continue
            drawn = np.divide(mine, theirs, out=np.full_like(mine, np.nan), where=theirs > 0)
            if np.isnan(drawn).all():
                continue
            low, high = np.nanquantile(drawn, (0.05, 0.95))
            middle = (brought.brings(one) or 0.0) / total
            found[one, other] = Interval(min(float(low), middle), middle, max(float(high), middle), 0.9)
    return found


def per_seat_today(base: CustomerBase) -> bool | None:
    """Tell whether today's price list charges per person; None without a price list."""
    if not base.has("plans"):
        return None
    return _names_people(base.plans["metric"].dropna().astype(str).unique())


def _names_people(metrics: Iterable[str]) -> bool:
    return any(word in metric.casefold() for metric in metrics for word in _PER_PERSON)


def _component(decision: ModelFitDecision) -> Component | None:
    """Return how usage comes in; a model that charges by usage without saying how is undecided."""
    if decision.model in USAGE_MODELS and decision.usage_component == "none":
        return None
    return decision.usage_component
