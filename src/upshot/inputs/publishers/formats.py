"""The inputs of the files in other tools' formats. Pure; loaded only where one is asked for."""

from __future__ import annotations

from msgspec import Struct

from upshot.inputs.reader import Reader


class FormatInputs(Struct, frozen=True):
    path: str = ""
    """A real path inside the workspace or the runner's scratch folder."""


def parse_sarif(read: Reader) -> FormatInputs:
    return FormatInputs(read.path("sarif-file"))


def parse_junit(read: Reader) -> FormatInputs:
    return FormatInputs(read.path("junit-file"))
