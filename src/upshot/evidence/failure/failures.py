"""Makes Failures of what was found: message, headline, codes, and which ones are cascades.

The event reader and the console reader both end here, so that they agree. Must not know the form of
the evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct, field
from msgspec.structs import replace

from upshot.evidence.failure.bare import is_about_run
from upshot.evidence.failure.cascades import mark_cascades
from upshot.evidence.failure.cause import (
    Standing,
    clearest,
    headline_of,
    standing_of,
)
from upshot.evidence.failure.forms import is_panic, without_log_prefix
from upshot.evidence.urn import STACK_TYPE, parse_urn, provider_of
from upshot.model import Failure, SourceLocation

_Memo = dict[tuple[str, str], tuple[int | None, str, SourceLocation | None]]


class Named(Struct, frozen=True):
    """A resource as the evidence names it; all empty for the engine or the program itself."""

    urn: str = ""
    type: str = ""
    name: str = ""

    @classmethod
    def from_urn(cls, text: str) -> Named:
        urn = parse_urn(text)
        return cls(text, urn.type, urn.name) if urn else cls(urn=text)


class FailureDraft(Struct):
    resource: Named
    operation: str = ""
    texts: list[str] = field(default_factory=list)
    chars: int = 0
    """Of all texts: a program may print a hundred thousand errors for one resource."""
    context: str = ""
    row: str = ""
    """A row of the display with the beginning of an error."""
    step: str = ""
    """A row of the display that only says that the step failed."""
    has_failed: bool = False
    """The engine reported that a step of it failed."""
    ended_well: bool = False
    """Its step ended well after the errors."""
    needs: tuple[str, ...] = ()
    """URNs of what the resource needs: its parent, its provider, its dependencies."""

    def messages(self) -> list[str]:
        """Its error messages; one that a provider logged and then returned comes once."""
        texts = self.texts or ([self.row] if self.row else [])
        # A log may be cut within a message of which a row of the display holds more.
        row = self.row.partition("error: ")[2].strip()
        texts = [row if row.startswith(text.strip()) else text for text in texts]
        if len(texts) < 2:  # noqa: PLR2004 - a twin needs two
            return texts
        cores = [without_log_prefix(text.strip()) for text in texts]
        folded = [" ".join(core.split()) for core in cores]
        return [
            text
            for at, text in enumerate(texts)
            if cores[at] == text.strip()
            or not any(folded[at] in other for n, other in enumerate(folded) if n != at)
        ]


def build_failures(drafts: Iterable[FailureDraft]) -> tuple[Failure, ...]:
    """The failures in their order; those without any message come last.

    A failure is a cascade when another one states a cause better than it does.
    """
    drafts = list(drafts)
    memo: _Memo = {}
    judged = [_judge(draft, memo) for draft in drafts]
    best = max((standing for standing, _ in judged), default=Standing.CAUSE)
    if best is not Standing.CAUSE:
        # No message states a cause. Output from before the failure may, and a crash certainly does.
        reads = is_panic if best is Standing.WRAPS else bool
        judged = [_judge(draft, memo, reads=reads) for draft in drafts]
        best = max((standing for standing, _ in judged), default=Standing.CAUSE)
    pairs = list(zip(judged, drafts, strict=True))
    spoken = [_ordered(f, standing, best) for (standing, f), draft in pairs if draft.messages()]
    needs = [draft.needs for draft in drafts if draft.messages()]
    silent = [f for (_, f), draft in pairs if not draft.messages()]
    found = (*mark_cascades(spoken, needs), *silent)
    is_named = any(failure.type and failure.type != STACK_TYPE for failure in found)
    return found if is_named else tuple(map(_with_object, found))


def _with_object(failure: Failure) -> Failure:
    """A failure of no resource, with the Kubernetes object that its message is about."""
    if failure.type or '" ' not in failure.message:
        return failure
    from upshot.evidence.failure.objects import object_in  # few messages stand under no resource

    type_, name = object_in(failure.message)
    if not type_:
        return failure
    return replace(failure, type=type_, name=name, provider="kubernetes", is_resource=True)


def _ordered(failure: Failure, standing: Standing, best: Standing) -> Failure:
    follows = standing < best or standing is Standing.FOLLOWS
    ends = follows and failure.type == STACK_TYPE and is_about_run(failure.message)
    return replace(failure, is_cascade=follows, is_resource=failure.is_resource and not ends)


def _never(_: str) -> bool:
    return False


def _judge(
    draft: FailureDraft, memo: _Memo, *, reads: Callable[[str], bool] = _never
) -> tuple[Standing, Failure]:
    """`reads(text)`: may this output be used as the cause when the message itself states none?"""
    texts = draft.messages()
    standings = [standing_of(text) for text in texts]
    standing = own = max(standings, default=Standing.FOLLOWS)
    message = "\nerror: ".join(texts)
    best = [text for text, own in zip(texts, standings, strict=True) if own is standing]
    text = clearest(best)
    is_printed = bool(draft.context) and (standing is Standing.WRAPS or reads(draft.context))
    if is_printed:
        text = message = f"{draft.context}\nerror: {message}"
        standing = standing_of(text, is_printed=True)
    headline = headline_of(text, is_printed=is_printed) or draft.step
    if (message, headline) not in memo:  # one cause may fail many resources with the same message
        memo[message, headline] = _details(message, headline)
    status_code, error_code, location = memo[message, headline]
    if not location and draft.context and is_panic(message):
        _, _, location = _details(draft.context, "")  # the stack of a panic is printed line by line
    resource = draft.resource
    is_stack = resource.type == STACK_TYPE
    is_crash = "streams of the plugin:" in message
    if (
        location
        and location.file.endswith(".go")
        and (is_crash or (resource.type and not is_stack))
    ):
        location = None  # in the provider's source, not in the program
    return standing, Failure(
        message=message or draft.step,
        headline=headline,
        urn=resource.urn,
        type=resource.type,
        name=resource.name,
        operation=draft.operation,
        provider=provider_of(resource.type) or ("" if resource.type else "pulumi"),
        status_code=status_code,
        error_code=error_code,
        location=location,
        is_resource=bool(resource.type)
        and not (is_stack and (own is Standing.FOLLOWS or is_about_run(headline))),
    )


def _details(message: str, headline: str) -> tuple[int | None, str, SourceLocation | None]:
    # Compiling its patterns takes milliseconds, and a run without a failure needs none of them.
    from upshot.evidence.failure.details import find_error_code, find_location, find_status_code

    return (
        find_status_code(message, headline),
        find_error_code(message, headline),
        find_location(message),
    )
