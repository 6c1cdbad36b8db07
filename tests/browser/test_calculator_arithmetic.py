"""The script of the usage calculator bills in Chromium exactly what `Charge.amount` bills here."""

from __future__ import annotations

import random
from decimal import Decimal
from itertools import chain, combinations
from typing import TYPE_CHECKING, Any

import pytest
from calculator_samples import FEATURES, METRICS, charge, needs, price_book, quantities, tame_number

from workbench.formatting import exact, exact_money
from workbench.impact.migration import opt_in_overage
from workbench.pricing import AddOn, Band, Charge, Limit, Plan, PriceBook, place
from workbench.pricing.charge import counted, entered
from workbench.pricing.charge_terms import schedule_of
from workbench.pricing.price_book import plans_that_may_buy
from workbench.pricing.values import exactly, plain
from workbench.report.calculator import book_data, calculator_script
from workbench.report.offline_page import currency_data

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
CHARGES = 4000
BOOKS = 170
BESIDE = Decimal("0.000002")  # the page shows bounds to six places

BILL_CHARGES = """cases => cases.map(({charge, quantities}) => quantities.map(quantity => {
  if (!Charges.isPriced(charge, Decimals.of(quantity))) return null;
  const lines = Charges.lines(charge, Decimals.of(quantity));
  const text = number => number === null ? null : Decimals.text(number);
  return [text(Charges.totalOf(lines)), lines.map(line => [line.kind, text(line.amount), text(line.quantity)])];
}))"""
FIND_LANDMARKS = """cases => cases.map(({charge, quantities}) => quantities.map(quantity =>
  Landmarks.ofCharge(charge, Decimals.of(quantity)).map(
    ({kind, at, left}) => [kind, at ? Decimals.text(at) : null, left ? Decimals.text(left) : null])))"""
PLACE = """cases => cases.map(({book, customers, period}) => customers.map(({used, needs}) => {
  const known = new Map(Object.entries(used).map(([metric, text]) => [metric, Decimals.of(text)]));
  const all = Fits.placeAll(book, needs, known, period);
  return {
    cheapest: Fits.cheapest(all)?.plan.name ?? null,
    plans: all.map(({plan, addOns, bill, fits, lacks}) => ({
      fits, lacks: lacks.length, addOns: addOns.map(each => each.name),
      total: bill.total && Decimals.text(bill.total),
      lines: bill.lines.map(line => Decimals.text(line.amount)),
    })),
  };
}))"""


@pytest.fixture(scope="module")
def arithmetic(browser: Browser) -> Iterator[Page]:
    """Return an empty page that holds the arithmetic of the calculator."""
    context = browser.new_context()
    page = context.new_page()
    page.add_script_tag(content=calculator_script(arithmetic_only=True))
    yield page
    context.close()


def test_the_page_bills_charges_exactly(arithmetic: Page) -> None:
    """Thousands of random charges give the same decimals and the same items as in Python, to the last digit."""
    rng = random.Random(20)
    drawn = [charge(rng, may_end=True) for _ in range(CHARGES)]
    asked = [quantities(rng, each) for each in drawn]
    assert {each.model for each in drawn} >= {"flat", "volume", "package", "graduated_percentage"}
    cases = [_case(each, units) for each, units in zip(drawn, asked, strict=True)]
    found = arithmetic.evaluate(BILL_CHARGES, cases)
    for each, units, answers in zip(drawn, asked, found, strict=True):
        for quantity, answer in zip(units, answers, strict=True):
            assert (answer is not None) == _has_price(each, quantity), (each, quantity)
            if answer is None:
                continue
            amount, lines = answer
            assert amount == plain(each.amount(quantity)), (each, quantity)
            assert lines == [_line(line) for line in each.lines(quantity)], (each, quantity)
    assert sum(map(len, asked)) > 10 * CHARGES


def test_an_amount_that_is_off_is_noticed(arithmetic: Page) -> None:
    """The comparison above is one of digits: a charge dearer by a billionth gives another amount."""
    dearer = {"metric": "units", "model": "per_unit", "unit_price": "0.100000001"}
    [[[amount, _]]] = arithmetic.evaluate(BILL_CHARGES, [{"charge": dearer, "quantities": ["3"]}])
    assert amount == "0.300000003"


@pytest.mark.parametrize("text", ["0", "12.50", "1E+3", "-0.004", "1e-12", ".5", "123456789012345678901234567890.5"])
def test_numbers_are_read_as_python_reads_them(arithmetic: Page, text: str) -> None:
    """A number written in any of the ways Python writes decimals is the same number."""
    assert arithmetic.evaluate("text => Decimals.text(Decimals.of(text))", text) == plain(Decimal(text))


@pytest.mark.parametrize("text", ["", ".", "-", "1,5", "0x1f", "1e99999", "NaN", "Infinity", "12 seats"])
def test_what_is_no_number_is_refused(arithmetic: Page, text: str) -> None:
    """Anything else is unknown, never zero."""
    assert arithmetic.evaluate("text => Decimals.read(text)", text) is None


@pytest.mark.parametrize("mode", ["up", "down", "nearest"])
def test_rounding_is_that_of_decimals(arithmetic: Page, mode: str) -> None:
    """Rounding up, down and to the nearest follow the decimal module below zero as well."""
    rounding = {"up": "ROUND_CEILING", "down": "ROUND_FLOOR", "nearest": "ROUND_HALF_UP"}[mode]
    asked = [str(Decimal(part) / 8) for part in range(-40, 41)]
    script = "([texts, mode]) => texts.map(text => Decimals.text(Decimals.rounded(Decimals.of(text), mode)))"
    expected = [plain(Decimal(text).quantize(Decimal(1), rounding=rounding) + 0) for text in asked]
    assert arithmetic.evaluate(script, [asked, mode]) == expected


def test_plans_are_billed_and_placed_exactly(arithmetic: Page) -> None:
    """Bills over any period equal `PriceBook.bill`; each plan takes the cheapest add-ons for it that make it fit."""
    rng = random.Random(7)
    drawn = [_drawn_book(rng) for _ in range(BOOKS)]
    found = arithmetic.evaluate(PLACE, [_book_case(*each) for each in drawn])
    met = dict.fromkeys(("fits", "misfits", "add-ons", "add-ons for one plan", "add-ons for another"), 0)
    for (book, customers, period), answers in zip(drawn, found, strict=True):
        for (used, wanted), answer in zip(customers, answers, strict=True):
            totals = {}
            for plan, placed in zip(book.plans, answer["plans"], strict=True):
                open_to = [each for each in book.add_ons if plan.name in plans_that_may_buy(each, book)]
                ways = [each for each in _subsets(open_to) if _fits(plan, each, used, wanted)]
                assert placed["fits"] == bool(ways) == (placed["lacks"] == 0), (book, used, wanted)
                met["fits" if ways else "misfits"] += 1
                met["add-ons"] += bool(placed["addOns"])
                met["add-ons for one plan"] += any(" for " in name for name in placed["addOns"])
                met["add-ons for another"] += len(open_to) < len(book.add_ons)
                _check_bill(book, plan, placed, used, period)
                totals[plan.name] = _least(book, plan, ways, used, period)
                if ways:
                    assert placed["total"] == totals[plan.name]
            known = {name: Decimal(total) for name, total in totals.items() if total is not None}
            assert answer["cheapest"] == (min(known, key=lambda name: known[name]) if known else None)
    assert min(met.values()) > 50


def test_the_cheapest_plan_is_the_one_placement_chooses(arithmetic: Page) -> None:
    """Without add-ons the page and `place` put every customer into the same plan, or into none."""
    rng = random.Random(11)
    for _ in range(20):
        book, customers, _ = _drawn_book(rng)
        bare = type(book)(book.name, book.currency, book.plans)
        used = {metric: [float(each[metric]) for each, _ in customers] for metric in METRICS}
        wanted = [[name in features for name in FEATURES] for _, features in customers]
        expected = place(bare, used, wanted, FEATURES)
        [answers] = arithmetic.evaluate(PLACE, [_book_case(bare, customers, "month")])
        for row, answer in enumerate(answers):
            index = int(expected.plan_index[row])
            priced = index >= 0 and bare.plans[index].priced
            assert answer["cheapest"] == (bare.plans[index].name if priced else None)


def test_an_overage_is_billed_to_the_plan_it_is_for(arithmetic: Page) -> None:
    """Beyond its limit a plan pays its own overage, however much less another plan's would cost."""
    seats = {name: (Charge("seats", "per_unit", unit_price=price),) for name, price in (("Team", 5), ("Pro", 20))}
    plans = (
        Plan("Team", 10, seats["Team"], (Limit("calls", 1_000),)),
        Plan("Pro", 100, seats["Pro"], (Limit("calls", 100_000),)),
    )
    book = opt_in_overage(PriceBook("B", "USD", plans), "calls", unit_price="0.01")
    used = {"seats": Decimal(10), "calls": Decimal(50_000)}
    [[answer]] = arithmetic.evaluate(PLACE, [_book_case(book, [(used, [])], "month")])
    team, pro = answer["plans"]
    assert (team["addOns"], team["total"]) == (["Calls overage for Team"], "550")
    assert Decimal(team["total"]) == book.bill("Team", used, team["addOns"]).total
    assert (pro["addOns"], pro["total"], answer["cheapest"]) == ([], "300", "Pro")


def test_a_quantity_above_the_last_band_is_on_request(arithmetic: Page) -> None:
    """Where the bands end, a plan has no price, as in Python, and the plan that has one is the cheapest."""
    ending = Charge("calls", "volume", bands=(Band(10, 1), Band(1000, "0.5")))
    book = PriceBook("B", "USD", (Plan("Small", 0, (ending,)), Plan("Large", 900)))
    cases = [_book_case(book, [({"calls": Decimal(calls)}, [])], "month") for calls in (1000, 1001)]
    [[at], [above]] = arithmetic.evaluate(PLACE, cases)
    assert (at["plans"][0]["total"], at["cheapest"]) == ("500", "Small")
    assert (above["plans"][0]["total"], above["cheapest"]) == (None, "Large")


def test_a_plan_whose_limit_cannot_be_checked_is_not_the_cheapest_fit(arithmetic: Page) -> None:
    """With seats unknown the plan limited by them is passed over, unless an add-on lifts the limit."""
    plans = (Plan("Small", 10, limits=(Limit("seats", 5),)), Plan("Large", 90))
    lifted = AddOn("More seats", 0, features=("api",), limits=(Limit("seats", None),))
    cases = [(PriceBook("B", "USD", plans, add_ons), needs) for add_ons, needs in (((), []), ((lifted,), ["api"]))]
    [[alone], [with_it]] = arithmetic.evaluate(
        PLACE, [_book_case(book, [({}, wants)], "month") for book, wants in cases]
    )
    assert alone["cheapest"] == "Large"
    assert (with_it["plans"][0]["addOns"], with_it["cheapest"]) == (["More seats"], "Small")


def test_landmarks_lie_where_the_bill_changes(arithmetic: Page) -> None:
    """Just above a landmark the next band, package, cap or end of the minimum is reached; just below it is not."""
    rng = random.Random(3)
    drawn = [charge(rng, draw=tame_number, may_end=True) for _ in range(1500)]
    asked = [[tame_number(rng, most) for most in (10, 1000, 50_000)] for _ in drawn]
    cases = [_case(each, units) for each, units in zip(drawn, asked, strict=True)]
    met = dict.fromkeys(("included", "band", "package", "cap", "minimum"), 0)
    for each, units, answers in zip(drawn, asked, arithmetic.evaluate(FIND_LANDMARKS, cases), strict=True):
        for quantity, landmarks in zip(units, answers, strict=True):
            if not _has_price(each, quantity):
                assert landmarks == []
                continue
            _check_never_capped(each, quantity, {kind for kind, *_ in landmarks})
            for kind, at, left in landmarks:
                if at is None:
                    continue
                met[kind] += 1
                assert Decimal(left) == max(Decimal(0), Decimal(at) - quantity)
                above, below = Decimal(at) + BESIDE, Decimal(at) - BESIDE
                assert _reached(kind, each, above, quantity), (kind, each, quantity, at)
                if below >= quantity:
                    assert not _reached(kind, each, below, quantity), (kind, each, quantity, at)
    assert min(met.values()) > 100


def _case(of: Charge, units: Sequence[Decimal]) -> dict[str, Any]:
    return {"charge": of.to_dict(), "quantities": [str(quantity) for quantity in units]}


def _line(line: Any) -> list[str | None]:  # noqa: ANN401 - a line of a bill
    return [line.kind, plain(line.amount), None if line.quantity is None else plain(line.quantity)]


def _drawn_book(rng: random.Random) -> tuple[PriceBook, list[tuple[dict[str, Decimal], list[str]]], str]:
    book = price_book(rng)
    customers = list(needs(rng))
    limits = [limit for plan in book.plans for limit in plan.limits]
    # A limit is inclusive: customers who stand exactly on one fit.
    customers += [({**customers[0][0], limit.metric: limit.up_to}, []) for limit in limits if limit.up_to is not None]
    return book, customers, rng.choice(book.billing_periods).name


def _book_case(book: PriceBook, customers: list[tuple[dict[str, Decimal], list[str]]], period: str) -> dict[str, Any]:
    return {
        "book": book_data(book),
        "period": book.billing_period(period).to_dict(),
        "customers": [
            {"used": {metric: str(each) for metric, each in used.items()}, "needs": wanted}
            for used, wanted in customers
        ],
    }


def _subsets(add_ons: Sequence[AddOn]) -> list[tuple[AddOn, ...]]:
    return list(chain.from_iterable(combinations(add_ons, size) for size in range(len(add_ons) + 1)))


def _fits(plan: Plan, add_ons: Sequence[AddOn], used: dict[str, Decimal], wanted: Sequence[str]) -> bool:
    has = {name for offer in (plan, *add_ons) for name in offer.features}
    for limit in plan.limits:
        parts = [limit.up_to, *(more.up_to for each in add_ons for more in each.limits if more.metric == limit.metric)]
        if None not in parts and used[limit.metric] > sum(parts):
            return False
    return set(wanted) <= has


def _least(
    book: PriceBook, plan: Plan, ways: list[tuple[AddOn, ...]], used: dict[str, Decimal], period: str
) -> str | None:
    priced = [way for way in ways if plan.priced and all(each.priced for each in way)]
    totals = [book.bill(plan.name, used, [each.name for each in way], period).total for way in priced]
    return plain(min(totals)) if totals else None


def _check_bill(book: PriceBook, plan: Plan, placed: dict[str, Any], used: dict[str, Decimal], period: str) -> None:
    if placed["total"] is None:
        assert not plan.priced or any(not book.add_on(name).priced for name in placed["addOns"])
        return
    bill = book.bill(plan.name, used, placed["addOns"], period)
    assert placed["total"] == plain(bill.total)
    assert placed["lines"] == [plain(line.amount) for line in bill.lines]


def _reached(kind: str, of: Charge, quantity: Decimal, start: Decimal) -> bool:
    """Tell whether a landmark lies behind a quantity, from the bill and the schedule in Python."""
    schedule = schedule_of(of)
    if kind == "included":
        with exactly():
            return counted(schedule, quantity).used > schedule.charge.free_units
    if kind == "band":
        return _band(of, quantity) > _band(of, start)
    if kind == "package":
        return _packages(of, quantity) > _packages(of, start)
    before = of.with_(maximum=None, minimum=None).amount(quantity)
    target = of.maximum if kind == "cap" else of.minimum
    return target is not None and before >= target


def _has_price(of: Charge, quantity: Decimal) -> bool:
    end = schedule_of(of).end
    return end is None or counted(schedule_of(of), quantity).billable <= end


def _band(of: Charge, quantity: Decimal) -> int:
    schedule = schedule_of(of)
    with exactly():
        return schedule.segments.index(entered(schedule, counted(schedule, quantity).billable)[-1])


def _packages(of: Charge, quantity: Decimal) -> Decimal:
    return sum((line.quantity or Decimal(0) for line in of.lines(quantity) if line.kind == "packages"), Decimal(0))


def _check_never_capped(of: Charge, quantity: Decimal, kinds: set[str]) -> None:
    """Where no cap is announced, no usage ever reaches it."""
    if of.maximum is None or kinds & {"cap", "capped"}:
        return
    uncapped = of.with_(maximum=None, minimum=None)
    ahead = [quantity, *(quantity + 10**power for power in range(13))]
    ahead = [each for each in ahead if _has_price(of, each)]
    assert all(uncapped.amount(each) < of.maximum for each in ahead), (of, quantity)


def test_pages_write_prices_as_python_does(arithmetic: Page) -> None:
    """The shared script of the pages and the number boxes write every number with the digits Python writes."""
    rng = random.Random(8)
    numbers = ["149.99", "0.0125", "1.005", "99.95", "149.5", "120", "1234567.1", "0", "-3.5", "1E-9", "1E+3"]
    numbers += [str(Decimal(rng.randrange(-(10**12), 10**12)).scaleb(-rng.randrange(10))) for _ in range(500)]
    for currency in ("USD", "SEK", "JPY", "KWD", "XXX"):
        written = arithmetic.evaluate(
            "([numbers, currency]) => numbers.map(each => Exact.money(currency, Decimals.of(each)))",
            [numbers, currency_data(currency)],
        )
        assert written == [exact_money(Decimal(each), currency) for each in numbers]
    box = "numbers => numbers.map(each => new Intl.NumberFormat('en-US', {maximumFractionDigits: 20}).format(each))"
    typed = [float(each) for each in numbers if "-" not in each]
    assert arithmetic.evaluate(box, typed) == [exact(each) for each in typed]
