"""Which pull request and commit an event is about, by kind of event.

Uses the payload alone; what it does not say beyond doubt stays empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from upshot.event.payload import (
    find_identifier,
    find_list,
    find_number,
    find_repository,
    find_sha,
    find_text,
    find_time,
    parse_sha,
)
from upshot.event.values import SourceRun, Target
from upshot.lenient import look

_QUEUE = re.compile(r"refs/heads/gh-readonly-queue/.{1,900}/pr-(\d{1,9})-[0-9a-f]{40}")
_OF_PULL_REQUESTS = frozenset({"pull_request", "pull_request_target"})


def find_target(
    name: str, payload: Mapping[str, Any], env: Mapping[str, str], *, pr_number: int | None
) -> Target:
    """The target of the event called `name`; `pr_number` overrides which pull request it is."""
    target = _BY_EVENT.get(name, _plain)(payload, env)
    if pr_number is None or pr_number == target.number:
        return target
    if target.is_head_pinned:
        return replace(target, number=pr_number)
    return Target(number=pr_number)


def find_source_run(name: str, payload: Mapping[str, Any]) -> SourceRun | None:
    """The run that a `workflow_run` event is about; None for other events and without an id."""
    run = look(payload, "workflow_run") if name == "workflow_run" else None
    run_id = find_identifier(run, "id")
    if run_id is None:
        return None
    return SourceRun(
        str(run_id),
        str(find_number(run, "run_attempt") or 1),
        workflow=find_text(run, "name"),
        started_at=find_time(run, "run_started_at"),
    )


def _pull_request(payload: Mapping[str, Any], _env: Mapping[str, str]) -> Target:
    pull = look(payload, "pull_request")
    head = find_repository(pull, "head", "repo", "full_name")
    base = find_repository(pull, "base", "repo", "full_name") or find_repository(
        payload, "repository", "full_name"
    )
    return Target(
        number=find_number(pull, "number") or find_number(payload, "number"),
        head_sha=find_sha(pull, "head", "sha"),
        head_repository=head,
        head_branch=find_text(pull, "head", "ref"),
        base_sha=find_sha(pull, "base", "sha"),
        base_ref=find_text(pull, "base", "ref"),
        # A deleted fork has no repository any more (`head.repo` is null).
        is_fork=not head or head.lower() != base.lower(),
    )


def _issue_comment(payload: Mapping[str, Any], _env: Mapping[str, str]) -> Target:
    """A comment on an issue has no pull request; one on a pull request does not name its head."""
    if not isinstance(look(payload, "issue", "pull_request"), Mapping):
        return Target()
    return Target(number=find_number(payload, "issue", "number"))


def _workflow_run(payload: Mapping[str, Any], _env: Mapping[str, str]) -> Target:
    run = look(payload, "workflow_run")
    pinned = find_text(run, "event") in _OF_PULL_REQUESTS
    return replace(_checked(payload, run), is_head_pinned=pinned)


def _check_run(payload: Mapping[str, Any], _env: Mapping[str, str]) -> Target:
    return _checked(payload, look(payload, "check_run"))


def _check_suite(payload: Mapping[str, Any], _env: Mapping[str, str]) -> Target:
    return _checked(payload, look(payload, "check_suite"))


def _checked(payload: Mapping[str, Any], subject: Any) -> Target:
    """Events about a commit that list its pull requests: always empty when it comes from a fork.

    Pull requests of other repositories with the same head are not ours, and one whose head has
    moved on is not what the run was about.
    """
    head_sha = find_sha(subject, "head_sha")
    ours = find_identifier(payload, "repository", "id")
    numbers = [
        number
        for pull in find_list(subject, "pull_requests")
        if ours is not None
        and find_identifier(pull, "base", "repo", "id") == ours
        and find_sha(pull, "head", "sha") in {"", head_sha}
        and (number := find_number(pull, "number"))
    ]
    head = find_repository(subject, "head_repository", "full_name")
    base = find_repository(payload, "repository", "full_name")
    return Target(
        number=numbers[0] if len(numbers) == 1 else None,
        head_sha=head_sha,
        head_repository=head,
        head_branch=find_text(subject, "head_branch")
        or find_text(subject, "check_suite", "head_branch"),
        is_fork=head.lower() != base.lower() if head and base else None,
    )


def _push(payload: Mapping[str, Any], env: Mapping[str, str]) -> Target:
    """After a deleted branch `after` is all zeros: no commit, no pull request."""
    ref = find_text(payload, "ref")
    return Target(
        head_sha=find_sha(payload, "after"),
        head_repository=env.get("GITHUB_REPOSITORY", ""),
        head_branch=ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else "",
        base_sha=find_sha(payload, "before"),
        is_fork=False,
    )


def _deployment(payload: Mapping[str, Any], env: Mapping[str, str]) -> Target:
    sha = find_sha(payload, "deployment", "sha")
    return Target(head_sha=sha, head_repository=env.get("GITHUB_REPOSITORY", ""))


def _merge_group(payload: Mapping[str, Any], env: Mapping[str, str]) -> Target:
    """The queue's branch name is the only place that names the pull request."""
    found = _QUEUE.fullmatch(find_text(payload, "merge_group", "head_ref"))
    return Target(
        number=int(found[1]) or None if found else None,
        head_sha=find_sha(payload, "merge_group", "head_sha"),
        head_repository=env.get("GITHUB_REPOSITORY", ""),
        base_sha=find_sha(payload, "merge_group", "base_sha"),
        base_ref=find_text(payload, "merge_group", "base_ref").removeprefix("refs/heads/"),
        is_fork=False,
    )


def _dispatched(payload: Mapping[str, Any], env: Mapping[str, str]) -> Target:
    number = find_number(payload, "inputs", "pr-number")
    return Target(number=number) if number else _plain(payload, env)


def _repository_dispatch(payload: Mapping[str, Any], env: Mapping[str, str]) -> Target:
    number = find_number(payload, "client_payload", "pr-number")
    return Target(number=number) if number else Target(head_sha=_own_sha(env))


def _schedule(_payload: Mapping[str, Any], env: Mapping[str, str]) -> Target:
    return Target(head_sha=_own_sha(env), is_fork=False)


def _plain(_payload: Mapping[str, Any], env: Mapping[str, str]) -> Target:
    """Any other event: the commit and branch that GitHub runs."""
    branch = env.get("GITHUB_REF_NAME", "") if env.get("GITHUB_REF_TYPE") == "branch" else ""
    return Target(
        head_sha=_own_sha(env),
        head_repository=env.get("GITHUB_REPOSITORY", ""),
        head_branch=branch,
        is_fork=False,
    )


def _own_sha(env: Mapping[str, str]) -> str:
    return parse_sha(env.get("GITHUB_SHA", ""))


_BY_EVENT: dict[str, Callable[[Mapping[str, Any], Mapping[str, str]], Target]] = {
    "check_run": _check_run,
    "check_suite": _check_suite,
    "deployment": _deployment,
    "deployment_status": _deployment,
    "issue_comment": _issue_comment,
    "merge_group": _merge_group,
    "pull_request": _pull_request,
    "pull_request_review": _pull_request,
    "pull_request_review_comment": _pull_request,
    "pull_request_target": _pull_request,
    "push": _push,
    "repository_dispatch": _repository_dispatch,
    "schedule": _schedule,
    "workflow_dispatch": _dispatched,
    "workflow_run": _workflow_run,
}
