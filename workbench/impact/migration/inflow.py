"""New customers, who pay the new prices from the announcement on."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from workbench.study import FrozenModel


class NewCustomers(FrozenModel):
    """How many new customers come in a month, as a range, and what each pays a month.

    Nobody by default, so that a path shows today's customers alone. `bill` None takes the mean new bill of today's
    accounts. New customers pay the new prices under every policy, and none of them leaves.
    """

    low: Annotated[float, Field(ge=0)] = 0.0
    high: Annotated[float, Field(ge=0)] = 0.0
    bill: Annotated[float, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _low_first(self) -> Self:
        if self.low > self.high:
            raise ValueError("the low end of new customers a month lies above its high end; swap them")
        return self
