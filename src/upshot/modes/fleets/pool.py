"""Many small reads at once: a few threads, each with a connection of its own, results in order."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

from upshot.http.client import ServiceClient

T = TypeVar("T")
R = TypeVar("R")

AT_ONCE: Final = 8
_AHEAD: Final = 4 * AT_ONCE
"""Items that are taken before the oldest result is handed on: memory does not grow with the list."""


def read_each(
    items: Iterable[T],
    read: Callable[[ServiceClient, T], R],
    *,
    connect: Callable[[], ServiceClient],
    at_once: int = AT_ONCE,
) -> Iterator[tuple[T, R]]:
    """Each item with what `read` made of it, in the order of the items.

    What `read` raises is raised here, when its item's turn comes. Stopping early waits for the reads
    that are on their way, and starts no other.
    """
    from concurrent.futures import Future, ThreadPoolExecutor

    own = threading.local()
    clients: list[ServiceClient] = []

    def work(item: T) -> R:
        client: ServiceClient | None = getattr(own, "client", None)
        if client is None:
            client = own.client = connect()
            clients.append(client)
        return read(client, item)

    waiting: deque[tuple[T, Future[R]]] = deque()
    executor = ThreadPoolExecutor(at_once, thread_name_prefix="upshot-read")
    try:
        for item in items:
            waiting.append((item, executor.submit(work, item)))
            if len(waiting) >= _AHEAD:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
        for client in clients:
            client.close()
