"""The rules of the wire that both services share: how a request is read and how it is refused."""

from __future__ import annotations

import json
import types
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from aiohttp import web

from upshot_sandbox.journal import Journal

T = TypeVar("T", bound=msgspec.Struct)


class Refusal(Exception):
    """The service says no: `body` is sent as JSON, or as plain text when it is a string."""

    def __init__(
        self, status: int, body: Mapping[str, Any] | str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.headers = dict(headers or {})

    def response(self) -> web.Response:
        if isinstance(self.body, str):
            return web.Response(status=self.status, text=self.body, headers=self.headers)
        return web.json_response(self.body, status=self.status, headers=self.headers)


class Malformed(Exception):
    """The request's body or headers break a rule; the text says which."""


def line_of(request: web.Request) -> str:
    """`METHOD /path`, the path as it was sent."""
    return f"{request.method} {request.rel_url.raw_path}"


async def read_body(request: web.Request, shape: type[T], journal: Journal) -> T:
    """The JSON body as `shape`. Fields that `shape` does not know are noted as violations.

    Raises `Malformed` when it is not sent as JSON, is not JSON, or does not fit.
    """
    if request.content_type != "application/json":
        raise Malformed(f"Content-Type must be application/json, not {request.content_type}")
    try:
        found = json.loads(await request.read())
        body = msgspec.convert(found, shape)
    except (ValueError, RecursionError, msgspec.ValidationError) as error:
        raise Malformed(f"body: {error}") from error
    for name in unknown_fields(found, shape):
        journal.violation(line_of(request), f"body: unknown field {name}")
    return body


def unknown_fields(found: Any, shape: Any, path: str = "") -> Iterator[str]:
    """Dotted names of the fields in `found` that no struct of `shape` has, at any depth."""
    struct = _struct_of(shape)
    if isinstance(found, list):
        for item in found:
            yield from unknown_fields(item, next(iter(get_args(shape)), Any), path)
    if struct is None or not isinstance(found, dict):
        return
    hints = get_type_hints(struct)
    known = {f.encode_name: hints[f.name] for f in msgspec.structs.fields(struct)}
    for name, value in found.items():
        where = f"{path}.{name}".lstrip(".")
        if name not in known:
            yield where
        else:
            yield from unknown_fields(value, known[name], where)


def _struct_of(shape: Any) -> type[msgspec.Struct] | None:
    if get_origin(shape) in {Union, types.UnionType}:
        return next((s for s in map(_struct_of, get_args(shape)) if s), None)
    return shape if isinstance(shape, type) and issubclass(shape, msgspec.Struct) else None
