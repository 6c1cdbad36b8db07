"""Judge what is said to follow a trigger in companies whose truth is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from entered_companies import EnteredCompany, entered_company

from workbench.growth.triggers import AccountPast, lift_of


@dataclass(frozen=True)
class Case:
    """Whether the 90% range of the lift held the truth, and whether evidence of an effect was claimed."""

    held: bool
    shown: bool


def past_of(company: EnteredCompany) -> AccountPast:
    """Return what is known of a company's accounts, month by month."""
    return AccountPast(
        np.arange(len(company.paying)).astype(object),
        company.months,
        company.paying,
        (company.segment, company.segment),
        company.traits,
        company.moved,
    )


def judge(factor: float, seed: int) -> Case:
    """Measure the lift of the entries of one company."""
    company = entered_company(np.random.default_rng(seed), factor)
    found = lift_of(past_of(company), company.fired, "expansion", month_over=True)
    if found.lift is None or found.lower is None:
        return Case(held=False, shown=False)
    return Case(held=found.lift.low <= company.truth <= found.lift.high, shown=found.lower > 1)
