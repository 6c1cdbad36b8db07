"""What is shown of a study follows its locale; the default is the house's own English."""

from __future__ import annotations

import importlib
import json
import sys
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import altair as alt
import pandas as pd
import pytest
from babel.dates import format_skeleton, get_day_names
from babel.numbers import format_currency, format_decimal, format_percent
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import StudyError
from workbench.formatting import (
    count,
    exact,
    exact_money,
    exact_percent,
    in_format,
    money,
    number,
    percent,
    quantity,
    short_money,
    thousands,
)
from workbench.locales import (
    MINUS,
    affixes,
    chart_locale,
    known_locale,
    minor_digits,
    month_name,
    month_words,
    paper_size,
    plural_form,
    settle,
    speaking,
    spoken_locale,
)
from workbench.rendering.session import Session
from workbench.stages.figure import Figure, money_expression
from workbench.study import Study
from workbench.study.document import read_study
from workbench.tables import DataTable, Money
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCALES = ("en_GB", "en_IN", "de", "de_CH", "fr", "sv", "es", "pt_BR", "nl", "hi", "ja", "pl", "ru", "tr", "ar", "he")
# Babel takes two apostrophes of a number for quotes, and drops them.
UNQUOTED = str.maketrans("", "", "'")
NARROW, WIDE = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"
CODES_IN_LETTERS = st.sampled_from(["EUR", "JPY", "GBP", "INR", "BRL", "PLN", "KWD"])


@pytest.fixture(autouse=True)
def _in_house_english_afterwards() -> Iterator[None]:
    yield
    settle("en")


@pytest.mark.parametrize("locale", LOCALES)
@given(value=st.decimals(0, 10**12, places=3), digits=st.integers(0, 3))
def test_numbers_are_separated_as_in_the_repository(locale: str, value: Decimal, digits: int) -> None:
    """Thousands and decimals stand apart as Babel has them, with the digits that we have rounded to."""
    pattern = {"hi": "#,##,##0", "en_IN": "#,##,##0"}.get(locale, "#,##0") + ("." + "0" * digits if digits else "")
    with speaking(locale):
        found, whole = number(value, digits), thousands(int(value))
        exactly = exact(value)
    rounded = value.quantize(Decimal(1).scaleb(-digits), "ROUND_HALF_UP")
    expected = (
        format_decimal(rounded, pattern, locale, numbering_system="latn"),
        format_decimal(int(value), locale=locale, numbering_system="latn"),
        format_decimal(value, locale=locale, decimal_quantization=False, numbering_system="latn"),
    )
    assert [each.translate(UNQUOTED) for each in (found, whole, exactly)] == [
        each.translate(UNQUOTED) for each in expected
    ]
    if locale == "de_CH":
        assert len(whole) == len(format_decimal(int(value), locale="de"))


@pytest.mark.parametrize("locale", LOCALES)
@given(value=st.decimals(1, 10**9, places=2), currency=CODES_IN_LETTERS)
def test_amounts_carry_their_currency_as_in_the_repository(locale: str, value: Decimal, currency: str) -> None:
    """Sign and place of a currency are Babel's; a code in letters never touches the digits."""
    digits = minor_digits(currency)
    amount = value.quantize(Decimal(1).scaleb(-digits), "ROUND_HALF_UP")
    expected = format_currency(amount, currency, locale=locale, numbering_system="latn").translate(UNQUOTED)
    with speaking(locale):
        written = money(amount, currency, digits).translate(UNQUOTED)
    assert written.replace(WIDE, "") == expected.replace(WIDE, "")
    assert written == expected or currency in expected
    assert not any(a.isalpha() and b.isdigit() for a, b in pairwise(written))


@pytest.mark.parametrize("locale", LOCALES)
@given(share=st.integers(-99999, 99999))
def test_shares_carry_their_percent_sign_as_in_the_repository(locale: str, share: int) -> None:
    """The percent sign stands where Babel has it, also before the number, and below nothing our minus comes first."""
    with speaking(locale):
        written = percent(Decimal(share) / 10000, 2), exact_percent(Decimal(abs(share)) / 10000)
    pattern = "#,##,##0.00%" if locale in ("hi", "en_IN") else "#,##0.00%"
    if locale != "tr":
        sized = format_percent(Decimal(abs(share)) / 10000, pattern, locale, numbering_system="latn")
        sign = format_percent(0, locale=locale, numbering_system="latn").partition("0")[2]
        assert written[0] == (MINUS if share < 0 else "") + sized.rstrip("%\u200e") + sign
    else:
        assert written[0].startswith(MINUS + "%" if share < 0 else "%")
    assert written[1].removeprefix("%")[:1].isdigit()


@pytest.mark.parametrize(
    ("locale", "negative", "short", "month", "paper"),
    [
        ("en", f"{MINUS}€1,234.50", "€1.2M", "December 2024", "letter"),
        ("en_US", f"{MINUS}€1,234.50", "€1.2M", "December 2024", "letter"),
        ("en_GB", f"{MINUS}€1,234.50", "€1.2m", "December 2024", "A4"),
        ("de", f"{MINUS}1.234,50{WIDE}€", f"1,2{WIDE}Mio.{WIDE}€", "Dezember 2024", "A4"),
        ("de_CH", f"EUR{MINUS}1'234.50", f"EUR{WIDE}1.2{WIDE}Mio.", "Dezember 2024", "A4"),
        ("fr", f"{MINUS}1{NARROW}234,50{WIDE}€", f"1,2{WIDE}M{WIDE}€", "décembre 2024", "A4"),
        ("fr_CA", f"{MINUS}1{WIDE}234,50{WIDE}€", f"1,2{WIDE}M{WIDE}€", "décembre 2024", "letter"),
        ("sv", f"{MINUS}1{WIDE}234,50{WIDE}€", f"1,2{WIDE}mn{WIDE}€", "december 2024", "A4"),
        ("pt_BR", f"{MINUS}€{WIDE}1.234,50", f"€{WIDE}1,2{WIDE}mi", "dezembro de 2024", "A4"),
        ("nl", f"€{WIDE}{MINUS}1.234,50", f"€{WIDE}1,2{WIDE}mln.", "december 2024", "A4"),
        ("hi", f"{MINUS}€1,234.50", f"€12.3{WIDE}लाख", "दिसंबर 2024", "A4"),
        ("ja", f"{MINUS}€1,234.50", "€123.5万", "2024年12月", "A4"),
        ("es_MX", f"{MINUS}EUR{WIDE}1,234.50", f"EUR{WIDE}1.2{WIDE}M", "diciembre de 2024", "letter"),
        ("pl", f"{MINUS}1{WIDE}234,50{WIDE}€", f"1,2{WIDE}mln{WIDE}€", "grudzień 2024", "A4"),
    ],
)
def test_a_dozen_locales_by_hand(locale: str, negative: str, short: str, month: str, paper: str) -> None:
    """Amounts below nothing, short amounts, months and paper of a dozen locales, written down from the repository."""
    with speaking(locale):
        assert money(-1234.5, "EUR", 2) == negative
        assert short_money(1_234_567, "EUR") == short
        assert month_words(date(2024, 12, 1)) == month
        assert paper_size() == paper


@pytest.mark.parametrize("locale", LOCALES)
def test_months_and_plurals_are_those_of_the_repository(locale: str) -> None:
    """A month is written as Babel writes it, and a plural form is one of the language's."""
    with speaking(locale):
        for month in range(1, 13):
            assert month_words(date(2025, month, 1)) == format_skeleton("yMMMM", date(2025, month, 1), locale=locale)
            assert month_name(month)
    assert {plural_form(n, "pl") for n in (1, 2, 5, 1.5)} == {"one", "few", "many", "other"}
    assert {plural_form(n, "ja") for n in (1, 2)} == {"other"}
    assert [plural_form(n, "en") for n in (0, 1, 1.5, 2)] == ["other", "one", "other", "other"]


@pytest.mark.parametrize("locale", ["en", *LOCALES])
def test_a_spreadsheet_gets_the_number_and_the_signs_of_the_locale(locale: str) -> None:
    """An amount is a number in its cell; the format around it has the currency's sign on the side it is written on."""
    with speaking(locale):
        table = DataTable.of_rows((("Price", Money("EUR")),), [(1234.0,)])
        (before, after), _ = affixes(locale, "EUR")
        value, form = table.columns[0].kind.spreadsheet(1234.0)
        assert value == 1234.0
        assert form.startswith(f'"{before}"' if before else "#")
        assert form.split(";")[0].endswith(f'"{after}"' if after else "0")
        assert table.cells()[0] == [money(1234.0, "EUR")]


def test_the_default_is_the_house_s_own_english() -> None:
    """Without a locale everything is written as ever, a currency without a sign by its code."""
    assert spoken_locale() == "en"
    assert [money(1234.5, each) for each in ("USD", "CHF", "XXX")] == ["$1,235", "1,235 CHF", "1,235"]
    assert [exact_money(each, "KWD") for each in (1.5, 2)] == ["1.500 KWD", "2 KWD"]
    assert (count("account", 2300), quantity(0.5, "share of customers")) == ("2,300 accounts", "50% of customers")
    assert chart_locale() is None


@pytest.mark.parametrize(
    ("currency", "digits"), [("USD", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("UGX", 0), ("XXX", 2)]
)
def test_every_currency_has_its_minor_digits(currency: str, digits: int) -> None:
    """Cents are two digits, others have none, three or four."""
    assert minor_digits(currency) == digits


def test_a_locale_is_known_by_its_name() -> None:
    """Spelling is forgiven; what is no locale is refused with what to write instead."""
    assert [known_locale(each) for each in ("de-ch", "PT_br", " en_GB ")] == ["de_CH", "pt_BR", "en_GB"]
    for wrong in ("xx", "german", "", "de_DE_DE_DE"):
        with pytest.raises(ValueError, match="no known locale; write a language"):
            known_locale(wrong)


def test_templates_write_python_s_formats_in_the_locale() -> None:
    """A format of Python's, as sentences use it, has the separators and signs of the locale spoken."""
    values = [(-1234.5, ",.1f"), (0.256, ".1%"), (1.25, "+.2f"), (12345, ","), (date(2025, 3, 1), "%B %Y"), ("x", "s")]
    assert [in_format(*each) for each in values] == ["-1,234.5", "25.6%", "+1.25", "12,345", "March 2025", "x"]
    with speaking("de"):
        assert [in_format(*each) for each in values] == [
            f"{MINUS}1.234,5", f"25,6{WIDE}%", "+1,25", "12.345", "März 2025", "x"
        ]  # fmt: skip


def test_a_study_has_a_locale(tmp_path: Path) -> None:
    """A study keeps its locale, one saved before there were any opens in English, and a wrong one is refused."""
    study = Study.new("Plans", "data", locale="de-CH").save(tmp_path)
    assert Study.load(tmp_path).locale == study.locale == "de_CH"
    older = json.loads((tmp_path / "study.json").read_text())
    del older["locale"]
    assert read_study(json.dumps(older).encode(), "older").locale == "en"
    with pytest.raises(StudyError, match=r"locale: 'xx' is no known locale; write a language.*pt_BR"):
        study.replaced(locale="xx")


def test_a_notebook_speaks_as_its_study_does(tmp_path: Path) -> None:
    """Opening a study settles how it is written, in every context that follows; changing its locale does so too."""
    Study.new("Plans", "data", locale="de").save(tmp_path)
    session = Session(tmp_path)
    assert money(1234, "EUR") == f"1.234{WIDE}€"
    session.propose(session.study.replaced(locale="sv"))
    assert money(1234, "EUR") == f"1{WIDE}234{WIDE}€"
    with speaking("en"):
        assert money(1234, "EUR") == "€1,234"
    assert spoken_locale() == "sv"


def test_another_language_is_a_second_text_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A language's own file is read for its locales, with its plural forms; what is missing falls back to English."""
    home = tmp_path / "spoken_house"
    home.mkdir()
    (home / "__init__.py").write_text("")
    (home / "text.toml").write_text(
        '[door]\nopen = "Open"\nshut = "Shut at {{ money(price, currency) }}"\n'
        'kept = { one = "{{ thousands(n) }} key", other = "{{ thousands(n) }} keys" }\n'
    )
    (home / "text.pl.toml").write_text(
        '[door]\nopen = "Otwarte"\n'
        'kept = { one = "{{ n }} klucz", few = "{{ n }} klucze", many = "{{ thousands(n) }} kluczy", other = "-" }\n'
    )
    (home / "text.de_CH.toml").write_text('[door]\nopen = "Offen, gell"\n')
    (home / "text.de.toml").write_text('[door]\nopen = "Offen"\nkept = { other = "{{ n }} Schlüssel" }\n')
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    say = texts("spoken_house.door")

    def told() -> list[str]:
        return [say("open"), say("shut", price=1234, currency="EUR"), *(say("kept", n=n) for n in (1, 2, 12345))]

    assert told() == ["Open", "Shut at €1,234", "1 key", "2 keys", "12,345 keys"]
    with speaking("pl"):
        assert told() == ["Otwarte", f"Shut at 1{WIDE}234{WIDE}€", "1 klucz", "2 klucze", f"12{WIDE}345 kluczy"]
    with speaking("de_CH"):
        assert told()[:2] == ["Offen, gell", f"Shut at EUR{WIDE}1'234"]
        assert told()[2:] == ["1 Schlüssel", "2 Schlüssel", "12345 Schlüssel"]
    with speaking("ja"):  # no file: English sentences keep English plurals, numbers follow the locale
        assert told() == ["Open", "Shut at €1,234", "1 key", "2 keys", "12,345 keys"]
    with pytest.raises(KeyError):
        say("kept")
    del sys.modules["spoken_house"]


def drawn(key: str) -> Figure:
    """Return a chart with a month, an amount and a share on it."""
    rows = pd.DataFrame({"month": pd.to_datetime(["2024-05-01", "2024-12-01"]), "bill": [1234.5, 98765.5]})

    def build() -> alt.Chart:
        return (
            alt.Chart(alt.NamedData("rows"))
            .mark_text()
            .encode(
                x=alt.X("month:T", axis=alt.Axis(format="%b %Y")),
                y=alt.Y("bill:Q", axis=alt.Axis(labelExpr=money_expression("EUR"))),
                text=alt.Text("bill:Q", format=",.1%"),
            )
        )

    return Figure(key=key, title="Bills", description="Bills", reading="", build=build, data={"rows": rows})


def test_charts_follow_the_locale() -> None:
    """Axes, labels and months of a chart are written like the text around it, also when drawn in English before."""
    with speaking("en"):
        plain = drawn("bills").static_svg()
        assert "€20,000<" in plain
        assert "Dec 2024<" in plain
        assert "locale" not in drawn("bills").spec()["config"]
    with speaking("de"):
        picture = drawn("bills").static_svg()
    assert f"20.000{WIDE}€<" in picture
    assert "Dez 2024<" in picture
    assert f"123.450,0{WIDE}%<" in picture
    assert drawn("bills").static_svg() == plain


@pytest.mark.parametrize("locale", LOCALES)
def test_vega_has_all_it_needs_of_a_locale(locale: str) -> None:
    """Twelve months, seven days that begin with Sunday, and the separators."""
    with speaking(locale):
        found = chart_locale()
    assert found is not None
    time = found["time"]
    assert [len(time[each]) for each in ("months", "shortMonths", "days", "shortDays")] == [12, 12, 7, 7]
    assert time["days"][0] == get_day_names("wide", "stand-alone", locale)[6]
    assert found["number"]["grouping"][:2] == ([3, 2] if locale in ("hi", "en_IN") else [3, 3])
