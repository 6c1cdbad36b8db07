"""Exports of other countries and other habits, whose truth was planted: each goes in rightly or is asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.customers.intake import bring_in
from workbench.errors import DataErrors

if TYPE_CHECKING:
    from pathlib import Path


def asked(folder: Path) -> dict[str, str]:
    """Return what is asked about a folder as a whole, with what is suggested."""
    return {line: value for file, line, value in bring_in(folder).mapping.questions if not file}


def written(rows: list[tuple[object, ...]], columns: list[str], path: Path, **how: object) -> None:
    """Write rows as somebody's export."""
    pd.DataFrame(rows, columns=columns).to_csv(path, **{"index": False, **how})


MONTHS = pd.date_range("2024-01-01", "2024-06-01", freq="MS")


def by_month(folder: Path, **how: str) -> dict[str, float]:
    """Return what all pay in each month, every suggestion taken."""
    mrr = bring_in(folder, **how).tables["mrr"]
    return mrr.groupby(mrr["month"].dt.strftime("%Y-%m"))["amount"].sum().round(2).to_dict()


def test_polish_revenue_of_another_encoding(folder: Path) -> None:
    """Tabs, UTF-16, a space between thousands, a decimal comma and the currency behind it."""
    rows = [(f"K-{n}", f"Firma Łódź {n}", f"{month:%d.%m.%Y}", f"{n} 234,5{n} zł") for month in MONTHS for n in (1, 2)]
    names = ["Nr klienta", "Nazwa klienta", "Miesiąc", "Przychód"]
    written(rows, names, folder / "raport.txt", sep="\t", encoding="utf-16")
    assert by_month(folder) == {f"{month:%Y-%m}": 3469.03 for month in MONTHS}
    found = bring_in(folder).tables
    assert found["mrr"]["currency"].unique().tolist() == ["PLN"]
    assert found["accounts"]["name"].tolist() == ["Firma Łódź 1", "Firma Łódź 2"]


def test_a_total_of_totals_is_no_customer(folder: Path) -> None:
    """Each region has its sum in one word, and the sum of the sums is another word."""
    rows = [
        ("Noord 1", 10),
        ("Noord 2", 20),
        ("Subtotaal Noord", 30),
        ("Zuid 1", 5),
        ("Zuid 2", 8),
        ("Subtotaal Zuid", 13),
    ]
    rows = [(who, *[amount] * 4) for who, amount in (*rows, ("Eindtotaal", 43))]
    written(rows, ["Klant", "jan-24", "feb-24", "mrt-24", "apr-24"], folder / "omzet.csv", sep=";")
    assert set(by_month(folder).values()) == {43}
    assert sorted(bring_in(folder).tables["accounts"]["account_id"]) == ["Noord 1", "Noord 2", "Zuid 1", "Zuid 2"]


def test_the_dates_of_one_column_settle_those_of_another(folder: Path) -> None:
    """Lines of French invoices begin on the first of a month, and only their ends say what comes first."""
    rows = [
        (f"F{n}", "C1", f"{month:%d/%m/%Y}", f"{month + pd.offsets.MonthEnd(0):%d/%m/%Y}", "1 100,00 €")
        for n, month in enumerate(MONTHS)
    ]
    names = ["N° facture", "Code client", "Début de période", "Fin de période", "Montant HT"]
    written(rows, names, folder / "factures.csv", sep=";", encoding="cp1252")
    assert by_month(folder) == {f"{month:%Y-%m}": 1100 for month in MONTHS}
    plain = pd.DataFrame(
        {"account_id": ["A"], "start": ["03/04/2024"], "end": ["31/12/2024"], "amount": [9], "period": "month"}
    )
    base = CustomerBase.from_tables({"accounts": pd.DataFrame({"account_id": ["A"]}), "subscriptions": plain})
    assert str(base.subscriptions["start"][0])[:10] == "2024-04-03"


@pytest.mark.parametrize(
    ("dates", "likely"),
    [
        (("03/04/2024", "05/06/2024"), "day"),
        (("01/04/2024", "01/06/2024"), "day"),
        (("04/01/2024", "06/01/2024"), "month"),
    ],
)
def test_dates_that_nothing_settles_are_a_question_with_two_answers(
    folder: Path, dates: tuple[str, str], likely: str
) -> None:
    """What a file of others would read as another day is asked about; many firsts of a month make an answer likely."""
    rows = [(who, "x", date, 10, "month") for who, date in zip("AB", dates, strict=True)]
    written(rows, ["customer", "plan", "start date", "price", "interval"], folder / "s.csv")
    key = "dates in s.csv"
    assert asked(folder)[key] == f"the {likely} comes first"
    parts = [date.split("/") for date in dates]
    for order, month in (("day", 1), ("month", 0)):
        said = bring_in(folder).mapping.answered("", key, f"the {order} comes first")
        starts = bring_in(folder, said).tables["subscriptions"]["start"]
        assert [f"{start:%m}" for start in starts] == [part[month] for part in parts]


@pytest.mark.parametrize(
    ("header", "times"), [("Netto (T€)", 1000), ("MRR kUSD", 1000), ("Umsatz Mio. EUR", 1e6), ("Wert", 1)]
)
def test_amounts_in_thousands_by_their_header_are_asked_about(folder: Path, header: str, times: float) -> None:
    """They have decimals and are no units; the screen asks, and suggests what the header says."""
    written(
        [(who, "2024-01", amount) for who, amount in (("A", 1.5), ("B", 2.25))],
        ["Kunde", "Monat", header],
        folder / "u.csv",
    )
    option = bring_in(folder).mapping.tables[0].options["money"]
    assert (option.value, option.sure) == ({1: "units", 1000: "thousands", 1e6: "millions"}[times], times == 1)
    assert by_month(folder) == {"2024-01": 3.75 * times}


def test_thousands_in_the_name_of_a_file_with_a_column_per_month_are_asked_about(folder: Path) -> None:
    """Its headers are months and say nothing."""
    written([("A", 1.5, 2.5), ("B", 1, 1)], ["Kunde", "2024-01", "2024-02"], folder / "Umsatz in T€.csv")
    assert by_month(folder) == {"2024-01": 2500, "2024-02": 3500}


def test_movements_in_another_language_are_movements(folder: Path) -> None:
    """Amounts below zero on any day of a month are changes, and no revenue of that month."""
    rows = [("Z1", "05.01.2024", 100), ("Z1", "10.03.2024", 50), ("Z2", "01.02.2024", 80), ("Z2", "20.05.2024", -80)]
    written(rows, ["Zákazník", "Datum", "MRR změna"], folder / "pohyby.csv", sep=";", encoding="utf-8-sig")
    assert by_month(folder) == {"2024-01": 100, "2024-02": 180, "2024-03": 230, "2024-04": 230, "2024-05": 150}


@pytest.mark.parametrize(
    ("monthly", "yearly"),
    [("ayl\u0131k", "y\u0131ll\u0131k"), ("miesięcznie", "rocznie"), ("mensal", "anual"), ("månad", "år")],
)
def test_periods_of_other_languages_are_read_and_what_is_none_is_a_problem(
    folder: Path, monthly: str, yearly: str
) -> None:
    """A period nobody reads would take the whole subscription out of revenue."""
    names = ["Kunde", "Produkt", "Beginn", "Betrag", "Zahlungsweise"]
    rows = [("T1", "A", "15.01.2024", "1.200,00", monthly), ("T2", "B", "01.02.2024", "14.400,00", yearly)]
    written(rows, names, folder / "abo.csv", sep=";")
    assert by_month(folder) == {"2024-01": 1200, "2024-02": 2400}
    written([*rows, ("T3", "B", "01.02.2024", "9,00", "bei Vollmond")], names, folder / "abo.csv", sep=";")
    (problem,) = bring_in(folder).problems
    assert (problem.file, problem.rows, problem.column, problem.value) == ("abo.csv", (4,), "period", "bei Vollmond")
    tables = {"accounts": pd.DataFrame({"account_id": ["A"]}), "subscriptions": pd.DataFrame(
        {"account_id": ["A"], "start": ["2024-01-01"], "amount": [9], "period": ["now and then"]})}  # fmt: skip
    with pytest.raises(DataErrors, match="how long one amount pays for"):
        CustomerBase.from_tables(tables)


def test_dots_that_can_part_thousands_are_a_question(folder: Path) -> None:
    """All have three digits behind the dot and some end in 0, so thousands are likelier than quarters."""
    rows = [
        (f"A{n}", f"2024-0{month}", "calls", text)
        for n, text in enumerate(("1.250", "2.500", "12.755"))
        for month in (1, 2, 3)
    ]
    written(rows, ["account_id", "month", "metric", "quantity"], folder / "a.csv")
    assert asked(folder)["dot in a.csv"] == "parts thousands"
    assert bring_in(folder).tables["usage"]["quantity"].max() == 12755
    said = bring_in(folder).mapping.answered("", "dot in a.csv", "parts decimals")
    assert bring_in(folder, said).tables["usage"]["quantity"].max() == 12.755
