"""The headings of console output, and the facts on single lines: links, counts, durations.

The words are those of the engine's display (shipped client), old versions included. Must not keep
anything between lines.
"""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from upshot.evidence.failure.forms import INTERRUPT
from upshot.model import StackRef, UpdateKind
from upshot.text import pattern

_TYPE: Final = r"[A-Za-z][\w.+-]{0,80}(?::[\w./+-]{0,200}){1,3}"

_PART = pattern(r"[\w.-]{1,100}")
_SESSION = pattern(
    r"(?P<quoted>[^\n]{0,300}?stdout: ?)?"
    r"(?P<verb>Previewing|Updating|Destroying|Refreshing|Importing|Performing(?= changes:))"
    r"(?: (?P<what>update|destroy|refresh|import|changes))?"
    r"(?: \((?P<stack>[^()\n]{1,300})\)| (?:of )?stack '(?P<old>[^'\n]{1,300})'|(?= changes:))"
    r"(?: changes)?:?(?:\.\.\.)?(?: +error: .*)?$"
)
_SESSION_CUT = pattern(r"(?P<verb>Updating|Destroying|Refreshing|Importing) \([^()\n]{0,300}$")
_KINDS: Final = {
    "Updating": UpdateKind.UPDATE,
    "Destroying": UpdateKind.DESTROY,
    "Refreshing": UpdateKind.REFRESH,
    "Importing": UpdateKind.IMPORT,
    "Previewing": UpdateKind.PREVIEW,
    "Performing": UpdateKind.UPDATE,
}
_LINK = pattern(
    r"(?:View Live|View in Browser(?: \(Ctrl\+O\))?|Permalink): (?P<url>https?://[^\s\"'<>]{1,1000})"
)
_UPDATE_PATH = pattern(
    r"https?://[A-Za-z0-9.:\[\]-]{1,255}(?:/[\w.-]{1,100}){0,3}?"
    r"/(?P<org>[\w.-]{1,100})/(?P<project>[\w.-]{1,100})/(?P<stack>[\w.-]{1,100})"
    r"/(?:updates/\d{1,9}|(?P<preview>previews/[0-9a-fA-F-]{36}))/?"
)
_HEADING = pattern(
    r"(?P<name>Diagnostics|Resources|Outputs|Policies|Policy Violations|Changes):\s*$"
    r"|---(?P<old>outputs):---|--(?P<of_step>outputs):--$|info: (?P<old_counts>\d+ changes?|no changes)(?: performed)?\b.*"
    r"|(?:Update d|D)uration: (?P<duration>(?:\d+(?:\.\d+)?(?:h|ms|µs|us|ns|m|s)){1,4})\s*$"
)
_DURATION = pattern(r"(\d+(?:\.\d+)?)(h|ms|µs|us|ns|m|s)")
_SECONDS: Final = {
    "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "µs": 1e-6, "us": 1e-6, "ns": 1e-9,
}  # fmt: skip
_COUNT = pattern(r"\s*(?:[-+~=<>±]{1,2})? ?(?P<n>\d{1,9}) (?:resources? )?(?:to )?(?P<word>[a-z]+)")
_WORDS: Final = {
    "created": "create", "create": "create", "updated": "update", "update": "update",
    "deleted": "delete", "delete": "delete", "replaced": "replace", "replace": "replace",
    "unchanged": "same", "read": "read", "refreshed": "refresh", "refresh": "refresh",
    "imported": "import", "import": "import", "discarded": "discard", "errored": "errored",
}  # fmt: skip
_BLOCK = pattern(
    rf"(?P<indent>\s*)(?:(?P<type>{_TYPE}|(?![A-Z][a-z]+ing )[A-Za-z][\w./+-]{{0,200}}) \((?P<name>.{{1,500}})\):\s*$"
    rf"|(?P<old_type>{_TYPE}): (?P<old_name>[\w./-]{{1,200}})\s*$)"
)
# A quotation may join the head of a block and its first line.
_JOINED = pattern(
    rf"(?P<head>(?P<indent>\s*){_TYPE} \([^()\n]{{1,300}}\):)\s+(?P<said>(?:error|warning): \S.*)$",
    marks=("): ",),
)
_URN_BLOCK = pattern(
    r"(?P<indent>\s*)urn:pulumi:[^\s:]{1,200}::[^\s:]{1,200}::(?:[^\s$]{1,300}\$){0,20}"
    r"(?P<type>[^\s$]{1,300}?)::(?P<name>.{1,500}):\s*$"
)
_PLAIN = pattern(
    r"(?P<indent>\s*)(?P<type>[a-z][\w.+-]{0,80}:[\w./+-]{1,200}:[\w./+-]{1,120}) \((?P<name>[^()]{1,300})\)\s*$"
)
# As some tools that print on their own turn it: `orders (aws:sqs/queue:Queue)`.
_TURNED = pattern(
    rf"(?P<indent>\s*)(?:[-*•✗❌] )?(?P<name>[\w./@-]{{1,200}}) \((?:{_TYPE}\$){{0,8}}(?P<type>{_TYPE})\):?\s*$"
)
# The display of a tool that is built on the engine: `Component type → name type`.
_ARROW = pattern(
    rf"\s*(?:\|\s*)?(?:(?:Error:?\s+)?\S{{1,200}} {_TYPE} → |Error {{2,}})"
    rf"(?P<name>\S{{1,300}}) (?P<type>{_TYPE})\s*$"
)
# What failed, once more at that display's end, under `✕  Failed`: `name type`.
_FAILED = pattern(r"\W{0,4}Failed\W{0,4}")
_LISTED = pattern(rf"\s{{1,8}}(?P<name>\S{{1,300}}) (?P<type>{_TYPE})\s*$")
# How a run says that it was stopped.
_CANCELLED = pattern(
    rf"{INTERRUPT}|error: (?:update|preview|destroy|refresh|import|confirmation) cancell?ed"
    r"|^(?:##\[error\])?The operation was cancell?ed\.|signal: (?:interrupt|terminated)$"
)
_DECLINED = pattern(r"(?:error: )?confirmation declined, not proceeding")


VALUES: Final = "--outputs:--"
"""What a step of `--diff` brought forth: values, each on a line at least as deep as this heading."""


# The YAML host prints its errors without the engine's severity (shipped language host).
_HOST_ERROR = pattern(
    r"^Error: .*(?:\n.*){0,6}?\n\s{0,20}on \S{1,300}\.ya?ml,? line \d", re.MULTILINE
)


class Session(Struct, frozen=True):
    """`Updating (dev)`: the engine begins a run."""

    kind: UpdateKind
    stack: str
    is_quoted: bool = False
    """It stands after `stdout:`, as a library quotes it."""


class Heading(Struct, frozen=True):
    name: str
    """`Diagnostics`, `Resources`, `Outputs`, `Policies`, `Changes`, `Duration` or `VALUES`."""
    duration_s: float | None = None


class Block(Struct, frozen=True):
    """`aws:s3:Bucket (assets):`: what follows is about this resource."""

    type: str
    name: str
    indent: int
    is_error: bool = False
    """The lines after it are an error, without a severity."""


def is_host_error(message: str) -> bool:
    """Whether a text is an error of the YAML host, with the place in the program."""
    return bool(_HOST_ERROR.search(message))


def find_session(text: str) -> Session | None:
    """`text` is the line without its indentation."""
    match = _SESSION.match(text)
    if not match:
        return None
    is_planned = match["what"] == "changes" and match["verb"] != "Performing"
    kind = UpdateKind.PREVIEW if is_planned else _KINDS[match["verb"]]
    if match["what"] == "refresh":
        kind = UpdateKind.REFRESH  # `Previewing refresh`: it finds the same as one that is done
    return Session(kind, match["stack"] or match["old"] or "", bool(match["quoted"]))


def find_cut_session(text: str) -> UpdateKind | None:
    """What has begun in a log that ends within its heading, and has nothing of it."""
    match = _SESSION_CUT.match(text)
    return _KINDS[match["verb"]] if match else None


def named_stack(heading: str, root: str) -> StackRef | None:
    """From `Updating (stack)` or `Updating (org/stack)`, and the root resource `project-stack`.

    The parts that neither of them names are empty.
    """
    parts = heading.split("/")
    if not all(map(_PART.fullmatch, parts)) or len(parts) > 3:  # noqa: PLR2004
        return None
    stack = parts[-1]
    organization = parts[0] if len(parts) > 1 else ""
    project = parts[1] if len(parts) > 2 else ""  # noqa: PLR2004
    if not project and root.endswith(f"-{stack}") and _PART.fullmatch(root):
        project = root.removesuffix(f"-{stack}")
    if organization == "organization":  # a self-managed backend
        organization = ""
    return StackRef(organization, project, stack)


def find_link(line: str) -> tuple[str, StackRef, bool] | None:
    """Address, stack, and whether it is a preview; None for any other address."""
    match = _LINK.search(line)
    path = _UPDATE_PATH.fullmatch(match["url"]) if match else None
    if not path:
        return None
    stack = StackRef(path["org"], path["project"], path["stack"])
    return path.group().rstrip("/"), stack, bool(path["preview"])


def find_heading(text: str) -> Heading | None:
    """`text` is the line without its indentation."""
    match = _HEADING.match(text)
    if not match:
        return None
    if match["duration"]:
        return Heading("Duration", _seconds(match["duration"]))
    if match["of_step"]:
        return Heading(VALUES)
    if match["old"]:
        return Heading("Outputs")
    if match["old_counts"]:
        return Heading("Resources")
    name = match["name"]
    return Heading("Policies" if name == "Policy Violations" else name)


def find_counts(text: str) -> list[tuple[str, int]]:
    """`+ 4 created` as `("create", 4)`; one line may hold several (`2 changes. 5 unchanged`)."""
    found: list[tuple[str, int]] = []
    for part in text[:300].split(". "):
        match = _COUNT.match(part)
        op = _WORDS.get(match["word"]) if match else None
        if match and op:
            found.append((op, int(match["n"])))
    return found


def find_listed(line: str, before: str) -> Block | None:
    """`name type`, where the line before it is `✕  Failed`, as a tool built on the engine writes it."""
    listed = _LISTED.match(line) if _FAILED.fullmatch(before) else None
    return Block(listed["type"], listed["name"], -1, is_error=True) if listed else None


def find_block(line: str, *, in_diagnostics: bool) -> Block | None:
    """The head of a resource's diagnostics; outside of that section its type needs a colon."""
    if "urn:pulumi:" in line:  # `--urns` shows it where type and name stand
        urn = _URN_BLOCK.match(line)
        if urn and (in_diagnostics or urn["type"].count(":") > 1):
            return Block(urn["type"], urn["name"], len(urn["indent"].expandtabs(4)))
    match = _BLOCK.match(line)
    if match:
        type_, name = match["type"] or match["old_type"], match["name"] or match["old_name"]
        if in_diagnostics or (match["type"] or "").count(":") > 1:
            return Block(type_, name, len(match["indent"].expandtabs(4)))
        return None
    plain = _PLAIN.match(line)
    if plain and not in_diagnostics:  # a quotation that lost its colon
        return Block(plain["type"], plain["name"], len(plain["indent"].expandtabs(4)))
    turned = _TURNED.match(line)
    if turned and turned["type"].count(":") > 1:
        return Block(turned["type"], turned["name"], len(turned["indent"].expandtabs(4)))
    arrow = _ARROW.match(line)
    if arrow:
        return Block(arrow["type"], arrow["name"], -1, is_error=True)
    return None


def split_joined(line: str) -> tuple[str, str] | None:
    """`aws:s3:Bucket (assets): error: …` as the two lines of the display; None for another line."""
    match = _JOINED.match(line)
    return (match["head"], f"{match['indent']}  {match['said']}") if match else None


def is_declined(line: str) -> bool:
    """Whether a line says that the user did not confirm what the preview showed."""
    return bool(_DECLINED.match(line))


def is_cancel(line: str) -> bool:
    """Whether a line says that a user, a signal or the CI stopped the run."""
    return bool(_CANCELLED.search(line))


def _seconds(text: str) -> float:
    return sum(float(number) * _SECONDS[unit] for number, unit in _DURATION.findall(text))
