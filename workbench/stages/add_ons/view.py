"""What the stage add-ons shows: candidates, the add-ons, names, revenue, who is eligible now, services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.errors import StudyError
from workbench.formatting import count, metric_words, percent
from workbench.rules.rulebook import BENCHMARKS
from workbench.stages.add_ons.result import SOON_DAYS, AddOnCandidate, add_on_outcome
from workbench.stages.add_ons.suggestion import draft_of, with_condition, with_data_range
from workbench.stages.add_ons.tables import eligible_accounts
from workbench.stages.contract import caution_maker
from workbench.stages.offers import PER_ACCOUNT, AddOnChoice, per_words
from workbench.stages.view import NOTHING, Action, Figures, Items, KeyFigures, Message, Said, SectionView, TableOf, View
from workbench.study.model import FrozenModel
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from workbench.stages.add_ons.result import AddOnOutcome, AddOnResult
    from workbench.stages.offers import AddOnDecision
    from workbench.tables import DataTable

say, warn = texts(__name__), caution_maker(__package__)

_SHOWN_ROWS = 50
_SAVED_ROWS = 2_000  # what a page can carry without slowing every change down
_HIDDEN = ("account_id", "account", "plan today", "usage a month", "days to go")
_EVERY = ""

# --- The add-ons of a decision, and what a team does with them


def _units(result: AddOnResult, item: AddOnChoice) -> Mapping[str, object]:
    return {per_words(unit): unit for unit in (PER_ACCOUNT, *result.evidence.needs.billed, item.price_per)}


def _features(result: AddOnResult, _item: AddOnChoice) -> Mapping[str, object]:
    own = (name for each in result.decision.add_ons for name in each.features)
    return {name: name for name in (*result.evidence.features, *own)}


def _conditions(result: AddOnResult, item: AddOnChoice) -> Mapping[str, object]:
    """Name what a gate can wait for: metrics, then features most accounts use first."""
    options: dict[str, object] = {say("no_condition"): NOTHING}
    options |= {metric_words(metric): metric for metric in result.evidence.needs.billed}
    if result.evidence.uses_a_month is not None:
        for each in result.evidence.needs.benefits:
            told = f" ({percent(each.share.estimate)} use it)" if each.share else ""
            options[f"{each.feature}{told}"] = each.feature
    own = item.usage_metric
    return options if own is None or own in options.values() else {**options, own: own}


def _outcome(result: AddOnResult, item: AddOnChoice) -> AddOnOutcome:
    found = result.outcome(item.id)
    if found is None:
        raise StudyError("This add-on is no longer there.", "Choose another one.")
    return found


def _price_note(result: AddOnResult, item: AddOnChoice) -> str:
    """Say which prices lie in the band: "$8.80 to $17.60 per seat is 20% to 40% of Growth"."""
    found, band = _outcome(result, item), result.rulebook.threshold("A2").in_words()
    unit, core = per_words(item.price_per), result.core.name
    return say(
        "price_note", bounds=found.bounds, price=found.price, choice=item, unit=unit, core=core, band=band,
        currency=result.currency,
    )  # fmt: skip


def _attach_note(result: AddOnResult, item: AddOnChoice) -> list[str]:
    """Say what the data suggests for the attach range and where that comes from."""
    found = _outcome(result, item)
    if found.attach is None:
        return [warn("a_guess", name=item.name).text]
    return [say("attach_note", attach=found.attach, is_from_data=found.attach_is_from_data)]


def use_range_of_data(decision: AddOnDecision, result: AddOnResult, item: AddOnChoice) -> Mapping[str, object]:
    """Take the attach range of an add-on from the data; StudyError where the data says nothing."""
    attach = _outcome(result, item).attach
    if attach is None:
        raise StudyError(
            f"The data says nothing about who would buy {item.name}.",
            "Name the features it contains, or add the tables feature_use and requests.",
        )
    made = with_data_range(item, attach)
    return ADD_ONS.changed(decision, item.id, attach_low=made.attach_low, attach_high=made.attach_high)


ADD_ONS = Items(
    key="add_ons",
    part=AddOnChoice,
    noun="add-on",
    most=8,
    settings=(
        ("name", "job"),
        ("price", "price_per"),
        ("usage_charge.free_units", "usage_charge.block", "usage_charge.unit_price", "usage_charge.most_per_month"),
        ("features",),
        ("tenure_days", "usage_metric", "usage_at_least"),
        ("attach_low", "attach_high"),
    ),
    options={"price_per": _units, "features": _features, "usage_metric": _conditions},
    units={
        "attach_low": lambda *_: say("of_eligible"),
        "attach_high": lambda *_: say("of_eligible"),
        "usage_charge.most_per_month": lambda result, _: say("money_a_month", currency=result.currency),
    },
    notes={"price": _price_note, "usage_charge.free_units": lambda _, item: metric_words(item.usage_charge.metric)},
    says=_attach_note,
    actions=(
        Action(
            key="use_range_of_data",
            changes=use_range_of_data,
            shown=lambda _, result, item: _outcome(result, item).attach is not None,
        ),
    ),
)


class Candidate(FrozenModel):
    """The feature that becomes an add-on."""

    feature: str = ""


class Idea(FrozenModel):
    """An add-on of the team's own, by its name."""

    idea: str = ""


class Renaming(FrozenModel):
    """The add-on that takes the name the check suggests, by its id."""

    renamed: str = ""


def with_candidate(decision: AddOnDecision, result: AddOnResult, form: Candidate) -> Mapping[str, object]:
    """Add an add-on that sells a candidate feature: name, job, price, range and gate computed."""
    candidate = next(
        (each for each in result.candidates if each.name == form.feature and each.benefit is not None), None
    )
    if candidate is None:
        raise StudyError(
            f"{form.feature!r} is no candidate for an add-on.", "Choose one of the features few accounts use."
        )
    return _added(decision, result, candidate)


def with_idea(decision: AddOnDecision, result: AddOnResult, form: Idea) -> Mapping[str, object]:
    """Add an add-on of the team's own, at about 30% of the core plan; its buyers are a guess."""
    if not form.idea.strip():
        raise StudyError("The idea has no name.", "Write down what it would be called.")
    return _added(decision, result, AddOnCandidate(form.idea.strip(), "from the team"))


def with_better_name(decision: AddOnDecision, result: AddOnResult, form: Renaming) -> Mapping[str, object]:
    """Rename an add-on as the name check suggests; StudyError when it suggests nothing."""
    found = result.outcome(form.renamed)
    if found is None or not found.better_name:
        raise StudyError("There is no better name for it yet.", "Write down the job it does.")
    return ADD_ONS.changed(decision, form.renamed, name=found.better_name)


def _added(decision: AddOnDecision, result: AddOnResult, candidate: AddOnCandidate) -> Mapping[str, object]:
    draft = draft_of(candidate, result.core, result.rulebook, [each.id for each in decision.add_ons])
    ADD_ONS.added(decision, draft)  # refuses one too many, and a name that is taken, before anything is worked out
    apart = {name for each in decision.add_ons for name in each.features}
    draft = with_condition(result.evidence, draft, apart)
    outcome = add_on_outcome(result.evidence, draft, result.core, result.places, result.rulebook.threshold("A2"))
    return ADD_ONS.added(decision, with_data_range(draft, outcome.attach))


def _free_candidates(result: AddOnResult) -> Mapping[str, object]:
    taken = {name for add_on in result.decision.add_ons for name in add_on.features}
    free = [each for each in result.candidates if each.benefit is not None and each.name not in taken]
    return {f"{each.name} ({count('account', each.interested or 0)})": each.name for each in free}


def _renamings(result: AddOnResult) -> Mapping[str, object]:
    better = [each for each in result.outcomes if each.better_name]
    return {say("rename_to", name=each.name, better=each.better_name): each.choice.id for each in better}


# --- What is said and listed


def _no_use(result: AddOnResult) -> Iterable[Message]:
    return [] if result.evidence.needs.used is not None else [Message(say("no_use"), "warning")]


def _bundles(result: AddOnResult) -> Iterable[Message]:
    for pair in result.overlap.bundles if result.overlap else ():
        told = {"first": pair.first, "second": pair.second, "both": pair.both}
        yield Message(say("bundle", **told, share=pair.share, expected=pair.expected))


def _eligible_now(result: AddOnResult) -> Iterable[str]:
    for each in result.outcomes:
        yield say("eligible_now", name=each.name, gate=each.eligibility, days=SOON_DAYS)


def _services_found(result: AddOnResult) -> Iterable[str]:
    services, share = result.services, result.rulebook.threshold("A6.share")
    if services is None:
        yield say("no_services")
        return
    yield (
        say("enter_a_cost")
        if services.price is None
        else say("at_cost_plus", services=services, currency=result.currency)
    )
    room = services.affordable_cost(share)
    if room is not None:
        told = {"services": services, "currency": result.currency, "core": result.core.name, "room": room}
        yield say("first_year", **told, band=share.in_words())


def _undrawn(result: AddOnResult) -> DataTable | None:
    """Return the table of add-ons where no price can be drawn against the core plan, in place of the chart."""
    drawn = any(each.price_share is not None for each in result.outcomes)
    return result.tables["add_ons"] if result.outcomes and not drawn else None


def _services(result: AddOnResult) -> DataTable | None:
    return None if result.services is None or result.services.cost is None else result.tables["services"]


def _lists(result: AddOnResult) -> Mapping[str, object]:
    return {say("every_add_on"): _EVERY, **{each.name: each.choice.id for each in result.outcomes}}


def _listed(result: AddOnResult, page: str) -> DataTable | None:
    """Return the accounts of a list, with the columns that matter on screen shown."""
    table = eligible_accounts(result, page or None, most=_SAVED_ROWS)
    if not len(table):
        return None
    frame = table.frame
    hidden = {*_HIDDEN, *(["add-on"] if page else [])}
    first = "account_id" if (frame["account"] == "").all() else "account"
    return table.showing([first, *(name for name in frame.columns if name not in hidden)])


def _saved(table: DataTable) -> str:
    """Name the link that saves a list, and say where it holds the first accounts alone."""
    is_whole = table.frame["add-on"].value_counts().max() < _SAVED_ROWS
    part = "" if is_whole else say("the_first_of_each", saved_rows=_SAVED_ROWS)
    return f"Save {count('row', len(table))} as CSV{part}"


VIEW = View(
    sections=(
        SectionView(
            key="candidates",
            actions=(
                Action(
                    key="with_candidate",
                    form=Candidate,
                    options={"feature": _free_candidates},
                    changes=with_candidate,
                    shown=lambda _, result: bool(_free_candidates(result)),
                ),
                Action(key="with_idea", form=Idea, changes=with_idea),
            ),
            parts=(Said("no_use", _no_use), Figures(("candidates",))),
        ),
        SectionView(
            key="add_ons",
            settings=(("core_tier",),),
            items=(ADD_ONS,),
            parts=(KeyFigures(), Figures(("prices",)), TableOf("add_ons", _undrawn)),
        ),
        SectionView(
            key="names",
            actions=(
                Action(
                    key="with_better_name",
                    form=Renaming,
                    options={"renamed": _renamings},
                    changes=with_better_name,
                    shown=lambda _, result: bool(_renamings(result)),
                ),
            ),
            parts=(TableOf("names", lambda result: result.tables["names"] if result.outcomes else None),),
        ),
        SectionView(key="revenue", parts=(Figures(("revenue", "overlap")), Said("bundles", _bundles))),
        SectionView(
            key="eligible",
            parts=(
                Figures(("eligibility", "gate")),
                Said("eligible_now", _eligible_now),
                TableOf("eligible", _listed, pages=_lists, saved=_saved, most_rows=_SHOWN_ROWS, live=True),
            ),
        ),
        SectionView(
            key="services",
            settings=(("services",), ("services.delivery_cost", "services.margin", "services.first_year_revenue")),
            parts=(
                Said("services_found", _services_found),
                TableOf("services", _services),
                Said("services_claims", lambda _: [each.sentence for each in BENCHMARKS if each.rule_id == "A6"]),
            ),
        ),
    ),
    options={
        "core_tier": lambda result: {
            say("the_middle_tier"): NOTHING,
            **{tier.name: tier.id for tier in result.places.tiers},
        }
    },
    units={"services.delivery_cost": lambda result: say("an_engagement", currency=result.currency)},
)
