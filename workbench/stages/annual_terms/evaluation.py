"""What follows from paying by the year: cash beside revenue, where it begins to cost, and the last year replayed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.needs import YEAR
from workbench.impact.terms import YearlyOffer, break_even_discount, break_even_renewal, paid_by_the_year
from workbench.results import Interval
from workbench.stages.annual_terms.decision import AnnualTermsDecision
from workbench.stages.annual_terms.evidence import AnnualEvidence, gather
from workbench.stages.annual_terms.result import AnnualResult, BreakEven, YearReplayed
from workbench.stages.annual_terms.tables import bills_table, money_ahead_table, replay_table
from workbench.stages.contract import LazyTables, caution_maker, finding_maker, key_figure_maker, later, missing_tables
from workbench.stats import interval_of_draws, normal_reach, resampled_sums, stream
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.customers.base import CustomerBase
    from workbench.results import Caution, Floats, KeyFigure
    from workbench.rules.rulebook import Finding, Rulebook
    from workbench.study.model import Scenario

say, tell, warn, find = (
    texts(__name__), key_figure_maker(__package__), caution_maker(__package__), finding_maker(__package__),
)  # fmt: skip
_DRAWS = 400
_FEW_LEFT = 5  # who left, below which churn is hardly known
DRY = 0.5  # of the revenue of a month: cash below it is a dry month, by our measure
_NEARLY_ALL = 0.999999


def evaluate(
    base: CustomerBase,
    scenario: Scenario,
    *,
    rulebook: Rulebook | None = None,
    seed: int = 0,
    evidence: AnnualEvidence | None = None,
) -> AnnualResult:
    """Return what the terms of paying by the year come to beside paying by the month."""
    del rulebook
    known = gather(base) if evidence is None else evidence
    decision = scenario.decision(AnnualTermsDecision)
    churn = _range(decision, "churn") or known.churn
    draws = _drawn(decision, churn, seed)
    path, more = _path(known, decision, draws)
    result: AnnualResult = AnnualResult(
        basis=known.basis,
        decision=decision,
        evidence=known,
        churn=churn,
        path=path,
        break_even=_break_even(known, decision, churn),
        replayed=later(lambda: _replayed(known, decision, seed)),
        more_in_all=more,
        key_figures=later(lambda: tuple(_key_figures(result))),
        findings=later(lambda: tuple(_findings(result))),
        cautions=tuple(_cautions(known, decision)),
        missing=missing_tables(__package__, base),
        tables=LazyTables(
            {
                "path": lambda: money_ahead_table(result),
                "replay": lambda: replay_table(result),
                "bills": lambda: bills_table(base, scenario, decision),
            }
        ),
    )
    return result


def _range(decision: AnnualTermsDecision, name: str) -> Interval | None:
    low, high = decision.range_of(name)
    return None if low is None or high is None else Interval(low, (low + high) / 2, high)


def _drawn(decision: AnnualTermsDecision, churn: Interval | None, seed: int) -> dict[str, Floats]:
    """Draw what is not known exactly, each within its range nine times in ten; nothing of what is not known at all."""
    found: dict[str, Floats] = {}
    for name, held in (
        ("take_up", _range(decision, "take_up")), ("churn", churn), ("renewal", _range(decision, "renewal")),
    ):  # fmt: skip
        if held is not None:
            noise = stream(seed, f"annual terms: {name}").standard_normal(_DRAWS)
            below, above = held.estimate - held.low, held.high - held.estimate
            moved = held.estimate + np.where(noise < 0, below, above) * noise / normal_reach(held.level)
            found[name] = np.clip(moved, 0.0, _NEARLY_ALL)
    return found


def _offer(known: AnnualEvidence, decision: AnnualTermsDecision, draws: dict[str, Floats]) -> YearlyOffer:
    return YearlyOffer(
        discount=decision.discount,
        take_up=draws["take_up"],
        churn=draws["churn"],
        renewal_churn=draws.get("renewal", np.zeros(1)),
        yearly_share=known.yearly_share,
        discount_today=min(known.listed or 0.0, _NEARLY_ALL),
        ramp=decision.ramp_months,
    )


def _path(
    known: AnnualEvidence, decision: AnnualTermsDecision, draws: dict[str, Floats]
) -> tuple[pd.DataFrame, Interval | None]:
    """Return money month by month, middle and ends, and what all months bring more in revenue.

    How many leave at the end of a year changes nothing before the first year is over: where it is not known, the path
    ends there.
    """
    columns = ["month", "mrr before", "mrr", "mrr low", "mrr high", "cash", "cash low", "cash high", "prepaid"]
    if "take_up" not in draws or "churn" not in draws or not known.mrr:
        return pd.DataFrame(columns=columns), None
    months = decision.horizon_months if "renewal" in draws else YEAR
    found = _offer(known, decision, draws).by_month(months)
    money = {name: known.mrr * values for name, values in found.items()}
    more = interval_of_draws((money["mrr"] - money["mrr before"]).sum(axis=1))
    low, middle, high = ({name: np.quantile(each, level, axis=0) for name, each in money.items()} for level in _LEVELS)
    path = pd.DataFrame(
        {
            "month": np.arange(1, months + 1),
            "mrr before": middle["mrr before"],
            "mrr": middle["mrr"], "mrr low": low["mrr"], "mrr high": high["mrr"],
            "cash": middle["cash"], "cash low": low["cash"], "cash high": high["cash"],
            "prepaid": middle["prepaid"],
        }
    )  # fmt: skip
    return path, more


_LEVELS = (0.05, 0.5, 0.95)


def _break_even(known: AnnualEvidence, decision: AnnualTermsDecision, churn: Interval | None) -> BreakEven:
    if churn is None:
        return BreakEven(None, None, None)
    deepest = churn.changed(break_even_discount)
    renewal = churn.changed(lambda each: break_even_renewal(each, decision.discount))
    held = _range(decision, "renewal")
    if held is None:
        return BreakEven(deepest, renewal, None)
    one = {"take_up": np.ones(1), "churn": np.array([churn.estimate]), "renewal": np.array([held.estimate])}
    return BreakEven(
        deepest,
        renewal,
        _offer(known, decision, one).break_even_take_up(decision.horizon_months),
        take_up_is_known=True,
    )


def _replayed(known: AnnualEvidence, decision: AnnualTermsDecision, seed: int) -> YearReplayed | None:
    """Return what the last year would have brought of those who began it paying by the month, paid by the year."""
    here = known.starters
    if not here.any():
        return None
    paid = np.nan_to_num(known.paid[here])
    year = paid_by_the_year(paid, decision.discount, decision.refund)
    stayed = (paid > 0).all(axis=1)
    active = np.where(stayed, paid.shape[1], np.argmin(paid > 0, axis=1))
    monthly = np.where(np.arange(paid.shape[1]) < active[:, None], paid, 0.0).sum(axis=1)
    drawn = resampled_sums((year - monthly)[:, None], seed)[:, 0]
    full = float(paid_by_the_year(paid, 0.0, "none").sum())
    same = 1 - float(monthly.sum()) / full if decision.refund == "none" and full else 0.0
    return YearReplayed(
        accounts=int(here.sum()),
        left=int((~stayed).sum()),
        by_month=float(monthly.sum()),
        by_year=float(year.sum()),
        change=interval_of_draws(drawn, float((year - monthly).sum())),
        discount=same,
    )


def _key_figures(result: AnnualResult) -> Iterable[KeyFigure]:
    known, decision, even = result.evidence, result.decision, result.break_even
    of = {"period": known.basis.last_month, "population": say("paying", accounts=known.basis.accounts)}
    measured = {"period": _span(known), "population": say("at_risk", months=known.at_risk)}
    yield tell("break_even_discount", None if even.discount is None else even.discount.estimate, interval=even.discount,
               churn=result.churn, **measured)  # fmt: skip
    yield tell("break_even_renewal", None if even.renewal is None else even.renewal.estimate, interval=even.renewal,
               discount=decision.discount, **measured)  # fmt: skip
    path = result.path
    if not len(path):
        yield tell("first_year_cash", None, unit=known.currency, why=_why_no_path(result), **of)
        return
    first = path.head(YEAR)
    more = float(first["cash"].sum() - first["mrr before"].sum())
    yield tell("first_year_cash", more, unit=known.currency, why="", **of)
    last = path.iloc[-1]
    held = Interval(*(float(last[name]) for name in ("mrr low", "mrr", "mrr high")))
    before = float(last["mrr before"])
    yield tell("mrr_at_the_end", float(last["mrr"]), interval=held, unit=known.currency,
               months=len(path), before=before, currency=known.currency, **of)  # fmt: skip


def _why_no_path(result: AnnualResult) -> str:
    if result.churn is None:
        return say("no_churn")
    return say("no_take_up") if _range(result.decision, "take_up") is None else say("no_revenue")


def _span(known: AnnualEvidence) -> str:
    return f"{known.months[0]:%Y-%m} to {known.months[-1]:%Y-%m}" if len(known.months) else ""


def _findings(result: AnnualResult) -> Iterable[Finding]:
    known, decision, even = result.evidence, result.decision, result.break_even
    yield _about_discount(result)
    held = _range(decision, "renewal")
    if even.renewal is None or held is None:
        yield find("renewal", "unknown", known=False, even=even.renewal, held=held, discount=decision.discount)
    else:
        pays = "ok" if held.high <= even.renewal.low else "breach" if held.low > even.renewal.high else "watch"
        yield find("renewal", pays, measured=held.estimate, known=True, even=even.renewal, held=held,
                   discount=decision.discount)  # fmt: skip
    if len(result.path):
        cash, mrr = result.path["cash"].to_numpy(float), result.path["mrr"].to_numpy(float)
        worst = int(np.argmin(cash / np.maximum(mrr, 1e-9)))
        share = float(cash[worst] / mrr[worst]) if mrr[worst] else 1.0
        dry = int((cash < DRY * mrr).sum())
        yield find(
            "dry_months", "watch" if dry else "ok", measured=share, dry=dry, month=worst + 1, share=share, line=DRY
        )
    if known.yearly_share:
        cost = known.mrr * known.yearly_share * max(0.0, decision.discount - (known.listed or 0.0))
        none = even.take_up_is_known and even.take_up is None
        high = decision.range_of("take_up")[1]
        short = even.take_up is not None and high is not None and high < even.take_up
        status = "ok" if not cost else "breach" if none or short else "watch" if not even.take_up_is_known else "ok"
        yield find("already_by_the_year", status, measured=even.take_up, cost=cost, share=known.yearly_share,
                   take_up=even.take_up, is_known=even.take_up_is_known, currency=known.currency,
                   months=decision.horizon_months)  # fmt: skip


def _about_discount(result: AnnualResult) -> Finding:
    """Judge the discount by what a first year of twelve months brings, unless who leaves later makes up for it."""
    even, discount = result.break_even.discount, result.decision.discount
    if even is None:
        return find("discount", "unknown", known=False, discount=discount, even=even, churn=None)
    status = "ok" if discount <= even.low else "watch" if discount <= even.high else "breach"
    return find("discount", status, measured=discount, known=True, discount=discount, even=even, churn=result.churn)


def _cautions(known: AnnualEvidence, decision: AnnualTermsDecision) -> Iterable[Caution]:
    if known.churn is not None and known.left < _FEW_LEFT and decision.churn_low is None:
        yield warn("few_left", left=known.left)
    if not known.contracts.known.any():
        yield warn("no_contracts")
    yield warn("who_chooses")
