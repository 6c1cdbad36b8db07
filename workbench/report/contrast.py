"""Keep text readable on any colour: contrast as the Web Content Accessibility Guidelines 2.2 define it."""

from __future__ import annotations

import re

from workbench.errors import WorkbenchError

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
