"""Every way out of a run where no claim address may stand (threat T66), and a search of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from upshot.pulumi.agents.exposure import shows
from upshot.secret import Secret


class Place(StrEnum):
    """Every way out of a run that people, models or other programs read."""

    COMMENT = "comment"
    REVIEW = "review"
    ISSUE = "issue"
    CHAT = "chat message"
    JOB_SUMMARY = "job summary"
    ANNOTATION = "annotation"
    LOG = "log"
    STANDARD_ERROR = "standard error"
    OUTPUT = "output"
    STATE = "saved state"
    COMMIT_STATUS = "commit status"
    REPORT_FILE = "report file"
    RESULT_FILE = "result file"
    AUDIT_FILE = "audit file"
    TRANSCRIPT = "transcript"
    ERROR = "error text"
    TRACEBACK = "traceback"
    PROMPT = "prompt to a model"
    ARGUMENTS = "arguments of a process"
    ENVIRONMENT = "environment of a process"


FORBIDDEN: Final = tuple(Place)
"""All of them: the two that are allowed, a file with mode 0600 and a secret, are none."""


def find_exposed(places: Mapping[Place, str], secrets: Iterable[Secret]) -> tuple[Place, ...]:
    """The places whose text shows one of the secrets, or a part of one, in the places' order."""
    known = [secret for secret in secrets if secret]
    return tuple(
        place for place, text in places.items() if any(shows(text, secret) for secret in known)
    )
