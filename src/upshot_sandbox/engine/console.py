"""From an update's plan to the text that the Pulumi CLI prints without a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from upshot_sandbox.engine.events import STACK_TYPE, Engine, errors_of
from upshot_sandbox.scenario import StepPlan

CONSOLE: Final = "https://app.pulumi.com"
_SIGNS: Final = {"create": "+ ", "update": "~ ", "delete": "- ", "replace": "+-", "same": "  "}
_DOING: Final = {
    "create": "creating",
    "update": "updating",
    "delete": "deleting",
    "replace": "replacing",
}
_DONE: Final = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "replace": "replaced",
}


def permalink(engine: Engine) -> str:
    """The console's address of the update or preview."""
    cloud, plan = engine.cloud, engine.plan
    place = f"{CONSOLE}/{cloud.organization}/{cloud.project}/{cloud.stack}"
    return f"{place}/previews/{plan.id}" if plan.is_preview else f"{place}/updates/{plan.version}"


def console_log(engine: Engine) -> str:
    """What `pulumi up`, `preview` or `destroy` prints when standard output is not a terminal."""
    verb = {"preview": "Previewing update", "destroy": "Destroying", "refresh": "Refreshing"}
    title = verb.get(engine.plan.kind, "Updating")
    parts = [
        f"{title} ({engine.cloud.organization}/{engine.cloud.stack})\n",
        f"View Live: {permalink(engine)}\n",
        "\n".join(_progress(engine)),
    ]
    if engine.plan.result != "in-progress":
        outputs = ["\n".join(_outputs(engine)) + "\n"] if engine.plan.outputs else []
        parts += [*_diagnostics(engine), *_policies(engine), *outputs, _resources(engine)]
    if engine.plan.result != "in-progress" and not engine.plan.is_preview:
        parts.append(f"Duration: {_duration(engine.duration_s)}\n")
    return "\n".join(parts)


def shown_type(token: str) -> str:
    """`aws:iam/role:Role` as the CLI shows it: `aws:iam:Role`."""
    package, _, rest = token.partition(":")
    module, _, name = rest.partition(":")
    return f"{package}:{module.partition('/')[0]}:{name}"


def _progress(engine: Engine) -> Iterator[str]:
    preview = engine.plan.is_preview
    dots = "@ previewing update...." if preview else "@ updating...."
    yield dots
    for step in engine.steps:
        row = f" {_SIGNS.get(step.op, '  ')} {shown_type(step.type)} {step.name}"
        if step.op == "same":
            continue
        if preview:
            yield f"{row} {step.op}{_diff_text(step)}"
            continue
        doing = _DOING.get(step.op, step.op)
        yield f"{row} {doing} (0s) {_diff_text(step)}".rstrip()
        if step.fails:
            yield dots
            first = step.fails.splitlines()[0]
            yield f"{row} {doing} ({step.takes_s}s) error: {first}"
            yield f"{row} **{doing} failed** error: {first}"
        elif engine.plan.result != "in-progress" or step is not engine.steps[-1]:
            yield f"{row} {_DONE.get(step.op, step.op)} ({step.takes_s}s) {_diff_text(step)}".rstrip()
    if engine.plan.result == "failed":
        word = "preview" if preview else "update"
        yield f"    {STACK_TYPE} {engine.stack_name}  error: {word} failed"
        yield f"    {STACK_TYPE} {engine.stack_name} **failed** 1 error"
    elif engine.plan.result == "succeeded":
        yield f"    {STACK_TYPE} {engine.stack_name}  "


def _diff_text(step: StepPlan) -> str:
    return f" [diff: {','.join(f'~{name}' for name in step.diffs)}]" if step.diffs else ""


def _diagnostics(engine: Engine) -> Iterator[str]:
    said: dict[str, list[str]] = {}
    for step in engine.steps:
        if step.warning:
            said.setdefault(step.name, []).append(f"warning: {step.warning}")
        if step.fails:
            said.setdefault(step.name, []).extend(f"error: {text}" for text in errors_of(step))
    for diagnostic in engine.plan.diagnostics:
        prefix = f"{diagnostic.severity}: " if "info" not in diagnostic.severity else ""
        name = diagnostic.resource or engine.stack_name
        said.setdefault(name, []).append(prefix + diagnostic.message)
    if engine.plan.result == "failed":
        word = "preview" if engine.plan.is_preview else "update"
        said.setdefault(engine.stack_name, []).append(f"error: {word} failed")
    if not said:
        return
    yield "Diagnostics:"
    types = {step.name: step.type for step in engine.steps}
    for name, messages in said.items():
        yield f"  {shown_type(types[name])} ({name}):"
        yield "".join(_indented(message) for message in messages)


def _indented(message: str) -> str:
    return "".join(f"    {line}\n" for line in message.splitlines())


def _policies(engine: Engine) -> Iterator[str]:
    if not engine.plan.policies:
        return
    yield "Policies:"
    for violation in engine.plan.policies:
        step = next(step for step in engine.steps if step.name == violation.resource)
        yield f"    {violation.pack}@v1.4.0 (local: policy)"
        yield f"        - [{violation.enforcement}]  {violation.policy}  ({shown_type(step.type)}: {step.name})"
        yield f"          {violation.message}\n"


def _outputs(engine: Engine) -> Iterator[str]:
    before, after = engine.plan.outputs_were, engine.plan.outputs
    width = max(map(len, (*before, *after)))
    yield "Outputs:"
    for name in dict.fromkeys((*before, *after)):
        old, new = (_value(found[name]) if name in found else "" for found in (before, after))
        sign = " " if old == new else "~" if old and new else "+" if new else "-"
        yield f"  {sign} {name:<{width}}: " + (f"{old} => {new}" if sign == "~" else new or old)


def _value(value: object) -> str:
    return str(value) if value == "[secret]" else json.dumps(value)


def _resources(engine: Engine) -> str:
    counts = engine.counts()
    lines = ["Resources:"]
    for op, sign in _SIGNS.items():
        word = op if engine.plan.is_preview else _DONE.get(op, op)
        if op != "same" and op in counts:
            to = "to " if engine.plan.is_preview else ""
            lines.append(f"    {sign.strip()} {counts[op]} {to}{word}")
    if counts.get("same"):
        lines.append(f"    {counts['same']} unchanged")
    return "\n".join(lines) + "\n"


def _duration(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
