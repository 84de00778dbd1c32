"""The names of all inputs, and what a name that is not among them may have meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

NAMES = (
    "mode",
    "update-url",
    "organization",
    "project-name",
    "stack-name",
    "events-file",
    "log-file",
    "outcome",
    "reports-folder",
    "backend",
    "prompt",
    "prompt-file",
    "conversation-id",
    "task-id",
    "conversation",
    "approval-mode",
    "permission-mode",
    "plan-mode",
    "max-wait",
    "on-timeout",
    "cancel-task-on-cancel",
    "api-dialect",
    "pulumi-access-token",
    "requested-token-type",
    "scope",
    "token-expiration",
    "cloud-url",
    "console-url",
    "github-token",
    "pr-number",
    "comment-mode",
    "comment-on",
    "comment-key",
    "notify-on",
    "job-summary",
    "annotations",
    "commit-status",
    "template-file",
    "fail-on",
    "risk-threshold",
    "mask-patterns",
    "timeout",
    "dry-run",
    "transcript-file",
    "replay-file",
    "strict",
)

_PREFIX = "INPUT_"
# The runner's own: it takes them as inputs of every container action.
_RUNNERS_OWN = frozenset({"args", "entrypoint"})
# Names that users of pulumi/actions and pulumi/auth-actions bring along.
_KNOWN_ELSEWHERE = {
    "access-token": "pulumi-access-token",
    "comment-on-pr": "comment-mode",
    "comment-on-pr-number": "pr-number",
    "comment-on-summary": "job-summary",
    "edit-pr-comment": "comment-mode",
    "token": "github-token",
    "work-dir": "events-file",
}
_MOST_SUGGESTIONS = 10


def variable(name: str) -> str:
    """The variable in which the runner passes an input: hyphens stay, blanks do not (runner)."""
    return _PREFIX + name.replace(" ", "_").upper()


def find_misspelled(env: Mapping[str, str]) -> Iterator[str]:
    """A warning for each `INPUT_` variable that nobody reads but that looks like one of ours.

    Names that look like nothing of ours are left to the runner, which warns about them itself.
    """
    known = {variable(name) for name in NAMES}
    told = 0
    for key in env:
        if not key.startswith(_PREFIX) or key in known or told == _MOST_SUGGESTIONS:
            continue
        name = key.removeprefix(_PREFIX).lower()
        if name in _RUNNERS_OWN or not name.isascii() or not name.isprintable():
            continue
        meant = _KNOWN_ELSEWHERE.get(name.replace("_", "-")) or _closest(name)
        if meant:
            told += 1
            yield f"there is no input '{name}'; did you mean '{meant}'?"


def _closest(name: str) -> str | None:
    if len(name) > 2 * max(map(len, NAMES)):
        return None
    from difflib import get_close_matches  # 4 ms, and only ever for a name that we do not know

    found = get_close_matches(name.replace("_", "-").replace(" ", "-"), NAMES, n=1, cutoff=0.75)
    return found[0] if found else None
