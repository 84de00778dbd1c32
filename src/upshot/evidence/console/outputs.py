"""The section `Outputs:` of the display: each output of the stack, with its sign and its value.

::

    Outputs:
      ~ address: "a.example" => "b.example"
        bucket : "assets"
      + list   : [
      +     [0]: 1
        ]

A value of several lines is kept as they stand (shipped client: `printObject`).
"""

from __future__ import annotations

from typing import Final

from upshot.evidence.properties.shown import SECRET, is_secret_name
from upshot.model import StackOutput
from upshot.text import pattern

_LINE = pattern(
    r" {2}(?P<sign>[-+~ ]) (?P<name>\"[^\"]{1,200}\"|[A-Za-z_$][\w.$/@-]{0,200}) *: (?P<value>\S.*)$"
)
_PAIR = pattern(r"(?P<old>\"(?:[^\"\\]|\\.)*\"|.+?) => (?P<new>.+)")
_MOST: Final = 500
_VALUE_CHARS: Final = 2_000


class OutputSection:
    """Takes the lines below the heading."""

    def __init__(self) -> None:
        self._found: list[tuple[str, str, list[str]]] = []
        """Sign, name, and the lines of the value."""

    def feed(self, line: str) -> None:
        match = _LINE.match(line)
        if match and len(self._found) < _MOST:
            self._found.append((match["sign"], match["name"].strip('"'), [match["value"].rstrip()]))
        elif self._found and line[:4].strip(" -+~") == "" and line.strip():
            self._found[-1][2].append(line.rstrip()[:_VALUE_CHARS])

    def outputs(self) -> tuple[StackOutput, ...]:
        return tuple(_output(*each) for each in self._found)


def _output(sign: str, name: str, lines: list[str]) -> StackOutput:
    text = "\n".join(lines)[:_VALUE_CHARS]
    pair = _PAIR.fullmatch(text) if sign == "~" and len(lines) == 1 else None
    old = pair["old"] if pair else text
    new = pair["new"] if pair else text
    if is_secret_name(name):
        old = new = SECRET
    if sign == "~" and pair is None:
        old = ""  # what changes stands in the lines, with their signs
    return StackOutput(name, "" if sign == "+" else old, "" if sign == "-" else new)
