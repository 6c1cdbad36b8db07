"""What follows from a floor: who pays less than it, what raising them brings, and how many may leave over it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from discount_policy.decision import DiscountDecision
from discount_policy.evidence import DiscountEvidence, gather
from workbench.results import Caution, Missing
from workbench.rules import Rule, Threshold
from workbench.rules.rulebook import judge as verdict
from workbench.stages.contract import StageResult, caution_maker, key_figure_maker
from workbench.tables import DataTable
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from workbench.customers import CustomerBase
    from workbench.results import KeyFigure
    from workbench.rules import Finding, Rulebook
    from workbench.study import Scenario

say, tell, warn = texts(__name__), key_figure_maker(__package__), caution_maker(__package__)
judge = partial(verdict, say)
BELOW_THE_FLOOR = Threshold(high=0.15, watch_high=0.3, unit="share", whose="source")
SIZES = 4  # groups of as many accounts each, by what the list asks
_FEW = 30  # below so many accounts a median says little


@dataclass(frozen=True, kw_only=True)
class DiscountResult(StageResult):
    """What a floor brings, beside the evidence it was worked out on."""

    decision: DiscountDecision
    evidence: DiscountEvidence
    below: NDArray[np.bool_]
    raised: float
    lost: float

    @property
    def gain(self) -> float:
        """Return the revenue a month the floor brings after those expected to leave have left."""
        return self.raised - self.lost

    @property
    def break_even(self) -> float | None:
        """Return the share of those raised, by what they pay, that may leave before the floor costs money.

        A share `l` of them leaving keeps `1 - l` of the rise and loses `l` of what they paid.
        """
        paid = float(self.evidence.paid[self.below].sum())
        rise = float((self.decision.floor * self.evidence.listed - self.evidence.paid)[self.below].sum())
        return rise / (rise + paid) if rise > 0 else None


def evaluate(
    base: CustomerBase,
    scenario: Scenario,
    *,
    rulebook: Rulebook | None = None,
    seed: int = 0,
    evidence: DiscountEvidence | None = None,
) -> DiscountResult:
    """Return what the floor of a scenario brings on the last month's accounts, if all or all but some stay."""
    del rulebook, seed
    known = gather(base) if evidence is None else evidence
    decision = scenario.decision(DiscountDecision)
    below = known.share < decision.floor
    at_floor = decision.floor * known.listed
    stay = 1 - decision.leaving
    raised = stay * float((at_floor - known.paid)[below].sum())
    lost = decision.leaving * float(known.paid[below].sum())
    return DiscountResult(
        basis=known.basis,
        decision=decision,
        evidence=known,
        below=below,
        raised=raised,
        lost=lost,
        key_figures=tuple(_key_figures(known, below, raised - lost)),
        findings=tuple(_findings(known, below)),
        cautions=tuple(_cautions(known)),
        missing=() if len(known.paid) else (Missing("revenue", say("needs_revenue_and_plans")),),
        tables={"by_size": by_size(known), "below_floor": _below(known, below, at_floor)},
    )


def by_size(known: DiscountEvidence) -> DataTable:
    """Return a row for each quarter of the accounts by list price: accounts, list and paid, and shares of the list."""
    order = np.argsort(known.listed, kind="stable")
    rows: list[dict[str, Any]] = []
    for part in np.array_split(order, SIZES) if len(order) >= SIZES else ():
        low, middle, high = np.quantile(known.share[part], [0.1, 0.5, 0.9])
        rows.append(
            {
                "list from": known.listed[part].min(),
                "list to": known.listed[part].max(),
                "accounts": len(part),
                "list": known.listed[part].sum(),
                "paid": known.paid[part].sum(),
                "one in ten pays at most": low,
                "middle": middle,
                "one in ten pays at least": high,
            }
        )
    return DataTable.plain(pd.DataFrame(rows))


def _below(known: DiscountEvidence, below: NDArray[np.bool_], at_floor: NDArray[np.float64]) -> DataTable:
    frame = pd.DataFrame(
        {
            "account_id": known.account_ids[below],
            "list": known.listed[below],
            "paid": known.paid[below],
            "share of list": known.share[below],
            "at the floor": at_floor[below],
        }
    )
    return DataTable.plain(frame.sort_values("share of list", kind="stable", ignore_index=True))


def _key_figures(known: DiscountEvidence, below: NDArray[np.bool_], gain: float) -> Iterable[KeyFigure]:
    if not len(known.paid):
        return
    of = {"period": known.basis.last_month, "population": say("accounts_compared", accounts=len(known.paid))}
    given, total = float((known.listed - known.paid).sum()), float(known.listed.sum())
    yield tell("given_away", given, unit=known.currency, share=given / total, **of)
    yield tell("below_floor", float(below.mean()), **of)
    yield tell("floor_brings", gain, unit=known.currency, **of)


def _findings(known: DiscountEvidence, below: NDArray[np.bool_]) -> Iterable[Finding]:
    if not len(below):
        return
    rule = Rule(
        id="D1", stage=DiscountDecision.stage, title=say("few_are_raised"), sentence=say("few_are_raised_means"),
        kind="measured", severity="medium", source=say("source"), threshold=BELOW_THE_FLOOR,
    )  # fmt: skip
    yield judge(rule, "raised", {"of": len(below)}, measured=float(below.mean()), population=known.basis.last_month)


def _cautions(known: DiscountEvidence) -> Iterable[Caution]:
    if known.why_not:
        yield Caution(known.why_not)
    elif 0 < len(known.paid) < _FEW:
        yield warn("few_accounts", accounts=len(known.paid))
