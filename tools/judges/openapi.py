"""Cuts GitHub's OpenAPI description down to what Upshot and its sandbox speak (`make slice`).

The description is the npm package `@octokit/openapi` (MIT), made from GitHub's own
`rest-api-description` (MIT). It has 385 MB, the slice 0.1 MB: only the slice is kept here.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
WHOLE: Final = ROOT / "build/judges/node_modules/@octokit/openapi/generated/api.github.com.json"
SLICE: Final = ROOT / "tests/judges/github-openapi.json"
_REPOSITORY: Final = "/repos/{owner}/{repo}"
OPERATIONS: Final = {
    "/user": ["get"],
    _REPOSITORY: ["get"],
    f"{_REPOSITORY}/actions/jobs/{{job_id}}/logs": ["get"],
    f"{_REPOSITORY}/actions/runs/{{run_id}}/attempts/{{attempt_number}}": ["get"],
    f"{_REPOSITORY}/actions/runs/{{run_id}}/attempts/{{attempt_number}}/jobs": ["get"],
    f"{_REPOSITORY}/actions/runs": ["get"],
    f"{_REPOSITORY}/actions/runs/{{run_id}}": ["get"],
    f"{_REPOSITORY}/actions/runs/{{run_id}}/approvals": ["get"],
    f"{_REPOSITORY}/actions/runs/{{run_id}}/rerun-failed-jobs": ["post"],
    f"{_REPOSITORY}/actions/workflows/{{workflow_id}}/dispatches": ["post"],
    f"{_REPOSITORY}/activity": ["get"],
    f"{_REPOSITORY}/actions/secrets/public-key": ["get"],
    f"{_REPOSITORY}/actions/secrets/{{secret_name}}": ["put"],
    f"{_REPOSITORY}/collaborators/{{username}}/permission": ["get"],
    f"{_REPOSITORY}/commits/{{commit_sha}}/pulls": ["get"],
    f"{_REPOSITORY}/commits/{{ref}}": ["get"],
    f"{_REPOSITORY}/commits/{{ref}}/statuses": ["get"],
    f"{_REPOSITORY}/environments/{{environment_name}}/secrets/public-key": ["get"],
    f"{_REPOSITORY}/environments/{{environment_name}}/secrets/{{secret_name}}": ["put"],
    f"{_REPOSITORY}/issues": ["get", "post"],
    f"{_REPOSITORY}/issues/{{issue_number}}": ["get", "patch"],
    f"{_REPOSITORY}/issues/{{issue_number}}/comments": ["get", "post"],
    f"{_REPOSITORY}/issues/comments/{{comment_id}}": ["get", "patch", "delete"],
    f"{_REPOSITORY}/issues/comments/{{comment_id}}/reactions": ["post"],
    f"{_REPOSITORY}/issues/{{issue_number}}/labels": ["get", "post"],
    f"{_REPOSITORY}/issues/{{issue_number}}/labels/{{name}}": ["delete"],
    f"{_REPOSITORY}/labels": ["post"],
    f"{_REPOSITORY}/labels/{{name}}": ["get", "delete"],
    f"{_REPOSITORY}/pulls": ["get"],
    f"{_REPOSITORY}/pulls/comments/{{comment_id}}/reactions": ["post"],
    f"{_REPOSITORY}/pulls/{{pull_number}}": ["get"],
    f"{_REPOSITORY}/pulls/{{pull_number}}/reviews": ["get"],
    f"{_REPOSITORY}/statuses/{{sha}}": ["post"],
    "/orgs/{org}/teams/{team_slug}": ["get"],
    "/orgs/{org}/teams/{team_slug}/memberships/{username}": ["get"],
}
_COMPONENT: Final = "#/components/"
_PROSE: Final = frozenset({"summary", "example", "examples", "externalDocs"})
"""Says nothing about validity; nor does `description`, but a response must have one."""


def cut(whole: dict[str, Any]) -> dict[str, Any]:
    """The description of `OPERATIONS` and of the components that they reach, without prose."""
    paths = {path: _of_path(whole["paths"][path], kept) for path, kept in OPERATIONS.items()}
    components: dict[str, dict[str, Any]] = {}
    todo = list(_references(paths))
    while todo:
        kind, name = todo.pop()
        if name not in components.setdefault(kind, {}):
            found = _without_prose(whole["components"][kind][name])
            components[kind][name] = found
            todo += _references(found)
    return {
        "openapi": whole["openapi"],
        "info": {
            "title": whole["info"]["title"],
            "version": whole["info"]["version"],
            "description": "Cut by tools/judges/openapi.py from the npm package @octokit/openapi.",
            "license": whole["info"]["license"],
        },
        "servers": whole["servers"],
        "paths": paths,
        "components": {
            kind: dict(sorted(found.items())) for kind, found in sorted(components.items())
        },
    }


def _of_path(item: dict[str, Any], methods: list[str]) -> dict[str, Any]:
    shared = {name: item[name] for name in ("parameters",) if name in item}
    found: dict[str, Any] = _without_prose(shared | {method: item[method] for method in methods})
    return found


def _without_prose(node: Any, *, are_names: bool = False) -> Any:
    """`are_names`: the keys are the API's own names, one of which may be `description`."""
    if isinstance(node, list):
        return [_without_prose(item) for item in node]
    if not isinstance(node, dict):
        return node
    if not are_names and isinstance(node.get("description"), str):
        node = node | {"description": ""}
    if not are_names and node.get("nullable") is True and isinstance(node.get("enum"), list):
        # OpenAPI 3.0 wants null in the list, too; GitHub forgets it for what a running job lacks.
        node = node | {"enum": [*(word for word in node["enum"] if word is not None), None]}
    return {
        key: _without_prose(value, are_names=key == "properties" and not are_names)
        for key, value in node.items()
        if are_names or not (key in _PROSE or key.startswith("x-"))
    }


def _references(node: Any) -> Iterator[tuple[str, str]]:
    """(kind, name) of each component that the node names."""
    if isinstance(node, list):
        for item in node:
            yield from _references(item)
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith(_COMPONENT):
            kind, _, name = reference.removeprefix(_COMPONENT).partition("/")
            yield kind, name
        for value in node.values():
            yield from _references(value)


def main(argv: list[str]) -> int:
    """Writes the slice; with `--check` only tells whether it is the one that would be written."""
    slice_ = cut(json.loads(WHOLE.read_text(encoding="utf-8")))
    text = json.dumps(slice_, indent=1, ensure_ascii=False) + "\n"
    if argv == ["--check"]:
        is_same = SLICE.read_text(encoding="utf-8") == text
        print(SLICE.name, "is up to date" if is_same else "differs: run make slice")
        return 0 if is_same else 1
    SLICE.write_text(text, encoding="utf-8")
    print(len(OPERATIONS), "paths,", len(text), "characters")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
