"""A folder to work in: notebooks, the sample company and its study, empty tables, a study's own data."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.customers.afterwards import keep_everything
from workbench.customers.base import CustomerBase
from workbench.customers.raw_tables import origin, raw_frame
from workbench.customers.tables import COMPETITOR_OFFERS, GUIDE, TABLES, column_guide
from workbench.customers.validate import read_table
from workbench.errors import StudyError
from workbench.files import bundled, copy_folder, make_folder, remove_leftovers, write_bytes, write_text
from workbench.outputs import check_output, check_table
from workbench.stages.contract import STAGES, gather_evidence, record_all, with_starting_points
from workbench.stages.offers import PER_ACCOUNT, AddOnDecision, Tier, TierDecision, ValueMetricDecision
from workbench.stages.price_book import list_of_today, tier_of
from workbench.study.document import Study
from workbench.study.model import Assumption, Scenario
from workbench.text import words_at
from workbench.workshop.record import HeldWorkshop, with_held

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from workbench.stages.contract import Stage
    from workbench.study.model import CompetitorPrice


def write_template(folder: str | Path, *, force: bool = False) -> tuple[Path, ...]:
    """Write one CSV file with headers per table and the column guide; return the files written.

    Raises
    ------
    FileError
        When a file of that name is there already and holds something else; `force` replaces it, unless it is a table
        with rows. Nothing is written then.

    """
    texts = {f"{name}.csv": ",".join(table.column_names) + "\n" for name, table in TABLES.items()}
    texts[GUIDE] = column_guide()
    contents = {Path(folder) / name: text.encode() for name, text in texts.items()}
    for path, content in contents.items():
        (check_table if path.suffix == ".csv" else check_output)(path, content=content, force=force)
    return tuple(write_bytes(path, content) for path, content in contents.items())


# --- The fictional company that comes with the workbench, and a study of it

# The last day before the company moved from seats to data volume: the design stages know nothing later.
LAST_DAY_BEFORE_MOVE = date(2024, 12, 31)
SAMPLE_NAME = "sample"
MOST_AT_HAND = 20_000  # accounts of which everything on record is kept beside what is known on the study's day
# The sample study is the same on every machine, so its log carries a fixed day.
RECORDED = datetime(2025, 1, 15, 10, 0, tzinfo=UTC)
TEAM = "Sample team"


def sample_folder() -> Path:
    """Return the folder with the sample company's tables."""
    return bundled("data") / "sample"


def sample_base(*, whole_history: bool = False) -> CustomerBase:
    """Load the sample company as it stood before its move, or with everything that came after."""
    whole = CustomerBase.load(sample_folder())
    return whole if whole_history else _with_record(whole.up_to(LAST_DAY_BEFORE_MOVE), whole)


def sample_study(base: CustomerBase, data_path: Path | str, *, evidence: Mapping[str, Any] | None = None) -> Study:
    """Return a study of the sample company: every stage decided, on record, and one of three designs chosen.

    Decisions start from what the data suggests; what only people know comes from `data/sample_team.json`.
    `data_path` is where the study finds the data, absolute or relative to the study's folder. `evidence` may hold what
    `gather_evidence` returned.
    """
    team = json.loads((bundled("data") / "sample_team.json").read_text(encoding="utf-8"))
    study = Study.new(
        SAMPLE_NAME,
        data_path,
        title="Sample company: from seats to a metric that grows with value",
        currency=base.currency,
        as_of=LAST_DAY_BEFORE_MOVE,
        scenario_name=team["scenario_name"],
    )
    evidence = gather_evidence(base) if evidence is None else evidence
    draft = with_changes(with_starting_points(base, study.designs[0], evidence=evidence), team["changes"])
    design = _with_plans_kept(base, draft, team["tiers"])
    for waiver in team["waivers"]:
        design = design.with_waiver(waiver["rule"], waiver["reason"], TEAM, RECORDED, subject=waiver["subject"])
    study = study.with_scenario(design)
    for assumption in team["assumptions"]:
        study = study.with_assumption(Assumption(**assumption))
    study = record_all(base, study, design.id, who=TEAM, when=RECORDED, reasons=team["reasons"], evidence=evidence)
    study = _with_rejected(study, design, draft.decision(TierDecision), team["rejected"])
    study = _with_alternative(study, study.designs[-1], team["alternative"])
    held = (bundled("data") / "sample_workshop.json").read_text(encoding="utf-8")
    study = with_held(study, HeldWorkshop.model_validate_json(held))
    return study.choose(design.id, team["choice"], TEAM, RECORDED)


def with_changes(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """Return the scenario with parts of its decisions replaced: JSON by stage, merged into what is there."""
    return scenario.replaced(stages=_merged(scenario.stages, changes))


def _with_plans_kept(base: CustomerBase, draft: Scenario, terms: Sequence[Mapping[str, str]]) -> Scenario:
    """Return the design with today's plans as its tiers: prices of its own, and the metric billed beyond a limit.

    What the design sells as an add-on leaves the tiers; whatever else a plan contains stays in it.
    """
    metric = str(draft.decision(ValueMetricDecision).metric)
    apart = {feature for add_on in draft.decision(AddOnDecision).add_ons for feature in add_on.features}
    plans = {plan.name: plan for plan in list_of_today(base).plans}
    tiers: list[Tier] = []
    for each in terms:
        tier = tier_of(replace(plans[each["like"]], name=each["name"]), [other.id for other in tiers])
        tier = tier.replaced(features=tuple(feature for feature in tier.features if feature not in apart))
        if not tier.on_request:
            limits, overage = tier.limits | {metric: each["included"]}, {metric: each["overage"]}
            tier = tier.replaced(price=each["price"], limits=limits, overage=overage)
        tiers.append(tier)
    suggested = draft.decision(TierDecision)
    sold = tuple(feature for feature in suggested.sold_separately if feature in apart)
    return draft.with_decision(suggested.replaced(tiers=tuple(tiers), sold_separately=sold, set_so={}))


def _with_rejected(study: Study, design: Scenario, tiers: TierDecision, rejected: Mapping[str, Any]) -> Study:
    """Add the design that was turned down, with the tiers that use alone suggests."""
    study = study.duplicate_scenario(design.id, rejected["name"])
    copy = with_changes(study.designs[-1], rejected["changes"]).replaced(note=rejected["note"], waivers=())
    return study.with_scenario(copy.with_decision(tiers))


def _with_alternative(study: Study, design: Scenario, alternative: Mapping[str, Any]) -> Study:
    """Add a design on data volume alone, with the features of the one it is given."""
    study = study.duplicate_scenario(design.id, alternative["name"])
    copy = with_changes(study.designs[-1], alternative["changes"]).replaced(note=alternative["note"], waivers=())
    decision = copy.decision(TierDecision)
    metric = str(design.decision(ValueMetricDecision).metric)
    tiers = tuple(
        tier.replaced(
            price=terms["price"],
            price_per=PER_ACCOUNT,
            limits={metric: terms["included"]},
            overage={metric: terms["overage"]},
        )
        for tier, terms in zip((each for each in decision.tiers if each.price), alternative["tiers"], strict=True)
    )
    on_request = tuple(each for each in decision.tiers if each.on_request)
    return study.with_scenario(copy.with_decision(decision.replaced(tiers=(*tiers, *on_request))))


def _merged(document: Any, changes: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a JSON document with changes laid over it, key by key."""
    if not (isinstance(document, dict) and isinstance(changes, dict)):
        return changes
    return {**document, **{key: _merged(document.get(key), value) for key, value in changes.items()}}


# --- The customer base of a study: the data it points at, as of its day, in its currency


def load_base(study: Study, folder: Path | str) -> CustomerBase:
    """Read the data of a study kept in `folder`, as known on the study's day.

    Amounts are in the study's currency where the data names none, and a sign such as $ means what the study was made
    with. Prices of competitors typed in the study join those of the data. Raises DataErrors with every problem of the
    data.
    """
    return _READ_AHEAD.pop(_stamp(study, folder), None) or _read(study, folder)


def _read(study: Study, folder: Path | str) -> CustomerBase:
    whole = _read_whole(study, folder)
    if study.data.as_of is None:
        return with_competitor_prices(whole, study.competitor_prices)
    return _with_record(with_competitor_prices(whole.up_to(study.data.as_of), study.competitor_prices), whole)


def read_ahead(study: Study, folder: Path | str) -> None:
    """Read the data of a study before anybody asks; the next `load_base` takes it unless a file has changed since.

    A large company is not: its data would lie in memory for a notebook that may never be opened.
    """
    stamp = _stamp(study, folder)
    if sum(size for _, size, _ in stamp[-1]) <= MOST_BYTES_AHEAD:
        _READ_AHEAD[stamp] = _read(study, folder)


MOST_BYTES_AHEAD = 100_000_000
_READ_AHEAD: dict[Any, CustomerBase] = {}


def _stamp(study: Study, folder: Path | str) -> Any:  # noqa: ANN401 - only compared
    """Return what differs as soon as something else would be read."""
    place = study.data.located(folder)
    files = sorted(place.rglob("*")) if place.is_dir() else [place]
    found = tuple((str(each), each.stat().st_size, each.stat().st_mtime_ns) for each in files if each.exists())
    return study.data.model_dump_json(), study.currency, str(study.competitor_prices), found


def _read_whole(study: Study, folder: Path | str) -> CustomerBase:
    return CustomerBase.load(
        study.data.located(folder),
        currency=study.data.signs_mean or study.currency,
        allow_credits=study.data.allow_credits,
        rules=study.data.revenue_rules,
    )


def _with_record(base: CustomerBase, whole: CustomerBase) -> CustomerBase:
    """Return the base with everything on record at hand, unless that is so large that it is better read again."""
    if len(whole) <= MOST_AT_HAND:
        keep_everything(base, whole)
    return base


def with_competitor_prices(base: CustomerBase, prices: Iterable[CompetitorPrice]) -> CustomerBase:
    """Return the base with prices of competitors somebody typed; one seen on the day of a row takes its place."""
    typed = [price.row() for price in prices if base.as_of is None or price.seen_on <= base.as_of]
    if not typed:
        return base
    name = COMPETITOR_OFFERS.name
    new = read_table(raw_frame(name, pd.DataFrame(typed))).frame
    known = base.competitor_offers
    rows = new if known is None else pd.concat([known, new], ignore_index=True)
    kept = ~rows.duplicated(list(COMPETITOR_OFFERS.key), keep="last").to_numpy()
    lines = np.concatenate([base.lines(name) if known is not None else np.zeros(0, int), np.zeros(len(new), int)])
    origins = {**base.origins, name: origin(base.origins[name].file if name in base.origins else "", lines[kept])}
    frames = {**base.frames, name: rows[kept].reset_index(drop=True)}
    return replace(base, frames=MappingProxyType(frames), origins=MappingProxyType(origins))


# --- A folder to work in: the notebooks, a copy of the sample data and the sample study, ready to open

START_NOTEBOOK = "00_start_here.ipynb"
LAST_NOTEBOOK = "07_scenarios_and_report.ipynb"
APP_NOTEBOOK = "workbench.ipynb"
STUDIES = "studies"
# Widgets cannot live in an exported page. Without their saved state the export shows the tables and pictures
# that every panel carries along.
EXPORT_SETTINGS = {"ExecutePreprocessor": {"store_widget_state": False}}


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder with notebooks and studies; `added` lists what was put there this time."""

    folder: Path
    added: tuple[str, ...]

    @property
    def sample(self) -> Path:
        """Return the folder of the sample study."""
        return self.folder / STUDIES / SAMPLE_NAME


def make_workspace(folder: Path | str) -> Workspace:
    """Put notebooks, sample data and sample study into a folder; what is already there stays as it is."""
    target = Path(folder)
    if target.exists() and not target.is_dir():
        raise StudyError(f"{target} is a file, not a folder.", "Name a folder to work in.")
    for place in (make_folder(target), target / "data"):
        remove_leftovers(place)
    added = [*_add_notebooks(target), *_add_sample(target), *_add_export_settings(target)]
    return Workspace(target, tuple(added))


def shipped_notebooks() -> dict[str, bytes]:
    """Return the notebooks of a workspace by name, those of stages from elsewhere among them."""
    contents = {each.name: each.read_bytes() for each in sorted(bundled("notebooks").glob("*.ipynb"))}
    others = {f"{each.notebook}.ipynb": each for each in STAGES if not each.package.startswith(f"{__package__}.")}
    return contents | {name: _notebook_of(each) for name, each in others.items() if name not in contents}


def _add_notebooks(target: Path) -> list[str]:
    """Put the notebooks there that are lacking; one somebody worked in is theirs."""
    contents = shipped_notebooks()
    missing = [name for name in sorted(contents) if not (target / name).exists()]
    for name in missing:
        write_bytes(target / name, contents[name])
    return missing


def _notebook_of(stage: Stage) -> bytes:
    """Return the notebook of a stage: the one that lies in its package, else one made of what the stage declares."""
    own = Path(str(stage.module.__file__)).with_name(f"{stage.notebook}.ipynb")
    return own.read_bytes() if own.exists() else stage_notebook(stage).encode()


def stage_notebook(stage: Stage) -> str:
    """Return a notebook that opens a stage and shows it section by section, each with its title above it."""
    view = getattr(stage.module, "VIEW", None)
    titles = (
        {each.key: words_at(stage.package, "sections", each.key, "title") for each in view.sections} if view else {}
    )
    shown = {"scenarios": "Scenario", **titles, "findings": "Findings", "record": "Record the decision"}
    opened = f'from workbench import open_stage, open_study\n\npanel = open_stage(open_study(), "{stage.key}")'
    cells = [("opening", f"# {stage.title}\n\n**{stage.question}**", opened)]
    cells += [(key, f"## {title}", f"panel.{key}") for key, title in shown.items()]
    of_code: dict[str, Any] = {"execution_count": None, "outputs": []}
    document = {
        "cells": [
            {"cell_type": kind, "id": f"{key}-{kind}", "metadata": {}, "source": text, **more}
            for key, prose, call in cells
            for kind, text, more in (("markdown", prose, {}), ("code", call, of_code))
        ],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "workbench": {},  # it leads on and runs when opened, as the others do
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _add_sample(target: Path) -> list[str]:
    """Copy the sample data and make the sample study where they are missing or were never finished."""
    data = target / "data" / SAMPLE_NAME
    added = []
    if not data.exists():
        copy_folder(sample_folder(), data)
        added.append(f"data/{SAMPLE_NAME}")
    elif mended := _complete(data):
        added.append(f"data/{SAMPLE_NAME} (completed: {', '.join(mended)})")
    study_folder = target / STUDIES / SAMPLE_NAME
    if not (study_folder / "study.json").exists():
        sample_study(sample_base(), Path("..") / ".." / "data" / SAMPLE_NAME).save(study_folder)
        added.append(f"{STUDIES}/{SAMPLE_NAME}")
    return added


def _complete(data: Path) -> list[str]:
    """Copy what a copy of the sample lacks that was stopped midway; a table somebody changed or replaced is theirs."""
    there = {path.stem for path in data.iterdir()}
    mended = []
    for source in sorted(sample_folder().iterdir()):
        copy = data / source.name
        if source.stem not in there or (copy.is_file() and _is_torn(copy, source.read_bytes())):
            write_bytes(copy, source.read_bytes())
            mended.append(source.name)
    return mended


def _is_torn(copy: Path, whole: bytes) -> bool:
    """Tell whether a copy ends before its source does, in the middle of a line."""
    part = copy.read_bytes()
    return len(part) < len(whole) and whole.startswith(part) and not part.endswith(b"\n")


def _add_export_settings(target: Path) -> list[str]:
    settings = target / "jupyter_nbconvert_config.json"
    if settings.exists():
        return []
    write_text(settings, json.dumps(EXPORT_SETTINGS, indent=2) + "\n")
    return [settings.name]
