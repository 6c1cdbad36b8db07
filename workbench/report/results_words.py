"""Figures of the results written for a reader, each with the id that says where it comes from."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from workbench.formatting import count, money, percent, ratio

if TYPE_CHECKING:
    from collections.abc import Mapping

UNKNOWN = "unknown"


def amount_in_words(value: float | None, unit: str, *, signed: bool = False, short: bool = False) -> str:
    """Write a figure with its unit: $1,322,476 (short: $1.32M), 34%, 165 accounts, 3.3x."""
    if value is None:
        return UNKNOWN
    if unit == "share":
        return percent(value, 0 if abs(value) >= _WHOLE_PERCENT or value == 0 else 1, signed=signed)
    if unit == "times":
        return ratio(value)
    if len(unit) == _CODE and unit.isupper():
        text = _short(value, unit) if short else money(value, unit, 0 if abs(value) >= _WHOLE_MONEY else None)
        return f"+{text}" if signed and value > 0 else text
    return count(unit.removesuffix("s"), round(value)) if unit == "accounts" else f"{value:,.2f} {unit}".strip()


_SCALES = ((1e9, "B"), (1e6, "M"), (1e3, "k"))
_WHOLE_PERCENT, _WHOLE_MONEY, _CODE = 0.095, 10, 3


def _short(value: float, currency: str) -> str:
    """Write money to three digits, as an estimate deserves: $1.41M, $68.6k, $412."""
    size = abs(value)
    scale, letter = next(((each, sign) for each, sign in _SCALES if size >= each), (1.0, ""))
    digits = max(0, 2 - math.floor(math.log10(size / scale))) if letter else 0
    return money(value / scale, currency, digits) + letter


class Figures:
    """The figures of one document by id, for a template: `value`, `range`, `difference`, each marked with its id."""

    def __init__(self, results: Mapping[str, Any]) -> None:
        self._rows = {row["id"]: row for row in results["figures"]}

    def row(self, key: str) -> Mapping[str, Any]:
        """Return a figure with all that is known about it."""
        found: Mapping[str, Any] = self._rows[key]
        return found

    def text(self, key: str) -> str:
        """Return a figure's value in words."""
        row = self.row(key)
        return amount_in_words(row["value"], row["unit"], short=row["low"] is not None)

    def value(self, key: str) -> Markup:
        """Return a figure's value, or the word unknown with its reason in a tooltip."""
        row, text = self.row(key), self.text(key)
        if row["value"] is None:
            return _marked(key, text, row["reason"])
        title = ", ".join(filter(None, (row["name"], row["basis"], row["period"], row["population"])))
        return _marked(key, text, title)

    def range(self, key: str) -> str:
        """Return a figure's 90% range, "" without one."""
        row = self.row(key)
        if row["low"] is None or row["high"] is None:
            return ""
        low = (
            f"{round(row['low']):,}"
            if row["unit"] == "accounts"
            else amount_in_words(row["low"], row["unit"], short=True)
        )
        return f"{low} to {amount_in_words(row['high'], row['unit'], short=True)}"

    def difference(self, key: str, against: str) -> str:
        """Return by how much a figure differs from another of the same unit, "" where one is unknown."""
        own, other = self.row(key), self.row(against)
        if key == against or own["value"] is None or other["value"] is None:
            return ""
        change = own["value"] - other["value"]
        relative = f" ({percent(change / other['value'], 1, signed=True)})" if other["value"] else ""
        return amount_in_words(change, own["unit"], signed=True, short=own["low"] is not None) + relative


def _marked(key: str, text: str, title: str) -> Markup:
    return Markup('<span data-figure="{}" title="{}">{}</span>').format(key, title, text)
