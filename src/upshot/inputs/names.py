"""The variables of inputs, and what a name that is no input may have meant."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

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
}
_MOST_SUGGESTIONS = 10


def variable(name: str) -> str:
    """The variable in which the runner passes an input: hyphens stay, blanks do not (runner)."""
    return _PREFIX + name.replace(" ", "_").upper()


def find_misspelled(env: Mapping[str, str], names: Collection[str]) -> Iterator[str]:
    """A warning for each `INPUT_` variable that is not among `names` but resembles one of them.

    The runner itself warns about every other unknown name.
    """
    known = {variable(name) for name in names}
    found = 0
    for key in env:
        if not key.startswith(_PREFIX) or key in known or found == _MOST_SUGGESTIONS:
            continue
        name = key.removeprefix(_PREFIX).lower()
        if name in _RUNNERS_OWN or not name.isascii() or not name.isprintable():
            continue
        meant = find_meant(name, names)
        if meant:
            found += 1
            yield f"there is no input '{name}'; did you mean '{meant}'?"


def find_meant(name: str, names: Collection[str]) -> str | None:
    """The input that a name which is none may mean: what other actions call so, else one like it."""
    return _KNOWN_ELSEWHERE.get(name.replace("_", "-")) or _closest(name, names)


def _closest(name: str, names: Collection[str]) -> str | None:
    if len(name) > 2 * max(map(len, names)):
        return None
    from difflib import get_close_matches  # 4 ms, and only ever for a name that we do not know

    found = get_close_matches(name.replace("_", "-").replace(" ", "-"), names, n=1, cutoff=0.75)
    return found[0] if found else None
