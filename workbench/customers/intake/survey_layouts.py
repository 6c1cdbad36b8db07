"""Bring choices and feelings, as survey tools and packages lay them out, into one row per alternative or feature."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.intake.matching import YES_NO_ELSEWHERE
from workbench.customers.intake.surveys import FEELINGS, scale_word
from workbench.customers.tables import plain_name
from workbench.customers.values import YES_NO

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from workbench.customers.raw_tables import RawTable

# --- Which of their columns is which, by the names that tools and packages give

_PEOPLE = ("sysrespnum", "respnum", "respid", "respondent", "respondentid", "id", "pid", "personid", "caseid")
_TASKS = ("task", "qid", "tasknumber", "question", "choiceset", "set", "q")
_CASES = ("obsid", "chid", "caseid", "gid")  # one number for a person and a task together
_CONCEPTS = ("concept", "alternative", "altid", "alt", "profile", "option", "conceptnumber")
_CHOSEN = ("response", "chosen", "choice", "choose", "selected", "choices")
_NONE = ("none", "nochoice", "outsidegood", "optout")
_NOT_AN_OFFER = frozenset({"none", "nochoice", "no choice", "optout", "opt out", "no_choice", "none of these", "keine"})
_CARRIED = frozenset({"profileid", "blockid", "version", "sysrespstatus", "weight", "segment", "accountid"})
_VERSIONS = ("version", "block", "blockid", "designversion")
_CBC_ANSWER = re.compile(r"(.*?)[_ ]?(?:random|fixed|task|choice)?[_ ]?(\d+)", re.IGNORECASE)
_OF_CONCEPT = re.compile(
    r"(?:alt(?:ernative)?|concept|option|profile)[ _.]?(\d+)[ _.:-]+(.+)"
    r"|(.+?)[ _.]?(?:alt|concept|option)[ _.]?(\d+)|(.+)[.](\d+)",
    re.IGNORECASE,
)
_SAWTOOTH_ATTRIBUTE = re.compile(r"att(?:ribute)?[ _]?\d+\s*[-:]\s*(.+)", re.IGNORECASE)


def arranged(raws: Sequence[RawTable]) -> tuple[list[RawTable], list[tuple[str, pd.DataFrame]]]:
    """Return tables as they are, choices with one row per alternative in our names; and who did not finish, by file.

    Known are one row per concept (Sawtooth; cbcTools, logitr and mlogit of R), one row per task with the concepts, or
    the features, side by side, and answers of a person in one row with the design, or the sets of features of
    support.BWS of R, in a table of its own.
    """
    designs = [(raw, _answers_with_design) for raw in raws if _is_design(raw)]
    designs += [(raw, _answers_with_sets) for raw in raws if len(_sets(raw))]
    made: list[RawTable] = []
    unfinished: list[tuple[str, pd.DataFrame]] = []
    answered: set[int] = set()
    for raw in raws:
        finished, people = _finished(raw)
        joined = next(((each, d) for d, read in designs if (each := read(finished, d)) is not None), None)
        done = joined[0] if joined else next(filter(None, (layout(finished) for layout in _LAYOUTS)), None)
        answered |= {id(joined[1])} if joined else set()
        unfinished += [(raw.file, people)] if done is not None and len(people) else []
        made.append(done or raw)
    return [each for raw, each in zip(raws, made, strict=True) if id(raw) not in answered], unfinished


def _finished(raw: RawTable) -> tuple[RawTable, pd.DataFrame]:
    """Return the rows of those who finished by the tool's own status, and the first line of everybody else."""
    plain = _plain(raw)
    if "sysrespstatus" not in plain or "sysrespnum" not in plain:
        return raw, pd.DataFrame({"line": [], "who": []})
    gone = _texts(raw.frame[plain["sysrespstatus"]]).str.casefold().isin(_NOT_FINISHED).to_numpy()
    people = pd.DataFrame({"line": raw.lines, "who": _texts(raw.frame[plain["sysrespnum"]])})[gone]
    kept = np.flatnonzero(~gone)
    return _with_rows(raw, raw.frame.iloc[kept], kept), people.drop_duplicates("who")


_NOT_FINISHED = ("2", "4", "incomplete", "disqualified")


def _plain(raw: RawTable) -> dict[str, str]:
    """Return the headers by their plain name, the first of each."""
    found: dict[str, str] = {}
    for name in raw.frame.columns:
        found.setdefault(plain_name(str(name)), str(name))
    return found


def _first(plain: Mapping[str, str], names: Iterable[str]) -> str | None:
    return next((plain[name] for name in names if name in plain), None)


def _numbers(cells: pd.Series) -> pd.Series:
    return pd.to_numeric(cells.astype(object).where(cells.notna(), None), errors="coerce")


def _texts(cells: pd.Series) -> pd.Series:
    return cells.astype(object).where(cells.notna(), "").astype(str).str.strip()


def _with_rows(raw: RawTable, frame: pd.DataFrame, rows: np.ndarray) -> RawTable:
    """Return a table of other rows, each with the line of the one it was made of."""
    return replace(raw, frame=frame.reset_index(drop=True), lines=raw.lines[rows])


def _attribute(name: str) -> str:
    """Return what an attribute is called, without the number a tool puts before it."""
    found = _SAWTOOTH_ATTRIBUTE.fullmatch(name.strip())
    return found[1].strip() if found else name


# --- One row per concept

_FEWEST = 2


def _one_row_per_concept(raw: RawTable) -> RawTable | None:
    """Return choices of a tool or package in our names; None for tables that are none, or have our names already."""
    plain = _plain(raw)
    who, chosen, concept = (_first(plain, names) for names in (_PEOPLE, _CHOSEN, _CONCEPTS))
    place = _first(plain, (*_TASKS, *_CASES))
    is_ours = {"respondent", "task", "alternative", "chosen"} <= set(plain)
    is_known = is_ours or bool({"sysrespnum", "respnum", "respid", "obsid", "chid", "concept"} & set(plain))
    if not is_known or "feature" in plain or who is None or chosen is None or place is None:
        return None
    if {"none", "nochoice"} & set(plain) if is_ours else concept is None and not {"obsid", "chid"} & set(plain):
        return None
    rows = _without_labels(raw, place, chosen)
    frame = raw.frame.iloc[rows].reset_index(drop=True)
    order = frame.groupby([who, place], sort=False).cumcount() + 1
    alternative = order.astype(str) if concept is None else _texts(frame[concept])
    taken = {who, place, concept, chosen, *(plain.get(name) for name in (*_CARRIED, *_CASES, *_TASKS, *_NONE))}
    attributes = [str(name) for name in frame.columns if str(name) not in taken]
    none, said = _no_offer(frame, plain, alternative, attributes), _first(plain, _NONE)
    if is_ours:
        texts = pd.DataFrame({name: _texts(frame[name]) for name in attributes})
        if said is None:  # which may be said in place of one level, in any language
            none = (texts != "").sum(axis=1) <= int(len(attributes) > _FEWEST)
        own = frame.drop(columns=[said] if said else []).assign(none=none.astype(int).astype(str))
        own[attributes] = texts.mask(none, "")
        return _with_rows(raw, own, rows) if 0 < none.mean() < _MOST_NONE else None
    made = pd.DataFrame(
        {
            "respondent": _texts(frame[who]), "task": _texts(frame[place]), "alternative": alternative,
            "chosen": _picked(frame[chosen], alternative), "none": none.astype(int).astype(str),
            **{_attribute(name): _texts(frame[name]).mask(none & (said is None), "") for name in attributes},
        }
    )  # fmt: skip
    return _with_rows(raw, made, rows)


def _picked(cells: pd.Series, alternative: pd.Series) -> pd.Series:
    """Return 1 where a concept was chosen: as 1 or a word says, or where each row has the number of the one chosen."""
    picked = _numbers(cells)
    if picked.isna().any():
        picked = _texts(cells).str.casefold().isin({"1", "true", "yes", "x", "wahr", "ja"}).astype(float)
    if picked.max() > 1:
        picked = (picked == _numbers(alternative)).astype(float)
    return picked.astype(int).astype(str)


def _without_labels(raw: RawTable, place: str, chosen: str) -> np.ndarray:
    """Return the rows that are answers: a second header row repeats names or says labels in place of numbers."""
    is_label = _texts(raw.frame[chosen]).str.casefold().isin({chosen.casefold(), "label", "response", "choice", "text"})
    repeats = _texts(raw.frame[place]).str.casefold().eq(place.casefold())
    return np.flatnonzero(~(is_label | repeats).to_numpy())


def _no_offer(frame: pd.DataFrame, plain: Mapping[str, str], concept: pd.Series, attributes: list[str]) -> pd.Series:
    """Mark the rows that stand for none of the concepts: they say so, are called so, or have no attribute at all."""
    said = _first(plain, _NONE)
    none = _numbers(frame[said]).fillna(0).eq(1) if said is not None else pd.Series(data=False, index=frame.index)
    none |= concept.str.casefold().isin(_NOT_AN_OFFER)
    if attributes and said is None:
        cells = pd.DataFrame({name: _texts(frame[name]).str.casefold() for name in attributes})
        empty = cells.isin(["", "0", "0.0", *_NOT_AN_OFFER]).all(axis=1)
        none |= empty & (empty.mean() < _MOST_NONE)
    return none.astype(bool)


_MOST_NONE = 0.55  # of the rows: where more are empty, empty is a level and not the absence of one


# --- Answers in one row per person, the design in a table of its own


def _is_design(raw: RawTable) -> bool:
    plain = _plain(raw)
    return (
        _first(plain, _VERSIONS) is not None and _first(plain, ("task", "qid", "set")) is not None
        and _first(plain, _CONCEPTS) is not None and _first(plain, _CHOSEN) is None
        and not {"sysrespnum", "respnum", "respid"} & set(plain)
    )  # fmt: skip


def _answers_with_design(raw: RawTable, design: RawTable) -> RawTable | None:
    """Return what each person was shown, joined with which concept they chose; None where nobody answered it."""
    plain, of_design = _plain(raw), _plain(design)
    who = _first(plain, ("sysrespnum", "respnum", "respid", "respondent", "respondentid"))
    if who is None or raw is design or {"concept", "alternative", "altid"} & set(plain):
        return None
    version, task, concept = (str(_first(of_design, names)) for names in (_VERSIONS, ("task", "qid", "set"), _CONCEPTS))
    shown = design.frame[_numbers(design.frame[task]).notna().to_numpy()]
    tasks = sorted({int(each) for each in _numbers(shown[task]).dropna()})
    answers = _answer_columns(raw, tasks)
    if len(answers) < _FEWEST:
        return None
    own = next((str(name) for name in raw.frame.columns if "version" in str(name).casefold()), None)
    versions = _numbers(raw.frame[own]) if own is not None else pd.Series(1.0, index=raw.frame.index)
    numbered = {"_version": version, "_task": task, "_concept": concept}
    asked = shown.assign(**{name: _numbers(shown[theirs]) for name, theirs in numbered.items()})
    attributes = [str(name) for name in design.frame.columns if str(name) not in (version, task, concept)]
    parts = []
    for number, column in answers.items():
        people = pd.DataFrame({"row": np.arange(len(raw.frame)), "respondent": _texts(raw.frame[who])})
        people = people.assign(_version=versions.to_numpy(), picked=_numbers(raw.frame[column]).to_numpy())
        people, of_task = people[people["picked"].notna()], asked[asked["_task"] == number]
        most = of_task["_concept"].max()
        nothing = people.assign(_concept=most + 1, _task=number)
        has_none = bool((people["picked"] > most).any())
        parts.append(pd.concat([people.merge(of_task, on="_version"), *([nothing] if has_none else [])]))
    long = pd.concat(parts, ignore_index=True).sort_values(["row", "_task", "_concept"], kind="stable")
    none = long[attributes].isna().all(axis=1) if attributes else pd.Series(data=False, index=long.index)
    made = pd.DataFrame(
        {
            "respondent": long["respondent"], "task": long["_task"].astype(int).astype(str),
            "alternative": long["_concept"].astype(int).astype(str),
            "chosen": long["picked"].eq(long["_concept"]).astype(int).astype(str),
            "none": none.astype(int).astype(str), **{_attribute(name): _texts(long[name]) for name in attributes},
        }
    )  # fmt: skip
    return _with_rows(replace(raw, file=f"{raw.file} with {design.file}"), made, long["row"].to_numpy(dtype=int))


def _answer_columns(raw: RawTable, tasks: list[int]) -> dict[int, str]:
    """Return the columns that hold which concept was chosen, by the number of their task."""
    by_stem: dict[str, dict[int, str]] = {}
    for name in raw.frame.columns:
        found = _CBC_ANSWER.fullmatch(str(name).strip())
        if found and int(found[2]) in tasks and _numbers(raw.frame[name]).notna().any():
            by_stem.setdefault(found[1].casefold(), {})[int(found[2])] = str(name)
    return max(by_stem.values(), key=len, default={})


# --- One row per task, the concepts side by side


def _concepts_side_by_side(raw: RawTable) -> RawTable | None:
    """Return one row per concept of a table with the attributes of all concepts of a task in one row."""
    plain = _plain(raw)
    who, task, chosen = _first(plain, _PEOPLE), _first(plain, (*_TASKS, *_CASES)), _first(plain, _CHOSEN)
    if who is None or chosen is None:
        return None
    spread = _spread_over_concepts([str(name) for name in raw.frame.columns if str(name) not in (who, task, chosen)])
    if len(spread) < _FEWEST or len({frozenset(each) for each in spread.values()}) > 1:
        return None
    picked, words = _numbers(raw.frame[chosen]), _texts(raw.frame[chosen]).str.casefold()
    last = max(spread)
    picked = picked.mask(words.isin(_NOT_AN_OFFER) | picked.eq(0) | words.eq(""), last + 1)
    order = np.arange(len(raw.frame))
    place = (
        _texts(raw.frame[task]) if task is not None else (raw.frame.groupby(who, sort=False).cumcount() + 1).astype(str)
    )
    parts = []
    numbers = [*sorted(spread), *([last + 1] if (picked > last).any() else [])]
    for number in numbers:
        cells = {name: _texts(raw.frame[column]) for name, column in spread.get(number, {}).items()}
        fixed = {
            "row": order, "respondent": _texts(raw.frame[who]), "task": place, "alternative": str(number),
            "chosen": (picked == number).astype(int).astype(str), "none": str(int(number > last)),
        }  # fmt: skip
        parts.append(pd.DataFrame({**fixed, **cells}))
    long = pd.concat(parts, ignore_index=True).sort_values("row", kind="stable")
    attributes = list(next(iter(spread.values())))
    return _with_rows(
        raw, long.drop(columns="row").fillna(dict.fromkeys(attributes, "")), long["row"].to_numpy(dtype=int)
    )


def _spread_over_concepts(names: Iterable[str]) -> dict[int, dict[str, str]]:
    """Return which column holds which attribute of which concept, by the number of the concept."""
    spread: dict[int, dict[str, str]] = {}
    for name in names:
        if found := _OF_CONCEPT.fullmatch(name.strip()):
            number = next(int(each) for each in (found[1], found[4], found[6]) if each)
            attribute = next(each for each in (found[2], found[3], found[5]) if each).strip(" _.:-")
            spread.setdefault(number, {})[attribute] = name
    return spread


# --- Two questions about each feature, side by side

_WITHOUT = re.compile(
    r"dysfunctional|dysf|negative|without|not (?:have|has|there|present|available)|does ?n[o']t have|were missing"
    r"|is missing|missing|absent|\bohne\b|nicht (?:hat|hätte|vorhanden|enthält|gäbe)|fehlte?\b|\bsans\b|\bsin\b"
    r"|\bsenza\b|\bzonder\b|n['\u2019](?:a|avait|est) pas"
    r"|\bno (?:tiene|tuvie[rs]e?a?|hay|hubiera)\b|\bnon (?:ha|avesse|c'è)\b|\b(?:geen|niet)\b"
    r"|[_ .-](?:d|dys|neg)$",
    re.IGNORECASE,
)
_WITH = re.compile(
    r"functional|\bfunc\b|positive|\bwith\b|\b(?:have|has|there|present|available|included)\b|\bmit\b|\bhat\b|hätte"
    r"|vorhanden|enthält|gäbe|\bavec\b|\bcon\b|\b(?:avait|tiene|tuvie[rs]e?a?|hubiera|avesse|heeft)\b"
    r"|[_ .-](?:f|fun|pos)$",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(
    '[\\[\u00ab\u201c\u201e"](?:\u00a0| )?([^\\]\u00bb\u201d\u201c"]+?)(?:\u00a0| )?[\\]\u00bb\u201d\u201c"]'
)
_NUMBERS_OF_FEELING = frozenset("12345")


def pairs_of_feelings(raw: RawTable) -> RawTable | None:
    """Return one row per person and feature of a table with a pair of questions for each feature; None without any."""
    plain = _plain(raw)
    if "functional" in plain and "dysfunctional" in plain:
        return None
    pairs: dict[str, dict[str, str]] = {}
    for name in map(str, raw.frame.columns):
        is_named = _WITH.search(name) or _IN_BRACKETS.search(name)
        side = "dysfunctional" if _WITHOUT.search(name) else "functional" if is_named else ""
        if side and _are_feelings(raw.frame[name]):
            feature = _feature_of(name, side)
            pairs.setdefault(feature.casefold(), {"feature": feature})[side] = name
    whole = [each for each in pairs.values() if {"functional", "dysfunctional"} <= set(each)]
    if not whole:
        return None
    who = _first(plain, (*_PEOPLE, "responseid"))
    order = np.arange(len(raw.frame))
    people = (
        _texts(raw.frame[who]) if who is not None else pd.Series([f"row {line}" for line in raw.lines], dtype=object)
    )
    parts = [
        pd.DataFrame(
            {"row": order, "respondent": people.to_numpy(), "feature": each["feature"],
             "functional": _texts(raw.frame[each["functional"]]).to_numpy(),
             "dysfunctional": _texts(raw.frame[each["dysfunctional"]]).to_numpy()}
        )
        for each in whole
    ]  # fmt: skip
    long = pd.concat(parts, ignore_index=True).sort_values("row", kind="stable")
    answered = (long["functional"] != "") | (long["dysfunctional"] != "")  # a feature nobody showed them is no answer
    long = long[answered]
    return _with_rows(raw, long.drop(columns="row"), long["row"].to_numpy(dtype=int))


def _are_feelings(cells: pd.Series) -> bool:
    times = _texts(cells).value_counts()
    said = times.index.map(scale_word).str.removesuffix(".0")
    answers = times[said != ""].sum()
    return bool(answers and times[said.isin(FEELINGS | _NUMBERS_OF_FEELING)].sum() / answers >= _MOSTLY)


_MOSTLY = 0.6  # of the answers; who answers something else is left out later, and counted


def _feature_of(name: str, side: str) -> str:
    """Return the feature a question is about: what stands in brackets, or what is left without words for the side."""
    found = _IN_BRACKETS.search(name)
    if found and not (_WITHOUT if side == "dysfunctional" else _WITH).fullmatch(found[1].strip()):
        return found[1].strip()
    bare = _IN_BRACKETS.sub("", name) if found else name
    words = _WITHOUT if side == "dysfunctional" else _WITH
    parts = re.split(r"\s*[:|]\s*|\s+[\u2013-]\s+", bare)
    named = [part.strip() for part in parts if part.strip() and not words.search(part)]
    if len(parts) > 1 and named:
        return named[0]
    left = words.sub(" ", bare)
    return re.sub(r"^[\s()_:.\-]+|[\s()_:.\-]+$", "", re.sub(r"\(\s*\)", " ", left)) or bare


# --- Yes or no at several prices, a column for each; the best and the worst of the features of a task in one row

_PRICE_ASKED = re.compile(r"\d+(?:[.,]\d+)?")
_SHOWN = re.compile(r"(?:item|feature|option|alt|shown|position|v)[ _.]?(\d+)", re.IGNORECASE)
_BEST, _WORST = ("best", "most", "mostimportant", "max"), ("worst", "least", "leastimportant", "min")
_OF_FEATURES = {"x", "✓", "✔", "included", "enabled", "not included", "disabled"}  # how a product has it, no answer
_YES_OR_NO = (YES_NO.keys() | YES_NO_ELSEWHERE.keys()) - _OF_FEATURES


def ladder_of_prices(raw: RawTable) -> RawTable | None:
    """Return one row per person and price of a table that asks the same question at several prices; None without any.

    The headers are one question but for the price in it.
    """
    plain = _plain(raw)
    who = _first(plain, (*_PEOPLE, "responseid"))
    by_question: dict[str, dict[str, str]] = {}
    for name in map(str, raw.frame.columns):
        prices = _PRICE_ASKED.findall(name)
        bare = _PRICE_ASKED.sub("", name).strip()
        if len(prices) == 1 and any(letter.isalpha() for letter in bare) and " " in bare:
            by_question.setdefault(bare.casefold(), {})[prices[0]] = name
    asked = max(by_question.values(), key=len, default={})
    if who is None or len(asked) < _FEWEST or not all(_are_yes_or_no(raw.frame[name]) for name in asked.values()):
        return None
    order = np.arange(len(raw.frame))
    parts = [
        pd.DataFrame({"row": order, "respondent": _texts(raw.frame[who]).to_numpy(), "price": price,
                      "accepted": _texts(raw.frame[name]).to_numpy()})
        for price, name in asked.items()
    ]  # fmt: skip
    long = pd.concat(parts, ignore_index=True).sort_values("row", kind="stable")
    return _with_rows(raw, long.drop(columns="row"), long["row"].to_numpy(dtype=int))


def _are_yes_or_no(cells: pd.Series) -> bool:
    said = _texts(cells).str.casefold()
    said = said[said != ""]
    return len(said) > 0 and bool(said.isin(_YES_OR_NO).all())


_MARKED = frozenset({"1", "x", "yes", "true"})
_MARKS = _MARKED | {"0", "-1", "", "no", "false"}


def _best_and_worst_as_columns(raw: RawTable) -> RawTable | None:
    """Return choices of a table with a row per feature: a mark in the column best or worst, or 1, 0 and -1 as value."""
    plain = _plain(raw)
    places = ("respondent", _PEOPLE), ("task", (*_TASKS, "block")), ("feature", _FEATURES)
    named = {ours: theirs for ours, names in places if (theirs := _first(plain, names)) is not None}
    marks = [plain["value"]] if {"pid", "value"} <= set(plain) else [_first(plain, names) for names in (_BEST, _WORST)]
    if len(named) < len(places) or None in marks or "choice" in plain:
        return None
    said = [_texts(raw.frame[str(name)]).str.removesuffix(".0").str.casefold() for name in marks]
    if not all(each.isin(_MARKS).all() for each in said):
        return None
    choice = pd.Series("none", index=raw.frame.index, dtype=object)
    choice = choice.mask(said[0].isin(_MARKED), "best").mask(said[-1].isin(_MARKED if said[1:] else {"-1"}), "worst")
    cells = {ours: _texts(raw.frame[theirs]) for ours, theirs in named.items()}
    return replace(raw, frame=pd.DataFrame({**cells, "choice": choice}).reset_index(drop=True))


_FEATURES = ("feature", "item", "issue", "attribute", "label")


def _best_and_worst_side_by_side(raw: RawTable) -> RawTable | None:
    """Return one row per feature shown of a table with a task in a row: the features, and which was best and worst.

    Best and worst are named, or are the number of the column.
    """
    plain = _plain(raw)
    who, best, worst = (_first(plain, names) for names in (_PEOPLE, _BEST, _WORST))
    shown = {found[1]: str(name) for name in raw.frame.columns if (found := _SHOWN.fullmatch(str(name).strip()))}
    if who is None or best is None or worst is None or len(shown) < _FEWEST:
        return None
    task = _first(plain, _TASKS)
    place = raw.frame.groupby(who, sort=False).cumcount() + 1 if task is None else _texts(raw.frame[task])
    order, parts = np.arange(len(raw.frame)), []
    picked = {word: _texts(raw.frame[name]).str.removesuffix(".0") for word, name in (("best", best), ("worst", worst))}
    for number, name in shown.items():
        feature, choice = _texts(raw.frame[name]), pd.Series("none", index=raw.frame.index, dtype=object)
        for word, said in picked.items():
            choice = choice.mask((said == feature) | (said == number), word)
        fixed = {"row": order, "respondent": _texts(raw.frame[who]), "task": place.astype(str)}
        parts.append(pd.DataFrame({**fixed, "feature": feature, "choice": choice}))
    long = pd.concat(parts, ignore_index=True).sort_values("row", kind="stable")
    long = long[long["feature"] != ""]
    return _with_rows(raw, long.drop(columns="row"), long["row"].to_numpy(dtype=int))


# --- Best and worst as support.BWS of R has them: sets of features and a row per person, or a row per pair of a set

_PICKED = re.compile(r"(b|w)(?:est|orst)?[ _.]?(\d+)", re.IGNORECASE)


def _sets(raw: RawTable) -> pd.DataFrame:
    """Return the features of each question, one row a question; nothing of a table that holds anything else.

    A feature that is a number is called as the package calls it.
    """
    rest = {n for n in map(str, raw.frame.columns) if not n.startswith("(column ") and plain_name(n) not in _TASKS}
    if len(rest) <= _FEWEST or not all(_SHOWN.fullmatch(name.strip()) for name in rest):
        return pd.DataFrame()
    cells = raw.frame[[name for name in raw.frame.columns if name in rest]].apply(_texts)
    return cells.apply(lambda each: each.str.removesuffix(".0").str.replace(r"^(?=\d+$)", "ITEM", regex=True))


def _answers_with_sets(raw: RawTable, design: RawTable) -> RawTable | None:
    """Return what was best and worst of each set: its place in the set, or the feature by its name or number."""
    who, sets = _first(_plain(raw), _PEOPLE), _sets(design)
    found = {str(name): _PICKED.fullmatch(str(name).strip()) for name in raw.frame.columns}
    picked = {(each[1].lower(), int(each[2])): _texts(raw.frame[name]) for name, each in found.items() if each}
    if who is None or {*picked} != {(side, number) for side in "bw" for number in range(1, len(sets) + 1)}:
        return None
    said = {key: cells.str.removesuffix(".0") for key, cells in picked.items()}
    shown = dict(enumerate(sets.to_numpy().tolist(), 1))
    named = {
        n: {each: each for each in of} | {each.removeprefix("ITEM"): each for each in of} for n, of in shown.items()
    }
    if not all(cells.isin(["", *named[number]]).all() for (_, number), cells in said.items()):
        named = {n: {str(place): each for place, each in enumerate(of, 1)} for n, of in shown.items()}
    parts = [
        pd.DataFrame({"row": np.arange(len(raw.frame)), "respondent": _texts(raw.frame[who]), "task": number,
                      **{f"item{place}": each for place, each in enumerate(features, 1)},
                      **{word: said[word[0], number].map(named[number]).fillna("") for word in ("best", "worst")}})
        for number, features in shown.items()
    ]  # fmt: skip
    long = pd.concat(parts, ignore_index=True).sort_values("row", kind="stable")
    return _best_and_worst_side_by_side(_with_rows(raw, long.drop(columns="row"), long["row"].to_numpy(dtype=int)))


def _a_row_per_pair(raw: RawTable) -> RawTable | None:
    """Return choices of a table with a row per pair of best and worst that could be chosen: features are 1, -1 or 0."""
    plain = _plain(raw)
    who, task, chosen = _first(plain, _PEOPLE), plain.get("q"), plain.get("res")
    values = {str(name): _numbers(cells) for name, cells in raw.frame.items() if set(_texts(cells)) == {"-1", "0", "1"}}
    if who is None or task is None or chosen is None or len(values) <= _FEWEST:
        return None
    is_chosen = _texts(raw.frame[chosen]).str.casefold().isin(_MARKED)
    keys = {"respondent": _texts(raw.frame[who]), "task": _texts(raw.frame[task])}
    parts = [pd.DataFrame({**keys, "feature": name, "row": np.arange(len(raw.frame)), "best": each.eq(1) & is_chosen,
                           "worst": each.eq(-1) & is_chosen})[each.ne(0)] for name, each in values.items()]  # fmt: skip
    ways = {"row": "min", "best": "max", "worst": "max"}
    long = (
        pd.concat(parts)
        .groupby([*keys, "feature"], sort=False)
        .agg(ways)
        .reset_index()
        .sort_values("row", kind="stable")
    )
    choice = np.select([long["best"], long["worst"]], ["best", "worst"], "none")
    return _with_rows(raw, long[[*keys, "feature"]].assign(choice=choice), long["row"].to_numpy(dtype=int))


_LAYOUTS = (
    _a_row_per_pair, _one_row_per_concept, _best_and_worst_as_columns, _best_and_worst_side_by_side,
    _concepts_side_by_side,
)  # fmt: skip
