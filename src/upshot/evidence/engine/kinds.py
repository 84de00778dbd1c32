"""What kind of run engine events report: the engine does not name it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from upshot.evidence.urn import STACK_TYPE, is_engines_own, parse_urn
from upshot.model import Outcome, UpdateKind
from upshot.model.operations import operation_of

_DESTROYS: Final = frozenset({"delete", "discard", "read-discard", "remove-pending-replace"})
_LEAVES: Final = _DESTROYS | {"same"}
_STOPPED: Final = frozenset({Outcome.CANCELLED, Outcome.UNKNOWN})


class KindTrace:
    """Takes the steps of one run as they begin, and the outputs of its stack.

    A refresh before an update or a destroy begins steps of its own. An update begins with a step of its
    stack, also where it only deletes, and ends with the stack's outputs, which the program registers
    before anything is deleted. A destroy begins with such a step where it leaves something out
    (`--target`), and it alone deletes the stack. An import makes the stack where there is none, and registers
    no outputs. A refresh that runs the program does nothing but
    refresh to resources that are not the engine's own [shipped engine].
    """

    def __init__(self) -> None:
        self._begun: set[str] = set()
        self._own: set[str] = set()
        self._deletes_stack = False
        self._has_outputs = False

    def begins(self, op: str, urn_text: str) -> None:
        self._begun.add(op)
        if op in self._own and STACK_TYPE not in urn_text:
            return  # the hundred thousandth step of an operation tells nothing new
        urn = parse_urn(urn_text)
        if urn is None or not is_engines_own(urn.type):
            self._own.add(op)
        elif urn.type == STACK_TYPE and op == "delete":
            self._deletes_stack = True

    def ends_stack(self) -> None:
        """Outputs of the stack came."""
        self._has_outputs = True

    def kind(
        self, counts: Mapping[str, int], outcome: Outcome, *, is_preview: bool, is_summed: bool
    ) -> UpdateKind:
        """`counts` are by operation; `is_summed`: they are the engine's own summary."""
        steps = self._begun - {"refresh"}
        if is_preview and (outcome in _STOPPED or (steps and outcome is Outcome.FAILED)):
            return UpdateKind.PREVIEW  # a refresh may be the beginning of anything
        if self._own == {"refresh"} or (self._begun and not steps):
            return UpdateKind.REFRESH  # also `pulumi refresh --preview-only`: it finds the same
        if is_preview:
            return UpdateKind.PREVIEW
        ops = {op for op, n in counts.items() if n}
        changing = {op for op in ops if operation_of(op).changes}
        if self._destroys(
            steps, has_counts=bool(ops), is_summed=is_summed, failed=outcome is Outcome.FAILED
        ):
            return UpdateKind.DESTROY
        if not steps and changing == {"delete"} and "same" not in ops:
            return UpdateKind.DESTROY
        if changing == {"import"} or (self._own == {"import"} and not self._has_outputs):
            return UpdateKind.IMPORT
        if "refresh" in ops and not changing:
            return UpdateKind.REFRESH
        return UpdateKind.UPDATE if counts or is_summed else UpdateKind.UNKNOWN

    def _destroys(
        self, steps: set[str], *, has_counts: bool, is_summed: bool, failed: bool
    ) -> bool:
        if self._deletes_stack or (steps and steps <= _DESTROYS):
            return True
        if steps == {"delete", "delete-replaced"}:
            return True  # what an earlier run left to be deleted is, too
        if self._has_outputs or not is_summed:
            return False
        if steps & _DESTROYS:
            return steps <= _LEAVES
        # Nothing was deleted: either there was nothing to delete, or a program failed early.
        return not failed and (steps == {"same"} or not (steps or has_counts))
