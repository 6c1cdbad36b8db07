"""Holds what a record says of customers' reactions to price moves against companies whose reactions are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.impact.uncertainty import widest_on_record
from workbench.impact.uncertainty.behaviour import LEAVING, PastBills, reactions_of

if TYPE_CHECKING:
    from repriced_companies import Company


@dataclass(frozen=True)
class Case:
    """What the record of one company says of leaving over a rise, and whether its range holds the truth."""

    kind: str
    known: bool
    inside: bool
    width: float
    away: float
    reason: str


def judge(company: Company) -> Case:
    """Read the reactions to a company's price moves and compare."""
    past = PastBills(
        paid=company.paid,
        listed=company.listed,
        plan=company.plan,
        quantity=company.quantity,
        age=company.age,
        segment=company.segment,
    )
    (said,) = reactions_of(past, widest={LEAVING: widest_on_record()[LEAVING]})
    if not said.known:
        return Case(company.kind, known=False, inside=False, width=np.nan, away=np.nan, reason=said.reason)
    inside = said.low <= company.truth <= said.high
    return Case(company.kind, True, inside, said.high - said.low, said.value - company.truth, "")  # noqa: FBT003
