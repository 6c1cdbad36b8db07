"""The alerts of a month as files: lists as CSV, a short page, and what other tools read; the log stays in the study."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from workbench.errors import StudyError
from workbench.files import make_folder, write_text
from workbench.formatting import metric_words
from workbench.growth.desk import read_alerts, save_alerts, watch_accounts
from workbench.growth.desk.alerts import FALSE_ALARMS, LARGE_FALL
from workbench.locales import in_its_locale, month_name
from workbench.outputs import GENERATOR, check_output, save_csv
from workbench.report.content import at_the_desk, reported_scenario
from workbench.report.offline_page import page_html
from workbench.report.privacy import named, names_for
from workbench.stages.contract import decision_of
from workbench.stages.price_book import charged_metrics
from workbench.study.folder import locked
from workbench.tables import TEXT, DataTable, Money, Percent
from workbench.text import texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Literal

    from workbench.customers.base import CustomerBase
    from workbench.growth.desk import Alert, WatchRun
    from workbench.report.privacy import Names, Naming
    from workbench.study.document import Study

say = texts(__name__)

_PAGE, _DATA = "watch.html", "watch.json"
_MOST_ROWS = 15


@dataclass(frozen=True, slots=True)
class WatchFiles:
    """What a run found, and the files it wrote."""

    run: WatchRun
    files: tuple[Path, ...]


@in_its_locale
def write_watch(
    base: CustomerBase,
    study: Study,
    study_folder: Path,
    output: Path | str,
    *,
    metrics: Sequence[str] | None = None,
    false_alarms: float | None = None,
    control: Literal["alarms", "discoveries"] = "alarms",
    owners: Mapping[str, str] | None = None,
    snoozed: Mapping[str, str] | None = None,
    names: Names | None = None,
    alias_key: bytes | None = None,
    force: bool = False,
) -> WatchFiles:
    """Look at the usage of a month, carry the study's log of alerts on, and write what is new, cleared and still open.

    The same data again writes the same files and the same log.

    Parameters
    ----------
    base, study, study_folder
        The customers, the study and its folder, in which the log lies. What came after the day of the study is looked
        at where the scenario's growth desk does.
    output
        The folder to write to.
    metrics, false_alarms, control
        What is watched, and how many false alarms there may be; see `watch_accounts`. Those that prices charge for, and
        as many as the scenario has decided, when None.
    owners, snoozed
        By alert, who looks after it, and the day until which it may wait (blank: no longer).
    names, alias_key
        How accounts are called in the files; as the study says, else as they are, when None.
    force
        Replace files that were not written by the workbench.

    Returns
    -------
    WatchFiles
        What was found, and the files.

    Raises
    ------
    StudyError
        For a day that is none.
    MovementsError
        Without usage, for an unknown metric or alert, or data older than the log.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import pandas as pd
    >>> from workbench.customers import CustomerBase
    >>> from workbench.report.desk import write_watch
    >>> from workbench.study import Study
    >>> months = pd.date_range("2023-01-01", periods=18, freq="MS").strftime("%Y-%m")
    >>> use = [100.0] * 16 + [0.0, 0.0]
    >>> used = pd.DataFrame({"account_id": "A", "month": months, "metric": "calls", "quantity": use})
    >>> base = CustomerBase.from_tables({"accounts": pd.DataFrame({"account_id": ["A"]}), "usage": used})
    >>> folder = Path(tempfile.mkdtemp())
    >>> done = write_watch(base, Study.new("acme", "data"), folder, folder / "out", metrics=["calls"])
    >>> sorted(each.name for each in done.files)
    ['cleared.csv', 'new.csv', 'still_open.csv', 'watch.html', 'watch.json']
    """
    place = Path(output)
    base, _ = at_the_desk(base, study)
    scenario = reported_scenario(study)
    chosen = tuple(metrics) if metrics else charged_metrics(base, scenario)
    decided: Any = decision_of("growth_desk", scenario)
    if false_alarms is None:
        false_alarms = FALSE_ALARMS if decided is None else decided.false_alarms
    with locked(study_folder):
        log = read_alerts(study_folder)
        run = watch_accounts(base, log, chosen, false_alarms=false_alarms, control=control)
        run = run.with_changes(owners or {}, {key: _day(each) for key, each in (snoozed or {}).items()})
        found = named(base, study, names_for(study, names, "full"), key=alias_key)
        lists = {"new": run.new, "cleared": run.cleared, "still_open": run.still_open}
        tables = {name: _listed(run, base, found.naming, alerts) for name, alerts in lists.items()}
        make_folder(place)
        page = _page(run, found.study, tables, found.naming)
        data = watch_document(run, study, {name: each.frame for name, each in tables.items()})
        for name in (_PAGE, _DATA):
            check_output(place / name, force=force)
        files = [save_csv(table.frame, place / f"{name}.csv", force=force) for name, table in tables.items()]
        files.append(write_text(place / _PAGE, page))
        files.append(write_text(place / _DATA, json.dumps(data, indent=1, ensure_ascii=False) + "\n"))
        if run.log != log:
            save_alerts(run.log, study_folder)
    return WatchFiles(run, tuple(files))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        raise StudyError(say("no_such_day", day=repr(text)) + ".", say("write_the_day")) from None


def alert_sentence(alert: Alert) -> str:
    """Return what an alert says: what happened, from where to where."""
    before, now = (0.0 if each is None else round(each, 2) for each in (alert.before, alert.now))
    return say(alert.kind.replace(" ", "_"), before=before, now=now, metric=metric_words(alert.metric))


def _listed(run: WatchRun, base: CustomerBase, naming: Naming, alerts: Sequence[Alert]) -> DataTable:
    """Return alerts as the rows of a file, each with who it is about."""
    frame = run.table(alerts)
    about = base.frames["accounts"].set_index("account_id").reindex(frame["account_id"])
    for at, column in enumerate(("name", "segment"), start=2):
        told = about[column].fillna("").to_numpy(dtype=object)
        frame.insert(at, column, np.full(len(told), "", dtype=object) if naming.hides else told)
    frame["evidence"] = [alert_sentence(each) for each in alerts]
    if naming.hides:
        aliases = {naming.behind[mark]: alias for mark, alias in naming.aliases.items()}
        called = [aliases.get(each.account_id, "") for each in alerts]
        frame = frame.assign(account_id=called, note="", alert=[
            each.id.replace(each.account_id, alias, 1) for each, alias in zip(alerts, called, strict=True)
        ])  # fmt: skip
    # A row is one account: without names none of them leaves, and the page says how many there are.
    return DataTable.plain(frame.iloc[:0] if naming.mode == "none" else frame)


def watch_document(run: WatchRun, study: Study, tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a run found for other tools: the counts, and every alert by list."""
    return {
        "generator": GENERATOR,
        "study": study.name,
        "month": run.month,
        "as_of": f"{run.day}",
        "accounts": run.accounts,
        "metrics": list(run.metrics),
        "not_watched": dict(run.left_out),
        "expected_false_alarms": round(run.expected_false, 1),
        "expected_false_alarms_of_all_kinds": round(run.expected_in_all, 1),
        "expected_false_alarms_by_kind": {kind: round(each, 1) for kind, each in run.expected_by_kind.items()},
        "urgent": len(run.urgent),
        **{name: json.loads(frame.to_json(orient="records", date_format="iso")) for name, frame in tables.items()},
    }


def _page(run: WatchRun, study: Study, tables: Mapping[str, DataTable], naming: Naming) -> str:
    """Return the short page: what is urgent, how many false alarms to expect, and the head of each list."""
    sections = []
    for name, table in tables.items():
        frame = table.frame.assign(urgent=np.where(table.frame["urgent"], "urgent", ""))
        pairs = zip(frame["name"], frame["account_id"], strict=True)
        frame["called"] = [f"{each} ({account})" if each else account for each, account in pairs]
        columns = [
            ("", TEXT, "urgent"), ("Account", TEXT, "called"), ("What", TEXT, "evidence"),
            ("Change", Percent(signed=True), "change"), ("Since", TEXT, "opened"),
            ("Pays a month", Money(study.currency), "revenue"), ("State", TEXT, "state"), ("Owner", TEXT, "owner"),
        ]  # fmt: skip
        shown = DataTable.of_frame(frame.head(_MOST_ROWS), columns)
        more = say("more", most=_MOST_ROWS, all=len(frame), file=f"{name}.csv") if len(frame) > _MOST_ROWS else ""
        sections.append({"title": say(name), "count": len(getattr(run, name)), "table": shown, "more": more})
    counts = {name: len(getattr(run, name)) for name in tables}
    said = [
        say("expected", accounts=run.accounts, metrics=[metric_words(each) for each in run.metrics],
            expected=run.expected_in_all, sudden=run.expected_false),
        *(say("left_out", metric=metric_words(each), reason=why) for each, why in run.left_out.items()),
        say("rule", fall=LARGE_FALL),
    ]  # fmt: skip
    month = month_name(int(run.month[5:]))
    values = {
        "title": say("title", month=f"{month} {run.month[:4]}"), "study": naming.text(study.title),
        "urgent": say("urgent", n=len(run.urgent)), "has_urgent": bool(run.urgent), "counts": say("counts", **counts),
        "said": said, "sections": sections, "nothing": say("nothing"),
    }  # fmt: skip
    return page_html("watch", None, Markup(""), {}, values)
