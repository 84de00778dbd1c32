"""Which update or preview is meant: console addresses and stack names, parsed and built.

Pure text work; knows no network, no files and no environment.
Source of the address shapes and of the console's host: shipped client (`backend/httpstate`,
`client/console.go`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final
from urllib.parse import SplitResult, quote, unquote, urlsplit

from msgspec import Struct

from upshot.address import is_loopback
from upshot.errors import InputError
from upshot.model import StackRef, Subject

MANAGED_CONSOLE: Final = "https://app.pulumi.com"
_SHAPES: Final = (
    "{console}/{organization}/{project}/{stack}/updates/{number} or "
    "{console}/{organization}/{project}/{stack}/previews/{uuid}"
)
_NAMES: Final = "`stack`, `org/stack`, `project/stack` or `org/project/stack`"
_MOST_PARTS: Final = 3
SELF_MANAGED: Final = "organization"
"""What the CLI writes in the place of an organization, with a self-managed backend."""
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")
_VERSION: Final = re.compile(r"[1-9][0-9]{0,9}")
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_MAX_ADDRESS: Final = 2_048
_SEGMENTS: Final = 5
_DEFAULT_PORTS: Final = {("https", 443), ("http", 80)}


def parse_update_url(text: str, *, consoles: Collection[str]) -> Subject:
    """The update or preview that a console address names; query and fragment are dropped.

    `consoles` are the origins (`https://app.pulumi.com`) whose addresses are believed.
    Raises InputError for another host, another shape, and for claim addresses, which are a right
    to the stacks and are never repeated.
    """
    text = text.strip()
    parts = _split(text)
    if parts is None:
        raise _refused("no address of printable ASCII", consoles)
    origin = _origin(parts)
    segments = [unquote(segment) for segment in parts.path.removesuffix("/").split("/")[1:]]
    subject = _subject(segments, origin)
    if subject is None and "claim" in segments:
        raise InputError(
            "update-url",
            "a claim address of an agent account (not shown: its holder owns the stacks)",
            _SHAPES,
            hint="Do not paste claim addresses into workflows; take the address of the update.",
        )
    if origin not in {console.rstrip("/") for console in consoles}:
        raise _refused(_wrong_origin(text, parts, consoles), consoles)
    if subject is None:
        raise _refused(f"the path {parts.path[:120]!a}", consoles)
    return subject


def _wrong_origin(text: str, parts: SplitResult, consoles: Collection[str]) -> str:
    """What is wrong with an address that is none of the consoles'; user info is not repeated."""
    host = parts.netloc.rpartition("@")[2][:100]
    if not parts.scheme or not host:
        return "no address" if "@" in text else f"no address: {text[:100]!a}"
    if parts.scheme == "http" and any(console.endswith(f"//{host}") for console in consoles):
        return f"an address of {host!a} with http: write https"
    return f"an address of another host, {host!a}"


def parse_deployment_url(text: str, *, consoles: Collection[str]) -> tuple[StackRef, int]:
    """Stack and number of the deployment that a console address names; query and fragment are dropped.

    Raises InputError for another host or another shape.
    """
    parts = _split(text.strip())
    allowed = (
        "{console}/{organization}/{project}/{stack}/deployments/{number} "
        f"(console: {', '.join(sorted(consoles)) or 'none: give `console-url`'})"
    )
    if parts is None or _origin(parts) not in {console.rstrip("/") for console in consoles}:
        host = parts.netloc.rpartition("@")[2][:100] if parts else ""
        found = (
            f"an address of another host, {host!a}" if parts else "no address of printable ASCII"
        )
        raise InputError("deployment-url", found, allowed)
    segments = [unquote(segment) for segment in parts.path.removesuffix("/").split("/")[1:]]
    is_named = len(segments) == _SEGMENTS and all(map(_is_name, segments[:3]))
    if not is_named or segments[3] != "deployments" or not _VERSION.fullmatch(segments[4]):
        raise InputError("deployment-url", f"the path {parts.path[:120]!a}", allowed)
    return StackRef(*segments[:3]), int(segments[4])


def subject_from_links(links: Iterable[str], consoles: Collection[str]) -> Subject | None:
    """What the last address in a log's `View Live:` lines means, or None.

    The last, because `pulumi up` prints its preview first and then the update. Claim addresses,
    deployments and foreign hosts count for nothing.
    """
    found = None
    for link in links:
        try:
            found = parse_update_url(link, consoles=consoles)
        except InputError:
            continue
    return found


def build_update_url(subject: Subject) -> str:
    """The console address of the update or preview; empty when not enough is known of it."""
    if subject.is_preview:
        tail = f"previews/{quote(subject.update_id, safe='')}" if subject.update_id else ""
    else:
        tail = f"updates/{subject.version}" if subject.version else ""
    if not (subject.console and tail):
        return ""
    return f"{build_stack_url(subject.stack, subject.console)}/{tail}"


def build_stack_url(stack: StackRef, console: str) -> str:
    """The console address of the stack; empty when the console or a part of the name is unknown.

    A part that is no name, as one of which a secret was taken out, has no address either.
    """
    names = (stack.organization, stack.project, stack.stack)
    if not (console and all(map(_is_name, names))):
        return ""
    return "/".join((console, *(quote(name, safe="") for name in names)))


class StackName(Struct, frozen=True):
    """A stack as the workflow names it, by inputs; parts may be missing or ambiguous."""

    candidates: tuple[StackRef, ...]
    """What it may mean, the more likely first: two parts are organization/stack or project/stack."""

    def settle(self, known: Iterable[StackRef]) -> StackRef:
        """The candidate that has most parts in common with `known`, filled from them, best first."""
        known = tuple(known)
        best, best_score = self.candidates[0], -1
        for candidate in self.candidates:
            ref, score = candidate, 0
            for other in known:
                if ref.agrees(other):
                    score, ref = score + ref.count_common(other), ref.filled(other)
            if score > best_score:
                best, best_score = ref, score
        return best

    def allows(self, other: StackRef) -> bool:
        """Whether the name may mean this stack."""
        return any(candidate.agrees(other) for candidate in self.candidates)


def parse_stack_name(text: str, *, organization: str = "", project: str = "") -> StackName:
    """A stack from `stack`, `org/stack`, `project/stack` or `organization/project/stack`.

    `organization` and `project` are inputs beside it: what the name says must not contradict them.
    The word `organization` in the first place stands for a self-managed backend, which has none.
    Raises InputError.
    """
    parts = text.strip().split("/")
    if len(parts) > _MOST_PARTS or not all(_is_name(part) for part in parts):
        raise InputError("stack-name", f"{text[:120]!a}", f"{_NAMES}, of letters, digits, . _ -")
    for name, given in (("organization", organization), ("project-name", project)):
        if given and not _is_name(given):
            raise InputError(name, f"{given[:120]!a}", "one name of letters, digits, . _ -")
    given_ref = StackRef(_plain(organization), project, "")
    *before, stack = parts
    if len(before) == 1:
        shapes = [StackRef(_plain(before[0]), "", stack), StackRef("", before[0], stack)]
        if before[0] == SELF_MANAGED:
            shapes = shapes[:1]
    else:
        shapes = [StackRef(_plain(before[0]) if before else "", before[1] if before else "", stack)]
    candidates = tuple(shape.filled(given_ref) for shape in shapes if shape.agrees(given_ref))
    if not candidates:
        beside = " and ".join(
            f"{name}: {given[:120]!a}"
            for name, given in (("organization", organization), ("project-name", project))
            if given
        )
        raise InputError(
            "stack-name",
            f"{text[:120]!a} together with {beside}",
            "names that do not contradict each other",
        )
    return StackName(candidates)


def _plain(organization: str) -> str:
    return "" if organization == SELF_MANAGED else organization


def console_origin(
    cloud_url: str, console_url: str = "", env: Mapping[str, str] | None = None
) -> str:
    """Origin of the console that belongs to an API address; empty when it is unknown.

    In order: `console-url`; `PULUMI_CONSOLE_DOMAIN` of `env`; `api.` becomes `app.`. An API on a
    loopback host is a development server and stands for Pulumi Cloud itself. (The shipped client
    maps `localhost:8080` to a self-hosted console on `localhost:3000`; give `console-url` for it.)
    Both addresses must have been parsed before (`upshot.address`).
    """
    if console_url:
        return _origin(urlsplit(console_url))
    api = urlsplit(cloud_url)
    domain = (env or {}).get("PULUMI_CONSOLE_DOMAIN", "").strip().lower()
    if domain and re.fullmatch(r"[a-z0-9.-]{1,253}(:[0-9]{1,5})?", domain):
        return f"{api.scheme}://{domain}"
    host = api.hostname or ""
    if is_loopback(host):
        return MANAGED_CONSOLE
    if host.startswith("api."):
        return _origin(api._replace(netloc="app." + api.netloc.lower().removeprefix("api.")))
    return ""


def _subject(segments: list[str], console: str) -> Subject | None:
    if len(segments) != _SEGMENTS or not all(_is_name(name) for name in segments[:3]):
        return None
    stack = StackRef(*segments[:3])
    shape, name = segments[3], segments[4]
    if shape == "updates" and _VERSION.fullmatch(name):
        return Subject(stack, version=int(name), console=console)
    if shape == "previews" and _UUID.fullmatch(name.lower()):
        return Subject(stack, is_preview=True, update_id=name.lower(), console=console)
    return None


def _is_name(text: str) -> bool:
    return bool(_NAME.fullmatch(text)) and text not in {".", ".."}


def _split(text: str) -> SplitResult | None:
    """The address in parts, or None for what different parsers would read differently."""
    if len(text) > _MAX_ADDRESS or not text.isascii() or not text.isprintable():
        return None
    if " " in text or "\\" in text:
        return None
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _origin(parts: SplitResult) -> str:
    """`scheme://host[:port]`; an address with user info has none that is ever believed."""
    if "@" in parts.netloc:
        return ""
    netloc = parts.netloc.lower()
    if (parts.scheme, parts.port) in _DEFAULT_PORTS:
        netloc = netloc.rpartition(":")[0]
    return f"{parts.scheme}://{netloc}"


def _refused(found: str, consoles: Collection[str]) -> InputError:
    known = ", ".join(sorted(consoles)) or "none: give `console-url`"
    return InputError("update-url", found, f"{_SHAPES} (console: {known})")
