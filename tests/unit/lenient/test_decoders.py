"""One decoder a type, also where threads ask for it at the same moment."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

import msgspec
import pytest

from upshot.lenient import decoder_of

# Without `decoder_of` this crashes msgspec 0.22 within some rounds: the types are new in each.
_RACE: Final = """
import sys, threading
from upshot.lenient import decoder_of

SOURCE = '''
from __future__ import annotations
from msgspec import Struct
class Inner(Struct):
    a: str = ""
    b: dict[str, int] = {}
class Outer(Struct):
    x: Inner | None = None
    %s
''' % "; ".join(f"f{n}: list[Inner] | None = None" for n in range(30))

def work(barrier, kind):
    barrier.wait()
    assert decoder_of(kind).decode(b'{"x":{"a":"q"}}').x.a == "q"

sys.setswitchinterval(1e-5)
for number in range(100):
    module = sys.modules["made"] = type(sys)("made")
    exec(SOURCE, vars(module))
    barrier = threading.Barrier(8)
    threads = [threading.Thread(target=work, args=(barrier, module.Outer)) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
"""


class Point(msgspec.Struct):
    x: int = 0


def test_it_decodes_its_type() -> None:
    assert decoder_of(Point).decode(b'{"x": 3}') == Point(3)
    assert decoder_of(list[str] | None).decode(b"null") is None


def test_each_type_and_strictness_has_one() -> None:
    assert decoder_of(Point) is decoder_of(Point)
    assert decoder_of(Point, strict=False).decode(b'{"x": "3"}') == Point(3)
    with pytest.raises(msgspec.ValidationError):
        decoder_of(Point).decode(b'{"x": "3"}')


def test_threads_that_ask_at_once_crash_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _RACE], check=False, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
