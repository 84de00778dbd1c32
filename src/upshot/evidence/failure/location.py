"""The place in the user's program that a message names.

Reads the stack traces and compiler messages of the languages that Pulumi runs: Node.js and
TypeScript, Python, Go, .NET, Java, YAML. Must not look at the file system: a name is all there is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from upshot.model import SourceLocation

_CAP: Final = 6_000
_PATH: Final = r"[^\s\"'()<>|*?:]"

_YAML = re.compile(r"\bon (?P<file>[^\s:]{1,300}\.ya?ml),? line (?P<line>\d{1,7})")
_YAML_COLON = re.compile(
    r"(?P<file>[^\s:\"'(]{0,300}\bPulumi(?:\.[\w-]+)?\.ya?ml):(?P<line>\d{1,7})"
)
_PYTHON = re.compile(r"File \"(?P<file>[^\"\n]{1,500})\", line (?P<line>\d{1,7})")
_DOTNET_FRAME = re.compile(r" in (?P<file>[^\n]{1,400}?\.(?:cs|fs|vb)):line (?P<line>\d{1,7})")
_DOTNET_BUILD = re.compile(
    r"(?P<file>[^\s\"'(]{1,300}\.(?:cs|fs|vb))\((?P<line>\d{1,7}),\d+\): error"
)
_TYPESCRIPT = re.compile(
    r"(?P<file>(?:[A-Za-z]:)?[^\s\"'():]{1,300}\.[cm]?[jt]sx?)\((?P<line>\d{1,7}),\d+\): error"
)
_NODE = re.compile(
    r"(?P<file>(?:file://)?(?:[A-Za-z]:)?[^\s\"'():]{1,300}\.[cm]?[jt]sx?):(?P<line>\d{1,7})(?::\d+)?"
)
_GO = re.compile(rf"(?P<file>(?:[A-Za-z]:)?{_PATH}{{1,300}}\.go):(?P<line>\d{{1,7}})(?::\d+)?")
_JAVA_BUILD = re.compile(
    rf"(?P<file>{_PATH}{{1,300}}\.(?:java|kt|scala)):(?:\[)?(?P<line>\d{{1,7}})"
)
_JAVA_FRAME = re.compile(
    r"\bat (?P<where>[\w.$]{1,300})\((?P<file>\w{1,100}\.(?:java|kt|scala)):(?P<line>\d{1,7})\)"
)

# Not the user's own: packages, the language's own library, Pulumi's hosts and SDKs.
_FOREIGN = re.compile(
    r"node_modules|site-packages|dist-packages|[/\\]lib[/\\]python\d|^<frozen|^<string>|^node:"
    r"|internal[/\\](?:modules|process|timers)|pulumi-language-|[/\\]go[/\\]pkg[/\\]mod[/\\]"
    r"|[/\\]usr[/\\]local[/\\]go[/\\]|[/\\]src[/\\]runtime[/\\]|^sdk-v\d[/\\]|^/_/|^runpy\.py$"
    r"|@pulumi[/\\]|[/\\]pulumi[/\\](?:runtime|resource)|\.m2[/\\]|\.nuget[/\\]|^provider\d?\.go$"
)
_FOREIGN_JAVA = (
    "java.",
    "javax.",
    "jdk.",
    "sun.",
    "com.pulumi.",
    "io.grpc.",
    "com.google.",
    "kotlin.",
)
_PLACES_LIMIT: Final = 200
_IMPORT_FAILED = re.compile(r"(?m)^\s*(?:ModuleNotFoundError|ImportError): ")


def find_location(message: str) -> SourceLocation | None:
    """The innermost place of the user's own in the message, or None.

    Python prints the innermost frame last, the others first. A failed Python import is at fault
    where the import statement stands, even in a package.
    """
    text = message if len(message) <= 2 * _CAP else f"{message[:_CAP]}\n{message[-_CAP:]}"
    return next((place for reader in _READERS if (place := reader(text))), None)


def _matches(pattern: re.Pattern[str], text: str) -> Iterator[SourceLocation]:
    for count, match in enumerate(pattern.finditer(text)):
        if count >= _PLACES_LIMIT:
            return
        file = match["file"].removeprefix("file://")
        if file.endswith(".go"):
            file = file.removeprefix("./")  # the compiler's way of saying "this package"
        yield SourceLocation(file, int(match["line"]))


def _first(pattern: re.Pattern[str], *marks: str) -> Callable[[str], SourceLocation | None]:
    """A reader by pattern, for texts with one of the marks that it needs: a look is cheap."""

    def read(text: str) -> SourceLocation | None:
        if not any(mark in text for mark in marks):
            return None
        return next((p for p in _matches(pattern, text) if not _FOREIGN.search(p.file)), None)

    return read


def _python(text: str) -> SourceLocation | None:
    places = list(_matches(_PYTHON, text))
    own = [place for place in places if not _FOREIGN.search(place.file)]
    if _IMPORT_FAILED.search(text):
        own = [p for p in places if not p.file.startswith("<") and "/importlib/" not in p.file]
    return own[-1] if own else None


def _java(text: str) -> SourceLocation | None:
    inner = text.rfind("Caused by: ")
    for match in (*_JAVA_FRAME.finditer(text, max(inner, 0)), *_JAVA_FRAME.finditer(text)):
        if not match["where"].startswith(_FOREIGN_JAVA):
            return SourceLocation(match["file"], int(match["line"]))
    return None


_READERS: Final = (
    _first(_YAML, "line "),
    _python,
    _first(_DOTNET_BUILD, ".cs(", ".fs(", ".vb("),
    _first(_DOTNET_FRAME, ":line "),
    _first(_TYPESCRIPT, "): error"),
    _java,
    _first(_JAVA_BUILD, ".java:", ".kt:", ".scala:"),
    _first(_GO, ".go:"),
    _first(_NODE, "ts:", "js:", "tsx:", "jsx:"),
    _first(_YAML_COLON, ".yaml:", ".yml:"),
)
