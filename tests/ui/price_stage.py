"""A small stage to try the panel kit on: one price per seat, its revenue, one finding, two charts."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from workbench.rendering.controls import (
    checkbox,
    choice,
    choice_matrix,
    number_box,
    number_grid,
    show,
    show_grid,
    show_matrix,
)
from workbench.rendering.panel import StagePanel
from workbench.results import Basis, Caution, KeyFigure, Missing
from workbench.rules import Finding
from workbench.stages.contract import StageResult
from workbench.stages.figure import Figure
from workbench.study import StageDecision

if TYPE_CHECKING:
    import altair as alt

    from workbench.customers import CustomerBase
    from workbench.rendering.session import Session
    from workbench.rules import Rulebook
    from workbench.study import Scenario

FEATURES = ("Dashboards", "Exports", "Single sign-on", "Audit log")
TIERS = ("Team", "Business")
TIER_COLUMNS = tuple({"key": name, "label": name} for name in TIERS)
FEATURE_ROWS = tuple({"key": name, "label": name, "group": "Product"} for name in FEATURES)
PROFILE_COLUMNS = ({"label": "Seats", "unit": "seats", "minimum": 0, "maximum": 1000, "whole": True},)
PROFILES = ("Small", "Large")


class PriceDecision(StageDecision):
    """A price for each seat and month, and which features each tier has."""

    stage: ClassVar[str] = "price"

    price: Decimal = Field(default=Decimal(10), ge=0, le=100)
    rounding: str = "none"
    annual: bool = False
    included: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    profiles: tuple[int, int] = (5, 50)


@dataclass(frozen=True, kw_only=True)
class PriceResult(StageResult):
    """Revenue along the price, and the bill of every account."""

    price: float
    curve: pd.DataFrame
    bills: pd.DataFrame


def gather(base: CustomerBase) -> pd.DataFrame:
    """Return the seats of every account."""
    return base.accounts[["account_id", "seats"]].copy()


def suggest(base: CustomerBase, scenario: Scenario, evidence: pd.DataFrame | None = None) -> PriceDecision:
    """Return a price at which the average account pays 200."""
    del scenario
    seats = (gather(base) if evidence is None else evidence)["seats"].astype(float)
    return PriceDecision(price=Decimal(str(min(100, round(200 / seats.mean(), 1)))))


def evaluate(
    base: CustomerBase, scenario: Scenario, *, rulebook: Rulebook, seed: int = 0, evidence: pd.DataFrame | None = None
) -> PriceResult:
    """Return revenue with a demand that falls along the price."""
    del rulebook, seed
    price = float(scenario.decision(PriceDecision).price)
    seats = (gather(base) if evidence is None else evidence)["seats"].astype(float)
    prices = np.linspace(0, 100, 51)
    revenue = prices * np.exp(-prices / 30) * seats.sum()
    now = price * np.exp(-price / 30) * seats.sum()
    bills = pd.DataFrame({"account": base.accounts["account_id"].astype(str), "bill": seats * price})
    dear = tuple(bills.loc[bills["bill"] > 500, "account"])
    curve = pd.DataFrame({"price": prices, "revenue": revenue})
    return PriceResult(
        basis=Basis(accounts=len(base), of_accounts=len(base), first_month="2024-01", last_month="2024-03"),
        key_figures=(
            KeyFigure("Revenue", now, "USD", "per month", f"{len(base)} accounts", change=now - 100),
            KeyFigure("Share of the best", now / revenue.max(), "percent"),
            KeyFigure("Willingness to pay", None, "USD", note="needs a survey"),
        ),
        findings=(
            Finding(
                rule_id="T9",
                status="breach" if dear else "ok",
                title="No bill above 500",
                evidence=f"{len(dear)} of {len(base)} accounts pay more than $500 a month.",
                affected=dear,
                remedy="Lower the price.",
                subject="",
            ),
        ),
        cautions=(Caution("The demand curve is assumed, not measured."),),
        missing=(Missing("survey_price_ladder", "a measured demand curve"),),
        tables={"bills": bills},
        price=price,
        curve=curve,
        bills=bills,
    )


def summarise(decision: PriceDecision, result: PriceResult) -> str:
    """Return the decision in a sentence."""
    return f"A seat costs ${decision.price} a month; accounts pay ${result.bills['bill'].mean():,.0f} on average."


def curve_chart() -> alt.LayerChart:
    """Draw revenue along the price with a mark at the chosen price."""
    import altair as alt  # noqa: PLC0415 - as the stages do

    line = (
        alt.Chart(alt.NamedData("curve"))
        .mark_line()
        .encode(
            x=alt.X("price:Q", title="Price for each seat and month (USD)"), y=alt.Y("revenue:Q", title="Revenue (USD)")
        )
    )
    here = alt.Chart(alt.NamedData("here")).mark_rule(strokeDash=[4, 3]).encode(x="price:Q")
    return alt.layer(line, here)


def bill_chart() -> alt.Chart:
    """Draw the bill of every account."""
    import altair as alt  # noqa: PLC0415 - as the stages do

    pick = alt.selection_point(name="pick", fields=["account"])
    return (
        alt.Chart(alt.NamedData("bills"))
        .mark_bar()
        .encode(x=alt.X("account:N", title="Account"), y=alt.Y("bill:Q", title="Bill a month (USD)"))
        .add_params(pick)
    )


def bills_figure(values: list[float], signature: str = "", build: object = bill_chart) -> Figure:
    """Return a figure of bills alone, drawn by `build`."""
    frame = pd.DataFrame({"account": [f"a{at}" for at in range(len(values))], "bill": values})
    return Figure(
        key="bills",
        title="Bills",
        description=f"Bars of {len(values)} bills.",
        reading="",
        build=build,
        data={"bills": frame},
        signature=signature,
    )


def figures(result: PriceResult) -> tuple[Figure, ...]:
    """Return both figures."""
    here = pd.DataFrame({"price": [result.price]})
    return (
        Figure(
            key="revenue",
            title="Revenue along the price",
            description=f"Line of revenue along the price, with a mark at {result.price:g} USD.",
            reading="Left of the top a higher price brings more.",
            build=curve_chart,
            data={"curve": result.curve, "here": here},
            table=result.curve.iloc[::10],
            table_caption="Revenue by price",
        ),
        Figure(
            key="bills",
            title="Bill of each account",
            description="Bars of the monthly bill of each account.",
            reading="Tall bars are the accounts a price rise hits.",
            build=bill_chart,
            data={"bills": result.bills},
            table=result.bills,
        ),
    )


STAGE = SimpleNamespace(
    key="price",
    title="Price",
    question="What does a seat cost?",
    designs=True,
    module=SimpleNamespace(
        Decision=PriceDecision,
        gather=gather,
        evaluate=evaluate,
        suggest=suggest,
        summarise=summarise,
        figures=figures,
    ),
)


class PricePanel(StagePanel):
    """The panel of the small stage."""

    def find_stage(self) -> SimpleNamespace:
        """Return the small stage, which is not among the workbook's."""
        return STAGE

    def build(self) -> None:
        """Make every kind of control once."""
        self.price = number_box(
            "Price of a seat",
            minimum=0,
            maximum=100,
            step=0.5,
            unit="USD per month",
            slider=True,
            on_change=self.change("Price of a seat", lambda value: {"price": Decimal(str(value))}),
        )
        self.rounding = choice(
            "Round to",
            {"as it is": "none", "whole": "whole"},
            on_change=self.change("Round", lambda v: {"rounding": v}),
        )
        self.annual = checkbox("Annual billing", on_change=self.change("Annual", lambda v: {"annual": v}))
        self.matrix = choice_matrix(
            "Features in tiers",
            FEATURE_ROWS,
            TIER_COLUMNS,
            {},
            row_heading="Feature",
            on_change=self.change("Features", lambda value: {"included": dict(value)}),
        )
        self.profiles = number_grid(
            "Profiles",
            PROFILES,
            PROFILE_COLUMNS,
            ((5,), (50,)),
            row_heading="Profile",
            on_change=self.change("Profiles", lambda rows: {"profiles": (rows[0][0], rows[1][0])}),
        )
        self.design = self.section(
            "Design",
            intro="Set the price of a seat and see what it brings.",
            controls=(self.price, self.rounding, self.annual),
            parts=(self.key_figures, (self.figure_view("revenue"), self.figure_view("bills"))),
        )
        self.content = self.section("Content", controls=(self.matrix, self.profiles))

    def refresh(self) -> None:
        """Show the decision in the controls."""
        decision = self.decision
        show(self.price, float(decision.price))
        show(self.rounding, decision.rounding)
        show(self.annual, decision.annual)
        show_matrix(self.matrix, FEATURE_ROWS, TIER_COLUMNS, decision.included)
        show_grid(self.profiles, PROFILES, PROFILE_COLUMNS, [(seats,) for seats in decision.profiles])


def open_panel(session: Session) -> PricePanel:
    """Return the panel."""
    return PricePanel(session)
