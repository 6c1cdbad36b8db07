"""What follows from a playbook: whether customers grow, which triggers the past speaks for, and whom to call."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from workbench.growth import Scorecard
from workbench.growth.scorecard import METRICS
from workbench.growth.triggers import CallList, CallOdds, Playbook, TriggerBackTest, TriggerError
from workbench.results import Basis
from workbench.rules import rulebook as rules
from workbench.rules.rulebook import interval_in_words, measure_in_words
from workbench.stages.contract import LazyTables, caution_maker, finding_maker, key_figure_maker, later, missing_tables
from workbench.stages.expansion.decision import ExpansionDecision
from workbench.stages.expansion.evidence import ExpansionEvidence, gather
from workbench.stages.expansion.result import ExpansionResult
from workbench.stages.expansion.tables import (
    calls_table,
    case_table,
    cohort_table,
    definitions_table,
    expansion_table,
    meanings_table,
    opt_in_table,
    order_table,
    probability_table,
    scorecard_table,
    trend_table,
    trigger_table,
    under_table,
)
from workbench.stages.expansion.teams import (
    games_table,
    paths_of,
    pay_under_table,
    payouts_of,
    plans_table,
    pods_of,
    pods_table,
    ways_table,
)
from workbench.stats import on_one
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.customers.base import CustomerBase
    from workbench.growth.scorecard import ScorecardLine, ScoreReading
    from workbench.results import Caution, KeyFigure
    from workbench.rules.rulebook import Finding, Rulebook, Status
    from workbench.stages.expansion.evidence import Lived
    from workbench.study.model import Scenario

say, tell, warn, find = (
    texts(__name__), key_figure_maker(__package__), caution_maker(__package__), finding_maker(__package__),
)  # fmt: skip
judge = partial(rules.judge, say)
FEW = 30  # accounts
CALLED = 0.2  # share of the accounts at which the order of calls is held against that by size: ours
COVERED = 0.8  # of what may be expected of all accounts: ours
WEEKS = 13  # in which every account with a reason should have been talked to: ours


def evaluate(
    base: CustomerBase,
    scenario: Scenario,
    *,
    rulebook: Rulebook | None = None,
    seed: int = 0,
    evidence: ExpansionEvidence | None = None,
) -> ExpansionResult:
    """Return what a scenario's playbook comes to on the company's own past."""
    del seed
    book = rules.RULEBOOK if rulebook is None else rulebook
    known = gather(base) if evidence is None else evidence
    decision = scenario.decision(ExpansionDecision)
    lived = known.lived(decision.history)
    playbook, refused = _usable(lived, decision)
    result: ExpansionResult = ExpansionResult(
        basis=_basis(base, lived),
        decision=decision,
        evidence=known,
        lived=lived,
        currency=lived.base.currency,
        refused=refused,
        card=later(lambda: lived.card(book)),
        card_under=later(lambda: lived.card_under(scenario, book)),
        back_test=later(lambda: lived.back_test(playbook)),
        odds=later(lambda: lived.odds(playbook)),
        offers=later(lambda: lived.offers(scenario)),
        calls=later(lambda: _calls(result)),
        pods=later(lambda: pods_of(result)),
        payouts=later(lambda: payouts_of(result, scenario)),
        paths=later(lambda: paths_of(result, scenario)),
        movers=later(lambda: known.lived("study").first_to_opt_in(scenario)),
        key_figures=later(lambda: tuple(_key_figures(result))),
        findings=later(lambda: tuple(_findings(result, book))),
        cautions=later(lambda: tuple(_cautions(result))),
        missing=missing_tables(__package__, base),
        tables=LazyTables(
            {
                "scorecard": lambda: scorecard_table(result),
                "meanings": lambda: meanings_table(result),
                "under": lambda: under_table(result),
                "definitions": lambda: definitions_table(result),
                "case": lambda: case_table(result),
                "first_expansion": lambda: expansion_table(result),
                "cohorts": lambda: cohort_table(result),
                "trend": lambda: trend_table(result),
                "back_test": lambda: trigger_table(result),
                "gain": lambda: order_table(result),
                "calibration": lambda: probability_table(result),
                "calls": lambda: calls_table(result),
                "paths": lambda: ways_table(result),
                "movers": lambda: opt_in_table(result),
                "pods": lambda: pods_table(result),
                "pay": lambda: plans_table(result),
                "pay_under": lambda: pay_under_table(result, scenario),
                "games": lambda: games_table(result),
            }
        ),
    )
    return result


def _usable(lived: Lived, decision: ExpansionDecision) -> tuple[Playbook, str]:
    """Return the triggers that can be looked at on this data, and why others are left out."""
    told, kept = [], {}
    for key, each in decision.triggers.triggers.items():
        one = Playbook(triggers={key: each})
        try:
            one.check(lived.base)
            kept[key] = each
        except TriggerError as error:
            told.append(str(error))
    return Playbook(triggers=kept), " ".join(told)


def _basis(base: CustomerBase, lived: Lived) -> Basis:
    months = lived.base.months
    if not lived.base.has("mrr"):
        return Basis(0, len(base))
    # Who signed up after the day of the study is part of what was lived through.
    paid = lived.base.frames["mrr"]
    return Basis(paid["account_id"].nunique(), len(lived.base), f"{months[0]:%Y-%m}", f"{months[-1]:%Y-%m}")


def _calls(result: ExpansionResult) -> CallList | None:
    if not isinstance(result.odds, CallOdds) or not len(result.offers):
        return None
    offers = result.offers
    amounts = dict(zip(offers["account_id"].astype(str), offers["amount"].astype(float), strict=True))
    return result.odds.listed(result.decision.in_use, amounts, result.decision.capacity)


def _key_figures(result: ExpansionResult) -> Iterable[KeyFigure]:
    card = result.known_card
    if card is None:
        return
    for key, name in (("S5", "net_retention"), ("S1", "expansion_rate"), ("S2", "first_expansion"), ("S6", "from_own")):
        line = card[key].strict
        share = line.interval if line.interval is not None and np.isfinite(line.interval.high) else None
        yield tell(name, line.value, interval=share, period=card.period if key != "S2" else "", why=line.reason)


# --- Findings: S1 to S6 on what was paid, X1 to X5 on what followed triggers, and two of our own


def _findings(result: ExpansionResult, book: Rulebook) -> Iterable[Finding]:
    for metric in METRICS:
        yield _about_metric(result, book, metric.key)
    yield from _about_triggers(result, book)
    calls = result.calls
    if calls is not None:
        yield _about_order(calls)
        yield from _about_capacity(result, calls)
        yield from _about_cover(result)


def _about_metric(result: ExpansionResult, book: Rulebook, key: str) -> Finding:
    card, rule = result.card, book[key]
    if not isinstance(card, Scorecard):
        return judge(rule, "no_card", {"why": card}, measured=None)
    line = card[key]
    values = {
        "printed": _told(line.printed, line), "strict": _told(line.strict, line), "verdict": line.printed.verdict,
        "apart": line.printed.verdict != line.strict.verdict, "period": card.period, "card_band": card.band,
        "why": line.strict.reason,
    }  # fmt: skip
    status: Status = line.strict.verdict  # type: ignore[assignment]
    told = (
        "s1" if key == "S1" else "s2" if key == "S2" else "s3" if key == "S3" else "s4" if key == "S4"
        else "s5" if key == "S5" else "s6"
    )  # fmt: skip
    return judge(rule, (told, "as_printed"), values, measured=line.strict.value, status=status, population=card.period)


def _told(reading: ScoreReading, line: ScorecardLine) -> str:
    if reading.value is None:
        return reading.reason
    if reading.interval is None or not np.isfinite(reading.interval.high):
        return measure_in_words(reading.value, line.band.unit, line.band)
    return interval_in_words(reading.interval, line.band.unit, line.band)


def _about_triggers(result: ExpansionResult, book: Rulebook) -> Iterable[Finding]:
    test = result.back_test
    records = {each.key: each for each in test.records} if isinstance(test, TriggerBackTest) else {}
    for key, trigger in result.decision.triggers.triggers.items():
        record, on = records.get(key), key in result.decision.switched_on
        lift = None if record is None else record.lifts["expansion", 3]
        why = (result.refused if isinstance(test, TriggerBackTest) else test) if lift is None else lift.reason
        verdict = "unknown" if record is None else record.verdict
        # Evidence for what is off is money left lying; no evidence for what is on is work for nothing, and no more.
        told = "ok" if (verdict == "evidence") == on else "watch"
        status: Status = "unknown" if lift is None or lift.lift is None else told  # type: ignore[assignment]
        values = {"name": trigger.name, "on": on, "verdict": verdict, "lift": lift, "why": why}
        measured = None if lift is None or lift.lift is None else lift.lift.estimate
        if trigger.rule in book.rules:
            rule, says = book[trigger.rule], "untested" if status == "unknown" else "tested"
            values |= {"claim": trigger.rule == "X4"}
            yield judge(rule, says, values, measured=measured, status=status, subject=trigger.name)
        else:
            yield find("own_trigger", status, measured=measured, **values)


def _about_order(calls: CallList) -> Finding:
    gain = calls.gain
    at = int(np.argmin(np.abs(gain["called"].to_numpy() - CALLED)))
    ours, size = float(gain["in this order"].iloc[at]), float(gain["largest first"].iloc[at])
    status: Status = "ok" if ours > max(size, CALLED) else "watch"
    return find("order", status, measured=ours, ours=ours, size=size, called=CALLED)


def _about_capacity(result: ExpansionResult, calls: CallList) -> Iterable[Finding]:
    """Say how many weeks each team needs for the accounts that a trigger gives a reason to call."""
    for team in result.decision.teams:
        waiting = int((calls.accounts["who"] == team).sum())
        talks = result.decision.capacity.get(team, 0)
        weeks = waiting / talks if talks else None
        status: Status = "ok" if not waiting else "breach" if weeks is None else "ok" if weeks <= WEEKS else "watch"
        yield find("capacity", status, measured=weeks, team=team, waiting=waiting, talks=talks, weeks=weeks, most=WEEKS)


def _about_cover(result: ExpansionResult) -> Iterable[Finding]:
    """Say how much of what may be expected lies in accounts that nobody has room for."""
    pods = result.pods
    if isinstance(pods, str):
        return
    whole = pods.covered + pods.uncovered
    share = pods.covered / whole if whole > 0 else 1.0
    status: Status = "ok" if share >= COVERED else "watch"
    alone = int((pods.accounts["pod"] == 0).sum())
    yield find("cover", status, measured=share, share=share, accounts=alone, uncovered=pods.uncovered, most=COVERED,
               currency=result.currency, pods=int(pods.people["pod"].max()))  # fmt: skip


def _cautions(result: ExpansionResult) -> Iterable[Caution]:
    if result.refused:
        yield warn("refused", why=result.refused)
    card = result.card
    if not isinstance(card, Scorecard):
        yield warn("no_card", why=card)
    elif card.expansion.left_out:
        yield warn("began_before", accounts=card.expansion.left_out)
    accounts = result.basis.accounts
    if 0 < accounts < FEW:
        yield warn("few_accounts", accounts=accounts)
    if isinstance(card, Scorecard):
        one = on_one(result.lived.ledger.amounts[:, -1])
        if one is not None:
            yield warn("one_account", account=str(result.lived.ledger.account_ids[one[0]]), share=one[1])
    if result.lived.price_lists is not None:
        yield warn("two_lists")
