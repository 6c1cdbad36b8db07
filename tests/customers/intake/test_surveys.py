"""Survey answers as survey tools and packages write them."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.customers.intake import bring_in
from workbench.research import fit_mnl

if TYPE_CHECKING:
    from collections.abc import Callable

PRICES = (
    "At what price is it so cheap that you would doubt its quality (too cheap)?,At what price is it a bargain?,"
    "At what price does it start to get expensive?,At what price is it too expensive to consider?"
)
ROLES = ["too_cheap", "cheap", "expensive", "too_expensive"]


def answers(folder: Path) -> tuple[pd.DataFrame, list[str]]:
    """Return the price answers in a folder with every suggestion taken, and what was said."""
    found = bring_in(folder)
    assert found.problems == ()
    assert all(value in ("survey_price_sensitivity", *ROLES) for _, _, value in found.mapping.questions)
    return found.tables["survey_price_sensitivity"], list(found.said)


def test_qualtrics_with_three_header_rows_previews_and_people_who_did_not_finish(tmp_path: Path) -> None:
    """The question in words stands for Q3; previews and the unfinished are left out and counted."""
    text = (
        "StartDate,EndDate,Status,Progress,Finished,ResponseId,Q1,Q2,Q3,Q4\n"
        f"Start Date,End Date,Response Type,Progress,Finished,Response ID,{PRICES}\n"
        + ",".join(f'"{{""ImportId"":""{name}""}}"' for name in "abcdefghij")
        + "\n2025-01-02 10:00:00,2025-01-02 10:05:00,IP Address,100,True,R_1,10,20,30,40\n"
        "2025-01-02 10:00:00,2025-01-02 10:05:00,IP Address,40,False,R_2,10,,,\n"
        "2025-01-02 10:00:00,2025-01-02 10:05:00,Survey Preview,100,True,R_3,1,2,3,4\n"
        "2025-01-02 10:00:00,2025-01-02 10:05:00,IP Address,100,True,R_4,5,9,14,21\n"
    )
    (tmp_path / "export.csv").write_text(text, encoding="utf-8")
    found, said = answers(tmp_path)
    assert found[["respondent", *ROLES]].to_numpy().tolist() == [["R_1", 10, 20, 30, 40], ["R_4", 5, 9, 14, 21]]
    assert said == ["export.csv: 2 people did not finish, or only tried the survey, and are left out."]


@pytest.mark.parametrize(
    ("header", "row", "who"),
    [
        (f"Timestamp,{PRICES}", "1/2/2025 10:00:00", "row 2"),
        (f"Zeitstempel,{PRICES}", "02.01.2025 10:00:00", "row 2"),
        (f"#,Start Date (UTC),Submit Date (UTC),Network ID,{PRICES}", "ab12,2025-01-02,2025-01-02,99", "ab12"),
    ],
)
def test_google_forms_and_typeform(tmp_path: Path, header: str, row: str, who: str) -> None:
    """Questions in words; who has no identifier is called by the row."""
    (tmp_path / "form.csv").write_text(f"{header}\n{row},10,20,30,40\n", encoding="utf-8")
    assert answers(tmp_path)[0][["respondent", *ROLES]].to_numpy().tolist() == [[who, 10, 20, 30, 40]]


def test_one_bad_respondent_never_blocks_a_folder(tmp_path: Path) -> None:
    """Who writes words for a price, or an intent no scale has, is left out and counted; the others stay."""
    header = "respondent,too_cheap,cheap,expensive,too_expensive,intent_cheap"
    rows = "A,1,2,3,4,very likely\nB,1,cheap,3,4,5\nC,1,2,3,4,9\n"
    (tmp_path / "s.csv").write_text(f"{header}\n{rows}D,1,2,3,,4\nE,2,3,4,5,definitely would not\n")
    found, said = answers(tmp_path)
    assert found[["respondent", "intent_cheap"]].to_numpy().tolist() == [["A", 5], ["E", 1]]
    assert said == ["s.csv: 3 respondents gave an answer that cannot be read, and are left out."]


def test_choices_as_packages_write_them(tmp_path: Path) -> None:
    """Identifiers as cbcTools names them; its column for none of these is ours, other columns are attributes."""
    rows = "1,1,1,1,20,blue,0,1\n2,1,1,2,30,red,0,0\n3,1,1,3,0,,1,0\n"
    (tmp_path / "cbc.csv").write_text(f"profileID,respID,qID,altID,price,colour,no_choice,choice\n{rows}")
    found = bring_in(tmp_path)
    assert found.mapping.questions == ()
    table = found.tables["survey_choice"]
    columns = ["respondent", "task", "alternative", "chosen", "none", "price"]
    assert table[columns].astype(float).to_numpy().tolist() == [
        [1, 1, 1, 1, 0, 20], [1, 1, 2, 0, 0, 30], [1, 1, 3, 0, 1, 0],
    ]  # fmt: skip
    assert "colour" in table


def test_best_and_worst_as_one_and_minus_one(tmp_path: Path) -> None:
    """1, 0 and -1 are best, none and worst; feelings in words are the five of the scale."""
    (tmp_path / "bw.csv").write_text("respondent,task,feature,choice\nA,1,x,1\nA,1,y,0\nA,1,z,-1\n")
    (tmp_path / "kano.csv").write_text("respondent,feature,functional,dysfunctional\nA,x,I like it,I dislike it.\n")
    tables = bring_in(tmp_path).tables
    assert tables["survey_best_worst"]["choice"].tolist() == ["best", "none", "worst"]
    assert tables["survey_feature_fit"][["functional", "dysfunctional"]].to_numpy().tolist() == [[1, 5]]


# --- Choices as Sawtooth and the packages of R lay them out; pairs of questions about a feature


def drawn_choices(people: int = 40, tasks: int = 6) -> pd.DataFrame:
    """Return choices among three offers and none of them, in our own layout, drawn from known tastes."""
    chance = np.random.default_rng(8)
    rows = []
    for who in range(1, people + 1):
        for task in range(1, tasks + 1):
            prices, blue = chance.choice([10, 20, 30], 3), chance.integers(0, 2, 3)
            worth = np.append(-0.08 * prices + 1.0 * blue, -1.6) + chance.gumbel(size=4)
            picked = int(worth.argmax())
            rows += [(who, task, n + 1, int(n == picked), 0, prices[n], ["red", "blue"][blue[n]]) for n in range(3)]
            rows.append((who, task, 4, int(picked == 3), 1, "", ""))
    return pd.DataFrame(rows, columns=["respondent", "task", "alternative", "chosen", "none", "price", "colour"])


def sawtooth_long(own: pd.DataFrame) -> dict[str, str]:
    """Return one row per concept, none as a concept without attributes, labels in a second row, unfinished people."""
    frame = own.assign(sys_RespStatus=5)[
        ["respondent", "sys_RespStatus", "task", "alternative", "price", "colour", "chosen"]
    ]
    header = ["sys_RespNum", "sys_RespStatus", "Task", "Concept", "Att 1 - price", "Att 2 - colour", "Response"]
    unfinished = pd.DataFrame([[99, 2, 1, n, 10, "red", 0] for n in (1, 2, 3)], columns=frame.columns)
    labels = pd.DataFrame([header], columns=header)
    body = pd.concat([frame, unfinished]).set_axis(header, axis=1).replace("", 0)
    return {"cbc.csv": pd.concat([labels, body]).to_csv(index=False)}


def sawtooth_wide(own: pd.DataFrame) -> dict[str, str]:
    """Return one row per person with the number of the concept chosen, and the design by version and task."""
    offers = own[own["none"] == 0]
    design = offers[["respondent", "task", "alternative", "price", "colour"]].set_axis(
        ["Version", "Task", "Concept", "price", "colour"], axis=1
    )
    picked = own[own["chosen"] == 1].pivot_table(index="respondent", columns="task", values="alternative")
    answers = picked.astype(int).set_axis([f"CBC_Random{n}" for n in picked.columns], axis=1).reset_index()
    answers = answers.assign(sys_CBCVersion_CBC=answers["respondent"], sys_RespStatus=5)
    answers.loc[len(answers)] = {**dict.fromkeys(answers.columns, 1), "respondent": 99, "sys_RespStatus": 4}
    return {
        "answers.csv": answers.rename(columns={"respondent": "sys_RespNum"}).to_csv(index=False),
        "design.csv": design.to_csv(index=False),
    }


def side_by_side(own: pd.DataFrame) -> dict[str, str]:
    """Return one row per task, the concepts beside each other, and the word none."""
    rows = []
    for (who, task), of_task in own.groupby(["respondent", "task"]):
        row: dict[str, object] = {"respondent": who, "task": task}
        for each in of_task[of_task["none"] == 0].itertuples():
            row |= {f"Concept{each.alternative}_price": each.price, f"Concept{each.alternative}_colour": each.colour}
        picked = of_task.loc[of_task["chosen"] == 1, "alternative"].item()
        rows.append(row | {"choice": "None" if picked == 4 else picked})
    return {"wide.csv": pd.DataFrame(rows).to_csv(index=False)}


def cbc_tools(own: pd.DataFrame) -> dict[str, str]:
    """Return the columns of cbcTools."""
    frame = own.assign(profileID=range(len(own)), obsID=own.groupby(["respondent", "task"]).ngroup() + 1)
    names = {"respondent": "respID", "task": "qID", "alternative": "altID", "chosen": "choice", "none": "no_choice"}
    return {"cbc.csv": frame.rename(columns=names).to_csv(index=False)}


def logitr(own: pd.DataFrame) -> dict[str, str]:
    """Return the columns of logitr: a number for every choice, the outside good as an alternative by name."""
    frame = own.assign(obsID=own.groupby(["respondent", "task"]).ngroup() + 1)
    frame = frame.assign(alternative=frame["alternative"].astype(str).mask(frame["none"] == 1, "none"))
    frame = frame.drop(columns=["task", "none"])
    names = {"respondent": "id", "alternative": "alt", "chosen": "choice"}
    return {"logitr.csv": frame.rename(columns=names).to_csv(index=False)}


def mlogit(own: pd.DataFrame) -> dict[str, str]:
    """Return the columns of mlogit, TRUE and FALSE in words."""
    (text,) = logitr(own).values()
    frame = pd.read_csv(io.StringIO(text), keep_default_na=False).rename(columns={"obsID": "chid"})
    return {"mlogit.csv": frame.assign(choice=frame["choice"].map({1: "TRUE", 0: "FALSE"})).to_csv(index=False)}


def no_row_for_none(own: pd.DataFrame) -> dict[str, str]:
    """Return choices in our names in which nothing is marked where they chose none."""
    return {"choice.csv": own[own["none"] == 0].drop(columns="none").to_csv(index=False)}


@pytest.mark.parametrize(
    "layout", [sawtooth_long, sawtooth_wide, side_by_side, cbc_tools, logitr, mlogit, no_row_for_none]
)
def test_choices_in_every_layout_give_the_same_model(
    tmp_path: Path, layout: Callable[[pd.DataFrame], dict[str, str]]
) -> None:
    """The coefficients are those of our own layout, none of the offers among them."""
    own = drawn_choices()
    for name, text in layout(own).items():
        (tmp_path / name).write_text(text)
    found = bring_in(tmp_path)
    assert found.problems == ()
    table = CustomerBase.from_tables({**minimal(), "survey_choice": found.tables["survey_choice"]}).survey_choice
    wanted = fit_mnl(own.replace("", np.nan).assign(price=lambda each: each["price"].astype(float))).coefficients
    made = fit_mnl(table).coefficients
    assert set(made.index) == set(wanted.index)
    assert made[wanted.index].to_numpy() == pytest.approx(wanted.to_numpy(), abs=1e-4)
    assert "sys_RespStatus" not in table
    if layout in (sawtooth_long, sawtooth_wide):
        assert [row["who"] for row in found.left_out.to_dict("records")] == ["99"]
        assert any("one person did not finish" in sentence for sentence in found.said)


def minimal() -> dict[str, pd.DataFrame]:
    """Return the least a customer base needs."""
    return {
        "accounts": pd.DataFrame({"account_id": ["A"]}),
        "mrr": pd.DataFrame({"account_id": ["A"], "month": ["2024-01"], "amount": [9.5]}),
    }


FAULTS = Path(os.environ.get("WORKBENCH_ORACLES", Path(__file__).resolve().parents[4] / "shared" / "oracles")).parent


@pytest.mark.parametrize("form", ["opt_out", "no column", "None of these", "Keine davon"])
def test_none_of_these_under_our_own_names_needs_no_column_of_ours(tmp_path: Path, form: str) -> None:
    """A column by another name, a row without levels, or words in place of one of them; 0 is a level."""
    chance = np.random.default_rng(3)
    rows = [
        (f"R{who}", task, at, int(at == (who + task) % 4), *((None,) * 3 if at == 3 else levels))
        for who in range(9)
        for task in range(5)
        for at in range(4)
        for levels in [(chance.choice([0, 10, 25]), chance.choice(["Gas", "Electric"]), chance.choice([0, 7, 9]))]
    ]
    names = ["respondent", "task", "alternative", "chosen", "price", "engine", "accel"]
    frame = pd.DataFrame(rows, columns=names)
    empty = frame["price"].isna()
    if form == "opt_out":
        frame[form] = empty.astype(int)
    elif form != "no column":
        frame["engine"] = frame["engine"].mask(empty, form)
    frame.to_csv(tmp_path / "answers.csv", index=False)
    made = bring_in(tmp_path).tables["survey_choice"]
    assert made["none"].tolist() == empty.astype(float).tolist()
    assert made.loc[empty, "engine"].isna().all()
    assert fit_mnl(made).names[0] == "none"


@pytest.mark.parametrize("name", ["none_row_zero_price", "none_row_blank_price", "no_none_row"])
def test_none_of_these_in_any_form_gives_the_published_model(tmp_path: Path, name: str) -> None:
    """Price -0.183, gas 0.875, acceleration -0.143, none -3.352, with a row for none or without."""
    path = FAULTS / "faults" / "15-choosing-none-in-choice-answers" / f"{name}.csv"
    if not path.exists():
        pytest.skip(f"the files are not at {FAULTS}; set WORKBENCH_ORACLES to the folder of the oracles")
    (tmp_path / "choice.csv").write_bytes(path.read_bytes())
    found = bring_in(tmp_path)
    table = CustomerBase.from_tables({**minimal(), "survey_choice": found.tables["survey_choice"]}).survey_choice
    made = fit_mnl(table).coefficients
    assert made["price"] == pytest.approx(-0.183, abs=1e-3)
    assert made["accel"] == pytest.approx(-0.143, abs=1e-3)
    assert made["engine: Gas"] == pytest.approx(0.875, abs=1e-3)
    assert made["none"] == pytest.approx(-3.352, abs=1e-3)
    asked = [line for file, line, _ in found.mapping.questions if not file]
    assert asked == (["tasks without a choice in choice.csv"] if name == "no_none_row" else [])


@pytest.mark.parametrize(
    ("header", "answers"),
    [
        ("respondent,SSO functional,SSO dysfunctional,Export functional,Export dysfunctional", "{},1,5,3,3"),
        (
            "respondent,SSO (with),SSO (without),Export (with),Export (without)",
            "{},I like it,I dislike it,neutral,neutral",
        ),
        ("id,sso_f,sso_d,export_f,export_d", "{},1,5,3,3"),
        (
            "Timestamp,If it has [SSO]?,If it does not have [SSO]?,If it has [Export]?,If it does not have [Export]?",
            "1/2/2025 10:0{}:00,I like it,I dislike it,I am neutral,I am neutral",
        ),
        (
            "Zeitstempel,SSO: vorhanden,SSO: nicht vorhanden,Export: vorhanden,Export: nicht vorhanden",
            "02.01.2025 10:0{},Das würde mich sehr freuen,Das würde mich sehr stören,Das ist mir egal,Das ist mir egal",
        ),
    ],
)
def test_pairs_of_questions_about_a_feature_become_a_row_per_feature(tmp_path: Path, header: str, answers: str) -> None:
    """With it and without it, however the two are named; one who answers nonsense is left out and listed."""
    rows = [answers.format(n) for n in range(1, 6)]
    fields = rows[-1].split(",")
    rows[-1] = ",".join([*fields[:-1], "banana"])
    (tmp_path / "kano.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    found = bring_in(tmp_path)
    assert found.problems == ()
    table = found.tables["survey_feature_fit"]
    assert len(table) == 8
    assert {str(name).casefold() for name in table["feature"]} == {"sso", "export"}
    of_sso = table[table["feature"].str.casefold() == "sso"]
    assert of_sso[["functional", "dysfunctional"]].drop_duplicates().to_numpy().tolist() == [[1, 5]]
    assert len(found.left_out) == 1


@pytest.mark.parametrize(
    ("questions", "yes", "no"),
    [
        (("Would you buy at $9?", "Would you buy at $19?", "Would you buy at $29.50?"), "Yes", "No"),
        (("Kauf bei 9 €", "Kauf bei 19 €", "Kauf bei 29,50 €"), "1", "0"),
    ],
)
def test_one_question_at_several_prices_is_a_ladder(
    tmp_path: Path, questions: tuple[str, ...], yes: str, no: str
) -> None:
    """A column for each price, from the answers of three people; who was not asked further is blank."""
    rows = [("101", yes, no, ""), ("102", yes, yes, no), ("103", yes, yes, yes)]
    pd.DataFrame(rows, columns=["Respondent ID", *questions]).to_csv(tmp_path / "prices.csv", index=False)
    ladder = bring_in(tmp_path).tables["survey_price_ladder"]
    assert ladder.groupby("price")["accepted"].sum().to_dict() == {9: 3, 19: 2, 29.5: 1}
    assert ladder["accepted"].isna().sum() == 1


@pytest.mark.parametrize("as_number", [False, True])
def test_the_best_and_the_worst_of_a_row_of_features(tmp_path: Path, *, as_number: bool) -> None:
    """Each row is a task with what was shown; the answers name a feature, or the place it stood at."""
    shown = [("SSO", "Export", "Audit"), ("API", "SSO", "Export"), ("SSO", "API", "Audit")]
    picked = [("SSO", "Audit"), ("SSO", "API"), ("API", "SSO")]
    rows = [
        (who, task, *items, *((items.index(each) + 1 for each in answer) if as_number else answer))
        for who in (1, 2) for task, (items, answer) in enumerate(zip(shown, picked, strict=True), start=1)
    ]  # fmt: skip
    names = ["respid", "task", "item1", "item2", "item3", "best", "worst"]
    pd.DataFrame(rows, columns=names).to_csv(tmp_path / "maxdiff.csv", index=False)
    found = bring_in(tmp_path).tables["survey_best_worst"]
    counted = pd.crosstab(found["feature"], found["choice"])
    assert counted["best"].to_dict() == {"API": 2, "Audit": 0, "Export": 0, "SSO": 4}
    assert counted["worst"].to_dict() == {"API": 2, "Audit": 2, "Export": 0, "SSO": 2}


@pytest.mark.parametrize(
    ("header", "with_", "without", "answers"),
    [
        ("Horodateur", "Si le produit a « {} », que dites-vous ?", "Si le produit n'a pas « {} », que dites-vous ?",
         ("J\u2019aime", "Je n'aime pas")),
        ("Tijdstempel", "Hoe vind je het als “{}” er is?", "Hoe vind je het als “{}” er niet is?",
         ("Vind ik leuk", "Vind ik niet leuk")),
        ("Marca temporal", "Si el producto tiene [{}]", "Si el producto no tiene [{}]", ("Me gusta", "No me gusta")),
    ],
)  # fmt: skip
def test_feelings_in_other_languages(
    tmp_path: Path, header: str, with_: str, without: str, answers: tuple[str, str]
) -> None:
    """The words of a form of Google, its questions and its scale."""
    names = [header, *(side.format(feature) for feature in ("SSO", "Export") for side in (with_, without))]
    pd.DataFrame([("2024-05-01 10:00", *answers, *answers)] * 3, columns=names).to_csv(tmp_path / "f.csv", index=False)
    found = bring_in(tmp_path).tables["survey_feature_fit"]
    assert found.groupby("feature")[["functional", "dysfunctional"]].sum().to_numpy().tolist() == [[3, 15], [3, 15]]


def test_price_questions_in_other_languages(tmp_path: Path) -> None:
    """The four questions in Dutch, with the currency before the numbers."""
    questions = [
        "Bij welke prijs is het zo goedkoop dat je twijfelt aan de kwaliteit?", "Bij welke prijs is het een koopje?",
        "Bij welke prijs wordt het duur?", "Bij welke prijs is het te duur?",
    ]  # fmt: skip
    rows = [("2024-05-01 10:00", "€ 5", "€ 10", "€ 20", "€ 30"), ("2024-05-01 11:00", "€ 6", "€ 12", "€ 25,50", "€ 35")]
    pd.DataFrame(rows, columns=["Tijdstempel", *questions]).to_csv(tmp_path / "Antwoorden.csv", index=False)
    found = bring_in(tmp_path).tables["survey_price_sensitivity"]
    names = ["too_cheap", "cheap", "expensive", "too_expensive"]
    assert found[names].to_numpy().tolist() == [[5, 10, 20, 30], [6, 12, 25.5, 35]]


# --- Other tools, and a second header row that names nobody

FINISHED = "2025-01-02,2025-01-02"


TWO_ROWS = (
    "StartDate,EndDate,Finished,ResponseId,Q9_1,Q9_2,Q9_3,Q9_4\n"
    f"Start Date,End Date,Finished,Response ID,{PRICES}\n"
    f"{FINISHED},1,R_1,10,20,30,40\n{FINISHED},0,R_2,10,,,\n"
)
A_PART_BELOW = (
    f"Respondent ID,Collector ID,Start Date,End Date,{PRICES}\n,,,,{','.join(['Open-Ended Response'] * 4)}\n"
    f"118,4,{FINISHED},10,20,30,40\n"
)
OFFICE_FORMS = f"ID,Start time,Completion time,Email,Name,{PRICES}\n7,{FINISHED},anonymous,,10,20,30,40\n"
SUBMITTED_OR_NOT = (
    f"Response ID,Date submitted,Last page,Start language,Seed,{PRICES}\n"
    "4,2025-01-02,4,en,1,10,20,30,40\n5,,2,en,1,10,,,\n"
)


@pytest.mark.parametrize(
    ("text", "kept", "gone"),
    [(TWO_ROWS, "R_1", 1), (A_PART_BELOW, "118", 0), (OFFICE_FORMS, "7", 0), (SUBMITTED_OR_NOT, "4", 1)],
)
def test_answers_of_further_tools(tmp_path: Path, text: str, kept: str, gone: int) -> None:
    """Each has its own columns about an answer, and its own way to say who did not finish."""
    (tmp_path / "export.csv").write_text(text, encoding="utf-8")
    found, said = answers(tmp_path)
    assert found[["respondent", *ROLES]].to_numpy().tolist() == [[kept, 10, 20, 30, 40]]
    assert len(said) == gone


def test_a_question_about_several_things_has_its_parts_in_the_row_below(tmp_path: Path) -> None:
    """Its header stands once, above the first of them."""
    text = (
        "Respondent ID,Collector ID,How would you feel if it had this?,,How would you feel if it did not have this?,\n"
        ",,SSO,Audit,SSO,Audit\n1,4,I like it,I am neutral,I dislike it,I am neutral\n"
    )
    (tmp_path / "k.csv").write_text(text)
    found = bring_in(tmp_path).tables["survey_feature_fit"]
    assert found[["feature", "functional", "dysfunctional"]].to_numpy().tolist() == [["SSO", 1, 5], ["Audit", 3, 3]]


@pytest.mark.parametrize(
    "text",
    [
        "respondent,task,feature,best,worst\nA,1,x,1,0\nA,1,y,0,0\nA,1,z,0,1\n",
        "pid,block,issue,value\nA,1,x,1\nA,1,y,0\nA,1,z,-1\n",
    ],
)
def test_best_and_worst_as_columns_and_as_packages_of_r_write_them(tmp_path: Path, text: str) -> None:
    """A mark in either column, or 1, 0 and -1 as a value."""
    (tmp_path / "bw.csv").write_text(text)
    table = bring_in(tmp_path).tables["survey_best_worst"]
    assert table[["feature", "choice"]].to_numpy().tolist() == [["x", "best"], ["y", "none"], ["z", "worst"]]


SETS = [["SSO", "Audit", "Vault"], ["Audit", "Vault", "Logs"], ["SSO", "Vault", "Logs"], ["SSO", "Audit", "Logs"]]
PICKED = {"7": [("SSO", "Vault"), ("Logs", "Audit"), ("SSO", "Vault"), ("SSO", "Audit")],
          "8": [("Audit", "SSO"), ("Audit", "Logs"), ("Logs", "Vault"), ("Audit", "SSO")]}  # fmt: skip
NUMBER = {feature: n for n, feature in enumerate(["SSO", "Audit", "Vault", "Logs"], 1)}


def picked_rows(how: str) -> pd.DataFrame:
    """Return a row per person, with what was best and worst by its place in the set, its number or its name."""
    tell = {
        "place": lambda q, each: SETS[q].index(each) + 1,
        "number": lambda _, each: NUMBER[each],
        "name": lambda _, each: each,
    }
    rows = [
        [who, *(tell[how](q, each) for q, pair in enumerate(pairs) for each in pair), 44]
        for who, pairs in PICKED.items()
    ]
    return pd.DataFrame(rows, columns=["id", *(f"{side}{q}" for q in (1, 2, 3, 4) for side in "bw"), "age"])


def pairs_that_could_be_chosen(model: str) -> pd.DataFrame:
    """Return what the package makes of them: a row per pair of a set, or a row for each that could be best or worst."""
    rows = []
    for who, pairs in PICKED.items():
        for q, (best, worst) in enumerate(pairs):
            of = [(b, w) for b in SETS[q] for w in SETS[q] if b != w]
            if model == "marginal":
                of = [(b, None) for b in SETS[q]] + [(None, w) for w in SETS[q]]
            for n, (b, w) in enumerate(of, 1):
                is_it = (b, w) == (best, worst) if b and w else (b == best if b else w == worst)
                item = {each: int(each == b) - int(each == w) for each in NUMBER}
                rows.append(
                    {"ID": who, "Q": q + 1, "PAIR": n, "RES": str(is_it).upper(), **item, "STR": int(who) * 100 + q}
                )
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("how", "are_named"),
    [("place", True), ("place", False), ("number", False), ("name", True), ("maxdiff", True), ("marginal", True)],
)
def test_best_and_worst_as_support_bws_has_them(tmp_path: Path, how: str, *, are_named: bool) -> None:
    """A person a row beside the sets that were shown, or the pairs the package makes of both: the same choices."""
    if how in ("maxdiff", "marginal"):
        pairs_that_could_be_chosen(how).to_csv(tmp_path / "md.data.csv")
    else:
        picked_rows(how).to_csv(tmp_path / "responses.csv")
        sets = SETS if are_named else [[NUMBER[each] for each in of] for of in SETS]
        pd.DataFrame(sets, columns=["V1", "V2", "V3"]).to_csv(tmp_path / "sets.csv")
    found = bring_in(tmp_path)
    assert {*found.tables} == {"accounts", "survey_best_worst"}
    assert len(found.tables["accounts"]) == 0
    table = found.tables["survey_best_worst"]
    assert len(table) == len(PICKED) * len(SETS) * 3
    called = {f"ITEM{n}": feature for feature, n in NUMBER.items()}
    chosen = table[table["choice"] != "none"].assign(feature=table["feature"].replace(called))
    told = {(r.respondent, int(r.task), r.choice): r.feature for r in chosen.itertuples()}
    assert told == {(who, q + 1, word): each for who, pairs in PICKED.items() for q, pair in enumerate(pairs)
                    for word, each in zip(("best", "worst"), pair, strict=True)}  # fmt: skip
