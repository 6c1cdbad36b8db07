"""Make our tables of mapped exports: form by form, with everything that is not certain asked about, and told."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.intake.ledger import (
    PERIODS,
    RevenueRules,
    compare_sources,
    convert,
    lines_of_invoices,
    lines_of_subscriptions,
    months_of,
    revenue_of_movements,
    unknown_periods,
)
from workbench.customers.intake.mapping import MAPPING_FILE
from workbench.customers.intake.matching import OF_ACCOUNT, Answer, lacking
from workbench.customers.intake.reshape import (
    account_attributes,
    events_by_month,
    features_had,
    joined_prices,
    long_by_metric,
    long_by_month,
    read_mapped,
    with_ends,
    with_periods,
    without_marked_rows,
)
from workbench.customers.intake.shapes import BY_FEATURE, BY_METRIC, BY_MONTH, SURVEYS
from workbench.customers.intake.surveys import RESPONDENT, with_rows_for_none, without_a_choice, without_bad_respondents
from workbench.customers.intake.whole import DETECTORS, KEEP, currencies_of_signs, is_total
from workbench.customers.raw_tables import cause
from workbench.customers.tables import TABLES
from workbench.customers.validate import LEDGERS, MONTHLY, key_departures
from workbench.customers.values import CELL_WORDS, day_comes_first
from workbench.customers.workbooks import EMPTY_FORMULAS, HIDDEN, MERGED
from workbench.errors import Problem
from workbench.formatting import first_of
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.customers.intake.ledger import Lines
    from workbench.customers.intake.matching import TableMap
    from workbench.customers.intake.reshape import Read
    from workbench.customers.raw_tables import RawTable

say = texts(__name__)


@dataclass
class Making:
    """An import under way: frames by the form they have, answers, and what is to be told."""

    settings: dict[str, Answer]
    currency: str
    rules: RevenueRules
    frames: dict[str, list[pd.DataFrame]] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    said: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    signs: list[str] = field(default_factory=list)
    left_out: list[pd.DataFrame] = field(default_factory=list)

    def leave(self, file: str, rows: pd.DataFrame, why: str) -> None:
        """Keep which rows of a file are left out, so that they can be looked up."""
        if len(rows):
            who = next((rows[name] for name in ("account_id", "who") if name in rows), "")
            named = {"file": file, "row": rows["line"], "who": who, "amount": rows.get("amount"), "why": why}
            self.left_out.append(pd.DataFrame(named))

    def wanted(
        self, key: str, suggestion: str, why: str, *, sure: bool = False, choices: tuple[str, ...] | None = None
    ) -> str:
        """Return the answer to a setting: as it was given, or as it is suggested here."""
        self.asked.add(key)
        given = self.settings.get(key, Answer(suggestion, sure))
        self.settings[key] = replace(given, why=why, choices=(suggestion, KEEP) if choices is None else choices)
        return self.settings[key].value

    def take(self, table: TableMap, raw: RawTable) -> None:
        """Read one table and keep its rows in the form they have."""
        noted = self._noted(table, raw)
        if noted is None:
            return
        lacks = lacking(table)
        if lacks:
            expected = say("a_column_for", names=", ".join(lacks))
            remedy = say("choose_one", table=table.table.value)
            self.problems.append(Problem(table.table.value, raw.file, None, lacks[0], "", expected, remedy))
            return
        read = self._read(noted, table)
        self._tell_of_cells(read)
        frame, gone = without_marked_rows(table.table.value, with_ends(read.frame))
        for key, rows in gone:
            self.said.append(say(key, n=len(rows), file=raw.file))
            self.leave(raw.file, rows, say(f"why_{key}"))
        if table.table.value not in SURVEYS:  # whose attributes may be called anything
            frame = frame.assign(file=raw.file)
        if "kind" not in frame and table.table.value == "invoice_lines":
            frame = frame.assign(kind=np.where(frame["amount"] < 0, "credit", "recurring"))
        frame = self._long(table, _with_options(table, frame))
        self.frames.setdefault(table.table.value, []).append(_per_month(table, frame))

    def _read(self, raw: RawTable, table: TableMap) -> Read:
        """Read the cells of a table; who gave an answer to a survey that cannot be read is left out."""
        read, mark, day_first = read_mapped(raw, table, self.currency), "", None
        if told := read.unclear or read.thousands:
            why = say("unclear" if read.unclear else "thousands", file=raw.file, names=first_of(told, 3))
            sign, other, called = (",", ".", "comma") if "," in told[0] else (".", ",", "dot")
            key, choices = f"{called} in {raw.file}", (_THOUSANDS, _DECIMALS)
            parts = self.wanted(key, _THOUSANDS, why, sure=not read.unclear, choices=choices)
            mark = sign if parts == _DECIMALS else other
        if read.undated:
            why = say("undated", file=raw.file, names=first_of(read.undated, 3))
            of_firsts = day_comes_first(read.undated, months=True)  # where all are the first of some month
            likely = _MONTH_FIRST if of_firsts is False else _DAY_FIRST
            order = self.wanted(f"dates in {raw.file}", likely, why, choices=(_DAY_FIRST, _MONTH_FIRST))
            day_first = order == _DAY_FIRST
        if mark or read.undated:
            read = read_mapped(raw, table, self.currency, mark, day_first=day_first)
        if table.table.value in SURVEYS and RESPONDENT in read.frame:
            read.frame, people = without_bad_respondents(table.table.value, read.frame, read.bad)
            self.said += [say("respondents_left_out", n=len(people), file=raw.file)] if len(people) else []
            self.leave(raw.file, people, say("cannot_be_read"))
            read.frame = self._with_none(raw.file, read.frame) if table.table.value == "survey_choice" else read.frame
        else:
            self.problems += read.problems
        return read

    def _with_none(self, file: str, frame: pd.DataFrame) -> pd.DataFrame:
        """Ask what a task without a choice means: none of the alternatives, or nothing."""
        tasks = without_a_choice(frame)
        if tasks.empty:
            return frame
        why = say("without_a_choice", n=len(tasks), file=file)
        key, choices = f"tasks without a choice in {file}", (_CHOSE_NONE, "leave out", KEEP)
        answer = self.wanted(key, _CHOSE_NONE, why, choices=choices)
        if answer == _CHOSE_NONE:
            return with_rows_for_none(frame)
        if answer == KEEP:
            return frame
        gone = frame.merge(tasks, how="left", indicator=True)["_merge"].eq("both").to_numpy()
        self.leave(file, frame[gone].rename(columns={RESPONDENT: "who"}), say("nothing_chosen"))
        return frame[~gone].reset_index(drop=True)

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
            self._answer_error_cells(read)
        for role in read.late:
            key = f"{role} of {read.file}"
            if self.wanted(key, "the day after", say("other_zone", file=read.file)) != KEEP:
                later = read.frame[role] + pd.Timedelta(days=31 if role == "month" else 1)
                read.frame[role] = later.dt.to_period("M").dt.to_timestamp() if role == "month" else later

    def _answer_error_cells(self, read: Read) -> None:
        """Leave blank what a spreadsheet could not work out; a row that means nothing without it can only go."""
        choices = ("leave their rows out", KEEP) if read.meaningless.any() else ("leave blank",)
        answer = self.wanted(
            f"error cells of {read.file}", choices[0], say("error_cells", n=read.errors), choices=choices
        )
        if read.meaningless.any() and answer != KEEP:
            self.leave(read.file, read.frame[read.meaningless], say("error_cells", n=1))
            read.frame = read.frame[~read.meaningless].reset_index(drop=True)

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
        for detector in DETECTORS:  # each looks at what the answers before it made: a unit changes in one metric only
            for finding in detector(made):
                answer = self.wanted(finding.key, finding.suggestion, finding.evidence, choices=finding.choices)
                before, made = made, finding.done(made, answer)
                if answer == finding.suggestion == "leave out":
                    self._keep_left_out(before, made, finding.evidence)
        made = {name: self._documented(name, frame) for name, frame in made.items()}
        return {name: frame for name, frame in made.items() if len(frame) or name == "accounts"}

    def _keep_left_out(self, before: Mapping[str, pd.DataFrame], after: Mapping[str, pd.DataFrame], why: str) -> None:
        """Keep which rows of files an answer leaves out of the tables."""
        for name, frame in before.items():
            gone = frame[~frame.index.isin(after[name].index)]
            for file, rows in gone.groupby("file") if "file" in frame else ():
                self.leave(str(file), rows, why)

    def _documented(self, name: str, frame: pd.DataFrame) -> pd.DataFrame:
        table = TABLES[name]
        kept = [column for column in table.column_names if column in frame]
        further = [str(column) for column in frame if column not in ("file", "line", *kept)] if table.open_ended else []
        frame = frame[[*kept, *further]]
        if table.key and name in MONTHLY:
            value = "amount" if name == "mrr" else "quantity"
            if again := sum(len(rows) for _, _, rows in key_departures(frame, list(table.key))):
                self.said.append(say("added_up", n=again, table=name))
                rest = {column: "last" for column in frame if column not in (*table.key, value)}
                same = frame.groupby(list(table.key), sort=False, dropna=False)
                frame = same.agg({value: "sum", **rest}).reset_index()
        return frame.reset_index(drop=True)

    def _subscriptions(self) -> pd.DataFrame | None:
        frame = self._all("subscriptions")
        if frame is None:
            return None
        sold = with_periods(joined_prices(frame, self._all("subscription_items"), self._all("prices")))
        unknown = sold[unknown_periods(sold["period"])] if "period" in sold else sold[:0]
        for file, rows in unknown.groupby("file"):
            lines, cells = rows["line"].to_numpy(), rows["period"].reset_index(drop=True)
            place, (expected, remedy) = ("subscriptions", str(file), "period"), PERIODS
            self.problems += cause(place, lines, cells, expected=expected, remedy=remedy)
        return sold

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
        chosen = self.wanted("revenue from", names[0], there, sure=True, choices=tuple(names))
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
                for file, part in rows.groupby("file") if "file" in rows else ():
                    self.leave(str(file), part, say("no_recurring_revenue", why=why))

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

    def _named_elsewhere(self) -> set[str]:
        """Return the currencies that other tables name by their codes; rates name those that are converted."""
        parts = [each for name, found in self.frames.items() if name != "rates" for each in found]
        return {str(code) for each in parts if "currency" in each for code in each["currency"].dropna().unique()}

    def _one_currency(self, mrr: pd.DataFrame) -> pd.DataFrame:
        """Return revenue in one currency: as its signs say where no column does, converted where there are several."""
        if "currency" not in mrr or mrr["currency"].isna().all():
            elsewhere = self._named_elsewhere()
            choices = currencies_of_signs(self.signs, elsewhere)
            code = next(iter(choices), "")
            sure = len(choices) == 1 or len(elsewhere & {*choices}) == 1
            signs = first_of([*dict.fromkeys(self.signs)], 3)
            if self.signs and not code:
                self.problems.append(
                    Problem("mrr", say("all_files"), None, "amount", signs, say("one_sign"), say("give_currencies"))
                )
            if code:
                code = self.wanted(
                    "currency", self.currency or code, say("signs", signs=signs), sure=sure or bool(self.currency),
                    choices=choices,
                )  # fmt: skip
                mrr = mrr.assign(currency=code)
            return mrr
        codes = mrr["currency"].dropna().value_counts()
        if len(codes) < 2:  # noqa: PLR2004 - two currencies have to become one
            return mrr
        rates = self._all("rates")
        priced = set() if rates is None else {*rates["currency"]}
        home = next((code for code in codes.index if code not in priced), codes.index[0])  # rates are to the other one
        to = self.wanted(
            "currency", self.currency or str(home), say("currencies", names=", ".join(codes.index)),
            choices=tuple(map(str, codes.index)),
        )  # fmt: skip
        day = pd.Timestamp(mrr["month"].max()) + pd.offsets.MonthEnd(0)
        known = {to} if rates is None else {to, *rates["currency"][rates["from"] <= day]}
        if rates is None or not known.issuperset(codes.index):
            lacks = ", ".join(str(code) for code in codes.index if rates is None or code not in known)
            self.problems.append(
                Problem("mrr", say("all_files"), None, "currency", lacks, say("one_currency"), say("give_rates", to=to))
            )
            return mrr
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
            answer, strange = "add", missing["account_id"].astype(str)
            strange = strange[~strange.map(is_total)]  # a total among them is asked about as what it is
            if len(strange):
                names = first_of(strange.tolist(), 3)
                answer = self.wanted("accounts of other tables", "add", say("not_listed", n=len(strange), names=names))
            if answer != KEEP:
                accounts = pd.concat([accounts, missing], ignore_index=True)
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


def _with_options(table: TableMap, frame: pd.DataFrame) -> pd.DataFrame:
    """Return rows with what the options of their table say of all of them."""
    for name, each in table.options.items():
        if name == "period" and "period" not in frame:
            frame = with_periods(frame, each.value)
        if name in ("metric", "per") and name not in frame:
            frame = frame.assign(**{name: each.value})
        if name == "amount_is" and each.value == "total" and "quantity" in frame:
            frame = frame.assign(quantity=1.0)
    return frame


_CHOSE_NONE = "they chose none"
_DAY_FIRST, _MONTH_FIRST = "the day comes first", "the month comes first"
_THOUSANDS, _DECIMALS = "parts thousands", "parts decimals"


def _per_month(table: TableMap, frame: pd.DataFrame) -> pd.DataFrame:
    """Return amounts per month, where the table says what theirs are per."""
    per = table.options.get("amount_per")
    if per is None or "amount" not in frame:
        return frame
    if table.table.value == "subscriptions":
        return frame.assign(period="year", every=1.0) if per.value == "year" else frame
    return frame.assign(amount=frame["amount"] / months_of(per.value))


_STRANGE = 0.5  # share of accounts nobody lists from which tables have identifiers of their own
_FORMS = frozenset(CELL_WORDS["forms_of_companies"])


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
