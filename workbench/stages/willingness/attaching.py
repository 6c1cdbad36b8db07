"""Attach rates of add-ons from demand, beside what a team expects, and taken over as that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.formatting import UNKNOWN, exact_money, exact_percent, money, number, percent
from workbench.stages.add_ons.decision import AddOnDecision
from workbench.wording import one_unit

if TYPE_CHECKING:
    from workbench.stages.add_ons.decision import AddOnChoice
    from workbench.study import Scenario


def attach_table(found: pd.DataFrame, decision: AddOnDecision, currency: str) -> pd.DataFrame:
    """Return a row per add-on for people: price, share that would take it, share expected, accounts and revenue."""
    expected = {each.name: each for each in decision.add_ons}
    rows = []
    for each in found.to_dict("records"):
        choice = expected.get(str(each["add_on"]))
        rate, low, high = (percent(each[name]) for name in ("rate", "rate_low", "rate_high"))
        rows.append(
            {
                "Add-on": each["add_on"],
                "Price": UNKNOWN
                if choice is None
                else f"{exact_money(choice.price, currency)} per {one_unit(choice.price_per)}",
                "Would take it": f"{rate} ({low} to {high})",
                "Expected": UNKNOWN
                if choice is None
                else f"{exact_percent(choice.attach_low)} to {exact_percent(choice.attach_high)} of those eligible",
                "Accounts": number(each["buyers"], 0),
                "Revenue a month": money(each["revenue"], currency),
            }
        )
    return pd.DataFrame(rows)


def with_attach_rates(scenario: Scenario, found: pd.DataFrame) -> Scenario:
    """Return the scenario whose add-ons are expected to be taken as demand says, within its 90% range.

    The rates are of all buyers of a tier; the add-on stage counts those eligible, a part of them.
    """
    rates = {
        str(each["add_on"]): (float(each["rate_low"]), float(each["rate_high"])) for each in found.to_dict("records")
    }
    decision = scenario.decision(AddOnDecision)
    changed = tuple(
        each.replaced(attach_low=round(rates[each.name][0], 4), attach_high=round(rates[each.name][1], 4))
        if each.name in rates
        else each
        for each in decision.add_ons
    )
    return scenario.with_decision(decision.replaced(add_ons=changed))


def _price(choice: AddOnChoice, currency: str) -> str:
    return f"{exact_money(choice.price, currency)} per {one_unit(choice.price_per)}"
