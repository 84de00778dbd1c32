"""One process of the proof of work: counts up and hashes, until it finds a number or is ended.

Run as a script that imports nothing of this package: it starts in 15 ms and holds no secret. Numbers are
taken in batches of a thousand. All texts of a batch start alike, so the state of SHA-256 after that
start is copied instead of computed (bench/work/proof.py compares it with other ways).

Descriptors 0 and 1 are pipes to the process that started it. In: `<difficulty> <first> <step>
<bytes>`, a line end, that many bytes of challenge data; the pipe's end ends this process, so that it
never outlives the run. Out, one line each: `+<hashes>` since the last line, about five times a
second, and at last `=<number>`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from importlib import import_module
from select import select
from time import perf_counter
from typing import Any, Final

BATCH: Final = 1_000
_SMALL: Final = [b"%d" % n for n in range(BATCH)]
_PADDED: Final = [b"%03d" % n for n in range(BATCH)]
_LOOK_S: Final = 0.2
_TRIAL: Final = 3

Sha256 = Callable[[bytes], Any]


def search_batch(new: Sha256, data: bytes, target: bytes, batch: int) -> int | None:
    """The first number of the batch whose digest sorts before `target`; None if there is none.

    Batch b holds the numbers from 1,000 b on.
    """
    start = new(data + b":%d" % batch) if batch else new(data + b":")
    copy = start.copy
    for ending in _PADDED if batch else _SMALL:
        state = copy()
        state.update(ending)
        if state.digest() < target:
            return batch * BATCH + int(ending)
    return None


def find_constructors() -> dict[str, Sha256]:
    """Every SHA-256 of this Python, by name: OpenSSL's, and the built-in one where it has it.

    OpenSSL hashes faster, the built-in one starts faster; texts this short are mostly start.
    """
    found: dict[str, Sha256] = {"openssl": sha256}
    for module in ("_sha2", "_sha256"):  # Python 3.12 and later, 3.11
        try:
            found["built-in"] = import_module(module).sha256
        except (ImportError, AttributeError):
            continue
        break
    return found


def choose_constructor() -> Sha256:
    """The quickest on this machine, by trying each on a few batches (a few milliseconds)."""

    def cost_s(new: Sha256) -> float:
        started = perf_counter()
        for batch in range(1, 1 + _TRIAL):
            search_batch(new, b"v1:trial:1", b"", batch)
        return perf_counter() - started

    return min(find_constructors().values(), key=cost_s)


def main() -> None:
    with open(0, "rb", closefd=False) as orders:
        difficulty, first, step, length = (int(word) for word in orders.readline().split())
        data = orders.read(length)
    target = (1 << (256 - difficulty)).to_bytes(32)
    new = choose_constructor()
    batch, counted, looked_s = first, first, perf_counter()
    while (number := search_batch(new, data, target, batch)) is None:
        batch += step
        if perf_counter() - looked_s < _LOOK_S:
            continue
        looked_s = perf_counter()
        if select([0], [], [], 0)[0]:
            return
        os.write(1, b"+%d\n" % ((batch - counted) // step * BATCH))
        counted = batch
    os.write(1, b"=%d\n" % number)


if __name__ == "__main__":
    main()
