"""The rules a price search keeps to, each of which can be switched off to see what it costs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from workbench.demand.errors import DemandError
from workbench.formatting import exact_percent
from workbench.rules.rulebook import RULEBOOK, Rulebook

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from workbench.pricing.round_prices import Ending

RuleName = Literal["T2", "T4", "A2", "C4", "kept", "order", "bounds", "fixed", "ending"]
RULE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "T2": "T2, share of the middle tier",
        "T4": "T4, spread of the tiers",
        "A2": "A2, add-ons as a share of the core plan",
        "C4": "the market corridor",
        "kept": "the accounts to keep",
        "order": "the order of the tiers",
        "bounds": "the bounds set by hand",
        "fixed": "the prices held fixed",
        "ending": "the price ending",
    }
)
Ends = tuple[float | None, float | None]
"""The lowest and the highest price; None leaves an end open."""


@dataclass(frozen=True, eq=False, kw_only=True)
class PriceConstraints:
    """What found prices must keep to. Everything is on unless its name stands in `off`; prices are per month.

    `market` gives the lowest and highest price the market leaves per plan or add-on (rule C4; None leaves an end
    open), `bounds` the same set by hand, `fixed` prices that stay. `ending` asks for prices that end as on a pricing
    page. `core` names the plan add-ons are measured against: by default the middle tier, the lower one of two.
    Thresholds of T2, T4 and A2 come from `rulebook`, so that a study's own thresholds count. "order" keeps every tier
    dearer than the one below it, by `step` (0.1 is 10%) at least. `kept` is the least share of accounts paying today
    that must still pay; None asks for none. `asked` gives the lowest and highest price anybody was asked about: that is
    no rule, and never off.
    """

    market: Mapping[str, Ends] = field(default_factory=dict)
    bounds: Mapping[str, Ends] = field(default_factory=dict)
    fixed: Mapping[str, float] = field(default_factory=dict)
    ending: Ending | None = None
    core: str = ""
    step: float = 0.1
    kept: float | None = None
    asked: Mapping[str, Ends] = field(default_factory=dict)
    off: frozenset[str] = frozenset()
    rulebook: Rulebook = RULEBOOK

    def __post_init__(self) -> None:
        object.__setattr__(self, "off", frozenset(self.off))
        if unknown := sorted(self.off - set(RULE_NAMES)):
            raise DemandError(f"There is no rule {unknown[0]!r} to switch off.", f"Rules are {', '.join(RULE_NAMES)}.")
        if self.step < 0:
            raise DemandError(f"Tiers are to lie {exact_percent(self.step)} apart.", "Give a step of 0 or more.")
        for kind in ("market", "bounds", "asked"):
            for name, (low, high) in getattr(self, kind).items():
                _check_ends(name, low, high)
        for name, price in self.fixed.items():
            if not price >= 0:
                raise DemandError(f"The fixed price of {name} is {price}.", "Give a price of 0 or more.")

    def without(self, rules: Iterable[str]) -> PriceConstraints:
        """Return the same constraints with some rules switched off as well."""
        return replace(self, off=self.off | frozenset(rules))

    def on(self, rule: RuleName) -> bool:
        """Tell whether a rule is in force."""
        return rule not in self.off


def _check_ends(name: str, low: float | None, high: float | None) -> None:
    if (low is not None and not low >= 0) or (high is not None and not high > 0):
        raise DemandError(f"The price of {name} is to lie from {low} to {high}.", "Give ends above 0.")
    if low is not None and high is not None and low > high:
        raise DemandError(f"The price of {name} is to lie from {low} to {high}.", "Give the lower end first.")
