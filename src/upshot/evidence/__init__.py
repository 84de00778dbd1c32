"""What the engine said, as facts; no network, no model.

`facts_from_events` and `facts_from_console` read bytes as a stream, `merge_facts` joins sources,
`Excerpt` cuts facts for an AI, `diagnose` judges them offline. Each is loaded when it is first
used: a run with engine events never pays for the console's grammar, nor for the catalogue.
"""

from __future__ import annotations

from typing import Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from upshot.evidence.diagnosis import diagnose
    from upshot.evidence.engine.facts import accounts_from_events, facts_from_events
    from upshot.evidence.excerpt import Excerpt
    from upshot.evidence.merge import merge_facts
    from upshot.evidence.printed import accounts_from_console, facts_from_console

__all__ = [
    "Excerpt",
    "accounts_from_console",
    "accounts_from_events",
    "diagnose",
    "facts_from_console",
    "facts_from_events",
    "merge_facts",
]

_HOMES = {
    "accounts_from_console": "printed",
    "accounts_from_events": "engine.facts",
    "Excerpt": "excerpt",
    "diagnose": "diagnosis",
    "facts_from_console": "printed",
    "facts_from_events": "engine.facts",
    "merge_facts": "merge",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(f"{__name__}.{home}"), name)
    return value
