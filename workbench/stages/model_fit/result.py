"""What follows from the decision on a model, with published benchmarks beside the company's own figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from workbench.errors import WorkbenchError
from workbench.formatting import count, exact_percent, number, percent, ratio
from workbench.growth.recurring_revenue import mrr_ledger, mrr_movements, retention
from workbench.rules.rulebook import BENCHMARKS
from workbench.stages.add_ons.decision import AddOnDecision
from workbench.stages.add_ons.result import core_plan, services_of
from workbench.stages.contract import StageResult
from workbench.stages.price_book import list_of_today
from workbench.stages.study_replay import list_billed
from workbench.stages.tiers.decision import TierDecision
from workbench.stages.tiers.evidence import SEATS, evidence_for
from workbench.study.model import Scenario
from workbench.tables import TEXT, DataTable
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.growth.recurring_revenue import MrrLedger
    from workbench.rules.rulebook import Benchmark
    from workbench.stages.model_fit.decision import ModelFitDecision, ModelName
    from workbench.stages.model_fit.evidence import (
        Certainty,
        ModelComparison,
        ModelFitEvidence,
        ModelPath,
        ModelReplay,
        ScoreTable,
    )
    from workbench.stages.model_fit.usage import UsageFacts

say = texts(__name__)


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
    def ranking(self) -> tuple[tuple[ModelName, float, float], ...]:
        """Return key, score and probability of coming first of each model, best first."""
        return self.scores.ranking

    @property
    def certainty(self) -> Certainty:
        """Return how sure the first place is, in a word."""
        return self.scores.certainty(int(self.comparison.population.sum()))

    @property
    def usage(self) -> UsageFacts | None:
        """Return the facts on the usage of the metric, None without usage."""
        return self.replay.usage

    @property
    def shown(self) -> ModelPath | None:
        """Return the model the key figures speak of: the chosen one, else the one with the highest score."""
        return self.comparison.model(self.decision.model) or self.comparison.model(self.scores.best)


# --- Figures that sources report, beside the same measure on the company's own data where there is one

NOT_MEASURED = "not measured here"
_YEAR = 12
# A base never changes, so what was measured on it once holds as long as it is there.
_own: WeakKeyDictionary[CustomerBase, dict[str, OwnFigure]] = WeakKeyDictionary()
_TODAY = Scenario(id="baseline", name="Today", kind="baseline")
_NEEDS_HISTORY = say("needs_thirteen_months_of_the")
_WHY_NOT = {
    "tiers_revenue": say("nobody_here_was_offered_a"),
    "usage_retention": _NEEDS_HISTORY,
    "usage_land_and_expand": say("needs_accounts_that_began_to"),
    "usage_price_value": say("needs_a_replay_of_prices"),
    "value_metric_growth": _NEEDS_HISTORY,
    "modules_expansion": _NEEDS_HISTORY,
    "usage_adoption": say("needs_the_table_plans_so"),
    "usage_adoption_growth": say("it_is_about_a_market"),
    "hybrid_share": say("needs_the_table_plans_so"),
    "public_tiers": "needs the table plans",
    "services_share": say("needs_a_delivery_cost_and"),
    "services_upgrade": say("needs_a_record_of_who"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFigure:
    """The company's own figure beside a claim: value, unit (share, times, count or months), and what it is in words."""

    value: float
    unit: str
    what: str

    @property
    def sentence(self) -> str:
        """Return the figure with what it is: "12%: revenue that expansion added in 12 months"."""
        if self.unit == "share":
            return f"{percent(self.value, 1 if abs(self.value) < _SMALL else 0)}: {self.what}"
        if self.unit == "times":
            return f"{ratio(self.value)}: {self.what}"
        if self.unit == "months":
            return f"{count('month', round(self.value))}: {self.what}"
        return f"{number(self.value)}: {self.what}"


_SMALL = 0.1


@dataclass(frozen=True, slots=True)
class ClaimBeside:
    """A claim of a source and the company's own figure; `why_not` says why there is none."""

    claim: Benchmark
    own: OwnFigure | None
    why_not: str

    @property
    def own_words(self) -> str:
        """Return the own figure in words, or that nothing here measures it and why."""
        return self.own.sentence if self.own is not None else f"{NOT_MEASURED}: {self.why_not}"


def claims_beside(
    base: CustomerBase, scenario: Scenario, measured: Mapping[str, OwnFigure] | None = None
) -> tuple[ClaimBeside, ...]:
    """Return every claim of the rulebook's sources beside the company's own figure.

    The claims are their sources' alone: nobody here has checked them, and none enters a calculation. `measured` holds
    figures that somebody has worked out already, by the id of the claim.
    """
    if base not in _own:
        _own[base] = {**_from_history(base), **_from_todays_list(base)}
    own = {**_own[base], **_from_design(base, scenario), **(measured or {})}
    return tuple(ClaimBeside(each, own.get(each.id), _WHY_NOT.get(each.id, "")) for each in BENCHMARKS)


def claims_table(claims: tuple[ClaimBeside, ...]) -> DataTable:
    """Return a row per claim: what about, the claim, the own figure, whose claim it is."""
    rows = [(each.claim.about, each.claim.claim, each.own_words, each.claim.source) for each in claims]
    return DataTable.of_rows(
        [(name, TEXT) for name in ("About", "Reported by the source", "This company", "Source")], rows
    )


def _from_history(base: CustomerBase) -> dict[str, OwnFigure]:
    """Measure growth, expansion, retention and the time to a first expansion on revenue on record."""
    if not base.has("mrr"):
        return {}
    try:
        ledger = mrr_ledger(base.mrr)
        kept = retention(ledger, months=_YEAR)
    except WorkbenchError:
        return {}
    start, end = (float(ledger.amounts[:, at].sum()) for at in (-1 - _YEAR, -1))
    found = {
        "modules_expansion": OwnFigure(
            value=kept.expansion / kept.start, unit="share", what=say("revenue_that_expansion_added_in")
        ),
        "usage_retention": OwnFigure(value=kept.net, unit="share", what=say("net_revenue_retention_over_months")),
    }
    if start > 0:
        found["value_metric_growth"] = OwnFigure(
            value=end / start - 1, unit="share", what=say("growth_of_recurring_revenue_in")
        )
    months = months_to_expansion(ledger)
    if months is not None:
        found["usage_land_and_expand"] = OwnFigure(value=months, unit="months", what=say("until_half_of_new_accounts"))
    return found


def months_to_expansion(ledger: MrrLedger) -> float | None:
    """Return after how many months half of the accounts that began to pay within the ledger had expanded.

    Accounts that never expanded, or left before, count for as long as they were seen (Kaplan and Meier 1958). None
    where fewer than half ever do, or nobody began within the ledger.
    """
    moves = mrr_movements(ledger, opening="balance")
    paying = ledger.amounts > 0
    began = paying.argmax(axis=1)
    seen = paying.any(axis=1) & (began > 0)
    if not seen.any():
        return None
    first = ledger.amounts.shape[1] - moves.expansion.shape[1]
    rose = moves.expansion > 0
    happened = np.asarray(rose.any(axis=1))
    left = paying.shape[1] - 1 - paying[:, ::-1].argmax(axis=1)  # the last month paid
    until = np.where(happened, rose.argmax(axis=1) + first, left) - began
    return _median(until[seen], happened[seen])


def _median(until: NDArray[np.intp], happened: NDArray[np.bool_]) -> float | None:
    """Return the first time at which the share without the event falls to a half or below."""
    left = 1.0
    for time in np.unique(until[happened]):
        at_risk = int((until >= time).sum())
        left *= 1 - int((happened & (until == time)).sum()) / at_risk
        if left <= 0.5:  # noqa: PLR2004 - the median
            return float(time)
    return None


def _from_todays_list(base: CustomerBase) -> dict[str, OwnFigure]:
    """Read today's price list: its plans, and what its revenue is charged by."""
    plans = list_of_today(base).plans
    if not plans:
        return {}
    priced = sum(plan.priced for plan in plans)
    asked = len(plans) - priced
    what = "priced plans today" + (f", and {count('plan', asked)} on request" if asked else "")
    found = {"public_tiers": OwnFigure(value=priced, unit="count", what=what)}
    billed = list_billed(base, _TODAY)
    table = None if billed is None else billed.by_item()
    if billed is None or table is None or not float(table["revenue"].sum()) > 0:
        return found
    month = f"{billed.rows.shown_months[-1]:%Y-%m}"
    shares = table.groupby("item")["revenue"].sum() / float(table["revenue"].sum())
    usage = float(sum(share for item, share in shares.items() if item not in {"base fee", SEATS}))
    main = str(shares.idxmax()).replace("_", " ")
    found["usage_adoption"] = OwnFigure(value=usage, unit="share", what=say("today_s_list_revenue_that", month=month))
    found["hybrid_share"] = OwnFigure(
        value=1 - float(shares.max()), unit="share", what=say("today_s_list_revenue_not", main=main, month=month)
    )
    return found


def _from_design(base: CustomerBase, scenario: Scenario) -> dict[str, OwnFigure]:
    """Read the design: add-ons sold, and what services make up of a customer's first year."""
    decision = scenario.decision(AddOnDecision)
    found = {
        "add_ons_sold": OwnFigure(value=len(decision.add_ons), unit="count", what=f"add-ons in {scenario.name}"),
    }
    if decision.services is not None:
        tiers = scenario.decision(TierDecision)
        services = services_of(
            decision.services, core_plan(tiers.tiers, decision.core_tier, evidence_for(base, tiers, None))
        )
        if services is not None and services.share is not None:
            mark_up = exact_percent(services.margin)
            found["services_share"] = OwnFigure(
                value=services.share, unit="share", what=say("services_of_a_first_year", mark_up=mark_up)
            )
    return found


# --- Published figures on pricing models beside what this company's own data shows


def claims(base: CustomerBase, scenario: Scenario, comparison: ModelComparison) -> tuple[ClaimBeside, ...]:
    """Return every claim with the company's own figure; a replay by usage answers two of them, nobody reacting."""
    found = {"usage_retention": _retention(comparison), "usage_price_value": _price_value(comparison)}
    return claims_beside(base, scenario, {key: own for key, own in found.items() if own is not None})


def _retention(comparison: ModelComparison) -> OwnFigure | None:
    usage, recorded = comparison.model("usage_based"), comparison.recorded
    if usage is None or recorded is None or not recorded.retention or usage.path.retention is None:
        return None
    more = usage.path.retention / recorded.retention - 1
    told = say("against_on_record", retention=usage.path.retention, retention_2=recorded.retention)
    return OwnFigure(value=more, unit="share", what=say("more_net_revenue_retention_by", told=told))


def _price_value(comparison: ModelComparison) -> OwnFigure | None:
    usage, recorded = comparison.model("usage_based"), comparison.recorded
    if usage is None or recorded is None or not recorded.value.estimate > 0:
        return None
    told = say("rank_correlation_against", estimate=usage.path.value.estimate, estimate_2=recorded.value.estimate)
    return OwnFigure(
        value=usage.path.value.estimate / recorded.value.estimate,
        unit="times",
        what=say("as_closely_as_today_s", told=told),
    )
