"""Settings of the tests of the rulebook."""

from __future__ import annotations

from hypothesis import settings

# The laws are about results; how long one example takes depends on what else the machine does.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")
