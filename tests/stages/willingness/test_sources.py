"""Where willingness to pay comes from: answers turned into what offers are worth to accounts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from workbench.demand import DemandError
from workbench.demand.imputed_worth import CORE
from workbench.errors import WorkbenchError
from workbench.research import Overstatement
from workbench.stages.price_book import list_of_today
from workbench.stages.willingness import evidence
from workbench.stages.willingness.evidence import (
    ResearchAnswers,
    asked_per,
    available,
    feature_weights,
    usable,
    worth_from_source,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.customers import CustomerBase
    from workbench.demand import Worth

pytestmark = pytest.mark.slow

AS_STATED = Overstatement(1.0, 1.0)
DRAWS = 30


def answers_of(base: CustomerBase) -> ResearchAnswers:
    """Return the answers with stated prices taken as they are."""
    return ResearchAnswers(base, AS_STATED)


def seats_of(worth: Worth) -> np.ndarray:
    """Return the seats of the customers asked."""
    return worth.customers.quantities(("seats",))["seats"]


def said(worth: Worth) -> str:
    """Return all cautions in one text."""
    return " ".join(each.text for each in worth.cautions)


@pytest.mark.parametrize("source", ["choices", "price ladder", "price sensitivity"])
def test_a_price_per_seat_is_worth_that_times_seats(asked: CustomerBase, source: evidence.Source) -> None:
    """Nobody pays less or more a seat than somebody of the survey said, whatever the number of seats."""
    worth = worth_from_source(answers_of(asked), source, draws=DRAWS)
    per_seat = np.median(worth.whole / seats_of(worth)[:, None], axis=1)
    assert per_seat.min() > 5
    assert per_seat.max() < 60
    assert np.corrcoef(worth.whole.mean(axis=1), seats_of(worth))[0, 1] > 0.8
    assert "per seat" in said(worth)


def test_a_price_per_account_is_not_multiplied(
    ladder: Callable[..., pd.DataFrame], company: Callable[..., CustomerBase]
) -> None:
    """Without a unit, or with the unit account, a price buys the whole account: large ones are worth no more for it."""
    for per in (None, "account"):
        base = company(survey_price_ladder=ladder(per=per), without=("mrr",))  # no bills, so nothing lifts the worth
        worth = worth_from_source(answers_of(base), "price ladder", draws=DRAWS)
        assert np.median(worth.whole) <= 40
        assert "per seat" not in said(worth)


def test_per_seat_is_the_price_per_account_times_seats(
    ladder: Callable[..., pd.DataFrame], company: Callable[..., CustomerBase]
) -> None:
    """The same answers with and without the unit differ by the seats of each account."""
    one, times = (
        worth_from_source(
            answers_of(company(survey_price_ladder=ladder(per=per), without=("mrr",))), "price ladder", draws=DRAWS
        )
        for per in (None, "seats")
    )
    np.testing.assert_allclose(times.whole, one.whole * seats_of(one)[:, None], rtol=1e-5)


def test_accounts_without_known_units_are_left_out_and_counted(
    ladder: Callable[..., pd.DataFrame], company: Callable[..., CustomerBase]
) -> None:
    """An account whose seats nobody recorded has no price; the caution counts them."""
    full = company()
    usage = full.frames["usage"]
    base = company(survey_price_ladder=ladder(), usage=usage[~usage["account_id"].isin(["a00", "a01", "a02"])])
    worth = worth_from_source(answers_of(base), "price ladder", draws=DRAWS)
    assert len(worth.customers) == len(full) - 3
    assert not {"a00", "a01", "a02"} & set(worth.customers.ids)
    assert "3 accounts without seats" in said(worth)


@pytest.mark.parametrize("source", ["choices", "price ladder", "price sensitivity"])
def test_a_unit_nobody_has_is_refused_with_its_name(
    asked: CustomerBase, company: Callable[..., CustomerBase], source: evidence.Source
) -> None:
    """A price per robot is of no use without robots on record."""
    table = evidence.NEEDS[source]
    base = company(**{table: asked.frames[table].assign(per="robots")})
    with pytest.raises(DemandError, match="per robots"):
        worth_from_source(answers_of(base), source, draws=DRAWS)


def test_prices_of_different_units_are_refused() -> None:
    """Seats and accounts in one table cannot be told apart; blanks count as accounts."""
    with pytest.raises(DemandError, match="account and per seats"):
        asked_per(pd.DataFrame({"per": ["seats", "account"]}))
    with pytest.raises(DemandError, match="account and per seats"):
        asked_per(pd.DataFrame({"per": ["seats", None]}))


@pytest.mark.parametrize(
    ("values", "unit"), [(["seats", " seats"], "seats"), (["", None], "account"), ([None], "account")]
)
def test_what_a_price_buys(values: list[str | None], unit: str) -> None:
    """One name is the unit; nothing said is an account."""
    assert asked_per(pd.DataFrame({"per": values})) == unit
    assert asked_per(pd.DataFrame({"price": [1]})) == "account"


def test_mixed_units_are_refused_by_every_source(asked: CustomerBase, company: Callable[..., CustomerBase]) -> None:
    """Whoever reads the answers says so in words."""
    for source in ("choices", "price ladder", "price sensitivity"):
        frame = asked.frames[evidence.NEEDS[source]].copy()
        frame.loc[frame["respondent"] == frame["respondent"].iloc[0], "per"] = "account"
        with pytest.raises(WorkbenchError, match="seats"):
            worth_from_source(answers_of(company(**{evidence.NEEDS[source]: frame})), source, draws=DRAWS)


def test_the_order_of_the_answers_does_not_matter(
    choices: Callable[..., pd.DataFrame], company: Callable[..., CustomerBase], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each respondent keeps the own utilities, segment and weight when the rows of the survey are shuffled."""
    given = {}
    original = evidence.from_utilities

    def seen(utilities: np.ndarray, attributes: tuple[str, ...], people: object, **rest: object) -> object:
        column = attributes.index("price")
        audit = attributes.index("audit_trail")
        ratio = -np.median(utilities[:, :, audit], axis=1) / np.median(utilities[:, :, column], axis=1)
        given[len(given)] = {
            name: (value, segment) for name, value, segment in zip(people.ids, ratio, people.segment, strict=True)
        }
        return original(utilities, attributes, people, **rest)

    monkeypatch.setattr(evidence, "from_utilities", seen)
    frame = choices()
    frame["segment"] = np.where(frame["respondent"].str[1:].astype(int) % 2, "large", "small")
    for survey in (frame, frame.sample(frac=1, random_state=4)):
        worth_from_source(answers_of(company(survey_choice=survey)), "choices", draws=200)
    first, second = given[0], given[1]
    assert set(first) == set(second) == set(frame["respondent"])
    assert all(first[name][1] == second[name][1] == ("small", "large")[int(name[1:]) % 2] for name in first)
    names = sorted(first)
    values = np.array([[found[name][0] for name in names] for found in (first, second)])
    assert np.corrcoef(values)[0, 1] > 0.85  # the estimate itself varies with its draws


def test_choices_know_what_a_plan_with_and_without_a_feature_is_worth(asked: CustomerBase) -> None:
    """Truth: the audit trail adds 5 and reports 4 a seat to what the plan is worth, choosing none being worth -18."""
    worth = worth_from_source(answers_of(asked), "choices", draws=200)
    plans = list_of_today(asked)
    large = worth.customers.plan == "Large"
    assert np.isneginf(worth.of(plans.plan("Small"))[large]).all()  # limited to 12 seats
    assert np.isfinite(worth.of(plans.plan("Small"))[~large]).all()
    bare = plans.plan("Large").__class__("Bare", 0, features=("Core",))
    added = (worth.of(plans.plan("Large")) - worth.of(bare)) / seats_of(worth)[:, None]
    assert 7 < np.median(added) < 11


def test_the_best_sources_come_first(asked: CustomerBase, company: Callable[..., CustomerBase]) -> None:
    """Choices, ladder, price questions, bills; a survey that cannot be estimated is not among them."""
    assert available(answers_of(asked)) == ("choices", "price ladder", "price sensitivity", "what customers pay")
    broken = company(survey_choice=asked.frames["survey_choice"].assign(chosen=0))
    assert available(answers_of(broken)) == ("what customers pay",)


def test_a_source_that_is_not_there_is_refused_with_what_there_is(
    company: Callable[..., CustomerBase], asked: CustomerBase
) -> None:
    """The sentence names the missing table, or what is wrong with it, and the sources that can be used."""
    with pytest.raises(DemandError, match=r"survey_price_ladder.*what customers pay"):
        usable(answers_of(company()), "price ladder")
    broken = answers_of(company(survey_choice=asked.frames["survey_choice"].assign(chosen=0)))
    with pytest.raises(DemandError) as refused:
        usable(broken, "choices")
    assert broken.problem("choices") in str(refused.value)
    assert usable(answers_of(asked), "price ladder") == ("price ladder",)


def test_features_weigh_the_same_until_somebody_was_asked(company: Callable[..., CustomerBase]) -> None:
    """Without best-worst choices all features count alike; without features there is nothing to weigh."""
    assert feature_weights(answers_of(company())) == {"Core": 1.0, "Reports": 1.0, "Audit trail": 1.0}
    assert feature_weights(answers_of(company(without=("features", "feature_use", "plan_features")))) == {}


def test_features_weigh_as_best_worst_choices_say(company: Callable[..., CustomerBase]) -> None:
    """The feature picked as best weighs most, and one nobody was asked about as the average of the others."""
    rows = [
        (f"B{who:02}", str(task), feature, "best" if feature == best else "worst" if feature == "Core" else "none")
        for who in range(40)
        for task in range(3)
        for best in [("Audit trail", "Audit trail", "Export")[(who + task) % 3]]
        for feature in ("Core", "Audit trail", "Export", "Alerts")
    ]
    survey = pd.DataFrame(rows, columns=["respondent", "task", "feature", "choice"])
    answers = answers_of(company(survey_best_worst=survey))
    weights = feature_weights(answers)
    assert set(weights) == {"Core", "Reports", "Audit trail"}
    assert weights["Audit trail"] > weights["Reports"] > weights["Core"]
    shares = [share.estimate for share in answers.best_worst.share]
    assert weights["Reports"] == pytest.approx(sum(shares) / len(shares))


def test_a_plan_without_a_must_have_serves_nobody_who_uses_it(
    ladder: Callable[..., pd.DataFrame], company: Callable[..., CustomerBase]
) -> None:
    """Everybody uses Core, which the data names a must-have: a plan without it is worth nothing to anybody."""
    base = company(survey_price_ladder=ladder())
    plan = list_of_today(base).plan("Large")
    for source in ("price ladder", "what customers pay"):
        worth = worth_from_source(answers_of(base), source, draws=DRAWS)
        assert worth.must_have == {"Core"}
        assert np.isfinite(worth.of(plan)).all()
        assert np.isneginf(worth.of(plan.__class__("No core", 0, features=("Reports", "Audit trail")))).all()


def test_must_haves_keep_their_share_of_the_worth(
    ladder: Callable[..., pd.DataFrame], company: Callable[..., CustomerBase]
) -> None:
    """A bare plan with the must-haves is worth what no feature carries, and of the rest what the must-haves weigh."""
    base = company(survey_price_ladder=ladder())
    worth = worth_from_source(answers_of(base), "price ladder", draws=200)
    low, high = CORE[0] + (1 - CORE[0]) / 3, CORE[1] + (1 - CORE[1]) / 3
    middle = worth.imputed.core.mean(axis=0)
    assert low - 0.05 < middle.min() < low + 0.05
    assert high - 0.05 < middle.max() < high + 0.05
    bare = list_of_today(base).plan("Small")
    assert bare.features == ("Core",)
    everything = replace(bare, features=("Core", "Reports", "Audit trail"), limits=())
    np.testing.assert_allclose(worth.of(everything), worth.whole, rtol=1e-6)
    wanted = worth.imputed.wants.any(axis=0)
    assert (worth.of(replace(bare, limits=()))[wanted] < worth.whole[wanted]).all()


def test_bills_say_at_least_what_is_paid_for_todays_plan(company: Callable[..., CustomerBase]) -> None:
    """Without a survey the plan an account has is worth its bill or more, in every draw."""
    base = company()
    worth = worth_from_source(answers_of(base), "what customers pay", draws=DRAWS)
    for plan in list_of_today(base).plans:
        on_it = worth.customers.plan == plan.name
        assert on_it.sum() > 20
        assert (worth.of(plan)[on_it] >= worth.customers.paid[on_it][:, None] * (1 - 1e-5)).all()
