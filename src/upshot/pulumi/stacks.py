"""The stacks that a token sees, by a part of their names.

Source: service description and shipped client (`ListStacks`): `GET /api/user/stacks` answers
`{"stacks": [{"orgName", "projectName", "stackName", …}], "continuationToken"}`.
"""

from __future__ import annotations

from typing import Final

from upshot.http.calls import Call, decode_json
from upshot.http.client import ServiceClient
from upshot.lenient import as_dict, as_list, as_text
from upshot.model import StackRef

_PATH: Final = "/api/user/stacks"
_MOST_PAGES: Final = 20


def find_stacks(client: ServiceClient, wanted: StackRef) -> tuple[StackRef, ...]:
    """The qualified names of all stacks that agree with `wanted`, of at most 20 pages.

    Raises ServiceError.
    """
    found: list[StackRef] = []
    token = ""
    for _ in range(_MOST_PAGES):
        given = (
            ("organization", wanted.organization),
            ("project", wanted.project),
            ("continuationToken", token),
        )
        params = tuple((name, value) for name, value in given if value)
        reply = as_dict(decode_json(client.send(Call(path=_PATH, params=params)), object))
        for record in as_list(reply.get("stacks")):
            names = as_dict(record)
            ref = StackRef(
                as_text(names.get("orgName")),
                as_text(names.get("projectName")),
                as_text(names.get("stackName")),
            )
            if ref.is_qualified and ref.agrees(wanted):
                found.append(ref)
        token = as_text(reply.get("continuationToken"))
        if not token:
            break
    return tuple(dict.fromkeys(found))
