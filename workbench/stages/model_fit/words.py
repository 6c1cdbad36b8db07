"""Model fit in sentences: key figures, cautions, readings and the summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.customers.needs import YEAR
from workbench.formatting import capitalised, count, metric_words, number, percent
from workbench.results import Caution, KeyFigure
from workbench.stages.model_fit import tables
from workbench.stages.model_fit.decision import CRITERIA, MODEL_TITLES
from workbench.stages.model_fit.evidence import FEWEST_FOR_CERTAINTY
from workbench.stages.model_fit.tables import READINGS
from workbench.stages.model_fit.worth import BEYOND_THE_BILL, BILLS

if TYPE_CHECKING:
    from workbench.customers.base import CustomerBase
    from workbench.stages.model_fit.decision import ModelFitDecision, ModelName
    from workbench.stages.model_fit.evidence import ModelComparison, ModelFitEvidence, ModelReplay, ScoreTable
    from workbench.stages.model_fit.result import ModelFitResult


def metric_sentence(result: ModelFitResult) -> str:
    """Say which metric usage is read by, and why."""
    choice = result.replay.choice
    if choice.metric is None:
        return "No usage is on record."
    why = capitalised(choice.why)
    return f"Metric: {choice.metric.replace('_', ' ')}. {why}."


def adoption_sentence(result: ModelFitResult) -> str:
    """Say what the order of adoption speaks for."""
    adoption, path = result.evidence.adoption, result.evidence.path
    if adoption is None or adoption.reading == "unknown":
        return "How customers take up features is unknown: that needs feature use of at least two features that vary."
    h = adoption.h
    first = (
        f"Over all {len(adoption.names)} features that vary, H is {number(h.estimate, 2)} "
        f"({number(h.low, 2)} to {number(h.high, 2)}, 90% interval, {adoption.accounts:,} accounts): "
        f"{READINGS[adoption.reading]}."
    )
    off = result.evidence.off_path
    if not off or path is None or not path.names:
        return first
    return (
        f"{first} Without the {len(off)} off the path, the other {len(path.names)} have H {number(path.h.estimate, 2)} "
        f"({READINGS[path.reading]}): a common core for tiers, and the rest to sell apart."
    )


# --- The key figures of model fit: order of adoption, and what the chosen model shows on the history


def model_fit_key_figures(
    decision: ModelFitDecision, evidence: ModelFitEvidence, replay: ModelReplay, scores: ScoreTable
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


def _span(comparison: ModelComparison) -> str:
    return f"{comparison.months[0]:%Y-%m} to {comparison.months[-1]:%Y-%m}"


def _difference(value: float | None, against: float | None) -> float | None:
    return None if value is None or against is None else value - against


def _known(value: float | None) -> float | None:
    return None if value is None or value != value else value  # noqa: PLR0124 - the plain test for not-a-number


# --- What to know about a comparison of models before trusting it

NOBODY_REACTS = (
    "Usage, churn and new customers are taken as they were: nobody reacts to the prices here, "
    "so the models differ in how they bill and in nothing else."
)
_FEW_ACCOUNTS = 30
_SHOWN_AS_NONE = 0.0005  # a smaller share would be written 0.0%


def model_fit_cautions(
    base: CustomerBase, evidence: ModelFitEvidence, replay: ModelReplay, scores: ScoreTable
) -> tuple[Caution, ...]:
    """Return the cautions of a result, those that always hold first."""
    always = (Caution(NOBODY_REACTS, "note"), Caution(_calibration(replay.comparison), "note"))
    rest = (*_on_history(base, replay.comparison), *_on_gaps(evidence, replay), *_on_models(replay, scores))
    return (*always, *_on_worth(replay), *_on_ranking(replay, scores), *rest)


def _on_worth(replay: ModelReplay) -> list[Caution]:
    brought = replay.brought
    if brought is None:
        return []
    worth = brought.worth
    text = (
        f"What a model would bring is a comparison of models at their best prices, with worth read from {worth.source} "
        "of these accounts; it is no forecast and no price to launch."
    )
    found = [Caution(text, "note")]
    if worth.source == BILLS:
        why = (
            f"There are price answers, but {worth.refused}. So worth"
            if worth.refused
            else "Without price answers worth"
        )
        found.append(
            Caution(
                f"{why} is taken to lie between what accounts pay and {BEYOND_THE_BILL:g} times that, which speaks for "
                "models that bill like today's."
            )
        )
    return found


def _on_ranking(replay: ModelReplay, scores: ScoreTable) -> list[Caution]:
    accounts = int(replay.comparison.population.sum())
    if scores.certainty(accounts) != "low":
        return []
    (model, _, first), *others = scores.ranking
    second = f", {MODEL_TITLES[others[0][0]].lower()} in {percent(others[0][2])}" if others else ""
    few = f" {accounts:,} accounts are too few to be sure." if accounts < FEWEST_FOR_CERTAINTY else ""
    text = (
        f"The first place is open: {MODEL_TITLES[model].lower()} comes first in {percent(first)} of draws{second}.{few}"
    )
    return [Caution(text)]


def _calibration(comparison: ModelComparison) -> str:
    if comparison.recorded is None:
        return "No revenue is on record, so every model is set to earn 100 per customer and month: an index, not money."
    return (
        f"Every model is set to earn what is on record from the same accounts in the {comparison.calibrated_in}, "
        "before prices are rounded."
    )


def _on_history(base: CustomerBase, comparison: ModelComparison) -> list[Caution]:
    found, months = [], comparison.months
    if len(months) < len(base.months):
        text = f"The models are billed from {months[0]:%Y-%m} on: earlier, a metric they need was not on record."
        found.append(Caution(text, "note"))
    if len(months) <= YEAR:
        found.append(Caution("With 12 months or less, net revenue retention over a year is unknown."))
    elif len(months) < 2 * YEAR:
        found.append(Caution("Under two years of history, a season cannot be told from a trend."))
    if int(comparison.population.sum()) < _FEW_ACCOUNTS:
        found.append(Caution(f"Under {_FEW_ACCOUNTS} accounts can be compared; read every share as a rough guide."))
    return found


def _on_gaps(evidence: ModelFitEvidence, replay: ModelReplay) -> list[Caution]:
    found = []
    choice = replay.choice
    for metric in dict.fromkeys((choice.metric, choice.usage, choice.size_metric)):
        share = 0.0 if metric is None else evidence.history.filled.get(metric, 0.0)
        if share > 0:
            words = metric_words(str(metric))
            often = f"{share:.1%}" if share >= _SHOWN_AS_NONE else "fewer than 0.1%"
            text = f"In {often} of customer months {words} had no record; the last known quantity was billed."
            found.append(Caution(text))
    return found


def _on_models(replay: ModelReplay, scores: ScoreTable) -> list[Caution]:
    comparison = replay.comparison
    found = [
        Caution(f"{m.title}: {m.kept:.1%} of customer months fit no priced plan and keep what was on record.")
        for m in comparison.models
        if m.kept > 0
    ]
    found += [Caution(text) for text in comparison.not_built]
    built = {model.key for model in comparison.models}
    if absent := [title for key, title in MODEL_TITLES.items() if key not in built]:
        found.append(
            Caution(f"Not compared, because the data lacks what they bill or nobody would buy it: {', '.join(absent)}.")
        )
    if scores.left_out and comparison.models:
        unknown = ", ".join(CRITERIA[key].lower() for key in scores.left_out)
        found.append(Caution(f"Left out of the score, because unknown for some model: {unknown}."))
    return found


# --- Model fit in one sentence, for the decision log, the report and the command line

_COMPONENT = {
    "none": "no usage component",
    "opt_in": "usage offered as an option first",
    "beside": "usage billed beside today's unit",
    "replacement": "usage replacing today's price",
}


def summarise(decision: ModelFitDecision, result: ModelFitResult) -> str:
    """Return the chosen model, its score, what it would have shown and how usage reaches customers."""
    if decision.model is None:
        return "No pricing model is chosen yet."
    title = MODEL_TITLES[decision.model]
    model = result.comparison.model(decision.model)
    component = _COMPONENT[decision.usage_component]
    if model is None:
        return f"{title} pricing, {component}; this data cannot replay it."
    total = result.scores.totals.get(decision.model)
    recorded = result.comparison.recorded
    beside = f" ({percent(recorded.retention)} on record)" if recorded is not None else ""
    return (
        f"{title} pricing, {component}: score {number(total, 2)} of 1; on past usage it would have shown "
        f"net revenue retention of {percent(model.path.retention)}{beside}, and {percent(model.share_up)} "
        f"of accounts would have paid over 20% more at the switch.{_place(decision, result)}"
    )


def _place(decision: ModelFitDecision, result: ModelFitResult) -> str:
    """Say which model ranks first, and how surely."""
    if not result.ranking:
        return ""
    best, score, first = result.ranking[0]
    if best == decision.model:
        return f" It ranks first in {percent(first)} of draws."
    title = MODEL_TITLES[best].lower()
    return (
        f" It is not the one that ranks first: {title} is, with score {number(score, 2)}, in {percent(first)} of draws."
    )
