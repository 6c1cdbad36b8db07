"""The panel of what customers would pay, without a browser, on a part of the sample company."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from session_clock import WHEN

from workbench.customers import CustomerBase
from workbench.rendering.section import strict_callbacks
from workbench.rendering.session import Session
from workbench.stages import willingness
from workbench.stages.offers import AddOnDecision, TierDecision
from workbench.stages.willingness import WillingnessDecision
from workbench.study import Study, Waiver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from workbench.stages.willingness import WillingnessPanel

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
def opened(tmp_path: Path, study: Study) -> Iterator[Callable[..., WillingnessPanel]]:
    """Return what opens the panel on a base of these tables, on a session of its own."""
    panels: list[WillingnessPanel] = []

    def open_on(base: CustomerBase | Mapping[str, pd.DataFrame], study: Study = study) -> WillingnessPanel:
        known = base if isinstance(base, CustomerBase) else CustomerBase.from_tables(base)
        session = Session(tmp_path, study.save(tmp_path), base=known, when=lambda: WHEN)
        panels.append(willingness.open_panel(session, SECTIONS))
        return panels[-1]

    with strict_callbacks():
        yield open_on
        for panel in panels:
            panel.close()


@pytest.fixture
def panel(opened: Callable[..., WillingnessPanel], base: CustomerBase) -> WillingnessPanel:
    """Return the panel on a sixth of the sample company, whose searches start from few places."""
    shown = opened(base)
    shown.views["find_prices"].starts = 2
    return shown


def words(html: str) -> str:
    """Return what a person reads of some HTML."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def kept(panel: WillingnessPanel) -> WillingnessDecision:
    """Return the settings as the study holds them."""
    return panel.session.study.scenario(panel.result.scenario.id).decision(WillingnessDecision)


def tier_prices(panel: WillingnessPanel) -> dict[str, float]:
    """Return the prices of the tiers as the study holds them."""
    tiers = panel.session.study.scenario(panel.result.scenario.id).decision(TierDecision).tiers
    return {tier.name: float(tier.price) for tier in tiers if tier.price is not None}


def test_every_section_shows_its_figures_with_tables(panel: WillingnessPanel) -> None:
    """Each section stands in the static page, the methods that were asked with pictures and the others with a need."""
    pages = {name: getattr(panel, name).static_html() for name in SECTIONS}
    assert pages["methods"].count("data:image/svg") + pages["methods"].count("<svg") >= 4
    assert "survey_choice would say" in words(pages["methods"])
    assert pages["who_buys"].count("data:image/svg") + pages["who_buys"].count("<svg") >= 4
    assert "Today&#x27;s price list" in pages["comparison"]
    assert "Would take it" in pages["attach"]
    assert "Would no longer pay" in pages["who_buys"]
    assert "Paying accounts kept" in pages["comparison"]


def test_a_price_on_the_slider_reaches_the_design(panel: WillingnessPanel) -> None:
    """The price is the tier's in the study, the curve stays, the marked row moves, and undo takes it back."""
    view, line = panel.views["who_buys"], panel.views["who_buys"].lines["share"]
    before, was = tier_prices(panel), view.price.value
    tier = view.tier.value
    curve, look = line.figure.data["curve"], line.figure.signature
    view.price.value = was + 6
    panel.flush()
    assert tier_prices(panel) == before | {tier: was + 6}
    assert line.figure.signature == look
    pd.testing.assert_frame_equal(line.figure.data["curve"], curve)
    assert line.figure.data["marked"]["price"].tolist() == [was + 6]
    assert f"At ${was + 6:.0f} per seat" in line.figure.reading
    panel.session.undo()
    panel.flush()
    assert tier_prices(panel) == before
    assert view.price.value == was


def test_a_price_dragged_in_the_chart_is_the_same_as_one_typed(panel: WillingnessPanel) -> None:
    """What the chart says of the hand becomes the price, in the steps of the slider; letting go changes nothing."""
    view = panel.views["who_buys"]
    chart, tier = view.lines["revenue"].chart, view.tier.value
    chart.selected = ("dragged", {"price": (37.4,)})
    panel.flush()
    assert tier_prices(panel)[tier] == view.price.value == 37
    held = panel.session.study
    chart.selected = ("dragged", {})
    chart.selected = ("another", {"price": (5.0,)})
    assert panel.session.study is held


def test_another_tier_shows_its_own_line_and_changes_nothing(panel: WillingnessPanel) -> None:
    """Choosing a tier moves slider and lines to it, and the price moved next is that tier's."""
    view, held = panel.views["who_buys"], panel.session.study
    names = list(tier_prices(panel))
    view.tier.value = names[0]
    assert view.lines["share"].figure.title.endswith(names[0])
    assert view.price.value == tier_prices(panel)[names[0]]
    assert panel.session.study is held
    view.price.value = 19
    panel.flush()
    assert tier_prices(panel)[names[0]] == 19


def test_settings_are_kept_with_the_scenario(panel: WillingnessPanel) -> None:
    """Source, rule, competitors and the range stated prices are divided by are decisions, and shape the result."""
    view, methods = panel.views["who_buys"], panel.views["methods"]
    view.source.value = "what customers pay"
    panel.flush()
    assert panel.result.source == kept(panel).source == "what customers pay"
    view.source.value = "price ladder"
    view.rule.value = "logit"
    panel.flush()
    assert (panel.result.source, kept(panel).rule) == ("price ladder", "logit")
    before = panel.result.design.outcome.revenue
    methods.high.value = 3
    methods.low.value = 2
    panel.flush()
    assert (kept(panel).overstated_low, kept(panel).overstated_high) == (2, 3)
    assert panel.result.design.outcome.revenue != before
    assert any("divided by 2 to 3" in caution.text for caution in panel.result.cautions)
    rival = view.rivals.options[0]
    view.rivals.value = (rival[1] if isinstance(rival, tuple) else rival,)
    panel.flush()
    assert kept(panel).rivals == view.rivals.value
    assert panel.session.study.designs[1].decision(WillingnessDecision) == WillingnessDecision()


def test_a_range_the_wrong_way_round_is_refused(panel: WillingnessPanel) -> None:
    """A lower end above the upper one is answered with a sentence, and neither study nor box keeps it."""
    methods, held = panel.views["methods"], panel.session.study
    methods.low.value = 2
    assert "must not be above the second" in methods.status.text
    assert panel.session.study is held
    assert methods.low.value == kept(panel).overstated_low
    methods.low.value = 1.2
    assert methods.status.text == ""
    assert kept(panel).overstated_low == 1.2


def test_prices_unlikely_to_beat_todays_are_not_shown(panel: WillingnessPanel) -> None:
    """One sentence says which condition binds; no price stands anywhere, and there is nothing to take over."""
    view = panel.views["find_prices"]
    view.find()
    panel.flush()
    assert view.search is not None
    assert view.recommended is None
    said = words(view.words.value)
    assert "No prices are recommended" in said
    assert "likely to beat today" in said or "may keep as few" in said
    assert view.prices.layout.display == view.take.layout.display == "none"
    assert view.kept.value == view.tables.value == ""
    assert "Prices found" not in panel.views["comparison"].offers.value
    view.use()
    assert "price" not in view.status.text


def test_the_corridor_and_rules_set_aside_start_unticked(panel: WillingnessPanel) -> None:
    """C4 binds when the team ticks it; a rule it has set aside is off until it says otherwise; shares kept are kept."""
    view = panel.views["find_prices"]
    assert [rule for rule, box in view.rules.items() if not box.value] == ["T2", "A2", "C4"]
    scenario = panel.session.study.scenario(panel.result.scenario.id)
    waiver = Waiver(id="w1", rule="T4", subject="", reason="The top is sold by hand", who="Team", when=WHEN)
    panel.session.propose(scenario.replaced(waivers=(*scenario.waivers, waiver)), "Set aside")
    panel.flush()
    assert [rule for rule, box in view.rules.items() if not box.value] == ["T2", "T4", "A2", "C4"]
    assert kept(panel).rules_off is None
    view.rules["C4"].value = True
    assert kept(panel).rules_off == ("T2", "T4", "A2")
    view.keep.value = 90
    assert kept(panel).kept == 0.9


def test_an_offer_stands_against_a_tier_only_with_a_reason(panel: WillingnessPanel) -> None:
    """Without a reason nothing is kept; with one the offer stands against the tier, and can be taken back."""
    against = panel.views["find_prices"].against
    against.offer.value, against.tier.value = against.offer.options[0][1], "Growth"
    against.add.click()
    assert kept(panel).comparable == ()
    against.because.value = "Bought for the same reports"
    against.add.click()
    (said,) = kept(panel).comparable
    assert (said.vendor, said.offer) == against.offer.options[0][1]
    assert (said.tier, said.because) == ("Growth", "Bought for the same reports")
    panel.flush()
    assert "stands against Growth" in words(against.said.value)
    against.drop.click()
    assert kept(panel).comparable == ()


def test_prices_are_found_weighed_and_used(opened: Callable[..., WillingnessPanel], cheap: CustomerBase) -> None:
    """Found prices stand in the table, dearer ones lose accounts, used ones are the design's until they are undone."""
    panel = opened(cheap)
    panel.views["find_prices"].starts = 2
    view, before = panel.views["find_prices"], tier_prices(panel)
    assert view.prices.layout.display == view.take.layout.display == "none"
    assert {rule for rule, box in view.rules.items() if not box.value} == {"T2", "A2", "C4"}
    view.find()
    panel.flush()
    assert view.prices.layout.display is None
    assert "The best prices found" in words(view.words.value)
    assert "100.0% of the best" in words(view.kept.value)
    assert "Prices found" in panel.views["comparison"].offers.value
    found = {name: row[0] for name, row in zip(view.prices.rows, view.prices.value, strict=True)}
    assert 3 <= found["Scale"] / found["Essentials"] <= 5.01
    assert re.search(r"keep \d+% \(\d+% to \d+%\) of the accounts that pay today", words(view.words.value))
    rows = view.prices.value
    view.prices.value = [[4 * price] for (price,) in rows]
    share = int(re.search(r"keep (\d+)% of the accounts", words(view.kept.value)).group(1))
    assert share < 90
    view.prices.value = rows
    view.take.click()
    panel.flush()
    assert tier_prices(panel) == {name: found[name] for name in before}
    add_ons = panel.session.study.scenario(panel.result.scenario.id).decision(AddOnDecision).add_ons
    assert {each.name: float(each.price) for each in add_ons}.items() <= found.items()
    assert view.search is not None
    panel.session.undo()
    panel.flush()
    assert tier_prices(panel) == before


def test_a_search_is_put_away_when_its_settings_change(panel: WillingnessPanel) -> None:
    """Prices found for one objective are not shown under another, or for another design; a moved price keeps them."""
    view, design = panel.views["find_prices"], panel.session.study.designs[1].id
    for rule in view.rules:
        view.rules[rule].value = False
    view.ending.value = None
    view.find()
    panel.views["who_buys"].price.value += 2
    panel.flush()
    assert view.search is not None
    view.objective.value = "revenue"
    panel.flush()
    assert view.search is None
    assert view.words.value == view.kept.value == view.tables.value == ""
    assert view.take.layout.display == "none"
    assert "Prices found" not in panel.views["comparison"].offers.value
    view.find()
    panel.session.select(design)
    panel.flush()
    assert view.search is None


def test_rules_that_leave_no_price_are_answered_with_a_sentence(panel: WillingnessPanel) -> None:
    """A search without any price left says which rules exclude each other, and shows no prices."""
    view = panel.views["find_prices"]
    view.rules["C4"].value = True
    view.panel.market = lambda: {"Essentials": (1.0, 2.0), "Scale": (500.0, 600.0)}
    view.start.click()
    assert "exclude each other" in view.status.text
    assert view.search is None


def test_what_is_tried_is_said_and_changes_nothing(panel: WillingnessPanel) -> None:
    """Leaving out a tier, or moving a feature, is one sentence; trying one puts the other back, the study stays."""
    view, held = panel.views["comparison"], panel.session.study
    assert view.tried.value == ""
    view.without.value = "Growth"
    assert "Without Growth: Revenue" in words(view.tried.value)
    view.feature.value = "Saved views"
    assert view.without.value == "nothing"
    assert "Saved views in no tier" in words(view.tried.value) or "Saved views from" in words(view.tried.value)
    view.lowest.value = "Scale"
    assert "Saved views from Scale up" in words(view.tried.value)
    panel.views["who_buys"].price.value += 5
    panel.flush()
    assert "Saved views from Scale up" in words(view.tried.value)
    view.feature.value = "choose a feature"
    assert view.tried.value == ""
    panel.session.undo()
    assert panel.session.study == held.replaced(revision=panel.session.study.revision)


def test_attach_rates_are_taken_over_as_expected(panel: WillingnessPanel) -> None:
    """The shares found become the range the add-on stage expects, within nothing and all, and undo takes them back."""
    view = panel.views["attach"]
    before = panel.session.scenario.decision(AddOnDecision).add_ons
    view.take.click()
    panel.flush()
    after = panel.session.scenario.decision(AddOnDecision).add_ons
    rates = panel.result.attach.set_index("add_on")
    for each in after:
        assert each.attach_low == pytest.approx(rates.loc[each.name, "rate_low"], abs=1e-4)
        assert each.attach_high == pytest.approx(rates.loc[each.name, "rate_high"], abs=1e-4)
    assert "Undo" in view.status.text
    panel.session.undo()
    assert panel.session.scenario.decision(AddOnDecision).add_ons == before


def test_without_surveys_what_customers_pay_stands_in(
    opened: Callable[..., WillingnessPanel], tables: dict[str, pd.DataFrame]
) -> None:
    """Every method says which table it needs, and who buys what still has an answer, with a wide range."""
    panel = opened({name: frame for name, frame in tables.items() if not name.startswith("survey")})
    assert panel.result.source == "what customers pay"
    page = words(panel.methods.static_html())
    for table in ("survey_price_sensitivity", "survey_price_ladder", "survey_choice", "survey_best_worst"):
        assert f"{table} would say" in page
    assert "Revenue by what customers would choose" in panel.views["who_buys"].figures.value
    assert [value for _, value in panel.views["who_buys"].source.options] == ["best there is", "what customers pay"]
    assert not panel.views["find_prices"].start.disabled


def test_with_nothing_to_go_on_every_section_says_so(opened: Callable[..., WillingnessPanel]) -> None:
    """One account with some usage and no price list: all sections stand, say why, and offer nothing to press."""
    bare = {
        "accounts": pd.DataFrame({"account_id": ["a"]}),
        "usage": pd.DataFrame({"account_id": ["a"], "month": ["2024-01-01"], "metric": ["seats"], "quantity": [3.0]}),
    }
    panel = opened(bare, Study.new("bare", "data"))
    assert not panel.result.is_ready
    why = words(panel.result.why_not)
    for name in ("who_buys", "comparison", "attach"):
        assert why.split(".")[0] in words(getattr(panel, name).static_html()).replace("&#x27;", "'")
    assert panel.views["find_prices"].start.disabled
    assert panel.views["attach"].take.disabled
    assert panel.views["who_buys"].price.disabled
    assert all(view.figure is None for view in panel.views["who_buys"].lines.values())


def test_the_baseline_shows_the_first_design(panel: WillingnessPanel) -> None:
    """While the baseline is selected the first design stays in view, and a price moved is that design's."""
    baseline = next(each for each in panel.session.study.scenarios if each.kind == "baseline")
    panel.session.select(baseline.id)
    panel.flush()
    first = panel.session.study.designs[0]
    assert panel.result.scenario.id == first.id
    panel.views["who_buys"].price.value = 51
    panel.flush()
    assert tier_prices(panel)[panel.views["who_buys"].tier.value] == 51
    assert panel.session.study.scenario(baseline.id) == baseline


def test_a_section_left_out_is_named_when_asked_for(panel: WillingnessPanel) -> None:
    """A section the panel was opened without is refused with the names of those there are."""
    small = willingness.open_panel(panel.session, ["attach"])
    assert "Would take it" in small.attach.static_html()
    with pytest.raises(AttributeError, match="no section 'methods'; it has: attach"):
        _ = small.methods
    small.close()


def test_a_closed_panel_no_longer_follows(panel: WillingnessPanel) -> None:
    """After closing, a change of the study works nothing out any more."""
    other = willingness.open_panel(panel.session, ["who_buys"])
    result = other.result
    other.close()
    panel.views["who_buys"].price.value += 4
    panel.flush()
    other.flush()
    assert other.result is result
    assert panel.result is not result
