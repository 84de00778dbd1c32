"""Payloads that GitHub has sent, all of them, through our reading of events."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from tests.judges.conftest import MODULES

from upshot.errors import EventError
from upshot.event import Event, read_event

pytestmark = [pytest.mark.judges, pytest.mark.usefixtures("modules")]

OWN_SHA = "c" * 40
ZERO = "0" * 40
PULL_EVENTS = ["pull_request", "pull_request_review", "pull_request_review_comment"]


@cache
def examples() -> dict[str, list[dict[str, Any]]]:
    """Name of the event -> payloads."""
    index = MODULES / "@octokit/webhooks-examples/api.github.com/index.json"
    return {found["name"]: found["examples"] for found in json.loads(index.read_text("utf-8"))}


def repository_of(payload: Mapping[str, Any]) -> str:
    found: str = (payload.get("repository") or {}).get("full_name", "octo-org/octo-repo")
    return found


def read(name: str, payload: Any, **over: str) -> Event:
    repository = repository_of(payload) if isinstance(payload, dict) else "octo-org/octo-repo"
    env = {
        "GITHUB_EVENT_NAME": name,
        "GITHUB_REPOSITORY": repository,
        "GITHUB_SHA": OWN_SHA,
        "GITHUB_RUN_ID": "99",
        "GITHUB_ACTOR": "octocat",
        **over,
    }
    return read_event(env, payload)


def of(*names: str) -> Iterator[tuple[dict[str, Any], Event]]:
    for name in names:
        assert examples()[name], name
        for payload in examples()[name]:
            yield payload, read(name, payload)


def test_no_payload_is_too_much() -> None:
    count = 0
    for name, payloads in examples().items():
        for payload in payloads:
            event = read(name, payload)
            assert (event.name, event.action) == (name, payload.get("action") or "")
            count += 1
    assert count >= 300


def test_no_payload_is_too_much_under_another_events_name() -> None:
    for name in examples():
        for payloads in examples().values():
            assert read(name, payloads[0]).name == name


def test_what_is_no_object_is_an_event_error() -> None:
    with pytest.raises(EventError, match="not a JSON object"):
        read("push", [examples()["push"][0]])


def test_a_pull_request_and_its_head() -> None:
    for payload, event in of(*PULL_EVENTS):
        pull = payload["pull_request"]
        assert event.number == pull["number"]
        assert (event.head_sha, event.base_sha) == (pull["head"]["sha"], pull["base"]["sha"])
        assert (event.head_branch, event.base_ref) == (pull["head"]["ref"], pull["base"]["ref"])
        assert event.is_fork == (pull["head"]["repo"]["id"] != pull["base"]["repo"]["id"])
        assert event.run.sha == pull["head"]["sha"]


@pytest.mark.parametrize("repo", [{"id": 1, "full_name": "eve/Hello-World", "fork": True}, None])
def test_a_pull_request_of_a_fork_also_when_it_is_deleted(repo: dict[str, Any] | None) -> None:
    for payload in examples()["pull_request"]:
        pull = payload["pull_request"]
        changed = payload | {"pull_request": pull | {"head": pull["head"] | {"repo": repo}}}
        event = read("pull_request", changed)
        assert event.is_fork is True
        assert event.head_repository == (repo or {}).get("full_name", "")
        assert event.is_checkout_foreign


def test_a_comment_has_its_author_and_times() -> None:
    kinds = {"issue_comment": "comment", "pull_request_review": "review"}
    for name, key in kinds.items():
        for payload, event in of(name):
            found, comment = payload[key], event.comment
            assert comment is not None
            assert (comment.id, comment.author) == (found["id"], found["user"]["login"])
            assert (comment.author_id, comment.body) == (found["user"]["id"], found["body"] or "")
            assert event.is_comment_triggered


def test_a_comment_on_an_issue_has_no_pull_request() -> None:
    for payload, event in of("issue_comment"):
        is_pull = "pull_request" in payload["issue"]
        assert event.number == (payload["issue"]["number"] if is_pull else None)
        on_pull = payload | {"issue": payload["issue"] | {"pull_request": {"url": "https://…"}}}
        assert read("issue_comment", on_pull).number == payload["issue"]["number"]


def test_a_push_has_the_commit_unless_the_branch_was_deleted() -> None:
    deleted = 0
    for payload, event in of("push"):
        deleted += payload["deleted"]
        is_branch = payload["ref"].startswith("refs/heads/")
        assert event.head_sha == ("" if payload["deleted"] else payload["after"])
        assert event.base_sha == ("" if payload["before"] == ZERO else payload["before"])
        assert event.head_branch == (payload["ref"].removeprefix("refs/heads/") * is_branch)
        assert (event.number, event.is_fork) == (None, False)
    assert deleted


@pytest.mark.parametrize("name", ["workflow_run", "check_run", "check_suite"])
def test_a_finished_run_names_its_pull_request_where_it_is_of_its_commit(name: str) -> None:
    for payload, event in of(name):
        about = payload[name]
        sha = about["head_sha"]
        listed = about.get("pull_requests", [])
        numbers = [pull["number"] for pull in listed if pull["head"]["sha"] == sha]
        assert event.head_sha == sha
        assert event.number == (numbers[0] if len(numbers) == 1 else None)


def test_a_run_knows_whether_it_was_of_a_fork() -> None:
    for payload, event in of("workflow_run"):
        run = payload["workflow_run"]
        assert event.is_fork == (run["head_repository"]["full_name"] != repository_of(payload))
        assert event.is_head_pinned == (run["event"] == "pull_request")
        pinned = payload | {"workflow_run": run | {"event": "pull_request"}}
        assert read("workflow_run", pinned).is_head_pinned


def test_the_merge_queue_names_its_pull_request_in_the_branch() -> None:
    for payload, event in of("merge_group"):
        group = payload["merge_group"]
        middle = group["head_ref"].split("/pr-")[1]
        assert event.number == int(middle.split("-")[0])
        assert (event.head_sha, event.base_sha) == (group["head_sha"], group["base_sha"])


def test_a_deployment_has_its_commit() -> None:
    for payload, event in of("deployment_status", "deployment"):
        assert event.head_sha == payload["deployment"]["sha"]


def test_who_dispatches_may_name_the_pull_request() -> None:
    for payload, event in of("workflow_dispatch"):
        assert event.head_sha == OWN_SHA
        named = payload | {"inputs": {"pr-number": "12"}}
        assert read("workflow_dispatch", named).number == 12
    for payload, _ in of("repository_dispatch"):
        named = payload | {"client_payload": {"pr-number": 12}}
        assert read("repository_dispatch", named).number == 12
