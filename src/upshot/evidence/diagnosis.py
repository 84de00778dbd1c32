"""Which failure class explains the facts: all that the `local` backend does.

A class scores by its most specific signal in the evidence, the root cause weighing most, and by a
few points for each further signal that agrees. The best class wins; equally good ones are named as
ties; where none fits, the answer is `unclassified`. Pure and deterministic: it reads the facts and
the catalogue, and names nothing that is not in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from upshot.evidence.advice import advise
from upshot.evidence.failure.forms import is_panic
from upshot.evidence.signals import Clue, Signal, clue_from_failure, clue_from_text
from upshot.model import Diagnosis, Facts, Failure, Outcome, StackRef

TYPE_CHECKING = False
if TYPE_CHECKING:
    from upshot.evidence.catalogue import FailureClass

UNCLASSIFIED: Final = "unclassified"
CANCELLED: Final = "cancelled"

NO_ERROR: Final = Diagnosis(
    failure_class="",
    title="No error in the evidence",
    explanation="The step failed, and what Upshot was given holds no error, so the cause is not known: "
    "the log was cut off before it, or something beside Pulumi failed in the step.",
    next_steps=(
        "Look at the end of the failed step's own log in this workflow run.",
        "Write both outputs of Pulumi to the log, `pulumi up 2>&1 | tee pulumi.log`, for `log-file`.",
        "Or add `--event-log events.jsonl` to the Pulumi command, for `events-file`.",
    ),
)
"""No class: there is no error that could have one."""

MAX_CLUES: Final = 40
"""Failures that are read; in a mass failure the same messages repeat."""
_LATER: Final = 0.88
"""Weight of a failure that is neither the first nor a cascade: it may be the real cause where the
first one is unspecific (a time-out beside a refused permission)."""
_CASCADE: Final = 0.4
_AGREEMENT: Final = 1.5
"""Points for each further signal of the same class, three at most."""
_TIE: Final = 1.0
"""Points within which two classes fit equally well."""

_LOST: Final = "error reading from server"
"""The engine's word for a provider that ended in the middle of a call (shipped engine)."""

_SLOT: Final = re.compile(r"\{(?P<name>[a-z_]+)\|(?P<default>[^{}]*)\}")
_SAFE_STACK: Final = re.compile(r"[A-Za-z0-9._-]{1,100}(?:/[A-Za-z0-9._-]{1,100}){2}")
_SAFE_TYPE: Final = re.compile(r"[\w-]{1,60}:[\w.-]{1,60}/[\w.-]{1,80}:\w{1,80}", re.ASCII)
"""A whole type token; Pulumi's commands do not take the display's short form (`aws:s3:Bucket`)."""
_SAFE_URN: Final = re.compile(r"urn:pulumi:[A-Za-z0-9._:/@+$ -]{1,400}")


class _Score(Struct, frozen=True):
    points: float
    found: FailureClass
    slots: dict[str, str]


def diagnose(facts: Facts) -> Diagnosis:
    """The class of the failure with explanation and next steps.

    `failure_class` is empty when nothing failed or no error is known, `cancelled` when the run was interrupted,
    `unclassified` when it failed and no class fits; else a slug of the catalogue. Of a run whose end is not
    known, warnings may show what is wrong.
    """
    from upshot.evidence.catalogue import load_catalogue

    if facts.outcome is Outcome.SUCCEEDED or not (_went_wrong(facts) or facts.warnings):
        return Diagnosis(failure_class="")
    classes = load_catalogue()
    if facts.outcome is Outcome.CANCELLED:
        return _fill_in(_named(CANCELLED, classes), _slots(facts, {}), ())
    scores = _scores(facts, classes)
    if not scores and not _has_error(facts):
        return NO_ERROR if _went_wrong(facts) else Diagnosis(failure_class="")
    if not scores:
        return _fill_in(_named(UNCLASSIFIED, classes), _slots(facts, {}), ())
    best = max(scores, key=lambda score: score.points)
    ties = [s.found.slug for s in scores if s is not best and best.points - s.points <= _TIE]
    return _advised(_fill_in(best.found, _slots(facts, best.slots), tuple(ties)), facts)


def certainty_of(facts: Facts) -> float:
    """The points of the class that fits best, as `Signal.weight` counts them; 0 where none fits."""
    from upshot.evidence.catalogue import load_catalogue

    return max((score.points for score in _scores(facts, load_catalogue())), default=0.0)


def _scores(facts: Facts, classes: Sequence[FailureClass]) -> list[_Score]:
    """Of each class that fits."""
    clues = tuple(_clues(facts))
    return [score for found in classes if (score := _score(found, clues)) is not None]


def _advised(diagnosis: Diagnosis, facts: Facts) -> Diagnosis:
    """With the step that names the evidence's own values first, where there is one.

    It takes the place of the class's first step, which says the same in general.
    """
    stack = _safe_stack(facts.stack)
    advised = advise(diagnosis.failure_class, facts, f" --stack {stack}" if stack else "")
    if advised is None:
        return diagnosis
    steps = (advised.step, *diagnosis.next_steps[1:])
    return replace(diagnosis, next_steps=steps, values=advised.values)


def _named(slug: str, classes: Sequence[FailureClass]) -> FailureClass:
    return next(found for found in classes if found.slug == slug)


def _went_wrong(facts: Facts) -> bool:
    return facts.outcome in {Outcome.FAILED, Outcome.CANCELLED} or bool(facts.failures)


def _has_error(facts: Facts) -> bool:
    return bool(facts.failures) or any(
        violation.enforcement == "mandatory" for violation in facts.policy_violations
    )


def _clues(facts: Facts) -> Iterator[Clue]:
    """The evidence, root cause first; a message that repeats counts once."""
    root, seen = facts.root_cause, set[str]()
    for failure in (root, *facts.failures) if root else facts.failures:
        if len(seen) >= MAX_CLUES:
            break
        if failure.message not in seen:
            seen.add(failure.message)
            yield clue_from_failure(failure, rank=_rank(failure, root))
    for violation in facts.policy_violations:
        if violation.enforcement == "mandatory":
            yield clue_from_text(violation.message, "policy")
    for warning in facts.warnings[:MAX_CLUES]:
        yield clue_from_text(warning.message, "warning")
    for pending in facts.pending_operations[:1]:
        yield clue_from_text(pending, "pending")
    for urn in facts.protected[:1]:
        yield clue_from_text(urn, "protected")


def _rank(failure: Failure, root: Failure | None) -> float:
    if failure is root or (root and _LOST in failure.message and is_panic(root.message)):
        return 1.0  # a panic is the provider's where a resource lost its provider
    return _CASCADE if failure.is_cascade else _LATER


def _score(found: FailureClass, clues: Sequence[Clue]) -> _Score | None:
    hits = [
        (signal.weight * clue.rank, signal, clue)
        for clue in clues
        for signal in found.signals
        if signal.matches(clue)
    ]
    if not hits:
        return None
    points, signal, clue = max(hits, key=lambda hit: hit[0])
    # The words of a code agree with the code itself by nature: they count only where they are best.
    # So do words that many messages hold with one that says the same plainly.
    others = {
        id(other)
        for weight, other, _ in hits
        if other is signal or (not other.words and weight >= points / 2)
    }
    return _Score(
        points + _AGREEMENT * min(len(others) - 1, 3), found, _slots_of(hits, signal, clue)
    )


def _slots_of(
    hits: Sequence[tuple[float, Signal, Clue]], best: Signal, clue: Clue
) -> dict[str, str]:
    slots = dict(best.slots(clue))
    for _, signal, other in sorted(hits, key=lambda hit: -hit[0]):
        for name, value in signal.slots(other).items():
            slots.setdefault(name, value)
    return slots


def _slots(facts: Facts, found: Mapping[str, str]) -> dict[str, str]:
    """Values for the next steps: from the evidence alone, in harmless characters alone."""
    slots = dict(found)
    if stack := _safe_stack(facts.stack):
        slots["stack_option"] = f" --stack {stack}"
    urns = [facts.root_cause.urn if facts.root_cause else "", *facts.protected]
    if urn := next((urn for urn in urns if _SAFE_URN.fullmatch(urn)), ""):
        slots["urn"] = urn
    if facts.root_cause and _SAFE_TYPE.fullmatch(facts.root_cause.type):
        slots["type"] = facts.root_cause.type
    return slots


def _safe_stack(stack: StackRef | None) -> str:
    return str(stack) if stack and _SAFE_STACK.fullmatch(str(stack)) else ""


def _fill_in(found: FailureClass, slots: Mapping[str, str], ties: tuple[str, ...]) -> Diagnosis:
    return Diagnosis(
        failure_class=found.slug,
        title=found.title,
        explanation=found.explanation,
        next_steps=tuple(_fill(step, slots) for step in found.next_steps),
        documentation_url=found.documentation_url,
        retry=found.retry,
        ties=ties,
    )


def _fill(step: str, slots: Mapping[str, str]) -> str:
    return _SLOT.sub(lambda m: slots.get(m["name"], m["default"]), step)
