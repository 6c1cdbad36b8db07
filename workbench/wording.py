"""Write results as words and numbers, the same on screen, in the report and on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import (
    UNKNOWN,
    exact,
    exact_money,
    exact_percent,
    hundredfold,
    is_unknown,
    money,
    number,
    percent,
    ratio,
    with_sign,
)

if TYPE_CHECKING:
    from workbench.results import Basis, KeyFigure

_CURRENCY_LETTERS = 3


def figure_value(figure: KeyFigure) -> str:
    """Write a key figure's value with its unit, or its own words; an unknown value is said to be unknown."""
    return figure.in_words or quantity(figure.value, figure.unit, figure.digits)


def figure_change(figure: KeyFigure) -> str:
    """Write a key figure's change against the baseline with its sign, or nothing when there is none."""
    if figure.change is None or figure.change != figure.change:  # not a number: nothing to compare with
        return ""
    if figure.unit == "percent":
        text = f"{number(hundredfold(abs(figure.change)), 1)} points"
    else:
        text = quantity(abs(figure.change), figure.unit, figure.digits)
    return with_sign(text, figure.change)


def figure_interval(figure: KeyFigure) -> str:
    """Write a key figure's interval, such as "62% to 71% (90% interval)", or nothing when there is none.

    One that was assumed and not measured says so in place of its level.
    """
    if figure.interval is None:
        return ""
    low, high = (quantity(end, figure.unit, figure.digits) for end in (figure.interval.low, figure.interval.high))
    if low == high == UNKNOWN:
        return ""
    what = figure.interval_is or f"{exact_percent(figure.interval.level)} interval"
    return f"{low} to {high} ({what})"


def figure_sentence(figure: KeyFigure) -> str:
    """Write a key figure as one sentence: label, value, change, interval, period and population."""
    details = [
        f"{change} against today" if (change := figure_change(figure)) else "",
        figure_interval(figure),
        figure.period,
        figure.population,
    ]
    said = ", ".join(detail for detail in details if detail)
    return f"{figure.label}: {figure_value(figure)}" + (f" ({said})" if said else "")


def quantity(value: float | None, unit: str = "", digits: int | None = None) -> str:
    """Write a number in its unit: a currency code, "percent", "times", or a noun that follows the number.

    A "share of customers" is written as a percentage of customers.
    """
    if is_unknown(value):
        return UNKNOWN
    if unit == "percent":
        return percent(value, 0 if digits is None else digits)
    if unit == "times":
        return ratio(value, 1 if digits is None else digits)
    if _is_currency(unit):
        return money(value, unit, digits)
    if unit.startswith(SHARE_OF) and value is not None:
        return f"{number(hundredfold(value), digits)}% {unit.removeprefix('share ')}"
    return f"{number(value, digits)} {unit}".strip()


def exact_quantity(value: float | None, unit: str = "") -> str:
    """Write a number somebody decided in its unit, as `quantity` does but with every digit it has."""
    if is_unknown(value):
        return UNKNOWN
    if unit == "percent":
        return exact_percent(value)
    if unit == "times":
        return f"{exact(value)}x"
    if _is_currency(unit):
        return exact_money(value, unit)
    if unit.startswith(SHARE_OF):
        return f"{exact_percent(value)} {unit.removeprefix('share ')}"
    return f"{exact(value)} {unit}".strip()


def _is_currency(unit: str) -> bool:
    return len(unit) == _CURRENCY_LETTERS and unit.isupper()


def metric_words(metric: str) -> str:
    """Write the name of a metric as words: gigabytes_processed becomes "gigabytes processed"."""
    return " ".join(metric.replace("_", " ").split())


SHARE_OF = "share of "
_UNITS = {"kb": "kB", "mb": "MB", "gb": "GB", "tb": "TB", "usd": "USD", "eur": "EUR", "gbp": "GBP", "pct": "%"}
_SHORT_NAMES = {"api": "API", "sso": "SSO", "ai": "AI", "sla": "SLA", "crm": "CRM"}


def attribute_words(name: str) -> str:
    """Write the name of a survey's attribute for a reader: data_included_gb becomes "data included (GB)".

    A range after the name stays, and so does a name written in words.
    """
    column, between, reach = name.partition(" from ")
    words = metric_words(column).split(" ")
    unit = _UNITS.get(words[-1].lower()) if len(words) > 1 else None
    told = " ".join(_SHORT_NAMES.get(word, word) for word in (words[:-1] if unit else words))
    return f"{told}{f' ({unit})' if unit else ''}{between}{reach}"


def one_unit(metric: str) -> str:
    """Write one unit of a metric, as after "per": seat, API call, gigabyte processed, unit of storage."""
    words = metric_words(metric).split(" ")
    for position in (len(words) - 1, 0):
        if (singular := _singular(words[position])) != words[position]:
            return " ".join([*words[:position], singular, *words[position + 1 :]])
    return f"unit of {metric_words(metric)}"


def _singular(word: str) -> str:
    """Return the singular of a plain English plural; any other word comes back as it is."""
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def basis_sentence(basis: Basis) -> str:
    """Write what a result stands on: accounts, months, and what to know about them."""
    months = (
        basis.first_month if basis.first_month == basis.last_month else f"{basis.first_month} to {basis.last_month}"
    )
    text = f"Stands on {basis.accounts:,} of {basis.of_accounts:,} accounts"
    text += f", {months}." if months else "."
    return f"{text} {basis.note}".strip()
