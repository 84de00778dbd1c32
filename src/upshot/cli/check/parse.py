"""Reads a workflow file into values with line numbers.

The file may be hostile: it is bounded in bytes, depth and nodes, aliases are walked and never multiplied
beyond that bound, and no tag makes anything but text, lists and mappings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from upshot.cli.desk import EXTRA, Refused

if TYPE_CHECKING:
    import yaml

MOST_BYTES: Final = 256 * 1024
_MOST_NODES: Final = 50_000
_DEEPEST: Final = 40
_TAG: Final = "tag:yaml.org,2002:"


class Unreadable(Exception):
    """No YAML of a bounded size; `line` is where it ends to be, 0 for nowhere."""

    def __init__(self, why: str, line: int = 0) -> None:
        super().__init__(why)
        self.line = line


class Text(Struct, frozen=True):
    """A scalar as it is written, with the line of its first character."""

    text: str
    line: int
    is_block: bool = False
    """A block scalar: its text begins on the line after."""

    @property
    def has_expression(self) -> bool:
        return "${{" in self.text

    def line_of(self, offset: int) -> int:
        """The line of a character of the text."""
        return self.line + self.text.count("\n", 0, offset) + self.is_block


class Tree(Struct, frozen=True):
    """A mapping or a list, with the line of its first character."""

    line: int
    entries: Mapping[str, Value] = {}
    keys: Mapping[str, int] = {}
    """Key -> its line."""
    items: Sequence[Value] = ()

    def tree(self, key: str) -> Tree:
        """The mapping or list there; an empty one for anything else."""
        found = self.entries.get(key)
        return found if isinstance(found, Tree) else Tree(self.keys.get(key, self.line))

    def text(self, key: str) -> Text | None:
        """The scalar there; None for anything else, and for an empty one."""
        found = self.entries.get(key)
        return found if isinstance(found, Text) and found.text.strip() else None

    def texts(self) -> Mapping[str, Text]:
        """The scalars among the entries."""
        return {key: each for key, each in self.entries.items() if isinstance(each, Text)}


Value = Text | Tree


def parse_yaml(data: bytes) -> Value:
    """The file as values. Raises Unreadable, and Refused where there is no library for YAML."""
    try:
        import yaml
    except ImportError:
        raise Refused("workflow files are read by PyYAML, which is not here", hint=EXTRA) from None
    if len(data) > MOST_BYTES:
        raise Unreadable(f"larger than {MOST_BYTES:,} bytes")
    try:
        node = yaml.compose(data.decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError:
        raise Unreadable("no UTF-8") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Unreadable(error.problem or "no YAML", mark.line + 1 if mark else 0) from None
    except yaml.YAMLError:
        raise Unreadable("no YAML") from None
    except RecursionError:
        raise Unreadable("nested too deeply") from None
    if node is None:
        raise Unreadable("empty")
    return _Walk(yaml).value(node, 0)


class _Walk:
    """From nodes to values, with a bound for all of them together."""

    def __init__(self, library: Any) -> None:
        self._yaml = library
        self._left = _MOST_NODES

    def value(self, node: yaml.Node, depth: int) -> Value:
        self._left -= 1
        line = node.start_mark.line + 1
        if self._left < 0 or depth > _DEEPEST:
            raise Unreadable("nested too deeply, or too much by aliases", line)
        if isinstance(node, self._yaml.MappingNode):
            entries: dict[str, Value] = {}
            keys: dict[str, int] = {}
            for key, value in node.value:
                name = key.value if isinstance(key, self._yaml.ScalarNode) else ""
                keys.setdefault(name, key.start_mark.line + 1)
                entries.setdefault(name, self.value(value, depth + 1))
            return Tree(line, entries, keys)
        if isinstance(node, self._yaml.SequenceNode):
            return Tree(line, items=[self.value(item, depth + 1) for item in node.value])
        is_null = node.tag == f"{_TAG}null"
        return Text(
            "" if is_null else str(node.value),
            line,
            is_block=getattr(node, "style", None) in {"|", ">"},
        )
