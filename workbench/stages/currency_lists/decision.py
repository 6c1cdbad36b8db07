"""What the team decides about currencies: the lists, how their prices are rounded, who buys by them, and the rates."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, ClassVar, Self

from pydantic import Field, field_validator, model_validator

from workbench.errors import ChargeError
from workbench.pricing.currencies import DatedRate, PriceSteps
from workbench.stages.view import Setting
from workbench.study.model import FrozenModel, StageDecision

_LETTERS = 3


def _code(text: str) -> str:
    code = text.strip().upper()
    if len(code) != _LETTERS or not code.isascii() or not code.isalpha():
        raise ValueError("a currency has three letters, such as EUR")
    return code


def read_day(text: str) -> dt.date:
    """Return a day written 2024-12-31; ValueError in words for any other text."""
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{text.strip() or 'an empty day'} is no day; write it like 2024-12-31") from None


class PriceList(FrozenModel):
    """A list in one currency: its prices are those of the scenario at the rate of a day, rounded to what it may show.

    Prices are `step` apart and end on `ending`; a step of nothing is the currency's smallest unit. Accounts of its
    `regions` buy by it, and those whose contract names its currency. `set_on` is the day whose rate its prices were set
    at; the last rate given where it is empty.
    """

    id: str
    name: str = Field(min_length=1, max_length=80)
    currency: str = "EUR"
    step: Annotated[Decimal, Setting(step=1), Field(ge=0)] = Decimal(1)
    ending: Annotated[Decimal, Setting(step=0.01), Field(ge=0)] = Decimal(0)
    set_on: str = ""
    regions: tuple[str, ...] = ()

    @field_validator("currency")
    @classmethod
    def _three_letters(cls, currency: str) -> str:
        return _code(currency)

    @field_validator("set_on")
    @classmethod
    def _a_day(cls, day: str) -> str:
        return str(read_day(day)) if day.strip() else ""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        try:
            _ = self.steps
        except ChargeError as error:
            raise ValueError(f"{error.message} {error.advice}") from error
        return self

    @property
    def steps(self) -> PriceSteps:
        """Return which prices the list may show."""
        return PriceSteps(self.currency, self.step, self.ending)


class GivenRate(FrozenModel):
    """What one unit of a currency is worth in the study's, from a day on, as the team gives it."""

    currency: str
    day: str
    worth: Annotated[Decimal, Field(gt=0)]

    @field_validator("currency")
    @classmethod
    def _three_letters(cls, currency: str) -> str:
        return _code(currency)

    @field_validator("day")
    @classmethod
    def _a_day(cls, day: str) -> str:
        return str(read_day(day))


class TypedPrice(FrozenModel):
    """A price of a list that is not converted: of an offer, for its base fee (an empty item) or for a metric."""

    list: str
    offer: str
    item: str = ""
    price: Annotated[Decimal, Field(ge=0)]


class CurrencyListsDecision(StageDecision):
    """The lists beside the one in the study's currency, the rates they stand on, and what counts as too far apart.

    `most_apart` is how much dearer one list may be than another for the same customer, `most_drift` how far a price may
    be worth more or less than the one it was made of.
    """

    stage: ClassVar[str] = "currency_lists"

    lists: tuple[PriceList, ...] = ()
    rates: tuple[GivenRate, ...] = ()
    typed: tuple[TypedPrice, ...] = ()
    most_apart: Annotated[float, Setting(unit="%", step=1, slider=True), Field(ge=0, le=1)] = 0.1
    most_drift: Annotated[float, Setting(unit="%", step=1, slider=True), Field(ge=0, le=1)] = 0.05

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        codes = [each.currency for each in self.lists]
        if twice := [code for code in codes if codes.count(code) > 1]:
            raise ValueError(f"two lists are in {twice[0]}; keep one, or change the currency of the other")
        regions = [region for each in self.lists for region in each.regions]
        if shared := [region for region in regions if regions.count(region) > 1]:
            raise ValueError(f"two lists are for {shared[0]}; let it buy by one of them")
        return self

    @property
    def dated_rates(self) -> tuple[DatedRate, ...]:
        """Return the rates as lists are counted by them."""
        return tuple(DatedRate(each.currency, read_day(each.day), each.worth) for each in self.rates)

    def typed_in(self, list_id: str) -> dict[tuple[str, str], Decimal]:
        """Return the prices typed in a list, by offer and item."""
        return {(each.offer, each.item): each.price for each in self.typed if each.list == list_id}


Decision = CurrencyListsDecision
