"""From the runner's variables to `Inputs`: one function a group, every problem reported at once.

Reads small files that inputs name (`prompt-file`), and nothing else of the job.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import DecodeError, json
from msgspec.structs import replace

from upshot.errors import InputErrors
from upshot.inputs.choices import (
    ApiDialect,
    ApprovalMode,
    Conversation,
    FailOn,
    OnTimeout,
    PermissionMode,
)
from upshot.inputs.names import find_misspelled
from upshot.inputs.pulumi import parse_pulumi
from upshot.inputs.reader import DAY_S, Reader
from upshot.inputs.subject import parse_subject
from upshot.inputs.values import (
    AskInputs,
    Inputs,
    PolicyInputs,
    PublishInputs,
    RunInputs,
)
from upshot.lenient import as_id
from upshot.model import RiskLevel
from upshot.registry import (
    BACKENDS,
    MODES,
    PUBLISHERS,
    InputGroup,
    ModeSpec,
    PublisherSpec,
    load,
)
from upshot.workspace import Workspace

PROMPT_LIMIT_BYTES = 131_072
"""As much as the platform lets through in a variable; `prompt-file` may hold the same."""
_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MOST_PATTERNS = 50
_LONGEST_STATUS = 100
_STOPS = frozenset(
    {
        "mode",
        "update-url",
        "cloud-url",
        "console-url",
        "pulumi-access-token",
        "requested-token-type",
        "scope",
        "token-expiration",
        "github-token",
        "pr-number",
        "dry-run",
        "comment-mode",
        "backend",
        "prompt",
        "prompt-file",
        "approval-mode",
        "permission-mode",
        "plan-mode",
        "mask-patterns",
        "reports-folder",
    }
)
"""Inputs without which going on could ask, post or show something that was not wanted. A problem in
any other one is an error, too, but the report is published first, with that input's default."""


def parse_inputs(env: Mapping[str, str], workspace: Workspace) -> Inputs:
    """All inputs, checked; `Inputs.problems` has those that do not stop the report.

    Raises InputErrors with every problem that was found, if one of them must stop the run.
    """
    read = Reader(env, workspace)
    inputs = read_inputs(read, env)
    is_exact = MODES[inputs.mode].every_input_stops
    if any(is_exact or problem.stops or problem.name in _STOPS for problem in read.problems):
        raise InputErrors(read.problems)
    return replace(
        inputs,
        secrets=tuple(read.secrets),
        problems=tuple(read.problems),
        warnings=tuple(find_misspelled(env, _with_groups(read.names))),
    )


def known_inputs() -> frozenset[str]:
    """The name of every input, of every mode and publisher."""
    read = Reader({}, Workspace("/"))
    read_inputs(read, {})
    return _with_groups(read.names)


def _with_groups(names: Iterable[str]) -> frozenset[str]:
    return frozenset((*names, *(name for group in _groups().values() for name in group.names)))


def read_inputs(read: Reader, env: Mapping[str, str]) -> Inputs:
    """All inputs, with the default in the place of each that `read.problems` is about."""
    mode = read.word("mode", Inputs().mode, MODES)
    pulumi = parse_pulumi(read, env)
    inputs = Inputs(
        mode=mode,
        subject=parse_subject(read, console=pulumi.console),
        ask=_ask(read, mode),
        pulumi=pulumi,
        publish=_publish(read),
        policy=_policy(read),
        run=_run(read),
        own=_own(read, mode),
    )
    _check_together(read, inputs)
    return inputs


def _groups() -> dict[str, InputGroup]:
    """Name of a mode or publisher -> the inputs that belong to it alone."""
    owners: dict[str, ModeSpec | PublisherSpec] = {**MODES, **PUBLISHERS}
    return {name: owner.own_inputs for name, owner in owners.items() if owner.own_inputs}


def _own(read: Reader, mode: str) -> dict[str, Any]:
    """The inputs of this mode and of every publisher that is used; no other mode's are looked at."""
    parsed: dict[str, Any] = {}
    own: dict[str, Any] = {}
    for name, group in _groups().items():
        is_used = name in PUBLISHERS and not _is_idle(read, group)
        if is_used or name in {mode, *MODES[mode].reads_inputs_of}:
            if group.parse not in parsed:
                parsed[group.parse] = load(group.parse)(read)
            own[name] = parsed[group.parse]
    return own


def _is_idle(read: Reader, group: InputGroup) -> bool:
    """What a workflow does not use is not even loaded before the first AI request."""
    return bool(group.idle) and all(read.text(name, idle) == idle for name, idle in group.idle)


def _ask(read: Reader, mode: str) -> AskInputs:
    return AskInputs(
        backend=read.word("backend", AskInputs().backend, ("auto", *BACKENDS)),
        prompt=_prompt(read),
        conversation_id=_identifier(read, "conversation-id"),
        task_id=_identifier(read, "task-id"),
        conversation=read.choice("conversation", Conversation(MODES[mode].conversation)),
        ask_again=read.flag("ask-again", default=False),
        approval_mode=read.choice("approval-mode", ApprovalMode.MANUAL),
        permission_mode=read.choice("permission-mode", PermissionMode.READ_ONLY),
        plan_mode=read.flag("plan-mode", default=False),
        cancel_task_on_cancel=read.flag("cancel-task-on-cancel", default=True),
        on_timeout=read.choice("on-timeout", OnTimeout.REPORT),
        max_calls=read.number("max-ai-calls") or AskInputs().max_calls,
        max_wait_s=read.seconds("max-wait", AskInputs().max_wait_s, at_most=DAY_S),
        api_dialect=read.choice("api-dialect", ApiDialect.AUTO),
    )


def _prompt(read: Reader) -> str:
    prompt = read.text("prompt")
    if not read.text("prompt-file"):
        return prompt
    if prompt:
        read.refuse("prompt-file", read.text("prompt-file"), "either 'prompt' or 'prompt-file'")
    return read.file_text("prompt-file", limit_bytes=PROMPT_LIMIT_BYTES).strip()


def _identifier(read: Reader, name: str) -> str:
    text = read.text(name)
    if text and not as_id(text):
        read.refuse(name, text, "letters, digits, '-' and '_', at most 128")
        return ""
    return text


def _publish(read: Reader) -> PublishInputs:
    default = PublishInputs()
    key = read.text("comment-key", default.comment_key)
    if not _KEY.fullmatch(key):
        read.refuse("comment-key", key, "letters, digits, '-' and '_', at most 64")
    status = read.text("commit-status")
    if not status.isprintable() or len(status) > _LONGEST_STATUS:
        read.refuse("commit-status", status, f"one line of at most {_LONGEST_STATUS} characters")
    return PublishInputs(
        github_token=read.secret("github-token"),
        pr_number=read.number("pr-number"),
        comment_mode=read.choice("comment-mode", default.comment_mode),
        comment_on=read.choice("comment-on", default.comment_on),
        comment_key=key,
        matrix_values=_matrix_values(read),
        notify_on=read.choice("notify-on", default.notify_on),
        job_summary=read.flag("job-summary", default=default.job_summary),
        annotations=read.flag("annotations", default=default.annotations),
        commit_status=status,
        template_file=read.file_path("template-file"),
    )


def _matrix_values(read: Reader) -> dict[str, Any]:
    """Empty for a job without a matrix: GitHub writes `null` then."""
    text = read.text("matrix-values")
    try:
        values = json.decode(text) if text else None
    except (DecodeError, RecursionError):
        values = text
    if values is None:
        return {}
    if not isinstance(values, dict):
        read.refuse(
            "matrix-values", text, "a JSON object: leave it out for `${{ toJSON(matrix) }}`"
        )
        return {}
    return values


def _policy(read: Reader) -> PolicyInputs:
    fail_on = read.choices("fail-on", FailOn)
    if FailOn.NEVER in fail_on and len(fail_on) > 1:
        read.refuse("fail-on", ", ".join(fail_on), "never alone, or a list without it")
    return PolicyInputs(
        fail_on=tuple(item for item in fail_on if item is not FailOn.NEVER),
        risk_threshold=_risk_threshold(read),
        mask_patterns=_mask_patterns(read),
    )


def _risk_threshold(read: Reader) -> RiskLevel:
    threshold = read.choice("risk-threshold", PolicyInputs().risk_threshold)
    if threshold is RiskLevel.NONE:  # everything would reach it
        read.refuse("risk-threshold", threshold, "low, medium, high, critical")
    return threshold


def _mask_patterns(read: Reader) -> tuple[str, ...]:
    """One regular expression a line, of a shape that hostile text cannot blow up (threat T38)."""
    lines = [line.strip() for line in read.text("mask-patterns").splitlines() if line.strip()]
    if len(lines) > _MOST_PATTERNS:
        read.refuse("mask-patterns", f"{len(lines)} lines", f"at most {_MOST_PATTERNS} lines")
    if lines:
        from upshot.linear import pattern_problem  # few workflows have any

        for line in lines[:_MOST_PATTERNS]:
            if problem := pattern_problem(line):
                allowed = f"regular expressions of RE2; this one {problem}"
                read.refuse("mask-patterns", line, allowed)
    return tuple(lines)


def _run(read: Reader) -> RunInputs:
    return RunInputs(
        timeout_s=read.seconds("timeout", RunInputs().timeout_s, at_most=DAY_S),
        dry_run=read.flag("dry-run", default=False),
        transcript_file=read.path("transcript-file"),
        replay_file=read.file_path("replay-file"),
        strict=read.flag("strict", default=False),
    )


def _check_together(read: Reader, inputs: Inputs) -> None:
    """What is right alone and wrong together."""
    spec, backend = MODES[inputs.mode], inputs.ask.backend
    for name, wanted in spec.requires:
        was_refused = any(problem.name.startswith(name) for problem in read.problems)
        given = inputs.ask.prompt if name == "prompt" else read.text(name)
        if not (given or was_refused):
            read.refuse(name, "", f"{wanted} in mode '{inputs.mode}'")
    if spec.backends and backend not in {"auto", *spec.backends}:
        can = ", ".join(("auto", *spec.backends))
        read.refuse("backend", backend, f"{can} in mode '{inputs.mode}'")
    if inputs.pulumi.requested_token_type and not inputs.subject.organization:
        read.refuse(
            "organization",
            "",
            "the organization that the token is for, with requested-token-type",
            stops=True,
        )
