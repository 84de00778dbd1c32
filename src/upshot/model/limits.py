"""How much of one error message is read, kept and shown, in characters.

Every room cuts for its own reason; the numbers stand here together, since each bounds the next.
"""

from __future__ import annotations

from typing import Final

MESSAGE_READ: Final = 64_000
"""Of an engine event's message, before its colours are taken out."""
MESSAGE_KEPT: Final = 16_000
"""Of a message in Facts, of what was printed before it, and of both in a stored report."""
MESSAGE_SHOWN: Final = 2_400
"""In the alert of a report: the start and the end."""
MESSAGE_IN_ROW: Final = 280
"""In a row of a table, one line."""
