"""The tables a customer base can hold, each column with meaning, kind, unit and example, and the guide to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from workbench.formatting import capitalised

# --- Say what a column of a customer table holds: its meaning, kind, unit, example and limits

Kind = Literal["text", "currency", "number", "whole number", "date", "month", "week", "yes or no"]
NUMERIC = ("number", "whole number")
LARGEST = 1e15  # in size, for every numeric column: beyond it a float no longer holds cents, or whole numbers, exactly


@dataclass(frozen=True, slots=True)
class Column:
    """One documented column.

    `required` means the file must have it and every row needs a value in it, unless `may_be_blank`. `comparable` names
    the columns of the table that must be equal for two values of this one to be held against each other; `names` says
    what the texts of a column are names of, such as plan: the same plan has the same name in every table. `needs`
    names the column without which a value means nothing.
    """

    name: str
    kind: Kind
    meaning: str
    example: str
    required: bool = False
    unit: str = ""
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()
    may_be_blank: bool = False
    comparable: tuple[str, ...] = ()
    names: str = ""
    needs: str = ""

    @property
    def is_unlimited(self) -> bool:
        """Tell whether any value of its kind may stand in it."""
        return self.least is None and self.most is None and not self.choices

    @property
    def is_number(self) -> bool:
        """Tell whether the column holds numbers."""
        return self.kind in ("number", "whole number")

    @property
    def expected(self) -> str:
        """Say in words what a value must look like."""
        words = {
            "text": "a text",
            "currency": "a three-letter currency code such as USD",
            "number": "a number",
            "whole number": "a whole number",
            "date": "a date such as 2024-03-31",
            "month": "a month such as 2024-03",
            "week": "a date in the week, such as its Monday 2024-03-04",
            "yes or no": "yes or no (1 or 0)",
        }[self.kind]
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.least is not None and self.most is not None:
            return f"{words} from {self.least:g} to {self.most:g}"
        return f"{words}, {self.least:g} or more" if self.least is not None else words


@dataclass(frozen=True, slots=True)
class Table:
    """One documented table.

    `key` names the columns that together may occur once. `dated` is the column that places a row in time
    (None when the table has no history); rows that share the columns of `history` are one series through time.
    `open_ended` tables keep columns beyond the documented ones.
    """

    name: str
    holds: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    dated: str | None = None
    history: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    open_ended: bool = False
    column_aliases: dict[str, str] = field(default_factory=dict)

    @property
    def required_columns(self) -> tuple[str, ...]:
        """Name the columns a file of this table must have."""
        return tuple(column.name for column in self.columns if column.required)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Name all documented columns in their order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """Return the documented column of that name; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


# --- The survey tables: answers about prices, choices and features, one documented column each

_RESPONDENT = Column("respondent", "text", "the respondent's identifier", "R-17", required=True)
_ABOUT = (
    Column("account_id", "text", "the respondent's account, when known", "A-1042"),
    Column("segment", "text", "the respondent's segment", "mid", names="segment"),
    Column("weight", "number", "how many people the respondent stands for", "1.0", least=0),
)
_VERSION = Column("version", "text", "version of the questionnaire that was answered", "1")
_PER = Column(
    "per",
    "text",
    "what one price buys: account, or a metric such as seats; account when blank",
    "seats",
    names="metric",
)
_TASK = Column("task", "text", "number of the question, in the order asked", "1", required=True)
_FEATURE = Column("feature", "text", "name of the feature", "scheduled exports", required=True, names="feature")
_MONEY = "currency"
PRICE_SENSITIVITY = Table(
    "survey_price_sensitivity",
    "one row per respondent: the four price questions of van Westendorp",
    (
        _RESPONDENT,
        *_ABOUT,
        _VERSION,
        _PER,
        Column(
            "too_cheap", "number", "so cheap that quality is doubted", "15", unit=_MONEY, least=0, comparable=("per",)
        ),
        Column("cheap", "number", "a bargain", "25", required=True, unit=_MONEY, least=0, comparable=("per",)),
        Column(
            "expensive",
            "number",
            "expensive, but worth considering",
            "60",
            required=True,
            unit=_MONEY,
            least=0,
            comparable=("per",),
        ),
        Column(
            "too_expensive",
            "number",
            "too expensive to consider",
            "90",
            required=True,
            unit=_MONEY,
            least=0,
            comparable=("per",),
        ),
        Column("intent_cheap", "whole number", "intent to buy at the cheap price, 5 is certain", "4", least=1, most=5),
        Column(
            "intent_expensive",
            "whole number",
            "intent to buy at the expensive price, 5 is certain",
            "2",
            least=1,
            most=5,
        ),
    ),
    key=("respondent",),
    aliases=("price sensitivity", "van westendorp"),
)
PRICE_LADDER = Table(
    "survey_price_ladder",
    "one row per respondent and price asked: would they buy (Gabor and Granger)",
    (
        _RESPONDENT,
        *_ABOUT,
        _VERSION,
        _PER,
        Column("price", "number", "price asked", "49", required=True, unit=_MONEY, least=0, comparable=("per",)),
        Column(
            "accepted",
            "yes or no",
            "1 yes, 0 no, blank when not asked after the first No",
            "1",
            required=True,
            may_be_blank=True,
        ),
    ),
    key=("respondent", "price"),
    aliases=("price ladder", "gabor granger"),
)
CHOICE = Table(
    "survey_choice",
    "one row per respondent, task and alternative shown; further columns are the alternative's attributes",
    (
        _RESPONDENT,
        _TASK,
        Column("alternative", "text", "the alternative shown", "2", required=True),
        Column("chosen", "yes or no", "1 for the alternative chosen, else 0", "0", required=True),
        Column(
            "none",
            "yes or no",
            "1 for the row that stands for none of the alternatives, whose attributes are blank; else 0 or blank",
            "0",
        ),
        Column("price", "number", "price shown", "49", unit=_MONEY, least=0, comparable=("per",)),
        _PER,
        *_ABOUT,
        _VERSION,
    ),
    key=("respondent", "task", "alternative"),
    aliases=("choice", "conjoint"),
    open_ended=True,
    column_aliases={
        "respid": "respondent",
        "qid": "task",
        "altid": "alternative",
        "choice": "chosen",
        "no_choice": "none",
    },
)
BEST_WORST = Table(
    "survey_best_worst",
    "one row per respondent, task and feature shown: which was best, which worst",
    (
        _RESPONDENT,
        _TASK,
        _FEATURE,
        Column("choice", "text", "best, worst, or none", "best", required=True, choices=("best", "worst", "none")),
        *_ABOUT,
        _VERSION,
    ),
    key=("respondent", "task", "feature"),
    aliases=("best worst", "maxdiff"),
)
FEATURE_FIT = Table(
    "survey_feature_fit",
    "one row per respondent and feature: how they feel with it and without it (Kano)",
    (
        _RESPONDENT,
        _FEATURE,
        Column(
            "functional",
            "whole number",
            "feeling when the feature is there, 1 like to 5 dislike",
            "1",
            required=True,
            least=1,
            most=5,
        ),
        Column(
            "dysfunctional",
            "whole number",
            "feeling when it is missing, 1 like to 5 dislike",
            "5",
            required=True,
            least=1,
            most=5,
        ),
        Column("importance", "number", "stated importance of the feature", "7", least=0),
        *_ABOUT,
        _VERSION,
    ),
    key=("respondent", "feature"),
    aliases=("feature fit", "kano"),
)
SURVEY_TABLES = (PRICE_SENSITIVITY, PRICE_LADDER, CHOICE, BEST_WORST, FEATURE_FIT)

# --- The tables a customer base can hold, each column with its meaning, kind, unit and an example

SEATS = "seats"  # the metric that a column of the accounts holds as well
_ACCOUNT = Column("account_id", "text", "the account's identifier, the same in every table", "A-1042", required=True)
_METRIC = Column("metric", "text", "what is counted", "seats", required=True, names="metric")
_PLAN = Column("plan", "text", "name of the plan", "Growth", required=True, names="plan")
_PERIODS = ("month", "quarter", "year")
_KINDS = ("plan", "add-on")
_CURRENCY = Column("currency", "currency", "three-letter currency code, the same throughout", "USD")
ACCOUNTS = Table(
    "accounts",
    "one row per customer account",
    (
        _ACCOUNT,
        Column("name", "text", "name of the customer", "Harbour Analytics"),
        Column(
            "segment",
            "text",
            "the group the account is judged in, such as small, mid, enterprise",
            "mid",
            names="segment",
        ),
        Column("industry", "text", "industry of the customer", "logistics"),
        Column("region", "text", "region of the customer", "Europe"),
        Column("signed_up", "date", "day the account signed up", "2023-04-17"),
        Column("renews_on", "date", "day the account's contract comes up for renewal next", "2025-04-17"),
        Column("plan", "text", "plan the account is on today", "Growth", names="plan"),
        Column("seller", "text", "who sold to the account, or looks after it", "J. Okafor"),
        Column("seats", "whole number", "seats in use today", "24", unit="seats", least=0),
        Column("seat_limit", "whole number", "seats the plan allows", "25", unit="seats", least=0),
        Column(
            "unit_cost",
            "number",
            "what serving the account costs in one month",
            "118.40",
            unit="currency per month",
            least=0,
        ),
    ),
    key=("account_id",),
    dated="signed_up",
    aliases=("account", "customers", "customer", "companies"),
    column_aliases={"account": "account_id", "customer_id": "account_id", "signup_date": "signed_up"},
)
USAGE = Table(
    "usage",
    "one row per account, month and metric: how much was used",
    (
        _ACCOUNT,
        Column("month", "month", "the month; any day in it will do", "2024-03", required=True),
        _METRIC,
        Column(
            "quantity",
            "number",
            "amount used in the month",
            "1250",
            required=True,
            unit="the metric's own unit",
            least=0,
            comparable=("metric",),
        ),
    ),
    key=("account_id", "month", "metric"),
    dated="month",
    history=("account_id", "metric"),
    aliases=("monthly usage", "usage monthly", "usage by month", "metrics"),
    column_aliases={"account": "account_id", "customer_id": "account_id"},
)
MRR = Table(
    "mrr",
    "one row per account and month: what the account pays per month",
    (
        _ACCOUNT,
        Column("month", "month", "the month; any day in it will do", "2024-03", required=True),
        Column(
            "amount",
            "number",
            "monthly recurring revenue",
            "1490.00",
            required=True,
            unit="currency per month",
            least=0,
        ),
        Column("plan", "text", "plan the account was on in that month", "Growth", names="plan"),
        _CURRENCY,
    ),
    key=("account_id", "month"),
    dated="month",
    history=("account_id",),
    aliases=("monthly recurring revenue", "mrr history", "monthly mrr", "revenue"),
    column_aliases={"account": "account_id", "customer_id": "account_id", "mrr": "amount"},
)
SUBSCRIPTIONS = Table(
    "subscriptions",
    "one row per subscription or contract line, and again from each day on which its amount changed",
    (
        _ACCOUNT,
        Column("item", "text", "plan or add-on that is paid for", "Growth"),
        Column("start", "date", "first day it is paid for", "2023-04-17", required=True),
        Column("end", "date", "first day it is paid for no more; blank when it goes on", "2025-04-17"),
        Column(
            "amount",
            "number",
            "price of one period",
            "5880.00",
            required=True,
            unit="currency per period",
            least=0,
            comparable=("period",),
        ),
        Column("period", "text", "how long one amount pays for, such as month, 3 months, year", "year", required=True),
        Column("quantity", "number", "how many of it, when the amount is the price of one", "1", least=0),
        _CURRENCY,
        Column("canceled_on", "date", "day notice was given, where it was", "2025-01-20"),
        Column("renews_on", "date", "day the contract comes up for renewal next", "2025-04-17"),
        Column("notice_days", "whole number", "days before that day by which notice must be given", "30", least=0),
        Column("auto_renew", "yes or no", "whether it goes on when nobody gives notice", "yes"),
        Column("price_fixed_until", "date", "day until which the price may not be raised", "2025-12-31"),
        Column("price_cap", "number", "most the price may rise by at a renewal, in percent", "5", unit="%", least=0),
    ),
    dated="start",
    aliases=("subscription", "contracts", "contract lines"),
)
INVOICE_LINES = Table(
    "invoice_lines",
    "one row per line of an invoice or credit note, with the time it is for",
    (
        _ACCOUNT,
        Column("from", "date", "first day the line is for; blank for a single service", "2024-01-01"),
        Column("to", "date", "first day it is for no more", "2025-01-01"),
        Column("amount", "number", "amount of the line without tax; below zero for a credit", "5880.00", required=True),
        Column(
            "kind", "text", "what it is for; recurring when blank", "recurring",
            choices=("recurring", "usage", "one-off", "credit"),
        ),
        Column("item", "text", "plan or add-on it is for", "Growth"),
        _CURRENCY,
        Column("invoice", "text", "number of the invoice", "2024-0117"),
    ),
    dated="from",
    aliases=("invoices", "invoice items", "line items"),
)  # fmt: skip
FEATURE_USE = Table(
    "feature_use",
    "one row per account, week and feature: how often it was used",
    (
        _ACCOUNT,
        Column("week", "week", "the week, by its Monday; any day in it will do", "2024-03-04", required=True),
        _FEATURE,
        Column("uses", "whole number", "times used in the week", "7", required=True, unit="uses", least=0),
    ),
    key=("account_id", "week", "feature"),
    dated="week",
    history=("account_id", "feature"),
    aliases=("feature usage", "features used", "weekly feature use"),
)
DAILY_USAGE = Table(
    "daily_usage",
    "one row per account, day and metric: what was used on it, for the pace of a month that is not over",
    (
        _ACCOUNT,
        Column("date", "date", "the day", "2024-03-04", required=True),
        _METRIC,
        Column("quantity", "number", "used on the day", "37", required=True, unit="the metric's own unit", least=0),
    ),
    key=("account_id", "date", "metric"),
    dated="date",
    history=("account_id", "metric"),
    aliases=("usage by day", "daily use"),
)
USER_ACTIVITY = Table(
    "user_activity",
    "one row per account, month and person who used the product in it: numbers, never names",
    (
        _ACCOUNT,
        Column("month", "month", "the month", "2024-03", required=True),
        Column("user", "text", "number of the person at the account, the same in every month", "U-12", required=True),
        Column("department", "text", "where the person works", "Finance"),
        Column("uses", "whole number", "times used in the month", "41", required=True, unit="uses", least=0),
    ),
    key=("account_id", "month", "user"),
    dated="month",
    aliases=("user activity", "usage by user", "user usage"),
)
FEATURES = Table(
    "features",
    "one row per feature of the product",
    (
        _FEATURE,
        Column("area", "text", "part of the product it belongs to", "reporting"),
        Column("must_have", "yes or no", "whether every customer needs it", "no"),
    ),
    key=("feature",),
    aliases=("feature", "feature list"),
)
OUTCOMES = Table(
    "outcomes",
    "one row per recorded result a customer reached, or other measured outcome",
    (
        _ACCOUNT,
        Column("date", "date", "day it was recorded", "2024-05-12", required=True),
        Column("kind", "text", "kind of outcome", "hours saved", required=True, names="kind of outcome"),
        Column(
            "value",
            "number",
            "size of the outcome",
            "36",
            required=True,
            unit="the kind's own unit",
            comparable=("kind",),
        ),
    ),
    dated="date",
    history=("account_id", "kind"),
    aliases=("outcome", "results"),
)
REQUESTS = Table(
    "requests",
    "one row per time an account asked for a feature",
    (_ACCOUNT, Column("date", "date", "day of the request", "2024-05-12", required=True), _FEATURE),
    key=("account_id", "date", "feature"),
    dated="date",
    aliases=("request", "feature requests"),
)
CONTACTS = Table(
    "contacts",
    "one row per person in a role who is spoken with at an account: roles, never names",
    (
        _ACCOUNT,
        Column("role", "text", "role of the contact, such as Champion or Buyer", "Buyer", required=True),
        Column("team", "text", "team the contact works in", "Finance"),
        Column("region", "text", "region the contact works in", "Europe"),
        Column("since", "date", "day since which the contact is known", "2023-04-17"),
        Column("last_contact", "date", "day on which somebody last spoke with the contact", "2024-05-12"),
    ),
    dated="since",
    aliases=("contact", "stakeholders"),
)
MERGES = Table(
    "merges",
    "one row per account that became one with another: both count as one customer throughout, and none is lost",
    (
        _ACCOUNT,
        Column("into", "text", "the account it is part of since, which may have merged again", "A-1042", required=True),
        Column(
            "date", "date", "day they merged; later than the day data is read as of, it is not known yet", "2024-05-12"
        ),
    ),
    key=("account_id",),
    dated="date",
    aliases=("mergers", "merged accounts", "account merges"),
)
PLANS = Table(
    "plans",
    "today's price list: one row per plan, or per plan and charged metric",
    (
        _PLAN,
        Column(
            "base_fee",
            "number",
            "fee before usage; blank beside a unit price means none, and a plan with neither is on request",
            "490",
            unit="currency per billing period",
            least=0,
            comparable=("billing_period",),
        ),
        Column("metric", "text", "metric that is charged beside the base fee", "seats", names="metric"),
        Column(
            "unit_price",
            "number",
            "price of one unit beyond the included ones, for one billing period",
            "12",
            unit="currency per unit and billing period",
            least=0,
            comparable=("metric", "billing_period"),
            needs="metric",
        ),
        Column(
            "included_units",
            "number",
            "units the base fee includes in a month",
            "10",
            unit="the metric's own unit",
            least=0,
            comparable=("metric",),
            needs="metric",
        ),
        Column("billing_period", "text", "period the fees are for", "month", choices=_PERIODS),
        _CURRENCY,
    ),
    key=("plan", "metric", "billing_period"),
    aliases=("plan", "price list", "pricing"),
)
PLAN_LIMITS = Table(
    "plan_limits",
    "one row per plan and metric: how much the plan allows",
    (
        _PLAN,
        _METRIC,
        Column(
            "limit",
            "number",
            "largest quantity the plan allows in a month",
            "25",
            required=True,
            unit="the metric's own unit",
            least=0,
            comparable=("metric",),
        ),
    ),
    key=("plan", "metric"),
    aliases=("limits", "tier limits"),
)
PLAN_FEATURES = Table(
    "plan_features",
    "one row per plan and feature it contains",
    (_PLAN, _FEATURE),
    key=("plan", "feature"),
    aliases=("features by plan", "tier features"),
)
COMPETITOR_OFFERS = Table(
    "competitor_offers",
    "one row per price a competitor publishes, with the page and day it was seen",
    (
        Column("vendor", "text", "name of the competitor", "Northwind", required=True),
        Column("offer", "text", "name of the plan or add-on", "Team", required=True),
        Column("kind", "text", "whether it is bought on its own or on top; blank means plan", "plan", choices=_KINDS),
        Column(
            "price",
            "number",
            "published price; blank means on request",
            "39",
            unit="currency per billing period",
            least=0,
            comparable=("per", "billing_period", "currency"),
        ),
        Column(
            "per",
            "text",
            "what one price buys: account, or the metric charged, such as seats",
            "seats",
            required=True,
            names="metric",
        ),
        Column("limit_metric", "text", "metric the offer limits", "seats", names="metric"),
        Column(
            "limit",
            "number",
            "largest quantity the offer allows",
            "50",
            unit="the metric's own unit",
            least=0,
            comparable=("limit_metric",),
        ),
        Column("billing_period", "text", "period the price is for", "month", choices=_PERIODS),
        Column("currency", "currency", "three-letter currency code", "USD"),
        Column("seen_on", "date", "day the price was seen", "2024-05-12", required=True),
        Column(
            "source", "text", "page or document the price was read from", "https://example.com/pricing", required=True
        ),
    ),
    key=("vendor", "offer", "per", "limit_metric", "billing_period", "currency", "seen_on"),
    dated="seen_on",
    aliases=("competitors", "competitor prices"),
)
TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        ACCOUNTS, USAGE, MRR, SUBSCRIPTIONS, INVOICE_LINES, FEATURE_USE, DAILY_USAGE, USER_ACTIVITY, FEATURES,
        OUTCOMES, REQUESTS, CONTACTS, MERGES, PLANS, PLAN_LIMITS, PLAN_FEATURES,
        COMPETITOR_OFFERS, *SURVEY_TABLES,
    )
}  # fmt: skip


def table_name(file_stem: str) -> str | None:
    """Return the table a file or sheet name means, or None; case, spaces and underscores do not matter."""
    return _NAMES.get(plain_name(file_stem))


def plain_name(text: str) -> str:
    """Reduce a name to what people tell apart: lower-case letters and digits."""
    return "".join(character for character in text.casefold() if character.isalnum())


_NAMES = {plain_name(name): table.name for table in TABLES.values() for name in table.aliases}
_NAMES.update({plain_name(name): name for name in TABLES})

# --- Write empty files for every table, and a guide that says what each column holds

GUIDE = "COLUMN_GUIDE.md"
_INTRODUCTION = """# Column guide

One file per table; the file name is the table name. Only **accounts** and one of **usage** or **mrr** are
required: delete the files you have no data for, because a file without rows is reported as a problem.
Any delimiter (comma, semicolon, tab, |), Excel sheets of the same names, or Parquet files work as well.
Columns may stand in any order; columns not listed here are ignored and reported as such.
When data is loaded as of a day, rows later than it are hidden; a month or week counts once it is over.
"""


def column_guide() -> str:
    """Return the guide to all tables and columns as Markdown."""
    return "\n".join([_INTRODUCTION, *(_section(table) for table in TABLES.values())])


def _section(table: Table) -> str:
    """Write one table of the guide."""
    rows = [
        "| column | required | holds | kind | unit | example |",
        "|---|---|---|---|---|---|",
        *(_row(column) for column in table.columns),
    ]
    key = f"Each {', '.join(table.key)} may occur once.\n\n" if table.key else ""
    further = "\nFurther columns are kept as attributes.\n" if table.open_ended else ""
    holds = capitalised(table.holds)
    return f"## {table.name}\n\n{holds}.\n\n{key}" + "\n".join(rows) + f"\n{further}"


def _row(column: Column) -> str:
    """Write one column of the guide."""
    required = "yes" if column.required else ""
    if column.may_be_blank:
        required = "yes, cells may be blank"
    cells = (column.name, required, column.meaning, column.expected, column.unit, column.example)
    return "| " + " | ".join(cells).rstrip() + " |"
