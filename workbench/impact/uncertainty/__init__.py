"""What customers may do about new prices, as ranges: revenue with its uncertainty, and what would be worth knowing."""

from __future__ import annotations

from workbench.impact.uncertainty.behaviour import (
    Behaviour,
    about_nobody,
    check_range,
    default_assumptions,
    id_for,
    kind_of,
    learned,
    nobody_reacts,
    widest_on_record,
)
from workbench.impact.uncertainty.drivers import Driver, drivers, tornado
from workbench.impact.uncertainty.errors import UncertaintyError
from workbench.impact.uncertainty.knowing import ValueOfKnowing, value_of_knowing
from workbench.impact.uncertainty.limits import chances_of_missing
from workbench.impact.uncertainty.simulation import TODAY, Simulation, Totals, prepare, simulate
from workbench.impact.uncertainty.statistics import Statistics, summarise

__all__ = [
    "TODAY",
    "Behaviour",
    "Driver",
    "Simulation",
    "Statistics",
    "Totals",
    "UncertaintyError",
    "ValueOfKnowing",
    "about_nobody",
    "chances_of_missing",
    "check_range",
    "default_assumptions",
    "drivers",
    "id_for",
    "kind_of",
    "learned",
    "nobody_reacts",
    "prepare",
    "simulate",
    "summarise",
    "tornado",
    "value_of_knowing",
    "widest_on_record",
]
