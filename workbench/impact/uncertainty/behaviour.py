"""What customers may do about new prices: guesses, each kept as a wide range until somebody knows better."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workbench.formatting import exact
from workbench.impact.ahead import LEAVING, MOVING_DOWN
from workbench.impact.uncertainty.errors import UncertaintyError
from workbench.study import Assumption

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.impact.ahead import PastReaction

CHURN = "churn-per-rise"
USUAL_CHURN = "usual-churn"
DOWNGRADE = "downgrade-per-rise"
SAVING = "downgrade-saving"
USAGE = "usage-per-rise"
ATTACH = "add-on-attach"
NEW_CUSTOMERS = "new-customers"
TAKE_UP = "opt-in-take-up"

# The most each can be, in its unit; none can be negative.
MOST = {CHURN: 5.0, USUAL_CHURN: 0.99, DOWNGRADE: 5.0, SAVING: 1.0, USAGE: 3.0, ATTACH: 1.0, NEW_CUSTOMERS: 1e9}
ON_RECORD = {LEAVING: CHURN, MOVING_DOWN: DOWNGRADE}
"""What customers did after a rise, and the range it narrows."""
OWN_RECORD = "own price moves on record"
_GUESS = (
    "A working assumption, wide on purpose: no solid public figure says how business customers react to a price rise. "
    "Narrow it with what your own customers did."
)
_DEFAULTS = (
    (CHURN, "Extra customers lost for a rise of 100%", 0.05, 0.80, "share of customers per 100% rise"),
    (USUAL_CHURN, "Customers lost a year whatever the prices", 0.02, 0.20, "share of customers a year"),
    (DOWNGRADE, "Customers moving down for a rise of 100%", 0.0, 0.50, "share of customers per 100% rise"),
    (SAVING, "What a customer who moves down saves", 0.10, 0.40, "share of its bill"),
    (USAGE, "Less usage for a rise of 100%", 0.0, 0.50, "share of metered usage per 100% rise"),
    (ATTACH, "Customers billed for an add-on who will buy it", 0.20, 0.90, "share of add-on revenue"),
    (NEW_CUSTOMERS, "New customers", 0.0, 0.0, "customers a month"),
)


def default_assumptions() -> tuple[Assumption, ...]:
    """Return the ranges used where a study has none, each labelled as the guess it is."""
    notes = {
        NEW_CUSTOMERS: "None stated: a forecast lets as many come as came so far; without a forecast nobody comes.",
        USUAL_CHURN: "A working assumption where there is no forecast; a forecast takes it from the record.",
    }
    return tuple(
        Assumption(id=key, label=label, low=low, high=high, unit=unit, note=notes.get(key, _GUESS))
        for key, label, low, high, unit in _DEFAULTS
    )


def widest_on_record() -> dict[str, float]:
    """Return, for what customers did after a rise, how wide an interval may be before it is no better than a guess."""
    wide = {each.id: each.high - each.low for each in default_assumptions()}
    return {kind: wide[about] for kind, about in ON_RECORD.items()}


def learned(past: Iterable[PastReaction]) -> tuple[Assumption, ...]:
    """Return the ranges a company's own record says, which take the place of the wide ones."""
    wide = {each.id: each for each in default_assumptions()}
    return tuple(
        wide[ON_RECORD[each.kind]].replaced(low=each.low, high=each.high, note=each.sentence, source=OWN_RECORD)
        for each in past
        if each.known
    )


@dataclass(frozen=True)
class Behaviour:
    """Ranges of behaviour, for all customers or for a segment.

    An assumption with the id "churn-per-rise" holds for every segment that has none of its own; one with the id
    "churn-per-rise:small" for the segment small. `most_extra_churn` caps the share of customers lost to a rise.
    `alike` (0 to 1) is how much the segments' own ranges of one kind move together.

    The form is simple and open: a rise r (0.2 is 20%) loses min(most_extra_churn, churn-per-rise x r) of the
    customers, moves min(1, downgrade-per-rise x r) of the rest to a bill smaller by downgrade-saving, and changes
    metered usage by -usage-per-rise x r (a fall in price adds usage, at most doubling it). A lower bill loses nobody.
    A rise beyond 1,000% counts as 1,000%, and so does a bill where there was none.
    """

    assumptions: tuple[Assumption, ...] = field(default_factory=default_assumptions)
    most_extra_churn: float = 0.5
    alike: float = 0.5

    def __post_init__(self) -> None:
        if not (0 <= self.most_extra_churn <= 1 and 0 <= self.alike <= 1):
            raise UncertaintyError("The cap on churn and how alike segments are must lie from 0 to 1.")
        ids = [each.id for each in self.assumptions]
        lacking = [key for key in MOST if key not in ids]
        if lacking:
            raise UncertaintyError(f"There is no range for {', '.join(lacking)}.", "Start from Behaviour.of().")
        if len(set(ids)) < len(ids):
            raise UncertaintyError("Two assumptions share an id.", "Keep one of them.")
        for each in self.assumptions:
            most = MOST.get(kind_of(each.id))
            if most is None:
                raise UncertaintyError(f"{each.id!r} is no kind of behaviour.", f"There is: {', '.join(MOST)}.")
            if each.id.startswith(f"{NEW_CUSTOMERS}:"):
                raise UncertaintyError(
                    f"{each.label} ({each.id}) is about new customers of one segment, but they are in none.",
                    f"Give one range for all of them, {NEW_CUSTOMERS}.",
                )
            if each.low < 0 or each.high > most:
                raise UncertaintyError(
                    f"{each.label} ranges from {exact(each.low)} to {exact(each.high)}.",
                    f"It can be from 0 to {exact(most)}.",
                )

    @classmethod
    def of(
        cls, assumptions: Iterable[Assumption] = (), *, most_extra_churn: float = 0.5, alike: float = 0.5
    ) -> Behaviour:
        """Return the behaviour a study assumes: its own ranges where their ids say so, the defaults elsewhere."""
        own = {each.id: each for each in assumptions if kind_of(each.id) in MOST}
        found = {each.id: each for each in default_assumptions()} | own
        return cls(tuple(found.values()), most_extra_churn, alike)

    def with_ranges(self, **ranges: tuple[float, float]) -> Behaviour:
        """Return the behaviour with other ranges; ids are written with underscores (churn_per_rise=(0.1, 0.3))."""
        given = {name.replace("_", "-"): ends for name, ends in ranges.items()}
        known = {each.id: each for each in self.assumptions}
        for key in given:
            if key not in known:
                raise UncertaintyError(f"There is no assumption {key!r}.", f"There is: {', '.join(known)}.")
        changed = {key: known[key].replaced(low=low, high=high) for key, (low, high) in given.items()}
        return Behaviour(tuple((known | changed).values()), self.most_extra_churn, self.alike)

    def range_for(self, kind: str, segment: str) -> Assumption:
        """Return the range of one kind of behaviour for a segment."""
        known = {each.id: each for each in self.assumptions}
        return known.get(f"{kind}:{segment}", known[kind])

    def in_use(self, segments: Iterable[str]) -> tuple[Assumption, ...]:
        """Return the ranges that hold for at least one of the segments."""
        names = tuple(segments)
        used = {self.range_for(kind, segment).id for kind in MOST for segment in names}
        return tuple(each for each in self.assumptions if each.id in used)


def about_nobody(assumptions: Iterable[Assumption], segments: Iterable[str]) -> tuple[Assumption, ...]:
    """Return the ranges about behaviour that no draw would use: of a segment without accounts, or new ones of one."""
    known = set(segments)
    own = [(each, *each.id.partition(":")[::2]) for each in assumptions]
    return tuple(
        each
        for each, kind, segment in own
        if kind in MOST and segment and (kind == NEW_CUSTOMERS or segment not in known)
    )


def nobody_reacts() -> Behaviour:
    """Return the behaviour in which nothing changes but the prices, so that a simulation is the replay."""
    ends = {CHURN: 0.0, USUAL_CHURN: 0.0, DOWNGRADE: 0.0, SAVING: 0.0, USAGE: 0.0, ATTACH: 1.0, NEW_CUSTOMERS: 0.0}
    return Behaviour(tuple(each.replaced(low=ends[each.id], high=ends[each.id]) for each in default_assumptions()))


def check_range(assumption: Assumption) -> None:
    """Raise UncertaintyError where a range about behaviour holds values that cannot be; others may hold anything."""
    if kind_of(assumption.id) in MOST:
        Behaviour.of([assumption])


def id_for(kind: str, segment: str = "") -> str:
    """Return the id of the assumption about one kind of behaviour, of all customers or of a segment."""
    return f"{kind}:{segment}" if segment else kind


def kind_of(assumption_id: str) -> str:
    """Return the kind of behaviour an assumption is about."""
    return assumption_id.partition(":")[0]
