"""The inputs of mode `powabase`: which workflow, which conversation, and what may be changed. Pure."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from msgspec import Struct

from upshot.inputs.reader import Reader
from upshot.lenient import as_id
from upshot.secret import Secret

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
PROJECT: Final = {
    "powabase-url": "the address of the Powabase project",
    "powabase-key": "the project's service role key",
    "workflow-id": "the id of a workflow, a UUID",
}
"""Inputs that go together."""
_LONGEST_MODEL: Final = 200
NEW: Final = "new"
CONTINUE: Final = "continue"


class Apply(StrEnum):
    """`apply`."""

    NEVER = "never"
    FILE = "file"
    """Writes the new graph to `workflow-file`."""
    SERVER = "server"
    """Puts the new graph behind an approval."""


class DialectChoice(StrEnum):
    """`powabase-dialect`."""

    AUTO = "auto"
    DOCUMENTED = "documented"
    SERVER = "server"


class PowabaseInputs(Struct, frozen=True):
    url: str = ""
    """Address of the project, without a trailing slash."""
    key: Secret | None = None
    workflow_id: str = ""
    workflow_file: str = ""
    """Real path inside the workspace; it may not exist. Empty when not given."""
    session: str = NEW
    """`new`, `continue`, or the id of a session."""
    model: str = ""
    dialect: DialectChoice = DialectChoice.AUTO
    apply: Apply = Apply.NEVER
    allow_deployed: bool = False


def parse_powabase(read: Reader) -> PowabaseInputs:
    """A workflow that gives one input of its project gives all of them; mode `powabase` needs them."""
    url, key = read.address("powabase-url"), read.secret("powabase-key")
    given = [name for name in PROJECT if read.text(name)]
    for name, what in PROJECT.items():
        if given and name not in given:
            read.refuse(name, "", f"{what}, with the other inputs of the project")
    workflow_id = read.text("workflow-id")
    if workflow_id and not _UUID.fullmatch(workflow_id):
        read.refuse("workflow-id", workflow_id, "the id of a workflow, a UUID")
    apply = read.choice("apply", Apply.NEVER)
    workflow_file = read.path("workflow-file")
    if apply is Apply.FILE and not read.text("workflow-file"):
        read.refuse("workflow-file", "", "a path in the repository, with 'apply: file'")
    return PowabaseInputs(
        url=url,
        key=key,
        workflow_id=workflow_id.lower(),
        workflow_file=workflow_file,
        session=_session(read),
        model=_model(read),
        dialect=read.choice("powabase-dialect", DialectChoice.AUTO),
        apply=apply,
        allow_deployed=read.flag("allow-deployed", default=False),
    )


def _session(read: Reader) -> str:
    text = read.text("powabase-session", NEW)
    if not as_id(text):
        allowed = f"{NEW}, {CONTINUE}, or the id of a session"
        read.refuse("powabase-session", text, allowed)
        return NEW
    return text


def _model(read: Reader) -> str:
    text = read.text("powabase-model")
    if text.isprintable() and len(text) <= _LONGEST_MODEL:
        return text
    read.refuse("powabase-model", text, f"one line of at most {_LONGEST_MODEL} characters")
    return ""
