"""Who would buy what at which price: worth to customers, choice, and what follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.lazy import lazy_names

if TYPE_CHECKING:
    from workbench.demand.account_worth import AccountWorth, account_facts
    from workbench.demand.anchoring import AnchoringAnswer, anchoring_of
    from workbench.demand.bundles import BundlePrices, bundle_prices
    from workbench.demand.changes import (
        Effect,
        Flows,
        attach_rates,
        cannibalisation,
        effect_of,
        with_feature_moved,
        without_plan,
    )
    from workbench.demand.customers import Customers, customers_of, respondents_of
    from workbench.demand.draws import Assumed
    from workbench.demand.errors import DemandError
    from workbench.demand.feature_tiers import FeatureTiers, assign_features
    from workbench.demand.fees import Fee, fee_of, fees_of, with_fees
    from workbench.demand.fit import Fit, fit_to_today
    from workbench.demand.imputed_worth import ImputedWorth, impute_worth
    from workbench.demand.itemised import Allowance, ItemisedWorth, from_utilities
    from workbench.demand.menus import fee_plus_usage, quality_ladder, two_part_tariff
    from workbench.demand.model import Demand
    from workbench.demand.observed import observed_headroom
    from workbench.demand.outcome import Outcome
    from workbench.demand.price_lines import AtPrice, SmoothLine, StepLine, price_line
    from workbench.demand.rivals import Rival
    from workbench.demand.search import PriceConstraints, PriceSearch, search_prices, with_prices
    from workbench.demand.stated import from_price_ladder, from_price_sensitivity
    from workbench.demand.task import ChoiceTask
    from workbench.demand.willingness import Willingness
    from workbench.demand.worth import SharedWorth, Worth, split_worth

_HOMES = {
    "PriceConstraints": "workbench.demand.search",
    "PriceSearch": "workbench.demand.search",
    "search_prices": "workbench.demand.search",
    "with_prices": "workbench.demand.search",
    "BundlePrices": "workbench.demand.bundles",
    "bundle_prices": "workbench.demand.bundles",
    "FeatureTiers": "workbench.demand.feature_tiers",
    "assign_features": "workbench.demand.feature_tiers",
    "fee_plus_usage": "workbench.demand.menus",
    "two_part_tariff": "workbench.demand.menus",
    "quality_ladder": "workbench.demand.menus",
    "Allowance": "workbench.demand.itemised",
    "AnchoringAnswer": "workbench.demand.anchoring",
    "Assumed": "workbench.demand.draws",
    "AtPrice": "workbench.demand.price_lines",
    "ChoiceTask": "workbench.demand.task",
    "Customers": "workbench.demand.customers",
    "Demand": "workbench.demand.model",
    "DemandError": "workbench.demand.errors",
    "Effect": "workbench.demand.changes",
    "Fee": "workbench.demand.fees",
    "Fit": "workbench.demand.fit",
    "Flows": "workbench.demand.changes",
    "ItemisedWorth": "workbench.demand.itemised",
    "Outcome": "workbench.demand.outcome",
    "Rival": "workbench.demand.rivals",
    "SharedWorth": "workbench.demand.worth",
    "SmoothLine": "workbench.demand.price_lines",
    "StepLine": "workbench.demand.price_lines",
    "Willingness": "workbench.demand.willingness",
    "Worth": "workbench.demand.worth",
    "anchoring_of": "workbench.demand.anchoring",
    "attach_rates": "workbench.demand.changes",
    "AccountWorth": "workbench.demand.account_worth",
    "account_facts": "workbench.demand.account_worth",
    "ImputedWorth": "workbench.demand.imputed_worth",
    "impute_worth": "workbench.demand.imputed_worth",
    "fit_to_today": "workbench.demand.fit",
    "cannibalisation": "workbench.demand.changes",
    "customers_of": "workbench.demand.customers",
    "effect_of": "workbench.demand.changes",
    "fee_of": "workbench.demand.fees",
    "fees_of": "workbench.demand.fees",
    "from_price_ladder": "workbench.demand.stated",
    "from_price_sensitivity": "workbench.demand.stated",
    "from_utilities": "workbench.demand.itemised",
    "observed_headroom": "workbench.demand.observed",
    "price_line": "workbench.demand.price_lines",
    "respondents_of": "workbench.demand.customers",
    "split_worth": "workbench.demand.worth",
    "with_feature_moved": "workbench.demand.changes",
    "with_fees": "workbench.demand.fees",
    "without_plan": "workbench.demand.changes",
}

__all__ = [
    "AccountWorth",
    "Allowance",
    "AnchoringAnswer",
    "Assumed",
    "AtPrice",
    "BundlePrices",
    "ChoiceTask",
    "Customers",
    "Demand",
    "DemandError",
    "Effect",
    "FeatureTiers",
    "Fee",
    "Fit",
    "Flows",
    "ImputedWorth",
    "ItemisedWorth",
    "Outcome",
    "PriceConstraints",
    "PriceSearch",
    "Rival",
    "SharedWorth",
    "SmoothLine",
    "StepLine",
    "Willingness",
    "Worth",
    "account_facts",
    "anchoring_of",
    "assign_features",
    "attach_rates",
    "bundle_prices",
    "cannibalisation",
    "customers_of",
    "effect_of",
    "fee_of",
    "fee_plus_usage",
    "fees_of",
    "fit_to_today",
    "from_price_ladder",
    "from_price_sensitivity",
    "from_utilities",
    "impute_worth",
    "observed_headroom",
    "price_line",
    "quality_ladder",
    "respondents_of",
    "search_prices",
    "split_worth",
    "two_part_tariff",
    "with_feature_moved",
    "with_fees",
    "with_prices",
    "without_plan",
]

__getattr__, __dir__ = lazy_names(__name__, _HOMES)
