"""`workflow-file`: read as the working copy, held against the server, written as a whole."""

from __future__ import annotations

import os
from typing import Final

from msgspec.structs import replace

from upshot.errors import InputError
from upshot.model import ReasonCode
from upshot.modes.builder.access import WorkflowAccess
from upshot.modes.builder.outcome import ApplyState, Outcome
from upshot.powabase.change import compare
from upshot.powabase.graph import Graph
from upshot.powabase.secrets.hide import digest_masked, hide_new_secrets
from upshot.powabase.wire.records import Workflow
from upshot.powabase.workflow_file import read_workflow, write_workflow
from upshot.runner import places
from upshot.runner.warnings import format_message
from upshot.workspace import read_text

_FILE_BYTES: Final = 32 * 1024 * 1024


def read_file(access: WorkflowAccess, server: Graph) -> Graph | None:
    """The graph of `workflow-file`, `server` where they do not differ; None without a file.

    Its stand-ins are those of the server's graph that it was made from. A secret that stands in the
    file itself is masked, and stands for nothing that could be put.
    Raises InputError and InvalidWorkflow for a file that cannot be used.
    """
    path = access.own.workflow_file
    if not path or not os.path.exists(path):  # noqa: PTH110 - pathlib costs 3 ms
        return None
    try:
        text = read_text(path, limit_bytes=_FILE_BYTES)
    except OSError as fault:
        why = fault.strerror or type(fault).__name__
        raise InputError(
            "workflow-file", f"a file that cannot be read ({why})", "a regular file"
        ) from None
    found = read_workflow(text)
    access.mask(found)
    graph = hide_new_secrets(found, access.find)
    return server if digest_masked(graph) == digest_masked(server) else graph


def _read_old(path: str) -> str:
    try:
        return read_text(path, limit_bytes=_FILE_BYTES)
    except OSError:
        return ""


def has_drifted(base: Graph, server: Graph) -> bool:
    """Another version and another graph; a file that is ahead has the server's version."""
    return base.version != server.version and digest_masked(base) != digest_masked(server)


def describe_drift(access: WorkflowAccess, base: Graph, server: Graph, found: Workflow) -> Outcome:
    message = (
        f"The workflow file was made from version {base.version}, and the server has version "
        f"{server.version} with another graph"
    )
    access.job.log.error(format_message(message, anchor="powabase"), title="Upshot")
    return Outcome(
        state=ApplyState.STALE,
        exit_code=1,
        reason=ReasonCode.NOT_DONE,
        name=found.name,
        is_deployed=found.is_deployed,
        before=base,
        after=server,
        change=compare(base, server),
        is_drift=True,
        message=message,
    )


def write_file(access: WorkflowAccess, outcome: Outcome) -> Outcome:
    """Replaces the file as a whole; a link or a device in its place is refused (threat T37).

    What does not differ from the file that is there keeps its order and its form.
    """
    assert outcome.after is not None  # noqa: S101 - there is a change
    text = write_workflow(outcome.after, _read_old(access.own.workflow_file))
    try:
        places.write_file(access.own.workflow_file, text.encode("utf-8", "replace"))
    except OSError as fault:
        why = fault.strerror or type(fault).__name__
    else:
        return replace(outcome, state=ApplyState.APPLIED)
    message = f"The workflow file was not written: {why}"
    hint = "The workflow's author must act: check `workflow-file` and the folder that it is in."
    access.job.log.error(format_message(message, hint, "powabase"), title="Upshot")
    return replace(
        outcome,
        state=ApplyState.FAILED,
        exit_code=1,
        reason=ReasonCode.NOT_DONE,
        message=message,
        hint=hint,
    )
