"""The price curve on the chosen metric: proposed bands, what they earn, and who pays how much for ten times the use."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.errors import CurveError
from workbench.impact.billing import amount_of, amounts_of, bills_along
from workbench.pricing.curve import propose_bands
from workbench.pricing.ratio import share_inside, spread
from workbench.stages.set_so import mark

if TYPE_CHECKING:
    from decimal import Decimal

    from workbench.pricing import Charge
    from workbench.rules import Rulebook
    from workbench.stages.value_metric.decision import ValueMetricDecision
    from workbench.stages.value_metric.distributions import Quantities

_POINTS = 80
_NO_END = 1000.0  # ten times the use never costs this much


@dataclass(frozen=True, slots=True)
class Corridor:
    """Where a rule wants bill(10q) / bill(q): its words, lowest and highest ratio."""

    label: str
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class PriceCurve:
    """A charge on the metric, read along the quantities customers really have.

    `along` has quantity, bill, bill_at_multiple (ten times the quantity) and ratio from the 5th to the 95th
    percentile of accounts; `checked` has the same for every quantity accounts have and the typical one, rising, and
    `ratios` the ratio at each of `quantities.points`. `revenue` is a month's revenue from
    all accounts that use the metric, `from_paying` that of the accounts whose payment in the same month is known too,
    None where nobody's is. `is_accepted` says whether the team took the charge into the decision.
    """

    charge: Charge
    quantities: Quantities
    along: pd.DataFrame
    checked: pd.DataFrame
    ratios: np.ndarray
    typical_ratio: float
    revenue: float
    from_paying: float | None
    target: float | None
    is_accepted: bool

    @property
    def change(self) -> float | None:
        """Return the revenue on the curve less what the same accounts paid in the same month; None when unknown."""
        return None if self.from_paying is None else self.from_paying - self.quantities.paid

    def share_between(self, low: float, high: float) -> float:
        """Return the share of accounts whose ratio lies from `low` to `high`."""
        return share_inside(self.ratios, low, high)


@lru_cache(maxsize=64)
def proposed_charge(quantities: Quantities, metric: str, ratio: float, revenue: float | None) -> Charge:
    """Return round graduated bands on the metric that earn the revenue at that ratio; CurveError when none can.

    Without a revenue they earn what the accounts of known payment pay, from the quantities of these accounts.

    Kept for the last requests: the fit takes a moment, and a change elsewhere in the stage must not wait for it.
    """
    if not quantities.usable:
        raise CurveError(
            f"The accounts' quantities of {metric} do not differ enough for a price curve.",
            "Choose a metric with monthly usage, or wait for more of it.",
        )
    if revenue is not None:
        return propose_bands(ratio, quantities.points, revenue / quantities.accounts_each, metric=metric).charge
    points = quantities.paying[quantities.paying > 0]
    return propose_bands(ratio, points, quantities.paid / quantities.paying_each, metric=metric).charge


def corridors(rulebook: Rulebook) -> tuple[Corridor, ...]:
    """Return the corridors of the rules on ten times the use (VM3, U2), with this study's thresholds."""
    found = []
    for rule_id, what in (("VM3", "value metric"), ("U2", "volume discount")):
        band = rulebook.threshold(rule_id)
        low = 0.0 if band.low is None else band.low
        high = _NO_END if band.high is None else band.high
        found.append(Corridor(f"{band.in_words()} ({what})", low, high))
    return tuple(found)


def marks(decision: ValueMetricDecision) -> dict[str, str]:
    """Return a mark per rule that an accepted curve was made to meet, as long as it is the one proposed."""
    charge = None if decision.charge is None else decision.charge.with_(free_units=0)
    return dict.fromkeys(("VM3", "VM6", "U2"), mark(decision.metric, repr(charge)))


def with_included(charge: Charge, included: Decimal) -> Charge:
    """Return the charge with so many units included before it begins."""
    return charge if charge.free_units == included else charge.with_(free_units=included)


def read_curve(charge: Charge, quantities: Quantities, *, target: float | None, is_accepted: bool) -> PriceCurve:
    """Read a charge along the quantities customers have."""
    points = bills_along(charge, quantities.points)
    paying = None
    if quantities.compared:
        paying = float(amounts_of(charge, quantities.paying).sum() * quantities.paying_each)
    return PriceCurve(
        charge=charge,
        quantities=quantities,
        along=bills_along(charge, spread(quantities.low, quantities.high, _POINTS)),
        checked=bills_along(charge, np.unique(np.append(quantities.points, quantities.typical))),
        ratios=points["ratio"].to_numpy(),
        typical_ratio=float(bills_along(charge, [quantities.typical])["ratio"].iloc[0]),
        revenue=float(points["bill"].sum() * quantities.accounts_each),
        from_paying=paying,
        target=target,
        is_accepted=is_accepted,
    )


def bands_table(curve: PriceCurve) -> pd.DataFrame:
    """Return one row per band: from, to, unit_price, accounts in it, and the bill at its end (NaN for the open one)."""
    charge, points = curve.charge, curve.quantities.points
    rows = []
    lower = 0.0
    for band in charge.bands:
        upper = np.inf if band.up_to is None else float(band.up_to)
        shift = float(charge.free_units)
        inside = (points > lower + shift) & (points <= upper + shift)
        rows.append(
            {
                "from": lower + shift,
                "to": upper + shift,
                "unit_price": float(band.unit_price),
                "accounts": round(float(inside.sum()) * curve.quantities.accounts_each),
                "bill_at_end": np.nan if np.isinf(upper) else float(amount_of(charge, str(upper + shift))),
            }
        )
        lower = upper
    return pd.DataFrame(rows, columns=["from", "to", "unit_price", "accounts", "bill_at_end"])
