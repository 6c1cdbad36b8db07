"""Public price points of software vendors, and a vendor's offers as they stood on a given day.

A price point is one price on one page on one day: vendor, offer, kind (plan or add-on), price (blank means on
request), per (what one price buys), billing_period, currency, seen_on, source, unit_as_recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import pandas as pd

from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

COLUMNS = (
    "vendor", "offer", "kind", "price", "per", "billing_period", "currency", "seen_on", "source", "unit_as_recorded",
)  # fmt: skip
OFFER_COLUMNS = (
    "vendor", "offer", "kind", "price", "per", "limit_metric", "limit", "billing_period", "currency", "seen_on",
    "source",
)  # fmt: skip
# Vendors' words for a person who holds a licence; other units keep the vendor's word, because they measure
# something the customer tables may not contain.
METRIC_OF_UNIT: Mapping[str, str] = MappingProxyType(
    {"account": "account", "user": "seats", "member": "seats", "editor": "seats", "host": "seats"}
)
_PERIODS = ("month", "quarter", "year")


class PricePointsError(WorkbenchError, ValueError):
    """Refuse a file of price points that cannot be read, or a vendor it does not contain."""


@dataclass(frozen=True, slots=True, eq=False)
class VendorOffers:
    """A vendor's offers on a day.

    Attributes
    ----------
    offers
        Rows of the competitor_offers table.
    left_out
        What no recurring price can express, and why.

    Examples
    --------
    >>> from workbench.files import bundled
    >>> from workbench.market import load_price_points, offers_at
    >>> points = load_price_points(bundled("data") / "market" / "price_points.csv")
    >>> found = offers_at(points, points["vendor"].iloc[0], "2025-12-31")
    >>> found.offers.columns.tolist()[:5], found.left_out.columns.tolist()[-1]
    (['vendor', 'offer', 'kind', 'price', 'per'], 'why')
    """

    offers: pd.DataFrame
    left_out: pd.DataFrame


def load_price_points(path: str | Path) -> pd.DataFrame:
    """Read a CSV file of price points.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    pd.DataFrame
        One row per vendor, offer and day; prices are NaN where they are on request, `seen_on` is a date.

    Raises
    ------
    PricePointsError
        When the file or a column is missing, a price is no number, or a row has no source.

    Examples
    --------
    >>> from workbench.files import bundled
    >>> from workbench.market import load_price_points
    >>> points = load_price_points(bundled("data") / "market" / "price_points.csv")
    >>> len(points), int(points["price"].isna().sum())
    (545, 129)
    """
    file = Path(path)
    if not file.is_file():
        raise PricePointsError(f"There is no file {file}.", "Give the path of a price point CSV file.")
    try:
        text = pd.read_csv(file, dtype=str, keep_default_na=False)
    except ValueError as error:  # rows of other lengths, no rows, another encoding
        raise PricePointsError(
            f"{file} cannot be read: {str(error).strip().rstrip('.')}.", "Save it as CSV."
        ) from error
    missing = [name for name in COLUMNS if name not in text.columns]
    if missing:
        raise PricePointsError(
            f"{file.name} lacks the column(s) {', '.join(missing)}.", f"Expected columns: {', '.join(COLUMNS)}."
        )
    price = pd.to_numeric(text["price"].where(text["price"] != ""), errors="coerce")
    seen_on = pd.to_datetime(text["seen_on"], format="%Y-%m-%d", errors="coerce")
    wrong = {
        "price": (text["price"] != "") & ~((price >= 0) & (price < float("inf"))),
        "seen_on": seen_on.isna(),
        "source": text["source"] == "",
        "vendor": text["vendor"] == "",
    }
    for column, rows in wrong.items():
        if rows.any():
            first = int(rows.to_numpy().argmax())
            raise PricePointsError(
                f"{file.name}, row {first + 2}, column {column}: {text[column].iloc[first]!r} cannot be used.",
                "A price is a number or blank, a date is written 2024-07-01, and every row names vendor and source.",
            )
    return text.assign(price=price, seen_on=seen_on)[list(COLUMNS)]


def vendors(points: pd.DataFrame) -> pd.DataFrame:
    """Return what is known of each vendor.

    Parameters
    ----------
    points
        What `load_price_points` read.

    Returns
    -------
    pd.DataFrame
        vendor, price_points, on_request, first_seen, last_seen.

    Examples
    --------
    >>> from workbench.files import bundled
    >>> from workbench.market import load_price_points, vendors
    >>> known = vendors(load_price_points(bundled("data") / "market" / "price_points.csv"))
    >>> int(known["price_points"].sum()), bool((known["first_seen"] <= known["last_seen"]).all())
    (545, True)
    """
    return points.groupby("vendor", as_index=False).agg(
        price_points=("offer", "size"),
        on_request=("price", lambda prices: int(prices.isna().sum())),
        first_seen=("seen_on", "min"),
        last_seen=("seen_on", "max"),
    )


def offers_at(
    points: pd.DataFrame,
    vendor: str,
    on: str | pd.Timestamp,
    *,
    kinds: Iterable[str] = ("plan", "add-on"),
    metric_of_unit: Mapping[str, str] = METRIC_OF_UNIT,
) -> VendorOffers:
    """Return a vendor's offers from the last day its prices were seen up to `on`, as competitor_offers rows.

    Units named in `metric_of_unit` become that metric ("user" becomes "seats"); other units keep the vendor's word.
    Offers that no recurring price can express (one-time purchases, prices without a stated unit or period) are not
    guessed at: they come back in `left_out` with the reason. Prices on request stay blank.

    Parameters
    ----------
    points
        What `load_price_points` read.
    vendor
        Whose offers.
    on
        The day.
    kinds
        Which kinds of offer.
    metric_of_unit
        The vendor's unit to our metric.

    Returns
    -------
    VendorOffers
        The offers, as rows of the competitor_offers table.

    Raises
    ------
    PricePointsError
        When the vendor is unknown or was not seen by that day.

    Examples
    --------
    >>> from workbench.files import bundled
    >>> from workbench.market import load_price_points, offers_at
    >>> points = load_price_points(bundled("data") / "market" / "price_points.csv")
    >>> per_user = points.loc[(points["per"] == "user") & points["price"].notna()].iloc[0]
    >>> "seats" in set(offers_at(points, per_user["vendor"], per_user["seen_on"]).offers["per"])
    True
    """
    known = points[points["vendor"] == vendor]
    if known.empty:
        raise PricePointsError(
            f"There are no price points of {vendor!r}.", f"Known vendors: {', '.join(sorted(set(points['vendor'])))}."
        )
    seen = known[known["seen_on"] <= pd.Timestamp(on)]
    if seen.empty:
        raise PricePointsError(
            f"{vendor} was first seen on {known['seen_on'].min():%Y-%m-%d}, after {pd.Timestamp(on):%Y-%m-%d}.",
            "Choose a later day.",
        )
    latest = seen[(seen["seen_on"] == seen["seen_on"].max()) & seen["kind"].isin(list(kinds))]
    why = latest.apply(_why_not, axis=1, result_type="reduce") if len(latest) else pd.Series(dtype=str)
    usable = latest[why == ""]
    offers = usable.assign(
        per=[metric_of_unit.get(unit, unit) for unit in usable["per"]], limit_metric="", limit=float("nan")
    )
    left_out = latest[why != ""].assign(why=why[why != ""])
    return VendorOffers(
        offers=offers[list(OFFER_COLUMNS)].reset_index(drop=True),
        left_out=left_out[["vendor", "offer", "price", "unit_as_recorded", "seen_on", "source", "why"]].reset_index(
            drop=True
        ),
    )


def _why_not(point: pd.Series) -> str:
    """Say why a price point is no recurring offer; empty when it is one."""
    if point["per"] == "":
        return "what one price buys is not stated"
    if point["billing_period"] == "once":
        return "a one-time purchase, not a recurring price"
    if point["billing_period"] not in _PERIODS:
        return "no billing period is stated"
    return ""
