"""Rules about what a job may do, and about whose code and text it trusts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from upshot.cli.check.finding import Finding, Level
from upshot.cli.check.parse import Text, Tree
from upshot.cli.check.workflow import Job, Step, Workflow

_TOKEN: Final = "PULUMI_ACCESS_TOKEN"  # noqa: S105 - the name of a variable
_COMMENTS: Final = frozenset({"explain", "ask", "task", "collect"})
_OF_A_PULL_REQUEST: Final = frozenset({"pull_request", "pull_request_target"})
_TRUSTED: Final = frozenset({"pull_request_target", "workflow_run", "issue_comment"})
"""Events whose runs have secrets and a token that may write, regardless of who caused them."""
_FOREIGN_REF: Final = re.compile(
    r"github\.event\.pull_request\.head|github\.head_ref|refs/pull/|"
    r"github\.event\.workflow_run\.(?:head_|pull_requests)|github\.event\.issue\.number"
)
_SECRETS: Final = (
    "pulumi-access-token",
    "github-token",
    "claim-token",
    "powabase-key",
    "slack-webhook-url",
    "teams-webhook-url",
    "webhook-secret",
)
_OWN_TOKEN: Final = re.compile(r"\$\{\{\s*(?:github\.token|secrets\.GITHUB_TOKEN)\s*\}\}")
_PINNED: Final = re.compile(r"@(?:v[0-9]|[0-9a-f]{40}|sha256:)")


def check_rights(step: Step) -> Iterator[Finding]:
    """What an Upshot step may not do, and what it should not be given."""
    yield from _permissions(step)
    yield from _token(step)
    yield from _secrets(step)
    yield from _version(step)
    yield from _runner(step)


def check_forks(workflow: Workflow) -> Iterator[Finding]:
    """Checkouts of a pull request's code in runs that have secrets."""
    events = sorted(workflow.triggers & _TRUSTED)
    if not events:
        return
    for job in workflow.jobs.values():
        for step in job.steps:
            ref = step.given.get("ref")
            is_checkout = step.uses.lower().startswith("actions/checkout")
            if is_checkout and ref is not None and _FOREIGN_REF.search(ref.text):
                yield Finding(
                    "fork",
                    Level.ERROR,
                    ref.line,
                    f"a run of {', '.join(events)} checks out the code of a pull request",
                    "Such a run has secrets and a token that may write: the author of any pull request runs "
                    "their code with them. Run it on `pull_request`, and report in a second workflow: "
                    "docs/forks.md.",
                    "on: pull_request",
                )


def _needed(step: Step) -> Iterator[tuple[str, str, str]]:
    """(permission, level, what for) of what the inputs ask for, by the job's own token."""
    own = step.value("github-token")
    if own and not _OWN_TOKEN.fullmatch(own):
        return
    is_for_forks = "head.repo" in step.job.condition.text  # whose token may not comment anyway
    is_of_pull = bool(step.job.workflow.triggers & _OF_A_PULL_REQUEST) and not is_for_forks
    if step.mode in _COMMENTS and is_of_pull and step.value("comment-mode") != "off":
        yield "pull-requests", "write", "to comment"
    elif is_of_pull and step.value("labels").lower() == "true":
        yield "pull-requests", "write", "to label"
    if step.mode == "command":
        yield "pull-requests", "write", "to answer in comments"
    if step.value("log-from"):
        yield "actions", "read", "to read the logs of jobs"
    if step.value("commit-status"):
        yield "statuses", "write", "for the commit status"
    if step.value("issue", "never") != "never":
        yield "issues", "write", "for the issue"
    if step.value("on-approve"):
        yield "actions", "write", "to start what was approved"


def _permissions(step: Step) -> Iterator[Finding]:
    needed = dict.fromkeys(_needed(step))
    if step.value("requested-token-type"):
        needed["id-token", "write", "for an access token by OIDC"] = None
    job = step.job
    missing = [need for need in needed if not _grants(job, *need[:2])]
    if not missing:
        return
    declared = job.permissions
    if declared is None and "workflow_call" in job.workflow.triggers:
        return  # the caller's count
    paste = "\n".join(f"  {name}: {level} # {what}" for name, level, what in missing)
    wanted = ", ".join(f"{name}: {level}" for name, level, _ in missing)
    is_certain = declared is not None or any(name == "id-token" for name, _, _ in missing)
    yield Finding(
        "permissions",
        Level.ERROR if is_certain else Level.WARNING,
        declared.line if declared is not None else job.line,
        f"the job '{job.name}' lacks {wanted}"
        if is_certain
        else f"nothing grants the job '{job.name}' {wanted}",
        f"Upshot needs it {', '.join(what for _, _, what in missing)}."
        if is_certain
        else "The repository's setting decides then, and that is read-only unless it was changed.",
        f"permissions:\n{paste}",
    )


def _grants(job: Job, name: str, level: str) -> bool:
    declared = job.permissions
    if isinstance(declared, Text):
        is_all = declared.text in {"write-all", f"{level}-all"}
        return is_all and not (name == "id-token" and declared.text != "write-all")
    if not isinstance(declared, Tree):
        return False
    granted = declared.text(name)
    return granted is not None and granted.text.strip() in {level, "write"}


def _token(step: Step) -> Iterator[Finding]:
    asks_ai = step.mode in {"ask", "task"} or step.value("backend") in {"copilot", "neo"}
    has_files = step.has("log-file", "events-file", "log", "log-from")
    reads_cloud = step.mode == "explain" and step.has("update-url", "stack-name", "stacks")
    is_local = step.mode == "ask" and step.value("backend") == "local"
    if is_local or not (asks_ai or (reads_cloud and not has_files)):
        return
    has_token = (
        step.has("pulumi-access-token", "requested-token-type")
        or step.has_variable(_TOKEN)
        or any("auth-actions" in each.uses for each in step.job.before(step))
        or any(_TOKEN in each.run.text for each in step.job.before(step) if each.run)
    )
    if not has_token:
        yield Finding(
            "token",
            Level.WARNING,
            step.line,
            "there is no access token for Pulumi Cloud in sight",
            "An AI cannot be asked, and nothing can be read, without one.",
            f"with:\n  pulumi-access-token: ${{{{ secrets.{_TOKEN} }}}}",
        )


def _secrets(step: Step) -> Iterator[Finding]:
    """The value is not repeated."""
    for name in _SECRETS:
        text = step.given.get(name)
        if text is not None and text.text.strip() and not text.has_expression:
            yield Finding(
                "secret",
                Level.ERROR,
                text.line,
                f"the value of {name} stands in the file",
                "Whoever reads the repository has it now: take it back where it was made, and store a new one "
                "with `gh secret set`.",
                f"{name}: ${{{{ secrets.NAME }}}}",
            )


def _runner(step: Step) -> Iterator[Finding]:
    """A container action runs on Linux alone."""
    if step.job.is_on_linux or "/composite" in step.uses or "@" not in step.uses:
        return
    name, _, version = step.uses.partition("@")
    yield Finding(
        "runner",
        Level.ERROR,
        step.tree.keys.get("uses", step.line),
        "a container action does not run on macOS and Windows",
        "The job ends with an error at this step. The same without a container: docs/without-docker.md.",
        f"uses: {name}/composite@{version}",
    )


def _version(step: Step) -> Iterator[Finding]:
    if "@" in step.uses and not _PINNED.search(step.uses):
        yield Finding(
            "version",
            Level.WARNING,
            step.tree.keys.get("uses", step.line),
            f"{step.uses} moves with every commit",
            "A branch can change between two runs; a release, or its commit, does not.",
            f"uses: {step.uses.partition('@')[0]}@v1",
        )
