"""Entities of a Neo task: what we attach, and what comes back, with addresses that we build.

An address of a pull request is made here from checked parts, never taken from a text.
"""

from __future__ import annotations

import re
from typing import Any, Final

from upshot.lenient import as_text
from upshot.model import StackRef
from upshot.pulumi.neo.events import Entity

_HOSTS: Final = {"": "github.com", "github": "github.com", "gitlab": "gitlab.com"}
_PATHS: Final = {"gitlab": "-/merge_requests"}
_OWNER: Final = re.compile(r"[A-Za-z0-9._-]{1,100}(?:/[A-Za-z0-9._-]{1,100}){0,10}")
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")
_HOST: Final = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}")


def build_stack_entity(stack: StackRef) -> dict[str, str]:
    """Today's wire; never with an empty name or project, which the service refuses."""
    return {"type": "stack", "name": stack.stack, "project": stack.project}


def build_documented_entity(stack: StackRef) -> dict[str, str]:
    """The documented wire knows a `type` and an `id` only."""
    return {"type": "stack", "id": stack.stack}


def parse_entity(raw: dict[str, Any]) -> Entity:
    """One entity of either wire; parts that are not text are empty."""
    kind = as_text(raw.get("type"))
    if kind == "pull_request":
        return Entity(type=kind, url=_pull_request_url(raw))
    name = as_text(raw.get("name")) or as_text(raw.get("id"))
    return Entity(type=kind, name=name, project=as_text(raw.get("project")))


def _pull_request_url(raw: dict[str, Any]) -> str:
    # The service description names the key `repo`, the documentation shows `repository`.
    repo = raw.get("repo") or raw.get("repository")
    number = raw.get("number")
    if not isinstance(repo, dict) or type(number) is not int or number < 1:
        return ""
    forge, owner, name = (as_text(repo.get(key)) for key in ("forge", "org", "name"))
    host = as_text(repo.get("host")) or _HOSTS.get(forge, "")
    if not (_HOST.fullmatch(host) and _OWNER.fullmatch(owner) and _NAME.fullmatch(name)):
        return ""
    return f"https://{host}/{owner}/{name}/{_PATHS.get(forge, 'pull')}/{number}"
