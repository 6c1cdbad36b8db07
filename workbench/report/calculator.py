"""One offline page in which a customer or a salesperson sees what usage costs, today and under new prices."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from workbench.formatting import NO_CURRENCY, exact, exact_money
from workbench.report.brand import Brand
from workbench.report.calculator_data import add_ons_shown, metric_label, page_data
from workbench.report.offline import numbers_script, page_script, page_style, page_templates, page_text, policy_hash
from workbench.report.page import script_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Environment

    from workbench.pricing import PriceBook
    from workbench.pricing.decimals import Number

FOLDER = "calculator"
ARITHMETIC = ("charge", "bill", "fit", "landmarks")
"""The scripts that hold the arithmetic beside the shared numbers, in their order; they need no page."""
SCREEN = ("words", "usage", "books", "cards", "chart", "growth", "page")
DEFAULT_TITLE = "What it will cost"


def calculator_html(
    today: PriceBook | None,
    new: PriceBook,
    *,
    brand: Brand | None = None,
    title: str = DEFAULT_TITLE,
    note: str = "",
    start: Mapping[str, Number] | None = None,
) -> str:
    """Return the usage calculator as one HTML document; the same arguments give the same text, byte for byte.

    Parameters
    ----------
    today, new
        The price books to compare, in one currency; `today` None shows the new prices alone. Only public plans
        are shown.
    brand
        Name, colours and logo at the head of the page.
    title, note
        The heading, and a sentence under it, such as how long the prices hold.
    start
        The quantity each metric begins with; the price books suggest one where it is left out.

    The page bills in the exact decimals and the order of `Charge.lines`, loads nothing and sends nothing: its content
    security policy lets its own scripts run and nothing else.
    """
    data = page_data(today, new, start or {})
    chosen = Brand() if brand is None else brand
    environment = _environment()
    style = page_style(chosen, FOLDER)
    script = calculator_script()
    return environment.get_template("page.html.j2").render(
        brand=chosen,
        title=title,
        note=note,
        page=data,
        books=[("New prices" if today else "Prices", new), *([("Today's prices", today)] if today else [])],
        currency=new.currency,
        currency_named=new.currency != NO_CURRENCY,
        data=script_json(data),
        style=Markup(style),  # noqa: S704 - our own file, and colours checked to be nothing else
        script=Markup(script),  # noqa: S704 - our own files
        style_hash=policy_hash(style),
        script_hash=policy_hash(script),
    )


def calculator_script(*, arithmetic_only: bool = False) -> str:
    """Return the page's script, or the part of it that bills and needs no page."""
    if arithmetic_only:
        return "\n".join([numbers_script(), *(page_text(FOLDER, f"{name}.js") for name in ARITHMETIC)])
    return page_script(FOLDER, (*ARITHMETIC, *SCREEN))


@cache
def _environment() -> Environment:
    environment = page_templates(FOLDER)
    environment.filters.update(metric=metric_label, price=exact_money, quantity=exact, add_ons_shown=add_ons_shown)
    return environment


__all__ = ["ARITHMETIC", "DEFAULT_TITLE", "Brand", "calculator_html", "calculator_script"]
