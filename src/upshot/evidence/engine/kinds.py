"""What kind of run engine events report: the engine does not name it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from upshot.model import UpdateKind
from upshot.model.operations import operation_of

_DESTROYS: Final = frozenset({"delete", "discard", "read-discard", "remove-pending-replace"})


def kind_of(
    begun: AbstractSet[str],
    counts: Mapping[str, int],
    *,
    is_preview: bool,
    has_summary: bool,
    has_program: bool = True,
) -> UpdateKind:
    """The kind, from the operations of the steps that began and the counts by operation.

    A refresh before an update or a destroy begins steps of its own. An update begins with a step of
    its stack, also where it only deletes; a destroy does not, unless it leaves something out
    (`--target`). `has_program`: a program may have run, so outputs of the stack came, or the run failed
    before them; a destroy runs none [shipped engine].
    """
    steps = begun - {"refresh"}
    if begun and not steps:
        return UpdateKind.REFRESH  # also `pulumi refresh --preview-only`: it finds the same
    if is_preview:
        return UpdateKind.PREVIEW
    ops = {op for op, n in counts.items() if n}
    changing = {op for op in ops if operation_of(op).changes}
    if steps and steps <= _DESTROYS:
        return UpdateKind.DESTROY
    is_known = bool(steps) or not ops
    if not has_program and has_summary and is_known and steps <= _DESTROYS | {"same"}:
        return UpdateKind.DESTROY
    if not steps and changing == {"delete"} and "same" not in ops:
        return UpdateKind.DESTROY
    if changing == {"import"}:
        return UpdateKind.IMPORT
    if "refresh" in ops and not changing:
        return UpdateKind.REFRESH
    return UpdateKind.UPDATE if counts or has_summary else UpdateKind.UNKNOWN
