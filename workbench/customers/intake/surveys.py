"""Read survey answers as survey tools write them: header rows, unfinished people, words for scales, 1, 0 and -1."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.raw_tables import name_columns
from workbench.customers.tables import TABLES, plain_name
from workbench.customers.validate import departures, dtype

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.customers.raw_tables import RawTable

RESPONDENT = "respondent"
_MANAGED = frozenset({  # what survey tools say of an answer itself
    "startdate", "enddate", "status", "ipaddress", "progress", "durationinseconds", "finished", "recordeddate",
    "recipientlastname", "recipientfirstname", "recipientemail", "externalreference", "locationlatitude",
    "locationlongitude", "distributionchannel", "userlanguage", "timestamp", "zeitstempel", "startdateutc",
    "submitdateutc", "stagedateutc", "networkid", "responsetype", "tags", "emailaddress", "sysstarttime", "sysendtime",
    "sysrespstatus",
})  # fmt: skip
_IDS = ("responseid", "sysrespnum", "respid", "token", "")  # the last is the # of one tool
_OF_A_TOOL = (
    {"responseid", "finished"},
    {"submitdateutc", "networkid"},
    {"sysrespnum"},
    {"timestamp"},
    {"zeitstempel"},
)
_UNFINISHED = {
    "finished": {"false", "0", "falsch"}, "responsetype": {"partial", "started"},
    "sysrespstatus": {"incomplete", "2", "4"},
    "status": {"survey preview", "survey test", "1", "2"},
}  # fmt: skip
_QUESTION = re.compile(r"q[\d_.a-z]*\d[\d_.a-z]*", re.IGNORECASE)


def is_survey(header: tuple[str, ...]) -> bool:
    """Tell whether a header has what survey tools add to answers, and no table of customers has."""
    names = {plain_name(name) for name in header}
    return any(each <= names for each in _OF_A_TOOL) and not names & {"accountid", "month", "customerid", "event"}


def survey_answers(raw: RawTable) -> tuple[RawTable, int]:
    """Return the answers of finished people in a survey tool's export, and how many were left out.

    Rows that repeat the header (the question in words, an identifier of its import) are no answers; the question in
    words takes the place of a bare Q3. Who has no identifier is called by the row.
    """
    frame = raw.frame.astype(object).where(raw.frame.notna(), "")
    header = [str(name) for name in frame.columns]
    keep = np.ones(len(frame), dtype=bool)
    imported = [n for n in range(min(len(frame), _HEADER_ROWS)) if str(frame.iloc[n, 0]).startswith('{"ImportId"')]
    if imported:
        words = [str(each).strip() for each in frame.iloc[0]] if imported[0] else header
        header = [
            text if _QUESTION.fullmatch(name) and text else name for name, text in zip(header, words, strict=True)
        ]
        keep[: imported[0] + 1] = False
    plain = [plain_name(name) for name in header]
    done = keep.copy()
    for name, values in _UNFINISHED.items():
        if name in plain and (name != "status" or "finished" in plain):
            cells = frame.iloc[:, plain.index(name)].astype(str).str.strip().str.casefold()
            done &= ~cells.isin(values).to_numpy()
    made = frame.set_axis(name_columns(header), axis=1)[done].reset_index(drop=True)
    lines = raw.lines[done]
    place = next((plain.index(name) for name in _IDS if name in plain), None)
    who = (
        made.iloc[:, place].astype(str)
        if place is not None
        else pd.Series([f"row {line}" for line in lines], dtype=object)
    )
    rest = [name for name in made if plain_name(str(name)) not in (*_MANAGED, *_IDS)]
    answers = pd.DataFrame({RESPONDENT: who, **{name: made[name] for name in rest}})
    return replace(raw, frame=answers, lines=lines), int(keep.sum() - done.sum())


_HEADER_ROWS = 3

# --- Words for scales

_SCALES: dict[str, dict[str, str]] = {
    "choice": {"1": "best", "-1": "worst", "0": "none", "1.0": "best", "-1.0": "worst", "0.0": "none", "": "none"},
    "feeling": {
        "i like it": "1", "like": "1", "i expect it": "2", "must be": "2", "expect": "2", "i am neutral": "3",
        "neutral": "3", "i can live with it": "4", "live with": "4", "i can tolerate it": "4", "i dislike it": "5",
        "dislike": "5", "das würde mich sehr freuen": "1", "das setze ich voraus": "2", "das ist mir egal": "3",
        "das könnte ich in kauf nehmen": "4", "das würde mich sehr stören": "5",
    },
    "intent": {
        "definitely would": "5", "very likely": "5", "probably would": "4", "likely": "4", "might or might not": "3",
        "neutral": "3", "probably would not": "2", "unlikely": "2", "definitely would not": "1", "very unlikely": "1",
        "sehr wahrscheinlich": "5", "wahrscheinlich": "4", "vielleicht": "3", "unwahrscheinlich": "2",
        "sehr unwahrscheinlich": "1",
    },
}  # fmt: skip
_SCALE_OF = {
    "choice": "choice", "functional": "feeling", "dysfunctional": "feeling", "intent_cheap": "intent",
    "intent_expensive": "intent",
}  # fmt: skip


def in_numbers(cells: pd.Series, role: str) -> pd.Series:
    """Return answers on a scale as our tables write them: words as numbers, and 1, 0, -1 as best, none, worst."""
    scale = _SCALES[_SCALE_OF[role]] if role in _SCALE_OF else {}
    if not scale:
        return cells
    plain = cells.astype(object).where(cells.notna(), "").astype(str).str.strip()
    return plain.map(lambda text: scale.get(text.casefold().rstrip("."), text))


# --- Respondents who cannot be read


def without_bad_respondents(table: str, frame: pd.DataFrame, bad: NDArray[np.bool_]) -> tuple[pd.DataFrame, int]:
    """Leave out whoever gave an answer that cannot be read, is blank where it must not be, or is outside its limits."""
    documented = TABLES[table]
    blank = pd.DataFrame(
        {column.name: pd.Series([None] * len(frame), dtype=dtype(column)) for column in documented.columns}
    )
    known = {name: frame[name] if name in frame else blank[name] for name in documented.column_names}
    bad = bad.copy()
    for _, column, rows in departures(table, pd.DataFrame(known)):
        if column not in documented.column_names or column in frame:
            bad[rows[rows >= 0]] = True
    who = set(frame[RESPONDENT][bad].dropna())
    kept = frame[~(frame[RESPONDENT].isin(who) | frame[RESPONDENT].isna())]
    return kept.reset_index(drop=True), len(who)
