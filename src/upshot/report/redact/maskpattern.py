"""A user's `mask-patterns`: regular expressions that meet hostile text.

Python's engine backtracks, so an expression is taken only when its shape cannot blow up, and it
is run on short pieces of lines. What is left of the risk (several unbounded runs in a row) is
bounded by time in `report.redact`, which then masks the rest whole: it fails closed.
"""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 500
_MOST_RUNS: Final = 4
_SYNTAX: Final = r"""(?P<refused>\\[1-9]|\((?:\?[=!(]|\?<[=!]|\?P=))
      | \\. | \[\^?\]?(?:\\.|[^\]\\])*\] | \(\?[aiLmsux-]+\)
      | (?P<open>\((?:\?(?:P<\w+>|[aiLmsux-]*:|>))?)
      | (?P<close>\)) | (?P<either>\|) | (?P<repeat>[*+?]|\{\d*,?\d*\}) | ."""


def mask_pattern_problem(pattern: str) -> str:
    """Why the pattern is refused, completing "the pattern …"; empty when it is good."""
    if len(pattern) > LONGEST:
        return f"is longer than {LONGEST} characters"
    try:
        compiled = re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        return f"is not a regular expression of Python ({error})"
    if compiled.search("") is not None:
        return "matches the empty text, so it would mask everything"
    return _shape_problem(pattern)


def _shape_problem(pattern: str) -> str:
    """Refuses a repeated group that varies inside, references back, and looking around."""
    groups: list[bool] = [False]  # for each open group, whether what it holds varies
    runs = 0
    after_varying = False  # the token before closed a group that varies
    for token in re.finditer(_SYNTAX, pattern, re.VERBOSE | re.DOTALL):
        kind, was_varying, after_varying = token.lastgroup, after_varying, False
        if kind == "refused":
            return "refers back or looks around"
        if kind == "open":
            groups.append(False)
        elif kind == "close":
            after_varying = groups.pop() if len(groups) > 1 else False
            groups[-1] = groups[-1] or after_varying
        elif kind in {"either", "repeat"}:
            groups[-1] = True
            if was_varying and token[0] not in {"?", "|"}:
                return "repeats a group that varies inside, such as (a+)+ or (a|b)*"
            runs += token[0] in {"*", "+"} or token[0].endswith(",}")
    return f"has more than {_MOST_RUNS} unbounded repetitions" if runs > _MOST_RUNS else ""
