"""Who is named in what leaves the room: every account, an alias for each, or nobody; groups under five are merged."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections import Counter, defaultdict
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import partial, wraps
from html import escape
from numbers import Real
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

import numpy as np
import pandas as pd
from markupsafe import escape as by_jinja

from workbench.customers.afterwards import everything_on_record, keep_everything
from workbench.customers.tables import TABLES
from workbench.errors import FileError, StudyError
from workbench.files import read_bytes, write_text
from workbench.stats import drawing_for
from workbench.study.document import Study
from workbench.study.folder import study_rights
from workbench.tables import DataTable, Number, as_table
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from workbench.customers.base import CustomerBase
    from workbench.stages.figure import Figure

say = texts(__name__)

Names: TypeAlias = Literal["full", "alias", "none"]
"""How accounts are called in a file: as they are, by an alias each, or not at all."""
FEWEST = 5
"""A group of fewer accounts speaks of single ones: it is merged with others, or left out."""
ALIAS_KEY = "alias.key"

# What stands for an account or a small group while figures are worked out. It keeps the place its name has in the
# alphabet, so that rows, draws and sums come in the same order and every number is that of the file with names; it
# says nothing itself, and the alias takes its place when a file is written.
MARKED = "zq"
"""How every mark begins."""
_ACCOUNT, _GROUP = "zqa{:07d}q", "zqg{:04d}q"
_ACCOUNT_MARK, _GROUP_MARK = re.compile(r"zqa(\d{7})q", re.IGNORECASE), re.compile(r"zqg\d{4}q", re.IGNORECASE)
_ALPHABET = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"BCDFGHJKLMNPQRSTVWXZ23456789BCDF")
_ALIAS_LENGTH, _LONG_ALIAS = 6, 16
# An id of digits alone is an amount or a year as often as an account, so in sentences only long ones are looked for.
_SHORTEST_NAME, _SHORTEST_NUMBER = 3, 5
_GROUPED_BY = ("segment", "industry", "region")
_WORD, _SETTING = re.compile(r"\w+"), re.compile(r"[a-z_]+")
_ABOUT = re.compile(r"\b(account|customer|name|called|who)", re.IGNORECASE)  # headings of columns that name one
_TAG, _READ_ATTRIBUTE = re.compile(r"(<[^>]*>)"), re.compile(r"""((?:aria-label|title|alt|download)=")([^"]*)""")
_OF_THE_FILE = ("schema_version", "revision", "currency", "locale", "basis", "names", "data")
_SUMS = {"accounts", "revenue_today", "revenue_net", "rise_over_25"}


def alias_key(folder: Path) -> bytes:
    """Return the secret that aliases of a study are made with, kept beside it and in nothing that leaves.

    It is made when it is first asked for: whoever has a file but not this key cannot tell who is behind an alias, not
    even by trying the names of all customers, and the same account has the same alias in every file of the study.

    Parameters
    ----------
    folder
        The folder of the study.

    Returns
    -------
    bytes
        32 secret bytes.

    Raises
    ------
    FileError
        When the file of the key holds something else.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from workbench.report import alias_key
    >>> folder = Path(tempfile.mkdtemp())
    >>> len(alias_key(folder)), alias_key(folder) == alias_key(folder)
    (32, True)
    """
    path = folder / ALIAS_KEY
    try:
        return bytes.fromhex(read_bytes(path).decode("ascii").strip())
    except FileNotFoundError:
        key = secrets.token_bytes(32)
        write_text(path, key.hex() + "\n", rights=study_rights(folder))
        return key
    except (ValueError, UnicodeDecodeError) as error:
        raise FileError(
            f"{path} does not hold the key of the aliases.", "Delete it: a new one is made, and aliases change."
        ) from error


@dataclass(frozen=True)
class Naming:
    """How accounts are named in one file, with the customers and the study as they may be read for it.

    Attributes
    ----------
    mode
        "full", "alias" or "none".
    aliases
        What each account is called, by its mark.
    hidden
        The marks of groups of fewer than five accounts.
    behind
        What each mark stands for, by which chance is drawn; in no file.
    origin
        Customers and study with their names, to hold against what was approved; in no file.
    known
        What puts marks into what was written with names; in no file.

    Examples
    --------
    >>> from workbench.report import Naming
    >>> Naming().text("Harbour Analytics pays 90")
    'Harbour Analytics pays 90'
    """

    mode: Names = "full"
    aliases: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    behind: Mapping[str, str] = field(default_factory=dict, repr=False)
    origin: tuple[CustomerBase, Study] | None = field(default=None, repr=False)
    known: _Known | None = field(default=None, repr=False)

    @property
    def hides(self) -> bool:
        """Tell whether accounts are not called by their names."""
        return self.mode != "full"

    @property
    def sentence(self) -> str:
        """Return how accounts are named, for the reader of a file; "" where they are called as they are."""
        return say(self.mode, fewest=FEWEST, merged=bool(self.hidden)) if self.hides else ""

    def check_single(self) -> None:
        """Refuse to write about single accounts where none is to be named; StudyError says what to do."""
        if self.mode == "none":
            raise StudyError(say("nobody_named"), say("name_by_alias"))

    def drawing(self) -> AbstractContextManager[None]:
        """Have chance drawn as for the names behind the marks, so that every number stays."""
        return drawing_for(self.name_behind) if self.hides else nullcontext()

    def name_behind(self, text: str) -> str:
        """Return a text with the names behind the marks in it; for no file that leaves."""
        if MARKED not in text:
            return text
        for mark in self.hidden:
            text = text.replace(mark, self.behind[mark])
        return _ACCOUNT_MARK.sub(lambda found: self.behind[found.group()], text)

    def text(self, text: str) -> str:
        """Return a text with the alias of each account in it, whatever it is written in."""
        if not self.hides:
            return text
        nobody = say("an_account")
        told = _ACCOUNT_MARK.sub(lambda found: self.aliases.get(found.group().casefold(), nobody), text)
        for mark in self.hidden:
            told = re.sub(re.escape(mark), say("small_groups"), told, flags=re.IGNORECASE)
        told = _GROUP_MARK.sub(say("small_groups"), told)
        if self.mode == "none":
            told = re.sub(
                rf"{nobody}(?:, {nobody})+", lambda found: say("accounts", n=found.group().count(nobody)), told
            )
        return told

    def table(self, table: pd.DataFrame | DataTable, caption: str = "") -> DataTable:
        """Return a table as it may be read: accounts by their aliases, and no row about fewer than five of them."""
        found = as_table(table, caption)
        if not self.hides:
            return found
        frame = found.frame
        counts = {each.places[0] for each in found.columns if _counts_accounts(each.heading, each.kind)}
        marked = self._marked(frame)
        kept = ~self._left_out(frame, marked)
        few = (_small(frame, counts) & ~marked)[kept]
        shown = {}
        for at in range(frame.shape[1]):
            values = [self.value(each) for each in frame.iloc[:, at][kept]]
            instead = say("under", fewest=FEWEST) if at in counts else None
            shown[at] = [
                instead if hide and not isinstance(each, str) else each for each, hide in zip(values, few, strict=True)
            ]
        told = pd.DataFrame(shown, dtype=object).infer_objects().set_axis(frame.columns, axis=1)
        return replace(found, frame=told, caption=self.text(found.caption))

    def listed(self, table: DataTable) -> DataTable:
        """Return a list of accounts with aliases in it; its rows are people to talk to, so none is left out."""
        if not self.hides:
            return table
        cells = {at: [self.value(each) for each in table.frame.iloc[:, at]] for at in range(table.frame.shape[1])}
        frame = pd.DataFrame(cells, dtype=object).infer_objects().set_axis(table.frame.columns, axis=1)
        return replace(table, frame=frame, caption=self.text(table.caption))

    def figure(self, figure: Figure) -> Figure:
        """Return a figure whose data, which a page holds whole, and whose table may be read."""
        if not self.hides:
            return figure
        table = None if figure.table is None else self.table(figure.table)
        drawn = {name: self.rows(frame) for name, frame in figure.data.items()}
        return replace(figure, data=drawn, table=table)

    def rows(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows a chart draws, without those about fewer than five accounts."""
        marked = self._marked(frame)
        counts = [at for at, name in enumerate(frame.columns) if str(name) == "accounts"]
        kept = ~self._left_out(frame, marked) & ~(_small(frame, counts) & ~marked)
        shown = frame[kept].reset_index(drop=True)
        for at in range(shown.shape[1]):
            if not pd.api.types.is_numeric_dtype(shown.iloc[:, at].dtype):
                shown.isetitem(at, shown.iloc[:, at].map(self.value))
        return shown

    # What was worked out with names: a page of the notebooks, answers of a room, a plan somebody wrote.

    def told(self, text: str) -> str:
        """Return a text that was written with names as it may be read."""
        return self.text(self.known.mark(text)) if self.known is not None else text

    def told_html(self, page: str) -> str:
        """Return HTML that was written with names as it may be read; tags, styles and scripts stay as they are."""
        if self.known is None:
            return page
        parts, inside = _TAG.split(page), ""
        for at, part in enumerate(parts):
            if at % 2:
                inside = next((each for each in ("script", "style") if part.startswith(f"<{each}")), "")
                parts[at] = _READ_ATTRIBUTE.sub(lambda found: found[1] + self.told(found[2]), part)
            elif not inside:
                parts[at] = self.told(part)
        return "".join(parts)

    def sent(self, found: Any, *, as_is: frozenset[str] = frozenset()) -> Any:  # noqa: ANN401 - any JSON value
        """Return a JSON document that was written with names as it may be read; what stands under some keys stays."""
        if self.known is None:
            return found
        if isinstance(found, dict):
            return {
                key: each if key in as_is
                else self.text(self.known.mark(each, key)) if isinstance(each, str) and not each.startswith("<")
                else self.sent(each, as_is=as_is)
                for key, each in found.items()
            }  # fmt: skip
        if isinstance(found, list | tuple):
            return [self.sent(each, as_is=as_is) for each in found]
        if not isinstance(found, str):
            return found
        return self.told_html(found) if found.startswith("<") else self.told(found)

    def shown(self, table: pd.DataFrame | DataTable, caption: str = "") -> DataTable:
        """Return a table that was worked out with names as it may be read."""
        found = as_table(table, caption)
        if self.known is None:
            return found
        headings = {at: each.heading for each in found.columns for at in each.places}
        frame = self.known.marked(found.frame, [headings.get(at, "") for at in range(found.frame.shape[1])])
        return self.table(replace(found, frame=frame, caption=self.known.mentions(found.caption)))

    def drawn(self, figure: Figure) -> Figure:
        """Return a figure that was worked out with names as it may be read, with its data, words and table."""
        if self.known is None:
            return figure
        words = ("title", "reading", "description", "if_empty", "table_caption")
        told: dict[str, Any] = {name: self.told(getattr(figure, name)) for name in words}
        data = {name: self.known.marked(frame, list(map(str, frame.columns))) for name, frame in figure.data.items()}
        table = None if figure.table is None else self.shown(figure.table)
        notes = tuple(map(self.told, figure.footnotes))
        drawn = {name: self.rows(frame) for name, frame in data.items()}
        looks: Any = lambda: self.sent({key: each for key, each in figure.spec().items() if key != "description"})  # noqa: E731
        return replace(
            figure, **told, footnotes=notes, data=drawn, table=table, build=looks,
            signature=(figure.identity, self.mode),
        )  # fmt: skip

    def document(self, found: Any) -> Any:  # noqa: ANN401 - any JSON value
        """Return a JSON document as it may be read; small segments are added up."""
        if not self.hides:
            return found
        if isinstance(found, dict):
            return {
                self.text(str(key)): self._merged(each) if key == "segments" else self.document(each)
                for key, each in found.items()
            }
        if isinstance(found, list | tuple):
            return [self.document(each) for each in found]
        return self.text(found) if isinstance(found, str) else found

    def value(self, value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
        """Return one value of a table: texts with aliases, everything else as it is."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, tuple | list | frozenset):
            return tuple(map(self.value, value))
        return value

    def _marked(self, frame: pd.DataFrame) -> np.ndarray:
        """Tell which rows are about one account: those that name one alone in a cell."""
        return self._any(frame, lambda value: bool(_ACCOUNT_MARK.fullmatch(value)))

    def _left_out(self, frame: pd.DataFrame, marked: np.ndarray) -> np.ndarray:
        """Tell which rows are of a small group; without names also those of single accounts."""
        small = self._any(frame, lambda value: value in self.hidden or bool(_GROUP_MARK.search(value)))
        return marked | small if self.mode == "none" else small & ~marked

    @staticmethod
    def _any(frame: pd.DataFrame, holds: Callable[[str], bool]) -> np.ndarray:
        found = np.zeros(len(frame), dtype=bool)
        for at in range(frame.shape[1]):
            column = frame.iloc[:, at]
            if not pd.api.types.is_numeric_dtype(column.dtype):
                found |= np.fromiter((isinstance(each, str) and holds(each) for each in column), bool, len(frame))
        return found

    def _merged(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the rows of segments, those that are hidden added up as one."""
        small = [row for row in rows if str(row["segment"]) in self.hidden]
        kept = [self.document(row) for row in rows if str(row["segment"]) not in self.hidden]
        total = {key: sum(row[key] for row in small) for key in _SUMS if small}
        if total.get("accounts", 0) >= FEWEST:
            kept.append({"segment": say("small_groups"), **{key: total[key] for key in rows[0] if key in total}})
        return kept


@dataclass(frozen=True)
class _Known:
    """Marks by id, by what an account is called and by small group, and what puts them into a text."""

    marks: Mapping[str, str]
    called: Mapping[str, str]
    groups: Mapping[str, str]
    mentions: Callable[[str], str]

    def mark(self, text: str, heading: str = "") -> str:
        """Return a text with marks in it; where the heading is that of accounts, it may be a name of any length."""
        about = self.called.get(text) if heading and _ABOUT.search(heading) else None
        return self.marks.get(text) or about or self.groups.get(text) or self.mentions(text)

    def marked(self, frame: pd.DataFrame, headings: list[str]) -> pd.DataFrame:
        """Return a table with marks in the places of accounts and small groups."""
        changed = frame.copy()
        for at, heading in enumerate(headings):
            values = frame.iloc[:, at]
            if pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_datetime64_any_dtype(values.dtype):
                continue

            def mark(value: Any, heading: str = heading) -> Any:  # noqa: ANN401 - whatever a column holds
                if isinstance(value, tuple | list | frozenset):
                    return tuple(mark(each, heading) for each in value)
                return self.mark(value, heading) if isinstance(value, str) else value

            changed.isetitem(at, values.astype(object).map(mark).to_numpy(dtype=object))
        return changed


FULL = Naming()
Writer = TypeVar("Writer", bound="Callable[..., Any]")


def as_named(function: Writer) -> Writer:
    """Have a function that writes a `content`, its first argument, draw chance as for the names behind the marks."""

    @wraps(function)
    def written(content: Any, *args: Any, **settings: Any) -> Any:  # noqa: ANN401 - as the function has them
        with content.naming.drawing():
            return function(content, *args, **settings)

    return written  # type: ignore[return-value]


@dataclass(frozen=True)
class Named:
    """The customers and the study to read for a file, and how accounts are named in it."""

    base: CustomerBase
    study: Study
    naming: Naming
    hide: Callable[[Study], Study] = field(default=lambda study: study, repr=False)
    """What makes a later version of the study readable in the same way."""


def named(base: CustomerBase, study: Study, names: Names = "full", *, key: bytes | None = None) -> Named:
    """Return customers and study as a file with these names may read them.

    Accounts are marked before anything is worked out, so nothing that follows (charts and their data, tooltips, tables,
    sentences, properties of files) has ever seen a name. An alias is a keyed hash of the account's id.

    Parameters
    ----------
    base, study
        The customers and the scenarios.
    names
        "full", "alias" or "none".
    key
        What `alias_key` returned; without it aliases are good for this one file.

    Returns
    -------
    Named
        What to work with, and how to write it.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.report import named
    >>> from workbench.study import Study
    >>> paid = pd.DataFrame({"account_id": ["Acme", "Bolt"], "month": "2024-01-01", "amount": 9, "currency": "USD"})
    >>> base = CustomerBase.from_tables({"accounts": paid[["account_id"]], "mrr": paid})
    >>> found = named(base, Study.new("ours", "data", title="Prices for Acme"), "alias", key=b"ours")
    >>> "Acme" in found.study.title, found.naming.text(found.study.title).startswith("Prices for Account ")
    (False, True)
    """
    if names == "full":
        return Named(base, study, FULL)
    whole, naming = everything_on_record(base), naming_of(base, study, names, key=key)
    if naming.known is None:
        return Named(base, study, FULL)
    marks, groups, people = naming.known.marks, naming.known.groups, naming.known.mentions
    naming = replace(naming, origin=(base, study))

    def marked(known: CustomerBase) -> CustomerBase:
        frames = {name: _without_names(name, frame, marks, groups, people) for name, frame in known.frames.items()}
        return replace(known, frames=MappingProxyType(frames))

    ours = marked(base)
    keep_everything(ours, ours if whole is base else marked(whole))
    hide = partial(_study_without_names, people=people, groups=groups)
    return Named(ours, hide(study), naming, hide)


def names_for(study: Study, names: Names | None, usual: Names) -> Names:
    """Return how accounts are called in a file: as asked for, else as the study says, else as is usual for it.

    Parameters
    ----------
    study, names, usual
        The study, what was asked for, and how they usually are in this kind of file.

    Returns
    -------
    Names
        "full", "alias" or "none".

    Examples
    --------
    >>> from workbench.report import names_for
    >>> from workbench.study import Study
    >>> study = Study.new("ours", "data")
    >>> names_for(study, None, "full"), names_for(study.replaced(names="none"), None, "full")
    ('full', 'none')
    """
    return names or study.names or usual


def naming_of(base: CustomerBase, study: Study, names: Names, *, key: bytes | None = None) -> Naming:
    """Return how accounts are named where customers and study themselves are read with their names.

    Parameters
    ----------
    base, study, names, key
        As for `named`.

    Returns
    -------
    Naming
        It puts aliases into what was written with names: `told`, `sent`, `shown` and `drawn`.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.report import naming_of
    >>> from workbench.study import Study
    >>> accounts = pd.DataFrame({"account_id": ["A-17"], "name": ["Bolt & Sons"]})
    >>> paid = pd.DataFrame({"account_id": ["A-17"], "month": "2024-01", "amount": 9, "currency": "USD"})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "mrr": paid})
    >>> naming = naming_of(base, Study.new("ours", "data"), "none")
    >>> naming.told("A-17 asked"), naming.told_html("<b>Bolt &amp; Sons</b>")
    ('an account asked', '<b>an account</b>')
    """
    if names == "full":
        return FULL
    whole = everything_on_record(base)  # what came after the day of the study has names as well
    accounts = whole.frames["accounts"]
    ids = sorted({str(each) for name in whole.frames for each in _account_column(whole.frames[name])})
    marks = {each: _ACCOUNT.format(at) for at, each in enumerate(ids)}
    groups = _small_groups(base, study)
    groups = groups if whole is base else _small_groups(whole, study, groups)
    aliases = dict(zip(marks.values(), _aliases(ids, key or secrets.token_bytes(32)), strict=True))
    people = _mentions(accounts, marks, groups, _vocabulary(whole, study))
    behind = {mark: name for known in (marks, groups) for name, mark in known.items()}
    called = dict(zip(accounts["name"].astype(object), accounts["account_id"].astype(str).map(marks), strict=True))
    known = _Known(marks, {name: each for name, each in called.items() if isinstance(name, str)}, groups, people)
    told = MappingProxyType(aliases if names == "alias" else {})
    return Naming(names, told, frozenset(groups.values()), behind, known=known)


def _aliases(ids: Iterable[str], key: bytes) -> list[str]:
    def code(account: str) -> str:
        digest = hmac.new(key, account.encode("utf-8"), hashlib.sha256).digest()
        return base64.b32encode(digest).translate(_ALPHABET).decode("ascii")

    codes = [code(each) for each in ids]
    taken = Counter(each[:_ALIAS_LENGTH] for each in codes)
    # Two that begin alike are told apart by the rest.
    shown = [each[: _ALIAS_LENGTH if taken[each[:_ALIAS_LENGTH]] == 1 else _LONG_ALIAS] for each in codes]
    return [say("account", code=each) for each in shown]


def _account_column(frame: pd.DataFrame) -> Iterable[Any]:
    return frame["account_id"].dropna().unique() if "account_id" in frame else ()


def _small_groups(base: CustomerBase, study: Study, more: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
    """Return a mark for each group of fewer than five accounts; with the next larger one where all of them are few.

    What is left out of a total could else be had by subtraction. `more` are groups that have a mark already.
    """
    accounts, found = base.frames["accounts"], dict(more)
    offered = set(base.frames["plans"]["plan"].astype(str)) if base.has("plans") else set()
    offered |= set(texts_in([dict(each.stages) for each in study.scenarios]))  # what a scenario offers is no secret
    for column in (*_GROUPED_BY, "plan"):
        counts = accounts[column].dropna().astype(str).value_counts().sort_values(kind="stable")
        small = [name for name in counts.index if counts[name] < FEWEST and not (column == "plan" and name in offered)]
        if small and column != "plan" and counts[small].sum() < FEWEST:
            small += [name for name in counts.index if name not in small][:1]
        order = sorted(map(str, counts.index))
        for name in sorted(small):
            before = next((each for each in reversed(order[: order.index(name)]) if each not in small), "")
            # It keeps its place in the alphabet where the name before it may stand in any file as it is.
            stem = before if before.isascii() and before.replace(" ", "").replace("-", "").isalnum() else ""
            found.setdefault(name, f"{stem}0{_GROUP.format(len(found))}")
    return found


def _vocabulary(base: CustomerBase, study: Study) -> set[str]:
    """Return what plans, features, metrics and settings are called: a customer of that name is none in a sentence."""
    known: set[str] = set()
    for name, frame in base.frames.items():
        for column in TABLES[name].columns:
            if column.names or column.choices or column.name in _GROUPED_BY:
                known |= {str(each).casefold() for each in frame[column.name].dropna().unique()}

    settings = texts_in([dict(each.stages) for each in study.scenarios])
    known |= {each for each in settings if each == each.casefold()}
    return known | {"baseline", "design", "today"}


def texts_in(found: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    """Go through the texts of a document, names of fields included."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict):
        for key, each in found.items():
            yield str(key)
            yield from texts_in(each)
    elif isinstance(found, list | tuple):
        for each in found:
            yield from texts_in(each)


def with_texts(found: Any, tell: Callable[[str], str]) -> Any:  # noqa: ANN401 - any JSON value
    """Return a document with every text, names of fields included, as `tell` writes it."""
    if isinstance(found, dict):
        return {with_texts(key, tell): with_texts(each, tell) for key, each in found.items()}
    if isinstance(found, list | tuple):
        return [with_texts(each, tell) for each in found]
    return tell(found) if isinstance(found, str) else found


def _mentions(
    accounts: pd.DataFrame, marks: Mapping[str, str], groups: Mapping[str, str], known: set[str]
) -> Callable[[str], str]:
    """Return what puts marks in the places of ids, names and small groups in a text, whole words only."""
    by_word: dict[str, list[tuple[str, str]]] = defaultdict(list)
    called = dict(zip(accounts["account_id"].astype(str), accounts["name"], strict=True))
    # "mid" may stand in any sentence, "ferry lines" hardly.
    looked_for = [(name, mark) for name, mark in groups.items() if not name.islower() or " " in name]
    for account, mark in marks.items():
        for name in (account, called.get(account)):
            text = "" if name is None or pd.isna(name) else str(name).strip()
            long_enough = len(text) >= (_SHORTEST_NUMBER if text.isdigit() else _SHORTEST_NAME)
            written = dict.fromkeys(
                (text, escape(text), str(by_jinja(text)), json.dumps(text, ensure_ascii=False)[1:-1])
            )
            looked_for += [(each, mark) for each in written if long_enough and text.casefold() not in known]
    for text, mark in looked_for:
        if first := _WORD.search(text):
            by_word[first.group().casefold()].append((text[first.start() :].casefold(), mark))
    for found in by_word.values():
        found.sort(key=lambda each: -len(each[0]))

    def replaced(text: str) -> str:
        told, done = [], 0
        for word in _WORD.finditer(text):
            start = word.start()
            for name, mark in by_word.get(word.group().casefold(), ()) if start >= done else ():
                end = start + len(name)
                if text[start:end].casefold() == name and not re.match(r"\w", text[end : end + 1]):
                    told += [text[done:start], mark]
                    done = end
                    break
        return "".join((*told, text[done:])) if told else text

    return replaced


def _without_names(
    name: str, frame: pd.DataFrame, marks: Mapping[str, str], groups: Mapping[str, str], people: Callable[[str], str]
) -> pd.DataFrame:
    """Return a table with marks in the places of accounts and small groups."""
    changed = {}
    for column in frame.columns:
        values = frame[column]
        if column == "account_id" or (name == "merges" and column == "into"):
            new = values.map(marks)
        elif name == "accounts" and column in ("name", "seller"):
            new = pd.Series(pd.NA, index=values.index)
        elif pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_datetime64_any_dtype(values.dtype):
            continue
        else:
            texts_ = {each: each for each in values.dropna().unique() if isinstance(each, str)}
            told = {each: groups.get(each) or people(each) for each in texts_}
            if told == texts_:
                continue
            new = values.map(lambda each, told=told: told.get(each, each) if isinstance(each, str) else each)
        changed[column] = new.astype(values.dtype)
    return frame.assign(**changed) if changed else frame


def _study_without_names(study: Study, people: Callable[[str], str], groups: Mapping[str, str]) -> Study:
    """Return the study with marks in the places of accounts and small groups, whoever wrote them."""

    def told(text: str) -> str:
        if _SETTING.fullmatch(text):  # of the document's own, such as the name of a field or of a stage
            return groups.get(text, text)
        head, colon, end = text.rpartition(":")
        return groups.get(text) or (f"{head}{colon}{groups[end]}" if colon and end in groups else people(text))

    document = study.model_dump(mode="json")
    kept = {key: document[key] for key in _OF_THE_FILE if key in document}
    return Study.model_validate_json(json.dumps({**with_texts(document, told), **kept}))


def _counts_accounts(heading: str, kind: object) -> bool:
    return isinstance(kind, Number) and bool(re.search(r"\baccounts\b", heading, re.IGNORECASE))


def _small(frame: pd.DataFrame, counts: Iterable[int]) -> np.ndarray:
    """Tell which rows count fewer than five accounts, and at least one."""
    found = np.zeros(len(frame), dtype=bool)
    for at in counts:
        values = [
            float(each) if isinstance(each, Real) and not isinstance(each, bool) else np.nan
            for each in frame.iloc[:, at]
        ]
        numbers = np.array(values, dtype=float)
        found |= (numbers > 0) & (numbers < FEWEST)
    return found
