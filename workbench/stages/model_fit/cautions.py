"""What to know about a comparison of models before trusting it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.customers.windows import YEAR
from workbench.formatting import percent
from workbench.results import Caution
from workbench.stages.model_fit.account_worth import BEYOND_THE_BILL, BILLS
from workbench.stages.model_fit.decision import CRITERIA, MODEL_TITLES
from workbench.stages.model_fit.scoring import FEWEST_FOR_CERTAINTY
from workbench.wording import metric_words

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.stages.model_fit.comparison import Comparison
    from workbench.stages.model_fit.evidence import Evidence, Replay
    from workbench.stages.model_fit.scoring import ScoreTable

NOBODY_REACTS = (
    "Usage, churn and new customers are taken as they were: nobody reacts to the prices here, "
    "so the models differ in how they bill and in nothing else."
)
_FEW_ACCOUNTS = 30
_SHOWN_AS_NONE = 0.0005  # a smaller share would be written 0.0%


def cautions(base: CustomerBase, evidence: Evidence, replay: Replay, scores: ScoreTable) -> tuple[Caution, ...]:
    """Return the cautions of a result, those that always hold first."""
    always = (Caution(NOBODY_REACTS, "note"), Caution(_calibration(replay.comparison), "note"))
    rest = (*_on_history(base, replay.comparison), *_on_gaps(evidence, replay), *_on_models(replay, scores))
    return (*always, *_on_worth(replay), *_on_ranking(replay, scores), *rest)


def _on_worth(replay: Replay) -> list[Caution]:
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


def _on_ranking(replay: Replay, scores: ScoreTable) -> list[Caution]:
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


def _calibration(comparison: Comparison) -> str:
    if comparison.recorded is None:
        return "No revenue is on record, so every model is set to earn 100 per customer and month: an index, not money."
    return (
        f"Every model is set to earn what is on record from the same accounts in the {comparison.calibrated_in}, "
        "before prices are rounded."
    )


def _on_history(base: CustomerBase, comparison: Comparison) -> list[Caution]:
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


def _on_gaps(evidence: Evidence, replay: Replay) -> list[Caution]:
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


def _on_models(replay: Replay, scores: ScoreTable) -> list[Caution]:
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
