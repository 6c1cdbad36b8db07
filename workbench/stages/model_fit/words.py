"""Model fit in sentences: key figures, cautions, readings and the summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.customers.needs import YEAR
from workbench.formatting import capitalised, count, in_format, metric_words, percent
from workbench.results import Caution, KeyFigure
from workbench.stages.model_fit import tables
from workbench.stages.model_fit.decision import CRITERIA, MODEL_TITLES
from workbench.stages.model_fit.evidence import FEWEST_FOR_CERTAINTY
from workbench.stages.model_fit.tables import READINGS
from workbench.stages.model_fit.worth import BEYOND_THE_BILL, BILLS
from workbench.text import texts

if TYPE_CHECKING:
    from workbench.customers.base import CustomerBase
    from workbench.stages.model_fit.decision import ModelFitDecision, ModelName
    from workbench.stages.model_fit.evidence import ModelComparison, ModelFitEvidence, ModelReplay, ScoreTable
    from workbench.stages.model_fit.result import ModelFitResult

say = texts(__name__)


def metric_sentence(result: ModelFitResult) -> str:
    """Say which metric usage is read by, and why."""
    choice = result.replay.choice
    if choice.metric is None:
        return say("no_usage_is_on_record")
    why = capitalised(choice.why)
    return f"Metric: {choice.metric.replace('_', ' ')}. {why}."


def adoption_sentence(result: ModelFitResult) -> str:
    """Say what the order of adoption speaks for."""
    adoption, path = result.evidence.adoption, result.evidence.path
    if adoption is None or adoption.reading == "unknown":
        return say("how_customers_take_up_features")
    h = adoption.h
    first = say(
        "over_all_features_that_vary",
        names=len(adoption.names),
        estimate=h.estimate,
        low=h.low,
        high=h.high,
        accounts=adoption.accounts,
        readings=READINGS[adoption.reading],
    )
    off = result.evidence.off_path
    if not off or path is None or not path.names:
        return first
    return say(
        "without_the_off_the_path",
        first=first,
        off=len(off),
        names=len(path.names),
        estimate=path.h.estimate,
        readings=READINGS[path.reading],
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
                say("common_order_of_adoption_loevinger"),
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
            say("revenue_around_its_trend", title=title),
            _known(shown.path.swing),
            "percent",
            span,
            accounts,
            change=None if recorded is None else _difference(shown.path.swing, recorded.swing),
            digits=1,
            held_against_today=True,
        ),
        KeyFigure(
            say("monthly_bills_up_over", title=title),
            _known(shown.path.shock.jumps.estimate),
            "percent",
            span,
            accounts,
            interval=shown.path.shock.jumps,
            digits=1,
        ),
        KeyFigure(
            say("accounts_paying_over_more", title=title),
            _known(shown.share_up),
            "percent",
            "at the switch",
            accounts,
            note=say("against_what_is_on_record"),
        ),
    ]
    if replay.usage is not None and replay.usage.gap is not None:
        gap = replay.usage.gap
        figures.append(
            KeyFigure(
                say("more_value_from_less_usage"),
                None if gap.share is None else gap.share.estimate,
                "percent",
                say("half_a_year_against_the"),
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
    return say("first_in_of_draws_of", share=share)


def _span(comparison: ModelComparison) -> str:
    return f"{comparison.months[0]:%Y-%m} to {comparison.months[-1]:%Y-%m}"


def _difference(value: float | None, against: float | None) -> float | None:
    return None if value is None or against is None else value - against


def _known(value: float | None) -> float | None:
    return None if value is None or value != value else value  # noqa: PLR0124 - the plain test for not-a-number


# --- What to know about a comparison of models before trusting it

NOBODY_REACTS = say("usage_churn_and_new_customers")
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
    text = say("what_a_model_would_bring", source=worth.source)
    found = [Caution(text, "note")]
    if worth.source == BILLS:
        why = (
            say("there_are_price_answers_but", refused=worth.refused)
            if worth.refused
            else "Without price answers worth"
        )
        found.append(Caution(say("is_taken_to_lie_between", why=why, beyond_the_bill=BEYOND_THE_BILL)))
    return found


def _on_ranking(replay: ModelReplay, scores: ScoreTable) -> list[Caution]:
    accounts = int(replay.comparison.population.sum())
    if scores.certainty(accounts) != "low":
        return []
    (model, _, first), *others = scores.ranking
    second = f", {MODEL_TITLES[others[0][0]].lower()} in {percent(others[0][2])}" if others else ""
    few = say("accounts_are_too_few_to", accounts=accounts) if accounts < FEWEST_FOR_CERTAINTY else ""
    text = say("the_first_place_is_open", lower=MODEL_TITLES[model].lower(), first=first, second=second, few=few)
    return [Caution(text)]


def _calibration(comparison: ModelComparison) -> str:
    if comparison.recorded is None:
        return say("no_revenue_is_on_record")
    return say("every_model_is_set_to", calibrated_in=comparison.calibrated_in)


def _on_history(base: CustomerBase, comparison: ModelComparison) -> list[Caution]:
    found, months = [], comparison.months
    if len(months) < len(base.months):
        text = say("the_models_are_billed_from", months=months[0])
        found.append(Caution(text, "note"))
    if len(months) <= YEAR:
        found.append(Caution(say("with_months_or_less_net")))
    elif len(months) < 2 * YEAR:
        found.append(Caution(say("under_two_years_of_history")))
    if int(comparison.population.sum()) < _FEW_ACCOUNTS:
        found.append(Caution(say("under_accounts_can_be_compared", few_accounts=_FEW_ACCOUNTS)))
    return found


def _on_gaps(evidence: ModelFitEvidence, replay: ModelReplay) -> list[Caution]:
    found = []
    choice = replay.choice
    for metric in dict.fromkeys((choice.metric, choice.usage, choice.size_metric)):
        share = 0.0 if metric is None else evidence.history.filled.get(metric, 0.0)
        if share > 0:
            words = metric_words(str(metric))
            often = in_format(share, ".1%") if share >= _SHOWN_AS_NONE else "fewer than 0.1%"
            text = say("in_of_customer_months_had", often=often, words=words)
            found.append(Caution(text))
    return found


def _on_models(replay: ModelReplay, scores: ScoreTable) -> list[Caution]:
    comparison = replay.comparison
    found = [
        Caution(say("of_customer_months_fit_no", title=m.title, kept=m.kept)) for m in comparison.models if m.kept > 0
    ]
    found += [Caution(text) for text in comparison.not_built]
    built = {model.key for model in comparison.models}
    if absent := [title for key, title in MODEL_TITLES.items() if key not in built]:
        found.append(Caution(say("not_compared_because_the_data", absent=", ".join(absent))))
    if scores.left_out and comparison.models:
        unknown = ", ".join(CRITERIA[key].lower() for key in scores.left_out)
        found.append(Caution(say("left_out_of_the_score", unknown=unknown)))
    return found


# --- Model fit in one sentence, for the decision log, the report and the command line

_COMPONENT = {
    "none": "no usage component",
    "opt_in": say("usage_offered_as_an_option"),
    "beside": say("usage_billed_beside_today_s"),
    "replacement": "usage replacing today's price",
}


def summarise(decision: ModelFitDecision, result: ModelFitResult) -> str:
    """Return the chosen model, its score, what it would have shown and how usage reaches customers."""
    if decision.model is None:
        return say("no_pricing_model_is_chosen")
    title = MODEL_TITLES[decision.model]
    model = result.comparison.model(decision.model)
    component = _COMPONENT[decision.usage_component]
    if model is None:
        return say("pricing_this_data_cannot_replay", title=title, component=component)
    total = result.scores.totals.get(decision.model)
    recorded = result.comparison.recorded
    beside = f" ({percent(recorded.retention)} on record)" if recorded is not None else ""
    return say(
        "pricing_score_of_on_past",
        title=title,
        component=component,
        total=total,
        retention=model.path.retention,
        beside=beside,
        share_up=model.share_up,
        place=_place(decision, result),
    )


def _place(decision: ModelFitDecision, result: ModelFitResult) -> str:
    """Say which model ranks first, and how surely."""
    if not result.ranking:
        return ""
    best, score, first = result.ranking[0]
    if best == decision.model:
        return say("it_ranks_first_in_of", first=first)
    title = MODEL_TITLES[best].lower()
    return say("it_is_not_the_one", title=title, score=score, first=first)
