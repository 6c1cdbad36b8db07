"""Figures that sources report, beside the same measure on the company's own data where there is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from workbench.customers.intake.ledger import DAYS_PER_MONTH
from workbench.customers.tables import SEATS
from workbench.errors import WorkbenchError
from workbench.formatting import count, exact_percent, number, percent, ratio
from workbench.growth.recurring_revenue import mrr_ledger, retention
from workbench.growth.survival import first_expansion
from workbench.rules.rulebook import BENCHMARKS
from workbench.stages.needs import evidence_for
from workbench.stages.offers import AddOnDecision, TierDecision
from workbench.stages.placing import core_plan, services_of
from workbench.stages.price_book import list_of_today
from workbench.stages.study_replay import list_billed
from workbench.study.model import Scenario
from workbench.tables import TEXT, DataTable
from workbench.text import entry, words_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.customers.base import CustomerBase
    from workbench.growth.recurring_revenue import MrrLedger
    from workbench.rules.rulebook import Benchmark

NOT_MEASURED = "not measured here"
_YEAR = 12
# A base never changes, so what was measured on it once holds as long as it is there.
_own: WeakKeyDictionary[CustomerBase, dict[str, OwnFigure]] = WeakKeyDictionary()
_TODAY = Scenario(id="baseline", name="Today", kind="baseline")
_SMALL = 0.1


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


def own_figure(key: str, value: float, /, **values: object) -> OwnFigure:
    """Return the own figure beside a claim; its unit and what it is stand in the text under [own_figures.<claim>]."""
    said = entry(__package__, "own_figures", key)
    return OwnFigure(value=value, unit=said.said("unit", {}), what=said.said("what", values))


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
    own = {**_own[base], **_from_scenario(base, scenario), **(measured or {})}
    why_not = {each.id: words_at(__package__, "own_figures", each.id, "why_not", default="") for each in BENCHMARKS}
    return tuple(ClaimBeside(each, own.get(each.id), why_not[each.id]) for each in BENCHMARKS)


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
        "modules_expansion": own_figure("modules_expansion", kept.expansion / kept.start),
        "usage_retention": own_figure("usage_retention", kept.net),
    }
    if start > 0:
        found["value_metric_growth"] = own_figure("value_metric_growth", end / start - 1)
    if (months := months_to_expansion(ledger)) is not None:
        found["usage_land_and_expand"] = own_figure("usage_land_and_expand", months)
    return found


def months_to_expansion(ledger: MrrLedger) -> float | None:
    """Return after how many months half of the accounts that began to pay within the ledger had expanded.

    None where fewer than half ever do, or nobody began within the ledger.
    """
    median = first_expansion(ledger).curve.median
    return None if median is None else round(median / DAYS_PER_MONTH, 6)


def _from_todays_list(base: CustomerBase) -> dict[str, OwnFigure]:
    """Read today's price list: its plans, and what its revenue is charged by."""
    plans = list_of_today(base).plans
    if not plans:
        return {}
    priced = sum(plan.priced for plan in plans)
    found = {"public_tiers": own_figure("public_tiers", priced, asked=len(plans) - priced)}
    billed = list_billed(base, _TODAY)
    table = None if billed is None else billed.by_item()
    if billed is None or table is None or not float(table["revenue"].sum()) > 0:
        return found
    month = f"{billed.rows.shown_months[-1]:%Y-%m}"
    shares = table.groupby("item")["revenue"].sum() / float(table["revenue"].sum())
    usage = float(sum(share for item, share in shares.items() if item not in {"base fee", SEATS}))
    main = str(shares.idxmax()).replace("_", " ")
    found["usage_adoption"] = own_figure("usage_adoption", usage, month=month)
    found["hybrid_share"] = own_figure("hybrid_share", 1 - float(shares.max()), main=main, month=month)
    return found


def _from_scenario(base: CustomerBase, scenario: Scenario) -> dict[str, OwnFigure]:
    """Read the scenario: add-ons sold, and what services make up of a customer's first year."""
    decision = scenario.decision(AddOnDecision)
    found = {"add_ons_sold": own_figure("add_ons_sold", len(decision.add_ons), scenario=scenario.name)}
    if decision.services is not None:
        tiers = scenario.decision(TierDecision)
        core = core_plan(tiers.tiers, decision.core_tier, evidence_for(base, tiers, None))
        services = services_of(decision.services, core)
        if services is not None and services.share is not None:
            mark_up = exact_percent(services.margin)
            found["services_share"] = own_figure("services_share", services.share, mark_up=mark_up)
    return found
