"""Competitors' prices typed on the screen: they join those of the data, everywhere, and can be taken back."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from workbench.errors import StudyError
from workbench.pages.market_prices import MarketPricesPanel, open_panel
from workbench.rendering.declared import open_stage
from workbench.rendering.section import strict_callbacks
from workbench.rendering.session import Session
from workbench.study import CompetitorPrice, Study, merge, save
from workbench.workspace import with_competitor_prices

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


OFFERS = """vendor,offer,kind,price,per,limit_metric,limit,billing_period,currency,seen_on,source
Alder,Team,plan,10,seats,seats,50,month,USD,2024-01-01,https://example.com/alder
"""


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """Return a session on a study of eleven accounts and one competitor."""
    data = tmp_path / "data"
    data.mkdir()
    accounts = pd.DataFrame({"account_id": [f"a{n}" for n in range(11)]})
    usage = accounts.assign(month="2024-06", metric="seats", quantity=range(10, 120, 10))
    accounts.to_csv(data / "accounts.csv", index=False)
    usage.to_csv(data / "usage.csv", index=False)
    (data / "competitor_offers.csv").write_text(OFFERS)
    study = save(Study.new("acme", "../data", currency="USD"), tmp_path / "study").study
    made = Session(tmp_path / "study", study)
    with strict_callbacks():
        yield made
        made.finish()


@pytest.fixture
def panel(session: Session) -> Iterator[MarketPricesPanel]:
    """Return the panel of typed prices."""
    made = open_panel(session)
    yield made
    made.close()


def typed(panel: MarketPricesPanel, **values: object) -> None:
    """Fill the form in and press the button."""
    wanted = {"vendor": "Birch", "offer": "Pro", "price": 20.0, "per": "seats", "source": "https://example.com/birch"}
    for name, value in {**wanted, "seen_on": "2024-06-01", **values}.items():
        getattr(panel.typed_view, name).value = value
    panel.typed_view.apply.click()


def seen(**values: object) -> CompetitorPrice:
    """Return a price seen, Alder's Team at 12 a seat in June unless said otherwise."""
    known = {"id": "x", "vendor": "Alder", "offer": "Team", "price": 12, "per": "seats", "currency": "USD"}
    return CompetitorPrice(**{**known, "seen_on": date(2024, 6, 1), "source": "https://example.com/alder", **values})


@pytest.mark.needs_stage("anchoring")
def test_a_typed_price_is_compared_and_undo_takes_it_back(session: Session, panel: MarketPricesPanel) -> None:
    """It stands beside those of the data at once, in the unit and period it was typed with."""
    market = open_stage(session, "anchoring")
    typed(panel, price=240.0, period="year")
    market.flush()
    found = next(each for each in market.result.offers if each.vendor == "Birch")
    assert found.plan.bill({"seats": 10}).total == 200
    assert (found.period, found.source) == ("year", "https://example.com/birch")
    assert "Birch" in panel.typed_view.table.value
    session.undo()
    market.flush()
    assert [each.vendor for each in market.result.offers] == ["Alder"]
    assert "Birch" not in panel.typed_view.table.value


def test_a_newer_price_of_an_offer_counts_and_one_of_the_same_day_replaces_it(session: Session) -> None:
    """An offer counts as it was last seen, whoever saw it."""
    base = session.base
    newer = with_competitor_prices(base, [seen()])
    assert newer.competitor_offers["price"].tolist() == [10, 12]
    again = with_competitor_prices(base, [seen(seen_on=date(2024, 1, 1), limit_metric="seats", limit=50)])
    assert again.competitor_offers["price"].tolist() == [12]
    assert again.fingerprint != base.fingerprint
    assert again.up_to("2024-06-30").competitor_offers["price"].tolist() == [12]


def test_a_base_without_competitors_gets_its_first(session: Session) -> None:
    """The table need not be there."""
    frames = {name: session.base.table(name) for name in ("accounts", "usage")}
    alone = type(session.base).from_tables(frames)
    assert with_competitor_prices(alone, [seen(price=None)]).competitor_offers["price"].isna().all()
    assert with_competitor_prices(alone, []) is alone


def test_nothing_is_read_again_for_a_typed_price(
    session: Session, panel: MarketPricesPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The data is on disk as it was; only the price is new."""
    monkeypatch.setattr("workbench.rendering.session.load_base", lambda *_: pytest.fail("the data was read again"))
    for name in ("Birch", "Cedar", "Dogwood"):
        typed(panel, vendor=name)
        assert name in set(session.base.competitor_offers["vendor"])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"vendor": " "}, "has no competitor"),
        ({"source": ""}, "has no page or document"),
        ({"seen_on": "31.02.2024"}, "'31.02.2024' is no day"),
        ({"currency": "dollars"}, "currency"),
        ({"limit_metric": "seats"}, "a limit needs the metric it limits"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_lost(
    session: Session, panel: MarketPricesPanel, wrong: dict[str, object], said: str
) -> None:
    """The form keeps what was typed, and the message names what is missing."""
    typed(panel, **wrong)
    assert said in panel.typed_view.status.text
    assert panel.typed_view.offer.value == "Pro"
    assert session.study.competitor_prices == ()


def test_a_price_after_the_study_s_day_is_refused(session: Session, panel: MarketPricesPanel) -> None:
    """What the study cannot know yet is not compared, whoever typed it."""
    session.propose(session.study.replaced(data=session.study.data.replaced(as_of=date(2024, 6, 30))))
    typed(panel, seen_on="2024-07-01")
    assert "2024-07-01 is after 2024-06-30" in panel.typed_view.status.text
    session.propose(session.study.with_competitor_price(seen(seen_on=date(2024, 7, 1))))
    assert session.base.competitor_offers["price"].tolist() == [10]


def test_a_price_taken_out_is_gone_and_comes_back(session: Session, panel: MarketPricesPanel) -> None:
    """Taking out is a step like any other."""
    typed(panel)
    panel.typed_view.gone.click()
    assert session.study.competitor_prices == ()
    session.undo()
    assert [each.vendor for each in session.study.competitor_prices] == ["Birch"]
    with pytest.raises(StudyError, match="no competitor's price 'none'"):
        session.study.without_competitor_price("none")


def test_two_people_type_prices_at_the_same_time_and_both_are_kept() -> None:
    """Prices are merged one by one, and a study without any is written as it always was."""
    study = Study.new("acme", "data")
    assert "competitor_prices" not in study.model_dump()
    mine = study.with_competitor_price(seen(id="a"))
    theirs = study.with_competitor_price(seen(id="b", vendor="Birch"))
    both = merge(study, mine, theirs).competitor_prices
    assert {each.id for each in both} == {"a", "b"}
