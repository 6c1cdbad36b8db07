"""What follows from a discount policy: who pays less than it allows, what that costs, and what keeping to it brings."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.errors import WorkbenchError
from workbench.impact.terms import under_policy
from workbench.results import HALF_A_CENT, Caution, Missing
from workbench.stages.contract import LazyTables, caution_maker, finding_maker, key_figure_maker, later, missing_tables
from workbench.stages.discounts.decision import DiscountPolicyDecision
from workbench.stages.discounts.evidence import RealisationEvidence, gather
from workbench.stages.discounts.result import DiscountResult, PolicyOutcome
from workbench.stages.discounts.tables import (
    exceptions_table,
    policy_table,
    realised_table,
    shares_by_month,
    sizes_table,
)
from workbench.stages.study_replay import standing_over
from workbench.stats import interval_of_draws, normal_reach, rank_correlation, resampled_sums, stream
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.customers.base import CustomerBase
    from workbench.results import Floats, KeyFigure
    from workbench.rules.rulebook import Finding, Rulebook
    from workbench.study.model import Scenario

say, tell, warn, find = (
    texts(__name__), key_figure_maker(__package__), caution_maker(__package__), finding_maker(__package__),
)  # fmt: skip
FEW = 30  # below so many accounts a median says little
LITTLE, MUCH = 0.01, 0.05  # of what is paid: our thresholds for what leaks
APART = 0.10  # between sellers' medians: ours
FEWEST_DEALS = 5  # of a seller, to speak of a median
_DRAWS = 500


def evaluate(
    base: CustomerBase,
    scenario: Scenario,
    *,
    rulebook: Rulebook | None = None,
    seed: int = 0,
    evidence: RealisationEvidence | None = None,
) -> DiscountResult:
    """Return what the discount policy of a scenario comes to, replayed over the last year."""
    del rulebook
    known = gather(base) if evidence is None else evidence
    decision = scenario.decision(DiscountPolicyDecision)
    last = known.last
    allowed = decision.policy.allowed(last["listed"].to_numpy(float), last["bound"].to_numpy(float))
    months, beyond = _replayed(known, decision)
    today = _outcome(last["listed"].to_numpy(float), last["paid"].to_numpy(float), beyond, decision, seed)
    result: DiscountResult = DiscountResult(
        basis=known.basis,
        decision=decision,
        evidence=known,
        allowed=allowed,
        today=today,
        months=months,
        scenario=later(lambda: _under_scenario(base, scenario, known, decision, seed)),
        key_figures=tuple(_key_figures(known, today)),
        findings=later(lambda: tuple(_findings(result))),
        cautions=tuple(_cautions(known, decision)),
        missing=_missing(base, known),
        tables=LazyTables(
            {
                "policy": lambda: policy_table(result),
                "bands": lambda: sizes_table(result),
                "exceptions": lambda: exceptions_table(result),
                "realised": lambda: realised_table(known),
                "account_months": lambda: shares_by_month(known),
            }
        ),
    )
    return result


def _replayed(known: RealisationEvidence, decision: DiscountPolicyDecision) -> tuple[pd.DataFrame, Floats]:
    """Bill the year under the policy: list, paid and least by month, and what each account of the last is beyond."""
    columns = ["month", "accounts", "listed", "paid", "least", "share", "kept"]
    if known.today is None:
        return pd.DataFrame(columns=columns), np.array([])
    today, rows = known.today, known.today.rows
    kept = under_policy(today, known.share, decision.policy, known.contracts.bound)
    listed = np.where(known.known, today.amounts, 0.0)
    paid, least = listed * np.nan_to_num(known.share), np.where(known.known, kept.amounts, 0.0)
    beyond = _more_than_rounding(least - paid)
    sums = [rows.by_month(each) for each in (known.known.astype(float), listed, paid, paid + beyond)]
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = [np.where(sums[1] > 0, each / sums[1], np.nan) for each in sums[2:]]
    months = pd.DataFrame(dict(zip(columns, (rows.shown_months, *sums, *shares), strict=True)))
    return months.astype({"accounts": int}), beyond[known.in_last_month]


def _more_than_rounding(amounts: Floats) -> Floats:
    return np.where(amounts > HALF_A_CENT, amounts, 0.0)


def _outcome(
    listed: Floats, paid: Floats, beyond: Floats, decision: DiscountPolicyDecision, seed: int
) -> PolicyOutcome:
    raised_pay = np.where(beyond > 0, paid, 0.0)
    rise, lost, sold, billed = resampled_sums(np.column_stack([beyond, raised_pay, paid, listed]), seed, _DRAWS).T
    shares = np.divide(sold, billed, out=np.full(_DRAWS, np.nan), where=billed > 0)
    realised = float(paid.sum() / listed.sum()) if listed.sum() > 0 else float("nan")
    middle = (decision.leave_low + decision.leave_high) / 2
    spread = (decision.leave_high - decision.leave_low) / 2 / normal_reach(0.9)
    leave = np.clip(middle + spread * stream(seed, "leave over prices").standard_normal(_DRAWS), 0, 1)
    raised = 1 - decision.excepted

    def brings(more: Floats | float, gone: Floats | float, share: Floats | float) -> Floats:
        return np.asarray(raised * ((1 - share) * more - share * gone))

    expected = float(brings(float(beyond.sum()), float(raised_pay.sum()), middle))
    return PolicyOutcome(
        listed, paid, beyond, interval_of_draws(shares, realised), interval_of_draws(rise, float(beyond.sum())),
        interval_of_draws(brings(rise, lost, leave), expected),
    )  # fmt: skip


def _under_scenario(
    base: CustomerBase, scenario: Scenario, known: RealisationEvidence, decision: DiscountPolicyDecision, seed: int
) -> PolicyOutcome | None:
    """Return the same under the scenario's list, each account with the discount it has today; None where there is none.

    Who has no price on one of the two lists has no discount that could be carried over.
    """
    if known.today is None:
        return None
    try:
        stands = standing_over(base, scenario)
    except WorkbenchError:
        return None
    after = stands.after
    if after is None or stands.today is None:
        return None
    share = np.where(np.isfinite(stands.listed_today) & (stands.listed_today > 0), stands.kept, np.nan)
    rows = share[after.rows.account]
    kept = under_policy(after, rows, decision.policy, known.contracts.bound)
    here = np.isfinite(kept.amounts)
    paid = (after.amounts * rows)[here]
    return _outcome(after.amounts[here], paid, _more_than_rounding(kept.amounts[here] - paid), decision, seed)


def _key_figures(known: RealisationEvidence, today: PolicyOutcome) -> Iterable[KeyFigure]:
    accounts = len(today.paid)
    if not accounts:
        return
    of = {"period": known.basis.last_month, "population": say("compared", accounts=accounts)}
    money = {"unit": known.currency, **of}
    yield tell("realised", today.realised.estimate, interval=today.realised, **of)
    yield tell("leak", today.leak.estimate, interval=today.leak, accounts=today.accounts, **money)
    yield tell("beyond", today.accounts / accounts, **of)
    yield tell("brings", today.brings.estimate, interval=today.brings, **money)


def _findings(result: DiscountResult) -> Iterable[Finding]:
    known, today, decision = result.evidence, result.today, result.decision
    last, currency = known.last, known.currency
    if not len(last):
        yield find(
            "leak", "unknown", measured=None, known=False, why=known.why_not, leak=None, accounts=0, currency=currency,
            line=LITTLE,
        )  # fmt: skip
        return
    share = today.leak.estimate / max(float(today.paid.sum()), HALF_A_CENT)
    ids = last["account_id"].to_numpy(dtype=object)
    yield find(
        "leak",
        "ok" if share <= LITTLE else "watch" if share <= MUCH else "breach",
        measured=share,
        affected=map(str, ids[today.beyond > 0]),
        known=True, why="", leak=today.leak, accounts=today.accounts, currency=currency, line=LITTLE,
    )  # fmt: skip
    if today.accounts:
        worth = "ok" if today.brings.low >= 0 else "breach" if today.brings.high < 0 else "watch"
        yield find(
            "worth", worth, measured=today.brings.estimate, brings=today.brings, may=today.break_even,
            currency=currency, low=decision.leave_low, high=decision.leave_high,
        )  # fmt: skip
    below = last["share"].to_numpy(float) < decision.floor - _POINT
    yield find(
        "floor", "breach" if below.any() else "ok", measured=float(below.mean()), affected=map(str, ids[below]),
        accounts=int(below.sum()), floor=decision.floor,
    )  # fmt: skip
    depth = 1 - last["share"].to_numpy(float)
    by_size = rank_correlation(last["listed"].to_numpy(float), depth)
    status = "unknown" if np.isnan(by_size.estimate) else "ok" if by_size.low > 0 else "watch"
    yield find("by_size", status, measured=by_size.estimate, found=by_size, status=status)
    yield from _about_sellers(known)
    if decision.terms:
        bound = float(np.isfinite(last["bound"].to_numpy(float)).mean())
        yield find("terms", "ok" if bound > _MOST else "unknown", measured=bound, share=bound)
    yield from _about_order(decision)


_POINT = 1e-9
_MOST = 0.9


def _about_sellers(known: RealisationEvidence) -> Iterable[Finding]:
    """Say whether who sells decides how much is given off; nothing where no seller is on record."""
    if not known.has_sellers:
        return
    deals = known.last.dropna(subset=["seller"]).groupby("seller")["share"].agg(["median", "size"])
    deals = deals[deals["size"] >= FEWEST_DEALS]
    if len(deals) < 2:  # noqa: PLR2004 - one cannot be apart
        return
    apart = float(deals["median"].max() - deals["median"].min())
    lowest, highest = str(deals["median"].idxmin()), str(deals["median"].idxmax())
    values = {"low": float(deals["median"].min()), "high": float(deals["median"].max()), "sellers": len(deals)}
    status = "watch" if apart > APART else "ok"
    yield find("sellers", status, measured=apart, lowest=lowest, highest=highest, line=APART, **values)


def _about_order(decision: DiscountPolicyDecision) -> Iterable[Finding]:
    """Say whether the policy contradicts itself: a larger deal that may get less, an approval nobody can ask for."""
    bands = sorted(decision.bands, key=lambda each: each.from_list)
    falls = [large for small, large in pairwise(bands) if large.most < small.most]
    deepest = round(1 - decision.floor, 10)  # as a team wrote it: 1 - 0.8 is 0.19999999999999996
    idle = [each.name for each in decision.approvers if each.above >= deepest - _POINT]
    names = [each.name for each in falls]
    yield find("order", "watch" if falls or idle else "ok", falls=names, idle=idle, deepest=deepest)


def _cautions(known: RealisationEvidence, decision: DiscountPolicyDecision) -> Iterable[Caution]:
    accounts = len(known.last)
    if known.why_not:
        yield Caution(known.why_not)
        return
    if accounts < FEW:
        yield warn("few_accounts", accounts=accounts)
    if known.today is not None:
        unpriced = int(known.today.rows.in_last_month.sum()) - accounts
        if unpriced:
            yield warn("no_list_price", accounts=unpriced)
        yield warn("list_of_today")
    above = int((known.last["share"] > 1 + _ABOVE).sum())
    if above:
        yield warn("above_list", accounts=above)
    if decision.terms and not known.contracts.known.any():
        yield warn("terms_unknown")


_ABOVE = 0.005


def _missing(base: CustomerBase, known: RealisationEvidence) -> tuple[Missing, ...]:
    lacking = missing_tables(__package__, base)
    has_sellers = known.has_sellers or not len(known.last)
    return lacking if has_sellers else (*lacking, Missing("accounts (seller)", say("a_seller_would_add")))
