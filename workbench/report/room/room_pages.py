"""The pages of a workshop: each is one document with its own style and script, let through by their hashes."""

from __future__ import annotations

from unicodedata import bidirectional

from markupsafe import Markup

from workbench.locales import spoken_locale
from workbench.report.offline_page import (
    Brand,
    page_script,
    page_style,
    page_templates,
    page_text,
    policy_hash,
    script_json,
)
from workbench.text import sentences, words_at
from workbench.workshop.server import RoomPage

FOLDER = "room"
SCRIPTS = {
    "participant": ("room", "picture", "exercises", "participant"),
    "wall": ("room", "picture", "wall"),
    "facilitator": ("room", "picture", "facilitator"),
}
_PAGES = {"": "participant", "wall": "wall", "facilitator": "facilitator"}


def room_pages(title: str, brand: Brand | None = None) -> dict[str, RoomPage]:
    """Return the pages of a workshop by their path.

    Parameters
    ----------
    title
        What the workshop is called.
    brand
        Whose name and colours they have.

    Returns
    -------
    dict[str, RoomPage]
        "" for participants, "wall" and "facilitator"; none of them holds anything of the ballot.

    Examples
    --------
    >>> from workbench.report.room.room_pages import room_pages
    >>> sorted(room_pages("From metric to tiers"))
    ['', 'facilitator', 'wall']
    """
    shared = page_style(brand or Brand(), FOLDER)
    own = {page: page_text(FOLDER, f"{page}.css") for page in ("wall", "facilitator")}
    return {path: _page(page, title, shared + own.get(page, "")) for path, page in _PAGES.items()}


def _page(page: str, title: str, style: str) -> RoomPage:
    script = _without_indents(page_script(FOLDER, SCRIPTS[page], reckons=False))
    language = spoken_locale().replace("_", "-")
    package = __package__ or ""
    words = {key: words_at(package, "pages", key) for key in sentences(package)["pages"]}
    # Those of phases are put together from their name.
    used = {key: text for key, text in words.items() if f'"{key}"' in script or key.startswith("phase_")}
    html = (
        page_templates(FOLDER)
        .get_template("page.html.j2")
        .render(
            page=page,
            title=title,
            language=language,
            direction=_direction(title),
            words=words,
            style=Markup(style),  # noqa: S704 - our own files, and colours checked to be nothing else
            script=Markup(script),  # noqa: S704 - our own files
            data=script_json({"title": title, "language": language, "words": used}),
        )
    )
    return RoomPage(html, policy(style, script))


def _without_indents(script: str) -> str:
    """Return a script without what only its readers need: a phone loads the page over a poor line."""
    lines = (line.strip() for line in script.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith(("//", "/**")))


def _direction(title: str) -> str:
    """Return in which direction the workshop is written: that of the first letter of its title."""
    first = next((found for found in map(bidirectional, title) if found in ("L", "R", "AL")), "L")
    return "ltr" if first == "L" else "rtl"


def policy(style: str, script: str) -> str:
    """Return what a page may do: run its own script, speak with its own server, and nothing else."""
    rules = {
        "default-src": "'none'",
        "script-src": policy_hash(script),
        "style-src": policy_hash(style),
        "connect-src": "'self'",
        "img-src": "data:",
        "frame-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())
