"""What a design does to every customer: the bridge by hand, prices tried out, points drawn, bases that lack tables."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from tried_prices import tried_book

from workbench.customers import CustomerBase
from workbench.impact import KeepPlan, PlanTable, account_months, compare, replay
from workbench.impact.billing import NO_PLAN_FITS, PlanChoice
from workbench.impact.price_realisation import at_what_is_paid
from workbench.locales import MINUS
from workbench.pricing import AddOn, Charge, Limit, Plan, PriceBook
from workbench.stages import impact, migration, steady
from workbench.stages.comparison import bills as bridge_module
from workbench.stages.comparison.bills import bridge_of, gather_design, gather_today
from workbench.stages.impact import Trial, evaluation
from workbench.stages.impact.charts import MOST_POINTS, bridge_table, items_table, months_table, points
from workbench.stages.impact.evaluation import distribution, what_can_be_tried
from workbench.stages.migration import MigrationDecision
from workbench.stages.migration.tables import in_unit, unit_words
from workbench.stages.offers import TierDecision
from workbench.stages.steady.evaluation import years_of
from workbench.stages.study_replay import replay_study, scenario_standing
from workbench.study import Guardrails, Study

if TYPE_CHECKING:
    from workbench.impact import Comparison
    from workbench.stages.comparison.bills import DesignEvidence

MONTHS = pd.date_range("2024-01-01", periods=2, freq="MS")


@pytest.fixture(scope="module")
def small() -> CustomerBase:
    """Return three accounts over two months: two small ones, and one that uses twice what will be included."""
    used = {"a": (10, 5), "b": (10, 5), "c": (40, 20)}
    rows = [(name, m, metric, q) for name, qs in used.items() for m in MONTHS for metric, q in zip(METRICS, qs)]  # noqa: B905
    paid = [(name, month, 100.0, "Basic", "USD") for name in used for month in MONTHS]
    uses = [("b", week, "audit", 9) for week in pd.date_range("2024-01-01", "2024-02-26", freq="W-MON")]
    return CustomerBase.from_tables(
        {
            "accounts": pd.DataFrame({"account_id": list(used)}),
            "usage": pd.DataFrame(rows, columns=["account_id", "month", "metric", "quantity"]),
            "mrr": pd.DataFrame(paid, columns=["account_id", "month", "amount", "plan", "currency"]),
            "feature_use": pd.DataFrame(uses, columns=["account_id", "week", "feature", "uses"]),
        }
    )


METRICS = ("data", "seats")
TODAY = PriceBook("Today", "USD", (Plan("Basic", 50, (Charge("seats", "per_unit", unit_price=10),)),))
NEW = PriceBook(
    "New",
    "USD",
    (
        Plan("Basic", 60, (Charge("data", "per_unit", unit_price=2, free_units=5),), (Limit("seats", 10),)),
        Plan("Large", 300, ()),
    ),
    (AddOn("Audit", 7, features=("audit",)),),
)


def _comparison(base: CustomerBase) -> Comparison:
    rows = account_months(base)
    where = PlanTable({"a": "Basic", "b": "Basic", "c": "Large"})
    return compare(replay(rows, TODAY, assign=KeepPlan(), name="Today"), replay(rows, NEW, assign=where))


def test_the_bridge_of_a_case_worked_out_by_hand(small: CustomerBase) -> None:
    """Fee +10, data 2 x 5 and 2 x 35 above 5 included, seats end, one account moves to Large, one needs the add-on.

    Per month: base fee of three accounts +30; data above what is included 10 + 10 + 70; seats -50 - 50 - 200; c pays
    300 in Large and not 60 + 70 in Basic, so +170; the add-on +7. Bills go from 450 to 447.
    """
    found = bridge_of(_comparison(small))
    amounts = dict(zip(found.causes, found.amounts / 2, strict=True))
    assert amounts == pytest.approx(
        {
            bridge_module.PRICE: 30,
            bridge_module.LIMITS: 90,
            bridge_module.ENDED: -300,
            bridge_module.NEW: 0,
            bridge_module.PLAN: 170,
            bridge_module.ADD_ONS: 7,
        }
    )
    assert found.before / 2 == pytest.approx(450)
    assert found.after / 2 == pytest.approx(447)
    assert list(bridge_table(found).words()["Money a month"]) == [
        "$450",
        f"{MINUS}$300",
        "+$170",
        "+$90",
        "+$30",
        "+$7",
        "$447",
    ]


@pytest.fixture(scope="module")
def sample(sample_company: CustomerBase, decided_sample: Study) -> tuple[CustomerBase, Study]:
    """Return the sample company and its study."""
    return sample_company, decided_sample


@pytest.fixture(scope="module")
def designs(sample: tuple[CustomerBase, Study]) -> list[DesignEvidence]:
    """Return every design of the sample study replayed."""
    base, study = sample
    today = gather_today(base)
    return [gather_design(base, today, scenario) for scenario in study.designs]


def test_a_design_is_billed_on_needs_as_its_tiers_read_them(sample: tuple[CustomerBase, Study]) -> None:
    """Whoever must use a feature forty times to need it is placed as the replay of the whole study places him."""
    base, study = sample
    (scenario, *_) = study.designs
    tiers = scenario.decision(TierDecision).replaced(minimum_uses=40, needs_months=1)
    strict = scenario.with_decision(tiers)
    found = gather_design(base, gather_today(base), strict)
    told, usual = (scenario_standing(base, study, each)[0] for each in (strict, scenario))
    assert found.comparison.revenue_after == pytest.approx(told.revenue_net)
    assert told.revenue_net != pytest.approx(usual.revenue_net)
    assert years_of(base, study, strict).replay.rows.needs_months == 1


def test_causes_sum_to_the_change_of_revenue_for_every_account(designs: list[DesignEvidence]) -> None:
    """In every design the causes of an account sum to the change of its bills, and all of them to revenue's change."""
    for design in designs:
        found, comparison = design.bridge, design.comparison
        assert found is not None
        assert comparison is not None
        assert found.amounts.sum() == pytest.approx(comparison.revenue_after - comparison.revenue_before, abs=1e-4)
        places = pd.Index(comparison.after.rows.account_ids).get_indexer(pd.Index(comparison.accounts["account_id"]))
        change = comparison.accounts["change"] * comparison.accounts["months"]
        np.testing.assert_allclose(found.by_account[places].sum(axis=1), change, atol=1e-6)
        total = found.after + found.only_after - found.before - found.only_before
        assert comparison.before is not None
        assert total == pytest.approx(comparison.after.revenue - comparison.before.revenue, abs=1e-4)


def test_a_price_tried_out_is_what_billing_it_again_gives(
    sample: tuple[CustomerBase, Study], designs: list[DesignEvidence]
) -> None:
    """Moving a price gives each account the bill that replaying the moved price book in the same plans gives."""
    base, study = sample
    for design in designs:
        assert design.comparison is not None
        before = design.comparison.after
        for what in what_can_be_tried(before.book).values():
            trial = Trial(what=what, change=0.15)
            result = impact.evaluate(base, design.scenario, study=study, evidence=design, tried=trial)
            rows, book = before.rows, tried_book(before.book, trial)
            again = replay(rows, book, assign=_InTheirPlans(before.plan_index))
            expected = compare(*at_what_is_paid(design.today.baseline, again))
            assert result.comparison is not None
            assert result.bridge is not None
            np.testing.assert_allclose(result.comparison.accounts["after"], expected.accounts["after"], rtol=1e-9)
            assert result.comparison.revenue_change == pytest.approx(expected.revenue_change)
            assert result.bridge.amounts.sum() == pytest.approx(expected.revenue_after - expected.revenue_before)
            np.testing.assert_allclose(result.comparison.segments["after"], expected.segments["after"])


class _InTheirPlans:
    """Leave every account-month in the plan it is in."""

    def __init__(self, index: np.ndarray) -> None:
        self.index = index

    def choose(self, *_: object) -> object:
        """Return the plans as they are."""
        return PlanChoice(self.index, NO_PLAN_FITS)


def test_bands_count_every_account_once(designs: list[DesignEvidence]) -> None:
    """Every account stands in exactly one band of bill change; an end belongs to the band on its side of nothing."""
    for design in designs:
        assert design.comparison is not None
        changes = design.comparison.accounts["percent"].to_numpy(dtype=float)
        assert distribution(changes)["accounts"].sum() == len(changes)
    found = distribution(np.array([-0.6, -0.5, -0.25, -1e-12, 0.0, 0.1, 0.1001, 1.0, np.inf])).set_index("band")
    assert found["accounts"].to_list() == [1, 1, 1, 0, 2, 1, 1, 0, 1, 1]


def test_the_lines_of_an_account_sum_to_its_months(small: CustomerBase) -> None:
    """The itemised bill names what every line is for and sums to the bill of the month."""
    comparison = _comparison(small)
    lines = items_table(comparison, "b")
    new = lines.frame[(lines["Month"] == "2024-01") & (lines["Prices"] == "new")]
    assert set(new["Offer"]) == {"Basic", "Audit"}
    assert sum(new["Amount"]) == pytest.approx(months_table(comparison, "b")["New bill"].iloc[0])


def test_too_many_accounts_are_thinned_and_it_is_said(small: CustomerBase) -> None:
    """Beyond 1,500 points the largest changes stay, and the sentence says how many accounts are left out."""
    whole = _comparison(small)
    draw = np.random.default_rng(1)
    before = draw.lognormal(5, 1, 4_000)
    after = before * draw.lognormal(0, 0.3, 4_000)
    after[7] = 0.0
    frame = pd.DataFrame({"account_id": [f"x{n}" for n in range(4_000)], "segment": "s", "before": before})
    frame = frame.assign(after=after, change=after - before, percent=after / before - 1)
    drawn, said = points(replace(whole, accounts=frame))
    assert len(drawn) == MOST_POINTS
    assert drawn["account_id"].is_unique
    assert "2,499 accounts are left out" in said
    assert "1 account with a bill of nothing" in said
    assert frame.drop(index=7)["change"].abs().idxmax() in {int(name[1:]) for name in drawn["account_id"]}


@pytest.mark.parametrize(("most", "warns"), [(0.0, True), (1.0, False)])
def test_the_study_sets_how_much_revenue_may_stay_unexplained(
    sample: tuple[CustomerBase, Study], designs: list[DesignEvidence], most: float, warns: bool
) -> None:
    """Panel and command line warn from the same share of recorded revenue on, and it is the study's."""
    base, study = sample
    study = study.replaced(guardrails=study.guardrails.replaced(most_unexplained=most))
    shown = impact.evaluate(base, designs[0].scenario, study=study, evidence=designs[0])
    printed = replay_study(base, study, [designs[0].scenario.id]).scenarios[0].comparison
    for cautions in (shown.cautions, shown.reconciliation.cautions, printed.cautions):
        assert any("do not account for" in caution.text for caution in cautions) is warns


def test_guardrails_of_the_study_decide(sample: tuple[CustomerBase, Study], designs: list[DesignEvidence]) -> None:
    """A limit nothing reaches passes, one that everything crosses fails with a sentence that names the figure."""
    base, study = sample
    loose = study.replaced(guardrails=Guardrails(least_revenue_change=-1, **dict.fromkeys(_OTHERS)))
    strict = study.replaced(guardrails=Guardrails(least_revenue_change=5, **dict.fromkeys(_OTHERS)))
    kept, crossed = (
        impact.evaluate(base, designs[0].scenario, study=each, evidence=designs[0]).guardrails
        for each in (loose, strict)
    )
    assert kept is not None
    assert crossed is not None
    assert kept.passed
    (sentence,) = crossed.sentences()
    assert "against today's prices, paid against paid; at least +500% is asked for." in sentence


_OTHERS = (
    "most_accounts_above_steep_rise",
    "most_rise_in_top_ten",
    "most_accounts_below_cost",
    "most_p95_rise",
    "least_segment_change",
)


def test_without_usage_or_a_price_list_it_is_said_what_would_help(small: CustomerBase) -> None:
    """A base without plans and payments gives no comparison, names the table, and draws nothing."""
    study = Study.new("small", "data", currency="USD")
    paid = impact.evaluate(small, study.designs[0], study=study)
    assert (paid.is_ready, "offers no plan yet" in paid.why_not) == (False, True)  # it could be held against payments
    frames = {name: frame for name, frame in small.frames.items() if name != "mrr"}
    result = impact.evaluate(replace(small, frames=MappingProxyType(frames)), study.designs[0], study=study)
    assert not result.is_ready
    assert [each.table for each in result.missing] == ["plans"]
    assert "plans" in result.why_not
    assert not any(impact.figures(result).values())


def test_a_design_without_plans_says_what_to_decide(sample: tuple[CustomerBase, Study]) -> None:
    """A design in which nothing is decided cannot be replayed, and says so in its own name."""
    base, study = sample
    empty = study.designs[0].without_decision("tiers").without_decision("value_metric").replaced(name="Empty one")
    result = impact.evaluate(base, empty, study=study)
    assert result.why_not.startswith("Empty one offers no plan")


def test_every_figure_has_words_and_a_table_and_few_marks(
    sample: tuple[CustomerBase, Study], designs: list[DesignEvidence]
) -> None:
    """Each figure can be read without seeing it, and draws fewer than 2,000 marks."""
    base, study = sample
    result = impact.evaluate(base, designs[0].scenario, study=study, evidence=designs[0])
    way = migration.evaluate(base, designs[0].scenario, study=study, evidence=designs[0])
    terms = steady.evaluate(base, designs[0].scenario, study=study)
    made = (impact.figures(result), migration.figures(way), steady.figures(terms))
    found = [figure for figures in made for figure in figures.values()]
    keys = [figure.key for figure in found]
    prices, ahead = (
        ["bridge", "distribution", "old_new", "guardrails"],
        ["paths", "on_old", "fan", "backtest", "tornado"],
    )
    assert keys == [*prices, *ahead, "steady_tools", "steady_months", "steady_groups"]
    for figure in found:
        assert figure.description
        assert figure.reading
        assert figure.table is not None
        assert len(figure.table)
        assert sum(map(len, figure.data.values())) < 2_000
        assert figure.spec()["description"] == figure.description


def test_charts_that_follow_a_price_bill_and_compare_nothing_again(
    sample: tuple[CustomerBase, Study], designs: list[DesignEvidence], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bridge and distribution of a price on the move are drawn without a comparison of accounts, and agree with it."""
    base, study = sample
    trial = Trial(change=0.1)

    def drawn() -> list[dict]:
        result = impact.evaluate(base, designs[0].scenario, study=study, evidence=designs[0], tried=trial)
        return [impact.figures(result)[key].rows() for key in impact.VIEW.leading]

    result = impact.evaluate(base, designs[0].scenario, study=study, evidence=designs[0], tried=trial)
    assert result.comparison is not None
    assert result.bridge is not None
    assert result.bridge.after == pytest.approx(result.comparison.revenue_after)
    exact = distribution(result.comparison.accounts["percent"].to_numpy(dtype=float))
    pd.testing.assert_frame_equal(result.bands, exact)
    before = drawn()
    monkeypatch.setattr(evaluation, "with_trial", None)
    assert drawn() == before


def test_the_policy_decided_on_is_a_solid_line_whichever_it_is(
    sample: tuple[CustomerBase, Study], designs: list[DesignEvidence]
) -> None:
    """Its line is told by its width, so it has no gaps, and the reading names it."""
    base, study = sample
    for policy in ("new customers only", "opt-in"):
        decision = designs[0].scenario.decision(MigrationDecision).replaced(policy=policy)
        scenario = designs[0].scenario.with_decision(decision)
        way = migration.figures(migration.evaluate(base, scenario, study=study, evidence=designs[0]))
        for figure in (way["paths"], way["on_old"]):
            dashes = figure.spec()["encoding"]["strokeDash"]["scale"]
            assert dict(zip(dashes["domain"], dashes["range"], strict=True))[policy] == [1, 0]
        assert f'Under the policy "{policy}"' in way["on_old"].reading


def test_guesses_that_are_shares_are_percentages() -> None:
    """0.125 of the customers is read as 12.5%, beside what it is a share of."""
    assert in_unit(0.125, "share of customers a year") == "12.5%"
    assert unit_words("share of customers a year") == "of customers a year"
    assert (in_unit(8, "customers a month"), unit_words("customers a month")) == ("8", "customers a month")
