"""What the stage currency lists shows: the lists and their rates, prices beside each other, and the year replayed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from workbench.errors import StudyError
from workbench.pricing.currencies import prices_of
from workbench.stages.currency_lists.decision import CurrencyListsDecision, GivenRate, PriceList, TypedPrice
from workbench.stages.currency_lists.tables import item_words
from workbench.stages.view import (
    Action,
    Figures,
    Grid,
    Items,
    KeyFigures,
    Message,
    Said,
    SectionView,
    Setting,
    TableOf,
    View,
)
from workbench.study.model import FrozenModel, fresh_id
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from workbench.stages.currency_lists.result import CurrencyResult
    from workbench.stages.view import Cells

say = texts(__name__)
_USUAL = ("EUR", "GBP", "JPY", "USD", "CHF", "CAD", "AUD", "INR", "KWD")


class NewRate(FrozenModel):
    """A rate as somebody gives it."""

    of: str = ""
    day: str = ""
    worth: Annotated[Decimal | None, Setting(step=0.01), Field(gt=0)] = None


class OldRate(FrozenModel):
    """A rate to take out, by its currency and day."""

    rate: str = ""


def summarise(decision: CurrencyListsDecision, result: CurrencyResult) -> str:
    """Return the lists and what they come to, in one sentence."""
    home = result.evidence.currency
    if not decision.lists:
        return say("one_list", home=home, named=result.evidence.base.names_currency)
    codes = tuple(each.currency for each in decision.lists)
    if not len(result.by_list):
        return say("lists", codes=codes, home=home)
    own, one = (float(result.by_list[name].sum()) for name in ("own", "one"))
    return say("summary", codes=codes, home=home, own=own, one=one, month=result.basis.last_month)


def with_new_rate(decision: CurrencyListsDecision, result: CurrencyResult, form: NewRate) -> Mapping[str, object]:
    """Give a rate; one of the same currency and day is replaced. StudyError where a part of it is missing."""
    if not form.of or not form.day or form.worth is None:
        raise StudyError("A rate needs a currency, a day and what it is worth.", "Fill in all three.")
    if form.of == result.evidence.currency:
        raise StudyError(f"{form.of} is the currency of the study: it is worth 1.", "Give rates of other currencies.")
    given = GivenRate(currency=form.of, day=form.day, worth=form.worth)
    others = [each for each in decision.rates if (each.currency, each.day) != (given.currency, given.day)]
    return {"rates": tuple(sorted((*others, given), key=lambda each: (each.currency, each.day)))}


def without_rate(decision: CurrencyListsDecision, _result: CurrencyResult, form: OldRate) -> Mapping[str, object]:
    """Take a rate out."""
    return {"rates": tuple(each for each in decision.rates if _name_of(each) != form.rate)}


def _name_of(rate: GivenRate) -> str:
    return f"{rate.currency} {rate.day}"


def _rates(result: CurrencyResult) -> Mapping[str, object]:
    return {_name_of(each): _name_of(each) for each in result.decision.rates}


def _currencies(result: CurrencyResult) -> Mapping[str, object]:
    return {each.currency: each.currency for each in result.decision.lists}


def _new_list(decision: CurrencyListsDecision, result: CurrencyResult) -> PriceList:
    taken = {result.evidence.currency, *(each.currency for each in decision.lists)}
    code = next((each for each in _USUAL if each not in taken), "SEK")
    name = say("new_list", code=code)
    return PriceList(id=fresh_id(name, {each.id for each in decision.lists}), name=name, currency=code)


def _regions(result: CurrencyResult, item: PriceList) -> Mapping[str, object]:
    return {name: name for name in dict.fromkeys((*result.evidence.regions, *item.regions))}


LISTS = Items(
    key="lists", part=PriceList, noun="list", most=12, make=_new_list,
    settings=(("name", "currency", "step", "ending", "set_on"), ("regions",)),
    options={"regions": _regions},
)  # fmt: skip


def _keys(result: CurrencyResult) -> list[tuple[str, str]]:
    return [] if result.home is None or not result.decision.lists else list(prices_of(result.home))


def _rows(_decision: CurrencyListsDecision, result: CurrencyResult) -> Sequence[str]:
    return [item_words(*key) for key in _keys(result)]


def _columns(decision: CurrencyListsDecision, _result: CurrencyResult) -> Sequence[Mapping[str, Any]]:
    return [
        {"label": each.name, "unit": each.currency, "minimum": 0, "optional": True, "step": float(each.steps.step)}
        for each in decision.lists
    ]


def _cells(decision: CurrencyListsDecision, result: CurrencyResult) -> Cells:
    typed = [decision.typed_in(each.id) for each in decision.lists]
    return [[None if key not in each else float(each[key]) for each in typed] for key in _keys(result)]


def with_typed_prices(decision: CurrencyListsDecision, result: CurrencyResult, cells: Cells) -> Mapping[str, object]:
    """Type prices of the lists, a row for each price; an empty cell is converted."""
    typed = [
        TypedPrice(list=each.id, offer=offer, item=item, price=Decimal(str(price)))
        for (offer, item), line in zip(_keys(result), cells, strict=True)
        for each, price in zip(decision.lists, line, strict=True)
        if price is not None
    ]
    return {"typed": tuple(typed)}


def standing_sentences(result: CurrencyResult) -> Iterable[str | Message]:
    """Say what a list waits for, and which day's rate holds."""
    if not result.decision.lists:
        return [say("no_lists", home=result.evidence.currency)]
    told: list[str | Message] = []
    if result.waiting:
        told.append(Message(say("waiting", codes=result.waiting, home=result.evidence.currency), "warning"))
    if result.why_not:
        told.append(Message(result.why_not, "warning"))
    return told


VIEW = View(
    leading=("beside_home",),
    sections=(
        SectionView(
            key="lists_and_rates",
            items=(LISTS,),
            actions=(
                Action(
                    key="with_new_rate", changes=with_new_rate, form=NewRate, options={"of": _currencies}, keeps=True
                ),
                Action(
                    key="without_rate",
                    changes=without_rate,
                    form=OldRate,
                    options={"rate": _rates},
                    shown=lambda decision, _: bool(decision.rates),
                ),
            ),
            settings=(("most_drift", "most_apart"),),
            parts=(
                KeyFigures(),
                Said("standing", standing_sentences),
                Figures(("beside_home", "by_month")),
                TableOf("lists", lambda result: result.tables["lists"] if len(result.by_list) else None),
                TableOf("rates", lambda result: result.tables["rates"] if result.decision.rates else None, folded=True),
            ),
        ),
        SectionView(
            key="typed_prices",
            grids=(Grid(key="typed", rows=_rows, columns=_columns, cells=_cells, changes=with_typed_prices),),
        ),
    ),
)
