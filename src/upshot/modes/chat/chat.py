"""One command that may be carried out, with what is known of its pull request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct
from msgspec.structs import replace

from upshot.event import Comment
from upshot.gate.grammar import Command
from upshot.http.client import ServiceClient
from upshot.inputs.command import CommandInputs
from upshot.job import Job
from upshot.model import PullRequest, ReasonCode, Run, Stamp
from upshot.model.stamp import clean_id
from upshot.modes.shared.gather import Case, gather_evidence
from upshot.modes.shared.lookup import PullRequestLookup
from upshot.modes.shared.token import Access, connect_cloud, obtain_access
from upshot.publish.comment.thread import Thread
from upshot.publish.github.client import GitHub
from upshot.publish.github.reactions import Place, Reaction
from upshot.report.chat.page import Block, Words
from upshot.report.content import Report
from upshot.result.run_result import RunResult


class Chat(Struct):
    """Made once for a command, after everything about its author was checked."""

    job: Job
    """Its event has the pull request's head."""
    command: Command
    inputs: CommandInputs
    comment: Comment
    place: Place
    github: GitHub
    pull: PullRequest
    thread: Thread
    lookup: PullRequestLookup
    """Of this pull request, for what publishes reports."""

    def remembered(self, stack: str) -> Stamp:
        """What our newest report keeps about a stack."""
        latest = self.thread.latest
        return latest.remembered(stack) if latest else Stamp()

    def conversation(self, stack: str) -> str:
        """The conversation to go on with: of our newest report or answer about this stack."""
        answers = (own.marker for own in self.thread.answers if own.marker.stack == clean_id(stack))
        known = [stamp for stamp in (self.remembered(stack), *answers) if stamp.conversation]
        return max(known, key=lambda stamp: stamp.started, default=Stamp()).conversation

    @property
    def run(self) -> Run:
        return self.job.event.run


class Answer(Struct, frozen=True, kw_only=True):
    """What came of a command."""

    blocks: tuple[Block, ...]
    """Empty for no comment."""
    reaction: Reaction = Reaction.ROCKET
    reason: ReasonCode = ReasonCode.OK
    exit_code: int = 0
    report: Report | None = None
    """What it rests on; its facts and its reply are the outputs."""
    result: RunResult | None = None
    """Of a report that was published, too."""
    prose: str = ""
    """The output `answer`."""
    stamp: Stamp = Stamp()
    """What our comment keeps: the stack, its conversation and task."""
    is_unsure: bool = False
    """Of a vote: whether the id is its own could not be found out, so others are asked, too."""
    outputs: dict[str, str] = {}
    """Over those that follow from `report` and `result`."""


def failed(*blocks: Block, reason: ReasonCode = ReasonCode.NOT_DONE, exit_code: int = 0) -> Answer:
    """An answer that says why nothing was done."""
    return Answer(blocks=blocks, reaction=Reaction.CONFUSED, reason=reason, exit_code=exit_code)


def say(text: str, *values: str | int) -> Words:
    """A paragraph; each text among the values is shown as code."""
    return Words(text, values)


class World(Struct, frozen=True):
    """What Pulumi Cloud and the evidence say."""

    access: Access
    cloud: ServiceClient | None
    cases: tuple[Case, ...]

    @property
    def case(self) -> Case:
        """The one to talk about: a failed one before others."""
        from upshot.modes.asking.ask_backend import most_urgent_first

        return most_urgent_first(self.cases)[0]


@contextmanager
def open_world(job: Job) -> Iterator[World]:
    """Reads the evidence; the client is open inside the `with` block. Raises nothing but bugs."""
    access = obtain_access(job)
    cloud = connect_cloud(job, access)
    try:
        yield World(access, cloud, gather_evidence(job, cloud, is_expected=False))
    finally:
        if cloud is not None:
            cloud.close()


def with_prompt(job: Job, prompt: str, **more: object) -> Job:
    """The job as if the workflow had given this prompt; `more` are other fields of `AskInputs`."""
    ask = replace(job.inputs.ask, prompt=prompt, **more)
    return replace(job, inputs=replace(job.inputs, ask=ask))
