"""The panel in which a competitor's price is typed as it was seen: it joins those of the data, and can be undone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.errors import StudyError
from workbench.formatting import exact_money, one_unit
from workbench.rendering import html
from workbench.rendering.controls import button, choice, level_row, number_box, show, text_box
from workbench.rendering.section import PlainSection, Section, StudyPanel
from workbench.rendering.widgets import HtmlBlock
from workbench.stages.offers import PER_ACCOUNT
from workbench.stages.price_book import PLAN
from workbench.study.model import CompetitorPrice, fresh_id
from workbench.text import texts

if TYPE_CHECKING:
    from workbench.rendering.session import Session

say = texts(__name__)

_PERIODS = {"month": "month", "quarter": "quarter", "year": "year"}
TYPED_INTRO = say("a_price_you_saw")


class TypedPricesView(PlainSection):
    """A form for one price, and those typed so far with a button that takes one out."""

    def __init__(self, panel: MarketPricesPanel) -> None:
        super().__init__()
        self._session = panel.session
        base, study = panel.session.base, panel.session.study
        units = {PER_ACCOUNT: PER_ACCOUNT, **{one_unit(metric): metric for metric in base.metrics}}
        self.vendor = text_box("Competitor", placeholder="Northwind")
        self.offer = text_box("Plan or add-on", placeholder="Team")
        self.kind = choice("Bought", {"on its own": PLAN, say("on_top"): "add-on"})
        self.price = number_box(say("price_or_empty"), minimum=0, optional=True)
        self.currency = text_box("Currency", base.currency or study.currency)
        self.per = choice("For each", units)
        self.period = choice("and", _PERIODS)
        self.limit_metric = choice("It limits", {"nothing": "", **{each: each for each in base.metrics}})
        self.limit = number_box("to at most", minimum=0, optional=True)
        self.seen_on = text_box("Seen on", _latest_day(panel.session).isoformat())
        self.source = text_box("Page or document", placeholder="https://example.com/pricing")
        self.apply = button("Add price", self.guarded(self.add), primary=True)
        self.table = HtmlBlock(role="status")
        self.chosen = choice("Price to take out", {"none yet": ""})
        self.gone = button("Take out", self.guarded(self.remove))
        what = level_row(self.vendor, self.offer, self.kind, gap="8px")
        price = level_row(self.price, self.currency, self.per, self.period, gap="8px")
        where = level_row(self.limit_metric, self.limit, self.seen_on, self.source, self.apply, gap="8px")
        for line in (what, price, where):
            line.layout.margin = "0 0 6px"
        self.out = level_row(self.chosen, self.gone, gap="8px")
        parts = (what, price, where, self.table, self.out)
        self.section = panel.section(
            "Competitors' prices typed here", status=self.status, parts=parts, intro=TYPED_INTRO
        )

    def refresh(self) -> None:
        """Show the prices typed so far."""
        typed = self._session.study.competitor_prices
        self.table.show(html.table(_frame(typed), say("prices_typed")) if typed else "")
        options = {f"{each.vendor} {each.offer}, {each.seen_on}": each.id for each in typed}
        self.out.layout.display = "flex" if typed else "none"
        kept = self.chosen.value if self.chosen.value in options.values() else next(iter(options.values()), "")
        show(self.chosen, kept, options=options or {"none yet": ""})

    def add(self) -> CompetitorPrice:
        """Add the price typed; StudyError names what it lacks."""
        study = self._session.study
        wanted = {
            "a competitor": self.vendor, "a plan or add-on": self.offer, "a page or document": self.source,
        }  # fmt: skip
        if lacking := [name for name, box in wanted.items() if not str(box.value).strip()]:
            raise StudyError(f"The price has no {lacking[0].partition(' ')[2]}.", f"Type {lacking[0]}.")
        day = _day(str(self.seen_on.value))
        if study.data.as_of is not None and day > study.data.as_of:
            raise StudyError(
                f"{day} is after {study.data.as_of}, the last day this study knows of.",
                f"Type a price seen by {study.data.as_of}, or make a study with a later day.",
            )
        vendor, offer = str(self.vendor.value).strip(), str(self.offer.value).strip()
        seen = CompetitorPrice(
            id=fresh_id(f"{vendor} {offer} {day}", {each.id for each in study.competitor_prices}),
            vendor=vendor,
            offer=offer,
            kind=self.kind.value,
            price=_exact(self.price.value),
            per=self.per.value,
            billing_period=self.period.value,
            currency=str(self.currency.value),
            limit_metric=self.limit_metric.value,
            limit=_exact(self.limit.value),
            seen_on=day,
            source=str(self.source.value),
        )
        name = f"{vendor} {offer}"
        self._session.propose(study.with_competitor_price(seen), say("price_of_added", name=name))
        self.refresh()
        show(self.offer, "")  # what changes from one plan of a vendor to the next; the rest stays for it
        show(self.price, None)
        self.status.say(say("price_of_is_compared", name=name), "ok")
        return seen

    def remove(self) -> None:
        """Take the price chosen out; Undo brings it back."""
        study = self._session.study
        gone = next((each for each in study.competitor_prices if each.id == self.chosen.value), None)
        if gone is None:
            raise StudyError("There is no price to take out.", "Choose one of those typed here.")
        name = f"{gone.vendor} {gone.offer}"
        self._session.propose(study.without_competitor_price(gone.id), say("price_of_out", name=name))
        self.refresh()
        self.status.say(say("price_of_is_out", name=name), "ok")


def _latest_day(session: Session) -> date:
    return session.study.data.as_of or datetime.now(UTC).date()


def _exact(typed: float | None) -> Decimal | None:
    return None if typed is None else Decimal(str(typed))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise StudyError(
            f"{text.strip() or 'Nothing'!r} is no day.", "Write year, month and day, such as 2026-05-12."
        ) from None


def _frame(typed: tuple[CompetitorPrice, ...]) -> pd.DataFrame:
    return pd.DataFrame([_line(each) for each in typed])


def _line(seen: CompetitorPrice) -> dict[str, Any]:
    price = "on request" if seen.price is None else exact_money(seen.price, seen.currency)
    limit = "" if seen.limit is None else f"{seen.limit} {seen.limit_metric}"
    per = seen.per if seen.per == PER_ACCOUNT else one_unit(seen.per)
    return {
        "Competitor": seen.vendor,
        "Offer": seen.offer,
        "Price": price,
        "For each": f"{per} and {seen.billing_period}",
        "At most": limit,
        "Seen on": seen.seen_on.isoformat(),
        "Page or document": seen.source,
    }


class MarketPricesPanel(StudyPanel):
    """Competitors' prices a team types. Sections: `typed`."""

    title = "Competitors' prices"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.typed_view = TypedPricesView(self)
        self.typed: Section = self.typed_view.section
        self.follow(self.typed_view.refresh)


def open_panel(session: Session) -> MarketPricesPanel:
    """Return the panel in which competitors' prices are typed."""
    return MarketPricesPanel(session)
