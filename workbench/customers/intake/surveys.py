"""Read survey answers as survey tools write them: header rows, unfinished people, words for scales, 1, 0 and -1."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.customers.raw_tables import name_columns
from workbench.customers.tables import TABLES, plain_name
from workbench.customers.validate import departures, dtype
from workbench.customers.values import CELL_WORDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.customers.raw_tables import RawTable

RESPONDENT = "respondent"
_WORDS: dict[str, Any] = tomllib.loads((Path(__file__).parent / "survey_words.toml").read_text(encoding="utf-8"))
_TIMESTAMPS = _WORDS["timestamps"]
_MANAGED = frozenset((*_WORDS["managed"], *_TIMESTAMPS))
_IDS = ("responseid", "respondentid", "sysrespnum", "respid", "id", "token", "")  # the last is the # of one tool
_OF_A_TOOL = (
    {"responseid", "finished"}, {"submitdateutc", "networkid"}, {"respondentid", "collectorid"}, {"sysrespnum"},
    {"id", "starttime", "completiontime"}, {"responseid", "datesubmitted"}, {"submitdate", "lastpage"},
    *({word} for word in _TIMESTAMPS),
)  # fmt: skip
_UNFINISHED = {
    "finished": {"false", "0", *CELL_WORDS["no"]}, "responsetype": {"partial", "started"},
    "datesubmitted": {""}, "submitdate": {""}, "completiontime": {""},
    "sysrespstatus": {"incomplete", "2", "4"},
    "status": {"survey preview", "survey test", "umfragevorschau", "1", "2"},
}  # fmt: skip
_KINDS_OF_ANSWER = frozenset({"", "response", "open-ended response", "antwort", "réponse", "respuesta"})
_QUESTION = re.compile(r"q[\d_.a-z]*\d[\d_.a-z]*", re.IGNORECASE)


def is_survey(header: tuple[str, ...]) -> bool:
    """Tell whether a header has what survey tools add to answers, and no table of customers has."""
    names = {plain_name(name) for name in header}
    return any(each <= names for each in _OF_A_TOOL) and not names & {"accountid", "month", "customerid", "event"}


def survey_answers(raw: RawTable) -> tuple[RawTable, pd.DataFrame]:
    """Return the answers of finished people in a survey tool's export, and line and name of those left out.

    Rows that repeat the header (the question in words, an identifier of its import) are no answers; the question in
    words takes the place of a bare Q3. Who has no identifier is called by the row.
    """
    frame = raw.frame.astype(object).where(raw.frame.notna(), "")
    header = [str(name) for name in frame.columns]
    keep = np.ones(len(frame), dtype=bool)
    imported = [n for n in range(min(len(frame), _HEADER_ROWS)) if str(frame.iloc[n, 0]).startswith('{"ImportId"')]
    last = imported[0] if imported else _header_goes_on(frame)
    if last is not None:
        words = [str(each).strip() for each in frame.iloc[0]] if last or not imported else header
        header = _asked(header, words)
        keep[: last + 1] = False
    plain = [plain_name(name) for name in header]
    done = keep.copy()
    for name, values in _UNFINISHED.items():
        if name in plain and (name != "status" or "finished" in plain):
            cells = frame.iloc[:, plain.index(name)].astype(str).str.strip().str.casefold()
            done &= ~cells.isin(values).to_numpy()
    place = next((plain.index(name) for name in _IDS if name in plain), None)
    people = pd.Series([f"row {line}" for line in raw.lines], dtype=object)
    people = people if place is None else frame.iloc[:, place].astype(str).reset_index(drop=True)
    made = frame.set_axis(name_columns(header), axis=1)[done].reset_index(drop=True)
    lines, who = raw.lines[done], people[done].reset_index(drop=True)
    rest = [name for name in made if plain_name(str(name)) not in (*_MANAGED, *_IDS)]
    answers = pd.DataFrame({RESPONDENT: who, **{name: made[name] for name in rest}})
    return replace(raw, frame=answers, lines=lines), pd.DataFrame({"line": raw.lines, "who": people})[keep & ~done]


_HEADER_ROWS = 3


def _header_goes_on(frame: pd.DataFrame) -> int | None:
    """Return 0 where the first row is a second header: it says no whether somebody finished, or names nobody."""
    plain = [plain_name(str(name)) for name in frame.columns]
    if not len(frame):
        return None
    first = [str(each).strip().casefold() for each in frame.iloc[0]]
    if "finished" in plain:
        return (
            None
            if first[plain.index("finished")] in {"true", "false", "1", "0", *CELL_WORDS["yes"], *CELL_WORDS["no"]}
            else 0
        )
    return 0 if "collectorid" in plain and not first[plain.index("respondentid")] else None


def _asked(header: list[str], words: list[str]) -> list[str]:
    """Return the questions: what stands below a bare Q3, and below a question about several things with its part."""
    asked: list[str] = []
    question = ""
    for name, text in zip(header, words, strict=True):
        question = question if name.startswith("(column ") else name
        part = "" if text.casefold() in _KINDS_OF_ANSWER else f" [{text}]"
        in_words = _QUESTION.fullmatch(name) and text
        is_part = part and plain_name(name) not in (*_MANAGED, *_IDS) and "collectorid" in map(plain_name, header)
        asked.append(text if in_words else question + part if is_part else name)
    return asked


# --- Words for scales

_SCALES: dict[str, dict[str, str]] = {
    scale: {word: meant for meant, words in _WORDS[scale].items() for word in words}
    for scale in ("choice", "feeling", "intent")
}
FEELINGS = frozenset(_SCALES["feeling"])
_SCALE_OF = {
    "choice": "choice", "functional": "feeling", "dysfunctional": "feeling", "intent_cheap": "intent",
    "intent_expensive": "intent",
}  # fmt: skip


def scale_word(text: str) -> str:
    """Return an answer on a scale as the words of scales are written here."""
    return text.strip().casefold().replace("\u2019", "'").rstrip(".")


def in_numbers(cells: pd.Series, role: str) -> pd.Series:
    """Return answers on a scale as our tables write them: words as numbers, and 1, 0, -1 as best, none, worst."""
    scale = _SCALES[_SCALE_OF[role]] if role in _SCALE_OF else {}
    if not scale:
        return cells
    plain = cells.astype(object).where(cells.notna(), "").astype(str).str.strip()
    return plain.map(lambda text: scale.get(scale_word(text), text))


# --- Respondents who cannot be read


def without_bad_respondents(
    table: str, frame: pd.DataFrame, bad: NDArray[np.bool_]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Leave out whoever gave an answer that cannot be read, is blank where it must not be, or is outside its limits.

    Returns the answers kept, and line and name of the first wrong answer of everybody left out.
    """
    documented = TABLES[table]
    blank = pd.DataFrame(
        {column.name: pd.Series([None] * len(frame), dtype=dtype(column)) for column in documented.columns}
    )
    known = {name: frame[name] if name in frame else blank[name] for name in documented.column_names}
    bad = bad.copy()
    for _, column, rows in departures(table, pd.DataFrame(known)):
        if column not in documented.column_names or column in frame:
            bad[rows[rows >= 0]] = True
    wrong = frame[bad & frame[RESPONDENT].notna()].drop_duplicates(RESPONDENT)
    kept = frame[~(frame[RESPONDENT].isin(wrong[RESPONDENT]) | frame[RESPONDENT].isna())]
    return kept.reset_index(drop=True), wrong[["line", RESPONDENT]].rename(columns={RESPONDENT: "who"})


def without_a_choice(frame: pd.DataFrame) -> pd.DataFrame:
    """Return respondent and task of every choice in which nothing is marked as chosen."""
    if not {RESPONDENT, "task", "chosen"} <= set(frame.columns):
        return pd.DataFrame({RESPONDENT: [], "task": []})
    chosen = frame.groupby([RESPONDENT, "task"], sort=False)["chosen"].sum()
    return chosen[chosen == 0].index.to_frame(index=False)


def with_rows_for_none(frame: pd.DataFrame) -> pd.DataFrame:
    """Return choices with a row for none of the alternatives in every task, chosen where nothing else was."""
    tasks = frame.groupby([RESPONDENT, "task"], sort=False).agg(chosen=("chosen", "sum"), line=("line", "last"))
    rows = tasks.reset_index().assign(alternative="none", none=1.0, chosen=lambda each: (each["chosen"] == 0) * 1.0)
    none = frame["none"].fillna(0.0) if "none" in frame else 0.0
    own = frame.assign(none=none)
    own = own[~((own["none"] == 1) & own["chosen"].eq(0))] if "none" in frame else own
    has = own.loc[own["none"].eq(1), [RESPONDENT, "task"]].assign(_has=True) if "none" in frame else None
    rows = rows if has is None else rows.merge(has, how="left").query("_has.isna()").drop(columns="_has")
    order = pd.concat([own, rows], ignore_index=True)
    first = order.groupby([RESPONDENT, "task"], sort=False).ngroup()
    return order.iloc[np.argsort(first.to_numpy(), kind="stable")].reset_index(drop=True)
