"""The words a report uses, defined once for readers who were not in the room."""

from __future__ import annotations

DEFINITIONS: dict[str, str] = {
    "Account": "A customer organisation, whatever number of people use the product in it.",
    "Add-on": "An offer a customer buys on top of a plan, for one specific job.",
    "Average revenue per account": "Recurring revenue of a month divided by the accounts that paid in it.",
    "Benefit share": "The share of active accounts that used a feature often enough to count as needing it.",
    "Bill shock": "A month in which a customer's bill rises sharply against the month before.",
    "Finding": "The verdict of a design rule here: met, watch, not met, or unknown where data is missing.",
    "Gross revenue retention": (
        "Of the revenue a group of customers paid at the start, the share still paid a year later, with no customer "
        "counted above what it paid at the start."
    ),
    "Loevinger's H": (
        "How far customers adopt features in one common order: 1 means everybody follows it, 0 means there is none. "
        "From 0.3 an order is usually called weak, from 0.4 medium, from 0.5 strong."
    ),
    "Monthly recurring revenue": "What customers pay for a month, with longer contracts spread over their months.",
    "Net revenue retention": (
        "What a group of customers pays a year later, divided by what the same customers paid at the start; new "
        "customers are left out."
    ),
    "90% interval": "The range that holds the true value in nine of ten samples like this one.",
    "On request": "A price the vendor does not publish. It is counted, never estimated.",
    "Range": "An uncertain input, from low to high, meant to hold the truth nine times in ten.",
    "Scenario": "One full set of decisions, so one candidate price list. Today's is the baseline.",
    "Set aside": "A rule the team overrode, with the reason on record. Its verdict stays visible.",
    "Value metric": "What the price grows with: the quantity a customer pays for.",
}
