"""What one run about a workflow works with: the client, the redactor's view, the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from upshot.errors import ServiceNotFound
from upshot.http.client import ServiceClient
from upshot.inputs.powabase import CONTINUE, NEW, PowabaseInputs
from upshot.job import Job
from upshot.lenient import as_text
from upshot.modes.builder.past import Talk
from upshot.powabase.graph import Graph
from upshot.powabase.secrets.hide import hide_secrets
from upshot.powabase.wire.client import PowabaseClient
from upshot.powabase.wire.events import ChatEvent, Dialect, StatusEvent, ToolCalled
from upshot.powabase.wire.model import model_for_turn
from upshot.powabase.wire.records import Message, Workflow
from upshot.powabase.wire.service import powabase
from upshot.powabase.wire.turn import Turn, ask_copilot

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


class WorkflowAccess:
    """One run's way to one workflow."""

    def __init__(self, job: Job, own: PowabaseInputs, service: ServiceClient) -> None:
        self.job = job
        self.own = own
        self.client = PowabaseClient(service, Dialect(own.dialect.value))
        self._said = 0
        self._messages: dict[str, tuple[Message, ...]] = {}

    def read_workflow(self) -> tuple[Workflow, Graph]:
        """The workflow as the server has it, and its graph with the secrets hidden.

        Every secret in it is masked from now on (threat T64).
        """
        found = self.client.get_workflow(self.own.workflow_id)
        self.mask(found.graph)
        return found, hide_secrets(found.graph, self.find)[0]

    def mask(self, graph: Graph) -> None:
        """From now on `find` knows every secret of the graph, in every encoding."""
        for secret in hide_secrets(graph, self.find)[1].secrets():
            self.job.hide(secret)

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
        if remembered and self._is_there(remembered):
            return remembered
        found = self.client.get_session(self.own.workflow_id)
        return found.id if found else ""

    def _is_there(self, session_id: str) -> bool:
        """Whether a session that a message was sent to still is; the server gives none of a deleted one."""
        try:
            return bool(self._list_messages(session_id))
        except ServiceNotFound:
            return False

    def read_talks(self, remembered: str) -> tuple[Talk, ...]:
        """The sessions that an earlier run may have used: the named or remembered one, the newest."""
        named = self.own.session if self.own.session not in {NEW, CONTINUE} else remembered
        candidates = [named] if named else []
        newest = self.client.get_session(self.own.workflow_id)
        if newest and newest.id not in candidates:
            candidates.append(newest.id)
        return tuple(
            Talk(one, self._list_messages(one))
            for one in candidates
            if one != remembered or self._is_there(one)
        )

    def _list_messages(self, session_id: str) -> tuple[Message, ...]:
        """Read once; nothing is sent in between."""
        if session_id not in self._messages:
            self._messages[session_id] = self.client.list_messages(session_id)
        return self._messages[session_id]

    def ask(self, session_id: str, prompt: str, state: dict[str, Any]) -> Turn:
        """One turn; sent once. Raises ServiceError when the service surely did not take it, and
        InputError for a model that it does not offer.
        """
        known: set[str] = set()
        if session_id:
            known = {message.id for message in self._list_messages(session_id)}
        else:
            session_id = self.client.create_session(self.own.workflow_id).id
        self.job.log.info("Asking the Copilot of Powabase")
        with model_for_turn(self.client, self.own.model, on_warning=self._warn):
            turn = ask_copilot(
                self.client,
                session_id,
                prompt,
                state,
                known=known,
                within_s=self.job.inputs.ask.max_wait_s,
                on_event=self._note,
            )
        if turn.unknown:
            self.job.log.info("Events that this version of Upshot does not know:")
            self.job.log.untrusted(", ".join(f"{name}: {n}" for name, n in turn.unknown.items()))
        return turn

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
