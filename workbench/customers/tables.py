"""The tables a customer base can hold, each column with its meaning, kind, unit and an example."""

from __future__ import annotations

from workbench.customers.columns import Column, Table
from workbench.customers.survey_tables import SURVEY_TABLES

_ACCOUNT = Column("account_id", "text", "the account's identifier, the same in every table", "A-1042", required=True)
_METRIC = Column("metric", "text", "what is counted", "seats", required=True, names="metric")
_PLAN = Column("plan", "text", "name of the plan", "Growth", required=True, names="plan")
_FEATURE = Column("feature", "text", "name of the feature", "scheduled exports", required=True, names="feature")
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
    (
        _ACCOUNT,
        Column("date", "date", "day of the request", "2024-05-12", required=True),
        _FEATURE,
    ),
    key=("account_id", "date", "feature"),
    dated="date",
    aliases=("request", "feature requests"),
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
        ACCOUNTS, USAGE, MRR, FEATURE_USE, FEATURES, OUTCOMES, REQUESTS, PLANS, PLAN_LIMITS, PLAN_FEATURES,
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
