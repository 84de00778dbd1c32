"""Step outputs: every declared one is set, whatever happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from upshot.model import Receipt, ReceiptStatus
from upshot.runner.commands import RunnerLog
from upshot.runner.files import write_output

_NAME = "outputs"


def publish_outputs(
    path: str, values: Mapping[str, str], *, log: RunnerLog, token: Callable[[], str]
) -> Receipt:
    """Writes every output to GITHUB_OUTPUT.

    A value that holds something masked would make the runner drop the whole output of the job
    without a message, so it is emptied here, with a warning (threat T13). `path` is empty where
    there is no runner.
    """
    if not path:
        return Receipt(_NAME, ReceiptStatus.SKIPPED, why="there is no runner here")
    emptied = [name for name, value in values.items() if log.is_masked(value)]
    try:
        for name, value in values.items():
            write_output(path, name, "" if name in emptied else value, token=token)
    except OSError as fault:
        why = f"the outputs cannot be written: {fault.strerror}"
        return Receipt(_NAME, ReceiptStatus.FAILED, why=why)
    if not emptied:
        return Receipt(_NAME, ReceiptStatus.POSTED)
    why = f"emptied, because they would hold a masked value: {', '.join(emptied)}"
    log.warning(f"Outputs were {why}.", title="Upshot")
    return Receipt(_NAME, ReceiptStatus.POSTED, why=why)
