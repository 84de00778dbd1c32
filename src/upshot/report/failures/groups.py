"""Equal failures together: `240 x AccessDenied: iam:CreateRole`, and the names of the resources. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from upshot.model import Failure
from upshot.report.words import number
from upshot.text import pattern

GROUPED: Final = 5
"""So many equal failures, or more, share a row."""
_VARIES: Final = pattern(
    r"urn:pulumi:\S+|arn:\S+|'[^'\n]*'|\"[^\"\n]*\"|`[^`\n]*`|\([^()\n]*\)|[\w.-]*\d[\w.-]*"
)
_RIGHT: Final = pattern(
    r"(?<![\w:/])(?:[a-z][a-z0-9-]{1,40}:[A-Z][A-Za-z]{2,60}"  # iam:CreateRole
    r"|Microsoft\.\w{1,60}(?:/\w{1,60}){1,6}"  # Microsoft.Storage/storageAccounts/write
    r"|[a-z][a-z0-9]{1,30}\.[a-z][A-Za-z]{1,40}\.[a-z][A-Za-z]{1,40})(?![\w:/.])"  # storage.buckets.create
)


class FailureGroup(Struct, frozen=True):
    """Resources of one type, or errors without one, that failed in the same way; mostly one."""

    members: tuple[Failure, ...]

    @property
    def first(self) -> Failure:
        return self.members[0]

    @property
    def count(self) -> str:
        """`240 resources`, or `240 errors` where the evidence names no resource."""
        noun = "resource" if self.first.type or self.first.name or self.first.urn else "error"
        return number(len(self.members), noun)

    @property
    def what(self) -> str:
        """What they have in common, short: the error's code, and the right that is missing."""
        code = self.first.error_code
        rights = [_RIGHT.search(member.headline) for member in self.members]
        found = {match[0] for match in rights if match}
        right = found.pop() if len(found) == 1 and all(rights) else ""
        return ": ".join(filter(None, (code, right)))


def stable_words(failure: Failure) -> str:
    """What a failure says, without what differs from resource to resource: names, numbers, quotes."""
    said = failure.headline
    if failure.name:
        said = said.replace(failure.name, "")
    return " ".join(_VARIES.sub("", said).split())


def group_failures(failures: Sequence[Failure]) -> list[FailureGroup]:
    """The failures in their order, equal ones together where the first of them stands."""
    keys = [_key(failure) for failure in failures]
    alike: dict[object, list[Failure]] = {}
    for key, failure in zip(keys, failures, strict=True):
        alike.setdefault(key, []).append(failure)
    groups: list[FailureGroup] = []
    for key, failure in zip(keys, failures, strict=True):
        members = alike[key]
        if len(members) >= GROUPED:
            groups.append(FailureGroup(tuple(members)))
            members.clear()
        elif failure in members:
            groups.append(FailureGroup((failure,)))
    return groups


def _key(failure: Failure) -> object:
    codes = failure.error_code, failure.status_code
    return failure.type, failure.operation, codes, stable_words(failure)
