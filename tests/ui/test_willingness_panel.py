"""The panel of what customers would pay, without a browser, on a part of the sample company."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from session_clock import WHEN

from workbench import open_stage
from workbench.customers import CustomerBase
from workbench.rendering.section import strict_callbacks
from workbench.rendering.session import Session
from workbench.stages.contract import conclusion
from workbench.stages.offers import AddOnDecision, TierDecision
from workbench.stages.willingness import WillingnessDecision, price_search
from workbench.stages.willingness.price_search import recommended, search_made
from workbench.study import Study, Waiver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from workbench.rendering.declared import DeclaredPanel
    from workbench.rendering.figure_view import FigureView

pytestmark = pytest.mark.slow

SECTIONS = ("methods", "who_buys", "find_prices", "comparison", "attach")
SLOW = ("survey_choice", "survey_best_worst", "feature_use", "outcomes")
KEPT_EVERY = 6


@pytest.fixture(scope="module")
def tables(sample_company: CustomerBase) -> dict[str, pd.DataFrame]:
    """Return the tables of every sixth account of the sample company, with the two surveys that are read quickly."""
    frames = sample_company.frames
    accounts = set(frames["accounts"]["account_id"].iloc[::KEPT_EVERY])
    kept = {
        name: frame[frame["account_id"].isin(accounts)] if "account_id" in frame else frame
        for name, frame in frames.items()
        if name not in SLOW
    }
    return {name: frame.reset_index(drop=True) for name, frame in kept.items() if len(frame)}


@pytest.fixture(scope="module")
def study(decided_sample: Study) -> Study:
    """Return the study of the sample company."""
    return decided_sample


@pytest.fixture(scope="module")
def base(tables: dict[str, pd.DataFrame]) -> CustomerBase:
    """Return a sixth of the sample company."""
    return CustomerBase.from_tables(tables)


@pytest.fixture(scope="module")
def cheap(tables: dict[str, pd.DataFrame]) -> CustomerBase:
    """Return the same company when it charged three tenths of its prices: then better ones can be found."""
    dear = {"plans": "unit_price", "mrr": "amount"}
    return CustomerBase.from_tables(
        tables | {name: tables[name].assign(**{column: tables[name][column] * 0.3}) for name, column in dear.items()}
    )


@pytest.fixture
def opened(tmp_path: Path, study: Study, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., DeclaredPanel]]:
    """Return what opens the panel on a base of these tables, on a session of its own; searches have few starts."""
    monkeypatch.setattr(price_search, "STARTS", 2)
    panels: list[DeclaredPanel] = []

    def open_on(
        base: CustomerBase | Mapping[str, pd.DataFrame], study: Study = study, look: tuple[str, ...] = SECTIONS
    ) -> DeclaredPanel:
        known = base if isinstance(base, CustomerBase) else CustomerBase.from_tables(base)
        session = Session(tmp_path, study.save(tmp_path), base=known, when=lambda: WHEN)
        panels.append(open_stage(session, "willingness"))
        for section in look:
            getattr(panels[-1], section).finish()
        return panels[-1]

    with strict_callbacks():
        yield open_on
        for panel in panels:
            panel.close()


@pytest.fixture
def panel(opened: Callable[..., DeclaredPanel], base: CustomerBase) -> DeclaredPanel:
    """Return the panel on a sixth of the sample company, every section looked at."""
    return opened(base)


def line(panel: DeclaredPanel, what: int = 0) -> FigureView:
    """Return the place of the line of shares (0) or of revenue (1)."""
    return panel.free["line"].lines.views[what]


def kept_rules(panel: DeclaredPanel) -> list[str]:
    """Return the rules a search does not keep."""
    return [rule for rule, columns in panel.grids["rules"].value.items() if not columns]


def keep_rules(panel: DeclaredPanel, *rules: str) -> None:
    """Tick the rules a search keeps, and no others."""
    panel.grids["rules"].value = {rule: ("kept",) if rule in rules else () for rule in panel.grids["rules"].value}
    panel.flush()


def words(html: str) -> str:
    """Return what a person reads of some HTML."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def kept(panel: DeclaredPanel) -> WillingnessDecision:
    """Return the settings as the study holds them."""
    return panel.session.study.scenario(panel.result.scenario.id).decision(WillingnessDecision)


def tier_prices(panel: DeclaredPanel) -> dict[str, float]:
    """Return the prices of the tiers as the study holds them."""
    tiers = panel.session.study.scenario(panel.result.scenario.id).decision(TierDecision).tiers
    return {tier.name: float(tier.price) for tier in tiers if tier.price is not None}


def test_every_section_shows_its_figures_with_tables(panel: DeclaredPanel) -> None:
    """Each section stands in the static page, the methods that were asked with pictures and the others with a need."""
    pages = {name: getattr(panel, name).static_html() for name in SECTIONS}
    assert pages["methods"].count("data:image/svg") + pages["methods"].count("<svg") >= 4
    assert "survey_choice would say" in words(pages["methods"])
    assert pages["who_buys"].count("data:image/svg") + pages["who_buys"].count("<svg") >= 4
    assert "Today&#x27;s price list" in pages["comparison"]
    assert "Would take it" in pages["attach"]
    assert "Would no longer pay" in pages["who_buys"]
    assert "Paying accounts kept" in pages["comparison"]


def test_nothing_is_estimated_before_a_section_is_looked_at(
    opened: Callable[..., DeclaredPanel], tables: dict[str, pd.DataFrame]
) -> None:
    """Opening the stage asks nobody; looking at a section works out what that section needs."""
    panel = opened(tables, look=())  # customers of its own: what others have looked at is worked out already
    assert panel.result.evidence.designs == []
    assert "price_sensitivity" not in panel.result.answers.__dict__
    assert "Would take it" in panel.attach.static_html()
    assert len(panel.result.evidence.designs) == 1
    assert panel.result.answers.drawn == {}


def test_a_price_on_the_slider_reaches_the_scenario(panel: DeclaredPanel) -> None:
    """The price is the tier's in the study, the curve stays, the marked row moves, and undo takes it back."""
    view = panel.free["line"]
    before, was = tier_prices(panel), view.price.value
    tier = view.tier.value
    curve, look = line(panel).figure.data["curve"], line(panel).figure.identity
    view.price.value = was + 6
    panel.flush()
    assert tier_prices(panel) == before | {tier: was + 6}
    assert line(panel).figure.identity == look
    pd.testing.assert_frame_equal(line(panel).figure.data["curve"], curve)
    assert line(panel).figure.data["marked"]["price"].tolist() == [was + 6]
    assert f"At ${was + 6:.0f} per seat" in line(panel).figure.reading
    panel.session.undo()
    panel.flush()
    assert tier_prices(panel) == before
    assert view.price.value == was


def test_a_price_dragged_in_the_chart_is_the_same_as_one_typed(panel: DeclaredPanel) -> None:
    """What the chart says of the hand becomes the price, in the steps of the slider; letting go changes nothing."""
    view = panel.free["line"]
    chart, tier = line(panel, 1).chart, view.tier.value
    chart.selected = ("dragged", {"price": (37.4,)})
    panel.flush()
    assert tier_prices(panel)[tier] == view.price.value == 37
    held = panel.session.study
    chart.selected = ("dragged", {})
    chart.selected = ("another", {"price": (5.0,)})
    assert panel.session.study is held


def test_another_tier_shows_its_own_line_and_changes_nothing(panel: DeclaredPanel) -> None:
    """Choosing a tier moves slider and lines to it, and the price moved next is that tier's."""
    view, held = panel.free["line"], panel.session.study
    names = list(tier_prices(panel))
    view.tier.value = names[0]
    assert line(panel).figure.title.endswith(names[0])
    assert view.price.value == tier_prices(panel)[names[0]]
    assert panel.session.study is held
    view.price.value = 19
    panel.flush()
    assert tier_prices(panel)[names[0]] == 19


def test_settings_are_kept_with_the_scenario(panel: DeclaredPanel) -> None:
    """Source, rule, competitors and the range stated prices are divided by are decisions, and shape the result."""
    settings = panel.settings
    settings["source"].value = "what customers pay"
    panel.flush()
    assert panel.result.source == kept(panel).source == "what customers pay"
    settings["source"].value = "price ladder"
    settings["rule"].value = "logit"
    panel.flush()
    assert (panel.result.source, kept(panel).rule) == ("price ladder", "logit")
    before = panel.result.design.outcome.revenue
    settings["overstated_high"].value = 3
    settings["overstated_low"].value = 2
    panel.flush()
    assert (kept(panel).overstated_low, kept(panel).overstated_high) == (2, 3)
    assert panel.result.design.outcome.revenue != before
    assert any("divided by 2 to 3" in caution.text for caution in panel.result.cautions)
    settings["rivals"].value = (settings["rivals"].options[0][1],)
    panel.flush()
    assert kept(panel).rivals == settings["rivals"].value
    assert panel.session.study.designs[1].decision(WillingnessDecision) == WillingnessDecision()


def test_a_range_the_wrong_way_round_is_refused(panel: DeclaredPanel) -> None:
    """A lower end above the upper one is answered with a sentence, and neither study nor box keeps it."""
    low, held = panel.settings["overstated_low"], panel.session.study
    low.value = 2
    assert "must not be above the second" in panel.status.text
    assert panel.session.study is held
    assert low.value == kept(panel).overstated_low
    low.value = 1.2
    assert panel.status.text == ""
    assert kept(panel).overstated_low == 1.2


def test_prices_unlikely_to_beat_todays_are_not_shown(panel: DeclaredPanel) -> None:
    """One sentence says which condition binds; no price stands anywhere, and there is nothing to take over."""
    panel.buttons["find"].click()
    panel.flush()
    assert search_made(panel.result).search is not None
    assert recommended(panel.result) is None
    said = words(panel.find_prices.static_html())
    assert "No prices are recommended" in said
    assert "likely to beat today" in said or "may keep as few" in said
    assert "Prices to take over" not in said
    assert "Prices found" not in words(panel.comparison.static_html())
    held = panel.session.study
    panel.buttons["use_prices"].click()
    assert panel.session.study is held


def test_the_corridor_and_rules_set_aside_start_unticked(panel: DeclaredPanel) -> None:
    """C4 binds when the team ticks it; a rule it has set aside is off until it says otherwise; shares kept are kept."""
    assert kept_rules(panel) == ["T2", "A2", "C4"]
    scenario = panel.session.scenario
    waiver = Waiver(id="w1", rule="T4", subject="", reason="The top is sold by hand", who="Team", when=WHEN)
    panel.session.propose(scenario.replaced(waivers=(*scenario.waivers, waiver)), "Set aside")
    panel.flush()
    assert kept_rules(panel) == ["T2", "T4", "A2", "C4"]
    assert kept(panel).rules_off is None
    keep_rules(panel, "C4")
    assert kept(panel).rules_off == ("T2", "T4", "A2")
    panel.settings["kept"].value = 90
    assert kept(panel).kept == 0.9


def test_an_offer_stands_against_a_tier_only_with_a_reason(panel: DeclaredPanel) -> None:
    """Without a reason nothing is kept; with one the offer stands against the tier, and can be taken back."""
    form = panel.forms["compare"]
    form["tier"].value = "Growth"
    panel.buttons["compare"].click()
    assert "makes the offer an alternative" in panel.status.text
    assert kept(panel).comparable == ()
    form["because"].value = "Bought for the same reports"
    offer = form["offer"].label
    panel.buttons["compare"].click()
    (said,) = kept(panel).comparable
    assert f"{said.vendor} {said.offer}" == offer
    assert (said.tier, said.because) == ("Growth", "Bought for the same reports")
    panel.flush()
    assert "stands against Growth" in words(panel.find_prices.static_html())
    panel.forms["compare_none"]["tier"].value = "Growth"
    panel.buttons["compare_none"].click()
    assert kept(panel).comparable == ()


def test_prices_are_found_weighed_and_used(opened: Callable[..., DeclaredPanel], cheap: CustomerBase) -> None:
    """Found prices stand in the table, dearer ones lose accounts, used ones are the scenario's until undone."""
    panel = opened(cheap)
    before, grid = tier_prices(panel), panel.grids["found"]
    assert "Use these prices" not in words(panel.find_prices.static_html())
    panel.buttons["find"].click()
    panel.flush()
    page = words(panel.find_prices.static_html())
    assert "The best prices found" in page
    assert "100.0% of the best" in page
    assert "Prices found" in panel.comparison.static_html()
    found = {name: row[0] for name, row in zip(grid.rows, grid.value, strict=True)}
    assert 3 <= found["Scale"] / found["Essentials"] <= 5.01
    assert re.search(r"keep \d+% \(\d+% to \d+%\) of the accounts that pay today", page)
    rows = grid.value
    grid.value = [[4 * price] for (price,) in rows]
    page = words(panel.find_prices.static_html())
    assert int(re.search(r"of the best found, and keep (\d+)% of the accounts", page).group(1)) < 90
    grid.value = rows
    panel.buttons["use_prices"].click()
    panel.flush()
    assert tier_prices(panel) == {name: found[name] for name in before}
    add_ons = panel.session.scenario.decision(AddOnDecision).add_ons
    assert {each.name: float(each.price) for each in add_ons}.items() <= found.items()
    assert recommended(panel.result) is not None
    panel.session.undo()
    panel.flush()
    assert tier_prices(panel) == before


def test_a_search_is_put_away_when_its_settings_change(panel: DeclaredPanel) -> None:
    """Prices found for one objective are not shown under another, or for another design; a moved price keeps them."""
    design = panel.session.study.designs[1].id
    keep_rules(panel)
    panel.settings["ending"].value = ""
    panel.buttons["find"].click()
    panel.free["line"].price.value += 2
    panel.flush()
    assert search_made(panel.result) is not None
    panel.settings["objective"].value = "revenue"
    panel.flush()
    assert search_made(panel.result) is None
    assert "recommended" not in words(panel.find_prices.static_html())
    assert "Prices found" not in words(panel.comparison.static_html())
    panel.buttons["find"].click()
    panel.session.select(design)
    panel.flush()
    assert search_made(panel.result) is None


def test_rules_that_leave_no_price_are_answered_with_a_sentence(
    panel: DeclaredPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search without any price left says which rules exclude each other, and shows no prices."""
    market = {"Essentials": (1.0, 2.0), "Scale": (500.0, 600.0)}
    monkeypatch.setattr(price_search, "market_corridors", lambda *_, **__: market)
    keep_rules(panel, "T4", "C4")
    panel.buttons["find"].click()
    assert "exclude each other" in words(panel.find_prices.static_html())
    assert search_made(panel.result).search is None


def test_what_is_tried_is_said_and_changes_nothing(panel: DeclaredPanel) -> None:
    """Leaving out a tier, moving a feature, or both at once is one sentence; the study stays."""
    form, held = panel.forms["tried"], panel.session.study

    def said() -> str:
        return words(panel.blocks["tried"].value)

    assert said() == ""
    form["without"].value = "Growth"
    assert "Without Growth: Revenue" in said()
    form["feature"].value = "Saved views"
    assert "Without Growth, Saved views from Essentials up: Revenue" in said()
    form["lowest"].value = "in no tier"
    assert "Without Growth, Saved views in no tier: Revenue" in said()
    form["without"].value = ""
    form["lowest"].value = "Scale"
    assert "Saved views from Scale up: Revenue" in said()
    panel.free["line"].price.value += 5
    panel.flush()
    assert "Saved views from Scale up" in said()
    form["feature"].value = ""
    assert said() == ""
    panel.session.undo()
    assert panel.session.study == held.replaced(revision=panel.session.study.revision)


def test_attach_rates_are_taken_over_as_expected(panel: DeclaredPanel) -> None:
    """The shares found become the range the add-on stage expects, within nothing and all, and undo takes them back."""
    before = panel.session.scenario.decision(AddOnDecision).add_ons
    rates = panel.result.attach.set_index("add_on")
    panel.buttons["take_shares"].click()
    panel.flush()
    after = panel.session.scenario.decision(AddOnDecision).add_ons
    for each in after:
        assert each.attach_low == pytest.approx(rates.loc[each.name, "rate_low"], abs=1e-4)
        assert each.attach_high == pytest.approx(rates.loc[each.name, "rate_high"], abs=1e-4)
    panel.session.undo()
    assert panel.session.scenario.decision(AddOnDecision).add_ons == before


def test_without_surveys_what_customers_pay_stands_in(
    opened: Callable[..., DeclaredPanel], tables: dict[str, pd.DataFrame]
) -> None:
    """Every method says which table it needs, and who buys what still has an answer, with a wide range."""
    panel = opened({name: frame for name, frame in tables.items() if not name.startswith("survey")})
    assert panel.result.source == "what customers pay"
    page = words(panel.methods.static_html())
    for table in ("survey_price_sensitivity", "survey_price_ladder", "survey_choice", "survey_best_worst"):
        assert f"{table} would say" in page
    assert "Revenue by what customers would choose" in panel.who_buys.static_html()
    assert [value for _, value in panel.settings["source"].options] == ["best there is", "what customers pay"]
    assert not panel.buttons["find"].disabled


def test_with_nothing_to_go_on_every_section_says_so(opened: Callable[..., DeclaredPanel]) -> None:
    """One account with some usage and no price list: all sections stand, say why, and offer nothing to press."""
    bare = {
        "accounts": pd.DataFrame({"account_id": ["a"]}),
        "usage": pd.DataFrame({"account_id": ["a"], "month": ["2024-01-01"], "metric": ["seats"], "quantity": [3.0]}),
    }
    panel = opened(bare, Study.new("bare", "data"))
    assert not panel.result.is_ready
    why = words(panel.result.why_not)
    for name in ("who_buys", "find_prices", "comparison", "attach"):
        page = words(getattr(panel, name).static_html()).replace("&#x27;", "'")
        assert why.split(".")[0] in page
        assert "Tier:" not in page
    assert panel.free["line"].lines.views == []


def test_the_baseline_puts_todays_list_before_the_accounts(panel: DeclaredPanel) -> None:
    """While the baseline is selected it is in view, with nothing to change; a price dragged in it moves nothing."""
    baseline = next(each for each in panel.session.study.scenarios if each.kind == "baseline")
    panel.session.select(baseline.id)
    panel.flush()
    assert panel.result.scenario.id == baseline.id
    assert panel.settings["source"].disabled
    assert panel.free["line"].price.disabled
    held = panel.session.study
    line(panel, 1).chart.selected = ("dragged", {"price": (37.4,)})
    assert panel.session.study is held


def test_a_finding_on_no_rule_is_shown_and_cannot_be_set_aside(panel: DeclaredPanel) -> None:
    """Two views of one list that differ are no rule of the book: there is nothing to set aside, and no id to print."""
    (differs,) = (each for each in panel.all_findings() if not each.rule_id)
    assert differs.is_open
    assert panel._findings.rule.value == ""
    assert panel._findings.form.layout.display == "none"
    assert f"\n- to watch: {differs.title}" in conclusion("Willingness", "A", "", panel.result, [differs])


def test_a_closed_panel_no_longer_follows(panel: DeclaredPanel) -> None:
    """After closing, a change of the study works nothing out any more."""
    other = open_stage(panel.session, "willingness")
    result = other.result
    other.close()
    panel.free["line"].price.value += 4
    panel.flush()
    other.flush()
    assert other.result is result
    assert panel.result is not result
