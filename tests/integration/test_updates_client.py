"""Reading a stack's updates over a fake wire: paths, parameters, and what a 404 means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from upshot.errors import ServiceBadReply, ServiceForbidden, ServiceNotFound
from upshot.http.client import ServiceClient
from upshot.model import StackRef
from upshot.pulumi.service import pulumi_cloud
from upshot.pulumi.updates import Updates
from upshot.secret import Secret
from upshot.timing import Deadline, SystemClock

STACK = StackRef("acme", "web", "prod")
UUID = "0b4cf1a7-4c3e-4a49-8d43-9a8f2f1f0f11"
INFO: dict[str, Any] = {
    "info": {"kind": "update", "result": "succeeded", "startTime": 10, "endTime": 30},
    "updateID": UUID,
    "version": 41,
}


def cloud(service: Callable[[httpx.Request], httpx.Response]) -> ServiceClient:
    clock = SystemClock()
    return ServiceClient(
        "https://api.pulumi.com",
        Secret("pul-0123456789abcdef"),
        service=pulumi_cloud(),
        clock=clock,
        deadline=Deadline.after(clock, 60),
        http=httpx.MockTransport(service),
    )


def serving(path: str, reply: object, **params: str) -> ServiceClient:
    """A service that knows one address, and 404 for any other."""

    def service(request: httpx.Request) -> httpx.Response:
        if request.url.path != path:
            return httpx.Response(404, json={"code": 404, "message": "Not Found"})
        assert request.method == "GET"
        assert request.headers["accept"] == "application/vnd.pulumi+8"
        assert dict(request.url.params) == params
        return httpx.Response(200, json=reply)

    return cloud(service)


def nobody() -> ServiceClient:
    """A service that knows nothing."""
    return cloud(lambda _: httpx.Response(404))


@pytest.mark.parametrize(("version", "name"), [("latest", "latest"), (41, "41")])
def test_an_update_by_its_number_or_the_latest(version: int | str, name: str) -> None:
    client = serving(f"/api/stacks/acme/web/prod/updates/{name}", INFO)
    info = Updates(client, STACK).get_update(version)
    assert (info.version, info.update_id, info.result) == (41, UUID, "succeeded")


def test_a_stack_without_updates_has_no_latest() -> None:
    assert Updates(nobody(), STACK).find_latest() is None


def test_an_update_that_is_not_there_is_an_error_when_it_was_named() -> None:
    with pytest.raises(ServiceNotFound, match="/api/stacks/acme/web/prod/updates/7"):
        Updates(nobody(), STACK).get_update(7)


@pytest.mark.parametrize("reply", [{}, [], {"info": {"result": "failed"}}, "no record"])
def test_json_that_is_no_record_is_a_bad_reply(reply: object) -> None:
    updates = Updates(serving("/api/stacks/acme/web/prod/updates/7", reply), STACK)
    with pytest.raises(ServiceBadReply, match="no record"):
        updates.get_update(7)
    updates = Updates(serving(f"/api/stacks/acme/web/prod/previews/{UUID}", reply), STACK)
    with pytest.raises(ServiceBadReply, match="no record"):
        updates.get_preview(UUID)


def test_a_preview_by_its_id() -> None:
    client = serving(f"/api/stacks/acme/web/prod/previews/{UUID}", INFO)
    info = Updates(client, STACK).get_preview(UUID)
    assert (info.is_preview, info.version, info.update_id) == (True, None, UUID)


def test_the_previews_are_asked_for_newest_first() -> None:
    client = serving(
        "/api/stacks/acme/web/prod/updates/latest/previews",
        {"updates": [INFO, INFO], "itemsPerPage": 5, "total": 2},
        asc="false",
        page="1",
        pageSize="5",
    )
    previews = Updates(client, STACK).get_previews(page_size=5)
    assert [one.is_preview for one in previews] == [True, True]
    assert Updates(nobody(), STACK).get_previews() == ()


def test_the_history_is_read_in_the_services_own_form() -> None:
    client = serving(
        "/api/stacks/acme/web/prod/updates",
        {"updates": [INFO]},
        **{"output-type": "service", "page": "1", "pageSize": "3"},
    )
    (info,) = Updates(client, STACK).get_history(page_size=3)
    assert (info.version, info.is_preview) == (41, False)


def test_a_service_that_ignores_the_page_size_is_cut_to_it() -> None:
    client = serving(
        "/api/stacks/acme/web/prod/updates",
        {"updates": [INFO] * 500},
        **{"output-type": "service", "page": "1", "pageSize": "3"},
    )
    assert len(Updates(client, STACK).get_history(page_size=3)) == 3


def test_the_text_as_the_cli_prints_it() -> None:
    path = f"/api/console/stacks/acme/web/prod/updates/{UUID}/summary"
    client = serving(path, {"summary": "Updating (prod)\n"})
    assert Updates(client, STACK).get_text(UUID) == "Updating (prod)\n"
    assert Updates(nobody(), STACK).get_text() == ""


def test_names_are_escaped_in_the_path() -> None:
    odd = StackRef("a b", "c/d", "e?f")
    paths: list[bytes] = []

    def service(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.raw_path)
        return httpx.Response(200, json=INFO)

    Updates(cloud(service), odd).get_update()
    assert paths == [b"/api/stacks/a%20b/c%2Fd/e%3Ff/updates/latest"]


def test_no_access_is_not_the_same_as_no_update() -> None:
    with pytest.raises(ServiceForbidden):
        Updates(cloud(lambda _: httpx.Response(403)), STACK).find_latest()
