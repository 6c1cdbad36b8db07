"""A mapping is confirmed once, kept as a file people can edit, and holds for the next export."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.customers.intake import Answer, ImportMap, MappingError, RevenueRules, TableMap, map_frame, map_tables
from workbench.customers.raw_tables import RawTable, raw_frame

PAID = pd.DataFrame({"Kunde": ["A", "B"], "Monat": ["01/2024", "01/2024"], "Umsatz": ["9,50", "20,00"]})


def raw(frame: pd.DataFrame, file: str = "x.csv") -> RawTable:
    """Return a table as a file gives it."""
    return raw_frame(file, frame)


def test_yours_ours_three_values_and_what_is_not_used_is_shown() -> None:
    """Every column stands in a line, the unused ones too."""
    mapping, _ = map_tables([raw(PAID.assign(Farbe=["rot", "grün"]))])
    lines = mapping.columns_frame().set_index("Yours")
    assert list(lines["Ours"]) == ["account_id", "month", "amount", ""]
    assert list(lines["Values"]) == ["A, B", "01/2024", "9,50, 20,00", "rot, grün"]
    assert list(lines["Open"]) == ["to confirm"] * 4


def test_a_confirmed_mapping_needs_no_question_the_next_month() -> None:
    """The same columns in another order, with other rows, go in by the file that was kept."""
    confirmed = map_tables([raw(PAID)])[0].confirmed()
    kept = ImportMap.read(confirmed.text())
    later = pd.DataFrame({"Umsatz": ["7"], "Kunde": ["C"], "Monat": ["02/2024"]})
    mapping, _ = map_tables([raw(later, "other name.csv")], kept)
    assert mapping.questions == ()
    assert mapping.tables[0].table == Answer("mrr", why="")


def test_a_new_column_is_asked_about_and_the_others_stay() -> None:
    """Next month's export has a column more."""
    kept = map_tables([raw(PAID)])[0].confirmed()
    mapping, _ = map_tables([raw(PAID.assign(Währung="EUR"))], kept)
    assert mapping.questions == (("x.csv (in memory)", "Währung", "currency"),)


def test_a_column_that_is_gone_is_asked_about() -> None:
    """Nothing is read by a column that is no longer there, in silence."""
    wide = PAID.assign(Währung="EUR", Tarif="Team")
    kept = map_tables([raw(wide)])[0].confirmed()
    mapping, _ = map_tables([raw(wide.drop(columns="Währung"))], kept)
    assert [line[1:] for line in mapping.questions] == [("table", "mrr"), ("missing", "Währung")]


def test_a_table_that_does_not_come_one_month_is_known_the_next() -> None:
    """What was confirmed is not forgotten, and nothing is kept twice."""
    kept = map_tables([raw(PAID), raw(pd.DataFrame({"Kunde": ["A"], "Branche": ["Bau"]}), "k.csv")])[0].confirmed()
    fewer = map_tables([raw(PAID.assign(Währung="EUR"))], kept)[0].confirmed().with_absent(kept)
    assert [table.header for table in fewer.tables] == [("Kunde", "Monat", "Umsatz", "Währung"), ("Kunde", "Branche")]
    assert map_tables([raw(pd.DataFrame({"Kunde": ["B"], "Branche": ["Bau"]}))], fewer)[0].questions == ()


def test_months_in_the_header_are_others_each_time() -> None:
    """A wide table with one more month is the same kind of table."""
    wide = pd.DataFrame({"Customer": ["A", "B"], "Jan 2024": ["9.5", "20"], "Feb 2024": ["9", "20"]})
    kept = map_tables([raw(wide)])[0].confirmed()
    mapping, _ = map_tables([raw(wide.assign(**{"Mar 2024": ["1", "2"]}))], kept)
    assert mapping.questions == ()
    assert mapping.tables[0].columns["Mar 2024"].value == "by month"


def test_one_file_a_month_is_one_kind_of_table() -> None:
    """Twelve files with the same columns are mapped once."""
    mapping, groups = map_tables([raw(PAID, f"2024-{month:02}.csv") for month in range(1, 13)])
    assert (len(mapping.tables), len(groups[0])) == (1, 12)
    assert mapping.tables[0].file == "2024-01.csv (in memory) and 11 files like it"


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=12), st.sampled_from(["not used", "account_id", "month", "amount"]), min_size=1
    ),
    st.booleans(),
)
def test_a_mapping_reads_back_as_it_was_written(columns: dict[str, str], sure: bool) -> None:
    """Whatever a header is called, with quotes, dots, line breaks or signs."""
    answers = {name: Answer(value, sure) for name, value in columns.items()}
    table = TableMap("a.csv", tuple(columns), "Some: export", Answer("mrr", sure), answers, {"money": Answer("cents")})
    again = ImportMap.read(ImportMap((table,)).text()).tables[0]
    assert (again.columns, again.options, again.table) == (answers, {"money": Answer("cents")}, Answer("mrr", sure))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('read_as = "mrrr"', "'mrrr' is no table"),
        ('read_as = "mrr"\n[table.columns]\nKunde = "acount"', "'Kunde' is read as 'acount'"),
        ('read_as = "mrr"\n[table.columns]\nA = "month"\nB = "month"', "'A' and 'B' are both read as month"),
        ('read_as = "mrr"\noptions.money = "cent"', "options.money is 'cent'"),
        ("read_as = ", "cannot be read"),
    ],
)
def test_a_line_that_means_nothing_is_refused_in_words(line: str, told: str) -> None:
    """What was edited by hand is held against what there is."""
    with pytest.raises(MappingError, match=told):
        ImportMap.read(f'version = 1\n[[table]]\nfile = "a.csv"\n{line}\n')


def test_why_a_line_is_asked_about_stands_there_until_it_is_answered() -> None:
    """A second look at the same export says what the first one said."""
    whole = PAID.assign(Umsatz=["9", "20"])
    first = map_tables([raw(whole)])[0]
    again = map_tables([raw(whole)], ImportMap.read(first.text()))[0]
    assert again.tables[0].options["money"].why == "no amount has decimals: units or cents?"


def test_columns_hold_what_they_must() -> None:
    """A header is not believed where its cells hold something else."""
    found = map_frame(pd.DataFrame({"Kunde": ["A", "B"], "Monat": ["soon", "later"], "Betrag": ["1", "2"]}))
    assert found.columns["Monat"].value != "month"


def test_one_line_is_answered_and_what_it_takes_from_another_is_asked_about() -> None:
    """Only one column can be the amount; read as another table, every column is looked at anew."""
    table = raw(PAID.assign(Netto=["8,50", "18,00"]))
    first = map_tables([table])[0]
    file = first.tables[0].file
    wanted = first.answered(file, "Netto", "amount")
    assert wanted.tables[0].columns["Netto"] == Answer("amount")
    assert wanted.tables[0].columns["Umsatz"] == Answer("not used", sure=False)
    again = map_tables([table], first.answered(file, "table", "usage"))[0].tables[0]
    assert (again.table, again.columns["Kunde"].value) == (Answer("usage"), "account_id")
    assert not again.columns["Kunde"].sure
    assert map_tables([table], first.answered(file, "table", "not used"))[0].questions == ()
    assert first.answered("", "total rows", "keep").settings["total rows"].sure


def test_the_rules_of_revenue_stand_in_the_mapping_file() -> None:
    """They are read again, and one that cannot be is refused with its place."""
    kept = ImportMap((), rules=RevenueRules(weeks="4", usage=True))
    assert 'weeks = "4"' in kept.text()
    assert ImportMap.read(kept.text()) == kept
    with pytest.raises(MappingError, match=r"mapping\.toml, rules: The rule churn is 'soon'"):
        ImportMap.read('version = 1\n[rules]\nchurn = "soon"')
