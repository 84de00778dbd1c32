"""The closed lists of words that inputs take, in the spelling of action.yml.

Modes and backends are in `upshot.registry`.
"""

from __future__ import annotations

from enum import StrEnum


class StepOutcome(StrEnum):
    """GitHub's `steps.<id>.outcome`."""

    SUCCESS = "success"
    FAILURE = "failure"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


class Conversation(StrEnum):
    NEW = "new"
    CONTINUE = "continue"


class ApprovalMode(StrEnum):
    """How much a Neo task may do without asking."""

    MANUAL = "manual"
    BALANCED = "balanced"
    AUTO = "auto"


class PermissionMode(StrEnum):
    """What a Neo task may do at all."""

    READ_ONLY = "read-only"
    DEFAULT = "default"


class OnTimeout(StrEnum):
    """What becomes of a Neo task that is not done after `max-wait`."""

    REPORT = "report"
    CANCEL = "cancel"


class ApiDialect(StrEnum):
    """Which wire of Pulumi Cloud is spoken; `auto` finds out."""

    AUTO = "auto"
    CURRENT = "current"
    DOCUMENTED = "documented"


class CommentMode(StrEnum):
    UPDATE = "update"
    RECREATE = "recreate"
    HIDE_AND_NEW = "hide-and-new"
    NEW = "new"
    APPEND = "append"
    OFF = "off"


class CommentOn(StrEnum):
    ALWAYS = "always"
    CHANGES = "changes"
    FAILURE = "failure"


class NotifyOn(StrEnum):
    """When a new short comment is posted, since GitHub sends no notification for an edit."""

    FAILURE = "failure"
    """A run failed, and the comment showed something else."""
    VERDICT_CHANGE = "verdict-change"
    NEVER = "never"


class FailOn(StrEnum):
    """What makes Upshot's own step fail; `never` stands alone."""

    NEVER = "never"
    FAILURE = "failure"
    DELETE = "delete"
    REPLACE = "replace"
    STATEFUL_REPLACE = "stateful-replace"
    PROTECT = "protect"
    POLICY = "policy"
    CHANGES = "changes"
    RISK = "risk"


class TokenType(StrEnum):
    """Kinds of access tokens that Pulumi Cloud gives for GitHub's id token (pulumi/auth-actions)."""

    ORGANIZATION = "urn:pulumi:token-type:access_token:organization"
    TEAM = "urn:pulumi:token-type:access_token:team"
    PERSONAL = "urn:pulumi:token-type:access_token:personal"
    RUNNER = "urn:pulumi:token-type:access_token:runner"
