"""Which update a run of a workflow made: the run decides, then the commit, then the PR."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from upshot.errors import ServiceUnavailable
from upshot.model import StackRef
from upshot.pulumi.search import Criteria, find_update, score_match
from upshot.pulumi.update_info import UpdateInfo

if TYPE_CHECKING:
    from .conftest import MakeClient

STACK = StackRef("acme", "web", "prod")
PREFIX = "/api/stacks/acme/web/prod"
HEAD = "a" * 40
RUN = Criteria(build_id="77", shas=(HEAD,), pr_number=5)


def record(version: int, *, at: int = 0, kind: str = "update", **environment: str) -> Any:
    env = {key.replace("_", "."): value for key, value in environment.items()}
    info = {"kind": kind, "startTime": at or version, "environment": env, "result": "failed"}
    return {"info": info, "version": version, "updateID": f"uuid-{kind}-{version}-{at}"}


class Cloud:
    """One stack's updates and previews; tells what was asked for."""

    def __init__(self, latest: Any = None, previews: Any = (), history: Any = ()) -> None:
        self.latest, self.previews, self.history = latest, previews, history
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        tail = request.url.path.removeprefix(PREFIX)
        self.asked.append(tail)
        if tail == "/updates/latest":
            return httpx.Response(200, json=self.latest) if self.latest else httpx.Response(404)
        if tail == "/updates/latest/previews":
            assert request.url.params["asc"] == "false"
            return httpx.Response(200, json={"updates": _page(request, self.previews)})
        assert tail == "/updates"
        assert request.url.params["output-type"] == "service"
        return httpx.Response(200, json={"updates": _page(request, self.history)})


def _page(request: httpx.Request, records: Any) -> list[Any]:
    page, size = int(request.url.params["page"]), int(request.url.params["pageSize"])
    return list(records)[(page - 1) * size : page * size]


def test_the_latest_update_of_this_run_is_found_with_one_request(make_client: MakeClient) -> None:
    cloud = Cloud(latest=record(41, ci_build_id="77"))
    found = find_update(make_client(cloud), STACK, RUN, console="https://app.pulumi.com")
    assert found.subject
    assert (found.subject.version, found.subject.is_preview) == (41, False)
    assert found.subject.console == "https://app.pulumi.com"
    assert found.info
    assert cloud.asked == ["/updates/latest"]


def test_the_preview_of_this_run_is_found(make_client: MakeClient) -> None:
    cloud = Cloud(
        latest=record(40, ci_build_id="60"),
        previews=[record(40, kind="preview", at=9, ci_build_id="77")],
    )
    found = find_update(make_client(cloud), STACK, RUN)
    assert found.subject
    assert found.subject.is_preview
    assert found.subject.update_id == "uuid-preview-40-9"


def test_an_update_that_others_have_followed_is_found_in_the_history(
    make_client: MakeClient,
) -> None:
    cloud = Cloud(
        latest=record(43, ci_build_id="80"),
        history=[record(43, ci_build_id="80"), record(42, ci_build_id="77")],
    )
    found = find_update(make_client(cloud), STACK, RUN)
    assert found.subject
    assert found.subject.version == 42


@pytest.mark.parametrize("kind", ["preview", "update"])
def test_a_list_is_read_to_the_page_with_the_run_and_no_further(
    make_client: MakeClient, kind: str
) -> None:
    others = [record(200 - n, kind=kind, at=500 - n, ci_build_id="60") for n in range(70)]
    others[45] = record(155, kind=kind, at=455, ci_build_id="77")
    lists = {"previews": others} if kind == "preview" else {"history": others}
    cloud = Cloud(latest=record(200, at=600, ci_build_id="60"), **lists)
    found = find_update(make_client(cloud), STACK, RUN)
    assert found.info
    assert found.info.update_id == f"uuid-{kind}-155-455"
    assert len(cloud.asked) == 4 + (kind == "update")


def test_a_list_without_end_is_left_after_100(make_client: MakeClient) -> None:
    others = [record(900 - n, at=900 - n, ci_build_id="60") for n in range(300)]
    cloud = Cloud(latest=record(900, at=900, ci_build_id="60"), history=others)
    found = find_update(make_client(cloud), STACK, RUN)
    assert found.subject is None
    assert cloud.asked.count("/updates") == 5
    assert "the 100 latest updates" in found.looked_at[-1]


def test_the_run_beats_the_commit_and_the_commit_beats_the_pull_request(
    make_client: MakeClient,
) -> None:
    by_pr: Any = {"kind": "preview", "at": 300, "ci_pr_number": "5"}
    by_commit: Any = {"kind": "preview", "at": 200, "git_head": HEAD}
    by_run: Any = {"kind": "preview", "at": 100, "ci_build_id": "77"}
    for previews, expected in (
        ([by_pr], "uuid-preview-1-300"),
        ([by_pr, by_commit], "uuid-preview-1-200"),
        ([by_pr, by_commit, by_run], "uuid-preview-1-100"),
    ):
        cloud = Cloud(previews=[record(1, **one) for one in previews])
        found = find_update(make_client(cloud), STACK, RUN)
        assert found.subject
        assert found.subject.update_id == expected


def test_of_equal_matches_the_newest_wins(make_client: MakeClient) -> None:
    cloud = Cloud(
        previews=[
            record(1, kind="preview", at=1, ci_build_id="77"),
            record(1, kind="preview", at=3, ci_build_id="77"),
            record(1, kind="preview", at=2, ci_build_id="77"),
        ]
    )
    found = find_update(make_client(cloud), STACK, RUN)
    assert found.subject
    assert found.subject.update_id == "uuid-preview-1-3"


def test_when_nothing_matches_each_place_is_reported(make_client: MakeClient) -> None:
    cloud = Cloud(latest=record(41, ci_build_id="60", git_head="b" * 40))
    found = find_update(make_client(cloud), STACK, RUN)
    assert found.subject is None
    assert found.looked_at == (
        "the latest update of acme/web/prod: version 41, run 60, commit bbbbbbb",
        "the latest previews of acme/web/prod: there are none",
        "the latest updates of acme/web/prod: there are none",
    )


def test_a_stack_that_was_never_updated_is_reported(make_client: MakeClient) -> None:
    found = find_update(make_client(Cloud()), STACK, RUN)
    assert found.subject is None
    assert "there is none, or the token may not see the stack" in found.looked_at[0]


def test_hostile_metadata_does_not_reach_the_words_for_people(make_client: MakeClient) -> None:
    cloud = Cloud(latest=record(41, ci_build_id="<img>\n::error::@all"))
    told = "\n".join(find_update(make_client(cloud), STACK, RUN).looked_at)
    assert "::error" not in told
    assert "<" not in told
    assert "@" not in told


def test_a_cloud_that_is_down_is_an_error_and_not_nothing(make_client: MakeClient) -> None:
    with pytest.raises(ServiceUnavailable):
        find_update(make_client(lambda _: httpx.Response(500)), STACK, RUN)


@pytest.mark.parametrize(
    ("environment", "score"),
    [
        ({"ci.build.id": "77"}, 3),
        ({"git.head": HEAD}, 2),
        ({"ci.pr.headSHA": HEAD.upper()}, 2),
        ({"ci.pr.number": "5"}, 1),
        ({"ci.build.id": "7"}, 0),
        ({"git.head": HEAD[:7]}, 0),
        ({}, 0),
    ],
)
def test_scores(environment: dict[str, str], score: int) -> None:
    assert score_match(UpdateInfo(environment=environment), RUN) == score


def test_empty_criteria_match_nothing() -> None:
    info = UpdateInfo(environment={"ci.build.id": "", "git.head": "", "ci.pr.number": "0"})
    assert score_match(info, Criteria(shas=("",), pr_number=0)) == 0
    assert str(Criteria()) == "nothing"
    assert str(RUN) == "run 77, commit aaaaaaa, pull request 5"
