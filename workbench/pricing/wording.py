"""Say in plain words what a charge costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import capitalised, exact, exact_money
from workbench.pricing.decimals import ONE
from workbench.pricing.fraction_meant import factor_doubt
from workbench.wording import metric_words, one_unit

if TYPE_CHECKING:
    from workbench.pricing.charge import Band, Charge


def describe_charge(charge: Charge, currency: str = "USD") -> str:
    """Return one sentence per idea: the price, what is free, and what bounds the amount."""
    return " ".join([_price(charge, currency), *_conditions(charge, currency)])


def _price(charge: Charge, currency: str) -> str:
    metric = metric_words(charge.metric)
    if charge.model == "flat":
        return f"{exact_money(charge.fixed_fee, currency)} whatever the {metric}."
    if charge.model == "per_unit":
        return f"{exact_money(charge.unit_price, currency)} for {_each(charge)}."
    if charge.model == "package":
        packages = _counted(charge.package_rounding, f"{exact(charge.package_size or ONE)} {metric}")
        return f"{exact_money(charge.package_price, currency)} for every {packages}."
    if charge.model == "percentage":
        fee = f" plus {exact_money(charge.fixed_fee, currency)}" if charge.fixed_fee else ""
        return f"{exact(charge.rate_percent or ONE)}% of {metric}{fee}."
    steps = "; ".join(_band(band, currency, in_percent=charge.model == "graduated_percentage") for band in charge.bands)
    if charge.model == "volume":
        every = _each(charge) if _is_divided(charge) else f"all {metric}"
        return f"{capitalised(every)} at the price of the band reached: {steps}."
    return f"{capitalised(_each(charge))} at the price of its band: {steps}."


def _each(charge: Charge) -> str:
    """Say what a unit is: each row, or every 60 minutes begun."""
    if not _is_divided(charge):
        return f"each {one_unit(charge.metric)}"
    return (
        f"every {_counted(charge.rounding, f'{exact(charge.unit_factor.denominator)} {metric_words(charge.metric)}')}"
    )


def _counted(rounding: str | None, units: str) -> str:
    return {"up": f"{units} begun", "down": f"full {units}", "nearest": f"{units} to the nearest"}.get(
        rounding or "", units
    )


def _is_divided(charge: Charge) -> bool:
    """Tell whether a unit is a whole number of those measured, which then is said with the price."""
    is_whole = charge.unit_factor.numerator == 1 and charge.unit_factor.denominator > 1
    return is_whole and charge.model in {"per_unit", "graduated", "volume"}


def _band(band: Band, currency: str, *, in_percent: bool) -> str:
    where = "above that" if band.up_to is None else f"up to {exact(band.up_to)}"
    price = f"{exact(band.rate_percent)}%" if in_percent else exact_money(band.unit_price, currency)
    fee = f" plus {exact_money(band.flat_fee, currency)}" if band.flat_fee else ""
    return f"{where} {price}{fee}"


def _conditions(charge: Charge, currency: str) -> list[str]:
    found = []
    if charge.unit_factor != 1 and not _is_divided(charge):
        found.append(f"Quantities are multiplied by {charge.unit_factor} first.")
    if charge.rounding and not _is_divided(charge):
        found.append(f"Quantities are rounded {'to the ' if charge.rounding == 'nearest' else ''}{charge.rounding}.")
    if doubt := factor_doubt(charge):
        found.append(doubt)
    if charge.free_units:
        found.append(f"The first {exact(charge.free_units)} are included.")
    if charge.bands and charge.bands[-1].up_to is not None:
        found.append(f"Above {exact(charge.bands[-1].up_to)} there is no price.")
    if charge.discount_percent:
        found.append(f"{exact(charge.discount_percent)}% discount.")
    if charge.maximum is not None:
        found.append(f"At most {exact_money(charge.maximum, currency)} a month.")
    if charge.minimum is not None:
        found.append(f"At least {exact_money(charge.minimum, currency)} a month.")
    if charge.below_zero == "credit":
        found.append("Quantities below zero are credited.")
    return found
