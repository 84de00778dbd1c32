"""What the program can do, by name: modes, backends, publishers, appliers of a decision.

Adding one is a new module and one line here. Each line names its code as `module:function`, and the
code is loaded when it is first used, so that a line costs nothing before the first AI request.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


class InputGroup(NamedTuple):
    """Inputs that belong to one mode or publisher alone."""

    parse: str
    """`parse(read: Reader) -> Struct`; the value is `Inputs.own[name of the mode or publisher]`."""
    names: tuple[str, ...]
    """Every input that `parse` asks for."""
    idle: tuple[tuple[str, str], ...] = ()
    """(input, value): while each of these is empty or has this value, the group is not read."""


def _announce(*idle: tuple[str, str]) -> InputGroup:
    """What the chats and the webhook have in common, read once."""
    names = "slack-webhook-url teams-webhook-url webhook-url webhook-secret announce-on"
    return InputGroup("upshot.inputs.publishers.announce:parse_announce", _words(names), idle)


class ModeSpec(NamedTuple):
    """A value of the input `mode`."""

    run: str
    """`run(job: Job, lookup: PullRequestLookup) -> RunResult`."""
    conversation: str = "continue"
    """Default of the input `conversation`: `new` or `continue`."""
    needs_thread: bool = True
    """Our earlier comments are read even where `comment-mode` is `off`."""
    fails_closed: bool = False
    """A bug, a missing token or an outage ends with exit code 1, as a signal always does."""
    must_succeed: tuple[str, tuple[str, ...]] | None = None
    """(input, values): with these a bug ends with exit code 1, too: a later step would believe that
    what was asked for was done."""
    has_own_comment: bool = False
    """Its comment is kept apart from the reports about deployments with the same `comment-key`."""
    every_input_stops: bool = False
    """A problem in any input ends the run before anything is asked or posted."""
    role: str = "write"
    """What a person whose comment starts the run needs: `write` or `admin`."""
    requires: tuple[tuple[str, str], ...] = ()
    """(input, what it must hold): inputs without which the mode can do nothing."""
    backends: tuple[str, ...] = ()
    """Backends that the mode can use; empty for every one."""
    own_inputs: InputGroup | None = None
    outputs: tuple[str, ...] = ()
    """Outputs that no other mode sets; they are empty in every other mode."""
    failure_outputs: tuple[tuple[str, str], ...] = ()
    """(output, value) of a run that ended before it could say better."""
    reads_conversation: bool = False
    """It reads the pull request and all its comments itself: the look-up leaves them alone."""
    long_outputs: tuple[str, ...] = ()
    """Those of `outputs` that the mode itself keeps within GitHub's bounds, and that are no use cut."""
    reads_inputs_of: tuple[str, ...] = ()
    """Modes whose own inputs this mode takes, too."""
    checks_access: bool = False
    """It checks by itself what the author of a comment may do, before anything is spent."""
    warm_up: str = "upshot.modes.asking.warmup:warm_up"
    """`warm_up()`: loads what its report needs, while a service answers."""

    def failure_code(self, value_of: Callable[[str], str]) -> int:
        """Exit code of a run that could not do what was asked for; `value_of` gives an input's text."""
        name, values = self.must_succeed or ("", ())
        return int(self.fails_closed or (bool(name) and value_of(name) in values))


class BackendSpec(NamedTuple):
    """A value of the input `backend`, `auto` apart."""

    build: str
    """`build(job: Job, cloud: ServiceClient, progress: TaskObserver | None) -> Backend`."""
    title: str
    """As reports and messages name it."""
    is_ai: bool = True
    """It needs an access token and an organization, and has an answer to offer."""
    shows_progress: bool = False
    """It shows by itself how a long answer goes on."""
    prompt_bytes: int | None = None
    """How much of a person's prompt it takes; None for no limit of its own."""


class PublisherSpec(NamedTuple):
    """One place that a report goes to."""

    publish: str
    """`publish(publication: Publication, context: PullRequestContext, job: Job) -> Receipt`."""
    own_inputs: InputGroup | None = None


MODES: Final[dict[str, ModeSpec]] = {
    "explain": ModeSpec("upshot.modes.explain:run", conversation="new", needs_thread=False),
    "ask": ModeSpec(
        "upshot.modes.ask:run", requires=(("prompt", "a question ('prompt' or 'prompt-file')"),)
    ),
    "task": ModeSpec("upshot.modes.task:run", backends=("neo",)),
    "collect": ModeSpec(
        "upshot.modes.collect:run",
        requires=(("reports-folder", "a folder with reports of other jobs"),),
    ),
    "account": ModeSpec(
        "upshot.modes.account:run",
        needs_thread=False,
        must_succeed=("account-operation", ("signup", "claim")),
        has_own_comment=True,
        every_input_stops=True,
        reads_inputs_of=("gate",),
        own_inputs=InputGroup(
            "upshot.inputs.account:parse_account",
            names=_words(
                "account-operation claim-token claim-renames agent-name account-secret confirm"
            ),
        ),
        outputs=_words(
            "account-login account-organization account-token-file claim-token-file account-valid-until claim-valid-until claim-state claim-conflicts claim-failures transfer-id"
        ),
    ),
    "powabase": ModeSpec(
        "upshot.modes.powabase:run",
        warm_up="upshot.modes.builder.warmup:warm_up",
        must_succeed=("apply", ("server",)),
        has_own_comment=True,
        every_input_stops=True,
        reads_inputs_of=("gate",),
        requires=(
            ("prompt", "a question or a wish ('prompt' or 'prompt-file')"),
            ("powabase-url", "the address of the Powabase project"),
            ("powabase-key", "the project's service role key"),
            ("workflow-id", "the id of a workflow, a UUID"),
        ),
        own_inputs=InputGroup(
            "upshot.inputs.powabase:parse_powabase",
            names=_words(
                "powabase-url powabase-key workflow-id workflow-file powabase-session powabase-model powabase-dialect apply allow-deployed"
            ),
        ),
        outputs=_words(
            "session-id message-id workflow-diff-file workflow-graph-file workflow-changes apply-state"
        ),
    ),
    "fleet": ModeSpec(
        "upshot.modes.fleet:run",
        needs_thread=False,
        must_succeed=("mode", ("fleet",)),
        every_input_stops=True,
        requires=(("organization", "the organization whose stacks are listed"),),
        own_inputs=InputGroup(
            "upshot.inputs.fleet:parse_fleet",
            names=("fleet-select", "fleet-legs", "fleet-limit"),
        ),
        outputs=("matrix", "fleet-count", "fleet-legs-used", "fleet-skipped", "fleet-file"),
        long_outputs=("matrix",),
    ),
    "gate": ModeSpec(
        "upshot.modes.gate:run",
        needs_thread=False,
        fails_closed=True,
        has_own_comment=True,
        every_input_stops=True,
        reads_conversation=True,
        own_inputs=InputGroup(
            "upshot.inputs.gate:parse_gate",
            names=_words(
                "approval-from approval-binding approval-required-on required-approvals approval-environment approvers allow-self-approval approval-expires on-waiting on-approve"
            ),
        ),
        outputs=("approval-state", "approval-reason", "audit-file"),
        failure_outputs=(("approval-state", "error"), ("approved", "false")),
    ),
    "command": ModeSpec(
        "upshot.modes.command:run",
        checks_access=True,
        every_input_stops=True,
        reads_inputs_of=("gate", "powabase"),
        own_inputs=InputGroup(
            "upshot.inputs.command:parse_command_inputs", names=("commands", "command-access")
        ),
        outputs=("command", "command-argument"),
    ),
}


class CommandSpec(NamedTuple):
    """A word after `/upshot` in a comment (mode `command`)."""

    answer: str
    """`answer(chat: Chat) -> Answer`."""
    does: str
    """What it does, one line for the help."""
    is_repeatable: bool = False
    """A second delivery of the comment runs it again, for its outputs, and posts nothing."""


class VoterSpec(NamedTuple):
    """Something that waits for `/upshot approve` or `/upshot reject`."""

    vote: str
    """`vote(chat: Chat) -> Answer | None`; None where the id that was typed is not its own."""
    describe: str = ""
    """`describe(chat: Chat, world: World) -> Sequence[tuple[Words, Words]]`: rows of `/upshot
    status`; empty for none."""


COMMANDS: Final[dict[str, CommandSpec]] = {
    "help": CommandSpec("upshot.modes.chat.help:answer", "shows this list"),
    "status": CommandSpec(
        "upshot.modes.chat.status:answer", "shows the verdict, the risk and what waits for a person"
    ),
    "explain": CommandSpec("upshot.modes.chat.explain:answer", "makes the report anew"),
    "ask": CommandSpec("upshot.modes.chat.ask:answer", "answers one question"),
    "why": CommandSpec(
        "upshot.modes.chat.why:answer", "says why a resource is changed or failed, without an AI"
    ),
    "task": CommandSpec("upshot.modes.chat.tasks:start", "gives Pulumi Neo a task"),
    "reply": CommandSpec(
        "upshot.modes.chat.tasks:reply", "answers the question that the Neo task waits with"
    ),
    "approve": CommandSpec("upshot.modes.chat.votes:answer", "says yes", is_repeatable=True),
    "reject": CommandSpec("upshot.modes.chat.votes:answer", "says no", is_repeatable=True),
    "cancel": CommandSpec("upshot.modes.chat.tasks:cancel", "stops the Neo task"),
    "undo": CommandSpec(
        "upshot.modes.chat.workflow:undo", "puts a workflow's state before the newest change back"
    ),
    "retry": CommandSpec(
        "upshot.modes.chat.retry:answer", "runs the failed jobs of the newest run again"
    ),
}
"""In the order of the help. A word of the grammar that is not here has nothing behind it yet."""

VOTERS: Final[dict[str, VoterSpec]] = {
    "neo": VoterSpec("upshot.modes.chat.neo:vote", "upshot.modes.chat.neo:describe"),
    "powabase": VoterSpec("upshot.modes.chat.workflow:vote", "upshot.modes.chat.workflow:describe"),
    "gate": VoterSpec("upshot.modes.chat.gate:vote", "upshot.modes.chat.gate:describe"),
}
"""Asked in this order; the first that knows the id takes the vote."""

BACKENDS: Final[dict[str, BackendSpec]] = {
    "copilot": BackendSpec(
        "upshot.backends.copilot:build", title="Pulumi Copilot", prompt_bytes=16_000
    ),
    "neo": BackendSpec(
        "upshot.backends.neo.backend:build", title="Pulumi Neo", shows_progress=True
    ),
    "local": BackendSpec(
        "upshot.backends.local:build", title="Upshot's offline rules", is_ai=False
    ),
}

PUBLISHERS: Final[dict[str, PublisherSpec]] = {  # local ones first, remote ones last
    "summary": PublisherSpec("upshot.publish.summary:publish"),
    "annotations": PublisherSpec("upshot.publish.annotations:publish"),
    "sarif": PublisherSpec(
        "upshot.publish.formats.publish:publish_sarif",
        InputGroup(
            "upshot.inputs.publishers.formats:parse_sarif",
            names=("sarif-file",),
            idle=(("sarif-file", ""),),
        ),
    ),
    "junit": PublisherSpec(
        "upshot.publish.formats.publish:publish_junit",
        InputGroup(
            "upshot.inputs.publishers.formats:parse_junit",
            names=("junit-file",),
            idle=(("junit-file", ""),),
        ),
    ),
    "comment": PublisherSpec("upshot.publish.comment.publish:publish"),
    "labels": PublisherSpec(
        "upshot.publish.labels.publish:publish",
        InputGroup(
            "upshot.inputs.publishers.labels:parse_labels",
            names=("labels",),
            idle=(("labels", "false"),),
        ),
    ),
    "status": PublisherSpec("upshot.publish.status:publish"),
    "issue": PublisherSpec(
        "upshot.publish.issue.publish:publish",
        InputGroup(
            "upshot.inputs.publishers.issue:parse_issue",
            names=_words("issue issue-title issue-labels issue-reopen"),
            idle=(("issue", "never"),),
        ),
    ),
    "slack": PublisherSpec(
        "upshot.announce.publish:publish_slack", _announce(("slack-webhook-url", ""))
    ),
    "teams": PublisherSpec(
        "upshot.announce.publish:publish_teams", _announce(("teams-webhook-url", ""))
    ),
    "webhook": PublisherSpec(
        "upshot.announce.publish:publish_webhook",
        _announce(("webhook-url", ""), ("webhook-secret", "")),
    ),
}

APPLIERS: Final[dict[str, str]] = {
    # `apply(job: Job, cloud: ServiceClient, decision: Decision) -> AnswerResult`
    "neo": "upshot.backends.neo.answers:apply",
}


def load(dotted: str) -> Any:
    """The function that `module:function` names."""
    from importlib import import_module

    module, _, name = dotted.partition(":")
    return getattr(import_module(module), name)
