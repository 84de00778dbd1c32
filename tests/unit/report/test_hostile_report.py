"""Hostile text in every field of a report at once: the comment shows it, and nothing acts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.golden.report import scenarios

from upshot.model import (
    Answer,
    ApprovalRequest,
    BackendName,
    Breach,
    Diagnosis,
    EngineWarning,
    Facts,
    Failure,
    NoAnswer,
    Outcome,
    PolicyViolation,
    Program,
    Reply,
    ResourceChange,
    RiskLevel,
    SourceLocation,
    TaskState,
    TaskStatus,
    Todo,
    Verdict,
    VerdictStatus,
)
from upshot.report.build import RunContext, build_report
from upshot.report.redact.redact import Redactor
from upshot.report.render import Renderer

GitHub = Callable[[str], Any]

PARTS = [
    "@admin", "#12", "GH-3", "a/b#4", "`", "``", "|", "\\", "\\|", "*", "_", "[", "]", "(", ")", "<", ">", "&", "$x$",
    "!", " ", "\n", "\n\n", "-", "\n---\n", "\n- ", "/approve\n", "~~~\n", "```\n", "\n   ```", "> ", "# ", "1. ",
    "| a |\n|--|\n", "<!-- upshot:v1 -->", "<img src=x>", "</details>", "<details open>", "![x](https://evil.example/a.png)",
    "[x](https://evil.example)", "[x](https://github.com/acme/web/%70ull/12)", "https://evil.example/?q=1",
    "www.evil.example", "javascript:alert(1)", "&#64;admin", "\u202e", "\u200b", "\uff20x", "\x1b[31m", "text",
]  # fmt: skip
TEXT = st.lists(st.sampled_from(PARTS), min_size=1, max_size=6).map("".join)
OURS = re.compile(
    r"https://(app\.pulumi\.com/acme|www\.pulumi\.com/docs|github\.com/acme/webshop/(actions|commit|blob)/)"
)


def facts(text: Iterator[str]) -> Facts:
    failures = tuple(
        Failure(
            next(text), next(text), urn=next(text), type=next(text), name=next(text),
            operation=next(text), error_code=next(text), is_cascade=is_cascade, is_resource=True,
            location=SourceLocation(next(text), 3),
        )
        for is_cascade in (False, False, True)
    )  # fmt: skip
    return Facts(
        outcome=Outcome.FAILED,
        counts={next(text): 2},
        failures=failures,
        changes=(ResourceChange(next(text), next(text), next(text), "replace", stateful=True, diffs=(next(text),)),),
        policy_violations=(PolicyViolation(next(text), next(text), next(text), next(text), next(text)),),
        warnings=(EngineWarning(next(text), next(text), 2),),
        pending_operations=(next(text),),
        protected=(next(text),),
        sources=("log-file",),
    )  # fmt: skip


def reply(kind: str, text: Iterator[str]) -> Reply:
    if kind == "answer":
        program = Program(next(text), next(text), next(text))
        return Answer(BackendName.COPILOT, next(text), programs=(program,), notes=(next(text),))
    if kind == "none":
        return NoAnswer(BackendName.COPILOT, None, next(text), next(text))
    request = ApprovalRequest(
        next(text), next(text), next(text), next(text), next(text), next(text), {next(text): next(text)}
    )  # fmt: skip
    return TaskState(
        TaskStatus.AWAITING_APPROVAL, next(text), task_url=next(text), text=next(text), requests=(request,),
        todos=(Todo(next(text), next(text)),), tools={next(text): 3}, why=next(text),
        pull_requests=(next(text), "https://github.com/acme/webshop/pull/3"), notes=(next(text),),
    )  # fmt: skip


@given(st.sampled_from(["answer", "none", "task"]), st.lists(TEXT, min_size=9, max_size=9))
@settings(max_examples=60)
def test_t14_to_t22_hostile_text_in_every_field_does_nothing(
    github: GitHub, kind: str, texts: list[str]
) -> None:
    text = iter(texts * 9)
    report = build_report(
        facts(text),
        Diagnosis(next(text), next(text), next(text), (next(text), next(text)), "https://www.pulumi.com/docs/"),
        reply=reply(kind, text),
        verdict=Verdict(VerdictStatus.FAILED, RiskLevel.HIGH, (next(text),), (Breach(next(text), next(text), (next(text),)),)),
        subject=scenarios.UPDATE,
        context=RunContext(scenarios.RUN, 1.0, (next(text),), (next(text),)),
        redactor=Redactor(()),
    )  # fmt: skip
    comment = Renderer(redactor=Redactor(())).comment(report).text
    seen = github(comment)
    prose = seen.prose.replace("prod #41", "")
    assert not {"img", "input", "h1", "h2", "script", "iframe", "sup"} & set(seen.tags)
    assert not seen.comments
    assert not re.search(r"(?<!\w)[@\uff20]\w", prose)
    assert not re.search(r"#\d|\bGH-\d", prose)
    assert all(OURS.match(link) for link in seen.links)
    # Our own lines to paste begin so; the only foreign word in them is an id that a vote can name.
    ours = r"(?m)^/upshot (?:approve [\w-]+|reject [\w-]+ --reason WHAT TO DO INSTEAD)$"
    assert not re.search(r"(?m)^/[a-z]+(\s|$)", re.sub(ours, "", comment))
    assert not re.search(r"<!--\s*upshot", comment)
    assert comment.count("$") == sum(code.count("$") for code in seen.code)
    assert seen.tags.count("details") == seen.html.count("</details>")
    last = seen.html.rstrip().rpartition("<p>")[2]
    assert last.startswith("<sub>Upshot ")
    assert last.endswith("</sub></p>")
