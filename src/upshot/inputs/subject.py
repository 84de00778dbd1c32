"""Which update or preview is meant: the group of inputs about it, and how they go together."""

from __future__ import annotations

from upshot.errors import InputError
from upshot.inputs.choices import StepOutcome
from upshot.inputs.reader import Reader
from upshot.inputs.values import DeploymentRef, LogFrom, SubjectInputs
from upshot.model import StackRef, Subject
from upshot.subject import StackName, parse_deployment_url, parse_stack_name, parse_update_url

_MOST_STACKS = 5_000
_OF_ONE = (
    "update-url",
    "stack-name",
    "events-file",
    "log-file",
    "log",
    "log-from",
    "replay-file",
    "deployment-url",
)
_LONGEST_JOB = 300
"""Characters of a job's name."""


def parse_subject(read: Reader, *, console: str) -> SubjectInputs:
    """`console` is the origin whose addresses of updates are believed."""
    update = _update(read, console)
    name = _name(read, update)
    named = update.stack if update else name.candidates[0] if name else None
    return SubjectInputs(
        update=update,
        name=name,
        deployment=_deployment(read, console),
        stacks=_stacks(read),
        organization=read.text("organization") or (named.organization if named else ""),
        work_dir=read.path("work-dir"),
        events_file=read.path("events-file"),
        log_file=read.path("log-file"),
        log=read.text("log"),
        log_from=_log_from(read),
        outcome=read.optional_choice("outcome", StepOutcome),
        reports_folder=read.path("reports-folder"),
    )


def _deployment(read: Reader, console: str) -> DeploymentRef | None:
    text = read.text("deployment-url")
    if not text:
        return None
    others = [name for name in _OF_ONE if name != "deployment-url" and read.text(name)]
    if others:
        given = "'deployment-url' beside " + ", ".join(others)
        allowed = "either 'deployment-url' or the inputs about one update"
        read.refuse("deployment-url", given, allowed, stops=True)
        return None
    try:
        return DeploymentRef(*parse_deployment_url(text, consoles={console} - {""}))
    except InputError as problem:
        problem.stops = True
        read.problems.append(problem)
        return None


def _stacks(read: Reader) -> tuple[StackRef, ...]:
    """Each whole name once. One that is wrong is a problem and does not keep the others back."""
    words = read.text("stacks").split()
    if not words:
        return ()
    from upshot.fleet.selection import is_plain_name  # only a leg of a fleet pays for it

    if others := [name for name in _OF_ONE if read.text(name)]:
        given = "'stacks' beside " + ", ".join(others)
        read.refuse("stacks", given, "either 'stacks' or the inputs about one update", stops=True)
        return ()
    if len(words) > _MOST_STACKS:
        read.refuse("stacks", f"{len(words):,} names", f"at most {_MOST_STACKS:,} names")
    found: dict[StackRef, None] = {}
    for word in words[:_MOST_STACKS]:
        parts = word.split("/")
        ref = StackRef(*parts) if len(parts) == len(StackRef.__struct_fields__) else None
        if ref is None or not is_plain_name(ref):
            read.refuse("stacks", word, "organization/project/stack, separated by blanks")
        else:
            found[ref] = None
    return tuple(found)


def _log_from(read: Reader) -> LogFrom | None:
    text = read.text("log-from")
    if not text or text == "run":
        return LogFrom() if text else None
    word, _, name = text.partition(":")
    name = name.strip()
    if word == "job" and name and name.isprintable() and len(name) <= _LONGEST_JOB:
        return LogFrom(name)
    read.refuse("log-from", text, "'run', or 'job:' and the name of a job, such as job:deploy")
    return None


def _update(read: Reader, console: str) -> Subject | None:
    text = read.text("update-url")
    if not text:
        return None
    try:
        return parse_update_url(text, consoles={console} - {""})
    except InputError as problem:
        read.problems.append(problem)
        return None


def _name(read: Reader, update: Subject | None) -> StackName | None:
    """From `stack-name` and the inputs beside it; an `update-url` must not contradict it."""
    text = read.text("stack-name")
    organization, project = read.text("organization"), read.text("project-name")
    if not text:
        return None
    try:
        name = parse_stack_name(text, organization=organization, project=project)
    except InputError as problem:
        read.problems.append(problem)
        return None
    if update and not name.allows(update.stack):
        allowed = f"the stack of `update-url`, {update.stack}, or leave one of them out"
        read.refuse("stack-name", text, allowed)
        return None
    return name
