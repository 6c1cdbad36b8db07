"""The exports of one company whose truth is known, as four systems write them: messy, and each in its own way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import openpyxl
import pandas as pd

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Truth:
    """What the exports of a company say: revenue per account and month, by the CRM's identifiers, and usage."""

    mrr: pd.DataFrame
    usage: pd.DataFrame
    names: dict[str, str]


def write_exports(folder: Path, *, accounts: int = 60, seed: int = 3) -> Truth:
    """Write a billing export in cents, a CRM export, a workbook of usage and a matrix of features; return the truth."""
    chance = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    numbers = [*range(accounts)]
    names = {f"{9000 + n}": f"Füller & Söhne {n} GmbH" if n % 2 else f"Atelier Café {n} Ltd" for n in numbers}
    months = pd.date_range("2024-01-01", "2025-02-01", freq="MS")
    # Billing: Baremetrics' template, amounts in cents, yearly and monthly, some cancelled.
    price, yearly = chance.integers(20, 900, accounts), chance.random(accounts) < 0.4
    begin, ends = (
        chance.integers(0, 8, accounts),
        np.where(chance.random(accounts) < 0.3, chance.integers(9, 13, accounts), 99),
    )
    billing = pd.DataFrame(
        {
            "plan_oid": "p", "plan_name": np.where(price > 300, "Business", "Team"), "plan_currency": "eur",
            "plan_amount": price * 100 * np.where(yearly, 12, 1), "plan_interval": np.where(yearly, "year", "month"),
            "plan_interval_count": 1, "customer_oid": [f"cus_{n}" for n in numbers],
            "customer_name": [name.upper().replace("GMBH", "").replace("LTD", "Limited") for name in names.values()],
            "customer_email": "x@example.com", "subscription_oid": [f"s{n}" for n in numbers],
            "subscription_started_at": [f"{months[month]:%Y-%m}-05" for month in begin],
            "subscription_canceled_at": [f"{months[month]:%Y-%m}-20" if month < 99 else "" for month in ends],
            "subscription_quantity": 1,
        }
    )  # fmt: skip
    billing.to_csv(folder / "export (3).csv", index=False)
    # CRM: HubSpot's companies in another order, semicolons, Windows letters, a column of one's own.
    crm = pd.DataFrame(
        {
            "Industry": chance.choice(["Handel", "Industrie"], accounts), "Company name": names.values(),
            "Record ID": names.keys(), "Create Date": [f"{months[month]:%d.%m.%Y}" for month in begin],
            "Domain": "", "Company owner": "Jürgen", "Kundengruppe": chance.choice(["klein", "groß"], accounts),
        }
    )  # fmt: skip
    (folder / "hubspot-crm-exports-all-companies.csv").write_bytes(crm.to_csv(index=False, sep=";").encode("cp1252"))
    # Usage: a workbook with a title, one column per metric, a total among the rows, a hidden sheet.
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Auswertung"
    sheet.append(["Nutzung je Kunde, Stand Februar"])
    sheet.append(["Kunde", "Monat", "API-Aufrufe", "Speicher GB"])
    rows = []
    for place, month in enumerate(months):
        alive = [n for n in numbers if begin[n] <= place < ends[n]]
        block = [(f"{9000 + n}", month, float(100 + n * 10 + place), float(n + 1)) for n in alive]
        rows += block
        for account, when, calls, storage in block:
            sheet.append([account, f"{when:%m/%Y}", calls, storage])
        sheet.append(["Summe", f"{month:%m/%Y}", sum(row[2] for row in block), sum(row[3] for row in block)])
    hidden = book.create_sheet("alt")
    hidden.append(["Kunde", "Monat", "API-Aufrufe", "Speicher GB"])
    hidden.append(["9001", "01/2023", 1.0, 1.0])
    hidden.sheet_state = "hidden"
    book.save(folder / "Mappe1.xlsx")
    # Features: who has what, in words.
    flags = {name: np.where(chance.random(accounts) < share, "Ja", "Nein") for name, share in
             (("Berichte", 0.9), ("SSO", 0.2), ("Archiv", 0.4), ("Export", 0.6))}  # fmt: skip
    pd.DataFrame({"Kunde": [*names], **flags}).to_csv(folder / "features final v2.csv", index=False)
    (folder / "readme.pdf").write_bytes(b"%PDF-1.7 nothing to see")
    mrr = pd.DataFrame(
        [(f"{9000 + n}", month, float(price[n])) for n in numbers for place, month in enumerate(months)
         if begin[n] <= place < ends[n]],
        columns=["account_id", "month", "amount"],
    )  # fmt: skip
    usage = pd.DataFrame(rows, columns=["account_id", "month", "API-Aufrufe", "Speicher GB"])
    return Truth(mrr, usage.melt(["account_id", "month"], var_name="metric", value_name="quantity"), names)
