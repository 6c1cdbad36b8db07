"""Evaluate the chosen model against the rules MF1 to MF6, and suggest one to start from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.formatting import metric_words
from workbench.results import Basis, Interval, Missing
from workbench.rules import charging
from workbench.rules.rulebook import RULEBOOK
from workbench.stages.model_fit import tables
from workbench.stages.model_fit.decision import USAGE_MODELS, ModelFitDecision
from workbench.stages.model_fit.evidence import ModelFitEvidence, gather
from workbench.stages.model_fit.result import ModelFitResult, claims, claims_table
from workbench.stages.model_fit.words import model_fit_cautions, model_fit_key_figures
from workbench.stages.price_book import price_book
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from workbench.customers.base import CustomerBase
    from workbench.rules.charging import Billed, Component
    from workbench.rules.rulebook import Finding, Rulebook
    from workbench.stages.model_fit.decision import ModelName
    from workbench.stages.model_fit.evidence import ModelComparison, ModelReplay, ScoreTable
    from workbench.study.model import Scenario

say = texts(__name__)

# --- The rules MF1 to MF6 held against the evidence, the decision and the price list customers are billed by

_PER_PERSON = ("seat", "user", "member", "license", "licence")


def model_fit_findings(
    base: CustomerBase, scenario: Scenario, evidence: ModelFitEvidence, scores: ScoreTable, rulebook: Rulebook
) -> tuple[Finding, ...]:
    """Return the findings on the chosen model; what cannot be judged yet is unknown, with what would answer it."""
    decision, replay = scenario.decision(ModelFitDecision), evidence.replay(scenario)
    adoption, comparison, usage = evidence.adoption, replay.comparison, replay.usage
    accounts = int(comparison.population.sum())
    chosen = comparison.model(decision.model)
    gap = None if usage is None else usage.gap
    billed, metrics = usage_on_the_list(base, scenario)
    return (
        charging.adoption_order(
            None if adoption is None else adoption.h,
            model=decision.model,
            accounts=0 if adoption is None else adoption.accounts,
            features=0 if adoption is None else len(adoption.names),
            rulebook=rulebook,
        ),
        charging.usage_introduction(
            _component(decision),
            per_seat_today=per_seat_today(base),
            billed=billed,
            metrics=[metric_words(metric) for metric in metrics],
            rulebook=rulebook,
        ),
        _against_hybrid(decision.model, replay, accounts, rulebook),
        charging.volatility(
            decision.model,
            variation=None if chosen is None else Interval(float("nan"), chosen.path.swing, float("nan")),
            shock=None if chosen is None else chosen.path.shock.jumps,
            accounts=accounts,
            months=len(comparison.months),
            rulebook=rulebook,
        ),
        charging.disconnect(
            None if gap is None else gap.share,
            count=0 if gap is None else gap.count,
            of_accounts=0 if gap is None else int(gap.compared.sum()),
            metric="usage" if usage is None else metric_words(usage.metric),
            affected=() if gap is None or usage is None else (str(each) for each in usage.accounts[gap.affected]),
            rulebook=rulebook,
        ),
        charging.ranked_first(decision.model, scores.ranking, accounts=accounts, rulebook=rulebook),
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


def _against_hybrid(model: ModelName | None, replay: ModelReplay, accounts: int, rulebook: Rulebook) -> Finding:
    """Compare by what models would bring, with its interval; by retention where worth is unknown."""
    brought = replay.brought
    if brought is None:
        return charging.pure_against_hybrid(
            model,
            {each.key: each.path.retention for each in replay.comparison.models},
            measure=say("net_revenue_retention_over_the"),
            accounts=accounts,
            rulebook=rulebook,
        )
    return charging.pure_against_hybrid(
        model,
        {key: brought.brings(key) for key in brought.takings},
        ratios=_ratios(replay),
        measure=say("what_each_would_bring_a"),
        accounts=accounts,
        rulebook=rulebook,
    )


def _ratios(replay: ModelReplay) -> Mapping[tuple[ModelName, ModelName], Interval]:
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


# --- Model fit evaluated: the score table under the weights, key figures, findings and cautions

_WOULD_ADD = {
    "usage": say("bills_under_a_price_on"),
    "mrr": say("what_is_on_record_to"),
    "feature_use": say("whether_customers_take_up_features"),
    "outcomes": say("whether_bills_follow_the_value"),
    "plans": say("what_today_s_prices_go"),
}


def evaluate(
    base: CustomerBase,
    scenario: Scenario,
    *,
    rulebook: Rulebook = RULEBOOK,
    seed: int = 0,
    evidence: ModelFitEvidence | None = None,
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
        key_figures=model_fit_key_figures(decision, known, replay, scores),
        findings=model_fit_findings(base, scenario, known, scores, rulebook),
        cautions=model_fit_cautions(base, known, replay, scores),
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


def _basis(base: CustomerBase, comparison: ModelComparison) -> Basis:
    count = int(comparison.population.sum())
    note = "" if count == len(base) else say("accounts_without_the_quantities_that")
    months = comparison.months
    return Basis(count, len(base), f"{months[0]:%Y-%m}", f"{months[-1]:%Y-%m}", note)


# --- A starting point for model fit, computed from the data


def suggest(base: CustomerBase, scenario: Scenario, evidence: ModelFitEvidence | None = None) -> ModelFitDecision:
    """Return the model that most probably comes first under the usual weights, with usage as an option first.

    No model is suggested where none can be scored.
    """
    known = evidence or gather(base, scenario)
    weights = ModelFitDecision().weights
    best = known.scores(scenario, weights).best
    component = "opt_in" if best in USAGE_MODELS else "none"
    return ModelFitDecision.model_validate({"model": best, "usage_component": component})
