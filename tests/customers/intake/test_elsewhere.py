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


# --- What a whole table says, in other words, languages and files


def table(folder: Path, name: str, text: str) -> None:
    """Write a table as its text stands."""
    (folder / name).write_text(text, encoding="utf-8")


def test_dots_that_part_thousands_by_what_stands_beside_them_are_told(folder: Path) -> None:
    """950 beside 12.400 settles it; the import says so and can be told otherwise, and so does the check."""
    table(folder, "mrr.csv", "account_id;month;amount\nA;2024-01;950\nA;2024-02;12.400\n")
    table(folder, "accounts.csv", "account_id;name\nA;Acme\n")
    found = bring_in(folder)
    answer = found.mapping.settings["dot in mrr.csv"]
    assert answer.sure
    assert "12.400" in answer.why
    assert found.tables["mrr"]["amount"].tolist() == [950, 12_400]
    otherwise = found.mapping.answered("", "dot in mrr.csv", "parts decimals")
    assert bring_in(folder, otherwise).tables["mrr"]["amount"].tolist() == [950, 12.4]
    assert ["12.400" in each.found for each in CustomerBase.load(folder).findings] == [True]


def test_a_comma_that_is_certain_leaves_nothing_to_tell(folder: Path) -> None:
    """9,50 in the column says what the dot is."""
    table(folder, "mrr.csv", "account_id;month;amount\nA;2024-01;950,50\nA;2024-02;12.400\n")
    table(folder, "accounts.csv", "account_id;name\nA;Acme\n")
    assert not bring_in(folder).mapping.settings
    assert not CustomerBase.load(folder).findings


def test_flags_are_told_as_flags(folder: Path) -> None:
    """A table of who has what says so at the check; a log of uses does not."""
    table(folder, "accounts.csv", "account_id,plan\nA,x\nB,x\n")
    table(folder, "mrr.csv", "account_id,month,amount\nA,2024-01,9\nB,2024-01,9\n")
    head = "account_id,week,feature,uses\n"
    table(folder, "feature_use.csv", f"{head}A,2024-01-01,SSO,1\nB,2024-01-01,SSO,1\n")
    assert ["who has which feature" in each.remedy for each in CustomerBase.load(folder).findings] == [True]
    table(folder, "feature_use.csv", f"{head}A,2024-01-01,SSO,7\nB,2024-01-01,SSO,1\n")
    assert not CustomerBase.load(folder).findings


def test_a_matrix_of_features_with_a_total_is_who_has_which(folder: Path) -> None:
    """The sum of ones and zeros is neither yes nor no; it is asked about as a total."""
    table(folder, "m.tsv", "Compte\tSSO\tAPI\tExport\nA\t1\t0\t1\nB\t1\t1\t0\nC\t1\t0\t0\nTotal\t3\t1\t1\n")
    table(folder, "mrr.csv", "account_id,month,amount\nA,2024-01,9\nB,2024-01,9\nC,2024-01,8\n")
    found = bring_in(folder)
    assert found.problems == ()
    assert asked(folder) == {"total rows": "leave out"}
    has = found.tables["feature_use"].groupby("feature")["account_id"].agg(list)
    assert has.to_dict() == {"SSO": ["A", "B", "C"], "API": ["B"], "Export": ["A"]}


@pytest.mark.parametrize("cell", ["#NV", "#BEZUG!", "#N/D", "#¡REF!", "#VERW!", "Err:502"])
def test_cells_no_spreadsheet_could_work_out_in_any_language(folder: Path, cell: str) -> None:
    """Their column keeps what it is, and a row that says nothing without one is left out once that is confirmed."""
    table(folder, "x.csv", f"Kunde;Monat;Umsatz\nA;2024-01;9,50\nB;2024-01;{cell}\nC;2024-01;8,00\n")
    found = bring_in(folder)
    assert asked(folder) == {"error cells of x.csv": "leave their rows out"}
    assert found.tables["mrr"]["amount"].tolist() == [9.5, 8]
    assert found.left_out["who"].tolist() == ["B"]
    kept = found.mapping.answered("", "error cells of x.csv", "keep")
    assert bring_in(folder, kept).tables["mrr"]["amount"].isna().tolist() == [False, True, False]


def test_a_unit_that_changes_with_the_spelling_is_found_once_they_are_one(folder: Path) -> None:
    """Gb until March and GB in megabytes from April: one question for the name, and one for the unit."""
    rows = [
        f"{who};2024-0{month};{'Gb' if month < 4 else 'GB'};{size * (1 if month < 4 else 1000)}"
        for month in range(1, 7) for who, size in (("A", 10), ("B", 20), ("C", 30))
    ]  # fmt: skip
    table(folder, "u.csv", "\n".join(["Client;Mois;Mesure;Quantité", *rows]))
    table(folder, "m.csv", "Client;Mois;Montant\nA;2024-01;9,50\nB;2024-01;9,50\nC;2024-01;9,50\n")
    assert asked(folder) == {"metrics spelt in two ways": "join", "unit of Gb": "as since then"}
    used = bring_in(folder).tables["usage"]
    assert len(set(used["metric"])) == 1
    assert used.groupby("month")["quantity"].sum().tolist() == [60_000] * 6


@pytest.mark.parametrize(
    ("word", "code"),
    [("Schweizer Franken", "CHF"), ("svenska kronor", "SEK"), ("złoty polski", "PLN"), ("libra esterlina", "GBP")],
)
def test_currencies_by_their_names_in_other_languages(folder: Path, word: str, code: str) -> None:
    """Two currencies in a column are never added up, whatever language names them."""
    table(folder, "x.csv", f"Kunde;Monat;Umsatz;Währung\nA;2024-01;9,50;Euro\nB;2024-01;8,00;{word}\n")
    found = bring_in(folder)
    assert [each.found for each in found.problems] == [f"EUR, {code}"]
    table(folder, "rates.csv", f"currency,from,rate\n{code},2024-01-01,2\n")
    assert bring_in(folder).tables["mrr"]["amount"].tolist() == [9.5, 16]


def test_a_column_of_currencies_nobody_knows_is_refused_and_not_left_out(folder: Path) -> None:
    """Left out, all amounts were added up as one currency."""
    table(folder, "x.csv", "Kunde;Monat;Umsatz;Währung\nA;2024-01;9,50;Taler\nB;2024-01;8,00;Gulden\n")
    assert {each.column for each in bring_in(folder).problems} == {"Währung"}


def test_how_often_is_paid_is_known_by_what_the_column_holds(folder: Path) -> None:
    """Yearly and monthly say it under any header."""
    table(
        folder, "v.csv",
        "Kundennr;Produkt;Vertragsbeginn;Preis;Rechnung\nA;Pro;01.01.2024;1200,00;jährlich\n"
        "B;Pro;01.01.2024;100,00;monatlich\n",
    )  # fmt: skip
    assert bring_in(folder).tables["mrr"]["amount"].tolist() == [100, 100]


@pytest.mark.parametrize("word", ["sur devis", "auf Anfrage", "Contact sales", "bajo petición"])
def test_a_price_on_request_is_no_price_and_its_column_stays_one(folder: Path, word: str) -> None:
    """Most of two prices is one; what is included of seats is of seats."""
    table(folder, "p.csv", f"Offre;Prix mensuel;Utilisateurs inclus\nEssentiel;49,00 €;5\nGrand;{word};\n")
    table(folder, "m.csv", "Client;Mois;Montant;Offre\nA;2024-01;49,00;Essentiel\nB;2024-01;990,50;Grand\n")
    found = bring_in(folder)
    plans = found.tables["plans"]
    assert plans["base_fee"].fillna(-1).tolist() == [49, -1]
    assert found.base("EUR").plans is not None
    assert plans["metric"].tolist() == ["seats", "seats"]


def test_months_nobody_can_read_are_no_rows_twice(folder: Path) -> None:
    """They are one problem, and no second one."""
    rows = "".join(f"A,Q{n} 2024,9.5\n" for n in range(1, 4))
    table(folder, "mrr.csv", f"account_id,month,amount\n{rows}")
    assert asked(folder) == {}


# --- Other letters, moments counted since 1970, and usage by month and metric

RUSSIAN = "Клиент;Месяц;Выручка;Тариф\nООО «Ромашка»;янв. 2024;1 200,50;Базовый\nЗАО Весна;февр. 2024;900,00;Базовый\n"
UKRAINIAN = "Клієнт;Місяць;Виручка\nТОВ «Їжак»;01.2024;1 200,50\nЄвген Ґалаґан;02.2024;900,00\n"
BULGARIAN = "Номер на клиент;Месец;Приход\nЕООД Слънце;01.2024;1200,50\nАД Щастие;02.2024;900,00\n"
GREEK = "Πελάτης;Μήνας;Έσοδα\nΑθήνα Α.Ε.;01.2024;1200,50\nΆλφα Ωμέγα;02.2024;900,00\n"
POLISH = "Klient;Miesiąc;Przychód\nUsługi Łódź;01.2024;1200,50\nŻółw;02.2024;900,00\n"
CZECH = "Zákazník;Měsíc;Tržby\nŠkoda Plzeň;01.2024;1200,50\nŘeznictví;02.2024;900,00\n"
DANISH = "Kunde;Måned;Beløb\nSøren Ærø;01.2024;1200,50\nCrème Škoda;02.2024;900,00\n"
ITALIAN = "Cliente;Mese;Importo\nLunedì è più;01.2024;1200,50\nCittà œuvre;02.2024;900,00\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *((BULGARIAN, each) for each in ("koi8-r", "cp866", "cp1251")), (RUSSIAN, "cp1251"), (UKRAINIAN, "cp1251"),
        (GREEK, "cp1253"), (POLISH, "cp1250"), (CZECH, "cp1250"), (DANISH, "cp1252"), (ITALIAN, "cp1252"),
    ],
)  # fmt: skip
def test_letters_of_an_encoding_nobody_names_are_those_that_make_words(folder: Path, text: str, encoding: str) -> None:
    """Its headers are known then, its months are read, and names are what they were."""
    (folder / "u.csv").write_bytes(text.encode(encoding))
    assert by_month(folder) == {"2024-01": 1200.5, "2024-02": 900}
    names = [line.split(";")[0] for line in text.splitlines()[1:]]
    assert sorted(bring_in(folder).tables["accounts"]["account_id"]) == sorted(names)


def test_letters_of_no_encoding_we_read_are_refused(folder: Path) -> None:
    """Chinese in an encoding of its own would be read as words of nothing."""
    (folder / "mrr.csv").write_bytes("account_id,month,amount\n北京科技有限公司,2024-01,5\n".encode("gbk"))
    (problem, *_) = bring_in(folder).problems
    assert "UTF-8" in str(problem)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Stockholm", "America/New_York"])
@pytest.mark.parametrize("parts", [1, 1_000, 1_000_000])
@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_months_counted_since_1970_are_months(folder: Path, zone: str, parts: int, kind: str) -> None:
    """In seconds or parts of them; east of Greenwich each begins on the evening before, which is asked about."""
    moments = [int(month.tz_localize(zone).timestamp()) * parts for month in MONTHS]
    rows = pd.DataFrame(
        [(1534567890 + n, at, 10.5) for at in moments for n in (1, 2)], columns=["Customer", "Period", "MRR"]
    )
    getattr(rows, {"csv": "to_csv", "xlsx": "to_excel", "parquet": "to_parquet"}[kind])(
        folder / f"m.{kind}", index=False
    )
    assert by_month(folder) == {f"{month:%Y-%m}": 21 for month in MONTHS}
    assert any("the day after" in each for each in asked(folder).values()) == (zone == "Europe/Stockholm")


@pytest.mark.parametrize(
    "form",
    [
        "%b %d, %Y",
        "%B %d, %Y %I:%M %p",
        "%a, %d %b %Y %H:%M:%S GMT",
        "%B, %Y",
        "'%Y-%m",
        "%Y %m",
        "%Y%m.0",
        "%d. %B %Y",
    ],
)
@pytest.mark.parametrize("kind", ["check", "import"])
def test_months_and_days_as_further_programs_write_them(folder: Path, form: str, kind: str) -> None:
    """In American order, with a weekday, with Excel's sign for a text, as a number that lost its format."""
    rows = [(n, f"{month:{form}}", 10.5) for month in MONTHS for n in ("A", "B")]
    written(rows, ["account_id", "month", "amount"], folder / "mrr.csv")
    written([("A", f"{MONTHS[3]:%b %d, %Y}"), ("B", "")], ["account_id", "signed_up"], folder / "accounts.csv")
    made = CustomerBase.load(folder) if kind == "check" else bring_in(folder).base("EUR")
    assert list(made.months) == list(MONTHS)
    assert made.accounts["signed_up"].tolist()[0] == MONTHS[3]


@pytest.mark.parametrize("cell", ["(1.310)", "1.310-", "-1.310"])
def test_amounts_below_zero_need_no_currency_to_be_read(folder: Path, cell: str) -> None:
    """As accountants and SAP write them, with dots for thousands."""
    rows = [("A", "2024-01", "12.400"), ("B", "2024-01", "980"), ("A", "2024-02", cell)]
    written(rows, ["account_id", "month", "amount"], folder / "m.csv", sep=";")
    assert by_month(folder) == {"2024-01": 13380, "2024-02": -1310}


def test_numbers_and_texts_in_a_column_of_a_workbook_are_of_one_kind(folder: Path) -> None:
    """950 is a number of the sheet and 1.250 a text: the dot parts thousands there, too."""
    accounts = pd.DataFrame({"account_id": ["A", "B", "C"]})
    accounts.to_excel(folder / "accounts.xlsx", index=False)
    accounts.assign(month="2024-01", amount=[950, "1.250", "12.400"]).to_excel(folder / "mrr.xlsx", index=False)
    assert CustomerBase.load(folder).mrr["amount"].tolist() == [950, 1250, 12400]
    assert bring_in(folder).tables["mrr"]["amount"].tolist() == [950, 1250, 12400]


def test_identifiers_of_ten_digits_are_no_moments(folder: Path) -> None:
    """Though each is one; and what begins at some second of a day is a day."""
    table(
        folder,
        "s.csv",
        "Kundnummer;Created;Interval;Amount\n1704123456;1704123456789;monthly;9,50\n1706123451;1706123456789;monthly;8,50\n",
    )
    found = bring_in(folder)
    assert found.tables["accounts"]["account_id"].tolist() == ["1704123456", "1706123451"]
    assert [f"{day:%Y-%m-%d}" for day in found.tables["subscriptions"]["start"]] == ["2024-01-01", "2024-01-24"]


@pytest.mark.parametrize("header", ["Mätare", "Was gezählt wird"])
def test_usage_with_a_row_per_metric_and_a_column_per_month_is_no_revenue(folder: Path, header: str) -> None:
    """The column by which the rows of an account differ names the metric, whatever it is called."""
    rows = [
        (f"K{n}", metric, n + n % by, 2 * n) for n in (1, 2, 3) for metric, by in (("API calls", 1), ("Documents", 2))
    ]
    written(rows, ["Kundnr", header, "2024-01", "2024-02"], folder / "u.csv", sep=";")
    usage = bring_in(folder).tables["usage"]
    assert usage.groupby("metric")["quantity"].sum().to_dict() == {"API calls": 18, "Documents": 20}


def test_a_month_that_is_no_day_is_a_month_of_usage(folder: Path) -> None:
    """01.2024 is no date of use within a month."""
    table(
        folder,
        "u.csv",
        "Номер на клиент;Месец;Показател;Брой\nA;01.2024;Заявки;3\nB;01.2024;Заявки;4\nA;02.2024;Заявки;5\n",
    )
    found = bring_in(folder)
    assert found.problems == ()
    assert found.tables["usage"]["metric"].unique().tolist() == ["Заявки"]


@pytest.mark.parametrize(
    "questions",
    [
        (
            "Till vilket pris är det så billigt att du skulle tvivla på kvaliteten? (kr per månad)",
            "Till vilket pris är det ett fynd? (kr per månad)",
            "Till vilket pris börjar det bli dyrt, men är värt att överväga? (kr per månad)",
            "Till vilket pris är det så dyrt att du inte skulle köpa? (kr per månad)",
        ),
        (
            "По какой цене вы станете сомневаться в качестве?", "По какой цене это выгодно?",
            "По какой цене это дорого, но возможно?", "По какой цене вы не стали бы покупать?",
        ),
    ],
)  # fmt: skip
def test_price_questions_of_further_languages(folder: Path, questions: tuple[str, ...]) -> None:
    """What a price is per takes none of the four."""
    written(
        [("R_1", "True", "27 kr", "43 kr", "70 kr", "97 kr")], ["ResponseId", "Finished", *questions], folder / "e.csv"
    )
    answer = bring_in(folder).tables["survey_price_sensitivity"]
    assert answer[["too_cheap", "cheap", "expensive", "too_expensive"]].to_numpy().tolist() == [[27, 43, 70, 97]]


@pytest.mark.parametrize(
    ("question", "users", "per"),
    [
        ("Till vilket pris {} (kr per användare och månad)", "Användare", "seats"),
        ("Ab welchem Preis {} (pro Nutzer)", "Nutzer", "seats"),
        ("Ab welchem Preis {} (pro Monat)", "Nutzer", ""),
    ],
)
def test_prices_per_user_are_no_prices_per_account(folder: Path, question: str, users: str, per: str) -> None:
    """What is asked per user is per seat, and the usage that counts users is seats, once somebody says so."""
    of = ("so billig", "ganga", "teuer", "zu teuer")
    written([("R_1", "True", 5, 7, 12, 20)], ["ResponseId", "Finished", *map(question.format, of)], folder / "e.csv")
    written(
        [("A", "2024-01", users, 3), ("A", "2024-02", users, 4)],
        ["Kunde", "Monat", "Kennzahl", "Menge"],
        folder / "u.csv",
    )
    found = bring_in(folder)
    answers = found.tables["survey_price_sensitivity"]
    assert answers.get("per", pd.Series([""])).tolist() == [per]
    assert found.tables["usage"]["metric"].unique().tolist() == [per or users]
    if per:
        kept = bring_in(folder, found.mapping.answered("", f"metric {users}, which counts people", "keep"))
        assert kept.tables["usage"]["metric"].unique().tolist() == [users]
