"""Inputs that a `repository_dispatch` event brings: a webhook's or a chat's way in (threat T72).

A person who may dispatch could run any workflow of the repository; still, each field is checked as the input
of its name, and only these fields are inputs. What the workflow gives itself stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from upshot.errors import InputError
from upshot.inputs.names import variable
from upshot.inputs.reader import show

FIELDS: Final = ("deployment-url", "update-url", "stack-name", "pr-number", "prompt")
_LONGEST: Final = 131_072
_MOST_NAMED: Final = 10


def with_dispatched(
    env: Mapping[str, str], payload: Mapping[str, Any]
) -> tuple[Mapping[str, str], tuple[str, ...], list[InputError]]:
    """The variables with the fields of a `repository_dispatch` event as inputs, warnings about other
    fields, and problems.
    """
    fields = payload.get("client_payload")
    if not isinstance(fields, Mapping):
        return env, (), []
    found: dict[str, str] = {}
    problems: list[InputError] = []
    for name in FIELDS:
        value = fields.get(name)
        if value is None or env.get(variable(name), "").strip():
            continue
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if isinstance(text, str) and len(text) <= _LONGEST and "\0" not in text:
            found[variable(name)] = text
        else:
            given = "a long text" if isinstance(text, str) else f"a JSON {type(value).__name__}"
            problems.append(InputError(name, f"{given} from the event's client_payload", "a text"))
    others = [show(str(name)) for name in fields if name not in FIELDS]
    more = "" if len(others) <= _MOST_NAMED else f" and {len(others) - _MOST_NAMED:,} more"
    names = ", ".join(others[:_MOST_NAMED])
    warning = (
        f"the event's client_payload has {names}{more}, which no input is taken from; it may hold "
        f"{', '.join(FIELDS)}"
    )
    return {**env, **found}, ((warning,) if others else ()), problems
