"""From a folder of raw exports to a customer base: in one round, and with nothing guessed or left out in silence."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import openpyxl
import pandas as pd
import pytest
from intake_exports import write_exports
from typer.testing import CliRunner

from workbench.cli import app
from workbench.customers import CustomerBase, intake
from workbench.customers.intake import ImportMap, RevenueRules, bring_in
from workbench.errors import DataErrors, StudyError
from workbench.pages.data_import import import_exports
from workbench.stages import tiers
from workbench.study import Study

if TYPE_CHECKING:
    from collections.abc import Callable

FORMATS = tomllib.loads((Path(intake.__file__).parent / "formats.toml").read_text(encoding="utf-8"))
FAULTS = (
    Path(os.environ.get("WORKBENCH_ORACLES", Path(__file__).resolve().parents[4] / "shared" / "oracles")).parent
    / "faults"
)


def accepted(folder: Path, **settings: str) -> dict[str, pd.DataFrame]:
    """Return the tables of a folder with every suggestion taken."""
    return dict(bring_in(folder, **settings).tables)


def asked(folder: Path) -> dict[str, str]:
    """Return what is asked about a folder as a whole, with what is suggested."""
    return {line: value for file, line, value in bring_in(folder).mapping.questions if not file}


def test_four_messy_exports_become_one_company_whose_truth_is_known(tmp_path: Path) -> None:
    """Billing in cents, a CRM with other identifiers, a workbook with a total, a matrix of features."""
    truth = write_exports(tmp_path / "raw")
    found = bring_in(tmp_path / "raw")
    assert found.problems == ()
    assert found.unread == (("readme.pdf", "a PDF document. Export the table again as CSV, Excel or Parquet."),)
    questions = {(file.partition(",")[0], line): value for file, line, value in found.mapping.questions}
    assert questions["", "join accounts"] == "by name"
    assert questions["", "total rows"] == "leave out"
    assert questions["", "hidden sheet alt"] == "leave out"
    assert questions["hubspot-crm-exports-all-companies.csv", "Kundengruppe"] == "segment"
    assert [line for file, line in questions if file == "export (3).csv"] == []
    base = found.base()
    keys = ["account_id", "month"]
    paid = base.mrr.sort_values(keys)[[*keys, "amount"]].reset_index(drop=True)
    wanted = truth.mrr.sort_values(keys, ignore_index=True)
    pd.testing.assert_frame_equal(paid, wanted, check_dtype=False)
    used = base.usage.sort_values([*keys, "metric"], ignore_index=True)
    pd.testing.assert_frame_equal(
        used, truth.usage.sort_values([*keys, "metric"], ignore_index=True), check_dtype=False, check_like=True
    )
    assert base.accounts.set_index("account_id")["name"].to_dict() == truth.names
    assert set(base.accounts["segment"]) == {"klein", "groß"}
    assert (base.currency, base.feature_use["feature"].nunique()) == ("EUR", 4)


def test_one_command_asks_once_and_the_next_month_goes_in_without_a_question(tmp_path: Path) -> None:
    """The mapping is kept beside the study; a second export renews the data."""
    write_exports(tmp_path / "raw")
    run = CliRunner().invoke
    first = run(app, ["import", str(tmp_path / "raw"), "-o", str(tmp_path / "study")])
    assert (first.exit_code, "lines end in ?" in first.output) == (3, True)
    assert "Kundengruppe -> segment ?" in first.output
    assert not (tmp_path / "study" / "study.json").exists()
    mapping = tmp_path / "study" / "mapping.toml"
    mapping.write_text(mapping.read_text().replace(' ?"', '"'))
    second = run(app, ["import", str(tmp_path / "raw"), "-o", str(tmp_path / "study")])
    assert (second.exit_code, "Made the study 'study'" in second.output) == (0, True)
    write_exports(tmp_path / "next", seed=4, accounts=70)
    third = run(app, ["import", str(tmp_path / "next"), "-o", str(tmp_path / "study")])
    assert (third.exit_code, "Renewed the data" in third.output) == (0, True)
    assert len(CustomerBase.load(tmp_path / "study" / "data")) == 70
    assert run(app, ["check", str(tmp_path / "study" / "data")]).exit_code == 0
    again = run(
        app, ["import", str(tmp_path / "next"), "-o", str(tmp_path / "study"), "--title", "B", "--as-of", "2024-01-31"]
    )
    assert "--title, --as-of set up a new study; this one keeps what it has." in again.output
    assert Study.load(tmp_path / "study").title == "study"


def test_what_was_found_is_shown_where_it_makes_no_study(tmp_path: Path) -> None:
    """Nothing but a fee that is paid once: no traceback, and what was read stands above the problem."""
    (tmp_path / "i.csv").write_text("account_id,from,to,amount,kind\nA,,,50.50,one-off\n")
    done = CliRunner().invoke(app, ["import", str(tmp_path / "i.csv"), "-o", str(tmp_path / "study")])
    assert isinstance(done.exception, DataErrors)
    assert "i.csv -> invoice_lines" in done.output
    assert "is no recurring revenue: it is paid once" in done.output
    assert "counted up to" not in done.output
    assert "expected a line of recurring revenue, or a table usage" in str(done.exception)
    assert not (tmp_path / "study" / "study.json").exists()


def test_accepting_takes_every_suggestion_at_once(tmp_path: Path) -> None:
    """From exports to a study in one command."""
    write_exports(tmp_path / "raw")
    done = import_exports(tmp_path / "raw", tmp_path / "study", accept=True)
    assert done.study is not None
    assert ImportMap.load(done.mapping_file).questions == ()


def test_files_nobody_imported_are_not_replaced(tmp_path: Path) -> None:
    """A folder of one's own data stays as it is."""
    write_exports(tmp_path / "raw")
    own = tmp_path / "study" / "data"
    own.mkdir(parents=True)
    (own / "mine.csv").write_text("a\n1\n")
    with pytest.raises(StudyError, match="files no import wrote"):
        import_exports(tmp_path / "raw", tmp_path / "study", accept=True)
    with pytest.raises(StudyError, match="holds the data of the study"):
        import_exports(own, tmp_path / "study", accept=True)


# --- Reshaping


def test_one_column_per_month_is_turned(folder: Path) -> None:
    """The commonest export of revenue; an empty cell is no row."""
    (folder / "a.csv").write_text(
        "Customer;Jan 24;Feb 24;Mrz 24\nA;1.250,50;;990,00\nB;20,00;25,00;0,00\n", encoding="utf-8"
    )
    mrr = accepted(folder)["mrr"]
    assert mrr[["account_id", "amount"]].to_numpy().tolist() == [
        ["A", 1250.5], ["A", 990.0], ["B", 20.0], ["B", 25.0], ["B", 0.0],
    ]  # fmt: skip
    assert f"{mrr['month'].max():%Y-%m}" == "2024-03"


def test_events_are_counted_by_month_and_kind(folder: Path) -> None:
    """One row per event: how often, or how much where that stands there."""
    rows = "2024-01-03T10:00:00,A,login,1\n2024-01-04T10:00:00,A,login,1\n2024-02-01T00:00:01,B,export,40\n"
    (folder / "log.csv").write_text(f"timestamp,account_id,event,quantity\n{rows}")
    usage = accepted(folder)["usage"]
    assert usage[["account_id", "metric", "quantity"]].to_numpy().tolist() == [["A", "login", 2], ["B", "export", 40]]


def test_subscriptions_items_and_prices_are_joined_by_id(folder: Path) -> None:
    """Three tables of one system; test rows, deleted ones, earlier versions and trials are left out and counted."""
    live = {"_fivetran_active": "true", "livemode": "true", "start_date": "2024-01-05", "status": "active"}
    rows = [
        {**live, "id": "s1", "customer_id": "A"},
        {**live, "id": "s1", "customer_id": "A", "_fivetran_active": "false"},
        {**live, "id": "s2", "customer_id": "B", "livemode": "false"},
        {**live, "id": "s3", "customer_id": "C", "status": "trialing"},
        {**live, "id": "s4", "customer_id": "D", "trial_end": "2024-02-05"},
    ]
    items = [
        {"subscription_id": "s1", "plan_id": "p1", "quantity": 3},
        {"subscription_id": "s4", "plan_id": "p2", "quantity": 1},
    ]
    sold = {"currency": "usd", "livemode": "true", "is_deleted": "false"}
    team = {"id": "p1", "nickname": "Team", "recurring_interval": "month", "unit_amount": 1500}
    year = {"id": "p2", "nickname": "Year", "recurring_interval": "year", "unit_amount": 240000}
    prices = [
        {**sold, **team, "recurring_interval_count": 1},
        {**sold, **year, "recurring_interval_count": 2},
    ]
    for kind, lines in (("subscription_history", rows), ("subscription_item", items), ("price", prices)):
        header = FORMATS[f"stripe_fivetran_{kind}"]["columns"]
        pd.DataFrame(lines, columns=header).to_csv(folder / f"{kind[-4:]}.csv", index=False)
    (folder / "u.csv").write_text("account_id,month,metric,quantity\nA,2024-03,seats,3\nD,2024-03,seats,1\n")
    found = bring_in(folder)
    assert found.mapping.questions == ()
    assert found.tables["mrr"].groupby("account_id")["amount"].agg(["first", "size"]).to_numpy().tolist() == [
        [45.0, 3], [100.0, 2],
    ]  # fmt: skip
    assert set(found.tables["mrr"]["plan"]) == {"Team", "Year"}
    told = " ".join(found.said)
    for words in ("a row of a test", "an earlier version", "a trial, or what never began"):
        assert words in told


def test_who_has_no_identifier_goes_by_the_name(folder: Path) -> None:
    """A spreadsheet of revenue says companies; a CRM that has identifiers too is joined to it by name."""
    (folder / "m.csv").write_text("Company,Jan-24,Feb-24\nAlpha,1.5,2\nBeta,3,4\n")
    (folder / "notes.txt").write_text("hello\n")
    found = bring_in(folder)
    assert found.tables["mrr"]["account_id"].tolist() == ["Alpha", "Alpha", "Beta", "Beta"]
    assert found.said == ("notes.txt is not read: it has no row.",)
    (folder / "c.csv").write_text("Record ID,Company name,Industry\n7,Alpha Ltd,Food\n8,BETA,Bank\n")
    assert asked(folder)["join accounts"] == "by name"
    assert accepted(folder)["mrr"]["account_id"].tolist() == ["7", "7", "8", "8"]


def test_what_contracts_say_of_accounts_comes_with_them_to_a_crm_of_other_identifiers(folder: Path) -> None:
    """The name is kept and joins them; the renewal goes to the account it is of."""
    (folder / "s.csv").write_text(
        "Customer ID,Customer name,Plan,Start date,Interval,Amount,Renewal date\n"
        "c1,Alpha Ltd,Pro,2024-01-01,month,10.50,2025-01-01\nc2,Beta,Pro,2024-02-01,month,10.50,2025-02-01\n"
    )
    assert accepted(folder)["accounts"][["account_id", "name"]].to_numpy().tolist() == [
        ["c1", "Alpha Ltd"],
        ["c2", "Beta"],
    ]
    (folder / "c.csv").write_text("Record ID,Company name,Industry\n1,Alpha,Food\n2,Beta GmbH,Retail\n")
    assert asked(folder) == {"join accounts": "by name"}
    accounts = accepted(folder)["accounts"]
    assert accounts["account_id"].tolist() == ["1", "2"]
    assert accounts["renews_on"].dt.strftime("%Y-%m-%d").tolist() == ["2025-01-01", "2025-02-01"]


def test_whether_an_amount_is_of_one_or_of_all_is_asked_where_nobody_knows(folder: Path) -> None:
    """With 5 users, 1,200 a year is 100 a month as the total, and 500 as the price of one."""
    rows = "K1;Basis;01.01.2024;1.200,00;jährlich;5"
    (folder / "v.csv").write_text(f"Kundennummer;Tarif;Beginn;Betrag;Zahlweise;Anzahl Nutzer\n{rows}", encoding="utf-8")
    found = bring_in(folder)
    assert ("v.csv", "amount_is", "price of one") in found.mapping.questions
    assert found.tables["mrr"]["amount"].tolist() == [500.0]
    answered = ImportMap.read(found.mapping.text().replace("price of one ?", "total"))
    assert bring_in(folder, answered).tables["mrr"]["amount"].tolist() == [100.0]


def test_several_currencies_need_rates_and_are_converted_at_the_last_of_them(folder: Path) -> None:
    """Amounts in two currencies are never added."""
    rows = "A,2024-01,100,EUR\nB,2024-01,100,USD\nA,2024-02,100,EUR\nB,2024-02,100,USD\nC,2024-02,5,EUR\n"
    (folder / "m.csv").write_text(f"account_id,month,amount,currency\n{rows}")
    with pytest.raises(DataErrors, match="Add a table with the columns currency, from and rate"):
        bring_in(folder).base()
    (folder / "r.csv").write_text("currency,from,rate\nUSD,2023-12-01,0.8\nUSD,2024-02-15,0.9\nUSD,2024-03-01,0.7\n")
    assert accepted(folder)["mrr"]["amount"].tolist() == [100, 90, 100, 90, 5]


def test_two_sources_of_revenue_are_held_against_each_other(folder: Path) -> None:
    """The first one counts, and the other is said to agree, or where it does not."""
    (folder / "s.csv").write_text(
        "account_id,item,start,end,amount,period,currency\nA,Pro,2024-01-01,2025-01-01,1200,year,EUR\n"
        "B,Pro,2024-02-01,,50,month,EUR\n"
    )
    (folder / "i.csv").write_text(
        "account_id,from,to,amount,kind,item,currency\nA,2024-01-01,2024-12-31,1200,recurring,Pro,EUR\n"
        "B,2024-02-01,2024-02-29,45,recurring,Pro,EUR\nB,2024-02-01,,500,one-off,Setup,EUR\n"
    )
    told = [each for each in bring_in(folder).said if "differs" in each or "no recurring" in each]
    assert told[0] == "A row of the invoice lines is no recurring revenue: it is paid once."
    assert told[1].startswith(
        "Revenue by subscriptions and by invoice lines differs in 1 account-month; the first is B in"
    )
    assert told[1].endswith("2024-02, 50.00 against 45.00: Pro, first: 50.00; second: 45.00.")
    said, other_said, none_such = (
        f'"revenue from" = "{name}"' for name in ("subscriptions", "invoice lines", "movements")
    )
    other = ImportMap.read(bring_in(folder).mapping.text().replace(said, other_said))
    assert bring_in(folder, other).tables["mrr"]["amount"].tolist() == [100.0, 100.0, 45.0]
    unknown = ImportMap.read(other.text().replace(other_said, none_such))
    with pytest.raises(DataErrors, match=r"mapping.toml.*movements.*what there is: subscriptions, invoice lines"):
        bring_in(folder, unknown).base()


@pytest.mark.parametrize(
    ("kind", "counts"), [("Service", False), ("Service-Abo", True), ("Subscription service", True), ("Setup", False)]
)
def test_a_service_somebody_subscribes_to_recurs(folder: Path, kind: str, *, counts: bool) -> None:
    """Services are paid once, unless their kind says that they are subscribed to."""
    (folder / "i.csv").write_text(f"account_id,from,to,amount,kind\nA,2024-01-01,2024-01-31,10.50,{kind}\n")
    assert ("mrr" in accepted(folder)) == counts


def test_a_movement_without_a_day_is_left_out_and_said(folder: Path) -> None:
    """Nobody knows from when on it is paid."""
    (folder / "m.csv").write_text("Customer,Date,MRR change\nA,2024-01-05,50.50\nA,2024-02-01,1.00\nB,,20\n")
    found = bring_in(folder)
    assert found.tables["mrr"]["amount"].tolist() == [50.5, 51.5]
    assert found.said[0] == "A row of the movements is no recurring revenue: it says no account, no day or no change."


# --- What a whole table says


def monthly(folder: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Write the revenue and usage of a small company, changed."""
    chance = np.random.default_rng(0)
    months = [f"2024-{month:02}" for month in range(1, 9)]
    rows = [(f"A{n}", month, 100.25 + 7 * n + place) for n in range(12) for place, month in enumerate(months)]
    frame = pd.DataFrame(rows, columns=["account_id", "month", "amount"])
    usage = frame.assign(metric="calls", quantity=(chance.random(len(frame)) + 1) * 40)[
        ["account_id", "month", "metric", "quantity"]
    ]
    change(frame).to_csv(folder / "m.csv", index=False)
    usage.to_csv(folder / "u.csv", index=False)


def test_good_tables_say_nothing(folder: Path) -> None:
    """No finding where there is nothing to find."""
    monthly(folder, lambda frame: frame)
    assert asked(folder) == {}


@pytest.mark.parametrize("name", ["Total", "Grand Total", "SUMME", "Gesamt", "Total général", "All customers", "zz"])
def test_a_total_is_found_by_its_word_or_by_its_amounts(folder: Path, name: str) -> None:
    """A row whose amounts are the sum of all others is one, whatever it is called."""
    monthly(
        folder,
        lambda frame: pd.concat(
            [frame, frame.groupby("month", as_index=False)["amount"].sum().assign(account_id=name)], ignore_index=True
        ),
    )
    assert asked(folder) == {"total rows": "leave out"}
    assert name not in set(accepted(folder)["mrr"]["account_id"]) | set(accepted(folder)["accounts"]["account_id"])


def test_a_total_shows_in_usage_or_in_two_months_and_stays_out_where_nobody_is_named(folder: Path) -> None:
    """Nobody writes a word beside it, and revenue says nothing: quantities do, in every metric and month."""
    paid = [("2024-01", 1), ("2024-02", 2)]
    rows = "".join(f"zz,{at},{9 * k}\nA,{at},{2 * k}\nB,{at},{6 * k}\nC,{at},{k}\n" for at, k in paid)
    (folder / "m.csv").write_text("account_id,month,amount\n" + rows)
    assert asked(folder) == {"total rows": "leave out"}
    used = "".join(
        f"{who},{at},{metric},{n * k}\n"
        for at, k in paid
        for metric, n_of in (("calls", (21, 5, 7, 9)), ("pages", (90, 44, 6, 40)))
        for who, n in zip(("zz", "A", "B", "C"), n_of, strict=True)
    )
    (folder / "m.csv").write_text("account_id,month,metric,quantity\n" + used)
    assert asked(folder) == {"total rows": "leave out"}
    assert set(accepted(folder)["usage"]["account_id"]) == {"A", "B", "C"}
    (folder / "m.csv").write_text("account_id,month,amount\n" + rows.replace("zz", ""))
    assert set(bring_in(folder).tables["mrr"]["account_id"].dropna()) == {"A", "B", "C"}


def test_small_numbers_that_add_up_are_no_total(folder: Path) -> None:
    """Three is one and two."""
    of = {"x": (1, 2, 3), "y": (2, 3, 5)}
    rows = [
        f"{who},2024-0{at},{name},{n * at}\n"
        for at in (1, 2, 3)
        for name, each in of.items()
        for who, n in zip("ABC", each, strict=True)
    ]
    (folder / "u.csv").write_text("account_id,month,metric,quantity\n" + "".join(rows))
    assert asked(folder) == {}


@pytest.mark.parametrize("of", ["amounts", "calls", "calls beside seats", "rows of usage alone", "rows of mrr alone"])
def test_a_last_month_in_which_all_have_far_less_is_unfinished(folder: Path, of: str) -> None:
    """Whether their rows lack, of one table or both, or what stands in them is that of a few days."""
    rows, used = [], []
    for at in range(1, 7):
        for n in range(8):
            few = at == 6
            amount = (50 + 7 * n + at) * (0.3 if few and of == "amounts" else 1)
            calls = (500 + 70 * n + 9 * at) * (0.3 if few and of.startswith("calls") else 1)
            rows += [] if few and n > 2 and of == "rows of mrr alone" else [f"A{n},2024-0{at},{amount:.2f}\n"]
            gone = few and n > 2 and of == "rows of usage alone"
            used += [] if gone else [f"A{n},2024-0{at},calls,{calls:.0f}\n"]
            used += [f"A{n},2024-0{at},seats,{n + 2}\n"] if of.endswith("seats") else []
    (folder / "m.csv").write_text("account_id,month,amount\n" + "".join(rows))
    (folder / "u.csv").write_text("account_id,month,metric,quantity\n" + "".join(used))
    assert asked(folder) == {"last month": "leave out"}
    assert f"{accepted(folder)['mrr']['month'].max():%Y-%m}" == "2024-05"


def test_a_last_month_in_which_some_have_less_is_a_month(folder: Path) -> None:
    """A third less for all, or three of eight who leave, is what can happen."""
    for less, gone in ((0.67, 0), (1, 3)):
        rows = [
            f"A{n},2024-0{at},{(50 + 7 * n + at) * (less if at == 6 else 1):.2f}\n"
            for at in range(1, 7)
            for n in range(8 - gone * (at == 6))
        ]
        (folder / "m.csv").write_text("account_id,month,amount\n" + "".join(rows))
        assert asked(folder) == {}


def test_an_unfinished_last_month_is_left_out(folder: Path) -> None:
    """Five of twelve accounts have been billed so far, and used anything."""
    monthly(
        folder, lambda frame: frame[(frame["month"] != "2024-08") | frame["account_id"].str.endswith(("1", "2", "3"))]
    )
    usage = pd.read_csv(folder / "u.csv")
    usage[(usage["month"] != "2024-08") | usage["account_id"].str.endswith(("1", "2", "3"))].to_csv(folder / "u.csv")
    assert asked(folder)["last month"] == "leave out"
    assert f"{accepted(folder)['mrr']['month'].max():%Y-%m}" == "2024-07"


def test_yearly_amounts_are_divided(folder: Path) -> None:
    """Twelve times the list price of its plan."""
    plans = [20.0, 50.0]
    monthly(folder, lambda frame: frame.assign(plan=[f"P{n % 2}" for n in range(len(frame))],
                                               amount=[12 * plans[n % 2] for n in range(len(frame))]))  # fmt: skip
    (folder / "p.csv").write_text("plan,base_fee,billing_period\nP0,20,month\nP1,50,month\n")
    assert asked(folder) == {"amounts of mrr": "divide by 12"}
    assert set(accepted(folder)["mrr"]["amount"].round(6)) == {20.0, 50.0}


def test_plans_and_features_spelt_twice_are_those_of_their_list(folder: Path) -> None:
    """Capitals, spaces and hyphens are asked about; other signs tell plans apart."""
    (folder / "a.csv").write_text("account_id,plan\nA,BASIC\nB,pro\nC,Pro+\n")
    (folder / "m.csv").write_text("account_id,month,amount\nA,2024-01,5\nB,2024-01,6\nC,2024-01,8\n")
    (folder / "p.csv").write_text("plan,base_fee\nBasic,5\nPro,6\nPro+,8\n")
    (folder / "l.csv").write_text("plan,metric,limit\nba-sic,calls,5\n")
    (folder / "f.csv").write_text("account_id,week,feature,uses\nA,2024-01-01,Export,9\nB,2024-01-01,EXPORT,8\n")
    assert asked(folder) == {"plans spelt in two ways": "join", "features spelt in two ways": "join"}
    made = accepted(folder)
    assert made["accounts"]["plan"].tolist() == ["Basic", "Pro", "Pro+"]
    assert made["plan_limits"]["plan"].tolist() == ["Basic"]
    assert len(set(made["feature_use"]["feature"])) == 1


def test_seats_in_other_letters_are_called_seats(folder: Path) -> None:
    """Triggers and rules know seats by that name alone, whether or not a price is per seat."""
    monthly(folder, lambda frame: frame)
    usage = pd.read_csv(folder / "u.csv")
    usage.assign(metric="Seats").to_csv(folder / "u.csv", index=False)
    assert asked(folder) == {"metric Seats, which counts people": "call it seats"}
    assert set(accepted(folder)["usage"]["metric"]) == {"seats"}
    usage.assign(metric="Users").to_csv(folder / "u.csv", index=False)
    assert asked(folder) == {}


def test_metrics_spelt_twice_copied_or_in_another_unit(folder: Path) -> None:
    """Each is one finding, with what to do."""
    monthly(folder, lambda frame: frame)
    usage = pd.read_csv(folder / "u.csv")
    twice = usage.assign(metric=np.where(usage.index % 3 == 0, "Calls", "calls"))
    copied = usage.assign(metric="calls again")
    unit = usage.assign(
        metric="storage", quantity=[400.0 + n if month < "2024-05" else 0.4 + n / 1000
                                    for n, month in enumerate(usage["month"])],
    )  # fmt: skip
    pd.concat([twice, copied, unit]).to_csv(folder / "u.csv", index=False)
    assert asked(folder) == {
        "metrics spelt in two ways": "join", "metric calls again": "leave out", "unit of storage": "as since then",
    }  # fmt: skip
    made = accepted(folder)["usage"]
    assert set(made["metric"]) == {"calls", "storage"}
    assert made[made["metric"] == "storage"]["quantity"].max() < 1
    pd.concat([usage, copied]).to_csv(folder / "u.csv", index=False)
    assert asked(folder) == {"metric calls again": "leave out"}


def test_an_account_that_another_took_over_is_no_churn(folder: Path) -> None:
    """Its revenue goes over to the cent in the month it ends."""

    def over(frame: pd.DataFrame) -> pd.DataFrame:
        gone = frame["account_id"].eq("A3") & (frame["month"] >= "2024-05")
        flat = frame.assign(amount=frame["account_id"].map(lambda who: 100.37 + 11.01 * int(who[1:])))
        flat.loc[flat["account_id"].eq("A7") & (flat["month"] >= "2024-05"), "amount"] += 100.37 + 33.03
        return flat[~gone]

    monthly(folder, over)
    assert asked(folder) == {"accounts that merged": "merge"}
    assert "A3" not in set(accepted(folder)["mrr"]["account_id"])


def test_identical_rows_are_one(folder: Path) -> None:
    """The same row twice, cell by cell."""
    monthly(folder, lambda frame: pd.concat([frame, frame[:3]]))
    assert asked(folder) == {"identical rows of mrr": "leave out"}
    assert len(accepted(folder)["mrr"]) == 96


def test_months_of_another_time_zone_are_the_next_day(folder: Path) -> None:
    """2023-12-31T23:00:00Z is January where it comes from."""

    def elsewhere(frame: pd.DataFrame) -> pd.DataFrame:
        there = pd.to_datetime(frame["month"]) - pd.Timedelta(hours=1)
        return frame.assign(month=there.dt.strftime("%Y-%m-%dT%H:%M:%SZ"))

    monthly(folder, elsewhere)
    assert asked(folder) == {"month of m.csv": "the day after"}
    assert f"{accepted(folder)['mrr']['month'].min():%Y-%m}" == "2024-01"


def test_currencies_beside_amounts_name_the_currency_where_one_has_the_sign(folder: Path) -> None:
    """A euro is a euro; whose dollar it is, is asked about."""
    for sign, currency, is_asked in (("€", "EUR", False), ("$", "USD", True)):
        (folder / "m.csv").write_text(f"Customer,Month,Revenue\nA,2024-01,{sign}100.50\nB,2024-01,{sign}20.00\n")
        assert ("currency" in asked(folder)) == is_asked
        assert set(accepted(folder)["mrr"]["currency"]) == {currency}


@pytest.mark.parametrize(
    ("header", "currency"),
    [
        ("Betrag EUR", "EUR"), ("mrr_chf", "CHF"), ("Amount (SEK)", "SEK"), ("Revenue in Euro", "EUR"),
        ("MRR in TEUR", "EUR"), ("AMOUNT GBP", "GBP"), ("Revenue £", "GBP"),
    ],
)  # fmt: skip
def test_the_header_of_amounts_names_their_currency(folder: Path, header: str, currency: str) -> None:
    """No sign stands beside the numbers, and nothing is asked; euros were taken for dollars."""
    (folder / "m.csv").write_text(f"Customer,Month,{header}\nA,2024-01,100.50\nB,2024-01,20.25\n", encoding="utf-8")
    assert "currency" not in asked(folder)
    assert set(accepted(folder)["mrr"]["currency"]) == {currency}


@pytest.mark.parametrize("header", ["AMOUNT ALL", "Top amount", "Net amount", "Real revenue"])
def test_an_english_word_in_a_header_is_no_currency(folder: Path, header: str) -> None:
    """ALL is the lek of Albania, TOP the dollar of Tonga: neither is meant here."""
    (folder / "m.csv").write_text(f"Customer,Month,{header}\nA,2024-01,100.50\nB,2024-01,20.25\n")
    assert "currency" not in accepted(folder)["mrr"]


def test_a_dollar_in_a_header_is_asked_about_and_another_sign_in_the_cells_contradicts_it(folder: Path) -> None:
    """Whose dollar it is nobody knows; euros under a header of pounds are added to nothing."""
    (folder / "m.csv").write_text("Customer,Month,Revenue $\nA,2024-01,100.50\nB,2024-01,20.25\n")
    assert asked(folder)["currency"] == "USD"
    (folder / "m.csv").write_text("Customer,Month,Revenue GBP\nA,2024-01,€100.50\nB,2024-01,€20.25\n", encoding="utf-8")
    with pytest.raises(DataErrors, match="Add a column with the currency of each row"):
        bring_in(folder).base()


def test_files_whose_headers_name_different_currencies_are_not_added(folder: Path) -> None:
    """Each keeps its own; without rates that is a problem with a way out."""
    for name, code, who in (("eu.csv", "EUR", "A"), ("uk.csv", "GBP", "B")):
        (folder / name).write_text(f"Customer,Month,Revenue {code}\n{who},2024-01,100.50\n{who},2024-02,20.25\n")
    with pytest.raises(DataErrors, match="rate"):
        bring_in(folder).base()


def test_amounts_beside_signs_of_two_currencies_are_never_added(folder: Path) -> None:
    """Where the signs alone say the currency, two of them are a problem with a way out."""
    (folder / "m.csv").write_text("Customer,Month,Revenue\nA,2024-01,$100.50\nB,2024-01,€20.00\n", encoding="utf-8")
    with pytest.raises(DataErrors, match="Add a column with the currency of each row"):
        bring_in(folder).base()


@pytest.mark.parametrize(
    ("cell", "amount"),
    [("($99.00)", -99), ("$(99.00)", -99), ("-$99.00", -99), ("$-99.00", -99), ("99.00-", -99), ("$99.00 USD", 99)],
)
def test_an_amount_below_zero_stays_below_zero_however_it_is_written(folder: Path, cell: str, amount: float) -> None:
    """In brackets, and with the minus before or behind the number or the currency."""
    (folder / "m.csv").write_text(f"Customer,Month,Revenue\nA,2024-01,{cell}\nB,2024-01,$20.00\n")
    found = bring_in(folder)
    assert found.problems == ()
    assert found.tables["mrr"]["amount"].tolist() == [amount, 20]


@pytest.mark.parametrize("cells", [("$1.5k", "$20.00"), ("1.5k", "20.0"), ("499 ct", "20 ct"), ("5 GB", "500 MB")])
def test_a_number_is_not_read_without_what_changes_its_meaning(folder: Path, cells: tuple[str, str]) -> None:
    """Thousands, cents and two units in a column are refused, for the number alone would be a false one."""
    (folder / "m.csv").write_text(f"account_id,month,amount\nA,2024-01,{cells[0]}\nB,2024-01,{cells[1]}\n")
    assert cells[0] in str(bring_in(folder).problems[0])
    (folder / "m.csv").write_text("account_id,month,amount\nA,2024-01,5 GB\nB,2024-01,7 GB\n")
    assert accepted(folder)["mrr"]["amount"].tolist() == [5, 7]


def test_what_is_beside_the_cells_of_a_workbook_is_said(folder: Path) -> None:
    """Hidden sheets, merged cells, error cells, and formulas that were never worked out."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["account_id", "month", "amount"], ["A", "2024-01", 5], [None, "2024-02", 6], ["B", "2024-01", "#N/A"]):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    book.create_sheet("old").append(["account_id", "month", "amount"])
    book["old"].append(["Z", "2020-01", 1])
    book["old"].sheet_state = "hidden"
    book.save(folder / "b.xlsx")
    assert asked(folder) == {
        "hidden sheet old": "leave out",
        "merged cells": "fill down",
        "error cells of b.xlsx, sheet Sheet": "leave their rows out",
    }
    assert accepted(folder)["mrr"]["account_id"].tolist() == ["A", "A"]
    sheet["C2"] = "=1+1"
    book.save(folder / "b.xlsx")
    assert "open the workbook in a spreadsheet program" in str(bring_in(folder).problems[0])


def test_text_is_one_form_and_what_was_encoded_twice_is_pointed_out(folder: Path) -> None:
    """Letters made of two signs, signs without width, and an export read in the wrong encoding on its way."""
    rows = "M\u0075\u0308ller,2024-01,5\nM\u00fcller\u200b,2024-02,6\nM\u00c3\u00bcller,2024-03,7\n"
    (folder / "m.csv").write_text(f"account_id,month,amount\n{rows}", encoding="utf-8")
    found = bring_in(folder)
    assert set(found.tables["mrr"]["account_id"]) == {"M\u00fcller"}
    assert found.said == ("m.csv: a text was encoded twice and is repaired: 'M\u00c3\u00bcller'.",)


@pytest.mark.parametrize(
    ("case", "months", "amount", "accounts"),
    [
        ("03-dot-thousands-read-as-decimals/data", 2, 14650.0, 3),
        ("04-grand-total-row-counted-as-customer/data", 3, 690.0, 3),
        ("07-unfinished-last-month-read-as-churn/data", 13, 4771.0, 16),
        ("11-currency-written-as-a-sign/euro", 2, None, 2),
        ("13-months-as-excel-writes-them/mon_yy", 2, None, 2),
        ("13-months-as-excel-writes-them/serial", 2, None, 2),
        ("13-months-as-excel-writes-them/yyyymm", 2, None, 2),
        ("13-months-as-excel-writes-them/mm_yyyy", 2, None, 2),
        ("13-months-as-excel-writes-them/us_two_digit_year", 2, None, 2),
    ],
)  # fmt: skip
def test_inputs_that_failed_give_their_right_answers(
    case: str, months: int, amount: float | None, accounts: int
) -> None:
    """Files of people who came here before."""
    if not (FAULTS / case).exists():
        pytest.skip(f"the files are not at {FAULTS}; set WORKBENCH_ORACLES to the folder beside it")
    base = bring_in(FAULTS / case).base("EUR")
    assert (len(base.months), len(base)) == (months, accounts)
    if amount is not None:
        last = base.mrr[base.mrr["month"] == base.months[-1]]
        assert last["amount"].sum() == pytest.approx(amount, abs=1)


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ("04-grand-total-row-counted-as-customer/data", "found 'Grand Total', expected customers only"),
        ("07-unfinished-last-month-read-as-churn/data", "2025-02 has rows for 5 accounts, the month before for 16"),
    ],
)
def test_the_check_says_of_loaded_data_what_the_import_asks_about(case: str, told: str) -> None:
    """Who loads tables under our own names is told the same, at the check and on the start page."""
    if not (FAULTS / case).exists():
        pytest.skip(f"the files are not at {FAULTS}; set WORKBENCH_ORACLES to the folder beside it")
    assert [told in str(each) for each in CustomerBase.load(FAULTS / case).findings] == [True]


def test_a_rule_given_to_the_command_is_kept_for_the_next_time(tmp_path: Path) -> None:
    """It changes the revenue, stands in mapping.toml, and holds without being said again."""
    raw = tmp_path / "subscriptions.csv"
    raw.write_text("account_id,item,start,end,amount,period,quantity,currency\nA,x,2024-01-01,,12,week,1,EUR\n")
    study = str(tmp_path / "study")
    run = CliRunner().invoke
    assert run(app, ["import", str(raw), "-o", study, "--accept", "--rule", "weeks=4"]).exit_code == 0
    for _ in range(2):
        assert 'weeks = "4"' in (tmp_path / "study" / "mapping.toml").read_text()
        assert CustomerBase.load(tmp_path / "study" / "data").mrr["amount"].tolist() == [48.0]
        assert run(app, ["import", str(raw), "-o", study]).exit_code == 0
    wrong = run(app, ["import", str(raw), "-o", study, "--rule", "weeks=5"])
    assert (wrong.exit_code, "52/12, 4" in wrong.output) == (2, True)


# --- Kinds of faults others came with: the files they had, and new files of the same kind


COUNTED = "account_id,month,metric,quantity\nA,2024-01,API calls,10\nB,2024-01,API calls,20\n"


@pytest.mark.parametrize(
    ("metric", "suggested"), [("Api Cals", "API calls"), ("Storage", "nobody pays it"), ("null", "nobody pays it")]
)
def test_a_charge_by_what_no_usage_counts_is_refused_by_the_check_and_asked_about_by_the_import(
    folder: Path, metric: str, suggested: str
) -> None:
    """Later steps could not bill it; every metric that is counted can be chosen, or that nobody pays it."""
    (folder / "accounts.csv").write_text("account_id,plan\nA,P\nB,P\n")
    (folder / "usage.csv").write_text(COUNTED)
    (folder / "plans.csv").write_text(f"plan,base_fee,metric,unit_price,included_units\nP,10,{metric},0.05,100\n")
    with pytest.raises(DataErrors, match=f"the price list charges {metric}, which no usage counts"):
        CustomerBase.load(folder)
    found = bring_in(folder)
    key = f"metric {metric} of the price list"
    answer = found.mapping.settings[key]
    assert (answer.value, answer.sure) == (suggested, False)
    assert set(answer.choices) == {"API calls", "nobody pays it", "keep"}
    for chosen, priced in (("API calls", 1), ("nobody pays it", 0)):
        base = bring_in(folder, found.mapping.answered("", key, chosen)).base("EUR")
        assert base.frames["plans"]["unit_price"].notna().sum() == priced
    with pytest.raises(DataErrors, match="which no usage counts"):
        bring_in(folder, found.mapping.answered("", key, "keep")).base("EUR")


def test_seats_of_the_accounts_can_be_charged(folder: Path) -> None:
    """They are counted there."""
    (folder / "accounts.csv").write_text("account_id,plan,seats\nA,P,4\nB,P,5\n")
    (folder / "usage.csv").write_text(COUNTED)
    (folder / "plans.csv").write_text("plan,base_fee,metric,unit_price\nP,10,seats,5\n")
    assert len(CustomerBase.load(folder)) == 2
    assert bring_in(folder).mapping.settings == {}


@pytest.mark.parametrize("word", ["null", "NaN", "(null)", "undefined"])
def test_rows_of_an_account_called_null_are_no_customer(folder: Path, word: str) -> None:
    """Said by the check, left out by the import once it is confirmed."""
    (folder / "accounts.csv").write_text(f"account_id,segment\nA,x\nB,x\n{word},x\n")
    (folder / "mrr.csv").write_text(f"account_id,month,amount\nA,2024-01,9.5\nB,2024-01,8\n{word},2024-01,700\n")
    assert ["how programs write that there is none" in str(each) for each in CustomerBase.load(folder).findings] == [
        True
    ]
    assert asked(folder) == {"rows without an account": "leave out"}
    assert accepted(folder)["mrr"]["amount"].sum() == 17.5


def adoption(base: CustomerBase) -> dict[str, float]:
    """Return the share of accounts that have each feature, as the tiers read it."""
    return {each.feature: each.users / each.of_accounts for each in tiers.gather(base).benefits}


def test_a_table_of_who_has_which_feature_says_who_has_it() -> None:
    """By pandas: 91.0, 36.0, 34.3 and 25.3% of 300 accounts."""
    case = FAULTS / "06-adoption-flags-shown-as-nobody" / "data"
    if not case.exists():
        pytest.skip(f"the files are not at {FAULTS}; set WORKBENCH_ORACLES to the folder beside it")
    wanted = {"PhoneService": 0.910, "OnlineBackup": 0.360, "StreamingTV": 0.343, "TechSupport": 0.253}
    for base in (CustomerBase.load(case), bring_in(case).base()):
        assert {name: round(share, 3) for name, share in adoption(base).items()} == wanted


@pytest.mark.parametrize("form", ["once", "every month", "with zeros", "matrix", "twice"])
def test_flags_in_any_form_are_who_has_a_feature(folder: Path, form: str) -> None:
    """One row once, one a month, 0 where it is not had, one column per feature, or two uses in all."""
    chance = np.random.default_rng(5)
    has = pd.DataFrame(chance.random((80, 3)) < (0.8, 0.4, 0.1), columns=["SSO", "Export", "Archive"])
    has.index = pd.Index([f"A{n}" for n in range(80)], name="account_id")
    pd.DataFrame({"account_id": has.index}).to_csv(folder / "accounts.csv", index=False)
    months = ["2024-01", "2024-02", "2024-03"] if form == "every month" else ["2024-03"]
    paid = [(who, month, 50.5) for who in has.index for month in months]
    pd.DataFrame(paid, columns=["account_id", "month", "amount"]).to_csv(folder / "mrr.csv", index=False)
    if form == "matrix":
        has.replace({True: "Yes", False: "No"}).reset_index().to_csv(folder / "matrix.csv", index=False)
    else:
        long = has.astype(int).reset_index().melt("account_id", var_name="feature", value_name="uses")
        long = long if form == "with zeros" else long[long["uses"] > 0]
        parts = [long.assign(week=f"{month}-04", uses=long["uses"] * (2 if form == "twice" else 1)) for month in months]
        pd.concat(parts).to_csv(folder / "feature_use.csv", index=False)
    found = adoption(bring_in(folder).base("EUR"))
    assert found == {name: pytest.approx(has[name].mean()) for name in has}


def test_a_log_of_uses_keeps_its_threshold(folder: Path) -> None:
    """Who tried a feature once does not need it, where others use it every week."""
    weeks = pd.date_range("2024-01-01", periods=9, freq="W-MON").strftime("%Y-%m-%d")
    rows = [("A", week, "SSO", 4) for week in weeks] + [("B", weeks[-1], "SSO", 1)]
    pd.DataFrame(rows, columns=["account_id", "week", "feature", "uses"]).to_csv(
        folder / "feature_use.csv", index=False
    )
    (folder / "accounts.csv").write_text("account_id\nA\nB\n")
    (folder / "mrr.csv").write_text("account_id,month,amount\nA,2024-02,9\nB,2024-02,9\n")
    assert adoption(CustomerBase.load(folder)) == {"SSO": 0.5}


# --- Amounts that are not per month, contracts without an interval, and a comma nothing settles


@pytest.mark.parametrize(
    ("name", "text", "paid"),
    [
        ("x.csv", "Customer,Month,ARR\nA,2024-01,1200.60\nB,2024-01,2400\n", [100.05, 200]),
        ("x.csv", "Kunde;Monat;Jahresumsatz\nA;2024-01;1200,60\nB;2024-01;2400\n", [100.05, 200]),
        ("x.csv", "Client;Mois;Chiffre d'affaires annuel\nA;2024-01;1200,60\nB;2024-01;2400\n", [100.05, 200]),
        ("x.csv", "Cliente;Mes;Ingresos anuales\nA;2024-01;1200,60\nB;2024-01;2400\n", [100.05, 200]),
        ("ARR by customer.csv", "Customer,Jan 2024,Feb 2024\nA,1200.60,1200.60\nB,600,600\n", [100.05, 100.05, 50, 50]),
        ("MRR by customer.csv", "Customer,Jan 2024,Feb 2024\nA,100.05,100.05\nB,50,50\n", [100.05, 100.05, 50, 50]),
        ("c.csv", "Account,Start date,End date,TCV\nA,2024-01-01,2026-12-31,3600.00\n", [100]),
        ("c.csv", "Kunde;Vertragsbeginn;Vertragsende;Jahresbetrag\nA;01.01.2024;31.12.2026;1200,60\n", [100.05]),
        ("c.csv", "Account,Begin,End,Billing frequency,ARR\nA,2024-01-01,2026-12-31,monthly,1200.60\n", [100.05]),
    ],
)  # fmt: skip
def test_amounts_are_per_month_whatever_their_header_says_they_are_for(
    folder: Path, name: str, text: str, paid: list[float]
) -> None:
    """A year, a quarter or a whole contract; it is asked about, for the header is all that says so."""
    (folder / name).write_text(text)
    found = bring_in(folder)
    assert found.tables["mrr"]["amount"].round(2).tolist() == paid
    lines = {line for _, line, _ in found.mapping.questions}
    is_spread = found.mapping.tables[0].table.value == "invoice_lines"  # over its own time, whatever it is called
    assert bool(lines & {"amount_per", "period"}) == (not name.startswith("MRR") and not is_spread)


def test_a_lone_comma_is_a_question_with_two_answers(folder: Path) -> None:
    """1,200 is twelve hundred or one point two, and no problem."""
    (folder / "mrr.csv").write_text('account_id,month,amount\nA,2024-01,"1,200"\nB,2024-01,900\n')
    found = bring_in(folder)
    assert (found.problems, asked(folder)) == ((), {"comma in mrr.csv": "parts thousands"})
    assert found.tables["mrr"]["amount"].tolist() == [1200, 900]
    other = bring_in(folder, found.mapping.answered("", "comma in mrr.csv", "parts decimals"))
    assert other.tables["mrr"]["amount"].tolist() == [1.2, 900]


@pytest.mark.parametrize(("factor", "suggested"), [(100, "as before"), (0.01, "as since then"), (12, "as before")])
def test_amounts_whose_unit_changed_half_way_are_one_question(folder: Path, factor: float, suggested: str) -> None:
    """Cents from April on, or until March; a year from April on. The suggestion is units per month."""
    paid = {"A": 90.5, "B": 120.25, "C": 33.3, "D": 11.1}
    rows = [(a, f"2024-{m:02}", x * (factor if m > 3 else 1)) for m in range(1, 7) for a, x in paid.items()]
    pd.DataFrame(rows, columns=["account_id", "month", "amount"]).to_csv(folder / "mrr.csv", index=False)
    assert asked(folder) == {"unit of amounts": suggested}
    made = accepted(folder)["mrr"]["amount"].round(4)
    scale = min(factor, 1)
    assert sorted(set(made)) == sorted(round(x * scale, 4) for x in paid.values())


def test_every_row_left_out_is_listed_beside_the_study(tmp_path: Path) -> None:
    """File, row, whose it is, the amount and why: tests, trials, what is paid once, and who did not finish a survey."""
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "invoices.csv").write_text(
        "account_id,from,to,amount,kind,status\nA,2024-01-01,2024-02-01,90,recurring,paid\n"
        "A,2024-01-01,2024-02-01,500,setup,paid\nB,2024-01-01,2024-02-01,70,recurring,void\n"
        "B,2024-01-01,2024-02-01,60.5,recurring,paid\n"
    )
    (raw / "answers.csv").write_text(
        "ResponseId,Finished,Too cheap,Bargain,Expensive,Too expensive\nR1,True,1,2,3,4\nR2,False,1,2,3,4\n"
        "R3,True,5,6,7,8\nR4,True,5,6,seven,8\n" + "".join(f"R{n},True,1,2,{n},99\n" for n in range(5, 15))
    )
    import_exports(raw, tmp_path / "study", accept=True, currency="EUR")
    listed = pd.read_csv(tmp_path / "study" / "left_out.csv")
    assert listed[["file", "row", "who"]].to_numpy().tolist() == [
        ["answers.csv", 3, "R2"], ["answers.csv", 5, "R4"], ["invoices.csv", 4, "B"], ["invoices.csv", 3, "A"],
    ]  # fmt: skip
    assert listed["amount"].dropna().tolist() == [70, 500]
    assert listed["why"].tolist() == [
        "did not finish the survey, or only tried it", "gave an answer that cannot be read", "void or a draft",
        "no recurring revenue: it is paid once",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2024M01", "2024M02"), ("2024 Jan", "2024 Feb"), ("2024-Jan", "2024-Feb"), ("J\u00e4n 2024", "Feb 2024"),
        ("janv. 2024", "f\u00e9vr. 2024"), ("ene-24", "feb-24"), ("Jan '24", "Feb '24"), ("01.2024", "02.2024"),
        ("45322", "45351"), ("1/31/24", "2/29/24"), ("20240131", "20240229"), ("1/2024", "2/2024"),
    ],
)  # fmt: skip
def test_months_in_every_form_are_months(folder: Path, first: str, second: str) -> None:
    """By the check and by the import alike."""
    rows = f"A,{first},10.5\nB,{first},20.5\nA,{second},10.5\nB,{second},20.5\n"
    (folder / "accounts.csv").write_text("account_id\nA\nB\n")
    (folder / "mrr.csv").write_text(f"account_id,month,amount\n{rows}", encoding="utf-8")
    for base in (CustomerBase.load(folder), bring_in(folder).base("EUR")):
        assert [f"{month:%Y-%m}" for month in base.months] == ["2024-01", "2024-02"]


def test_months_nobody_can_read_are_one_problem(folder: Path) -> None:
    """A quarter is no month; nothing else goes wrong over it."""
    (folder / "mrr.csv").write_text("account_id,month,amount\nA,Q1 2024,10.5\nB,Q1 2024,20.5\nA,Q2 2024,10.5\n")
    (problem,) = bring_in(folder).problems
    assert "Q1 2024" in str(problem)


@pytest.mark.parametrize(
    ("sign", "likely", "other"), [("$", "USD", "CAD"), ("kr", "DKK", "SEK"), ("\u00a5", "JPY", "CNY")]
)
def test_a_column_with_a_sign_that_several_currencies_share_is_a_question(
    folder: Path, sign: str, likely: str, other: str
) -> None:
    """With every currency it can be; a sign of one currency is read as it."""
    text = f"account_id,month,amount,currency\nA,2024-01,10.5,{sign}\nB,2024-01,20.5,{sign}\n"
    (folder / "mrr.csv").write_text(text, encoding="utf-8")
    found = bring_in(folder)
    answer = found.mapping.settings["currency"]
    assert (answer.value, answer.sure, other in answer.choices) == (likely, False, True)
    assert bring_in(folder, found.mapping.answered("", "currency", other)).base().currency == other
    (folder / "mrr.csv").write_text(text.replace(sign, "\u20ac"), encoding="utf-8")
    assert (asked(folder), bring_in(folder).base().currency) == ({}, "EUR")


@pytest.mark.parametrize(
    "word", ["TOTAL", "Gesamtsumme", "Sum of all", "Total:", "Somme", "\u5408\u8a08", "Customers (3)"]
)
def test_a_total_in_any_words_is_found(folder: Path, word: str) -> None:
    """By its name, or because it has the sum of the others in every month."""
    rows = [(a, f"2024-0{m}", v + m) for m in (1, 2, 3) for a, v in (("A", 10), ("B", 20), ("C", 30))]
    rows += [(word, f"2024-0{m}", 60 + 3 * m) for m in (1, 2, 3)]
    pd.DataFrame(rows, columns=["account_id", "month", "amount"]).to_csv(folder / "mrr.csv", index=False)
    assert asked(folder)["total rows"] == "leave out"
    assert accepted(folder)["mrr"]["amount"].sum() == 3 * 60 + 18


@pytest.mark.parametrize(("name", "is_one"), [("Subtotal EU", True), ("EU Total", True), ("Total Energies", False)])
def test_a_total_of_some_is_found_where_it_has_their_sum(folder: Path, name: str, *, is_one: bool) -> None:
    """Each region has its own total below it; a customer who is only called so is none. What is left out is listed."""
    paid = {"A": 10, "B": 20, name: 30 if is_one else 31, "C": 5, "D": 7, "Grand Total": 42 + (0 if is_one else 31)}
    wide = pd.DataFrame({"Customer": [*paid], **{f"2024-0{month}": [*paid.values()] for month in (1, 2, 3)}})
    wide.to_csv(folder / "mrr.csv", index=False)
    found = bring_in(folder)
    assert set(found.tables["accounts"]["account_id"]) == {*"ABCD", *([] if is_one else [name])}
    rows = [4, 7] if is_one else [7]
    assert sorted(zip(found.left_out["row"], found.left_out["amount"], strict=True)) == [
        (row, list(paid.values())[row - 2]) for row in rows for _ in range(3)
    ]


def test_of_several_columns_of_a_known_export_the_one_that_says_it_best_counts(folder: Path) -> None:
    """A paid period ends after notice is given, and who has given notice pays until it does, wherever columns stand."""
    columns = FORMATS["stripe_subscriptions"]["columns"]
    of_all = {"Amount": 60, "Interval": "month", "Created (UTC)": "2023-11-02", "Canceled At (UTC)": "2024-03-20"}
    dates = {"Start Date (UTC)": "2024-01-02", "Plan": "Pro"}
    rows = [
        {"Customer ID": "running", "Status": "active", **of_all, **dates},
        {"Customer ID": "ended", "Status": "canceled", "Ended At (UTC)": "2024-04-02", **of_all, **dates},
        {"Customer ID": "at once", "Status": "canceled", **of_all, **dates},
        {"Customer ID": "new", "Status": "active", **of_all, **dates, "Start Date (UTC)": "2024-04-01"},
    ]
    pd.DataFrame(rows, columns=[*columns[::-1], "Plan"]).to_csv(folder / "s.csv", index=False)
    months = bring_in(folder).tables["mrr"].groupby("account_id")["month"].agg(["min", "max"])
    assert {who: (f"{first:%m}", f"{last:%m}") for who, first, last in months.itertuples()} == {
        "running": ("01", "04"), "ended": ("01", "03"), "at once": ("01", "02"), "new": ("04", "04"),
    }  # fmt: skip


def test_rates_are_to_the_currency_that_has_none(folder: Path) -> None:
    """The other currency is suggested even where it is as common; one without a rate is a problem, and no crash."""
    rows = "A,2024-01,100,EUR\nB,2024-01,100,USD\n"
    (folder / "m.csv").write_text(f"account_id,month,amount,currency\n{rows}")
    (folder / "r.csv").write_text("currency,from,rate\nEUR,2023-12-01,1.25\n")
    assert accepted(folder)["mrr"]["amount"].tolist() == [125, 100]
    (problem,) = bring_in(folder, currency="EUR").problems
    assert (problem.value, "worth in EUR" in problem.remedy) == ("USD", True)


def test_the_base_of_an_import_counts_by_the_rules_of_its_mapping(folder: Path) -> None:
    """Who is new again in its figures is who the import says is."""
    (folder / "m.csv").write_text("account_id,month,amount,currency\nA,2024-01,100,EUR\nA,2024-02,100,EUR\n")
    rules = RevenueRules(reactivation_months=3)
    assert bring_in(folder, rules=rules).base().rules == rules


@pytest.mark.parametrize(
    ("named", "likely", "sure"), [("SEK", "SEK", True), ("NOK", "NOK", True), ("EUR", "DKK", False)]
)
def test_a_sign_of_several_currencies_is_the_one_the_folder_names(
    folder: Path, named: str, likely: str, sure: bool
) -> None:
    """What plans are priced in says which krona revenue is in; where it is none of them, it stays a question."""
    (folder / "mrr.csv").write_text("account_id,month,amount\nA,2024-01,10 kr\nB,2024-01,20 kr\n", encoding="utf-8")
    plans = f"plan,base_fee,billing_period,currency\nTeam,10,month,{named}\n"
    (folder / "plans.csv").write_text(plans, encoding="utf-8")
    answer = bring_in(folder).mapping.settings["currency"]
    assert (answer.value, answer.sure) == (likely, sure)
