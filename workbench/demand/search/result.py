"""What a price search found, as a result, in tables and in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from workbench.demand.customers import DemandError
from workbench.demand.model import fee_of
from workbench.demand.search.certainty import FEWEST_DRAWS
from workbench.demand.search.climbing import GIVEN_UP
from workbench.demand.search.objective import missed_by
from workbench.formatting import count, exact_percent, money, percent, priced, quantity, thousands
from workbench.results import Caution
from workbench.tables import COUNT, NUMBER, TEXT, DataTable, Kind, Money, Own, Percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.demand.choice_task import ChoiceTask
    from workbench.demand.outcome import Outcome
    from workbench.demand.search.certainty import FlatRegion, Gain
    from workbench.demand.search.climbing import Found
    from workbench.demand.search.constraints import Objective, PriceConstraints
    from workbench.pricing.price_book import AddOn, Plan, PriceBook

# --- What a price search found

_Kind = TypeVar("_Kind", "Plan", "AddOn")
_FINEST = Decimal("0.000001")


@dataclass(frozen=True, eq=False)
class LocalPeak:
    """Prices from which no move tried leads up: a place where a search with one start could have ended.

    Attributes
    ----------
    prices
        Monthly price per plan and add-on.
    value
        The objective there.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import Demand, PriceConstraints, Willingness, respondents_of, search_prices, split_worth
    >>> from workbench.pricing import Plan, PriceBook
    >>> asked = respondents_of(pd.DataFrame({"respondent": ["a", "b"], "weight": [9, 1]}))
    >>> total = np.repeat([[10.0], [130]], 20, axis=1)
    >>> worth = split_worth(Willingness(source="talks", customers=asked, total=total), [])
    >>> book, limits = PriceBook("list", "USD", [Plan("Team", 9)]), PriceConstraints(off=frozenset({"T2", "T4"}))
    >>> few = Demand(worth=worth, rule="logit", scale=1)
    >>> found = search_prices(few, book, constraints=limits, rule_costs=False, flat=None)
    >>> [(round(peak.prices["Team"]), round(peak.value, 1)) for peak in found.peaks]
    [(125, 124.2), (8, 71.5)]
    """

    prices: Mapping[str, float]
    value: float


@dataclass(frozen=True, eq=False)
class RuleCost:
    """What the objective gains when one rule is switched off and prices are searched again.

    Attributes
    ----------
    rule, name
        The rule ("all" for switching off everything at once), and what it is called.
    gain
        What the objective gains without it, per month.
    value
        What the prices found without it bring.
    prices
        Those prices.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import Demand, PriceConstraints, Willingness, respondents_of, search_prices, split_worth
    >>> from workbench.pricing import Plan, PriceBook
    >>> asked = respondents_of(pd.DataFrame({"respondent": ["a", "b", "c"]}))
    >>> total = np.repeat([[40.0], [70], [120]], 20, axis=1)
    >>> worth = split_worth(Willingness(source="talks", customers=asked, total=total), [])
    >>> limits = PriceConstraints(market={"Team": (20, 50)}, off=frozenset({"T2", "T4"}))
    >>> book = PriceBook("list", "USD", [Plan("Team", 39)])
    >>> found = search_prices(Demand(worth=worth), book, constraints=limits, flat=None)
    >>> [(cost.rule, round(cost.gain, 2)) for cost in found.rule_costs]
    [('C4', 20.0)]
    """

    rule: str
    name: str
    gain: float
    value: float
    prices: Mapping[str, float]


@dataclass(frozen=True, eq=False, kw_only=True)
class PriceSearch:
    """The best prices found for tiers and add-ons, per month, with everything needed to judge them.

    Attributes
    ----------
    currency, objective, constraints
        What was asked for.
    plans, add_ons, searched
        What is on offer, and what was searched.
    prices, today
        Monthly price of every plan and add-on on offer, searched or not.
    value, today_value
        The objective at both: money per month, or the share of accounts that buy.
    outcome, today_outcome
        Who buys what at both.
    peaks
        The distinct local peaks, the best first.
    rule_costs, flat
        What each rule costs, and where others bring about as much; empty when not asked for.
    gain
        What the found prices bring beside today's, draw by draw.
    starts, agreeing
        How many places were climbed from, and how many ended as high as the best.
    looks, looks_at_part
        Looks at all customers searched on, and at a small sample.
    rows, of_rows
        Rows searched on, of how many.
    cautions
        What to know before using it.
    whose
        In words whose prices `today` holds: "this design's" for a design that is not on sale yet.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from workbench.demand import Demand, PriceConstraints, Willingness, respondents_of, search_prices, split_worth
    >>> from workbench.pricing import Plan, PriceBook
    >>> asked = respondents_of(pd.DataFrame({"respondent": ["a", "b", "c"]}))
    >>> total = np.repeat([[40.0], [70], [120]], 20, axis=1)
    >>> worth = split_worth(Willingness(source="talks", customers=asked, total=total), [])
    >>> book, limits = PriceBook("list", "USD", [Plan("Team", 39)]), PriceConstraints(off=frozenset({"T2", "T4"}))
    >>> found = search_prices(Demand(worth=worth), book, constraints=limits, rule_costs=False, flat=None)
    >>> found.searched, found.agreeing == found.starts, found.gain.probability
    (('Team',), True, 1.0)
    """

    currency: str
    objective: Objective
    constraints: PriceConstraints
    plans: tuple[str, ...]
    add_ons: tuple[str, ...]
    searched: tuple[str, ...]
    prices: Mapping[str, float]
    today: Mapping[str, float]
    value: float
    today_value: float
    outcome: Outcome
    today_outcome: Outcome
    peaks: tuple[LocalPeak, ...]
    rule_costs: tuple[RuleCost, ...]
    flat: FlatRegion | None
    gain: Gain
    starts: int
    agreeing: int
    looks: int
    looks_at_part: int
    rows: int
    of_rows: int
    cautions: tuple[Caution, ...]
    whose: str = "today's"

    @property
    def reading(self) -> str:
        """Return what was found in a few plain sentences."""
        return search_reading(self)

    @property
    def price_table(self) -> DataTable:
        """Return one row per plan and add-on: today's price, the found one, its flat range, buyers then and now."""
        return found_price_table(self)

    @property
    def rule_table(self) -> DataTable:
        """Return one row per rule: what switching it off gains, and the prices that brings."""
        return rule_table(self)

    @property
    def peak_table(self) -> DataTable:
        """Return one row per local peak: its prices and what they bring."""
        return peak_table(self)


def with_prices(price_book: PriceBook, search: PriceSearch | Mapping[str, float]) -> PriceBook:
    """Return the price book with found prices, by plan and add-on name; everything else stays.

    A price is the base fee, or the unit price of an offer sold by units (as in `workbench.demand.model`). Prices are
    kept to a millionth; ask the search for an ending to have prices for a price list.

    Parameters
    ----------
    price_book
        The offers.
    search
        What was found, or monthly prices by plan and add-on name.

    Returns
    -------
    PriceBook
        The same price book with these prices.

    Raises
    ------
    DemandError
        When a name is neither a plan nor an add-on.

    Examples
    --------
    >>> from workbench.demand import fees_of, with_prices
    >>> from workbench.pricing import Plan, PriceBook
    >>> book = PriceBook("list", "USD", [Plan("Basic", 20), Plan("Pro", 60)])
    >>> fees_of(with_prices(book, {"Pro": 72.5}))[0].tolist()
    [20.0, 72.5]
    """
    prices = search if not isinstance(search, PriceSearch) else {name: search.prices[name] for name in search.searched}
    names = {each.name for each in (*price_book.plans, *price_book.add_ons)}
    for name in prices:
        if name not in names:
            raise DemandError(
                f"There is a price for {name!r}, which the price book does not have.",
                f"It has {', '.join(sorted(names))}.",
            )

    def priced(offer: _Kind) -> _Kind:
        if offer.name not in prices:
            return offer
        price, place = _decimal(prices[offer.name]), fee_of(offer).charge
        if place < 0:
            return replace(offer, base_fee=price)
        charges = [replace(each, unit_price=price) if at == place else each for at, each in enumerate(offer.charges)]
        return replace(offer, charges=tuple(charges))

    return replace(
        price_book,
        plans=tuple(priced(plan) for plan in price_book.plans),
        add_ons=tuple(priced(add_on) for add_on in price_book.add_ons),
    )


def _decimal(price: float) -> Decimal:
    exact = Decimal(repr(float(price))).quantize(_FINEST, rounding=ROUND_HALF_UP).normalize()
    return exact.quantize(Decimal(1)) if exact == exact.to_integral_value() else exact


# --- A price search in words and tables, for the screen, the report and the command line

OBJECTIVES = {"revenue": "revenue a month", "margin": "contribution a month", "share": "share of accounts that buy"}
_FEW_AGREE = 0.25
_SMALL = 0.001
_HARDLY = 0.01
_OFF = 0.0015


def search_reading(search: PriceSearch) -> str:
    """Return what was found in a few plain sentences."""
    listed = ", ".join(f"{name} {priced(search.prices[name], search.currency)}" for name in search.searched)
    gain, interval = search.gain, search.gain.interval
    said = [
        f"The best prices found: {listed}, each a month.",
        _brings(search),
        (
            f"In {percent(gain.probability)} of {_draws(search)} they bring more than {search.whose}; the gain is "
            f"{value_in_words(search, interval.low)} to {value_in_words(search, interval.high)}"
            f"{'' if search.objective == 'share' else ' a month'} ({exact_percent(interval.level)} interval)."
        ),
    ]
    dear = [cost for cost in search.rule_costs if cost.rule != "all"]
    if dear:
        most = max(dear, key=lambda cost: cost.gain)
        said.append(
            f"The rule that costs most is {most.name}: without it prices bring "
            f"{value_in_words(search, most.gain)} more."
            if most.gain > _SMALL * abs(search.value)
            else "No rule costs more than a tenth of a percent."
        )
    if search.flat is not None:
        flat = search.flat.alone
        widest = max(search.searched, key=lambda name: flat[name][1] / flat[name][0])
        low, high = flat[widest]
        said.append(
            f"Prices need not be exact: {widest} alone can lie anywhere from {money(low, search.currency)} to "
            f"{money(high, search.currency)} within {percent(1 - search.flat.kept)} of the best."
        )
    return " ".join(said)


def _brings(search: PriceSearch) -> str:
    new, old = (value_in_words(search, value) for value in (search.value, search.today_value))
    people = count("account", round(search.outcome.accounts))
    if search.objective == "share":
        return f"{new} of {people} buy at them, against {old} at {search.whose} prices."
    return f"They bring {new} {OBJECTIVES[search.objective]} from {people}, against {old} at {search.whose} prices."


def value_in_words(search: PriceSearch, value: float) -> str:
    """Write a value of the objective: money, or a share as percent."""
    if search.objective == "share":
        return percent(value, 1)
    return quantity(value, search.currency)


def found_price_table(search: PriceSearch) -> DataTable:
    """Return one row per plan and add-on: the listed price, the found one, its flat range, buyers at both."""
    listed, price = search.whose.removesuffix("'s"), Money(search.currency, "priced", missing="on request")
    flat = Money(search.currency, missing="")
    columns = (
        ("Offer", TEXT),
        (listed.capitalize(), price),
        ("Found", price),
        ("Flat from", flat),
        ("Flat to", flat),
        (f"Accounts, {listed}", COUNT),
        ("Accounts, found", COUNT),
    )
    then, now = _buyers(search, today=True), _buyers(search, today=False)
    rows = []
    for name in (*search.plans, *search.add_ons):
        ends = search.flat.alone.get(name, (None, None)) if search.flat else (None, None)
        known = ((end or None) if name in search.searched else None for end in ends)
        prices = (_price(search.today, name), _price(search.prices, name))
        rows.append((name, *prices, *known, then.get(name), now.get(name)))
    return DataTable.of_rows(columns, rows)


def rule_table(search: PriceSearch) -> DataTable:
    """Return one row per rule: what switching it off gains, and the prices that brings."""
    price = Money(search.currency, "priced")
    columns = [("Without", TEXT), (_gain_heading(search), _value_kind(search)), ("Share of the value", Percent(1))]
    columns += [(name, price) for name in search.searched if search.rule_costs]
    rows = (
        (
            cost.name,
            cost.gain,
            cost.gain / abs(search.value) if search.value else None,
            *(cost.prices[name] for name in search.searched),
        )
        for cost in search.rule_costs
    )
    return DataTable.of_rows(columns, rows)


def _value_kind(search: PriceSearch) -> Kind:
    return Percent(1) if search.objective == "share" else Money(search.currency)


def _gain_heading(search: PriceSearch) -> str:
    return "Gain in accounts that buy" if search.objective == "share" else "Gain a month"


def peak_table(search: PriceSearch) -> DataTable:
    """Return one row per local peak: its prices and what they bring."""
    price = Money(search.currency, "priced")
    columns = (("Peak", COUNT), *((name, price) for name in search.searched), ("Brings", _value_kind(search)))
    rows = (
        (place, *(peak.prices[name] for name in search.searched), peak.value)
        for place, peak in enumerate(search.peaks, start=1)
    )
    return DataTable.of_rows(columns, rows)


def gain_table(search: PriceSearch) -> DataTable:
    """Return the gain over the listed prices with its interval, and the chance that there is one."""
    interval, value = search.gain.interval, _value_kind(search)
    level = exact_percent(interval.level)
    rows = (
        ("Gain a month", Own(interval.estimate, value)),
        (f"{level} from", Own(interval.low, value)),
        (f"{level} to", Own(interval.high, value)),
        ("Chance of a gain", Own(search.gain.probability, Percent())),
    )
    return DataTable.of_rows((("", TEXT), ("Value", NUMBER)), rows)


def search_cautions(task: ChoiceTask, found: Found, objective: Objective, outcome: Outcome) -> tuple[Caution, ...]:
    """Return what a reader should know before using the prices."""
    cautions = [Caution(note, "note") for note in found.scorer.rules.notes]
    for name, share in zip(task.plans, outcome.shares, strict=True):
        if np.isfinite(outcome.fees[task.plans.index(name)]) and share < _HARDLY:
            cautions.append(Caution(f"Hardly anybody buys {name} at these prices: the offer may do without it."))
    if found.agreeing < _FEW_AGREE * found.starts:
        cautions.append(
            Caution(
                f"Only {found.agreeing} of {found.starts} starts ended as high as the best: look at the other peaks."
            )
        )
    rules = found.scorer.rules
    inside = float(outcome.buyers[rules.middle].sum())
    if missed_by(inside, float(outcome.buyers.sum()), rules.band) > _OFF:
        share = percent(inside / max(float(outcome.buyers.sum()), 1e-300), 1)
        cautions.append(
            Caution(f"Counted on all rows, {share} of the buyers are in the middle tier, a little outside T2.")
        )
    halved = task.draws >= FEWEST_DRAWS
    if found.scorer.task.rows < task.rows:
        cautions.append(
            Caution(
                f"Prices were searched on {thousands(found.scorer.task.rows)} of {thousands(task.rows)} rows "
                f"(customers and draws); what they "
                f"bring is counted on {'the draws they were not searched on' if halved else 'all of them'}.",
                "note",
            )
        )
    if objective == "margin" and not task.has_costs:
        cautions.append(Caution("What serving costs is not recorded, so contribution is revenue here.", "note"))
    if objective == "share":
        cautions.append(
            Caution(
                f"The share is largest at the lowest prices; these are the dearest that keep all but "
                f"{percent(GIVEN_UP, 1)} of it. Search for revenue to see what they give away.",
                "note",
            )
        )
    cautions.append(
        Caution("Prices are fitted to these customers, so expect the next ones to bring a little less.", "note")
    )
    return tuple(cautions)


def _draws(search: PriceSearch) -> str:
    size = len(search.gain.drawn)
    return f"{thousands(size)} draws" if search.gain.by == "draws" else f"{thousands(size)} samples of these customers"


def _price(prices: Mapping[str, float], name: str) -> float | str | None:
    return None if name not in prices else prices[name] or "free"


def _buyers(search: PriceSearch, *, today: bool) -> dict[str, float]:
    outcome = search.today_outcome if today else search.outcome
    return {
        **dict(zip(search.plans, outcome.buyers, strict=True)),
        **dict(zip(search.add_ons, outcome.add_on_buyers, strict=True)),
    }
