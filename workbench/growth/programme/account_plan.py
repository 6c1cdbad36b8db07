"""The joint account plan: one document with two faces, one for us alone and one that is shared with the customer.

Every field says which face shows it; one that says nothing is internal, so that a new field cannot slip out. The shared
face is made from a copy that holds the shared fields and nothing else.
"""

from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, Field

from workbench.files import make_folder, parse_json, read_bytes, write_text
from workbench.formatting import UNKNOWN, metric_words, money, number, percent
from workbench.growth.programme.cadence import calendar_text
from workbench.growth.programme.pods import ProgrammeError
from workbench.outputs import check_output
from workbench.study.model import FrozenModel, plain_errors, slug

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Face = Literal["internal", "shared"]
_MARK = "shared"
_Value = TypeVar("_Value")
Shared: TypeAlias = Annotated[_Value, _MARK]
"""A field that both faces show."""


class PlanMeasure(FrozenModel):
    """What an account does today: a measure, its value, and its change against the same months a year before."""

    name: Shared[str]
    value: Shared[float | None] = None
    change: Shared[float | None] = None


class PlanTarget(FrozenModel):
    """Where a measure is to be by a day, agreed with the customer."""

    name: Shared[str]
    value: Shared[float | None] = None
    by: Shared[dt.date]


class PlanOpportunity(FrozenModel):
    """What the account lacks and accounts alike have; what it adds is for us alone, and so is one that was dropped."""

    name: Shared[str]
    why: Shared[str] = ""
    kind: str = ""
    adds: float | None = None
    dropped: bool = False
    own: bool = False


class Stakeholder(FrozenModel):
    """A role at the customer, never a name; when it was last spoken with, and how we engage it, is for us alone."""

    role: Shared[str]
    team: Shared[str] = ""
    region: Shared[str] = ""
    last_contact: dt.date | None = None
    engagement: str = ""
    own: bool = False


class PlanRisk(FrozenModel):
    """What could go wrong, what shows it, money a month at stake, and what we do about it: all for us alone.

    `about` says of which metric it is, where an account can have it of several.
    """

    name: str
    about: str = ""
    evidence: str = ""
    at_stake: float | None = None
    mitigation: str = ""
    own: bool = False


class PlanReview(FrozenModel):
    """A day on which we meet, for what and with whom of us; what we prepare is for us alone."""

    day: Shared[dt.date]
    kind: Shared[str]
    role: Shared[str] = ""
    preparation: str = ""


class AccountPlan(FrozenModel):
    """A plan for one account, written together by those who look after it.

    Attributes
    ----------
    version, account_id, name
        How it is written, and whose it is.
    as_of
        The last day of what it was filled from.
    baseline, targets, opportunities, value, stakeholders, reviews, note
        What both faces show, as far as their own fields are shared; `value` says how the customer gets more of it.
        Entries that people wrote are their `own`, and stay when data say nothing of them.
    currency, bill, revenue_target, likelihood, risks, internal_note
        For us alone: what is paid a month and what is aimed at, how likely it expands, and what could go wrong.

    Examples
    --------
    >>> import datetime as dt
    >>> from workbench.growth.programme import AccountPlan
    >>> day = dt.date(2025, 1, 31)
    >>> plan = AccountPlan(account_id="A", name="Acme", as_of=day, revenue_target=9000, note="Welcome.")
    >>> sorted(plan.face("shared")), plan.face("shared")["note"]
    (['as_of', 'baseline', 'name', 'note', 'opportunities', 'reviews', 'stakeholders', 'targets', 'value'], 'Welcome.')
    """

    version: Literal[1] = 1
    account_id: str
    name: Shared[str]
    as_of: Shared[dt.date]
    currency: str = ""
    bill: float | None = None
    revenue_target: float | None = None
    likelihood: float | None = Field(None, ge=0, le=1)
    baseline: Shared[tuple[PlanMeasure, ...]] = ()
    targets: Shared[tuple[PlanTarget, ...]] = ()
    opportunities: Shared[tuple[PlanOpportunity, ...]] = ()
    value: Shared[tuple[str, ...]] = ()
    stakeholders: Shared[tuple[Stakeholder, ...]] = ()
    risks: tuple[PlanRisk, ...] = ()
    reviews: Shared[tuple[PlanReview, ...]] = ()
    note: Shared[str] = ""
    internal_note: str = ""

    def face(self, which: Face) -> dict[str, Any]:
        """Return the fields of a face: all of the internal one, those declared shared of the other."""
        return _faced(self, shared=which == "shared")

    def renamed(self, sent: Callable[[dict[str, Any]], dict[str, Any]]) -> AccountPlan:
        """Return the plan with accounts called as `sent` calls them in its document."""
        return AccountPlan.model_validate(sent(self.model_dump(mode="json")))

    def calendar(self) -> str:
        """Return the days on which we meet as an iCalendar file; it holds shared fields alone."""
        shared = self.face("shared")
        events = [(each["day"], f"{each['kind']}: {shared['name']}", each["role"]) for each in shared["reviews"]]
        return calendar_text(events, f"Account plan: {shared['name']}", written=self.as_of)


def is_shared(part: type[BaseModel], name: str) -> bool:
    """Tell whether both faces show a field of a plan or of an entry; one that says nothing is internal.

    Parameters
    ----------
    part
        The plan's class, or that of an entry.
    name
        The field.

    Returns
    -------
    bool
        Whether the customer sees it.

    Examples
    --------
    >>> from workbench.growth.programme.account_plan import PlanOpportunity, is_shared
    >>> is_shared(PlanOpportunity, "why"), is_shared(PlanOpportunity, "adds")
    (True, False)
    """
    return _MARK in part.model_fields[name].metadata


def _faced(document: BaseModel, *, shared: bool) -> dict[str, Any]:
    found = {}
    for name in type(document).model_fields:
        if shared and not is_shared(type(document), name):
            continue
        value = getattr(document, name)
        if isinstance(value, tuple):
            here = [each for each in value if not (shared and getattr(each, "dropped", False))]
            value = [_faced(each, shared=shared) if isinstance(each, BaseModel) else each for each in here]
        found[name] = value
    return found


# --- The next quarter's copy, and what changed

_KEYS = (("name", "about"), ("role", "team"), ("day", "kind"))  # what tells a list's entries apart, by what they have
_UNSAID = ("own",)  # who wrote it is no change of the plan


def next_copy(plan: AccountPlan, draft: AccountPlan) -> AccountPlan:
    """Return the copy of a plan for the next quarter: what people wrote stays, what the data say is new.

    Parameters
    ----------
    plan
        The last copy, with whatever was written into it.
    draft
        What `draft_plan` makes of today's data.

    Returns
    -------
    AccountPlan
        Targets, value, notes, engagement, mitigation, entries of people's own and what was dropped, of the plan;
        everything else of the draft. Reviews that were agreed for later days stay.

    Raises
    ------
    ProgrammeError
        When the two are of different accounts, or the draft is the older one.

    Examples
    --------
    >>> import datetime as dt
    >>> from workbench.growth.programme import AccountPlan, next_copy
    >>> plan = AccountPlan(account_id="A", name="Acme", as_of=dt.date(2025, 1, 31), note="Agreed in March.", bill=90)
    >>> later = next_copy(plan, AccountPlan(account_id="A", name="Acme", as_of=dt.date(2025, 4, 30), bill=120))
    >>> later.note, later.bill
    ('Agreed in March.', 120.0)
    """
    if plan.account_id != draft.account_id or draft.as_of < plan.as_of:
        raise ProgrammeError(
            f"The draft is of {draft.account_id} on {draft.as_of}, and the plan of {plan.account_id} on {plan.as_of}.",
            "Draft the same account from later data.",
        )
    engaged = {(each.role, each.team): each.engagement for each in plan.stakeholders}
    mitigated = {(each.name, each.about): each.mitigation for each in plan.risks}
    dropped = {each.name for each in plan.opportunities if each.dropped}
    agreed = tuple(each for each in plan.reviews if each.day > draft.as_of)
    last = max((each.day for each in agreed), default=draft.as_of)
    return draft.replaced(
        targets=plan.targets or draft.targets,
        value=plan.value or draft.value,
        revenue_target=draft.revenue_target if plan.revenue_target is None else plan.revenue_target,
        note=plan.note or draft.note,
        internal_note=plan.internal_note or draft.internal_note,
        opportunities=(
            *(each.replaced(dropped=each.name in dropped) for each in draft.opportunities),
            *_own(plan.opportunities, draft.opportunities),
        ),
        stakeholders=(
            *(
                each.replaced(engagement=engaged.get((each.role, each.team)) or each.engagement)
                for each in draft.stakeholders
            ),
            *_own(plan.stakeholders, draft.stakeholders),
        ),
        risks=(
            *(each.replaced(mitigation=_said(mitigated, each)) for each in draft.risks),
            *_own(plan.risks, draft.risks),
        ),
        reviews=(*agreed, *(each for each in draft.reviews if each.day > last)),
    )


def _said(mitigated: dict[tuple[str, str], str], risk: PlanRisk) -> str:
    return mitigated.get((risk.name, risk.about)) or mitigated.get((risk.name, "")) or risk.mitigation


_Entry = TypeVar("_Entry", PlanOpportunity, Stakeholder, PlanRisk)


def _own(written: tuple[_Entry, ...], drafted: tuple[_Entry, ...]) -> Iterator[_Entry]:
    """Go through the entries people wrote, but for those that the data now have, of whichever metric."""
    there = {_key(each) for each in drafted}
    return (each for each in written if each.own and _key(each) not in there)


def _key(entry: PlanOpportunity | Stakeholder | PlanRisk) -> object:
    return (entry.role, entry.team) if isinstance(entry, Stakeholder) else entry.name


def plan_changes(before: AccountPlan, after: AccountPlan, which: Face = "internal") -> list[dict[str, str]]:
    """Return what differs between two copies of a plan, as a face may show it: field, before, after.

    Parameters
    ----------
    before, after
        The copies.
    which
        The face; the shared one knows nothing of what is for us alone.

    Returns
    -------
    list[dict[str, str]]
        One entry per value that changed, in the order of the plan; "" where there was or is none.

    Examples
    --------
    >>> import datetime as dt
    >>> from workbench.growth.programme import AccountPlan, plan_changes
    >>> plan = AccountPlan(account_id="A", name="Acme", as_of=dt.date(2025, 1, 31), bill=90)
    >>> later = plan.replaced(bill=120, note="Welcome.")
    >>> plan_changes(plan, later, "shared")
    [{'field': 'note', 'before': '', 'after': 'Welcome.'}]
    """
    first, second = dict(_flat(before.face(which))), dict(_flat(after.face(which)))
    names = dict.fromkeys([*second, *first])
    return [
        {"field": name, "before": first.get(name, ""), "after": second.get(name, "")}
        for name in names
        if first.get(name, "") != second.get(name, "") and name != "as of"
    ]


def _flat(fields: dict[str, Any], place: str = "") -> Iterator[tuple[str, str]]:
    """Go through the values of a face as text, each by its place in words."""
    for name, value in fields.items():
        if name in _UNSAID or value is False:
            continue
        here = f"{place}{metric_words(name)}"
        if isinstance(value, list):
            for at, each in enumerate(value):
                if isinstance(each, dict):
                    keys = next(names for names in _KEYS if names[0] in each)
                    which = ", ".join(metric_words(str(each[key])) for key in keys if each.get(key))
                    yield from _flat({k: v for k, v in each.items() if k not in keys}, f"{here}, {which}: ")
                    yield f"{here}, {which}", "there"
                else:
                    yield f"{here}, {at + 1}", str(each)
        elif value is not None and value != "":
            yield here, number(value) if isinstance(value, float) else str(value)


# --- The plan as files


def plan_page(plan: AccountPlan, which: Face, before: AccountPlan | None = None) -> str:
    """Return a face of a plan as a web page that needs no network.

    Parameters
    ----------
    plan
        The plan.
    which
        The face. The page of the shared one is made from its fields alone.
    before
        The copy before it, whose changes stand first.

    Returns
    -------
    str
        The page.

    Examples
    --------
    >>> import datetime as dt
    >>> from workbench.growth.programme import AccountPlan, plan_page
    >>> plan = AccountPlan(account_id="A", name="Acme", as_of=dt.date(2025, 1, 31), internal_note="Ready to pay more.")
    >>> [("Ready to pay more." in plan_page(plan, which)) for which in ("internal", "shared")]
    [True, False]
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - loads when used

    environment = Environment(
        loader=PackageLoader("workbench.growth.programme"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "words": metric_words,
        "number": number,
        "change": partial(percent, signed=True),
        "share": percent,
        "money": partial(money, currency=plan.currency if which == "internal" else ""),
    }
    shown = {name: None for name in AccountPlan.model_fields if name not in _SHOWN_ALWAYS} | plan.face(which)
    changes = [] if before is None else plan_changes(before, plan, which)
    return environment.get_template("account_plan.html.j2").render(
        plan=shown, face=which, changes=changes, unknown=UNKNOWN
    )


_SHOWN_ALWAYS = ("name", "as_of")


def write_account_plan(
    plan: AccountPlan,
    folder: Path | str,
    *,
    before: AccountPlan | None = None,
    document: bool = True,
    force: bool = False,
) -> tuple[Path, ...]:
    """Write a plan's two faces as pages, its days as a calendar, and the plan itself to be read again.

    Parameters
    ----------
    plan
        The plan.
    folder
        Where to write.
    before
        The copy before it, whose changes stand first.
    document
        Whether the plan itself is written, to be read again; a study that keeps it is the document.
    force
        Replace files that were not written by the workbench.

    Returns
    -------
    tuple[Path, ...]
        The internal page, the shared one, the calendar and the document.

    Raises
    ------
    FileError
        For files that may not be replaced.

    Examples
    --------
    >>> import datetime as dt
    >>> import tempfile
    >>> from workbench.growth.programme import AccountPlan, read_account_plan, write_account_plan
    >>> plan = AccountPlan(account_id="A", name="Acme", as_of=dt.date(2025, 1, 31))
    >>> files = write_account_plan(plan, tempfile.mkdtemp())
    >>> [each.name for each in files], read_account_plan(files[-1]) == plan
    (['plan-a-internal.html', 'plan-a-shared.html', 'plan-a.ics', 'plan-a-internal.json'], True)
    """
    place, name = Path(folder), f"plan-{slug(plan.account_id)}"
    contents = {
        place / f"{name}-internal.html": plan_page(plan, "internal", before),
        place / f"{name}-shared.html": plan_page(plan, "shared", before),
        place / f"{name}.ics": plan.calendar(),
    }
    if document:
        contents[place / f"{name}-internal.json"] = plan.model_dump_json(indent=1) + "\n"
    for path, text in contents.items():
        own = path.suffix == ".json" and path.is_file() and b'"account_id"' in read_bytes(path)[:400]
        check_output(path, content=text.encode(), force=force or own)
    return tuple(write_text(path, text) for path, text in contents.items())


def keep_account_plan(plan: AccountPlan, folder: Path | str, *, force: bool = False) -> tuple[Path, ...]:
    """Write a draft as the next copy of the plan that lies in a folder, or as the first one.

    Parameters
    ----------
    plan
        What `draft_plan` makes of the data.
    folder
        Where plans are kept. What people wrote into the .json file stays.
    force
        Replace files that were not written by the workbench.

    Returns
    -------
    tuple[Path, ...]
        As of `write_account_plan`.

    Raises
    ------
    ProgrammeError
        When the plan that lies there is of a later day.
    ImpossibleDocumentError
        When it is none any more, with each field that is wrong.

    Examples
    --------
    >>> import datetime as dt
    >>> import tempfile
    >>> from workbench.growth.programme import AccountPlan, keep_account_plan, read_account_plan
    >>> place, draft = tempfile.mkdtemp(), AccountPlan(account_id="A", name="Acme", as_of=dt.date(2025, 1, 31))
    >>> files = keep_account_plan(draft.replaced(note="Welcome."), place)
    >>> read_account_plan(keep_account_plan(draft.replaced(bill=90), place)[-1]).note
    'Welcome.'
    """
    path = Path(folder) / f"plan-{slug(plan.account_id)}-internal.json"
    before = read_account_plan(path) if path.is_file() else None
    now = plan if before is None else next_copy(before, plan)
    return write_account_plan(now, make_folder(Path(folder)), before=before, force=force)


def read_account_plan(path: Path | str) -> AccountPlan:
    """Return the plan that `write_account_plan` wrote, with whatever was changed in it.

    Parameters
    ----------
    path
        The document, ending in .json.

    Returns
    -------
    AccountPlan
        The plan.

    Raises
    ------
    ProgrammeError
        For a file that is not there.
    ImpossibleDocumentError
        For one that is no plan, with each field that is wrong.

    Examples
    --------
    >>> from workbench.growth.programme import read_account_plan
    >>> read_account_plan("plan-a.json")
    Traceback (most recent call last):
        ...
    workbench.growth.programme.pods.ProgrammeError: plan-a.json cannot be read: No such file or directory...
    """
    place = Path(path)
    try:
        content = read_bytes(place)
    except OSError as error:
        raise ProgrammeError(f"{place} cannot be read: {error.strerror}.", "Name the plan's .json file.") from error
    with plain_errors(f"{place.name} is no account plan"):
        return AccountPlan.model_validate(parse_json(content, str(place)))
