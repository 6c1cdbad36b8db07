"""The bundled public price points, and reading a vendor's offers from price points."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from workbench.market import load_price_points, offers_at, vendors
from workbench.market.price_points import COLUMNS, OFFER_COLUMNS, PricePointsError

BUNDLED = Path(__file__).parents[2] / "data" / "market" / "price_points.csv"


@pytest.fixture(scope="module")
def points() -> pd.DataFrame:
    """Return the bundled price points."""
    return load_price_points(BUNDLED)


def written(folder: Path, **changes: str) -> Path:
    """Write one price point to a file, with some cells changed."""
    row = dict(
        zip(COLUMNS, ("V", "Pro", "plan", "9", "user", "month", "USD", "2024-05-01", "u", "user/month"), strict=True)
    )
    file = folder / "points.csv"
    pd.DataFrame([row | changes]).to_csv(file, index=False)
    return file


def test_every_bundled_price_has_source_and_date(points: pd.DataFrame) -> None:
    """Every row names a page and a day, and either a price or that it is on request (blank)."""
    assert len(points) == 545
    assert points["source"].str.startswith("http").all()
    assert points["seen_on"].between("2019-01-01", "2025-12-31").all()
    assert not points.duplicated(["vendor", "offer", "seen_on"]).any()
    assert points["price"].isna().sum() == 129


def test_units_say_no_more_than_the_page(points: pd.DataFrame) -> None:
    """The unit and period follow from the recorded unit alone; what it does not say stays blank."""
    said = points.drop_duplicates("unit_as_recorded").set_index("unit_as_recorded")[["per", "billing_period"]]
    assert said.loc["user/month"].tolist() == ["user", "month"]
    assert said.loc["/month"].tolist() == ["account", "month"]
    assert said.loc["USD/execution"].tolist() == ["execution", ""]
    assert said.loc["one time purchase"].tolist() == ["account", "once"]
    assert said.loc["forever"].tolist() == ["", ""]
    assert said.loc[""].tolist() == ["", ""]
    assert points.groupby("unit_as_recorded")[["per", "billing_period"]].nunique().to_numpy().max() == 1
    monthly = points["unit_as_recorded"].str.endswith("/month")
    assert (monthly == (points["billing_period"] == "month")).all()


def test_offers_are_those_last_seen_by_the_day(points: pd.DataFrame) -> None:
    """The offers of a day are the latest seen by then, none later, persons counted as seats."""
    offers = offers_at(points, "Tableau", "2024-12-31", kinds=["plan"]).offers
    assert offers["offer"].tolist() == ["Viewer", "Explorer", "Creator"]
    assert offers["price"].tolist() == [15, 42, 75]
    assert set(offers["per"]) == {"seats"}
    assert set(offers["seen_on"]) == {pd.Timestamp("2024-07-01")}
    assert offers_at(points, "Tableau", "2025-02-20", kinds=["plan"]).offers["price"].tolist() == [35, 70, 115]


def test_a_price_on_request_stays_blank(points: pd.DataFrame) -> None:
    """On-request offers are kept without a price."""
    offers = offers_at(points, "Notion", "2024-12-31").offers.set_index("offer")
    assert pd.isna(offers.loc["Enterprise", "price"])
    assert offers.loc["Free", "price"] == 0


def test_offers_and_left_out_share_the_day_between_them(points: pd.DataFrame) -> None:
    """For every vendor and day, each price point seen is either an offer or left out with a reason."""
    for (vendor, day), seen in points.groupby(["vendor", "seen_on"]):
        result = offers_at(points, vendor, day)
        assert len(result.offers) + len(result.left_out) == len(seen)
        assert tuple(result.offers.columns) == OFFER_COLUMNS
        assert (result.left_out["why"] != "").all()


def test_a_one_time_price_is_no_recurring_offer(points: pd.DataFrame) -> None:
    """What is bought once is left out, and said so."""
    result = offers_at(points, "Databox", "2024-12-31")
    assert result.left_out["offer"].tolist() == ["Quickstart onboarding", "Guided onboarding"]
    assert result.left_out["why"].str.contains("one-time").all()


def test_vendors_are_listed_once(points: pd.DataFrame) -> None:
    """The list of vendors counts every price point."""
    listed = vendors(points)
    assert listed["price_points"].sum() == len(points)
    assert listed["vendor"].is_unique


def test_unknown_vendors_and_early_days_are_refused(points: pd.DataFrame) -> None:
    """A vendor that is not there, or not yet, is refused with what is there."""
    with pytest.raises(PricePointsError, match="Known vendors: CircleCI"):
        offers_at(points, "Acme", "2024-01-01")
    with pytest.raises(PricePointsError, match="first seen on 2021-11-02"):
        offers_at(points, "Notion", "2020-01-01")


@pytest.mark.parametrize(
    "changes", [{"price": "nine"}, {"price": "-1"}, {"seen_on": "01.05.2024"}, {"source": ""}, {"vendor": ""}]
)
def test_unusable_cells_are_named(tmp_path: Path, changes: dict[str, str]) -> None:
    """A wrong cell is reported with row and column."""
    column = next(iter(changes))
    with pytest.raises(PricePointsError, match=f"row 2, column {column}"):
        load_price_points(written(tmp_path, **changes))


def test_missing_files_and_columns_are_named(tmp_path: Path) -> None:
    """A file that is not there, or lacks a column, is reported."""
    with pytest.raises(PricePointsError, match="no file"):
        load_price_points(tmp_path / "none.csv")
    file = written(tmp_path)
    pd.read_csv(file).drop(columns="source").to_csv(file, index=False)
    with pytest.raises(PricePointsError, match="source"):
        load_price_points(file)
