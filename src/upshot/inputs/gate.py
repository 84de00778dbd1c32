"""The inputs of mode `gate`: who may approve what, and what happens while that is open and then. Pure."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from msgspec import Struct

from upshot.gate.policy import WEEK_S, Source
from upshot.inputs.choices import FailOn
from upshot.inputs.reader import DAY_S, Reader

_YEAR_S: Final = 365 * DAY_S
_ALWAYS: Final = "always"
_MOST_APPROVERS: Final = 200
_LONGEST_ENVIRONMENT: Final = 255
_LOGIN: Final = re.compile(r"@?[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_TEAM: Final = re.compile(r"@[A-Za-z0-9][A-Za-z0-9_-]{0,99}/[A-Za-z0-9_.-]{1,100}")
_WORKFLOW: Final = re.compile(r"[A-Za-z0-9_.-]{1,200}\.ya?ml")
_NO_FILE: Final = re.compile(r"\.+ya?ml")
_DISPATCH: Final = "dispatch:"


class ApprovalBinding(StrEnum):
    """`approval-binding`."""

    HEAD_SHA = "head-sha"
    TREE = "tree"
    PLAN = "plan"


class OnWaiting(StrEnum):
    """`on-waiting`."""

    FAIL = "fail"
    REPORT = "report"


class GateInputs(Struct, frozen=True):
    sources: tuple[Source, ...] = (Source.COMMENT, Source.REVIEW)
    binding: ApprovalBinding = ApprovalBinding.HEAD_SHA
    required_on: tuple[FailOn, ...] = ()
    """What makes an approval necessary; empty for `always`."""
    required: int = 1
    environment: str = ""
    approvers: tuple[str, ...] | None = None
    """Logins and `@org/team`; None: everyone with write access."""
    allow_self: bool = False
    expires_s: float = WEEK_S
    on_waiting: OnWaiting = OnWaiting.FAIL
    reruns: bool = False
    """`on-approve: rerun`."""
    dispatches: str = ""
    """`on-approve: dispatch:WORKFLOW.yml`: the name of the file."""


def parse_gate(read: Reader) -> GateInputs:
    """Every problem stops the run: with a default instead, the gate might be open to others."""
    sources = read.choices("approval-from", Source) or GateInputs().sources
    approvers = _approvers(read)
    required = read.number("required-approvals") or 1
    people = [name for name in approvers or () if "/" not in name]
    if approvers is not None and len(people) == len(approvers) < required:
        read.refuse(
            "required-approvals",
            str(required),
            f"at most {len(people)}: so many `approvers` are given",
        )
    environment = _environment(read)
    if Source.ENVIRONMENT in sources and not read.text("approval-environment"):
        wanted = "the name of the environment, with 'environment' in approval-from"
        read.refuse("approval-environment", "", wanted)
    reruns, dispatches = _on_approve(read)
    return GateInputs(
        sources=sources,
        binding=read.choice("approval-binding", ApprovalBinding.HEAD_SHA),
        required_on=_required_on(read),
        required=required,
        environment=environment,
        approvers=approvers,
        allow_self=read.flag("allow-self-approval", default=False),
        expires_s=read.seconds("approval-expires", WEEK_S, at_most=_YEAR_S, has_days=True),
        on_waiting=read.choice("on-waiting", OnWaiting.FAIL),
        reruns=reruns,
        dispatches=dispatches,
    )


def _required_on(read: Reader) -> tuple[FailOn, ...]:
    name = "approval-required-on"
    if read.text(name, _ALWAYS) == _ALWAYS:
        return ()
    words = read.choices(name, FailOn)
    if FailOn.NEVER in words:
        allowed = ", ".join(word for word in FailOn if word is not FailOn.NEVER)
        read.refuse(name, FailOn.NEVER, f"{_ALWAYS}, or some of {allowed}")
    return tuple(word for word in words if word is not FailOn.NEVER)


def _approvers(read: Reader) -> tuple[str, ...] | None:
    text = read.text("approvers")
    if not text:
        return None
    names = [name.strip() for name in text.replace("\n", ",").split(",")]
    names = list(dict.fromkeys(name.lower() for name in names if name))
    if not names or len(names) > _MOST_APPROVERS:
        read.refuse("approvers", text, f"1 to {_MOST_APPROVERS} logins and @org/team")
    for name in names:
        if not (_LOGIN.fullmatch(name) or _TEAM.fullmatch(name)):
            read.refuse("approvers", name, "logins and @org/team, separated by commas")
    return tuple(names)


def _environment(read: Reader) -> str:
    name = read.text("approval-environment")
    if name.isprintable() and len(name) <= _LONGEST_ENVIRONMENT:
        return name
    wanted = f"one line of at most {_LONGEST_ENVIRONMENT} characters"
    read.refuse("approval-environment", name, wanted)
    return ""


def _on_approve(read: Reader) -> tuple[bool, str]:
    text = read.text("on-approve", "none")
    workflow = text.removeprefix(_DISPATCH)
    if text.startswith(_DISPATCH) and _WORKFLOW.fullmatch(workflow):
        if not _NO_FILE.fullmatch(workflow):
            return False, workflow
    elif text in {"none", "rerun"}:
        return text == "rerun", ""
    read.refuse(
        "on-approve", text, "none, rerun, or dispatch: with a workflow's file, as dispatch:up.yml"
    )
    return False, ""
