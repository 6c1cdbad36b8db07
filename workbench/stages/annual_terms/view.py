"""What the stage annual terms shows: the terms and where they begin to cost, cash beside revenue, the year replayed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.stages.annual_terms.suggestion import suggest
from workbench.stages.view import Action, Figures, KeyFigures, Said, SectionView, TableOf, View
from workbench.study.model import Scenario
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from workbench.stages.annual_terms.decision import AnnualTermsDecision
    from workbench.stages.annual_terms.result import AnnualResult

say = texts(__name__)
_GUESSES = ("take_up_low", "take_up_high", "renewal_low", "renewal_high", "churn_low", "churn_high")


def summarise(decision: AnnualTermsDecision, result: AnnualResult) -> str:
    """Return the terms and what they come to, in one sentence."""
    if not len(result.path):
        return say("summary_open", discount=decision.discount, even=result.break_even.discount)
    last = result.path.iloc[-1]
    return say(
        "summary", discount=decision.discount, months=len(result.path),
        mrr=float(last["mrr"]), before=float(last["mrr before"]), currency=result.evidence.currency,
        take_up=decision.range_of("take_up"),
    )  # fmt: skip


def where_it_costs(result: AnnualResult) -> Iterable[str]:
    """Say where the offer begins to cost money: by discount, by who leaves after a year, by who takes it."""
    even, known = result.break_even, result.evidence
    if even.discount is None or even.renewal is None:
        return [say("churn_unknown")]
    told = [say("by_discount", even=even.discount, churn=result.churn, measured=result.decision.churn_low is None)]
    told.append(say("by_renewal", even=even.renewal, discount=result.decision.discount))
    if even.take_up_is_known:
        told.append(
            say("by_take_up", take_up=even.take_up, months=result.decision.horizon_months, share=known.yearly_share)
        )
    return told


def replay_sentences(result: AnnualResult) -> Iterable[str]:
    """Say what the last year would have been, had everybody who began it by the month paid it in advance."""
    found = result.replayed
    if found is None:
        return [say("no_year")]
    values = {"discount": result.decision.discount, "same": found.discount, "refund": result.decision.refund}
    currency = result.evidence.currency
    return [say("replayed", accounts=found.accounts, left=found.left, change=found.change, currency=currency, **values)]


def from_the_record(decision: AnnualTermsDecision, result: AnnualResult) -> Mapping[str, object]:
    """Take the guesses the record speaks for, and leave open what it says nothing about."""
    blank = decision.replaced(**dict.fromkeys(_GUESSES))
    scenario = Scenario(id="record", name="Record").with_decision(blank)
    made = suggest(result.evidence.base, scenario, evidence=result.evidence)
    return {name: getattr(made, name) for name in _GUESSES}


VIEW = View(
    leading=("cash_and_revenue", "over_a_customers_time"),
    sections=(
        SectionView(
            key="terms",
            settings=(
                ("discount", "refund"),
                ("take_up_low", "take_up_high", "renewal_low", "renewal_high"),
                ("churn_low", "churn_high", "ramp_months", "horizon_months"),
            ),
            actions=(Action(key="from_the_record", changes=from_the_record),),
            parts=(
                KeyFigures(),
                Said("break_even", where_it_costs),
                Figures(("cash_and_revenue", "over_a_customers_time")),
            ),
        ),
        SectionView(
            key="replayed",
            parts=(
                Said("replay", replay_sentences),
                TableOf("replay", lambda result: result.tables["replay"] if result.replayed else None, folded=True),
                TableOf("bills", folded=True),
            ),
        ),
    ),
)
