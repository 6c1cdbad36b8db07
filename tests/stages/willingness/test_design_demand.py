"""One design before its customers: what is shared while prices move, and that nothing shared goes stale."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pytest

from workbench.demand import fee_of
from workbench.pricing import AddOn, Charge
from workbench.stages.price_book import price_book
from workbench.stages.willingness import WillingnessDecision, evaluate, gather
from workbench.stages.willingness.evaluation import DesignDemand

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.customers import CustomerBase
    from workbench.pricing import PriceBook
    from workbench.stages.willingness import DemandEvidence
    from workbench.stages.willingness.evidence import SourcedDemand
    from workbench.study import Scenario

LADDER = WillingnessDecision(source="price ladder")


@pytest.fixture(params=["surplus", "logit"])
def fitted(request: pytest.FixtureRequest, evidence: DemandEvidence) -> SourcedDemand:
    """Return demand from the ladder under each rule of choice."""
    return evidence.sourced(LADDER.replaced(rule=request.param))


@pytest.fixture(scope="module")
def book(asked: CustomerBase, scenario: Callable[..., Scenario]) -> Callable[..., PriceBook]:
    """Return a function from prices to the price book of the design."""
    return lambda *args, **names: price_book(asked, scenario(*args, **names))


def test_the_outcome_is_that_of_demand_on_the_book(fitted: SourcedDemand, book: Callable[..., PriceBook]) -> None:
    """Keeping the task changes nothing about who buys what."""
    mine, plain = DesignDemand.of(fitted, book()).outcome, fitted.demand.outcome(book())
    np.testing.assert_array_equal(mine.buyers, plain.buyers)
    assert (mine.revenue, mine.margin, mine.elsewhere) == (plain.revenue, plain.margin, plain.elsewhere)


def test_moving_prices_shares_what_offers_are_worth(fitted: SourcedDemand, book: Callable[..., PriceBook]) -> None:
    """The task is the same object, and the outcome that of a design worked out afresh."""
    first = DesignDemand.of(fitted, book())
    moved = DesignDemand.of(fitted, book(14, 25, add_on=55), first)
    assert moved.task is first.task
    fresh = DesignDemand.of(fitted, book(14, 25, add_on=55))
    assert fresh.task is not first.task
    np.testing.assert_allclose(moved.outcome.buyers, fresh.outcome.buyers)
    assert moved.outcome.revenue == pytest.approx(fresh.outcome.revenue)
    assert moved.outcome.revenue != pytest.approx(first.outcome.revenue)


def test_another_name_of_the_scenario_shares_too(fitted: SourcedDemand, book: Callable[..., PriceBook]) -> None:
    """A copy of a design under another name has the same customers before the same offer."""
    first = DesignDemand.of(fitted, book())
    assert DesignDemand.of(fitted, replace(book(), name="Copy", note="for Monday"), first).task is first.task


def change_features(book: PriceBook) -> PriceBook:
    """Move a feature into a tier."""
    plans = list(book.plans)
    plans[1] = replace(plans[1], features=("Core", "Audit trail"))
    return replace(book, plans=tuple(plans))


def make_free(book: PriceBook) -> PriceBook:
    """Make a priced tier free."""
    plans = list(book.plans)
    plans[1] = replace(plans[1], charges=(), base_fee=Decimal(0))
    return replace(book, plans=tuple(plans))


def make_flat(book: PriceBook) -> PriceBook:
    """Sell a tier by the account instead of by the seat."""
    plans = list(book.plans)
    plans[1] = replace(plans[1], charges=(), base_fee=Decimal(12))
    return replace(book, plans=tuple(plans))


def add_usage(book: PriceBook) -> PriceBook:
    """Charge for seats beside the fee of the add-on."""
    add_on = replace(book.add_ons[0], charges=(Charge("seats", "per_unit", unit_price=Decimal(1)),))
    return replace(book, add_ons=(add_on,))


def no_add_on(book: PriceBook) -> PriceBook:
    """Take the add-on off."""
    return replace(book, add_ons=())


def on_request(book: PriceBook) -> PriceBook:
    """Sell the add-on on request."""
    return replace(book, add_ons=(AddOn("Audit pack", None, features=("Audit trail",)),))


@pytest.mark.parametrize("change", [change_features, make_free, make_flat, add_usage, no_add_on, on_request])
def test_anything_but_a_price_makes_a_task_of_its_own(
    evidence: DemandEvidence, book: Callable[..., PriceBook], change: Callable[[PriceBook], PriceBook]
) -> None:
    """Another feature, unit, charge or offer is worth something else; nothing of the old design is kept."""
    fitted = evidence.sourced(LADDER)
    first = DesignDemand.of(fitted, book())
    changed = DesignDemand.of(fitted, change(book()), first)
    assert changed.task is not first.task
    assert changed.outcome.revenue == pytest.approx(fitted.demand.outcome(change(book())).revenue)


def test_other_answers_make_a_task_of_their_own(evidence: DemandEvidence, book: Callable[..., PriceBook]) -> None:
    """The same prices before other customers are another question."""
    first = DesignDemand.of(evidence.sourced(LADDER), book())
    other = evidence.sourced(WillingnessDecision(source="what customers pay"))
    assert DesignDemand.of(other, book(), first).task is not first.task


def test_priced_tiers_are_those_with_a_price_to_move(evidence: DemandEvidence, book: Callable[..., PriceBook]) -> None:
    """Neither free nor on request."""
    assert DesignDemand.of(evidence.sourced(LADDER), book()).priced == ("Team", "Firm")


@pytest.mark.parametrize("plan", ["Team", "Firm"])
@pytest.mark.parametrize("prices", [(12, 22), (13.5, 19), (9, 40)])
def test_the_line_at_its_own_price_is_the_outcome(
    fitted: SourcedDemand, book: Callable[..., PriceBook], plan: str, prices: tuple[float, float]
) -> None:
    """Share, revenue and margin on the line of a tier agree with the design, exactly or as interpolated."""
    design = DesignDemand.of(fitted, book(*prices))
    own = fee_of(design.book.plan(plan)).amount
    at, outcome = design.line(plan).at(own), design.outcome
    close = 1e-5 if fitted.demand.rule == "surplus" else 5e-3
    assert at.revenue.mean() == pytest.approx(outcome.revenue, rel=close)
    assert at.margin.mean() == pytest.approx(outcome.margin, rel=close)
    np.testing.assert_allclose(at.buyers.mean(axis=(0, 1)), outcome.buyers, rtol=close, atol=close * 60)


def test_a_line_does_not_go_stale_when_another_price_moves(
    fitted: SourcedDemand, book: Callable[..., PriceBook]
) -> None:
    """After the other tier's or the add-on's price moved, the line of the shared design is that of a fresh one."""
    first = DesignDemand.of(fitted, book())
    first.curve("Team")
    for prices, add_on in (((12, 30), 30), ((12, 22), 80), ((12, 22), 30)):
        shared = DesignDemand.of(fitted, book(*prices, add_on=add_on), first)
        fresh = DesignDemand.of(fitted, book(*prices, add_on=add_on))
        asked = np.linspace(4, 28, 9)
        np.testing.assert_allclose(shared.line("Team").at(asked).revenue, fresh.line("Team").at(asked).revenue)
        np.testing.assert_allclose(
            shared.curve("Team").select_dtypes("number"), fresh.curve("Team").select_dtypes("number")
        )


def test_a_line_stays_while_its_own_price_moves(fitted: SourcedDemand, book: Callable[..., PriceBook]) -> None:
    """A dragged price looks the line up; a price beyond its ends gets a line of its own that contains it."""
    first = DesignDemand.of(fitted, book(12))
    line, curve = first.line("Team"), first.curve("Team")
    dragged = DesignDemand.of(fitted, book(15), first)
    assert dragged.line("Team") is line
    assert dragged.curve("Team") is curve
    far = DesignDemand.of(fitted, book(60, 90), first)
    assert far.line("Team") is not line
    assert far.curve("Team")["price"].min() < 60 < far.curve("Team")["price"].max()


def test_many_lines_do_not_pile_up(evidence: DemandEvidence, book: Callable[..., PriceBook]) -> None:
    """However long somebody plays with prices, a bounded number of lines is kept, and each is right."""
    fitted = evidence.sourced(LADDER)
    design = DesignDemand.of(fitted, book())
    for step in range(60):
        design = DesignDemand.of(fitted, book(12, 22 + step), design)
        at = design.line("Team").at(12)
        assert at.revenue.mean() == pytest.approx(design.outcome.revenue, rel=1e-5)
    assert len(design._lines) <= 24


def test_a_result_hands_its_design_to_the_next(
    asked: CustomerBase, evidence: DemandEvidence, scenario: Callable[..., Scenario]
) -> None:
    """Evaluating with the evidence of the one before shares the task and gives the same figures as without."""
    first = evaluate(asked, scenario().with_decision(LADDER), evidence=evidence)
    assert first.design is not None
    moved = scenario(13).with_decision(LADDER)
    shared = evaluate(asked, moved, evidence=evidence)
    fresh = evaluate(asked, moved, evidence=gather(asked, draws=40))
    assert shared.design.task is first.design.task
    assert shared.key_figures == fresh.key_figures
    assert shared.cautions == fresh.cautions
