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

from upshot.address import is_loopback
from upshot.errors import InputError
from upshot.model import StackRef, Subject

MANAGED_CONSOLE: Final = "https://app.pulumi.com"
_SHAPES: Final = (
    "{console}/{organization}/{project}/{stack}/updates/{number} or "
    "{console}/{organization}/{project}/{stack}/previews/{uuid}"
)
_NAMES: Final = "`stack`, `project/stack` or `organization/project/stack`"
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
        host = parts.netloc.rpartition("@")[2][:100]
        raise _refused(f"an address of another host, {host!a}", consoles)
    if subject is None:
        raise _refused(f"the path {parts.path[:120]!a}", consoles)
    return subject


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
    """The console address of the stack; empty when the console is unknown."""
    if not console:
        return ""
    names = (stack.organization, stack.project, stack.stack)
    return "/".join((console, *(quote(name, safe="") for name in names)))


def parse_stack_name(text: str, *, organization: str = "", project: str = "") -> StackRef:
    """A stack from `stack`, `project/stack` or `organization/project/stack`.

    What the name leaves out comes from `organization` and `project`; what it says must not
    contradict them. Raises InputError.
    """
    parts = text.strip().split("/")
    if len(parts) > 3 or not all(_is_name(part) for part in parts):  # noqa: PLR2004 - three names
        raise InputError("stack-name", f"{text[:120]!a}", f"{_NAMES}, of letters, digits, . _ -")
    stack = parts[-1]
    named_project = parts[-2] if len(parts) > 1 else project
    named_organization = parts[0] if len(parts) > 2 else organization  # noqa: PLR2004
    for name, given, named in (
        ("project-name", project, named_project),
        ("organization", organization, named_organization),
    ):
        if not named:
            raise InputError(
                "stack-name",
                f"{text[:120]!a} without `{name}`",
                f"organization/project/stack, or `{name}` beside it",
            )
        if not _is_name(named):
            raise InputError(name, f"{named[:120]!a}", "one name of letters, digits, . _ -")
        if given and given != named:
            raise InputError(
                "stack-name",
                f"{text[:120]!a} together with {name}: {given[:120]!a}",
                "names that do not contradict each other",
            )
    return StackRef(named_organization, named_project, stack)


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
