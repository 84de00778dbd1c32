"""PyGithub's requester, one request at a time, which never waits for longer than there is time."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from upshot.timing import Deadline

if TYPE_CHECKING:
    from github.Requester import Requester

LONGEST_PAUSE_S: Final = 20
"""For connecting, and for each pause while a reply is read; less when less time is left."""
_HEADERS: Final = {"Accept": "application/vnd.github+json"}


class Connection:
    """Safe to use from several threads, which take turns."""

    def __init__(self, make_requester: Callable[[int], Requester], deadline: Deadline) -> None:
        """`make_requester` takes the seconds that a requester waits: they are fixed when it is
        made (PyGithub).
        """
        self._make_requester = make_requester
        self._deadline = deadline
        self._lock = threading.Lock()
        self._pause_s = self._longest_pause_s()
        self._requester = make_requester(self._pause_s)

    def send(
        self,
        verb: str,
        url: str,
        *,
        parameters: Mapping[str, Any] | None,
        body: Mapping[str, Any] | None,
    ) -> tuple[dict[str, Any], Any]:
        """Headers and data of a reply. Raises GithubException for a refusal, OSError without one."""
        with self._lock:
            pause_s = self._longest_pause_s()
            if pause_s < self._pause_s:
                self._requester.close()
                self._requester = self._make_requester(pause_s)
                self._pause_s = pause_s
            return self._requester.requestJsonAndCheck(
                verb, url, parameters=dict(parameters or {}), headers=dict(_HEADERS), input=body
            )

    def close(self) -> None:
        self._requester.close()

    def _longest_pause_s(self) -> int:
        return max(1, min(LONGEST_PAUSE_S, math.ceil(self._deadline.remaining_s())))
