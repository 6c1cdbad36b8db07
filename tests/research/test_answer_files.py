"""Answer files of many respondents become one table, with every problem of every file listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.errors import DataErrors
from workbench.research import ResearchError, combine_answers

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "respondent,account_id,segment,version,price,accepted\r\n"


def put(folder: Path, name: str, *rows: str, header: str = HEADER) -> Path:
    """Write an answer file."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(header + "".join(f"{row}\r\n" for row in rows), encoding="utf-8")
    return file


def test_files_of_several_methods_become_one_table_each(tmp_path: Path) -> None:
    """Rows of all files stand together by method, what nobody filled in is left out, and a customer base loads them."""
    answers = tmp_path / "answers"
    put(answers, "survey_price_ladder-R1.csv", "R1,,small,1,10,1", "R1,,small,1,20,0", "R1,,small,1,40,")
    put(answers / "second wave", "survey_price_ladder-R2.csv", "R2,,large,1,10,0", "R2,,large,1,20,", "R2,,large,1,40,")
    put(
        answers,
        "survey_feature_fit-R1.csv",
        "R1,small,1,Maps,2,5",
        header="respondent,segment,version,feature,functional,dysfunctional\r\n",
    )
    put(answers, "notes.txt", header="")
    found = combine_answers(answers)
    assert found.respondents == {"survey_feature_fit": 1, "survey_price_ladder": 2}
    assert (found.files, found.ignored) == (3, ("notes.txt",))
    ladder = found.tables["survey_price_ladder"]
    assert list(ladder) == ["respondent", "segment", "version", "price", "accepted"]
    assert len(ladder) == 6
    data = tmp_path / "data"
    assert [path.name for path in found.save(data)] == ["survey_feature_fit.csv", "survey_price_ladder.csv"]
    pd.DataFrame({"account_id": ["A1"]}).to_csv(data / "accounts.csv", index=False)
    pd.DataFrame({"account_id": ["A1"], "month": ["2024-01"], "amount": [10]}).to_csv(data / "mrr.csv", index=False)
    loaded = CustomerBase.load(data).survey_price_ladder
    assert loaded["accepted"].isna().sum() == 3
    assert loaded.groupby("respondent")["segment"].unique().map(list).to_dict() == {"R1": ["small"], "R2": ["large"]}


def test_copies_count_once(tmp_path: Path) -> None:
    """A file a browser saved twice is read once and named."""
    for name in ("survey_price_ladder-R1.csv", "survey_price_ladder-R1 (1).csv"):
        put(tmp_path, name, "R1,,small,1,10,1", "R1,,small,1,20,0")
    found = combine_answers(tmp_path)
    assert found.repeated == ("survey_price_ladder-R1.csv",)
    assert len(found.tables["survey_price_ladder"]) == 2


def test_a_respondent_with_two_answers_and_broken_cells_are_listed(tmp_path: Path) -> None:
    """Different answers of one respondent, and cells that cannot be read, are all named with their files."""
    put(tmp_path, "survey_price_ladder-R1.csv", "R1,,small,1,10,1")
    put(tmp_path, "survey_price_ladder-R1 (1).csv", "R1,,small,1,10,0")
    put(tmp_path, "survey_price_ladder-R2.csv", "R2,,small,1,ten,1", "R2,,small,1,20,maybe")
    with pytest.raises(DataErrors) as caught:
        combine_answers(tmp_path)
    found = {(each.file, each.column) for each in caught.value.problems}
    assert ("survey_price_ladder-R2.csv", "price") in found
    assert ("survey_price_ladder-R2.csv", "accepted") in found
    assert any(column == "respondent" for _, column in found)


def test_attributes_of_choices_come_through(tmp_path: Path) -> None:
    """Columns of a choice study's own attributes are kept, numbers as numbers and words as words."""
    header = "respondent,version,task,alternative,chosen,price,gb,support,none\r\n"
    for who in ("C1", "C2"):
        put(
            tmp_path,
            f"survey_choice-{who}.csv",
            f"{who},1,1,1,1,49,250,mail,0",
            f"{who},1,1,2,0,99,500,phone,0",
            f"{who},1,1,3,0,0,0,,1",
            header=header,
        )
    table = combine_answers(tmp_path).tables["survey_choice"]
    assert table["gb"].tolist() == [250, 500, 0] * 2
    assert table["support"].dropna().tolist() == ["mail", "phone"] * 2
    assert table["none"].sum() == 2


def test_answers_to_different_questionnaires_are_told_apart(tmp_path: Path) -> None:
    """Versions of one questionnaire belong together; those of two are named with their respondents."""
    put(tmp_path, "survey_price_ladder-R1.csv", "R1,,small,3fa2b1-1,10,1")
    put(tmp_path, "survey_price_ladder-R2.csv", "R2,,small,3fa2b1-2,10,1")
    assert not combine_answers(tmp_path).cautions
    put(tmp_path, "survey_price_ladder-R3.csv", "R3,,small,99cc00-1,10,0")
    (caution,) = combine_answers(tmp_path).cautions
    assert "3fa2b1 (2 respondents), 99cc00 (1 respondent)" in caution.text


def test_a_folder_without_answers_is_refused(tmp_path: Path) -> None:
    """No folder, and a folder without answer files, are refused with what to do."""
    with pytest.raises(ResearchError, match="no folder"):
        combine_answers(tmp_path / "nowhere")
    with pytest.raises(ResearchError, match="no answer file"):
        combine_answers(tmp_path)
