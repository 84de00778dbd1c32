"""Mode `powabase` in this process, against the sandbox, with a clock that does not wait."""

from __future__ import annotations

from tests.integration.chat.conftest import Start, start

__all__ = ["Start", "start"]
