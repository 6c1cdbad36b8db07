"""A scenario's bills and money on a study's basis: billed once per customer base, and kept for all who ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from workbench.errors import WorkbenchError
from workbench.impact import KeepPlan, account_months, replay
from workbench.impact.realised import placed_by_need
from workbench.impact.standing import standing
from workbench.recent import Recent
from workbench.stages.price_book import price_book
from workbench.stages.price_book import today as list_of_today
from workbench.stages.tiers.decision import TierDecision
from workbench.study.basis import MONTHS_OF_BASIS

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from workbench.customers import CustomerBase
    from workbench.impact import AccountMonths, Replay
    from workbench.impact.standing import Standing
    from workbench.study import Scenario, Study

_KEPT = 4  # of each kind and base: a few designs are looked at in turn


@dataclass(frozen=True, eq=False)
class LastMonths:
    """The last months of a customer base, and today's list over them, everybody on the plan on record; None without."""

    rows: AccountMonths
    today: Replay | None


_months: WeakKeyDictionary[CustomerBase, Recent[Hashable, LastMonths]] = WeakKeyDictionary()
_standings: WeakKeyDictionary[CustomerBase, Recent[Hashable, Standing]] = WeakKeyDictionary()
_lists: WeakKeyDictionary[CustomerBase, Recent[Hashable, Replay]] = WeakKeyDictionary()


def last_months(base: CustomerBase, needs: Mapping[str, int] | None = None, *, months: int = 1) -> LastMonths:
    """Return the last months billed under today's list; WorkbenchError where a base has nothing to bill.

    `needs` says how the account-months read what an account needs, as tier design does by default.
    """
    read = TierDecision().how_needs_are_read if needs is None else needs
    shown = max(1, min(months, len(base.months)))

    def made() -> LastMonths:
        rows = account_months(base, months=shown, needs_months=read["needs_months"], minimum_uses=read["minimum_uses"])
        book = list_of_today(base) if base.has("plans") else None
        return LastMonths(rows, replay(rows, book, assign=KeepPlan(), name="Today") if book and book.plans else None)

    return _months.setdefault(base, Recent(_KEPT)).once((shown, tuple(read.items())), made)


def scenario_standing(base: CustomerBase, study: Study, scenario: Scenario) -> tuple[Standing | None, str]:
    """Return a scenario's money on the study's basis; None and why where nothing can be billed."""
    if not base.has("usage"):
        return None, "What customers would pay cannot be said without the table usage."
    needs, months = scenario.decision(TierDecision).how_needs_are_read, MONTHS_OF_BASIS[study.basis]
    try:
        book = price_book(base, scenario) if scenario.kind != "baseline" or base.has("plans") else None
        last = last_months(base, needs, months=months)
        kept = _standings.setdefault(base, Recent(_KEPT))
        return kept.once((months, tuple(needs.items()), book), lambda: standing(last.rows, book, last.today)), ""
    except WorkbenchError as error:
        return None, str(error)


def list_billed(base: CustomerBase, scenario: Scenario) -> Replay | None:
    """Return a scenario's list billed for the last month, tiers with the add-ons an account needs, at list prices.

    Today's list bills the plans on record. None where a scenario offers nothing or nobody can be billed: the replay
    itself says why where a team asks for it.
    """
    needs, book = scenario.decision(TierDecision).how_needs_are_read, price_book(base, scenario)
    if not book.plans:
        return None
    try:
        last = last_months(base, needs)
        if scenario.kind == "baseline" and last.today is not None:
            return last.today
        kept = _lists.setdefault(base, Recent(_KEPT))
        made = placed_by_need(last.today)
        return kept.once((tuple(needs.items()), book), lambda: replay(last.rows, book, assign=made))
    except WorkbenchError:
        return None
