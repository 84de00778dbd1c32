"""GitHub's own description of its REST interface, as the judge of requests and answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse

from upshot_sandbox.journal import Recorded

SLICE: Final = Path(__file__).with_name("github-openapi.json")
_SERVER: Final = "https://api.github.com"
_ENTERPRISE: Final = "/api/v3"


class Description:
    """Judges one request at a time; an empty text means that there is nothing to say."""

    def __init__(self) -> None:
        document = json.loads(SLICE.read_text(encoding="utf-8"))
        self._openapi = OpenAPI.from_dict(document)
        self._paths: dict[str, Any] = document["paths"]
        self._parameters: dict[str, Any] = document["components"]["parameters"]

    @property
    def operations(self) -> set[str]:
        """`METHOD /path/{template}` of each described operation."""
        return {
            f"{method.upper()} {path}"
            for path, item in self._paths.items()
            for method in item
            if method != "parameters"
        }

    def operation(self, sent: Recorded) -> str:
        """The operation that the request is; empty when the description knows none.

        A template without a variable at some place wins over one with it (OpenAPI 3.0).
        """
        path = sent.path.removeprefix(_ENTERPRISE)
        fits = [
            f"{sent.method} {template}"
            for template in self._paths
            if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)), path)
        ]
        return min(fits, key=lambda line: line.count("{"), default="")

    def judge_request(self, sent: Recorded) -> str:
        """What is wrong with the request."""
        known = set(self._query_names(self.operation(sent)))
        if unknown := set(sent.query) - known:
            return f"query: {sorted(unknown)} not among {sorted(known)}"
        try:
            self._openapi.validate_request(_request(sent))
        except OpenAPIError as error:
            return _said(error)
        return ""

    def judge_reply(self, sent: Recorded) -> str:
        """What is wrong with the answer that the request got."""
        if sent.status == 204:
            return "a body with 204" if sent.reply else ""
        kind = sent.reply_headers.get("content-type", "").partition(";")[0]
        reply = MockResponse(sent.reply, sent.status, sent.reply_headers, content_type=kind)
        try:
            self._openapi.validate_response(_request(sent), reply)
        except OpenAPIError as error:
            return _said(error)
        return ""

    def _query_names(self, operation: str) -> Iterator[str]:
        method, _, template = operation.partition(" ")
        item = self._paths[template]
        for given in [*item.get("parameters", []), *item[method.lower()].get("parameters", [])]:
            name = given.get("$ref", "").rpartition("/")[2]
            found = self._parameters[name] if name else given
            if found["in"] == "query":
                yield found["name"]


def _request(sent: Recorded) -> MockRequest:
    return MockRequest(
        _SERVER,
        sent.method.lower(),
        sent.path.removeprefix(_ENTERPRISE),
        args=sent.query,
        headers=sent.headers,
        data=sent.body or None,
        content_type=sent.headers.get("content-type", "").partition(";")[0],
    )


def _said(error: OpenAPIError) -> str:
    cause = error.__cause__ or error
    details = getattr(cause, "schema_errors", None) or [cause]
    places = (".".join(map(str, getattr(found, "path", ()))) for found in details)
    lines = (str(found).splitlines()[0] for found in details)
    told = "; ".join(f"{place}: {line}" for place, line in zip(places, lines, strict=True))
    return f"{type(error).__name__} {told}"
