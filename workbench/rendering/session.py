"""The session: the one place a notebook holds its study; panels watch it and propose changes to it."""

from __future__ import annotations

import atexit
import json
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import traitlets
from pydantic import ValidationError

from workbench.errors import StudyError, WorkbenchError
from workbench.locales import settle
from workbench.rendering import html
from workbench.rendering.scheduler import Debounce, Handle, loop_timer
from workbench.rendering.studies import find_study
from workbench.report.privacy import FULL, alias_key, names_for, naming_of
from workbench.stages.contract import decision_class
from workbench.study.document import Study, StudyConflictError, merge, save
from workbench.study.folder import PATIENCE, StudyBusyError
from workbench.study.history import History, is_no_step
from workbench.study.model import Scenario, StageDecision
from workbench.text import texts
from workbench.workspace import load_base, with_competitor_prices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from workbench.customers.base import CustomerBase
    from workbench.report.privacy import Names, Naming
    from workbench.study.merging import Side
    from workbench.study.source import DataSource

say = texts(__name__)

# A change is saved when it has been on screen for a moment; while somebody drags a slider, now and then.
SAVE_PAUSE, LONGEST_UNSAVED = 0.25, 0.75
# How long a notebook stands still while another program saves, and when it tries again.
SHORT_PATIENCE, TRIED_AGAIN = 1.0, 5.0
# Changes of one thing within this many seconds, as from a dragged slider, are one step to undo.
ONE_STEP = 1.5
_open_sessions: WeakSet[Session] = WeakSet()


def _now() -> datetime:
    return datetime.now(UTC)


class Session(traitlets.HasTraits):
    """Hold a study while people work on it.

    Watch `study` and `scenario_id`. Every accepted change is saved after the panels have shown it. Everything a panel
    does goes through the methods here.

    Parameters
    ----------
    folder
        The study's folder.
    study
        The study to begin with; the one in the folder when None.
    base
        The customers, where they are loaded already.
    who
        The person at the session.
    when, clock, timer
        What tells the time, for tests.

    Attributes
    ----------
    study, scenario_id
        The present study, and the scenario in view.
    who
        The person at the session.
    conflict
        Set while a change contradicts one saved elsewhere (settle it with `take_mine` or `take_theirs`).
    save_error, status
        Set while saving fails; what happened last.

    Examples
    --------
    >>> import tempfile
    >>> from workbench import Session, Study
    >>> session = Session(tempfile.mkdtemp(), Study.new("acme", "data"), who="Ana")
    >>> session.study.name, session.scenario_id
    ('acme', 'design-a')
    """

    study = traitlets.Instance(Study)
    scenario_id = traitlets.Unicode()
    conflict = traitlets.Instance(StudyConflictError, allow_none=True)
    status = traitlets.Unicode()
    save_error = traitlets.Unicode()
    who = traitlets.Unicode()

    def __init__(
        self,
        folder: Path | str,
        study: Study | None = None,
        *,
        base: CustomerBase | None = None,
        who: str = "",
        when: Callable[[], datetime] = _now,
        clock: Callable[[], float] = time.monotonic,
        timer: Callable[[float, Callable[[], None]], Handle | None] = loop_timer,
    ) -> None:
        present = study or Study.load(folder)
        settle(present.locale)
        html.call_accounts(self._called)
        super().__init__(study=present, scenario_id=_first_design(present), who=who)
        self.folder = Path(folder)
        self.when = when
        self._clock = clock
        self.lock = threading.RLock()  # JupyterLab may run callbacks beside a running cell
        self._history = History(present)
        self._saved = present
        self._base = base
        self._base_source = (present.data, present.currency, present.competitor_prices) if base is not None else None
        self._as_read: tuple[tuple[DataSource, str], CustomerBase] | None = None
        self._last_step = ("", float("-inf"))
        self._naming: tuple[CustomerBase, str, Naming] | None = None
        self._saving = Debounce(
            self.save, quiet=SAVE_PAUSE, at_most=LONGEST_UNSAVED, clock=clock, timer=timer, lock=self.lock
        )
        _open_sessions.add(self)

    def __repr__(self) -> str:
        return say(
            "session_scenario_revision",
            repr=repr(self.study.title),
            repr_2=repr(self.scenario.name),
            revision=self.revision,
        )

    @property
    def scenario(self) -> Scenario:
        """Return the scenario in view."""
        return self.study.scenario(self.scenario_id)

    @property
    def is_read_only(self) -> bool:
        """Tell whether the scenario in view is the baseline, which takes no decisions."""
        return self.scenario.kind == "baseline"

    @property
    def revision(self) -> int:
        """Return the revision last saved or read."""
        return self._saved.revision

    @property
    def base(self) -> CustomerBase:
        """Return the customer base the study points at; it is read once, and again when the study points elsewhere.

        A price of a competitor that somebody types joins what was read: nothing is read again for it.
        """
        with self.lock:
            study = self.study
            on_disk, source = (study.data, study.currency), (study.data, study.currency, study.competitor_prices)
            if self._base is None or self._base_source != source:
                if self._as_read is None or self._as_read[0] != on_disk:
                    self._as_read = (on_disk, self._read_base(study.replaced(competitor_prices=())))
                self._base = with_competitor_prices(self._as_read[1], study.competitor_prices)
                self._base_source = source
            return self._base

    @property
    def alias_key(self) -> bytes | None:
        """Return what the study's aliases are made with, where it calls accounts by one."""
        return alias_key(self.folder) if self.study.names == "alias" else None

    def accounts_called(self, usual: Names = "full") -> Naming:
        """Return how accounts are called in what leaves, with the aliases of this study."""
        names = names_for(self.study, None, usual)
        if names == "full":
            return FULL
        with self.lock:
            base = self.base
            if self._naming is None or self._naming[0] is not base or self._naming[1] != names:
                self._naming = (base, names, naming_of(base, self.study, names, key=alias_key(self.folder)))
            return self._naming[2]

    def _called(self) -> Naming | None:
        return self.accounts_called() if self.study.names in ("alias", "none") else None

    def read_again(self) -> None:
        """Read the data again, because its files have changed, and let every panel show what follows."""
        with self.lock:
            self._base = self._as_read = None
            same = {"name": "study", "old": self.study, "new": self.study, "owner": self, "type": "change"}
            self.notify_change(traitlets.Bunch(same))

    @property
    def can_undo(self) -> bool:
        """Tell whether there is a step to take back."""
        return self._history.can_undo

    @property
    def can_redo(self) -> bool:
        """Tell whether there is a step to take again."""
        return self._history.can_redo

    def propose(self, change: Study | Scenario | StageDecision, note: str = "") -> Study:
        """Take a change: a stage decision for the scenario in view, a scenario, or a whole study.

        Panels show it at once, then it is saved. `note` says what changed; quick repeats of one note
        make one step to undo. StudyError refuses what cannot be, such as a decision in the baseline.
        """
        with self.lock:
            study = self._applied(change)
            if is_no_step(study, self.study):
                return self.study
            self._remember(study, note)
            self._present(study, note or "Changed")
            return self.study

    def keep(self, change: Study | Scenario | StageDecision, note: str = "") -> Study:
        """Take a change and save it at once: for what must not be lost, such as a decision put on record."""
        with self.lock:
            self.propose(change, note)
            self.finish()
            return self.study

    def undo(self) -> Study:
        """Take the last step back; StudyError when there is none."""
        with self.lock:
            return self._travel(self._history.undo(), "Last change undone")

    def redo(self) -> Study:
        """Take the step again that was undone; StudyError when there is none."""
        with self.lock:
            return self._travel(self._history.redo(), "Change redone")

    def select(self, scenario_id: str) -> None:
        """Bring a scenario into view."""
        self.study.scenario(scenario_id)
        self.scenario_id = scenario_id

    def duplicate_scenario(self, name: str, scenario_id: str | None = None) -> Study:
        """Copy a scenario (the one in view unless named) under a new name, and bring the copy into view."""
        with self.lock:
            before = set(self.study.scenario_ids)
            study = self.study.duplicate_scenario(scenario_id or self.scenario_id, name)
            self.keep(study, f"Scenario {name} added")
            self.scenario_id = next(iter(set(study.scenario_ids) - before))
            return self.study

    def add_scenario(self, scenario: Scenario) -> Study:
        """Add a new scenario, and bring it into view; StudyError when its name is taken."""
        with self.lock:
            self.keep(scenario, f"Scenario {scenario.name} added")
            self.scenario_id = scenario.id
            return self.study

    def rename_scenario(self, scenario_id: str, name: str) -> Study:
        """Give a scenario another name; StudyError when another one has it."""
        return self.keep(self.study.rename_scenario(scenario_id, name), f"Scenario renamed to {name.strip()}")

    def remove_scenario(self, scenario_id: str) -> Study:
        """Remove a design; StudyError for the baseline, the chosen one and the last one."""
        name = self.study.scenario(scenario_id).name
        return self.keep(self.study.remove_scenario(scenario_id), f"Scenario {name} removed")

    def choose_scenario(
        self, scenario_id: str, reason: str, who: str, *, evidence: Iterable[str] = (), findings: Iterable[str] = ()
    ) -> Study:
        """Put on record which scenario the team settled on, why, on which evidence and against which findings."""
        with self.lock:
            study = self.study.choose(scenario_id, reason, who, self.when(), evidence=evidence, findings=findings)
            self.who = who.strip()
            return self.keep(study, f"Scenario {study.scenario(scenario_id).name} chosen")

    def record_decision(
        self,
        stage: str,
        what: str,
        *,
        reason: str,
        who: str,
        evidence: Iterable[str] = (),
        findings: Iterable[str] = (),
    ) -> Study:
        """Add a line to the decision log of the scenario in view; a reason and a name are needed."""
        with self.lock:
            study = self.study.record_decision(
                stage,
                self.scenario_id,
                what=what,
                reason=reason,
                who=who,
                when=self.when(),
                evidence=evidence,
                findings=findings,
            )
            self.who = who.strip()
            return self.keep(study, "Decision recorded")

    def waive(self, rule: str, reason: str, who: str, *, subject: str = "") -> Study:
        """Set a rule aside for a subject of the scenario in view, with the reason."""
        with self.lock:
            changed = self.scenario.with_waiver(rule, reason, who, self.when(), subject=subject)
            self.who = who.strip()
            return self.keep(changed, f"Rule {rule} set aside")

    def unwaive(self, waiver_id: str) -> Study:
        """Put a rule that was set aside in force again."""
        return self.keep(self.scenario.without_waiver(waiver_id), "Rule in force again")

    def save(self, *, patience: float = SHORT_PATIENCE) -> None:
        """Save now, and take in what was saved elsewhere; a contradiction becomes `conflict`.

        Where another program has been saving for `patience` seconds, a notebook tries again later, a script waits.
        """
        with self.lock:
            self._saving.cancel()
            try:
                mine = self._as_kept(self.study)
                saved = save(mine, self.folder, base=self._saved, accepts=is_possible, patience=patience)
            except StudyConflictError as error:
                self.conflict = error
                return
            except StudyBusyError as error:
                self.save_error = f"Not saved yet: {error}"
                if self._saving.again(TRIED_AGAIN):
                    self.save_error += say("it_is_tried_again_every", tried_again=TRIED_AGAIN)
                elif patience < PATIENCE:
                    self.save(patience=PATIENCE)
                return
            except (WorkbenchError, OSError) as error:
                self.save_error = f"Not saved: {error}"
                return
            self._saved = saved.study
            self.save_error = ""
            self.conflict = None
            if saved.merged:
                self._take_in(self._as_shown(saved.study), say("changes_made_elsewhere_taken_in"))

    def finish(self) -> None:
        """Save now if a change is still waiting for that."""
        self._saving.flush()

    def take_mine(self) -> Study:
        """Settle a conflict with the values here."""
        return self._settle("mine", say("kept_the_values_of_this"))

    def take_theirs(self) -> Study:
        """Settle a conflict with the values saved elsewhere."""
        return self._settle("theirs", say("took_the_values_saved_elsewhere"))

    def _settle(self, side: Side, note: str) -> Study:
        with self.lock:
            if self.conflict is None:
                raise StudyError("There is no conflict to settle.")
            error = self.conflict
            mine = self._as_kept(self.study)
            settled = merge(error.base, mine, error.theirs, take=side, accepts=is_possible)
            self._saved = error.theirs
            self.conflict = None
            self._take_in(self._as_shown(settled), note)
            self.save()
            return self.study

    def _read_base(self, study: Study) -> CustomerBase:
        return load_base(study, self.folder)

    def _as_kept(self, study: Study) -> Study:
        """Return the study as it is saved; one that shows no names has others in the file."""
        return study

    def _as_shown(self, study: Study) -> Study:
        """Return a study from the file as it is worked on here."""
        return study

    def _applied(self, change: Study | Scenario | StageDecision) -> Study:
        if isinstance(change, StageDecision):
            change = self.scenario.with_decision(change)
        return self.study.with_scenario(change) if isinstance(change, Scenario) else change

    def _remember(self, study: Study, note: str) -> None:
        last_note, last_time = self._last_step
        now = self._clock()
        goes_on = bool(note) and note == last_note and now - last_time < ONE_STEP and self._history.can_undo
        history = self._history
        self._history = History(study, history.past, (), history.limit) if goes_on else history.push(study)
        self._last_step = (note, now)

    def _travel(self, history: History, note: str) -> Study:
        self._history = history
        self._last_step = ("", float("-inf"))
        self._present(history.present, note)
        return self.study

    def _take_in(self, study: Study, note: str) -> None:
        self._history = self._history.rebased(study)
        self._show(study, note)

    def _present(self, study: Study, note: str) -> None:
        self._show(study, note)
        self._saving.request()

    def _show(self, study: Study, note: str) -> None:
        settle(study.locale)
        html.call_accounts(self._called)
        with self.hold_trait_notifications():
            self.study = study
            self.status = note
            if self.scenario_id not in study.scenario_ids:
                self.scenario_id = _first_design(study)


@atexit.register
def finish_saving() -> None:
    """Save what still waits for its moment; called when the kernel ends."""
    for session in tuple(_open_sessions):
        session.finish()


def open_study(path: Path | str | None = None, *, who: str = "") -> Session:
    """Open the study in a folder, by its name under `studies/`, or the one last worked on there.

    Parameters
    ----------
    path
        Its folder, or its name under `studies/`; the one last worked on there when None.
    who
        The person at the session.

    Returns
    -------
    Session
        The study, ready to be worked on.

    Raises
    ------
    StudyError
        When there is no such study.

    Examples
    --------
    >>> import tempfile
    >>> from workbench import Study, open_study
    >>> folder = tempfile.mkdtemp()
    >>> _ = Study.new("acme", "data").save(folder)
    >>> open_study(folder).study.revision
    1
    """
    return Session(find_study(path), who=who)


def _first_design(study: Study) -> str:
    return study.designs[0].id if study.designs else study.baseline.id


def is_possible(stage: str, document: Any) -> bool:  # noqa: ANN401 - JSON
    """Tell whether a stage decision put together from two people's changes is a valid one."""
    try:
        decision_class(stage).model_validate_json(json.dumps(document))
    except (ValidationError, KeyError):
        return False
    return True
