"""The user's template: read from the workspace, unless that is a fork's."""

from __future__ import annotations

from typing import Final

from upshot.event import Event
from upshot.inputs import Inputs
from upshot.modes.job import Job
from upshot.workspace import read_text

_LIMIT_BYTES: Final = 262_144
"""More than enough for the 64,000 characters that a template may have."""
_FOREIGN: Final = (
    "'template-file' was not used: on a pull request from a fork the workspace is the fork's."
)


def read_template(inputs: Inputs, event: Event, job: Job) -> str:
    """Its text; empty where there is none or where ours must stand in, which is told."""
    path = inputs.publish.template_file
    if not path:
        return ""
    if event.is_checkout_foreign:
        job.warnings.remark(_FOREIGN, anchor="template")
        return ""
    try:
        return read_text(path, limit_bytes=_LIMIT_BYTES)
    except OSError as fault:
        why = fault.strerror or str(fault)
        job.warnings.degraded(None, f"'template-file' cannot be read: {why}", anchor="template")
        return ""
