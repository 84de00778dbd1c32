"""GitHub's paging: `per_page`, `page` and the `Link` header."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

_MOST: Final = 100
_USUAL: Final = 30


def paged(request: web.Request, items: list[Any], *, key: str = "") -> web.Response:
    """One page of the items, with links to the others; under `key`, with their number, if given."""
    size = min(max(_number(request, "per_page", _USUAL), 1), _MOST)
    page = max(_number(request, "page", 1), 1)
    last = max(-(-len(items) // size), 1)
    pages = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
    if page <= 1:
        del pages["prev"], pages["first"]
    if page >= last:
        del pages["next"], pages["last"]
    links = [
        f'<{request.url.update_query(per_page=size, page=number)}>; rel="{rel}"'
        for rel, number in pages.items()
    ]
    headers = {"Link": ", ".join(links)} if links else {}
    shown = items[(page - 1) * size : page * size]
    body = {"total_count": len(items), key: shown} if key else shown
    return web.json_response(body, headers=headers)


def _number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, "")
    return int(text) if text.isdecimal() else default
