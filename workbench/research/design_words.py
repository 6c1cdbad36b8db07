"""What respondents read has to tell apart what they are asked to choose between."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from workbench.research.errors import ResearchError

if TYPE_CHECKING:
    from collections.abc import Sequence


def refuse_alike(what: str, texts: Sequence[str]) -> None:
    """Raise ResearchError when two texts on a page read alike: the same but for case, spaces or invisible letters."""
    read: dict[str, str] = {}
    for text in texts:
        if (seen := _as_read(text)) in read:
            raise ResearchError(
                f"Two {what} read alike: {read[seen]!r} and {text!r}.",
                "Write them so that respondents can tell them apart.",
            )
        read[seen] = text


def _as_read(text: str) -> str:
    visible = "".join(letter for letter in unicodedata.normalize("NFC", text) if unicodedata.category(letter) != "Cf")
    return " ".join(visible.split()).casefold()
