"""Drafts tuned on what customers are worth: closed forms of the optimiser, planted parts of worth, ties to the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.stages.account_statistics import Resamples
from workbench.stages.model_fit.evidence import measure_draws, order_draws
from workbench.stages.model_fit.models import contributions
from workbench.stages.model_fit.worth import (
    BILLS,
    CoreAndAddOns,
    OneOffer,
    Tiers,
    account_worth,
    beyond_bills,
    feature_parts,
    stated_limits,
    tuned,
)
from workbench.stages.usage import MetricChoice

if TYPE_CHECKING:
    from workbench.stages.model_fit.evidence import ModelFitEvidence
    from workbench.study import Scenario

ACCOUNTS = 2000


def uniform_worth() -> np.ndarray:
    """Return worth spread evenly from 0 to 100, one draw."""
    return (np.arange(ACCOUNTS)[:, None] + 0.5) / ACCOUNTS * 100


@pytest.mark.parametrize(("cost", "best"), [(0.0, 50.0), (20.0, 60.0)])
def test_one_price_is_the_monopolists(cost: float, best: float) -> None:
    """Worth uniform on 0 to 100: the best price is (100 + cost) / 2 and brings (100 - cost)^2 / 400 an account."""
    menu = OneOffer(uniform_worth(), np.full(ACCOUNTS, cost), np.ones((1, ACCOUNTS)), np.array([30.0]))
    prices, brings = tuned(menu, np.ones(ACCOUNTS))
    assert prices[0] == pytest.approx(best, rel=0.04)
    assert brings / ACCOUNTS == pytest.approx((100 - cost) ** 2 / 400, rel=0.005)


def test_two_kinds_of_customers_are_told_apart_by_tiers() -> None:
    """Half value the basic tier at 40 and all at 50, half at 40 and 100: tiers bring 40 and 100, one price only 50."""
    many = 1000
    basic, whole = np.full((many, 1), 40.0), np.where(np.arange(many)[:, None] < many / 2, 50.0, 100.0)
    tiers = Tiers(np.array([basic, whole, whole]), np.zeros(many), np.ones(many), np.array([20.0, 40.0, 60.0]))
    one = OneOffer(whole, np.zeros(many), np.ones((1, many)), np.array([40.0]))
    assert tuned(one, np.ones(many))[1] / many == pytest.approx(50, rel=0.05)
    assert tuned(tiers, np.ones(many))[1] / many == pytest.approx(70, rel=0.06)


def test_modules_are_sold_alone_where_nothing_is_worth_anything_without_them() -> None:
    """No core, two modules worth 30 to half each, independently: add-ons bring 30 from everybody; one offer cannot."""
    many = 1000
    first, second = np.arange(many) % 2 == 0, np.arange(many) // 2 % 2 == 0
    extra = np.array([np.where(each, 30.0, 0.0)[:, None] for each in (first, second)])
    menu = CoreAndAddOns(
        np.zeros((many, 1)),
        extra,
        np.ones((2, many, 1), dtype=bool),
        np.zeros(many),
        np.ones(many),
        np.array([[10.0, 5.0, 5.0], [0.0, 10.0, 10.0]]),
    )
    prices, brings = tuned(menu, np.ones(many))
    assert prices[0] == 0
    assert brings / many == pytest.approx(30, rel=0.04)
    one = OneOffer(extra.sum(axis=0), np.zeros(many), np.ones((1, many)), np.array([20.0]))
    assert tuned(one, np.ones(many))[1] / many == pytest.approx(22.5, rel=0.04)


def test_what_nobody_notices_brings_nothing() -> None:
    """An add-on that nobody would buy apart earns only inside the core."""
    many = 200
    menu = CoreAndAddOns(
        np.full((many, 1), 10.0),
        np.full((1, many, 1), 30.0),
        np.zeros((1, many, 1), dtype=bool),
        np.zeros(many),
        np.ones(many),
        np.array([5.0, 5.0]),
    )
    prices, brings = tuned(menu, np.ones(many))
    assert prices[1] == 0
    assert brings / many == pytest.approx(40, rel=0.06)


@pytest.mark.parametrize("core", [0.15, 0.6])
def test_the_part_of_worth_that_features_make_is_found(core: float) -> None:
    """A planted part without features comes back, also where all whose worth is under the bill have left."""
    rng = np.random.default_rng(2)
    uses = rng.random((3000, 5)) < 0.3
    added = (1 - core) / 1.5
    worth = (core + uses.sum(axis=1) * added) * np.exp(rng.normal(0, 0.4, 3000))
    stays = worth > 0.5
    said, paid = worth[stays][:600], np.full(600, 0.5)
    found = feature_parts(said, paid, np.zeros((600, 0)), uses[stays][:600], draws=200, rng=rng)
    assert found is not None
    share = found[0] / (found[0] + 1.5 * found[1].mean(axis=0))
    assert np.median(share) == pytest.approx(core, abs=0.08)
    low, high = np.quantile(share, (0.01, 0.99))
    assert low < core < high


def test_the_parts_of_worth_do_not_hang_on_last_digits() -> None:
    """Answers that differ in the thirteenth digit, as sums do between machines, draw the same parts."""
    rng = np.random.default_rng(5)
    uses = rng.random((300, 12)) < 0.3
    said = (0.4 + uses.sum(axis=1) * 0.2) * np.exp(rng.normal(0, 0.4, 300))
    sizes = rng.normal(size=(300, 2))
    drawn = [
        feature_parts(each, said / 2, sizes, uses, draws=50, rng=np.random.default_rng(1))
        for each in (said, said * (1 + 1e-13 * rng.normal(size=300)))
    ]
    assert np.allclose(drawn[0][0], drawn[1][0], rtol=1e-3)
    assert np.allclose(drawn[0][1], drawn[1][1], rtol=1e-3)


def test_few_answers_say_nothing_of_features() -> None:
    """Under thirty answers the parts of worth stay open."""
    rng = np.random.default_rng(0)
    uses = rng.random((29, 4)) < 0.5
    assert feature_parts(np.ones(29), np.zeros(29), np.zeros((29, 0)), uses, draws=5, rng=rng) is None


def test_worth_from_bills_is_never_below_the_bill() -> None:
    """Without answers all are worth at least what they pay, and free accounts what accounts of their size do."""
    rng = np.random.default_rng(1)
    size = rng.normal(0, 1, (500, 1))
    bill = np.where(np.arange(500) % 5 == 0, 0.0, np.exp(1 + size[:, 0]))
    worth = np.exp(beyond_bills(bill, size, 50, rng))
    assert (worth >= bill[:, None]).all()
    free = np.median(worth[bill == 0], axis=1)
    assert np.corrcoef(np.log(free), size[bill == 0, 0])[0, 1] > 0.9


def test_the_source_of_worth_is_named(company: CustomerBase) -> None:
    """Bills where nobody was asked; nothing without revenue on record."""
    worth = account_worth(company, ("seats", "data"), quantity="data")
    assert worth is not None
    assert (worth.source, worth.refused) == (BILLS, "")
    assert (worth.whole >= worth.imputed.facts.bill[:, None] * 0.999).all()


def test_answers_are_read_as_limits() -> None:
    """On a ladder: the last price accepted below any refusal and the first refused; open ends are marked."""
    rows = [("a", 10, 1), ("a", 20, 1), ("a", 40, 0), ("b", 10, 0), ("c", 10, 1), ("c", 20, 1), ("c", 40, 1)]
    ladder = pd.DataFrame(rows, columns=["respondent", "price", "accepted"]).assign(per="seats")
    accounts = pd.DataFrame({"account_id": ["x"]})
    usage = pd.DataFrame({"account_id": ["x"], "month": ["2024-01"], "metric": ["seats"], "quantity": [1.0]})
    tables = {"accounts": accounts, "usage": usage, "survey_price_ladder": ladder}
    found = stated_limits(CustomerBase.from_tables(tables))
    assert found is not None
    assert (found.per, found.source) == ("seats", "the price ladder")
    assert found.low.tolist() == [20, 5, 40]
    assert found.high.tolist() == [40, 10, 60]
    assert found.at_top.tolist() == [False, False, True]


def test_resampled_sums_vary_as_sampling_does() -> None:
    """The spread of a resampled mean is the standard error, also where accounts are resampled in groups."""
    values = np.random.default_rng(3).normal(10, 4, 3000)
    for accounts in (200, 3000):
        mean = Resamples.of(accounts, seed=0).sums(np.arange(accounts), values[:accounts]) / accounts
        assert mean.std() == pytest.approx(values[:accounts].std() / np.sqrt(accounts), rel=0.15)


def test_what_is_measured_varies_around_what_was_measured(company_evidence: ModelFitEvidence, design: Scenario) -> None:
    """Draws of every criterion lie around the value the whole company shows."""
    replay = company_evidence.replay(design)
    drawn = measure_draws(replay.comparison, replay.brought, Resamples.of(len(company_evidence.history.account_ids), 0))
    for model in replay.comparison.models:
        for criterion, value in (
            ("losers", model.share_up),
            ("retention", model.path.retention),
            ("stability", model.path.swing),
            ("bills", model.path.shock.jumps.estimate),
            ("value", model.path.value.estimate),
        ):
            draws = drawn[model.key, criterion]
            assert np.nanmedian(draws) == pytest.approx(value, abs=3 * np.nanstd(draws) + 1e-9), (model.key, criterion)


def test_draws_of_h_keep_its_interval(company_evidence: ModelFitEvidence) -> None:
    """The 90% of draws of H are its 90% interval."""
    h = company_evidence.adoption.h
    low, high = np.quantile(order_draws(h, 20_000, 1), (0.05, 0.95))
    assert (low, high) == pytest.approx((h.low, h.high), abs=0.02)


def test_every_model_is_tuned_on_the_same_accounts(company: CustomerBase) -> None:
    """Five drafts, each with the level of its prices set anew in every draw, never below what it brings untouched."""
    choice = MetricChoice("data", "", "seats", "data")
    found = contributions(company, choice)
    assert found is not None
    assert set(found.takings) == {"value_metric", "tiered", "add_on", "usage_based", "hybrid"}
    for key, takings in found.takings.items():
        untouched = float(np.einsum("ad,a->d", takings[4], found.worth.stands_for).mean())
        assert found.brings(key) >= untouched
