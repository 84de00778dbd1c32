"""The kinds of blocks that the engine runs: handles, what each needs, what it begins with. Pure.

Source: the engine's registry of blocks (v0.3.0), the Studio's registry of fields and defaults.
Fields that begin as an empty text are left out here: the engine reads them as absent ones.
"""

from __future__ import annotations

import copy
from typing import Any, Final

from upshot.lenient import as_list
from upshot.powabase.graph import Block

TYPES: Final = frozenset(
    {
        "starter",
        "webhook",
        "agent",
        "orchestration",
        "code",
        "condition",
        "general_api",
        "platform_api",
        "response",
        "split",
        "function",  # an older name of code
        "api_call",  # an older name of general_api
    }
)
TRIGGERS: Final = frozenset({"starter", "webhook"})
LONGEST_NAME: Final = 255
"""Characters of a name or a condition; a type or a handle has at most 50."""
LONGEST_HANDLE: Final = 50
_MOST_BRANCHES: Final = 100

_TITLES: Final = {
    "starter": "Starter",
    "webhook": "Webhook",
    "agent": "Agent",
    "orchestration": "Orchestration",
    "code": "Code",
    "condition": "Condition",
    "general_api": "General API",
    "platform_api": "Platform API",
    "response": "Response",
    "split": "Split",
}
_DEFAULTS: Final[dict[str, dict[str, Any]]] = {
    "starter": {
        "input": {},
        "schedule_enabled": False,
        "schedule_type": "interval",
        "schedule_timezone": "UTC",
    },
    "agent": {"model": "gpt-5.4-mini", "knowledge_bases": [], "temperature": 0.7},
    "code": {"language": "python"},
    "condition": {"branches": [{"expression": ""}]},
    "general_api": {"method": "GET"},
    "platform_api": {"use_raw_json": False},
    "response": {"status": "200"},
    "split": {"branches": 2},
}
_NEEDED: Final = {
    "agent": ("input", "system_prompt", "model"),
    "code": ("code",),
    "condition": ("branches",),
    "general_api": ("url", "method"),
    "platform_api": ("resource",),
    "response": ("output",),
    "starter": ("input",),
}


def default_config(kind: str) -> dict[str, Any]:
    """What the config of a new block begins with; empty for a kind without defaults."""
    return copy.deepcopy(_DEFAULTS.get(kind, {}))


def default_name(kind: str) -> str:
    return _TITLES.get(kind, kind)


def tidy_config(config: dict[str, Any]) -> dict[str, Any]:
    """`knowledge_bases` in the one form that the engine reads: a list of objects with `id`."""
    found = config.get("knowledge_bases")
    if isinstance(found, str):
        return config | {"knowledge_bases": [{"id": found}] if found else []}
    if not isinstance(found, list):
        return config
    tidy = [{"id": item} if isinstance(item, str) else item for item in found]
    return config | {
        "knowledge_bases": [item for item in tidy if isinstance(item, dict) and "id" in item]
    }


def missing_config(block: Block) -> tuple[str, ...]:
    """Fields that the block does nothing useful without."""
    needed = _NEEDED.get(block.type, ())
    if block.type == "agent" and block.config.get("agent_id"):
        needed = ("input",)
    if any(mapping for mapping in as_list(block.config.get("_inputMappings"))):
        needed = tuple(name for name in needed if name != "input")
    return tuple(name for name in needed if not block.config.get(name))


def handles_of(block: Block) -> frozenset[str] | None:
    """The source handles that edges of this block may have; None where the kind has no routes.

    `if`, `elif_1`, …, `else` of a condition; `1`, `2`, … of a split.
    """
    branches = block.config.get("branches")
    if block.type == "split":
        try:
            count = int(branches or 2)
        except (TypeError, ValueError):
            count = 2
        return frozenset(str(number) for number in range(1, min(count, _MOST_BRANCHES) + 1))
    if block.type != "condition":
        return None
    count = min(max(1, len(as_list(branches))), _MOST_BRANCHES)
    return frozenset({"if", "else", *(f"elif_{number}" for number in range(1, count))})


def condition_for(handle: str) -> str | None:
    """The `condition` of a new edge: its handle, unless that is a number (split) or empty.

    The engine follows conditions and ignores handles: without this all branches would run.
    """
    return None if not handle or (handle.isascii() and handle.isdecimal()) else handle
