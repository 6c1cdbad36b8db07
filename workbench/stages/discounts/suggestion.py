"""Where to start: the discounts that four deals in five keep to already, by size and by term."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from workbench.pricing.price_curve import two_digits
from workbench.stages.discounts.decision import Approver, DiscountPolicyDecision, SizeBand, TermBand
from workbench.stages.discounts.evidence import RealisationEvidence, gather
from workbench.text import texts

if TYPE_CHECKING:
    from workbench.customers.base import CustomerBase
    from workbench.results import Floats
    from workbench.study.model import Scenario

say = texts(__name__)
KEPT_BY = 0.8  # quantile of the discounts of a band
_SIZES = (0.5, 0.9)  # quantiles of the list price at which the bands after the first begin
_STEP = 0.05
_DEEPEST = 0.95  # of all discounts
_FEWEST = 10  # contracts of a kind from which the data speak of a term
_LONG = 12  # months


def suggest(
    base: CustomerBase, scenario: Scenario, *, evidence: RealisationEvidence | None = None
) -> DiscountPolicyDecision:
    """Return a policy that four in five of today's deals keep to: deeper for larger ones, never less deep."""
    known = gather(base) if evidence is None else evidence
    decision = scenario.decision(DiscountPolicyDecision)
    last = known.last
    if not len(last):
        return decision
    listed, off = last["listed"].to_numpy(), np.clip(1 - last["share"].to_numpy(), 0, 1)
    starts = [Decimal(0)]
    for quantile in _SIZES:
        start = two_digits(float(np.quantile(listed, quantile)))
        held = (listed >= float(starts[-1])) & (listed < float(start))  # of a size nobody has, nothing can be kept to
        starts += [start] if held.any() else []
    bands: list[SizeBand] = []
    for place, start in enumerate(starts):
        end = float(starts[place + 1]) if place + 1 < len(starts) else np.inf
        here = (listed >= float(start)) & (listed < end)
        most = max(_kept(off[here]), bands[-1].most if bands else 0.0)
        bands.append(SizeBand(id=_NAMES[place], name=say(_NAMES[place]), from_list=start, most=most))
    terms = _terms(off, last["bound"].to_numpy())
    deepest = max(_rounded_up(float(np.quantile(off, _DEEPEST))), bands[-1].most)
    return decision.replaced(
        bands=tuple(bands), terms=terms, floor=round(1 - min(1.0, deepest), 2), approvers=_approvers(bands, deepest)
    )


_NAMES = ("small", "large", "largest")


def _approvers(bands: list[SizeBand], deepest: float) -> tuple[Approver, ...]:
    if bands[0].most >= deepest:  # whatever needs an approval lies below the floor, where nobody may give one
        return ()
    found = [Approver(id="manager", name=say("manager"), above=bands[0].most)]
    if bands[0].most < bands[-1].most < deepest:
        found.append(Approver(id="director", name=say("director"), above=bands[-1].most))
    return tuple(found)


def _terms(off: Floats, bound: Floats) -> tuple[TermBand, ...]:
    """Return what customers bound for a year get off beyond the others; nothing where too few of either are known."""
    long, short = bound >= _LONG, bound < _LONG
    if min(long.sum(), short.sum()) < _FEWEST:
        return ()
    more = round(float(np.median(off[long]) - np.median(off[short])), 2)
    return (TermBand(id="year", name=say("year"), months=_LONG, more=more),) if more > 0 else ()


def _kept(off: Floats) -> float:
    return _rounded_up(float(np.quantile(off, KEPT_BY))) if len(off) else 0.0


def _rounded_up(share: float) -> float:
    return round(math.ceil(share / _STEP - 1e-6) * _STEP, 2)
