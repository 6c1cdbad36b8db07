"""The last month billed under today's price list and under a scenario's, account by account, by the replay engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from workbench.errors import WorkbenchError
from workbench.impact import KeepPlan, account_months, compare, replay
from workbench.impact.realised import placed_by_need
from workbench.recent import Recent
from workbench.stages.price_book import price_book, today
from workbench.stages.tiers.decision import TierDecision

if TYPE_CHECKING:
    from collections.abc import Hashable

    from workbench.customers import CustomerBase
    from workbench.impact import AccountMonths, Comparison, Replay
    from workbench.study import Scenario

_KEPT = 8
_rows: WeakKeyDictionary[CustomerBase, Recent[Hashable, AccountMonths]] = WeakKeyDictionary()
_bills: WeakKeyDictionary[CustomerBase, Recent[Hashable, LastBills | None]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True, eq=False)
class LastBills:
    """Bills of one month, add-ons bought by need: list against list, or against what was paid where no list is known.

    `before` replays today's price list with everybody on the plan on record, None without one; `comparison` holds the
    accounts billed on both sides, None where nothing can be compared.
    """

    before: Replay | None
    after: Replay
    comparison: Comparison | None

    @property
    def month(self) -> str:
        """Return the month billed."""
        return f"{self.after.rows.shown_months[-1]:%Y-%m}"

    def accounts_on(self, offer: str) -> tuple[str, ...]:
        """Return the ids of the accounts billed for a plan or an add-on of the scenario, by its name."""
        rows, book = self.after.rows, self.after.book
        if offer in book.plan_names:
            inside = np.flatnonzero(self.after.plan_index == book.plan_names.index(offer))
        else:
            inside = self.after.owned.get(offer, np.array([], dtype=np.intp))
        return tuple(dict.fromkeys(str(rows.account_ids[at]) for at in rows.account[inside]))

    @property
    def basis(self) -> str:
        """Say what is held against what."""
        against = "what was paid" if self.before is None else "today's price list"
        return f"{self.month}, new price list against {against}, tiers with the add-ons an account needs"


def last_bills(base: CustomerBase, scenario: Scenario) -> LastBills | None:
    """Return the last month billed under a scenario; None where it offers nothing or nobody could be billed."""
    book = price_book(base, scenario)
    needs = scenario.decision(TierDecision).how_needs_are_read
    key = (scenario.kind, tuple(needs.items()), book.plans, book.add_ons)
    return _bills.setdefault(base, Recent(_KEPT)).once(key, lambda: _billed(base, scenario))


def _billed(base: CustomerBase, scenario: Scenario) -> LastBills | None:
    book, listed = price_book(base, scenario), today(base)
    if not book.plans:
        return None
    needs = scenario.decision(TierDecision).how_needs_are_read
    try:
        rows = _rows.setdefault(base, Recent(_KEPT)).once(
            tuple(needs.items()),
            lambda: account_months(
                base, months=1, needs_months=needs["needs_months"], minimum_uses=needs["minimum_uses"]
            ),
        )
        kept = replay(rows, listed, assign=KeepPlan()) if listed.plans else None
        after = kept if scenario.kind == "baseline" and kept else replay(rows, book, assign=placed_by_need(kept))
        comparison = None if kept is None and rows.recorded is None else compare(kept, after)
    except WorkbenchError:  # the replay itself says so where a team asks for it; here nothing can be said
        return None
    return LastBills(kept, after, comparison)
