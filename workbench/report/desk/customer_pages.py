"""A page for each customer: its usage, what it got out of it, its place among similar ones, what more would cost.

A page is made of `CustomerFacts` alone. What is not in them cannot be on it: no cost, payment, discount, score, remark,
alert or plan of ours, and of other customers only how many there are and the middle half of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from workbench.errors import StudyError
from workbench.files import make_folder, write_text
from workbench.formatting import billed, metric_words, number, percent
from workbench.growth.desk import Peers, usage_outlook, use_and_value
from workbench.growth.desk.accounts import (
    customers_now,
    limits_of_list,
    limits_of_plans,
    mean_of_recent,
    outcome_by_month,
    outcome_kinds,
)
from workbench.growth.desk.alerts import is_counted_once
from workbench.impact import KeepPlan, account_months
from workbench.impact import replay as bill_again
from workbench.locales import in_its_locale
from workbench.outputs import check_output, save_csv
from workbench.report.calculator import metric_label
from workbench.report.content import at_the_desk, reported_scenario
from workbench.report.offline_page import page_html
from workbench.report.privacy import names_for, naming_of
from workbench.stages.price_book import charged_metrics, list_of_today, price_book
from workbench.stages.study_replay import list_billed
from workbench.study.model import fresh_id
from workbench.tables import DataTable
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.customers.base import CustomerBase
    from workbench.growth.desk import PeerPlace
    from workbench.pricing.price_book import PriceBook
    from workbench.report.offline_page import Brand
    from workbench.report.privacy import Names
    from workbench.results import Floats
    from workbench.study.document import Study

say = texts(__name__)

FACTORS = (1.0, 1.25, 1.5, 2.0)
_SHOWN, _QUARTER = 24, 3


@dataclass(frozen=True, slots=True)
class SeriesFacts:
    """What a page says of one number over time: its name, the months and values, and what was a year before.

    `limit` is what the customer's plan allows, and `reached` in how many months that is used, at the earliest and at
    the latest (None: not within a year).
    """

    label: str
    months: tuple[pd.Timestamp, ...]
    values: tuple[float, ...]
    limit: float | None = None
    reached: tuple[int | None, int | None] | None = None

    @property
    def known(self) -> tuple[float, ...]:
        """Return the values that are known."""
        return tuple(each for each in self.values if np.isfinite(each))

    @property
    def first(self) -> float:
        """Return the first value."""
        return self.known[0]

    @property
    def now(self) -> float:
        """Return the last value."""
        return self.known[-1]

    @property
    def most(self) -> float:
        """Return the largest value, above nothing."""
        return max(*self.known, 1e-9)

    def change_in(self, steps: int) -> float | None:
        """Return the change against so many values before, None where that is unknown."""
        before = self.values[-1 - steps] if len(self.values) > steps else float("nan")
        return self.values[-1] / before - 1 if np.isfinite(before) and before > 0 else None


@dataclass(frozen=True, slots=True)
class StepFacts:
    """What one level of usage means: how many times today's, the quantities, the plan and the bill a month."""

    factor: float
    quantities: tuple[float, ...]
    plan: str
    bill: float | None
    gain: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """Everything a customer's page can say, and nothing else."""

    called: str
    month: pd.Timestamp
    usage: tuple[SeriesFacts, ...]
    outcomes: tuple[SeriesFacts, ...]
    places: tuple[tuple[str, PeerPlace], ...]
    steps: tuple[StepFacts, ...]
    gain_of: str
    seen_over: int
    currency: str
    keeps_plan: bool


def customer_facts(
    base: CustomerBase,
    study: Study,
    *,
    accounts: Collection[str] | None = None,
    scenario_id: str | None = None,
    outcomes: Sequence[str] | None = None,
) -> Iterator[tuple[str, CustomerFacts]]:
    """Go through the customers of the last month, or some of them: each account_id with what its page can say.

    Parameters
    ----------
    base, study
        The customers and the study.
    accounts
        Which customers; all when None.
    scenario_id
        Whose prices more usage costs; today's list when None.
    outcomes
        Kinds of outcomes to show; see `outcome_kinds`.

    Raises
    ------
    StudyError
        For an account that is no customer, an outcome nobody recorded, or without usage.
    """
    known_to_study = base
    base, _ = at_the_desk(base, study, scenario_id)
    ids = base.frames["accounts"]["account_id"].astype(str).to_numpy(dtype=object)
    customers = customers_now(base)
    known = set(ids[customers])
    if strangers := [each for each in accounts or () if each not in known]:
        raise StudyError(say("no_customer", account=strangers[0]), say("name_a_customer"))
    kinds = tuple(outcomes) if outcomes is not None else outcome_kinds(base)
    recorded = set(base.frames["outcomes"]["kind"].astype(str)) if base.has("outcomes") else set()
    if unknown := [each for each in kinds if each not in recorded]:
        raise StudyError(say("no_outcome", kind=unknown[0]), say("name_an_outcome", kinds=sorted(recorded)))
    if not base.usage_by_month:
        raise StudyError(say("no_usage"), say("add_usage"))
    found = _Known.of(base, study, scenario_id, kinds, customers, later=base is not known_to_study)
    for row in np.flatnonzero(customers):
        if accounts is None or ids[row] in accounts:
            yield str(ids[row]), found.facts(int(row))


@dataclass(frozen=True, eq=False)
class _Known:
    """What is worked out once for all customers."""

    base: CustomerBase
    called: NDArray[np.object_]
    usage: Mapping[str, Floats]
    limits: Mapping[str, Floats]
    reached: Mapping[str, list[tuple[int | None, int | None] | None]]
    outcomes: Mapping[str, Floats]
    compared: Mapping[str, Floats]
    peers: Peers
    gains: Mapping[int, Any]
    steps: tuple[tuple[Floats, NDArray[np.object_]], ...]
    rates: tuple[Mapping[str, Floats], ...]
    currency: str
    keeps_plan: bool

    @classmethod
    def of(
        cls,
        base: CustomerBase,
        study: Study,
        scenario_id: str | None,
        kinds: Sequence[str],
        customers: NDArray[np.bool_],
        *,
        later: bool,
    ) -> _Known:
        accounts = base.frames["accounts"]
        names = accounts["name"].fillna("").astype(str).str.strip().to_numpy(dtype=object)
        ids = accounts["account_id"].astype(str).to_numpy(dtype=object)
        scenario = None if scenario_id is None else reported_scenario(study, scenario_id)
        book = list_of_today(base) if scenario is None else price_book(base, scenario)
        usage = {
            name: base.usage_by_month[name] for name in charged_metrics(base, reported_scenario(study, scenario_id))
        }
        billed = list_billed(base, scenario) if later and scenario is not None else None
        limits = (
            limits_of_plans(base, tuple(usage))
            if billed is None
            else limits_of_list(billed, base, tuple(usage), included=False)  # a plan "allows" what is charged, too
        )
        outlooks = {
            name: usage_outlook(np.where(customers[:, None], each, np.nan))
            for name, each in usage.items()
            if np.isfinite(limits[name]).any()
        }
        reached = {
            name: [
                None if not np.isfinite(limit) else outlook.months_to(row, float(limit))[::2]
                for row, limit in enumerate(limits[name])
            ]
            for name, outlook in outlooks.items()
        }
        outcomes = {kind: outcome_by_month(base, kind) for kind in kinds}
        compared = {name: mean_of_recent(each, 1) for name, each in usage.items()}
        compared |= {kind: mean_of_recent(each) for kind, each in outcomes.items()}
        factors = tuple({name: _more(each[:, -1], factor) for name, each in usage.items()}
                        for factor in FACTORS)  # fmt: skip
        steps = _bills(base, book, factors, keep=scenario is None) if book.plans else ()
        gains: dict[int, Any] = {}
        if outcomes and usage:
            driver = next(
                (each for name, each in usage.items() if not is_counted_once(each)), next(iter(usage.values()))
            )
            first = next(iter(outcomes.values()))
            segment = pd.factorize(accounts["segment"].astype(object))[0]
            of_all = use_and_value(driver, first, customers)
            for each in np.unique(segment):
                of_segment = use_and_value(driver, first, customers & (segment == each))
                gains |= {int(each): of_segment if of_segment.slope is not None else of_all}
            gains = {row: gains[int(each)] for row, each in enumerate(segment)}
        return cls(
            base, np.where(names == "", ids, names), usage, limits, reached, outcomes, compared,
            Peers.of(base), gains, steps, factors, book.currency, scenario is None,
        )  # fmt: skip

    def facts(self, row: int) -> CustomerFacts:
        """Return what the page of one customer can say."""
        months = pd.DatetimeIndex(self.base.months)
        first = max(0, len(months) - _SHOWN)
        used = []
        for name, each in self.usage.items():
            values = each[row, first:]
            start = int(np.isfinite(values).argmax()) if np.isfinite(values).any() else len(values)
            shown = tuple(np.nan_to_num(values[start:]).tolist())
            if shown:
                limit = float(self.limits[name][row])
                reached = self.reached[name][row] if name in self.reached else None
                used.append(SeriesFacts(metric_label(name), tuple(months[first + start :]), shown,
                                        limit if np.isfinite(limit) else None, reached))  # fmt: skip
        got = [
            SeriesFacts(metric_label(kind), *_by_quarter(months[first:], each[row, first:]))
            for kind, each in self.outcomes.items()
            if np.isfinite(each[row, first:]).any()
        ]
        placed = ((metric_label(name), self.peers.place(row, values)) for name, values in self.compared.items())
        gain = self.gains.get(row)
        steps = tuple(
            StepFacts(factor, tuple(float(each[row]) for each in rates.values()), str(plans[row]),
                      float(bills[row]) if np.isfinite(bills[row]) else None,
                      None if gain is None or factor == 1 or not got else gain.with_more(factor))
            for factor, rates, (bills, plans) in zip(FACTORS, self.rates, self.steps, strict=False)
        )  # fmt: skip
        return CustomerFacts(
            str(self.called[row]), months[-1], tuple(used), tuple(got),
            tuple((label, place) for label, place in placed if place is not None), steps,
            metric_words(next(iter(self.outcomes), "")) if gain is not None and gain.slope is not None and got else "",
            0 if gain is None else gain.accounts, self.currency, self.keeps_plan,
        )  # fmt: skip


def _more(values: Floats, factor: float) -> Floats:
    """Return usage so many times as large, whole where all of it is."""
    known = values[np.isfinite(values)]
    return np.ceil(values * factor - 1e-9) if np.array_equal(known, np.rint(known)) else values * factor


def _bills(
    base: CustomerBase, book: PriceBook, rates: Sequence[Mapping[str, Floats]], *, keep: bool
) -> tuple[tuple[Floats, NDArray[np.object_]], ...]:
    """Bill the last month at each level of usage: list prices and plan per account.

    On today's list an account keeps its plan as far as that goes, then takes the cheapest that fits.
    """
    rows = account_months(base, months=1)
    public = replace(book, plans=book.plans if keep else book.public_plans)
    found = []
    for usage in rates:
        more = rows.with_usage({
            name: np.broadcast_to(each[:, None], rows.cube[name].shape) for name, each in usage.items()
        })  # fmt: skip
        cheapest = bill_again(more, replace(public, plans=public.public_plans))
        bills, plans = _by_account(cheapest, len(base))
        if keep:
            kept, own = _by_account(bill_again(more, public, assign=KeepPlan()), len(base))
            fits = _fits(public, own, usage)
            bills, plans = np.where(fits, kept, bills), np.where(fits, own, plans)
        found.append((bills, plans))
    return tuple(found)


def _by_account(done: Any, accounts: int) -> tuple[Floats, NDArray[np.object_]]:  # noqa: ANN401 - a replay
    """Return bill and plan of each account in the month replayed; NaN and "" where there is none."""
    bills, plans = np.full(accounts, np.nan), np.full(accounts, "", dtype=object)
    names = np.array([*done.book.plan_names, ""], dtype=object)
    bills[done.rows.account] = np.where(done.known, done.amounts, np.nan)
    plans[done.rows.account] = names[done.plan_index]
    return bills, plans


def _fits(book: PriceBook, plans: NDArray[np.object_], usage: Mapping[str, Floats]) -> NDArray[np.bool_]:
    """Tell which accounts' own plans allow their usage."""
    found = plans != ""
    for plan in book.plans:
        for limit in plan.limits:
            if limit.up_to is not None and limit.metric in usage:
                found &= ~((plans == plan.name) & (usage[limit.metric] > float(limit.up_to)))
    return found


def _by_quarter(months: pd.DatetimeIndex, values: Floats) -> tuple[tuple[pd.Timestamp, ...], tuple[float, ...]]:
    """Return the mean of each quarter of months counted back from the last, from the first one known."""
    spare = len(values) % _QUARTER
    blocks = values[spare:].reshape(-1, _QUARTER)
    means = mean_of_recent(blocks, _QUARTER)
    ends = months[spare:][_QUARTER - 1 :: _QUARTER]
    start = int(np.isfinite(means).argmax())
    return tuple(ends[start:]), tuple(means[start:].tolist())


# --- The page


@in_its_locale
def write_customer_pages(
    base: CustomerBase,
    study: Study,
    folder: Path | str,
    *,
    accounts: Collection[str] | None = None,
    scenario_id: str | None = None,
    outcomes: Sequence[str] | None = None,
    brand: Brand | None = None,
    names: Names | None = None,
    alias_key: bytes | None = None,
    force: bool = False,
) -> tuple[Path, ...]:
    """Write a page for each customer, one HTML file that works anywhere, and a list of who has which.

    Parameters
    ----------
    base, study
        The customers and the study; what came after its day is on the pages where the growth desk looks at it.
    folder
        Where to write.
    accounts
        Which customers; all of the last month when None.
    scenario_id
        Whose prices more usage costs; today's list when None.
    outcomes
        Kinds of outcomes to show; what customers got and no judgement of ours when None.
    brand
        Name, colours and logo at the head of the pages.
    names, alias_key
        How customers are called; as the study says, else as they are, when None.
    force
        Replace files that were not written by the workbench.

    Returns
    -------
    tuple[Path, ...]
        The pages, and the list last: it is for the team.

    Raises
    ------
    StudyError
        For an account that is no customer, an outcome nobody recorded, without usage, or where nobody is to be named.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.report.desk import write_customer_pages
    >>> from workbench.study import Study
    >>> used = pd.DataFrame({"account_id": ["A", "B"], "month": "2024-01", "metric": "calls", "quantity": [5, 9]})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "name": ["Ash", "Birch"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": used})
    >>> [each.name for each in write_customer_pages(base, Study.new("acme", "data"), tempfile.mkdtemp())]
    ['ash.html', 'birch.html', 'pages.csv']
    """
    naming = naming_of(base, study, names_for(study, names, "full"), key=alias_key)
    naming.check_single()
    place = make_folder(Path(folder))
    taken: set[str] = set()
    written, rows = [], []
    found = customer_facts(base, study, accounts=accounts, scenario_id=scenario_id, outcomes=outcomes)
    for account, facts in found:
        shown = replace(facts, called=naming.told(account)) if naming.hides else facts
        name = fresh_id(shown.called, taken)
        taken.add(name)
        path = place / f"{name}.html"
        check_output(path, force=force)
        written.append(write_text(path, naming.told_html(customer_page(shown, brand)), durable=False))
        rows.append((naming.told(account), shown.called, path.name))
    table = pd.DataFrame(rows, columns=["account_id", "name", "page"])
    return (*written, save_csv(DataTable.plain(table), place / "pages.csv", force=force))


def customer_page(facts: CustomerFacts, brand: Brand | None = None) -> str:
    """Return the page of one customer as an HTML document that loads nothing and runs nothing."""
    month = f"{facts.month:%Y-%m}"
    tiles = [
        {"label": each.label, "value": number(each.now), "more": _since(each.change_in(12))} for each in facts.usage
    ] + [{"label": each.label, "value": number(each.now), "more": _since(each.change_in(4))} for each in facts.outcomes]
    values = {
        "title": say("title", called=facts.called), "month": month, "tiles": tiles,
        "usage": [_line(each) for each in facts.usage], "outcomes": [_bars(each) for each in facts.outcomes],
        "places": [_strip(label, place) for label, place in facts.places], "table": _table(facts),
        "words": {key: say(key) for key in _WORDS},
        "note": say("seen", outcome=facts.gain_of, n=facts.seen_over) if facts.gain_of else "",
        "peers_note": say("peers_note"),
        "cost_note": say("cost_note", keeps_plan=facts.keeps_plan) if facts.steps else "",
    }  # fmt: skip
    return page_html("customer", brand, Markup(""), {}, values)


_WORDS = ("usage", "value", "similar", "more", "no_value", "no_peers", "no_prices")


def _since(change: float | None) -> str:
    return say("against_last_year", change=percent(change, signed=True)) if change is not None else ""


def _line(each: SeriesFacts) -> dict[str, Any]:
    """Return a line as the points of a drawing a hundred wide and high, with the words around it."""
    most = max(each.most, each.limit or 0.0) * 1.05
    across = np.linspace(0, 100, len(each.values)) if len(each.values) > 1 else np.array([50.0])
    points = " ".join(f"{x:.2f},{100 - 100 * y / most:.2f}" for x, y in zip(across, each.values, strict=True))
    limit = None if each.limit is None else round(100 - 100 * each.limit / most, 2)
    return {
        "label": each.label, "points": points, "area": f"0,100 {points} 100,100", "limit": limit,
        "first": f"{each.months[0]:%Y-%m}", "last": f"{each.months[-1]:%Y-%m}", "now": number(each.now),
        "from_to": say("from_to", first=number(each.first), last=number(each.now)),
        "said": _limit_words(each),
    }  # fmt: skip


def _limit_words(each: SeriesFacts) -> str:
    if each.limit is None:
        return ""
    told = number(each.limit)
    if each.now >= each.limit:
        return say("at_limit", limit=told)
    early, late = each.reached or (None, None)
    if early is None:
        return say("far_from_limit", limit=told)
    return say("to_limit", limit=told, early=early, late=late)


def _bars(each: SeriesFacts) -> dict[str, Any]:
    """Return bars, a quarter each, as rectangles of a drawing a hundred wide and high."""
    most, wide = each.most * 1.05, 100 / len(each.values)
    bars = [
        {"x": round(wide * (at + 0.15), 2), "y": round(100 - 100 * value / most, 2), "wide": round(0.7 * wide, 2),
         "high": round(100 * value / most, 2)}
        for at, value in enumerate(each.values) if np.isfinite(value)
    ]  # fmt: skip
    return {
        "label": each.label, "bars": bars, "first": f"{each.months[0]:%Y-%m}", "last": f"{each.months[-1]:%Y-%m}",
        "from_to": say("from_to", first=number(each.first), last=number(each.now)),
    }  # fmt: skip


def _strip(label: str, place: PeerPlace) -> dict[str, Any]:
    """Return a place among peers: where the middle half, the middle one and one's own stand, on a line to 100."""
    most = max(place.own, place.high, 1e-9) * 1.1
    low, middle, high, own = (round(100 * each / most, 2) for each in (place.low, place.middle, place.high, place.own))
    return {
        "label": label, "low": low, "wide": round(high - low, 2), "middle": middle, "own": own,
        "said": say("place", below=place.below, n=place.peers, low=number(place.low), high=number(place.high),
                    own=number(place.own)),
    }  # fmt: skip


def _table(facts: CustomerFacts) -> dict[str, Any] | None:
    """Return what more usage brings and costs, a row for each level."""
    if not facts.steps:
        return None
    gains = bool(facts.gain_of)
    labels = [each.label for each in facts.usage]
    heads = [say("level"), *labels, *([say("gain", outcome=facts.gain_of)] if gains else []), say("plan"), say("bill")]
    rows = []
    for each in facts.steps:
        level = say("now") if each.factor == 1 else say("more_by", share=each.factor - 1)
        gain = "" if each.gain is None else say("gain_told", low=each.gain[0], middle=each.gain[1], high=each.gain[2])
        bill = say("on_request") if each.bill is None else billed(each.bill, facts.currency)
        rows.append([level, *map(number, each.quantities), *([gain] if gains else []), each.plan, bill])
    return {"heads": heads, "rows": rows}
