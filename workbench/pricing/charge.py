"""A charge: how the quantity of one metric becomes an amount in a billing period."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal  # noqa: TC003 - pydantic reads the field types when a study uses them
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from workbench.pricing.charge_checks import check_band, check_charge, read_rounding
from workbench.pricing.decimals import AS_MEASURED, ZERO, Factor, Number, Ratio, decimal_of, decimal_or_none, factor_of
from workbench.pricing.documents import Document, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import narwhals as nw
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from workbench.pricing.lines import Line

ChargeModel = Literal["flat", "per_unit", "graduated", "volume", "package", "percentage", "graduated_percentage"]
Rounding = Literal["up", "down", "nearest"]
BelowZero = Literal["refuse", "zero", "credit"]


@dataclass(frozen=True, slots=True)
class Band(Document):
    """One step of a charge: up to and including `up_to` units (None: open at the end).

    Above a last band that ends there is no price: `amount` refuses such a quantity, and in arrays it is unknown.
    `flat_fee` is due once the band is entered. `rate_percent` is for graduated_percentage only.
    """

    up_to: Decimal | None
    unit_price: Decimal = ZERO
    flat_fee: Decimal = ZERO
    rate_percent: Decimal = ZERO

    if TYPE_CHECKING:  # callers may give any number; the fields always hold decimals

        def __init__(
            self,
            up_to: Number | None,
            unit_price: Number = 0,
            flat_fee: Number = 0,
            rate_percent: Number = 0,
        ) -> None: ...

    def __post_init__(self) -> None:
        object.__setattr__(self, "up_to", decimal_or_none(self.up_to, "upper bound of a band"))
        for name in ("unit_price", "flat_fee", "rate_percent"):
            words = f"{name.replace('_', ' ')} of a band"
            object.__setattr__(self, name, decimal_of(getattr(self, name), words))
        check_band(self)


@dataclass(frozen=True, slots=True)
class Charge(Document):
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

    _nested: ClassVar[Mapping[str, type[Document]]] = MappingProxyType({"bands": Band})

    metric: str
    model: ChargeModel
    unit_price: Decimal | None = None
    bands: tuple[Band, ...] = ()
    package_size: Decimal | None = None
    package_price: Decimal | None = None
    rate_percent: Decimal | None = None
    fixed_fee: Decimal | None = None
    free_units: Decimal = ZERO
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    discount_percent: Decimal = ZERO
    unit_factor: Factor = AS_MEASURED
    rounding: Rounding | None = None
    first_flat_fee_at_zero: bool = True
    package_rounding: Rounding = "up"
    below_zero: BelowZero = "refuse"

    if TYPE_CHECKING:  # callers may give any number; the fields always hold decimals

        def __init__(
            self,
            metric: str,
            model: str,
            *,
            unit_price: Number | None = None,
            bands: Iterable[Band] = (),
            package_size: Number | None = None,
            package_price: Number | None = None,
            rate_percent: Number | None = None,
            fixed_fee: Number | None = None,
            free_units: Number = 0,
            minimum: Number | None = None,
            maximum: Number | None = None,
            discount_percent: Number = 0,
            unit_factor: Ratio = 1,
            rounding: str | None = None,
            first_flat_fee_at_zero: bool = True,
            package_rounding: str = "up",
            below_zero: str = "refuse",
        ) -> None: ...

    def __post_init__(self) -> None:
        optional = ("unit_price", "package_size", "package_price", "rate_percent", "fixed_fee", "minimum", "maximum")
        for name in optional:
            object.__setattr__(self, name, decimal_or_none(getattr(self, name), name.replace("_", " ")))
        for name in ("free_units", "discount_percent"):
            object.__setattr__(self, name, decimal_of(getattr(self, name), name.replace("_", " ")))
        object.__setattr__(self, "unit_factor", factor_of(self.unit_factor, "unit factor"))
        object.__setattr__(self, "bands", listed(self.bands or (), f"bands of {self.metric}", Band))
        object.__setattr__(self, "rounding", read_rounding(self.rounding))
        object.__setattr__(self, "package_rounding", read_rounding(self.package_rounding) or "up")
        check_charge(self)

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

    def with_(self, **changes: Any) -> Charge:  # noqa: ANN401 - any field
        """Return a copy with some fields changed, checked like a new charge."""
        return replace(self, **changes)
