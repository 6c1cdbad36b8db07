"""Say in plain words what a charge costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import exact, exact_money
from workbench.pricing.decimals import ONE
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
        return f"{exact_money(charge.unit_price, currency)} for each {one_unit(charge.metric)}."
    if charge.model == "package":
        size = exact(charge.package_size or ONE)
        return f"{exact_money(charge.package_price, currency)} for every {size} {metric} begun."
    if charge.model == "percentage":
        fee = f" plus {exact_money(charge.fixed_fee, currency)}" if charge.fixed_fee else ""
        return f"{exact(charge.rate_percent or ONE)}% of {metric}{fee}."
    steps = "; ".join(_band(band, currency) for band in charge.bands)
    if charge.model == "volume":
        return f"All {metric} at the price of the band reached: {steps}."
    return f"Each {one_unit(charge.metric)} at the price of its band: {steps}."


def _band(band: Band, currency: str) -> str:
    where = "above that" if band.up_to is None else f"up to {exact(band.up_to)}"
    price = f"{exact(band.rate_percent)}%" if band.rate_percent else exact_money(band.unit_price, currency)
    fee = f" plus {exact_money(band.flat_fee, currency)}" if band.flat_fee else ""
    return f"{where} {price}{fee}"


def _conditions(charge: Charge, currency: str) -> list[str]:
    found = []
    if charge.unit_factor != 1:
        found.append(f"Quantities are multiplied by {exact(charge.unit_factor)} first.")
    if charge.rounding:
        found.append(f"Quantities are rounded {'to the ' if charge.rounding == 'nearest' else ''}{charge.rounding}.")
    if charge.free_units:
        found.append(f"The first {exact(charge.free_units)} are included.")
    if charge.discount_percent:
        found.append(f"{exact(charge.discount_percent)}% discount.")
    if charge.maximum is not None:
        found.append(f"At most {exact_money(charge.maximum, currency)} a month.")
    if charge.minimum is not None:
        found.append(f"At least {exact_money(charge.minimum, currency)} a month.")
    return found
