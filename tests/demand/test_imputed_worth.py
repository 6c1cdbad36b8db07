"""Worth imputed from answers: laws that hold whatever was said."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from workbench.demand import DemandError, impute_worth
from workbench.demand.imputed_worth import AccountFacts
from workbench.demand.willingness import LimitsPerUnit


def facts(count: int = 200, seed: int = 1) -> AccountFacts:
    """Return accounts of three sizes on two plans, some of them free."""
    rng = np.random.default_rng(seed)
    segment = rng.integers(0, 3, count)
    units = np.maximum(1, np.round(np.exp(rng.normal(2 + segment, 0.5))))
    has = np.zeros((count, 4), dtype=bool)
    has[:, :2] = True
    has[count // 2 :] = True
    bill = 20 * units * np.where(has.all(axis=1), 2, 1)
    bill[: count // 10] = 0
    return AccountFacts(
        segment=segment, quantity=units, units=units, bill=bill, uses=has & (rng.random((count, 4)) < 0.7), has=has
    )


def answers(who: np.ndarray, price: float | np.ndarray = 60.0) -> LimitsPerUnit:
    """Return what these accounts said per unit."""
    middle = np.broadcast_to(price, who.shape)
    return LimitsPerUnit(account=who, low=middle * 0.9, high=middle * 1.1, weight=np.ones(len(who)))


def test_nobody_is_worth_less_than_they_pay_but_those_who_would_leave() -> None:
    """In most draws the worth of the own plan is at least the bill, whatever low prices people state."""
    known = facts()
    worth = impute_worth(known, answers(np.arange(50, 90), 5.0), draws=100)
    own = np.exp(worth.log_worth) * known.units[:, None] * worth.part(known.has)
    assert (own >= known.bill[:, None] - 1e-6).mean() > 0.85


def test_without_an_answer_it_says_what_is_lacking() -> None:
    """Nothing said is no worth of nothing: it is refused with what to do."""
    with pytest.raises(DemandError, match="no answer"):
        impute_worth(facts(), answers(np.arange(0)), draws=10)


def test_free_accounts_have_no_floor() -> None:
    """An account that pays nothing may be worth next to nothing."""
    known = facts()
    cheap = impute_worth(known, answers(np.arange(20), 0.5), draws=50)
    assert np.exp(cheap.log_worth[known.bill == 0]).mean() < 2


def test_fewer_answers_make_wider_ranges() -> None:
    """The mean worth is known less well from six answers than from sixty."""
    known, rng = facts(), np.random.default_rng(4)
    price = np.exp(rng.normal(4.3, 0.5, 200))
    widths = []
    for count in (6, 60):
        who = np.arange(100, 100 + count)
        worth = impute_worth(known, answers(who, price[who]), draws=200, seed=2)
        widths.append(np.log(np.exp(worth.log_worth).mean(axis=0)).std())
    assert widths[0] > widths[1]


def test_more_features_are_never_worth_less() -> None:
    """Adding a feature to an offer never lowers what it is worth, and everything is worth the whole."""
    known = facts()
    worth = impute_worth(known, answers(np.arange(100, 140)), draws=30)
    offers = [np.arange(4) < count for count in range(5)]
    values = [worth.worth(offer) for offer in offers]
    for fewer, more in pairwise(values):
        assert (more >= fewer - 1e-9).all()
    assert values[-1] == pytest.approx(np.exp(worth.log_worth) * known.units[:, None])


def test_the_unit_of_money_does_not_matter() -> None:
    """Prices and bills a hundred times as high give worth a hundred times as high."""
    known = facts()
    who = np.arange(100, 140)
    one = impute_worth(known, answers(who), draws=20)
    other = impute_worth(replace(known, bill=known.bill * 100), answers(who, 6_000.0), draws=20)
    assert other.log_worth - one.log_worth == pytest.approx(np.full_like(one.log_worth, np.log(100)))


@pytest.mark.parametrize(
    ("who", "price", "why"),
    [
        (np.arange(100, 104), 90.0, "few answers"),
        (np.arange(100, 140), 10.0, "below the own bill"),
        (np.arange(100, 140), 90.0, None),
    ],
)
def test_what_cannot_be_known_says_why(who: np.ndarray, price: float, why: str | None) -> None:
    """Too few answers, or answers below what people pay, are refused with the reason."""
    known = facts()
    spread = price * np.exp(0.1 * known.segment[who])
    assert impute_worth(known, answers(who, spread), draws=20).why_unknown == why


def test_answers_not_linked_to_accounts_are_used_as_one_group() -> None:
    """Without links every account is like any respondent; nothing fails and worth is near what was said."""
    known = facts()
    unlinked = replace(answers(np.full(40, -1), 80.0), account=np.full(40, -1))
    worth = impute_worth(known, unlinked, draws=100)
    free = np.exp(worth.log_worth[known.bill == 0])
    assert np.median(free) == pytest.approx(80 / 1.19, rel=0.15)
