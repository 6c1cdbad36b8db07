"""What follows from the decision on a model: findings on MF1 to MF6, key figures, tables; and one to start from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.customers.needs import YEAR
from workbench.formatting import count, is_unknown, metric_words, percent
from workbench.results import Basis, Caution, Interval
from workbench.rules import charging
from workbench.rules.rulebook import RULEBOOK
from workbench.stages.account_statistics import scalability_reading
from workbench.stages.claims import OwnFigure, claims_beside, claims_table
from workbench.stages.contract import StageResult, caution_maker, key_figure_maker, missing_tables
from workbench.stages.model_fit.decision import CRITERIA, MODEL_TITLES, USAGE_MODELS, ModelFitDecision
from workbench.stages.model_fit.evidence import FEWEST_FOR_CERTAINTY, ModelFitEvidence, gather
from workbench.stages.model_fit.worth import BEYOND_THE_BILL, BILLS
from workbench.stages.price_book import price_book
from workbench.tables import COUNT, NUMBER, TEXT, DataTable, Money, Number, Own, Percent, estimate_of, interval_of
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from workbench.customers.base import CustomerBase
    from workbench.results import KeyFigure
    from workbench.rules.charging import Billed, Component
    from workbench.rules.rulebook import Finding, Rulebook
    from workbench.stages.claims import ClaimBeside
    from workbench.stages.model_fit.decision import ModelName
    from workbench.stages.model_fit.evidence import Certainty, ModelComparison, ModelPath, ModelReplay, ScoreTable
    from workbench.stages.usage import Path, UsageFacts, UsageSpread
    from workbench.study.model import Scenario

say, tell, warn = texts(__name__), key_figure_maker(__package__), caution_maker(__package__)


@dataclass(frozen=True, kw_only=True)
class ModelFitResult(StageResult):
    """What follows from the decision on the pricing model."""

    decision: ModelFitDecision
    evidence: ModelFitEvidence
    replay: ModelReplay
    scores: ScoreTable

    @property
    def comparison(self) -> ModelComparison:
        """Return the models side by side."""
        return self.replay.comparison

    @property
    def accounts(self) -> int:
        """Return how many accounts every model bills."""
        return int(self.comparison.population.sum())

    @property
    def order(self) -> tuple[tuple[str, float, float], ...]:
        """Return the models, best first: name, score and how often it leads."""
        return self.ranking

    @property
    def ranking(self) -> tuple[tuple[ModelName, float, float], ...]:
        """Return key, score and probability of coming first of each model, best first."""
        return self.scores.ranking

    @property
    def certainty(self) -> Certainty:
        """Return how sure the first place is, in a word."""
        return self.scores.certainty(self.accounts)

    @property
    def usage(self) -> UsageFacts | None:
        """Return the facts on the usage of the metric, None without usage."""
        return self.replay.usage

    @property
    def shown(self) -> ModelPath | None:
        """Return the model the key figures speak of: the chosen one, else the one with the highest score."""
        return self.comparison.model(self.decision.model) or self.comparison.model(self.scores.best)


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
        _against_hybrid(decision.model, replay, accounts, rulebook, base.currency),
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


def _against_hybrid(
    model: ModelName | None, replay: ModelReplay, accounts: int, rulebook: Rulebook, currency: str
) -> Finding:
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
        currency=currency,
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


# --- The key figures of model fit: order of adoption, and what the chosen model shows on the history


def _key_figures(result: ModelFitResult) -> Iterator[KeyFigure]:
    """Go through the figures a reader sees first; those of a model speak of the chosen one, else of the best."""
    adoption, comparison, scores, shown = result.evidence.adoption, result.comparison, result.scores, result.shown
    if adoption is not None:
        months = comparison.calibrated_in
        yield tell(
            "adoption", adoption.h.estimate, interval=adoption.h, period=months, adoption=adoption, readings=READINGS
        )
    if shown is None:
        return
    path, recorded, people = shown.path, comparison.recorded, count("account", result.accounts)
    of: dict[str, Any] = {"title": shown.title, "population": people}
    span = f"{comparison.months[0]:%Y-%m} to {comparison.months[-1]:%Y-%m}"
    retained = None if recorded is None else _difference(path.retention, recorded.retention)
    steadier = None if recorded is None else _difference(path.swing, recorded.swing)
    first, jumps = scores.first.get(shown.key), path.shock.jumps
    yield tell("score", scores.totals.get(shown.key), title=shown.title, first=None if is_unknown(first) else first)
    yield tell("retention", path.retention, change=retained, **of)
    yield tell("swing", path.swing, change=steadier, period=span, **of)
    yield tell("jumps", jumps.estimate, interval=jumps, period=span, **of)
    yield tell("losers", shown.share_up, **of)
    gap = None if result.usage is None else result.usage.gap
    if gap is not None:
        share = None if gap.share is None else gap.share.estimate
        yield tell("disconnect", share, interval=gap.share, compared=int(gap.compared.sum()))


def _difference(value: float | None, against: float | None) -> float | None:
    return None if value is None or against is None else value - against


# --- What to know about a comparison of models before trusting it

_FEW_ACCOUNTS = 30


def _cautions(base: CustomerBase, result: ModelFitResult) -> Iterator[Caution]:
    """Go through the cautions of a result, those that always hold first."""
    replay, comparison, scores = result.replay, result.comparison, result.scores
    months, accounts = comparison.months, result.accounts
    yield warn("nobody_reacts")
    yield warn("calibrated", calibrated_in=comparison.calibrated_in) if comparison.recorded else warn("no_revenue")
    if replay.brought is not None:
        worth = replay.brought.worth
        yield warn("what_a_model_would_bring", source=worth.source)
        if worth.source == BILLS:
            yield warn("worth_of_bills", refused=worth.refused, most=BEYOND_THE_BILL)
    if result.certainty == "low":
        places = [(MODEL_TITLES[model].lower(), first) for model, _, first in scores.ranking[:2]]
        yield warn("first_place_is_open", places=places, few=accounts if accounts < FEWEST_FOR_CERTAINTY else 0)
    if len(months) < len(base.months):
        yield warn("billed_from", month=months[0])
    if len(months) <= YEAR:
        yield warn("a_year_or_less")
    elif len(months) < 2 * YEAR:
        yield warn("under_two_years")
    if accounts < _FEW_ACCOUNTS:
        yield warn("few_accounts", fewest=_FEW_ACCOUNTS)
    yield from _on_gaps(result.evidence, replay)
    yield from (warn("kept_as_recorded", model=model) for model in comparison.models if model.kept > 0)
    yield from map(Caution, comparison.not_built)
    built = {model.key for model in comparison.models}
    if absent := [title for key, title in MODEL_TITLES.items() if key not in built]:
        yield warn("not_compared", absent=absent)
    if scores.left_out and comparison.models:
        yield warn("left_out", unknown=[CRITERIA[key].lower() for key in scores.left_out])


def _on_gaps(evidence: ModelFitEvidence, replay: ModelReplay) -> Iterator[Caution]:
    choice = replay.choice
    for metric in dict.fromkeys((choice.metric, choice.usage, choice.size_metric)):
        share = 0.0 if metric is None else evidence.history.filled.get(metric, 0.0)
        if share > 0:
            yield warn("gaps", share=share, metric=str(metric))


# --- Model fit in one sentence, for the decision log, the report and the command line


def summarise(decision: ModelFitDecision, result: ModelFitResult) -> str:
    """Return the chosen model, its score, what it would have shown and how usage reaches customers."""
    key = decision.model
    best, score, first = result.ranking[0] if result.ranking else (None, None, None)
    return say(
        "summary",
        decision=decision,
        title="" if key is None else MODEL_TITLES[key],
        model=result.comparison.model(key),
        total=None if key is None else result.scores.totals.get(key),
        recorded=result.comparison.recorded,
        best="" if best is None else MODEL_TITLES[best],
        score=score,
        first=first,
    )


# --- Model fit as tables: what stands under each chart and goes into the export

RECORDED = "On record"
READINGS = {
    "strong": "strong order",
    "medium": "medium order",
    "weak": "weak order",
    "none": "no common order",
    "unknown": "unknown",
}
_ADOPTION_FRAME = ["feature", "share", "h", "low", "high", "reading", "path"]
_ADOPTION = (
    ("Feature", TEXT, "feature"),
    ("Accounts using it", Percent(), "share"),
    ("H", Number(2), "h"),
    ("90% interval", interval_of(Number(2)), ("low", "high")),
    ("Reading", TEXT, "reading"),
    ("Place", TEXT, "path"),
)


def adoption_table(evidence: ModelFitEvidence) -> DataTable:
    """Return one row per feature, most used first: who uses it and how well it fits the common order."""
    adoption = evidence.adoption
    if adoption is None:
        return DataTable.of_frame(pd.DataFrame(columns=_ADOPTION_FRAME), _ADOPTION)
    on_path = set(evidence.path.names) if evidence.path is not None else set()
    rows = [
        (
            name,
            float(adoption.popularity[i]),
            item.estimate,
            item.low,
            item.high,
            READINGS[scalability_reading(item.estimate)],
            "on the common path" if name in on_path else "off the path",
        )
        for i, (name, item) in enumerate(zip(adoption.names, adoption.items, strict=True))
    ]
    return DataTable.of_frame(pd.DataFrame(rows, columns=_ADOPTION_FRAME), _ADOPTION)


def pair_table(evidence: ModelFitEvidence) -> DataTable:
    """Return one row per pair of features with H and its standard error, the least orderly first."""
    adoption = evidence.adoption
    if adoption is None:
        return DataTable.plain(pd.DataFrame(columns=["more_common", "less_common", "h", "standard_error"]))
    upper = np.triu_indices(len(adoption.names), 1)
    table = pd.DataFrame(
        {
            "more_common": [adoption.names[i] for i in upper[0]],
            "less_common": [adoption.names[i] for i in upper[1]],
            "h": adoption.pairs[upper],
            "standard_error": adoption.pair_errors[upper],
        }
    )
    return DataTable.plain(table.sort_values("h", ignore_index=True, kind="stable"))


def swing_table(usage: UsageFacts | None) -> DataTable:
    """Return how the metric swings, and what that would do to a bill per unit."""
    rows: list[tuple[str, float | None]] = []
    if usage is not None:
        known = usage.variation[np.isfinite(usage.variation)]
        p90 = float(np.quantile(known, 0.9)) if len(known) else None
        rows = [
            (say("month_to_month_variation_typical", known=len(known)), usage.median_variation),
            (say("month_to_month_variation_one"), p90),
            (say("accounts_with_a_rise_over", accounts=usage.shock.accounts), usage.shock.over_25),
            (say("accounts_with_a_rise_over_2"), usage.shock.over_50),
            (say("largest_monthly_rise_one_account"), usage.shock.largest_p95),
        ]
    return DataTable.of_rows(((say("swings_and_so_of_a"), TEXT), ("Value", Percent())), rows)


def spread_table(usage: UsageFacts | None, currency: str) -> DataTable:
    """Return how concentrated usage and revenue are, and the value-usage disconnect."""
    rows: list[tuple[str, Own]] = []
    if usage is not None:
        rows += _spread_rows("usage", usage.usage_spread)
    if usage is not None and usage.revenue_spread is not None:
        rows += _spread_rows("revenue", usage.revenue_spread)
    if usage is not None and usage.gap is not None:
        share, compared = usage.gap.share, int(usage.gap.compared.sum())
        interval = "" if share is None else f" (90% interval {percent(share.low, 1)} to {percent(share.high, 1)})"
        rows += [
            (say("accounts_with_more_value_from", compared=compared), Own(usage.gap.count, COUNT)),
            (f"Their share{interval}", Own(None if share is None else share.estimate, Percent(1))),
            (say("their_revenue_a_month_at"), Own(usage.gap.revenue, Money(currency))),
        ]
    return DataTable.of_rows(((say("concentration_and_value_against_usage"), TEXT), ("Value", NUMBER)), rows)


def _spread_rows(what: str, spread: UsageSpread) -> list[tuple[str, Own]]:
    return [
        (say("gini_coefficient_of_of_accounts", what=what, accounts=spread.accounts), Own(spread.gini, Number(2))),
        (say("share_of_with_the_largest", what=what), Own(spread.top_tenth, Percent())),
    ]


def disconnect_table(usage: UsageFacts | None) -> DataTable:
    """Return the accounts whose outcomes rose while their usage fell."""
    accounts: list[str] = [] if usage is None or usage.gap is None else usage.accounts[usage.gap.affected].tolist()
    return DataTable.plain(pd.DataFrame({"account_id": accounts}))


def model_table(comparison: ModelComparison) -> DataTable:
    """Return one row per model, after what is on record: retention, swings, jumps, who pays more, link to value."""
    recorded = comparison.recorded
    rows = [] if recorded is None else [{"model": RECORDED, **_measures(recorded)}]
    rows += [
        {
            "model": model.title,
            **_measures(model.path),
            "calibrated": model.calibrated,
            "p5": model.change_quantile(0.05),
            "p50": model.change_quantile(0.5),
            "p95": model.change_quantile(0.95),
            "up": model.share_up,
            "down": model.share_down,
            "kept": model.kept,
        }
        for model in comparison.models
    ]
    columns = (
        ("Model", TEXT, "model"),
        ("Revenue growth a year", Percent(1), "growth"),
        ("Net revenue retention", Percent(1), "retention"),
        ("Revenue around its trend", Percent(1), "swing"),
        ("Monthly bills up over 25%", Percent(1), "jumps"),
        (say("accounts_with_a_bill_up"), Percent(), "over_25"),
        ("Up over 50%", Percent(), "over_50"),
        (say("largest_rise_account_in_is"), Percent(), "largest_rise"),
        (say("bill_against_value_rank_correlation"), estimate_of(Number(2)), ("value", "value_low", "value_high")),
    )
    return DataTable.of_frame(pd.DataFrame(rows), columns if rows else ())


def path_table(comparison: ModelComparison) -> DataTable:
    """Return revenue per month of what is on record and of each model: month, model, revenue."""
    parts = []
    if comparison.recorded is not None:
        parts.append((RECORDED, comparison.recorded.revenue))
    parts += [(model.title, model.path.revenue) for model in comparison.models]
    frames = [pd.DataFrame({"month": comparison.months, "model": name, "revenue": path}) for name, path in parts]
    empty = pd.DataFrame(columns=["month", "model", "revenue"])
    return DataTable.plain(pd.concat(frames, ignore_index=True) if frames else empty)


def score_frame(scores: ScoreTable, decision: ModelFitDecision) -> DataTable:
    """Return one row per model and criterion: score, reason, weight."""
    rows = [
        (
            MODEL_TITLES[c.model],
            CRITERIA[c.criterion],
            c.score,
            c.measured,
            c.reason,
            decision.weights.get(c.criterion, 0.0),
        )
        for c in scores.cells
    ]
    frame = pd.DataFrame(rows, columns=["model", "criterion", "score", "measured", "reason", "weight"])
    shown = (("Model", TEXT, "model"), ("Criterion", TEXT, "criterion"), ("Score", Number(2), "score"),
             ("Reason", TEXT, "reason"))  # fmt: skip
    return DataTable.of_frame(frame, shown)


def _measures(path: Path) -> dict[str, float | None]:
    return {
        "growth": path.growth,
        "retention": path.retention,
        "swing": path.swing,
        "over_25": path.shock.over_25,
        "over_50": path.shock.over_50,
        "jumps": path.shock.jumps.estimate,
        "largest_rise": path.shock.largest_p95,
        "value": path.value.estimate,
        "value_low": path.value.low,
        "value_high": path.value.high,
    }


# --- Published figures on pricing models beside what this company's own data shows


def claims(base: CustomerBase, scenario: Scenario, comparison: ModelComparison) -> tuple[ClaimBeside, ...]:
    """Return every claim with the company's own figure; a replay by usage answers two of them, nobody reacting."""
    found: dict[str, OwnFigure] = {}
    usage, recorded = comparison.model("usage_based"), comparison.recorded
    if usage is not None and recorded is not None:
        own, was = usage.path, recorded
        if was.retention and own.retention is not None:
            what = say("more_retention_by_usage", own=own.retention, recorded=was.retention)
            found["usage_retention"] = OwnFigure(value=own.retention / was.retention - 1, unit="share", what=what)
        if was.value.estimate > 0:
            what = say("as_closely_as_today", own=own.value.estimate, recorded=was.value.estimate)
            closer = own.value.estimate / was.value.estimate
            found["usage_price_value"] = OwnFigure(value=closer, unit="times", what=what)
    return claims_beside(base, scenario, found)


# --- Model fit evaluated: the score table under the weights, key figures, findings and cautions


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
    result = ModelFitResult(
        basis=_basis(base, replay.comparison),
        findings=model_fit_findings(base, scenario, known, scores, rulebook),
        missing=missing_tables(__package__, base),
        tables={
            "adoption": adoption_table(known),
            "pairs": pair_table(known),
            "swings": swing_table(replay.usage),
            "concentration": spread_table(replay.usage, known.currency),
            "disconnect": disconnect_table(replay.usage),
            "models": model_table(replay.comparison),
            "paths": path_table(replay.comparison),
            "scores": score_frame(scores, decision),
            "benchmarks": claims_table(claims(base, scenario, replay.comparison)),
        },
        decision=decision,
        evidence=known,
        replay=replay,
        scores=scores,
    )
    return replace(result, key_figures=tuple(_key_figures(result)), cautions=tuple(_cautions(base, result)))


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
