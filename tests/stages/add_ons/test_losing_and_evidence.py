"""What customers lose, what idles in tiers, and what prices of add-ons rest on."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from workbench.customers import CustomerBase
from workbench.formatting import figure_interval
from workbench.results import Interval
from workbench.rules.packaging import FewUsed, few_in_tiers, price_evidence, taken_away
from workbench.stages.add_ons import evaluate, gather, suggest, summarise
from workbench.stages.offers import AddOnDecision, Tier, TierDecision
from workbench.study import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.stages.add_ons.result import AddOnResult
    from workbench.stages.offers import AddOnChoice

OPEN = Scenario(id="design", name="Design", kind="design")


def found(result: AddOnResult, rule: str, subject: str):  # noqa: ANN201 - a Finding
    """Return the finding of a rule on a subject."""
    return next(each for each in result.findings if each.rule_id == rule and each.subject == subject)


def test_who_has_and_uses_a_feature_gets_a_grandfathering_line(
    hand_base: CustomerBase, add_on: Callable[..., AddOnChoice], three_tiers: Callable[..., TierDecision]
) -> None:
    """a0 and a1 use Map today; sold at 10 it would cost them 20 a month. In their tier it costs nobody anything."""
    design = OPEN.with_decision(three_tiers()).with_decision(AddOnDecision(add_ons=(add_on(),)))
    losing = found(evaluate(hand_base, design), "A7", "Map layers")
    assert (losing.status, losing.measured) == ("watch", 2)
    assert "2 accounts have and use Map layers today" in losing.evidence
    assert "$20 a month in all" in losing.evidence
    assert losing.remedy.startswith("Grandfather it")
    inside = three_tiers(Small=("Map",), Mid=("Map",), Large=("Map",))
    kept = evaluate(hand_base, OPEN.with_decision(inside).with_decision(AddOnDecision(add_ons=(add_on(),))))
    assert found(kept, "A7", "Map layers").status == "ok"


def test_who_does_not_have_it_today_loses_nothing(
    base_without: Callable[..., CustomerBase], add_on: Callable[..., AddOnChoice]
) -> None:
    """Where the price list says that the plan does not contain Map, using it (bought apart) takes nothing away."""
    plain = base_without()
    tables = {name: plain.frames[name] for name in plain.tables}
    listed = pd.DataFrame({"plan": ["Old", "Old"], "feature": ["Core", "Audit"]})
    told = {**tables, "plan_features": listed, "mrr": tables["mrr"].assign(plan="Old")}
    base = CustomerBase.from_tables(told, as_of="2024-12-31", currency="USD")
    result = evaluate(
        base,
        OPEN.with_decision(AddOnDecision(add_ons=(add_on(), add_on(id="x", name="Audit log", features=("Audit",))))),
    )
    assert found(result, "A7", "Map layers").status == "ok"
    assert found(result, "A7", "Audit log").measured == 2


def test_what_is_sold_nowhere_is_not_dropped_in_silence(
    hand_base: CustomerBase, add_on: Callable[..., AddOnChoice], three_tiers: Callable[..., TierDecision]
) -> None:
    """Audit is in no tier and no add-on, and two accounts use it."""
    design = OPEN.with_decision(three_tiers()).with_decision(AddOnDecision(add_ons=(add_on(),)))
    gone = found(evaluate(hand_base, design), "A7", "features sold nowhere")
    assert (gone.status, gone.measured, gone.affected) == ("breach", 2, ("Audit",))


def test_features_that_idle_in_tiers_are_judged_too(base_of: Callable[..., CustomerBase]) -> None:
    """About one account in ten uses each special export: in the entry tier that is a breach, above it on watch."""
    base = base_of(400)
    rare = tuple(f"Special {number} export" for number in range(4))

    def judged(*features: tuple[str, ...]):  # noqa: ANN202 - a Finding
        names = ("One", "Two")
        tiers = [
            Tier(id=name, name=name, price=Decimal(price), features=("Boards", "Search", *inside))
            for name, price, inside in zip(names, (10, 90), features, strict=True)
        ]
        design = OPEN.with_decision(TierDecision(tiers=tuple(tiers))).with_decision(AddOnDecision())
        return found(evaluate(base, design), "A5", "features in tiers")

    entry, top, none = judged(rare, rare), judged((), rare), judged((), ())
    assert (entry.status, top.status, none.status) == ("breach", "watch", "ok")
    assert set(entry.affected) == set(top.affected) == set(rare)
    assert "4 of 6 features in tiers" in top.evidence
    assert "Of the accounts in the tiers that contain it" in top.evidence


def test_the_words_on_idle_features_name_the_rarest_first() -> None:
    """Numbers, population and threshold stand in the sentence."""
    few = [FewUsed("A", 0.2, 0.25), FewUsed("B", 0.01, 0.02)]
    told = few_in_tiers(few, judged=9, of_accounts=100)
    assert "2 of 9 features in tiers are used by surely under 30% of accounts: B (1.0%) and A (20.0%)." in told.evidence
    assert few_in_tiers([], judged=0, of_accounts=100).status == "unknown"


def survey(worth: float, per: str = "account", respondents: int = 200, seed: int = 3) -> pd.DataFrame:
    """Make choices between two offers and none by people to whom Map is worth so much a month."""
    rng = np.random.default_rng(seed)
    rows = []
    for who in range(respondents):
        for task in range(6):
            offers = [(int(price), int(rng.random() < 0.5)) for price in rng.choice([20, 40, 60, 80], 2, replace=False)]
            utility = [-0.1 * price + 0.1 * worth * has + 5 for price, has in offers] + [0.0]
            chosen = int(np.argmax(np.array(utility) + rng.gumbel(size=3)))
            for place, (price, has, none) in enumerate([(*offers[0], 0), (*offers[1], 0), (0, 0, 1)]):
                rows.append((f"r{who}", task + 1, place + 1, int(place == chosen), price, has, none, per))
    columns = ["respondent", "task", "alternative", "chosen", "price", "map", "none", "per"]
    return pd.DataFrame(rows, columns=columns)


def asked(base_without: Callable[..., CustomerBase], table: pd.DataFrame) -> CustomerBase:
    """Return the ten accounts with a choice survey beside them."""
    plain = base_without()
    tables = {name: plain.frames[name] for name in plain.tables}
    return CustomerBase.from_tables({**tables, "survey_choice": table}, as_of="2024-12-31", currency="USD")


@pytest.mark.parametrize("worth", [12.0, 31.0])
def test_a_price_follows_what_was_measured(
    base_without: Callable[..., CustomerBase], three_tiers: Callable[..., TierDecision], worth: float
) -> None:
    """Planted worth of Map comes back in its interval, and the suggested price lies in it: not 30% of the core."""
    base = asked(base_without, survey(worth))
    design = OPEN.with_decision(three_tiers())
    measured = gather(base).prices.worth["Map"]
    assert measured.low <= worth <= measured.high
    decision = suggest(base, design)
    choice = next(each for each in decision.add_ons if each.features == ("Map",))
    assert measured.low <= float(choice.price) <= measured.high
    result = evaluate(base, design.with_decision(decision))
    assert found(result, "A8", choice.name).status_word == "Set so"
    assert found(result, "A2", choice.name).status_word != "Set so"


def test_where_nobody_was_asked_the_price_says_so(
    hand_base: CustomerBase, three_tiers: Callable[..., TierDecision]
) -> None:
    """Without a survey the price stands on the core plan, and the finding says that this is no evidence."""
    design = OPEN.with_decision(three_tiers())
    decision = suggest(hand_base, design)
    told = found(evaluate(hand_base, design.with_decision(decision)), "A8", decision.add_ons[0].name)
    assert told.status == "unknown"
    assert "No price evidence" in told.evidence
    assert "it stands on the price of Mid" in told.evidence


def test_a_worth_in_another_unit_is_no_evidence_for_this_price(
    base_without: Callable[..., CustomerBase], add_on: Callable[..., AddOnChoice]
) -> None:
    """Worth per seat says nothing about a price per account, which is left without evidence."""
    base = asked(base_without, survey(12.0, per="seats"))
    result = evaluate(
        base, OPEN.with_decision(AddOnDecision(add_ons=(add_on(), add_on(id="s", name="Map seats", price_per="seats"))))
    )
    assert found(result, "A8", "Map layers").status == "unknown"
    assert found(result, "A8", "Map seats").status != "unknown"


@pytest.mark.parametrize(("price", "status"), [(5, "watch"), (12, "ok"), (20, "breach")])
def test_a_price_beyond_its_worth_is_not_met(price: float, status: str) -> None:
    """Above the interval it asks more than the average finds it worth, below it leaves money lying."""
    assert price_evidence("X", price, Interval(8, 11, 14), respondents=50).status == status


def test_nothing_taken_and_nothing_known_are_told_apart() -> None:
    """Zero accounts meet the rule; unknown use does not."""
    assert taken_away("X", 0).status == "ok"
    assert taken_away("X", None).status == "unknown"


def test_an_assumed_range_is_not_called_an_interval(
    hand_base: CustomerBase, add_on: Callable[..., AddOnChoice], three_tiers: Callable[..., TierDecision]
) -> None:
    """Attach ranges are what a team assumes: revenue from them says so, in figure and sentence."""
    decision = AddOnDecision(add_ons=(add_on(),))
    result = evaluate(hand_base, OPEN.with_decision(three_tiers()).with_decision(decision))
    shown = figure_interval(result.key_figures[0])
    assert "from the attach ranges assumed" in shown
    assert "90% interval" not in shown
    assert "90%" not in summarise(decision, result)
