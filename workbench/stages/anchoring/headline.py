"""The key figures of the stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.formatting import count, priced
from workbench.results import KeyFigure
from workbench.stages.anchoring.freshness import age_in_days, is_stale
from workbench.stages.anchoring.standing import homes_of

if TYPE_CHECKING:
    from workbench.results import Interval
    from workbench.stages.anchoring.evaluation import AnchoringResult


def key_figures(result: AnchoringResult) -> tuple[KeyFigure, ...]:
    """Return vendors compared, the premium of each tier on the market, price over value, and the state of prices."""
    return (*_market(result), *_premiums(result), *_value(result))


def _market(result: AnchoringResult) -> tuple[KeyFigure, ...]:
    if not result.offers:
        return (KeyFigure("Competitors compared", None, "vendors", note="needs the table competitor_offers"),)
    vendors = {vendor for each in result.comparisons if each.range for vendor in each.range.vendors}
    known = {offer.vendor for offer in result.offers}
    requests = sum(offer.on_request for offer in result.offers)
    stale = [is_stale(offer, result.today, result.stale_after) for offer in result.offers]
    ages = [age_in_days(offer, result.today) for offer in result.offers]
    return (
        KeyFigure(
            "Competitors compared", len(vendors), "vendors", population=f"of {count('vendor', len(known))} in the data"
        ),
        KeyFigure(
            "Prices on request", requests, "offers", population=f"of {count('offer', len(result.offers))}; not compared"
        ),
        KeyFigure(
            "Stale prices",
            sum(stale),
            "offers",
            period=f"older than {result.stale_after} days on {result.today:%Y-%m-%d}",
            population=f"the oldest is {count('day', max(ages))} old",
        ),
    )


def _premiums(result: AnchoringResult) -> tuple[KeyFigure, ...]:
    figures = []
    for name in result.book.plan_names:
        for home in homes_of(name, result.standings)[:1]:
            if home.premium is None or home.market is None:
                continue
            figures.append(
                KeyFigure(
                    f"{name} over the market median",
                    home.premium.estimate,
                    "percent",
                    period=f"a month, at the profile {home.at}",
                    population=f"{count('vendor', len(home.market.vendors))}; negative: below",
                    interval=_unless_exact(home.premium),
                )
            )
    return tuple(figures)


def _value(result: AnchoringResult) -> tuple[KeyFigure, ...]:
    value, profile = result.value, result.value_profile
    if value is None or profile is None:
        return ()
    at = f"a month, at the profile {profile.name}"
    if not value.is_known:
        return (
            KeyFigure(
                "Reference price", value.reference.estimate, result.currency, period=at, population=result.reference,
                interval=_unless_exact(value.reference), in_words=priced(value.reference.estimate, result.currency),
            ),
        )  # fmt: skip
    figures = [
        KeyFigure(
            "Economic value", value.total.estimate, result.currency, period=at,
            population=f"over {result.reference}", interval=_unless_exact(value.total),
        )
    ]  # fmt: skip
    if value.over_value is not None:
        figures.append(
            KeyFigure(
                "Price over value", value.over_value.estimate, "percent", period=at,
                population="our price over the economic value", interval=_unless_exact(value.over_value),
            )
        )  # fmt: skip
    if value.captured is not None:
        figures.append(
            KeyFigure(
                "Differentiation captured", value.captured.estimate, "percent", period=at,
                population="what our price takes beyond the alternative, of what we are worth beyond it",
                interval=_unless_exact(value.captured),
            )
        )  # fmt: skip
    return tuple(figures)


def _unless_exact(interval: Interval) -> Interval | None:
    return None if interval.low == interval.high else interval
