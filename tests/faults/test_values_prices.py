"""Prices and answers as people's files have them: pieces missing, blanks, null."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.errors import ChargeError, DataErrors
from workbench.pricing import PriceBook
from workbench.research import fit_mnl
from workbench.rules import RULEBOOK
from workbench.rules.charging import free_baseline
from workbench.stages.price_book import list_of_today, read_offers

if TYPE_CHECKING:
    from pathlib import Path

OFFERS = "vendor,offer,price,per,billing_period,currency,seen_on,source\n"


def company(folder: Path, **tables: str) -> Path:
    """Write two accounts with three months of usage, and the tables given."""
    usage = "".join(f"{who},2024-0{month},seats,{month}\n" for who in "ab" for month in (1, 2, 3))
    every = {"accounts": "account_id\na\nb\n", "usage": "account_id,month,metric,quantity\n" + usage, **tables}
    for name, text in every.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(("column", "row"), [("unit_price", "Pro,49,,0.05,"), ("included_units", "Pro,49,,,10")])
def test_a_price_or_allowance_needs_its_metric(tmp_path: Path, column: str, row: str) -> None:
    """What a price is per is asked in words; a zero asks for nothing."""
    header = "plan,base_fee,metric,unit_price,included_units\n"
    with pytest.raises(DataErrors) as raised:
        CustomerBase.load(company(tmp_path, plans=f"{header}Basic,9,,0,0\n{row}\n"))
    (problem,) = raised.value.problems
    assert (problem.table, problem.row, problem.column) == ("plans", 3, "metric")
    assert column in problem.expected
    assert "nan" not in str(problem)


def test_an_offer_on_request_needs_no_period(tmp_path: Path) -> None:
    """A competitor who publishes neither price nor period has a price on request."""
    base = CustomerBase.load(company(tmp_path, competitor_offers=f"{OFFERS}North,Team,,account,,,2024-05-12,x\n"))
    (offer,) = read_offers(base.competitor_offers, "USD", base.metrics)
    assert (offer.problem, offer.plan.priced) == ("", False)


def choices() -> pd.DataFrame:
    """Return forty people's choices between two offers and none of them, which is a row with blank attributes."""
    rng = np.random.default_rng(0)
    rows = []
    for who in range(40):
        for task in (1, 2, 3):
            prices = rng.choice([10.0, 20.0, 40.0], 2)
            worth = np.append(1.5 - 0.08 * prices, 0.0) + rng.gumbel(size=3)
            for at in range(3):
                attributes = (prices[at], np.nan) if at < 2 else (np.nan, 1)
                rows.append((f"R{who}", task, at, int(at == worth.argmax()), *attributes))
    return pd.DataFrame(rows, columns=["respondent", "task", "alternative", "chosen", "price", "none"])


def test_choosing_none_may_leave_its_attributes_blank() -> None:
    """Blanks of the row for none, and a blank none elsewhere, count as 0; without such a row the remedy names it."""
    blank = choices()
    found, written = fit_mnl(blank), fit_mnl(blank.fillna({"price": 0, "none": 0}))
    assert found.log_likelihood == pytest.approx(written.log_likelihood)
    assert found.coefficients.to_numpy() == pytest.approx(written.coefficients.to_numpy())
    with pytest.raises(DataErrors) as raised:
        fit_mnl(blank[blank["none"] != 1].drop(columns="none"))
    (problem,) = raised.value.problems
    assert problem.count == int(blank.loc[blank["none"] == 1, "chosen"].sum())
    assert "none = 1" in problem.remedy
    with pytest.raises(DataErrors, match="may be blank where the column none is 1"):
        fit_mnl(blank.assign(price=blank["price"].mask(blank.index == 0)))


LISTS = {
    "plans": [{"name": "A", "base_fee": 1, "charges": None, "limits": None, "features": None}],
    "add_ons": None,
    "features": None,
}


@pytest.mark.parametrize("document", [LISTS, {**LISTS, "add_ons": [LISTS["plans"][0]]}])
def test_null_is_an_empty_list(document: dict[str, Any]) -> None:
    """Other programs write null where there is nothing."""
    book = PriceBook.from_dict({"name": "B", "currency": "USD", **document})
    assert all(offer.charges == offer.limits == offer.features == () for offer in (*book.plans, *book.add_ons))


@pytest.mark.parametrize("wrong", [5, "A", True, {"name": "A"}])
def test_what_is_no_list_is_refused_in_words(wrong: object) -> None:
    """A number, a text or one object where a list belongs is named."""
    with pytest.raises(ChargeError):
        PriceBook.from_dict({"name": "B", "currency": "USD", "plans": wrong})


def test_a_rule_that_asks_for_more_than_nothing_says_so() -> None:
    """Zero units included does not meet a rule that reads more than 0."""
    found = free_baseline("rows", included=0.0)
    assert (found.status, found.threshold) == ("breach", "more than 0")
    assert "more than 0" in found.remedy
    assert RULEBOOK.threshold("U1").moved(low=5).in_words() == "at least 5"
    assert free_baseline("rows", included=0.5).status == "ok"


COUNTED = "account_id,month,metric,quantity\na,2024-01,seats,5\na,2024-01,API calls,9\n"
PLANS = "plan,base_fee,metric,unit_price,billing_period\n"


def test_two_base_fees_of_one_plan_and_period_are_a_problem_that_names_both_rows(tmp_path: Path) -> None:
    """Fees that differ are never added up, wherever they stand; month is the period nobody names."""
    rows = "Basic,49,seats,5,\nPro,99,,,month\nBasic,59,API calls,1,month\nBasic,490,,,year\n"
    with pytest.raises(DataErrors) as raised:
        CustomerBase.load(company(tmp_path, usage=COUNTED, plans=PLANS + rows))
    (problem,) = raised.value.problems
    assert (problem.file, problem.rows, problem.column, problem.value) == ("plans.csv", (4,), "base_fee", "59")
    assert "'Basic' per month: row 2 says 49" in problem.expected


def test_a_base_fee_is_stated_once_repeated_or_left_blank(tmp_path: Path) -> None:
    """A fee repeated beside each metric is one fee; blank beside a unit price is none; neither is on request."""
    rows = "Basic,49,seats,5,\nBasic,49,API calls,1,\nMeter,,seats,5,\nTalk,,,,\n"
    book = list_of_today(CustomerBase.load(company(tmp_path, usage=COUNTED, plans=PLANS + rows)))
    assert [plan.base_fee for plan in book.plans] == [49, 0, None]
