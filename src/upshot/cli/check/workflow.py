"""A workflow as the rules see it: jobs, steps, what they run, what they use, what they may do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final

from upshot.cli.check.parse import Text, Tree, Value

_UPSHOT: Final = re.compile(
    r"(?:docker://)?(?:[\w.-]+/)*upshot(?:/composite)?(?:[@:].*)?", re.IGNORECASE
)
_PULUMI: Final = re.compile(
    r"(?:^|[\s;&|(])pulumi[\s\\]+(?:-\S+[\s\\]+(?:[^-\s]\S*[\s\\]+)?)*"
    r"(?:up|update|preview|destroy|refresh|import)\b"
)
_CALLS: Final = re.compile(r"\b(always|cancelled|failure|success)\s*\(\s*\)")


class Step:
    """One step of a job."""

    def __init__(self, tree: Tree, job: Job, place: int) -> None:
        self.tree, self.job, self.place = tree, job, place

    @property
    def line(self) -> int:
        return self.tree.line

    @cached_property
    def id(self) -> str:
        return _plain(self.tree.text("id"))

    @cached_property
    def uses(self) -> str:
        return _plain(self.tree.text("uses"))

    @cached_property
    def run(self) -> Text | None:
        return self.tree.text("run")

    @cached_property
    def given(self) -> Mapping[str, Text]:
        """Inputs by their names in lower case, as the runner takes them."""
        return {name.lower(): text for name, text in self.tree.tree("with").texts().items()}

    def value(self, name: str, default: str = "") -> str:
        """An input as it is written; `default` where it is not given."""
        text = self.given.get(name)
        return text.text.strip() or default if text else default

    def has(self, *names: str) -> bool:
        return any(self.value(name) for name in names)

    def line_of(self, name: str) -> int:
        """The line of an input, else of the step."""
        return self.given[name].line if name in self.given else self.line

    @property
    def is_upshot(self) -> bool:
        return bool(_UPSHOT.fullmatch(self.uses))

    @cached_property
    def is_pulumi(self) -> bool:
        """It runs `pulumi up` or the like: in its script, or by pulumi/actions with a command."""
        if self.uses.lower().startswith("pulumi/actions@"):
            return self.has("command")
        return self.run is not None and bool(_PULUMI.search(self.run.text))

    @property
    def mode(self) -> str:
        return self.value("mode", "explain")

    @property
    def condition(self) -> Text:
        return self.tree.text("if") or Text("", self.line)

    @property
    def goes_on(self) -> bool:
        """`continue-on-error`: the steps after it run as if it had gone well."""
        return _plain(self.tree.text("continue-on-error")).lower() == "true"

    @property
    def shell(self) -> str:
        """As it is written on the step, the job or the workflow; empty for the runner's own."""
        for tree in (self.tree, *self.job.defaults):
            if text := tree.text("shell"):
                return text.text.strip()
        return ""

    def has_variable(self, name: str) -> bool:
        """Whether an environment of the step, the job or the workflow sets it."""
        trees = (self.tree, self.job.tree, self.job.workflow.tree)
        return any(name in tree.tree("env").entries for tree in trees)


class Job:
    """One job of a workflow."""

    def __init__(self, name: str, tree: Tree, workflow: Workflow) -> None:
        self.name, self.tree, self.workflow = name, tree, workflow
        steps = [item for item in tree.tree("steps").items if isinstance(item, Tree)]
        self.steps = tuple(Step(step, self, place) for place, step in enumerate(steps))

    @property
    def line(self) -> int:
        return self.workflow.tree.tree("jobs").keys.get(self.name, self.tree.line)

    @property
    def condition(self) -> Text:
        return self.tree.text("if") or Text("", self.line)

    @property
    def needs(self) -> tuple[str, ...]:
        one = self.tree.text("needs")
        many = self.tree.tree("needs").items
        return (one.text,) if one else tuple(item.text for item in many if isinstance(item, Text))

    @property
    def defaults(self) -> tuple[Tree, Tree]:
        """`defaults.run` of the job, then of the workflow."""
        return (
            self.tree.tree("defaults").tree("run"),
            self.workflow.tree.tree("defaults").tree("run"),
        )

    @property
    def is_on_windows(self) -> bool:
        return "windows" in _plain(self.tree.text("runs-on")).lower()

    @property
    def is_on_linux(self) -> bool:
        """Unless it surely is not."""
        runner = _plain(self.tree.text("runs-on")).lower()
        return not (self.is_on_windows or "macos" in runner)

    @property
    def permissions(self) -> Value | None:
        """Those that count for the job: its own, else the workflow's; None where neither says any."""
        own = self.tree.entries.get("permissions")
        return own if own is not None else self.workflow.tree.entries.get("permissions")

    def before(self, step: Step) -> tuple[Step, ...]:
        return self.steps[: step.place]

    def pulumi_before(self, step: Step) -> Step | None:
        """The last step before it that runs Pulumi."""
        found = [each for each in self.before(step) if each.is_pulumi]
        return found[-1] if found else None


class Workflow:
    """One file."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        jobs = tree.tree("jobs").entries
        self.jobs = {
            name: Job(name, job, self) for name, job in jobs.items() if isinstance(job, Tree)
        }

    @cached_property
    def triggers(self) -> frozenset[str]:
        """Names of the events that start it."""
        found = self.tree.entries.get("on")
        if isinstance(found, Text):
            return frozenset({found.text})
        if found is None:
            return frozenset()
        listed = {item.text for item in found.items if isinstance(item, Text)}
        return frozenset({*found.entries, *listed})

    @property
    def upshot_steps(self) -> Iterator[Step]:
        for job in self.jobs.values():
            yield from (step for step in job.steps if step.is_upshot)

    def needed_by(self, job: Job) -> tuple[Job, ...]:
        """Every job that ends before this one begins."""
        found: dict[str, Job] = {}
        waiting = list(job.needs)
        while waiting:
            name = waiting.pop()
            if name in self.jobs and name not in found:
                found[name] = self.jobs[name]
                waiting += self.jobs[name].needs
        return tuple(found.values())


def status_calls(condition: Text) -> frozenset[str]:
    """Status functions that an `if` calls: `always`, `failure`, …; `not-cancelled` for `!cancelled()`."""
    found = {match[1] for match in _CALLS.finditer(condition.text)}
    if re.search(r"!\s*cancelled\s*\(", condition.text):
        found.add("not-cancelled")
    return frozenset(found)


def _plain(text: Text | None) -> str:
    return text.text.strip() if text else ""
