"""What a rule found."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct


class Level(StrEnum):
    """How bad it is, the worst first."""

    ERROR = "error"
    """The workflow does not do what it is there for, or it is unsafe."""
    WARNING = "warning"
    """It may not; or it does, and shows less than it could."""
    NOTE = "note"
    """It works; this would be better."""

    @property
    def rank(self) -> int:
        """Place in the order, 0 for the worst."""
        return tuple(Level).index(self)


class Finding(Struct, frozen=True):
    """One thing that is wrong, or could be better, at one place of a file."""

    rule: str
    """A key of RULES."""
    level: Level
    line: int
    """1-based."""
    what: str
    """One sentence: what was found. May repeat text of the file, never a secret."""
    why: str
    """What comes of it."""
    paste: str = ""
    """Lines of YAML that mend it; empty where it is not a matter of lines."""


RULES: Final = {
    "yaml": "the file can be read as a workflow",
    "always": "Upshot runs also when the Pulumi step has failed",
    "pipefail": "the Pulumi step fails when Pulumi does, although it is piped into `tee`",
    "stderr": "the log holds what Pulumi writes to standard error",
    "order": "Upshot comes after the step whose log it reads",
    "runner": "the job runs where Upshot can",
    "evidence": "Upshot is given something to look at",
    "log": "the file that Upshot reads is written by a step before it",
    "event-log": "`--event-log` is known to the Pulumi CLI",
    "outcome": "Upshot is told how the Pulumi step ended",
    "permissions": "the job's token may do what the inputs ask for",
    "token": "there is an access token where Pulumi Cloud or an AI is asked",
    "secret": "no secret stands in the file",
    "input": "each input exists",
    "value": "each value is one that its input takes",
    "output": "each output that is read exists",
    "step": "each step that an expression names exists before it",
    "fork": "no code of a pull request runs with secrets",
    "injection": "no text of others becomes part of a script",
    "swallowed": "no line overrules a gate or `fail-on`",
    "version": "the version of Upshot does not move by itself",
}
"""Rule -> what it holds, a line each."""
