"""What expansion is judged on: revenue account by account and month by month, up to a day, and what fired when."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from workbench.cache import Recent
from workbench.customers.afterwards import known_then
from workbench.errors import WorkbenchError
from workbench.growth import TOOLS, MrrLedger, RevenueDefinition, Scorecard, definitions_compared, scorecard
from workbench.growth.recurring_revenue import ledger_of
from workbench.growth.scorecard import METRICS
from workbench.growth.triggers import Past, TriggerBackTest, back_test_triggers, call_odds
from workbench.impact.bill_replay import quantity_to_bill, replay
from workbench.impact.billing import add_ons_owned, bill_plans, offer_bills
from workbench.impact.monthly_accounts import account_months
from workbench.impact.price_realisation import placed_by_need
from workbench.stages.offers import TierDecision, ValueMetricDecision
from workbench.stages.price_book import price_book
from workbench.stages.study_replay import first_to_opt_in, list_billed

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from workbench.customers.afterwards import History
    from workbench.customers.base import CustomerBase
    from workbench.growth.triggers import CallOdds, Playbook
    from workbench.impact.bill_replay import Replay
    from workbench.results import Floats
    from workbench.rules.rulebook import Rulebook, Threshold
    from workbench.stages.study_replay import FirstToOptIn
    from workbench.study.model import Scenario
    from workbench.tables import DataTable

Found = TypeVar("Found")
MOST_MONTHS = 36  # of a scenario replayed for its scorecard
_DRAWS = 400


@dataclass(frozen=True, eq=False)
class Lived:
    """What a company lived through until a day: customers and what follows from them, each worked out once."""

    base: CustomerBase
    _kept: Recent[Hashable, Any] = field(default_factory=lambda: Recent(12), repr=False)

    @cached_property
    def past(self) -> Past:
        """Return what was known at its end."""
        return Past.of(self.base)

    @cached_property
    def price_lists(self) -> dict[str, str] | None:
        """Return today's list and what is not on it: who goes from one to the other pays other prices, for no more."""
        if not self.base.has("plans") or not self.base.has("mrr"):
            return None
        listed = set(self.base.frames["plans"]["plan"].dropna())
        paid = self.base.frames["mrr"]["plan"].dropna().unique()
        return {str(each): "today" if each in listed else "other" for each in paid} if set(paid) - listed else None

    @cached_property
    def ledger(self) -> MrrLedger:
        """Return revenue by account and month; MovementsError where there is none."""
        return ledger_of(self.base)

    @cached_property
    def definitions(self) -> tuple[RevenueDefinition, ...]:
        """Return how the study counts recurring revenue, and how five tools do."""
        return RevenueDefinition.of(self.base), *TOOLS

    def compared(self) -> DataTable | str:
        """Return the ledger under these definitions, or why that cannot be said."""
        return self._once("compared", lambda: definitions_compared(self.base, definitions=self.definitions))

    def first_to_opt_in(self, scenario: Scenario) -> FirstToOptIn | str:
        """Return who would opt into usage beside today's plans, or why that cannot be said."""
        key = ("first to opt in", price_book(self.base, scenario), scenario.decision(ValueMetricDecision).metric)
        return self._once(key, lambda: first_to_opt_in(self.base, scenario))

    def card(self, rulebook: Rulebook) -> Scorecard | str:
        """Return the scorecard of what was paid, or why there is none."""
        return self._once(("card", _bands(rulebook)), lambda: scorecard(self.base, rulebook=rulebook))

    def back_test(self, playbook: Playbook) -> TriggerBackTest | str:
        """Return how triggers did, or why that cannot be said."""
        return self._once(
            ("back-test", playbook.json_text()),
            lambda: back_test_triggers(self.past, playbook, price_lists=self.price_lists),
        )

    def odds(self, playbook: Playbook) -> CallOdds | str:
        """Return how likely each account is to expand, or why that cannot be said."""
        return self._once(
            ("odds", playbook.json_text()), lambda: call_odds(self.past, playbook, price_lists=self.price_lists)
        )

    def card_under(self, scenario: Scenario, rulebook: Rulebook) -> Scorecard | str:
        """Return the scorecard of the same months billed under a scenario's list, or why there is none."""
        ledger = self.ledger_under(scenario)
        if isinstance(ledger, str):
            return ledger
        return self._once(
            ("card under", ledger, _bands(rulebook)), lambda: scorecard(ledger, rulebook=rulebook, draws=_DRAWS)
        )

    def ledger_under(self, scenario: Scenario) -> MrrLedger | str:
        """Return revenue of the same months billed under a scenario's list, or why there is none."""
        book, needs = price_book(self.base, scenario), scenario.decision(TierDecision).how_needs_are_read

        def made() -> MrrLedger:
            months = min(MOST_MONTHS, len(self.base.months))
            rows = account_months(
                self.base, months=months, needs_months=needs["needs_months"], minimum_uses=needs["minimum_uses"]
            )
            return replay(rows, book, assign=placed_by_need(None), name=scenario.name).ledger()

        return self._once(("ledger under", tuple(needs.items()), book), made)

    def offers(self, scenario: Scenario) -> pd.DataFrame:
        """Return what the next tier or add-on would bring of each account: account_id, plan, offer, pays, would_pay.

        Bills of the last month at its usage, under the scenario's list; accounts with nothing more to buy are not in
        it.
        """
        billed = list_billed(self.base, scenario)
        return _next_offers(billed) if billed is not None else pd.DataFrame(columns=_OFFER)

    def _once(self, key: Hashable, make: Callable[[], Found]) -> Found | str:
        def told() -> Found | str:
            try:
                return make()
            except WorkbenchError as error:
                return str(error)

        found: Found | str = self._kept.once(key, told)
        return found


def _bands(rulebook: Rulebook) -> tuple[Threshold, ...]:
    """Return what a scorecard is judged by, which a study may have moved."""
    return tuple(rulebook[metric.key].threshold for metric in METRICS)


_OFFER = ["account_id", "plan", "offer", "pays", "would_pay", "amount"]


def _next_offers(billed: Replay) -> pd.DataFrame:
    """Return for each account the tier after its own, or for who has the last one the cheapest add-on it lacks."""
    rows, book = billed.rows, billed.book
    quantity = quantity_to_bill(rows, billed.committed)
    everywhere = [np.full(len(rows), place, dtype=np.intp) for place in range(len(book.plans))]
    bills = np.column_stack([bill_plans(book, each, quantity) for each in everywhere])
    priced = [place for place, plan in enumerate(book.plans) if plan.priced and np.isfinite(bills[:, place]).any()]
    above = np.full(len(book.plans) + 1, -1, dtype=np.intp)
    above[priced[:-1]] = priced[1:]  # tiers stand in the order in which customers grow through them
    own = billed.plan_index
    here = np.flatnonzero((own >= 0) & billed.known)
    following = above[own[here]]
    pays = bills[here, own[here]]
    would = np.where(following >= 0, bills[here, following], np.nan)
    names = np.array([*(plan.name for plan in book.plans), ""], dtype=object)
    frame = pd.DataFrame(
        {
            "account_id": rows.account_ids[rows.account[here]], "plan": names[own[here]], "offer": names[following],
            "pays": pays, "would_pay": would,
        }
    )  # fmt: skip
    frame = _with_add_ons(frame, billed, here)
    frame["amount"] = frame["would_pay"] - frame["pays"]
    return frame[np.isfinite(frame["amount"])].reset_index(drop=True)


def _with_add_ons(frame: pd.DataFrame, billed: Replay, here: np.ndarray) -> pd.DataFrame:
    """Offer the cheapest add-on an account needs and lacks where there is no next tier, or that would cost no more."""
    quantity = quantity_to_bill(billed.rows, billed.committed)
    needed = add_ons_owned(billed.book, billed.rows, billed.plan_index, "by need", quantity)
    least: Floats = np.full(len(billed.rows), np.inf)
    name = np.full(len(billed.rows), "", dtype=object)
    for add_on in billed.book.add_ons:
        place = needed.get(add_on.name)
        if place is None or not add_on.priced:
            continue
        cost = offer_bills(add_on, {each.metric: quantity(each.metric)[place] for each in add_on.charges})
        better = np.flatnonzero(cost < least[place])
        least[place[better]], name[place[better]] = np.broadcast_to(cost, len(place))[better], add_on.name
    lacks = ~(frame["would_pay"] > frame["pays"]).to_numpy() & np.isfinite(least[here])
    would = np.where(lacks, frame["pays"] + least[here], frame["would_pay"])
    return frame.assign(would_pay=would, offer=np.where(lacks, name[here], frame["offer"]))


@dataclass(frozen=True, eq=False)
class ExpansionEvidence:
    """The customers, as the study knows them and with everything on record; worked out when it is asked for."""

    base: CustomerBase
    _lived: dict[str, Lived] = field(default_factory=dict, repr=False)

    def lived(self, history: History) -> Lived:
        """Return what the company lived through up to the day of the study, or to the end of the record."""
        if history not in self._lived:
            base = known_then(self.base, history)
            same = base is self.base and history != "study"
            self._lived[history] = self.lived("study") if same else Lived(base)
        return self._lived[history]


def gather(base: CustomerBase) -> ExpansionEvidence:
    """Return the evidence: what takes time in it is worked out when somebody looks."""
    return ExpansionEvidence(base)
