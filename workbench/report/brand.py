"""The name, colours and logo of whoever hands out a page, made readable whatever they are."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.report.contrast import DRAWING, ink_on, read_colour, readable

if TYPE_CHECKING:
    from pathlib import Path

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

    `colour` fills the head of the page and marks the new prices; `second_colour` marks today's. `logo` is a picture
    as a data URI (see `logo_data_uri`). Raises WorkbenchError for a colour or logo a page cannot show.
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
