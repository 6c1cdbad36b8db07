"""Make data/sample: the fictional company Quillmere Analytics, always the same.

Run `python data/make_sample.py` from the repository. No arguments are needed; an optional one names another
folder to write to.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))  # the parts lie beside this script and belong to no package

from sample_company import calibrate, contacts, population, recent, simulate, surveys, tables, truth  # noqa: E402 - needs the path above

if TYPE_CHECKING:
    import pandas as pd

AS_PARQUET = ("usage", "feature_use", "daily_usage", "user_activity")  # large as text


def make() -> tuple[dict[str, pd.DataFrame], dict[str, object]]:
    """Return every table of the sample and the truth behind it."""
    people = population.make_population()
    knobs = calibrate.calibrate(people)
    result = simulate.run(people, knobs)
    made = tables.behaviour_tables(people, result)
    known = {"calibrated": asdict(knobs), **truth.truth(people, result, made["requests"])}
    answers, surveyed = surveys.make_surveys(people)
    made |= answers
    made["competitor_offers"] = surveys.competitor_offers(HERE / "market" / "price_points.csv")
    made["contacts"] = contacts.contacts(people)
    made["daily_usage"] = recent.daily_usage(people, result)
    made["user_activity"] = recent.user_activity(people, result)
    return made, {**known, **surveyed, **recent.truth(people, result)}


def write(made: dict[str, pd.DataFrame], folder: Path) -> None:
    """Write one file per table: CSV for people to open, Parquet for the big ones."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in made.items():
        if name in AS_PARQUET:
            _write_parquet(table, folder / f"{name}.parquet")
        else:
            table.to_csv(folder / f"{name}.csv", index=False, date_format="%Y-%m-%d", lineterminator="\n")


def _write_parquet(table: pd.DataFrame, path: Path) -> None:
    """Write rows in the order given, on one thread, so that the bytes come out the same each time."""
    dates = {"month", "week", "date"} & set(table.columns)
    columns = ", ".join(f"CAST({name} AS DATE) AS {name}" if name in dates else name for name in table.columns)
    with duckdb.connect(config={"threads": 1}) as database:
        database.register("made", table)
        target = str(path).replace("'", "''")
        database.execute(f"COPY (SELECT {columns} FROM made) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")  # noqa: S608 - names from this file


def main() -> None:
    """Write the tables and the known truth, and say how much it came to."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "sample"
    made, known = make()
    write(made, folder)
    text = json.dumps(known, indent=2, sort_keys=True) + "\n"
    (folder.parent / "sample_truth.json").write_text(text, encoding="utf-8")
    for name, table in made.items():
        print(f"{name}: {len(table):,} rows")
    size = sum(path.stat().st_size for path in folder.iterdir())
    print(f"{folder}: {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
