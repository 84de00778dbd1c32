"""Table rows and list items of a report: each one line of safe Markdown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from upshot.model import EngineWarning, Facts, Failure, PolicyViolation, Run
from upshot.model.limits import MESSAGE_IN_ROW
from upshot.report.failures.groups import FailureGroup
from upshot.report.markdown.escape import code_span, escape_inline
from upshot.report.markdown.text import clip_line
from upshot.report.source import source_url
from upshot.report.words import could_not

_LONGEST_NAME: Final = 72
_SHORT_MESSAGE: Final = 80


def clipped(text: str, longest: int = _LONGEST_NAME) -> str:
    """A long name without its middle: the ends are what names differ in."""
    text = clip_line(text, 4_000)
    if len(text) <= longest:
        return text
    head = longest * 2 // 3
    return f"{text[:head]}…{text[len(text) - (longest - head - 1) :]}"


def code(text: str, *, in_table: bool = False) -> str:
    return code_span(clipped(text), in_table=in_table)


def plain(text: str, longest: int) -> str:
    return escape_inline(clip_line(text, longest))


def resource_cell(name: str, kind: str, urn: str = "") -> str:
    """The name above the type. For an unknown name, the last part of the URN."""
    shown = name or urn.rpartition("::")[2]
    parts = (f"**{code(shown, in_table=True)}**" if shown else "", code(kind, in_table=True))
    return "<br>".join(part for part in parts if part) or "the program"


def failure_subject(failure: Failure) -> str:
    """`name` (`type`) of the resource that failed, else "The Pulumi program" or "The run"."""
    name, kind = code(failure.name), code(failure.type)
    if name and kind:
        return f"**{name}** ({kind})"
    if name or kind:
        return f"**{name or kind}**"
    return "The Pulumi program" if failure.location else "The run"


def failure_phrase(failure: Failure) -> str:
    """`**logs** (aws:s3/bucket:Bucket) could not be created`, without a full stop."""
    return f"{failure_subject(failure)} {could_not(failure.operation)}"


def broken_policy(failure: Failure, facts: Facts) -> str:
    """`**media** (aws:s3/bucket:Bucket) breaks the policy encrypted-buckets of guardrails`; empty for a
    failure that no mandatory policy has caused.
    """
    for violation in facts.policy_violations:
        is_its = violation.urn == failure.urn if violation.urn else not failure.urn
        if violation.enforcement == "mandatory" and is_its and violation.message in failure.message:
            pack = f" of {code(violation.pack)}" if violation.pack else ""
            return f"{failure_subject(failure)} breaks the policy {code(violation.policy)}{pack}"
    return ""


def codes(failure: Failure, *, in_table: bool = False) -> str:
    """`BucketAlreadyExists`, HTTP 409: what a reader may search for."""
    parts = [code_span(clip_line(failure.error_code, 60), in_table=in_table)]
    if failure.status_code is not None:
        parts.append(f"HTTP {failure.status_code}")
    return ", ".join(part for part in parts if part)


def location(failure: Failure, run: Run, *, in_table: bool = False) -> str:
    """`file:line`, linked to the commit when that is known; empty for a failure without a place."""
    place = failure.location
    if place is None:
        return ""
    shown = code(f"{place.file}:{place.line}", in_table=in_table)
    url = source_url(place, run)
    return f"[{shown}]({url})" if url else shown


class FailureRow:
    """A row of the table of failures, in three lengths: rows are shortened before any is left out."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def long(self, group: FailureGroup) -> str:
        return self._row(group, MESSAGE_IN_ROW)

    def short(self, group: FailureGroup) -> str:
        return self._row(group, _SHORT_MESSAGE)

    def bare(self, group: FailureGroup) -> str:
        failure = group.first
        if len(group.members) > 1:
            title = group_title(group, lambda text: code_span(text, in_table=True))
            return f"| {title} | {plain(failure.operation, 30)} | |"
        name = code_span(clipped(failure.name or failure.headline, 48), in_table=True)
        kind = code_span(clipped(failure.type, 48), in_table=True)
        return f"| {name or 'the program'}<br>{kind} | {plain(failure.operation, 30)} | |"

    def _row(self, group: FailureGroup, longest: int) -> str:
        failure = group.first
        many = len(group.members) > 1
        details = [codes(failure, in_table=True), location(failure, self._run, in_table=True)]
        message = plain(failure.headline or failure.message, longest)
        error = "<br>".join(part for part in (message, " · ".join(filter(None, details))) if part)
        resource = resource_cell(failure.name, failure.type, failure.urn)
        if many:
            kind = code(failure.type, in_table=True)
            resource = "<br>".join(filter(None, (f"**{group.count}**", kind)))
            error = error or "their messages were not kept"
        return f"| {resource} | {plain(failure.operation, 30)} | {error} |"


def group_title(group: FailureGroup, code: Callable[[str], str]) -> str:
    """`240 x AccessDenied: iam:CreateRole`; `code` writes HTML or Markdown."""
    what = clipped(group.what, 120)
    return f"{len(group.members):,} \N{MULTIPLICATION SIGN} {code(what)}" if what else group.count


def name_of(failure: Failure) -> str:
    """Its name as code; the last part of the URN where it has none."""
    return code(failure.name or failure.urn.rpartition("::")[2] or failure.type)


def policy_row(violation: PolicyViolation) -> str:
    policy = code(violation.policy, in_table=True)
    pack = code(violation.pack, in_table=True)
    where = code(violation.urn.rpartition("::")[2], in_table=True)
    message = "<br>".join(
        part for part in (plain(violation.message, MESSAGE_IN_ROW), where) if part
    )
    words = ", ".join(filter(None, (violation.enforcement, violation.severity)))
    return f"| {plain(words, 60)} | {'<br>'.join(filter(None, (policy, pack)))} | {message} |"


def warning_row(warning: EngineWarning) -> str:
    times = f" (x{warning.count:,})" if warning.count > 1 else ""
    where = code(warning.urn.rpartition("::")[2])
    return f"- {plain(warning.message, 400)}{times}{f' · {where}' if where else ''}"


def pending_row(operation: str) -> str:
    return f"- {code_span(clipped(operation, 200))}"
