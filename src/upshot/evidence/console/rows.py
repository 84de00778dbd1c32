"""One resource's line of the display: a row of the table, or a line of the non-interactive form.

::

     Type                 Name       Status                  Info
 +   └─ aws:s3:Bucket     assets     **creating failed**     1 error
 +  aws:s3:Bucket assets creating (3s) error: 1 error occurred:

The forms are the engine's display (shipped client). Must not keep anything between lines.
"""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from upshot.evidence.facts import MAX_FAILURES
from upshot.evidence.urn import STACK_TYPE, is_engines_own
from upshot.model import Meaning, ResourceChange, UpdateKind
from upshot.model.limits import MESSAGE_KEPT
from upshot.model.operations import OPERATIONS, Part, operation_of
from upshot.text import pattern

TYPE: Final = r"[A-Za-z][\w.+-]{0,80}:[\w./+-]{1,200}:[\w./+-]{1,120}"
"""The type of a resource, in a pattern."""
_ROW = pattern(
    r"(?P<op>[-+~=<>±x]{1,2}(?=[ │├└]))?(?P<tree>[ \t│├└─]{0,180})"
    rf"(?P<type>{TYPE}|(?<=─ )[^\s()]{{1,200}})(?P<gap> +)(?P<rest>\S.*)"
)
_NAME_CHARS: Final = 400
_VERB: Final = r"(?P<verb>[a-z]+(?: (?:for )?replacement| original)?)"
_FAILED = pattern(rf"\*\*(?:{_VERB} )?fail")
_TIMED = pattern(r"\*\*(?:creat|updat|import)ing (?:replacement )?failed \(\d[^()]{0,20}\)\*\*")
_INTERRUPTED = pattern(rf"\b{_VERB} \(interrupted\)")
# An error's text comes right after status, time and diff; elsewhere `error:` is part of a value.
_ERROR_TEXT = pattern(
    r"\s*(?:\*\*[a-z ]{1,60}\*\*|[a-z]{1,20}(?: (?:for )?replacement| original| for import)?)?"
    r"(?: \([^()]{1,40}\))?\s*(?:\[diff: [^\]]{0,3000}\])?;?\s*(?:\d{1,9} errors?\. )?error:(?: (?P<text>.+)|$)"
)
_ERRORS = pattern(r"\b[1-9]\d{0,8} errors?\b")
# A row's counts come right after status, time and diff: elsewhere they are part of a message.
_COUNTED_ERRORS = pattern(
    r"\s*(?:\*\*[^*]{1,60}\*\*|[a-z]{1,20}(?: (?:for )?replacement| original| for import)?)?"
    r"(?: \([^()]{1,40}\))?\s*(?:\[diff: [^\]]{0,3000}\])?;?\s*(?:\d{1,9} (?:info )?"
    r"(?:message|warning|debug)s?[;,] )*[1-9]\d{0,8} errors?(?:[;,] [^:]{0,200})?\s*$"
)
_DIFF = pattern(
    r"\s*(?:\*\*[^*]{1,60}\*\*|[a-z]{1,20}(?: (?:for )?replacement| original| for import)?)?"
    r"(?: \([^()]{1,40}\))?\s*\[diff: (?P<names>[^\]]{1,3000})\]"
)
# After status and time: the resource leaves the state, and stays in the cloud (`retainOnDelete`).
_RETAINED = pattern(r"\s*delet(?:e|ed|ing)(?: \([^()]{1,40}\))?\[retain\]", marks=("[retain]",))
_TORN = pattern(r"[:,]$|\bStatus=\d{3}$")
MAX_DIFFS: Final = 20
_QUIET = pattern(r"\b\d+ (?:info )?(?:message|warning|debug)s?\b")
_STATUS = pattern(
    r"(?P<word>creat(?:e|ed|ing)|updat(?:e|ed|ing)|delet(?:e|ed|ing)|replac(?:e|ed|ing)"
    r"|read|reading|refresh(?:|ed|ing)|import(?:|ed|ing)|discard(?:|ed|ing)|same|unchanged|retain(?:|ed)"
    r"|running|skipped)"
    r"(?P<what> (?:for )?replacement| original| for import)?\b"
)
# A name may hold spaces: it ends where a status stands that only the display writes.
_WORDS_OF_STATUS: Final = (
    r"(?:(?:creat|updat|delet|replac|refresh|import|discard|read)(?:e|ed|ing|)|running)"
    r"(?: (?:for )?replacement| original| for import)?"
)
_NAME_END = pattern(
    r"(?P<name>\S.{0,300}?) (?= ?(?:error:(?: |$)|\*\*[a-z ]{0,40}fail"
    rf"|{_WORDS_OF_STATUS}(?: \((?:\d|interrupted)| \[diff: |;? error: |;? \d{{1,9}} (?:error|warning|message|info))))"
)
# A plan without a diff ends the line, and so may a text: the only status on the line is a plan's.
_PLAN_END = pattern(rf"(?P<name>\S.{{0,300}}?) {_WORDS_OF_STATUS}$")
_A_STATUS = pattern(rf"  |\b{_WORDS_OF_STATUS}\b|: ")
# `--urns` shows a URN where the type and the name stand.
_URN = pattern(
    r"(?P<before>[-+~=<>±x │├└─]{0,180})urn:pulumi:[^\s:]{1,200}::[^\s:]{1,200}::"
    r"(?:[^\s$]{1,300}\$){0,20}(?P<type>[^\s$]{1,300}?)::(?P<rest>\S.*)"
)
# The engine says on the stack's row what a program reads: `read aws:s3:Bucket logs`.
_READS = pattern(rf".{{0,60}}?\bread (?P<type>{TYPE}) (?P<name>\S.{{0,300}})")
_MOST_ERRORS: Final = 8
"""Rows with an error kept of one resource."""
_STEM: Final = 4
"""Letters that a verb's forms share: `create`, `created`, `creating`."""
# (stem of the verb, the word after it) -> operation, by the display's words: `deleted original`.
_VERBS: Final = {
    (display[:_STEM], display.partition(" ")[2]): each.word
    for each in OPERATIONS.values()
    if (display := each.display)
} | {("unch", ""): "same"}
_SYMBOLS: Final = {mark: each.word for each in OPERATIONS.values() for mark in each.marks}
_DONE = pattern(r"(?:created|updated|deleted|replaced|refreshed|imported)\b")
_PLAN = pattern(r"(?:create|update|delete|replace|import|read|refresh|discard)\b")
_BUSY = pattern(r"[a-z]{2,12}ing\b")


class Row(Struct, frozen=True):
    type: str
    name: str
    operation: str
    """Step op, from the status or the plan, else from the sign; empty for unchanged resources."""
    text: str
    """The line itself."""
    failed: bool = False
    ended_well: bool = False
    """It failed, and has a time: its step ended well, and an error was logged (shipped client)."""
    interrupted: bool = False
    has_errors: bool = False
    """The Info column counts errors."""
    is_quiet: bool = False
    """It ended well, or the Info column counts messages or warnings; and no error is counted."""
    is_done: bool = False
    is_busy: bool = False
    is_plan: bool = False
    """The status says what would be done: `create`, not `created`."""
    is_table: bool = False
    is_step: bool = False
    """A step of `--diff`, which says what is begun, not how it ends."""
    error: str = ""
    """Error text on the line itself (non-interactive form)."""
    done: tuple[str, ...] = ()
    """Steps of the same resource that had ended well before this one, the last one last."""
    failed_before: str = ""
    """A step that failed before this one of another operation: the new one of that name could not be made,
    and the old one was deleted."""
    is_gone: bool = False
    """A refresh did not find it any more."""
    printed: str = ""
    """What the resource printed (non-interactive form)."""
    reads: tuple[str, str] | None = None
    """Type and name of what the program reads, on the row of its stack."""
    diffs: tuple[str, ...] = ()
    """Names of the properties that differ, at most 20."""

    @property
    def is_torn(self) -> bool:
        """Whether the line ends where more of it must follow."""
        _, mark, diff = self.text.rpartition("[diff:")
        is_within_diff = bool(mark) and "]" not in diff and not self.is_table
        ends_open = _TORN.search(self.error.rstrip()) or self.text.endswith((";", " error:"))
        return is_within_diff or bool(ends_open)


class RowErrors:
    """Errors that stand on the lines of rows, the first of each resource; their number is bounded."""

    def __init__(self) -> None:
        self.of: dict[str, list[Row]] = {}

    def add(self, key: str, row: Row) -> None:
        """A row, whether it holds an error or not."""
        if row.error and (key in self.of or len(self.of) < MAX_FAILURES):
            errors = self.of.setdefault(key, [])
            if len(errors) < _MOST_ERRORS:
                errors.append(row)

    def join(self, key: str, torn: Row, text: str) -> Row | None:
        """The row with its next line, to be added in its place; None where that makes no error."""
        joined = find_row(f"{torn.text} {text[:MESSAGE_KEPT]}")
        if joined is None or not joined.error:
            return None
        if torn.error and self.of.get(key):
            self.of[key].pop()
        return joined


def find_row(line: str) -> Row | None:
    """The row that the line is, or None."""
    if ":" not in line and "─" not in line:
        return None
    match = _ROW.match(without_urn(line.strip()))
    if not match:
        return None
    rest = match["rest"]
    is_table = len(match["gap"]) > 1 or bool(match["tree"].strip())
    if is_table:
        name, _, after = rest.partition("  ")
        name, mark, failed = name.partition(" **")
        name, after = name.rstrip(), f"{mark}{failed}  {after}"
    else:
        name = _name_in(rest)
        after = rest[len(name) + 1 :]
    if name.startswith("(") and name.endswith(":"):
        return None
    return _row(match, name, after, is_table=is_table)


def without_urn(line: str) -> str:
    """The line with type and name where it shows a URN (`--urns`)."""
    match = _URN.match(line) if "urn:pulumi:" in line[:_NAME_CHARS] else None
    return f"{match['before']}{match['type']} {match['rest']}" if match else line


def _name_in(rest: str) -> str:
    ended = _NAME_END.match(rest[:_NAME_CHARS])
    if ended:
        # Where no status stands, two spaces part the name from what the resource printed.
        return ended["name"].partition("  ")[0]
    plan = _PLAN_END.match(rest) if len(rest) < _NAME_CHARS else None
    if plan and not _A_STATUS.search(plan["name"]):
        return plan["name"]
    return rest.partition(" ")[0]


def _row(match: re.Match[str], name: str, after: str, *, is_table: bool) -> Row | None:
    after = after[:4_000].strip() if is_table else after[:MESSAGE_KEPT]
    # A space alone parts a name from its status: two of them say that there is none.
    is_text = not is_table and after.startswith(" ")
    status = _STATUS.match(after.strip()) if not is_text else None
    failed = _FAILED.search(after) if not is_text else None
    interrupted = _INTERRUPTED.search(after) if not failed else None
    error = _ERROR_TEXT.match(after)
    has_errors = bool((_ERRORS.search if is_table else _COUNTED_ERRORS.match)(after))
    known = status or failed or interrupted or error or has_errors
    if not known and not is_table and match["type"] != STACK_TYPE:
        return None
    is_done = bool(_DONE.match(after.strip()))
    sign = _SYMBOLS.get(match["op"] or "", "")
    said = failed or interrupted
    reads = _READS.match(after) if match["type"] == STACK_TYPE and not is_table else None
    verb = said["verb"] if said else status.group() if status else ""
    is_retained = "[retain]" in after and bool(_RETAINED.match(after))
    return Row(
        type=match["type"],
        name=name,
        operation="retain" if is_retained else _step(_operation(verb or ""), sign),
        text=match.group().strip(),
        failed=bool(failed),
        ended_well=bool(failed and _TIMED.match(after.strip())),
        interrupted=bool(interrupted),
        has_errors=has_errors,
        is_quiet=not failed
        and not has_errors
        and (is_done or (bool(_QUIET.search(after)) and "error" not in after)),
        is_done=is_done,
        is_busy=not said and bool(_BUSY.match(after.strip())),
        is_plan=bool(_PLAN.match(after.strip())),
        is_table=is_table,
        error=error["text"] or "" if error else "",
        printed="" if known or is_table else after.strip("\n"),
        reads=(reads["type"], reads["name"].strip()) if reads else None,
        diffs=_diffs(after),
    )


def _diffs(after: str) -> tuple[str, ...]:
    """The names in `[diff: ~engine,+tags]`, which stands after status and time."""
    if "[diff: " not in after:
        return ()
    found = _DIFF.match(after)
    names = found["names"].split(",") if found else ()
    return tuple(dict.fromkeys(name.strip().lstrip("+-~ ") for name in names))[:MAX_DIFFS]


def _step(said: str, sign: str) -> str:
    """The step, where its sign knows more than its words: `++` beside `creating failed`."""
    is_part = operation_of(sign).part is not Part.WHOLE
    return (
        sign
        if is_part and said in {"create", "delete", "import", "read", "replace"}
        else said or sign
    )


def _operation(words: str) -> str:
    verb, _, what = words.partition(" ")
    stem = verb[:_STEM]
    return _VERBS.get((stem, what)) or _VERBS.get((stem, ""), "")


def change_of(row: Row, kind: UpdateKind, *, is_good: bool) -> ResourceChange | None:
    """The change of a resource, by its last row; None where nothing was changed.

    A step that failed or was interrupted changed nothing, but the steps of a replacement before it did. A
    refresh changes nothing either: what it finds is drift. `is_good`: the run ended well.
    """
    operation = row.operation
    is_not_planned = row.is_plan and row.has_errors  # it fails in the preview
    if row.failed or row.interrupted or is_not_planned:
        done = row.done[-1] if row.done else ""
        operation = done if operation_of(done).means is Meaning.REPLACE else ""
    step = operation_of(operation)
    if kind is UpdateKind.REFRESH and step.changes:
        operation = "refresh"
    if is_engines_own(row.type) or not (operation == "refresh" or step.changes):
        return None
    if step.means is Meaning.REPLACE:
        operation = "delete-replaced" if _is_lost(row) and not is_good else "replace"
    is_gone = row.is_gone or (operation == "refresh" and step.means is Meaning.DELETE)
    return ResourceChange("", row.type, row.name, operation, is_gone=is_gone, diffs=row.diffs)


def as_it_happened(row: Row, before: Row) -> Row:
    """What a refresh finds gone is drift; what a replacement did before it failed is kept."""
    is_drift = row.is_done and before.operation == "refresh"
    if is_drift and operation_of(row.operation).changes:
        is_gone = operation_of(row.operation).means is Meaning.DELETE
        return replace(row, operation="refresh", is_gone=is_gone)
    if before.diffs and not row.diffs:  # the first row of an update has them, the last need not
        row = replace(row, diffs=before.diffs)
    failed = before.operation if before.failed else before.failed_before
    if failed and failed != row.operation and not row.failed:
        row = replace(row, failed_before=failed, is_quiet=False)
    done = before.done
    if before.is_done or _is_over(before, row):
        done = (*(step for step in done if step != before.operation), before.operation)
    return replace(row, done=done) if done else row


def _is_lost(row: Row) -> bool:
    """Whether the old resource is gone, and there is no new one; a table shows the last step alone."""
    done = {*row.done, row.operation} if row.is_done else {*row.done}
    is_remade = any(operation_of(step).part is Part.NEW for step in done)
    return "delete-replaced" in done and not is_remade and not row.is_table


def _is_over(before: Row, row: Row) -> bool:
    """Whether a step of `--diff` ended well, because the next step of its resource has begun.

    `replace` itself does nothing: it stands between creating the one and deleting the other.
    """
    is_next = before.is_step and row.is_step and before.operation != row.operation
    return is_next and before.operation != "replace"
