"""Tell a unit factor that stands for a fraction: 0.0166667 bills 60 minutes as two hours where 1/60 was meant."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

from workbench.pricing.decimals import decimal_near, plain
from workbench.wording import metric_words

if TYPE_CHECKING:
    from workbench.pricing.charge import Charge

# How many fractions as simple as the one found would lie as near by chance; 0.0167 (1/60) has 0.5, 0.12 (1/8) 1.0.
_BY_CHANCE = Fraction(6, 10)


def fraction_meant(charge: Charge) -> Fraction | None:
    """Return the fraction that a rounded factor most likely stands for, None where the factor is one itself."""
    factor = charge.unit_factor
    written = decimal_near(factor)
    if charge.rounding is None or Fraction(written) != factor:
        return None
    step = Fraction(10) ** min(0, int(written.as_tuple().exponent))
    # Either rounded to the last place or cut off there.
    near = _simplest(factor - step / 2, factor + step)
    if near in (factor, 0) or 3 * step / 2 * near.denominator**2 > _BY_CHANCE:
        return None
    return near


def factor_doubt(charge: Charge) -> str:
    """Say how a factor bills that only comes near the fraction it most likely stands for; nothing where it is one."""
    meant = fraction_meant(charge)
    if meant is None:
        return ""
    counted = plain(decimal_near(charge.unit_factor * meant.denominator))
    return (
        f"The unit factor {charge.unit_factor} of {metric_words(charge.metric)} with rounding counts "
        f"{meant.denominator} as {counted}, not {meant.numerator}: write {meant.numerator}/{meant.denominator} "
        "if that is meant."
    )


def _simplest(low: Fraction, high: Fraction) -> Fraction:
    """Return the fraction with the smallest denominator from `low` to `high`."""
    whole = math.ceil(low)
    if whole <= high:
        return Fraction(whole)
    return whole - 1 + 1 / _simplest(1 / (high - whole + 1), 1 / (low - whole + 1))
