"""Which blocks a proposed change means: display names, ids and temporary ids to ids. Pure.

The order is the Studio's: a temporary id of the change, then a block that stays, then a new block
by its name. Where the Studio takes the first of several, this is a finding.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable
from typing import Final, Protocol

from upshot.powabase.blocks import default_name
from upshot.powabase.canonical import digest_json
from upshot.powabase.diff import Diff, NewBlock
from upshot.powabase.findings import Code, Finding, listed, shown
from upshot.powabase.graph import Graph, digest_graph
from upshot.powabase.names import display_names, is_readable, unique_name

_NAMESPACE: Final = uuid.UUID("6f1c2f0a-6b64-5f2e-9d0b-5b0c3b6b7a51")


class Find(Protocol):
    """Finds the block that a name means."""

    def __call__(self, ref: str, *, what: str, code: Code = Code.UNKNOWN_BLOCK) -> str | None: ...


class Resolver:
    """Names of one change against one graph. `findings` grows while it is asked."""

    def __init__(self, before: Graph, diff: Diff, workflow_id: str) -> None:
        self.findings: list[Finding] = []
        self._blocks = before.by_id()
        self._seed = [workflow_id, digest_graph(before)]
        self._by_name = {block.id: block.id for block in before.blocks}
        self._by_name |= {name: block_id for block_id, name in display_names(before).items()}
        self._counts = Counter(block.name for block in before.blocks if block.name)
        self.new = self._admit(diff.add_blocks)
        """Temporary id -> (id, block to add), in the order of temporary ids."""
        self.removed = self._resolve_removed(diff.remove_blocks)
        """Ids of the blocks that go."""
        self.final_names = self._name_new()
        """Temporary id -> the new block's name, which no other block has."""

    def new_id(self, *parts: object) -> str:
        """An id for something new: the same for the same workflow, graph and parts."""
        return str(uuid.uuid5(_NAMESPACE, digest_json([*self._seed, *parts])))

    def is_kept(self, block_id: str) -> bool:
        """Whether a block of the graph stays."""
        return block_id in self._blocks and block_id not in self.removed

    def find(self, ref: str, *, what: str, code: Code = Code.UNKNOWN_BLOCK) -> str | None:
        """The id of the block that is meant, also of one that goes; None with a finding."""
        temp = self.new.get(ref)
        kept = self._by_name.get(ref)
        if temp and kept and self.is_kept(kept):
            text = f"{what} means {shown(ref)}, the name of a new block and of one that is there"
            self._note(Code.AMBIGUOUS_NAME, ref, text)
            return None
        if temp:
            return temp[0]
        if kept and self.is_kept(kept):
            return kept
        named = [self.new[temp_id][0] for temp_id, name in self.final_names.items() if name == ref]
        if named or kept:
            return named[0] if named else kept
        if self._counts[ref] > 1:
            text = f"{what} means {shown(ref)}, and {self._counts[ref]} blocks have that name"
            self._note(Code.AMBIGUOUS_NAME, ref, text)
        else:
            known = sorted({*self._names(), *self.final_names.values()})
            text = (
                f"{what} means {shown(ref)}, and no block has that name; there are {listed(known)}"
            )
            self._note(code, ref, text)
        return None

    def find_old(self, ref: str, *, what: str, code: Code = Code.UNKNOWN_BLOCK) -> str | None:
        """As `find`, but a block of the graph comes first: for what is to be removed."""
        return self._by_name.get(ref) or self.find(ref, what=what, code=code)

    def reference(self, name: str) -> str:
        """How a config must refer to the block that the Copilot calls `name`.

        By its name where the engine reads that and finds one block, else by its id; a name that is
        not known stays.
        """
        if name in self.new:
            return self._written(self.new[name][0], self.final_names[name])
        kept = self._by_name.get(name)
        if kept and self.is_kept(kept):
            return self._written(kept, self._blocks[kept].name)
        return name

    def _written(self, block_id: str, name: str) -> str:
        others = sum(
            block.name == name for block in self._blocks.values() if self.is_kept(block.id)
        ) + sum(final == name for final in self.final_names.values())
        return name if others == 1 and is_readable(name) else block_id

    def _admit(self, new: Iterable[NewBlock]) -> dict[str, tuple[str, NewBlock]]:
        admitted: dict[str, tuple[str, NewBlock]] = {}
        for block in sorted(new, key=_order):
            if block.temp_id in admitted:
                text = f"the change adds two blocks with the temporary id {shown(block.temp_id)}"
                self._note(Code.DUPLICATE, block.temp_id, text)
                continue
            said = [block.temp_id, block.type, block.name, block.config]
            admitted[block.temp_id] = (self.new_id(*said), block)
        return admitted

    def _resolve_removed(self, refs: Iterable[str]) -> set[str]:
        removed: set[str] = set()
        for ref in refs:
            found = self._by_name.get(ref)
            if found in removed:
                text = f"the change removes block {shown(ref)} twice"
                self._note(Code.DUPLICATE, ref, text)
            elif found:
                removed.add(found)
            elif ref in self.new or any(block.name == ref for _, block in self.new.values()):
                text = f"the change adds block {shown(ref)} and removes it"
                self._note(Code.CONTRADICTION, ref, text)
            elif self._counts[ref] > 1:
                text = f"the change removes {shown(ref)}, and several blocks have that name"
                self._note(Code.AMBIGUOUS_NAME, ref, text)
            else:
                text = (
                    f"the change removes block {shown(ref)}, and no block has that name; "
                    f"there are {listed(self._names())}"
                )
                self._note(Code.UNKNOWN_BLOCK, ref, text)
        return removed

    def _name_new(self) -> dict[str, str]:
        taken = {block.name for block in self._blocks.values() if self.is_kept(block.id)}
        return {
            temp_id: unique_name(block.name or default_name(block.type), taken)
            for temp_id, (_, block) in self.new.items()
        }

    def _names(self) -> list[str]:
        return sorted(name for name, block_id in self._by_name.items() if name != block_id)

    def _note(self, code: Code, ref: str, text: str) -> None:
        self.findings.append(Finding(code, shown(ref), text))


def _order(block: NewBlock) -> tuple[str, str]:
    return block.temp_id, digest_json([block.type, block.name, block.config])
