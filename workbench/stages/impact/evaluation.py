"""Hold one scenario against today, account by account: figures, guardrails, a price on trial."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from workbench.formatting import count, exact_percent, figure_sentence, metric_words, percent, thousands
from workbench.impact.billing import BASE_FEE
from workbench.impact.comparison import relative
from workbench.impact.guardrails import check_guardrails
from workbench.results import HALF_A_CENT, LAST_DIGITS, Basis, Caution, KeyFigure
from workbench.stages.comparison.bills import EVERYTHING, NET, NEW_LIST, price_key, replayed
from workbench.stages.contract import StageResult, decided_offer, gather_nothing, later, may_come_later
from workbench.stages.view import PERCENT, Setting
from workbench.study.model import FrozenModel, StageDecision
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.impact.comparison import Comparison
    from workbench.impact.guardrails import GuardrailReport
    from workbench.impact.price_realisation import Reconciliation
    from workbench.pricing.price_book import AddOn, Plan, PriceBook
    from workbench.rules.rulebook import Rulebook
    from workbench.stages.comparison.bills import Bridge, DesignEvidence, PriceSums
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


class Trial(FrozenModel):
    """A price that is tried: `what` is a key of `what_can_be_tried`, `change` a share (0.1: 10% more)."""

    what: str = EVERYTHING
    change: Annotated[float, Field(ge=-0.5, le=0.5), Setting(unit=PERCENT, step=1, slider=True)] = 0.0


TRIED = "Prices tried out"


def what_can_be_tried(book: PriceBook | None) -> dict[str, str]:
    """Return the prices of a price book that can be moved: words to key; all of them together without one."""
    found = {"all prices": EVERYTHING}
    every: list[Plan | AddOn] = [] if book is None else [*book.plans, *book.add_ons]
    for offer in every:
        if not offer.priced:
            continue
        subjects = [BASE_FEE] if offer.base_fee else []
        subjects += [charge.metric for charge in offer.charges]
        for subject in dict.fromkeys(subjects):
            found[f"{offer.name}: {metric_words(subject)}"] = price_key(offer, subject)
    return found


def with_trial(comparison: Comparison, sums: PriceSums, trial: Trial) -> Comparison:
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


class ImpactDecision(StageDecision):
    """Nothing: what a scenario does to customers follows from the other stages, and the limits are the study's."""

    stage: ClassVar[str] = "impact"


Decision = ImpactDecision


# --- What a design's prices would have done to every customer, as panels and reports show it


@dataclass(frozen=True, kw_only=True, eq=False)
class ImpactResult(StageResult):
    """One scenario held against today, account by account.

    `comparison`, `bridge` and `guardrails` are None together when nothing can be compared, and `why_not` then says
    why; `missing` names the tables that would help. `bands` counts accounts by how their bill changes. What may come
    later is worked out when somebody reads it, so that a price on the move needs bridge and bands alone. `from_paid`
    says that there is no list of today, so that the baseline is what was paid.
    """

    scenario: Scenario
    limits: Guardrails
    trial: Trial
    reconciliation: Reconciliation | None = may_come_later(None)
    bridge: Bridge | None = may_come_later(None)
    by_size: NDArray[np.intp] | None = may_come_later(None)
    bands: pd.DataFrame | None = may_come_later(None)
    comparison: Comparison | None = may_come_later(None)
    guardrails: GuardrailReport | None = may_come_later(None)
    movers: pd.DataFrame = may_come_later()
    from_paid: bool = may_come_later(False)  # noqa: FBT003 - what it is until it comes

    @property
    def is_ready(self) -> bool:
        """Tell whether anything could be compared."""
        return self.bridge is not None

    @property
    def is_paid(self) -> bool:
        """Tell whether payments are on record, so that paid is held against paid, not list against list."""
        return self.from_paid or self.reconciliation is not None

    @property
    def compared(self) -> str:
        """Say which months and accounts are compared: 2024-12, 522 accounts; or the mean of so many months."""
        if self.basis is None or self.bridge is None:
            return ""
        last, months = self.basis.last_month, self.bridge.months
        return (
            f"{last if months == 1 else f'mean of {months} months to {last}'}, {people(self.basis, paid=self.is_paid)}"
        )


def people(basis: Basis, *, paid: bool) -> str:
    """Return who is compared: accounts with two sides, paid and paid, or list and list."""
    sides = say("a_payment_on_record_and") if paid else say("a_bill_under_both_lists")
    return f"{count('account', basis.accounts)} with {sides}"


# --- Hold one scenario against today: figures, guardrails, a price on trial

NO_TRIAL = Trial()

gather = gather_nothing


def evaluate(
    base: CustomerBase,
    scenario: Scenario,
    *,
    study: Study,
    rulebook: Rulebook | None = None,
    seed: int = 0,
    evidence: DesignEvidence | None = None,
    tried: Trial = NO_TRIAL,
) -> ImpactResult:
    """Return what a scenario's prices would have done to every customer; each part worked out when it is read.

    Parameters
    ----------
    base, scenario, study
        The customers, whose prices, and the study with its limits and the months bills stand on.
    rulebook, seed
        Not asked: limits are the study's, and nothing is drawn.
    evidence
        What `replayed` returned for the scenario; billed where it is needed without it.
    tried
        A price to move without billing anew: figures, guardrails and bridge follow.
    """
    del rulebook, seed
    at = _At(lambda: evidence or replayed(base, study, scenario), study.guardrails, tried)
    return ImpactResult(
        basis=later(lambda: Basis(0, len(base)) if at.found.comparison is None else at.found.comparison.basis),
        why_not=later(lambda: at.found.why_not),
        missing=later(lambda: at.found.today.missing),
        scenario=scenario,
        limits=study.guardrails,
        trial=tried,
        reconciliation=later(lambda: at.reconciliation),
        bridge=later(lambda: at.bridge),
        by_size=later(lambda: None if at.found.prices is None else at.found.prices.by_size),
        bands=later(lambda: at.bands),
        comparison=later(lambda: at.comparison),
        guardrails=later(lambda: at.guardrails),
        key_figures=later(lambda: () if at.comparison is None else _key_figures(at.comparison, at.limits, at.found)),
        cautions=later(lambda: at.cautions),
        movers=later(lambda: at.found.movers),
        from_paid=later(lambda: at.found.today.as_paid),
    )


@dataclass(frozen=True, eq=False)
class _At:
    """A scenario's bills at prices on trial, each part made once, when it is read."""

    replay: Callable[[], DesignEvidence]
    limits: Guardrails
    trial: Trial

    @cached_property
    def found(self) -> DesignEvidence:
        return self.replay()

    @cached_property
    def reconciliation(self) -> Reconciliation | None:
        today, most = self.found.today.reconciliation, self.limits.most_unexplained
        return today if today is None or today.most_unexplained == most else replace(today, most_unexplained=most)

    @cached_property
    def comparison(self) -> Comparison | None:
        comparison, prices = self.found.comparison, self.found.prices
        if comparison is None or prices is None or not self.trial.change:
            return comparison
        return with_trial(comparison, prices, self.trial)

    @property
    def bridge(self) -> Bridge | None:
        bridge, comparison, prices = self.found.bridge, self.found.comparison, self.found.prices
        if bridge is None or comparison is None or prices is None or not self.trial.change:
            return bridge
        return tried_bridge(bridge, comparison, prices, self.trial)

    @property
    def bands(self) -> pd.DataFrame | None:
        comparison, prices = self.found.comparison, self.found.prices
        if comparison is None or prices is None:
            return None
        return distribution(tried_percent(comparison, prices, self.trial))

    @property
    def guardrails(self) -> GuardrailReport | None:
        return None if self.comparison is None else check_guardrails(self.comparison, self.limits)

    @property
    def cautions(self) -> tuple[Caution, ...]:
        comparison, today = self.found.comparison, self.reconciliation
        if comparison is None:
            return ()
        return (*comparison.cautions, *(today.cautions if today else ()), *_not_comparable(self.found))


def reads(study: Study, scenario: Scenario) -> tuple[object, ...]:
    """Return what the result follows from beside the customers: where that stays, nothing is worked out again."""
    names = tuple((each.id, each.name) for each in study.designs)
    return (scenario.id, decided_offer(scenario), study.basis, study.guardrails, names)


def summarise(decision: StageDecision, result: ImpactResult) -> str:
    """Return what the prices do in a sentence, and which limits they keep."""
    del decision
    report = result.guardrails
    if report is None or not result.key_figures:
        return result.why_not
    said = figure_sentence(result.key_figures[0])
    return say("in_short", said=said, crossed=len(report.failures), checks=len(report.checks))


def _key_figures(comparison: Comparison, limits: Guardrails, found: DesignEvidence) -> tuple[KeyFigure, ...]:
    basis, months, period = comparison.basis, len(comparison.months), comparison.period
    paid = comparison.before is not None and comparison.before.realisation is not None
    compared = people(basis, paid=paid)
    spread, steep = comparison.spread, limits.steep_rise
    before, after = comparison.revenue_before / months, comparison.revenue_after / months
    changes = comparison.accounts["change"].to_numpy(dtype=float)
    figures = (
        KeyFigure(
            NET if paid and not found.today.as_paid else NEW_LIST,
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
