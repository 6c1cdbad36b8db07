"""What every offline page shares: its own style and scripts, let through by their hashes and nothing else."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from workbench.formatting import NO_CURRENCY, currency_symbol, minor_digits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.report.brand import Brand

SHARED = "offline"
"""The folder of templates with what pages share: the base of the style, and the making of elements."""


@cache
def page_templates(folder: str) -> Environment:
    """Return the templates of one page; names are escaped, and what is missing is an error."""
    return Environment(
        loader=PackageLoader("workbench.report", f"templates/{folder}"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def page_text(folder: str, name: str) -> str:
    """Return one of our own style or script files."""
    return files("workbench.report").joinpath("templates", folder, name).read_text(encoding="utf-8")


def page_style(brand: Brand, folder: str) -> str:
    """Return the style of a page: the brand's colours for light and dark screens, the shared base, the page's own."""

    def rules(colours: dict[str, str]) -> str:
        return " ".join(f"--{name}: {value};" for name, value in colours.items())

    theme = brand.theme
    light = f":root {{ {rules(theme.light)} }}"
    dark = f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {rules(theme.dark)} }} }}"
    return f"{light}\n{dark}\n{page_text(SHARED, 'base.css')}\n{page_text(folder, 'page.css')}"


def page_script(folder: str, names: Iterable[str]) -> str:
    """Return the script of a page: its data as `Page`, what pages share, and its own files in their order."""
    reading = 'const Page = Object.freeze(JSON.parse(document.getElementById("page-data").textContent));'
    own = (page_text(folder, f"{name}.js") for name in names)
    return "\n".join([reading, numbers_script(), page_text(SHARED, "dom.js"), *own])


def numbers_script() -> str:
    """Return the scripts that reckon with exact decimals and write them as `workbench.formatting` does."""
    return "\n".join(page_text(SHARED, f"{name}.js") for name in ("decimal", "exact"))


def currency_data(currency: str) -> dict[str, str | int]:
    """Return what a page's script has to know about a currency to write its amounts."""
    return {
        "code": "" if currency == NO_CURRENCY else currency,
        "symbol": currency_symbol(currency),
        "digits": minor_digits(currency),
    }


def policy_hash(text: str) -> str:
    """Return the hash by which a content security policy lets one script or style through."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
