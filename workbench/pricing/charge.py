"""A charge: how the quantity of one metric becomes an amount in a billing period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.pricing.charge_terms import Band, BelowZero, ChargeModel, ChargeTerms, Rounding

if TYPE_CHECKING:
    from decimal import Decimal

    import narwhals as nw
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from workbench.pricing.decimals import Number
    from workbench.pricing.lines import Line


class Charge(ChargeTerms):
    """How the quantity of one metric becomes an amount, per month.

    Parameters
    ----------
    metric
        What is counted, such as "seats" or "rows synced".
    model
        flat (`fixed_fee`), per_unit (`unit_price`), graduated, volume or graduated_percentage (`bands`),
        package (`package_size`, `package_price`), percentage (`rate_percent`, optional `fixed_fee`).
    free_units
        Converted units that cost nothing before bands or packages begin.
    minimum, maximum
        Floor and cap of the amount; the cap is applied first.
    discount_percent
        Taken off before the cap and the floor.
    unit_factor, rounding
        Raw units are multiplied by the factor, a number or a fraction (0.001 turns rows into thousands, "1/60" minutes
        into hours), then rounded up, down or to the nearest whole unit when `rounding` says so (the words ceil, floor
        and round are understood too).
    package_rounding
        What a package begun counts as: a whole one ("up"), nothing ("down"), or whichever is nearer.
    below_zero
        What becomes of a quantity below zero, a correction larger than the usage: "refuse" it, bill it as "zero" as
        Stripe and Lago do, or "credit" what so many units cost as Zuora does, without fees and free units.
    first_flat_fee_at_zero
        Whether the first band's flat fee (or the fixed fee) is due when no billable unit was used.

    Numbers may be int, str, Decimal or float; floats are read the way they print, and a quantity that floats cannot
    tell from a whole number of units or packages, or from the end of a band, stands right there. Raises
    ChargeError with what to change when the charge cannot be billed. Conventions follow the test suites of Lago,
    OpenMeter, Stripe, Orb and Kill Bill: a band's upper bound is inclusive, and nothing is rounded inside a charge.
    """

    __slots__ = ()

    def amount(self, units: Number) -> Decimal:
        """Return the exact amount for a quantity; only what never ends as a decimal is rounded, to 28 digits.

        Refuses a quantity without a price: negative (see `below_zero`) or above the last band.
        """
        from workbench.pricing.lines import total_of  # noqa: PLC0415 - loaded when a charge is billed

        return total_of(self.lines(units))

    def lines(self, units: Number) -> tuple[Line, ...]:
        """Return the itemised amount; the lines sum exactly to `amount`.

        Discount, cap and top-up to the minimum are lines of their own.
        """
        from workbench.pricing.lines import itemise  # noqa: PLC0415 - loaded when a charge is billed

        return itemise(self, units)

    def amounts(self, units: ArrayLike) -> NDArray[np.float64]:
        """Return the amount for every quantity as float64, in the shape given; an unknown (NaN) stays unknown.

        Within 1e-9 of `amount`, relative; units and packages are rounded exactly as there. Above a last band that
        ends the amount is unknown. Refuses infinite quantities, and negative ones unless `below_zero` allows them.
        """
        from workbench.pricing.arrays import amounts  # noqa: PLC0415 - numpy loads when used

        return amounts(self, units)

    def expression(self, column: str | nw.Expr) -> nw.Expr:
        """Return the amount of a quantity column as a narwhals expression, for any engine narwhals speaks to.

        An engine cannot refuse a row, so what `amount` refuses becomes NaN.
        """
        from workbench.pricing.expression import expression  # noqa: PLC0415 - narwhals loads when used

        return expression(self, column)

    def describe(self, currency: str = "USD") -> str:
        """Say in plain words what the charge costs."""
        from workbench.pricing.wording import describe_charge  # noqa: PLC0415 - only for readers

        return describe_charge(self, currency)
