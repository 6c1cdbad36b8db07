"""Annual against monthly: closed forms, a simulated world, the year replayed by hand, and shown wherever a stage is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from sold_company import company, section_of

from workbench import open_stage
from workbench.customers import CustomerBase
from workbench.impact import YearlyOffer, break_even_discount, break_even_renewal, paid_by_the_year
from workbench.stages import stage
from workbench.study import ImpossibleDocumentError, Scenario

if TYPE_CHECKING:
    from typing import Any

    from workbench import Session

pytestmark = pytest.mark.needs_stage("annual_terms")
GUESSES = {"take_up_low": 0.2, "take_up_high": 0.4, "renewal_low": 0.1, "renewal_high": 0.2}


def stage_module() -> Any:  # noqa: ANN401 - a stage's package
    """Return the stage's package, found by its key."""
    return stage("annual_terms").module


def decided(**fields: object) -> Scenario:
    """Return a scenario with these terms."""
    return Scenario(id="s", name="S").with_decision(stage_module().Decision(**fields))


@pytest.mark.parametrize("churn", [0.005, 0.02, 0.08])
def test_the_closed_forms_are_what_a_simulated_world_pays(churn: float) -> None:
    """Of 200,000 customers that leave at random, a year at the break-even discount and a life at the break-even
    renewal bring what paying by the month does."""  # noqa: D209, D205 - one law
    random = np.random.default_rng(3)
    months = random.geometric(churn, 200_000)  # the months each pays, its first included
    first_year = np.minimum(months, 12).mean()
    assert 12 * (1 - break_even_discount(churn)) == pytest.approx(first_year, rel=0.005)
    discount = 0.15
    years = random.geometric(break_even_renewal(churn, discount), 200_000)
    assert (12 * (1 - discount) * years).mean() == pytest.approx(months.mean(), rel=0.02)


def test_an_offer_nobody_takes_changes_nothing() -> None:
    """Revenue and cash are those of today, and nothing is paid ahead."""
    found = YearlyOffer(0.2, 0.0, 0.03, 0.2).by_month(24)
    assert found["mrr"] == pytest.approx(found["mrr before"])
    assert found["cash"] == pytest.approx(found["mrr before"])
    assert found["prepaid"] == pytest.approx(0)


def test_cash_comes_when_billed_and_revenue_by_twelfths() -> None:
    """Everybody switches at once and nobody leaves: twelve months at once, then nothing for eleven, all used up."""
    found = YearlyOffer(0.1, 1.0, 0.0, 0.0).by_month(24)
    assert found["mrr"][0] == pytest.approx(np.full(24, 0.9))
    assert found["cash"][0] == pytest.approx([10.8, *[0.0] * 11, 10.8, *[0.0] * 11])
    assert found["prepaid"][0][[11, 23]] == pytest.approx([0, 0])
    assert (found["prepaid"] >= -1e-9).all()


@pytest.mark.parametrize("ramp", [1, 5, 12])
@pytest.mark.parametrize("leave", [0.0, 0.3, 0.9])
def test_cash_is_revenue_once_every_year_is_over(ramp: int, leave: float) -> None:
    """What has been paid for months to come is never below nothing, and nothing is earned that was not paid."""
    found = YearlyOffer(0.15, 0.6, 0.04, leave, ramp=ramp).by_month(60)
    assert (found["prepaid"] >= -1e-9).all()
    assert found["prepaid"][0] == pytest.approx(np.cumsum(found["cash"] - found["mrr"], axis=1)[0])
    assert (np.diff(found["mrr before"][0]) <= 0).all()


@pytest.mark.parametrize(("yearly", "leave"), [(0.3, 0.1), (0.5, 0.05)])
def test_at_the_break_even_take_up_the_offer_brings_as_much_as_it_costs(yearly: float, leave: float) -> None:
    """Those who switch make up for the deeper discount of those who pay by the year already, to the cent."""
    offer = YearlyOffer(0.05, 0.0, 0.03, leave, yearly_share=yearly)
    take_up = offer.break_even_take_up(24)
    assert take_up is not None
    assert 0 < take_up <= 1
    at_it = YearlyOffer(0.05, take_up, 0.03, leave, yearly_share=yearly).by_month(24)
    assert at_it["mrr"].sum() == pytest.approx(at_it["mrr before"].sum())
    assert YearlyOffer(0.4, 0.0, 0.01, 0.3, yearly_share=yearly).break_even_take_up(24) is None
    assert YearlyOffer(0.05, 0.0, 0.03, leave).break_even_take_up(24) == 0


def test_the_gain_of_a_customer_is_nothing_at_the_break_even() -> None:
    """A life by the year less a life by the month; where nobody leaves there is no end to count to."""
    assert YearlyOffer(0.1, 1.0, 0.02, break_even_renewal(0.02, 0.1)).gain == pytest.approx(0)
    assert np.isnan(YearlyOffer(0.1, 1.0, 0.0, 0.1).gain)


def test_a_year_replayed_is_counted_by_hand() -> None:
    """One who stays, one who grows, one who leaves after three months, under each rule on refunds."""
    paid = np.array([[100.0] * 12, [100.0] * 6 + [200.0] * 6, [100.0] * 3 + [np.nan] * 9])
    by_hand = {
        "none": [1080, 1620, 1080],
        "unused days": [1080, 1620, 270],
        "used months at the monthly price": [1080, 1620, 300],
    }
    for rule, amounts in by_hand.items():
        assert paid_by_the_year(paid, 0.1, rule) == pytest.approx(amounts)  # type: ignore[arg-type]


def test_the_replay_and_the_closed_form_agree_where_churn_is_even() -> None:
    """In a large company with a planted churn, the discount at which the record breaks even is the closed form's."""
    churn = 0.03
    base = CustomerBase.from_tables(company(accounts=6_000, churn=churn, seed=8))
    found = stage_module().evaluate(base, decided())
    assert found.replayed.discount == pytest.approx(break_even_discount(churn), abs=0.01)
    assert found.churn.low <= churn <= found.churn.high
    assert found.churn.high - found.churn.low < 0.005


def test_contracts_say_who_pays_by_the_year(base: CustomerBase) -> None:
    """A third has signed for a year: they are left out of churn and of the year replayed, and set the take-up."""
    known = stage_module().gather(base)
    assert known.by_the_year.sum() == 20
    assert known.take_up.low < 1 / 3 < known.take_up.high
    assert 0 < known.yearly_share < 1
    assert not (known.starters & known.by_the_year).any()
    made = stage_module().suggest(base, Scenario(id="s", name="S"), evidence=known)
    assert made.take_up_low < 1 / 3 < made.take_up_high
    assert made.renewal_low is None
    found = stage_module().evaluate(base, decided(discount=0.2, **GUESSES), evidence=known)
    assert any("by the year already" in each.title for each in found.findings)


def test_what_is_unknown_is_said(base: CustomerBase) -> None:
    """Without a take-up there is no path; without who leaves after a year it ends with the first year."""
    blind = stage_module().evaluate(base, decided())
    assert len(blind.path) == 0
    assert [each.value for each in blind.key_figures][-1] is None
    assert [each.status for each in blind.findings if "end of a year" in each.title] == ["unknown"]
    first = stage_module().evaluate(base, decided(take_up_low=0.2, take_up_high=0.4))
    assert len(first.path) == 12
    known = stage_module().evaluate(base, decided(**GUESSES))
    assert len(known.path) == 24
    pd_first = known.path.head(12)
    assert pd_first["mrr"].to_numpy() == pytest.approx(first.path["mrr"].to_numpy())
    bare = CustomerBase.from_tables({name: base.table(name) for name in ("accounts", "usage")}, currency="USD")
    nothing = stage_module().evaluate(bare, decided(**GUESSES))
    assert (nothing.churn, nothing.replayed, len(nothing.path)) == (None, None, 0)


def test_a_yearly_price_on_the_list_is_the_starting_point(base: CustomerBase) -> None:
    """Where the list prices both a month and a year, its own discount is what a team starts from."""
    tables = {name: base.table(name) for name in ("accounts", "mrr", "usage", "plans")}
    monthly = tables["plans"]
    yearly = monthly.assign(billing_period="year", unit_price=monthly["unit_price"] * 10)
    import pandas as pd  # noqa: PLC0415 - for this one

    both = CustomerBase.from_tables({**tables, "plans": pd.concat([monthly, yearly])})
    assert stage_module().gather(both).listed == pytest.approx(1 / 6)
    assert stage_module().suggest(both, Scenario(id="s", name="S")).discount == pytest.approx(1 / 6, abs=1e-4)


def test_bills_are_exact(base: CustomerBase) -> None:
    """A year at ten percent off, with the days of the month that are paid taken off on the switch."""
    rows = stage_module().evaluate(base, decided(discount=0.1, refund="unused days")).tables["bills"].frame
    for _, row in rows.iterrows():
        monthly, yearly, saved, due, back = row.iloc[2:]
        assert yearly == round(monthly * 12 * 9 / 10, 2)
        assert saved == 12 * monthly - yearly
        assert abs(due - (yearly - monthly * 20 / 30)) <= 0.005 + 1e-9 if isinstance(due, float) else True
        assert 0 < back < yearly


def test_impossible_terms_are_refused() -> None:
    """A range the wrong way round is named with its ends; one end alone stands for both."""
    with pytest.raises(ImpossibleDocumentError, match="30% to 10%"):
        stage_module().Decision(take_up_low=0.3, take_up_high=0.1)
    assert stage_module().Decision(take_up_low=0.3).range_of("take_up") == (0.3, 0.3)


def test_the_panel_moves_the_terms_and_undo_takes_them_back(session: Session) -> None:
    """The discount has the field's bounds, an empty range is not known, and undo takes each step back."""
    panel = open_stage(session, "annual_terms")
    kind = stage_module().Decision
    before = session.scenario.decision(kind)
    box = panel.settings["discount"]
    assert (box.minimum, box.maximum, box.unit) == (0, 50, "%")
    box.value = 20
    panel.flush()
    assert session.scenario.decision(kind).discount == 0.2
    assert "20%" in panel.terms.static_html()
    session.undo()
    panel.flush()
    assert session.scenario.decision(kind) == before
    panel.close()


def test_report_and_workbook_show_it(told: tuple[str, list[str]]) -> None:
    """The sections stand on the page in the order of the view; figures and tables are in the workbook."""
    page, sheets = told
    own = section_of(page, "annual_terms")
    assert own.index("<h3>A year in advance") < own.index("<h3>On the record")
    assert "What a customer brings" in own
    for caption in ("Cash beside revenue", "The last year of those who began", "Exact bills of the middle customer"):
        assert any(caption in sheet for sheet in sheets), caption
