"""Put one design before the customers: who buys what, what it brings, and how that compares with today."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.demand.anchoring import anchoring_of
from workbench.demand.changes import attach_rates
from workbench.demand.errors import DemandError
from workbench.demand.kept import kept_by_segment
from workbench.formatting import count
from workbench.results import Basis, Caution, KeyFigure
from workbench.stages.later import later
from workbench.stages.price_book import price_book
from workbench.stages.willingness.against_today import effect_on_today
from workbench.stages.willingness.asked_range import beyond_what_was_asked
from workbench.stages.willingness.decision import WillingnessDecision
from workbench.stages.willingness.design import DesignDemand
from workbench.stages.willingness.evidence import gather
from workbench.stages.willingness.outcome import WillingnessResult
from workbench.stages.willingness.standing import standing_of

if TYPE_CHECKING:
    from workbench.customers import CustomerBase
    from workbench.results import Interval
    from workbench.stages.willingness.evidence import DemandEvidence
    from workbench.study import Scenario

FEW_FREE = 0.01
"""Share of accounts that pay nothing today below which no figure is made of them."""
BEYOND_TODAY = (
    "Only today's accounts are asked: what new customers would pay, and who would come, is not in these numbers."
)


def evaluate(
    base: CustomerBase,
    scenario: Scenario,
    *,
    evidence: DemandEvidence | None = None,
    known: DesignDemand | None = None,
) -> WillingnessResult:
    """Return who would buy what from a scenario's offer, from the source of answers it has settled on.

    Parameters
    ----------
    evidence
        What `gather` returned for the base; gathered here without it.
    known
        The design of an earlier result: what it worked out is used again where only prices differ.

    """
    found = evidence or gather(base)
    decision = scenario.decision(WillingnessDecision)
    answers = found.answers(decision)
    asked = WillingnessResult(
        scenario=scenario,
        decision=decision,
        answers=answers,
        currency=answers.currency,
        missing=answers.missing,
    )
    book = price_book(base, scenario)
    try:
        sourced = found.sourced(decision)
        design = DesignDemand.of(sourced, book, known)
    except DemandError as error:
        return replace(asked, why_not=str(error))
    today = found.today
    left_out = sourced.demand.left_out(book)
    return replace(
        asked,
        source=sourced.source,
        design=design,
        standing=later(lambda: standing_of(sourced, design.outcome, answers.currency)),
        key_figures=later(lambda: _key_figures(design, answers.currency, _period(base))),
        against_today=later(lambda: effect_on_today(sourced, design.book, today)),
        attach=later(lambda: attach_rates(sourced.demand, book) if book.add_ons else None),
        anchoring=later(lambda: anchoring_of(base.frames.get("survey_choice"))),
        kept=later(lambda: kept_by_segment(design.task, sourced.demand.customers, *design.fees)),
        cautions=later(lambda: (*_standing(asked, design), *sourced.cautions, *_about(left_out), _BEYOND)),
        basis=_basis(base, design, left_out),
    )


def _key_figures(design: DesignDemand, currency: str, period: str) -> tuple[KeyFigure, ...]:
    outcome = design.outcome
    people = f"{count('account', round(outcome.accounts))} asked"
    paying = f"{count('account', round(outcome.paying))} that pay today"
    free = outcome.free_kept_interval
    told = outcome.accounts - outcome.paying >= FEW_FREE * outcome.accounts
    others = f"{count('account', round(outcome.accounts - outcome.paying))} that pay nothing today"
    dearest = int(np.nanargmax(outcome.shares)) if np.isfinite(outcome.shares).any() else 0
    shares = outcome.share_intervals
    return (
        _money("Revenue by what customers would choose", outcome.revenue_interval, currency, period, people),
        _money("Margin by what customers would choose", outcome.margin_interval, currency, period, people),
        _share("Paying accounts kept", outcome.kept_interval, period, paying),
        *(
            ()
            if free is None or not told
            else (_share("Accounts on nothing today that take an offer", free, period, others),)
        ),
        _share(f"Buyers of {outcome.plans[dearest]}", shares[dearest], period, people),
    )


def _money(label: str, range_: Interval, currency: str, period: str, people: str) -> KeyFigure:
    return KeyFigure(label, range_.estimate, currency, period, people, interval=range_)


def _share(label: str, range_: Interval, period: str, people: str) -> KeyFigure:
    return KeyFigure(label, range_.estimate, "percent", period, people, interval=range_)


def _period(base: CustomerBase) -> str:
    return f"at the usage of the three months to {base.months[-1]:%B %Y}"


_BEYOND = Caution(BEYOND_TODAY, "note")


def _standing(asked: WillingnessResult, design: DesignDemand) -> tuple[Caution, ...]:
    """Return why nothing may be concluded, and which prices nobody was asked about."""
    standing = standing_of(design.sourced, design.outcome, asked.currency)
    said = () if standing.is_known else (Caution(f"Unknown what this design brings. {standing.reason}"),)
    return (*said, *beyond_what_was_asked(replace(asked, source=design.sourced.source, design=design)))


def _about(left_out: int) -> tuple[Caution, ...]:
    if not left_out:
        return ()
    return (Caution(f"{count('account', left_out)} left out: what the design charges for is not recorded for them."),)


def _basis(base: CustomerBase, design: DesignDemand, left_out: int) -> Basis:
    asked = len(design.sourced.demand.customers) - left_out
    months = base.months[-3:]
    first, last = (f"{month:%Y-%m}" for month in (months[0], months[-1]))
    return Basis(asked, len(base), first, last, "Active accounts whose bill is known.")
