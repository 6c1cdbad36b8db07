"""Survey answers as survey tools and packages write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from workbench.customers.intake import bring_in

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

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
