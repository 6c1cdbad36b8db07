"""What comes after the switch to new prices, as figures and tables, over a few made-up accounts."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from workbench.impact.migration import EveryoneAtOnce, account_bills, migrate
from workbench.impact.uncertainty.behaviour import LEAVING, MOVING_DOWN, PastReaction
from workbench.stages import migration
from workbench.stages.migration.evaluation import MigrationResult, ranges
from workbench.stages.migration.tables import guesses_table, information_sentence, past_sentence, policies_table
from workbench.study import Assumption, Guardrails

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.customers import CustomerBase
    from workbench.impact.migration import AccountBills
    from workbench.study import Study

    Seen = Callable[[str], MigrationResult]

pytestmark = pytest.mark.slow


def few_accounts(size: int = 60) -> AccountBills:
    """Return few accounts of very different size, so that luck moves the mean of the draws."""
    rng = np.random.default_rng(4)
    old = rng.lognormal(5, 1.5, size)
    new = old * rng.lognormal(0.1, 0.2, size)
    return account_bills(
        [f"A{place}" for place in range(size)], ["s"] * size, old, new, start="2025-01", metered=new * 0.4
    )


@pytest.mark.parametrize("seed", range(6))
def test_the_bars_of_a_guess_go_to_both_sides_of_where_they_start(seed: int) -> None:
    """The two ends of a guess lie on either side of the mean its bars start at, to within what a chart can show."""
    found = ranges(migrate(few_accounts(), EveryoneAtOnce()), Guardrails(), seed=seed)
    result = cast("MigrationResult", SimpleNamespace(ranges=found, path=None))
    figure = migration.figures(result)["tornado"]
    bars = figure.data["tornado"]
    assert len(bars)
    ends = bars.assign(away=bars["value"] - bars["mean"]).groupby("assumption")["away"].agg(["min", "max"])
    less_than_a_pixel = (ends["max"] - ends["min"]).max() / 500
    assert (ends["min"] <= less_than_a_pixel).all()
    assert (ends["max"] >= -less_than_a_pixel).all()
    assert set(bars["mean"]) == set(found.drivers["base"])


def test_a_guess_about_nobody_is_said_and_not_drawn_from() -> None:
    """A range of a segment without accounts, or of new customers of a segment, changes nothing and is named."""
    path = migrate(few_accounts(), EveryoneAtOnce())
    kinds = ("churn-per-rise:gone", "new-customers:s")
    guesses = [Assumption(id=kind, label="Guess", low=0.5, high=0.9) for kind in kinds]
    plain, found = (ranges(path, Guardrails(), given) for given in ((), guesses))
    assert np.array_equal(plain.simulation.total(plain.name), found.simulation.total(found.name))
    said = [each.text for each in found.simulation.cautions]
    assert [text for text in said if "nobody" in text] == [
        f"Not drawn from, for it is about nobody: Guess ({kind})." for kind in kinds
    ]


def test_months_and_break_even_are_written_as_in_the_key_figures() -> None:
    """One month is no months, and break-even churn is said in the words the path itself uses."""
    bills = account_bills(["A"], ["s"], [100], [80], start="2025-01")
    paths = {str(notice): migrate(bills, EveryoneAtOnce(notice_months=notice)) for notice in (1, 2)}
    table = policies_table(paths, "1").words()
    assert table["All on new prices after"].tolist() == ["1 month", "2 months"]
    (said,) = (each.in_words for each in paths["1"].key_figures() if each.label == "Break-even churn")
    assert table["Break-even churn"].tolist() == [said, said]


@pytest.fixture(scope="module")
def seen_until(sample_company: CustomerBase, decided_sample: Study) -> Seen:
    """Return what tells what the second design of the sample does, as known on an earlier day."""
    study = decided_sample
    return cache(lambda day: migration.evaluate(sample_company.up_to(day), study.designs[1], study=study))


def test_two_years_are_forecast_for_two_years_and_tested(seen_until: Seen) -> None:
    """Both lists month by month from January on, ranges around medians, and a year of what was forecast and came."""
    found = seen_until("2024-12-31")
    assert found.forecast_reason == ""
    assert [each.scenario for each in found.forecast] == ["baseline"] * 24 + [found.scenario.id] * 24
    assert [each.month for each in found.forecast[:24:23]] == ["2025-01", "2026-12"]
    assert all(0 < each.low < each.revenue < each.high for each in found.forecast)
    assert [each.month for each in found.backtest[::11]] == ["2024-01", "2024-12"]
    fan, tested, drivers = (migration.figures(found)[key] for key in ("fan", "backtest", "tornado"))
    assert "Without any reaction" in fan.reading
    assert "December 2023" in tested.reading
    assert len(tested.table) == 12
    assert "What usage and customers become" in list(drivers.data["tornado"]["assumption"])
    assert found.ranges is not None
    assert "usual-churn" not in list(guesses_table(found.ranges)["Name under Assumptions"])


def test_a_few_months_are_unknown_and_the_last_one_is_shown_as_what_it_is(seen_until: Seen) -> None:
    """After five months nothing is drawn: the reason and the last month stand there."""
    found = seen_until("2023-05-31")
    assert (found.forecast, found.backtest, found.ranges) == ((), (), None)
    assert found.forecast_reason.startswith("The months ahead are unknown: 5 months of history; a forecast needs 6.")
    assert "The last month, May 2023, brought $" in found.forecast_reason
    assert not any(migration.figures(found)[key] for key in ("fan", "backtest", "tornado"))


def test_under_a_year_no_sign_is_said(seen_until: Seen) -> None:
    """After eight months there are three months ahead as a range, and neither which brings more nor what to ask."""
    found = seen_until("2023-08-31")
    assert len(found.forecast) == 2 * 3
    assert found.backtest == ()
    assert found.ranges is not None
    fan = migration.figures(found)["fan"]
    assert fan.reading.startswith("The 3 months together bring ")
    assert "cannot be told from so short a history" in fan.reading
    assert "cannot be told from so short a history" in information_sentence(found.ranges)


def test_under_two_years_the_second_year_is_a_direction_only(seen_until: Seen) -> None:
    """After fifteen months there is a year ahead as a range, and of the year after it which brings more."""
    found = seen_until("2024-03-31")
    assert len(found.forecast) == 2 * 12
    assert found.ranges is not None
    fan = migration.figures(found)["fan"]
    assert fan.reading.startswith("The 12 months together bring ")
    assert "15 months of history: a season cannot be told from chance before 24 months" in fan.reading
    assert "in March 2026, in " in fan.reading


def told(kind: str, **ends: float) -> PastReaction:
    """Return what a record says, or nothing and why."""
    if ends:
        return PastReaction(kind, 80, 12, (0.05, 0.1, 0.2), **ends)
    return PastReaction(kind, 3, reason="the price of 3 accounts rose in 24 months, and 30 are needed")


def test_the_draws_come_from_the_record_where_it_says_how_customers_reacted() -> None:
    """What own price moves say takes the place of the wide guess, and says so; what they do not say stays wide."""
    past = told(LEAVING, value=0.2, low=0.1, high=0.3), told(MOVING_DOWN)
    found = ranges(migrate(few_accounts(), EveryoneAtOnce()), Guardrails(), past=past)
    used = found.simulation.behaviour
    assert (used.range_for("churn-per-rise", "s").low, used.range_for("churn-per-rise", "s").high) == (0.1, 0.3)
    assert used.range_for("downgrade-per-rise", "s").high == 0.5
    assert "own price moves on record" in list(guesses_table(found)["Source"])
    said = past_sentence(found.past, found)
    assert "makes 10% to 30% of customers leave (90% interval). The draws come from it." in said
    assert "How many customers move down over a rise cannot be had from the record: the price of 3 accounts" in said
    assert "but for what own price moves say" in found.simulation.cautions[0].text


def test_a_range_of_the_team_stands_and_the_record_is_shown_beside_it() -> None:
    """The team's own range is drawn from, and the sentence names both."""
    own = Assumption(id="churn-per-rise", label="Lost", low=0.4, high=0.6, unit="share of customers per 100% rise")
    past = (told(LEAVING, value=0.2, low=0.1, high=0.3),)
    found = ranges(migrate(few_accounts(), EveryoneAtOnce()), Guardrails(), (own,), past=past)
    assert found.simulation.behaviour.range_for("churn-per-rise", "s").low == 0.4
    assert "The study keeps a range of its own, 40% to 60%, and the draws come from that one." in past_sentence(
        past, found
    )


def test_a_sample_without_price_moves_says_that_reactions_are_not_known(seen_until: Seen) -> None:
    """Nobody's price rose before the sample's move, so the ranges stay guesses and the chart says why."""
    found = seen_until("2024-12-31")
    assert not any(each.known for each in found.reactions)
    reading = migration.figures(found)["fan"].reading
    assert "How many customers leave or move down over a rise cannot be had from the record: the price of 0" in reading
