"""What must hold of every run, whatever went wrong in it. Pure: looks at what a run left behind.

A finding is a breach; there is no finding that is excused later. Where the rule itself depends on
what went wrong (an exit code after a signal), the rule says so.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bench.soak.accounts import PREFIX
from bench.soak.chance import Chance
from bench.soak.hostile import Input, adds_stack, is_alive
from msgspec import Struct

from upshot.publish.comment.marker import find_marker
from upshot.pulumi.agents.exposure import shows
from upshot.report.markdown.fit import Fence
from upshot.result import output_names
from upshot.secret import Secret
from upshot_sandbox.faults import FaultKind

KINDS: Final = (
    "lost", "doubled", "wrong", "hostile", "tasks", "accounts", "traceback", "bug", "exit code", "late",
    "hung", "outputs", "leaked", "wire",
)  # fmt: skip
"""Kinds of findings, in the order of the table."""
TIMEOUT_S: Final = 15
"""The `timeout` of each run."""
_LATEST_S: Final = TIMEOUT_S + 5 + 1
"""What `timeout` promises, and a second for a start of Python on a machine with other runs."""
_NAMELESS: Final = '{"stack":"unknown-stack'
"""A section of a run that could not read what it was about."""
_MISSED: Final = "what belongs to it was not done"
"""The warning of a run that could not delete the comment before its new one."""
_NO_SUCH_ROUTE: Final = "this service has no such route"
_TRUE_OF: Final = {"no-changes": {"no-changes", "succeeded"}}
"""Verdicts that are true of a run, less telling ones included: what changed is not always known."""
_CANCELLED: Final = {signal.SIGINT: 130, signal.SIGTERM: 143}


class Healthy(Struct, frozen=True):
    """How the scenario ends when nothing goes wrong."""

    exit_code: int
    verdict: str
    comments: int
    again: int | None = None
    """Exit code of a second run, where it differs: what was claimed is gone."""
    failure_code: int = 0
    """Of a run that could not do what was asked: 1 where the mode fails closed."""

    @property
    def exit_codes(self) -> set[int]:
        return {self.exit_code} if self.again is None else {self.exit_code, self.again}


class Seen(Struct, frozen=True):
    """What one run left behind."""

    exit_code: int | None
    """None: it hung and was killed."""
    log: str
    outputs: Mapping[str, str] | None
    """None: the runner could not have read them."""
    comments: tuple[str, ...]
    """Bodies of our sticky comments that are visible."""
    comment_ids: tuple[int, ...]
    """Of all comments by the action, answers too."""
    tasks: int = 0
    """Neo tasks that the run created."""
    violations: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    """Secrets of which no part may be shown either, in any spelling."""
    lies: tuple[str, ...] = ()
    """What is wrong with agent accounts (`soak_accounts`)."""
    seconds: float = 0.0
    """How long the process lived."""
    shown: str = ""
    """Summary, comments and files: everything that people read, besides the log."""


class Finding(Struct, frozen=True):
    kind: str
    detail: str


def judge(
    chance: Chance, seen: Seen, healthy: Healthy, *, before: Sequence[str]
) -> Iterator[Finding]:
    """What is wrong with the run in which things went wrong; `before`: the comments that were there."""
    yield from _ending(chance, seen, healthy)
    yield from _texts(seen)
    yield from _comments(chance, seen, healthy, before=before)
    if seen.tasks > 1 and not repeats(chance):
        yield Finding("tasks", f"{seen.tasks} Neo tasks by one run")
    for lie in seen.lies:
        yield Finding("accounts", lie)
    for violation in seen.violations:
        # Where a reply lies about what is served, the wrong address may be asked next.
        if not ("odd reply" in chance.kinds and violation.endswith(_NO_SUCH_ROUTE)):
            yield Finding("wire", violation)


def judge_after(chance: Chance, seen: Seen, healthy: Healthy) -> Iterator[Finding]:
    """What is wrong after the next run of the same job, in which nothing went wrong."""
    count = len(seen.comments)
    if seen.exit_code not in healthy.exit_codes:
        yield Finding("exit code", f"{seen.exit_code} of the healthy run afterwards")
    if count < healthy.comments:
        yield Finding("lost", f"{count} comments after a healthy run")
    if count > healthy.comments:
        yield Finding("doubled", f"{count} comments after a healthy run")
    for body in seen.comments:
        marker = find_marker(body)
        if marker is None or marker.verdict not in {healthy.verdict, *_of_two(chance)}:
            yield Finding("wrong", f"verdict {marker and marker.verdict} after a healthy run")
        if is_alive(body):
            yield Finding("hostile", "text of a spoiled comment acts after a healthy run")
    yield from _texts(seen)


def _ending(chance: Chance, seen: Seen, healthy: Healthy) -> Iterator[Finding]:
    code = seen.exit_code
    if code is None:
        yield Finding("hung", "still running after two minutes")
        return
    if seen.seconds > _LATEST_S:
        yield Finding("late", f"{seen.seconds} s, with a timeout of {TIMEOUT_S} s")
    if code not in allowed_codes(chance, healthy, seen.log):
        yield Finding("exit code", f"{code}")
    if seen.outputs is None:
        if code != -signal.SIGKILL:
            yield Finding("outputs", "the runner could not have read GITHUB_OUTPUT")
        return
    is_over = code >= 0 and chance.file_limit < 0
    if is_over and set(seen.outputs) != set(output_names()):
        missing = ", ".join(sorted(set(output_names()) - set(seen.outputs)))
        yield Finding("outputs", f"not set: {missing}")


def allowed_codes(chance: Chance, healthy: Healthy, log: str) -> set[int]:
    """0 whatever the services do; the policy's 1 where it would be; a signal's own; 1 of a mode that
    fails closed.

    Of an agent account 1 says that it was not made or claimed, or that a person must act.
    """
    allowed = {0, healthy.exit_code, healthy.failure_code}
    if chance.scenario.startswith(PREFIX):
        allowed.add(1)
    if chance.signal in _CANCELLED:
        allowed.add(_CANCELLED[signal.Signals(chance.signal)])
    if chance.signal == signal.SIGKILL or (chance.signal and not log.strip()):
        # Before our first line Python itself may be loading still: no handler is set yet.
        allowed.add(-chance.signal)
    return allowed


def _texts(seen: Seen) -> Iterator[Finding]:
    if "Traceback" in seen.log:
        yield Finding("traceback", seen.log[seen.log.index("Traceback") :][-600:])
    if "This is a bug in Upshot" in seen.log:
        yield Finding("bug", "Upshot reported a bug of its own")
    shown = "\n".join(line for line in seen.log.splitlines() if not line.startswith("::add-mask::"))
    for secret in seen.secrets:
        if secret in shown or secret in seen.shown:
            yield Finding("leaked", "a token was shown")
    for part in map(Secret, seen.parts):
        if shows(shown, part) or shows(seen.shown, part):
            yield Finding("leaked", "a part of an agent account's token was shown")


def _comments(
    chance: Chance, seen: Seen, healthy: Healthy, *, before: Sequence[str]
) -> Iterator[Finding]:
    outputs = seen.outputs or {}
    count = len(seen.comments)
    if before and not count:
        yield Finding("lost", "our comment is gone")
    is_told = outputs.get("comment-action") in {"created", "updated", "unchanged", "recreated"}
    if is_told and int(outputs.get("comment-id") or 0) not in seen.comment_ids:
        yield Finding("lost", f"comment-id {outputs.get('comment-id')!r} is not on the thread")
    # What a proxy has doubled behind our back is seen at the next look, the healthy run's at last.
    is_said = _MISSED in seen.log
    if count > 1 and seen.exit_code == 0 and is_told and not is_said and not repeats(chance):
        yield Finding("doubled", f"{count} comments, and no line in the log about it")
    for body in seen.comments:
        if Input.COMMENT in chance.inputs and body in before:
            continue  # spoiled, and this run did not come to write it
        problem = _problem(body, {healthy.verdict, "unknown", *_of_two(chance)})
        if problem:
            yield Finding("wrong", problem)
        if is_alive(body):
            yield Finding("hostile", "text of a spoiled comment acts after it was written anew")


def _of_two(chance: Chance) -> set[str]:
    """The comment of two stacks has no verdict of its own."""
    return {""} if Input.COMMENT in chance.inputs and adds_stack(chance.number) else set()


def _problem(body: str, verdicts: set[str]) -> str:
    """What is wrong with a comment; empty when it is whole and says what the facts say."""
    marker = find_marker(body)
    if marker is None or body.count('<!-- upshot {"') != 1:
        return "no marker, or more than one"
    true = {other for one in verdicts for other in _TRUE_OF.get(one, {one})}
    if (
        _NAMELESS in body
    ):  # beside what an earlier run knew; such a comment has no verdict of its own
        true |= {""}
    if marker.verdict not in true:
        return f"verdict {marker.verdict}; allowed are {sorted(true)}"
    if "<sub>Upshot " not in body:
        return "no footer"
    fence, folds = Fence(), 0
    for line in body.split("\n"):
        if not fence.reads(line):
            folds += line.count("<details") - line.count("</details>")
    if fence.closer or folds:
        return "a fence or a fold is open"
    return ""


def repeats(chance: Chance) -> bool:
    """A proxy in between sent a request twice: two tasks, or comments, are its work."""
    return any(fault.kind is FaultKind.DUPLICATE for fault in chance.faults)
