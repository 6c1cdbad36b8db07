"""A price search in words and tables, for the screen, the report and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.demand.search.dearest import GIVEN_UP
from workbench.demand.search.gain import FEWEST_DRAWS
from workbench.demand.search.score import missed_by
from workbench.formatting import UNKNOWN, count, exact_percent, money, number, percent, priced
from workbench.results import Caution
from workbench.wording import quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.demand.outcome import Outcome
    from workbench.demand.search.explore import Found
    from workbench.demand.search.result import PriceSearch
    from workbench.demand.search.score import Objective
    from workbench.demand.task import ChoiceTask

OBJECTIVES = {"revenue": "revenue a month", "margin": "contribution a month", "share": "share of accounts that buy"}
_FEW_AGREE = 0.25
_SMALL = 0.001
_HARDLY = 0.01
_OFF = 0.0015


def reading(search: PriceSearch) -> str:
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


def price_table(search: PriceSearch) -> pd.DataFrame:
    """Return one row per plan and add-on: the listed price, the found one, its flat range, buyers at both."""
    rows = []
    listed = search.whose.removesuffix("'s")
    then, now = _buyers(search, today=True), _buyers(search, today=False)
    for name in (*search.plans, *search.add_ons):
        low, high = search.flat.alone.get(name, (None, None)) if search.flat else (None, None)
        is_searched = name in search.searched
        rows.append(
            {
                "Offer": name,
                listed.capitalize(): _price(search, search.today, name),
                "Found": _price(search, search.prices, name),
                "Flat from": money(low, search.currency) if is_searched and low else "",
                "Flat to": money(high, search.currency) if is_searched and high else "",
                f"Accounts, {listed}": number(then.get(name), 0),
                "Accounts, found": number(now.get(name), 0),
            }
        )
    return pd.DataFrame(rows)


def rule_table(search: PriceSearch) -> pd.DataFrame:
    """Return one row per rule: what switching it off gains, and the prices that brings."""
    rows = [
        {
            "Without": cost.name,
            _gain_heading(search): value_in_words(search, cost.gain),
            "Share of the value": percent(cost.gain / abs(search.value), 1) if search.value else UNKNOWN,
            **{name: priced(cost.prices[name], search.currency) for name in search.searched},
        }
        for cost in search.rule_costs
    ]
    return pd.DataFrame(rows, columns=None if rows else ["Without", _gain_heading(search), "Share of the value"])


def _gain_heading(search: PriceSearch) -> str:
    return "Gain in accounts that buy" if search.objective == "share" else "Gain a month"


def peak_table(search: PriceSearch) -> pd.DataFrame:
    """Return one row per local peak: its prices and what they bring."""
    return pd.DataFrame(
        [
            {
                "Peak": place + 1,
                **{name: priced(peak.prices[name], search.currency) for name in search.searched},
                "Brings": value_in_words(search, peak.value),
            }
            for place, peak in enumerate(search.peaks)
        ]
    )


def cautions_of(task: ChoiceTask, found: Found, objective: Objective, outcome: Outcome) -> tuple[Caution, ...]:
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
                f"Prices were searched on {found.scorer.task.rows:,} of {task.rows:,} rows (customers and draws); what "
                f"they bring is counted on {'the draws they were not searched on' if halved else 'all of them'}.",
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
    return f"{size:,} draws" if search.gain.by == "draws" else f"{size:,} samples of these customers"


def _price(search: PriceSearch, prices: Mapping[str, float], name: str) -> str:
    if name not in prices:
        return "on request"
    return "free" if prices[name] == 0 else priced(prices[name], search.currency)


def _buyers(search: PriceSearch, *, today: bool) -> dict[str, float]:
    outcome = search.today_outcome if today else search.outcome
    return {
        **dict(zip(search.plans, outcome.buyers, strict=True)),
        **dict(zip(search.add_ons, outcome.add_on_buyers, strict=True)),
    }
