"""What currency lists come to: each price beside the one it was made of, and each account billed in its currency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.stages.contract import StageResult

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from workbench.impact.terms import CurrencyReplay
    from workbench.pricing.price_book import PriceBook
    from workbench.stages.currency_lists.decision import CurrencyListsDecision
    from workbench.stages.currency_lists.evidence import PlacesEvidence


@dataclass(frozen=True, kw_only=True)
class CurrencyResult(StageResult):
    """What the lists come to.

    `home` is the list in the study's currency, `books` currency to list of those that have a rate, `waiting` the
    currencies without one. `prices` has a row for each price of each list: offer, item, currency, home, price, typed,
    set and now (what it is worth at the rate it was set at, and at the last one), drift. `replay` bills the last year,
    None where there is one list or nobody can be billed, and `why_not` says why.
    """

    decision: CurrencyListsDecision
    evidence: PlacesEvidence
    home: PriceBook | None
    books: Mapping[str, PriceBook]
    waiting: tuple[str, ...]
    prices: pd.DataFrame
    replay: CurrencyReplay | None
    months: pd.DataFrame
    by_list: pd.DataFrame
    why_not: str = ""
