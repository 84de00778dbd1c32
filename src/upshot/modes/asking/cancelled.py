"""The end of a run that is cancelled while an AI works: what it knew is set, and its comment says so.

The runner kills 10 s after its first signal, and stopping a Neo task takes up to 5 s of them.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from upshot.job import Job
from upshot.model import BackendName, NoAnswer, ReasonCode, Receipt, Reply, TaskState, TaskStatus
from upshot.modes.shared.gather import Case
from upshot.modes.shared.lookup import PullRequestLookup
from upshot.publish.interface import PullRequestContext
from upshot.result.run_result import RunResult

if TYPE_CHECKING:
    from upshot.modes.asking.facts_first import FactsFirst
    from upshot.modes.asking.task_progress import TaskProgress

_EARLY_WITHIN_S: Final = 1.5
_COMMENT_WITHIN_S: Final = 2.5
_NOTE: Final = "The workflow run was cancelled before the AI had answered: no explanation follows."


def end_cancelled(
    job: Job,
    case: Case,
    lookup: PullRequestLookup,
    *,
    progress: TaskProgress | None,
    early: FactsFirst | None,
    exit_code: int,
) -> RunResult:
    """The result with the facts, the task's id and the comment, which is only edited if this run has
    written to it.
    """
    from upshot.modes.shared.finish import build_result
    from upshot.modes.shared.report import ReportMaker

    job.log.info("Cancelled.")
    case = replace(case, notices=(*case.notices, _NOTE))
    reply = _reply(progress)
    if early is not None:
        early.wait(_EARLY_WITHIN_S)
    context = lookup.finished or PullRequestContext()
    report = ReportMaker(job).build(case, reply, context)
    receipts = _say_so(job, case, reply, context) if context.early_action else ()
    result = build_result(job, report, receipts=receipts)
    return replace(result, reason_code=ReasonCode.CANCELLED, exit_code=exit_code)


def _reply(progress: TaskProgress | None) -> Reply:
    if progress is None or not progress.task_id:
        return NoAnswer(BackendName.LOCAL)
    return TaskState(TaskStatus.CANCELLED, progress.task_id, progress.task_url, calls=1)


def _say_so(job: Job, case: Case, reply: Reply, context: PullRequestContext) -> tuple[Receipt, ...]:
    """Edits the comment, as far as there is time."""
    from upshot.modes.shared.report import show_progress

    found: list[Receipt] = []

    def edit() -> None:
        if receipt := show_progress(job, case, reply, replace(context, thread=None)):
            found.append(receipt)

    thread = threading.Thread(target=edit, name="cancelled", daemon=True)
    thread.start()
    thread.join(_COMMENT_WITHIN_S)
    return tuple(found)
