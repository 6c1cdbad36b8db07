"""Hold one design against today, account by account.

Figures, guardrails, a price on trial, steadier revenue, ways there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from workbench.formatting import count, exact_percent, metric_words, percent, thousands
from workbench.impact.billing import BASE_FEE
from workbench.impact.comparison import relative
from workbench.impact.guardrails import check_guardrails
from workbench.results import HALF_A_CENT, LAST_DIGITS, Caution, KeyFigure
from workbench.stages.contract import later, may_come_later
from workbench.stages.impact.decision import SteadyDecision
from workbench.stages.impact.evidence import EVERYTHING, gather_design, gather_today, price_key
from workbench.stages.migration.decision import MigrationDecision
from workbench.stages.migration.evaluation import Ahead, ForecastPoint, forecast_points, why_forecast_unknown
from workbench.study.model import MONTHS_OF_BASIS
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.impact.comparison import Comparison
    from workbench.impact.guardrails import GuardrailReport
    from workbench.impact.migration.bills import AccountBills
    from workbench.impact.migration.path import MigrationPath
    from workbench.impact.price_realisation import Reconciliation
    from workbench.impact.revenue_forecast import BackTestPoint
    from workbench.impact.revenue_measures import Portfolio
    from workbench.impact.uncertainty.behaviour import PastReaction
    from workbench.pricing.charge import Charge
    from workbench.pricing.price_book import AddOn, Plan, PriceBook
    from workbench.results import Basis, Missing
    from workbench.stages.impact.evidence import Bridge, DesignEvidence, PriceSums, Years
    from workbench.stages.migration.evaluation import Ranges
    from workbench.study.document import Study
    from workbench.study.model import Guardrails, Scenario

    Floats = NDArray[np.float64]

say = texts(__name__)


def reconciliation_figures(found: Reconciliation) -> tuple[KeyFigure, ...]:
    """Return the figures that say how far today's list explains the revenue on record."""
    basis = found.replay.basis
    period = f"{basis.first_month} to {basis.last_month}"
    currency = found.replay.currency
    compared = percent(1 - found.not_compared_share, 1)
    return (
        KeyFigure("Recorded revenue", found.recorded, currency, period, f"{thousands(len(found.accounts))} accounts"),
        KeyFigure(
            "Today's list would bill",
            found.replayed,
            currency,
            period,
            say("the_that_can_be_compared", compared=compared),
        ),
        KeyFigure("Paid below list", found.below_list, "percent", period, "of the list", digits=1),
        KeyFigure("Not explained", found.unexplained_share, "percent", period, "of recorded revenue", digits=1),
    )


def _band(low: float, high: float) -> str:
    low_text, high_text = (percent(end, signed=True) for end in (low, high))
    if np.isinf(low):
        return f"below {high_text}"
    if np.isinf(high):
        return f"above {low_text}"
    return f"{low_text} to {high_text}"


def distribution(changes: Floats) -> pd.DataFrame:
    """Return how many accounts fall into each band of bill change: band, place (its order), way, accounts.

    `changes` are shares by account, 0.1 is +10%.
    """
    # Falls take in the end further from nothing, and so do rises: a rise of exactly 10% is in "up to +10%".
    below = [int(np.count_nonzero(changes < bound)) for bound in BOUNDS if bound < 0]
    fallen, unfallen = (int(np.count_nonzero(each)) for each in (changes < -LAST_DIGITS, changes <= LAST_DIGITS))
    up_to = [int(np.count_nonzero(changes <= bound)) for bound in BOUNDS if bound > 0]
    known = int(np.count_nonzero(~np.isnan(changes)))
    edges = [-np.inf, *BOUNDS, np.inf]
    falls, rises = np.diff([0, *below, fallen]), np.diff([unfallen, *up_to, known])
    bands = [_band(low, high) for low, high in pairwise(edges)]
    rows = [(band, "pays less", int(each)) for band, each in zip(bands[: len(falls)], falls, strict=True)]
    rows.append(("no change", "no change", unfallen - fallen))
    rows += [(band, "pays more", int(each)) for band, each in zip(bands[len(falls) :], rises, strict=True)]
    frame = pd.DataFrame(rows, columns=["band", "way", "accounts"])
    frame.insert(1, "place", range(len(frame)))
    return frame


BOUNDS = (-0.5, -0.25, -0.1, 0.0, 0.1, 0.25, 0.5, 1.0)

# --- Try another price without billing every month again

Offer = TypeVar("Offer", "Plan", "AddOn")
TRIED = "Prices tried out"


@dataclass(frozen=True, slots=True)
class Trial:
    """A price that is tried: `what` is a key of `what_can_be_tried`, `change` a share (0.1: 10% more)."""

    what: str = EVERYTHING
    change: float = 0.0


def what_can_be_tried(book: PriceBook) -> dict[str, str]:
    """Return the prices of a price book that can be moved: words to key."""
    found = {"all prices": EVERYTHING}
    every: list[Plan | AddOn] = [*book.plans, *book.add_ons]
    for offer in every:
        if not offer.priced:
            continue
        subjects = [BASE_FEE] if offer.base_fee else []
        subjects += [charge.metric for charge in offer.charges]
        for subject in dict.fromkeys(subjects):
            found[f"{offer.name}: {metric_words(subject)}"] = price_key(offer, subject)
    return found


def tried_book(book: PriceBook, trial: Trial) -> PriceBook:
    """Return the price book with one price, or all of them, moved."""
    return replace(
        book,
        plans=tuple(_tried(plan, trial) for plan in book.plans),
        add_ons=tuple(_tried(add_on, trial) for add_on in book.add_ons),
    )


def tried(comparison: Comparison, sums: PriceSums, trial: Trial) -> Comparison:
    """Return the comparison with a price tried out; every account stays in its plan."""
    more = trial.change * sums.per_account.get(trial.what, np.zeros(len(comparison.accounts)))
    months = trial.change * sums.per_month.get(trial.what, np.zeros(len(comparison.months)))
    segments = trial.change * sums.per_segment.get(trial.what, np.zeros(len(comparison.segments)))
    before = comparison.accounts["before"].to_numpy(dtype=float)
    change = comparison.accounts["change"].to_numpy(dtype=float) + more
    accounts = comparison.accounts.assign(
        after=before + change, change=change, percent=tried_percent(comparison, sums, trial)
    )
    return replace(
        comparison,
        accounts=accounts,
        months=_resummed(comparison.months, months),
        segments=_resummed(comparison.segments, segments),
    )


def tried_percent(comparison: Comparison, sums: PriceSums, trial: Trial) -> Floats:
    """Return each account's bill change as a share with a price tried out: what stays, stays exactly."""
    found: Floats = comparison.accounts["percent"].to_numpy(dtype=float)
    if trial.change and trial.what in sums.share_of_bill:
        found = found + trial.change * sums.share_of_bill[trial.what]
    return found


def tried_bridge(bridge: Bridge, comparison: Comparison, sums: PriceSums, trial: Trial) -> Bridge:
    """Return the bridge of a comparison with what is tried out as its last step."""
    step = trial.change * sums.totals.get(trial.what, 0.0)

    def by_account() -> Floats:
        column = np.zeros(len(comparison.after.rows.account_ids))
        if trial.what in sums.per_account:
            months = comparison.accounts["months"].to_numpy(dtype=float)
            column[comparison.places] = trial.change * sums.per_account[trial.what] * months
        return np.column_stack([bridge.by_account, column])

    return replace(
        bridge,
        causes=(*bridge.causes, TRIED),
        amounts=np.append(bridge.amounts, step),
        by_account=later(by_account),
        after=bridge.after + step,
    )


def _resummed(table: pd.DataFrame, more: Floats) -> pd.DataFrame:
    before = table["before"].to_numpy(dtype=float)
    after = table["after"].to_numpy(dtype=float) + more
    return table.assign(after=after, change=after - before, percent=relative(before, after))


def _tried(offer: Offer, trial: Trial) -> Offer:
    def here(subject: str) -> bool:
        return trial.what in (EVERYTHING, price_key(offer, subject))

    fee = offer.base_fee
    if fee is not None and here(BASE_FEE):
        fee = _moved(fee, trial.change)
    charges = tuple(_charge(charge, trial.change) if here(charge.metric) else charge for charge in offer.charges)
    return replace(offer, base_fee=fee, charges=charges)


def _charge(charge: Charge, change: float) -> Charge:
    """Return a charge with all its prices moved; what is included and where bands end stays."""
    names = ("unit_price", "package_price", "rate_percent", "fixed_fee", "minimum", "maximum")
    moved: dict[str, Any] = {
        name: _moved(price, change) for name in names if (price := getattr(charge, name)) is not None
    }
    bands = tuple(
        replace(
            band,
            unit_price=_moved(band.unit_price, change),
            flat_fee=_moved(band.flat_fee, change),
            rate_percent=_moved(band.rate_percent, change),
        )
        for band in charge.bands
    )
    return replace(charge, bands=bands, **moved)


def _moved(price: Decimal, change: float) -> Decimal:
    return price * Decimal(str(round(1 + change, 6)))


# --- What ways of taming usage bills would do, on the terms of a design


@dataclass(frozen=True, eq=False)
class Steady:
    """Tools and groups side by side.

    `tools` has one row per tool: name, terms, then the columns of `workbench.impact.ToolComparison`. `by_month` has
    month, name, revenue. `groups` is None where swings cannot be told, and `why_no_groups` says why; likewise
    `tools` is empty with `why_not`.
    """

    decision: SteadyDecision
    tools: pd.DataFrame
    by_month: pd.DataFrame
    groups: Portfolio | None
    currency: str
    accounts: int
    months: int
    usual_baseline: float
    why_not: str = ""
    why_no_groups: str = ""
    cautions: tuple[Caution, ...] = ()


def steady(years: Years, decision: SteadyDecision) -> Steady:
    """Return every tool on a decision's terms, and how groups of customers balance out."""
    found = years.portfolio(decision.groups)
    groups, why = (None, found) if isinstance(found, str) else (found, "")
    bills, replay = years.bills, years.replay
    if bills is None or replay is None:
        empty = pd.DataFrame()
        return Steady(decision, empty, empty, groups, "", 0, 0, 0.0, years.why_not, why)
    tools = decision.tools(years.usual_baseline, bills.charged, bills.currency)
    outcomes = {name: years.outcome(tool) for name, tool in tools.items()}
    rows = [{"name": name, **each.row} for name, each in outcomes.items()]
    by_month = pd.DataFrame(
        {
            "month": np.tile(bills.months.to_numpy(), len(outcomes)),
            "name": np.repeat(list(outcomes), len(bills.months)),
            "revenue": np.concatenate([each.by_month for each in outcomes.values()]),
        }
    )
    few = count("month", len(bills.months))
    first = Caution(say("terms_come_from_the_first", few=few), "note")
    return Steady(
        decision=decision,
        tools=pd.DataFrame(rows).rename(columns={"tool": "terms"}),
        by_month=by_month,
        groups=groups,
        currency=replay.currency,
        accounts=len(bills),
        months=len(bills.months),
        usual_baseline=years.usual_baseline,
        why_no_groups=why,
        cautions=(first, *bills.cautions()),
    )


# --- What a design's prices would have done to every customer, as panels and reports show it

PAID = "Revenue today, as paid"
NET = say("revenue_of_the_new_list")
TODAYS_LIST = say("revenue_of_today_s_list")
NEW_LIST = say("revenue_of_the_new_list_2")


@dataclass(frozen=True, kw_only=True, eq=False)
class ImpactResult:
    """One design held against today, account by account.

    `comparison`, `bridge` and `guardrails` are None together when nothing can be compared, and `why_not` then says
    why; `missing` names the tables that would help. `bands` counts accounts by how their bill changes. `paths` are
    empty, and `ranges` is None, without customers to bring over. What may come later is worked out when somebody
    reads it, so that a price on the move needs bridge and bands alone. `forecast` holds both lists month by month,
    today's first; where it is empty, `forecast_reason` says why. `backtest` is the same forecast of a year ago, beside
    what came. `reactions` are what customers did when their price rose before.
    """

    scenario: Scenario
    limits: Guardrails
    decision: MigrationDecision
    trial: Trial
    ahead: Ahead
    why_not: str = ""
    missing: tuple[Missing, ...] = ()
    reconciliation: Reconciliation | None = None
    bridge: Bridge | None = None
    by_size: NDArray[np.intp] | None = None
    bands: pd.DataFrame | None = may_come_later(None)
    comparison: Comparison | None = may_come_later(None)
    guardrails: GuardrailReport | None = may_come_later(None)
    key_figures: tuple[KeyFigure, ...] = may_come_later(())
    cautions: tuple[Caution, ...] = ()
    basis: Basis | None = None
    paths: Mapping[str, MigrationPath] = may_come_later()
    ranges: Ranges | None = may_come_later(None)
    movers: pd.DataFrame = may_come_later()
    steady: Steady | None = may_come_later(None)
    forecast: tuple[ForecastPoint, ...] = may_come_later(())
    backtest: tuple[BackTestPoint, ...] = may_come_later(())
    forecast_reason: str = may_come_later("")
    reactions: tuple[PastReaction, ...] = may_come_later(())

    @property
    def is_ready(self) -> bool:
        """Tell whether anything could be compared."""
        return self.bridge is not None

    @property
    def is_paid(self) -> bool:
        """Tell whether payments are on record, so that paid is held against paid, not list against list."""
        return self.reconciliation is not None

    @property
    def compared(self) -> str:
        """Say which months and accounts are compared: 2024-12, 522 accounts; or the mean of so many months."""
        if self.basis is None or self.bridge is None:
            return ""
        last, months = self.basis.last_month, self.bridge.months
        return (
            f"{last if months == 1 else f'mean of {months} months to {last}'}, {people(self.basis, paid=self.is_paid)}"
        )

    @property
    def path(self) -> MigrationPath | None:
        """Return the path of the policy decided on."""
        return self.paths.get(self.decision.policy)


def people(basis: Basis, *, paid: bool) -> str:
    """Return who is compared: accounts with two sides, paid and paid, or list and list."""
    sides = say("a_payment_on_record_and") if paid else say("a_bill_under_both_lists")
    return f"{count('account', basis.accounts)} with {sides}"


# --- Hold one design against today: figures, guardrails, ways to get there

NO_TRIAL = Trial()


def evaluate(
    base: CustomerBase,
    study: Study,
    scenario: Scenario,
    *,
    evidence: DesignEvidence | None = None,
    trial: Trial = NO_TRIAL,
    seed: int = 0,
    ahead: Ahead | None = None,
) -> ImpactResult:
    """Return what a design would have done to every customer, and the ways to get there.

    Parameters
    ----------
    evidence
        What `gather_design` returned for the scenario; gathered here without it.
    trial
        A price to move without billing anew: figures, guardrails and bridge follow, migration does not.
    seed
        Of the draws of what customers may do.
    ahead
        That of an earlier result: its paths and draws are used again where they would come to the same.

    """
    months = MONTHS_OF_BASIS[study.basis]
    found = evidence or gather_design(base, gather_today(base, months=months), scenario)
    decision = scenario.decision(MigrationDecision)
    limits, today = study.guardrails, found.today.reconciliation
    if today is not None and today.most_unexplained != limits.most_unexplained:
        today = replace(today, most_unexplained=limits.most_unexplained)
    bills = found.bills_with(decision.term_months)
    coming = Ahead(
        bills,
        decision,
        study.assumptions,
        seed,
        forecast=later(lambda: found.ahead),
        reactions=later(lambda: found.today.reactions),
    )
    if ahead is not None and ahead.is_for(coming):
        coming = ahead
    if found.comparison is None or found.bridge is None or found.prices is None:
        return ImpactResult(
            scenario=scenario,
            limits=limits,
            decision=decision,
            trial=trial,
            ahead=coming,
            why_not=found.why_not,
            missing=found.today.missing,
            reconciliation=today,
            paths={},
            movers=pd.DataFrame(),
            forecast_reason=found.why_not,
        )
    comparison, bridge, prices = found.comparison, found.bridge, found.prices

    @cache
    def moved() -> Comparison:
        return tried(comparison, prices, trial) if trial.change else comparison

    return ImpactResult(
        scenario=scenario,
        limits=limits,
        decision=decision,
        trial=trial,
        ahead=coming,
        reconciliation=today,
        bridge=tried_bridge(bridge, comparison, prices, trial) if trial.change else bridge,
        by_size=prices.by_size,
        bands=later(lambda: distribution(tried_percent(comparison, prices, trial))),
        comparison=later(moved),
        guardrails=later(lambda: check_guardrails(moved(), limits)),
        key_figures=later(lambda: _key_figures(moved(), limits)),
        cautions=(*comparison.cautions, *(today.cautions if today else ()), *_not_comparable(found)),
        basis=comparison.basis,
        paths=later(lambda: coming.paths),
        ranges=later(lambda: coming.ranges(limits)),
        movers=later(lambda: found.movers),
        steady=later(lambda: steady(found.years, scenario.decision(SteadyDecision))),
        forecast=later(lambda: forecast_points(found.ahead, (study.baseline.id, scenario.id))),
        backtest=later(lambda: () if found.ahead is None else found.ahead.back_test),
        forecast_reason=later(lambda: why_forecast_unknown(found.ahead, comparison.currency)),
        reactions=later(lambda: found.today.reactions),
    )


def action_reasons(comparison: Comparison, bills: AccountBills) -> dict[str, str]:
    """Return why each customer's bill changes, in words, for the list to act on."""
    from workbench.impact.comparison import mover_reasons  # noqa: PLC0415 - worked out when the list is asked for

    here = comparison.accounts[comparison.accounts["account_id"].isin(set(bills.account_ids))]
    here = here[here["change"].abs() > HALF_A_CENT]
    return dict(zip(here["account_id"], mover_reasons(comparison, here), strict=True))


def _key_figures(comparison: Comparison, limits: Guardrails) -> tuple[KeyFigure, ...]:
    basis, months, period = comparison.basis, len(comparison.months), comparison.period
    paid = comparison.before is not None and comparison.before.realisation is not None
    compared = people(basis, paid=paid)
    spread, steep = comparison.spread, limits.steep_rise
    before, after = comparison.revenue_before / months, comparison.revenue_after / months
    changes = comparison.accounts["change"].to_numpy(dtype=float)
    figures = (
        KeyFigure(
            NET if paid else NEW_LIST,
            after,
            comparison.currency,
            period,
            compared,
            change=after - before,
        ),
        KeyFigure("Pay more", float((changes > HALF_A_CENT).mean()), "percent", period, compared),
        KeyFigure(
            f"Accounts above +{exact_percent(steep)}",
            comparison.share_above(steep),
            "percent",
            period,
            compared,
            digits=1,
        ),
        KeyFigure(
            say("bill_change_at_the_mark"),
            spread.p95,
            "percent",
            period,
            compared,
            digits=1,
            in_words=percent(spread.p95, 1, signed=True),
        ),
    )
    return tuple(figure for figure in figures if figure.value is not None and np.isfinite(figure.value))


def _not_comparable(found: DesignEvidence) -> list[Caution]:
    comparison = found.comparison
    if comparison is None or not comparison.left_out:
        return []
    gone = len(comparison.after.rows) - len(comparison.rows)
    text = say("of_account_months_have_a", gone=gone, rows=len(comparison.after.rows))
    return [Caution(say("they_are_in_no_figure", text=text), "note")]
