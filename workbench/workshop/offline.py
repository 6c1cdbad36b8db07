"""One page for people without a network in common: it asks an agenda's exercises and saves the answers as a file."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.workshop.agenda import Agenda

NAMES_NOBODY = frozenset({
    "id", "key", "mark", "kind", "stage", "group", "counts", "options_from", "code", "link", "address", "qr", "phase",
})  # fmt: skip
"""Keys of what pages are sent under which no words stand: pages tell options apart and find their way by them."""


def as_it_is(document: Any, **_: object) -> Any:  # noqa: ANN401 - any JSON value
    """Return a document as it is."""
    return document


_PAGE = Path(__file__).with_name("offline.html")


def agenda_mark(agenda: Agenda) -> str:
    """Return a short mark of an agenda: another agenda has another one.

    Parameters
    ----------
    agenda
        What is asked.

    Returns
    -------
    str
        Sixteen letters and digits.

    Examples
    --------
    >>> from workbench.workshop import Agenda, agenda_mark
    >>> len(agenda_mark(Agenda(key="first", title="First")))
    16
    """
    return hashlib.sha256(agenda.model_dump_json().encode()).hexdigest()[:16]


def offline_page(agenda: Agenda, sent: Callable[..., Any] = as_it_is) -> str:
    """Return a page that needs nothing from elsewhere; its file is what `with_filled_pages` takes.

    Parameters
    ----------
    agenda
        What is asked, with the figures of its stages; notes and what the data say are left out.
    sent
        Takes a document with the keys under which nothing is to be changed, and returns it as it may leave.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> from workbench.workshop import Agenda, offline_page
    >>> "</script><b>" in offline_page(Agenda(key="first", title="</script><b>"))
    False
    """
    document = {
        "key": agenda.key,
        "title": agenda.title,
        "mark": agenda_mark(agenda),
        "roles": list(agenda.roles),
        "exercises": [each.for_participants() for each in agenda.exercises],
    }
    leaving = sent(document, as_is=NAMES_NOBODY)
    written = json.dumps(leaving, ensure_ascii=False).replace("<", "\\u003c").replace("\u2028", "\\u2028")
    return _PAGE.read_text(encoding="utf-8").replace("__AGENDA__", written)
