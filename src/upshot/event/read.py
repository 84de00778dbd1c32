"""From the runner's variables and the payload to one `Event`; makes no request.

Works on GitHub Enterprise Server as on github.com: addresses come from the runner's variables.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import json

from upshot.errors import EventError
from upshot.event.addresses import parse_addresses
from upshot.event.payload import (
    LONGEST_TEXT,
    find_identifier,
    find_sha,
    find_text,
    is_repository,
    parse_sha,
)
from upshot.event.targets import find_source_run, find_target
from upshot.event.values import Comment, Event, Target
from upshot.lenient import look
from upshot.model import Run
from upshot.workspace import read_text

PAYLOAD_LIMIT_BYTES = 32 * 1024 * 1024
# Which object of the payload is the comment.
_COMMENTS = {
    "issue_comment": "comment",
    "pull_request_review": "review",
    "pull_request_review_comment": "comment",
}


def load_payload(env: Mapping[str, str]) -> dict[str, object]:
    """The event's payload, the file of GITHUB_EVENT_PATH; empty where the runner names none.

    Raises EventError for a file that cannot be read, is no JSON object, or is over 32 MiB.
    """
    path = env.get("GITHUB_EVENT_PATH", "")
    if not path:
        return {}
    try:
        payload = json.decode(read_text(path, limit_bytes=PAYLOAD_LIMIT_BYTES))
    except (OSError, ValueError, RecursionError) as fault:
        raise EventError(
            f"the event payload in GITHUB_EVENT_PATH cannot be read: {type(fault).__name__}"
        ) from None
    if not isinstance(payload, dict):
        raise EventError("the event payload in GITHUB_EVENT_PATH is not a JSON object")
    return payload


def read_event(
    env: Mapping[str, str], payload: Mapping[str, Any], *, pr_number: int | None = None
) -> Event:
    """The event. `pr_number` (the input) overrides which pull request is meant.

    Raises EventError when the runner's own variables are missing or wrong, or when the payload is
    no object. Any other payload gives an event with few fields set.
    """
    if not isinstance(payload, Mapping):
        raise EventError(
            "the event payload is not a JSON object", hint="Nothing to do for you: run it again."
        )
    name = env.get("GITHUB_EVENT_NAME", "")
    repository = env.get("GITHUB_REPOSITORY", "")
    if not name or not is_repository(repository):
        raise EventError(
            "GITHUB_EVENT_NAME or GITHUB_REPOSITORY is missing or not 'owner/name'",
            hint="Upshot runs as a step of a GitHub Actions job, which sets both.",
        )
    addresses = parse_addresses(
        *(env.get(f"GITHUB_{name}_URL", "") for name in ("API", "GRAPHQL", "SERVER"))
    )
    target = find_target(name, payload, env, pr_number=pr_number)
    actor = env.get("GITHUB_ACTOR", "")
    return Event(
        name=name,
        action=find_text(payload, "action"),
        repository=repository,
        run=_run(env, repository, addresses.server, sha=_subject_sha(target, env)),
        number=target.number,
        head_sha=target.head_sha,
        head_repository=target.head_repository,
        head_branch=target.head_branch,
        base_sha=target.base_sha,
        base_ref=target.base_ref,
        is_fork=target.is_fork,
        is_head_pinned=target.is_head_pinned,
        actor=actor,
        triggering_actor=env.get("GITHUB_TRIGGERING_ACTOR", "") or actor,
        sender_type=find_text(payload, "sender", "type"),
        comment=_comment(name, payload),
        default_branch=find_text(payload, "repository", "default_branch"),
        addresses=addresses,
        source_run=find_source_run(name, payload),
        sender=find_text(payload, "sender", "login"),
        sender_id=find_identifier(payload, "sender", "id"),
    )


def _run(env: Mapping[str, str], repository: str, server_url: str, *, sha: str) -> Run:
    return Run(
        repository=repository,
        server_url=server_url,
        run_id=env.get("GITHUB_RUN_ID", ""),
        run_attempt=env.get("GITHUB_RUN_ATTEMPT", "") or "1",
        workflow=env.get("GITHUB_WORKFLOW", ""),
        job=env.get("GITHUB_JOB", ""),
        sha=sha,
        actor=env.get("GITHUB_ACTOR", ""),
    )


def _subject_sha(target: Target, env: Mapping[str, str]) -> str:
    """The head, else the commit that GitHub runs, but never for a pull request still unknown."""
    if target.head_sha or target.number is not None:
        return target.head_sha
    return parse_sha(env.get("GITHUB_SHA", ""))


def _comment(name: str, payload: Mapping[str, Any]) -> Comment | None:
    found = look(payload, _COMMENTS.get(name, ""))
    if not isinstance(found, Mapping):
        return None
    submitted = find_text(found, "submitted_at")
    return Comment(
        id=find_identifier(found, "id"),
        author=find_text(found, "user", "login"),
        author_id=find_identifier(found, "user", "id"),
        author_type=find_text(found, "user", "type"),
        body=find_text(found, "body", longest=LONGEST_TEXT),
        created_at=find_text(found, "created_at") or submitted,
        updated_at=find_text(found, "updated_at") or submitted,
        commit_sha=find_sha(found, "commit_id"),
        node_id=find_text(found, "node_id"),
        is_by_app=look(found, "performed_via_github_app") is not None,
    )
