"""Reads filled texts as the console prints them, and says what share gets the right class. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct
from tools.engine_texts.filling import PROVIDER, URN, fill
from tools.engine_texts.modules import Text
from tools.engine_texts.places import Places

from upshot.evidence import diagnose, facts_from_console
from upshot.model import Outcome

UNCLASSIFIED: Final = "unclassified"
_OF_THE_ENGINE: Final = ("diag.", "newError")
_PARTS: Final = {
    "^pkg/backend": "backends",
    "^pkg/cmd": "commands",
    "^pkg/(?:engine|host)": "engine and its host",
    "/resource/deploy": "deployment",
    "/resource/(?:plugin|analyzer)": "plugins and policies",
    "/resource/(?:stack|graph|autonaming)": "stack files",
    "^pkg/secrets|/resource/config": "secrets and configuration",
    "/workspace": "projects, credentials, plugin files",
    "": "diagnostics and names",
}
"""Packages, by the first that fits."""
_STACK: Final = ("pulumi:pulumi:Stack", "shop-dev")
_SHOWN: Final = {
    PROVIDER: ("pulumi:providers:random", "default"),
    URN: ("aws:s3:Bucket", "media"),
}
_BLOCK: Final = """Updating (dev):

 +  {type} {name} creating (0s)
 +  {type} {name} **creating failed** 1 error
Diagnostics:
  {type} ({name}):
    error: {text}

Resources:
    1 errored

Duration: 1s
"""


class Found(Struct, frozen=True, omit_defaults=True):
    """What is known of one text: facts, no sentence."""

    package: str
    function: str
    first: str
    """The oldest of the versions that held it."""
    last: str
    digest: str
    given: list[str]
    """The class as a run's last line, and where the engine shows it as a diagnostic, in its block."""
    expected: list[str] = []
    """The class that it must have, then those that are right, too; empty where its place tells none."""

    @property
    def is_classified(self) -> bool:
        return not {UNCLASSIFIED, "", "succeeded"} & set(self.given)

    @property
    def is_right(self) -> bool:
        return set(self.given) <= set(self.expected)


class Share(Struct, frozen=True):
    """How the reader does on some texts; shares are between 0 and 1."""

    texts: int
    classified: float
    judged: int
    """Texts with a class that they must have."""
    right: float


def gather(
    versions: Iterable[tuple[str, Iterable[Text]]], places: Places
) -> dict[str, tuple[Text, str, str]]:
    """Each text that counts, as its newest version has it, with its first and its last version."""
    found: dict[str, tuple[Text, str, str]] = {}
    for version, texts in versions:
        for text in texts:
            if places.counts(text):
                first = found[text.text][1] if text.text in found else version
                found[text.text] = (text, first, version)
    return found


def judge(text: Text, first: str, last: str, places: Places) -> Found:
    return Found(
        package=text.package,
        function=text.function,
        first=first,
        last=last,
        digest=hashlib.sha256(text.text.encode()).hexdigest()[:12],
        given=[class_of(log) for log in logs_of(text)],
        expected=list(places.expected(text)),
    )


def logs_of(text: Text) -> list[str]:
    """The console's log as this text ends it."""
    filled = fill(text.text, text.args or ()).strip("\n")
    logs = [f"error: {filled}\n"]
    if text.call.startswith(_OF_THE_ENGINE) or text.package.startswith("pkg/resource/deploy"):
        type_, name = next((shown for urn, shown in _SHOWN.items() if urn in filled), _STACK)
        indented = filled.replace("\n", "\n    ")
        logs.append(_BLOCK.format(type=type_, name=name, text=indented))
    return logs


def class_of(log: str) -> str:
    """The class of a log; a run that is not read as a failed one has the outcome in its place."""
    facts = facts_from_console([log.encode()])
    if facts.outcome is Outcome.SUCCEEDED:
        return "succeeded"
    return diagnose(facts).failure_class


def share_of(found: Iterable[Found]) -> Share:
    texts = list(found)
    judged = [each for each in texts if each.expected]
    return Share(
        texts=len(texts),
        classified=sum(each.is_classified for each in texts) / max(1, len(texts)),
        judged=len(judged),
        right=sum(each.is_right for each in judged) / max(1, len(judged)),
    )


def parts_of(found: Iterable[Found]) -> Mapping[str, list[Found]]:
    """The texts by the part of the engine that says them, those of both modules together."""
    parts: dict[str, list[Found]] = {}
    for each in found:
        name = next(name for start, name in _PARTS.items() if re.search(start, each.package))
        parts.setdefault(name, []).append(each)
    return {name: parts[name] for name in _PARTS.values() if name in parts}
