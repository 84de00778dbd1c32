"""Which update or preview is meant: the group of inputs about it, and how they go together."""

from __future__ import annotations

from upshot.errors import InputError
from upshot.inputs.choices import StepOutcome
from upshot.inputs.reader import Reader
from upshot.inputs.values import SubjectInputs
from upshot.model import StackRef, Subject
from upshot.subject import parse_stack_name, parse_update_url


def parse_subject(read: Reader, *, console: str) -> SubjectInputs:
    """`console` is the origin whose addresses of updates are believed."""
    update = _update(read, console)
    stack = _stack(read, update)
    return SubjectInputs(
        update=update,
        organization=stack.organization if stack else read.text("organization"),
        stack=stack,
        events_file=read.path("events-file"),
        log_file=read.path("log-file"),
        outcome=read.optional_choice("outcome", StepOutcome),
        reports_folder=read.path("reports-folder"),
    )


def _update(read: Reader, console: str) -> Subject | None:
    text = read.text("update-url")
    if not text:
        return None
    try:
        return parse_update_url(text, consoles={console} - {""})
    except InputError as problem:
        read.problems.append(problem)
        return None


def _stack(read: Reader, update: Subject | None) -> StackRef | None:
    """From `stack-name` and its helpers; what they leave out comes from `update-url`."""
    text, named = read.text("stack-name"), update.stack if update else None
    organization = read.text("organization") or (named.organization if named else "")
    project = read.text("project-name") or (named.project if named else "")
    if not (text or named):
        return None
    try:
        stack = parse_stack_name(
            text or str(named and named.stack), organization=organization, project=project
        )
    except InputError as problem:
        read.problems.append(problem)
        return None
    if named and stack != named:
        allowed = f"the stack of `update-url`, {named}, or leave one of them out"
        read.refuse("stack-name", str(stack), allowed)
    return stack
