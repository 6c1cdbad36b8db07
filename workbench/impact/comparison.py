"""Bills under one price book against bills under another: account by account, and why those that move most do."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from workbench.formatting import billed, exact, metric_words, percent, with_sign
from workbench.impact.billing import fees, offers_of_rows
from workbench.impact.errors import ReplayError
from workbench.pricing.charge_terms import Segment, schedule_of
from workbench.pricing.vectorised import band_parts
from workbench.results import HALF_A_CENT, LAST_DIGITS, Basis, Caution, Floats

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from workbench.impact.bill_replay import Replay
    from workbench.impact.price_realisation import Reconciliation
    from workbench.pricing.charge import Charge
    from workbench.pricing.price_book import AddOn, Plan


# --- Bills under one price book against bills under another, or against what was paid: account by account

RECORDED = "recorded revenue"
MOST_LEFT_OUT = 0.05


@dataclass(frozen=True, slots=True)
class ChangeSpread:
    """How a bill change in percent is spread over accounts (0.1 means +10%): 5%, half and 95% lie at or below.

    Accounts that paid nothing before and pay something now have no percentage and are not among them.
    """

    p5: float
    p50: float
    p95: float


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """What changes from one set of bills to another.

    All money is in `currency`, per month; all sides speak of the same account-months.

    Attributes
    ----------
    before_name, after_name
        What is compared.
    currency
        What money is in.
    accounts
        One row per account billed on both sides in at least one month: account_id, segment, plan_before, plan_after (of
        the last such month), months, before and after (mean bill per month), change, percent (0 when both are zero,
        infinite when only the first is).
    months, segments
        Sums of the same account-months: before, after, change, percent.
    left_out
        Share of the account-months known on one side only.
    basis, cautions
        What it stands on, and what to know before using it.
    before, after
        The replays; `before` None is revenue on record.
    rows, places
        The account-months compared, and where each account of `accounts` stands in the base's.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> who, month = ["A", "A", "B", "B"], ["2024-01-01", "2024-02-01"] * 2
    >>> usage = pd.DataFrame({"account_id": who, "month": month, "metric": "seats", "quantity": [2, 3, 10, 12]})
    >>> paid = pd.DataFrame({"account_id": who, "month": month, "amount": [20, 30, 100, 100], "plan": "Team"})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": usage, "mrr": paid}, currency="USD")
    >>> from workbench.impact import compare, replay_many
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> book = PriceBook("list", "USD", [Plan("Team", 0, [Charge("seats", "per_unit", unit_price=10)])])
    >>> flat = PriceBook("flat", "USD", [Plan("Team", 60)])
    >>> both = replay_many(base, {"today": book, "flat": flat})
    >>> found = compare(both["today"], both["flat"])
    >>> found.accounts[["account_id", "before", "after", "percent"]]
      account_id  before  after   percent
    0          A    25.0   60.0  1.400000
    1          B   110.0   60.0 -0.454545
    >>> found.share_above(0.25), round(found.revenue_change, 3)
    (0.5, -0.111)
    """

    before_name: str
    after_name: str
    currency: str
    accounts: pd.DataFrame
    months: pd.DataFrame
    segments: pd.DataFrame
    left_out: float
    basis: Basis
    cautions: tuple[Caution, ...]
    after: Replay = field(repr=False)
    before: Replay | None = field(repr=False)
    rows: NDArray[np.intp] = field(repr=False)
    places: NDArray[np.intp] = field(repr=False)

    def __repr__(self) -> str:
        return (
            f"Comparison({self.before_name!r} -> {self.after_name!r}, {len(self.accounts):,} accounts, "
            f"revenue {percent(self.revenue_change, 1, signed=True)})"
        )

    @property
    def period(self) -> str:
        """Say what months money a month speaks of: 2024-12, or the mean of 12 months to 2024-12."""
        last = self.basis.last_month
        return last if len(self.months) == 1 else f"mean of {len(self.months)} months to {last}"

    @property
    def revenue_before(self) -> float:
        """Return the first revenue of all account-months compared."""
        return float(self.months["before"].sum())

    @property
    def revenue_after(self) -> float:
        """Return the second revenue of the same account-months."""
        return float(self.months["after"].sum())

    @property
    def revenue_change(self) -> float:
        """Return the change of revenue as a share; NaN where there was none before."""
        before = self.revenue_before
        return self.revenue_after / before - 1 if before else float("nan")

    @cached_property
    def spread(self) -> ChangeSpread:
        """Return the 5%, 50% and 95% points of the accounts' bill change in percent; NaN when none is known."""
        known = self._percent()
        points = np.quantile(known, (0.05, 0.5, 0.95)) if len(known) else np.full(3, np.nan)
        return ChangeSpread(*points.tolist())

    @property
    def segment_codes(self) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
        """Return the place of every account's segment among the names that follow, in alphabetical order."""
        codes, names = self.after.rows.segment_codes
        return codes[self.places], names

    @property
    def account_ids(self) -> NDArray[np.object_]:
        """Return the ids of `accounts`, in their order, without making text of the whole column again."""
        return self.after.rows.account_ids[self.places]

    def quantile(self, point: float) -> float:
        """Return the bill change in percent that a share of accounts does not exceed."""
        if not 0 <= point <= 1:
            raise ReplayError(f"{point!r} is no share of accounts.", "Write 0.95 for 95%.")
        known = self._percent()
        return float(np.quantile(known, point)) if len(known) else float("nan")

    def share_above(self, bound: float) -> float:
        """Return the share of accounts whose bill rises by more than `bound` (0.25 is +25%)."""
        return self._share(self.accounts["percent"].to_numpy() > bound + LAST_DIGITS)

    def share_below(self, bound: float) -> float:
        """Return the share of accounts whose bill change lies below `bound` (-0.1: falls by more than 10%)."""
        return self._share(self.accounts["percent"].to_numpy() < bound - LAST_DIGITS)

    def bounds(self, *bounds: float) -> pd.DataFrame:
        """Return bound, share_below, share_above, accounts_below, accounts_above for each bound."""
        total = len(self.accounts)
        rows = [(bound, self.share_below(bound), self.share_above(bound)) for bound in bounds]
        table = pd.DataFrame(rows, columns=["bound", "share_below", "share_above"])
        for side in ("below", "above"):
            table[f"accounts_{side}"] = (table[f"share_{side}"] * total).round().astype("Int64")
        return table

    def movers(self, most: int = 10, *, by: str = "change") -> pd.DataFrame:
        """Return the accounts that move most, up and down, by "change" (money) or "percent", with the reason in words.

        The largest rise comes first. Columns: those of `accounts`, and reason, which names the part of the bill that
        explains most of the change, as a share of the bill before.
        """
        if by not in ("change", "percent"):
            raise ReplayError(f"Accounts cannot be sorted by {by!r}.", 'Write "change" or "percent".')
        if most < 0:
            raise ReplayError(f"{most} accounts cannot be listed.", "Choose how many, or 0 for none.")
        table = self.accounts.sort_values([by, "account_id"], ascending=[False, True], ignore_index=True)
        moved = table[table["change"].abs() > HALF_A_CENT]
        rises, falls = moved[moved["change"] > 0].head(most), moved[moved["change"] < 0].tail(most)
        chosen = pd.concat([rises, falls], ignore_index=True)
        return chosen.assign(reason=mover_reasons(self, chosen))

    def _percent(self) -> Floats:
        values = self.accounts["percent"].to_numpy()
        return values[np.isfinite(values)]

    def _share(self, which: NDArray[np.bool_]) -> float:
        return float(which.mean()) if len(which) else float("nan")


def compare(before: Replay | None, after: Replay, *, reconciliation: Reconciliation | None = None) -> Comparison:
    """Compare two replays of the same account-months; None compares with the revenue on record.

    An account-month counts where both sides are known, so that an unknown bill is no rise and no fall.

    Parameters
    ----------
    before, after
        Replays of the same account-months; `before` None compares with the revenue on record.
    reconciliation
        With it the comparison warns when today's prices do not reproduce what was paid.

    Returns
    -------
    Comparison
        What changes per account, month and segment.

    Raises
    ------
    ReplayError
        When the account-months differ, or nothing is known on both sides.

    Examples
    --------
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> who, month = ["A", "A", "B", "B"], ["2024-01-01", "2024-02-01"] * 2
    >>> usage = pd.DataFrame({"account_id": who, "month": month, "metric": "seats", "quantity": [2, 3, 10, 12]})
    >>> paid = pd.DataFrame({"account_id": who, "month": month, "amount": [20, 30, 100, 100], "plan": "Team"})
    >>> accounts = pd.DataFrame({"account_id": ["A", "B"], "segment": ["small", "big"]})
    >>> base = CustomerBase.from_tables({"accounts": accounts, "usage": usage, "mrr": paid}, currency="USD")
    >>> from workbench.impact import compare, replay
    >>> from workbench.pricing import Charge, Plan, PriceBook
    >>> book = PriceBook("list", "USD", [Plan("Team", 0, [Charge("seats", "per_unit", unit_price=10)])])
    >>> found = compare(None, replay(base, book))
    >>> found.revenue_before, found.revenue_after, found.months["change"].tolist()
    (250.0, 270.0, [0.0, 20.0])
    """
    for given in (before, after):
        if given is not None and not hasattr(given, "amounts"):
            raise ReplayError(
                f"A {type(given).__name__} is no replay.", "Give what `replay` or `replay_many` returned."
            )
    rows = after.rows
    first = rows.recorded if before is None else before.amounts
    if first is None:
        raise ReplayError("There is no revenue on record to compare with.", "Compare with a replay of today's prices.")
    if before is not None and before.rows is not rows:
        raise ReplayError(
            "The two replays were made from different account-months.",
            "Make both with `replay_many`, or prepare the base once with `account_months`.",
        )
    both = np.flatnonzero(np.isfinite(first) & np.isfinite(after.amounts))
    old, new = np.zeros(len(rows)), np.zeros(len(rows))
    old[both], new[both] = first[both], after.amounts[both]
    counted = np.zeros(len(rows))
    counted[both] = 1.0
    sums = tuple(rows.by_account(each) for each in (old, new, counted))
    places = np.flatnonzero(sums[2])
    accounts = _accounts(before, after, both, sums)
    shown = rows.shown_months
    left_out = 1 - len(both) / len(rows)
    cautions = list(after.cautions) if before is None else list(dict.fromkeys((*before.cautions, *after.cautions)))
    cautions += _cautions(left_out, reconciliation)
    codes, names = rows.segment_codes
    group = codes[rows.account]
    before_name = RECORDED if before is None else before.name
    return Comparison(
        before_name=before_name,
        after_name=after.name,
        currency=after.currency,
        accounts=accounts,
        months=_sums("month", shown, rows.by_month(old), rows.by_month(new)),
        segments=_sums("segment", names, *(np.bincount(group, each, len(names)).astype(float) for each in (old, new))),
        left_out=left_out,
        basis=Basis(len(accounts), len(rows.account_ids), f"{shown[0]:%Y-%m}", f"{shown[-1]:%Y-%m}"),
        cautions=tuple(cautions),
        after=after,
        before=before,
        rows=both,
        places=places,
    )


def relative(before: Floats, after: Floats) -> Floats:
    """Return the change as a share: 0 where nothing changes, infinite from zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        change = after / before - 1
    return np.where((before == 0) & (after == 0), 0.0, change)


def _sums(name: str, labels: object, before: Floats, after: Floats) -> pd.DataFrame:
    return pd.DataFrame(
        {name: labels, "before": before, "after": after, "change": after - before, "percent": relative(before, after)}
    )


def _accounts(before: Replay | None, after: Replay, both: NDArray[np.intp], sums: tuple[Floats, ...]) -> pd.DataFrame:
    rows = after.rows
    old, new, months = sums
    here = np.flatnonzero(months)
    last = np.zeros(len(rows.account_ids), dtype=np.intp)
    last[rows.account[both]] = both
    last = last[here]
    first, second = old[here] / months[here], new[here] / months[here]
    # The share is taken of sums, so that dividing by the months adds no rounding to a change of zero.
    return pd.DataFrame(
        {
            "account_id": rows.account_ids[here],
            "segment": rows.segment[here],
            "plan_before": _recorded_names(after, last) if before is None else _names(before, last),
            "plan_after": _names(after, last),
            "months": months[here].astype(int),
            "before": first,
            "after": second,
            "change": (new[here] - old[here]) / months[here],
            "percent": relative(old[here], new[here]),
        }
    )


def _names(replay: Replay, rows: NDArray[np.intp]) -> NDArray[np.object_]:
    return np.array(replay.book.plan_names, dtype=object)[replay.plan_index[rows]]


def _recorded_names(replay: Replay, rows: NDArray[np.intp]) -> NDArray[np.object_]:
    return np.array([*replay.rows.plans.names, "unknown"], dtype=object)[replay.rows.plans.code[rows]]


def _cautions(left_out: float, reconciliation: Reconciliation | None) -> list[Caution]:
    found = []
    if left_out > MOST_LEFT_OUT:
        text = f"{percent(left_out, 1)} of account-months are not compared, because one of the two bills is unknown."
        found.append(Caution(text))
    if reconciliation is not None:
        found += reconciliation.cautions
    return found


# --- What the bills of chosen accounts consist of, down to the bands of a charge

COLUMNS = ["account", "subject", "part", "amount"]


def bill_parts(replay: Replay, rows: NDArray[np.intp]) -> pd.DataFrame:
    """Return the parts of the bills of some account-months, added up per account.

    Columns: account (place in `account_ids`), subject ("base fee", a metric or an add-on), part (the words for a
    band, a cap, a fee), amount. The parts of an account sum to its bills.
    """
    account = replay.rows.account
    chosen = np.zeros(len(replay.rows), dtype=bool)
    chosen[rows] = True
    found = []
    for offer, here in offers_of_rows(replay.book, replay.plan_index, replay.owned):
        inside = rows if isinstance(here, slice) else here[chosen[here]]
        if not len(inside):
            continue
        for subject, part, listed in _parts(replay, offer, inside):
            amounts = replay.realised(listed, inside)
            who, place = np.unique(account[inside], return_inverse=True)
            sums = np.bincount(place, amounts)
            found.append(pd.DataFrame({"account": who, "subject": subject, "part": part, "amount": sums}))
    if not found:
        return pd.DataFrame(columns=COLUMNS)
    every = pd.concat(found, ignore_index=True)
    return every.groupby(COLUMNS[:-1], sort=False, as_index=False).agg(amount=("amount", "sum"))


def _parts(replay: Replay, offer: Plan | AddOn, inside: NDArray[np.intp]) -> Iterator[tuple[str, str, Floats]]:
    is_plan = offer.name in replay.book.plan_names
    own = "" if is_plan else f"add-on {offer.name}"
    if offer.base_fee:
        amounts = fees(offer.base_fee, inside, replay.rows.shares, len(replay.rows))
        yield own or "base fee", own or f"base fee of {offer.name}", amounts
    for charge in offer.charges:
        metric = metric_words(charge.metric)
        for part, amounts in charge_parts(charge, replay.billed(charge.metric)[inside]):
            named = part if not own else own if part == metric else f"{own}, {part}"  # "seats" are the plan's seats
            yield own or metric, named, amounts


def charge_parts(charge: Charge, units: Floats) -> Iterator[tuple[str, Floats]]:
    """Go through the parts of a charge over many quantities; together they sum to its amounts."""
    schedule = schedule_of(charge)
    gross = np.zeros(len(units))
    for band in band_parts(charge, units):
        amounts = band.units * float(band.segment.price) + band.fees * float(band.segment.fee)
        gross += amounts
        yield _band_words(charge, band.segment), amounts
    metric = metric_words(charge.metric)
    off = 1 - float(schedule.kept)
    if off:
        yield f"discount on {metric}", -gross * off
    net = gross * (1 - off)
    if charge.maximum is not None:
        capped = np.clip(net, -float(charge.maximum), float(charge.maximum))
        yield f"cap on {metric}", capped - net
        net = capped
    if charge.minimum is not None:
        yield f"minimum for {metric}", np.maximum(net, float(charge.minimum)) - net


def _band_words(charge: Charge, segment: Segment) -> str:
    metric = metric_words(charge.metric)
    lower = segment.lower + charge.free_units
    upper = None if segment.upper is None else segment.upper + charge.free_units
    below = "" if upper is None else f" up to {exact(upper)}"
    if charge.model == "volume":
        # All units take the price of the band reached, so the band names the size of the customer.
        return f"{metric} of customers{' above ' + exact(lower) if lower else ''}{below}" if charge.bands else metric
    return f"{metric}{' above ' + exact(lower) if lower else ''}{below}"


# --- The accounts whose bill moves most, each with the reason in words

Parts: TypeAlias = "dict[tuple[str, str], float]"
_BAND_EXPLAINS = 0.6  # of its subject's change; below it, the subject as a whole is named
_WORTH_NAMING = 0.5  # of the main cause: another one this large is part of the story


@dataclass(frozen=True, slots=True)
class _Mover:
    """One account's mean bill before, the change, and the months both are means of."""

    before: float
    change: float
    months: int
    currency: str

    def sized(self, amount: float) -> str:
        """Write a part of the change as a share of the bill before, or in money where there was none."""
        if self.before > 0:
            return percent(amount / self.before, signed=True)
        return f"{with_sign(billed(abs(amount), self.currency), amount)} a month"


def mover_reasons(comparison: Comparison, accounts: pd.DataFrame) -> list[str]:
    """Return the reason of each account's change in words, such as "storage above 500: +38%"."""
    rows = comparison.after.rows
    places = pd.Index(rows.account_ids).get_indexer(pd.Index(accounts["account_id"], dtype=object))
    here = comparison.rows[np.isin(rows.account[comparison.rows], places)]
    new, old = _of(comparison.after, here), _of(comparison.before, here)
    found = []
    columns = (accounts[name].to_numpy(dtype=float) for name in ("before", "change", "months"))
    for place, before, change, months in zip(places, *columns, strict=True):
        mover = _Mover(before, change, int(months), comparison.currency)
        parts = new.get(int(place), {})
        if comparison.before is None:
            found.append(_against_record(parts, mover))
        else:
            found.append(_words(_change(old.get(int(place), {}), parts, mover.months), mover))
    return found


def _of(replay: Replay | None, rows: NDArray[np.intp]) -> dict[int, Parts]:
    """Return the parts of the bill of each account, summed over rows: subject and part to amount."""
    found: dict[int, Parts] = {}
    if replay is not None:
        parts = bill_parts(replay, rows)
        columns = (parts[name].to_list() for name in ("account", "subject", "part", "amount"))
        for account, subject, part, amount in zip(*columns, strict=True):
            found.setdefault(account, {})[subject, part] = amount
    return found


def _change(old: Parts, new: Parts, months: int) -> Parts:
    """Return the change of each part, as a mean per month."""
    return {key: (new.get(key, 0.0) - old.get(key, 0.0)) / months for key in dict.fromkeys((*new, *old))}


def _words(change: Parts, mover: _Mover) -> str:
    direction = 1.0 if mover.change > 0 else -1.0
    by_subject: dict[str, float] = {}
    for (subject, _), amount in change.items():
        by_subject[subject] = by_subject.get(subject, 0.0) + amount
    order = sorted(by_subject, key=lambda subject: -by_subject[subject] * direction)
    main, second, against = order[0], order[min(1, len(order) - 1)], order[-1]
    inside = {part: amount for (subject, part), amount in change.items() if subject == main}
    label, amount = _narrowed(inside, main, by_subject[main], direction)
    text = f"{label}: {mover.sized(amount)}"
    if second != main and by_subject[second] * direction > _WORTH_NAMING * abs(by_subject[main]):
        text += f", {second}: {mover.sized(by_subject[second])}"
    if by_subject[against] * direction < -_WORTH_NAMING * abs(by_subject[main]):
        text += f"; against it {against}: {mover.sized(by_subject[against])}"
    return text


def _narrowed(parts: dict[str, float], subject: str, total: float, direction: float) -> tuple[str, float]:
    """Name the band that explains most of its subject's change, or the subject where no single one does."""
    band = max(parts, key=lambda part: parts[part] * direction)
    explains = parts[band] * direction
    if _BAND_EXPLAINS * abs(total) <= explains <= abs(total) / _BAND_EXPLAINS:
        return band, parts[band]
    return subject, total


def _against_record(new: Parts, mover: _Mover) -> str:
    """Name the largest part of the new bill: what was paid is on record without its parts."""
    if not new:
        return "no new bill"
    _, part = max(new, key=lambda key: new[key])
    amount = max(new.values()) / mover.months
    return f"largest part of the new bill: {part}, {billed(amount, mover.currency)} a month"
