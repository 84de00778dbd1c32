"""What holds for all tests."""

from __future__ import annotations

from hypothesis import settings

# No test measures time: how long one example takes is about the machine, and what is busy on it.
settings.register_profile("any-machine", settings.default, deadline=None)
settings.load_profile("any-machine")
