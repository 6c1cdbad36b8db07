"""A study worked on by a room that may not read names: marks inside, aliases on the page, names in the file."""

from __future__ import annotations

import json
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import StudyError
from workbench.rendering.session import Session, is_possible
from workbench.report.privacy import MARKED, alias_key, named, texts_in, with_texts
from workbench.study.document import Study, merge
from workbench.text import texts
from workbench.workspace import load_base

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.customers.base import CustomerBase
    from workbench.report.privacy import Names, Naming

say = texts(__name__)


class UnnamedSession(Session):
    """A session whose customers and study carry marks in the places of names; the file keeps the names.

    Parameters
    ----------
    folder
        The study's folder.
    names
        "alias" or "none".
    who
        The person at the session.

    Attributes
    ----------
    naming
        What the page may read in the place of each mark.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from workbench import CustomerBase, Study
    >>> from workbench.pages.present.unnamed import UnnamedSession
    >>> paid = pd.DataFrame({"account_id": ["Acme", "Bolt"], "month": "2024-01-01", "amount": 9, "currency": "USD"})
    >>> base = CustomerBase.from_tables({"accounts": paid[["account_id"]], "mrr": paid})
    >>> folder = tempfile.mkdtemp()
    >>> _ = Study.new("ours", "data", title="Prices for Acme").save(folder)
    >>> session = UnnamedSession(folder, "alias", base=base)
    >>> "Acme" in session.study.title, "Account" in session.naming.text(session.study.title)
    (False, True)
    """

    def __init__(self, folder: Path | str, names: Names, *, base: CustomerBase | None = None, who: str = "") -> None:
        kept = Study.load(folder)
        found = named(load_base(kept, folder) if base is None else base, kept, names, key=alias_key(Path(folder)))
        self.naming, self._hide = found.naming, found.hide
        self._last_shown = (kept, found.study)
        super().__init__(folder, found.study, base=found.base, who=who)
        self._as_read = ((found.study.data, found.study.currency), found.base)
        self._saved = kept

    def _called(self) -> None:
        """Leave names to what goes out of the kernel: here are marks alone."""

    def _read_base(self, study: Study) -> CustomerBase:
        raise StudyError(say("other_data", title=study.title), say("start_again"))

    def _as_shown(self, study: Study) -> Study:
        if self._last_shown[0] is not study:
            self._last_shown = (study, self._hide(study))
        return self._last_shown[1]

    def _as_kept(self, study: Study) -> Study:
        """Return the study with what was changed here put into the one with the names."""
        before = self._as_shown(self._saved)
        kept = merge(before, study, self._saved, take="mine", accepts=is_possible)
        document = kept.model_dump(mode="json")
        if MARKED not in json.dumps(document).casefold():
            return kept
        hidden, named_ = (texts_in(each.model_dump(mode="json")) for each in (before, self._saved))
        behind = {shown: name for shown, name in zip(hidden, named_, strict=True) if shown != name}
        told = with_texts(document, lambda text: behind.get(text) or self.naming.name_behind(text))
        return Study.model_validate_json(json.dumps(told))


def keep_names_inside(kernel: Any, naming: Naming) -> None:  # noqa: ANN401 - ipykernel's
    """Have nothing leave a kernel but what the page may read, and draw chance in it as for the names.

    Every message goes out through the one function that is replaced here, whatever sends it.
    """
    send = kernel.session.send

    def in_words(text: str) -> str:
        return naming.text(text) if MARKED in text.casefold() else text

    @wraps(send)
    def told(stream: Any, message: Any, content: Any = None, *args: Any, **named_args: Any) -> Any:  # noqa: ANN401
        if isinstance(message, dict) and "content" in message:
            message = {**message, "content": with_texts(message["content"], in_words)}
        return send(stream, message, with_texts(content, in_words), *args, **named_args)

    kernel.session.send = told
    for kind in ("comm_open", "comm_msg"):
        kernel.shell_handlers[kind] = _drawing_by(naming, kernel.shell_handlers[kind])


def _drawing_by(naming: Naming, handle: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(handle)
    def handled(*given: Any) -> Any:  # noqa: ANN401 - ipykernel's
        with naming.drawing():
            return handle(*given)

    return handled
