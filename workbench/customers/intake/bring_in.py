"""Bring in a folder or workbook of exports: recognised, mapped, made into our tables, and kept beside the study."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench import progress
from workbench.customers.base import CustomerBase
from workbench.customers.intake.ledger import (
    RevenueRules,
    compare_sources,
    convert,
    lines_of_invoices,
    lines_of_subscriptions,
    revenue_of_movements,
)
from workbench.customers.intake.mapping import MAPPING_FILE, ImportMap, map_tables
from workbench.customers.intake.matching import OF_ACCOUNT, Answer
from workbench.customers.intake.reshape import (
    account_attributes,
    events_by_month,
    features_had,
    joined_prices,
    long_by_metric,
    long_by_month,
    read_mapped,
    with_periods,
    without_marked_rows,
)
from workbench.customers.intake.shapes import BY_FEATURE, BY_METRIC, BY_MONTH, NOT_USED, SURVEYS
from workbench.customers.intake.surveys import RESPONDENT, is_survey, survey_answers, without_bad_respondents
from workbench.customers.intake.whole import KEEP, currency_of_signs, table_findings
from workbench.customers.raw_tables import Source, other_kind
from workbench.customers.readers import PARQUET, TEXT_FILES, WORKBOOKS, read_file
from workbench.customers.tables import TABLES
from workbench.customers.validate import LEDGERS, MONTHLY
from workbench.customers.workbooks import EMPTY_FORMULAS, HIDDEN, MERGED
from workbench.errors import DataErrors, MissingPlace, Problem, grouped
from workbench.formatting import first_of
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.customers.intake.ledger import Lines
    from workbench.customers.intake.matching import TableMap
    from workbench.customers.intake.reshape import Read
    from workbench.customers.raw_tables import RawTable

say = texts(__name__)

# --- Read whatever lies in a folder


def read_exports(place: Path) -> tuple[Source, tuple[tuple[str, str], ...]]:
    """Read every table of a folder, file or workbook, whatever its name; and say what seems to be none."""
    if not place.exists():
        remedy = say("check_the_spelling", parent=place.absolute().parent)
        return Source((), problems=(MissingPlace("", place.name, None, "", str(place), say("a_place"), remedy),)), ()
    paths = sorted(place.iterdir(), key=lambda path: path.name.casefold()) if place.is_dir() else [place]
    tables: list[RawTable] = []
    problems: list[Problem] = []
    unread: list[tuple[str, str]] = []
    for path in progress.each(paths, lambda path: float(path.stat().st_size), say("reading")):
        if path.name.startswith((".", "~$")) or path.name == MAPPING_FILE:
            continue
        if path.is_dir():
            unread.append((path.name, say("a_folder")))
            continue
        if path.suffix.lower() not in (*TEXT_FILES, *WORKBOOKS, *PARQUET):
            unread.append((path.name, _seems(path)))
            continue
        found = read_file(path, None, every_sheet=True)
        tables += found.tables
        problems += found.problems
        unread += [(name, say("an_empty_sheet")) for name in found.ignored]
    return Source(tuple(tables), problems=tuple(problems), name=place.resolve().name), tuple(unread)


def _seems(path: Path) -> str:
    with path.open("rb") as file:
        kind = other_kind(file.read(1 << 16))
    return f"{kind.name}. {kind.remedy}" if kind else say("no_table", suffix=path.suffix or path.name)


def _answers(raw: RawTable, said: list[str]) -> RawTable:
    """Return a table as it is, and one of a survey tool without what is no answer of a finished person."""
    if not is_survey(tuple(str(name) for name in raw.frame.columns)):
        return raw
    answers, people = survey_answers(raw)
    said += [say("unfinished_people", n=people, file=raw.file)] if people else []
    return answers


# --- What was brought in


@dataclass(frozen=True, eq=False)
class BroughtIn:
    r"""What an import found: the mapping with its questions, and the tables it makes of the exports.

    Attributes
    ----------
    mapping
        Which columns are which; suggestions that wait for an answer are its `questions`.
    tables
        Our tables, as they are with every suggestion taken.
    said
        What was done and is worth knowing: rows left out, rules in force, two sources held against each other.
    unread
        Files that hold no table, each with what it seems to be.
    problems
        Cells and files that cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from workbench.customers.intake import bring_in
    >>> folder = Path(tempfile.mkdtemp())
    >>> rows = "Customer,Jan 2024,Feb 2024\nA,99.50,99.50\nB,20,25"
    >>> _ = (folder / "export (2).csv").write_text(rows)
    >>> found = bring_in(folder)
    >>> len(found.mapping.questions), found.tables["mrr"]["amount"].tolist()
    (4, [99.5, 99.5, 20.0, 25.0])
    """

    mapping: ImportMap
    tables: Mapping[str, pd.DataFrame]
    said: tuple[str, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
    problems: tuple[Problem, ...] = ()

    def base(self, currency: str = "") -> CustomerBase:
        """Return the customer base the tables make, held to everything later steps need.

        Raises
        ------
        DataErrors
            With every problem, of the files and of what they make together.

        """
        if self.problems:
            raise DataErrors(self.problems)
        return CustomerBase.from_tables(self.tables, currency=currency)


def bring_in(
    place: Path | str,
    remembered: ImportMap | None = None,
    *,
    currency: str = "",
    rules: RevenueRules | None = None,
) -> BroughtIn:
    """Read a folder, workbook or file of exports and make our tables of it.

    Parameters
    ----------
    place
        Where the exports lie. Tables are recognised by what they hold, not by the names of files.
    remembered
        A mapping made before, whose answers hold.
    currency
        What amounts are in where nothing says so, or only a sign that several share; and what others are converted to.
    rules
        The rules by which recurring revenue is counted.

    Returns
    -------
    BroughtIn
        The mapping with what is to be confirmed, and the tables as they are with every suggestion taken.

    Examples
    --------
    >>> from workbench.customers.intake import bring_in
    >>> bring_in("no such folder").problems[0].expected
    'a folder, workbook or file that exists'
    """
    step = progress.Steps({"read": 3.0, "map": 0.5, "make": 3.0})
    with step("read"):
        source, unread = read_exports(Path(place))
    with step("map"):
        said: list[str] = []
        mapping, groups = map_tables([_answers(raw, said) for raw in source.tables], remembered)
    with step("make", say("making")):
        work = _Work(dict(mapping.settings), currency=currency, rules=rules or RevenueRules())
        work.problems += source.problems
        if not source.tables and not source.problems:
            work.problems.append(Problem("", Path(place).name, None, "", "", say("a_table"), say("put_exports_there")))
        work.said += said
        for table, raws in zip(mapping.tables, groups, strict=True):
            if table.table.value == NOT_USED:
                work.said.append(say("not_read", file=table.file, why=table.table.why or say("as_you_said")))
                continue
            for raw in raws:
                work.take(table, raw)
        tables = work.tables()
    settings = {key: each for key, each in work.settings.items() if each.sure or key in work.asked}
    return BroughtIn(
        ImportMap(mapping.tables, settings), tables, tuple(work.said), unread, grouped(work.problems)
    )  # fmt: skip


@dataclass
class _Work:
    """An import under way: frames by the form they have, answers, and what is to be told."""

    settings: dict[str, Answer]
    currency: str
    rules: RevenueRules
    frames: dict[str, list[pd.DataFrame]] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    said: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    signs: list[str] = field(default_factory=list)

    def wanted(self, key: str, suggestion: str, why: str, *, sure: bool = False) -> str:
        """Return the answer to a setting: as it was given, or as it is suggested here."""
        self.asked.add(key)
        given = self.settings.get(key)
        self.settings[key] = replace(given, why=why) if given else Answer(suggestion, sure, why)
        return self.settings[key].value

    def take(self, table: TableMap, raw: RawTable) -> None:
        """Read one table and keep its rows in the form they have."""
        noted = self._noted(table, raw)
        if noted is None:
            return
        raw = noted
        read = read_mapped(raw, table, self.currency)
        if table.table.value in SURVEYS and RESPONDENT in read.frame:
            read.frame, people = without_bad_respondents(table.table.value, read.frame, read.bad)
            self.said += [say("respondents_left_out", n=people, file=raw.file)] if people else []
        else:
            self.problems += read.problems
        self._tell_of_cells(read)
        frame, gone = without_marked_rows(table.table.value, read.frame)
        self.said += [say(key, n=rows, file=raw.file) for key, rows in gone if rows]
        if "kind" not in frame and table.table.value == "invoice_lines":
            frame = frame.assign(kind=np.where(frame["amount"] < 0, "credit", "recurring"))
        for name, each in table.options.items():
            if name == "period" and "period" not in frame:
                frame = with_periods(frame, each.value)
            if name == "metric" and "metric" not in frame:
                frame = frame.assign(metric=each.value)
            if name == "amount_is" and each.value == "total" and "quantity" in frame:
                frame = frame.assign(quantity=1.0)
        self.frames.setdefault(table.table.value, []).append(self._long(table, frame))

    def _noted(self, table: TableMap, raw: RawTable) -> RawTable | None:
        """Answer what is beside the cells of a sheet; None when it is left out."""
        for kind, where in raw.notes:
            if kind == HIDDEN and self.wanted(f"hidden sheet {where}", "leave out", say("hidden")) != KEEP:
                return None
            if kind == EMPTY_FORMULAS:
                self.problems.append(
                    Problem(table.table.value, raw.file, None, "", where, say("values"), say("open_and_save"))
                )
            if (
                kind == MERGED
                and self.wanted("merged cells", "fill down", say("merged", file=raw.file, where=where)) != KEEP
            ):
                raw = replace(raw, frame=_filled_down(raw.frame, table))
        return raw

    def _long(self, table: TableMap, frame: pd.DataFrame) -> pd.DataFrame:
        """Give a wide table one row per month or metric; features had or not wait for the last month."""
        roles = {each.value for each in table.columns.values()}
        if BY_METRIC in roles:
            return long_by_metric(frame)
        if BY_MONTH in roles:
            return long_by_month(frame, "amount" if table.table.value == "mrr" else "quantity")
        return frame

    def _tell_of_cells(self, read: Read) -> None:
        self.signs += read.signs
        if read.twice:
            names = first_of([f"{each!r}" for each in dict.fromkeys(read.twice)], 3)
            self.said.append(say("encoded_twice", n=len(read.twice), file=read.file, names=names))
        if read.errors:
            self.wanted(f"error cells of {read.file}", "leave blank", say("error_cells", n=read.errors))
        for role in read.late:
            key = f"{role} of {read.file}"
            if self.wanted(key, "the day after", say("other_zone", file=read.file)) != KEEP:
                later = read.frame[role] + pd.Timedelta(days=31 if role == "month" else 1)
                read.frame[role] = later.dt.to_period("M").dt.to_timestamp() if role == "month" else later

    def _all(self, name: str) -> pd.DataFrame | None:
        parts = self.frames.get(name)
        return pd.concat(parts, ignore_index=True) if parts else None

    # --- The tables, one after the other

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return our tables of everything taken."""
        plain = [name for name in self.frames if name in TABLES and name not in LEDGERS]
        made = {name: frame for name in plain if (frame := self._all(name)) is not None}
        subscriptions, invoices = self._subscriptions(), self._invoices()
        revenue = self._revenue(made, subscriptions, invoices)
        if subscriptions is not None and {"amount", "period"} <= set(subscriptions.columns):
            known = subscriptions["amount"].ge(0) & subscriptions["period"].notna() & subscriptions["start"].notna()
            made["subscriptions"] = subscriptions[known].reset_index(drop=True)
        if invoices is not None:
            made["invoice_lines"] = invoices[invoices["amount"].notna()].reset_index(drop=True)
        if revenue is not None:
            made["mrr"] = revenue
        events = self._all("events")
        if events is not None:
            made["usage"] = pd.concat(
                [*filter(None.__ne__, [made.get("usage")]), events_by_month(events)], ignore_index=True
            )
        if "feature_use" in made and any(str(name).startswith(BY_FEATURE) for name in made["feature_use"]):
            made["feature_use"] = features_had(made["feature_use"], self._last_day(made))
        made["accounts"] = self._accounts(made, subscriptions)
        for finding in table_findings(made):
            if self.wanted(finding.key, finding.suggestion, finding.evidence) != KEEP:
                made = finding.fix(made)
        made = {name: self._documented(name, frame) for name, frame in made.items()}
        return {name: frame for name, frame in made.items() if len(frame) or name == "accounts"}

    def _documented(self, name: str, frame: pd.DataFrame) -> pd.DataFrame:
        table = TABLES[name]
        kept = [column for column in table.column_names if column in frame]
        further = [str(column) for column in frame if column not in ("line", *kept)] if table.open_ended else []
        frame = frame[[*kept, *further]]
        if table.key and name in MONTHLY:
            value = "amount" if name == "mrr" else "quantity"
            if again := int(frame.duplicated(list(table.key)).sum()):
                self.said.append(say("added_up", n=again, table=name))
                rest = {column: "last" for column in frame if column not in (*table.key, value)}
                same = frame.groupby(list(table.key), sort=False, dropna=False)
                frame = same.agg({value: "sum", **rest}).reset_index()
        return frame.reset_index(drop=True)

    def _subscriptions(self) -> pd.DataFrame | None:
        frame = self._all("subscriptions")
        if frame is None:
            return None
        return with_periods(joined_prices(frame, self._all("subscription_items"), self._all("prices")))

    def _invoices(self) -> pd.DataFrame | None:
        frame = self._all("invoice_lines")
        if frame is None:
            return None
        if "discount" in frame:
            frame = frame.assign(amount=frame["amount"] - frame["discount"].fillna(0.0))
        return _with_kinds(frame)

    def _movements(self) -> pd.DataFrame | None:
        frame = self._all("movements")
        if frame is None:
            return None
        known = frame.dropna(subset=["account_id", "date", "change"])
        gone = len(frame) - len(known)
        self.said += [say("no_revenue", n=gone, name="movements", why=say("no_movement"))] if gone else []
        return known

    def _last_day(self, made: Mapping[str, pd.DataFrame]) -> pd.Timestamp:
        months = [made[name]["month"].max() for name in MONTHLY if name in made and len(made[name])]
        return pd.Timestamp(max(months)) if months else pd.Timestamp("2024-01-01")

    def _until(self, starts: list[pd.Series]) -> pd.Timestamp | None:
        """Return the last month of revenue: the last in which anything is known to have begun or been counted."""
        known = [each.dropna().max() for each in starts if each.notna().any()]
        last = pd.Timestamp(max(known)) if known else None
        self.said += [say("until", month=last)] if last is not None else []
        return last

    def _revenue(
        self, made: Mapping[str, pd.DataFrame], subscriptions: pd.DataFrame | None, invoices: pd.DataFrame | None
    ) -> pd.DataFrame | None:
        """Return what accounts pay per month by the first source there is, held against the others."""
        mrr, usage, movements = made.get("mrr"), made.get("usage"), self._movements()
        priced = subscriptions is not None and {"amount", "period"} <= set(subscriptions.columns)
        if not priced and invoices is None and movements is None:
            return self._one_currency(mrr) if mrr is not None else None
        starts = [usage["month"]] if usage is not None else []
        starts += [subscriptions["start"]] if priced and subscriptions is not None else []
        starts += [invoices["from"]] if invoices is not None else []
        starts += [movements["date"]] if movements is not None else []
        starts += [mrr["month"]] if mrr is not None else []
        until = self._until(starts)
        found: dict[str, tuple[pd.DataFrame, Lines | None]] = {} if mrr is None else {"mrr": (mrr, None)}
        if priced and subscriptions is not None:
            lines = lines_of_subscriptions(subscriptions, self.rules)
            found["subscriptions"] = (lines.monthly_revenue(last=until), lines)
        if invoices is not None:
            lines = lines_of_invoices(invoices, self.rules)
            found["invoice lines"] = (lines.monthly_revenue(last=until), lines)
        if movements is not None:
            found["movements"] = self._moved(movements, until), None
        self._say_left_out(found)
        names = [*found]
        there = say("revenue_from", names=", ".join(names))
        chosen = self.wanted("revenue from", names[0], there, sure=True)
        if chosen not in found:
            self.problems.append(
                Problem("mrr", MAPPING_FILE, None, "revenue from", chosen, there, say("name_a_source"))
            )
            chosen = names[0]
        self.said += self.rules.sentences()
        for name in names:
            if name != chosen:
                self._hold_against(chosen, name, found)
        return self._one_currency(found[chosen][0])

    def _moved(self, movements: pd.DataFrame, until: pd.Timestamp | None) -> pd.DataFrame:
        made, wrong = revenue_of_movements(movements, last=until)
        if len(wrong):
            rows = first_of(wrong["line"].head(5).astype(int).astype(str).tolist(), 5)
            self.said.append(say("movements_off", n=len(wrong), rows=rows))
        return made

    def _say_left_out(self, found: Mapping[str, tuple[pd.DataFrame, Lines | None]]) -> None:
        for name, (_, lines) in found.items():
            for why, rows in lines.left_out.groupby("why") if lines is not None else ():
                self.said.append(say("no_revenue", n=len(rows), name=name, why=why))

    def _hold_against(self, chosen: str, name: str, found: Mapping[str, tuple[pd.DataFrame, Lines | None]]) -> None:
        (left, of_left), (right, of_right) = found[chosen], found[name]
        both = (of_left, of_right) if of_left is not None and of_right is not None else None
        off = compare_sources(left, right, both, reasons=1)
        if off.empty:
            self.said.append(say("agree", first=chosen, second=name))
            return
        first = off.iloc[0]
        self.said.append(
            say("differ", n=len(off), first=chosen, second=name, account=first["account_id"],
                month=f"{first['month']:%Y-%m}", left=first["left"], right=first["right"], why=first["why"])
        )  # fmt: skip

    def _one_currency(self, mrr: pd.DataFrame) -> pd.DataFrame:
        """Return revenue in one currency: as its signs say where no column does, converted where there are several."""
        if "currency" not in mrr or mrr["currency"].isna().all():
            code, sure = currency_of_signs(self.signs)
            signs = first_of([*dict.fromkeys(self.signs)], 3)
            if self.signs and not code:
                self.problems.append(
                    Problem("mrr", say("all_files"), None, "amount", signs, say("one_sign"), say("give_currencies"))
                )
            if code:
                code = self.wanted("currency", self.currency or code, say("signs", signs=signs),
                                   sure=sure or bool(self.currency))  # fmt: skip
                mrr = mrr.assign(currency=code)
            return mrr
        codes = mrr["currency"].dropna().value_counts()
        if len(codes) < 2:  # noqa: PLR2004 - two currencies have to become one
            return mrr
        to = self.wanted(
            "currency", self.currency or str(codes.index[0]), say("currencies", names=", ".join(codes.index))
        )
        rates = self._all("rates")
        if rates is None:
            self.problems.append(
                Problem("mrr", say("all_files"), None, "currency", ", ".join(map(str, codes.index)),
                        say("one_currency"), say("give_rates", to=to))
            )  # fmt: skip
            return mrr
        day = pd.Timestamp(mrr["month"].max()) + pd.offsets.MonthEnd(0)
        self.said.append(say("converted", to=to, day=f"{day:%Y-%m-%d}"))
        return convert(mrr, "amount", rates, to, day)

    def _accounts(self, made: Mapping[str, pd.DataFrame], subscriptions: pd.DataFrame | None) -> pd.DataFrame:
        """Return the accounts: their own table, joined with what other tables say of them, and those it lacks."""
        others = [each for name, parts in self.frames.items() if name != "accounts" for each in parts]
        seen = account_attributes([each for each in others if "account_id" in each])
        accounts = made.get("accounts")
        if accounts is not None and len(seen):
            self._join_by_name(accounts, seen, [*made.values(), *([] if subscriptions is None else [subscriptions])])
            seen = account_attributes([each for each in others if "account_id" in each])
        if accounts is None:
            accounts = seen
        elif len(seen):
            extra = [name for name in seen if name != "account_id"]
            merged = accounts.merge(seen, on="account_id", how="left", suffixes=("", " seen"))
            for name in extra:
                other = f"{name} seen" if name in accounts else name
                accounts[name] = (merged[name].fillna(merged[other]) if name in accounts else merged[other]).to_numpy()
            missing = seen[~seen["account_id"].isin(accounts["account_id"])]
            answer = KEEP
            if len(missing):
                names = first_of(missing["account_id"].astype(str).tolist(), 3)
                answer = self.wanted("accounts of other tables", "add", say("not_listed", n=len(missing), names=names))
            accounts = pd.concat([accounts, missing], ignore_index=True) if answer != KEEP else accounts
        if subscriptions is not None and "renews_on" in subscriptions and "renews_on" not in accounts:
            following = subscriptions.groupby("account_id")["renews_on"].max()
            accounts = accounts.assign(renews_on=accounts["account_id"].map(following))
        if "plan" not in accounts and "mrr" in made and "plan" in made["mrr"]:
            mrr = made["mrr"]
            ordered = mrr.sort_values("month", kind="stable") if "line" in mrr else mrr  # the ledger's are in order
            latest = ordered.drop_duplicates("account_id", keep="last")
            accounts = accounts.assign(plan=accounts["account_id"].map(latest.set_index("account_id")["plan"]))
        return accounts

    def _join_by_name(self, accounts: pd.DataFrame, seen: pd.DataFrame, made: list[pd.DataFrame]) -> None:
        """Join tables whose identifiers differ by the names of accounts, once that is confirmed."""
        known = set(accounts["account_id"].dropna())
        strange = seen[~seen["account_id"].isin(known)]
        if len(strange) < _STRANGE * len(seen):
            return
        by_name: dict[str, list[object]] = {}
        for name, key in zip(_names(accounts), accounts["account_id"], strict=True):
            by_name.setdefault(_plain_company(name), []).append(key)
        pairs = {
            key: by_name[plain][0] for name, key in zip(_names(strange), strange["account_id"], strict=True)
            if (plain := _plain_company(name)) and len(by_name.get(plain, ())) == 1
        }  # fmt: skip
        if not pairs:
            return
        sample = first_of([f"{theirs} is {ours}" for theirs, ours in pairs.items()], 3)
        why = say("by_name", n=len(pairs), of=len(strange), sample=sample)
        if self.wanted("join accounts", "by name", why) != "by name":
            return
        for frame in [*made, *(each for parts in self.frames.values() for each in parts)]:
            if frame is not accounts and "account_id" in frame:
                frame["account_id"] = frame["account_id"].map(lambda key: pairs.get(key, key))


_STRANGE = 0.5  # share of accounts nobody lists from which tables have identifiers of their own
_FORMS = frozenset({
    "gmbh", "ag", "ltd", "limited", "inc", "llc", "corp", "co", "sa", "sas", "sarl", "bv", "srl", "spa", "se", "plc",
})  # fmt: skip


def _names(accounts: pd.DataFrame) -> pd.Series:
    """Return what accounts are called: their name, and the identifier of those without one."""
    return accounts["name"].fillna(accounts["account_id"]) if "name" in accounts else accounts["account_id"]


def _plain_company(name: object) -> str:
    """Reduce a company's name to what tells it from others: no capitals, accents, signs or legal form."""
    if not isinstance(name, str):
        return ""
    letters = unicodedata.normalize("NFKD", name.casefold())
    words = "".join(each if each.isalnum() else " " for each in letters if not unicodedata.combining(each)).split()
    return " ".join(word for word in words if word not in _FORMS)


def _with_kinds(invoices: pd.DataFrame) -> pd.DataFrame:
    """Return invoice lines with the kinds we know: credits are below zero, what nobody knows recurs."""
    kinds = invoices["kind"].fillna("").astype(str).str.casefold()
    known = pd.Series("recurring", index=invoices.index)
    for ours, words in _KINDS:
        known = known.mask(kinds.str.contains("|".join(words)), ours)
    return invoices.assign(kind=known.mask(invoices["amount"] < 0, "credit"))


_KINDS = (  # the last one that has a word of it counts
    ("one-off", ("service",)),
    ("recurring", (r"\babo", "subscri", "recurr", "wiederkehr", "licen[cs]e", "lizenz", "wartung", "maintenance")),
    ("one-off", ("one.?off", "one.?time", "einmal", "setup", "unique", "única")),
    ("usage", ("usage", "overage", "metered", "verbrauch", "nutzung", "consommation")),
    ("credit", ("credit", "refund", "gutschrift", "avoir")),
)


def _filled_down(frame: pd.DataFrame, table: TableMap) -> pd.DataFrame:
    """Repeat what a merged cell says in the rows it spans; amounts are never repeated."""
    names = [name for name, each in table.columns.items() if name in frame and each.value in _REPEATED]
    filled = {name: frame[name].replace("", None).ffill() for name in names}
    return frame.assign(**filled)


_REPEATED = ("account_id", "month", "plan", "item", "currency", f"{OF_ACCOUNT}name", f"{OF_ACCOUNT}segment")
