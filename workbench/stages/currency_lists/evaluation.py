"""What follows from currency lists: drift against the rate, where it is cheapest to buy, and the year replayed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.customers.needs import YEAR
from workbench.errors import WorkbenchError
from workbench.impact.billing import KeepPlan
from workbench.impact.price_realisation import placed_by_need
from workbench.impact.terms import CurrencyReplay, replay_in_currencies
from workbench.pricing.currencies import book_in, prices_of, rate_on
from workbench.results import Basis
from workbench.stages.contract import LazyTables, caution_maker, finding_maker, key_figure_maker, later
from workbench.stages.currency_lists.decision import CurrencyListsDecision, read_day
from workbench.stages.currency_lists.evidence import PlacesEvidence, gather
from workbench.stages.currency_lists.result import CurrencyResult
from workbench.stages.currency_lists.tables import lists_table, prices_table, rates_table, worth_by_month
from workbench.stages.offers import TierDecision
from workbench.stages.price_book import list_of_today, price_book
from workbench.stages.study_replay import standing_of_last_months
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from workbench.customers.base import CustomerBase
    from workbench.pricing.price_book import PriceBook
    from workbench.results import Caution, KeyFigure
    from workbench.rules.rulebook import Finding, Rulebook
    from workbench.study.model import Scenario

say, tell, warn, find = (
    texts(__name__), key_figure_maker(__package__), caution_maker(__package__), finding_maker(__package__),
)  # fmt: skip
STALE_DAYS = 180  # between a rate and the last day on record: ours
_PRICES = ("offer", "item", "currency", "home", "price", "typed", "set", "now", "drift")


def evaluate(
    base: CustomerBase,
    scenario: Scenario,
    *,
    rulebook: Rulebook | None = None,
    seed: int = 0,
    evidence: PlacesEvidence | None = None,
) -> CurrencyResult:
    """Return what the currency lists of a scenario come to, each account billed in its own currency."""
    del rulebook, seed
    known = gather(base) if evidence is None else evidence
    decision = scenario.decision(CurrencyListsDecision)
    home, is_today = price_book(base, scenario), False
    if not home.plans:
        home, is_today = list_of_today(base), True
    books, waiting = _books(known, decision, home)
    replayed, why = _replayed(base, scenario, known, decision, books, is_today=is_today)
    result: CurrencyResult = CurrencyResult(
        basis=_basis(base, replayed),
        decision=decision,
        evidence=known,
        home=home if home.plans else None,
        books=books,
        waiting=waiting,
        prices=_prices(known, decision, home, books),
        replay=replayed,
        months=_by_month(replayed, known.currency),
        by_list=_by_list(replayed, known.currency),
        why_not=why,
        key_figures=later(lambda: tuple(_key_figures(result))),
        findings=later(lambda: tuple(_findings(result))),
        cautions=tuple(_cautions(known, decision)),
        tables=LazyTables(
            {
                "prices": lambda: prices_table(result),
                "lists": lambda: lists_table(result),
                "months": lambda: worth_by_month(result),
                "rates": lambda: rates_table(result),
            }
        ),
    )
    return result


def _books(
    known: PlacesEvidence, decision: CurrencyListsDecision, home: PriceBook
) -> tuple[dict[str, PriceBook], tuple[str, ...]]:
    """Return the list of each currency that has a rate, that of the study first, and the currencies that have none."""
    books, waiting, rates = {known.currency: home}, [], decision.dated_rates
    for each in decision.lists:
        rate = rate_on(rates, each.currency, read_day(each.set_on) if each.set_on else known.day)
        if each.currency == known.currency:
            continue
        if rate is None:
            waiting.append(each.currency)
        else:
            books[each.currency] = book_in(home, each.steps, rate.worth, decision.typed_in(each.id), each.name)
    return books, tuple(waiting)


def _prices(
    known: PlacesEvidence, decision: CurrencyListsDecision, home: PriceBook, books: Mapping[str, PriceBook]
) -> pd.DataFrame:
    """Return each price of each list, what it was worth when it was set, what it is worth now, and how far that is."""
    rows, own, rates = [], prices_of(home), decision.dated_rates
    for each in decision.lists:
        if each.currency not in books or each.currency == known.currency:
            continue
        listed, typed = prices_of(books[each.currency]), decision.typed_in(each.id)
        first = rate_on(rates, each.currency, read_day(each.set_on) if each.set_on else known.day)
        last = rate_on(rates, each.currency, known.day)
        for key, price in own.items():
            if key not in listed:
                continue
            there = listed[key]
            worth = [None if rate is None else float(there * rate.worth) for rate in (first, last)]
            drift = None if worth[1] is None else worth[1] / float(price) - 1
            rows.append((*key, each.currency, price, there, key in typed, *worth, drift))
    return pd.DataFrame(rows, columns=list(_PRICES))


def _replayed(
    base: CustomerBase,
    scenario: Scenario,
    known: PlacesEvidence,
    decision: CurrencyListsDecision,
    books: Mapping[str, PriceBook],
    *,
    is_today: bool,
) -> tuple[CurrencyReplay | None, str]:
    if not books[known.currency].plans:
        return None, say("no_list")
    if len(books) == 1:
        return None, ""
    try:
        last = standing_of_last_months(base, scenario.decision(TierDecision).how_needs_are_read, months=YEAR)
        assign = KeepPlan() if is_today else placed_by_need(last.today)
        currency_of = _currency_of(known, decision, books)
        return replay_in_currencies(last.rows, books, decision.dated_rates, currency_of, assign=assign), ""
    except WorkbenchError as error:
        return None, str(error)


def _currency_of(known: PlacesEvidence, decision: CurrencyListsDecision, books: Mapping[str, PriceBook]) -> list[str]:
    """Return what each account buys in: the currency of its contract, else that of its region, else the study's."""
    of_region = {region: each.currency for each in decision.lists for region in each.regions}
    found = []
    for contract, region in zip(known.contract, known.region, strict=True):
        code = contract if contract in books and contract != known.currency else of_region.get(region, "")
        found.append(code if code in books else known.currency)
    return found


def _basis(base: CustomerBase, replayed: CurrencyReplay | None) -> Basis:
    if replayed is None:
        return Basis(0, len(base))
    here = replayed.rows.in_last_month
    month = f"{replayed.rows.shown_months[-1]:%Y-%m}"
    return Basis(int((here & np.isfinite(replayed.own)).sum()), len(base), month, month)


def _by_month(replayed: CurrencyReplay | None, home: str) -> pd.DataFrame:
    """Return what the year's months bring under one list, and under each account's own at the rate of each month."""
    columns = ["month", "accounts", "one", "own", "not_counted"]
    if replayed is None:
        return pd.DataFrame(columns=columns)
    rows, one, own = replayed.rows, replayed.at_home[home], replayed.own
    both = np.isfinite(one) & np.isfinite(own)
    sums = [rows.by_month(each) for each in (both.astype(float), np.where(both, one, 0.0), np.where(both, own, 0.0))]
    missing = rows.by_month((np.isfinite(one) & ~np.isfinite(own)).astype(float))
    frame = pd.DataFrame(dict(zip(columns, (rows.shown_months, *sums, missing), strict=True)))
    return frame.astype({"accounts": int, "not_counted": int})


def _by_list(replayed: CurrencyReplay | None, home: str) -> pd.DataFrame:
    """Return a row for each list: its accounts of the last month, their bills in it, and what else they would pay."""
    columns = ["currency", "accounts", "in_currency", "own", "one", "gained"]
    if replayed is None:
        return pd.DataFrame(columns=columns)
    rows = replayed.rows
    last = rows.in_last_month
    one, own, cheapest = replayed.at_home[home], replayed.own, replayed.cheapest
    found = []
    for place, (code, listed) in enumerate(replayed.lists.items()):
        here = last & (replayed.code[rows.account] == place) & np.isfinite(own) & np.isfinite(one)
        gained = np.where(np.isfinite(cheapest), own - cheapest, 0.0)
        sums = [float(each[here].sum()) for each in (listed.amounts, own, one, gained)]
        found.append((code, int(here.sum()), *sums))
    return pd.DataFrame(found, columns=columns)


def _key_figures(result: CurrencyResult) -> Iterable[KeyFigure]:
    lists, currency = result.by_list, result.evidence.currency
    if not len(lists):
        return
    of = {"period": result.basis.last_month, "population": say("billed", accounts=result.basis.accounts)}
    own, one, gained = (float(lists[name].sum()) for name in ("own", "one", "gained"))
    yield tell("with_lists", own, unit=currency, one=one, currency=currency, **of)
    others = lists[lists["currency"] != currency]
    yield tell("other_currencies", float(others["own"].sum() / own) if own else None, **of)
    worst = result.prices["drift"].abs().max() if len(result.prices) else None
    yield tell("drift", worst, **of)
    yield tell("at_stake", gained, unit=currency, **of)


def _findings(result: CurrencyResult) -> Iterable[Finding]:
    decision, known = result.decision, result.evidence
    if not decision.lists:
        return
    if result.why_not:
        yield find("replay", "unknown", why=result.why_not)
    if result.waiting:
        yield find("no_rate", "unknown", currencies=result.waiting, day=known.day, home=known.currency)
    yield from _about_drift(result)
    yield from _about_arbitrage(result)
    yield from _about_age(result)


def _about_drift(result: CurrencyResult) -> Iterable[Finding]:
    """Say of each list which price is furthest from what it was made of, at the last rate."""
    for code, prices in result.prices.dropna(subset=["drift"]).groupby("currency", sort=False):
        worst = prices.iloc[int(prices["drift"].abs().argmax())]
        off = float(worst["drift"])
        line = result.decision.most_drift
        yield find(
            "drift", "watch" if abs(off) > line else "ok", measured=off, currency=str(code), offer=worst["offer"],
            item=worst["item"], price=worst["price"], now=float(worst["now"]), made_of=worst["home"],
            home=result.evidence.currency, off=off, line=line,
        )  # fmt: skip


def _about_arbitrage(result: CurrencyResult) -> Iterable[Finding]:
    """Say where the same offer is cheapest, and what it costs if whoever pays more elsewhere buys there."""
    if not len(result.prices):
        return
    home, line = result.evidence.currency, result.decision.most_apart
    apart = []
    for (offer, item), prices in result.prices.dropna(subset=["now"]).groupby(["offer", "item"], sort=False):
        worth = {home: float(prices["home"].iloc[0]), **dict(zip(prices["currency"], prices["now"], strict=True))}
        cheap, dear = min(worth, key=lambda code: worth[code]), max(worth, key=lambda code: worth[code])
        apart.append((worth[dear] / worth[cheap] - 1, str(offer), str(item), cheap, dear, worth[cheap], worth[dear]))
    if not apart:
        return
    off, offer, item, cheap, dear, low, high = max(apart)
    gained = float(result.by_list["gained"].sum()) if len(result.by_list) else None
    yield find(
        "arbitrage", "watch" if off > line else "ok", measured=off, offer=offer, item=item, cheap=cheap, dear=dear,
        low=low, high=high, off=off, home=home, gained=gained, line=line,
    )  # fmt: skip


def _about_age(result: CurrencyResult) -> Iterable[Finding]:
    """Say which rate is older than half a year on the last day on record."""
    rates, day = result.decision.dated_rates, result.evidence.day
    found = [rate_on(rates, code, day) for code in result.books if code != result.evidence.currency]
    ages = {each.currency: (day - each.day).days for each in found if each is not None}
    if ages:
        oldest = max(ages, key=lambda code: ages[code])
        status = "watch" if ages[oldest] > STALE_DAYS else "ok"
        yield find("age", status, measured=ages[oldest], currency=oldest, days=ages[oldest], line=STALE_DAYS)


def _cautions(known: PlacesEvidence, decision: CurrencyListsDecision) -> Iterable[Caution]:
    if not known.base.names_currency:
        yield warn("not_named", currency=known.currency)
    if any(each.currency == known.currency for each in decision.lists):
        yield warn("own_currency", currency=known.currency)
    if decision.lists and not any(each.regions for each in decision.lists) and not any(known.contract):
        yield warn("nobody_buys_by_them")
    later_rates = [each for each in decision.dated_rates if each.day > known.day]
    if later_rates:
        yield warn("later_rates", day=known.day, rates=len(later_rates))
