"""The currency of amounts: what the data says, else what the study states."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from workbench.customers import CustomerBase
from workbench.customers.values import stated_code
from workbench.errors import DataErrors, WorkbenchError
from workbench.rendering.studies import new_study
from workbench.study import Study
from workbench.workspace import load_base

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def unnamed(company: Path) -> Path:
    """Return the small company with no currency column anywhere."""
    rows = (company / "mrr.csv").read_text(encoding="utf-8").splitlines()
    (company / "mrr.csv").write_text("\n".join(row.rpartition(",")[0] for row in rows) + "\n", encoding="utf-8")
    return company


def test_a_stated_currency_counts_where_the_data_names_none(unnamed: Path) -> None:
    """The base has no currency of its own, and takes the stated one in any spelling."""
    base = CustomerBase.load(unnamed)
    assert base.currency == ""
    assert base.in_currency(" eur ").currency == "EUR"
    assert base.currency == ""


def test_what_the_data_names_wins(company: Path) -> None:
    """A base in dollars stays in dollars, and stays itself."""
    base = CustomerBase.load(company)
    assert base.in_currency("EUR") is base
    assert base.currency == "USD"


def test_the_stated_currency_survives_a_cut_and_a_pickle(unnamed: Path) -> None:
    """What was stated is carried by every view and copy of the base."""
    base = CustomerBase.load(unnamed).in_currency("EUR")
    assert base.up_to("2024-02-29").currency == "EUR"
    assert pickle.loads(pickle.dumps(base)).currency == "EUR"  # noqa: S301 - made on the same line


def test_the_same_amounts_in_another_currency_are_other_data(unnamed: Path) -> None:
    """The fingerprint tells euros from dollars, and stating nothing changes nothing."""
    base = CustomerBase.load(unnamed)
    prints = {base.in_currency(code).fingerprint for code in ("EUR", "USD")}
    assert len(prints) == 2
    assert base.in_currency("").fingerprint == base.fingerprint


@pytest.mark.parametrize("code", ["eurodollar", "E1R", "TBD", "GBX", "USD or EUR", "$", "XXX"])
def test_what_is_no_currency_code_is_refused(unnamed: Path, code: str) -> None:
    """Three letters are asked for, and the value found is named."""
    with pytest.raises(WorkbenchError, match="three-letter code"):
        CustomerBase.load(unnamed).in_currency(code)


def test_a_study_reads_its_data_in_its_own_currency_and_as_of_its_day(unnamed: Path, tmp_path: Path) -> None:
    """The one way to load a study's data applies path, day and currency together."""
    study = Study.new("euro", unnamed, currency="EUR").replaced(data={"path": str(unnamed), "as_of": "2024-02-29"})
    base = load_base(study, tmp_path)
    assert (base.currency, f"{base.months[-1]:%Y-%m}") == ("EUR", "2024-02")


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("€", "EUR"), ("Euro", "EUR"), ("euros", "EUR"), ("£", "GBP"), ("Pounds sterling", "GBP"),
        ("us dollars", "USD"), ("US$", "USD"), ("USD $", "USD"), ("Swiss francs", "CHF"), ("yen", "JPY"),
        ("CA$", "CAD"), ("sek", "SEK"),
    ],
)  # fmt: skip
def test_a_currency_is_read_as_people_write_it(company: Path, written: str, code: str) -> None:
    """Signs and words of one currency are that currency, and agree with its code in other rows."""
    text = (company / "mrr.csv").read_text(encoding="utf-8")
    text = text.replace("USD", written).replace(written, code, 1)
    (company / "mrr.csv").write_text(text, encoding="utf-8")
    base = CustomerBase.load(company)
    assert base.currency == code
    assert set(base.mrr["currency"]) == {code}


@pytest.mark.parametrize(
    ("written", "named", "other"),
    [("$", "CAD", "EUR"), ("Dollars", "USD", "EUR"), ("¥", "CNY", "USD"), ("kr", "NOK", "EUR")],
)
def test_a_sign_of_several_currencies_asks_which_and_can_be_settled(
    company: Path, tmp_path: Path, written: str, named: str, other: str
) -> None:
    """Which dollar is asked, and a currency named settles it where it is one of them, for the study too."""
    text = (company / "mrr.csv").read_text(encoding="utf-8")
    (company / "mrr.csv").write_text(text.replace("USD", written), encoding="utf-8")
    for stated in ("", other):
        with pytest.raises(DataErrors) as raised:
            CustomerBase.load(company, currency=stated)
        (problem,) = raised.value.problems
        assert (problem.value, problem.count) == (written, 8)
        assert "--currency" in problem.remedy
    assert set(CustomerBase.load(company, currency=named).mrr["currency"]) == {named}
    study = Study.new("signs", company, currency=named)
    assert load_base(study, tmp_path).currency == named


def test_what_is_no_currency_is_a_problem(company: Path) -> None:
    """A number where the currency belongs is refused with what to write."""
    text = (company / "mrr.csv").read_text(encoding="utf-8")
    (company / "mrr.csv").write_text(text.replace("USD", "100"), encoding="utf-8")
    with pytest.raises(DataErrors, match="three-letter code"):
        CustomerBase.load(company)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("USD or EUR", "names two"), ("€/$", "names two"), ("dollars or euros", "names two"), ("EUR, USD", "names two"),
        ("EUR cents", "cents or pence"), ("GBp", "cents or pence"), ("GBX", "cents or pence"), ("¢", "cents or pence"),
        ("EUR thousands", "thousands"), ("TBD", "three-letter"), ("Yes", "three-letter"), ("Dkr", "three-letter"),
    ],
)  # fmt: skip
def test_what_names_no_single_currency_is_refused_in_data_and_when_stated(
    company: Path, written: str, why: str
) -> None:
    """Two currencies, minor units and unknown codes are told apart, and never read as one currency."""
    text = (company / "mrr.csv").read_text(encoding="utf-8")
    (company / "mrr.csv").write_text(text.replace("USD", f'"{written}"'), encoding="utf-8")
    with pytest.raises(DataErrors, match=why) as raised:
        CustomerBase.load(company)
    (problem,) = raised.value.problems
    assert (problem.value, problem.count) == (written, 8)
    with pytest.raises(WorkbenchError, match=why):
        stated_code(written)


@pytest.mark.parametrize(
    ("written", "code"), [("US dollars (USD)", "USD"), ("all amounts in EUR", "EUR"), ("dem", "DEM")]
)
def test_a_currency_named_twice_over_or_in_a_sentence_is_that_one(written: str, code: str) -> None:
    """Name, sign and code side by side agree, small words are no codes, and old currencies are known."""
    assert stated_code(written) == code


def test_a_study_keeps_what_a_shared_sign_means_beside_its_own_currency(company: Path, tmp_path: Path) -> None:
    """Own amounts in euros and a competitor's in $: the study loads as it was checked, and an old one as before."""
    text = (company / "mrr.csv").read_text(encoding="utf-8")
    (company / "mrr.csv").write_text(text.replace("USD", "EUR"), encoding="utf-8")
    (company / "competitor_offers.csv").write_text(
        "vendor,offer,price,per,currency,seen_on,source\nNorth,Team,39,account,$,2024-05-12,x\n", encoding="utf-8"
    )
    made = new_study(tmp_path / "study", company, currency="US dollars")
    base = load_base(Study.load(tmp_path / "study"), tmp_path / "study")
    assert (made.currency, base.currency, set(base.competitor_offers["currency"])) == ("EUR", "EUR", {"USD"})
    old = Study.new("old", company, currency="CAD")
    assert old.data.signs_mean == ""
    assert set(load_base(old, tmp_path).competitor_offers["currency"]) == {"CAD"}
