"""The input of the pull request's labels. Pure; loaded only where they are asked for."""

from __future__ import annotations

from msgspec import Struct

from upshot.inputs.reader import Reader


class LabelInputs(Struct, frozen=True):
    is_on: bool = False


def parse_labels(read: Reader) -> LabelInputs:
    return LabelInputs(read.flag("labels", default=False))
