"""The page for each customer: right numbers, billed by the engine, peers unnamed, and nothing internal on it."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.errors import StudyError
from workbench.growth.desk import Alert, AlertLog, Peers, save_alerts, usage_outlook, use_and_value
from workbench.growth.desk.accounts import outcome_kinds
from workbench.report.desk import write_customer_pages
from workbench.report.desk.customer_pages import customer_facts, customer_page
from workbench.study import Assumption, Study, with_comment

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNTS, MONTHS = 60, 24


def company(accounts: int = ACCOUNTS) -> dict[str, pd.DataFrame]:
    """Return the tables of a company whose customers pay per seat, and record more the more they use."""
    random = np.random.default_rng(3)
    names = [f"A{row:04}" for row in range(accounts)]
    months = pd.date_range("2023-01-01", periods=MONTHS, freq="MS")
    seats = np.rint(random.uniform(4, 60, accounts)[:, None] * np.linspace(1, 1.4, MONTHS))
    calls = seats * random.uniform(8, 12, (accounts, MONTHS))
    plan = np.where(seats[:, -1] > 40, "Large", "Small")
    keys = {"account_id": np.repeat(names, MONTHS), "month": np.tile(months, accounts)}
    usage = pd.concat(
        pd.DataFrame({**keys, "metric": name, "quantity": each.ravel().round(1)})
        for name, each in (("seats", seats), ("calls", calls))
    )
    got = pd.DataFrame(
        {**keys, "kind": "hours_saved", "value": (3 * calls**0.5 * random.uniform(0.9, 1.1, calls.shape)).ravel()}
    ).rename(columns={"month": "date"})
    ours = got.assign(kind="renewal_score", value=61.0)
    return {
        "accounts": pd.DataFrame({
            "account_id": names, "name": [f"Customer {each}" for each in names], "segment": "mid", "plan": plan,
            "signed_up": "2022-01-15",
        }),
        "usage": usage,
        "mrr": pd.DataFrame({**keys, "amount": (seats * 9).ravel(), "plan": np.repeat(plan, MONTHS)}),
        "outcomes": pd.concat([got, ours]),
        "plans": pd.DataFrame({"plan": ["Small", "Large"], "metric": "seats", "unit_price": [10.0, 15.0]}),
        "plan_limits": pd.DataFrame({"plan": ["Small"], "metric": "seats", "limit": [45.0]}),
    }  # fmt: skip


def study_of(title: str = "acme") -> Study:
    """Return a study of that company."""
    return Study.new("acme", "data", title=title)


def test_a_page_holds_usage_outcomes_peers_and_bills() -> None:
    """Every number of a page is that of the data or of the engine, which is billed by hand here."""
    tables = company()
    base = CustomerBase.from_tables(tables, currency="USD")
    found = dict(customer_facts(base, study_of()))
    assert len(found) == ACCOUNTS
    seats = base.usage_by_month["seats"][:, -1]
    for row, (account, facts) in enumerate(found.items()):
        assert facts.usage[0].now == seats[row]
        assert [each.label for each in facts.outcomes] == ["Hours saved"]
        own = tables["accounts"]["plan"][row]
        for step in facts.steps:
            used = np.ceil(seats[row] * step.factor - 1e-9)
            plan = "Large" if own == "Large" or used > 45 else "Small"
            assert (step.quantities[0], step.plan) == (used, plan), account
            assert step.bill == pytest.approx(used * (15 if plan == "Large" else 10))
        middle = facts.steps[2].gain
        assert middle is not None
        assert middle[0] < 1.5**0.5 - 1 < middle[2]


def test_the_limit_of_the_plan_is_said_with_a_range_of_months() -> None:
    """Within the limit the months until it is reached, at it that it is."""
    base = CustomerBase.from_tables(company(), currency="USD")
    facts = [each.usage[0] for _, each in customer_facts(base, study_of())]
    limited = [each for each in facts if each.limit is not None]
    assert limited
    soon = [each for each in limited if each.reached and each.reached[0] is not None and each.now < each.limit]
    assert soon
    for each in soon:
        assert each.reached[1] is None or each.reached[1] >= each.reached[0]
    assert "Your plan allows 45" in "".join(customer_page(each) for _, each in customer_facts(base, study_of()))


def test_nothing_internal_reaches_a_page(tmp_path: Path) -> None:
    """Markers in every field that is not the customer's own are in no byte of any page."""
    tables = company()
    accounts = tables["accounts"]
    accounts["segment"] = np.where(np.arange(ACCOUNTS) % 2, "ZQSEGMENT", "ZQOTHER")
    accounts["industry"], accounts["region"] = "ZQINDUSTRY", "ZQREGION"
    accounts["unit_cost"], accounts["seat_limit"] = 918273.25, 827364.0
    tables["mrr"]["amount"] = 736455.5 + np.arange(len(tables["mrr"]))
    tables["outcomes"].loc[tables["outcomes"]["kind"] == "renewal_score", "value"] = 645546.0
    tables["requests"] = pd.DataFrame({"account_id": ["A0001"], "date": ["2024-05-01"], "feature": ["ZQREQUEST"]})
    tables["features"] = pd.DataFrame({"feature": ["ZQFEATURE"], "area": ["ZQAREA"]})
    tables["plans"].loc[2] = ["ZQUNSOLD", "seats", 554637.0]
    offer = {"vendor": "ZQVENDOR", "offer": "ZQOFFER", "kind": "plan", "price": 463728.0, "per": "seats",
             "billing_period": "month", "currency": "USD", "seen_on": "2024-01-01", "source": "ZQSOURCE"}  # fmt: skip
    tables["competitor_offers"] = pd.DataFrame([offer])
    base = CustomerBase.from_tables(tables, currency="USD")
    study = study_of("ZQTITLE").with_assumption(
        Assumption(id="zq", label="ZQASSUMPTION", low=372819.0, high=381902.0, note="ZQNOTE", source="ZQSAIDBY")
    )
    study = with_comment(study, "summary", "ZQCOMMENT", "ZQWHO", datetime(2024, 1, 1, tzinfo=UTC))
    study = study.rename_scenario(study.designs[0].id, "ZQSCENARIO")
    alert = Alert(account_id="A0001", metric="seats", kind="decline", opened="2024-05", seen="2024-06",
                  owner="ZQOWNER", note="ZQREMARK", before=291837.0)  # fmt: skip
    study.save(tmp_path / "study")
    save_alerts(AlertLog(month="2024-06", alerts=(alert,)), tmp_path / "study")
    *pages, index = write_customer_pages(base, study, tmp_path / "pages")
    assert len(pages) == ACCOUNTS
    planted = re.compile(
        rb"ZQ|918,?273|827,?364|7364\d\d|736,4|7365\d\d|736,5|7366\d\d|7367\d\d|737,\d|645,?546|554,?637|463,?728"
        rb"|372,?819|381,?902|291,?837|account_id|renewal|unit_cost"
    )
    for path in pages:
        text = path.read_bytes()
        assert planted.search(text) is None, (path.name, planted.search(text))
        own = path.stem.removeprefix("customer-").upper().encode()
        assert set(re.findall(rb"A\d{4}", text)) == {own}, path.name  # nobody else's name or id
        assert not re.search(rb"https?://", text.replace(b"http://www.w3.org/2000/svg", b"")), path.name
        assert b"<script" not in text
    assert index.name == "pages.csv"


def test_a_plan_nobody_sells_is_offered_to_nobody() -> None:
    """A price on request stays one; what is not public in a scenario is on no page."""
    tables = company()
    tables["plans"] = pd.DataFrame({"plan": ["Small", "Large"], "metric": "seats", "unit_price": [10.0, None]})
    base = CustomerBase.from_tables(tables, currency="USD")
    pages = "".join(customer_page(each) for _, each in customer_facts(base, study_of()))
    assert "on request" in pages


def test_peers_are_five_at_least_and_told_to_two_digits() -> None:
    """Four others are no peers; with five there is a place, and the middle half of them to two digits."""
    base = CustomerBase.from_tables(company(), currency="USD")
    few = Peers.of(CustomerBase.from_tables({name: each[each["account_id"] < "A0005"] if "account_id" in each else each
                                             for name, each in company().items()}, currency="USD"))  # fmt: skip
    assert few.place(0, np.arange(5.0)) is None
    peers, values = Peers.of(base), base.usage_by_month["calls"][:, -1]
    for row in range(ACCOUNTS):
        place = peers.place(row, values)
        assert place is not None
        assert place.peers >= 5
        for told in (place.low, place.middle, place.high):
            assert told == float(f"{told:.2g}")
    alone = np.full(ACCOUNTS, np.nan)
    alone[:5] = 1.0
    assert peers.place(0, alone) is None  # four others have the number


def test_the_place_among_peers_is_counted_by_hand() -> None:
    """The share of those alike that have less; those with as much count half."""
    base = CustomerBase.from_tables(company(), currency="USD")
    peers = replace(Peers.of(base), groups=(((), np.zeros(ACCOUNTS, dtype=np.int64)),))
    values = np.r_[5.0, 5.0, 1.0, 2.0, 3.0, 9.0, 9.5, np.full(ACCOUNTS - 7, np.nan)]
    place = peers.place(0, values)
    assert (place.peers, place.below) == (6, (3 + 0.5) / 6)


def test_more_usage_brings_nothing_that_was_not_seen() -> None:
    """Where outcomes do not go with usage, and where few recorded any, no page claims that they would."""
    random = np.random.default_rng(1)
    use = random.lognormal(3, 1, (200, 1)) * np.ones(6)
    assert use_and_value(use, random.lognormal(2, 1, (200, 1)) * np.ones(6)).slope is None
    found = use_and_value(use, 5 * use**0.7 * random.lognormal(0, 0.2, (200, 1)))
    assert found.slope.low < 0.7 < found.slope.high
    tables = company()
    tables["outcomes"] = tables["outcomes"][tables["outcomes"]["account_id"] < "A0010"]
    base = CustomerBase.from_tables(tables, currency="USD")
    assert all(step.gain is None for _, facts in customer_facts(base, study_of()) for step in facts.steps)


def test_ranges_of_months_ahead_hold_as_often_as_said() -> None:
    """On accounts that grow, swing and begin late, nine in ten values fall into their ranges."""
    inside = []
    for seed in range(6):
        random = np.random.default_rng(seed)
        growth = 1 + random.normal(0.02, 0.01, (200, 1))
        use = 100 * growth ** np.arange(30) * random.lognormal(0, 0.08, (200, 30))
        use[random.random(200) < 0.2, :14] = np.nan
        found = usage_outlook(use[:, :24], 6).forecast
        inside.append(np.mean((found.low <= use[:, 24:]) & (use[:, 24:] <= found.high)))
    assert 0.84 <= np.mean(inside) <= 0.96


def test_an_account_of_under_six_months_has_no_range() -> None:
    """Its months ahead are a point without one."""
    use = np.random.default_rng(0).lognormal(4, 0.1, (50, 24))
    use[0, :20] = np.nan
    found = usage_outlook(use).forecast
    assert np.isfinite(found.points[0]).all()
    assert np.isnan(found.low[0]).all()
    assert np.isfinite(found.low[1:]).all()


def test_judgements_of_ours_are_no_outcomes_of_theirs() -> None:
    """A score is shown only where somebody asks for it by name."""
    base = CustomerBase.from_tables(company(), currency="USD")
    assert outcome_kinds(base) == ("hours_saved",)
    with pytest.raises(StudyError, match="No outcome happiness"):
        list(customer_facts(base, study_of(), outcomes=["happiness"]))
    with pytest.raises(StudyError, match="A9999 is no customer"):
        list(customer_facts(base, study_of(), accounts=["A9999"]))


def test_a_thousand_pages_take_less_than_a_minute(tmp_path: Path) -> None:
    """From a loaded customer base to files on disk."""
    base = CustomerBase.from_tables(company(1000), currency="USD")
    began = time.process_time()
    written = write_customer_pages(base, study_of(), tmp_path)
    assert len(written) == 1001
    assert time.process_time() - began < 60


def test_the_pages_of_the_sample_are_the_same_again(
    sample_company: CustomerBase, decided_sample: Study, tmp_path: Path
) -> None:
    """The prices of a scenario in place of today's, ten accounts, twice the same bytes."""
    base, study = sample_company, decided_sample
    some = [account for account, _ in zip(base.accounts["account_id"], range(60), strict=False)]
    paying = base.mrr_by_month[:60, -1] > 0
    some = [account for account, pays in zip(some, paying, strict=True) if pays][:10]
    held = []
    for _ in range(2):
        pages = write_customer_pages(base, study, tmp_path, accounts=some, scenario_id=study.chosen.scenario_id)
        held.append([path.read_bytes() for path in pages])
    assert held[0] == held[1]
    assert b"Scale" in b"".join(held[0])  # a plan of the scenario, which holds after the day of the study
