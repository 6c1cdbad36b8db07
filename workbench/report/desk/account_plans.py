"""What a team has before it: account plans with next quarter's copies, and the year's talks as people have time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import StudyError
from workbench.files import make_folder, write_bytes
from workbench.growth.programme import draft_plan, keep_account_plan, write_account_plan
from workbench.locales import in_its_locale
from workbench.outputs import check_output, save_csv
from workbench.report.content import at_the_desk, reported_scenario
from workbench.report.privacy import names_for, naming_of
from workbench.stages.contract import decision_of, evaluated, stage
from workbench.stages.study_replay import list_billed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.customers.base import CustomerBase
    from workbench.growth.programme import AccountPlan, ProgrammeCalendar
    from workbench.report.privacy import Names
    from workbench.study.document import Study

STAGE = "growth_desk"


def _desk(base: CustomerBase, study: Study, scenario_id: str | None) -> Any:  # noqa: ANN401 - the result of a stage
    """Return what the desk has on the data, with its calendar and alerts; None where there is no such stage."""
    scenario = reported_scenario(study, scenario_id)
    return None if decision_of(STAGE, scenario) is None else evaluated(stage(STAGE).module, base, study, scenario)


@in_its_locale
def write_plans(
    base: CustomerBase,
    study: Study,
    folder: Path | str,
    accounts: Sequence[str],
    *,
    scenario_id: str | None = None,
    names: Names | None = None,
    alias_key: bytes | None = None,
    force: bool = False,
) -> tuple[Path, ...]:
    """Write the plan of each account: the one the study keeps, else one filled from the data.

    Of the latter, one that lies there is carried on into this quarter.

    Parameters
    ----------
    base, study
        The customers and the study.
    folder
        Where to write. A plan the study does not keep has what people wrote into its .json file there.
    accounts
        Whose plans.
    scenario_id
        Whose prices say what more would bring; today's list when None.
    names, alias_key
        How accounts are called; as the study says, else as they are, when None. What is kept in `folder` by other
        names is left alone: a plan is carried on under one way of naming.
    force
        Replace files that were not written by the workbench.

    Returns
    -------
    tuple[Path, ...]
        For each account the internal page, the shared one, the calendar and, where the study keeps no plan of it, the
        document.

    Raises
    ------
    StudyError
        Without accounts, where nobody can be billed, or nobody is to be named.
    ProgrammeError
        For an account that is no customer.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.report.desk import write_plans
    >>> from workbench.study import Study
    >>> used = pd.DataFrame({"account_id": ["A"], "month": "2024-01", "metric": "seats", "quantity": [5]})
    >>> paid = pd.DataFrame({"account_id": ["A"], "month": "2024-01", "amount": 50.0, "plan": "Team"})
    >>> plans = pd.DataFrame({"plan": ["Team"], "metric": "seats", "unit_price": 10.0})
    >>> tables = {"accounts": used[["account_id"]], "usage": used, "mrr": paid, "plans": plans}
    >>> base = CustomerBase.from_tables(tables, currency="USD")
    >>> [each.name for each in write_plans(base, Study.new("acme", "data"), tempfile.mkdtemp(), ["A"])][1:3]
    ['plan-a-shared.html', 'plan-a.ics']
    """
    if not accounts:
        raise StudyError("No account is named.", "Name one or more customers by their account_id.")
    decided: Any = decision_of(STAGE, reported_scenario(study, scenario_id))
    seen, listed = at_the_desk(base, study, scenario_id)
    scenario = study.baseline if listed is None else study.scenario(listed)
    written: Mapping[str, Sequence[AccountPlan]] = {} if decided is None else decided.plans
    billed = list_billed(seen, scenario)
    if billed is None and not set(accounts) <= set(written):
        raise StudyError(
            f"Nobody can be billed under {scenario.name}.", "Decide its tiers with prices, or add the table plans."
        )
    naming = naming_of(seen, study, names_for(study, names, "full"), key=alias_key)
    naming.check_single()
    desk = _desk(base, study, scenario_id)
    open_ = [each for each in accounts if each not in written]
    known: Any = {each: {} if desk is None else desk.known_of(each) for each in open_}
    drafts = {} if billed is None else {each: draft_plan(billed, seen, each, **known[each]) for each in open_}
    files: list[Path] = []
    for each in accounts:
        if each in drafts:
            files += keep_account_plan(drafts[each].renamed(naming.sent), folder, force=force)
            continue
        *earlier, plan = (copy.renamed(naming.sent) for copy in written[each])
        before = earlier[-1] if earlier else None
        files += write_account_plan(plan, make_folder(Path(folder)), before=before, document=False, force=force)
    return tuple(files)


@dataclass(frozen=True, slots=True)
class TalkFiles:
    """The year's talks, what is said of them, and the files they were written to."""

    calendar: ProgrammeCalendar
    told: tuple[str, ...]
    files: tuple[Path, ...]


@in_its_locale
def write_talks(
    base: CustomerBase,
    study: Study,
    folder: Path | str,
    *,
    scenario_id: str | None = None,
    names: Names | None = None,
    alias_key: bytes | None = None,
    force: bool = False,
) -> TalkFiles:
    """Write the talks of the year after the data: a calendar for all, one for each person, and a list.

    Parameters
    ----------
    base, study
        The customers and the study.
    folder
        Where to write.
    scenario_id
        Whose team, cadence and account plans; those of the scenario reported when None.
    names, alias_key
        How accounts are called; as the study says, else as they are, when None.
    force
        Replace files that were not written by the workbench.

    Returns
    -------
    TalkFiles
        The calendar, whether everybody has time for it, and the files.

    Raises
    ------
    StudyError
        Where nobody is to be named, or no usage is on record.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.report.desk import write_talks
    >>> from workbench.study import Study
    >>> used = pd.DataFrame({"account_id": ["A"], "month": "2024-01", "metric": "seats", "quantity": [5]})
    >>> base = CustomerBase.from_tables({"accounts": used[["account_id"]], "usage": used})
    >>> done = write_talks(base, Study.new("acme", "data"), tempfile.mkdtemp())
    >>> done.told, len(done.files)
    (('1 talk with 1 of 1 customer, which takes 0% of the hours there are. Every talk has its week.',), 10)
    """
    found = _desk(base, study, scenario_id)
    if found is None:
        raise StudyError("There is no growth desk.", "Put its stage back.")
    naming = naming_of(found.base, study, names_for(study, names, "full"), key=alias_key)
    naming.check_single()
    calendar = found.calendar.renamed(naming.sent)
    place = make_folder(Path(folder))
    *dated, (_, listed, _) = calendar.files()
    contents = {place / name: content for _, name, content in dated}
    for path, content in contents.items():
        check_output(path, content=content, force=force)
    files = [save_csv(calendar.table(), place / listed, force=force)]
    files += [write_bytes(path, content) for path, content in contents.items()]
    return TalkFiles(calendar, tuple(found.year_told()), tuple(files))
