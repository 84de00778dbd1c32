"""Asks Pulumi Copilot: by chat, by direct skill, or by chat and then by skill.

It is no longer documented whether the chat is still answered, and the skills take no free question
(docs/decisions). So with `api-dialect: auto` the second form follows the first without a warning.
Must not know the report, the event or how the evidence was found.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, assert_never

from upshot.backends.interface import TaskObserver, build_no_answer
from upshot.backends.questions import build_query, is_preview, visible_text
from upshot.errors import (
    ServiceBadReply,
    ServiceBadRequest,
    ServiceConflict,
    ServiceError,
    ServiceForbidden,
    ServiceNotFound,
    ServiceTimeout,
    ServiceUnavailable,
)
from upshot.http.client import ServiceClient
from upshot.http.retry import ASK, ONCE, READ, RetryPolicy
from upshot.inputs.choices import ApiDialect
from upshot.job import Job
from upshot.model import Answer, BackendName, NoAnswer, Outcome, Question, ReasonCode, Reply
from upshot.pulumi import copilot as wire
from upshot.subject import build_stack_url, build_update_url
from upshot.timing import Deadline

LONGEST_S: Final = 120.0
"""Copilot answers in seconds. The CLI gives it 20, for a skill alone."""
_BAD_REQUEST: Final = 400
_GONE: Final = 410
_OTHER_FORM_MAY_WORK: Final = (
    ServiceBadReply,
    ServiceBadRequest,
    ServiceConflict,
    ServiceForbidden,
    ServiceNotFound,
    ServiceUnavailable,
)
"""Failures of the chat that a skill may not share: the form, or its own switch. A bad token, a
reached limit or a dead network would fail again."""
NEW_CONVERSATION: Final = "The earlier conversation is gone; a new one was started."


class CopilotBackend:
    """Copilot, behind one client. One question may cost several requests; all are counted."""

    def __init__(
        self,
        client: ServiceClient,
        *,
        console: str,
        dialect: ApiDialect = ApiDialect.AUTO,
        max_wait_s: float = LONGEST_S,
    ) -> None:
        """`console`: origin of the console, empty when unknown (`upshot.subject`).

        `max_wait_s` bounds the whole answer, retries and the second form included; so does
        LONGEST_S, for `max-wait` is meant for tasks that take minutes.
        """
        self._client = client
        self._console = console
        self._dialect = dialect
        self._max_wait_s = min(max_wait_s, LONGEST_S)

    def ask(self, question: Question, *, on_sent: Callable[[], None]) -> Reply:
        if self._console not in {"", wire.CONSOLE}:
            return _self_hosted(self._console)
        asking = _Asking(
            self._client, question, on_sent, self._client.deadline.earlier(self._max_wait_s)
        )
        match self._dialect:
            case ApiDialect.DOCUMENTED:
                return asking.by_chat()
            case ApiDialect.CURRENT:
                return asking.by_skill()
            case ApiDialect.AUTO:
                return asking.by_either()
        assert_never(self._dialect)


def build(job: Job, cloud: ServiceClient, _progress: TaskObserver | None) -> CopilotBackend:
    ask = job.inputs.ask
    return CopilotBackend(
        cloud, console=job.console, dialect=ask.api_dialect, max_wait_s=ask.max_wait_s
    )


class _Asking:
    """One question on its way: what it has cost so far, and what there is to say about it."""

    def __init__(
        self,
        client: ServiceClient,
        question: Question,
        on_sent: Callable[[], None],
        until: Deadline,
    ) -> None:
        subject = question.subject
        self._client = client
        self._question = question
        self._on_sent = on_sent
        self._until = until
        self._organization = question.organization or (
            subject.stack.organization if subject else ""
        )
        self._calls = 0
        self._conversation_id = question.conversation_id
        self._notes: tuple[str, ...] = ()

    def by_chat(self) -> Reply:
        try:
            return self._reply(self._chat())
        except ServiceError as error:
            return self._failure(error)

    def by_skill(self) -> Reply:
        body = self._skill_body() if self._fits_skill() else None
        if body is None:
            return NoAnswer(
                BackendName.COPILOT,
                ReasonCode.AI_DECLINED,
                why="Copilot's direct skills take no free question: they explain a failed update "
                "or a preview, from its output",
                hint="Set `api-dialect: auto` to ask by chat.",
            )
        try:
            return self._reply(self._skill(body))
        except ServiceError as error:
            return self._failure(error)

    def by_either(self) -> Reply:
        first: ServiceError | None = None
        turn = wire.CopilotTurn(declined=True)
        try:
            turn = self._chat()
        except ServiceError as error:
            first = error
        may_fall_over = _other_form_may_work(first) if first else turn.declined
        body = self._skill_body() if may_fall_over and self._fits_skill() else None
        if body is None:
            return self._failure(first) if first else self._reply(turn)
        # The service was tried several times already if it was unavailable: once more will do.
        retry = ONCE if isinstance(first, ServiceUnavailable) else READ
        try:
            return self._reply(self._skill(body, retry=retry))
        except ServiceError as second:
            return self._failure(_pick_error(first, second))

    def _chat(self) -> wire.CopilotTurn:
        query = build_query(self._question)
        try:
            return self._post_chat(query)
        except ServiceError as error:
            if not (self._conversation_id and _is_gone(error)):
                raise
        self._conversation_id = ""
        self._notes = (NEW_CONVERSATION,)
        return self._post_chat(query)

    def _post_chat(self, query: str) -> wire.CopilotTurn:
        question = self._question
        if question.subject:
            url = build_update_url(question.subject)
        else:
            url = build_stack_url(question.stack, question.console) if question.stack else ""
        body = wire.build_chat_body(
            query,
            self._organization,
            url=url if url.startswith(f"{wire.CONSOLE}/") else wire.CONSOLE,
            conversation_id=self._conversation_id,
        )
        return self._post(wire.post_chat, body, ASK)

    def _skill(self, body: dict[str, Any], *, retry: RetryPolicy = READ) -> wire.CopilotTurn:
        return self._post(wire.post_skill, body, retry)

    def _post(self, post: wire.Post, body: dict[str, Any], retry: RetryPolicy) -> wire.CopilotTurn:
        try:
            turn = post(
                self._client,
                body,
                retry=retry,
                within_s=self._until.remaining_s(),
                on_sent=self._on_sent,
            )
        except ServiceError as error:
            self._calls += error.tries
            raise
        self._calls += turn.tries
        return turn

    def _fits_skill(self) -> bool:
        question = self._question
        return not question.prompt.strip() and (
            question.outcome is Outcome.FAILED or is_preview(question)
        )

    def _skill_body(self) -> dict[str, Any] | None:
        """A failure is summarized, as by the CLI, also that of a preview; None without evidence."""
        question = self._question
        failed = question.outcome is Outcome.FAILED
        limit = wire.UPDATE_OUTPUT_BYTES if failed else wire.PREVIEW_OUTPUT_BYTES
        output = visible_text(question.evidence.cut(limit))
        if not output.strip():
            return None
        if failed:
            return wire.build_summarize_body(output, self._organization)
        return wire.build_explain_body(output, self._organization, kind=question.kind)

    def _reply(self, turn: wire.CopilotTurn) -> Reply:
        if turn.declined:
            return NoAnswer(
                BackendName.COPILOT,
                ReasonCode.AI_DECLINED,
                why="Copilot chose not to answer",
                hint="No action needed.",
                calls=self._calls,
            )
        return Answer(
            BackendName.COPILOT,
            turn.text,
            programs=turn.programs,
            conversation_id=turn.conversation_id or self._conversation_id,
            calls=self._calls,
            notes=self._notes,
        )

    def _failure(self, error: ServiceError) -> NoAnswer:
        return build_no_answer(BackendName.COPILOT, error, calls=self._calls)


def _other_form_may_work(error: ServiceError) -> bool:
    """Whether the other form of asking may succeed where this one failed."""
    return isinstance(error, _OTHER_FORM_MAY_WORK)


def _is_gone(error: ServiceError) -> bool:
    """Whether the conversation is unknown; no document says how the service reports it."""
    if isinstance(error, ServiceNotFound):
        return True
    says_so = error.status == _BAD_REQUEST and "conversation" in error.message.lower()
    return says_so or error.status == _GONE


def _pick_error(first: ServiceError | None, second: ServiceError) -> ServiceError:
    """Of two failures the one to report: that of the form which the service takes."""
    if first is None:
        return second
    if isinstance(first, ServiceForbidden | ServiceUnavailable) or isinstance(
        second, ServiceTimeout
    ):
        return first
    return second


def _self_hosted(console: str) -> NoAnswer:
    return NoAnswer(
        BackendName.COPILOT,
        ReasonCode.AI_SELF_HOSTED,
        why=f"Pulumi Copilot answers for {wire.CONSOLE} only, and the console here is {console}",
        hint="No action needed: the local diagnosis stands. Set `backend: local` to leave this "
        "note out.",
        anchor="self-hosted",
    )
