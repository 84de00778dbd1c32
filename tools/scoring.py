"""How a result is judged against its labels. Pure; the rules are told in docs/evaluation.md."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from msgspec import Struct
from tools.corpus import Resource, Result

from upshot.model import Failure, Outcome

_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07]{0,200}\x07")
_LEAD = re.compile(r"^(?:[>|*\-\s]+|(?:error|fatal|warning|mandatory)\b:\s*)+", re.IGNORECASE)
_SHORT = 8
"""A chosen text shorter than this proves nothing by being contained in the label."""


class Miss(Struct, frozen=True):
    """One thing that went wrong in one case."""

    case: str
    field: str
    expected: str
    got: str


class Field(Struct, frozen=True):
    """One share: among which results it is asked, and when it is right."""

    key: str
    asked: Callable[[Result], bool]
    right: Callable[[Result], bool]
    expected: Callable[[Result], object]
    got: Callable[[Result], object]
    lists_misses: bool = True


def class_of(result: Result) -> str:
    """The diagnosis in the corpus's words."""
    given = result.diagnosis.failure_class
    if given:
        return "unknown" if given == "unclassified" else given
    return "success" if result.facts.outcome is Outcome.SUCCEEDED else "unknown"


def fold(text: str) -> str:
    """Without ANSI codes, every run of white space one space."""
    return " ".join(_ANSI.sub("", text).split())


def message_of(line: str) -> str:
    """A labelled line without bullets and `error:`."""
    return _LEAD.sub("", fold(line))


def states(chosen: str, line: str) -> bool:
    """Whether a chosen text and a labelled line say the same: one contains the other."""
    label, given = message_of(line), message_of(chosen)
    return bool(label) and (label in given or (len(given) >= _SHORT and given in label))


def display_type(token: str) -> str:
    """`aws:s3/bucket:Bucket` as the engine's display shortens it, `aws:s3:Bucket`."""
    package, _, rest = token.partition(":")
    module, _, name = rest.rpartition(":")
    head, slash, last = module.rpartition("/")
    return f"{package}:{head}:{name}" if slash and last.lower() == name.lower() else token


def predicted(result: Result) -> list[tuple[str, str]]:
    """Type and name of every resource that the engine says failed, each once."""
    return list(dict.fromkeys((f.type, f.name) for f in result.facts.failed_resources))


def count_matched(result: Result) -> int:
    """How many labelled resources were named, each named one counting once."""
    left = predicted(result)
    for label in result.case.failed:
        found = next((pair for pair in left if _is(label, *pair)), None)
        if found:
            left.remove(found)
    return len(predicted(result)) - len(left)


def invented(result: Result) -> list[tuple[str, str]]:
    """Resources that are not in the evidence at all."""
    text = fold(result.text)
    return [pair for pair in predicted(result) if fold(pair[1]) not in text]


def advice_of(result: Result) -> str:
    """`right`, `wrong` or `missing`; empty for a case without a label of its advice.

    Wrong is a first step that names a value which is not in the evidence, or other values than those
    of the label. Missing is a step without any value.
    """
    diagnosis, text = result.diagnosis, fold(result.text)
    if any(fold(value) not in text for value in diagnosis.values.values()):
        return "wrong"
    if result.case.advice is None:
        return ""
    if not diagnosis.values:
        return "missing"
    step = fold(diagnosis.next_steps[0])
    return "right" if all(fold(value) in step for value in result.case.advice) else "wrong"


def judge(results: Sequence[Result]) -> dict[str, object]:
    """Every figure; shares are between 0 and 1, and a share of no case at all is 1."""
    matched = sum(map(count_matched, results))
    said = sum(len(predicted(result)) for result in results)
    labelled = sum(len(result.case.failed) for result in results)
    shares: dict[str, float] = {}
    misses: list[Miss] = []
    for field in FIELDS:
        asked = [result for result in results if field.asked(result)]
        wrong = [result for result in asked if not field.right(result)]
        shares[field.key] = _share(len(asked) - len(wrong), len(asked))
        if field.lists_misses:
            misses.extend(_miss(field, result) for result in wrong)
    advice = [advice_of(result) for result in results]
    misses.extend(
        Miss(result.case.id, "advice", str(result.case.advice), str(result.diagnosis.values)[:300])
        for result, word in zip(results, advice, strict=True)
        if word in {"wrong", "missing"}
    )
    seconds = sum(result.seconds for result in results) / max(1, len(results))
    return {
        "cases": len(results),
        **{key: value for key, value in shares.items() if key != _RESOURCES},
        "failed_precision": _share(matched, said),
        "failed_recall": _share(matched, labelled),
        "invented": sum(len(invented(result)) for result in results),
        **{f"advice_{word}": advice.count(word) for word in ("right", "wrong", "missing")},
        "seconds_per_case": round(seconds, 5),
        "misses": misses,
    }


def _share(right: int, asked: int) -> float:
    return round(right / asked, 4) if asked else 1.0


def _miss(field: Field, result: Result) -> Miss:
    expected, got = str(field.expected(result))[:300], str(field.got(result))[:300]
    return Miss(result.case.id, field.key, expected, got)


def _is(label: Resource, type_: str, name: str) -> bool:
    if label.type and display_type(label.type) != display_type(type_):
        return False
    return name == label.name or (label.name.startswith("…") and name.endswith(label.name[1:]))


def _root(result: Result) -> Failure:
    return result.facts.root_cause or Failure(message="", headline="")


def _chosen(result: Result) -> str:
    if result.facts.root_cause:
        return result.facts.root_cause.headline
    return next((warning.message for warning in result.facts.warnings), "")


def _resources_right(result: Result) -> bool:
    return count_matched(result) == len(result.case.failed) == len(predicted(result))


def _location_right(result: Result) -> bool:
    label, given = result.case.source_location, _root(result).location
    if label is None or given is None or label.line != given.line:
        return False
    one, other = (text.replace("/./", "/").removeprefix("./") for text in (label.file, given.file))
    return one == other or one.endswith("/" + other) or other.endswith("/" + one)


def _is_kept(result: Result, cut: str) -> bool:
    """Whether the labelled line, or the part of it that the engine chose, is in the cut."""
    chosen = message_of(_chosen(result))
    kept = fold(cut)
    return message_of(_line(result)) in kept or (states(chosen, _line(result)) and chosen in kept)


def _line(result: Result) -> str:
    return result.case.root_cause_line or ""


_RESOURCES = "failed_resources"
"""Listed among the misses by case; its figures are precision and recall."""

FIELDS = (
    Field(
        "outcome_accuracy",
        asked=lambda _: True,
        right=lambda r: r.facts.outcome == r.case.outcome,
        expected=lambda r: r.case.outcome,
        got=lambda r: r.facts.outcome,
    ),
    Field(
        "class_accuracy",
        asked=lambda _: True,
        right=lambda r: class_of(r) in {r.case.failure_class, *r.case.also},
        expected=lambda r: r.case.failure_class,
        got=class_of,
    ),
    Field(
        "class_accuracy_primary",
        asked=lambda _: True,
        right=lambda r: class_of(r) == r.case.failure_class,
        expected=lambda r: r.case.failure_class,
        got=class_of,
        lists_misses=False,
    ),
    Field(
        _RESOURCES,
        asked=lambda _: True,
        right=_resources_right,
        expected=lambda r: [(label.type, label.name) for label in r.case.failed],
        got=predicted,
    ),
    Field(
        "root_cause_found",
        asked=lambda r: bool(_line(r)),
        right=lambda r: states(_chosen(r), _line(r)),
        expected=_line,
        got=_chosen,
    ),
    Field(
        "status_code_accuracy",
        asked=lambda r: r.case.status_code is not None,
        right=lambda r: _root(r).status_code == r.case.status_code,
        expected=lambda r: r.case.status_code,
        got=lambda r: _root(r).status_code,
    ),
    Field(
        "error_code_accuracy",
        asked=lambda r: bool(r.case.error_code),
        right=lambda r: _root(r).error_code == r.case.error_code,
        expected=lambda r: r.case.error_code,
        got=lambda r: _root(r).error_code,
    ),
    Field(
        "source_location_accuracy",
        asked=lambda r: r.case.source_location is not None,
        right=_location_right,
        expected=lambda r: r.case.source_location,
        got=lambda r: _root(r).location,
    ),
    Field(
        "root_cause_kept",
        asked=lambda r: bool(_line(r) and r.case.log),
        right=lambda r: _is_kept(r, r.excerpt),
        expected=_line,
        got=lambda _: "cut away",
    ),
    Field(
        "root_cause_kept_plain_cut",
        asked=lambda r: bool(_line(r) and r.case.log),
        right=lambda r: _is_kept(r, r.plain_cut),
        expected=_line,
        got=lambda _: "cut away",
        lists_misses=False,
    ),
)
