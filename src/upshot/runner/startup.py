"""What makes a start cheap: regular expressions compiled ahead, and no import that serves nothing.

`python -m upshot.runner.startup` writes what Python makes of each expression in Upshot and in its libraries
into one file, once the package is where it will run: with the image. A start needs 160 of them, and compiling
them takes a seventh of the time to the first AI request. Byte code is kept by Python itself, expressions are not.
"""

from __future__ import annotations

import os
import sys
from re import _compiler  # type: ignore[attr-defined]  # private: see docs/decisions/0043
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    Compile = Callable[[Any, int], re.Pattern[Any]]
    Known = dict[tuple[bool, str | bytes, int], tuple[Any, ...]]

FILE: Final = os.path.join(os.path.dirname(__file__), "__pycache__", "expressions.msgpack")  # noqa: PTH118, PTH120 - pathlib takes as long to load as is saved here
_WORD: Final = "I"
"""The type of a compiled expression's codes, for `array` and `memoryview`: 32 bits without a sign."""

_HALVES: Final = "surrogatepass"
"""For halves of characters, which some expressions look for."""


def prepare(file: str = FILE) -> None:
    """To be called before anything else is imported. Without the file all works, and takes longer."""
    _load_msgspec()
    if known := read(file):
        _compiler.compile = look_up(known, _compiler.compile)


def read(file: str) -> Known:
    """What `write` wrote for this very Python; empty for anything else."""
    import msgspec

    try:
        with open(file, "rb") as kept:  # noqa: PTH123 - see above
            found = msgspec.msgpack.decode(kept.read())
    except (OSError, msgspec.DecodeError):
        return {}
    if isinstance(found, dict) and found.get("python") == sys.version:
        return {
            (is_bytes, data if is_bytes else data.decode("utf-8", _HALVES), flags): made
            for is_bytes, data, flags, made in found["expressions"]
        }
    return {}


def look_up(known: Known, otherwise: Compile) -> Compile:
    """The compiler of module `re`, which takes from `known` what is there."""

    def compile_expression(expression: Any, flags: int = 0) -> re.Pattern[Any]:
        try:
            kept = known.get((isinstance(expression, bytes), expression, int(flags)))
        except TypeError:  # no text; the compiler says so better
            kept = None
        if kept is None:
            return otherwise(expression, flags)
        all_flags, codes, groups, numbers, names = kept
        words = memoryview(codes).cast(_WORD).tolist()
        engine = _compiler._sre  # noqa: SLF001 - private: see docs/decisions/0043
        pattern: re.Pattern[Any] = engine.compile(
            expression, all_flags, words, groups, numbers, tuple(names)
        )
        return pattern

    return compile_expression


def _load_msgspec() -> None:
    """Without `typing_extensions`, which it would use for types of Pythons that are older than ours.

    It saves 2 ms of the time to the first AI request.
    """
    name = "typing_extensions"
    if name in sys.modules:
        return
    sys.modules[name] = None  # type: ignore[assignment]  # the documented way to make an import fail
    try:
        import msgspec  # noqa: F401 - loaded for those who import it after us
    finally:
        del sys.modules[name]


def record(known: Known) -> Compile:
    """A compiler of module `re` that puts all that it compiles into `known`."""
    from array import array

    real = _compiler.compile

    class Engine:
        """The C half of `re`, which gets a compiled expression and makes the pattern."""

        def __getattr__(self, name: str) -> Any:
            return getattr(engine, name)

        def compile(self, expression: Any, flags: int, codes: list[int], *groups: Any) -> Any:
            made.append((int(flags), array(_WORD, codes).tobytes(), *groups))
            return engine.compile(expression, flags, codes, *groups)

    engine = _compiler._sre  # noqa: SLF001 - as above
    made: list[tuple[Any, ...]] = []

    def compile_and_keep(expression: Any, flags: int = 0) -> re.Pattern[Any]:
        _compiler._sre = Engine()  # noqa: SLF001 - as above
        try:
            pattern: re.Pattern[Any] = real(expression, flags)
        finally:
            _compiler._sre = engine  # noqa: SLF001 - as above
        known[isinstance(expression, bytes), expression, int(flags)] = made.pop()
        return pattern

    return compile_and_keep


def write(file: str) -> int:
    """Compiles every expression that a run may need; how many. Raises OSError."""
    import msgspec

    known: Known = {}
    real = _compiler.compile
    _compiler.compile = record(known)
    try:
        _compile_all()
    finally:
        _compiler.compile = real
    os.makedirs(os.path.dirname(file), exist_ok=True)  # noqa: PTH103, PTH120 - see above
    with open(file, "wb") as kept:  # noqa: PTH123 - see above
        rows = [
            (
                is_bytes,
                text if isinstance(text, bytes) else text.encode("utf-8", _HALVES),
                flags,
                made,
            )
            for (is_bytes, text, flags), made in known.items()
        ]
        kept.write(msgspec.msgpack.encode({"python": sys.version, "expressions": rows}))
    return len(known)


def _compile_all() -> None:
    """Imports every module, with the libraries that they load, and uses each lazy expression once."""
    import gc
    import importlib
    import pkgutil

    import upshot
    from upshot.text import Lazy

    for module in pkgutil.walk_packages(upshot.__path__, "upshot."):
        importlib.import_module(module.name)
    for found in gc.get_objects():
        if isinstance(found, Lazy):
            found.compile()


if __name__ == "__main__":
    sys.exit(0 if write(FILE) else 1)
