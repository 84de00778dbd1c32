"""Rules about names and values: inputs, outputs, steps, and text of others in scripts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from functools import cache
from typing import Final

from upshot.cli.check.finding import Finding, Level
from upshot.cli.check.parse import Text
from upshot.cli.check.workflow import Step, Workflow
from upshot.inputs.names import find_meant, variable
from upshot.inputs.parse import known_inputs, read_inputs
from upshot.inputs.reader import Reader
from upshot.workspace import Workspace

_RUNNERS_OWN: Final = frozenset({"args", "entrypoint"})
_EXPRESSION: Final = re.compile(r"\$\{\{(.{1,2000}?)\}\}", re.DOTALL)
_STEP: Final = re.compile(
    r"\bsteps\.([A-Za-z_][\w-]{0,99})\b(?:\.outputs\.([A-Za-z_][\w-]{0,99}))?"
)
_FOREIGN: Final = re.compile(
    r"\bgithub\.(?:head_ref|event\.(?:"
    r"(?:pull_request|issue|discussion|comment|review|review_comment)\.(?:title|body)|"
    r"pull_request\.head\.(?:ref|label|repo\.default_branch)|"
    r"workflow_run\.(?:head_branch|display_title|head_commit\.message)|"
    r"head_commit\.(?:message|author\.(?:name|email))|commits|pages|client_payload))"
)
_TEXTS: Final = frozenset(
    {"answer", "result", "failed-resources", "breaches", "command-argument", "claim-conflicts"}
)
"""Outputs that hold text of models, logs or people."""
_NO_FILE: Final = "a file that can be read"
_NOTHING: Final = "nothing"


def check_names(step: Step) -> Iterator[Finding]:
    """Inputs of an Upshot step that do not exist, and values that they do not take."""
    known = known_inputs()
    for name, text in step.given.items():
        if name not in known and name not in _RUNNERS_OWN:
            meant = find_meant(name, known)
            yield Finding(
                "input",
                Level.ERROR,
                text.line,
                f"there is no input {name[:80]}"
                + (f": {meant} is meant, it seems" if meant else ""),
                "The runner warns, and Upshot does not see it.",
                f"{meant}: …" if meant else "",
            )
    yield from _values(step)


def _values(step: Step) -> Iterator[Finding]:
    """By the reader of the action itself, for what is no expression."""
    given = {name: text.text for name, text in step.given.items() if not text.has_expression}
    computed = {name for name, text in step.given.items() if text.has_expression}
    env = {variable(name): text for name, text in given.items()}
    read = Reader(env, Workspace("/"))
    read_inputs(read, env)
    for problem in read.problems:
        is_given_at_run_time = {problem.name, f"{problem.name}-file"} & computed
        if is_given_at_run_time or problem.allowed.startswith(_NO_FILE):
            continue
        if problem.given == _NOTHING and computed & {"mode"}:
            continue
        text = step.given.get(problem.name)
        yield Finding(
            "value",
            Level.ERROR,
            text.line if text else step.line,
            f"{problem.name} is {problem.given}" if text else f"{problem.name} is missing",
            f"Allowed: {problem.allowed}.",
        )


def check_expressions(workflow: Workflow) -> Iterator[Finding]:
    """Steps and outputs that expressions name, in every job with an Upshot step."""
    for job in {step.job.name: step.job for step in workflow.upshot_steps}.values():
        for step in job.steps:
            before = {each.id: each for each in job.before(step) if each.id}
            for text in _expressions(step):
                yield from _references(step, text, before)
            yield from _injections(step, before)


def _expressions(step: Step) -> Iterator[Text]:
    """Where `${{ … }}` may stand; an `if` is one as a whole."""
    if step.is_upshot:
        yield from step.given.values()
    yield from (text for text in (step.tree.text("if"), step.run) if text is not None)
    yield from step.tree.tree("env").texts().values()


def _references(step: Step, text: Text, before: dict[str, Step]) -> Iterator[Finding]:
    whole = text.text if text is step.tree.text("if") else ""
    parts = [whole] if whole else [match[1] for match in _EXPRESSION.finditer(text.text)]
    for name, output in {found for part in parts for found in _STEP.findall(part)}:
        line = text.line_of(max(text.text.find(f"steps.{name}"), 0))
        if name not in before:
            if step.is_upshot:
                near = get_close_matches(name, before, 1, 0.6)
                yield Finding(
                    "step",
                    Level.ERROR,
                    line,
                    f"no step before this one has the id {name}"
                    + (f": {near[0]} is meant, it seems" if near else ""),
                    "The expression is empty then.",
                    "" if near else f"id: {name} # on the step that is meant",
                )
        elif output and before[name].is_upshot and output not in _outputs():
            near = get_close_matches(output, _outputs(), 1, 0.5)
            yield Finding(
                "output",
                Level.ERROR,
                line,
                f"Upshot has no output {output}"
                + (f": {near[0]} is meant, it seems" if near else ""),
                "The expression is empty.",
                f"${{{{ steps.{name}.outputs.{near[0]} }}}}" if near else "",
            )


def _injections(step: Step, before: dict[str, Step]) -> Iterator[Finding]:
    """A script is text: whatever an expression holds becomes part of it before any shell quotes it."""
    is_script = step.uses.lower().startswith("actions/github-script")
    script = step.given.get("script") if is_script else step.run
    if script is None:
        return
    for match in _EXPRESSION.finditer(script.text):
        inside = match[1].strip()
        if _FOREIGN.search(inside) or _holds_text(inside, before):
            yield Finding(
                "injection",
                Level.ERROR,
                script.line_of(match.start()),
                f"text of others becomes part of a script: {inside[:100]}",
                "Whoever writes it can end the string that it stands in, and run commands with the job's "
                "secrets. A variable is not read as code.",
                f'env:\n  TEXT: ${{{{ {inside[:100]} }}}}\n# and in the script: "$TEXT"',
            )


def _holds_text(inside: str, before: dict[str, Step]) -> bool:
    return any(
        name in before and before[name].is_upshot and output in _TEXTS
        for name, output in _STEP.findall(inside)
    )


@cache
def _outputs() -> Collection[str]:
    from upshot.result.outputs import output_names

    return output_names()
