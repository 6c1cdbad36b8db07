"""What the charts draw, and the panel without a screen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest

from workbench.errors import StudyError
from workbench.rendering.declared import DeclaredPanel, open_stage
from workbench.rendering.section import strict_callbacks
from workbench.rendering.session import Session
from workbench.stages.anchoring import Decision, decision, evaluate, figures, suggest
from workbench.stages.anchoring.charts import ladder_rows, quantity_slider, slider_rows, value_rows
from workbench.stages.anchoring.decision import Differentiation, ExchangeRate
from workbench.stages.anchoring.evidence import quote
from workbench.stages.anchoring.tables import short_source
from workbench.study import Study

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from workbench.customers import CustomerBase
    from workbench.stages.anchoring.result import AnchoringResult
    from workbench.study import Scenario

pytestmark = pytest.mark.slow

KEYS = ["ladder_1", "ladder_2", "ladder_3", "standing", "along", "corridor", "value"]
ITEMS = (
    Differentiation(id="a", label="Faster", low=100, high=300),
    Differentiation(id="b", label="Fewer connectors", low=-90, high=-30),
)


@pytest.fixture
def result(base: CustomerBase, design: Scenario) -> AnchoringResult:
    """Return the starting point with two items and a rate."""
    decision = suggest(base, design).replaced(
        differentiation=ITEMS, rates={"EUR": ExchangeRate(low=1.0, high=1.2)}, reference=("Cedar", "Flat")
    )
    return evaluate(base, design.with_decision(decision))


@pytest.fixture
def panel(base: CustomerBase, design: Scenario, tmp_path: Path) -> Iterator[DeclaredPanel]:
    """Return the panel on a design with three tiers."""
    study = Study.new("small", "data", title="Small")
    placed = design.replaced(id=study.designs[0].id)
    session = Session(
        tmp_path,
        study.with_scenario(placed).save(tmp_path),
        base=base,
        when=lambda: datetime(2025, 1, 1, tzinfo=UTC),
    )
    with strict_callbacks():
        opened = open_stage(session, "anchoring")
        yield opened
        opened.close()


def test_every_figure_has_words_a_table_and_few_marks(result: AnchoringResult) -> None:
    """All figures compose, describe themselves, carry a table and stay below two thousand rows."""
    found = figures(result)
    assert [each.key for each in found] == KEYS
    for figure in found:
        assert figure.spec()["description"] == figure.description
        assert figure.reading
        assert figure.table is not None
        assert len(figure.table)
        assert sum(len(frame) for frame in figure.data.values()) < 2000


def test_the_ladder_table_carries_provenance(result: AnchoringResult) -> None:
    """Source, day seen, currency, age and the stale mark stand under the chart, for prices on request too."""
    table = figures(result)[0].table
    assert table is not None
    line = table.words().set_index("Offer").loc["Dogwood Custom"]
    assert line[["Published in", "Seen on", "Age (days)", "Price is", "Source"]].tolist() == [
        "USD", "2024-01-01", "181", "stale", "example.com/Dogwood",
    ]  # fmt: skip
    assert line["Per account and month"] == "-"


def test_prices_on_request_are_not_on_the_ladder(result: AnchoringResult) -> None:
    """What has no price has no point; a footnote counts it."""
    rows = ladder_rows(result.comparisons[0], result)
    assert "Dogwood Custom" not in set(rows["offer"])
    assert rows["price"].notna().all()
    assert any("1 competitor plan on request" in note for note in figures(result)[0].footnotes)


def test_the_waterfall_ends_at_the_economic_value(result: AnchoringResult) -> None:
    """Each step starts where the last one ended: 300, +200, -60, so 440."""
    assert result.value is not None
    rows = value_rows(result.value, result.reference, "USD")
    assert rows["end"].tolist() == [300, 500, 440, 440]
    assert rows["start"].tolist() == [0, 300, 500, 0]
    assert rows["kind"].tolist() == ["Reference", "Better here", "Better there", "Value"]


def test_two_items_of_one_name_stay_two_steps(base: CustomerBase, design: Scenario) -> None:
    """Labels are told apart, so that no bar hides another."""
    twice = tuple(Differentiation(id=key, label="Same", low=10, high=10) for key in "ab")
    result = evaluate(base, design.with_decision(Decision(reference=("Cedar", "Flat"), differentiation=twice)))
    assert result.value is not None
    assert value_rows(result.value, result.reference, "USD")["step"].is_unique


def test_the_slider_draws_the_bills_it_names(result: AnchoringResult) -> None:
    """At any quantity the straight pieces give each offer's bill exactly, and none beyond its limit."""
    slider = quantity_slider(result)
    assert slider is not None
    assert slider.metric == "seats"
    rows = slider_rows(result, slider)
    plans = {f"{plan.name} (ours)": plan for plan in result.book.plans}
    plans |= {each.name: each.plan for each in result.offers if each.currency == "USD" and each.plan.priced}
    for at in (1.0, 5.0, 29.0, 30.0, 31.0, 77.0, 150.0):
        here = rows[(rows["lower"] < at) & (at <= rows["upper"])].set_index("offer")
        for name, plan in plans.items():
            expected = quote(plan, {"seats": at}).price
            if name not in set(rows["offer"]):
                continue
            assert (name in here.index) == (expected is not None), (name, at)
            if expected is not None:
                line = here.loc[name]
                assert line["bill"] + line["slope"] * (at - line["lower"]) == pytest.approx(expected)


def test_the_slider_works_in_the_picture_itself(result: AnchoringResult) -> None:
    """The quantity is a parameter of the chart, bound to a range input, so it needs no kernel."""
    spec = next(each for each in figures(result) if each.key == "along").spec()
    bound = [each["bind"] for each in spec["params"] if "bind" in each]
    assert [each["input"] for each in bound] == ["range"]


def test_without_competitors_only_what_is_known_is_drawn(base_of: Callable, design: Scenario) -> None:
    """Our own ladder, the corridor of the rules and the slider remain."""
    base = base_of()
    keys = [each.key for each in figures(evaluate(base, design))]
    assert "standing" not in keys
    assert "value" not in keys
    assert "corridor" in keys


def test_an_archived_page_is_named_by_its_own_address() -> None:
    """The table shows where a price was read, short enough to read."""
    assert short_source("https://web.archive.org/web/20240701101756/https://www.x.com/pricing/") == (
        "x.com/pricing (archived)"
    )
    assert short_source("https://www.x.com/pricing") == "x.com/pricing"


def fill(panel: DeclaredPanel, name: str, low: float, high: float) -> None:
    """Type a new item into the form."""
    form = panel.forms["add_item"]
    form["name"].value, form["low"].value, form["high"].value = name, low, high


def test_the_sections_come_in_the_order_of_the_walk(panel: DeclaredPanel) -> None:
    """Offers, profiles, comparison, corridor, value, position; each has a page without a kernel."""
    for section in (panel.offers, panel.profiles, panel.comparison, panel.corridor, panel.value, panel.position):
        assert section.static_html()
    assert "Alder Team" in panel.offers.static_html()


def test_a_quantity_typed_moves_prices_and_the_decision(panel: DeclaredPanel) -> None:
    """Forty seats for the typical customer make Middle cost 480, and the profile is saved with the decision."""
    cells = np.array(panel.grids["quantities"].value, dtype=float)
    cells[1, 0] = 40
    panel.grids["quantities"].value = tuple(map(tuple, cells.tolist()))
    panel.flush()
    assert panel.result.comparisons[1].of_ours("Middle").quote.price == 480
    assert panel.session.scenario.decision(Decision).profiles[1].quantities["seats"] == 40
    panel.buttons["profiles_from_data"].click()
    panel.flush()
    assert panel.result.comparisons[1].of_ours("Middle").quote.price == 720


def test_an_item_is_added_filled_and_removed(panel: DeclaredPanel) -> None:
    """What the form adds can be given a range in the table, changes the value, and can go again."""
    panel.settings["reference"].value = decision.offer_key(("Cedar", "Flat"))
    fill(panel, "Faster", 100, 200)
    panel.buttons["add_item"].click()
    panel.flush()
    assert panel.result.value is not None
    assert panel.result.value.total.estimate == 450
    panel.grids["items"].value = ((500.0, 700.0),)
    panel.flush()
    assert panel.result.value.total.estimate == 900
    assert "Economic value" in panel.value.static_html()
    panel.forms["remove_item"]["item"].value = panel.decision.differentiation[0].id
    panel.buttons["remove_item"].click()
    panel.flush()
    assert panel.decision.differentiation == ()


def test_an_item_per_thing_counted_asks_for_the_number_at_each_profile(panel: DeclaredPanel) -> None:
    """A driver that no metric counts opens a table of numbers; the value at a profile follows them."""
    panel.settings["reference"].value = decision.offer_key(("Cedar", "Flat"))
    fill(panel, "Fewer reports to write", 5, 5)
    panel.forms["add_item"]["counted"].value = "report"
    panel.buttons["add_item"].click()
    panel.flush()
    assert panel.decision.differentiation[0].per == "report"
    assert panel.grids["counts"].layout.display is None
    assert panel.result.value is not None
    assert not panel.result.value.is_known
    panel.grids["counts"].value = ((1.0, 20.0, 300.0),)
    panel.flush()
    assert panel.result.value.total.estimate == 400
    assert "per report x 20" in panel.value.static_html()


def test_an_item_per_metric_grows_with_the_profile(panel: DeclaredPanel) -> None:
    """A worth for each seat is the profile's seats times as much."""
    panel.settings["reference"].value = decision.offer_key(("Cedar", "Flat"))
    fill(panel, "Faster", 2, 2)
    panel.forms["add_item"]["per"].value = "seats"
    panel.buttons["add_item"].click()
    panel.flush()
    assert panel.result.value is not None
    seats = panel.result.comparisons[1].profile.quantities["seats"]
    assert panel.result.value.total.estimate == 300 + 2 * seats


def test_an_item_needs_a_name_and_a_range(panel: DeclaredPanel) -> None:
    """A form half filled in changes nothing and says what is missing: no worth is assumed, not even zero."""
    with pytest.raises(StudyError, match="no name"):
        decision.with_item(panel.decision, " ", 1, 2)
    panel.buttons["add_item"].click()
    assert "no name" in panel.status.value
    panel.forms["add_item"]["name"].value = "Faster"
    with pytest.raises(StudyError, match="no range"):
        decision.with_item(panel.decision, "Faster", None, None)
    panel.buttons["add_item"].click()
    assert "no range" in panel.status.value
    assert panel.decision.differentiation == ()


def test_switching_an_offer_off_takes_it_out_of_the_market(panel: DeclaredPanel) -> None:
    """Without Cedar's flat plan its vendor no longer counts."""
    key = decision.offer_key(("Cedar", "Flat"))
    panel.grids["used"].value = {**panel.grids["used"].value, key: ()}
    panel.flush()
    assert ("Cedar", "Flat") in panel.decision.set_aside
    span = panel.result.comparisons[0].range
    assert span is not None
    assert "Cedar" not in span.vendors


def test_a_rate_and_a_typed_reference_are_taken(panel: DeclaredPanel) -> None:
    """The grid of rates names the foreign currency; a typed price replaces that of the offer."""
    assert panel.grids["rates"].rows == ["1 EUR in USD"]
    panel.grids["rates"].value = ((1.0, 1.2),)
    panel.grids["typed"].value = ((None,), (555.0,), (None,))
    panel.flush()
    assert panel.decision.rates["EUR"].high == 1.2
    assert panel.result.values["typical"].reference.estimate == 555


def test_the_stale_age_and_the_position_are_part_of_the_decision(panel: DeclaredPanel) -> None:
    """A longer age makes the prices fresh; the sentence the numbers say can be taken as the position."""
    panel.settings["stale_after_days"].value = 400
    panel.flush()
    assert next(each for each in panel.result.findings if each.rule_id == "C3").status == "ok"
    panel.buttons["use_words"].click()
    panel.flush()
    assert panel.decision.position.startswith("Against 3 vendors: Start 47% below the median")


def test_all_vendors_chosen_means_every_vendor(panel: DeclaredPanel) -> None:
    """Choosing two keeps two; choosing all again leaves room for vendors that join later."""
    panel.settings["vendors"].value = ("Alder", "Cedar")
    panel.flush()
    assert panel.decision.vendors == ("Alder", "Cedar")
    panel.settings["vendors"].value = panel.result.evidence.vendors
    panel.flush()
    assert panel.decision.vendors == ()
