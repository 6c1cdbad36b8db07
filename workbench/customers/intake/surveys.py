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
_YES = frozenset({"wahr", "ja", "vrai", "oui", "verdadero", "sí", "vero", "sì", "waar", "prawda", "sant", "yes"})
_NO = frozenset({"falsch", "nein", "faux", "non", "falso", "no", "onwaar", "nee", "fałsz", "falskt"})
_TIMESTAMPS = (  # as a form of Google calls the first column, in the language of whoever made it
    "timestamp", "zeitstempel", "tijdstempel", "horodateur", "marcatemporal", "informazionicronologiche",
    "carimbodedatahora", "sygnaturaczasowa", "tidsstämpel", "tidsstempel", "časovéoznačení", "aikaleima",
    "zamandamgas\u0131",
)  # fmt: skip
_MANAGED = frozenset({  # what survey tools say of an answer itself
    "startdate", "enddate", "status", "ipaddress", "progress", "durationinseconds", "finished", "recordeddate",
    "recipientlastname", "recipientfirstname", "recipientemail", "externalreference", "locationlatitude",
    "locationlongitude", "distributionchannel", "userlanguage", "startdateutc", "submitdateutc",
    "stagedateutc", "networkid", "responsetype", "tags", "emailaddress", "sysstarttime", "sysendtime", "sysrespstatus",
    "collectorid", "firstname", "lastname", "customdata1", "starttime", "completiontime", "lastmodifiedtime", "email",
    "name", "datesubmitted", "submitdate", "lastpage", "startlanguage", "seed", "datestarted", "datestamp",
    "datelastaction", "ipaddr", "refurl", "referrerurl",
    *_TIMESTAMPS,
})  # fmt: skip
_IDS = ("responseid", "respondentid", "sysrespnum", "respid", "id", "token", "")  # the last is the # of one tool
_OF_A_TOOL = (
    {"responseid", "finished"},
    {"submitdateutc", "networkid"},
    {"respondentid", "collectorid"},
    {"id", "starttime", "completiontime"},
    {"responseid", "datesubmitted"},
    {"submitdate", "lastpage"},
    {"sysrespnum"},
    *({word} for word in _TIMESTAMPS),
)
_UNFINISHED = {
    "finished": {"false", "0", *_NO}, "responsetype": {"partial", "started"},
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
        return None if first[plain.index("finished")] in {"true", "false", "1", "0", *_YES, *_NO} else 0
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
    "choice": {"1": "best", "-1": "worst", "0": "none", "1.0": "best", "-1.0": "worst", "0.0": "none", "": "none"},
    "feeling": {
        "i like it": "1", "like": "1", "i expect it": "2", "must be": "2", "expect": "2", "i am neutral": "3",
        "neutral": "3", "i can live with it": "4", "live with": "4", "i can tolerate it": "4", "i dislike it": "5",
        "dislike": "5", "das würde mich sehr freuen": "1", "das setze ich voraus": "2", "das ist mir egal": "3",
        "das könnte ich in kauf nehmen": "4", "das würde mich sehr stören": "5", "must-be": "2",
        "it must be that way": "2", "i expect it to be that way": "2", "expect it": "2", "i like it that way": "1",
        "can live with": "4",
        "i can live with it that way": "4", "tolerate": "4", "i dislike it that way": "5", "love it": "1",
        "don't like it": "5", "don't care": "3", "indifferent": "3",
        "j'aime": "1", "cela me ferait plaisir": "1", "ça me plaît": "1", "c'est normal": "2", "je m'y attends": "2",
        "cela doit être ainsi": "2", "neutre": "3", "indifférent": "3", "cela m'est égal": "3",
        "je peux vivre avec": "4", "je m'en accommode": "4", "je peux m'en accommoder": "4", "je n'aime pas": "5",
        "cela me dérange": "5", "ça me déplaît": "5", "me gusta": "1", "me encanta": "1", "lo espero": "2",
        "debe ser así": "2", "me da igual": "3", "puedo vivir con ello": "4", "puedo tolerarlo": "4",
        "no me gusta": "5", "mi piace": "1", "me lo aspetto": "2", "deve essere così": "2", "indifferente": "3",
        "posso conviverci": "4", "posso tollerarlo": "4", "non mi piace": "5", "vind ik leuk": "1", "vind ik fijn": "1",
        "verwacht ik": "2", "moet zo zijn": "2", "maakt me niet uit": "3", "neutraal": "3", "kan ik mee leven": "4",
        "vind ik niet leuk": "5", "vind ik niet fijn": "5", "das gefällt mir": "1", "das erwarte ich": "2",
        "das nehme ich hin": "4", "das gefällt mir nicht": "5", "das stört mich": "5",
    },
    "intent": {
        "definitely would": "5", "very likely": "5", "probably would": "4", "likely": "4", "might or might not": "3",
        "neutral": "3", "probably would not": "2", "unlikely": "2", "definitely would not": "1", "very unlikely": "1",
        "sehr wahrscheinlich": "5", "wahrscheinlich": "4", "vielleicht": "3", "unwahrscheinlich": "2",
        "sehr unwahrscheinlich": "1",
    },
}  # fmt: skip
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
