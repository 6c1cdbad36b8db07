"""Amounts come from one place: nothing outside `pricing` and `impact` turns quantities into money.

Which functions and methods do that is read from the syntax tree of `pricing` itself: all that reach the reading of a
charge's prices and are given more than the charge, so that a new one is covered the day it is written. The report's
calculator is a mirror in JavaScript, written and tested as one.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).parent.parent / "workbench"
MAY_BILL = {"pricing", "impact"}
READS_PRICES = {"schedule_of", "pieces_of"}
DESIGNS = {"propose_bands"}  # its answer is a charge; what that comes to is asked of the engine
# Methods of the same name that have nothing to do with a charge, or ask the engine themselves: who is asked, and what.
LOOKALIKES = {
    ("base", "lines"): "the lines of a file that a table was read from",
    ("self", "lines"): "the same, inside the customer base",
    ("html", "lines"): "a list on screen",
    ("said", "lines"): "the notes below a figure, in its text",
    ("shape", "bills"): "draft prices of three tiers, which ask the engine (stages/tiers/price_levels.py)",
}
PRICE = re.compile(r"(^|_)(fees?|prices?)$")
QUANTITY = re.compile(r"(^|_)(units|quantity|quantities|seats|usage)$")


@dataclass(frozen=True)
class Defined:
    """One function or method of `pricing`: its class, name, what it calls, and whether it knows more than a charge."""

    owner: str
    name: str
    calls: frozenset[str]
    has_quantities: bool


def called_name(call: ast.Call) -> str:
    """Return the last part of the name of what is called."""
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def calls_in(tree: ast.AST) -> list[ast.Call]:
    """List the calls inside a syntax tree."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def defined_in(tree: ast.Module) -> Iterator[Defined]:
    """Go through the functions and methods of a module."""
    for owner in (tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))):
        name = owner.name if isinstance(owner, ast.ClassDef) else ""
        for node in owner.body:
            if isinstance(node, ast.FunctionDef):
                given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                kinds = [ast.unparse(each.annotation) for each in given if each.annotation]
                calls = frozenset(map(called_name, calls_in(node)))
                yield Defined(name, node.name, calls, has_quantities=kinds != ["Charge"])


def billing(trees: list[ast.Module]) -> tuple[set[str], set[str]]:
    """Return the public functions and the public methods that turn quantities into amounts, however they get there."""
    every = list(chain.from_iterable(defined_in(tree) for tree in trees))
    reaching = set(READS_PRICES)
    while more := {each.name for each in every if each.calls & reaching} - reaching:
        reaching |= more
    found = [each for each in every if each.calls & reaching and each.has_quantities and not each.name.startswith("_")]
    return {each.name for each in found if not each.owner} - DESIGNS, {each.name for each in found if each.owner}


@cache
def billing_of_pricing() -> tuple[set[str], set[str]]:
    """Return what bills in the package's own `pricing`."""
    return billing([ast.parse(path.read_text()) for path in sorted((PACKAGE / "pricing").rglob("*.py"))])


def names_in(node: ast.AST) -> set[str]:
    """Return the names and attributes a formula reads."""
    return {
        each.id if isinstance(each, ast.Name) else each.attr
        for each in ast.walk(node)
        if isinstance(each, (ast.Name, ast.Attribute))
    }


def prices_times_quantities(tree: ast.AST) -> Iterator[str]:
    """Go through products of something called a price or fee and something called units, quantity, seats or usage."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.MatMult)):
            sides = [names_in(node.left), names_in(node.right)]
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Mult):
            sides = [names_in(node.target), names_in(node.value)]
        elif isinstance(node, ast.Call) and called_name(node) in ("multiply", "dot", "matmul") and len(node.args) > 1:
            sides = [names_in(node.args[0]), names_in(node.args[1])]
        else:
            continue
        for price, quantity in (sides, sides[::-1]):
            if any(map(PRICE.search, price)) and any(map(QUANTITY.search, quantity)):
                yield f"{node.lineno}: {ast.unparse(node)}"
                break


def own_billing(tree: ast.AST) -> list[str]:
    """List where a module turns quantities into amounts itself: by `pricing`, or by hand."""
    functions, methods = billing_of_pricing()
    found = list(prices_times_quantities(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("workbench.pricing"):
            found += [f"{node.lineno}: import {each.name}" for each in node.names if each.name in functions]
        elif isinstance(node, ast.ImportFrom) and node.module == "workbench":
            found += [f"{node.lineno}: import pricing" for each in node.names if each.name == "pricing"]
        elif isinstance(node, ast.Import):
            whole = [each.name for each in node.names if each.name.startswith("workbench.pricing")]
            found += [f"{node.lineno}: import {name}" for name in whole]  # whose functions no name would give away
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            asked = (ast.unparse(node.func.value), node.func.attr)
            if asked[1] in methods and asked not in LOOKALIKES:
                found.append(f"{node.lineno}: {ast.unparse(node)}")
    return found


def others() -> list[Path]:
    """List the modules that may not bill."""
    return sorted(p for p in PACKAGE.rglob("*.py") if p.relative_to(PACKAGE).parts[0] not in MAY_BILL | {"__init__.py"})


@pytest.mark.parametrize("path", others(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_nobody_else_turns_quantities_into_amounts(path: Path) -> None:
    """A module that needs an amount asks `workbench.impact`, so that one price list has one bill everywhere."""
    found = own_billing(ast.parse(path.read_text()))
    assert not found, f"{path.relative_to(PACKAGE)} bills by itself; ask workbench.impact.billing: {found}"


def test_what_bills_is_read_from_pricing() -> None:
    """The three evaluations of a charge, bills of offers and placement are found; describing a charge is not."""
    functions, methods = billing_of_pricing()
    assert {"amount", "amounts", "expression", "lines", "bill", "bills", "reprice"} <= methods
    assert {"bill_offer", "bills_of_offer", "itemise", "band_parts", "place", "cheapest", "ratio_along"} <= functions
    assert not {"edge_drops", "describe_charge", "propose_bands", "round_prices_around"} & (functions | methods)
    assert not {"describe", "with_", "plan", "priced"} & methods


def test_a_new_way_to_bill_is_covered() -> None:
    """A function added to `pricing` that reaches an amount through others is found without being named here."""
    new = "def one_year(charge: Charge, seats: Number) -> Decimal:\n    return _twelve(charge, seats)\n"
    new += "def _twelve(charge: Charge, seats: Number) -> Decimal:\n    return 12 * pieces_of(charge)(seats)\n"
    new += "def least(charge: Charge) -> Decimal:\n    return pieces_of(charge).least\n"
    assert billing([ast.parse(new)]) == ({"one_year"}, set())


@pytest.mark.parametrize(
    "code",
    [
        "charge.amount(5)",
        "sum(each.amounts(use).sum() for each in plan.charges)",
        "plan.bills(quantities)",
        "book.reprice(other)",
        "from workbench.pricing.placement import place as put",
        "import workbench.pricing.charge",
        "from workbench import pricing",
        "float(charge.unit_price) * row.seats",
        "fees[plan] * task.fee_units[:, plan] + rest",
        "quantities @ prices",
        "np.multiply(units, price)",
        "price *= units",
    ],
)
def test_the_search_for_billing_finds_it(code: str) -> None:
    """Each way of making an amount is found."""
    assert own_billing(ast.parse(code))


@pytest.mark.parametrize(
    "code",
    [
        "html.lines(told)",
        "line.amount",
        "placement.bill",
        "from workbench.pricing import Plan, propose_bands",
        "price * (1 + rise)",
        "units * factor",
        "bills_at(price, units)",
        "2 * price + units",
    ],
)
def test_what_only_looks_like_billing_is_let_be(code: str) -> None:
    """Reading an amount, moving a price and asking the engine are no billing."""
    assert not own_billing(ast.parse(code))


def test_no_lookalike_is_listed_for_nothing() -> None:
    """Every exception is still in use, so that none hides a bill of tomorrow."""
    asked = {
        (ast.unparse(call.func.value), call.func.attr)
        for path in others()
        for call in calls_in(ast.parse(path.read_text()))
        if isinstance(call.func, ast.Attribute)
    }
    assert set(LOOKALIKES) <= asked
