"""The timing playbook as one offline document: a page for each trigger, with what its past says, to print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import StudyError
from workbench.files import make_folder, write_text
from workbench.growth.triggers.back_test import HORIZONS, OUTCOMES
from workbench.locales import in_its_locale
from workbench.outputs import check_output
from workbench.report.content import reported_scenario
from workbench.report.offline_page import page_html
from workbench.stages.contract import evaluated, stage
from workbench.stages.view import Made
from workbench.tables import COUNT, TEXT, DataTable, Number, Percent, estimate_of
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from workbench.customers.base import CustomerBase
    from workbench.growth.triggers import Playbook, Trigger, TriggerBackTest
    from workbench.growth.triggers.back_test import TriggerRecord
    from workbench.report.offline_page import Brand
    from workbench.study.document import Study

say = texts(__name__)

PAGE = "playbook.html"
STAGE = "expansion"


def playbook_html(
    playbook: Playbook,
    test: TriggerBackTest | str,
    *,
    switched_on: Collection[str],
    about: str = "",
    brand: Brand | None = None,
) -> str:
    """Return the playbook as a page that needs nothing from elsewhere and prints one sheet a trigger.

    Parameters
    ----------
    playbook
        Its triggers.
    test
        How they did in the past, or the sentence that says why that is unknown.
    switched_on
        The keys of those that are acted upon.
    about
        What the page is of, such as a study and a scenario.
    brand
        Who hands it out.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> from workbench.growth.triggers import PLAYBOOK
    >>> from workbench.report.desk import playbook_html
    >>> page = playbook_html(PLAYBOOK, "No revenue is on record.", switched_on=["near_limit"])
    >>> page.count("<article "), page.count("No revenue is on record.")
    (5, 5)
    """
    known = None if isinstance(test, str) else test
    told = [_told(key, each, test, on=key in switched_on) for key, each in playbook.triggers.items()]
    values = {
        "title": say("title"), "about": about, "triggers": told, "past": say("past"),
        "counts": say("counts", on=sum(each["on"] for each in told), of=len(told)),
        "foot": say("foot", about=about, day="" if known is None else f"{known.day:%Y-%m-%d}"),
    }  # fmt: skip
    return page_html("playbook", brand, "", {}, values)


def _told(key: str, trigger: Trigger, test: TriggerBackTest | str, *, on: bool) -> dict[str, Any]:
    """Return what stands on the page of one trigger."""
    record = None if isinstance(test, str) else next((each for each in test.records if each.key == key), None)
    facts = {
        "when": say("when", all=[each.in_words() for each in trigger.when], every=trigger.every, hold=trigger.hold),
        "again": say("again", days=trigger.cool_down_days, on=trigger.again_while_on),
        "offer": say("offer", offer=trigger.offer, discount=trigger.discount),
        "who": say("who", who=trigger.who),
    }
    return {
        "key": key, "name": trigger.name, "rule": trigger.rule, "signals": trigger.signals, "on": on,
        "state": say("on" if on else "off"), "line": trigger.say and say("line", line=trigger.say),
        "facts": [(say(f"{name}_head"), told) for name, told in facts.items()],
        "verdict": _verdict(record, test), "table": None if record is None else _table(record),
        "said": [] if record is None or isinstance(test, str) else [*_said(record, test)],
    }  # fmt: skip


def _verdict(record: TriggerRecord | None, test: TriggerBackTest | str) -> str:
    if record is None:
        return test if isinstance(test, str) else say("not_tested")
    return say(record.verdict.replace(" ", "_"), why=record.reason, lift=record.lifts["expansion", HORIZONS[-1]].lift)


def _table(record: TriggerRecord) -> DataTable:
    """Return what followed within 30, 60 and 90 days, beside accounts alike."""
    rows = []
    for months in HORIZONS:
        by = {outcome: record.lifts[outcome, months] for outcome in OUTCOMES}
        lift = by["expansion"]
        ends = (None, None, None) if lift.lift is None else (lift.lift.estimate, lift.lift.low, lift.lift.high)
        rows.append((say("days", days=30 * months), lift.entries, lift.followed, lift.expected, ends,
                     by["contraction"].followed, by["churn"].followed))  # fmt: skip
    kinds = (TEXT, COUNT, Percent(), Percent(), estimate_of(Number(2, unit="x")), Percent(), Percent())
    heads = ("within", "fired", "expanded", "alike", "lift", "shrank", "left")
    return DataTable.of_rows([(say(head), kind) for head, kind in zip(heads, kinds, strict=True)], rows)


def _said(record: TriggerRecord, test: TriggerBackTest) -> Iterator[str]:
    """Say how long before expansion it fires, how much of it that is, and what contact at renewal comes to."""
    lead, caught = record.hits.shown
    if lead is not None and caught is not None:
        yield say("reach", lead=lead, caught=caught)
    renewal = test.at_renewal
    if renewal.entries:
        yield say("renewal", share=renewal.hits / renewal.entries, talks=renewal.entries, caught=renewal.shown[1])


def playbook_document(decision: Any, result: Any) -> Made:  # noqa: ANN401 - those of the stage, which may be taken away
    """Return the document of a stage's playbook, for its button."""
    page = playbook_html(decision.triggers, result.back_test, switched_on=decision.switched_on)
    told = say("made", triggers=len(decision.triggers.triggers))
    return Made(told, ((say("save"), PAGE, page.encode()),))


@in_its_locale
def write_playbook(
    base: CustomerBase,
    study: Study,
    output: Path | str,
    *,
    scenario_id: str | None = None,
    brand: Brand | None = None,
    force: bool = False,
) -> Path:
    """Write the playbook of a study as a document.

    Parameters
    ----------
    base, study
        The customers and the study.
    output
        The file to write.
    scenario_id
        Whose playbook; that of the scenario a report is about when None.
    brand
        Who hands it out.
    force
        Replace a file that was not written by the workbench.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    StudyError
        When the stage expansion is not there.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.report.desk import write_playbook
    >>> from workbench.study import Study
    >>> paid = pd.DataFrame({"account_id": "A", "month": ["2024-01", "2024-02"], "amount": [50.0, 60.0]})
    >>> base = CustomerBase.from_tables({"accounts": pd.DataFrame({"account_id": ["A"]}), "mrr": paid}, currency="USD")
    >>> write_playbook(base, Study.new("acme", "data"), Path(tempfile.mkdtemp()) / "playbook.html").name
    'playbook.html'
    """
    place = Path(output)
    check_output(place, force=force)
    scenario = reported_scenario(study) if scenario_id is None else reported_scenario(study, scenario_id)
    try:
        module = stage(STAGE).module
    except KeyError:
        raise StudyError(say("no_stage"), say("no_stage_advice")) from None
    result: Any = evaluated(module, base, study, scenario)
    decision = result.decision
    about = say("about", study=study.name, scenario=scenario.name)
    page = playbook_html(
        decision.triggers, result.back_test, switched_on=decision.switched_on, about=about, brand=brand
    )
    make_folder(place.parent)
    return write_text(place, page)
