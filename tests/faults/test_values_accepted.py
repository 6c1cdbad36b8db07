"""A law: data that the check passes is data that every later step takes, whatever oddities it has."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.customers.base import check_source
from workbench.rendering.studies import new_study
from workbench.report import gather_content
from workbench.stages.contract import evaluate_scenario, gather_evidence, record_all, with_starting_points
from workbench.stages.study_replay import replay_study
from workbench.study import Study
from workbench.workspace import load_base

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WHEN = datetime(2025, 1, 1, tzinfo=UTC)
METRICS = ("seats", "API calls", "Api Calls", "api_calls", "GB stored")
PLANS = ("Basic", "BASIC", "Pro", "Scale")
FEATURES = ("export", "Export", "single sign-on", "audit log")
SHOWN = (77, 81)
COMPANIES = 150
CURRENCIES = ("USD", "€", "Euro", "US dollars", "$", "£", "", "GBP")


class Oddities:
    """Draws small tables with what exports have: blanks, zeros, names in two spellings, prices with a piece missing."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def chance(self, share: float) -> bool:
        """Say yes this often."""
        return bool(self.rng.random() < share)

    def one_of(self, choices: tuple) -> object:
        """Return one of these."""
        return choices[self.rng.integers(len(choices))]

    def number(self) -> object:
        """Return a size as usage has them: now and then 0 or blank, else across several powers of ten."""
        kind = self.rng.random()
        if kind < 0.08:
            return ""
        return 0 if kind < 0.2 else round(float(np.exp(self.rng.normal(3, 2))), 2)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables of one company, by name."""
        accounts = [f"A{n}" for n in range(self.rng.integers(1, 9))]
        months = pd.date_range("2023-11", periods=self.rng.integers(1, 15), freq="MS").strftime("%Y-%m").tolist()
        plans = [str(name) for name in self.rng.permutation(PLANS)[: self.rng.integers(1, 4)]]
        currency = str(self.one_of(CURRENCIES))
        found = self.history(accounts, months, plans, currency)
        if self.chance(0.7):
            counted = {*found["usage"]["metric"]} if "usage" in found else {*METRICS}
            found |= self.today(plans, currency, counted)
        found |= self.beside(accounts, months[-1], currency) | self.surveys()
        return {name: frame for name, frame in found.items() if len(frame)}

    def history(
        self, accounts: list[str], months: list[str], plans: list[str], currency: str
    ) -> dict[str, pd.DataFrame]:
        """Return accounts with what they used and paid, or one of the two."""
        customers = pd.DataFrame({"account_id": accounts})
        if self.chance(0.7):
            customers["plan"] = [self.one_of((*plans, "", "Legacy")) for _ in accounts]
        if self.chance(0.5):
            customers["segment"] = [self.one_of(("small", "Small", "large", "")) for _ in accounts]
        if self.chance(0.5):
            customers["seats"] = [self.one_of((0, 3, 25, "")) for _ in accounts]
            customers["unit_cost"] = [self.number() for _ in accounts]
        found = {"accounts": customers}
        every = [(account, month) for account in accounts for month in months]
        metrics = [str(name) for name in self.rng.permutation(METRICS)[: self.rng.integers(1, 4)]]
        if self.chance(0.8):
            rows = [(a, m, metric, self.number() or 1) for a, m in every for metric in metrics if self.chance(0.95)]
            found["usage"] = pd.DataFrame(rows, columns=["account_id", "month", "metric", "quantity"])
        if "usage" not in found or self.chance(0.7):
            rows = [(a, m, self.number() or 0, self.one_of((*plans, "")), currency) for a, m in every]
            found["mrr"] = pd.DataFrame(rows, columns=["account_id", "month", "amount", "plan", "currency"])
        return found

    def today(self, plans: list[str], currency: str, counted: set[object]) -> dict[str, pd.DataFrame]:
        """Return today's price list, with limits and features now and then."""
        found = {"plans": self.price_list(plans, currency, counted)}
        if self.chance(0.6):
            rows = [(plan, self.one_of(METRICS), self.one_of((0, 5, 1000))) for plan in plans]
            found["plan_limits"] = pd.DataFrame(rows, columns=["plan", "metric", "limit"])
        if self.chance(0.6):
            rows = [(plan, feature) for plan in plans for feature in FEATURES if self.chance(0.5)]
            found["plan_features"] = pd.DataFrame(rows, columns=["plan", "feature"])
        return found

    def beside(self, accounts: list[str], month: str, currency: str) -> dict[str, pd.DataFrame]:
        """Return what may be known beside usage and revenue."""
        found = {}
        if self.chance(0.5):
            weeks = pd.date_range(f"{month}-01", periods=5, freq="W-MON").strftime("%Y-%m-%d")
            rows = [(a, w, f, self.one_of((0, 1, 9))) for a in accounts for w in weeks for f in FEATURES]
            found["feature_use"] = pd.DataFrame(rows, columns=["account_id", "week", "feature", "uses"])
        if self.chance(0.5):
            found["features"] = pd.DataFrame({"feature": list(FEATURES), "area": ["", "a", "b", "a"]})
        if self.chance(0.5):
            found["competitor_offers"] = self.offers(currency)
        if self.chance(0.4):
            kinds = ("hours saved", "Hours Saved")
            rows = [(a, f"{month}-10", self.one_of(kinds), self.number() or 1) for a in accounts]
            found["outcomes"] = pd.DataFrame(rows, columns=["account_id", "date", "kind", "value"])
        if self.chance(0.4):
            rows = [(a, f"{month}-10", self.one_of(FEATURES)) for a in accounts]
            found["requests"] = pd.DataFrame(rows, columns=["account_id", "date", "feature"])
        return found

    def charge(self, counted: set[object]) -> tuple[object, object]:
        """Return a metric and the price of one, but for a charge by what nobody counts, which the check refuses."""
        metric, price = self.one_of((*METRICS, "", "")), self.one_of((0, 0.05, "", ""))
        return metric, "" if metric and price and metric not in counted else price

    def price_list(self, plans: list[str], currency: str, counted: set[object]) -> pd.DataFrame:
        """Return today's prices: some on request, some per unit, some with a piece missing."""
        rows = [
            (
                plan,
                self.one_of((0, 49, 99.95, "", "0.0125")),
                *self.charge(counted),
                self.one_of((0, 10, "", "")),
                self.one_of(("", "month", "year", "quarter")),
                currency,
            )
            for plan in plans
        ]
        names = ["plan", "base_fee", "metric", "unit_price", "included_units", "billing_period", "currency"]
        return pd.DataFrame(rows, columns=names)

    def offers(self, currency: str) -> pd.DataFrame:
        """Return what competitors publish, as incomplete as it is found."""
        per = ("account", "Account", *METRICS, "users")
        rows = [
            (
                self.one_of(("North", "South")), f"Offer {n}", self.one_of(("plan", "add-on", "")), self.number(),
                self.one_of(per), self.one_of(("", *METRICS)), self.one_of(("", 0, 50)),
                self.one_of(("", "month", "year")), self.one_of((currency, "", "EUR")), "2024-05-12", "https://a.example",
            )
            for n in range(self.rng.integers(1, 5))
        ]  # fmt: skip
        names = ["vendor", "offer", "kind", "price", "per", "limit_metric", "limit", "billing_period", "currency",
                 "seen_on", "source"]  # fmt: skip
        return pd.DataFrame(rows, columns=names)

    def surveys(self) -> dict[str, pd.DataFrame]:
        """Return the answers of a few people."""
        found = {}
        people = [f"R{n}" for n in range(self.rng.integers(1, 12))]
        weight = self.chance(0.3)
        if self.chance(0.4):
            prices = np.sort(self.rng.choice([0, 5, 10, 20, 40, 80, 99.95], (len(people), 4)), axis=1)
            frame = pd.DataFrame(prices, columns=["too_cheap", "cheap", "expensive", "too_expensive"])
            found["survey_price_sensitivity"] = frame.assign(respondent=people)
        if self.chance(0.4):
            rows = [(who, price, int(self.rng.random() * 60 > price)) for who in people for price in (0, 10, 49.5)]
            found["survey_price_ladder"] = pd.DataFrame(rows, columns=["respondent", "price", "accepted"])
        if self.chance(0.4):
            found["survey_choice"] = self.choices(people)
        if self.chance(0.4):
            rows = [
                (who, 1, feature, choice)
                for who in people
                for feature, choice in zip(
                    FEATURES, self.rng.permutation(["best", "worst", "none", "none"]), strict=True
                )
            ]
            found["survey_best_worst"] = pd.DataFrame(rows, columns=["respondent", "task", "feature", "choice"])
        if self.chance(0.4):
            rows = [(who, f, *self.rng.integers(1, 6, 2)) for who in people for f in FEATURES]
            found["survey_feature_fit"] = pd.DataFrame(
                rows, columns=["respondent", "feature", "functional", "dysfunctional"]
            )
        if weight:
            found = {name: frame.assign(weight=1.5) for name, frame in found.items()}
        return found

    def choices(self, people: list[str]) -> pd.DataFrame:
        """Return choices among three offers and none of them, whose attributes are blank."""
        rows = []
        for who in people:
            for task in range(1, 5):
                chosen = self.rng.integers(4)
                for at in range(4):
                    offer = ("", "", 1) if at == 3 else (self.one_of((10, 20, 49.5)), int(self.rng.integers(2)), "")
                    rows.append((who, task, at + 1, int(at == chosen), *offer))
        return pd.DataFrame(rows, columns=["respondent", "task", "alternative", "chosen", "price", "export", "none"])


def every_step(folder: Path, place: Path) -> str:
    """Walk everything that follows on a folder that passes the check; return how far it came: refused or done."""
    if check_source(folder, currency="USD"):
        return "refused"
    new_study(place, folder, currency="USD")
    document = Study.load(place)
    base = load_base(document, place)
    evidence = gather_evidence(base)
    design = with_starting_points(base, document.designs[0], evidence=evidence)
    document = document.with_scenario(design)
    document = record_all(base, document, design.id, who="a law", when=WHEN, evidence=evidence)
    evaluate_scenario(base, document, document.baseline, evidence=evidence)
    paid = base.has("mrr") and bool((base.frames["mrr"]["amount"] > 0).any())
    used = base.has("usage") and bool((base.frames["usage"]["quantity"] > 0).any())
    if paid or (
        base.has("plans") and used and not base.has("mrr")
    ):  # else there is nothing to bill, or to hold it against
        replay_study(base, document, against_recorded=not base.has("plans"))
    gather_content(base, document, evidence=evidence)
    if not base.stated_currency:
        return "done"
    bare = CustomerBase.load(folder)  # a script that names no currency
    with_starting_points(bare, Study.new("script", folder).designs[0])
    return "done"


def walked(seed: int, folder: Path) -> str:
    """Write the company of one seed, walk it, and say how it ended."""
    data = folder / "data"
    data.mkdir(parents=True)
    for name, frame in Oddities(seed).tables().items():
        frame.to_csv(data / f"{name}.csv", index=False)
    return every_step(data, folder / "study")


@pytest.mark.parametrize("seed", SHOWN)
def test_what_the_check_passes_every_later_step_takes(seed: int, tmp_path: Path) -> None:
    """A few companies with many oddities each go from the check to the report without an error."""
    assert walked(seed, tmp_path) == "done"


@pytest.mark.torture
def test_every_company_the_check_passes_goes_through(
    tmp_path: Path, reliability: Callable[[str, object], None]
) -> None:
    """Odd companies from check to report."""
    ended = [walked(seed, tmp_path / str(seed)) for seed in range(COMPANIES)]
    reliability("companies drawn", COMPANIES)
    reliability("refused by the check, with what to correct", ended.count("refused"))
    reliability("walked through every step without an error", ended.count("done"))
    assert ended.count("done") > COMPANIES / 2
