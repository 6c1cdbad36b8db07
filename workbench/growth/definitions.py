"""What counts as recurring revenue and as which movement, by name: ours, and the definitions of five tools."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from workbench.customers.intake.ledger import RevenueRules

if TYPE_CHECKING:
    from workbench.customers.base import CustomerBase

# --- A definition: every choice in which tools differ, and how net retention follows from the movements

Grain = Literal["month end", "each change"]
Net = Literal["cohort", "movements", "movements and reactivation"]
_EACH_CHANGE = "Each change of a day is a movement: who comes and goes within a month is new, and lost."
_DISCOUNTS = {
    "all": "Every discount lowers recurring revenue, and its end is expansion.",
    "lasting": "A discount lowers recurring revenue only when it has no end.",
}
_SHOWN_APART = "Amounts in other currencies are converted at the rate of their day; what rates move stands apart."
_NET = {
    "cohort": "Net retention follows the customers who paid at the start and compares both ends.",
    "movements": "Net retention is the start with all expansion, contraction and churn of the period, over the start.",
    "movements and reactivation": "Net retention is the start with all expansion, reactivation, contraction and churn "
    "of the period, over the start.",
}


_USUAL, _AT_CANCELLATION = RevenueRules(), RevenueRules(churn="cancellation")


@dataclass(frozen=True, slots=True)
class RevenueDefinition:
    """A definition of recurring revenue, its movements and net retention, each choice visible.

    Attributes
    ----------
    name
        Whose it is.
    rules
        How lines become amounts per month: usage, the day of churn, renewals, weeks.
    grain
        Whether movements are seen at the ends of months or on each day.
    reactivation_days
        A customer back within so many days is reactivated, later new; None: however late; 0: always new.
    discounts
        Which discounts lower recurring revenue.
    currency
        Whether a rate of exchange moves nothing, or moves revenue in a line of its own.
    net
        What net retention is.
    source, silent
        Where a tool says so, and what of it the tool does not say, so that ours stands for it.

    Examples
    --------
    >>> from workbench.growth import OURS, TOOLS
    >>> [each.name for each in TOOLS]
    ['ChartMogul', 'Stripe', 'Maxio', 'ProfitWell', 'PostHog']
    >>> OURS.sentences()[0]
    'A month counts what is in force on its last day: who comes and goes within one is in none.'
    """

    name: str
    rules: RevenueRules = _USUAL
    grain: Grain = "month end"
    reactivation_days: int | None = None
    discounts: Literal["all", "lasting"] = "all"
    currency: Literal["one rate", "shown apart"] = "one rate"
    net: Net = "cohort"
    source: str = ""
    silent: tuple[str, ...] = ()

    @classmethod
    def of_rules(cls, rules: RevenueRules, name: str = "This study") -> RevenueDefinition:
        """Return ours with the rules by which a study's revenue was brought in."""
        months = rules.reactivation_months
        return cls(name, rules, reactivation_days=None if months is None else round(months * 365 / 12))

    @classmethod
    def of(cls, base: CustomerBase | None) -> RevenueDefinition:
        """Return ours with the rules of a customer base; ours where it names none, or there is none."""
        return OURS if base is None or base.rules == _USUAL else cls.of_rules(base.rules)

    @property
    def reactivation_months(self) -> int | None:
        """Return within how many months without revenue a customer is reactivated; None: however late."""
        return None if self.reactivation_days is None else round(self.reactivation_days * 12 / 365)

    def sentences(self) -> tuple[str, ...]:
        """Say every convention in force, one sentence each."""
        rules = self.rules.said()
        back = {
            None: "A customer who comes back, however late, is reactivated.",
            0: "A customer who comes back is new.",
        }
        returns = f"A customer who comes back within {self.reactivation_days} days is reactivated, later new."
        return (
            rules["month"] if self.grain == "month end" else _EACH_CHANGE,
            "Of a customer and a moment, new is tested first, then reactivation, churn, expansion, contraction.",
            "A further subscription of a customer is expansion, losing one of several contraction.",
            back.get(self.reactivation_days, returns),
            *(rules[each] for each in ("churn", "renewal", "usage", "weeks")),
            _DISCOUNTS[self.discounts],
            rules["currency"] if self.currency == "one rate" else _SHOWN_APART,
            _NET[self.net],
            *(f"{self.name} does not say: {each}. Ours stands for it." for each in self.silent),
        )


OURS = RevenueDefinition("This workbench")
TOOLS = (
    RevenueDefinition("ChartMogul", net="movements and reactivation", source="help.chartmogul.com, standard formulas"),
    RevenueDefinition(
        "Stripe", _AT_CANCELLATION, "each change", discounts="lasting", currency="shown apart", net="movements",
        source="Stripe billing analytics; learn.profitwell.com, ProfitWell vs. Stripe",
        silent=("whether reactivation counts in net retention",),
    ),
    RevenueDefinition(
        "Maxio", _AT_CANCELLATION, "each change", 90, net="movements",
        source="paddle.com, ProfitWell vs. Maxio", silent=("whether a rate of exchange moves revenue",),
    ),
    RevenueDefinition(
        "ProfitWell", RevenueRules(usage=True), net="movements and reactivation",
        source="paddle.com, ProfitWell compared",
        silent=("whether ups and downs within a month are seen", "whether a rate of exchange moves revenue"),
    ),
    RevenueDefinition(
        "PostHog", reactivation_days=0, net="movements", source="posthog.com, revenue analytics, and its issue 39439",
        silent=("which discounts count", "what net retention is"),
    ),
)  # fmt: skip
