"""What one failure is: its message, its headline, whether it only followed from another one.

Both readers end here, so that they agree. Must not know the form of the evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct, field
from msgspec.structs import replace

from upshot.evidence.failure.cascades import mark_cascades
from upshot.evidence.failure.cause import (
    Standing,
    headline_of,
    is_about_run,
    is_panic,
    standing_of,
    without_log_prefix,
)
from upshot.evidence.urn import STACK_TYPE, parse_urn, provider_of
from upshot.model import Failure, SourceLocation

_Memo = dict[tuple[str, str], tuple[int | None, str, SourceLocation | None]]


class Named(Struct, frozen=True):
    """A resource as the evidence names it; all empty for the engine or the program as such."""

    urn: str = ""
    type: str = ""
    name: str = ""

    @classmethod
    def from_urn(cls, text: str) -> Named:
        urn = parse_urn(text)
        return cls(text, urn.type, urn.name) if urn else cls(urn=text)


class Draft(Struct):
    resource: Named
    operation: str = ""
    texts: list[str] = field(default_factory=list)
    context: str = ""
    row: str = ""
    """A line of the display with the beginning of an error."""
    step: str = ""
    """A line of the display that says no more than that the step failed."""
    needs: tuple[str, ...] = ()
    """URNs of what the resource needs: its parent, its provider, its dependencies."""

    def said(self) -> list[str]:
        """What it was said to have failed with; what was only logged before comes once."""
        texts = self.texts or ([self.row] if self.row else [])
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


def build_failures(drafts: Iterable[Draft]) -> tuple[Failure, ...]:
    """In their order, those of which nothing but the step is known after the others.

    A failure follows when another one states a cause better than it does.
    """
    drafts = list(drafts)
    memo: _Memo = {}
    judged = [_judge(draft, memo) for draft in drafts]
    best = max((standing for standing, _ in judged), default=Standing.CAUSE)
    if best is not Standing.CAUSE:
        # Nobody states a cause: what was printed before the failure may, and a crash surely does.
        reads = is_panic if best is Standing.WRAPS else bool
        judged = [_judge(draft, memo, reads=reads) for draft in drafts]
        best = max((standing for standing, _ in judged), default=Standing.CAUSE)
    pairs = list(zip(judged, drafts, strict=True))
    told = [_ordered(f, standing, best) for (standing, f), draft in pairs if draft.said()]
    needs = [draft.needs for draft in drafts if draft.said()]
    silent = [f for (_, f), draft in pairs if not draft.said()]
    return (*mark_cascades(told, needs), *silent)


def _ordered(failure: Failure, standing: Standing, best: Standing) -> Failure:
    follows = standing < best or standing is Standing.FOLLOWS
    ends = follows and failure.type == STACK_TYPE and is_about_run(failure.message)
    return replace(failure, is_cascade=follows, is_resource=failure.is_resource and not ends)


def _never(_: str) -> bool:
    return False


def _judge(
    draft: Draft, memo: _Memo, *, reads: Callable[[str], bool] = _never
) -> tuple[Standing, Failure]:
    """`reads` says of printed text whether it may state the cause of a message that only follows."""
    texts = draft.said()
    standings = [standing_of(text) for text in texts]
    standing = own = max(standings, default=Standing.FOLLOWS)
    message = "\nerror: ".join(texts)
    text = texts[standings.index(standing)] if texts else ""
    is_printed = bool(draft.context) and (standing is Standing.WRAPS or reads(draft.context))
    if is_printed:
        text = message = f"{draft.context}\nerror: {message}"
        standing = standing_of(text, is_printed=True)
    headline = headline_of(text, is_printed=is_printed) or draft.step
    if (message, headline) not in memo:  # one cause fails many resources with the same words
        memo[message, headline] = _details(message, headline)
    status_code, error_code, location = memo[message, headline]
    resource = draft.resource
    is_stack = resource.type == STACK_TYPE
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
    # Their patterns take milliseconds to compile, and a run without a failure needs none of them.
    from upshot.evidence.failure.details import find_error_code, find_location, find_status_code

    return (
        find_status_code(message, headline),
        find_error_code(message, headline),
        find_location(message),
    )
