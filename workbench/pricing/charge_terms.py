"""The terms of a charge, each checked: what is counted, how it is priced, rounded, discounted and bounded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal  # noqa: TC003 - pydantic reads the field types when a study uses them
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from workbench.pricing.charge_checks import check_band, check_charge, read_rounding
from workbench.pricing.decimals import AS_MEASURED, ZERO, Factor, Number, Ratio, decimal_of, decimal_or_none, factor_of
from workbench.pricing.documents import Document, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


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
class ChargeTerms(Document):
    """What a charge says, each term checked; `Charge`, which explains them, bills by them."""

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

    def with_(self, **changes: Any) -> Self:  # noqa: ANN401 - any field
        """Return a copy with some fields changed, checked like a new charge."""
        return replace(self, **changes)
