"""Which resource and which step an error message names itself.

For messages that the display puts under no resource. Must not know of runs and sections.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from upshot.evidence.failure.bare import is_aftermath
from upshot.evidence.failure.cause import Standing, headline_of, standing_of
from upshot.evidence.failure.failures import Named
from upshot.evidence.urn import STACK_TYPE, display_type, find_urn, same_type
from upshot.text import pattern

_VERB = pattern(r"\b(?P<verb>creat|updat|delet|replac|import|refresh|read)ing urn:pulumi:")
_VERBS: Final = {
    "creat": "create", "updat": "update", "delet": "delete", "replac": "replace",
    "import": "import", "refresh": "refresh", "read": "read",
}  # fmt: skip
_REFUSED = pattern(
    r"\b(?P<verb>create|update|delete|replace|import|read) is not allowed by the plan\b"
)
_UNABLE = pattern(
    r"unable to (?P<verb>replace|delete) resource|resource .{1,500} cannot be (?P<d>deleted)"
)
_PROBLEM = pattern(
    r"(?P<type>[A-Za-z][\w.+-]{0,80}:[\w./+-]{1,200}:[\w./+-]{1,120})"
    r" resource '(?P<name>[^'\n]{1,300})'(?:: property .{1,600})? has a problem"
    r"|resource \"(?!urn:)(?P<type2>[A-Za-z][\w.+-]{0,80}:[\w./+-]{1,200}:[\w./+-]{1,120})"
    r"::(?P<name2>[^\"\s]{1,300})\""
)
_OTHERS = pattern(r": (?:resource )?\S{1,300} failed$")
# Of the SDKs; what could not be registered for another one's failure has not failed itself.
_REGISTERED = pattern(
    r"failed to register new resource (?P<name>[^\s\[]{1,300}) \[(?P<type>[\w:./+-]{3,400})\]"
    r"(?!: [Rr]esource monitor)"
)
_ASSERTED = pattern(r"assertion has failed: .{0,300} of urn:pulumi:")
_CONFIGURED = pattern(r"\bconfigure provider '(?=urn:pulumi:)", marks=("configure provider ",))
_OF_URN = pattern(r"(?:[Ee]rror: +)?resource \"?urn:(?:pulumi:|\.\.\.|…)")
# The message is about the state: the resources that it names did not fail.
_OF_THE_STATE = pattern(
    r"snapshot|checkpoint|refers to (?:missing|unknown)|pending operations"
    # Of the command's options: what is not in the stack cannot fail.
    r"|could not be found in the stack|^no resources? named\b|^no such resource\b"
)


def key_of(type_: str, name: str) -> str:
    """A key of the resource that is the same for both spellings of its type."""
    return f"{display_type(type_)} {name}"


@lru_cache(maxsize=32)
def resource_in(message: str) -> Named:
    """The resource that the message names; empty when it names none."""
    head = headline_of(message[:4_000])
    if head.endswith("code = Canceled desc = context canceled"):
        return Named()  # it waited for what has failed
    if head.startswith(("panic: ", "fatal error: ")):
        return Named()  # whose place in the code says more than a value that it holds
    if _OF_THE_STATE.search(head) and not _VERB.search(head):
        return _problem_in(head) or Named()
    if provider := _configured_in(head):
        return provider
    # `deleting urn:…: 1 error occurred:` names it before the list that states the cause.
    verb = _VERB.search(message[:2_000])
    first = message[:1_000].partition("\n")[0]
    urn = (
        find_urn(head)
        or (find_urn(message[verb.start() : 4_000]) if verb else None)
        or (find_urn(first) if first.rstrip().endswith(":") or _OF_URN.match(first) else None)
    )
    if urn:
        return Named(urn.text, urn.type, urn.name)
    named = _problem_in(head) or _problem_in(first) or _registered_in(message[:4_000])
    return named or Named()


def _problem_in(text: str) -> Named | None:
    match = _PROBLEM.search(text)
    if not match or _OTHERS.match(text, match.end()) or is_aftermath(text[match.end() :]):
        return None  # a component, whose problem is that another resource failed
    return Named("", match["type"] or match["type2"], match["name"] or match["name2"])


def _configured_in(text: str) -> Named | None:
    """The provider that could not be configured, also where its resource is named before it."""
    match = _CONFIGURED.search(text)
    urn = find_urn(text[match.end() :]) if match else None
    return Named(urn.text, urn.type, urn.name) if urn else None


def _registered_in(text: str) -> Named | None:
    match = _REGISTERED.search(text)
    return match and Named("", match["type"], match["name"])


def subject_of(resource: Named, message: str) -> Named:
    """The resource that an error is about, which stands under `resource` or under none.

    Under the stack, that is the one which the program could not register (shipped SDKs), or about which
    a provider's assertion did not hold (shipped bridge).
    """
    if not resource.type:
        return resource_in(message)
    if resource.type == STACK_TYPE and standing_of(message) is Standing.CAUSE:
        head = headline_of(message)
        asserted = find_urn(head) if _ASSERTED.search(head) else None
        if asserted:
            return Named(asserted.text, asserted.type, asserted.name)
        named = _registered_in(head) or _configured_in(head) or _problem_in(head)
        # A default provider is the engine's own.
        return resource if not named or named.name.startswith("default") else named
    return with_urn(resource, message)


def with_urn(resource: Named, message: str) -> Named:
    """The resource with its URN, if the message holds it."""
    urn = find_urn(message[:4_000])
    if urn and urn.name == resource.name and same_type(urn.type, resource.type):
        return Named(urn.text, resource.type, resource.name)
    return resource


def operation_in(message: str) -> str:
    """The step that the message names (`deleting urn:…`); empty when it names none."""
    match = _VERB.search(message[:2_000])
    if match:
        return _VERBS[match["verb"]]
    refused = _REFUSED.search(message[:2_000])
    if refused:
        return refused["verb"]
    unable = _UNABLE.search(message[:2_000])
    return (unable["verb"] or "delete") if unable else ""
