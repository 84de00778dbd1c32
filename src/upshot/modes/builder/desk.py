"""What one run about a workflow works with: the client, the redactor's view, the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from upshot.http.client import ServiceClient
from upshot.inputs.powabase import CONTINUE, NEW, PowabaseInputs
from upshot.job import Job
from upshot.lenient import as_text
from upshot.powabase.graph import Graph
from upshot.powabase.secrets.hide import hide_secrets
from upshot.powabase.wire.client import PowabaseClient
from upshot.powabase.wire.events import ChatEvent, Dialect, StatusEvent, ToolCalled
from upshot.powabase.wire.model import model_for_turn
from upshot.powabase.wire.records import Workflow
from upshot.powabase.wire.recover import find_question
from upshot.powabase.wire.service import powabase
from upshot.powabase.wire.turn import Turn, ask_copilot, read_turn

_LOUD: Final = 20
"""Lines of progress about one turn; a Copilot that calls tools without end fills no log."""


def connect(job: Job, own: PowabaseInputs) -> ServiceClient:
    """The key was masked with the inputs. Makes no request yet."""

    def log_warning(text: str) -> None:
        job.log.info("Powabase warns its clients:")
        job.log.untrusted(text)

    return ServiceClient(
        own.url,
        own.key,
        service=powabase(),
        clock=job.clock,
        deadline=job.deadline,
        on_warning=log_warning,
        http=job.http,
    )


class Desk:
    """One run's way to one workflow."""

    def __init__(self, job: Job, own: PowabaseInputs, service: ServiceClient) -> None:
        self.job = job
        self.own = own
        self.client = PowabaseClient(service, Dialect(own.dialect.value))
        self._said = 0

    def read_workflow(self) -> tuple[Workflow, Graph]:
        """The workflow as the server has it, and its graph with the secrets hidden.

        Every secret in it is masked from now on (threat T64).
        """
        found = self.client.get_workflow(self.own.workflow_id)
        hidden, vault = hide_secrets(found.graph, self.find)
        for secret in vault.secrets():
            self.job.hide(secret)
        return found, hidden

    @property
    def find(self) -> Callable[[str], list[tuple[int, int]]]:
        return self.job.redactor.spans

    def find_session(self, remembered: str) -> str:
        """The session to go on with; empty for a new one. `remembered`: of our earlier comment."""
        wanted = self.own.session
        if wanted not in {NEW, CONTINUE}:
            return wanted
        if wanted == NEW:
            return ""
        if remembered:
            return remembered
        found = self.client.get_session(self.own.workflow_id)
        return found.id if found else ""

    def find_pending(self, remembered: str, prompt: str) -> Turn | None:
        """The turn of an earlier run that asked the same.

        Looked for in the session of our comment, then in the workflow's newest one. A turn whose
        change was applied has a snapshot: it is pending no more.
        """
        named = self.own.session if self.own.session not in {NEW, CONTINUE} else remembered
        candidates = [named] if named else []
        newest = self.client.get_session(self.own.workflow_id)
        if newest and newest.id not in candidates:
            candidates.append(newest.id)
        for session_id in candidates:
            messages = self.client.list_messages(session_id)
            question = find_question(messages)
            if question is None or question.content.strip() != prompt.strip():
                continue
            turn = read_turn(session_id, messages, question)
            if turn is None:  # asked, and not answered yet: it is never asked twice
                return Turn(session_id=session_id, is_log_whole=False)
            answer = next((one for one in messages if one.id == turn.message_id), None)
            if answer is None or answer.pre_snapshot is None:
                return turn
        return None

    def ask(self, session_id: str, prompt: str, state: dict[str, Any]) -> Turn:
        """One turn; sent once. Raises ServiceError when the service surely did not take it, and
        InputError for a model that it does not offer.
        """
        known: set[str] = set()
        if session_id:
            known = {message.id for message in self.client.list_messages(session_id)}
        else:
            session_id = self.client.create_session(self.own.workflow_id).id
        self.job.log.info("Asking the Copilot of Powabase")
        with model_for_turn(self.client, self.own.model, on_warning=self._warn):
            return ask_copilot(
                self.client,
                session_id,
                prompt,
                state,
                known=known,
                within_s=self.job.inputs.ask.max_wait_s,
                on_event=self._note,
            )

    def _warn(self, text: str) -> None:
        self.job.warnings.degraded(None, text, anchor="powabase")

    def _note(self, event: ChatEvent) -> None:
        """Progress in the log: what the Copilot does; its words are untrusted."""
        if isinstance(event, StatusEvent):
            text = event.message
        elif isinstance(event, ToolCalled):
            text = f"tool {event.name}"
        else:
            return
        self._said += 1
        if self._said <= _LOUD:
            self.job.log.untrusted(as_text(text)[:200])
