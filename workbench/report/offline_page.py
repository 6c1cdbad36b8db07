"""What every offline page shares: a brand made readable, its own style and scripts let through by their hashes."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from workbench.errors import WorkbenchError
from workbench.locales import NO_CURRENCY, affixes, conventions, minor_digits, paper_size, spoken_locale

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


# --- Keep text readable on any colour: contrast as the Web Content Accessibility Guidelines 2.2 define it

TEXT = 4.5
"""The least contrast of text with what is behind it (success criterion 1.4.3)."""
DRAWING = 3.0
"""The least contrast of lines and controls with what is behind them (success criterion 1.4.11)."""
BLACK, WHITE = "#000000", "#ffffff"
_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_STEPS = 100


def read_colour(text: str) -> str:
    """Return a colour as #rrggbb in small letters; raises WorkbenchError for anything but #rgb or #rrggbb."""
    written = text.strip()
    if not _HEX.fullmatch(written):
        raise WorkbenchError(f"The colour is {text!r}.", "Write it as # and six digits, such as #1f5fa8.")
    digits = written[1:].lower()
    return "#" + (digits if len(digits) == 6 else "".join(2 * digit for digit in digits))  # noqa: PLR2004 - rrggbb


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 (the same) to 21 (black and white)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def ink_on(background: str) -> str:
    """Return black or white, whichever reads better on a background; one of them always reaches 4.5."""
    return max((WHITE, BLACK), key=lambda ink: contrast(ink, background))


def readable(colour: str, background: str, least: float = TEXT) -> str:
    """Return the colour itself where it reads on the background, else the nearest shade of it that does."""
    ink = ink_on(background)
    shades = (_mixed(colour, ink, step / _STEPS) for step in range(_STEPS + 1))
    return next(shade for shade in shades if contrast(shade, background) >= least)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - sRGB


def _mixed(colour: str, other: str, share: float) -> str:
    pairs = zip(_parts(colour), _parts(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


# --- The name, colours and logo of whoever hands out a page, made readable whatever they are

LIGHT_PAGE, DARK_PAGE = "#ffffff", "#12161f"
MOST_LOGO_BYTES = 150_000
PICTURE_KINDS = {
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
_DATA_URI = re.compile(r"data:image/(?:png|svg\+xml|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}")


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of a page, each readable where it stands: `colours` maps CSS names to values."""

    light: dict[str, str]
    dark: dict[str, str]


@dataclass(frozen=True, slots=True)
class Brand:
    """Who hands out a page.

    Parameters
    ----------
    name
        Of the company.
    colour
        Fills the head of the page and marks the new prices.
    second_colour
        Marks today's.
    logo
        A picture as a data URI (see `logo_data_uri`).

    Raises
    ------
    WorkbenchError
        For a colour or logo a page cannot show.

    Examples
    --------
    >>> from workbench.pricing import Plan, PriceBook
    >>> from workbench.report import Brand, calculator_html
    >>> page = calculator_html(None, PriceBook("list", "USD", [Plan("Team", 20)]), brand=Brand("Acme", "#0b6e4f"))
    >>> "Acme" in page, "#0b6e4f" in page
    (True, True)
    """

    name: str = ""
    colour: str = "#1f5fa8"
    second_colour: str = "#707a8a"
    logo: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "colour", read_colour(self.colour))
        object.__setattr__(self, "second_colour", read_colour(self.second_colour))
        if self.logo and not _DATA_URI.fullmatch(self.logo):
            raise WorkbenchError("The logo is not a picture as a data URI.", "Make one with logo_data_uri(path).")
        if len(self.logo) > MOST_LOGO_BYTES * 4 / 3 + 100:
            raise WorkbenchError("The logo is too large for a small page.", "Use a picture below 150 KB.")

    @property
    def theme(self) -> Theme:
        """Return the brand's colours for light and dark screens, shaded where they would not be readable."""
        return Theme(self._on(LIGHT_PAGE), self._on(DARK_PAGE))

    def _on(self, page: str) -> dict[str, str]:
        accent = readable(self.colour, page)
        return {
            "brand": self.colour,
            "on-brand": ink_on(self.colour),
            "accent": accent,
            "on-accent": ink_on(accent),
            "second": readable(self.second_colour, page, DRAWING),
        }


def logo_data_uri(path: Path) -> str:
    """Return a picture file as a data URI; raises WorkbenchError when it is no picture or too large."""
    kind = PICTURE_KINDS.get(path.suffix.lower())
    if kind is None:
        raise WorkbenchError(f"The logo {path} is not a picture.", f"Use one of {', '.join(PICTURE_KINDS)}.")
    if not path.is_file():
        raise WorkbenchError(f"There is no logo at {path}.", "Name a picture file.")
    size = path.stat().st_size
    if size > MOST_LOGO_BYTES:
        raise WorkbenchError(f"The logo {path} has {size:,} bytes.", "Use a picture below 150 KB.")
    content = path.read_bytes()
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


# --- What every offline page shares: its own style and scripts, let through by their hashes and nothing else

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


def page_html(folder: str, brand: Brand | None, script: str, data: dict[str, Any], values: Mapping[str, Any]) -> str:
    """Return a page: its template with its own style and script, which its content security policy lets through."""
    look = Brand() if brand is None else brand
    style = page_style(look, folder)
    template = page_templates(folder).get_template("page.html.j2")
    return template.render(
        values,
        brand=look,
        data=script_json(data),
        style=Markup(style),  # noqa: S704 - our own files, and colours checked to be nothing else
        script=Markup(script),  # noqa: S704 - our own files
        style_hash=policy_hash(style),
        script_hash=policy_hash(script),
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
    return f"{light}\n{dark}\n{page_text(SHARED, 'base.css')}\n{page_text(folder, 'page.css')}{paper_rule()}"


def paper_rule() -> str:
    """Return the rule of a style sheet that prints a page on the paper of the locale spoken."""
    return f"\n@page {{ size: {paper_size()}; }}\n"


def page_script(folder: str, names: Iterable[str], *, reckons: bool = True) -> str:
    """Return the script of a page: its data as `Page`, what pages share, and its own files in their order.

    A page that reckons with no amounts does without the scripts for exact decimals.
    """
    reading = 'const Page = Object.freeze(JSON.parse(document.getElementById("page-data").textContent));'
    own = (page_text(folder, f"{name}.js") for name in names)
    return "\n".join([reading, *([numbers_script()] if reckons else []), page_text(SHARED, "dom.js"), *own])


def numbers_script() -> str:
    """Return the scripts that reckon with exact decimals and write them as `workbench.formatting` does."""
    return "\n".join(page_text(SHARED, f"{name}.js") for name in ("decimal", "exact"))


def currency_data(currency: str) -> dict[str, Any]:
    """Return what a page's script has to know about a currency, and the locale spoken, to write its amounts."""
    numbers, placed = conventions(), affixes(spoken_locale(), currency)
    written = {"group": numbers.group, "decimal": numbers.decimal, "sizes": numbers.sizes, "percent": numbers.percent}
    return {
        "code": "" if currency == NO_CURRENCY else currency,
        "symbol": placed[0][0].strip(),
        "digits": minor_digits(currency),
        **({} if numbers.is_house else {"placed": placed, "numbers": written}),
    }


def policy_hash(text: str) -> str:
    """Return the hash by which a content security policy lets one script or style through."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def script_json(document: Any) -> Markup:  # noqa: ANN401 - any JSON document
    """Write JSON that can stand inside a script element whatever names it holds."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    safe = text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return Markup(safe)  # noqa: S704 - escaped on the line above
