"""Refuse charges nobody can bill, each with a sentence that says what to change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.errors import ChargeError
from workbench.pricing.decimals import HUNDRED_PERCENT, ZERO, plain
from workbench.pricing.documents import shown

if TYPE_CHECKING:
    from workbench.pricing.charge_terms import Band, ChargeTerms

_NEEDS = {
    "flat": ("fixed_fee",),
    "per_unit": ("unit_price",),
    "graduated": ("bands",),
    "volume": ("bands",),
    "package": ("package_size", "package_price"),
    "percentage": ("rate_percent",),
    "graduated_percentage": ("bands",),
}
_MAY_HAVE = {"percentage": ("fixed_fee",)}
_MODEL_FIELDS = ("unit_price", "bands", "package_size", "package_price", "rate_percent", "fixed_fee")
_NOT_NEGATIVE = (
    "unit_price",
    "package_price",
    "rate_percent",
    "fixed_fee",
    "free_units",
    "minimum",
    "maximum",
)
_BELOW_ZERO = ("refuse", "zero", "credit")
# The words billing engines use for the same three roundings.
_ROUNDINGS = {
    "up": "up",
    "ceil": "up",
    "down": "down",
    "floor": "down",
    "nearest": "nearest",
    "round": "nearest",
    "half_up": "nearest",
    "none": None,
    None: None,
}


def read_rounding(rounding: str | None) -> str | None:
    """Return up, down, nearest or None, whatever word was used for it."""
    if not isinstance(rounding, str | None) or rounding not in _ROUNDINGS:
        raise ChargeError(f"The rounding is {shown(rounding)}.", "Choose up, down or nearest, or leave it out.")
    return _ROUNDINGS[rounding]


def check_band(band: Band) -> None:
    """Refuse a band with a negative price or an upper bound that is not above zero."""
    for name in ("unit_price", "flat_fee", "rate_percent"):
        if getattr(band, name) < 0:
            raise ChargeError(
                f"A band has the {_words(name)} {plain(getattr(band, name))}, and prices cannot be negative.",
                "Set it to zero or more; use discount_percent on the charge to take something off.",
            )
    if band.up_to is not None and band.up_to <= 0:
        raise ChargeError(
            f"A band ends at {plain(band.up_to)}, so no unit falls into it.",
            "Set its upper bound above zero, or remove the band.",
        )


def check_charge(charge: ChargeTerms) -> None:
    """Refuse a charge that cannot be billed."""
    if not isinstance(charge.metric, str) or not charge.metric.strip():
        raise ChargeError(f"The metric is {shown(charge.metric)}.", "Name what the charge counts, such as seats.")
    if not isinstance(charge.model, str) or charge.model not in _NEEDS:
        raise ChargeError(
            f"There is no charge model {shown(charge.model)}.",
            f"Choose one of {', '.join(_NEEDS)}.",
        )
    _check_fields(charge)
    _check_signs(charge)
    _check_range(charge)
    _check_choices(charge)
    if charge.bands:
        _check_bands(charge)


def _check_fields(charge: ChargeTerms) -> None:
    where = _where(charge)
    for name in _NEEDS[charge.model]:
        value = getattr(charge, name)
        if value is None or value == ():
            raise ChargeError(f"{where} has no {_words(name)}.", f"Give {name}; the {charge.model} model needs it.")
    used = (*_NEEDS[charge.model], *_MAY_HAVE.get(charge.model, ()))
    for name in _MODEL_FIELDS:
        value = getattr(charge, name)
        if name not in used and value is not None and value != ():
            raise ChargeError(
                f"{where} has a {_words(name)}, which the {charge.model} model does not use.",
                f"Remove {name}, or choose a model that uses it; {charge.model} uses {', '.join(used)}.",
            )


def _check_signs(charge: ChargeTerms) -> None:
    where = _where(charge)
    for name in _NOT_NEGATIVE:
        value = getattr(charge, name)
        if value is not None and value < 0:
            raise ChargeError(
                f"{where} has the {_words(name)} {plain(value)}, which is negative.", "Set it to zero or more."
            )
    for name in ("package_size", "unit_factor"):
        value = getattr(charge, name)
        if value is not None and value <= 0:
            raise ChargeError(f"{where} has the {_words(name)} {value}.", "Set it above zero.")


def _check_range(charge: ChargeTerms) -> None:
    where = _where(charge)
    if not ZERO <= charge.discount_percent <= HUNDRED_PERCENT:
        raise ChargeError(
            f"{where} has a discount of {plain(charge.discount_percent)}%.", "Choose a discount from 0 to 100."
        )
    low, high = charge.minimum, charge.maximum
    if low is not None and high is not None and low > high:
        raise ChargeError(
            f"{where} has the minimum {plain(low)} above the maximum {plain(high)}.",
            "Lower the minimum or raise the maximum.",
        )


def _check_choices(charge: ChargeTerms) -> None:
    where = _where(charge)
    if not isinstance(charge.below_zero, str) or charge.below_zero not in _BELOW_ZERO:
        raise ChargeError(
            f"{where} says {shown(charge.below_zero)} of quantities below zero.", f"Choose {', '.join(_BELOW_ZERO)}."
        )
    if charge.below_zero == "credit" and charge.model == "flat":
        raise ChargeError(f"{where} has no price per unit, so it credits nothing.", 'Set below_zero to "zero".')
    if charge.package_rounding != "up" and charge.model != "package":
        raise ChargeError(
            f"{where} has a package rounding, which the {charge.model} model does not use.",
            "Remove package_rounding; rounding rounds units.",
        )


def _check_bands(charge: ChargeTerms) -> None:
    where = _where(charge)
    wrong = "unit_price" if charge.model == "graduated_percentage" else "rate_percent"
    right = "rate_percent" if charge.model == "graduated_percentage" else "unit_price"
    reached = ZERO
    for place, band in enumerate(charge.bands, start=1):
        if getattr(band, wrong):
            raise ChargeError(
                f"Band {place} of {where} has a {_words(wrong)}, which the {charge.model} model does not use.",
                f"Put the price into {right}.",
            )
        last = place == len(charge.bands)
        if band.up_to is None:
            if not last:
                raise ChargeError(
                    f"Band {place} of {where} is open at the end, but more bands follow it.",
                    "Give it an upper bound, or remove the bands after it.",
                )
            continue
        if band.up_to <= reached:
            raise ChargeError(
                f"Band {place} of {where} ends at {plain(band.up_to)}, not above {plain(reached)} "
                "where the band before it ends.",
                "Put the bands in rising order.",
            )
        reached = band.up_to


def _where(charge: ChargeTerms) -> str:
    return f"the {charge.model} charge on {charge.metric}"


def _words(name: str) -> str:
    return name.replace("_", " ")
