"""Changes a team makes, by function and on the panel without a browser."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from ipywidgets.widgets import widget as registry

from workbench.errors import StudyError
from workbench.rendering.declared import open_stage
from workbench.rendering.section import strict_callbacks
from workbench.rendering.session import Session
from workbench.stages import add_ons
from workbench.stages.add_ons import evaluate
from workbench.stages.add_ons.view import ADD_ONS, Candidate, Idea, with_candidate, with_idea
from workbench.stages.offers import UsageCharge
from workbench.stages.view import changes_at
from workbench.study import Study

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from workbench.customers import CustomerBase
    from workbench.rendering.declared import DeclaredPanel
    from workbench.stages.offers import AddOnChoice, TierDecision
    from workbench.study import Scenario

pytestmark = pytest.mark.slow

WHEN = datetime(2025, 3, 1, 9, 0, tzinfo=UTC)
BEYOND = UsageCharge(metric="seats", unit_price=Decimal(3), free_units=Decimal(10))


@pytest.fixture
def panel(tmp_path: Path, hand_base: CustomerBase, three_tiers: Callable[..., TierDecision]) -> Iterator[DeclaredPanel]:
    """Return the panel on a new study of the ten accounts with three tiers."""
    study = Study.new("small", "data")
    study = study.with_scenario(study.designs[0].with_decision(three_tiers())).save(tmp_path)
    with strict_callbacks():
        opened = open_stage(Session(tmp_path, study, base=hand_base, when=lambda: WHEN), "add_ons")
        yield opened
        opened.close()


def renaming_is_shown(panel: DeclaredPanel) -> bool:
    """Tell whether the form that takes a better name is on the screen."""
    return all(each.layout.display != "none" for each in panel.names.controls[0].children)


def test_a_candidate_becomes_an_add_on(hand_base: CustomerBase, scenario: Callable[..., Scenario]) -> None:
    """The new add-on sells the feature, at a price in the band, with the range of the data."""
    design = scenario()
    result = evaluate(hand_base, design)
    (made,) = with_candidate(result.decision, result, Candidate(feature="Audit"))["add_ons"]
    assert made.features == ("Audit",)
    assert 20 <= made.price <= 40
    assert (made.attach_low, made.attach_high) != (0.05, 0.25)
    with pytest.raises(StudyError, match="no candidate"):
        with_candidate(result.decision, result, Candidate(feature="Core"))


def test_names_stay_apart(
    hand_base: CustomerBase, add_on: Callable[..., AddOnChoice], scenario: Callable[..., Scenario]
) -> None:
    """Two add-ons of one name could not be told apart in any chart: the second is refused, whatever its case."""
    result = evaluate(hand_base, scenario(add_on(), add_on(id="two", name="Audit trail")))
    with pytest.raises(StudyError, match="already"):
        with_idea(result.decision, result, Idea(idea="map layers"))
    with pytest.raises(StudyError, match="already"):
        ADD_ONS.changed(result.decision, "two", name="MAP layers")
    assert ADD_ONS.changed(result.decision, "two", name="Audit TRAIL")["add_ons"][1].name == "Audit TRAIL"
    with pytest.raises(StudyError, match="no name"):
        with_idea(result.decision, result, Idea(idea="  "))


def test_there_is_an_end_to_adding(
    hand_base: CustomerBase, add_on: Callable[..., AddOnChoice], scenario: Callable[..., Scenario]
) -> None:
    """The panel has room for eight."""
    full = scenario(*(add_on(id=f"n{n}", name=f"Map {n}") for n in range(ADD_ONS.most)))
    result = evaluate(hand_base, full)
    with pytest.raises(StudyError, match="Remove one"):
        with_idea(result.decision, result, Idea(idea="One more map"))


def test_it_opens_with_a_starting_point_that_is_not_saved(panel: DeclaredPanel) -> None:
    """Before anybody decides, the computed starting point is shown and nothing is in the study."""
    assert panel.is_suggestion
    assert panel.settings["add_ons.name"].value == "Map"
    assert not panel.session.scenario.decided("add_ons")


def test_a_price_moves_figures_and_findings(panel: DeclaredPanel) -> None:
    """A price typed is in the study; revenue, chart and verdict follow, and the band stands beside the box."""
    before = panel.key_figures.value
    assert "$20 to $40 per account is 20% to 40% of Mid" in panel.settings["add_ons.price"].note
    panel.settings["add_ons.price"].value = 60
    panel.flush()
    assert panel.session.scenario.decision(add_ons.Decision).add_ons[0].price == Decimal(60)
    assert panel.key_figures.value != before
    assert panel.figure_view("prices").figure.data["prices"]["status"].tolist()[0] == "breach"
    panel.session.undo()
    panel.flush()
    assert panel.settings["add_ons.price"].value == 30


def test_the_editor_turns_to_another_add_on(panel: DeclaredPanel) -> None:
    """Choosing another add-on shows its fields, and changes go to that one alone."""
    panel.buttons["with_candidate"].click()
    panel.flush()
    assert panel.settings["add_ons.name"].value == "Audit"
    first, second = panel.decision.add_ons
    panel.items["add_ons"].which.value = first.id
    assert panel.settings["add_ons.name"].value == first.name
    panel.items["add_ons"].which.value = second.id
    assert panel.settings["add_ons.name"].value == second.name
    panel.settings["add_ons.tenure_days"].value = 90
    panel.flush()
    assert [choice.tenure_days for choice in panel.decision.add_ons[:2]] == [first.tenure_days, 90]
    assert panel.items["add_ons"].which.value == second.id


def test_ideas_are_added_named_and_removed(panel: DeclaredPanel) -> None:
    """An idea of the team gets a place in the editor; removing it leaves the others."""
    count = len(panel.decision.add_ons)
    panel.forms["with_idea"]["idea"].value = "Onboarding for banks"
    panel.buttons["with_idea"].click()
    panel.flush()
    assert panel.settings["add_ons.name"].value == "Onboarding for banks"
    assert len(panel.decision.add_ons) == count + 1
    assert "guess of the team" in panel.items["add_ons"].slots[0].said.value
    panel.buttons["add_ons.remove"].click()
    panel.flush()
    assert "Onboarding for banks" not in {choice.name for choice in panel.decision.add_ons}
    panel.forms["with_idea"]["idea"].value = "Map"
    panel.buttons["with_idea"].click()
    assert "already" in panel.status.value


def test_one_click_takes_the_suggested_name(panel: DeclaredPanel) -> None:
    """A vague name shows a button with the better one; pressing it renames the add-on and hides the button."""
    assert not renaming_is_shown(panel)
    panel.settings["add_ons.name"].value = "Advanced analytics"
    panel.flush()
    assert panel.forms["with_better_name"]["renamed"].label == "“Advanced analytics” to “Map analytics”"
    assert panel.buttons["with_better_name"].description == "Rename"
    panel.buttons["with_better_name"].click()
    panel.flush()
    assert panel.decision.add_ons[0].name == "Map analytics"
    assert not renaming_is_shown(panel)


def test_percentages_are_shares_in_the_study(panel: DeclaredPanel) -> None:
    """60 typed is 0.6 in the study; the range of the data comes back with its button."""
    kept = panel.decision.add_ons[0].attach_high
    panel.settings["add_ons.attach_high"].value = 60
    panel.flush()
    assert panel.decision.add_ons[0].attach_high == pytest.approx(0.6)
    panel.buttons["add_ons.use_range_of_data"].click()
    panel.flush()
    assert panel.decision.add_ons[0].attach_high == kept


def test_the_list_is_saved_from_the_page(panel: DeclaredPanel) -> None:
    """The link carries the accounts as CSV; choosing one add-on lists its accounts alone."""
    panel.buttons["with_candidate"].click()
    panel.flush()
    link = re.search(r"base64,([^\"]+)\"", panel.blocks["eligible"].value)
    text = base64.b64decode(link.group(1)).decode("utf-8-sig")
    assert text.startswith('"add-on","account_id","account"')
    assert len(text.splitlines()) == len(panel.result.tables["eligible"]) + 1
    panel.pages["eligible"].value = panel.decision.add_ons[0].id
    again = base64.b64decode(re.search(r"base64,([^\"]+)\"", panel.blocks["eligible"].value).group(1)).decode(
        "utf-8-sig"
    )
    assert len(again.splitlines()) < len(text.splitlines())


def test_services_follow_their_boxes(panel: DeclaredPanel) -> None:
    """A delivery cost gives a price; switching services off takes finding and boxes away."""
    panel.settings["services.delivery_cost"].value = 150
    panel.flush()
    assert panel.result.services.price == pytest.approx(225)
    assert "3 times likelier" in panel.blocks["services_claims"].value
    assert "reported by the source" in panel.blocks["services_claims"].value
    panel.settings["services"].value = False
    panel.flush()
    assert panel.decision.services is None
    assert not [each for each in panel.result.findings if each.rule_id == "A6"]
    assert panel.settings["services.delivery_cost"].layout.display == "none"


def test_the_core_plan_can_be_another_tier(panel: DeclaredPanel) -> None:
    """Held against the large tier, the same price is half the share."""
    before = panel.result.outcomes[0].price_share
    panel.settings["core_tier"].value = "large"
    panel.flush()
    assert panel.result.outcomes[0].price_share == pytest.approx(before / 2)


def test_changes_make_no_widgets(panel: DeclaredPanel) -> None:
    """Twenty changes later there are as many widgets as before."""
    instances = registry._instances
    panel._repr_mimebundle_()
    before = len(instances)
    for price in range(20, 40):
        panel.settings["add_ons.price"].value = price
        panel.flush()
    assert len(instances) == before


def test_without_a_kernel_everything_reads(panel: DeclaredPanel) -> None:
    """The static page has every section, table and picture, and no dead control."""
    panel.buttons["with_candidate"].click()
    panel.flush()
    page = panel._repr_mimebundle_()["text/html"]
    for title in ("Candidates", "Name check", "Revenue and overlap", "Eligible now", "Services"):
        assert f"<h3>{title}</h3>" in page
    assert page.count("<img") == 6
    assert "<input" not in page


def test_it_opens_without_feature_use(tmp_path: Path, base_without: Callable[..., CustomerBase]) -> None:
    """Without the table the panel says what it needs, and the team's ideas still work."""
    base = base_without("feature_use", "requests", "features")
    study = Study.new("small", "data").save(tmp_path)
    with strict_callbacks():
        panel = open_stage(Session(tmp_path, study, base=base, when=lambda: WHEN), "add_ons")
        assert "feature_use" in panel.blocks["no_use"].value
        panel.forms["with_idea"]["idea"].value = "Audit trail for banks"
        panel.buttons["with_idea"].click()
        panel.flush()
        assert panel.result.outcomes[0].price_share == pytest.approx(0.3)
        panel.close()


def test_the_baseline_cannot_be_changed(panel: DeclaredPanel) -> None:
    """On today's scenario the controls are off."""
    panel.session.select("baseline")
    panel.flush()
    assert panel.forms["with_idea"]["idea"].disabled
    assert panel.buttons["with_candidate"].disabled


def test_what_usage_costs_is_shown_and_changed_where_it_is_billed(
    panel: DeclaredPanel, add_on: Callable[..., AddOnChoice]
) -> None:
    """An add-on with a charge on usage shows its fields; others show none of them."""
    panel.revise("two", add_ons=(add_on(), add_on(id="more", name="More seats", features=(), usage_charge=BEYOND)))
    panel.flush()
    panel.items["add_ons"].which.value = "map"
    assert panel.settings["add_ons.usage_charge.unit_price"].layout.display == "none"
    panel.items["add_ons"].which.value = "more"
    assert panel.settings["add_ons.usage_charge.unit_price"].layout.display is None
    assert "in a typical month with its usage; " in panel.settings["add_ons.price"].note
    assert (
        panel.settings["add_ons.usage_charge.free_units"].value,
        panel.settings["add_ons.usage_charge.unit_price"].value,
        panel.settings["add_ons.usage_charge.most_per_month"].value,
    ) == (10, 3, None)
    (
        panel.settings["add_ons.usage_charge.unit_price"].value,
        panel.settings["add_ons.usage_charge.most_per_month"].value,
    ) = 4, 50
    panel.flush()
    charge = panel.decision.add_ons[1].usage_charge
    assert (charge.unit_price, charge.most_per_month, charge.free_units) == (4, 50, 10)
    assert "at most $50 a month" in panel.result.tables["add_ons"].frame.filter(like="for usage").iloc[1, 0]
    panel.settings["add_ons.usage_charge.most_per_month"].value = None
    assert panel.decision.add_ons[1].usage_charge.most_per_month is None
    with pytest.raises(StudyError, match="no usage charge to change"):
        changes_at(panel.decision.add_ons[0], "usage_charge.unit_price", 1)
