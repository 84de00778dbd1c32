"""What people ask the real CLI about a stack, against the sandbox's Pulumi Cloud."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tools.judges.cli.build import Judge
from tools.judges.cli.place import OLDEST, STACK, TODAY, Place
from tools.judges.cli.programs.forms import BUCKET, QUEUE, Run, made

from upshot_sandbox.scenario import Scenario
from upshot_sandbox.server import Sandbox

_RESUME: Final = "neo resume"
_RESUMED_S: Final = 2.0
"""It has shown what was said by then, and waits for its user."""
_HIDDEN: Final = "hunter2-hunter2"
"""What no command may show unasked."""


def judge_desk(judge: Judge) -> list[str]:
    """What is not as it should be, a line each; on today's wire and the oldest."""
    desks = [line for one in (TODAY, OLDEST) for line in _desk(judge, one)]
    return [*desks, *_locked(judge)]


def _desk(judge: Judge, scenario: Scenario) -> Iterator[str]:
    """The steps of one stack from its creation to its removal."""
    good = Run(
        resources={"jobs": made(QUEUE, value={"fn::secret": _HIDDEN})},
        top={"outputs": {"size": 3, "key": "${jobs.value}"}},
    )
    steps: tuple[tuple[str, str], ...] = (
        ("whoami -v", "Organizations: acme"),
        (f"stack init {STACK}", "Created stack 'dev'"),
        (f"config set --secret judged:token {_HIDDEN}", ""),
        ("preview", "+ 2 to create"),
        ("up --yes", "+ 2 created"),
        ("refresh --yes", "2 unchanged"),
        ("stack ls", "dev"),
        ("stack ls --all", "acme/other/prod"),
        ("stack history", "UpdateKind: refresh"),
        ("stack output", "[secret]"),
        ("stack output key --show-secrets", _HIDDEN),
        ("stack tag set team web", ""),
        ("stack tag get team", "web"),
        ("stack tag ls", "pulumi:project"),
        ("stack export --file state.json", ""),
        ("stack import --file state.json", "Import complete."),
        ("stack", "Current stack resources (3)"),
        ("cancel --yes", "[409] Conflict: The Update has already completed"),
        ("stack rm --yes", "still has resources"),
        ("destroy --yes", "- 2 deleted"),
        ("stack rename acme/judged/live", "Renamed dev to live"),
        ("stack rm --yes live", "Stack 'live' has been removed!"),
        ("neo --print hello", "All is well."),
        (f"{_RESUME} task-0001", "Attached from event"),
    )
    with Sandbox(scenario) as sandbox, tempfile.TemporaryDirectory(prefix="judged-") as folder:
        place = Place(judge, sandbox, Path(folder))
        for words, wanted in steps:
            said = place.pulumi(words, good, _RESUMED_S if words.startswith(_RESUME) else 0.0)
            if wanted not in said or "error: [404]" in said:
                yield f"{words}: said {said[-300:]!r}, without {wanted!r}"
            if words != "stack output key --show-secrets" and _HIDDEN in said:
                yield f"{words}: shows the secret"
        yield from dict.fromkeys(sandbox.world.journal.violations)


def _locked(judge: Judge) -> Iterator[str]:
    """A CLI is killed in its update: the stack stays locked until somebody cancels, or its lease ends."""
    slow = Run(
        resources={"fast": made(BUCKET), "slow": made(QUEUE, slow=30)},
        command="up --yes --skip-preview",
        kill_after=4.0,
    )
    again, conflict = "up --yes --skip-preview", "Another update is currently in progress."
    fast = Run(resources={"fast": made(BUCKET), "slow": made(QUEUE)})
    with Sandbox(TODAY) as sandbox, tempfile.TemporaryDirectory(prefix="judged-") as folder:
        place, protocol = Place(judge, sandbox, Path(folder)), sandbox.world.extensions["protocol"]
        ways = ("cancelled", "lost its lease")
        place.pulumi(f"stack init {STACK}")
        for freed in ways:
            place.act(slow)
            said = place.pulumi(again, fast)
            if conflict not in said:
                yield f"{again}, while another runs: said {said[-300:]!r}"
            if freed == "cancelled":
                place.pulumi("cancel --yes")
            else:
                protocol.let_pass(protocol.plan.lease_s + 1)
            said = place.pulumi("refresh --yes --skip-preview --clear-pending-creates", fast)
            said += place.pulumi("destroy --yes --skip-preview", fast)
            if "deleted" not in said:
                yield f"after the update was {freed}: said {said[-300:]!r}"
        history = place.pulumi("stack history")
        if history.count("Status: failed") != len(ways):
            yield f"stack history: {history[-600:]!r}"
        yield from dict.fromkeys(sandbox.world.journal.violations)
